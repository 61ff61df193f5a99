//! Connections as comma-separated values, for spreadsheets: RFC 4180, except that lines end in
//! `\n` as everything else here does, and that no cell has more than one line.
//!
//! A cell of text is spelled as in [`super::escape`]: a backslash is doubled and what cannot be
//! seen is written `\n` or `\x1b`. A spreadsheet runs cells that begin with `=`, `+`, `-` or `@`,
//! which a process may well be called. Such a cell begins with `'` here, which tells the
//! spreadsheet that it is text; so does one that begins with `'` itself, and whoever reads the
//! file by program takes off the one that leads. Numbers, also negative ones, are left alone.
//!
//! Arguments are one cell, quoted for a shell, with `…(+2 arguments missing)` where some are; keys
//! are one cell, parted by `;`, and a semicolon within a key is written `\x3b`. What the log does
//! not hold is an empty cell. The JSON format has all fields; here are those one sorts by.

use super::clock::Clock;
use super::unseen::is_unseen;
use super::{Writer, address, escape, json};
use crate::audit::Connection;
use crate::audit::command_line::command_line;
use crate::time::LAST;

const COLUMNS: &str = "time,host,action,outcome,error,direction,process,executable,pid,\
    parent_pid,user_id,user,login_id,login,ip,port,family,path,transport,syscall,exit,arguments,\
    keys,partial,probe,event_id\n";

/// Writes connections as comma-separated values.
#[derive(Default, Debug)]
pub struct Csv(Sheet);

impl Csv {
    /// A writer.
    pub fn new() -> Csv {
        Csv::default()
    }
}

impl Writer for Csv {
    fn head(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(COLUMNS.as_bytes());
    }

    fn connection(&mut self, connection: &Connection<'_>, out: &mut Vec<u8>) {
        self.0.clock.write(connection.stamp.millis, out);
        let mut row = self.0.row(out);
        row.text(Some(connection.host));
        row.name(Some(connection.action.name()));
        row.name(Some(connection.outcome.name()));
        row.name(connection.error);
        row.name(connection.action.direction());
        row.text(connection.name.as_deref());
        row.text(connection.executable.as_deref());
        row.number(connection.pid);
        row.number(connection.parent_pid);
        for user in [&connection.user, &connection.audit_user] {
            row.number(user.id);
            row.text(user.name.as_deref());
        }
        row.made(|text| connection.ip.into_iter().for_each(|ip| address::ip(ip, text)));
        row.number(connection.port);
        let family = connection.family.map(|family| family.to_string());
        row.name(family.as_deref());
        row.text(connection.address.unix_name().as_deref());
        row.name(connection.transport.map(|transport| transport.name()));
        row.name(Some(connection.call.name()));
        row.number(connection.exit);
        row.made(|text| {
            connection.arguments.into_iter().for_each(|list| command_line(list, text));
        });
        row.list(&connection.keys);
        row.name(Some(if connection.is_partial { "true" } else { "false" }));
        row.name(Some(if connection.is_probe { "true" } else { "false" }));
        row.made(|text| connection.stamp.write_name(connection.host, text));
        out.push(b'\n');
    }
}

/// What rows are written with: times as programs read them, and memory that is used again.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) clock: Clock,
    text: Vec<u8>,
    cell: Vec<u8>,
}

impl Default for Sheet {
    fn default() -> Sheet {
        Sheet { clock: Clock::rfc_3339(), text: Vec::new(), cell: Vec::new() }
    }
}

impl Sheet {
    /// A row, where its first cell has been written.
    pub(super) fn row<'r>(&'r mut self, out: &'r mut Vec<u8>) -> Row<'r> {
        Row { text: &mut self.text, cell: &mut self.cell, out }
    }

    /// A time as a cell, however late it is.
    pub(super) fn time(&mut self, millis: u64) -> String {
        let mut out = Vec::new();
        self.clock.write(millis.min(LAST), &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }
}

/// A row of which the first cell has been written.
pub(super) struct Row<'r> {
    text: &'r mut Vec<u8>,
    cell: &'r mut Vec<u8>,
    out: &'r mut Vec<u8>,
}

impl Row<'_> {
    /// A word of our own.
    pub(super) fn name(&mut self, name: Option<&str>) {
        self.out.push(b',');
        self.out.extend_from_slice(name.unwrap_or_default().as_bytes());
    }

    pub(super) fn number(&mut self, number: Option<impl Into<i128>>) {
        self.out.push(b',');
        if let Some(number) = number {
            json::decimal(number, self.out);
        }
    }

    /// Text of the log.
    pub(super) fn text(&mut self, text: Option<&[u8]>) {
        self.out.push(b',');
        if let Some(text) = text {
            self.cell.clear();
            cell(text, self.cell, self.out);
        }
    }

    /// The name of a column, which need not be ours: a field's stands as it is, also `@timestamp`.
    pub(super) fn heading(&mut self, name: &str) {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"@_.".contains(&b);
        match name.bytes().all(is_plain) {
            true => self.name(Some(name)),
            false => self.text(Some(name.as_bytes())),
        }
    }

    /// Several texts of the log, parted by semicolons.
    pub(super) fn list(&mut self, texts: &[Vec<u8>]) {
        self.out.push(b',');
        self.cell.clear();
        if texts.first().is_some_and(|text| would_run(text)) {
            self.cell.push(b'\'');
        }
        for (index, text) in texts.iter().enumerate() {
            if index > 0 {
                self.cell.push(b';');
            }
            for (index, part) in text.split(|b| *b == b';').enumerate() {
                if index > 0 {
                    self.cell.extend_from_slice(br"\x3b");
                }
                escape::text(part, self.cell);
            }
        }
        quoted(self.cell, self.out);
    }

    /// Text put together from the log.
    pub(super) fn made(&mut self, make: impl FnOnce(&mut Vec<u8>)) {
        self.text.clear();
        make(self.text);
        self.out.push(b',');
        self.cell.clear();
        cell(self.text, self.cell, self.out);
    }
}

