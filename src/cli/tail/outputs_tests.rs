use std::fs;

use super::*;

fn line(id: &str) -> Vec<u8> {
    format!("{{\"@timestamp\":\"0\",\"event.id\":\"{id}\",\"x\":1}}\n").into_bytes()
}

fn lines(ids: &[&str]) -> Vec<u8> {
    ids.iter().flat_map(|id| line(id)).collect()
}

fn tell(connections: &mut Connections, ids: &[&str]) {
    ids.iter().for_each(|id| connections.add(|out| out.extend(line(id))));
    connections.flush(0);
}

/// A file with these lines, and the mark of its first two.
fn marked(path: &Path, ids: &[&str]) -> OutputMark {
    fs::write(path, lines(&ids[..2])).unwrap();
    let file = File::open(path).unwrap();
    let mark = marks::of("connections", path, &file, file.metadata().unwrap().len()).unwrap();
    fs::write(path, lines(ids)).unwrap();
    mark
}

#[test]
fn connections_behind_the_last_save_are_not_written_again_under_whatever_name() {
    let folder = tempfile::tempdir().unwrap();
    let [path, renamed] = ["file", "file.1"].map(|name| folder.path().join(name));
    let mark = marked(&path, &["1", "2", "3", "4"]);
    tell(&mut Connections::open(&path, Some(&mark)).unwrap(), &["3", "4", "5"]);
    assert_eq!(fs::read(&path).unwrap(), lines(&["1", "2", "3", "4", "5"]));
    fs::rename(&path, &renamed).unwrap();
    fs::write(&path, line("6")).unwrap();
    tell(&mut Connections::open(&path, Some(&mark)).unwrap(), &["3", "4", "5", "6", "7"]);
    assert_eq!(fs::read(&renamed).unwrap(), lines(&["1", "2", "3", "4", "5"]));
    assert_eq!(fs::read(&path).unwrap(), lines(&["6", "7"]));
}

#[test]
fn what_others_have_written_stays_and_half_a_line_of_ours_goes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let mark = marked(&path, &["1", "2", "other's", "3"]);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, [&whole[..], &line("4")[..20]].concat()).unwrap();
    tell(&mut Connections::open(&path, Some(&mark)).unwrap(), &["3", "4"]);
    assert_eq!(fs::read(&path).unwrap(), lines(&["1", "2", "other's", "3", "4"]));
    // A file that only has the number of ours is added to.
    for others in [&b"precious\n".repeat(99)[..], &b"no end".repeat(99)] {
        fs::write(&path, others).unwrap();
        tell(&mut Connections::open(&path, Some(&mark)).unwrap(), &["5"]);
        let there = fs::read(&path).unwrap();
        assert!(there.starts_with(others) && there.ends_with(&line("5")));
        assert!(there[..there.len() - line("5").len()].ends_with(b"\n"));
    }
}

#[test]
fn killed_again_before_all_has_come_again_it_still_knows_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let mark = marked(&path, &["1", "2", "3", "4"]);
    let mut connections = Connections::open(&path, Some(&mark)).unwrap();
    tell(&mut connections, &["3"]);
    connections.hear(0, false, false);
    let mark = connections.mark().unwrap().unwrap();
    drop(connections);
    let mut connections = Connections::open(&path, Some(&mark)).unwrap();
    tell(&mut connections, &["4", "5"]);
    assert_eq!(fs::read(&path).unwrap(), lines(&["1", "2", "3", "4", "5"]));
    // Once all that was there is told of, what else is there is no matter any more.
    connections.hear(0, true, true);
    assert!(connections.mark().unwrap().unwrap().length > mark.length);
}

#[test]
fn a_second_one_is_refused_and_is_not_once_the_first_has_ended() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let first = Connections::open(&path, None).unwrap();
    let refused = Connections::open(&path, None).err().unwrap();
    let Hindrance::Passing(refused) = refused else { panic!("the first will end: {refused}") };
    assert!(refused.contains("another oddsock writes to it"), "{refused}");
    drop(first);
    assert!(Connections::open(&path, None).is_ok());
}

#[test]
fn an_event_is_known_by_its_name_to_the_last_character() {
    assert_eq!(name_of(&line("a\\\"b:1.2:3")), Some(&b"a\\\"b:1.2:3"[..]));
    assert_eq!(name_of(&line("a\\\\")), Some(&b"a\\\\"[..]));
    assert_eq!(name_of(b"{\"@timestamp\":\"0\",\"x\":\"\\\"event.id\\\":\\\"1\"}"), None);
    assert_eq!(name_of(b"another \"event.id\":\"1\""), None);
}

#[test]
fn what_cannot_be_written_is_bounded_and_no_line_is_broken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.is_ok_and(|status| status.success()));
    let mut connections = Connections::open(&path, None).unwrap();
    let mut reader = File::options().read(true).write(true).open(&path).unwrap();
    let name = "n".repeat(9_000);
    let number = 2 * MOST_WAITING / name.len();
    for at in 0..number {
        connections.add(|out| out.extend(line(&format!("{at}{name}"))));
        if at % 100 == 0 {
            connections.flush(0);
        }
    }
    assert!(connections.full().is_some() && connections.dropped > 0);
    assert!(connections.lines.len() < 2 * MOST_WAITING);
    let (mut read, mut whole) = (vec![0; 1 << 16], Vec::new());
    connections.flush(0);
    while connections.unwritten() > 0 && whole.len() < 4 << 20 {
        let count = std::io::Read::read(&mut reader, &mut read).unwrap();
        whole.extend_from_slice(&read[..count]);
        connections.flush(0);
    }
    let end = memrchr(b'\n', &whole).unwrap();
    let broken = whole[..end].split(|byte| *byte == b'\n').filter(|line| name_of(line).is_none());
    assert_eq!(broken.count(), 0);
    assert!(connections.mark().unwrap().is_none());
}
