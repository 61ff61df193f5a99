//! What this machine says of its own auditing: its processes, its kernel, its rules and its files.
//!
//! Nothing is changed. `auditctl` is run by its full path, without a shell and without anything of
//! the environment, and only by root, since the kernel answers nobody else.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::access::{self, Wanted};
use crate::doctor::rules::{Order, RuleText};
use crate::doctor::{Finding, Level, Status, judge_status};
use crate::quoted::Quoted;

/// Where auditctl is, on systems with and without a merged /usr.
const AUDITCTL: [&str; 2] = ["/usr/sbin/auditctl", "/sbin/auditctl"];

/// What augenrules makes and auditctl loads when the machine starts.
const LOADED_AT_START: &str = "/etc/audit/audit.rules";

/// Where rule files are put.
const RULES_FOLDER: &str = "/etc/audit/rules.d";

/// What container engines leave in their containers.
const CONTAINER: [&str; 3] = ["/.dockerenv", "/run/.containerenv", "/run/systemd/container"];

/// More of a file of rules, or of what auditctl prints, is not read.
const MOST: u64 = 1 << 20;

/// Rules, and what they are called.
pub struct Rules {
    /// Where they are from.
    pub title: String,
    pub texts: Vec<RuleText>,
    pub order: Order,
    /// Whether they are those that the kernel has now.
    pub are_loaded: bool,
}

/// Whether the kernel audits, and who takes its records.
pub fn state() -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(mark) = CONTAINER.iter().find(|mark| Path::new(mark).exists()) {
        let reason = format!(
            "this is a container ({mark} is there): the kernel audits for the host, and its log is \
             there; run this on the host"
        );
        findings.push(Finding::new("container", Level::Note, reason));
    }
    let line = fs::read_to_string("/proc/cmdline").unwrap_or_default();
    if line.split_whitespace().any(|word| matches!(word, "audit=0" | "audit=off")) {
        let reason = "the kernel was started with audit=0 and does not audit before it is started \
                      without";
        findings.push(Finding::new("kernel", Level::Bad, reason));
    }
    match auditctl("-s") {
        Ok(text) => {
            let status = Status::read(&text);
            findings.extend(judge_status(&status));
            findings.extend(status.pid.filter(|pid| *pid != 0).map(daemon));
        }
        Err(reason) => {
            findings.push(Finding::new("kernel", Level::Unknown, reason));
            findings.push(daemon_by_name());
        }
    }
    findings
}

/// The process that takes the records.
fn daemon(pid: u32) -> Finding {
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    let name = name.trim();
    match name {
        "auditd" => Finding::new("daemon", Level::Ok, format!("auditd is running, process {pid}")),
        "" => {
            let reason =
                format!("process {pid} takes the records, but it cannot be seen from here");
            Finding::new("daemon", Level::Unknown, reason)
        }
        _ => {
            let reason = format!(
                "\"{name}\", process {pid}, takes the records, and not auditd: what it writes may \
                 not be an audit log"
            );
            Finding::new("daemon", Level::Note, reason)
        }
    }
}

fn daemon_by_name() -> Finding {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let is_auditd = |path: &Path| {
        fs::read_to_string(path.join("comm")).is_ok_and(|name| name.trim_end() == "auditd")
    };
    match processes.map(|entry| entry.path()).any(|path| is_auditd(&path)) {
        true => Finding::new("daemon", Level::Ok, "a process called auditd is running"),
        false => Finding::new("daemon", Level::Bad, "auditd is not running")
            .mended("as root", vec!["systemctl start auditd".to_owned()]),
    }
}

/// The rules of this machine: those that are loaded if that can be seen, or those of its files.
pub fn rules() -> Result<Rules, String> {
    let loaded = auditctl("-l").map(|text| Rules {
        title: "loaded rules (auditctl -l)".to_owned(),
        texts: vec![RuleText { name: "loaded".to_owned(), text }],
        order: Order::AsTheyAre,
        are_loaded: true,
    });
    loaded.or_else(|reason| {
        let path = Path::new(LOADED_AT_START);
        let path = if path.exists() { path } else { Path::new(RULES_FOLDER) };
        let rules = files(path)
            .map_err(|error| format!("the rules cannot be seen: {reason}, and {error}"))?;
        let title = format!("{}, which may not be what is loaded: {reason}", rules.title);
        Ok(Rules { title, ..rules })
    })
}

/// The rules that will be loaded when the machine is started again, if its files can be read.
pub fn files_of_start() -> Option<Rules> {
    let folder = Path::new(RULES_FOLDER);
    let has_files = rule_files(folder).is_ok_and(|found| !found.is_empty());
    files(if has_files { folder } else { Path::new(LOADED_AT_START) }).ok()
}

