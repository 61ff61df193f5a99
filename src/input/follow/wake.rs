//! What wakes a reader: the folder of a log says when something happens in it.
//!
//! A path comes in; out comes something to wait on. It only wakes earlier: network mounts tell
//! nothing, and folders come and go, so whoever waits looks now and then all the same.

use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use super::folder::{folder_of, place_of};
use rustix::fs::inotify::{self, CreateFlags, Reader, WatchFlags};

/// Wakes when something happens in the folder of a log, or in that of the file its link leads to.
pub struct Wake {
    events: OwnedFd,
    log: PathBuf,
}

impl Wake {
    /// One for the folder of a log; none where the kernel has no more to give.
    pub fn of(log: &Path) -> Option<Wake> {
        let flags = CreateFlags::NONBLOCK | CreateFlags::CLOEXEC;
        let wake = Wake { events: inotify::init(flags).ok()?, log: log.to_path_buf() };
        wake.watch();
        Some(wake)
    }

    /// Watches the folders that have the names now; they may be others than before.
    pub fn watch(&self) {
        let what = WatchFlags::MODIFY
            | WatchFlags::CREATE
            | WatchFlags::MOVE
            | WatchFlags::DELETE
            | WatchFlags::ATTRIB;
        let place = place_of(&self.log);
        for folder in [folder_of(&self.log), folder_of(&place)] {
            let _ = inotify::add_watch(&self.events, folder, what | WatchFlags::ONLYDIR);
        }
    }

    /// Forgets what has happened so far.
    pub fn clear(&self) {
        let mut room = [MaybeUninit::uninit(); 4096];
        let mut events = Reader::new(&self.events, &mut room);
        // More than that has happened only if more is happening.
        for _ in 0..10_000 {
            if events.next().is_err() {
                break;
            }
        }
    }
}

impl AsFd for Wake {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.events.as_fd()
    }
}
