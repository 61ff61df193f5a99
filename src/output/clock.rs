//! Writes times: `2024-08-16T14:44:02.001Z`, or `2024-08-16 14:44:02.001` for people; UTC in both.
//!
//! Connections come in the order of time, many to a second, so the second is worked out once.

/// Writes times.
#[derive(Debug)]
pub(super) struct Clock {
    second: Option<u64>,
    written: [u8; 19],
    separator: u8,
    end: &'static [u8],
}

impl Clock {
    /// A clock that writes as RFC 3339 has it.
    pub(super) fn rfc_3339() -> Clock {
        Clock { second: None, written: [0; 19], separator: b'T', end: b"Z" }
    }

    /// A clock that writes for people.
    pub(super) fn plain() -> Clock {
        Clock { separator: b' ', end: b"", ..Clock::rfc_3339() }
    }

    /// Appends the time that is so many milliseconds after 1970, in a year of up to four digits.
    pub(super) fn write(&mut self, millis: u64, out: &mut Vec<u8>) {
        let second = millis / 1000;
        if self.second != Some(second) {
            self.second = Some(second);
            self.written = written(second, self.separator);
        }
        out.extend_from_slice(&self.written);
        let [hundreds, rest @ ..] = digits::<3>(millis % 1000);
        out.extend_from_slice(&[b'.', hundreds, rest[0], rest[1]]);
        out.extend_from_slice(self.end);
    }
}

fn written(second: u64, separator: u8) -> [u8; 19] {
    let (year, month, day) = date(second / 86_400);
    let second = second % 86_400;
    let mut written = *b"0000-00-00 00:00:00";
    written[..4].copy_from_slice(&digits::<4>(year));
    for (at, number) in
        [(5, month), (8, day), (11, second / 3600), (14, second / 60 % 60), (17, second % 60)]
    {
        written[at..at + 2].copy_from_slice(&digits::<2>(number));
    }
    written[10] = separator;
    written
}

/// Year, month and day, so many days after 1970-01-01.
///
/// The `civil_from_days` of Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms": years
/// begin in March, so that the leap day is the last, and repeat after 400.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

fn digits<const N: usize>(mut number: u64) -> [u8; N] {
    let mut digits = [b'0'; N];
    for digit in digits.iter_mut().rev() {
        *digit += (number % 10) as u8;
        number /= 10;
    }
    digits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(clock: &mut Clock, millis: u64, expected: &str) {
        let mut out = Vec::new();
        clock.write(millis, &mut out);
        assert_eq!(String::from_utf8(out).expect("ASCII"), expected);
    }

    #[test]
    fn a_second_is_worked_out_anew_when_it_changes() {
        let clock = &mut Clock::rfc_3339();
        check(clock, 0, "1970-01-01T00:00:00.000Z");
        check(clock, 1_723_819_442_001, "2024-08-16T14:44:02.001Z");
        check(clock, 1_723_819_442_999, "2024-08-16T14:44:02.999Z");
        check(clock, 1_723_819_443_000, "2024-08-16T14:44:03.000Z");
        check(clock, 1_723_819_442_001, "2024-08-16T14:44:02.001Z");
        check(clock, 253_402_214_400_000, "9999-12-31T00:00:00.000Z");
    }

    #[test]
    fn people_read_it_without_letters() {
        check(&mut Clock::plain(), 1_709_164_800_020, "2024-02-29 00:00:00.020");
    }

    proptest! {
        #[test]
        fn it_agrees_with_jiff(millis in 0..253_402_000_000_000_u64) {
            let mut out = Vec::new();
            Clock::rfc_3339().write(millis, &mut out);
            let time = jiff::Timestamp::from_millisecond(millis as i64).expect("in range");
            prop_assert_eq!(String::from_utf8(out).expect("ASCII"), format!("{time:.3}"));
        }
    }
}
