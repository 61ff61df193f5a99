//! The time in a header, in all the ways in which syslogs, the journal and dmesg write it.
//!
//! The text of a header comes in; what sort of time it begins with goes out. Which time it is
//! nobody needs to know: a record has its own.

use nom::branch::alt;
use nom::bytes::complete::is_not;
use nom::character::complete::{char, digit1, one_of, space0};
use nom::combinator::{opt, verify};
use nom::multi::many_m_n;
use nom::sequence::delimited;
use nom::{IResult, Parser};

use super::header::word;

/// A sort of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Clock {
    /// `[  918.800671]`, as dmesg shows it.
    Kernel,
    /// `2024-08-16T14:44:02.459123+02:00`.
    Rfc3339,
    /// Any other.
    Other,
}

/// The time that a text begins with, and the blanks behind it.
pub fn clock(input: &[u8]) -> IResult<&[u8], Clock> {
    alt((kernel_clock, rfc_3339, zoned, named, seconds)).parse(input)
}

/// `[  918.800671]`, `[Fri Aug 16 14:44:02 2024]`, `[Aug16 14:44]` or `[  +0.000003]`, and the
/// thread or processor that some kernels name behind it.
pub fn kernel_clock(input: &[u8]) -> IResult<&[u8], Clock> {
    let inside = verify(is_not("[]"), is_kernels);
    let (input, _) = delimited(char('['), inside, (char(']'), space0)).parse(input)?;
    let caller = (char('['), space0, one_of("TC"), digit1, char(']'), space0);
    opt(caller).map(|_| Clock::Kernel).parse(input)
}

fn is_kernels(text: &[u8]) -> bool {
    let of_a_number = |b: &u8| b.is_ascii_digit() || b".,:+-<>".contains(b);
    let is_part = |word: &[u8]| {
        let letters = word.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        matches!(letters, 0 | 3) && word[letters..].iter().all(of_a_number)
    };
    text.split(|b| *b == b' ').all(is_part)
        && text.iter().any(u8::is_ascii_digit)
        && text.iter().any(|b| matches!(b, b'.' | b':'))
}

/// `2024-08-16T14:44:02.459123+02:00`, which may have a blank for its T.
pub fn rfc_3339(input: &[u8]) -> IResult<&[u8], Clock> {
    let (rest, date) = verify(word, is_date).parse(input)?;
    match &date[10..] {
        [] => of_day(rest).map(|(rest, _)| (rest, Clock::Rfc3339)),
        _ => Ok((rest, Clock::Rfc3339)),
    }
}

/// `Fri 2024-08-16 14:44:02 CEST`.
fn zoned(input: &[u8]) -> IResult<&[u8], Clock> {
    (name, rfc_3339, word).map(|_| Clock::Other).parse(input)
}

/// `Feb 06 09:57:37`, also with a year before the time of day or behind it, or with the day of the
/// week in front, and in any language.
fn named(input: &[u8]) -> IResult<&[u8], Clock> {
    let day = verify(word, |word: &[u8]| word.len() <= 2 && word.iter().all(u8::is_ascii_digit));
    let time = (many_m_n(1, 2, name), day, opt(year), of_day, opt(year));
    time.map(|_| Clock::Other).parse(input)
}

/// Seconds since 1970.
fn seconds(input: &[u8]) -> IResult<&[u8], Clock> {
    let is_seconds = |word: &[u8]| {
        let point = word.iter().position(|b| *b == b'.').unwrap_or(word.len());
        let mut digits = word[..point].iter().chain(word[point..].iter().skip(1));
        matches!(point, 9 | 10) && digits.all(u8::is_ascii_digit)
    };
    verify(word, is_seconds).map(|_| Clock::Other).parse(input)
}

/// A month or a day of the week.
fn name(input: &[u8]) -> IResult<&[u8], &[u8]> {
    let of_a_name = |b: &u8| b.is_ascii_alphabetic() || !b.is_ascii() || *b == b'.';
    let is_name = |word: &[u8]| (2..=16).contains(&word.len()) && word.iter().all(of_a_name);
    verify(word, is_name).parse(input)
}

fn year(input: &[u8]) -> IResult<&[u8], &[u8]> {
    let is_year = |word: &[u8]| word.len() == 4 && word.iter().all(u8::is_ascii_digit);
    verify(word, is_year).parse(input)
}

/// `2024-08-16`, and what may follow its T.
fn is_date(word: &[u8]) -> bool {
    let digits = |from: usize, to: usize| word[from..to].iter().all(u8::is_ascii_digit);
    word.len() >= 10
        && (digits(0, 4) && digits(5, 7) && digits(8, 10))
        && (word[4] == b'-' && word[7] == b'-')
        && (word.len() == 10 || word[10] == b'T' && is_time_of_day(&word[11..]))
}

fn of_day(input: &[u8]) -> IResult<&[u8], &[u8]> {
    verify(word, is_time_of_day).parse(input)
}

/// `14:44:02`, with a fraction and a zone perhaps.
pub fn is_time_of_day(word: &[u8]) -> bool {
    let is_right = |(at, b): (usize, &u8)| match at {
        2 | 5 => *b == b':',
        0..=7 => b.is_ascii_digit(),
        _ => b.is_ascii_digit() || b".,:+-Z".contains(b),
    };
    word.len() >= 8 && word.iter().enumerate().all(is_right)
}
