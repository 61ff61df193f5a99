use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;

use super::*;

const PAGE: &str = "# HELP a_total h\n# TYPE a_total counter\na_total 7\n";

/// What keeps a page from being written to `page` in a folder that somebody has prepared.
fn refused(prepare: impl Fn(&Path)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page");
    let file = WholeFile::open(&path).unwrap();
    prepare(&path);
    let names = || {
        let entries = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap());
        let mut names: Vec<_> =
            entries.map(|entry| (entry.file_name(), entry.file_type().unwrap())).collect();
        names.sort_by(|one, other| one.0.cmp(&other.0));
        names
    };
    let before = names();
    let at_the_start = WholeFile::open(&path).unwrap_err().to_string();
    let later = file.write(PAGE).unwrap_err().to_string();
    assert_eq!(later, at_the_start);
    assert_eq!(names(), before, "{later}");
    later.replace(folder.path().to_str().unwrap(), "")
}

#[test]
fn what_is_no_regular_file_stays_what_it_is() {
    let socket = |path: &Path| _ = UnixListener::bind(path).unwrap();
    assert_eq!(refused(socket), "it is no regular file");
    let link = |path: &Path| symlink("elsewhere", path).unwrap();
    assert_eq!(refused(link), "it is a symbolic link; name the file itself");
    let link_to_a_file = |path: &Path| {
        fs::write(path.with_file_name("elsewhere"), "kept").unwrap();
        symlink("elsewhere", path).unwrap();
    };
    assert_eq!(refused(link_to_a_file), "it is a symbolic link; name the file itself");
    let error = WholeFile::open(Path::new("/dev/null")).unwrap_err();
    assert_eq!(error.to_string(), "it is no regular file");
    let folder = tempfile::tempdir().unwrap();
    let error = WholeFile::open(folder.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IsADirectory);
}

#[test]
fn what_is_beside_it_is_removed_only_if_a_writer_has_left_it() {
    let others: [fn(&Path); 5] = [
        |beside| fs::write(beside, "type=SYSCALL msg=audit(1723819442.001:7):\n").unwrap(),
        |beside| fs::write(beside, "# HELL").unwrap(),
        |beside| symlink("page", beside).unwrap(),
        |beside| fs::create_dir(beside).unwrap(),
        |beside| {
            fs::write(beside, PAGE).unwrap();
            fs::hard_link(beside, beside.with_file_name("other")).unwrap();
        },
    ];
    for put in others {
        let said = refused(|path| put(&beside(path)));
        assert_eq!(said, "\"/page.new\" is there, and nothing that oddsock has left");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page");
    for left in ["", "# HE", &PAGE[..20], PAGE] {
        fs::write(beside(&path), left).unwrap();
        let file = WholeFile::open(&path).unwrap();
        assert!(!beside(&path).exists());
        fs::write(beside(&path), left).unwrap();
        file.write(PAGE).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), PAGE);
        assert!(!beside(&path).exists());
    }
}

#[test]
fn a_file_that_is_there_stays_until_there_is_a_page_and_is_for_others_to_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page");
    fs::write(&path, "older").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let file = WholeFile::open(&path).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "older");
    file.write(PAGE).unwrap();
    assert_eq!(fs::read_to_string(file.path()).unwrap(), PAGE);
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o444, 0o444);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
