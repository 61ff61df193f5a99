//! What the linux-audit-parser crate needs for the work that oddsock does, at its least.
//!
//! In comes a log, read into memory; out goes one line of JSON: records, events, connects, and how
//! many of those have an address. Every line is parsed, its records are put together by node and
//! event id in a hash map, and that is all: nothing is decoded, no event ever leaves the map, and
//! what the crate refuses is counted. It is a bound for a reader on that crate, not such a reader.
//!
//! ```text
//! cargo bench --bench linux_audit_parser -- LOG [--enriched]
//! ```
//!
//! The enriched part of the records is skipped unless asked for, as oddsock asks for little of it.

use std::collections::HashMap;
use std::process::ExitCode;

use linux_audit_parser::{EventID, Message, MessageType, Number, Parser, Value};

const SYSCALL: MessageType = MessageType(1300);
const SOCKADDR: MessageType = MessageType(1306);
/// connect on x86-64.
const CONNECT: i64 = 42;

fn main() -> ExitCode {
    // cargo adds `--bench` to the arguments of a target without the standard harness.
    let mut arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let enriched = arguments.iter().any(|argument| argument == "--enriched");
    arguments.retain(|argument| !argument.starts_with("--"));
    // A bare `cargo bench` runs every bench target; this one has then nothing to do.
    let [path] = &arguments[..] else {
        eprintln!("usage: cargo bench --bench linux_audit_parser -- LOG [--enriched]");
        return ExitCode::SUCCESS;
    };
    match std::fs::read(path) {
        Ok(log) => {
            println!("{}", count(&log, enriched));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("linux_audit_parser: {path}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What the records of one event have told so far.
#[derive(Default)]
struct Facts {
    connect: bool,
    address: bool,
}

impl Facts {
    fn learn(&mut self, record: &Message<'_>) {
        match record.ty {
            SYSCALL => {
                let call = record.body.get("syscall");
                self.connect = matches!(call, Some(Value::Number(Number::Dec(CONNECT))));
            }
            SOCKADDR => self.address = record.body.get("saddr").is_some(),
            _ => {}
        }
    }
}

fn count(log: &[u8], enriched: bool) -> String {
    let parser = Parser { enriched, ..Parser::default() };
    let mut events: HashMap<(Option<Vec<u8>>, EventID), Facts> = HashMap::new();
    let (mut records, mut refused) = (0_u64, 0_u64);
    // The crate wants the newline that ends a record.
    for line in log.split_inclusive(|&byte| byte == b'\n') {
        match parser.parse(line) {
            Ok(record) => {
                records += 1;
                events.entry((record.node.clone(), record.id)).or_default().learn(&record);
            }
            Err(_) => refused += 1,
        }
    }
    let connects = events.values().filter(|facts| facts.connect).count();
    let addressed = events.values().filter(|facts| facts.connect && facts.address).count();
    let events = events.len();
    format!(
        "{{\"records\":{records},\"refused\":{refused},\"events\":{events},\
         \"connects\":{connects},\"connects_with_address\":{addressed}}}"
    )
}
