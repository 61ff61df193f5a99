//! HTML in which nothing can be written that was not meant: elements are closed because they are
//! calls, their names are the program's own, and all text is escaped on its way in.
//!
//! Text comes in, of any sort; valid HTML goes out. There is no way to write markup as text, no
//! element that loads anything and no attribute that runs anything. What cannot be seen or turns
//! the direction of writing is spelled out as everywhere ([`crate::output::escape`]), so two names
//! that look alike are alike.

use crate::output::escape;

/// How many characters of one text are shown.
pub const LONGEST: usize = 400;

/// What no element may be called: they load or run something, or read text as another language.
const FORBIDDEN: [&str; 12] = [
    "script",
    "iframe",
    "object",
    "embed",
    "link",
    "base",
    "img",
    "image",
    "use",
    "form",
    "a",
    "foreignObject",
];

/// Elements that have no end.
const VOID: [&str; 4] = ["meta", "br", "hr", "wbr"];

/// A document as far as it is written.
#[derive(Debug, Default)]
pub struct Page {
    out: String,
}

impl Page {
    /// An element with attributes and whatever is written within it.
    ///
    /// # Panics
    ///
    /// For names that could load or run anything; the names are the program's own.
    pub fn element(
        &mut self,
        name: &'static str,
        attributes: &[(&'static str, &str)],
        within: impl FnOnce(&mut Page),
    ) {
        assert!(is_plain(name) && !FORBIDDEN.contains(&name), "no element of a report: {name}");
        self.begin(name, attributes);
        if !VOID.contains(&name) {
            within(self);
            self.end(name);
        }
    }

    /// An element with text alone.
    pub fn line(&mut self, name: &'static str, class: &'static str, said: &str) {
        let class = [("class", class)];
        let attributes = if class[0].1.is_empty() { &[] } else { &class[..] };
        self.element(name, attributes, |page| page.text(said));
    }

    /// A link to another place in this document.
    pub fn link(&mut self, to: &str, said: &str) {
        self.out.push_str("<a href=\"#");
        escaped(&shown(to, LONGEST), &mut self.out);
        self.out.push_str("\">");
        self.text(said);
        self.out.push_str("</a>");
    }

    /// Text. Of a long one the beginning is shown, with a mark that says how long it is.
    pub fn text(&mut self, said: &str) {
        escaped(&shown(said, LONGEST), &mut self.out);
    }

    /// A command, which is of use only whole; whoever makes it keeps it short enough.
    pub fn command(&mut self, command: &str) {
        self.begin("code", &[]);
        escaped(&shown(command, usize::MAX - MARK), &mut self.out);
        self.end("code");
    }

    /// The style sheet, which is the program's own.
    pub(super) fn style(&mut self, sheet: &'static str) {
        self.out.push_str("<style>");
        self.out.push_str(sheet);
        self.out.push_str("</style>");
    }

    /// All that was written, as a document.
    pub(super) fn document(self) -> String {
        format!("<!DOCTYPE html>\n{}\n", self.out)
    }

    fn begin(&mut self, name: &str, attributes: &[(&'static str, &str)]) {
        self.out.push('<');
        self.out.push_str(name);
        for (attribute, value) in attributes {
            let acts = attribute.starts_with("on") || ["href", "src", "style"].contains(attribute);
            assert!(is_plain(attribute) && !acts, "no attribute of a report: {attribute}");
            self.out.push(' ');
            self.out.push_str(attribute);
            self.out.push_str("=\"");
            escaped(&shown(value, LONGEST), &mut self.out);
            self.out.push('"');
        }
        self.out.push('>');
        if is_block(name) {
            self.out.push('\n');
        }
    }

    fn end(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
        if is_block(name) || is_line(name) {
            self.out.push('\n');
        }
    }
}

/// A name of the log as text for a page.
pub fn named(name: &[u8]) -> String {
    let end = name.len().min(LONGEST * 4);
    let mut out = Vec::new();
    escape::text(&name[..end], &mut out);
    let mut text = String::from_utf8_lossy(&out).into_owned();
    if end < name.len() {
        text = format!("{}{}", cut_to(&text, LONGEST), mark(name.len()));
    }
    text
}

/// Text in which nothing is hidden and that is not too long. Backslashes are left alone: most of
/// what is said was spelled out before.
fn shown(said: &str, most: usize) -> String {
    let is_long = said.len() > most && said.chars().nth(most + MARK).is_some();
    let beginning = if is_long { cut_to(said, most) } else { said };
    let mut safe = Vec::with_capacity(beginning.len());
    for (at, part) in beginning.split('\\').enumerate() {
        if at > 0 {
            safe.push(b'\\');
        }
        escape::text(part.as_bytes(), &mut safe);
    }
    let mut safe = String::from_utf8_lossy(&safe).into_owned();
    if is_long {
        safe.push_str(&mark(said.len()));
    }
    safe
}

/// How long a mark is at most.
const MARK: usize = 48;

fn mark(bytes: usize) -> String {
    format!(" … (cut: {} bytes)", super::words::number(bytes as u64))
}

fn cut_to(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).map_or(text, |(end, _)| &text[..end])
}

fn escaped(text: &str, out: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            letter => out.push(letter),
        }
    }
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Elements with others within, which a line end does not disturb.
fn is_block(name: &str) -> bool {
    const BLOCKS: [&str; 22] = [
        "html", "head", "body", "main", "header", "footer", "nav", "section", "article", "div",
        "table", "thead", "tbody", "tr", "ul", "ol", "dl", "details", "figure", "svg", "g", "p",
    ];
    name != "p" && BLOCKS.contains(&name)
}

/// Elements after which a line ends.
fn is_line(name: &str) -> bool {
    const LINES: [&str; 16] = [
        "title",
        "h1",
        "h2",
        "h3",
        "h4",
        "p",
        "li",
        "dt",
        "dd",
        "caption",
        "summary",
        "figcaption",
        "td",
        "th",
        "rect",
        "pre",
    ];
    LINES.contains(&name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(write: impl FnOnce(&mut Page)) -> String {
        let mut page = Page::default();
        write(&mut page);
        page.out
    }

    #[test]
    fn text_is_text_wherever_it_stands() {
        let hostile = "</p><script>\"'&\u{202e}\0";
        let safe = "&lt;/p&gt;&lt;script&gt;&quot;&#39;&amp;\\u{202e}\\x00";
        assert_eq!(written(|page| page.line("p", "", hostile)), format!("<p>{safe}</p>\n"));
        let titled = written(|page| page.element("b", &[("title", hostile)], |_| {}));
        assert_eq!(titled, format!("<b title=\"{safe}\"></b>"));
        let linked = written(|page| page.link("javascript:x\"", "x"));
        assert_eq!(linked, "<a href=\"#javascript:x&quot;\">x</a>");
    }

    #[test]
    fn what_is_spelled_out_already_is_left_alone() {
        assert_eq!(written(|page| page.text(r"\x1b\\")), r"\x1b\\");
        assert_eq!(named(b"\x1b\\ \xff"), r"\x1b\\ \xff");
    }

    #[test]
    fn a_long_name_is_cut_with_a_mark_and_a_short_one_is_not() {
        let long = named(&vec![b'a'; 1 << 20]);
        assert!(long.ends_with("a … (cut: 1,048,576 bytes)") && long.len() < LONGEST + 50);
        assert_eq!(written(|page| page.text(&long)), long);
        let whole = "é".repeat(LONGEST);
        assert_eq!(written(|page| page.text(&whole)), whole);
        let text = written(|page| page.text(&"<".repeat(1 << 20)));
        assert!(text.ends_with("&lt; … (cut: 1,048,576 bytes)"));
    }

    #[test]
    #[should_panic = "no element"]
    fn no_element_runs_anything() {
        Page::default().element("script", &[], |_| {});
    }

    #[test]
    #[should_panic = "no attribute"]
    fn no_attribute_runs_anything() {
        Page::default().element("p", &[("onclick", "x")], |_| {});
    }

    proptest! {
        #[test]
        fn no_text_begins_an_element_or_ends_an_attribute(text: String, name: Vec<u8>) {
            for text in [text, named(&name)] {
                let written = written(|page| page.text(&text));
                let acts = ['<', '>', '"', '\'', '\0', '\u{202e}'];
                prop_assert!(!written.contains(acts));
            }
        }
    }
}
