use super::*;
use crate::output::scene::{HOSTILE, Scene};
use crate::output::unseen::is_unseen;

fn rows(table: &mut Table, scenes: &[Scene]) -> String {
    let mut out = Vec::new();
    table.head(&mut out);
    for scene in scenes {
        scene.show(&mut |connection| table.connection(connection, &mut out));
    }
    String::from_utf8(out).expect("UTF-8")
}

fn check(table: &mut Table, scenes: &[Scene], expected: &str) {
    let rows = rows(table, scenes);
    assert_eq!(rows.trim_end(), expected.trim(), "\n{rows}");
}

#[test]
fn a_connection_is_a_row() {
    check(
        &mut Table::new(None, false),
        &[Scene::default(), Scene::refused()],
        "
TIME                     HOST      PROCESS             USER      ACTION   ADDRESS                PROTO  OUTCOME
2024-08-16 14:44:02.001  web-01    curl[812]           lab       connect  93.184.216.34:443      tcp    in progress
2024-08-16 14:44:02.001  web-01    curl[812]           lab       connect  93.184.216.34:443      tcp    ECONNREFUSED
",
    );
}

#[test]
fn a_column_grows_with_its_cells_and_stays_so() {
    let long = Scene { host: b"a-rather-long-host".to_vec(), ..Scene::default() };
    check(
        &mut Table::new(None, false),
        &[Scene::default(), long, Scene::default()],
        "
TIME                     HOST      PROCESS             USER      ACTION   ADDRESS                PROTO  OUTCOME
2024-08-16 14:44:02.001  web-01    curl[812]           lab       connect  93.184.216.34:443      tcp    in progress
2024-08-16 14:44:02.001  a-rather-long-host  curl[812]           lab       connect  93.184.216.34:443      tcp    in progress
2024-08-16 14:44:02.001  web-01              curl[812]           lab       connect  93.184.216.34:443      tcp    in progress
",
    );
}

#[test]
fn piped_nothing_is_cut_however_long_it_is() {
    let long = "x".repeat(300);
    let rows = rows(&mut Table::new(None, false), &[Scene::named(long.as_bytes())]);
    assert!(rows.contains(&long), "{rows}");
}

#[test]
fn on_a_terminal_names_are_cut_and_pids_and_ip_addresses_are_not() {
    let long = Scene::named(b"a-very-long-process-name-indeed");
    let v6 = Scene {
        address: "0A0001BB0000000020010DB8000000000000FF00004283290000000000000000".into(),
        ..long.clone()
    };
    for width in [80, 100, 120] {
        let rows = rows(&mut Table::new(Some(width), false), &[long.clone(), long.clone()]);
        for row in rows.lines() {
            assert!(super::width(row) <= width, "{width}:\n{rows}");
        }
        assert!(rows.contains("…[812]") && rows.contains("93.184.216.34:443"), "{rows}");
    }
    let rows = rows(&mut Table::new(Some(80), false), &[v6]);
    assert!(rows.contains("[2001:db8::ff00:42:8329]:443"), "{rows}");
}

#[test]
fn a_narrow_terminal_shows_the_host_and_the_outcome_and_neither_milliseconds_nor_protocol() {
    let db = Scene { host: b"db-01".to_vec(), ..Scene::refused() };
    check(
        &mut Table::new(Some(100), false),
        &[Scene::default(), db],
        "
TIME                 HOST      PROCESS           USER   ACTION   ADDRESS                OUTCOME
2024-08-16 14:44:02  web-01    curl[812]         lab    connect  93.184.216.34:443      in progress
2024-08-16 14:44:02  db-01     curl[812]         lab    connect  93.184.216.34:443      ECONNREFUSED
",
    );
}

#[test]
fn at_80_columns_there_is_no_year_and_all_the_rest() {
    let db = Scene { host: b"db-01".to_vec(), ..Scene::refused() };
    check(
        &mut Table::new(Some(80), false),
        &[Scene::default(), db],
        "
TIME           HOST   PROCESS       USER ACTION  ADDRESS            OUTCOME
08-16 14:44:02 web-01 curl[812]     lab  connect 93.184.216.34:443  in progress
08-16 14:44:02 db-01  curl[812]     lab  connect 93.184.216.34:443  ECONNREFUSED
",
    );
}

#[test]
fn the_longest_ipv4_address_fits_at_80_columns_and_the_error_can_be_told() {
    let far = |exit| Scene {
        exit,
        address: "0200FFFFCBCBCBCB0000000000000000".into(),
        ..Scene::default()
    };
    check(
        &mut Table::new(Some(80), false),
        &[far(-111), far(-104)],
        "
TIME           HOST   PROCESS       USER ACTION  ADDRESS            OUTCOME
08-16 14:44:02 web-01 curl[812]     lab  connect 203.203.203.203:65535 ECONNREF…
08-16 14:44:02 web-01 curl[812]     lab  connect 203.203.203.203:65535 ECONNRES…
",
    );
}

#[test]
fn hosts_that_are_cut_can_still_be_told_apart() {
    let hosts = [
        "ip-10-0-1-12.ec2.internal",
        "ip-10-0-1-13.ec2.internal",
        "web-01.example.net",
        "web-02.example.net",
        "10.20.30.141",
        "10.20.30.142",
        "a-rather-long-host-1",
        "a-rather-long-host-2",
    ];
    for width in [80, 100, 112, 160] {
        let scenes = hosts.map(|host| Scene { host: host.into(), ..Scene::default() });
        let rows = rows(&mut Table::new(Some(width), false), &scenes);
        let mut different: Vec<&str> = rows.lines().skip(1).collect();
        assert!(different.iter().all(|row| super::width(row) <= width), "{width}:\n{rows}");
        different.sort_unstable();
        different.dedup();
        assert_eq!(different.len(), hosts.len(), "{width}:\n{rows}");
    }
}

#[test]
fn colours_are_there_only_when_asked_for() {
    let coloured = rows(&mut Table::new(None, true), &[Scene::refused(), Scene::probe()]);
    let red = "\x1b[31mECONNREFUSED\x1b[0m\n";
    assert!(coloured.contains(red), "{coloured:?}");
    assert!(coloured.lines().last().is_some_and(|row| row.starts_with("\x1b[2m")), "{coloured:?}");
    let plain = rows(&mut Table::new(None, false), &[Scene::refused(), Scene::probe()]);
    assert!(!plain.contains('\x1b'));
    assert!(plain.ends_with("ok, probe\n"), "{plain}");
}

#[test]
fn a_row_tells_that_arguments_are_missing() {
    let lost = Scene { missing: 97, ..Scene::refused() };
    let rows = rows(&mut Table::new(None, false), &[lost, Scene::refused()]);
    let ends: Vec<bool> = rows.lines().map(|row| row.ends_with("ECONNREFUSED, partial")).collect();
    assert_eq!(ends, [false, true, false], "{rows}");
}

#[test]
fn hostile_names_make_one_row_and_cannot_feign_a_column() {
    for name in HOSTILE {
        for width in [None, Some(80), Some(20)] {
            let rows = rows(&mut Table::new(width, false), &[Scene::named(name)]);
            assert_eq!(rows.lines().count(), 2, "{rows}");
            assert!(!rows.chars().any(|c| c != '\n' && is_unseen(c)), "{rows}");
        }
    }
    let rows = rows(&mut Table::new(None, false), &[Scene::named(b"sh[1]  root  accept")]);
    assert!(rows.contains("\"sh[1]  root  accept\"[812]"), "{rows}");
}
