//! Queries as they are published, over the logs of several hosts, with tables checked by hand.
//!
//! The published texts are not part of the project: those of the shared folder are run where that
//! is there, and queries of our own with the same words always.

use std::fs;

use super::program::{Ran, hunt};
use crate::judged::scene::log;
use crate::place::Place;
use crate::shared::shared;

/// A fortnight of two hosts; the newest event is of 23:45 on day 13.
const FLEET: &str = "
    web  nginx   10.0.0.5:443         every 15m
    web  nc      198.41.0.4:4444      day 12 10:07
    web  curl    93.184.216.34:443    day 10 11 12 10:00
    db   curl    93.184.216.34:443    day 12 11:00
    db   wget    93.184.216.34:80     daily 05:00 from 7 until 13
    db   rsync   151.101.1.1:873      daily 03:00 from 8 until 13
    web  old     8.8.8.8:53           day 2 10:00
    db   apt     151.101.2.2:80       day 12 09:00 as alice
    web  six     [2a00:1450::1]:443   day 12 12:00
    web  link    [fe80::1]:443        day 12 12:00
    web  sshd    8.8.4.4:50000        day 12 12:30 via accept
    web  example 203.0.113.9:443      day 12 13:00
";

/// The published queries of the shared folder, if it is there.
pub fn seeds() -> Option<Vec<String>> {
    let text = fs::read_to_string(shared("seeds/004_9ce0109698e17def.txt")?).expect("text");
    let blocks = text.split("```sql\n").skip(1);
    Some(blocks.map(|block| block.split("```").next().unwrap_or_default().to_owned()).collect())
}

/// A place with the logs of two hosts in a folder each.
fn fleet(days: u64, scene: &str) -> Place {
    let place = Place::new();
    let text = log(days, scene);
    for host in ["web", "db"] {
        let node = format!("node={host} ");
        let own: String =
            text.split_inclusive('\n').filter(|line| line.starts_with(&node)).collect();
        place.write(&format!("{host}/audit.log"), own.as_bytes());
    }
    place
}

/// The rows of a query as CSV, without their heading.
fn rows(ran: &Ran) -> Vec<&str> {
    ran.out.lines().skip(1).collect()
}

#[test]
fn what_goes_outside_five_times_at_most_from_one_host_is_found() {
    let place = fleet(14, FLEET);
    let ran = hunt(&place, &["low_volume_external_connections", "web", "db", "-f", "csv"]);
    assert_eq!(
        ran.out,
        "oddsock.query,connection_count,unique_agent_count,process.name\n\
         1,1,1,apt\n1,1,1,nc\n1,1,1,six\n1,5,1,rsync\n\n\
         oddsock.query,connection_count,unique_agent_count,process.name\n\
         2,1,1,nc\n2,1,1,six\n2,5,1,rsync\n",
        "{}",
        ran.err
    );
    assert_eq!(ran.status, 0);
}

#[test]
fn a_program_seen_on_two_hosts_drops_out_and_is_there_on_either_alone() {
    let place = fleet(14, FLEET);
    let alone = hunt(&place, &["low_volume_external_connections", "db", "-f", "csv"]);
    assert!(alone.out.contains("1,1,1,curl\n"), "{}", alone.out);
    let both = hunt(&place, &["low_volume_external_connections", "db", "web", "-f", "csv"]);
    assert!(!both.out.contains("curl"), "{}", both.out);
}

