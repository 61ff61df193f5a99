//! Servers doing their work, and the jobs that come again.

use super::{BEGIN, DAY, Dice, Event, HOUR, MINUTE, Role, Wishes, address, outside, role};

/// When something happens.
#[derive(Clone, Copy, Debug)]
enum When {
    /// So many times of 100 in each quarter of an hour.
    Often(u64),
    /// Every so many minutes, give or take a minute.
    Every(u64),
    /// Once a day, at any time.
    SomeTimeDaily,
    /// Every day at an hour and a minute, give or take some minutes.
    Daily(u64, u64),
    /// The same, but not at weekends.
    WorkingDays(u64, u64),
    /// On a day of the week, Monday being 0, at an hour.
    Weekly(u64, u64),
    /// On the first day of four weeks, counted from some day on, at an hour.
    Monthly(u64, u64),
    /// So many times of 10,000 in each quarter of an hour.
    Seldom(u64),
    /// As often as is wished of what goes to another port each time.
    AnyPort,
}

/// Where to, or where from.
#[derive(Clone, Copy, Debug)]
enum Whom {
    /// A host of the fleet, always the same.
    Service(usize),
    /// Any host of the fleet.
    Fleet,
    /// Anybody outside.
    Outside,
    /// From anywhere: the other side began.
    From,
}

use When::{AnyPort, Daily, Every, Monthly, Often, Seldom, SomeTimeDaily, Weekly, WorkingDays};
use Whom::{Fleet, From, Outside, Service};

/// Something that hosts of a role do; the port is 0 where each time has another.
type Duty = (Option<Role>, &'static str, &'static str, u16, Whom, When);

const DUTIES: [Duty; 69] = [
    (None, "systemd-timesyn", "systemd-timesync", 123, Outside, Every(34)),
    (None, "systemd-resolve", "systemd-resolve", 53, Service(3), Often(97)),
    (None, "filebeat", "root", 5044, Service(6), Often(100)),
    (None, "sshd", "root", 22, From, Often(90)),
    (None, "node_exporter", "prometheus", 9100, From, Often(100)),
    (None, "puppet", "root", 8140, Service(3), Every(30)),
    (None, "http", "_apt", 80, Outside, SomeTimeDaily),
    (None, "https", "_apt", 443, Outside, SomeTimeDaily),
    (None, "dhclient", "root", 67, Service(3), Every(360)),
    (None, "logger", "root", 514, Service(6), Daily(6, 25)),
    (Some(Role::Web), "nginx", "www-data", 50_000, From, Often(100)),
    (Some(Role::Web), "nginx", "www-data", 8080, Fleet, Often(95)),
    (Some(Role::Web), "php-fpm8.2", "www-data", 5432, Service(1), Often(98)),
    (Some(Role::Web), "php-fpm8.2", "www-data", 6379, Service(1), Often(98)),
    (Some(Role::Web), "php-fpm8.2", "www-data", 25, Service(4), Often(30)),
    (Some(Role::Web), "certbot", "root", 443, Outside, SomeTimeDaily),
    (Some(Role::Web), "curl", "www-data", 443, Outside, Every(60)),
    (Some(Role::Web), "goaccess", "root", 7890, Fleet, Daily(0, 10)),
    (Some(Role::Web), "sitemap", "www-data", 443, Outside, Weekly(6, 4)),
    (Some(Role::Database), "postgres", "postgres", 50_000, From, Often(100)),
    (Some(Role::Database), "postgres", "postgres", 5432, Service(9), Often(80)),
    (Some(Role::Database), "redis-server", "redis", 50_000, From, Often(100)),
    (Some(Role::Database), "rsync", "postgres", 873, Service(9), Daily(1, 30)),
    (Some(Role::Database), "pg_basebackup", "postgres", 5432, Service(9), Weekly(6, 3)),
    (Some(Role::Database), "wal-push", "postgres", 9000, Service(9), Every(20)),
    (Some(Role::Database), "pgbadger", "postgres", 25, Service(4), WorkingDays(7, 15)),
    (Some(Role::Mail), "smtp", "postfix", 25, Outside, Often(97)),
    (Some(Role::Mail), "smtpd", "postfix", 50_000, From, Often(99)),
    (Some(Role::Mail), "imap-login", "dovenull", 50_000, From, Often(95)),
    (Some(Role::Mail), "rspamd", "_rspamd", 11_335, Outside, Often(85)),
    (Some(Role::Mail), "rspamd", "_rspamd", 53, Service(3), Often(95)),
    (Some(Role::Mail), "freshclam", "clamav", 443, Outside, Every(60)),
    (Some(Role::Mail), "sa-update", "debian-spamd", 80, Outside, Daily(4, 40)),
    (Some(Role::Mail), "rsync", "root", 873, Service(9), Daily(2, 0)),
    (Some(Role::Mail), "sendreport", "root", 25, Outside, Monthly(9, 6)),
    (Some(Role::Build), "gitlab-runner", "gitlab-runner", 443, Service(3), Often(100)),
    (Some(Role::Build), "git", "gitlab-runner", 443, Service(3), Often(70)),
    (Some(Role::Build), "java", "gitlab-runner", 443, Outside, Often(50)),
    (Some(Role::Build), "dockerd", "root", 443, Outside, Often(40)),
    (Some(Role::Build), "npm", "gitlab-runner", 443, Outside, Often(30)),
    (Some(Role::Build), "nightly-build", "gitlab-runner", 443, Outside, Daily(22, 0)),
    (Some(Role::Build), "trivy", "gitlab-runner", 443, Outside, WorkingDays(6, 0)),
    (Some(Role::Build), "dirmngr", "gitlab-runner", 11_371, Outside, Weekly(2, 5)),
    (Some(Role::Build), "mirror-sync", "root", 873, Outside, Daily(3, 15)),
    (Some(Role::Admin), "named", "bind", 53, Outside, Often(100)),
    (Some(Role::Admin), "puppetserver", "puppet", 50_000, From, Often(100)),
    (Some(Role::Admin), "chronyd", "_chrony", 123, Outside, Often(90)),
    (Some(Role::Admin), "ansible", "deploy", 22, Fleet, WorkingDays(8, 30)),
    (Some(Role::Admin), "ticket-sync", "deploy", 8443, Outside, WorkingDays(7, 45)),
    (Some(Role::Admin), "ldapsearch", "deploy", 636, Service(4), Daily(5, 0)),
    (Some(Role::Admin), "openscap", "root", 443, Outside, Weekly(5, 2)),
    (Some(Role::Admin), "licence-check", "root", 27_000, Outside, Monthly(8, 9)),
    (Some(Role::Monitoring), "prometheus", "prometheus", 9100, Fleet, Often(100)),
    (Some(Role::Monitoring), "check_ssh", "nagios", 22, Fleet, Often(95)),
    (Some(Role::Monitoring), "check_http", "nagios", 443, Fleet, Often(95)),
    (Some(Role::Monitoring), "check_smtp", "nagios", 25, Service(4), Often(95)),
    (Some(Role::Monitoring), "snmpget", "nagios", 161, Fleet, Often(90)),
    (Some(Role::Monitoring), "logstash", "logstash", 9200, Service(9), Often(100)),
    (Some(Role::Monitoring), "logstash", "logstash", 50_000, From, Often(100)),
    (Some(Role::Monitoring), "grafana", "grafana", 443, Outside, Every(60)),
    (Some(Role::Monitoring), "alertmanager", "prometheus", 587, Outside, Seldom(60)),
    (Some(Role::Monitoring), "java", "jmx", 0, Fleet, AnyPort),
    (Some(Role::Workbench), "snapd", "root", 443, Outside, Every(370)),
    (Some(Role::Workbench), "fwupdmgr", "fwupd-refresh", 443, Outside, SomeTimeDaily),
    (Some(Role::Files), "rsync", "backup", 50_000, From, Often(20)),
    (Some(Role::Files), "minio", "minio", 50_000, From, Often(100)),
    (Some(Role::Files), "rclone", "backup", 443, Outside, Daily(3, 30)),
    (Some(Role::Files), "lftp", "backup", 21, Outside, Daily(4, 0)),
    (Some(Role::Files), "lftp", "backup", 0, Outside, AnyPort),
];

