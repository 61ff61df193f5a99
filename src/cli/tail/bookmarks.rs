//! Between where a follower is and what the state keeps of it.

use crate::input::follow::{Mark, Position};
use crate::store::{Bookmark, FileMark};

/// The position that a bookmark tells of.
pub fn position(mark: &Bookmark) -> Position {
    let file = |file: &FileMark| Mark {
        device: file.device,
        inode: file.inode,
        head: file.head.clone(),
        tail: file.tail.clone(),
        offset: file.read_to,
    };
    Position { files: mark.files.iter().map(file).collect() }
}

/// The same as the state keeps it.
pub fn files(position: Position) -> Vec<FileMark> {
    let file = |mark: Mark| FileMark {
        device: mark.device,
        inode: mark.inode,
        head: mark.head,
        tail: mark.tail,
        read_to: mark.offset,
    };
    position.files.into_iter().map(file).collect()
}