#[test]
fn the_published_queries_run_as_they_stand() {
    let Some(seeds) = seeds() else { return };
    assert_eq!(seeds.len(), 2);
    let place = fleet(14, FLEET);
    for (seed, expected) in seeds.iter().zip([
        &["1,1,apt", "1,1,nc", "1,1,six", "5,1,rsync"][..],
        &["1,1,nc", "1,1,six", "5,1,rsync"],
    ]) {
        let ran = hunt(&place, &["--query", seed, "web", "db", "-f", "csv"]);
        assert_eq!(rows(&ran), expected, "{}", ran.err);
        let file = format!("[hunt]\nname = \"x\"\nquery = [\n'''{seed}'''\n]\n");
        place.write("seed.toml", file.as_bytes());
        let by_file = hunt(&place, &["seed.toml", "db", "web", "-f", "csv"]);
        let numbered: Vec<String> = expected.iter().map(|row| format!("1,{row}")).collect();
        assert_eq!(rows(&by_file), numbered, "{}", by_file.err);
        let explained = hunt(&place, &["--query", seed, "--explain"]);
        assert!(explained.out.contains("limit 100 stands before sort"), "{}", explained.out);
    }
}

#[test]
fn the_samples_hold_nothing_external_and_the_reason_is_told() {
    let place = Place::new();
    let samples = crate::shared::project().join("samples").display().to_string();
    let ran = hunt(&place, &["low_volume_external_connections", &samples]);
    assert_eq!(ran.status, 1, "{}", ran.err);
    assert!(ran.err.contains("met \"not cidr_match(destination.ip"), "{}", ran.err);
}

#[test]
fn interpreters_and_odd_directories_are_told_apart_by_patterns() {
    let place = fleet(
        14,
        "
        web  nginx     10.0.0.5:443      every 15m
        web  python3.9 198.41.0.4:4444   day 12 10:07
        db   perl      198.41.0.4:4445   day 12 10:07
        db   tcsh      198.41.0.4:4446   day 12 11:07
        db   notcsh    198.41.0.4:4446   day 12 11:07
        web  perlish   10.0.0.9:80       day 12 10:00
        web  rubyd     198.41.0.4:80     daily 10:00 from 7
        ",
    );
    let query = r#"from logs-endpoint.events.network-*
        | where @timestamp > now() - 7 day
        | where host.os.type == "linux"
            and event.action in ("connection_attempted", "connection_accepted") and (
            (process.name in ("sh", "tcsh", "nc")) or
            (process.name like "python*") or
            (process.name like "perl*") or process.name like "ruby*"
        ) and destination.ip IS NOT null and not CIDR_MATCH(destination.ip, "10.0.0.0/8")
        | stats process_count = count(process.name), agent_count = count_distinct(agent.id)
            by process.name
        | where agent_count <= 3 and process_count > 0 and process_count <= 5
        | limit 100
        | sort process_count asc"#;
    let ran = hunt(&place, &["--query", query, ".", "-f", "csv"]);
    assert_eq!(rows(&ran), ["1,1,perl", "1,1,python3.9", "1,1,tcsh"], "{}", ran.err);
    let query = r#"from logs-* | where (process.executable like "./") or
        (process.executable rlike "/usr/bin/[^/]+d" or process.executable rlike "/bin/.*")
        | stats n = count(process.name) by process.executable"#;
    let ran = hunt(&place, &["--query", query, ".", "-f", "csv"]);
    assert_eq!(rows(&ran), ["7,/usr/bin/rubyd"], "{}", ran.err);
}

#[test]
fn columns_are_kept_and_counted_by_port_program_host_and_user() {
    let place = fleet(14, FLEET);
    let query = r#"from logs-endpoint.events.network-*
        | where @timestamp > now() - 7 day
        | where host.os.type == "linux" and event.type == "start" and process.name in (
            "curl", "nc", "rsync", "wget"
        ) and destination.ip IS NOT null
        | keep process.name, destination.port, destination.ip, user.name, host.name
        | stats cc = count(*) by destination.port, process.name, host.name, user.name
        | where cc <= 5
        | sort cc asc, destination.port"#;
    let ran = hunt(&place, &["--query", query, ".", "-f", "csv"]);
    assert_eq!(
        rows(&ran),
        ["1,443,curl,db,root", "1,4444,nc,web,root", "3,443,curl,web,root", "5,873,rsync,db,root"],
        "{}",
        ran.err
    );
}