/// All that happens without anybody doing it.
pub fn happen(wishes: Wishes, events: &mut Vec<Event>) {
    for host in 0..wishes.hosts {
        let duties = DUTIES.iter().filter(|duty| duty.0.is_none_or(|of| of == role(host)));
        for (at, duty) in duties.enumerate() {
            let mut dice = wishes.dice(&format!("{host} {at} {}", duty.1));
            for time in times(duty.5, wishes, &mut dice) {
                events.push(event(duty, host, time, wishes, &mut dice));
            }
        }
    }
}

fn event(duty: &Duty, host: usize, time: u64, wishes: Wishes, dice: &mut Dice) -> Event {
    let (_, process, user, port, whom, _) = *duty;
    let peer = match whom {
        Service(of) => address(of % wishes.hosts),
        Outside => outside(dice),
        Fleet | From => address(dice.below(wishes.hosts as u64) as usize),
    };
    let is_inbound = matches!(whom, From);
    let port = if port == 0 || is_inbound { 32_768 + dice.below(28_000) as u16 } else { port };
    let process = process.into();
    Event { time, host, process, user, peer, port, is_inbound, attack: None }
}

/// Every time at which something happens, in milliseconds since 1970.
fn times(when: When, wishes: Wishes, dice: &mut Dice) -> Vec<u64> {
    let quarters = wishes.days() * 96;
    let quarter =
        |quarter: u64, dice: &mut Dice| BEGIN + quarter * 15 * MINUTE + dice.below(15 * MINUTE);
    let by_chance = |chances: u64, dice: &mut Dice| {
        let happening: Vec<u64> = (0..quarters).filter(|_| dice.one_in_myriad(chances)).collect();
        happening.into_iter().map(|at| quarter(at, dice)).collect()
    };
    let on = |is_day: &dyn Fn(u64) -> bool, hour: u64, minute: u64, dice: &mut Dice| {
        let days = (0..wishes.days()).filter(|day| is_day(*day));
        days.map(|day| BEGIN + day * DAY + hour * HOUR + minute * MINUTE + dice.below(4 * MINUTE))
            .collect()
    };
    match when {
        Often(chances) => by_chance(100 * chances, dice),
        AnyPort => by_chance(wishes.any_port, dice),
        Seldom(chances) => by_chance(chances * wishes.noise / 100, dice),
        Every(minutes) => {
            let first = dice.below(minutes * MINUTE);
            let number = wishes.days() * DAY / (minutes * MINUTE);
            let at = |n: u64| BEGIN + first + n * minutes * MINUTE;
            (0..number).map(|n| at(n) + dice.below(MINUTE)).collect()
        }
        SomeTimeDaily => {
            (0..wishes.days()).map(|day| quarter(day * 96 + dice.below(96), dice)).collect()
        }
        Daily(hour, minute) => on(&|_| true, hour, minute, dice),
        WorkingDays(hour, minute) => on(&|day| !super::is_weekend(day), hour, minute, dice),
        Weekly(weekday, hour) => on(&|day| day % 7 == weekday, hour, 0, dice),
        Monthly(first, hour) => on(&|day| day % 28 == first, hour, 0, dice),
    }
}
