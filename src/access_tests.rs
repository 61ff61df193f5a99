use super::*;

const USERS: &str =
    "root:x:0:0::/:/bin/sh\nodd:x:997:990::/:/bin/false\nann:x:1000:1000::/:/bin/sh";
const GROUPS: &str = "root:x:0:\nadm:x:4:syslog,ben\nodd:x:990:\nann:x:1000:";

fn names() -> Names {
    Names { users: USERS.to_owned(), groups: GROUPS.to_owned() }
}

fn obstacle(needed: u32, owner: u32, group: u32, mode: u32) -> Obstacle {
    Obstacle { path: PathBuf::from("f"), needed, owner, group, mode }
}

/// What ann is told, who is in no group but her own.
#[track_caller]
fn told(obstacle: &Obstacle, wanted: Wanted, parts: &[&str]) {
    let ann = Me { user: 1000, groups: vec![1000] };
    let said = sentence(obstacle, &ann, wanted, &names());
    for part in parts {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn a_group_that_is_let_in_is_named_with_the_command_that_joins_it() {
    let log = obstacle(4, 0, 4, 0o640);
    told(&log, Wanted::Log, &["\"f\" may be read by the group \"adm\": run this as root"]);
    told(&log, Wanted::Log, &["usermod -aG adm ann", "log in again"]);
    told(&obstacle(1, 0, 4, 0o750), Wanted::Log, &["\"f\" may be entered by the group \"adm\""]);
    told(&obstacle(2, 0, 4, 0o660), Wanted::Write, &["\"f\" may be written to by the group"]);
    told(&obstacle(4, 0, 77, 0o640), Wanted::Read, &["group \"77\"", "usermod -aG 77 ann"]);
}

#[test]
fn nobody_is_told_to_join_a_group_that_would_not_help_or_is_roots() {
    let alone = &["may be written to by root alone: run this as root"];
    told(&obstacle(2, 0, 4, 0o640), Wanted::Write, alone);
    told(&obstacle(2, 0, 0, 0o660), Wanted::Write, alone);
    told(&obstacle(3, 0, 4, 0o750), Wanted::Write, alone);
}

#[test]
fn only_of_a_log_it_is_said_how_auditd_gives_it_to_a_group() {
    told(&obstacle(4, 0, 0, 0o600), Wanted::Log, &["by root alone", "log_group = adm"]);
    let said = sentence(
        &obstacle(4, 0, 0, 0o600),
        &Me { user: 1000, groups: vec![] },
        Wanted::Read,
        &names(),
    );
    assert!(!said.contains("log_group"), "{said}");
}

#[test]
fn what_belongs_to_the_service_is_done_as_its_user() {
    let state = obstacle(1, 997, 990, 0o700);
    told(&state, Wanted::Read, &["belongs to \"odd\", and its mode 0700", "(sudo -u odd oddsock"]);
    told(&state, Wanted::Read, &[", or as root."]);
    // What root makes beside it would keep the service out.
    let said = sentence(&state, &Me { user: 1000, groups: vec![] }, Wanted::Write, &names());
    assert!(said.contains("sudo -u odd") && !said.contains("root"), "{said}");
    told(&obstacle(4, 4000, 4000, 0o600), Wanted::Read, &["sudo -u #4000"]);
}

#[test]
fn whoever_has_joined_the_group_already_is_told_to_log_in_again() {
    let names = Names { users: USERS.replace("ann", "ben"), groups: GROUPS.to_owned() };
    let ben = Me { user: 1000, groups: vec![1000] };
    let said = sentence(&obstacle(4, 0, 4, 0o640), &ben, Wanted::Log, &names);
    assert!(said.contains("log in again") && !said.contains("usermod"), "{said}");
}

#[test]
fn ones_own_file_is_given_the_mode_it_lacks() {
    told(&obstacle(4, 1000, 1000, 0o040), Wanted::Read, &["is yours", "chmod u+r."]);
    told(&obstacle(3, 1000, 1000, 0o500), Wanted::Write, &["chmod u+wx."]);
    // The mode lets her in, and something finer does not.
    told(&obstacle(4, 1000, 1000, 0o600), Wanted::Read, &["getfacl"]);
    told(&obstacle(4, 0, 1000, 0o640), Wanted::Read, &["getfacl"]);
}

#[test]
fn root_is_not_told_to_become_root() {
    let root = Me { user: 0, groups: vec![0] };
    let said = sentence(&obstacle(4, 997, 990, 0o600), &root, Wanted::Read, &names());
    assert!(said.contains("CAP_DAC_OVERRIDE") && !said.contains("run this as"), "{said}");
}

#[test]
fn what_is_no_refusal_is_told_as_it_is() {
    let told_of = |error: io::Error| super::told(&error, Path::new("/nowhere/f"), Wanted::Read);
    let said = |kind: io::ErrorKind| told_of(kind.into());
    assert!(said(io::ErrorKind::PermissionDenied).starts_with("permission denied. "));
    assert!(!said(io::ErrorKind::NotFound).contains("permission"));
    // An attribute of the file or a locked-down kernel, which no group opens.
    let forbidden = io::Error::from_raw_os_error(Errno::PERM.raw_os_error());
    assert!(!told_of(forbidden).contains("owner"));
}
