//! Values and their types.
//!
//! A value is what a column has in a row: nothing, one value, or several of one type. What is known
//! of it before a row is read is its type.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::net::IpAddr;

use super::span::{self, Span};

/// What values of a column are.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Type {
    /// Nothing at all: the column has no value in any row.
    Null,
    /// True or false.
    Boolean,
    /// A whole number of 32 bits.
    Integer,
    /// A whole number of 64 bits.
    Long,
    /// A number with a point.
    Double,
    /// Text.
    Keyword,
    /// An IP address.
    Ip,
    /// A time, to the millisecond.
    Date,
    /// A span of time.
    Span,
}

impl Type {
    /// What the language calls it.
    pub fn name(self) -> &'static str {
        match self {
            Type::Null => "null",
            Type::Boolean => "boolean",
            Type::Integer => "integer",
            Type::Long => "long",
            Type::Double => "double",
            Type::Keyword => "keyword",
            Type::Ip => "ip",
            Type::Date => "date",
            Type::Span => "time span",
        }
    }

    /// Whether it can be reckoned with.
    pub fn is_number(self) -> bool {
        matches!(self, Type::Integer | Type::Long | Type::Double)
    }

    /// The type of which both can be values.
    pub(super) fn common(self, other: Type) -> Option<Type> {
        match (self, other) {
            (one, other) if one == other => Some(one),
            (Type::Null, other) | (other, Type::Null) => Some(other),
            (Type::Double, other) | (other, Type::Double) if other.is_number() => {
                Some(Type::Double)
            }
            (Type::Integer, Type::Long) | (Type::Long, Type::Integer) => Some(Type::Long),
            _ => None,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A value.
#[derive(Clone, PartialEq, Debug)]
pub enum Value<'v> {
    /// None.
    Null,
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Whole(i64),
    /// A number with a point; never one that is none.
    Double(f64),
    /// Text, which need not be UTF-8.
    Text(Cow<'v, [u8]>),
    /// An IP address.
    Ip(IpAddr),
    /// A time in milliseconds since 1970.
    Date(i64),
    /// A span of time.
    #[doc(hidden)]
    Span(SpanValue),
    /// Several values of one type; never fewer than two.
    Many(Vec<Value<'v>>),
}

/// A span of time as a value, which no column has.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SpanValue(pub(super) Span);

impl<'v> Value<'v> {
    /// The same value in memory of its own.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Value::Many(all) => Value::Many(all.into_iter().map(Value::into_owned).collect()),
            Value::Null => Value::Null,
            Value::Boolean(truth) => Value::Boolean(truth),
            Value::Whole(number) => Value::Whole(number),
            Value::Double(number) => Value::Double(number),
            Value::Ip(ip) => Value::Ip(ip),
            Value::Date(millis) => Value::Date(millis),
            Value::Span(span) => Value::Span(span),
        }
    }

    /// The same value, borrowed from this one.
    pub fn borrowed(&self) -> Value<'_> {
        match self {
            Value::Text(text) => Value::Text(Cow::Borrowed(text)),
            Value::Many(all) => Value::Many(all.iter().map(Value::borrowed).collect()),
            other => other.clone(),
        }
    }

    /// Text in memory of its own.
    pub(super) fn text(text: impl Into<Vec<u8>>) -> Value<'v> {
        Value::Text(Cow::Owned(text.into()))
    }

    /// Several values: nothing if there are none, and itself if there is one.
    pub(super) fn several(mut all: Vec<Value<'v>>) -> Value<'v> {
        match all.len() {
            0 => Value::Null,
            1 => all.remove(0),
            _ => Value::Many(all),
        }
    }

    /// Its values: none, one or several.
    pub fn each(&self) -> &[Value<'v>] {
        match self {
            Value::Null => &[],
            Value::Many(all) => all,
            one => std::slice::from_ref(one),
        }
    }

    /// Whether there is none.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    pub(super) fn truth(&self) -> Option<bool> {
        match self {
            Value::Boolean(truth) => Some(*truth),
            _ => None,
        }
    }

    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Value::Whole(number) => Some(*number as f64),
            Value::Double(number) => Some(*number),
            _ => None,
        }
    }

    /// How two single values of a common type lie to each other.
    pub(super) fn order(&self, other: &Value<'_>) -> Ordering {
        match (self, other) {
            (Value::Boolean(one), Value::Boolean(other)) => one.cmp(other),
            (Value::Whole(one), Value::Whole(other)) => one.cmp(other),
            (Value::Date(one), Value::Date(other)) => one.cmp(other),
            (Value::Text(one), Value::Text(other)) => one.cmp(other),
            (Value::Ip(one), Value::Ip(other)) => bits(*one).cmp(&bits(*other)),
            _ => match (self.number(), other.number()) {
                (Some(one), Some(other)) => one.partial_cmp(&other).unwrap_or(Ordering::Equal),
                _ => Ordering::Equal,
            },
        }
    }

    /// Appends what tells it from every other value of its type.
    pub(super) fn key(&self, out: &mut Vec<u8>) {
        let mut tagged = |tag: u8, bytes: &[u8]| {
            out.push(tag);
            out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
            out.extend_from_slice(bytes);
        };
        match self {
            Value::Null => tagged(0, b""),
            Value::Boolean(truth) => tagged(1, &[u8::from(*truth)]),
            Value::Whole(number) => tagged(2, &number.to_le_bytes()),
            // There are two zeros, which are equal.
            Value::Double(number) => tagged(3, &(number + 0.0).to_le_bytes()),
            Value::Text(text) => tagged(4, text),
            Value::Ip(ip) => tagged(5, &bits(*ip).to_le_bytes()),
            Value::Date(millis) => tagged(6, &millis.to_le_bytes()),
            Value::Span(_) => tagged(7, b""),
            Value::Many(all) => {
                tagged(8, &(all.len() as u64).to_le_bytes());
                all.iter().for_each(|value| value.key(out));
            }
        }
    }

    /// About how much memory it takes.
    pub(super) fn weight(&self) -> usize {
        let own = size_of::<Value<'_>>();
        match self {
            Value::Text(text) => own + text.len(),
            Value::Many(all) => own + all.iter().map(Value::weight).sum::<usize>(),
            _ => own,
        }
    }

    /// As text, as `to_string` has it; nothing of what is several.
    pub fn shown(&self) -> Option<Cow<'_, [u8]>> {
        let owned = |text: String| Some(Cow::Owned(text.into_bytes()));
        match self {
            Value::Null | Value::Many(_) | Value::Span(_) => None,
            Value::Text(text) => Some(Cow::Borrowed(text)),
            Value::Boolean(truth) => owned(truth.to_string()),
            Value::Whole(number) => owned(number.to_string()),
            Value::Double(number) => owned(double(*number)),
            Value::Ip(ip) => owned(ip.to_string()),
            Value::Date(millis) => owned(span::written(*millis)),
        }
    }
}

