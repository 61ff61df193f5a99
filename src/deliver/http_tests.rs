use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Instant;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::*;

fn letters(ids: &str) -> Vec<Letter> {
    let letter = |id: &str| Letter {
        id: id.to_owned(),
        time: 0,
        severity: 21,
        score: 50.0,
        sentence: String::new(),
        document: format!("{{\"event.id\":\"{id}\"}}"),
    };
    ids.split(' ').map(letter).collect()
}

/// What a request said.
#[derive(Debug)]
struct Request {
    line: String,
    headers: Vec<String>,
    body: String,
}

impl Request {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

fn request(stream: &mut dyn std::io::Read) -> Option<Request> {
    let mut stream = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok().filter(|length| *length > 0)?;
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let line = lines.remove(0);
    let mut request = Request { line, headers: lines, body: String::new() };
    let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    request.body = String::from_utf8(body).unwrap();
    Some(request)
}

/// An answer as it stands on the wire.
fn answer(status: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
        .into_bytes()
}

/// A server that gives these answers, one a connection; its port, and what it was asked.
fn server(answers: Vec<Vec<u8>>) -> (u16, Receiver<Request>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (heard, requests) = mpsc::channel();
    thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            if let Some(request) = request(&mut stream) {
                let _ = heard.send(request);
            }
            let _ = stream.write_all(&answer);
        }
    });
    (port, requests)
}

fn http(url: String) -> Http {
    opened(&Post { url, ..Post::default() }).unwrap()
}

fn opened(post: &Post) -> Result<Http, String> {
    Http::open(post, &Target::parse(&post.url)?)
}

fn trouble(outcome: &Outcome) -> &str {
    outcome.trouble.as_ref().map_or("", |trouble| &trouble.what)
}

#[test]
fn a_webhook_gets_a_batch_as_lines_of_json() {
    let (port, requests) = server(vec![answer("204 No Content", "")]);
    let mut http = http(format!("http://127.0.0.1:{port}/hook?query=INSERT INTO x"));
    assert_eq!(http.carry(&letters("a b"), 0), Outcome::taken(2));
    let request = requests.recv().unwrap();
    assert_eq!(request.line, "POST /hook?query=INSERT%20INTO%20x HTTP/1.1");
    assert_eq!(request.header("content-type"), Some("application/x-ndjson"));
    assert!(request.header("user-agent").unwrap().starts_with("oddsock/"));
    assert_eq!(request.body, "{\"event.id\":\"a\"}\n{\"event.id\":\"b\"}\n");
}

#[test]
fn elasticsearch_gets_actions_with_stable_ids_and_each_item_counts() {
    let partial = r#"{"errors":true,"items":[{"create":{"status":201}},
        {"create":{"status":400,"error":{"reason":"no"}}},{"create":{"status":503}}]}"#;
    let (port, requests) = server(vec![answer("200 OK", partial)]);
    let mut http = http(format!("http://127.0.0.1:{port}/alerts/_bulk"));
    let outcome = http.carry(&letters("a b c"), 0);
    let refused = Fate::Refused("status 400, no".to_owned());
    assert_eq!(outcome.fates, [Fate::Taken, refused, Fate::Later]);
    assert_eq!(trouble(&outcome), "it does not take all of a batch (status 503)");
    let body = requests.recv().unwrap().body;
    let first = "{\"create\":{\"_id\":\"a\"}}\n{\"event.id\":\"a\"}\n";
    assert!(body.starts_with(first) && body.lines().count() == 6, "{body}");
}

#[test]
fn a_server_that_fails_once_gets_the_same_again() {
    let (port, requests) = server(vec![answer("500 Oh", "a\x1b[2J"), answer("200 OK", "thanks")]);
    let mut http = http(format!("http://127.0.0.1:{port}/"));
    let outcome = http.carry(&letters("a"), 0);
    assert!(outcome.fates.is_empty());
    assert_eq!(trouble(&outcome), "it answers with status 500 (a\\x1b[2J)");
    assert_eq!(http.carry(&letters("a"), 0), Outcome::taken(1));
    assert_eq!(requests.recv().unwrap().body, requests.recv().unwrap().body);
}

#[test]
fn the_letter_that_is_refused_is_found_and_the_others_pass() {
    let (ok, no) = (answer("200 OK", ""), answer("400 Bad Request", "not this"));
    let (port, requests) = server(vec![no.clone(), ok.clone(), no, ok]);
    let outcome = http(format!("http://127.0.0.1:{port}/")).carry(&letters("a b c"), 0);
    let refused = Fate::Refused("status 400 (not this)".to_owned());
    assert_eq!(outcome, Outcome { fates: vec![Fate::Taken, refused, Fate::Taken], trouble: None });
    assert_eq!(requests.iter().count(), 4);
}

