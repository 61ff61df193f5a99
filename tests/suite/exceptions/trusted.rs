//! Whose word hides alerts: for root, nobody's but root's.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};

use super::{Place, borg, exception};

/// A place whose user's own file hides what borg does.
fn place() -> (Place, std::path::PathBuf) {
    let place = Place::new();
    let own = place.path("home/oddsock/exceptions.toml");
    fs::create_dir_all(own.parent().expect("a folder")).expect("a folder");
    fs::write(&own, exception("process.name = \"borg\"")).expect("a file");
    fs::set_permissions(&own, fs::Permissions::from_mode(0o644)).expect("a mode");
    (place, own)
}

#[test]
fn root_obeys_no_exceptions_that_somebody_else_can_write() {
    if !rustix::process::geteuid().is_root() {
        return println!("left out: only root can give a file to somebody else");
    }
    let (place, own) = place();
    let alert = borg().to_string();
    // The nearest neighbour: root's own, which nobody else may write to.
    assert_eq!(place.run(&["test", "-"], &alert).status, 0);
    let refused = "exceptions.toml\" is not used: for root, such a file must belong to root, and \
                   nobody else may write to it.\n";
    let is_refused = |arguments: &[&str]| {
        let ran = place.run(arguments, &alert);
        assert!(ran.err.contains(refused), "{arguments:?}: {ran:?}");
        ran
    };
    for (owner, mode) in [(0, 0o646), (0, 0o664), (65534, 0o644)] {
        chown(&own, Some(owner), None).expect("an owner");
        fs::set_permissions(&own, fs::Permissions::from_mode(mode)).expect("a mode");
        assert_eq!(is_refused(&["test", "-"]).status, 1);
        assert_eq!(is_refused(&["list"]).out, "");
        let before = place.text("home/oddsock/exceptions.toml");
        assert_eq!(is_refused(&["add", "--reason", "r", "tags=x"]).status, 2);
        assert_eq!(place.text("home/oddsock/exceptions.toml"), before);
        // What root names is root's word.
        let named = own.to_str().expect("a name");
        let ran = is_refused(&["test", "-", "--exceptions", named]);
        assert_eq!(ran.status, 0, "{ran:?}");
    }
}
