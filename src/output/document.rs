//! A document of another shipper as JSON, in the form of [`super::ndjson`].
//!
//! The same names in the same order, flat and dotted; what the document does not say is absent, and
//! so is whatever it says under other names. A field that has several values here where a
//! connection has one is a list of them. What came out of [`super::Ndjson`] comes out the same.

use super::clock::Clock;
use super::json::{Key, Object, key};
use crate::documents::Document;

/// How the values of a field are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    Text,
    Number,
    True,
    /// Text, in a list however few there are.
    List,
}

/// Every field but the time, in the order of [`super::ndjson`].
const FIELDS: &[(Key, Form)] = &[
    (key!("ecs.version"), Form::Text),
    (key!("event.kind"), Form::Text),
    (key!("event.category"), Form::List),
    (key!("event.module"), Form::Text),
    (key!("event.dataset"), Form::Text),
    (key!("event.action"), Form::Text),
    (key!("event.type"), Form::List),
    (key!("event.outcome"), Form::Text),
    (key!("error.code"), Form::Text),
    (key!("event.sequence"), Form::Number),
    (key!("event.id"), Form::Text),
    (key!("host.name"), Form::Text),
    (key!("agent.id"), Form::Text),
    (key!("host.os.type"), Form::Text),
    (key!("process.name"), Form::Text),
    (key!("process.executable"), Form::Text),
    (key!("process.pid"), Form::Number),
    (key!("process.parent.pid"), Form::Number),
    (key!("process.args"), Form::List),
    (key!("process.args_count"), Form::Number),
    (key!("auditd.args_missing"), Form::Number),
    (key!("process.command_line"), Form::Text),
    (key!("process.working_directory"), Form::Text),
    (key!("process.title"), Form::Text),
    (key!("process.parent.name"), Form::Text),
    (key!("process.parent.executable"), Form::Text),
    (key!("user.id"), Form::Text),
    (key!("user.name"), Form::Text),
    (key!("user.effective.id"), Form::Text),
    (key!("user.effective.name"), Form::Text),
    (key!("user.audit.id"), Form::Text),
    (key!("user.audit.name"), Form::Text),
    (key!("group.id"), Form::Text),
    (key!("destination.ip"), Form::Text),
    (key!("destination.port"), Form::Number),
    (key!("source.ip"), Form::Text),
    (key!("source.port"), Form::Number),
    (key!("network.direction"), Form::Text),
    (key!("network.type"), Form::Text),
    (key!("network.transport"), Form::Text),
    (key!("auditd.session"), Form::Text),
    (key!("auditd.arch"), Form::Text),
    (key!("auditd.syscall"), Form::Text),
    (key!("auditd.exit"), Form::Number),
    (key!("auditd.fd"), Form::Number),
    (key!("auditd.scope_id"), Form::Number),
    (key!("auditd.flow"), Form::Number),
    (key!("tags"), Form::List),
    (key!("labels.partial"), Form::True),
    (key!("labels.probe"), Form::True),
];

/// Appends a document as an object, without a line end.
pub fn document(document: &Document, out: &mut Vec<u8>) {
    let mut exact = Vec::new();
    out.extend_from_slice(b"{\"@timestamp\":\"");
    Clock::rfc_3339().write(document.millis(), out);
    out.push(b'"');
    let mut object = Object { out, exact: &mut exact };
    for (key, form) in FIELDS {
        let values: Vec<&[u8]> = document.values(key.name()).collect();
        field(*key, *form, &values, &mut object);
    }
    object.exact_bytes();
    out.push(b'}');
}

fn field(key: Key, form: Form, values: &[&[u8]], object: &mut Object<'_>) {
    match (form, values) {
        (_, []) => {}
        (Form::Text, [value]) => object.text(key, value),
        (Form::Text | Form::List, values) => object.list(key, values),
        (Form::Number, values) => {
            let number = |value: &&[u8]| std::str::from_utf8(value).ok()?.parse::<i64>().ok();
            if let Some(number) = values.iter().find_map(number) {
                object.number(key, number);
            }
        }
        (Form::True, values) => {
            if values.contains(&&b"true"[..]) {
                object.key(key);
                object.out.extend_from_slice(b"true");
            }
        }
    }
}
