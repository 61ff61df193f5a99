//! What the fields of a connection say, whatever way the log wrote them.

use crate::scene::{log, read};

/// A connect by curl with these fields instead of the usual ones.
fn connect(fields: &str) -> Vec<u8> {
    log(&format!("#7 SYSCALL connect /usr/bin/curl {fields}\n#7 SOCKADDR 192.0.2.7:443"))
}

/// The one connection in the log has these fields; `-` is a field that is absent.
#[track_caller]
fn says(log: &[u8], expected: &str) {
    let read = read(log);
    assert_eq!(read.details.len(), 1, "{:?} in {}", read.lines, String::from_utf8_lossy(log));
    for line in expected.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(' ').expect("NAME VALUE");
        let seen = read.details[0].get(name).map_or("-", String::as_str);
        assert_eq!(seen, value.trim(), "{name} in {}", String::from_utf8_lossy(log));
    }
}

#[test]
fn names_and_paths_are_quoted_text_or_hex() {
    says(
        &connect("comm=\"curl\" exe=\"/usr/bin/curl\""),
        "name curl
         exe  /usr/bin/curl",
    );
    says(
        &connect("comm=444E53205265737E6572202331 exe=2F746D702F61202864656C6574656429"),
        "name DNS Res~er #1
         exe  /tmp/a (deleted)",
    );
}

#[test]
fn quoted_text_that_looks_like_hex_is_text() {
    says(
        &connect("comm=\"CAFE\" exe=\"41424344\""),
        "name CAFE
         exe  41424344",
    );
}

#[test]
fn what_is_null_is_absent() {
    says(
        &connect("comm=(null) exe=(null) key=(null)"),
        "name -
         exe -
         keys -",
    );
    says(&connect("key=\"(null)\""), "keys (null)");
}

#[test]
fn names_may_be_any_bytes() {
    says(&connect("comm=C3A962"), "name éb");
    says(&connect("comm=61FF62"), "name a\u{fffd}b");
    says(&connect("comm=611B5B33316D"), r"name a\u{1b}[31m");
}

#[test]
fn several_keys_are_several_and_a_key_with_a_blank_is_one() {
    says(&connect("key=65786563013634626974"), "keys exec|64bit");
    says(&connect("key=6E6574776F726B20636F6E6E656374"), "keys network connect");
    says(&connect("key=\"key=net\""), "keys key=net");
}

#[test]
fn unset_ids_are_absent_and_large_ones_are_kept() {
    says(
        &connect("auid=4294967295 ses=4294967295 uid=0"),
        "auid -
         ses -
         uid 0",
    );
    says(&connect("auid=-1 ses=-1"), "auid -\nses -");
    says(&connect("uid=4294967294 gid=8589934592"), "uid 4294967294\ngid 8589934592");
}

#[test]
fn users_are_told_apart() {
    says(
        &connect("auid=1 uid=2 gid=3 euid=4 ses=5"),
        "auid 1
         uid 2
         gid 3
         euid 4
         ses 5",
    );
}

#[test]
fn the_enriched_part_names_users() {
    says(
        &connect(
            "key=\"net\"\x1dARCH=x86_64 SYSCALL=connect AUID=\"alice\" UID=\"root\" EUID=\"www\"",
        ),
        "AUID alice
         UID root
         EUID www
         keys net",
    );
    says(
        &connect("key=\"net\"\x1dAUID=\"unset\" UID=\"unknown(1501)\""),
        "AUID -
         UID -
         uid 1000",
    );
}

#[test]
fn whatever_a_transport_made_of_the_separator_the_key_ends_before_it() {
    for separator in [" ", "^]", "#035", "\u{fffd}", "\\x1d", ""] {
        for (key, keys) in [("\"net\"", "net"), ("(null)", "-")] {
            says(
                &connect(&format!(
                    "key={key}{separator}ARCH=x86_64 SYSCALL=connect AUID=\"alice\""
                )),
                &format!("keys {keys}\nauid 1000"),
            );
        }
    }
}

#[test]
fn a_name_in_the_raw_part_may_not_be_feigned() {
    // A program that calls itself `x" uid=0` is logged in hex.
    says(
        &connect("comm=782220756964 uid=1000"),
        "uid 1000
         name x\\\" uid",
    );
}

#[test]
fn the_first_of_a_repeated_name_counts() {
    says(&connect("ses=2 "), "uid 1000");
    let twice = String::from_utf8(connect("")).unwrap().replace(" gid=1000", " uid=0 gid=1000");
    says(twice.as_bytes(), "uid 1000");
}

#[test]
fn labels_of_apparmor_with_blanks_and_braces_do_not_hide_the_key() {
    for subject in
        ["=/usr/sbin/ntpd (enforce)", "/{,usr/}sbin/dhclient", "unconfined", "a:b:c:s0-s0:c0.c3"]
    {
        let log = String::from_utf8(connect("")).unwrap();
        let log = log.replace(" key=", &format!(" subj={subject} key="));
        says(log.as_bytes(), "keys net\nexe /usr/bin/curl");
    }
}

#[test]
fn titles_and_directories_are_text_too() {
    says(
        &log("#7 SYSCALL connect /usr/bin/curl
             #7 SOCKADDR 192.0.2.7:443
             #7 CWD /srv
             #7 PROCTITLE curl -s x"),
        "title curl -s x
         cwd /srv",
    );
    says(
        &log("#7 SYSCALL connect /usr/bin/curl
             #7 SOCKADDR 192.0.2.7:443
             > type=CWD msg=audit(1723798800.000:7):  cwd=2F746D702F612062
             > type=PROCTITLE msg=audit(1723798800.000:7): proctitle=\"(daemon)\""),
        "title (daemon)
         cwd /tmp/a b",
    );
}

#[test]
fn a_title_that_ends_in_the_middle_of_a_letter_is_kept_as_far_as_it_goes() {
    says(
        &log("#7 SYSCALL connect /usr/bin/curl
             #7 SOCKADDR 192.0.2.7:443
             > type=PROCTITLE msg=audit(1723798800.000:7): proctitle=6375726C00C3"),
        "title curl \u{fffd}",
    );
}

#[test]
fn the_descriptor_and_the_result_are_numbers() {
    says(
        &connect("a0=2f exit=-111"),
        "fd 47
         exit -111
         error ECONNREFUSED",
    );
    says(&connect("a0=3 exit=0"), "fd 3\nexit 0\nerror -");
}

#[test]
fn messages_of_programs_with_quotes_of_their_own_are_read_to_their_end() {
    let read = read(&log(r#"#7 USER_CMD pid=1 uid=0 msg='op=x acct="it's" cmd="a' b" res=success'
           #8 SYSCALL connect /usr/bin/curl
           #8 SOCKADDR 192.0.2.7:443"#));
    assert_eq!(read.lines, ["#8 curl[812] → 192.0.2.7:443"]);
    assert_eq!(read.count("complaints"), 0);
}
