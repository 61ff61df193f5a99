//! A file of which one process is the only one, as long as all ask.
//!
//! An open file comes in; whether it is this process's goes out. The lock ends with the process,
//! however that ends, so one that was just killed may be about to let go of it: that is waited for.

use std::io;
use std::os::fd::AsFd;
use std::thread;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

/// How often it is tried.
const TRIES: u32 = 20;

/// Takes the lock of a file, with pauses like this between the tries; whether nobody else has it.
pub fn lock(file: impl AsFd, pause: Duration) -> io::Result<bool> {
    for _ in 0..TRIES {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(true),
            Err(Errno::WOULDBLOCK | Errno::INTR) => thread::sleep(pause),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    #[test]
    fn one_has_it_and_another_when_that_one_lets_go() {
        let pause = Duration::from_millis(5);
        let path = tempfile::NamedTempFile::new().unwrap();
        let [first, second] = [(), ()].map(|()| File::open(path.path()).unwrap());
        assert!(lock(&first, pause).unwrap());
        assert!(!lock(&second, Duration::ZERO).unwrap());
        let waiting = thread::spawn(move || lock(&second, pause).unwrap());
        drop(first);
        assert!(waiting.join().unwrap());
    }
}
