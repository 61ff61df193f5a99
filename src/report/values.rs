//! Each rare value by itself: at which hours of which weekdays it came, on which days, and which
//! rhythm that makes.

use std::collections::{BTreeMap, BTreeSet};

use super::page::Page;
use super::read::left_out;
use super::timeline::axis;
use super::words::{counted, minute, number, time};
use super::{Judged, Report, section};
use crate::alert;
use crate::engine::{Bucket, Buckets, Cadence, Finding, Span, Track};

/// How many values are drawn.
const VALUES: usize = 40;

/// How many times of alerts are named.
const TIMES: usize = 5;

/// How many columns of days there are at most.
const DAYS: u64 = 120;

/// How far what else is known may be from a value to be drawn with it.
const MOST_DAYS: u64 = 400;

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const HOUR: u64 = 3_600_000;
const DAY: u64 = 24 * HOUR;

/// A value with all that is drawn of it.
struct Rare<'r> {
    name: String,
    id: String,
    judged: &'r Judged<'r>,
    track: &'r Track,
    /// The buckets of its alerts.
    found: BTreeSet<Bucket>,
    /// The first and the last day on which anything is known.
    known: (u64, u64),
}

pub(super) fn write(report: &Report<'_>, page: &mut Page) {
    let rare = rare(report);
    section(page, "values", "Rare values", |page| {
        if rare.is_empty() {
            return page.line("p", "", "No alert is about a value.");
        }
        page.line(
            "p",
            "",
            "Every bucket in which a value was seen, as far as is known: by hour and weekday, the \
             stronger the more often; and day by day, from midnight at the top to midnight at the \
             bottom, where what comes at its time makes a line. Times of alerts have the colour \
             of scores.",
        );
        page.element("div", &[("class", "values")], |page| {
            rare.iter().take(VALUES).for_each(|one| draw(one, page));
        });
        left_out(rare.len(), VALUES, "value", page);
    });
}

/// The values of the alerts that are shown, in their order.
fn rare<'r>(report: &'r Report<'_>) -> Vec<Rare<'r>> {
    let mut all: Vec<Rare<'r>> = Vec::new();
    let mut places = BTreeMap::new();
    let mut known: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for alert in report.shown() {
        let Some(judged) = report.judged.iter().find(|judged| judged.rule.name == alert.rule.name)
        else {
            continue;
        };
        let finding = &alert.finding;
        for (nth, value) in finding.values.iter().enumerate() {
            let key = (&judged.rule.name, finding.partition.clone(), value.clone());
            if let Some(at) = places.get(&key) {
                let known: &mut Rare<'r> = &mut all[*at];
                known.found.insert(finding.bucket);
                continue;
            }
            let Some(track) = judged.ledger.track(finding.partition.as_deref(), value) else {
                continue;
            };
            places.insert(key, all.len());
            let known = known.entry(&judged.rule.name).or_insert_with(|| days_of(judged));
            all.push(Rare {
                name: name(alert, finding, nth),
                id: format!("{}-{nth}", alert.id),
                judged,
                track,
                found: BTreeSet::from([finding.bucket]),
                known: *known,
            });
        }
    }
    all
}

/// The first and the last day on which a rule knows anything, without what is in the far future.
fn days_of(judged: &Judged<'_>) -> (u64, u64) {
    let span = judged.ledger.question().span;
    let day = |bucket: Bucket| span.start(bucket) / DAY;
    let tracks = || judged.ledger.tracks().map(|(_, track)| &track.buckets);
    let first = tracks().filter_map(Buckets::first).min();
    let last = judged.ledger.newest_credible().or_else(|| tracks().filter_map(Buckets::last).max());
    (first.map_or(0, day), last.map_or(0, day))
}

/// The value in words, with where it is rare if the rule looks at parts by themselves.
fn name(alert: &alert::Alert, finding: &Finding, nth: usize) -> String {
    let value = match finding.values.len() {
        1 => alert::values(alert),
        _ => super::page::named(&finding.values[nth]),
    };
    match finding.partition.as_deref() {
        Some(partition) => format!("{value} on {}", super::page::named(partition)),
        None => value,
    }
}

fn draw(rare: &Rare<'_>, page: &mut Page) {
    let span = rare.judged.ledger.question().span;
    let label = format!("value-{}", rare.id);
    page.element("figure", &[("class", "value"), ("aria-labelledby", &*label)], |page| {
        page.element("h3", &[("id", &*label)], |page| page.text(&rare.name));
        page.line("p", "quiet", &rare.judged.rule.title);
        heat(rare, span, page);
        days(rare, span, page);
        page.line("figcaption", "", &format!("{} {}", said(rare, span), told(rare, span)));
    });
}

/// When there were alerts.
fn told(rare: &Rare<'_>, span: Span) -> String {
    let mut times: Vec<String> =
        rare.found.iter().take(TIMES).map(|found| minute(span.start(*found))).collect();
    if let more @ 1.. = rare.found.len().saturating_sub(TIMES) {
        times.push(format!("{} more", number(more as u64)));
    }
    format!("Alerts: {}.", times.join(", "))
}

