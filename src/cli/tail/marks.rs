//! How long a file is that is written to, and how it is known again.
//!
//! A number of an inode is given again to the next file, and a file grows when others write to it.
//! So a file is known by the bytes before the length that it had, and what stands behind that is
//! looked at before it is taken for ours.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom};
use std::os::fd::BorrowedFd;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use crate::store::OutputMark;

/// How many bytes are remembered.
const TAIL: u64 = 512;

/// The mark of an open file as if it were so long; none if it is no file, or cannot be read.
pub fn of(name: &str, path: &Path, file: &File, length: u64) -> Option<OutputMark> {
    let about = file.metadata().ok().filter(fs::Metadata::is_file)?;
    let length = length.min(about.len());
    let mut tail = vec![0; TAIL.min(length) as usize];
    let from = length - tail.len() as u64;
    file.read_exact_at(&mut tail, from).ok()?;
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    Some(OutputMark {
        name: name.to_string(),
        path: path.into_os_string().into_vec(),
        device: about.dev(),
        inode: about.ino(),
        length,
        tail,
    })
}

/// The path that a mark names.
pub fn path(mark: &OutputMark) -> PathBuf {
    PathBuf::from(std::ffi::OsString::from_vec(mark.path.clone()))
}

/// The file of a mark, which may have another name in the same folder by now.
pub fn file_of(path: &Path, mark: &OutputMark) -> Option<File> {
    let is_alike = |about: &fs::Metadata| (about.dev(), about.ino()) == (mark.device, mark.inode);
    let opened = |path: PathBuf| {
        // Nothing but a file is opened: a pipe would be waited for.
        fs::metadata(&path).ok().filter(|about| about.is_file() && is_alike(about))?;
        let file = OpenOptions::new().read(true).write(true).open(path).ok()?;
        (file.metadata().is_ok_and(|about| is_alike(&about)) && fits(&file, mark)).then_some(file)
    };
    let named = [path.to_path_buf(), self::path(mark)].into_iter().find_map(opened);
    named.or_else(|| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut beside = fs::read_dir(folder.unwrap_or(Path::new("."))).ok()?.flatten();
        beside.find_map(|entry| {
            let is_alike = entry.metadata().is_ok_and(|about| is_alike(&about));
            if is_alike { opened(entry.path()) } else { None }
        })
    })
}

/// Whether what stood before the length still does. A mark that knows nothing of what stood there
/// fits no file that had something in it.
fn fits(file: &File, mark: &OutputMark) -> bool {
    let mut there = vec![0; mark.tail.len()];
    let from = mark.length.checked_sub(there.len() as u64);
    from.is_some_and(|from| {
        (mark.length == 0 || !there.is_empty())
            && file.read_exact_at(&mut there, from).is_ok()
            && there == mark.tail
    })
}

/// Has what is written to a file be there when the machine has lost its power. What can promise
/// nothing of the kind says so, and is no failure.
pub fn settle(file: BorrowedFd<'_>) -> io::Result<()> {
    match rustix::fs::fdatasync(file) {
        Ok(()) | Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Whether the file at a path is this one.
pub fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::metadata(path)) {
        (Ok(open), Ok(named)) => (open.dev(), open.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

/// Calls for each line of a file behind a place; where the last begins if it has no end, and what
/// there is of it.
pub fn each_line(
    file: &File,
    from: u64,
    tell: &mut dyn FnMut(&[u8]),
) -> io::Result<Option<(u64, Vec<u8>)>> {
    let mut reader = BufReader::new(file);
    let mut at = reader.seek(SeekFrom::Start(from))?;
    let mut line = Vec::new();
    loop {
        line.clear();
        let count = reader.read_until(b'\n', &mut line)? as u64;
        if count == 0 {
            return Ok(None);
        }
        if line.last() != Some(&b'\n') {
            return Ok(Some((at, line)));
        }
        tell(&line);
        at += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_while_it_grows_and_no_other_of_the_same_number_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "one\n").unwrap();
        let file = File::open(&path).unwrap();
        let mark = of("connections", &path, &file, 4).unwrap();
        fs::write(&path, "one\ntwo\n").unwrap();
        assert!(file_of(&path, &mark).is_some());
        let renamed = folder.path().join("file.1");
        fs::rename(&path, &renamed).unwrap();
        assert!(file_of(&path, &mark).is_some_and(|found| is_at(&found, &renamed)));
        // Written anew it is another, though it has the same number.
        fs::write(&renamed, "another's words, and many of them\n").unwrap();
        assert!(file_of(&path, &mark).is_none());
        // What was saved by an earlier version fits nothing.
        fs::write(&renamed, "one\n").unwrap();
        assert!(file_of(&path, &mark).is_some());
        assert!(file_of(&path, &OutputMark { tail: Vec::new(), ..mark }).is_none());
    }
}
