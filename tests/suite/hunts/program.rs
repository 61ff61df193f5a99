//! The program: options, formats and statuses, and what is said beside the rows.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use serde_json::Value;

use crate::judged::scene::log;
use crate::place::Place;
use crate::shared::project;

/// What a run ended with.
pub use crate::place::Ran;

/// Runs `oddsock hunt`.
pub fn hunt(place: &Place, arguments: &[&str]) -> Ran {
    place.oddsock(&[&["hunt"], arguments].concat())
}

/// Ten days of a host.
fn place() -> Place {
    let place = Place::new();
    let scene = "
        web  nginx  10.0.0.5:443      every 60m
        web  nc     198.41.0.4:4444   day 1 10:07
        web  nc     198.41.0.4:4445   day 8 10:07
    ";
    place.write("audit.log", log(10, scene).as_bytes());
    place
}

const COUNT: &str =
    "from logs-* | where @timestamp > now() - 7 day | stats n = count(*) by process.name";

#[test]
fn the_status_tells_rows_from_none_from_mistakes_from_unreadable_parts() {
    let place = place();
    assert_eq!(hunt(&place, &["--query", COUNT, "audit.log"]).status, 0);
    let none = "from logs-* | where process.name == \"curl\"";
    assert_eq!(hunt(&place, &["--query", none, "audit.log"]).status, 1);
    assert_eq!(hunt(&place, &["--query", "from nonsense", "audit.log"]).status, 2);
    assert_eq!(hunt(&place, &["--query", COUNT, "not-there.log"]).status, 2);
    assert_eq!(hunt(&place, &["no_such_hunt", "audit.log"]).status, 2);
    let ran = hunt(&place, &[]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("name a hunt: low_volume_external_connections"), "{}", ran.err);
    assert_eq!(hunt(&place, &["--query", COUNT, "audit.log", "not-there.log"]).status, 3);
    let ran = hunt(&place, &["audit.log"]);
    assert!(ran.status == 2 && ran.err.contains("Name a hunt first"), "{}", ran.err);
    let ran = hunt(&place, &["low_volume_external_connection", "audit.log"]);
    assert!(ran.err.contains("built in is low_volume_external_connections"), "{}", ran.err);
}

#[test]
fn a_wrong_query_is_shown_with_a_mark_before_any_log_is_read() {
    let place = Place::new();
    let ran = hunt(&place, &["--query", "from logs-*\n| where process.nam == \"x\"", "nowhere"]);
    assert_eq!(
        ran.err,
        "oddsock: query:2:9: there is no column \"process.nam\" here; did you mean \
         \"process.name\"?\n  |\n2 | | where process.nam == \"x\"\n  |         ^^^^^^^^^^^\n"
    );
    assert_eq!((ran.status, &ran.out[..]), (2, ""));
}

#[test]
fn now_is_the_newest_event_unless_it_is_said() {
    let place = place();
    let rows = |arguments: &[&str]| {
        let ran = hunt(&place, &[&["--query", COUNT, "-f", "csv"], arguments].concat());
        ran.out.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(rows(&["audit.log"]), ["1,nc", "168,nginx"]);
    assert_eq!(rows(&["audit.log", "--now", "2024-01-11T00:00:00Z"]), ["1,nc", "167,nginx"]);
    assert_eq!(rows(&["audit.log", "--now", "2024-01-09"]), ["1,nc", "192,nginx"]);
    assert_eq!(rows(&["audit.log", "--now", "2024-03-01"]), Vec::<String>::new());
}

#[test]
fn packed_and_mixed_up_logs_have_the_same_newest_event() {
    let place = place();
    let plain = std::fs::read(place.folder.path().join("audit.log")).expect("a log");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&plain).expect("packed");
    place.write("packed/audit.log.gz", &packed.finish().expect("packed"));
    // The newest lines first, as tools that read backwards leave them.
    let text = String::from_utf8(plain).expect("text");
    let mut lines: Vec<&str> = text.lines().collect();
    lines.reverse();
    place.write("reversed.log", (lines.join("\n") + "\n").as_bytes());
    let expected = hunt(&place, &["--query", COUNT, "-f", "csv", "audit.log"]).out;
    for file in ["packed", "reversed.log"] {
        let ran = hunt(&place, &["--query", COUNT, "-f", "csv", file]);
        assert_eq!(ran.out, expected, "{file}: {}", ran.err);
    }
}

