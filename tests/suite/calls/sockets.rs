//! On what socket a call was made: its transport and family, and where neither is known.

use crate::scene::{check, log, read};

/// A socket call with these arguments, and a connect on descriptor 3 by pid 812.
#[track_caller]
fn carries(before: &str, transport: &str) {
    check(
        &format!(
            "#5 SYSCALL socket /usr/bin/x exit=3 {before}
             #7 SYSCALL connect /usr/bin/x
             #7 SOCKADDR 192.0.2.7:443"
        ),
        &format!("#7 x[812] → 192.0.2.7:443{transport}"),
    );
}

#[test]
fn the_socket_call_shows_the_transport() {
    carries("a0=2 a1=1 a2=0", " tcp");
    carries("a0=2 a1=1 a2=6", " tcp");
    carries("a0=2 a1=80801 a2=0", " tcp");
    carries("a0=2 a1=2 a2=11", " udp");
    carries("a0=2 a1=2 a2=1", " icmp");
    carries("a0=2 a1=1 a2=84", " sctp");
    carries("a0=2 a1=3 a2=ff", "");
}

#[test]
fn a_socket_of_another_process_or_descriptor_or_host_shows_nothing() {
    carries("a0=2 a1=1 a2=0 pid=813", "");
    carries("a0=2 a1=1 a2=0 exit=4", "");
    check(
        "@web1 #5 SYSCALL socket /usr/bin/x exit=3 a0=2 a1=1 a2=0
         @web2 #7 SYSCALL connect /usr/bin/x
         @web2 #7 SOCKADDR 192.0.2.7:443",
        "web2 #7 x[812] → 192.0.2.7:443",
    );
}

#[test]
fn a_socket_that_could_not_be_made_shows_nothing() {
    carries("a0=2 a1=1 a2=0 exit=-97", "");
}

#[test]
fn a_socket_of_another_family_than_the_address_shows_nothing() {
    carries("a0=1 a1=1 a2=0", "");
}

#[test]
fn a_descriptor_made_anew_is_what_it_was_last_made() {
    check(
        "#5 SYSCALL socket /usr/bin/x exit=3 a0=2 a1=1 a2=0
         #6 SYSCALL socket /usr/bin/x exit=3 a0=2 a1=2 a2=0
         #7 SYSCALL connect /usr/bin/x
         #7 SOCKADDR 192.0.2.7:53",
        "#7 x[812] → 192.0.2.7:53 udp",
    );
    check(
        "#5 SYSCALL socket /usr/bin/x exit=3 a0=2 a1=1 a2=0
         #6 SYSCALL socket /usr/bin/x exit=3 a0=1 a1=1 a2=0
         #7 SYSCALL connect /usr/bin/x
         #7 SOCKADDR 192.0.2.7:53",
        "#7 x[812] → 192.0.2.7:53",
    );
}

#[test]
fn a_descriptor_made_anew_in_a_way_that_is_not_shown_is_not_what_it_was() {
    for (anew, transport) in [
        ("URINGOP uring_op=45 success=yes exit=3 items=0 ppid=1 pid=812 uid=0", ""),
        ("URINGOP uring_op=45 success=yes exit=4 items=0 ppid=1 pid=812 uid=0", " udp"),
        ("SYSCALL 102 /usr/bin/x arch=40000003 a0=1 a1=ff exit=3", ""),
        ("SYSCALL 102 /usr/bin/x arch=40000003 a0=1 a1=ff exit=-1", " udp"),
    ] {
        check(
            &format!(
                "#5 SYSCALL socket /usr/bin/x exit=3 a0=2 a1=2 a2=0
                 #6 {anew}
                 #7 SYSCALL connect /usr/bin/x
                 #7 SOCKADDR 192.0.2.7:53"
            ),
            &format!("#7 x[812] → 192.0.2.7:53{transport}"),
        );
    }
}

