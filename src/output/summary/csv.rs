//! Counts as comma-separated values, in cells that no spreadsheet runs ([`crate::output::csv`]).
//!
//! Several tables have the same columns: `by` says by what was counted, and `value` has the values
//! in the same order, parted by `;`. An absent one is `-`.

use super::columns;
use crate::counts::values;
use crate::output::csv::Sheet;
use crate::summary::Table;

const COLUMNS: &str = "by,value,count,connections,different,without,missed,first,last,over_time\n";

pub(super) fn tables(tables: &[Table], top: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(COLUMNS.as_bytes());
    let mut sheet = Sheet::default();
    for table in tables {
        let columns = columns(table);
        let by: Vec<&str> = table.by.iter().map(|by| by.name.as_str()).collect();
        for counted in table.counts.top(top) {
            out.extend_from_slice(by.join(";").as_bytes());
            let [first, last] = [counted.first, counted.last].map(|millis| sheet.time(millis));
            let mut row = sheet.row(out);
            let known: Vec<Vec<u8>> = values(counted.key)
                .into_iter()
                .map(|value| value.unwrap_or_else(|| b"-".to_vec()))
                .collect();
            match &known[..] {
                [one] => row.text(Some(one)),
                several => row.list(several),
            }
            row.number(Some(counted.count));
            row.number(Some(table.connections));
            row.number(Some(table.counts.different()));
            row.number(Some(table.without));
            row.number(Some(table.counts.missed()));
            row.name(Some(&first));
            row.name(Some(&last));
            let heights = columns.map_or_else(Vec::new, |all| all.heights(counted.slots()));
            let heights: Vec<String> = heights.iter().map(u64::to_string).collect();
            row.name(Some(&heights.join(";")));
            out.push(b'\n');
        }
    }
}
