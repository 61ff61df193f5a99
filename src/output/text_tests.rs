use super::*;
use crate::output::scene::{HOSTILE, Scene};
use crate::output::unseen::is_unseen;

fn check(scene: &Scene, expected: &str) {
    let sentence = scene.written(&mut Text::new());
    let prefix = "2024-08-16 14:44:02.001 web-01: lab (uid 1500) ran curl[812] (/usr/bin/curl, \
                  from bash[1]) which ";
    assert_eq!(sentence.strip_prefix(prefix).unwrap_or(&sentence).trim_end(), expected);
}

fn with(call: u32, exit: i64, address: &str) -> Scene {
    Scene { call, exit, address: address.into(), ..Scene::default() }
}

const WEB: &str = "020001BB5DB8D8220000000000000000";

#[test]
fn a_connect_is_told_by_how_it_ended() {
    let to = "93.184.216.34 port 443 over TCP";
    check(&with(42, 0, WEB), &format!("connected to {to} [keys: net]"));
    check(
        &Scene::default(),
        &format!("began to connect to {to}: in progress (EINPROGRESS) [keys: net]"),
    );
    check(&Scene::refused(), &format!("failed to connect to {to}: ECONNREFUSED [keys: net]"));
    check(&with(42, -600, WEB), &format!("failed to connect to {to}: error -600 [keys: net]"));
}

#[test]
fn what_only_looks_like_a_connect_is_not_told_as_one() {
    check(&Scene::probe(), "asked for a route to 93.184.216.34 port 0 [keys: net]");
    check(&with(42, 0, "00000000"), "disconnected a socket [keys: net]");
}

#[test]
fn each_action_has_its_words() {
    let address = "93.184.216.34 port 443 over TCP";
    check(&with(43, 4, WEB), &format!("accepted a connection from {address} [keys: net]"));
    check(&with(44, 9, WEB), &format!("sent data to {address} [keys: net]"));
    check(&with(45, 9, WEB), &format!("received data from {address} [keys: net]"));
    check(&with(49, 0, WEB), &format!("bound a socket to {address} [keys: net]"));
    check(&with(50, 0, ""), "began to listen on descriptor 3 over TCP [keys: net]");
    check(
        &with(43, -512, ""),
        "waited for a connection over TCP: in progress (ERESTARTSYS) [keys: net]",
    );
}

#[test]
fn other_families_have_their_words() {
    check(&with(42, 0, "01002F72756E2F7800"), "connected to the Unix socket /run/x [keys: net]");
    check(&with(42, 0, "0100002F78"), "connected to the Unix socket @/x [keys: net]");
    check(&with(49, 0, "100000000700000001000000"), "bound a socket to netlink:7 [keys: net]");
    check(&with(42, 0, "28000000640000000300000000000000"), "connected to vsock:3:100 [keys: net]");
    check(
        &with(42, 0, "0A0001BB00000000FE80000000000000000000000000000102000000"),
        "connected to fe80::1%2 port 443 over TCP [keys: net]",
    );
}

#[test]
fn another_user_is_named_and_the_same_one_is_not_named_again() {
    let scene = Scene { user: "uid=1500 gid=1500 euid=0", ..Scene::refused() };
    let sentence = scene.written(&mut Text::new());
    assert!(sentence.contains("lab (uid 1500, acting as lab) ran"), "{sentence}");
    assert!(!Scene::refused().written(&mut Text::new()).contains("acting as"));
}

#[test]
fn what_is_missing_is_told() {
    let lost = Scene { missing: 97, ..with(42, 0, WEB) };
    check(
        &lost,
        "connected to 93.184.216.34 port 443 over TCP [keys: net] \
         [partial: 97 arguments are missing]",
    );
    let cut = with(42, 0, "");
    check(
        &cut,
        "connected to an unknown address over TCP [keys: net] [partial: a record is missing]",
    );
}

#[test]
fn hostile_names_stay_within_their_quotes() {
    for name in HOSTILE {
        let sentence = Scene::named(name).written(&mut Text::new());
        assert_eq!(sentence.matches('\n').count(), 1, "{sentence}");
        assert!(!sentence.chars().any(|c| c != '\n' && is_unseen(c)), "{sentence}");
    }
    let feigned = Scene::named(b"x[1] which accepted").written(&mut Text::new());
    assert!(feigned.contains(r#" ran "x[1] which accepted"[812] ("#), "{feigned}");
}
