use std::io::{IoSliceMut, Read, Seek};
use std::mem::MaybeUninit;

use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};

use super::*;

fn letter(document: &str) -> Letter {
    Letter {
        id: "a1".to_owned(),
        time: 0,
        severity: 47,
        score: 61.25,
        sentence: "nc is\nunusual".to_owned(),
        document: document.to_owned(),
    }
}

/// The fields of an entry, as the journal reads them.
fn fields(mut entry: &[u8]) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    while !entry.is_empty() {
        let end = entry.iter().position(|byte| *byte == b'\n').unwrap();
        let (name, rest) = entry.split_at(end);
        let (length, rest) = rest[1..].split_at(8);
        let length = u64::from_le_bytes(length.try_into().unwrap()) as usize;
        assert_eq!(rest[length], b'\n');
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        fields.push((text(name), text(&rest[..length])));
        entry = &rest[length + 1..];
    }
    fields
}

fn of<'f>(fields: &'f [(String, String)], name: &str) -> Vec<&'f str> {
    fields.iter().filter(|field| field.0 == name).map(|field| &*field.1).collect()
}

/// What a journal gets: the entry itself, or the file that it is in.
fn heard(journal: &UnixDatagram) -> (Vec<u8>, bool) {
    let mut bytes = vec![0; 400_000];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let mut parts = [IoSliceMut::new(&mut bytes)];
    let got = recvmsg(journal, &mut parts, &mut ancillary, RecvFlags::empty()).unwrap();
    for message in ancillary.drain() {
        if let RecvAncillaryMessage::ScmRights(mut files) = message {
            let mut file = File::from(files.next().unwrap());
            assert!(file.write_all(b"x").is_err(), "it is not sealed");
            let mut entry = Vec::new();
            file.rewind().unwrap();
            file.read_to_end(&mut entry).unwrap();
            return (entry, true);
        }
    }
    bytes.truncate(got.bytes);
    (bytes, false)
}

#[test]
fn an_alert_is_an_entry_whose_fields_can_be_looked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let daemon = UnixDatagram::bind(&path).unwrap();
    let document = r#"{"rule.name":"r","oddsock.function":"rare","host.name":["web","db"],
        "oddsock.by_value":"n\nPRIORITY=0","destination.port":443,"user.name":null}"#;
    let outcome = Journal::new(&path).carry(&[letter(document)], 0);
    assert_eq!(outcome, Outcome::taken(1));
    let (entry, is_file) = heard(&daemon);
    let fields = fields(&entry);
    assert!(!is_file);
    assert_eq!(of(&fields, "MESSAGE"), ["nc is\\nunusual"]);
    assert_eq!(of(&fields, "PRIORITY"), ["4"]);
    assert_eq!(of(&fields, "MESSAGE_ID"), [KINDS[0].1]);
    assert_eq!(of(&fields, "ODDSOCK_ALERT_ID"), ["a1"]);
    assert_eq!(of(&fields, "ODDSOCK_HOST"), ["web", "db"]);
    assert_eq!(of(&fields, "ODDSOCK_VALUE"), ["n\nPRIORITY=0"]);
    assert_eq!(of(&fields, "ODDSOCK_DESTINATION_PORT"), ["443"]);
    assert!(of(&fields, "ODDSOCK_USER").is_empty());
    assert_eq!(of(&fields, "ODDSOCK_DOCUMENT"), [document]);
}

#[test]
fn an_entry_too_long_for_a_datagram_comes_as_a_sealed_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let daemon = UnixDatagram::bind(&path).unwrap();
    let document = format!("{{\"x\":\"{}\"}}", "y".repeat(5_000_000));
    assert_eq!(Journal::new(&path).carry(&[letter(&document)], 0), Outcome::taken(1));
    let (entry, is_file) = heard(&daemon);
    assert!(is_file);
    assert_eq!(of(&fields(&entry), "ODDSOCK_DOCUMENT"), [document]);
}

#[test]
fn a_document_that_is_none_still_makes_an_entry() {
    let fields = fields(&entry(&letter("no JSON")));
    assert_eq!(of(&fields, "MESSAGE"), ["nc is\\nunusual"]);
    assert!(of(&fields, "MESSAGE_ID").is_empty());
}

#[test]
fn without_a_journal_letters_wait() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = Journal::new(&folder.path().join("none")).carry(&[letter("{}")], 0);
    assert!(outcome.fates.is_empty() && outcome.trouble.is_some());
}

#[test]
fn the_catalog_explains_each_kind_of_alert() {
    let catalog = include_str!("../../dist/systemd/catalog/oddsock.catalog");
    let explained: Vec<&str> =
        catalog.lines().filter_map(|line| line.strip_prefix("-- ")).collect();
    assert_eq!(explained, KINDS.map(|(_, id)| id));
}
