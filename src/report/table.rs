//! Tables: with a caption, headed columns and rows, that scroll by themselves where there is no
//! room for them.

use super::page::Page;
use super::words::number;

/// A column: what stands above it, and whether it has numbers.
#[derive(Clone, Copy, Debug)]
pub struct Column(pub &'static str, pub bool);

/// A cell.
#[derive(Clone, Debug)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A name, a path, an address: something to be copied.
    Code(String),
    /// A number.
    Number(u64),
    /// A part of a whole, drawn as a bar of so many hundredths.
    Share(String, u64),
    /// A link to another place in the document.
    Link(String, String),
}

/// Writes a table. The first cell of each row is what the row is about.
pub fn table(page: &mut Page, id: &str, caption: &str, columns: &[Column], rows: &[Vec<Cell>]) {
    let label = format!("{id}-caption");
    let scrolls =
        [("class", "scroll"), ("role", "region"), ("tabindex", "0"), ("aria-labelledby", &*label)];
    page.element("div", &scrolls, |page| {
        page.element("table", &[], |page| {
            page.element("caption", &[("id", &*label)], |page| page.text(caption));
            page.element("thead", &[], |page| {
                page.element("tr", &[], |page| columns.iter().for_each(|one| head(page, *one)));
            });
            page.element("tbody", &[], |page| {
                for row in rows {
                    page.element("tr", &[], |page| {
                        for (at, cell) in row.iter().enumerate() {
                            let is_number = columns.get(at).is_some_and(|column| column.1);
                            one(page, cell, at == 0, is_number);
                        }
                    });
                }
            });
        });
    });
}

fn head(page: &mut Page, column: Column) {
    let class = if column.1 { "number" } else { "words" };
    page.element("th", &[("scope", "col"), ("class", class)], |page| page.text(column.0));
}

fn one(page: &mut Page, cell: &Cell, is_first: bool, is_number: bool) {
    let class = match cell {
        Cell::Share(..) => "share",
        _ if is_number => "number",
        _ => "words",
    };
    let plain = [("class", class)];
    let first = [("scope", "row"), ("class", class)];
    let (name, attributes) = if is_first { ("th", &first[..]) } else { ("td", &plain[..]) };
    page.element(name, attributes, |page| match cell {
        Cell::Text(text) => page.text(text),
        Cell::Code(text) => page.line("code", "", text),
        Cell::Number(count) => page.text(&number(*count)),
        Cell::Share(text, part) => bar(page, text, *part),
        Cell::Link(to, text) => page.link(to, text),
    });
}

/// A share in words, and as a bar for the eye alone.
fn bar(page: &mut Page, text: &str, part: u64) {
    let width = part.min(100).to_string();
    let about = [("class", "bar"), ("viewBox", "0 0 100 10"), ("aria-hidden", "true")];
    let shape = [about[0], about[1], about[2], ("preserveAspectRatio", "none")];
    page.element("svg", &shape, |page| {
        let all = [("class", "all"), ("width", "100"), ("height", "10")];
        page.element("rect", &all, |_| {});
        let part = [("class", "part"), ("width", &*width), ("height", "10")];
        page.element("rect", &part, |_| {});
    });
    page.element("span", &[], |page| page.text(text));
}
