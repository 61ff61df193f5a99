//! The evidence of an alert: JSON documents of connections, as they were kept.
//!
//! Bytes come in, and what they say of the connection goes out, by the names of fields. Documents
//! of this program have flat names (`"process.name":`); those of others may be nested. What is no
//! JSON object is no evidence.

use serde_json::{Map, Value};

use super::super::unseen::Eye;

/// A connection as a document.
#[derive(Debug)]
pub(crate) struct Document {
    raw: String,
    fields: Map<String, Value>,
}

impl Document {
    /// All of an alert's evidence.
    pub(crate) fn all<T: AsRef<[u8]>>(evidence: &[T]) -> Vec<Document> {
        evidence.iter().filter_map(|document| Document::read(document.as_ref())).collect()
    }

    fn read(json: &[u8]) -> Option<Document> {
        let raw = harmless(&String::from_utf8_lossy(json));
        match serde_json::from_str(&raw).ok()? {
            Value::Object(fields) => Some(Document { raw, fields }),
            _ => None,
        }
    }

    /// The document as it came, except that it is one line in which nothing is hidden.
    pub(super) fn raw(&self) -> &str {
        &self.raw
    }

    /// The values of a field: none, one, or those of a list.
    pub(crate) fn values(&self, name: &str) -> Vec<Vec<u8>> {
        let of_list = |(at, value): (usize, &Value)| self.bytes(&format!("{name}[{at}]"), value);
        match self.value(name) {
            Some(Value::Array(list)) => list.iter().enumerate().filter_map(of_list).collect(),
            Some(value) => self.bytes(name, value).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// The value of a field, or the first of a list.
    pub(crate) fn first(&self, name: &str) -> Option<Vec<u8>> {
        self.values(name).into_iter().next()
    }

    fn value(&self, name: &str) -> Option<&Value> {
        if let Some(value) = self.fields.get(name) {
            return Some(value);
        }
        let (first, rest) = name.split_once('.')?;
        rest.split('.').try_fold(self.fields.get(first)?, |value, name| value.get(name))
    }

    /// The exact bytes that a value stands for.
    fn bytes(&self, name: &str, value: &Value) -> Option<Vec<u8>> {
        let exact = self.fields.get("oddsock.bytes").and_then(|exact| exact.get(name));
        match (exact.and_then(Value::as_str).and_then(unhexed), value) {
            (Some(exact), _) => Some(exact),
            (None, Value::String(text)) => Some(text.clone().into_bytes()),
            (None, Value::Number(number)) => Some(number.to_string().into_bytes()),
            (None, Value::Bool(is)) => Some(is.to_string().into_bytes()),
            _ => None,
        }
    }

    /// The exact bytes that belong to a field or to the elements of its list, in hex.
    fn exact<'d>(&'d self, name: &'d str) -> impl Iterator<Item = (&'d String, &'d str)> {
        let is_of_it = move |key: &str| {
            key.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
        };
        let all = self.fields.get("oddsock.bytes").and_then(Value::as_object);
        let of_it = all.into_iter().flatten().filter(move |(key, _)| is_of_it(key));
        of_it.filter_map(|(key, hex)| Some((key, hex.as_str()?)))
    }
}

/// A field that several documents share.
pub(super) struct Shared<'d> {
    pub name: String,
    /// Its value as it is written.
    pub raw: &'d str,
    /// The exact bytes of what of it is not UTF-8.
    pub exact: Vec<(String, Vec<u8>)>,
}

/// The fields that are the same in all documents, in the order of the first.
pub(super) fn shared(documents: &[Document]) -> Vec<Shared<'_>> {
    let Some((first, others)) = documents.split_first() else { return Vec::new() };
    let other_fields: Vec<_> = others.iter().map(|other| members(&other.raw)).collect();
    let is_shared = |key: &str, raw: &str| {
        others.iter().zip(&other_fields).all(|(other, fields)| {
            fields.contains(&(key, raw)) && first.exact(key).eq(other.exact(key))
        })
    };
    let mut shared: Vec<Shared<'_>> = Vec::new();
    for (key, raw) in members(&first.raw) {
        // As it is written: names of this program and the schema need no escapes.
        if key == "oddsock.bytes" || raw == "null" || !is_shared(key, raw) {
            continue;
        }
        let Ok(name) = serde_json::from_str::<String>(&format!("\"{key}\"")) else { continue };
        let exact = first.exact(key).filter_map(|(key, hex)| Some((key.clone(), unhexed(hex)?)));
        let exact = exact.collect();
        if shared.iter().all(|known| known.name != name) {
            shared.push(Shared { name, raw, exact });
        }
    }
    shared
}

