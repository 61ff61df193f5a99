//! Claims about what is found, left out, and said of what cannot be read.

use super::*;

struct Scene {
    root: tempfile::TempDir,
}

impl Scene {
    fn new(files: &[(&str, &str)]) -> Scene {
        let root = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        Scene { root }
    }

    fn find(&self, arguments: &str) -> Found {
        let path = |name: &str| if name == "-" { name.into() } else { self.root.path().join(name) };
        let arguments: Vec<PathBuf> = arguments.split_whitespace().map(path).collect();
        find_at(&arguments, &self.place()).unwrap()
    }

    fn place(&self) -> Place {
        let auditd_conf = self.root.path().join("auditd.conf");
        Place { host: None, machine: "here".to_owned(), auditd_conf }
    }

    /// `host:path` of each source.
    fn sources(&self, found: &Found) -> Vec<String> {
        let short = |path: &Path| match path.strip_prefix(self.root.path()) {
            Ok(short) => short.display().to_string(),
            Err(_) => path.display().to_string(),
        };
        let sources = found.sources.iter();
        sources.map(|source| format!("{}:{}", source.host, short(&source.path))).collect()
    }
}

fn stamped(seconds: u64) -> String {
    format!("type=EOE msg=audit({seconds}.000:1): \n")
}

#[test]
fn files_directories_and_standard_input_are_taken_together() {
    let (one, two, three) = (stamped(300), stamped(200), stamped(100));
    let scene = Scene::new(&[
        ("e/web1/var/log/audit/audit.log", &one),
        ("e/web1/var/log/audit/audit.log.1", &two),
        ("e/web1/var/log/audit/rules.conf", "x"),
        ("e/db1/b.log", &three),
    ]);
    let found = scene.find("- e e/db1/b.log -");
    assert_eq!(
        scene.sources(&found),
        [
            "here:-",
            "db1:e/db1/b.log",
            "web1:e/web1/var/log/audit/audit.log.1",
            "web1:e/web1/var/log/audit/audit.log",
        ]
    );
    assert_eq!(found.skipped.len(), 1, "the file given twice: {:?}", found.skipped);
    assert!(found.unreadable.is_empty());
}

#[test]
fn the_host_that_is_named_is_the_host_of_everything() {
    let scene = Scene::new(&[("a/x.log", "1"), ("b/x.log", "2")]);
    let place = Place { host: Some("web9".to_owned()), ..scene.place() };
    let found = find_at(&[scene.root.path().into(), "-".into()], &place).unwrap();
    assert_eq!(scene.sources(&found), ["web9:a/x.log", "web9:b/x.log", "web9:-"]);
}

#[test]
fn a_copy_is_left_out_and_a_file_that_differs_is_not() {
    let (one, same, other) = (stamped(100), stamped(100), stamped(101));
    let scene =
        Scene::new(&[("l/a.log", &one), ("l/b.log", &same), ("l/c.log", &other), ("l/d.log", "")]);
    std::os::unix::fs::symlink(
        scene.root.path().join("l/c.log"),
        scene.root.path().join("l/link.log"),
    )
    .unwrap();
    let found = scene.find("l");
    assert_eq!(scene.sources(&found), ["here:l/a.log", "here:l/c.log", "here:l/d.log"]);
    let reasons: Vec<&str> = found.skipped.iter().map(|skip| skip.reason.as_str()).collect();
    assert_eq!(reasons[0], "the same file was named or found before");
    assert!(reasons[1].starts_with("a copy of \"") && reasons[1].contains("l/a.log"));
}

#[test]
fn the_same_bytes_from_two_hosts_are_two_logs() {
    let scene = Scene::new(&[("web1/a.log", "same\n"), ("web2/a.log", "same\n")]);
    assert_eq!(scene.find("web1 web2").sources.len(), 2);
}

#[test]
fn what_is_no_text_is_read_only_when_it_is_named() {
    let with_stamp = format!("\0\0{}", stamped(5));
    let files = [("d/a.log", "\x7fELF\0\0"), ("d/b.log", "text\n"), ("d/c.log", &with_stamp)];
    let scene = Scene::new(&files);
    let found = scene.find("d");
    assert_eq!(scene.sources(&found), ["here:d/b.log", "here:d/c.log"]);
    assert!(found.skipped[0].path.ends_with("d/a.log"));
    assert_eq!(scene.sources(&scene.find("d/a.log")), ["here:d/a.log"]);
}

#[test]
fn what_cannot_be_read_is_written_down_and_the_rest_is_found() {
    let scene = Scene::new(&[("a.log", "x\n"), ("empty/README", "x")]);
    let found = scene.find("gone.log a.log empty");
    assert_eq!(found.sources.len(), 1);
    let errors: Vec<_> = found.unreadable.iter().map(|one| one.error.to_string()).collect();
    assert!(errors[0].contains("there is no such file"), "{errors:?}");
    assert!(errors[1].contains("no audit log in the directory"), "{errors:?}");
}

#[test]
fn without_arguments_the_log_that_auditd_writes_is_read_oldest_first() {
    let scene = Scene::new(&[("t/trail", "c\n"), ("t/trail.1", "b2\n"), ("t/trail.2", "a23\n")]);
    let conf = format!("log_file = {}\n", scene.root.path().join("t/trail").display());
    fs::write(scene.place().auditd_conf, conf).unwrap();
    let found = find_at(&[], &scene.place()).unwrap();
    assert_eq!(scene.sources(&found), ["here:t/trail.2", "here:t/trail.1", "here:t/trail"]);
}

#[test]
fn the_log_that_auditd_writes_may_be_a_link() {
    let scene = Scene::new(&[("t/trail", "c\n"), ("t/trail.1", "b2\n"), ("l/audit.log.1", "x\n")]);
    let link = scene.root.path().join("l/audit.log");
    std::os::unix::fs::symlink("../t/trail", &link).unwrap();
    fs::write(scene.place().auditd_conf, format!("log_file = {}\n", link.display())).unwrap();
    let found = find_at(&[], &scene.place()).unwrap();
    assert_eq!(scene.sources(&found), ["here:t/trail.1", "here:t/trail"]);
}

#[test]
fn a_machine_without_a_log_says_where_it_looked() {
    let scene = Scene::new(&[]);
    fs::write(scene.place().auditd_conf, "log_file = /no/such/audit.log\n").unwrap();
    let error = find_at(&[], &scene.place()).unwrap_err().to_string();
    assert!(error.starts_with("there is no audit log at \"/no/such/audit.log\""), "{error}");
}

#[test]
fn the_first_stamp_is_found_in_packed_files_too() {
    use crate::input::compression::tests::{PACKED, pack};
    let scene = Scene::new(&[]);
    for (number, with) in PACKED.into_iter().enumerate() {
        let stamp = stamped(100 - number as u64);
        fs::write(scene.root.path().join(format!("{number}.log")), pack(stamp.as_bytes(), with))
            .unwrap();
    }
    let found = scene.find("0.log 1.log 2.log 3.log");
    assert_eq!(scene.sources(&found), ["here:3.log", "here:2.log", "here:1.log", "here:0.log"]);
    assert_eq!(found.sources[3].compression, Compression::Gzip);
}
