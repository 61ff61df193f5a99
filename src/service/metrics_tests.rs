use super::*;

fn page(value: u64) -> Page {
    let mut page = Page::default();
    page.counter("a_total", "h", value);
    page
}

fn listening(value: u64) -> SocketAddr {
    let mut port = Exposition::open(&Place::parse(":0").unwrap()).unwrap();
    port.show(&page(value)).unwrap();
    port.start().unwrap();
    match port {
        Exposition::Port { address, .. } => address,
        Exposition::File(_) => unreachable!(),
    }
}

fn asked(address: SocketAddr, question: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let _ = stream.write_all(question.as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).unwrap()
}

#[test]
fn what_names_a_port_is_one_of_this_machine_unless_an_address_is_given() {
    let port = |text: &str| match Place::parse(text) {
        Ok(Place::Port(address)) => address.to_string(),
        Ok(Place::File(path)) => format!("file {}", path.display()),
        Err(said) => said,
    };
    for text in ["9618", ":9618", "localhost:9618", "127.0.0.1:9618"] {
        assert_eq!(port(text), "127.0.0.1:9618");
    }
    assert_eq!(port("[::1]:80"), "[::1]:80");
    assert_eq!(port("0.0.0.0:80"), "0.0.0.0:80");
    for text in ["/run/x.prom", "x.prom", "+80", "a/:80", "./99999", "./9618", "9618.prom", "./a:b"]
    {
        assert_eq!(port(text), format!("file {text}"));
    }
    let said = "no port is above 65535; a file of that name is ./99999";
    assert_eq!(port("99999"), said);
    for text in ["127.0.0.1:22222x", "host:80", ":", "localhost:", "::1", ":99999", "1.2.3:80"] {
        let ends = format!("; a file of that name is ./{text}");
        let said = port(text);
        assert!(said.starts_with("not a port of an address") && said.ends_with(&ends), "{said}");
    }
}

#[test]
fn the_port_answers_one_question_and_no_other() {
    let address = listening(7);
    let answer = asked(address, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\n")
            && answer.ends_with("\r\n\r\n# HELP a_total h\n# TYPE a_total counter\na_total 7\n"),
        "{answer}"
    );
    for (question, status) in [
        ("GET / HTTP/1.1\r\n\r\n", "404"),
        ("GET /metrics/../etc/passwd HTTP/1.1\r\n\r\n", "404"),
        ("POST /metrics HTTP/1.1\r\n\r\n", "405"),
        ("GET /metrics SPDY/9\r\n\r\n", "400"),
        ("\x16\x03\x01\r\n\r\n", "400"),
    ] {
        let answer = asked(address, question);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{question}: {answer}");
    }
}

#[test]
fn a_caller_that_says_too_much_or_nothing_keeps_nobody_out_for_long() {
    let address = listening(7);
    let _silent = TcpStream::connect(address).unwrap();
    let mut drips = TcpStream::connect(address).unwrap();
    drips.write_all(b"G").unwrap();
    let endless = asked(address, &format!("GET /metrics HTTP/1.1\r\nX: {}", "x".repeat(1 << 20)));
    assert!(!endless.contains("a_total"), "{endless}");
    assert!(asked(address, "GET /metrics HTTP/1.1\r\n\r\n").contains("a_total 7"));
}

#[test]
fn a_newer_page_takes_the_place_of_the_older() {
    let mut port = Exposition::open(&Place::parse("127.0.0.1:0").unwrap()).unwrap();
    port.start().unwrap();
    port.show(&page(1)).unwrap();
    port.show(&page(2)).unwrap();
    let Exposition::Port { address, .. } = port else { unreachable!() };
    assert!(asked(address, "GET /metrics HTTP/1.1\r\n\r\n").ends_with("a_total 2\n"));
    let taken = Exposition::open(&Place::Port(address)).unwrap_err();
    let Hindrance::Passing(taken) = taken else { panic!("it may be free later: {taken}") };
    assert!(taken.starts_with(&format!("--metrics: cannot listen at {address}: ")), "{taken}");
}

#[test]
fn a_file_shows_the_newest_page_and_one_that_cannot_be_written_is_told_before_anything_begins() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let file = Exposition::open(&Place::File(path("x.prom"))).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is shown yet");
    file.show(&page(1)).unwrap();
    file.show(&page(2)).unwrap();
    assert!(std::fs::read_to_string(path("x.prom")).unwrap().ends_with("a_total 2\n"));
    let lasting = |place: PathBuf| match Exposition::open(&Place::File(place.clone())) {
        Err(Hindrance::Lasting(said)) => said.replace(place.to_str().unwrap(), "it"),
        other => panic!("{other:?}"),
    };
    let begins = "--metrics: cannot write \"it\": ";
    assert_eq!(lasting(path("none/x.prom")), format!("{begins}there is no such folder."));
    assert_eq!(lasting(folder.path().to_path_buf()), format!("{begins}it is a folder."));
    assert_eq!(lasting("/dev/null".into()), format!("{begins}it is no regular file."));
}
