//! Profiles: hosts that are judged by a measure of their own, such as those of developers.
//!
//! A profile is for alerts *all* of whose hosts belong to it: what a test machine and a server do
//! alike is shown as if it were the server's alone. Where several profiles have all the hosts, the
//! first of them counts.

use serde_json::{Map, Value};

use super::facts::Facts;
use super::glob::Glob;
use super::{By, Hidden, Verdict};

/// Hosts and the measure for them.
#[derive(Clone, PartialEq, Debug)]
pub struct Profile {
    /// What it is called.
    pub name: String,
    /// The names of its hosts.
    pub hosts: Vec<Glob>,
    /// Alerts with a lower score are hidden.
    pub threshold: Option<f64>,
    /// Rules that stay on: if nothing is said to be off, all others are.
    pub on: Vec<Glob>,
    /// Rules that are off.
    pub off: Vec<Glob>,
}

/// The profiles of all files, in their order.
#[derive(Clone, Default, Debug)]
pub struct Profiles(pub(super) Vec<Profile>);

impl Profiles {
    /// All of them.
    pub fn all(&self) -> &[Profile] {
        &self.0
    }

    /// Whether an alert is shown, by its score and its rule.
    pub fn verdict(&self, document: &Map<String, Value>) -> Verdict {
        self.judged(&mut Facts::of(document))
    }

    pub(super) fn judged(&self, facts: &mut Facts<'_>) -> Verdict {
        let Some(profile) = self.0.iter().find(|profile| profile.has_all_hosts(facts)) else {
            return Verdict::Shown;
        };
        match profile.objection(facts) {
            None => Verdict::Shown,
            Some(reason) => {
                Verdict::Hidden(Hidden { by: By::Profile(profile.name.clone()), reason })
            }
        }
    }

    pub(super) fn named(&self, name: &str) -> Option<&Profile> {
        self.0.iter().find(|profile| profile.name == name)
    }
}

impl Profile {
    /// Whether all hosts of an alert are known, and belong to the profile.
    pub(super) fn has_all_hosts(&self, facts: &mut Facts<'_>) -> bool {
        let hosts = facts.values("host.name");
        hosts.is_complete
            && !hosts.is_missing
            && hosts.all.iter().all(|host| self.hosts.iter().any(|glob| glob.fits(host)))
    }

    fn objection(&self, facts: &Facts<'_>) -> Option<String> {
        let names = facts.rule_names();
        let is_among = |globs: &[Glob]| globs.iter().any(|glob| fits_rule(glob, names));
        let rest_is_off = self.off.is_empty() && !self.on.is_empty();
        if (rest_is_off || is_among(&self.off)) && !is_among(&self.on) {
            return Some("the rule is off for these hosts".to_owned());
        }
        let (score, threshold) = (facts.score()?, self.threshold?);
        (score < threshold)
            .then(|| format!("score {score} is under the threshold {threshold} of these hosts"))
    }
}

/// Whether a glob is for the rule that has these names.
pub(super) fn fits_rule(glob: &Glob, names: &[String]) -> bool {
    names.iter().any(|name| glob.fits(name))
}
