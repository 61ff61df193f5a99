//! What became of a call: how it ended, and whether its address is whole.

use super::means;
use crate::scene::{check, check_log, log};

#[test]
fn outcomes_are_success_failure_or_in_progress() {
    for (exit, shown) in [
        ("0", ""),
        ("-106", ""),
        ("-111", " ECONNREFUSED"),
        ("-113", " EHOSTUNREACH"),
        ("-101", " ENETUNREACH"),
        ("-13", " EACCES"),
        ("-110", " ETIMEDOUT"),
        ("-115", " in progress"),
        ("-114", " in progress"),
        ("-4", " in progress"),
        ("-512", " in progress"),
        ("-516", " in progress"),
        ("-4000", " failed"),
    ] {
        means(
            &format!("connect /usr/bin/x exit={exit}"),
            &format!("x[812] → 192.0.2.7:443{shown}"),
        );
    }
}

#[test]
fn a_call_without_a_result_has_an_unknown_outcome() {
    let log = String::from_utf8(log("#7 SYSCALL connect /usr/bin/x\n#7 SOCKADDR 192.0.2.7:443"));
    let log = log.unwrap().replace(" success=yes exit=0", "");
    check_log(log.as_bytes(), "#7 x[812] → 192.0.2.7:443 unknown");
}

#[test]
fn an_error_without_a_name_is_one_all_the_same() {
    let ended = |exit: &str| {
        format!(
            "#7 SYSCALL connect /usr/bin/x exit={exit} success=
             #7 SOCKADDR 192.0.2.7:443"
        )
    };
    check(&ended("-150"), "#7 x[812] → 192.0.2.7:443 failed");
    check(&ended("0"), "#7 x[812] → 192.0.2.7:443");
}

#[test]
fn an_address_that_the_kernel_took_was_whole_once() {
    let connect = |exit: &str, saddr: &str| {
        format!(
            "#7 SYSCALL connect /usr/bin/x exit={exit}
             #7 SOCKADDR {saddr}"
        )
    };
    check(&connect("0", "020001BB0A0000"), "#7 x[812] → inet?:443 partial");
    check(&connect("-115", "020001BB0A0000"), "#7 x[812] → inet?:443 in progress partial");
    check(&connect("-22", "020001BB0A0000"), "#7 x[812] → inet?:443 EINVAL");
    check(&connect("0", "020001BB0A000001"), "#7 x[812] → 10.0.0.1:443");
}
