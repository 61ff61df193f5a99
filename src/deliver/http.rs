//! Alerts as the body of an HTTP request: a webhook, Elasticsearch's `_bulk`, ClickHouse.
//!
//! A batch is one POST of lines. A server that is slow, away or confused gets the same lines later;
//! whether it had them already nobody knows then, so each has its stable id. One that refuses a
//! batch gets its letters one by one, so that the one it does not want keeps none of the others.
//! Redirects are not followed: alerts go where the operator said, and nowhere a server says. What
//! the environment says of proxies is not heeded, since the process locks itself in to one port.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ureq::Agent;
use ureq::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use super::answer::{self, Answer};
use super::target::{Target, Way};
use super::{Carrier, Fate, Letter, Outcome, Trouble};
use crate::access::{self, Wanted};
use crate::quoted::Quoted;

/// How long a connection, and a request as a whole, may take.
const CONNECT: Duration = Duration::from_secs(10);
const WHOLE: Duration = Duration::from_secs(60);

/// No answer to a batch is longer.
const LONGEST_ANSWER: u64 = 4 << 20;

/// No file of headers or certificates is longer.
const LONGEST_FILE: u64 = 4 << 20;

/// An HTTP endpoint, as the operator names it. It has secrets in it, and so cannot be printed.
#[derive(Clone, Default)]
pub struct Post {
    /// Where to.
    pub url: String,
    /// Lines like `Authorization: Bearer …`, in a file that others need not read.
    pub header_file: Option<PathBuf>,
    /// The same, from the environment.
    pub headers: Option<String>,
    /// Who has signed the server's certificate.
    pub trust: Trust,
    /// How long a request may take; a minute if nothing is said.
    pub patience: Option<Duration>,
}

/// Who may have signed a server's certificate.
#[derive(Clone, Debug, Default)]
pub enum Trust {
    /// Whomever this machine trusts.
    #[default]
    System,
    /// Those in this file alone.
    File(PathBuf),
}

