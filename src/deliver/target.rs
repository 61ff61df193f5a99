//! What a URL says: where to, what it is called without its secrets, and which form is wanted.

use std::net::IpAddr;

use ureq::http::Uri;

use crate::engine::hash;

/// An endpoint that takes alerts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// All of it, secrets and all.
    pub url: String,
    /// The server alone: a path may hold a secret as well, as those of chat systems do.
    pub name: String,
    /// The server, and a hash of all of it.
    pub key: String,
    /// Where it listens.
    pub port: u16,
    /// Whether it wants Elasticsearch's bulk actions.
    pub is_bulk: bool,
    /// Who can read what is sent there on its way.
    pub way: Way,
}

/// The way to an endpoint.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// With TLS: nobody can.
    Closed,
    /// Within this machine.
    Inside,
    /// In clear, through a network: anybody on it.
    Open,
}

impl Target {
    /// Reads a URL.
    pub fn parse(url: &str) -> Result<Target, String> {
        let wrong = |what: &str| Err(format!("--post: {what}."));
        // ClickHouse's own examples have blanks in their queries.
        let url = url.trim().replace(' ', "%20");
        let Ok(uri) = url.parse::<Uri>() else { return wrong("this is no URL") };
        let port = match uri.scheme_str() {
            Some("https") => 443,
            Some("http") => 80,
            _ => return wrong("the URL has to begin with https:// or http://"),
        };
        let Some(authority) = uri.authority() else { return wrong("the URL names no server") };
        if authority.as_str().contains('@') {
            return wrong(
                "a URL is seen by everyone who lists processes, so it must not hold a password; \
                 put a line like \"Authorization: Basic ...\" into a file and give it as \
                 --post-header-file",
            );
        }
        let port = authority.port_u16().unwrap_or(port);
        let server = format!("{}://{authority}", uri.scheme_str().unwrap_or_default());
        let key = format!("post {server} {:016x}", hash::of(url.as_bytes()));
        let way = match uri.scheme_str() {
            Some("https") => Way::Closed,
            _ if is_this_machine(authority.host()) => Way::Inside,
            _ => Way::Open,
        };
        let is_bulk = uri.path().trim_end_matches('/').ends_with("/_bulk");
        Ok(Target { name: server, key, port, is_bulk, way, url })
    }
}

/// Whether a name or an address is one that no packet leaves the machine for.
fn is_this_machine(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let address = bare.parse().map(|address: IpAddr| address.to_canonical().is_loopback());
    address.unwrap_or_else(|_| host.eq_ignore_ascii_case("localhost"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_where_and_in_which_form() {
        let target = |url| Target::parse(url).unwrap();
        let bulk = target("https://es.example:9200/alerts/_bulk?pipeline=x");
        assert_eq!((bulk.port, bulk.is_bulk), (9200, true));
        assert_eq!(
            (target("https://x/_bulk").port, target("https://x/_bulk/").is_bulk),
            (443, true)
        );
        assert_eq!(
            (target("http://[::1]/a_bulk").port, target("http://x/a_bulk").is_bulk),
            (80, false)
        );
        let query = "https://c:8443/?query=INSERT INTO alerts FORMAT JSONEachRow";
        assert_eq!(target(query).url, query.replace(' ', "%20"));
    }

    #[test]
    fn only_tls_and_this_machine_keep_what_is_sent_from_others() {
        for (url, way) in [
            ("https://192.0.2.7/", Way::Closed),
            ("HTTPS://x/", Way::Closed),
            ("http://localhost:9/", Way::Inside),
            ("http://LocalHost/", Way::Inside),
            ("http://127.8.0.1/", Way::Inside),
            ("http://[::1]:80/", Way::Inside),
            ("http://[::ffff:127.0.0.1]/", Way::Inside),
            ("http://localhost.example/", Way::Open),
            ("http://127.0.0.1.example/", Way::Open),
            ("http://10.0.0.1/", Way::Open),
            ("http://0.0.0.0/", Way::Open),
            ("http://[::ffff:10.0.0.1]/", Way::Open),
            ("http://x/127.0.0.1", Way::Open),
        ] {
            assert_eq!(Target::parse(url).unwrap().way, way, "{url}");
        }
    }

    #[test]
    fn neither_name_nor_key_tells_a_secret_and_two_urls_have_two_keys() {
        let one = Target::parse("https://hooks.example/T0/SECRET?token=SECRET").unwrap();
        let other = Target::parse("https://hooks.example/T0/OTHER").unwrap();
        assert_eq!(one.name, "https://hooks.example");
        assert!(!format!("{}{}", one.name, one.key).contains("SECRET"));
        assert_ne!(one.key, other.key);
        assert_eq!(one.key, Target::parse(&one.url).unwrap().key);
    }

    #[test]
    fn a_password_in_a_url_is_refused_and_not_repeated() {
        for url in ["https://me:SECRET@x/", "ftp://x/", "x", "https://", "http://a b/SECRET", ""] {
            let told = Target::parse(url).unwrap_err();
            assert!(!told.contains("SECRET"), "{told}");
        }
    }
}
