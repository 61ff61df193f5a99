//! Any bytes as the JSON of other shippers: each line is counted once, and what is read of it can
//! be written as a document of ours.

#![no_main]

use libfuzzer_sys::fuzz_target;
use oddsock::documents;
use oddsock::output::document::document;

fuzz_target!(|bytes: &[u8]| {
    let mut documents = 0;
    let account = documents::read(bytes, &mut |seen| {
        documents += 1;
        let mut json = Vec::new();
        document(seen, &mut json);
        assert!(json.starts_with(b"{") && json.ends_with(b"}"));
        assert!(!json.contains(&b'\n'), "one line each");
    });
    assert_eq!(account.documents, documents);
    let lines = bytes.split_inclusive(|byte| *byte == b'\n').count() as u64;
    assert_eq!(account.lines, lines);
});
