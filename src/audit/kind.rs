//! What sort of record a line is: the number behind `type=SYSCALL`.
//!
//! A newtype over the kernel's number, not an enum: a kind this program has never heard of is data
//! like any other, and its line is still a record of its event. The kinds that a connection is made
//! of have names here, and those that fill most logs; all others are named by
//! `vocabulary`.

use std::fmt;

use super::vocabulary;

/// The kind of a record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Kind(pub u16);

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $number:literal;)*) => {
        impl Kind {
            $($(#[$doc])* pub const $name: Kind = Kind($number);)*

            /// The kinds with a name here, found by one comparison of their text.
            #[inline]
            fn known(text: &[u8]) -> Option<Kind> {
                $(const $name: &[u8] = stringify!($name).as_bytes();)*
                match text {
                    $($name => Some(Kind::$name),)*
                    _ => None,
                }
            }
        }
    };
}

kinds! {
    /// A call's number, arguments and result, and who made it.
    SYSCALL = 1300;
    /// A file that the call touched; several to an event.
    PATH = 1302;
    /// The address that the call was given, or gave back.
    SOCKADDR = 1306;
    /// The title of the process: the first 128 bytes of its arguments.
    PROCTITLE = 1327;
    /// The working directory.
    CWD = 1307;
    /// The arguments of an exec; several to an event when they are long.
    EXECVE = 1309;
    /// The end of an event. auditd sends it to its plugins but leaves it out of audit.log.
    EOE = 1320;
    /// The arguments behind the pointer that i386, s390 and ppc give to `socketcall`.
    SOCKETCALL = 1304;
    /// The two descriptors of a pipe or a pair of sockets.
    FD_PAIR = 1317;
    /// A call made through io_uring, in SYSCALL's place or beside it.
    URINGOP = 1336;
    /// The capabilities of a file that was executed.
    BPRM_FCAPS = 1321;
    /// The audit system itself was changed.
    CONFIG_CHANGE = 1305;
    /// Somebody proved who they are.
    USER_AUTH = 1100;
    /// Somebody was allowed in.
    USER_ACCT = 1101;
    /// Credentials were acquired.
    CRED_ACQ = 1103;
    /// Credentials were given back.
    CRED_DISP = 1104;
    /// A session began.
    USER_START = 1105;
    /// A session ended.
    USER_END = 1106;
    /// A service was started.
    SERVICE_START = 1130;
    /// A service was stopped.
    SERVICE_STOP = 1131;
    /// A login id was set; shares its event with a SYSCALL.
    LOGIN = 1006;
    /// A decision of SELinux or AppArmor.
    AVC = 1400;
    /// A decision of Landlock.
    LANDLOCK_ACCESS = 1423;
}

impl Kind {
    /// A kind whose name is in no table. The name stays in the record.
    pub const UNNAMED: Kind = Kind(0);

    /// The kind for the text behind `type=`: a name, a number or `UNKNOWN[number]`.
    ///
    /// ```
    /// use oddsock::audit::Kind;
    /// assert_eq!(Kind::from_text(b"SOCKADDR"), Kind::SOCKADDR);
    /// assert_eq!(Kind::from_text(b"1306"), Kind::SOCKADDR);
    /// assert_eq!(Kind::from_text(b"UNKNOWN[1306]"), Kind::SOCKADDR);
    /// assert_eq!(Kind::from_text(b"NOT_YET_INVENTED"), Kind::UNNAMED);
    /// ```
    #[inline]
    pub fn from_text(text: &[u8]) -> Kind {
        Kind::known(text).unwrap_or_else(|| Kind::looked_up(text))
    }

    /// The kind for a text that can be the name of one, be it in no table.
    #[inline]
    pub fn named(text: &[u8]) -> Option<Kind> {
        Kind::known(text).or_else(|| is_name(text).then(|| Kind::looked_up(text)))
    }

    /// The kind that a text begins with, up to the blank behind it, and what follows the blank.
    #[inline]
    pub fn leading(text: &[u8]) -> Option<(Kind, &[u8])> {
        // These make up nearly all of a log, and a comparison of known length is one instruction.
        macro_rules! usual {
            ($($name:literal => $kind:ident,)*) => {
                $(if let Some(rest) = text.strip_prefix($name) {
                    return Some((Kind::$kind, rest));
                })*
            };
        }
        usual! {
            b"PATH " => PATH,
            b"SYSCALL " => SYSCALL,
            b"PROCTITLE " => PROCTITLE,
            b"SOCKADDR " => SOCKADDR,
            b"CWD " => CWD,
            b"EXECVE " => EXECVE,
            b"EOE " => EOE,
        }
        let end = memchr::memchr2(b' ', b'\n', &text[..text.len().min(64)])?;
        Some((Kind::named(&text[..end])?, text[end..].strip_prefix(b" ")?))
    }

    #[cold]
    fn looked_up(text: &[u8]) -> Kind {
        let number = text.strip_prefix(b"UNKNOWN[").and_then(|t| t.strip_suffix(b"]"));
        match std::str::from_utf8(number.unwrap_or(text)) {
            Ok(text) => match text.parse() {
                Ok(number) => Kind(number),
                Err(_) => vocabulary::kind_named(text).unwrap_or(Kind::UNNAMED),
            },
            Err(_) => Kind::UNNAMED,
        }
    }

    /// Whether an event has at most one record of this kind, of those that are kept.
    pub fn is_single(self) -> bool {
        matches!(
            self,
            Kind::SYSCALL | Kind::SOCKADDR | Kind::PROCTITLE | Kind::CWD | Kind::SOCKETCALL
        )
    }

    /// Whether somebody other than the kernel may have written text of their own into such a
    /// record: programs did, or the kernel does not encode what it was given.
    ///
    /// The kernel encodes names with blanks or quotes in them, in every record about calls, by
    /// SELinux, AppArmor and Landlock, and about anomalies and integrity. The name of a packet
    /// filter's table it writes as it is. Of a kind that is in no table nothing is known.
    pub fn may_hold_foreign_text(self) -> bool {
        const NETFILTER_CFG: u16 = 1325;
        match self {
            Kind::LOGIN => false,
            Kind(NETFILTER_CFG) => true,
            Kind(number) => !matches!(number, 1300..=1599 | 1700..=1899 | 2000),
        }
    }

    /// Whether auditd itself wrote this record. Such records carry serials of auditd's own, which
    /// say nothing about the kernel's.
    #[inline]
    pub fn is_daemon(self) -> bool {
        (1200..1300).contains(&self.0)
    }
}

/// Whether this can be the name of a kind: terminals and files are safe from it.
#[cold]
fn is_name(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_graphic)
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match vocabulary::name_of(*self) {
            Some(name) => f.write_str(&name),
            None => write!(f, "UNKNOWN[{}]", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_numbers_and_unknown_forms_mean_the_same() {
        for text in ["URINGOP", "1336", "UNKNOWN[1336]"] {
            assert_eq!(Kind::from_text(text.as_bytes()), Kind::URINGOP, "{text}");
        }
        assert_eq!(Kind::from_text(b"USER_LOGIN"), Kind(1112));
        assert_eq!(Kind::from_text(b"1500"), Kind(1500));
    }

    #[test]
    fn a_name_from_no_table_is_a_value_and_not_a_number() {
        for text in ["LANDLOCK_SOMETHING", "UNKNOWN[]", "UNKNOWN[x]", "99999999", ""] {
            assert_eq!(Kind::from_text(text.as_bytes()), Kind::UNNAMED, "{text}");
        }
    }

    #[test]
    fn kinds_are_shown_by_the_names_that_auditd_writes() {
        assert_eq!(Kind::SOCKADDR.to_string(), "SOCKADDR");
        assert_eq!(Kind::LANDLOCK_ACCESS.to_string(), "LANDLOCK_ACCESS");
        assert_eq!(Kind(1999).to_string(), "UNKNOWN[1999]");
    }

    #[test]
    fn only_auditds_own_records_have_serials_of_their_own() {
        assert!(Kind::from_text(b"DAEMON_START").is_daemon());
        assert!(!Kind::SYSCALL.is_daemon());
        assert!(!Kind::from_text(b"USER_LOGIN").is_daemon());
    }
}
