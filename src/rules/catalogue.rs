//! The rules in use: those that are built in, and those of files that replace them or come besides.

use std::ops::Range;

use super::builtin;
use super::fault::{Fault, RuleError};
use super::rule::Rule;
use super::table::{Table, document};
use super::words::{nearest, quoted};

/// The rules in use, in an order that depends on nothing but them: the built-in ones and what
/// replaces them in theirs, then the others by name.
#[derive(Clone, PartialEq, Debug)]
pub struct Catalogue {
    rules: Vec<Rule>,
}

/// That there is no such rule, and which there are.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct UnknownRule(String);

impl Catalogue {
    /// The built-in rules.
    ///
    /// ```
    /// let catalogue = oddsock::rules::Catalogue::builtin();
    /// let rule = catalogue.find("linux_anomalous_network_activity_ecs").unwrap();
    /// assert_eq!(rule.title, "Unusual Linux Network Activity");
    /// ```
    pub fn builtin() -> Catalogue {
        Catalogue { rules: builtin::rules().to_vec() }
    }

    /// The rules in use.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Adds the rules of one place: a folder, a file. One with the name or the id of a rule that is
    /// in use replaces it; two of the same place must not have the same.
    pub fn add(&mut self, rules: Vec<Rule>) -> Result<(), RuleError> {
        for (at, rule) in rules.iter().enumerate() {
            if let Some(other) = rules[..at].iter().find(|other| is_same(other, rule)) {
                let what = match other.name == rule.name {
                    true => format!("a rule called {}", quoted(&rule.name)),
                    false => format!("a rule with the id {}", quoted(&rule.id)),
                };
                let expected = "expected another name in [detector], or one of the files";
                let message = format!("{} has {what} already; {expected}", other.ruleset);
                return Err(at_name(rule, message));
            }
        }
        let mut all = self.rules.clone();
        for rule in &rules {
            match all.iter().position(|known| is_same(known, rule)) {
                Some(at) => {
                    all[at] = rule.clone();
                    let mut place = 0;
                    all.retain(|known| {
                        place += 1;
                        place == at + 1 || !is_same(known, rule)
                    });
                }
                None => all.push(rule.clone()),
            }
        }
        let own = |rule: &Rule| builtin::rules().iter().position(|known| is_same(known, rule));
        all.sort_by(|a, b| {
            let key = |rule: &Rule| own(rule).unwrap_or(usize::MAX);
            (key(a), &a.name).cmp(&(key(b), &b.name))
        });
        for rule in &rules {
            check_job(rule, &all)?;
        }
        self.rules = all;
        Ok(())
    }

    /// The rule with this short name, title, id or job.
    pub fn find(&self, word: &str) -> Result<&Rule, UnknownRule> {
        let is_called = |rule: &&Rule| {
            rule.name == word || rule.id == word || rule.title.eq_ignore_ascii_case(word)
        };
        let has_job = |rule: &&Rule| rule.has_job(word);
        let found = self.rules.iter().find(is_called);
        found.or_else(|| self.rules.iter().find(has_job)).ok_or_else(|| self.unknown(word))
    }

    fn unknown(&self, word: &str) -> UnknownRule {
        let names = || self.rules.iter().map(|rule| &rule.name[..]);
        let called = names().chain(self.rules.iter().map(|rule| &rule.title[..]));
        let meant = nearest(word, called).map(|name| format!("; did you mean {}?", quoted(name)));
        let known = names().collect::<Vec<_>>().join(", ");
        let meant = meant.unwrap_or_default();
        UnknownRule(format!("there is no rule {}{meant}; there are {known}", quoted(word)))
    }
}

fn is_same(one: &Rule, other: &Rule) -> bool {
    one.name == other.name || one.id == other.id
}

/// Facts are kept by the job's name, so what is asked under one name must be the same.
fn check_job(rule: &Rule, all: &[Rule]) -> Result<(), RuleError> {
    let differs = |other: &&Rule| {
        other.question.name == rule.question.name
            && (other.question != rule.question || other.filter != rule.filter)
    };
    let Some(other) = all.iter().find(differs) else { return Ok(()) };
    let (job, name) = (quoted(&rule.question.name), quoted(&other.name));
    let expected = "expected the same [detector], or another job";
    let message = format!("the rule {name} looks for something else under the job {job}");
    Err(at_name(rule, format!("{message}; {expected}")))
}