#[test]
fn a_descriptor_on_which_a_connect_ends_as_on_tcp_is_no_datagram_socket_any_more() {
    let connects = |socket: &str, exit: &str, first: &str, second: &str| {
        check(
            &format!(
                "#5 SYSCALL socket /usr/bin/x exit=3 {socket}
                 #7 SYSCALL connect /usr/bin/x exit={exit}
                 #7 SOCKADDR 192.0.2.7:443
                 #8 SYSCALL connect /usr/bin/x
                 #8 SOCKADDR 192.0.2.8:443"
            ),
            &format!("#7 x[812] → 192.0.2.7:443{first}\n#8 x[812] → 192.0.2.8:443{second}"),
        );
    };
    let udp = "a0=2 a1=2 a2=0";
    for (exit, shown) in [
        ("-111", " ECONNREFUSED"),
        ("-110", " ETIMEDOUT"),
        ("-104", " ECONNRESET"),
        ("-103", " ECONNABORTED"),
        ("-115", " in progress"),
        ("-114", " in progress"),
        ("-106", ""),
    ] {
        connects(udp, exit, shown, "");
        connects("a0=2 a1=3 a2=1", exit, shown, "");
        connects("a0=2 a1=1 a2=0", exit, &format!(" tcp{shown}"), " tcp");
    }
    // What a route may lack, it lacks for UDP as well.
    for (exit, error) in
        [("-101", "ENETUNREACH"), ("-113", "EHOSTUNREACH"), ("-13", "EACCES"), ("-1", "EPERM")]
    {
        connects(udp, exit, &format!(" udp {error}"), " udp");
    }
    connects(udp, "0", " udp", " udp");
}

#[test]
fn a_descriptor_that_listens_or_accepts_is_no_datagram_socket_any_more() {
    let serves = |socket: &str, exit: &str, first: &str, second: &str, third: &str| {
        check(
            &format!(
                "#5 SYSCALL socket /usr/sbin/d exit=3 {socket}
                 #6 SYSCALL listen /usr/sbin/d exit={exit}
                 #7 SYSCALL accept /usr/sbin/d exit=4
                 #7 SOCKADDR 192.0.2.7:5000
                 #8 SYSCALL connect /usr/sbin/d a0=4
                 #8 SOCKADDR 192.0.2.8:443"
            ),
            &format!(
                "#6 d[812] listening{first}
                 #7 d[812] ← 192.0.2.7:5000{second}
                 #8 d[812] → 192.0.2.8:443{third}"
            ),
        );
    };
    serves("a0=2 a1=2 a2=0", "0", "", "", "");
    serves("a0=2 a1=2 a2=0", "-95", " udp EOPNOTSUPP", "", "");
    serves("a0=2 a1=1 a2=0", "0", " tcp", " tcp", " tcp");
}

#[test]
fn a_connection_accepted_on_a_socket_is_carried_as_the_socket_is() {
    check(
        "#5 SYSCALL socket /usr/sbin/d exit=3 a0=a a1=1 a2=0
         #6 SYSCALL listen /usr/sbin/d
         #7 SYSCALL accept /usr/sbin/d exit=4
         #7 SOCKADDR [2001:db8::7]:5000",
        "#6 d[812] listening tcp
         #7 d[812] ← [2001:db8::7]:5000 tcp",
    );
}

#[test]
fn a_socket_that_listens_has_the_family_it_was_made_with() {
    let family = |made: &str| {
        let log = log(&format!(
            "{made}
             #7 SYSCALL listen /usr/sbin/d
             #8 SYSCALL connect /usr/sbin/d a0=9
             #8 SOCKADDR 192.0.2.7:443"
        ));
        let details = read(&log).details;
        assert_eq!(details[1]["family"], "inet");
        details[0].get("family").cloned()
    };
    let made = |family: &str| format!("#5 SYSCALL socket /usr/sbin/d exit=3 a0={family} a1=1 a2=0");
    assert_eq!(family(&made("2")).as_deref(), Some("inet"));
    assert_eq!(family(&made("a")).as_deref(), Some("inet6"));
    assert_eq!(family(&made("1")).as_deref(), Some("unix"));
    // Of another process, or of nobody, it is not known.
    assert_eq!(family(&made("2 pid=9")), None);
    assert_eq!(family(""), None);
}