fn cell(text: &[u8], cell: &mut Vec<u8>, out: &mut Vec<u8>) {
    if would_run(text) {
        cell.push(b'\'');
    }
    escape::text(text, cell);
    quoted(cell, out);
}

/// Appends a cell, in quotes where commas, quotes or blanks at its edges would be misread.
fn quoted(cell: &[u8], out: &mut Vec<u8>) {
    let is_at_edge = |edge: Option<&u8>| edge == Some(&b' ');
    if !cell.iter().any(|b| matches!(b, b',' | b'"' | b';'))
        && !is_at_edge(cell.first())
        && !is_at_edge(cell.last())
    {
        return out.extend_from_slice(cell);
    }
    out.push(b'"');
    for part in cell.split_inclusive(|b| *b == b'"') {
        out.extend_from_slice(part);
        if part.ends_with(b"\"") {
            out.push(b'"');
        }
    }
    out.push(b'"');
}

/// Whether a spreadsheet would take this for a formula. Those of East Asia also take the wide
/// forms of the signs, and all of them look past blanks.
fn would_run(text: &[u8]) -> bool {
    let mut characters = text.utf8_chunks().flat_map(|chunk| {
        let invalid = (!chunk.invalid().is_empty()).then_some('\u{fffd}');
        chunk.valid().chars().chain(invalid)
    });
    let signs = "=+-@＝＋－＠";
    text.starts_with(b"'")
        || matches!(text.first(), Some(b'\t' | b'\r'))
        || characters.find(|c| *c != ' ' && !is_unseen(*c)).is_some_and(|c| signs.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::scene::Scene;

    fn check(text: &str, expected: &str) {
        let mut out = Vec::new();
        cell(text.as_bytes(), &mut Vec::new(), &mut out);
        assert_eq!(String::from_utf8(out).expect("UTF-8"), expected);
    }

    #[test]
    fn a_connection_is_a_row() {
        let rows = Scene::default().written(&mut Csv::new());
        assert_eq!(
            rows,
            "time,host,action,outcome,error,direction,process,executable,pid,parent_pid,user_id,\
            user,login_id,login,ip,port,family,path,transport,syscall,exit,arguments,keys,partial,\
            probe,event_id\n2024-08-16T14:44:02.001Z,web-01,connection_attempted,unknown,\
            EINPROGRESS,egress,curl,/usr/bin/curl,812,1,1500,lab,1500,lab,93.184.216.34,443,inet,,\
            tcp,connect,-115,curl -sS 'a b',net,false,false,web-01:1723819442.001:9001\n"
        );
    }

    #[test]
    fn a_cell_tells_which_arguments_are_missing_and_which_keys_there_are() {
        let scene = Scene { missing: 97, key: b"a;b\x01c\\".to_vec(), ..Scene::default() };
        let rows = scene.written(&mut Csv::new());
        let end = ",curl -sS 'a b' …(+97 arguments missing),\"a\\x3bb;c\\\\\",true,false,\
                   web-01:1723819442.001:9001\n";
        assert!(rows.ends_with(end), "{rows}");
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_marked_as_text() {
        check("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0");
        check("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
        check("@SUM(1)", "'@SUM(1)");
        check("+1", "'+1");
        check("  -1", "'  -1");
        check("\u{a0}\u{200b}=1", "'\\u{a0}\\u{200b}=1");
        check("＝1", "'＝1");
        check("\tx", "'\\tx");
    }

    #[test]
    fn what_it_would_not_run_stays_as_it_is() {
        check("a=b", "a=b");
        check("curl -s", "curl -s");
        check("/usr/bin/curl", "/usr/bin/curl");
    }

    #[test]
    fn a_mark_that_was_there_is_told_from_ours() {
        check("'=1", "''=1");
        check("=1", "'=1");
    }

    #[test]
    fn commas_and_quotes_stay_in_their_cell_and_lines_on_their_line() {
        check("a,b", "\"a,b\"");
        check("say \"x\"", "\"say \"\"x\"\"\"");
        check("a\nb\r\nc", "a\\nb\\r\\nc");
        check(" a", "\" a\"");
    }

    #[test]
    fn hostile_names_make_one_row_of_as_many_cells() {
        let columns = COLUMNS.matches(',').count();
        for name in crate::output::scene::HOSTILE {
            let rows = Scene::named(name).written(&mut Csv::new());
            assert_eq!(rows.matches('\n').count(), 2, "{rows}");
            assert!(!rows.chars().any(|c| c != '\n' && is_unseen(c)), "{rows}");
            let row = rows.lines().nth(1).expect("a row").replace("\"\"", "");
            let outside: String = row.split('"').step_by(2).collect();
            assert_eq!(outside.matches(',').count(), columns, "{row}");
        }
    }
}
