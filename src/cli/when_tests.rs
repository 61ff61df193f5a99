//! Claims about points in time. It is Friday, 16 August 2024, 14:44:02.5 in Berlin.

use super::*;

fn world_at(now: &str) -> World {
    let now: Zoned = now.parse().unwrap();
    World {
        now: now.timestamp(),
        zone: now.time_zone().clone(),
        uptime: Some(Duration::from_secs(3600)),
        checkpoint: Some(Some("2024-08-01T00:00:00Z".parse().unwrap())),
    }
}

fn world() -> World {
    world_at("2024-08-16T14:44:02.5+02:00[Europe/Berlin]")
}

/// What `text` means, written in UTC.
fn start(text: &str) -> String {
    shown(parse(text, Edge::Start, &world()))
}

fn end(text: &str) -> String {
    shown(parse(text, Edge::End, &world()))
}

fn shown(found: Result<Timestamp, WhenError>) -> String {
    found.map_or_else(|error| format!("{error}"), |timestamp| timestamp.to_string())
}

#[test]
fn the_words_of_ausearch_mean_what_they_mean_there() {
    for (word, meaning) in [
        ("now", "2024-08-16T12:44:02.5Z"),
        ("recent", "2024-08-16T12:34:02.5Z"),
        ("this-hour", "2024-08-16T12:00:00Z"),
        ("boot", "2024-08-16T11:44:02.5Z"),
        ("today", "2024-08-15T22:00:00Z"),
        ("yesterday", "2024-08-14T22:00:00Z"),
        ("this-week", "2024-08-10T22:00:00Z"),
        ("week-ago", "2024-08-08T22:00:00Z"),
        ("this-month", "2024-07-31T22:00:00Z"),
        ("this-year", "2023-12-31T23:00:00Z"),
        ("checkpoint", "2024-08-01T00:00:00Z"),
        (" Today ", "2024-08-15T22:00:00Z"),
    ] {
        assert_eq!(start(word), meaning, "{word}");
    }
}

#[test]
fn on_a_sunday_this_week_begins_today() {
    let sunday = world_at("2024-08-18T09:00:00+02:00[Europe/Berlin]");
    assert_eq!(shown(parse("this-week", Edge::Start, &sunday)), "2024-08-17T22:00:00Z");
}

#[test]
fn a_day_may_have_a_time_and_a_moment_may_not() {
    assert_eq!(start("yesterday 14:30"), "2024-08-15T12:30:00Z");
    assert_eq!(start("today 09:00:00"), "2024-08-16T07:00:00Z");
    assert_eq!(start("this-month  08:15"), "2024-08-01T06:15:00Z");
    assert!(start("recent 14:30").starts_with("cannot tell what time \"recent 14:30\" is"));
}

#[test]
fn iso_dates_are_local_unless_they_name_a_zone() {
    for (text, meaning) in [
        ("2024-08-16", "2024-08-15T22:00:00Z"),
        ("2024-01-16", "2024-01-15T23:00:00Z"),
        ("2024-08-16T14:44:02Z", "2024-08-16T14:44:02Z"),
        ("2024-08-16 14:44:02", "2024-08-16T12:44:02Z"),
        ("2024-08-16T14:44:02.123+02:00", "2024-08-16T12:44:02.123Z"),
        ("2024-08-16 14:44:02 -0500", "2024-08-16T19:44:02Z"),
        ("2024-08-16T14:44+05:30", "2024-08-16T09:14:00Z"),
        ("2024-08-16t14:44:02z", "2024-08-16T14:44:02Z"),
        ("2024-08-16 14:44", "2024-08-16T12:44:00Z"),
        ("14:44", "2024-08-16T12:44:00Z"),
        ("9:05:07", "2024-08-16T07:05:07Z"),
    ] {
        assert_eq!(start(text), meaning, "{text}");
    }
}

#[test]
fn seconds_since_1970_are_taken_as_audit_records_have_them() {
    assert_eq!(start("@1723819442"), "2024-08-16T14:44:02Z");
    assert_eq!(start("@1723819442.001"), "2024-08-16T14:44:02.001Z");
    assert_eq!(end("@1723819442"), "2024-08-16T14:44:02.999999999Z");
    assert_eq!(end("@1723819442.001"), "2024-08-16T14:44:02.001999999Z");
    assert_eq!(end("@1723819442.000000001"), "2024-08-16T14:44:02.000000001Z");
    assert!(start("@99999999999999").contains("too far away"));
    assert!(start("@99999999999999999999").contains("too far away"));
    assert!(start("@yesterday").contains("cannot tell what time"));
}

#[test]
fn distances_go_back_from_now() {
    for (text, meaning) in [
        ("-2h", "2024-08-16T10:44:02.5Z"),
        ("-30m", "2024-08-16T12:14:02.5Z"),
        ("-1d12h", "2024-08-15T00:44:02.5Z"),
        ("-2 hours", "2024-08-16T10:44:02.5Z"),
        ("2 days ago", "2024-08-14T12:44:02.5Z"),
        ("1 week 1 day ago", "2024-08-08T12:44:02.5Z"),
        ("-1 month", "2024-07-16T12:44:02.5Z"),
        ("-30m30m", "2024-08-16T11:44:02.5Z"),
    ] {
        assert_eq!(start(text), meaning, "{text}");
        assert_eq!(end(text), meaning, "{text}");
    }
    for text in ["-", "ago", "-2", "-h", "-2 fortnights", "--2h", "-2h ago"] {
        assert!(start(text).starts_with("cannot tell what time"), "{text}: {}", start(text));
    }
    assert!(start("-99999 years").contains("too far away"));
    assert!(start("-9223372036854775807s9223372036854775807s").contains("too far away"));
}