/// A number as text, with a point even if nothing is behind it, and an exponent if it is long.
fn double(number: f64) -> String {
    match number.abs() {
        1e-3..1e7 | 0.0 => format!("{number:?}"),
        _ => format!("{number:E}"),
    }
}

/// The bits of an address, of an IPv4 one those of its mapping to IPv6: so both are in one order.
pub(super) fn bits(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().to_bits(),
        IpAddr::V6(ip) => ip.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_tells_values_apart_and_equal_ones_not() {
        let key = |values: &[Value<'_>]| {
            let mut key = Vec::new();
            values.iter().for_each(|value| value.key(&mut key));
            key
        };
        let text = |text: &str| Value::text(text);
        assert_ne!(key(&[text("ab"), text("c")]), key(&[text("a"), text("bc")]));
        assert_ne!(key(&[Value::Null]), key(&[text("")]));
        assert_eq!(key(&[Value::Double(0.0)]), key(&[Value::Double(-0.0)]));
        let ip = |ip: &str| Value::Ip(ip.parse().expect("an address"));
        assert_ne!(key(&[ip("192.0.2.7")]), key(&[ip("192.0.2.8")]));
    }

    #[test]
    fn numbers_are_shown_as_the_language_shows_them() {
        for (number, expected) in
            [(2.0, "2.0"), (0.5, "0.5"), (1e7, "1E7"), (-0.0001, "-1E-4"), (0.0, "0.0")]
        {
            assert_eq!(double(number), expected);
        }
    }
}