#[test]
fn the_condition_that_no_event_could_meet_is_named() {
    let place = fleet(14, "web ssh 10.0.0.5:22 every 15m\nweb scp 10.0.0.6:80 day 3 10:00");
    let query = r#"from logs-endpoint.events.network-*
        | where @timestamp > now() - 7 day
        | where host.os.type == "linux" and destination.port == 22 and source.port >= 49152
        | keep destination.ip, host.id, user.name
        | stats count_unique_dst = count_distinct(destination.ip) by host.id, user.name
        // change this to make sense
        | where count_unique_dst >= 10
        | limit 100
        | sort user.name asc"#;
    let ran = hunt(&place, &["--query", query, "."]);
    assert_eq!((ran.status, &ran.out[..]), (1, ""), "{}", ran.err);
    let said = "no event can meet both \"destination.port == 22\" (line 3, column 45) and \
                \"source.port >= 49152\" (line 3, column 72)";
    assert!(ran.err.contains(said), "{}", ran.err);
    assert!(ran.err.contains("host.id is null: no audit log holds it"), "{}", ran.err);
    // Without the condition there is a row, whose count is not reached.
    let query = query.replace(" and source.port >= 49152", "").replace(">= 10", ">= 1");
    let ran = hunt(&place, &["--query", &query, ".", "-f", "csv"]);
    assert_eq!(rows(&ran), ["1,,root"], "{}", ran.err);
}

#[test]
fn numbers_by_the_hour_and_by_choice_are_worked_out() {
    let place = fleet(1, "web a 198.41.0.4:445 every 15m\nweb b 198.41.0.5:389 every 30m");
    let query = r#"from logs-endpoint.events.network-*, logs-windows.sysmon_operational-*
        | eval smb = case(destination.port == 445, destination.ip, null)
        /* how long and how often */
        | stats n = count(*), first = min(@timestamp), last = max(@timestamp),
            d = count_distinct(smb) by process.name
        | eval dur = TO_DOUBLE(last) - TO_DOUBLE(first), hours = TO_INT(dur / 3600000),
            an_hour = n / hours, mb = TO_DOUBLE(n) / (1024 * 1024)
        | where hours >= 8 and an_hour >= 4
        | keep process.name, hours, n, an_hour, d"#;
    let ran = hunt(&place, &["--query", query, ".", "-f", "csv"]);
    assert_eq!(rows(&ran), ["a,24,96,4,1"], "{}", ran.err);
}

#[test]
fn a_condition_that_none_of_these_events_met_is_named_with_how_many_came_to_it() {
    let place = fleet(14, "web ssh 10.0.0.5:22 every 15m");
    let query = "from logs-* | where process.name == \"ssh\" and destination.port == 23";
    let ran = hunt(&place, &["--query", query, "."]);
    let said = "none of the 1344 events that got there met \"destination.port == 23\" (line 1, \
                column 47).";
    assert!(ran.err.contains(said), "{}", ran.err);
    let ran = hunt(&place, &["--query", &query.replace("23", "22"), ".", "-f", "ndjson"]);
    assert_eq!(ran.out.lines().count(), 1000, "{}", ran.err);
    assert!(ran.err.contains("344 more rows are not shown"), "{}", ran.err);
}

#[test]
fn a_condition_that_no_group_met_is_named_with_how_many_groups_came_to_it() {
    let place = fleet(1, "web ssh 10.0.0.5:22 every 15m\nweb curl 10.0.0.6:80 every 15m");
    let query = "from logs-* | stats n = count(*) by process.name | where n > 1 and n > 500";
    let ran = hunt(&place, &["--query", query, "."]);
    let said =
        "no row, since none of the 2 rows that got there met \"n > 500\" (line 1, column 68).";
    assert!(ran.err.contains(said), "{}", ran.err);
    let ran = hunt(&place, &["--query", &query.replace("500", "90"), ".", "-f", "csv"]);
    assert_eq!(ran.out.lines().count(), 3, "{}", ran.err);
    assert!(!ran.err.contains("no row"), "{}", ran.err);
}
