//! Alerts on their way to others: what kills, dead servers and full disks do to them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread::{self, sleep};
use std::time::{Duration, Instant};
use std::{env, fs};

use oddsock::deliver::{self, Destination, Now, Office, Post};
use oddsock::service::{Allowed, Exposition, Page, Place, confine};
use oddsock::store::{Letter, Room, Store};
use proptest::prelude::*;

/// Names the folder in which a child delivers until it is killed.
const FOLDER: &str = "ODDSOCK_TEST_DELIVERS";

/// Which test that child runs.
const TEST: &str = "killed_at_any_moment_a_file_has_each_alert_once_and_syslog_at_least_once";

fn letters(number: usize) -> Vec<Letter> {
    let letter = |number: usize| Letter {
        id: format!("{number:016x}"),
        time: 0,
        severity: 21,
        score: 50.0,
        sentence: format!("unusual [{number:016x}]"),
        document: format!("{{\"event.id\":\"{number:016x}\",\"x\":\"{}\"}}", "y".repeat(300)),
    };
    (0..number).map(letter).collect()
}

/// When two clocks agree.
fn at(millis: u64) -> Now {
    Now { clock: millis, goes_on: millis }
}

fn destinations(folder: &Path) -> Vec<Destination> {
    let file = loop {
        match deliver::file(&folder.join("alerts")) {
            Ok(file) => break file,
            // The one that was killed has not let go of it yet.
            Err(_) => sleep(Duration::from_millis(1)),
        }
    };
    vec![file, deliver::syslog(&folder.join("log"))]
}

fn deliver(folder: &Path, patience: Duration) {
    let mut store = Store::open(&folder.join("state")).unwrap();
    let mut office = Office::new(destinations(folder));
    office.start().unwrap();
    let start = Instant::now();
    for now in 0.. {
        // Pauses are over at once.
        office.turn(&mut store, at(now * 3_600_000)).unwrap();
        let is_done = store.backlogs().unwrap().iter().all(|backlog| backlog.letters == 0);
        if is_done || start.elapsed() > patience {
            break;
        }
        sleep(Duration::from_millis(1));
    }
}

#[test]
fn killed_at_any_moment_a_file_has_each_alert_once_and_syslog_at_least_once() {
    const ROUNDS: usize = 60;
    const EACH: usize = 400;
    if let Some(folder) = env::var_os(FOLDER) {
        return deliver(Path::new(&folder), Duration::from_secs(60));
    }
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().canonicalize().unwrap();
    let daemon = UnixDatagram::bind(folder.join("log")).unwrap();
    daemon.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let heard = thread::spawn(move || {
        let mut times: BTreeMap<String, u32> = BTreeMap::new();
        let mut line = [0; 4096];
        while let Ok(length) = daemon.recv(&mut line) {
            let line = String::from_utf8_lossy(&line[..length]).into_owned();
            let id = line.rsplit('[').next().unwrap_or_default().trim_end_matches(']');
            if id == "end" {
                break;
            }
            *times.entry(id.to_owned()).or_default() += 1;
        }
        times
    });
    let all = letters(ROUNDS * EACH);
    let mut kills = 0;
    for round in 0..ROUNDS {
        let mut store = Store::open(&folder.join("state")).unwrap();
        let keys = Office::new(destinations(&folder)).keys().to_vec();
        store.post(&keys, &all[round * EACH..][..EACH], Room::default()).unwrap();
        drop(store);
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", &format!("deliveries::{TEST}"), "--test-threads=1"])
            .env(FOLDER, &folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        sleep(Duration::from_millis(15 + round as u64 * 7 % 40));
        if child.try_wait().unwrap().is_none() {
            child.kill().unwrap();
            kills += 1;
        }
        child.wait().unwrap();
    }
    deliver(&folder, Duration::from_secs(60));
    println!("killed {kills} times");
    let written = fs::read_to_string(folder.join("alerts")).unwrap();
    let expected: String = all.iter().map(|letter| letter.document.clone() + "\n").collect();
    assert!(written == expected, "{} lines, wanted {}", written.lines().count(), all.len());
    UnixDatagram::unbound().unwrap().send_to(b"[end]", folder.join("log")).unwrap();
    let times = heard.join().unwrap();
    assert_eq!(times.len(), all.len());
    println!("{} alerts came twice to syslog", times.values().filter(|times| **times > 1).count());
}

#[test]
fn a_server_that_never_answers_stops_neither_the_caller_nor_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", server.local_addr().unwrap());
    let mut store = Store::open(&folder.path().join("state")).unwrap();
    let path = folder.path().join("alerts");
    let post = deliver::post(&Post { url, ..Post::default() }).unwrap();
    let mut office = Office::new(vec![post, deliver::file(&path).unwrap()]);
    office.start().unwrap();
    let start = Instant::now();
    store.post(office.keys(), &letters(500), Room::default()).unwrap();
    for now in 0..400 {
        office.turn(&mut store, at(now)).unwrap();
        sleep(Duration::from_millis(1));
    }
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 500);
    let waiting: u64 = store.backlogs().unwrap().iter().map(|backlog| backlog.letters).sum();
    assert_eq!(waiting, 500, "what the server did not take is kept");
}

