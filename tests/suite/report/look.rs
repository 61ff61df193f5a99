//! What makes a document that everybody can read: its order, its names, its colours.

use super::html::{self, Part};
use super::{UNUSUAL, place, report};

/// The report of a fortnight.
fn example() -> String {
    report(&place(14, UNUSUAL), &["audit.log"])
}

fn count(html: &str, element: &str) -> usize {
    html::shape(html).iter().filter(|one| one.starts_with(&format!("<{element} "))).count()
}

#[test]
fn it_forbids_the_browser_to_load_or_run_anything() {
    let html = example();
    let policy = html::attributes(&html);
    let policy = policy.iter().find(|(_, _, value)| value.starts_with("default-src 'none'"));
    let (_, _, policy) = policy.expect("a policy");
    assert!(policy.contains("style-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
    super::injection::harmless(&html);
    // Before anything that it is to hold for.
    let first = html.find("Content-Security-Policy").expect("a policy");
    assert!(first < html.find("<style>").expect("a style"));
}

#[test]
fn headings_are_in_order_and_every_part_has_its_name() {
    let html = example();
    let mut last = 0;
    for part in html::parts(&html) {
        let Part::Begin(name, _) = part else { continue };
        if let Some(level) = name.strip_prefix('h').and_then(|level| level.parse::<u32>().ok()) {
            assert!(level <= last + 1, "h{level} after h{last}");
            last = level;
        }
    }
    for landmark in ["header", "nav", "main", "footer"] {
        assert!(count(&html, landmark) >= 1, "{landmark}");
    }
    assert_eq!((count(&html, "h1"), count(&html, "main")), (1, 1));
    assert_eq!(count(&html, "table"), count(&html, "caption"));
    let attributes = html::attributes(&html);
    let has = |element: &str, name: &str, value: &str| {
        let is = |known: &&(String, String, String)| {
            known.0 == element && known.1 == name && known.2 == value
        };
        attributes.iter().filter(is).count()
    };
    assert_eq!(has("svg", "role", "img"), count(&html, "desc"));
    assert_eq!(has("svg", "role", "img") + has("svg", "aria-hidden", "true"), count(&html, "svg"));
    assert_eq!(has("th", "scope", "col") + has("th", "scope", "row"), count(&html, "th"));
    assert_eq!(has("div", "role", "region"), count(&html, "table"));
}

#[test]
fn every_link_leads_somewhere_and_every_id_is_there_once() {
    let attributes = html::attributes(&example());
    let values = |wanted: &str| -> Vec<String> {
        let named = attributes.iter().filter(|(_, name, _)| name == wanted);
        named.map(|(_, _, value)| value.clone()).collect()
    };
    let mut ids = values("id");
    ids.sort();
    let before = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), before, "an id twice");
    let links = values("href").into_iter().map(|link| link.trim_start_matches('#').to_string());
    for target in links.chain(values("aria-labelledby")) {
        assert!(ids.contains(&target), "{target}");
    }
}

#[test]
fn elements_end_in_the_order_in_which_they_begin() {
    let mut open: Vec<String> = Vec::new();
    for part in html::parts(&example()) {
        match part {
            Part::Begin(name, _) if name == "meta" => {}
            Part::Begin(name, _) => open.push(name),
            Part::End(name) => assert_eq!(open.pop(), Some(name)),
            Part::Text(_) => assert!(!open.is_empty()),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn what_is_folded_on_a_screen_and_proves_something_is_open_on_paper() {
    let sheet = include_str!("../../../src/report/style.css");
    let (_, paper) = sheet.split_once("@media print {").expect("paper");
    let html = example();
    for folded in ["evidence", "advice"] {
        assert!(html.contains(&format!("<details class=\"{folded}\">")), "{folded}");
        assert!(paper.contains(&format!(".{folded}::details-content")), "{folded}");
    }
    // A part that says which place is next is of no use on paper.
    assert!(paper.contains("nav, .skip { display: none; }"));
}

#[test]
fn nothing_moves_and_what_has_the_focus_is_seen() {
    let sheet = include_str!("../../../src/report/style.css");
    for moving in ["transition", "animation", "smooth", "@keyframes"] {
        assert!(!sheet.contains(moving), "{moving}");
    }
    assert!(sheet.contains(":focus-visible { outline: 3px solid var(--accent)"));
    // Only what is jumped to, and is as large as the window, has no outline.
    assert_eq!(sheet.matches("outline: none").count(), 1);
    assert!(sheet.contains("main:focus { outline: none; }"));
    // The order of the keys is that of the text.
    assert!(!sheet.contains(" order:") && !example().contains("tabindex=\"1\""));
}

/// The luminance that contrast is measured by.
fn luminance(colour: &str) -> f64 {
    let hex = colour.trim_start_matches('#');
    let wide = if hex.len() == 3 { hex.chars().flat_map(|c| [c, c]).collect() } else { hex.into() };
    let wide: String = wide;
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&wide[at..at + 2], 16).expect("hex")) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
}

#[test]
fn every_text_has_the_contrast_that_guidelines_ask_for() {
    let sheet = include_str!("../../../src/report/style.css");
    let mut schemes = 0;
    for scheme in sheet.split(":root {").skip(1) {
        let scheme = scheme.split('}').next().expect("an end");
        let colour = |name: &str| {
            let (_, rest) = scheme.split_once(&format!("--{name}:")).expect(name);
            luminance(rest.split(';').next().expect("an end").trim())
        };
        let contrast = |one: &str, other: &str| {
            let (one, other) = (colour(one), colour(other));
            (one.max(other) + 0.05) / (one.min(other) + 0.05)
        };
        for text in ["ink", "soft", "accent"] {
            for ground in ["paper", "panel"] {
                let measured = contrast(text, ground);
                assert!(measured >= 4.5, "{text} on {ground}: {measured:.2}");
            }
        }
        // What is drawn and means something.
        for drawn in ["column", "level3", "level4"] {
            let measured = contrast(drawn, "paper");
            assert!(measured >= 3.0, "{drawn}: {measured:.2}");
        }
        schemes += 1;
    }
    assert_eq!(schemes, 3, "light, dark and printed");
}
