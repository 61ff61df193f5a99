//! What is made up: the programs, users, files and messages of every host.
//!
//! Tables, and nothing but tables. A row more, or a row elsewhere, makes other logs of the same
//! wishes.

/// A program as it is started on any of the hosts.
pub struct Program {
    pub comm: &'static str,
    pub exe: &'static str,
    pub arguments: &'static [&'static str],
    /// An index into [`USERS`].
    pub user: usize,
}

pub const PROGRAMS: [Program; 16] = [
    runs("curl", "/usr/bin/curl", &["curl", "-fsS", "https://repo.example.com/api/v2/health"], 2),
    runs("wget", "/usr/bin/wget", &["wget", "-q", "-O", "-", "http://mirror.example.net/list"], 0),
    runs(
        "python3",
        "/usr/bin/python3.11",
        &["/usr/bin/python3", "/opt/metrics/collect.py", "--every", "30"],
        3,
    ),
    runs("sshd", "/usr/sbin/sshd", &["sshd: deploy [priv]"], 0),
    runs("nginx", "/usr/sbin/nginx", &["nginx: worker process"], 1),
    runs(
        "postgres",
        "/usr/lib/postgresql/15/bin/postgres",
        &["/usr/lib/postgresql/15/bin/postgres", "-D", "/var/lib/postgresql/15/main"],
        4,
    ),
    runs(
        "java",
        "/usr/lib/jvm/java-17-openjdk-amd64/bin/java",
        &["java", "-Xmx2g", "-Dapp.home=/srv/shop", "-jar", "/srv/shop/shop.jar"],
        3,
    ),
    runs("http", "/usr/lib/apt/methods/http", &["/usr/lib/apt/methods/http"], 5),
    runs("chronyd", "/usr/sbin/chronyd", &["/usr/sbin/chronyd", "-F", "1"], 6),
    runs("systemd-resolve", "/lib/systemd/systemd-resolved", &["/lib/systemd/systemd-resolved"], 7),
    runs("cron", "/usr/sbin/cron", &["/usr/sbin/CRON", "-f"], 0),
    runs(
        "bash",
        "/usr/bin/bash",
        &["bash", "-c", "tar -cf - /etc | ssh backup@10.0.9.4 'cat > etc.tar'"],
        2,
    ),
    runs("git", "/usr/bin/git", &["git", "fetch", "--prune", "origin"], 2),
    runs(
        "rsync",
        "/usr/bin/rsync",
        &["rsync", "-a", "--delete", "/srv/data/", "backup@10.0.9.4:/data"],
        0,
    ),
    runs(
        "pool thread 2",
        "/opt/agent/bin/agentd",
        &["/opt/agent/bin/agentd", "--config=/etc/agent/agent.yaml"],
        0,
    ),
    runs("ls", "/usr/bin/ls", &["ls", "--color=auto", "-la"], 2),
];

const fn runs(
    comm: &'static str,
    exe: &'static str,
    arguments: &'static [&'static str],
    user: usize,
) -> Program {
    Program { comm, exe, arguments, user }
}

/// Numbers and names.
pub const USERS: [(u32, &str); 8] = [
    (0, "root"),
    (33, "www-data"),
    (1000, "deploy"),
    (998, "metrics"),
    (109, "postgres"),
    (42, "_apt"),
    (110, "_chrony"),
    (101, "systemd-resolve"),
];

pub const UNIX_PATHS: [&str; 5] = [
    "/run/systemd/journal/stdout",
    "/var/run/nscd/socket",
    "/run/dbus/system_bus_socket",
    "/run/php/php8.2-fpm.sock",
    "/var/run/postgresql/.s.PGSQL.5432",
];

pub const FILES: [&str; 6] = [
    "/etc/passwd",
    "/etc/ssl/certs/ca-certificates.crt",
    "/var/lib/app/state.json",
    "/srv/shop/logs/access.log",
    "/etc/hosts",
    "/usr/lib/x86_64-linux-gnu/libc.so.6",
];

/// What programs themselves tell the audit system: the type of the record and its words.
pub const SAYINGS: [(&str, &str); 7] = [
    (
        "USER_ACCT",
        "op=PAM:accounting grantors=pam_permit acct=\"deploy\" \
         exe=\"/usr/sbin/sshd\" hostname=198.51.100.7 addr=198.51.100.7 \
         terminal=ssh res=success",
    ),
    (
        "CRED_ACQ",
        "op=PAM:setcred grantors=pam_permit acct=\"root\" \
         exe=\"/usr/sbin/cron\" hostname=? addr=? terminal=cron res=success",
    ),
    (
        "USER_START",
        "op=PAM:session_open \
         grantors=pam_loginuid,pam_env,pam_permit,pam_unix,pam_limits \
         acct=\"root\" exe=\"/usr/sbin/cron\" hostname=? addr=? terminal=cron \
         res=success",
    ),
    (
        "USER_END",
        "op=PAM:session_close \
         grantors=pam_loginuid,pam_env,pam_permit,pam_unix,pam_limits \
         acct=\"root\" exe=\"/usr/sbin/cron\" hostname=? addr=? terminal=cron \
         res=success",
    ),
    (
        "CRED_DISP",
        "op=PAM:setcred grantors=pam_permit acct=\"root\" \
         exe=\"/usr/sbin/cron\" hostname=? addr=? terminal=cron res=success",
    ),
    (
        "SERVICE_START",
        "unit=apt-daily comm=\"systemd\" exe=\"/lib/systemd/systemd\" \
         hostname=? addr=? terminal=? res=success",
    ),
    (
        "SERVICE_STOP",
        "unit=logrotate comm=\"systemd\" exe=\"/lib/systemd/systemd\" \
         hostname=? addr=? terminal=? res=success",
    ),
];