/// An HTTP endpoint.
pub struct Http {
    agent: Agent,
    target: Target,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Http {
    /// Reads what is needed of the system; nothing is connected yet.
    pub fn open(post: &Post, target: &Target) -> Result<Http, String> {
        let mut headers = Vec::new();
        if let Some(path) = &post.header_file {
            let text = read(path).map_err(|error| cannot("--post-header-file", path, &error))?;
            read_headers(&text, &format!("the file {}", Quoted(path)), &mut headers)?;
        }
        if let Some(text) = &post.headers {
            read_headers(text, "the environment", &mut headers)?;
        }
        if target.way == Way::Open && !headers.is_empty() {
            return Err(format!(
                "--post: {} gets headers, which may be secret, and http:// would show them to \
                 everybody on the way. Post to https://, or to a tunnel that begins on this \
                 machine (http://localhost:...).",
                target.name
            ));
        }
        if !headers.iter().any(|(name, _)| name == CONTENT_TYPE) {
            headers.push((CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson")));
        }
        let mut agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(concat!("oddsock/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(post.patience.unwrap_or(WHOLE)))
            // Alerts are rare: a connection kept for the next would be closed when it is wanted.
            .max_idle_connections(0);
        if target.way == Way::Closed {
            agent = agent.tls_config(
                TlsConfig::builder()
                    .unversioned_rustls_crypto_provider(Arc::new(
                        rustls::crypto::ring::default_provider(),
                    ))
                    .root_certs(roots(&post.trust)?)
                    .build(),
            );
        } else if let Trust::File(_) = post.trust {
            return Err(format!(
                "--post-ca: {} has no certificate that could be asked for. Post to https://, or \
                 leave --post-ca out.",
                target.name
            ));
        }
        Ok(Http { agent: agent.build().new_agent(), target: target.clone(), headers })
    }

    /// Sends letters in one request.
    fn send(&self, letters: &[Letter]) -> Answer {
        let mut request = self.agent.post(&self.target.url);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let mut response = match request.send(&self.body(letters)[..]) {
            Ok(response) => response,
            Err(error) => return Answer::Trouble(told(&error)),
        };
        let status = response.status().as_u16();
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let wait = header("retry-after").and_then(|value| value.trim().parse().ok());
        let location = header("location").map(str::to_owned);
        let body = response.body_mut().with_config().limit(LONGEST_ANSWER).read_to_vec();
        match body {
            Ok(body) => {
                let head = answer::Head { status, wait, location };
                answer::read(&head, &body, letters.len(), self.target.is_bulk)
            }
            // Of a webhook the status is the answer; what stands below it is for nobody.
            Err(_) if !self.target.is_bulk && (200..300).contains(&status) => {
                Answer::Fates(vec![Fate::Taken; letters.len()], None)
            }
            Err(error) => Answer::Trouble(told(&error)),
        }
    }

    /// Letters as lines, with Elasticsearch's actions if they are wanted.
    fn body(&self, letters: &[Letter]) -> Vec<u8> {
        let mut body = Vec::new();
        for letter in letters {
            if self.target.is_bulk {
                // `create`, since data streams take nothing else; a second one is told by its id.
                body.extend_from_slice(b"{\"create\":{\"_id\":");
                body.extend_from_slice(serde_json::Value::from(&*letter.id).to_string().as_bytes());
                body.extend_from_slice(b"}}\n");
            }
            body.extend(letter.document.bytes().filter(|byte| *byte != b'\n'));
            body.push(b'\n');
        }
        body
    }
}

impl Carrier for Http {
    fn carry(&mut self, letters: &[Letter], _now: u64) -> Outcome {
        match self.send(letters) {
            Answer::Fates(fates, trouble) => Outcome { fates, trouble },
            Answer::Trouble(trouble) => Outcome { fates: Vec::new(), trouble: Some(trouble) },
            Answer::Refused(why) if letters.len() == 1 => {
                Outcome { fates: vec![Fate::Refused(why)], trouble: None }
            }
            Answer::Refused(_) => self.one_by_one(letters),
        }
    }
}

impl Http {
    fn one_by_one(&self, letters: &[Letter]) -> Outcome {
        let mut fates = Vec::new();
        for letter in letters {
            match self.send(std::slice::from_ref(letter)) {
                Answer::Fates(fate, None) => fates.extend(fate),
                Answer::Refused(why) => fates.push(Fate::Refused(why)),
                Answer::Fates(_, Some(trouble)) | Answer::Trouble(trouble) => {
                    return Outcome { fates, trouble: Some(trouble) };
                }
            }
        }
        Outcome { fates, trouble: None }
    }
}

/// What went wrong, without the URL.
fn told(error: &ureq::Error) -> Trouble {
    let what = match error {
        ureq::Error::Timeout(what) => format!("it took too long ({what})"),
        ureq::Error::HostNotFound => "its name is not known".to_owned(),
        ureq::Error::BodyExceedsLimit(_) => "its answer is too long".to_owned(),
        ureq::Error::BadUri(_) => "the URL cannot be used".to_owned(),
        other => answer::short(&other.to_string()),
    };
    Trouble { what, wait: None }
}

/// Certificates to trust.
fn roots(trust: &Trust) -> Result<RootCerts, String> {
    let certificates: Vec<Certificate<'static>> = match trust {
        Trust::File(path) => {
            let text = read(path).map_err(|error| cannot("--post-ca", path, &error))?;
            parse_pem(text.as_bytes())
                .filter_map(|item| match item {
                    Ok(PemItem::Certificate(certificate)) => Some(certificate),
                    _ => None,
                })
                .collect()
        }
        Trust::System => {
            let found = rustls_native_certs::load_native_certs();
            found.certs.iter().map(|found| Certificate::from_der(found).to_owned()).collect()
        }
    };
    match (certificates.is_empty(), trust) {
        (false, _) => Ok(RootCerts::from(certificates)),
        (true, Trust::File(path)) => {
            Err(format!("--post-ca: there is no certificate in {}.", Quoted(path)))
        }
        (true, Trust::System) => Err(
            "--post: this machine trusts no certificates at all. Install its ca-certificates, or \
             name a file with --post-ca."
                .to_owned(),
        ),
    }
}

fn cannot(option: &str, path: &Path, error: &std::io::Error) -> String {
    format!("{option}: cannot read {}: {}", Quoted(path), access::told(error, path, Wanted::Read))
}

fn read(path: &Path) -> std::io::Result<String> {
    if fs::metadata(path)?.is_dir() {
        return Err(std::io::ErrorKind::IsADirectory.into());
    }
    let mut text = String::new();
    File::open(path)?.take(LONGEST_FILE).read_to_string(&mut text)?;
    Ok(text)
}

/// Headers as lines. What is wrong is told by the line's number: the line is a secret.
fn read_headers(
    text: &str,
    place: &str,
    headers: &mut Vec<(HeaderName, HeaderValue)>,
) -> Result<(), String> {
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let header = line.split_once(':').and_then(|(name, value)| {
            let name = name.trim().parse::<HeaderName>().ok()?;
            let mut value = value.trim().parse::<HeaderValue>().ok()?;
            value.set_sensitive(true);
            Some((name, value))
        });
        let header = header.ok_or_else(|| {
            format!("--post: line {number} of the headers in {place} is not like \"Name: value\".")
        })?;
        headers.push(header);
    }
    Ok(())
}

#[cfg(test)]
#[path = "http_tests.rs"]
mod tests;
