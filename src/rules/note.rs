//! The note of a public rule file, a guide in Markdown: which of its points say what to do, and
//! which what else it may be.

/// The points of a note.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Note {
    pub(super) next_steps: Vec<String>,
    pub(super) false_positives: Vec<String>,
}

impl Note {
    /// Reads a note. Points are those of its lists; a note without lists is one point for each of
    /// its paragraphs. What stands below a heading that names false positives belongs to them.
    pub(super) fn of(markdown: &str) -> Note {
        let mut points = Points::default();
        let has_lists = markdown.lines().any(|line| item(line).is_some());
        for line in markdown.lines() {
            if let Some(heading) = heading(line) {
                points.end();
                points.is_false_positive = heading.to_lowercase().contains("false positive");
            } else if line.trim().is_empty() {
                points.end();
            } else if let Some(text) = item(line) {
                points.end();
                points.open = text.to_owned();
            } else if !points.open.is_empty() {
                points.open.push(' ');
                points.open.push_str(line.trim());
            } else if !has_lists {
                points.open = line.trim().to_owned();
            }
        }
        points.end();
        points.note
    }
}

#[derive(Default)]
struct Points {
    note: Note,
    open: String,
    is_false_positive: bool,
}

impl Points {
    fn end(&mut self) {
        let point = std::mem::take(&mut self.open);
        // A bullet alone says nothing.
        if point.contains(char::is_alphanumeric) {
            match self.is_false_positive {
                true => self.note.false_positives.push(point),
                false => self.note.next_steps.push(point),
            }
        }
    }
}

/// `### Heading ###` or a line that is all bold.
fn heading(line: &str) -> Option<&str> {
    let line = line.trim();
    let bold = line.strip_prefix("**").and_then(|line| line.strip_suffix("**"));
    bold.or_else(|| line.strip_prefix('#')).map(|heading| heading.trim_matches(['#', ' ']))
}

/// `- point`, `* point`, `• point` or `1. point`.
fn item(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let bullet = ["- ", "* ", "• "].iter().find_map(|bullet| line.strip_prefix(bullet));
    let text = bullet.or_else(|| {
        line.split_once(". ").filter(|(number, _)| is_number(number)).map(|(_, text)| text)
    });
    text.map(str::trim).filter(|text| !text.is_empty())
}

fn is_number(text: &str) -> bool {
    (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(markdown: &str, next_steps: &[&str], false_positives: &[&str]) {
        let note = Note::of(markdown);
        assert_eq!(note.next_steps, next_steps);
        assert_eq!(note.false_positives, false_positives);
    }

    #[test]
    fn the_points_of_a_note_are_those_of_its_lists() {
        check(
            "## Triage\n\nAn introduction.\n- Look at the port,\n  and at the host.\n* Ask.\n\n\
             ### False positive analysis ###\n- A backup.\n\n**Response**\n1. Isolate it.\n",
            &["Look at the port, and at the host.", "Ask.", "Isolate it."],
            &["A backup."],
        );
    }

    #[test]
    fn a_note_without_lists_is_its_paragraphs() {
        check("# Guide\nLook at\nthe port.\n\nAsk.", &["Look at the port.", "Ask."], &[]);
        check("", &[], &[]);
        check("- \n#\n****\n", &[], &[]);
    }
}