#[test]
fn a_pipe_can_be_hunted_as_long_as_now_does_not_depend_on_its_end() {
    let place = place();
    let piped = |log: &str, arguments: &[&str]| {
        let mut command = place.program(&["hunt", "-f", "csv"]);
        command.args(arguments).arg("-").stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it runs");
        child.stdin.take().expect("a pipe").write_all(log.as_bytes()).expect("written");
        Ran::of(&child.wait_with_output().expect("it ends"))
    };
    let week = log(6, "web nc 198.41.0.4:4444 daily 10:07");
    let ran = piped(&week, &["--query", COUNT]);
    assert_eq!(ran.out, "n,process.name\n6,nc\n", "{}", ran.err);
    let text = std::fs::read_to_string(place.folder.path().join("audit.log")).expect("a log");
    let ran = piped(&text, &["--query", COUNT]);
    assert_eq!((ran.status, &ran.out[..]), (2, ""));
    assert!(ran.err.contains("say --now TIME"), "{}", ran.err);
    let ran = piped(&text, &["--query", COUNT, "--now", "2024-01-11T00:00:00Z"]);
    assert_eq!(ran.out, "n,process.name\n1,nc\n167,nginx\n", "{}", ran.err);
    let ran = piped(&week, &["--query", COUNT, "--evidence"]);
    assert!(ran.status == 2 && ran.err.contains("second reading"), "{}", ran.err);
}

#[test]
fn each_row_can_be_opened() {
    let place = place();
    let query = "from logs-* | where process.name == \"nc\" | stats n = count(*) by destination.ip";
    let ran = hunt(&place, &["--query", query, "audit.log", "--evidence"]);
    assert_eq!(
        ran.out,
        "n  destination.ip\n2  198.41.0.4\n    \
         2024-01-02 10:07:00.035  web  root  nc[2035]  connection_attempted  198.41.0.4:4444  \
         success\n    \
         2024-01-09 10:07:00.204  web  root  nc[2204]  connection_attempted  198.41.0.4:4445  \
         success\n",
        "{}",
        ran.err
    );
    let ran = hunt(&place, &["--query", query, "audit.log", "--evidence=1", "-f", "ndjson"]);
    let rows = ran.documents();
    assert_eq!(rows[0]["oddsock.connections"], 2);
    assert_eq!(rows[0]["oddsock.evidence"].as_array().map(Vec::len), Some(1));
    assert_eq!(rows[0]["oddsock.evidence"][0]["destination.port"], 4444);
    let ran = hunt(&place, &["--query", query, "audit.log", "--evidence", "-f", "csv"]);
    let ids = "web:1704190020.035:1035;web:1704794820.204:1204";
    assert!(ran.out.ends_with(&format!("2,198.41.0.4,2,\"{ids}\"\n")), "{}", ran.out);
}

#[test]
fn a_column_has_the_name_of_its_field_in_csv_and_a_formula_is_none() {
    let place = place();
    let query =
        "from logs-* | sort @timestamp | limit 1 | eval `=1+1` = 2 | keep @timestamp, `=1+1`";
    let ran = hunt(&place, &["--query", query, "audit.log", "-f", "csv"]);
    assert_eq!(ran.out.lines().next(), Some("@timestamp,'=1+1"), "{}", ran.err);
}

#[test]
fn whoever_gives_a_query_where_a_hunt_is_named_is_told_where_it_goes() {
    let place = place();
    let said = |word| hunt(&place, &[word, "audit.log"]).err;
    let asked = said("from logs-* | limit 1");
    assert!(asked.contains("A query of your own is given with --query."), "{asked}");
    assert!(said("low_volume").contains("; built in is low_volume_external_connections."));
}

#[test]
fn rows_of_rows_are_opened_too() {
    let place = place();
    for (query, numbers) in [
        ("from logs-* | sort destination.port desc | limit 1 | keep destination.port", &[1][..]),
        ("from logs-* | where process.name == \"nc\" | keep process.name", &[1, 1]),
        ("from logs-* | stats n = count(*) by process.name | stats m = count(*) by n", &[2, 240]),
        ("from logs-* | stats n = count(*) by process.name | sort n desc | limit 1", &[240]),
        ("from logs-* | stats count(*)", &[242]),
    ] {
        let ran = hunt(&place, &["--query", query, "audit.log", "--evidence", "-f", "ndjson"]);
        let found: Vec<Value> =
            ran.documents().iter().map(|row| row["oddsock.connections"].clone()).collect();
        assert_eq!(found, numbers, "{query}: {}", ran.err);
    }
}

