//! Profiles, and what holds for any file and any document.

use oddsock::alert::exceptions::{By, Exceptions, Verdict, removed};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Place, alert, borg, exception, hides, verdict, with};

const PROFILES: &str = "[[profile]]\nname = \"development\"\nhosts = [\"dev-*\"]\nthreshold = 75\n\
    rules.off = \"*_port_*\"\n\n[[profile.exception]]\nid = \"wget\"\nreason = \"downloads\"\n\
    match.process.name = \"wget\"\n";

#[test]
fn a_profile_is_for_alerts_all_of_whose_hosts_belong_to_it() {
    let dev = alert(&[("dev-1", "10.0.0.9")]);
    let by = |text: &str, alert: &Value| match verdict(text, alert) {
        Verdict::Shown => None,
        Verdict::Hidden(hidden) => Some((hidden.by.to_string(), hidden.reason)),
    };
    let threshold = by(PROFILES, &dev);
    let reason = "score 70.5 is under the threshold 75 of these hosts".to_owned();
    assert_eq!(threshold, Some(("profile development".to_owned(), reason)));
    assert_eq!(by(PROFILES, &with(dev.clone(), json!({"oddsock.score": 75}))), None);
    assert_eq!(by(PROFILES, &borg()), None);
    assert_eq!(by(PROFILES, &alert(&[("dev-1", "10.0.0.9"), ("db1", "10.0.0.9")])), None);

    let high = json!({"oddsock.score": 99, "rule.name": "Unusual Linux Network Port Activity"});
    let off = by(PROFILES, &with(dev.clone(), high.clone()));
    assert_eq!(off.unwrap().1, "the rule is off for these hosts");
    assert_eq!(by(PROFILES, &with(borg(), high)), None);

    let wget = json!({"oddsock.score": 99, "process.name": "wget", "oddsock.by_value": "wget",
        "oddsock.evidence": [], "oddsock.connections": 90});
    assert_eq!(
        verdict(PROFILES, &with(dev, wget.clone())),
        Verdict::Hidden(oddsock::alert::exceptions::Hidden {
            by: By::Exception("wget".into()),
            reason: "downloads".into()
        })
    );
    assert_eq!(by(PROFILES, &with(borg(), wget)), None);
}

#[test]
fn a_profile_can_leave_on_what_it_names() {
    let dev = with(alert(&[("dev-1", "10.0.0.9")]), json!({"oddsock.score": 99}));
    let text = |rules: &str| format!("[[profile]]\nname = \"d\"\nhosts = \"dev-*\"\n{rules}\n");
    assert!(!hides(&text("rules.on = \"unusual_*\""), &dev));
    assert!(hides(&text("rules.on = \"process_*\""), &dev));
    assert!(!hides(&text("rules = { on = \"unusual_*\", off = \"*\" }"), &dev));
    assert!(!hides(&text("rules = { on = \"unusual_*\", off = \"process_*\" }"), &dev));
    assert!(hides(&text("rules.off = \"unusual_*\""), &dev));
}

#[test]
fn list_and_test_tell_of_profiles_too() {
    let place = Place::with(PROFILES);
    let ran = place.run(&["list", "--exceptions", "mine.toml"], "");
    assert_eq!(
        ran.out,
        "wget  never expires  downloads\n  profile development; process.name = wget\n  \
         mine.toml:7\nprofile development\n  hosts dev-*; threshold 75; rules off *_port_*\n"
    );
    assert_eq!(ran.err, "oddsock: exceptions 1, of which 0 expired; profiles 1; files 1\n");
    let ran = place.test(&[alert(&[("dev-1", "10.0.0.9")])]);
    assert!(ran.out.contains("  hidden by profile development: score 70.5 is under"), "{ran:?}");
    let ran = Place::new().run(&["list"], "");
    assert_eq!((ran.status, ran.out.as_str()), (1, ""));
}

proptest! {
    #[test]
    fn no_text_makes_reading_or_removing_fail_badly(
        pieces in prop::collection::vec(
            prop_oneof![
                Just("[[exception]]\n"), Just("[[profile]]\n"), Just("[exception.match]\n"),
                Just("[[profile.exception]]\n"), Just("[profile.rules]\n"), Just("id = \"a\"\n"),
                Just("reason = 'r'\n"), Just("match.process.name = 'x'\n"), Just("match = {"),
                Just("process.name = [1, 'b*']\n"), Just("destination.port = '1-9'\n"),
                Just("name = \"p\"\n"), Just("hosts = ['*']\n"), Just("expires = 2027-01-01\n"),
                Just("expires = -9999-99\n"), Just("# é\u{202e}\n"), Just("\r\n"), Just("'''\n"),
                Just("threshold = 1e999\n"), Just("threshold = nan\n"), Just("on = 'x'\n"),
            ],
            0..16,
        ),
        noise in any::<String>(),
        at in any::<prop::sample::Index>(),
    ) {
        let mut text: String = pieces.concat();
        let place = at.index(text.len() + 1);
        if text.is_char_boundary(place) && noise.len() % 3 == 0 {
            text.insert_str(place, &noise);
        }
        let mut exceptions = Exceptions::default();
        match exceptions.add_file("mine.toml", &text) {
            Ok(()) => {
                for exception in exceptions.all() {
                    if let Ok(new) = removed("mine.toml", &text, &exception.id) {
                        let mut left = Exceptions::default();
                        prop_assert!(left.add_file("mine.toml", &new).is_ok());
                        prop_assert_eq!(left.all().len(), exceptions.all().len() - 1);
                    }
                }
                let _ = exceptions.verdict(borg().as_object().unwrap(), 0);
            }
            Err(error) => prop_assert!(error.place.line <= text.lines().count() + 1),
        }
    }

    #[test]
    fn no_document_makes_matching_fail_badly(
        fields in prop::collection::btree_map(
            prop::sample::select(vec![
                "oddsock.by_field", "oddsock.by_value", "oddsock.evidence", "oddsock.influencers",
                "oddsock.connections", "host.name", "process.name", "rule.name", "oddsock.score",
            ]),
            prop::sample::select(vec![
                json!(null), json!(1), json!(-1.5), json!("a*"), json!([]), json!({}),
                json!([{"field": "host.name", "values": [{"value": {}}, null, 3], "number": 2}]),
                json!([{"process": {"name": {"x": 1}}}]), json!("process.name"), json!([[["a"]]]),
            ]),
            0..9,
        ),
    ) {
        let document = json!(fields);
        let text = format!("{PROFILES}{}", exception("process.name = '?*'\nhost.name = '*'"));
        let mut exceptions = Exceptions::default();
        exceptions.add_file("mine.toml", &text).unwrap();
        let _ = exceptions.verdict(document.as_object().unwrap(), 0);
        let _ = exceptions.nearest(document.as_object().unwrap(), 0, 3);
    }
}