#[test]
fn a_redirect_is_not_followed_and_takes_no_secret_along() {
    let (other, visits) = server(vec![answer("200 OK", "")]);
    let redirect = format!(
        "HTTP/1.1 307 Elsewhere\r\nLocation: http://127.0.0.1:{other}/SECRET\r\n\
         Content-Length: 0\r\nConnection: close\r\n\r\n"
    );
    let (port, _requests) = server(vec![redirect.into_bytes()]);
    let outcome = http(format!("http://127.0.0.1:{port}/")).carry(&letters("a"), 0);
    let told =
        format!("it redirects to http://127.0.0.1:{other} (status 307), which is not followed");
    assert_eq!((outcome.fates.len(), trouble(&outcome)), (0, &*told));
    assert!(visits.recv_timeout(Duration::from_millis(200)).is_err());
}

#[test]
fn garbage_and_endless_answers_and_lines_that_break_are_trouble_and_nothing_worse() {
    let huge = |status: &str| {
        let mut answer = format!("HTTP/1.1 {status}\r\nContent-Length: 99999999\r\n\r\n");
        answer.push_str(&"x".repeat(6 << 20));
        answer.into_bytes()
    };
    let answers = vec![
        b"\x16\x03\x01\x02garbage\r\n\r\n".to_vec(),
        Vec::new(),
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc".to_vec(),
        huge("200 OK"),
        format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "y".repeat(1 << 20)).into_bytes(),
        answer("200 OK", "[[[[[[[["),
        answer("200 OK", &"[".repeat(100_000)),
    ];
    let number = answers.len();
    let (port, _requests) = server(answers);
    let mut http = http(format!("http://127.0.0.1:{port}/_bulk"));
    for _ in 0..number {
        let outcome = http.carry(&letters("a"), 0);
        assert!(outcome.fates.is_empty() && outcome.trouble.is_some(), "{outcome:?}");
        assert!(trouble(&outcome).len() < 300);
    }
    // A webhook that said 200 has taken it, whatever it goes on to say.
    let (port, _requests) = server(vec![huge("200 OK")]);
    let mut http = self::http(format!("http://127.0.0.1:{port}/"));
    assert_eq!(http.carry(&letters("a"), 0), Outcome::taken(1));
}

#[test]
fn a_server_that_is_slow_or_away_is_given_up_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let patience = Some(Duration::from_millis(300));
    let url = format!("http://127.0.0.1:{port}/");
    let mut http = opened(&Post { url, patience, ..Post::default() }).unwrap();
    let start = Instant::now();
    let outcome = http.carry(&letters("a"), 0);
    assert!(trouble(&outcome).starts_with("it took too long"), "{outcome:?}");
    assert!(start.elapsed() < Duration::from_secs(5));
    // One that drips a byte at a time is no better.
    let drip = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut stream2, _) = listener.accept().unwrap();
        while stream2.write_all(b"H").is_ok() {
            thread::sleep(Duration::from_millis(50));
        }
        let _ = stream.write_all(b"x");
    });
    let outcome = http.carry(&letters("a"), 0);
    assert!(outcome.trouble.is_some() && start.elapsed() < Duration::from_secs(10), "{outcome:?}");
    drop(http);
    drip.join().unwrap();
    let mut http = self::http(format!("http://127.0.0.1:{port}/"));
    assert!(http.carry(&letters("a"), 0).trouble.is_some());
}

#[test]
fn headers_come_from_a_file_or_the_environment_and_are_never_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("headers");
    fs::write(&path, "# for the hook\n\nAuthorization: Bearer SECRET\ncontent-type: text/x\n")
        .unwrap();
    let (port, requests) = server(vec![answer("401 Unauthorized", "")]);
    let post = Post {
        url: format!("http://127.0.0.1:{port}/"),
        header_file: Some(path.clone()),
        headers: Some("X-Key: KEY".to_owned()),
        ..Post::default()
    };
    let outcome = opened(&post).unwrap().carry(&letters("a"), 0);
    assert_eq!(trouble(&outcome), "it answers with status 401");
    let request = requests.recv().unwrap();
    assert_eq!(request.header("authorization"), Some("Bearer SECRET"));
    assert_eq!(request.header("x-key"), Some("KEY"));
    assert_eq!(request.header("content-type"), Some("text/x"));
    for wrong in ["Bearer SECRET", "a b: SECRET", "Authorization: a\x01SECRET", ": SECRET"] {
        fs::write(&path, format!("A: b\n{wrong}\n")).unwrap();
        let told = opened(&post).err().unwrap();
        assert!(told.contains("line 2") && !told.contains("SECRET"), "{told}");
    }
    fs::remove_file(&path).unwrap();
    assert!(opened(&post).err().unwrap().starts_with("--post-header-file: cannot read"));
}

