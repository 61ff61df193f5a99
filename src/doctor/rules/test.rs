//! Test: one condition of an audit rule, `-F name op value` or `-C name op name`.
//!
//! The text behind the option comes in; a [`Test`] goes out, or what is wrong with it and where.
//! The names, the values they take and the lists they are good for are those of auditctl 3 and
//! 4 and the kernel. What a test says of a call is the business of [`super::kernel`].

use std::fmt;
use std::ops::Range;

use nom::branch::alt;
use nom::bytes::complete::{tag, take_till};
use nom::combinator::{rest, value};
use nom::{IResult, Parser};

use super::rule::List;
use crate::audit::arch::Arch;
use crate::audit::errno;
use crate::audit::kind::Kind;

/// How a test compares.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Mask,
    AllBits,
}

impl Operator {
    fn sign(self) -> &'static str {
        match self {
            Operator::Equal => "=",
            Operator::NotEqual => "!=",
            Operator::Less => "<",
            Operator::LessOrEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
            Operator::Mask => "&",
            Operator::AllBits => "&=",
        }
    }

    /// Compares as the kernel does: all numbers have 32 bits and no sign.
    pub fn compares(self, left: u32, right: u32) -> bool {
        match self {
            Operator::Equal => left == right,
            Operator::NotEqual => left != right,
            Operator::Less => left < right,
            Operator::LessOrEqual => left <= right,
            Operator::Greater => left > right,
            Operator::GreaterOrEqual => left >= right,
            Operator::Mask => left & right != 0,
            Operator::AllBits => left & right == right,
        }
    }
}

/// What a field's value is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Sort {
    Number,
    /// A number or the name of a user or group.
    Identity,
    /// A number or the name of an error.
    Exit,
    Arch,
    MessageType,
    Permissions,
    /// A number or a word that is looked up elsewhere.
    NumberOrWord,
    Text,
}

/// Every field there is: its name, what its value is, whether it tells one process from another.
const FIELDS: &[(&str, Sort, bool)] = &[
    ("a0", Sort::Number, false),
    ("a1", Sort::Number, false),
    ("a2", Sort::Number, false),
    ("a3", Sort::Number, false),
    ("arch", Sort::Arch, false),
    ("auid", Sort::Identity, true),
    ("devmajor", Sort::Number, false),
    ("devminor", Sort::Number, false),
    ("dir", Sort::Text, false),
    ("egid", Sort::Identity, true),
    ("euid", Sort::Identity, true),
    ("exe", Sort::Text, true),
    ("exit", Sort::Exit, false),
    ("fsgid", Sort::Identity, true),
    ("fstype", Sort::NumberOrWord, false),
    ("fsuid", Sort::Identity, true),
    ("filetype", Sort::NumberOrWord, false),
    ("field_compare", Sort::Text, false),
    ("gid", Sort::Identity, true),
    ("inode", Sort::Number, false),
    ("key", Sort::Text, false),
    ("loginuid", Sort::Identity, true),
    ("msgtype", Sort::MessageType, false),
    ("obj_gid", Sort::Identity, false),
    ("obj_lev_high", Sort::Text, false),
    ("obj_lev_low", Sort::Text, false),
    ("obj_role", Sort::Text, false),
    ("obj_type", Sort::Text, false),
    ("obj_uid", Sort::Identity, false),
    ("obj_user", Sort::Text, false),
    ("path", Sort::Text, false),
    ("perm", Sort::Permissions, false),
    ("pers", Sort::Number, true),
    ("pid", Sort::Number, true),
    ("ppid", Sort::Number, true),
    ("saddr_fam", Sort::NumberOrWord, false),
    ("sessionid", Sort::Identity, true),
    ("sgid", Sort::Identity, true),
    ("subj_clr", Sort::Text, true),
    ("subj_role", Sort::Text, true),
    ("subj_sen", Sort::Text, true),
    ("subj_type", Sort::Text, true),
    ("subj_user", Sort::Text, true),
    ("success", Sort::Number, false),
    ("suid", Sort::Identity, true),
    ("uid", Sort::Identity, true),
];

