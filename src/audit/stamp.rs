//! When an event happened and which one it was: `1723819442.001:9001`.

use std::fmt;

use nom::IResult;
use nom::error::{Error, ErrorKind};

/// The identity of an event on its machine: time and serial.
///
/// The time is when the call was entered, the serial is given when its first record is made, at the
/// call's end. So serials tell the order in which calls ended, and a call that slept has an old
/// time. Neither alone is unique: serials begin anew with each boot and after 2³².
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Stamp {
    /// Milliseconds since 1970, UTC.
    pub millis: u64,
    /// The kernel's serial (or auditd's own, for its DAEMON records).
    pub serial: u32,
}

/// The last second that can be told.
const LAST_SECOND: u64 = crate::time::LAST / 1000;

impl Stamp {
    /// Reads `SECONDS.MILLIS:SERIAL`, and gives back what follows.
    ///
    /// The kernel writes three digits behind the point; a transport that has read the time as a
    /// number may leave fewer, more or none, and they are a decimal fraction then.
    #[inline]
    pub(super) fn parse(input: &[u8]) -> IResult<&[u8], Stamp> {
        Stamp::parse_usual(input).map_or_else(|| Stamp::parse_any(input), Ok)
    }

    /// The same of a time as all are that the kernel wrote in this age.
    #[inline]
    pub(super) fn parse_usual(input: &[u8]) -> Option<(&[u8], Stamp)> {
        let (rest, millis) = usual_time(input)?;
        let (rest, serial) = serial(rest);
        Some((rest, Stamp { millis, serial: serial? }))
    }

    /// Writes it as it is displayed. Every connection has its stamp in its name, and the formatter
    /// is slow.
    pub fn write(self, out: &mut Vec<u8>) {
        // As long as the longest: 17 digits of seconds, 3 of milliseconds, 10 of the serial.
        let mut text = [0; 32];
        let serial = put_before(text.len(), &mut text, self.serial.into(), 1);
        text[serial - 1] = b':';
        let millis = put_before(serial - 1, &mut text, self.millis % 1000, 3);
        text[millis - 1] = b'.';
        let start = put_before(millis - 1, &mut text, self.millis / 1000, 1);
        out.extend_from_slice(&text[start..]);
    }

    /// Writes the name of the event, by which it is known among those of all machines: its host and
    /// its stamp, as documents have them under `event.id`.
    pub fn write_name(self, host: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(host);
        out.push(b':');
        self.write(out);
    }

    fn parse_any(input: &[u8]) -> IResult<&[u8], Stamp> {
        let (rest, seconds) = decimal(input)?;
        let (rest, millis) = match rest.first() {
            Some(b'.') => fraction(&rest[1..])?,
            _ => (rest, 0),
        };
        let Some((b':', rest)) = rest.split_first() else { return failed(rest, ErrorKind::Char) };
        let (rest, serial) = decimal(rest)?;
        match u32::try_from(serial) {
            Ok(serial) if seconds <= LAST_SECOND => {
                Ok((rest, Stamp { millis: seconds * 1000 + u64::from(millis), serial }))
            }
            _ => failed(input, ErrorKind::TooLarge),
        }
    }
}

impl std::str::FromStr for Stamp {
    type Err = String;

    fn from_str(text: &str) -> Result<Stamp, String> {
        match Stamp::parse(text.as_bytes()) {
            Ok((b"", stamp)) => Ok(stamp),
            _ => Err(format!("{text:?} is no event's id; one looks like 1723819442.001:9001")),
        }
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}:{}", self.millis / 1000, self.millis % 1000, self.serial)
    }
}