/// The rules of a file, of a folder as augenrules puts them together, or of standard input.
pub fn files(path: &Path) -> Result<Rules, String> {
    if path == Path::new("-") {
        let text = text_of("standard input", std::io::stdin())?;
        let name = "standard input".to_owned();
        let texts = vec![RuleText { name: "stdin".to_owned(), text }];
        return Ok(Rules { title: name, texts, order: Order::AsTheyAre, are_loaded: false });
    }
    let named = |path: &Path, name: String| {
        let quoted = Quoted(path).to_string();
        let cannot =
            |error| format!("cannot read {quoted}: {}", access::told(&error, path, Wanted::Read));
        let file = File::open(path).map_err(cannot)?;
        Ok::<_, String>(RuleText { name, text: text_of(&quoted, file)? })
    };
    if !path.is_dir() {
        let name = path.display().to_string();
        let texts = vec![named(path, name)?];
        return Ok(Rules {
            title: Quoted(path).to_string(),
            texts,
            order: Order::AsTheyAre,
            are_loaded: false,
        });
    }
    let mut found = rule_files(path)?;
    found.sort_by_key(|path| version_key(&name_of(path)));
    let texts: Result<Vec<_>, _> = found.iter().map(|path| named(path, name_of(path))).collect();
    Ok(Rules {
        title: Quoted(path).to_string(),
        texts: texts?,
        order: Order::Merged,
        are_loaded: false,
    })
}

/// The `.rules` files in a folder.
pub fn rule_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let unreadable = |error| {
        format!("cannot read {}: {}", Quoted(folder), access::told(&error, folder, Wanted::Read))
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|ending| ending == "rules") {
            found.push(path);
        }
    }
    Ok(found)
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// What names are ordered by in `ls -v`: digits by their number and before all else.
fn version_key(name: &str) -> Vec<(bool, u64, char)> {
    let mut key: Vec<(bool, u64, char)> = Vec::new();
    let mut is_number = false;
    for c in name.chars() {
        match (c.to_digit(10), key.last_mut()) {
            (Some(digit), Some((_, number, _))) if is_number => {
                *number = number.saturating_mul(10).saturating_add(digit.into());
            }
            (Some(digit), _) => key.push((false, digit.into(), '0')),
            (None, _) => key.push((true, 0, c)),
        }
        is_number = c.is_ascii_digit();
    }
    key
}

/// The text of a file of moderate size; bytes that are no text cannot matter in rules.
pub fn text_of(name: &str, file: impl Read) -> Result<String, String> {
    let mut bytes = Vec::new();
    let read = file.take(MOST + 1).read_to_end(&mut bytes);
    read.map_err(|error| format!("cannot read {name}: {error}"))?;
    if bytes.len() as u64 > MOST {
        return Err(format!("{name} is larger than {MOST} bytes, which no file of its kind is"));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What auditctl prints for an option, or why that is not known.
fn auditctl(option: &str) -> Result<String, String> {
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    if !is_root {
        return Err("only root can ask the kernel (auditctl)".to_owned());
    }
    let Some(path) = AUDITCTL.iter().find(|path| Path::new(path).exists()) else {
        return Err(
            "there is no auditctl to ask the kernel with: auditd is not installed".to_owned()
        );
    };
    let mut command = Command::new(path);
    command.arg(option).env_clear().env("LC_ALL", "C").stdin(Stdio::null());
    let output = command.output().map_err(|error| format!("cannot run {path}: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().next().unwrap_or("it did not say why").to_owned();
        return Err(format!("{path} {option} failed: {said}"));
    }
    text_of(path, &output.stdout[..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_a_folder_are_in_the_order_of_ls_v() {
        let mut names = ["50-b.rules", "9-z.rules", "10-a.rules", "audit.rules", "50-a.rules"];
        names.sort_by_key(|name| version_key(name));
        assert_eq!(names, ["9-z.rules", "10-a.rules", "50-a.rules", "50-b.rules", "audit.rules"]);
    }

    #[test]
    fn rules_are_those_of_a_folder_in_the_order_they_are_loaded_in() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["50-b.rules", "9-z.rules", "notes.txt"] {
            fs::write(folder.path().join(name), "-b 100\n").expect("a file");
        }
        let rules = files(folder.path()).expect("rules");
        let names: Vec<_> = rules.texts.iter().map(|text| text.name.as_str()).collect();
        assert_eq!((names, rules.order), (vec!["9-z.rules", "50-b.rules"], Order::Merged));
        assert!(files(&folder.path().join("none")).err().expect("none").contains("cannot read"));
    }
}
