//! A page of the manual as plain text, for where nothing else can show it.
//!
//! In comes the source of a page in the macros of man(7), those that our pages use; out goes text
//! of a given width. It is no troff: it knows no fonts, sizes or tables, and a macro that it does
//! not know is left out.

use crate::output::columns::width;

/// How far text is indented, and how much further what is said about a term.
const INDENT: usize = 7;
const SUBHEADING: usize = 3;

/// A page as text.
pub fn page(source: &str, width: usize) -> String {
    let mut text = Text { width, ..Text::default() };
    // A backslash at the end of a line has the next one go on with it.
    source.replace("\\\n", "").lines().for_each(|line| text.line(line));
    text.end_paragraph();
    text.out
}

/// What a page is about, in the words of its name section.
pub fn about(source: &str) -> String {
    let (_, section) = source.split_once("\n.SH NAME\n").unwrap_or_default();
    let line = section.lines().next().unwrap_or_default();
    let (_, about) = line.split_once(" \\- ").unwrap_or_default();
    unescaped(about)
}

/// Text as it grows.
#[derive(Default)]
struct Text {
    width: usize,
    out: String,
    /// The words of the paragraph that are not written yet.
    words: Vec<String>,
    /// The term they are about, which stands to their left.
    term: Option<String>,
    /// Where the next lines begin, and what they go back to at a new paragraph.
    indent: usize,
    base: usize,
    /// Lines are taken as they are.
    is_verbatim: bool,
    /// Nothing was written below the last heading.
    is_below_heading: bool,
    /// The next line is a term.
    is_term_due: bool,
    /// The address that is written behind the words of a link.
    link: String,
}

impl Text {
    fn line(&mut self, line: &str) {
        match line.strip_prefix('.') {
            Some(request) => self.request(request),
            None => self.text(unescaped(line)),
        }
    }

    fn request(&mut self, request: &str) {
        let (name, rest) = request.split_once(' ').unwrap_or((request, ""));
        let arguments = arguments(rest);
        let argument = |at: usize| arguments.get(at).cloned().unwrap_or_default();
        match name {
            "TH" => {
                let name = format!("{}({})", argument(0), argument(1));
                self.out = headline(&name, &argument(4), self.width);
            }
            "SH" => self.heading(0, &arguments.join(" ")),
            "SS" => self.heading(SUBHEADING, &arguments.join(" ")),
            "PP" | "P" | "LP" => self.paragraph(),
            "TP" => {
                self.paragraph();
                self.is_term_due = true;
            }
            "TQ" => {
                self.end_paragraph();
                self.indent = self.base;
                self.is_term_due = true;
            }
            "IP" => {
                self.paragraph();
                let step = argument(1).parse().unwrap_or(INDENT);
                self.term = Some(argument(0));
                self.indent = self.base + step;
            }
            "RS" => {
                self.end_paragraph();
                self.base += INDENT;
                self.indent = self.base;
            }
            "RE" => {
                self.end_paragraph();
                self.base = self.base.saturating_sub(INDENT).max(INDENT);
                self.indent = self.base;
            }
            "br" => self.end_paragraph(),
            "EX" | "nf" | "EE" | "fi" => {
                self.end_paragraph();
                self.is_verbatim = matches!(name, "EX" | "nf");
            }
            "B" | "I" | "SM" => self.text(arguments.join(" ")),
            "BR" | "RB" | "IR" | "RI" | "BI" | "IB" => self.text(arguments.concat()),
            "UR" => self.link = argument(0),
            "UE" => {
                let link = format!("<{}>{}", self.link, argument(0));
                self.text(link);
            }
            _ => {}
        }
    }

    fn text(&mut self, line: String) {
        if self.is_term_due {
            self.is_term_due = false;
            self.term = Some(line);
            self.indent = self.base + INDENT;
        } else if self.is_verbatim {
            self.write(&line);
        } else {
            self.words.extend(line.split(' ').filter(|word| !word.is_empty()).map(str::to_owned));
        }
    }

    fn heading(&mut self, indent: usize, words: &str) {
        self.base = INDENT;
        self.paragraph();
        self.indent = indent;
        self.write(words);
        self.indent = self.base;
        self.is_below_heading = true;
    }

    /// Ends a paragraph, and leaves a line before the next.
    fn paragraph(&mut self) {
        self.end_paragraph();
        self.indent = self.base;
        if !self.is_below_heading {
            self.out.push('\n');
        }
    }

    /// Writes the words so far, broken into lines, beside or below their term.
    fn end_paragraph(&mut self) {
        let words = std::mem::take(&mut self.words);
        let mut line = String::new();
        if let Some(term) = self.term.take() {
            let room = self.indent.saturating_sub(self.base);
            if width(&term) < room && !words.is_empty() {
                line = " ".repeat(self.base) + &term + &" ".repeat(room - width(&term));
            } else {
                self.out += &" ".repeat(self.base);
                self.put(&term);
            }
        }
        let mut is_begun = false;
        for word in words {
            if is_begun && width(&line) + 1 + width(&word) > self.width {
                self.put(&line);
                line.clear();
                is_begun = false;
            }
            match (is_begun, line.is_empty()) {
                (true, _) => line.push(' '),
                (false, true) => line = " ".repeat(self.indent),
                (false, false) => {}
            }
            line += &word;
            is_begun = true;
        }
        if is_begun {
            self.put(&line);
        }
    }