#[test]
fn headers_go_in_clear_to_nobody_but_this_machine() {
    let told = |url: &str, headers: &str| {
        let headers = Some(headers.to_owned());
        opened(&Post { url: url.to_owned(), headers, ..Post::default() }).err()
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("headers");
    fs::write(&path, "Authorization: Bearer SECRET\n").unwrap();
    let url = "http://siem.example:9200/SECRET".to_owned();
    let of_file = opened(&Post { url, header_file: Some(path), ..Post::default() }).err().unwrap();
    assert_eq!(
        of_file,
        "--post: http://siem.example:9200 gets headers, which may be secret, and http:// would \
         show them to everybody on the way. Post to https://, or to a tunnel that begins on this \
         machine (http://localhost:...)."
    );
    assert!(told("http://10.0.0.1/", "X-Key: KEY").is_some());
    assert!(told("http://10.0.0.1/", "# none").is_none());
    assert!(told("http://localhost:9/", "X-Key: KEY").is_none());
    assert!(told("http://[::1]:9/", "X-Key: KEY").is_none());
}

#[test]
fn certificates_are_asked_for_where_there_are_some() {
    for url in ["http://siem.example/", "http://localhost/"] {
        let trust = Trust::File(PathBuf::from("/not/there"));
        let told = opened(&Post { url: url.to_owned(), trust, ..Post::default() }).err().unwrap();
        assert!(told.starts_with("--post-ca: http://") && told.contains("https://"), "{told}");
    }
}

/// Makes an authority and a certificate that it has signed for a server of this name; whether that
/// is possible here.
fn certificates(folder: &Path, name: &str) -> bool {
    let openssl = |arguments: &str| {
        let arguments = arguments.split_whitespace();
        let done = Command::new("openssl").args(arguments).current_dir(folder).output();
        done.is_ok_and(|done| done.status.success())
    };
    fs::write(folder.join("extensions"), format!("subjectAltName=DNS:{name}\n")).unwrap();
    const KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    openssl(&format!("req -x509 {KEY} -keyout ca.key -out ca.pem -days 2 -subj /CN=authority"))
        && openssl(&format!("req {KEY} -keyout own.key -out own.csr -subj /CN=server"))
        && openssl(
            "x509 -req -in own.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
             -extfile extensions -out own.pem",
        )
}

/// A server of TLS with the certificates in a folder; its port.
fn tls_server(folder: &Path, answers: Vec<Vec<u8>>) -> u16 {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let own = CertificateDer::from_pem_file(folder.join("own.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(folder.join("own.key")).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for answer in answers {
            let (stream, _) = listener.accept().unwrap();
            let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream: rustls::StreamOwned<_, TcpStream> =
                rustls::StreamOwned::new(connection, stream);
            if request(&mut stream).is_some() {
                let _ = stream.write_all(&answer);
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
        }
    });
    port
}

#[test]
fn a_certificate_is_checked_against_the_authority_that_was_named_and_the_name() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    if !certificates(folder.path(), "localhost") || !certificates(other.path(), "localhost") {
        return println!("left out: making certificates takes openssl");
    }
    let port = tls_server(folder.path(), vec![answer("200 OK", ""); 4]);
    let outcome = |server: &str, trust: Trust| {
        let url = format!("https://{server}:{port}/");
        opened(&Post { url, trust, ..Post::default() }).unwrap().carry(&letters("a"), 0)
    };
    let named = |folder: &Path| Trust::File(folder.join("ca.pem"));
    assert_eq!(outcome("localhost", named(folder.path())), Outcome::taken(1));
    let is_refused = |outcome: Outcome| {
        assert!(outcome.fates.is_empty(), "{outcome:?}");
        assert!(trouble(&outcome).contains("certificate"), "{outcome:?}");
    };
    is_refused(outcome("127.0.0.1", named(folder.path())));
    is_refused(outcome("localhost", named(other.path())));
    assert_eq!(outcome("localhost", named(folder.path())), Outcome::taken(1));
}

#[test]
fn a_file_without_certificates_is_told() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let trust = Trust::File(file.path().to_owned());
    let told = opened(&Post { url: "https://x/".to_owned(), trust, ..Post::default() });
    assert!(told.err().unwrap().starts_with("--post-ca: there is no certificate in"));
}

#[test]
fn without_a_file_whom_the_machine_trusts_is_trusted_or_it_is_said_that_it_trusts_nobody() {
    match opened(&Post { url: "https://localhost/".to_owned(), ..Post::default() }) {
        Ok(_) => {}
        Err(told) => assert!(told.contains("this machine trusts no certificates"), "{told}"),
    }
}