/// The members of a JSON object that is known to be one: names and values as they are written.
fn members(object: &str) -> Vec<(&str, &str)> {
    let mut members = Vec::new();
    let (mut depth, mut start, mut name) = (0, 0, None);
    let (mut is_within, mut is_escaped) = (false, false);
    for (at, letter) in object.char_indices() {
        if is_within {
            is_within = letter != '"' || is_escaped;
            is_escaped = letter == '\\' && !is_escaped;
            continue;
        }
        match letter {
            '"' => is_within = true,
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            _ => {}
        }
        let is_end = (letter == ',' && depth == 1) || (letter == '}' && depth == 0);
        if letter == '{' && depth == 1 {
            start = at + 1;
        } else if letter == ':' && depth == 1 && name.is_none() {
            name = Some(object[start..at].trim().trim_matches('"'));
            start = at + 1;
        } else if is_end {
            let value = object[start..at].trim();
            members.extend(name.take().map(|name| (name, value)));
            start = at + 1;
        }
    }
    members
}

/// JSON on one line and with nothing hidden in it. Between its strings it has only ASCII, of which
/// line ends and tabs mean nothing, so all else is within strings and may be escaped.
fn harmless(json: &str) -> String {
    if json.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return json.to_string();
    }
    let (mut out, mut eye) = (String::with_capacity(json.len()), Eye::default());
    for c in json.chars() {
        match c {
            '\n' | '\r' | '\t' => _ = eye.misses(' '),
            _ if eye.misses(c) => {
                let units = c.encode_utf16(&mut [0; 2]).to_vec();
                out.extend(units.iter().map(|unit| format!("\\u{unit:04x}")));
            }
            _ => out.push(c),
        }
    }
    out
}

fn unhexed(hex: &str) -> Option<Vec<u8>> {
    let digit = |digit: &u8| char::from(*digit).to_digit(16);
    let byte = |pair: &[u8; 2]| Some((digit(&pair[0])? * 16 + digit(&pair[1])?) as u8);
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    pairs.iter().map(byte).collect::<Option<Vec<u8>>>().filter(|_| rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(documents: &[&str], expected: &[(&str, &str)]) {
        let documents = Document::all(documents);
        let shared = shared(&documents);
        let found: Vec<_> = shared.iter().map(|field| (&field.name[..], field.raw)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn only_what_all_say_alike_is_shared() {
        check(
            &[r#"{"a":1,"b":["x",{"a":2}],"c":"x\"},{"}"#, r#"{"c":"x\"},{","b":["y"],"a":1}"#],
            &[("a", "1"), ("c", r#""x\"},{""#)],
        );
        check(&[r#"{"a":1,"n":null}"#], &[("a", "1")]);
        check(&[], &[]);
        check(&["{}", r#"{"a":1}"#], &[]);
    }

    #[test]
    fn different_bytes_that_are_written_alike_are_not_shared() {
        let one = "{\"a\":\"\u{fffd}\",\"oddsock.bytes\":{\"a\":\"ff\"}}";
        let other = "{\"a\":\"\u{fffd}\",\"oddsock.bytes\":{\"a\":\"fe\"}}";
        check(&[one, other], &[]);
        check(&[one, one], &[("a", "\"\u{fffd}\"")]);
        assert_eq!(Document::all(&[one])[0].first("a"), Some(vec![0xff]));
    }

    #[test]
    fn names_may_be_flat_or_nested() {
        let nested = r#"{"process":{"name":"nc","args":["nc","-l"]},"a.b":7}"#;
        let document = &Document::all(&[nested])[0];
        assert_eq!(document.first("process.name"), Some(b"nc".to_vec()));
        assert_eq!(document.values("process.args"), [b"nc".to_vec(), b"-l".to_vec()]);
        assert_eq!(document.first("a.b"), Some(b"7".to_vec()));
        assert_eq!(document.first("process"), None);
        assert_eq!(document.first("a.b.c"), None);
    }

    #[test]
    fn what_is_no_document_is_no_evidence_and_nothing_in_one_is_hidden() {
        assert!(Document::all(&["", "7", "[]", "{\"a\":", "\u{1b}[2J"]).is_empty());
        let document = &Document::all(&["{\"a\":\n\t\"x\u{202e}\u{7f}y\"}"])[0];
        assert_eq!(document.raw(), r#"{"a":"x\u202e\u007fy"}"#);
        assert_eq!(document.first("a"), Some("x\u{202e}\u{7f}y".into()));
    }
}