#[test]
fn formats_tell_the_same_rows() {
    let place = place();
    let query = "from logs-* | stats n = count(*), ports = values(destination.port), last = \
                 max(@timestamp), x = avg(user.id::long) by process.name, user.email";
    let out = |format: &str| hunt(&place, &["--query", query, "audit.log", "-f", format]).out;
    assert_eq!(
        out("table"),
        "  n       ports  last                       x  process.name  user.email\n  \
         2  4444, 4445  2024-01-09 10:07:00.204  0.0  nc            ?\n\
         240         443  2024-01-10 23:00:00.241  0.0  nginx         ?\n"
    );
    assert_eq!(
        out("csv"),
        "n,ports,last,x,process.name,user.email\n\
         2,\"4444;4445\",2024-01-09T10:07:00.204Z,0.0,nc,\n\
         240,443,2024-01-10T23:00:00.241Z,0.0,nginx,\n"
    );
    assert_eq!(
        out("ndjson"),
        "{\"n\":2,\"ports\":[4444,4445],\"last\":\"2024-01-09T10:07:00.204Z\",\"x\":0.0,\
         \"process.name\":\"nc\"}\n\
         {\"n\":240,\"ports\":443,\"last\":\"2024-01-10T23:00:00.241Z\",\"x\":0.0,\
         \"process.name\":\"nginx\"}\n"
    );
}

#[test]
fn names_made_to_do_harm_do_none() {
    let place = Place::new();
    let line = |name: &str, serial: u32| {
        let name: String = name.bytes().map(|byte| format!("{byte:02X}")).collect();
        format!(
            "type=SYSCALL msg=audit(1723819442.001:{serial}): arch=c000003e syscall=42 success=yes \
             exit=0 pid=1 uid=0 comm={name} exe=\"/x\"\n\
             type=SOCKADDR msg=audit(1723819442.001:{serial}): \
             saddr=020001BB5DB8D8220000000000000000\n"
        )
    };
    let log = line("=cmd|'/C calc'!A0", 1) + &line("\u{1b}[2J\n\"x\"", 2);
    place.write("audit.log", log.as_bytes());
    let query = "from logs-* | stats n = count(*) by process.name";
    for format in ["table", "csv", "ndjson"] {
        let ran = hunt(&place, &["--query", query, "audit.log", "-f", format, "--evidence"]);
        assert!(!ran.out.contains(['\u{1b}', '\r']), "{}", ran.out);
        let lines = if format == "table" { 5 } else { 2 + usize::from(format == "csv") };
        assert_eq!(ran.out.lines().count(), lines, "{}", ran.out);
        assert!(format != "csv" || ran.out.contains("'=cmd"), "{}", ran.out);
    }
}

#[test]
fn hunts_are_listed_and_their_text_is_a_hunt() {
    let place = place();
    let ran = place.oddsock(&["hunts", "list"]);
    assert!(ran.out.contains("low_volume_external_connections  2        T1071.001 T1071.004"));
    let shown = place.oddsock(&["hunts", "show", "12526f14-5e35-4f5f-884c-96c6a353a544"]);
    place.write("own.toml", shown.out.as_bytes());
    let own = hunt(&place, &["own.toml", "audit.log", "-f", "csv"]);
    let built_in = hunt(&place, &["low_volume_external_connections", "audit.log", "-f", "csv"]);
    assert_eq!(own.out, built_in.out);
    assert!(own.out.contains("1,1,1,nc"), "{}", own.out);
    assert_eq!(place.oddsock(&["hunts", "show", "nothing"]).status, 2);
}

#[test]
fn queries_of_another_kind_in_a_file_are_named_and_left_out() {
    let place = place();
    let file = "[hunt]\nname = \"Both\"\nlanguage = [\"ES|QL\", \"SQL\"]\nquery = [\n\
                '''sql\nfrom logs-endpoint.events.file-* | grok x\n''',\n\
                '''\nSELECT * FROM shadow\n''',\n\
                '''sql\nfrom logs-* | stats n = count(*)\n''']\n";
    place.write("both.toml", file.as_bytes());
    let ran = hunt(&place, &["both.toml", "audit.log", "-f", "ndjson"]);
    assert_eq!(
        ran.out, "{\"oddsock.hunt\":\"both\",\"oddsock.query\":3,\"n\":242}\n",
        "{}",
        ran.err
    );
    assert!(ran.err.contains("query 1 asks for events other than"), "{}", ran.err);
    assert!(ran.err.contains("query 2 is SQL"), "{}", ran.err);
}

#[test]
fn the_json_of_other_shippers_is_hunted_by_the_same_names() {
    let place = Place::new();
    let document = |name: &str, ip: &str| {
        format!(
            "{{\"@timestamp\":\"2024-08-16T14:44:02.001Z\",\"host\":{{\"name\":\"web01\",\
             \"os\":{{\"type\":\"linux\"}}}},\"agent\":{{\"id\":\"a1\"}},\"event\":{{\"category\":\
             [\"network\"],\"type\":[\"start\"],\"action\":\"connection_attempted\"}},\
             \"process\":{{\"name\":\"{name}\",\"entity_id\":\"e\"}},\
             \"destination\":{{\"ip\":\"{ip}\",\"port\":443}}}}\n"
        )
    };
    let text = document("curl", "93.184.216.34") + &document("curl", "10.0.0.5");
    place.write("events.ndjson", text.as_bytes());
    let arguments = ["low_volume_external_connections", "events.ndjson", "--input", "ecs"];
    let ran = hunt(&place, &[&arguments[..], &["-f", "csv", "--evidence"]].concat());
    assert!(ran.out.contains("\n1,1,1,curl,1,"), "{}\n{}", ran.out, ran.err);
    let query = "from logs-* | keep process.entity_id, host.name | limit 1";
    let ran = hunt(&place, &["--query", query, "events.ndjson", "--input", "ecs", "-f", "csv"]);
    assert_eq!(ran.out, "process.entity_id,host.name\ne,web01\n", "{}", ran.err);
}