/// An error at the place in a rule's file where its name stands.
fn at_name(rule: &Rule, message: String) -> RuleError {
    let span = place_of_name(&rule.text).unwrap_or(0..0);
    RuleError::new(&rule.ruleset, &rule.text, Fault { span, message })
}

fn place_of_name(text: &str) -> Option<Range<usize>> {
    let root = document(text).ok()?;
    let root = Table::new("the file", &root);
    ["detector", "rule"].into_iter().find_map(|key| {
        let table = root.table(key, "").ok().flatten()?;
        Some(table.text("name").ok().flatten()?.span)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(file: &str, name: &str, id: &str, more: &str) -> Rule {
        let text = format!(
            "[rule]\nname = \"{name}!\"\nrule_id = \"{id}\"\n{more}\n\
             [detector]\nname = \"{name}\"\nby = \"user.name\"\n"
        );
        Rule::read(file, &text).unwrap_or_else(|error| panic!("{error}"))
    }

    fn names(catalogue: &Catalogue) -> Vec<&str> {
        catalogue.rules().iter().map(|rule| &rule.name[..]).collect()
    }

    const BUILT_IN: [&str; 3] = [
        "unusual_linux_network_activity",
        "unusual_linux_network_port_activity",
        "process_new_to_a_host",
    ];

    #[test]
    fn every_built_in_rule_can_be_read_and_found_by_whatever_it_is_called() {
        let catalogue = Catalogue::builtin();
        assert_eq!(names(&catalogue), BUILT_IN);
        for rule in catalogue.rules() {
            let jobs = rule.all_jobs();
            for word in jobs.chain([&rule.name, &rule.id, &rule.title].map(|word| &word[..])) {
                assert_eq!(catalogue.find(word), Ok(rule), "{word}");
            }
        }
        let error = catalogue.find("unusual_linux_network_activty").expect_err("a slip");
        let meant = "did you mean \"unusual_linux_network_activity\"?";
        assert!(error.to_string().contains(meant), "{error}");
        assert!(catalogue.find("").is_err());
    }

    #[test]
    fn a_rule_of_a_file_replaces_one_of_the_same_name_or_id_in_its_place() {
        let mut catalogue = Catalogue::builtin();
        let id = catalogue.rules()[1].id.clone();
        let ours = vec![own("z.toml", "zz", "1", ""), own("b.toml", BUILT_IN[0], "2", "")];
        catalogue.add(ours).expect("no conflict");
        catalogue.add(vec![own("c.toml", "aa", &id, "")]).expect("no conflict");
        assert_eq!(names(&catalogue), [BUILT_IN[0], "aa", BUILT_IN[2], "zz"]);
    }

    #[test]
    fn two_rules_of_one_place_have_two_names() {
        let mut catalogue = Catalogue::builtin();
        let two = vec![own("a.toml", "x", "1", ""), own("b.toml", "x", "2", "")];
        let error = catalogue.add(two).expect_err("one name");
        assert_eq!((&error.file[..], error.line, error.column), ("b.toml", 6, 8), "{error}");
        assert!(error.message.contains("a.toml has a rule called \"x\" already"), "{error}");
        let two = vec![own("a.toml", "x", "1", ""), own("b.toml", "y", "1", "")];
        let error = catalogue.add(two).expect_err("one id");
        assert!(error.message.contains("the id \"1\""), "{error}");
        assert_eq!(catalogue, Catalogue::builtin());
        let one_later = own("b.toml", "x", "2", "");
        catalogue.add(vec![own("a.toml", "x", "1", "")]).expect("no conflict");
        catalogue.add(vec![one_later]).expect("it replaces the other");
        assert_eq!(catalogue.find("x").map(|rule| &rule.ruleset[..]), Ok("b.toml"));
    }

    #[test]
    fn under_one_job_there_is_one_question() {
        let job = "machine_learning_job_id = \"v3_linux_anomalous_network_activity\"";
        let mut catalogue = Catalogue::builtin();
        let error =
            catalogue.add(vec![own("a.toml", "x", "1", job)]).expect_err("another question");
        assert!(error.message.contains("under the job"), "{error}");
        let public = format!("[rule]\nname = \"P\"\n{job}\nanomaly_threshold = 75\n");
        let public = Rule::read("public.toml", &public).expect("a rule");
        catalogue.add(vec![public]).expect("the same question");
        assert_eq!(names(&catalogue), BUILT_IN);
        assert_eq!(catalogue.rules()[0].threshold, 75.0);
    }
}
