//! The functions that look at one row: a table of all of them. To add one, add its line, and what
//! it does below.
//!
//! Unless its line says otherwise, a function of nothing is nothing, and so is one of several
//! values, which is told.

use super::expr::{Expr, World};
use super::span;
use super::value::{SpanValue, Type, Value};
use super::warning::Odd;

/// What an argument may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Takes {
    Anything,
    Text,
    Ip,
    /// An address, or the text of one.
    Address,
    /// The text of a network, as it stands in the query.
    Network,
    Date,
    Span,
    Number,
    Whole,
    Truth,
}

impl Takes {
    /// Whether values of a type may stand here.
    pub(super) fn admits(self, kind: Type) -> bool {
        kind == Type::Null
            || match self {
                Takes::Anything => kind != Type::Span,
                Takes::Text | Takes::Network => kind == Type::Keyword,
                Takes::Ip => kind == Type::Ip,
                Takes::Address => matches!(kind, Type::Ip | Type::Keyword),
                Takes::Date => kind == Type::Date,
                Takes::Span => kind == Type::Span,
                Takes::Number => kind.is_number(),
                Takes::Whole => matches!(kind, Type::Integer | Type::Long),
                Takes::Truth => kind == Type::Boolean,
            }
    }

    /// What is expected, in words.
    pub(super) fn words(self) -> &'static str {
        match self {
            Takes::Anything => "a value",
            Takes::Text => "text (keyword)",
            Takes::Network => "a network between quotes, as \"10.0.0.0/8\"",
            Takes::Ip => "an address (ip)",
            Takes::Address => "an address or its text (ip or keyword)",
            Takes::Date => "a time (date)",
            Takes::Span => "a span of time, as 1 hour",
            Takes::Number => "a number",
            Takes::Whole => "a whole number",
            Takes::Truth => "true or false (boolean)",
        }
    }
}

/// What type a function's values have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Gives {
    This(Type),
    /// That of its first argument.
    First,
    /// That of all its arguments, which have to have a common one.
    Common,
    /// That of what stands behind the conditions.
    Choices,
}

/// What a function does.
#[derive(Clone, Copy)]
pub(super) enum Does {
    /// Something with single values, none of which is nothing.
    Single(fn(&[Value<'_>]) -> Result<Value<'static>, Odd>),
    /// Something with all values of each argument.
    All(fn(&[Value<'_>]) -> Value<'static>),
    /// Looks for an address in networks, which becomes an expression of its own (`typing.rs`).
    Networks,
    /// Something for which not all arguments need to be looked at.
    Choice(for<'r> fn(&'r [Expr], &World<'r>) -> Value<'r>),
}

/// A function.
pub(super) struct Function {
    pub(super) names: &'static [&'static str],
    /// How it is written.
    pub(super) usage: &'static str,
    pub(super) takes: &'static [Takes],
    /// How many of those may be left out.
    pub(super) optional: usize,
    /// Whether there may be more arguments like the last.
    pub(super) repeats: bool,
    pub(super) gives: Gives,
    pub(super) does: Does,
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.names[0])
    }
}

macro_rules! functions {
    ($($usage:literal $names:expr, $takes:expr, $optional:literal, $repeats:literal, $gives:expr,
        $does:expr;)*) => {
        /// All of them.
        pub(super) static FUNCTIONS: &[Function] = &[$(Function {
            names: &$names,
            usage: $usage,
            takes: &$takes,
            optional: $optional,
            repeats: $repeats,
            gives: $gives,
            does: $does,
        },)*];
    };
}

use Does::{All, Choice, Single};
use Gives::{Choices, Common, First, This};
use Takes::{Anything, Date, Ip, Network, Number, Text, Truth, Whole};

functions! {
    "abs(number)" ["abs"], [Number], 0, false, First, Single(abs);
    "bucket(date, span)" ["bucket"], [Date, Takes::Span], 0, false, This(Type::Date),
        Single(|a| date_trunc(&[a[1].borrowed(), a[0].borrowed()]));
    "case(condition, value, …, otherwise)" ["case"], [Truth, Anything], 0, true, Choices,
        Choice(case);
    "cidr_match(ip, \"10.0.0.0/8\", …)" ["cidr_match"], [Ip, Network], 0, true,
        This(Type::Boolean), Does::Networks;
    "coalesce(value, …)" ["coalesce"], [Anything], 0, true, Common, Choice(coalesce);
    "concat(text, text, …)" ["concat"], [Text, Text], 0, true, This(Type::Keyword),
        Single(concat);
    "date_trunc(span, date)" ["date_trunc"], [Takes::Span, Date], 0, false, This(Type::Date),
        Single(date_trunc);
    "ends_with(text, end)" ["ends_with"], [Text, Text], 0, false, This(Type::Boolean),
        Single(|a| Ok(Value::Boolean(bytes(&a[0]).ends_with(bytes(&a[1])))));
    "length(text)" ["length"], [Text], 0, false, This(Type::Integer), Single(length);
    "mv_count(values)" ["mv_count"], [Anything], 0, false, This(Type::Integer), All(mv_count);
    "round(number, digits)" ["round"], [Number, Whole], 1, false, First, Single(round);
    "starts_with(text, begin)" ["starts_with"], [Text, Text], 0, false, This(Type::Boolean),
        Single(|a| Ok(Value::Boolean(bytes(&a[0]).starts_with(bytes(&a[1])))));
    "substring(text, start, length)" ["substring"], [Text, Whole, Whole], 1, false,
        This(Type::Keyword), Single(substring);
    "to_boolean(value)" ["to_boolean", "to_bool"], [Anything], 0, false, This(Type::Boolean),
        Single(to_boolean);
    "to_datetime(value)" ["to_datetime", "to_dt"], [Anything], 0, false, This(Type::Date),
        Single(to_datetime);
    "to_double(value)" ["to_double", "to_dbl"], [Anything], 0, false, This(Type::Double),
        Single(to_double);
    "to_integer(value)" ["to_integer", "to_int"], [Anything], 0, false, This(Type::Integer),
        Single(to_integer);
    "to_ip(text)" ["to_ip"], [Takes::Address], 0, false, This(Type::Ip), Single(to_ip);
    "to_long(value)" ["to_long"], [Anything], 0, false, This(Type::Long), Single(to_long);
    "to_lower(text)" ["to_lower"], [Text], 0, false, This(Type::Keyword),
        Single(|a| Ok(Value::text(lossy(&a[0]).to_lowercase())));
    "to_string(value)" ["to_string", "to_str"], [Anything], 0, false, This(Type::Keyword),
        All(to_string);
    "to_upper(text)" ["to_upper"], [Text], 0, false, This(Type::Keyword),
        Single(|a| Ok(Value::text(lossy(&a[0]).to_uppercase())));
    "trim(text)" ["trim"], [Text], 0, false, This(Type::Keyword),
        Single(|a| Ok(Value::text(lossy(&a[0]).trim())));
}

/// The function of a name, in whatever case.
pub(super) fn function(name: &str) -> Option<&'static Function> {
    let is_it = |known: &&str| known.eq_ignore_ascii_case(name);
    FUNCTIONS.iter().find(|function| function.names.iter().any(is_it))
}

