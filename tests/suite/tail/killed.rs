//! Killed at random while the log grows and is rotated, and started again each time: in the end
//! there is every connection and every alert once, and they are those of a replay.

use std::time::Duration;

use super::days;
use super::run::{Folder, Run, TOLD};
use crate::scenario::dice::Dice;

/// How often it is killed.
const KILLS: u64 = 50;
/// How large the log becomes before it is rotated.
const LARGEST: usize = 150_000;

#[test]
fn killed_at_any_moment_it_tells_of_everything_once() {
    let seed = std::env::var("ODDSOCK_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let mut dice = Dice::new(seed, "kills");
    let folder = Folder::new();
    let log = days::log(140, seed);
    let (mut written, mut in_file, mut killed) = (0, 0, 0);
    let mut run: Option<Run> = None;
    folder.append(b"");
    while written < log.len() || killed < KILLS {
        if run.is_none() {
            run = Some(folder.tail(&TOLD));
        }
        let steps = 2 + dice.below(12);
        for _ in 0..steps {
            let left = log.len() - written;
            let more = (dice.below(2 * log.len() as u64 / KILLS / 8) as usize).min(left);
            folder.append(&log.as_bytes()[written..written + more]);
            written += more;
            in_file += more;
            // auditd writes whole lines, and so the last one is ended before the next file.
            if in_file > LARGEST && written < log.len() {
                let end = log[written..].find('\n').map_or(0, |at| at + 1);
                folder.append(&log.as_bytes()[written..written + end]);
                written += end;
                in_file = 0;
                folder.rotate();
            }
            std::thread::sleep(Duration::from_millis(dice.below(60)));
        }
        if let Some(run) = run.take() {
            run.kill();
            killed += 1;
        }
    }
    let run = folder.tail(&TOLD);
    let (connections, alerts) = folder.everything_once(run);
    assert!(alerts > 5, "there is something to tell of");
    eprintln!("killed {killed} times; {alerts} alerts, {connections} connections");
}