#[test]
fn on_a_full_disk_alerts_wait_and_are_whole_when_there_is_room_again() {
    let folder = tempfile::tempdir().unwrap();
    let disk = folder.path().join("disk");
    fs::create_dir(&disk).unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
        .arg(&disk)
        .output()
        .is_ok_and(|done| done.status.success());
    if !mounted {
        return println!("left out: a small disk takes root and mount");
    }
    let mut store = Store::open(&folder.path().join("state")).unwrap();
    fs::write(disk.join("ballast"), vec![b'x'; 50_000]).unwrap();
    let mut office = Office::new(vec![deliver::file(&disk.join("alerts")).unwrap()]);
    office.start().unwrap();
    store.post(office.keys(), &letters(100), Room::default()).unwrap();
    let patience = Duration::from_secs(10);
    let told = office.finish(&mut store, &|| at(0), patience).unwrap();
    let is_said = told.iter().any(|sentence| sentence.contains("No space left"));
    fs::remove_file(disk.join("ballast")).unwrap();
    for hour in 1..5 {
        office.finish(&mut store, &|| at(hour * 3_600_000), patience).unwrap();
    }
    let written = fs::read_to_string(disk.join("alerts")).unwrap();
    drop(office);
    let expected: String = letters(100).iter().map(|l| l.document.clone() + "\n").collect();
    let unmounted = (0..100).any(|_| {
        sleep(Duration::from_millis(20));
        Command::new("umount").arg(&disk).output().is_ok_and(|done| done.status.success())
    });
    assert!(is_said, "{told:?}");
    assert!(written == expected, "{} lines", written.lines().count());
    assert!(unmounted);
}

/// What a service does, after it has locked itself in: it finds a name, posts by TLS or without,
/// writes to a file that is rotated meanwhile, saves, and shows figures.
fn confined(folder: &Path) {
    let url = env::var("URL").unwrap();
    let alerts = folder.join("out/alerts");
    let post = deliver::post(&Post { url, ..Post::default() }).unwrap();
    let destinations = vec![deliver::file(&alerts).unwrap(), post];
    let mut allowed = Allowed { write: vec![folder.join("state")], ..Allowed::default() };
    for needs in destinations.iter().map(|destination| &destination.needs) {
        allowed.write.extend(needs.folder.clone());
        allowed.ports.extend(needs.port);
    }
    let place = Place::File(folder.join("out/oddsock.prom"));
    let metrics = Exposition::open(&place).unwrap();
    let mut store = Store::open(&folder.join("state/state.db")).unwrap();
    let mut office = Office::new(destinations);
    println!();
    confine(&allowed).iter().for_each(|unable| println!("unable {unable}"));
    office.start().unwrap();
    let all = letters(4);
    let patience = Duration::from_secs(10);
    store.post(office.keys(), &all[..2], Room::default()).unwrap();
    office
        .finish(&mut store, &|| at(0), patience)
        .unwrap()
        .iter()
        .for_each(|told| println!("{told}"));
    fs::rename(&alerts, folder.join("out/alerts.1")).unwrap();
    office.reopen();
    store.post(office.keys(), &all[2..], Room::default()).unwrap();
    let told = office.finish(&mut store, &|| at(400_000), patience).unwrap();
    told.iter().for_each(|told| println!("{told}"));
    metrics.show(&Page::default()).unwrap();
    println!("waiting {:?}", store.backlogs().unwrap().iter().map(|b| b.letters).sum::<u64>());
}

