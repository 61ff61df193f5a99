//! Restart: whether the files of a machine say other things than the rules that it has loaded.
//!
//! The findings of both come in; one finding goes out, or none.

use super::finding::{Finding, Level};

/// What the machine will come to when it is started again, if its files say other things than the
/// rules that are loaded.
pub fn judge_restart(loaded: &[Finding], files: &[Finding]) -> Option<Finding> {
    let wrong = |findings: &[Finding], check: &str| {
        findings.iter().any(|finding| finding.check == check && finding.level.wants_mending())
    };
    let other = |one: &[Finding], two: &[Finding]| {
        let mut checks: Vec<&str> =
            one.iter().map(|finding| finding.check).filter(|check| wrong(one, check)).collect();
        checks.retain(|check| !wrong(two, check));
        checks.dedup();
        checks.join(", ")
    };
    let (lost, mended) = (other(files, loaded), other(loaded, files));
    let told = |reason: String| Finding::new("restart", Level::Warn, reason);
    if !lost.is_empty() {
        let reason = format!(
            "the rules in the files are worse than those that are loaded ({lost}), and will be in \
             force when the machine is started again"
        );
        return Some(told(reason));
    }
    (!mended.is_empty()).then(|| {
        let reason =
            format!("the rules in the files are better than those that are loaded ({mended})");
        told(reason).mended("load them, as root", vec!["augenrules --load".to_owned()])
    })
}
