//! Names the error a system call ended with.
//!
//! The number behind `exit=` comes in (`-111`); the name the kernel's headers give it goes out
//! (`ECONNREFUSED`). What the error means for a connection is not decided here: `EINPROGRESS` is
//! a name like any other.
//!
//! The numbers are those of `asm-generic/errno*.h`, which x86, arm, POWER, s390, RISC-V and most
//! others share. MIPS, SPARC, Alpha and PA-RISC give most errors above 34 other numbers; their
//! errors come out under a wrong name.

/// The name of the error in `exit=`, or `None` if it is no error or one without a name.
///
/// Success is zero or positive (a descriptor, a count of bytes), so only negative numbers have a
/// name. Those from -512 on are internal to the kernel and no program ever sees them. Audit may: it
/// looks at a result before a call is restarted. Newer kernels log the restarts as plain `EINTR`,
/// so `EINTR` does not mean that the program was told of an error.
///
/// ```
/// use oddsock::audit::errno;
///
/// assert_eq!(errno::name(-111), Some("ECONNREFUSED"));
/// assert_eq!(errno::name(3), None);
/// ```
pub fn name(exit: i64) -> Option<&'static str> {
    Some(match exit {
        -1 => "EPERM",
        -2 => "ENOENT",
        -3 => "ESRCH",
        -4 => "EINTR",
        -5 => "EIO",
        -6 => "ENXIO",
        -7 => "E2BIG",
        -8 => "ENOEXEC",
        -9 => "EBADF",
        -10 => "ECHILD",
        -11 => "EAGAIN",
        -12 => "ENOMEM",
        -13 => "EACCES",
        -14 => "EFAULT",
        -15 => "ENOTBLK",
        -16 => "EBUSY",
        -17 => "EEXIST",
        -18 => "EXDEV",
        -19 => "ENODEV",
        -20 => "ENOTDIR",
        -21 => "EISDIR",
        -22 => "EINVAL",
        -23 => "ENFILE",
        -24 => "EMFILE",
        -25 => "ENOTTY",
        -26 => "ETXTBSY",
        -27 => "EFBIG",
        -28 => "ENOSPC",
        -29 => "ESPIPE",
        -30 => "EROFS",
        -31 => "EMLINK",
        -32 => "EPIPE",
        -33 => "EDOM",
        -34 => "ERANGE",
        -35 => "EDEADLK",
        -36 => "ENAMETOOLONG",
        -37 => "ENOLCK",
        -38 => "ENOSYS",
        -39 => "ENOTEMPTY",
        -40 => "ELOOP",
        -42 => "ENOMSG",
        -43 => "EIDRM",
        -44 => "ECHRNG",
        -45 => "EL2NSYNC",
        -46 => "EL3HLT",
        -47 => "EL3RST",
        -48 => "ELNRNG",
        -49 => "EUNATCH",
        -50 => "ENOCSI",
        -51 => "EL2HLT",
        -52 => "EBADE",
        -53 => "EBADR",
        -54 => "EXFULL",
        -55 => "ENOANO",
        -56 => "EBADRQC",
        -57 => "EBADSLT",
        -59 => "EBFONT",
        -60 => "ENOSTR",
        -61 => "ENODATA",
        -62 => "ETIME",
        -63 => "ENOSR",
        -64 => "ENONET",
        -65 => "ENOPKG",
        -66 => "EREMOTE",
        -67 => "ENOLINK",
        -68 => "EADV",
        -69 => "ESRMNT",
        -70 => "ECOMM",
        -71 => "EPROTO",
        -72 => "EMULTIHOP",
        -73 => "EDOTDOT",
        -74 => "EBADMSG",
        -75 => "EOVERFLOW",
        -76 => "ENOTUNIQ",
        -77 => "EBADFD",
        -78 => "EREMCHG",
        -79 => "ELIBACC",
        -80 => "ELIBBAD",
        -81 => "ELIBSCN",
        -82 => "ELIBMAX",
        -83 => "ELIBEXEC",
        -84 => "EILSEQ",
        -85 => "ERESTART",
        -86 => "ESTRPIPE",
        -87 => "EUSERS",
        -88 => "ENOTSOCK",
        -89 => "EDESTADDRREQ",
        -90 => "EMSGSIZE",
        -91 => "EPROTOTYPE",
        -92 => "ENOPROTOOPT",
        -93 => "EPROTONOSUPPORT",
        -94 => "ESOCKTNOSUPPORT",
        -95 => "EOPNOTSUPP",
        -96 => "EPFNOSUPPORT",
        -97 => "EAFNOSUPPORT",
        -98 => "EADDRINUSE",
        -99 => "EADDRNOTAVAIL",
        -100 => "ENETDOWN",
        -101 => "ENETUNREACH",
        -102 => "ENETRESET",
        -103 => "ECONNABORTED",
        -104 => "ECONNRESET",
        -105 => "ENOBUFS",
        -106 => "EISCONN",
        -107 => "ENOTCONN",
        -108 => "ESHUTDOWN",
        -109 => "ETOOMANYREFS",
        -110 => "ETIMEDOUT",
        -111 => "ECONNREFUSED",
        -112 => "EHOSTDOWN",
        -113 => "EHOSTUNREACH",
        -114 => "EALREADY",
        -115 => "EINPROGRESS",
        -116 => "ESTALE",
        -117 => "EUCLEAN",
        -118 => "ENOTNAM",
        -119 => "ENAVAIL",
        -120 => "EISNAM",
        -121 => "EREMOTEIO",
        -122 => "EDQUOT",
        -123 => "ENOMEDIUM",
        -124 => "EMEDIUMTYPE",
        -125 => "ECANCELED",
        -126 => "ENOKEY",
        -127 => "EKEYEXPIRED",
        -128 => "EKEYREVOKED",
        -129 => "EKEYREJECTED",
        -130 => "EOWNERDEAD",
        -131 => "ENOTRECOVERABLE",
        -132 => "ERFKILL",
        -133 => "EHWPOISON",
        // From here on include/linux/errno.h, which is not for programs.
        -512 => "ERESTARTSYS",
        -513 => "ERESTARTNOINTR",
        -514 => "ERESTARTNOHAND",
        -515 => "ENOIOCTLCMD",
        -516 => "ERESTART_RESTARTBLOCK",
        -517 => "EPROBE_DEFER",
        -518 => "EOPENSTALE",
        -519 => "ENOPARAM",
        -521 => "EBADHANDLE",
        -522 => "ENOTSYNC",
        -523 => "EBADCOOKIE",
        -524 => "ENOTSUPP",
        -525 => "ETOOSMALL",
        -526 => "ESERVERFAULT",
        -527 => "EBADTYPE",
        -528 => "EJUKEBOX",
        -529 => "EIOCBQUEUED",
        -530 => "ERECALLCONFLICT",
        -531 => "ENOGRACE",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn the_errors_of_connecting_have_their_names() {
        assert_eq!(name(-4), Some("EINTR"));
        assert_eq!(name(-11), Some("EAGAIN"));
        assert_eq!(name(-13), Some("EACCES"));
        assert_eq!(name(-101), Some("ENETUNREACH"));
        assert_eq!(name(-106), Some("EISCONN"));
        assert_eq!(name(-110), Some("ETIMEDOUT"));
        assert_eq!(name(-111), Some("ECONNREFUSED"));
        assert_eq!(name(-113), Some("EHOSTUNREACH"));
        assert_eq!(name(-114), Some("EALREADY"));
        assert_eq!(name(-115), Some("EINPROGRESS"));
    }

    #[test]
    fn errors_inside_the_kernel_have_names_too() {
        assert_eq!(name(-512), Some("ERESTARTSYS"));
        assert_eq!(name(-516), Some("ERESTART_RESTARTBLOCK"));
        assert_eq!(name(-529), Some("EIOCBQUEUED"));
    }

    #[test]
    fn success_has_no_name_whatever_its_number() {
        for exit in [0, 1, 3, 111, 115, 512, i64::MAX] {
            assert_eq!(name(exit), None, "{exit}");
        }
    }

    #[test]
    fn gaps_and_ends_of_the_table_stay_nameless() {
        for exit in [-41, -58, -134, -511, -520, -532, -4095, i64::MIN] {
            assert_eq!(name(exit), None, "{exit}");
        }
        assert_eq!(name(-1), Some("EPERM"));
        assert_eq!(name(-133), Some("EHWPOISON"));
        assert_eq!(name(-531), Some("ENOGRACE"));
    }
}
