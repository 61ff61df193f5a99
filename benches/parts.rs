//! How long the parts of the way take: a line's frame, a record's fields, an address, a piece of a
//! log, a connection's view and its JSON.
//!
//! `cargo bench --bench parts`. The logs are those in `samples/`; figures are comparable within one
//! run on one machine. For whole runs against other readers see `benches/compare`.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use oddsock::audit::assembly::Assembly;
use oddsock::audit::gathering::{Gathering, Keep};
use oddsock::audit::{ByteOrder, Fields, Line, Sightings, sockaddr, value};
use oddsock::output::{Csv, Ndjson, Table, Text, Writer};

const LOG: &[u8] = include_bytes!("../samples/connections-enriched.log");

const CALL: &[u8] = b"type=SYSCALL msg=audit(1723819442.001:9001): arch=c000003e syscall=42 \
success=no exit=-115 a0=3 a1=7ffc0a10 a2=10 a3=0 items=0 ppid=1 pid=812 auid=1000 uid=1000 \
gid=1000 euid=1000 suid=1000 fsuid=1000 egid=1000 sgid=1000 fsgid=1000 tty=pts1 ses=3 \
comm=\"curl\" exe=\"/usr/bin/curl\" subj=unconfined key=\"net\"\x1dARCH=x86_64 SYSCALL=connect \
AUID=\"alice\" UID=\"alice\" GID=\"alice\" EUID=\"alice\" SUID=\"alice\" FSUID=\"alice\" \
EGID=\"alice\"";

fn small_parts(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("parts");
    group.bench_function("frame of a line", |b| b.iter(|| Line::parse(black_box(CALL))));
    let body = Line::parse(CALL).expect("a line").body;
    group.bench_function("all fields of a call", |b| {
        b.iter(|| Fields::of(black_box(body)).map(|field| field.raw.len()).sum::<usize>());
    });
    let inet = b"020001BB5DB8D8220000000000000000";
    group.bench_function("IPv4 address", |b| {
        b.iter(|| sockaddr::decode(black_box(inet), Some(ByteOrder::Little)));
    });
    let inet6 = b"0A0001BB0000000020010DB800000000000000000000000100000000";
    group.bench_function("IPv6 address", |b| {
        b.iter(|| sockaddr::decode(black_box(inet6), Some(ByteOrder::Little)));
    });
    let title = b"2F7573722F62696E2F6375726C002D73530068747470733A2F2F6578616D706C652E6F7267";
    group.bench_function("text in hex", |b| b.iter(|| value::text(black_box(title))));
    group.finish();
}

fn a_whole_log(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("a log");
    group.throughput(Throughput::Bytes(LOG.len() as u64));
    for (name, only_addresses) in [("gathered to count", true), ("gathered to show", false)] {
        let mut gathering = Gathering::new(Keep { only_addresses, ..Keep::default() });
        group.bench_function(name, |b| {
            b.iter(|| {
                gathering.take(black_box(LOG));
                gathering.finish().records
            });
        });
    }
    group.bench_function("all the way to connections", |b| {
        b.iter(|| with_connections(|_| ()));
    });
    let writers: [(&str, Box<dyn Writer>); 4] = [
        ("as JSON", Box::new(Ndjson::new())),
        ("as CSV", Box::new(Csv::new())),
        ("as a table", Box::new(Table::new(None, false))),
        ("as sentences", Box::new(Text::new())),
    ];
    for (name, mut writer) in writers {
        let mut out = Vec::new();
        group.bench_function(name, |b| {
            b.iter(|| {
                out.clear();
                with_connections(|sighting| writer.connection(&sighting.connection(), &mut out));
                out.len()
            });
        });
    }
    group.finish();
}

/// Reads the log and hands on each sighting.
fn with_connections(mut each: impl FnMut(&oddsock::audit::Sighting)) {
    let mut gathering = Gathering::new(Keep::default());
    gathering.take(LOG);
    let (mut assembly, mut sightings) = (Assembly::default(), Sightings::joined());
    let batch = gathering.finish();
    assembly.take(batch, b"host", &mut |event| sightings.take(event, &mut each));
    assembly.finish(&mut |event| sightings.take(event, &mut each));
    sightings.finish(&mut each);
}

criterion_group!(benches, small_parts, a_whole_log);
criterion_main!(benches);
