//! The hunts that are compiled in. To add one, add its file here.

use std::sync::LazyLock;

use super::file::Hunt;
use crate::rules::RULESET;

const FILES: [(&str, &str); 1] = [(
    "low_volume_external_connections.toml",
    include_str!("builtin/low_volume_external_connections.toml"),
)];

static HUNTS: LazyLock<Vec<Hunt>> = LazyLock::new(|| {
    let read = |(file, text): &(&str, &str)| match Hunt::read(file, text) {
        Ok(hunt) => Hunt { ruleset: RULESET.to_owned(), ..hunt },
        Err(error) => panic!("a built-in hunt is wrong:\n{error}"),
    };
    FILES.iter().map(read).collect()
});

/// All of them, in their order.
pub fn hunts() -> &'static [Hunt] {
    &HUNTS
}

/// The one of this name, title or id.
pub fn hunt(word: &str) -> Option<&'static Hunt> {
    let is_it = |hunt: &&Hunt| [&hunt.name, &hunt.title, &hunt.id].iter().any(|name| *name == word);
    HUNTS.iter().find(is_it)
}