#[test]
fn everything_arrives_also_when_the_process_has_locked_itself_in() {
    if let Some(folder) = env::var_os(FOLDER) {
        return confined(Path::new(&folder));
    }
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().canonicalize().unwrap();
    for name in ["state", "out"] {
        fs::create_dir(folder.join(name)).unwrap();
    }
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in server.incoming() {
            let mut stream = stream.unwrap();
            // Headers and body are sent by one write or two; an answer may come before all is read.
            let mut question = [0; 65_536];
            let _ = stream.read(&mut question);
            let _ = stream.write_all(b"HTTP/1.1 204 Fine\r\nConnection: close\r\n\r\n");
            let _ = stream.read(&mut question);
        }
    });
    let test = "deliveries::everything_arrives_also_when_the_process_has_locked_itself_in";
    let child = Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--test-threads=1", "--nocapture"])
        .env(FOLDER, &folder)
        .env("URL", format!("http://localhost:{port}/hook"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout).into_owned();
    assert!(child.status.success() && said.contains("\nwaiting 0\n"), "{said}");
    let written = |name: &str| fs::read_to_string(folder.join(name)).unwrap().lines().count();
    assert_eq!((written("out/alerts.1"), written("out/alerts")), (2, 2));
    assert!(folder.join("out/oddsock.prom").exists());
}

/// What a server does with a request that it has read.
#[derive(Clone, Copy, Debug)]
enum Mood {
    Takes,
    TakesAndHangsUp,
    TakesEverySecond,
    Fails,
    Garbage,
    Redirects,
}

/// A `_bulk` endpoint in these moods, and then in a good one: what it was sent and has taken.
fn moody(moods: Vec<Mood>, taken: mpsc::Sender<String>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut moods = moods.into_iter();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let ids = asked(&mut stream);
            let mood = moods.next().unwrap_or(Mood::Takes);
            let is_taken = |at: usize| match mood {
                Mood::Takes | Mood::TakesAndHangsUp => true,
                Mood::TakesEverySecond => at.is_multiple_of(2),
                Mood::Fails | Mood::Garbage | Mood::Redirects => false,
            };
            let mut items = Vec::new();
            for (at, id) in ids.iter().enumerate() {
                if is_taken(at) && taken.send(id.clone()).is_err() {
                    return;
                }
                let status = if is_taken(at) { 201 } else { 503 };
                items.push(format!("{{\"create\":{{\"status\":{status}}}}}"));
            }
            let (status, body) = match mood {
                Mood::TakesAndHangsUp => continue,
                Mood::Takes | Mood::TakesEverySecond => {
                    ("200 OK", format!("{{\"items\":[{}]}}", items.join(",")))
                }
                Mood::Fails => ("503 No", String::new()),
                Mood::Garbage => ("200 OK", "{\"items\":".to_owned()),
                Mood::Redirects => ("302 There\r\nLocation: http://192.0.2.1/", String::new()),
            };
            let length = body.len();
            let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n");
            let _ = write!(stream, "{head}Connection: close\r\n\r\n{body}");
        }
    });
    port
}

/// The ids in a request.
fn asked(stream: &mut std::net::TcpStream) -> Vec<String> {
    let mut reader = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
        let lower = line.to_ascii_lowercase();
        if let Some(number) = lower.strip_prefix("content-length:") {
            length = number.trim().parse().unwrap();
        }
        line.clear();
    }
    let mut body = vec![0; length];
    let _ = reader.read_exact(&mut body);
    let body = String::from_utf8_lossy(&body).into_owned();
    let actions = body.lines().step_by(2);
    actions.map(|action| action.split('"').nth(5).unwrap_or_default().to_owned()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever a server does, and in whatever order, it has each alert in the end.
    #[test]
    fn any_order_of_a_server_s_failures_delivers_each_alert(
        moods in prop::collection::vec(prop_oneof![
            Just(Mood::Takes), Just(Mood::TakesAndHangsUp), Just(Mood::TakesEverySecond),
            Just(Mood::Fails), Just(Mood::Garbage), Just(Mood::Redirects),
        ], 0..10),
        batches in prop::collection::vec(1..6_usize, 1..6),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let (taken, heard) = mpsc::channel();
        let number = moods.len() as u64;
        let url = format!("http://127.0.0.1:{}/_bulk", moody(moods, taken));
        let mut store = Store::open(&folder.path().join("state")).unwrap();
        let post = deliver::post(&Post { url, ..Post::default() }).unwrap();
        let mut office = Office::new(vec![post]);
        office.start().unwrap();
        let all = letters(batches.iter().sum());
        let mut rest = &all[..];
        for hour in 0..batches.len() as u64 + number + 1 {
            let (now, later) =
                rest.split_at(batches.get(hour as usize).map_or(0, |batch| *batch));
            store.post(office.keys(), now, Room::default()).unwrap();
            rest = later;
            office.finish(&mut store, &|| at(hour * 3_600_000), Duration::from_secs(10)).unwrap();
        }
        prop_assert_eq!(store.backlogs().unwrap().len(), 0);
        let heard: BTreeSet<String> = heard.try_iter().collect();
        let wanted: BTreeSet<String> = all.iter().map(|letter| letter.id.clone()).collect();
        prop_assert_eq!(heard, wanted);
    }
}