    /// A line of its own.
    fn write(&mut self, line: &str) {
        let indent = if line.is_empty() { 0 } else { self.indent };
        self.out += &" ".repeat(indent);
        self.put(line);
    }

    fn put(&mut self, line: &str) {
        self.out += &line.replace(UNBREAKABLE, " ");
        self.out.push('\n');
        self.is_below_heading = false;
    }
}

/// The first line of a page: its name on both sides, and what it belongs to between.
fn headline(name: &str, manual: &str, whole: usize) -> String {
    let room = whole.saturating_sub(2 * width(name) + width(manual));
    let (before, behind) = (" ".repeat(room / 2), " ".repeat(room - room / 2));
    format!("{name}{before}{manual}{behind}{name}\n")
}

/// The arguments of a macro; those in quotes may have blanks.
fn arguments(text: &str) -> Vec<String> {
    let mut arguments = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (argument, behind) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let end = end_of_quoted(quoted);
                (&quoted[..end], quoted.get(end + 1..).unwrap_or_default())
            }
            None => blank(rest).map_or((rest, ""), |at| (&rest[..at], &rest[at..])),
        };
        arguments.push(unescaped(&argument.replace("\"\"", "\"")));
        rest = behind.trim_start();
    }
    arguments
}

/// The place of the quote that ends an argument; a doubled one is a quote in it.
fn end_of_quoted(text: &str) -> usize {
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        if letter == '"' && letters.next_if(|(_, next)| *next == '"').is_none() {
            return at;
        }
    }
    text.len()
}

/// The first blank that is not escaped.
fn blank(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.find(|letter| {
        let ends = letter == ' ' && !is_escaped;
        is_escaped = letter == '\\' && !is_escaped;
        ends
    })
}

/// A blank that no line is broken at, until it is written.
const UNBREAKABLE: char = '\u{a0}';

/// Text without the escapes of troff.
fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            plain.push(letter);
            continue;
        }
        match letters.next() {
            Some('e' | '\\') => plain.push('\\'),
            Some(' ' | '~') => plain.push(UNBREAKABLE),
            Some('&' | '|' | '^' | ')') | None => {}
            Some('f') => skip_font(&mut letters),
            Some('(') => {
                let name: String = letters.by_ref().take(2).collect();
                plain.extend(special(&name));
            }
            Some('[') => {
                let name: String = letters.by_ref().take_while(|letter| *letter != ']').collect();
                plain.extend(special(&name));
            }
            Some(other) => plain.push(other),
        }
    }
    plain
}

fn skip_font(letters: &mut std::str::Chars<'_>) {
    match letters.next() {
        Some('[') => letters.by_ref().take_while(|letter| *letter != ']').for_each(drop),
        Some('(') => letters.by_ref().take(2).for_each(drop),
        _ => {}
    }
}

/// A character by its name, or by its number as in `u2026`.
fn special(name: &str) -> Option<char> {
    Some(match name {
        "aq" => '\'',
        "dq" => '"',
        "bu" => '•',
        "mu" => '×',
        "em" => '—',
        "en" => '–',
        "co" => '©',
        "ha" => '^',
        "ti" => '~',
        "lq" => '“',
        "rq" => '”',
        "->" => '→',
        "<=" => '≤',
        ">=" => '≥',
        number => char::from_u32(u32::from_str_radix(number.strip_prefix('u')?, 16).ok()?)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expected: &str) {
        assert_eq!(page(source, 40), expected);
    }

    #[test]
    fn paragraphs_are_filled_and_examples_are_not() {
        check(
            ".TH X 1 2026-11-21 \"x 1\" \"Commands\"\n.SH NAME\nx \\- does\n.B it\nwith words that \
             go on and on\n.PP\nas:\n.EX\n  $ x  y\n\n  z\\e\n.EE\n",
            "X(1)            Commands            X(1)\n\
             \n\
             NAME\n       x - does it with words that go on\n       and on\n\
             \n       as:\n         $ x  y\n\n         z\\\n",
        );
    }

    #[test]
    fn what_is_said_about_a_term_stands_beside_it_or_below() {
        check(
            ".SH OPTIONS\n.TP\n.BR \\-h \", \" \\-\\-help\nHelp.\n.TP\n.B \\-j\nJobs.\n.TQ\nand\n\
             .RS\n.TP\n.I a\\ b\nNested.\n.RE\n.IP \\(bu 2\nA point.\n",
            "\nOPTIONS\n       -h, --help\n              Help.\n\n       -j     Jobs.\n       and\n\
             \n              a b    Nested.\n\n       • A point.\n",
        );
    }

    #[test]
    fn links_show_where_they_lead_and_unknown_macros_are_left_out() {
        check(
            ".SH SEE ALSO\n.UR https://example.org\nthe site\n.UE ,\n.ad l\n.\\\" a remark\nmore\n",
            "\nSEE ALSO\n       the site <https://example.org>,\n       more\n",
        );
    }
}