fn bytes<'v>(value: &'v Value<'_>) -> &'v [u8] {
    match value {
        Value::Text(text) => text,
        _ => b"",
    }
}

fn lossy<'v>(value: &'v Value<'_>) -> std::borrow::Cow<'v, str> {
    String::from_utf8_lossy(bytes(value))
}

fn abs(of: &[Value<'_>]) -> Result<Value<'static>, Odd> {
    match of[0] {
        Value::Whole(number) => number.checked_abs().map(Value::Whole).ok_or(Odd::TooLarge),
        Value::Double(number) => Ok(Value::Double(number.abs())),
        _ => Ok(Value::Null),
    }
}

fn case<'r>(of: &'r [Expr], world: &World<'r>) -> Value<'r> {
    for pair in of.chunks(2) {
        match pair {
            [condition, value] if condition.truth(world) == Some(true) => {
                return value.value(world);
            }
            [otherwise] => return otherwise.value(world),
            _ => {}
        }
    }
    Value::Null
}

fn coalesce<'r>(of: &'r [Expr], world: &World<'r>) -> Value<'r> {
    let values = of.iter().map(|value| value.value(world));
    values.into_iter().find(|value| !value.is_null()).unwrap_or(Value::Null)
}

/// The longest text that is put together.
const LONGEST: usize = 1 << 20;

fn concat(of: &[Value<'_>]) -> Result<Value<'static>, Odd> {
    let parts: Vec<&[u8]> = of.iter().map(bytes).collect();
    match parts.iter().map(|part| part.len()).sum::<usize>() {
        0..=LONGEST => Ok(Value::text(parts.concat())),
        _ => Err(Odd::TooLarge),
    }
}

fn date_trunc(of: &[Value<'_>]) -> Result<Value<'static>, Odd> {
    match (&of[0], &of[1]) {
        (Value::Span(SpanValue(span)), Value::Date(millis)) => {
            span.floor(*millis).map(Value::Date).ok_or(Odd::NoSuchValue)
        }
        _ => Ok(Value::Null),
    }
}

fn length(of: &[Value<'_>]) -> Result<Value<'static>, Odd> {
    Ok(Value::Whole(lossy(&of[0]).chars().count() as i64))
}

fn mv_count(of: &[Value<'_>]) -> Value<'static> {
    match of[0].each().len() {
        0 => Value::Null,
        number => Value::Whole(number as i64),
    }
}

fn round(of: &[Value<'_>]) -> Result<Value<'static>, Odd> {
    let digits = match of.get(1) {
        Some(Value::Whole(digits)) => (*digits).clamp(-400, 400) as i32,
        _ => 0,
    };
    match of[0] {
        Value::Double(number) => {
            let scale = 10_f64.powi(digits);
            let rounded = (number * scale).round() / scale;
            Ok(Value::Double(if rounded.is_finite() { rounded } else { number }))
        }
        Value::Whole(number) if digits < 0 => {
            let scale = 10_i128.checked_pow(digits.unsigned_abs()).unwrap_or(i128::MAX / 4);
            let number = i128::from(number);
            let half = if number < 0 { -(scale / 2) } else { scale / 2 };
            let rounded = (number + half) / scale * scale;
            i64::try_from(rounded).map(Value::Whole).map_err(|_| Odd::TooLarge)
        }
        Value::Whole(number) => Ok(Value::Whole(number)),
        _ => Ok(Value::Null),
    }
}

/// A part of a text, counted in characters from 1, or from the end where the start is negative.
fn substring(of: &[Value<'_>]) -> Result<Value<'static>, Odd> {
    let text = lossy(&of[0]);
    let Value::Whole(start) = of[1] else { return Ok(Value::Null) };
    let count = text.chars().count();
    let from = match start {
        1.. => usize::try_from(start - 1).unwrap_or(usize::MAX),
        0 => 0,
        _ => count.saturating_sub(usize::try_from(start.unsigned_abs()).unwrap_or(usize::MAX)),
    };
    let length = match of.get(2) {
        Some(Value::Whole(length)) => match usize::try_from(*length) {
            Ok(length) => length,
            Err(_) => return Err(Odd::NoSuchValue),
        },
        _ => usize::MAX,
    };
    Ok(Value::text(text.chars().skip(from).take(length).collect::<String>()))
}

fn to_boolean(of: &[Value<'_>]) -> Result<Value<'static>, Odd> {
    Ok(match &of[0] {
        Value::Boolean(truth) => Value::Boolean(*truth),
        Value::Whole(number) => Value::Boolean(*number != 0),
        Value::Double(number) => Value::Boolean(*number != 0.0),
        text @ Value::Text(_) => Value::Boolean(lossy(text).eq_ignore_ascii_case("true")),
        _ => return Err(Odd::NoSuchValue),
    })
}

fn to_datetime(of: &[Value<'_>]) -> Result<Value<'static>, Odd> {
    match &of[0] {
        Value::Date(millis) | Value::Whole(millis) => Ok(Value::Date(*millis)),
        text @ Value::Text(_) => span::date(&lossy(text)).map(Value::Date).ok_or(Odd::NoSuchValue),
        _ => Err(Odd::NoSuchValue),
    }
}

fn to_double(of: &[Value<'_>]) -> Result<Value<'static>, Odd> {
    let number = match &of[0] {
        Value::Date(millis) => Some(*millis as f64),
        Value::Boolean(truth) => Some(f64::from(u8::from(*truth))),
        text @ Value::Text(_) => lossy(text).trim().parse().ok(),
        other => other.number(),
    };
    number.filter(|number| number.is_finite()).map(Value::Double).ok_or(Odd::NoSuchValue)
}

fn to_long(of: &[Value<'_>]) -> Result<Value<'static>, Odd> {
    let rounded = |number: f64| {
        // Halves go up, also below zero.
        let number = (number + 0.5).floor();
        let fits = number.abs() < 9.2e18;
        fits.then_some(number as i64)
    };
    let number = match &of[0] {
        Value::Whole(number) | Value::Date(number) => Some(*number),
        Value::Boolean(truth) => Some(i64::from(*truth)),
        Value::Double(number) => rounded(*number),
        text @ Value::Text(_) => {
            let text = lossy(text);
            let text = text.trim();
            text.parse().ok().or_else(|| text.parse().ok().and_then(rounded))
        }
        _ => None,
    };
    number.map(Value::Whole).ok_or(Odd::NoSuchValue)
}

fn to_integer(of: &[Value<'_>]) -> Result<Value<'static>, Odd> {
    match to_long(of)? {
        Value::Whole(number) if i32::try_from(number).is_ok() => Ok(Value::Whole(number)),
        _ => Err(Odd::NoSuchValue),
    }
}

fn to_ip(of: &[Value<'_>]) -> Result<Value<'static>, Odd> {
    match &of[0] {
        Value::Ip(ip) => Ok(Value::Ip(*ip)),
        text @ Value::Text(_) => {
            let ip: Result<std::net::IpAddr, _> = lossy(text).trim().parse();
            ip.map(|ip| Value::Ip(ip.to_canonical())).map_err(|_| Odd::NoSuchValue)
        }
        _ => Err(Odd::NoSuchValue),
    }
}

fn to_string(of: &[Value<'_>]) -> Value<'static> {
    let shown = |value: &Value<'_>| value.shown().map(|text| Value::text(text.into_owned()));
    Value::several(of[0].each().iter().filter_map(shown).collect())
}
