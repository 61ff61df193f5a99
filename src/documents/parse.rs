//! From the text of an object to its fields.
//!
//! The JSON reader hands over keys and values as it meets them, and they are put where the fields
//! are at once; no tree of values is built in between. What Elasticsearch puts around a document
//! it exports (`_index`, `_source`) is taken off.

use std::fmt;
use std::io::Write;

use serde_core::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::account::Complaint;
use super::flat::Flat;

/// No field that anybody asks for has a longer name.
const LONGEST_NAME: usize = 256;

/// Reads the fields of an object into `flat`, which is empty.
pub(super) fn parse(line: &str, flat: &mut Flat) -> Result<(), Complaint> {
    let path = Vec::with_capacity(LONGEST_NAME);
    let mut tree = Tree { flat, path, wrap: Wrap::default(), is_full: false };
    let mut json = serde_json::Deserializer::from_str(line);
    let read = json.deserialize_map(Root(&mut tree)).and_then(|()| json.end());
    match read {
        Ok(()) => Ok(()),
        Err(_) if tree.is_full => Err(Complaint::TooLong),
        Err(error) if error.is_eof() => Err(Complaint::Unfinished),
        Err(_) => Err(Complaint::NotJson),
    }
}

struct Tree<'f> {
    flat: &'f mut Flat,
    path: Vec<u8>,
    wrap: Wrap,
    is_full: bool,
}

/// What Elasticsearch has put around a document.
#[derive(Default)]
struct Wrap {
    is_hit: bool,
    has_source: bool,
}

impl Tree<'_> {
    fn leaf<E: de::Error>(&mut self, value: &[u8]) -> Result<(), E> {
        if self.path.len() <= LONGEST_NAME && !self.flat.push(&self.path, value) {
            self.is_full = true;
            return Err(E::custom("too long"));
        }
        Ok(())
    }

    fn number<E: de::Error>(&mut self, number: impl fmt::Display) -> Result<(), E> {
        let mut text = [0; 40];
        let mut rest = &mut text[..];
        if write!(rest, "{number}").is_ok() {
            let length = 40 - rest.len();
            return self.leaf(&text[..length]);
        }
        // Fractions may have hundreds of digits.
        self.leaf(number.to_string().as_bytes())
    }
}

/// The outermost object.
struct Root<'t, 'f>(&'t mut Tree<'f>);

impl<'de> Visitor<'de> for Root<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let tree = self.0;
        while map.next_key_seed(Key(tree))?.is_some() {
            match &tree.path[..] {
                b"_index" => tree.wrap.is_hit = true,
                b"_source" => {
                    tree.wrap.has_source = true;
                    tree.path.clear();
                }
                // The same once more, or what there is where the source was not asked for.
                b"fields" if tree.wrap.is_hit && tree.wrap.has_source => {
                    map.next_value::<de::IgnoredAny>()?;
                    tree.path.clear();
                    continue;
                }
                b"fields" if tree.wrap.is_hit => tree.path.clear(),
                _ => {}
            }
            map.next_value_seed(Value(tree))?;
            tree.path.clear();
        }
        Ok(())
    }
}

/// A key, which is put behind those of the objects around it.
struct Key<'t, 'f>(&'t mut Tree<'f>);

impl<'de> DeserializeSeed<'de> for Key<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: de::Error>(self, key: &str) -> Result<(), E> {
        if !self.0.path.is_empty() {
            self.0.path.push(b'.');
        }
        self.0.path.extend_from_slice(key.as_bytes());
        Ok(())
    }
}

/// Any value.
struct Value<'t, 'f>(&'t mut Tree<'f>);

impl<'de> DeserializeSeed<'de> for Value<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let outer = self.0.path.len();
        while map.next_key_seed(Key(self.0))?.is_some() {
            map.next_value_seed(Value(self.0))?;
            self.0.path.truncate(outer);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Value(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<(), E> {
        self.0.leaf(text.as_bytes())
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<(), E> {
        self.0.leaf(if value { b"true" } else { b"false" })
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<(), E> {
        self.0.number(number)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<(), E> {
        self.0.number(number)
    }

    /// Without a point where it is whole, for some shippers write all numbers as fractions.
    fn visit_f64<E: de::Error>(self, number: f64) -> Result<(), E> {
        self.0.number(number)
    }

    /// Null: a field that is not there.
    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        Ok(())
    }
}
