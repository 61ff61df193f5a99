use super::*;
use crate::output::scene::{HOSTILE, Scene};

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
fn a_narrow_terminal_shows_the_outcome_and_not_the_host() {
    check(
        &mut Table::new(Some(80), false),
        &[Scene::default()],
        "
TIME                 PROCESS    USER  ACTION   ADDRESS              OUTCOME
2024-08-16 14:44:02  curl[812]  lab   connect  93.184.216.34:443    in progress
",
    );
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
fn hostile_names_make_one_row_and_cannot_feign_a_column() {
    for name in HOSTILE {
        for width in [None, Some(80), Some(20)] {
            let rows = rows(&mut Table::new(width, false), &[Scene::named(name)]);
            assert_eq!(rows.lines().count(), 2, "{rows}");
            assert!(!rows.chars().any(|c| c != '\n' && escape::is_deceptive(c)), "{rows}");
        }
    }
    let rows = rows(&mut Table::new(None, false), &[Scene::named(b"sh[1]  root  accept")]);
    assert!(rows.contains("\"sh[1]  root  accept\"[812]"), "{rows}");
}
