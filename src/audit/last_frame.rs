//! The frame of the last line, which most often is that of the next one too: an event has four
//! records on average, and they stand together.
//!
//! Text comes in that begins with a line; the line's [`Frame`] goes out, as far as it can be told
//! without knowing where the line ends, so that the search for its end begins behind the frame.

use super::kind::Kind;
use super::line::{Line, UsualFrame};

/// The frame of a line, as far as it can be told before the line's end is known.
#[derive(Debug)]
pub enum Frame {
    /// The same as the last line's; the body begins there.
    #[allow(missing_docs)]
    Last { kind: Kind, body: usize },
    /// Another that stands alone before its body.
    Usual(UsualFrame),
    /// Any other, or none.
    Other,
}

/// The frame of the last line.
#[derive(Debug, Default)]
pub struct LastFrame {
    /// `node=… `, mostly nothing.
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
        self.prefix.clear();
    }

    /// Reads the frame of the line that the text begins with.
    #[inline]
    pub fn read(&self, text: &[u8]) -> Frame {
        let prefix = &self.prefix[..];
        // Comparing with nothing is not free: the C library does it by a masked load from nowhere.
        let behind = if prefix.is_empty() { Some(text) } else { text.strip_prefix(prefix) };
        let kind = behind.and_then(|text| Kind::leading(text.strip_prefix(b"type=")?));
        let Some((kind, rest)) = kind else { return Frame::Other };
        if let Some(body) = self.body(rest) {
            return Frame::Last { kind, body: text.len() - body.len() };
        }
        let usual = if prefix.is_empty() { UsualFrame::of(text, kind, rest) } else { None };
        usual.map_or(Frame::Other, Frame::Usual)
    }

    /// The body of a line, of which this is what follows the kind, if it has the same frame as the
    /// last one. What follows the line is not looked at, except that the body reaches as far.
    #[inline]
    fn body<'a>(&self, rest: &'a [u8]) -> Option<&'a [u8]> {
        if !self.is_known {
            return None;
        }
        let body = behind(rest, &self.frame)?;
        let body = body.strip_prefix(b":").unwrap_or(body);
        let blanks = body.iter().take_while(|b| **b == b' ').count();
        Some(&body[blanks..])
    }

    /// Remembers a frame that nothing stands before, and the draft that its record went to.
    #[inline]
    pub fn note_alone(&mut self, frame: &[u8], draft: usize) {
        self.prefix.clear();
        self.frame.clear();
        self.frame.extend_from_slice(frame);
        self.draft = draft;
        self.is_known = true;
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