/// Writes a number with as many digits at least, so that it ends at a place; where it begins.
fn put_before(end: usize, text: &mut [u8], mut number: u64, digits: usize) -> usize {
    let mut start = end;
    while number > 0 || end - start < digits {
        start -= 1;
        text[start] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    start
}

/// `1723819442.001:`: ten digits, as all times from 2001 to 2286 have, and three.
#[inline]
fn usual_time(input: &[u8]) -> Option<(&[u8], u64)> {
    let (time, rest) = input.split_first_chunk::<15>()?;
    let [_, _, _, _, _, _, _, _, a, b, b'.', c, d, e, b':'] = *time else { return None };
    let digit = |byte: u8| Some(u64::from(byte.wrapping_sub(b'0'))).filter(|digit| *digit < 10);
    let tail = digit(a)? * 10_000 + digit(b)? * 1000 + digit(c)? * 100 + digit(d)? * 10 + digit(e)?;
    Some((rest, eight_digits(time.first_chunk()?)? * 100_000 + tail))
}

/// Eight digits at once: neighbours are joined to pairs, pairs to fours, fours to the number.
#[inline]
fn eight_digits(digits: &[u8; 8]) -> Option<u64> {
    let word = u64::from_le_bytes(*digits).wrapping_sub(0x3030_3030_3030_3030);
    let above_nine = word.wrapping_add(0x7676_7676_7676_7676) | word;
    if above_nine & 0x8080_8080_8080_8080 != 0 {
        return None;
    }
    let pairs = word.wrapping_mul(10).wrapping_add(word >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    Some((fours.wrapping_mul(10_000).wrapping_add(fours >> 32)) & 0xffff_ffff)
}

/// The serial, where it fits.
#[inline]
fn serial(input: &[u8]) -> (&[u8], Option<u32>) {
    let mut value = 0u64;
    let mut length = 0;
    while let Some(digit) = input.get(length).map(|b| b.wrapping_sub(b'0')).filter(|d| *d < 10) {
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        length += 1;
    }
    let fits = (1..=10).contains(&length);
    (&input[length..], fits.then(|| u32::try_from(value).ok()).flatten())
}

fn failed<T>(at: &[u8], kind: ErrorKind) -> IResult<&[u8], T> {
    Err(nom::Err::Error(Error::new(at, kind)))
}

/// One to nineteen decimal digits.
#[inline]
fn decimal(input: &[u8]) -> IResult<&[u8], u64> {
    let mut value = 0u64;
    let mut length = 0;
    while let Some(digit) = input.get(length).map(|b| b.wrapping_sub(b'0')).filter(|d| *d < 10) {
        if length == 19 {
            return failed(input, ErrorKind::TooLarge);
        }
        value = value * 10 + u64::from(digit);
        length += 1;
    }
    if length == 0 { failed(input, ErrorKind::Digit) } else { Ok((&input[length..], value)) }
}

/// The digits behind the point, as milliseconds.
#[inline]
fn fraction(input: &[u8]) -> IResult<&[u8], u16> {
    if let [a, b, c, b':', ..] = *input
        && a.is_ascii_digit()
        && b.is_ascii_digit()
        && c.is_ascii_digit()
    {
        let millis = u16::from(a - b'0') * 100 + u16::from(b - b'0') * 10 + u16::from(c - b'0');
        return Ok((&input[3..], millis));
    }
    let (mut millis, mut unit, mut length) = (0, 100, 0);
    while let Some(digit) = input.get(length).filter(|b| b.is_ascii_digit()) {
        millis += u16::from(digit - b'0') * unit;
        unit /= 10;
        length += 1;
    }
    if length == 0 { failed(input, ErrorKind::Digit) } else { Ok((&input[length..], millis)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(u64, u32)>) {
        let stamp = Stamp::parse(text.as_bytes()).ok().map(|(_, s)| (s.millis, s.serial));
        assert_eq!(stamp, expected, "{text}");
    }

    #[test]
    fn a_stamp_is_time_and_serial() {
        check("1723819442.001:9001", Some((1_723_819_442_001, 9001)));
        check("1492037298.883:4294967295", Some((1_492_037_298_883, u32::MAX)));
        check("0.000:0", Some((0, 0)));
    }

    #[test]
    fn a_stamp_is_written_as_it_is_displayed() {
        for millis in [0, 1, 999, 1000, 1_723_819_442_001, u64::MAX] {
            for serial in [0, 9, 10, 9001, u32::MAX] {
                let (stamp, mut written) = (Stamp { millis, serial }, Vec::new());
                stamp.write(&mut written);
                assert_eq!(written, stamp.to_string().as_bytes());
            }
        }
    }

    #[test]
    fn what_stands_behind_the_point_is_a_fraction() {
        check("1723819442.5:1", Some((1_723_819_442_500, 1)));
        check("1723819442.123456:1", Some((1_723_819_442_123, 1)));
        check("1723819442:1", Some((1_723_819_442_000, 1)));
    }

    #[test]
    fn the_quick_way_and_the_slow_one_say_the_same() {
        for text in ["1723819442.001:9001", "9999999999.999:4294967295", "0000000000.000:0"] {
            let slow = Stamp::parse_any(text.as_bytes()).expect("a stamp");
            assert_eq!(Stamp::parse(text.as_bytes()), Ok(slow), "{text}");
        }
        for text in ["172381944:.001:9001", "/723819442.001:1", "17238194 2.001:1"] {
            check(text, None);
        }
    }

    #[test]
    fn no_stamp_is_made_of_what_is_none() {
        for text in ["", "1.2", "1.:2", ".5:1", "x:1", "1.000:", "-1.000:1", "1.000 :1"] {
            check(text, None);
        }
    }

    #[test]
    fn numbers_that_no_clock_and_no_kernel_can_write_are_refused() {
        check("253402300800.000:1", None);
        check("99999999999999999999.000:1", None);
        check("1723819442.000:4294967296", None);
    }
}
