//! What calls mean: by architecture, through multiplexers, with outcomes, sockets and processes.

/// Addresses without a family, which Linux takes for IPv4 in some calls.
mod no_family;
/// Which call a number is, and what it does.
mod numbers;
/// What became of a call: outcomes, and addresses cut short.
mod outcomes;
/// Which connects are probes, and which only look like one.
mod probes;
/// Which process made a call: what it executed, with which arguments, under which parent.
mod processes;
/// On what socket a call was made.
mod sockets;

use crate::scene::check;

/// What a call to the usual address is shown as.
#[track_caller]
fn means(call: &str, shown: &str) {
    check(&format!("#7 SYSCALL {call}\n#7 SOCKADDR 192.0.2.7:443"), &format!("#7 {shown}"));
}
