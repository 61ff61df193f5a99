//! What a rule looks at: anything that has named fields.

use std::borrow::Cow;
use std::fmt;
use std::io::Write;
use std::net::IpAddr;

use super::field::Field;

/// What has named fields: a connection, or a document of another shipper.
pub trait Fields {
    /// The value of a field, or the first of several; none if it is absent.
    fn value(&self, field: &Field) -> Option<Value<'_>>;

    /// Whether any of a field's values is so.
    fn any(&self, field: &Field, is_so: &mut dyn FnMut(&Value<'_>) -> bool) -> bool {
        self.value(field).is_some_and(|value| is_so(&value))
    }

    /// The value of a field as text, or the first of several.
    fn field(&self, field: &Field) -> Option<Cow<'_, [u8]>> {
        self.value(field).map(Value::into_text)
    }
}

/// A value. Numbers and addresses are what they are, so that nobody need read them from text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value<'v> {
    /// Text, which need not be UTF-8.
    Text(Cow<'v, [u8]>),
    /// A whole number.
    Number(i64),
    /// An IP address.
    Ip(IpAddr),
}

impl<'v> Value<'v> {
    /// A value that is text and borrowed.
    pub fn text(text: &'v (impl AsRef<[u8]> + ?Sized)) -> Value<'v> {
        Value::Text(Cow::Borrowed(text.as_ref()))
    }

    /// The same value, borrowed from this one.
    pub fn borrowed(&self) -> Value<'_> {
        match self {
            Value::Text(text) => Value::text(&text[..]),
            Value::Number(number) => Value::Number(*number),
            Value::Ip(ip) => Value::Ip(*ip),
        }
    }

    /// The value as text, in memory of its own unless it is text already.
    pub fn into_text(self) -> Cow<'v, [u8]> {
        match self {
            Value::Text(text) => text,
            Value::Number(number) => Cow::Owned(number.to_string().into_bytes()),
            Value::Ip(ip) => Cow::Owned(ip.to_string().into_bytes()),
        }
    }

    /// The value as an address, read from its text if need be; v4-mapped ones become IPv4.
    pub fn ip(&self) -> Option<IpAddr> {
        match self {
            Value::Ip(ip) => Some(*ip),
            Value::Number(_) => None,
            Value::Text(text) => {
                let ip: IpAddr = std::str::from_utf8(text).ok()?.parse().ok()?;
                Some(ip.to_canonical())
            }
        }
    }

    /// The value as a number, read from its text if need be.
    pub fn number(&self) -> Option<i64> {
        match self {
            Value::Number(number) => Some(*number),
            Value::Ip(_) => None,
            Value::Text(text) => std::str::from_utf8(text).ok()?.parse().ok(),
        }
    }
}

/// A value as text that needs no memory but its own.
#[derive(Clone)]
pub struct Text<'v>(Form<'v>);

#[derive(Clone)]
enum Form<'v> {
    Text(Cow<'v, [u8]>),
    Written { bytes: [u8; LONGEST], length: usize },
}

/// As long as the longest address: `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255`.
const LONGEST: usize = 45;

impl<'v> Text<'v> {
    /// The text of a value.
    pub fn of(value: Value<'v>) -> Text<'v> {
        match value {
            Value::Text(text) => Text(Form::Text(text)),
            // Of every connection a port and an address are asked for, and the formatter is slow.
            Value::Number(number @ 0..=65_535) => Text::of_octets(&[number as u16]),
            Value::Ip(IpAddr::V4(ip)) => Text::of_octets(&ip.octets().map(u16::from)),
            Value::Number(number) => Text::written(format_args!("{number}")),
            Value::Ip(ip) => Text::written(format_args!("{ip}")),
        }
    }

    /// A user by number, which no name looks like.
    pub(super) fn of_user(id: i64) -> Text<'static> {
        Text::written(format_args!("uid {id}"))
    }

    /// Small numbers with a point between them.
    fn of_octets(numbers: &[u16]) -> Text<'static> {
        let mut bytes = [0; LONGEST];
        let mut length = 0;
        for number in numbers {
            if length > 0 {
                bytes[length] = b'.';
                length += 1;
            }
            let digits = number.checked_ilog10().map_or(1, |log| log as usize + 1);
            let mut rest = *number;
            for at in (length..length + digits).rev() {
                bytes[at] = b'0' + (rest % 10) as u8;
                rest /= 10;
            }
            length += digits;
        }
        Text(Form::Written { bytes, length })
    }

    fn written(value: fmt::Arguments<'_>) -> Text<'static> {
        let mut bytes = [0; LONGEST];
        let mut rest = &mut bytes[..];
        let fits = rest.write_fmt(value).is_ok();
        debug_assert!(fits, "no number and no address is longer");
        let length = LONGEST - rest.len();
        Text(Form::Written { bytes, length })
    }
}

impl AsRef<[u8]> for Text<'_> {
    fn as_ref(&self) -> &[u8] {
        match &self.0 {
            Form::Text(text) => text,
            Form::Written { bytes, length } => &bytes[..*length],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: Value<'_>, text: &str, ip: Option<&str>, number: Option<i64>) {
        assert_eq!(value.ip(), ip.map(|ip| ip.parse().expect("an address")), "{text}");
        assert_eq!(value.number(), number, "{text}");
        assert_eq!(value.clone().into_text(), text.as_bytes());
        assert_eq!(Text::of(value).as_ref(), text.as_bytes());
    }

    #[test]
    fn a_value_is_read_as_what_it_is_asked_for() {
        check(Value::text("443"), "443", None, Some(443));
        check(Value::text("::ffff:192.0.2.7"), "::ffff:192.0.2.7", Some("192.0.2.7"), None);
        check(Value::text("curl"), "curl", None, None);
        for number in [0, 9, 10, 443, 9_999, 10_000, 65_535, 65_536, -1, i64::MAX, i64::MIN] {
            check(Value::Number(number), &number.to_string(), None, Some(number));
        }
        for ip in ["0.0.0.0", "10.9.99.100", "255.255.255.255", "2001:db8::1"] {
            check(Value::Ip(ip.parse().expect("one")), ip, Some(ip), None);
        }
        check(Value::Number(i64::MIN), "-9223372036854775808", None, Some(i64::MIN));
        let longest = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
        check(Value::Ip(longest.parse().expect("an address")), longest, Some(longest), None);
    }
}