#[test]
fn rejects_keep_what_other_shippers_wrote_and_was_not_understood() {
    let place = Place::new();
    let good = "{\"@timestamp\":\"2024-08-16T14:44:02.001Z\",\"host\":{\"name\":\"web01\"},\
                \"event\":{\"category\":[\"network\"],\"type\":[\"start\"],\
                \"action\":\"connection_attempted\"},\"process\":{\"name\":\"curl\"},\
                \"destination\":{\"ip\":\"192.0.2.7\",\"port\":443}}";
    let no_time = good.replace("@timestamp", "time");
    let (kept, more) = ("x".repeat(1 << 20), "x".repeat(7));
    let text = format!("{good}\nHello \u{1b}\n{good}\n{no_time}\nand again\n{kept}{more}\n");
    place.write("events.ndjson", text.as_bytes());
    let expected = [
        "events.ndjson\":2: not a JSON object: Hello \u{1b}".to_owned(),
        format!("events.ndjson\":4: no time: {no_time}"),
        "events.ndjson\":5: not a JSON object: and again".to_owned(),
        format!(" (1048576 bytes or more, of which the first 1048576 are kept): {kept}"),
    ];
    let check = |name: &str, ran: Ran| {
        let rejects = fs::read_to_string(place.folder.path().join(name)).expect("rejects");
        assert_eq!(ran.status, 3, "{}", ran.err);
        let lines: Vec<&str> = rejects.lines().collect();
        assert_eq!(lines.len(), expected.len(), "{name}: {rejects}");
        for (line, expected) in lines.iter().zip(&expected) {
            assert!(line.ends_with(expected.as_str()), "{name}: {line}");
        }
    };
    let query = "from logs-* | limit 1";
    let arguments = ["events.ndjson", "--input", "ecs", "--rejects"];
    check("hunted", hunt(&place, &[&["--query", query], &arguments[..], &["hunted"]].concat()));
    check("judged", place.oddsock(&[&["replay"], &arguments[..], &["judged"]].concat()));
}

#[test]
fn the_same_logs_give_the_same_rows_for_any_number_of_workers() {
    let place = Place::new();
    let samples = project().join("samples").display().to_string();
    let query = "from logs-* | stats n = count(*), v = values(destination.port) by process.name, \
                 event.action";
    let out = |jobs: &str| {
        hunt(&place, &["--query", query, &samples, "-j", jobs, "-f", "ndjson", "--evidence"]).out
    };
    assert!(!out("1").is_empty());
    assert_eq!(out("1"), out("4"));
}

#[test]
fn a_program_called_like_what_is_unknown_is_told_from_it() {
    let place = Place::new();
    place.write("audit.log", log(1, "web ? 198.41.0.4:4444 day 0 10:07").as_bytes());
    let query = "from logs-* | keep process.name, error.code | limit 1";
    let ran = hunt(&place, &["--query", query, "audit.log"]);
    let row = ran.out.lines().nth(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    assert_eq!(row, Some(vec!["\"?\"", "?"]), "{}", ran.out);
}

#[test]
fn what_now_is_is_told_where_it_matters_and_was_not_said() {
    let place = place();
    let newest = "now() is 2024-01-10 23:00:00.241, the time of the newest event.";
    let ran = hunt(&place, &["--query", COUNT, "audit.log"]);
    assert!(ran.err.contains(newest), "{}", ran.err);
    let ran = hunt(&place, &["--query", COUNT, "--now", "2024-01-10", "audit.log"]);
    assert!(!ran.err.contains("now() is"), "{}", ran.err);
    let ran = hunt(&place, &["--query", "from logs-* | stats count(*)", "audit.log"]);
    assert!(!ran.err.contains("now() is"), "{}", ran.err);
    place.write("ahead.log", log(1, "web cron 10.0.0.5:25 day 0 10:07").as_bytes());
    let text = std::fs::read_to_string(place.folder.path().join("ahead.log")).expect("it is there");
    place.write("ahead.log", text.replace("audit(170", "audit(970").as_bytes());
    let ran = hunt(&place, &["--query", COUNT, "audit.log", "ahead.log"]);
    assert!(ran.err.contains("now() is 2277-"), "{}", ran.err);
}
