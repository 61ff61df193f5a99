//! The frame of the last line, which most often is that of the next one too: an event has four
//! records on average, and they stand together.

use super::kind::Kind;
use super::line::Line;

/// The frame of the last line.
#[derive(Debug, Default)]
pub struct LastFrame {
    /// `node=… `, or nothing.
    prefix: Vec<u8>,
    /// `msg=audit(…)`.
    frame: Vec<u8>,
    /// The place of its draft in the batch, and the number of its node there.
    draft: usize,
    is_known: bool,
}

impl LastFrame {
    /// The draft that the last line's record went to.
    pub fn draft(&self) -> usize {
        self.draft
    }

    /// Forgets the last line.
    pub fn forget(&mut self) {
        self.is_known = false;
    }

    /// The kind and the body of a line, if it has the same frame as the last one. What follows the
    /// line is not looked at, except that the body reaches to the end of `text`.
    #[inline]
    pub fn read<'a>(&self, text: &'a [u8]) -> Option<(Kind, &'a [u8])> {
        if !self.is_known {
            return None;
        }
        // Comparing with nothing is not free: the C library does it by a masked load from nowhere.
        let rest = if self.prefix.is_empty() { text } else { text.strip_prefix(&self.prefix[..])? };
        let (kind, rest) = Kind::leading(rest.strip_prefix(b"type=")?)?;
        let body = behind(rest, &self.frame)?;
        let body = body.strip_prefix(b":").unwrap_or(body);
        let blanks = body.iter().take_while(|b| **b == b' ').count();
        Some((kind, &body[blanks..]))
    }

    /// Remembers the frame of a line, which its body ends, and the draft that its record went to.
    pub fn note(&mut self, text: &[u8], line: &Line<'_>, draft: usize) {
        let prefix = line.node.map_or(0, |node| b"node= ".len() + node.len());
        let kind_end = prefix + b"type=".len() + line.kind_text.len();
        let body_at = text.len() - line.body.len();
        let Some(frame) = text.get(kind_end + 1..body_at) else { return };
        let Some(end) = memchr::memchr(b')', frame) else { return };
        self.prefix.clear();
        self.prefix.extend_from_slice(&text[..prefix]);
        self.frame.clear();
        self.frame.extend_from_slice(&frame[..=end]);
        self.draft = draft;
        self.is_known = true;
    }
}

/// What follows the frame, if the text begins with it. Most frames have 32 to 40 bytes, which are
/// compared in two steps of a size that the compiler knows.
#[inline]
fn behind<'a>(text: &'a [u8], frame: &[u8]) -> Option<&'a [u8]> {
    let length = frame.len();
    if let (Some((start, _)), Some((same_start, _))) =
        (text.split_first_chunk::<32>(), frame.split_first_chunk::<32>())
        && length <= 40
        && text.len() >= length
    {
        let end: Option<&[u8; 8]> = text[..length].last_chunk();
        return (start == same_start && end == frame.last_chunk()).then(|| &text[length..]);
    }
    text.strip_prefix(frame)
}
