//! Claims about the order in which files are read.

use super::*;
use crate::input::Compression;

/// A source for each line of `given`: a path, `@SECONDS` for its first stamp, `host=` for its host.
fn order(given: &str) -> String {
    let sources = given.split_whitespace().fold(Vec::<Source>::new(), |mut sources, word| {
        if let Some(seconds) = word.strip_prefix('@') {
            let milliseconds = seconds.parse::<u64>().unwrap() * 1000;
            sources.last_mut().unwrap().first_stamp = Some(FirstStamp { milliseconds, serial: 1 });
        } else if let Some(host) = word.strip_prefix("host=") {
            sources.last_mut().unwrap().host = host.to_owned();
        } else {
            sources.push(Source {
                path: word.into(),
                host: "web1".to_owned(),
                nature: if word == "-" { Nature::StandardInput } else { Nature::Regular },
                size: 1,
                compression: Compression::Plain,
                first_stamp: None,
                inode: None,
            });
        }
        sources
    });
    let paths = in_order(sources).into_iter().map(|source| source.path.display().to_string());
    paths.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_rotated_set_comes_out_oldest_first_whatever_the_order_given() {
    let oldest_first = "a/audit.log.10.gz a/audit.log.2 a/audit.log.1 a/audit.log";
    assert_eq!(order("a/audit.log a/audit.log.1 a/audit.log.10.gz a/audit.log.2"), oldest_first);
    assert_eq!(order("a/audit.log.2 a/audit.log.10.gz a/audit.log a/audit.log.1"), oldest_first);
}

#[test]
fn numbers_after_other_names_count_up_unless_the_log_itself_is_there() {
    assert_eq!(order("part.2 @5 part.1 @5"), "part.1 part.2");
    assert_eq!(order("trail trail.1 trail.2"), "trail.2 trail.1 trail");
}

#[test]
fn dated_files_come_before_the_log_in_the_order_of_dates() {
    assert_eq!(
        order("audit.log audit.log-20240816.gz audit.log-20231224 audit.log-20240816-120000"),
        "audit.log-20231224 audit.log-20240816.gz audit.log-20240816-120000 audit.log"
    );
}

#[test]
fn numbers_and_dates_in_one_set_are_in_the_order_of_their_first_stamps() {
    let from_numbers = "audit.log.2 audit.log.1 audit.log-20261122 audit.log-20261123 audit.log";
    assert_eq!(
        order(
            "audit.log @50 audit.log-20261123 @400 audit.log-20261122 @300 audit.log.1 @200 \
             audit.log.2 @100"
        ),
        from_numbers
    );
    let from_dates = "audit.log-20261122 audit.log.2 audit.log.1 audit.log";
    assert_eq!(
        order("audit.log audit.log.1 @500 audit.log.2 @300 audit.log-20261122 @200"),
        from_dates
    );
    // Numbers have their order, whatever the stamps, and what has none goes with the next.
    assert_eq!(
        order("audit.log.3 audit.log.2 @300 audit.log.1 @100 audit.log-20261122 @200"),
        "audit.log-20261122 audit.log.3 audit.log.2 audit.log.1"
    );
    // Nobody knows when the last one was begun: it may be new.
    assert_eq!(
        order("audit.log-20261122 audit.log.1 @100 audit.log @200"),
        "audit.log.1 audit.log-20261122 audit.log"
    );
}

#[test]
fn sets_of_a_host_are_ordered_by_their_first_stamp() {
    assert_eq!(order("b.log @200 a.log @300 c.log @100"), "c.log b.log a.log");
    // The number outweighs the stamp within a set, and the oldest file speaks for the set.
    assert_eq!(
        order("x/audit.log @50 x/audit.log.1 @100 early.log @70"),
        "early.log x/audit.log.1 x/audit.log"
    );
}

#[test]
fn equal_stamps_are_ordered_by_name_with_numbers_as_numbers() {
    assert_eq!(
        order("part_10.log @5 part_2.log @5 part_1.log @5"),
        "part_1.log part_2.log part_10.log"
    );
}

#[test]
fn what_has_no_stamp_keeps_its_place() {
    assert_eq!(order("b.log @200 - a.log @100 empty.log"), "a.log - b.log empty.log");
}

#[test]
fn hosts_are_kept_apart_and_stand_as_first_given() {
    assert_eq!(
        order("w/b.log @200 d/x.log @1 host=db1 w/a.log @100 d/y.log @0 host=db1"),
        "w/a.log w/b.log d/y.log d/x.log"
    );
}

#[test]
fn the_same_name_in_another_directory_is_another_set() {
    assert_eq!(
        order("a/audit.log @300 b/audit.log @100 a/audit.log.1 @200 b/audit.log.1 @50"),
        "b/audit.log.1 b/audit.log a/audit.log.1 a/audit.log"
    );
}

#[test]
fn names_are_taken_apart_as_rotation_made_them() {
    let of = |name| {
        let Rotated { log, age } = Rotated::of(name);
        (log, age)
    };
    let dated = |digits: &str| Age::Dated(digits.to_owned());
    assert_eq!(of("audit.log"), ("audit.log", Age::Current));
    assert_eq!(of("audit.log.gz"), ("audit.log", Age::Current));
    assert_eq!(of("audit.log.3.zst"), ("audit.log", Age::Numbered(Reverse(3))));
    assert_eq!(of("audit.log-20240816.gz"), ("audit.log", dated("20240816")));
    assert_eq!(of("audit.log.2024-08-16"), ("audit.log", dated("20240816")));
    assert_eq!(of("messages-20240816"), ("messages", dated("20240816")));
    assert_eq!(of("part.1"), ("part.1", Age::Current));
    assert_eq!(of("audit.log.old"), ("audit.log.old", Age::Current));
    assert_eq!(of(".gz"), (".gz", Age::Current));
}