/// The fields that `-C` compares with each other.
const COMPARED: [&str; 12] = [
    "auid", "uid", "euid", "suid", "fsuid", "obj_uid", "gid", "egid", "sgid", "fsgid", "obj_gid",
    "loginuid",
];

/// The highest number of an address family, one more than which the kernel refuses.
const FAMILIES: u32 = 46;

/// What a field is compared with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Operand {
    /// A number, as the kernel gets it.
    Number(u32),
    /// A name whose number is not known here, or text.
    Text(String),
    /// Another field.
    Field(&'static str),
}

/// One condition of a rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Test {
    /// The field, by its name.
    pub field: &'static str,
    /// How it is compared.
    pub operator: Operator,
    /// With what.
    pub operand: Operand,
    /// Whether it tells one process from another, and not one call from another.
    pub is_of_process: bool,
    /// How the rule has it: `-F success=1`.
    text: String,
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What is wrong, and with which part of the text.
pub(super) type Wrong = (Range<usize>, String);

fn parts(text: &str) -> IResult<&str, (&str, Operator, &str)> {
    let sign = |operator: Operator| value(operator, tag(operator.sign()));
    let operator = alt((
        sign(Operator::NotEqual),
        sign(Operator::GreaterOrEqual),
        sign(Operator::LessOrEqual),
        sign(Operator::AllBits),
        sign(Operator::Equal),
        sign(Operator::Greater),
        sign(Operator::Less),
        sign(Operator::Mask),
    ));
    (take_till(|c| "!=<>&".contains(c)), operator, rest).parse(text)
}

/// Reads what stands behind `-F`.
pub(super) fn field(text: &str, list: List) -> Result<Test, Wrong> {
    let all = 0..text.len();
    let Ok((_, (name, operator, words))) = parts(text) else {
        let words = "expected a field, a sign and a value in one word without blanks, such as \
                     auid>=1000";
        return Err((all, format!("there is no sign such as \"=\" in it; {words}")));
    };
    let Some(&(field, sort, is_of_process)) = FIELDS.iter().find(|(known, ..)| *known == name)
    else {
        let message = format!("there is no field \"{name}\"; expected one such as auid or exe");
        return Err((0..name.len(), message));
    };
    let sign = name.len()..name.len() + operator.sign().len();
    let span = sign.end..text.len();
    if words.is_empty() {
        return Err((all, format!("the value of {name} is missing")));
    }
    let has_two_signs = matches!(operator, Operator::Equal | Operator::NotEqual);
    let is_text = matches!(sort, Sort::Text | Sort::Permissions) || field == "saddr_fam";
    let is_mask = matches!(operator, Operator::Mask | Operator::AllBits);
    if is_text && !has_two_signs && (field != "saddr_fam" || is_mask) {
        let expected = if field == "saddr_fam" { "a comparison" } else { "= or !=" };
        return Err((sign, format!("{name} takes {expected} only")));
    }
    if field == "msgtype" && !matches!(list, List::Exclude | List::User) {
        return Err((all, "msgtype is for the lists exclude and user only".to_owned()));
    }
    let is_of_calls = matches!(field, "a0" | "a1" | "a2" | "a3" | "exit" | "success" | "saddr_fam");
    if is_of_calls && !matches!(list, List::Exit | List::IoUring) {
        return Err((all, format!("{name} is for the list exit only")));
    }
    let operand = match sort {
        Sort::Text => Operand::Text(words.to_owned()),
        Sort::Number => Operand::Number(number(words).ok_or_else(|| {
            (span.clone(), format!("{name} takes a number, such as 1, and no words"))
        })?),
        Sort::Identity => identity(words),
        Sort::Exit => exit(words).ok_or_else(|| {
            let expected = "expected one such as -EINPROGRESS, or a number";
            (span.clone(), format!("there is no error \"{words}\"; {expected}"))
        })?,
        Sort::Arch => Operand::Text(words.to_owned()),
        Sort::MessageType => match number(words) {
            Some(number) => Operand::Number(number),
            None => Operand::Number(
                match Kind::named(words.as_bytes()).filter(|kind| *kind != Kind::UNNAMED) {
                    Some(kind) => kind.0.into(),
                    None => {
                        let expected = "expected one such as CWD, or its number";
                        let message = format!("there is no record type \"{words}\"; {expected}");
                        return Err((span, message));
                    }
                },
            ),
        },
        Sort::Permissions if words.chars().all(|c| "rwxa".contains(c)) => {
            Operand::Text(words.to_owned())
        }
        Sort::Permissions => return Err((span, "expected letters of \"rwxa\"".to_owned())),
        Sort::NumberOrWord => match (number(words), field) {
            (Some(number), "saddr_fam") if number >= FAMILIES => {
                return Err((span, format!("{number} is no address family; IPv4 is 2, IPv6 10")));
            }
            (Some(number), _) => Operand::Number(number),
            // auditctl takes a word for 0 and says nothing.
            (None, "saddr_fam") => Operand::Number(0),
            (None, _) => Operand::Text(words.to_owned()),
        },
    };
    let field = if field == "loginuid" { "auid" } else { field };
    Ok(Test { field, operator, operand, is_of_process, text: format!("-F {text}") })
}