#[test]
fn at_the_end_of_a_range_what_is_left_out_is_taken_in() {
    assert_eq!(end("2024-08-16"), "2024-08-16T21:59:59.999999999Z");
    assert_eq!(end("yesterday"), "2024-08-15T21:59:59.999999999Z");
    assert_eq!(end("2024-08-16 14:44"), "2024-08-16T12:44:59.999999999Z");
    assert_eq!(end("2024-08-16 14:44:02"), "2024-08-16T12:44:02.999999999Z");
    assert_eq!(end("2024-08-16 14:44:02.123"), "2024-08-16T12:44:02.123999999Z");
    assert_eq!(end("now"), "2024-08-16T12:44:02.5Z");
}

#[test]
fn at_the_end_of_a_range_a_word_takes_in_the_stretch_it_names_and_a_point_is_a_point() {
    for (word, meaning) in [
        ("today", "2024-08-16T21:59:59.999999999Z"),
        ("this-hour", "2024-08-16T12:59:59.999999999Z"),
        ("this-week", "2024-08-17T21:59:59.999999999Z"),
        ("week-ago", "2024-08-09T21:59:59.999999999Z"),
        ("this-month", "2024-08-31T21:59:59.999999999Z"),
        ("this-year", "2024-12-31T22:59:59.999999999Z"),
        ("this-month 08:15", "2024-08-01T06:15:59.999999999Z"),
        ("recent", "2024-08-16T12:34:02.5Z"),
        ("boot", "2024-08-16T11:44:02.5Z"),
        ("checkpoint", "2024-08-01T00:00:00Z"),
    ] {
        assert_eq!(end(word), meaning, "{word}");
    }
}

#[test]
fn dates_in_the_order_of_a_country_are_refused_with_the_right_form() {
    for text in ["08/16/2024", "16.08.2024", "16-08-2024", "08/16/24 14:44", "8/16", "2024/08/16"] {
        let sentence = start(text);
        assert!(sentence.starts_with("cannot tell which day"), "{text}: {sentence}");
        assert!(sentence.contains("like \"2024-08-16\""), "{text}: {sentence}");
    }
}

#[test]
fn what_is_no_time_is_refused_with_an_example() {
    for text in ["", "tomorrow", "2024-08-16x", "2024-08-16 1444", "14:44:02:01", "2024-08-16T"] {
        let sentence = start(text);
        assert!(sentence.starts_with("cannot tell what time"), "{text}: {sentence}");
        assert!(sentence.contains("2024-08-16 14:44"), "{text}: {sentence}");
    }
    for text in ["2024-02-30", "2024-13-01", "25:00", "2024-08-16 14:60"] {
        assert!(start(text).starts_with("there is no such time"), "{text}: {}", start(text));
    }
    assert!(start("2024-08-16ü").starts_with("cannot tell what time"));
}

#[test]
fn what_the_world_does_not_know_is_said() {
    let bare = World { uptime: None, checkpoint: None, ..world() };
    assert_eq!(parse("boot", Edge::Start, &bare), Err(WhenError::NoBoot));
    assert_eq!(parse("checkpoint", Edge::Start, &bare), Err(WhenError::WhichCheckpoint));
    let first = World { checkpoint: Some(None), ..bare };
    assert_eq!(parse("checkpoint", Edge::Start, &first), Err(WhenError::NoCheckpoint));
}

#[test]
fn days_of_23_and_25_hours_begin_and_end_at_midnight() {
    let world = world_at("2024-03-31T12:00:00+02:00[Europe/Berlin]");
    assert_eq!(shown(parse("today", Edge::Start, &world)), "2024-03-30T23:00:00Z");
    assert_eq!(shown(parse("today", Edge::End, &world)), "2024-03-31T21:59:59.999999999Z");
    // A day back is the same time by the clock, 24 hours back are not.
    assert_eq!(shown(parse("-1d", Edge::Start, &world)), "2024-03-30T11:00:00Z");
    assert_eq!(shown(parse("-24h", Edge::Start, &world)), "2024-03-30T10:00:00Z");
}

#[test]
fn an_hour_that_the_clocks_skip_is_moved_on_and_one_they_repeat_is_taken_whole() {
    assert_eq!(start("2024-03-31 02:30:00"), "2024-03-31T01:30:00Z");
    assert_eq!(start("2024-10-27 02:30:00"), "2024-10-27T00:30:00Z");
    assert_eq!(end("2024-10-27 02:30:00"), "2024-10-27T01:30:00.999999999Z");
}

#[test]
fn this_hour_is_the_one_on_the_wall_where_zones_are_off_by_half_an_hour() {
    let kolkata = world_at("2024-08-16T14:44:02+05:30[Asia/Kolkata]");
    assert_eq!(shown(parse("this-hour", Edge::Start, &kolkata)), "2024-08-16T08:30:00Z");
}
