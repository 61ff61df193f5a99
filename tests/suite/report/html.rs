//! A small reader of HTML: it takes a document apart as a browser does, and knows no report.

/// A part of a document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part {
    /// An element begins: its name and its attributes.
    Begin(String, Vec<(String, String)>),
    /// It ends.
    End(String),
    /// Text, with its characters as they are.
    Text(String),
}

/// The parts of a document.
pub fn parts(html: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = html.strip_prefix("<!DOCTYPE html>").expect("a document type");
    while let Some((text, tag)) = rest.split_once('<') {
        push_text(text, &mut parts);
        let (inside, after) = split_at_end(tag);
        rest = after;
        if let Some(name) = inside.strip_prefix('/') {
            parts.push(Part::End(name.to_string()));
            continue;
        }
        let part = begin(inside);
        let is_raw = matches!(&part, Part::Begin(name, _) if name == "style" || name == "script");
        parts.push(part);
        if is_raw {
            let end = rest.find("</").expect("an end");
            parts.push(Part::Text(rest[..end].to_string()));
            rest = &rest[end..];
        }
    }
    push_text(rest, &mut parts);
    parts
}

/// The same without texts and the values of attributes: what a name must not change.
pub fn shape(html: &str) -> Vec<String> {
    let shape = |part: &Part| match part {
        Part::Begin(name, attributes) => {
            let names: Vec<&str> = attributes.iter().map(|(name, _)| name.as_str()).collect();
            Some(format!("<{name} {}>", names.join(" ")))
        }
        Part::End(name) => Some(format!("</{name}>")),
        Part::Text(_) => None,
    };
    parts(html).iter().filter_map(shape).collect()
}

/// All attributes of all elements: element, name, value.
pub fn attributes(html: &str) -> Vec<(String, String, String)> {
    let of = |part: Part| match part {
        Part::Begin(element, attributes) => {
            attributes.into_iter().map(|(name, value)| (element.clone(), name, value)).collect()
        }
        _ => Vec::new(),
    };
    parts(html).into_iter().flat_map(of).collect()
}

/// All text that is shown, the parts of it with a blank between them.
pub fn text(html: &str) -> String {
    let mut within = Vec::new();
    let mut shown = String::new();
    for part in parts(html) {
        match part {
            Part::Begin(name, _) if ["style", "script"].contains(&&*name) => within.push(name),
            Part::End(name) if within.last() == Some(&name) => _ = within.pop(),
            Part::Text(text) if within.is_empty() => {
                shown.push_str(&text);
                shown.push(' ');
            }
            _ => {}
        }
    }
    shown
}

/// The end of a tag is the first `>` that is in no value.
fn split_at_end(tag: &str) -> (&str, &str) {
    let mut quote = None;
    for (at, letter) in tag.char_indices() {
        match (quote, letter) {
            (None, '>') => return (&tag[..at], &tag[at + 1..]),
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), letter) if open == letter => quote = None,
            _ => {}
        }
    }
    panic!("a tag without an end: {tag}")
}

fn begin(inside: &str) -> Part {
    let (name, mut rest) = inside.split_once(' ').unwrap_or((inside, ""));
    let mut attributes = Vec::new();
    while let Some((name, value)) = rest.split_once("=\"") {
        let (value, after) = value.split_once('"').expect("the end of a value");
        attributes.push((name.trim().to_string(), unescaped(value)));
        rest = after;
    }
    assert!(rest.trim().is_empty(), "{inside}");
    Part::Begin(name.to_string(), attributes)
}

fn push_text(text: &str, parts: &mut Vec<Part>) {
    if !text.trim().is_empty() {
        parts.push(Part::Text(unescaped(text)));
    }
}

fn unescaped(text: &str) -> String {
    let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    pairs.iter().fold(text.to_string(), |text, (from, to)| text.replace(from, to))
}