/// Reads what stands behind `-C`.
pub(super) fn comparison(text: &str) -> Result<Test, Wrong> {
    let known = |name: &str| COMPARED.iter().find(|known| **known == name).copied();
    let expected = "expected two fields with = or != between them, such as auid!=uid";
    let Ok((_, (left, operator, right))) = parts(text) else {
        return Err((0..text.len(), expected.to_owned()));
    };
    if !matches!(operator, Operator::Equal | Operator::NotEqual) {
        return Err((left.len()..text.len() - right.len(), expected.to_owned()));
    }
    let Some(field) = known(left) else {
        return Err((0..left.len(), format!("\"{left}\" cannot be compared; {expected}")));
    };
    let at = text.len() - right.len();
    let Some(other) = known(right) else {
        return Err((at..text.len(), format!("\"{right}\" cannot be compared; {expected}")));
    };
    if field.contains("gid") != other.contains("gid") {
        return Err((0..text.len(), "a user cannot be compared with a group".to_owned()));
    }
    let operand = Operand::Field(other);
    Ok(Test { field, operator, operand, is_of_process: true, text: format!("-C {text}") })
}

/// A number as C reads it: decimal or hex, and -1 for the largest.
pub(super) fn number(text: &str) -> Option<u32> {
    let (digits, is_negative) = match text.strip_prefix('-') {
        Some(digits) => (digits, true),
        None => (text, false),
    };
    let number = match digits.strip_prefix("0x").or(digits.strip_prefix("0X")) {
        Some(hex) => u64::from_str_radix(hex, 16).ok()?,
        None if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok()?,
        None => return None,
    };
    // Only the lower half of a long argument is compared.
    let low = (number & 0xffff_ffff) as u32;
    Some(if is_negative { low.wrapping_neg() } else { low })
}

fn identity(text: &str) -> Operand {
    match (text, number(text)) {
        ("unset", _) => Operand::Number(u32::MAX),
        ("root", _) => Operand::Number(0),
        (_, Some(number)) => Operand::Number(number),
        _ => Operand::Text(text.to_owned()),
    }
}

fn exit(text: &str) -> Option<Operand> {
    if let Some(number) = number(text) {
        return Some(Operand::Number(number));
    }
    let (name, is_negative) = match text.strip_prefix('-') {
        Some(name) => (name, true),
        None => (text, false),
    };
    let error = (1..200_i64).find(|error| errno::name(-error) == Some(name))?;
    let number = u32::try_from(error).ok()?;
    Some(Operand::Number(if is_negative { number.wrapping_neg() } else { number }))
}

/// The architecture that a word behind `arch=` means on a machine of a native architecture.
pub(super) fn arch_of(word: &str, native: Arch) -> Option<Arch> {
    Some(match word {
        "b64" if super::machine::is_64_bit(native) => native,
        "b64" => return None,
        "b32" => super::machine::narrow(native)?,
        "i486" | "i586" | "i686" | "i386" => Arch::I386,
        "armv5tejl" | "armv5tel" | "armv6l" | "armv7l" | "arm" => Arch::ARM,
        _ => match number(word) {
            Some(number) => Arch(number),
            None => Arch::from_name(word.as_bytes())?,
        },
    })
}
