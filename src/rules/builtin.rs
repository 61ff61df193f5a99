//! The rules that are compiled in. To add one, add its file here.

use std::sync::LazyLock;

use super::rule::Rule;

/// The name that the built-in rules have for where they are from.
pub const RULESET: &str = "oddsock";

const FILES: [(&str, &str); 3] = [
    (
        "unusual_linux_network_activity.toml",
        include_str!("builtin/unusual_linux_network_activity.toml"),
    ),
    (
        "unusual_linux_network_port_activity.toml",
        include_str!("builtin/unusual_linux_network_port_activity.toml"),
    ),
    ("process_new_to_a_host.toml", include_str!("builtin/process_new_to_a_host.toml")),
];

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let read = |(file, text): &(&str, &str)| match Rule::read(file, text) {
        Ok(rule) => Rule { ruleset: RULESET.to_owned(), ..rule },
        Err(error) => panic!("a built-in rule is wrong:\n{error}"),
    };
    FILES.iter().map(read).collect()
});

/// All of them, in their order.
pub(super) fn rules() -> &'static [Rule] {
    &RULES
}

/// The ids of the jobs that select one.
pub(super) fn jobs() -> impl Iterator<Item = &'static str> {
    RULES.iter().flat_map(Rule::all_jobs)
}

/// The rule that the id of a job selects.
pub(super) fn of_job(job: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.has_job(job))
}

impl Rule {
    /// The ids of the jobs it belongs to, and has belonged to in any of its forms.
    pub fn all_jobs(&self) -> impl Iterator<Item = &str> {
        let own = std::iter::once(&self.question.name).chain(&self.jobs);
        let before = self.history.iter().flat_map(|form| &form.jobs);
        let mut jobs: Vec<&str> = Vec::new();
        for job in own.chain(before) {
            if !jobs.contains(&job.as_str()) {
                jobs.push(job);
            }
        }
        jobs.into_iter()
    }

    /// Whether a job is one of its, in whatever version.
    ///
    /// What a job looks for has stayed the same under every version of its id:
    /// `linux_anomalous_network_activity_ecs`, `v3_linux_anomalous_network_activity`.
    pub fn has_job(&self, job: &str) -> bool {
        self.all_jobs().any(|known| known == job || without_version(known) == without_version(job))
    }
}

/// The id of a job without what tells its versions apart.
fn without_version(job: &str) -> &str {
    let job = job.strip_suffix("_ecs").unwrap_or(job);
    let version = job.strip_prefix('v').and_then(|rest| rest.split_once('_'));
    match version {
        Some((digits, rest)) if digits.parse::<u32>().is_ok() => rest,
        _ => job,
    }
}