/// Since when, how often and in which rhythm.
fn said(rare: &Rare<'_>, span: Span) -> String {
    let buckets = &rare.track.buckets;
    let start = |bucket: Option<Bucket>| bucket.map_or(0, |bucket| span.start(bucket));
    let times = match buckets.len() {
        1 => format!("In 1 bucket, {}.", minute(start(buckets.first()))),
        many => format!(
            "In {} buckets, first {}, last {}.",
            number(many),
            minute(start(buckets.first())),
            minute(start(buckets.last()))
        ),
    };
    // The rhythm before an alert is what it was judged by; where it has none, that of all.
    let mut found = rare.found.iter().rev();
    let before = found.find_map(|found| Cadence::before(buckets, span, *found));
    match before.or_else(|| Cadence::of(buckets, span)) {
        None => format!("{times} No cadence."),
        Some(cadence) => {
            let (period, kept) = (cadence.period.name(), cadence.kept);
            let last = cadence.comings.last().map_or(0, |last| span.start(*last));
            format!("{times} Cadence: {period}, {kept} times in a row until {}.", minute(last))
        }
    }
}

fn weekday_and_hour(millis: u64) -> (usize, usize) {
    // 1970 began on a Thursday.
    (((millis / DAY + 3) % 7) as usize, (millis % DAY / HOUR) as usize)
}

/// Hours across, weekdays down.
fn heat(rare: &Rare<'_>, span: Span, page: &mut Page) {
    let mut cells = [[0_u64; 24]; 7];
    let mut found = [[false; 24]; 7];
    for bucket in rare.track.buckets.iter() {
        let (day, hour) = weekday_and_hour(span.start(bucket));
        cells[day][hour] += 1;
    }
    for bucket in &rare.found {
        let (day, hour) = weekday_and_hour(span.start(*bucket));
        found[day][hour] = true;
    }
    let most = cells.iter().flatten().copied().max().unwrap_or(1).max(1);
    let about = [("class", "heat"), ("viewBox", "0 0 276 104"), ("role", "img")];
    page.element("svg", &about, |page| {
        page.line("title", "", &format!("{} by weekday and hour", rare.name));
        page.line("desc", "", &hottest(&cells));
        for (day, name) in WEEKDAYS.iter().enumerate() {
            let y = (day * 12 + 21).to_string();
            page.element("text", &[("x", "0"), ("y", &*y)], |page| page.text(name));
            for hour in 0..24 {
                let level = match cells[day][hour] {
                    0 => "level0",
                    count if 4 * count <= most => "level1",
                    count if 2 * count <= most => "level2",
                    count if 4 * count <= 3 * most => "level3",
                    _ => "level4",
                };
                let class = if found[day][hour] { format!("{level} found") } else { level.into() };
                let (x, y) = ((hour * 10 + 30).to_string(), (day * 12 + 12).to_string());
                let cell = [("class", &*class), ("x", &*x), ("y", &*y)];
                let cell = [cell[0], cell[1], cell[2], ("width", "9"), ("height", "11")];
                page.element("rect", &cell, |_| {});
            }
        }
        for hour in [0, 6, 12, 18, 23] {
            let x = (hour * 10 + 30).to_string();
            let said = format!("{hour:02}");
            page.element("text", &[("x", &*x), ("y", "8")], |page| page.text(&said));
        }
    });
}

/// The hour that it came in most often, in words.
fn hottest(cells: &[[u64; 24]; 7]) -> String {
    let all = (0..7).flat_map(|day| (0..24).map(move |hour| (day, hour)));
    let (day, hour) = all.rev().max_by_key(|(day, hour)| cells[*day][*hour]).unwrap_or((0, 0));
    let sum: u64 = cells.iter().flatten().sum();
    let (most, day) = (cells[day][hour], WEEKDAYS[day]);
    format!("Most often on {day} from {hour:02}:00: {most} of {}.", counted(sum, "bucket"))
}

/// Days across, hours up: what comes daily makes a line.
fn days(rare: &Rare<'_>, span: Span, page: &mut Page) {
    let buckets = &rare.track.buckets;
    let day_of = |bucket: Bucket| span.start(bucket) / DAY;
    let (Some(first), Some(last)) = (buckets.first().map(day_of), buckets.last().map(day_of))
    else {
        return;
    };
    // All that is known, so that one sees when it was not there; but no single wrong date.
    let (from, to) = rare.known;
    let is_near = |day: u64| last.abs_diff(day) <= MOST_DAYS && first.abs_diff(day) <= MOST_DAYS;
    let first = if is_near(from) { first.min(from) } else { first };
    let last = if is_near(to) { last.max(to) } else { last };
    let step = (last - first + 1).div_ceil(DAYS);
    let number = (last - first + 1).div_ceil(step);
    let mut cells = BTreeSet::new();
    for bucket in buckets.iter() {
        let at = span.start(bucket);
        let cell = ((at / DAY - first) / step, at % DAY / HOUR, rare.found.contains(&bucket));
        cells.insert(cell);
    }
    let size = format!("0 0 {number} 24");
    let about = [("class", "days"), ("viewBox", &*size), ("preserveAspectRatio", "none")];
    let about = [about[0], about[1], about[2], ("role", "img")];
    page.element("svg", &about, |page| {
        page.line("title", "", &format!("{} day by day", rare.name));
        let day = |day: u64| time(day * DAY, "%Y-%m-%d");
        let said = format!("Days from {} to {} across, hours down.", day(first), day(last));
        page.line("desc", "", &said);
        for (day, hour, is_found) in cells {
            let class = if is_found { "found" } else { "seen" };
            let (x, y) = (format!("{day}.05"), hour.to_string());
            let cell = [("class", class), ("x", &*x), ("y", &*y)];
            let cell = [cell[0], cell[1], cell[2], ("width", "0.9"), ("height", "1")];
            page.element("rect", &cell, |_| {});
        }
    });
    axis(first * DAY, (first + number * step) * DAY, page);
}
