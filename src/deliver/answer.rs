//! What a server's answer means for the letters it was sent.
//!
//! A status and a body come in, from a server that may say anything. An answer that cannot be
//! understood is no reason to forget a letter.

use std::time::Duration;

use serde_json::Value;

use super::{Fate, Trouble};

/// What stands above the body.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// The status.
    pub status: u16,
    /// How many seconds it asks to be left alone.
    pub wait: Option<u64>,
    /// Where it would rather be asked.
    pub location: Option<String>,
}

/// What it means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// Each letter has its own, and something may be wrong with the server besides.
    Fates(Vec<Fate>, Option<Trouble>),
    /// It does not want something among these; why.
    Refused(String),
    /// It takes nothing now.
    Trouble(Trouble),
}

/// Reads an answer to so many letters.
pub fn read(head: &Head, body: &[u8], letters: usize, is_bulk: bool) -> Answer {
    let Head { status, wait, location } = head;
    let wait = wait.map(Duration::from_secs);
    let trouble = |what: String| Answer::Trouble(Trouble { what, wait });
    match status {
        200..300 if is_bulk => items(body, letters, wait)
            .unwrap_or_else(|| trouble("its answer is not that of a _bulk endpoint".to_owned())),
        200..300 => Answer::Fates(vec![Fate::Taken; letters], None),
        300..400 => {
            let location = location.as_deref().map_or(String::new(), |to| {
                // The path may hold a secret; the server is enough to see what happens.
                let server: Vec<&str> = to.split('/').take(3).collect();
                format!(" to {}", short(server.join("/").split('?').next().unwrap_or_default()))
            });
            trouble(format!("it redirects{location} (status {status}), which is not followed"))
        }
        // Too slow, too early, too much: what was sent may be right.
        408 | 425 | 429 => trouble(format!("it answers with status {status}")),
        // Nobody gets anything through: there is no use in trying each letter.
        401 | 403 | 404 | 405 | 407 | 410 => {
            trouble(format!("it answers with status {status}{}", said(body)))
        }
        400..500 => Answer::Refused(format!("status {status}{}", said(body))),
        _ => trouble(format!("it answers with status {status}{}", said(body))),
    }
}

/// The items of a bulk answer: one for each action, in their order.
fn items(body: &[u8], letters: usize, wait: Option<Duration>) -> Option<Answer> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let items = answer.get("items")?.as_array()?;
    if items.len() != letters {
        return None;
    }
    let mut busy = None;
    let mut fates = Vec::new();
    for item in items {
        let done = item.as_object()?.values().next()?;
        let status = done.get("status")?.as_u64()?;
        fates.push(match status {
            // 409: there is one of that id already, and it is the same.
            200..300 | 409 => Fate::Taken,
            400..=428 | 430..=499 => {
                let reason = done.get("error").and_then(|error| error.get("reason")?.as_str());
                let reason = reason.map_or(String::new(), |reason| format!(", {}", short(reason)));
                Fate::Refused(format!("status {status}{reason}"))
            }
            _ => {
                busy = Some(status);
                Fate::Later
            }
        });
    }
    let trouble = busy.map(|status| {
        let what = format!("it does not take all of a batch (status {status})");
        Trouble { what, wait }
    });
    Some(Answer::Fates(fates, trouble))
}

/// What a server says itself, if it is text, in brackets.
fn said(body: &[u8]) -> String {
    match str::from_utf8(body).map(str::trim) {
        Ok(text) if !text.is_empty() => format!(" ({})", short(text)),
        _ => String::new(),
    }
}

/// Foreign text, not more of it than is good.
pub fn short(text: &str) -> String {
    super::sentence::cut(text, 200)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str, letters: usize, is_bulk: bool) -> Answer {
        read(&Head { status, ..Head::default() }, body.as_bytes(), letters, is_bulk)
    }

    fn trouble(answer: Answer) -> String {
        match answer {
            Answer::Trouble(trouble) => trouble.what,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_item_of_a_bulk_answer_counts_for_its_own_letter() {
        let body = r#"{"errors":true,"items":[
            {"create":{"_id":"a","status":201}},
            {"create":{"_id":"b","status":409,"error":{"reason":"exists"}}},
            {"index":{"_id":"c","status":400,"error":{"reason":"no such field"}}},
            {"create":{"_id":"d","status":429,"error":{"reason":"busy"}}}]}"#;
        let Answer::Fates(fates, Some(trouble)) = answer(200, body, 4, true) else { panic!() };
        let refused = Fate::Refused("status 400, no such field".to_owned());
        assert_eq!(fates, [Fate::Taken, Fate::Taken, refused, Fate::Later]);
        assert_eq!(trouble.what, "it does not take all of a batch (status 429)");
    }

    #[test]
    fn an_answer_that_is_none_takes_nothing() {
        for body in ["", "ok", "{}", r#"{"items":[]}"#, r#"{"items":[{"create":{}}]}"#, "[1]"] {
            assert_eq!(
                trouble(answer(200, body, 1, true)),
                "its answer is not that of a _bulk endpoint"
            );
        }
        let one = r#"{"items":[{"create":{"status":201}}]}"#;
        assert_eq!(answer(200, one, 1, true), Answer::Fates(vec![Fate::Taken], None));
        assert!(matches!(answer(200, one, 2, true), Answer::Trouble(_)));
        assert_eq!(answer(200, "", 2, false), Answer::Fates(vec![Fate::Taken; 2], None));
    }

    #[test]
    fn what_is_wrong_with_the_letters_is_told_from_what_is_wrong_with_the_server() {
        for status in [400, 413, 415, 422] {
            assert!(matches!(answer(status, "", 1, false), Answer::Refused(_)), "{status}");
        }
        for status in [302, 401, 403, 404, 408, 429, 500, 502, 503, 100, 999] {
            assert!(matches!(answer(status, "", 1, false), Answer::Trouble(_)), "{status}");
        }
        assert_eq!(
            trouble(answer(503, "a\x1b[2J", 1, false)),
            "it answers with status 503 (a\\x1b[2J)"
        );
    }

    #[test]
    fn a_redirect_names_the_server_and_not_its_path() {
        let location = Some("https://other.example/SECRET?SECRET".to_owned());
        let head = Head { status: 307, location, ..Head::default() };
        assert_eq!(
            trouble(read(&head, b"", 1, false)),
            "it redirects to https://other.example (status 307), which is not followed"
        );
    }

    #[test]
    fn a_server_may_ask_for_a_pause() {
        let head = Head { status: 429, wait: Some(30), ..Head::default() };
        let Answer::Trouble(trouble) = read(&head, b"", 1, false) else { panic!() };
        assert_eq!(trouble.wait, Some(Duration::from_secs(30)));
    }
}
