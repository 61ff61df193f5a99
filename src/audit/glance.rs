//! A first look at a call on the network: what is asked of every call is read without the rest.
//!
//! A [`Connection`] has everything, and of most calls nobody wants more than what was done, by
//! which program and user, and to where. A glance says the same of those as the connection would,
//! and makes the connection when something else is asked for.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::net::IpAddr;

use super::call_fields::CallFields;
use super::connection::{Action, Connection, user_name};
use super::sighting::Sighting;
use super::stamp::Stamp;
use super::value;

/// What is quickly told of a call.
#[derive(Debug)]
pub struct Glance<'s> {
    sighting: &'s Sighting,
    call: OnceCell<CallFields<'s>>,
    connection: OnceCell<Connection<'s>>,
}

impl Sighting {
    /// A first look at it.
    pub fn glance(&self) -> Glance<'_> {
        Glance { sighting: self, call: OnceCell::new(), connection: OnceCell::new() }
    }
}

impl<'s> Glance<'s> {
    /// All that is known.
    pub fn connection(&self) -> &Connection<'s> {
        self.connection.get_or_init(|| self.sighting.connection())
    }

    /// When it was, and the number of the event.
    pub fn stamp(&self) -> Stamp {
        self.sighting.event.stamp
    }

    /// Where it happened.
    pub fn host(&self) -> &'s [u8] {
        &self.sighting.event.host
    }

    /// What was done.
    pub fn action(&self) -> Action {
        self.sighting.action
    }

    /// Whether the call only asked the kernel for a route.
    pub fn is_probe(&self) -> bool {
        self.sighting.is_probe
    }

    /// The address, which other records may tell where the call's own is missing.
    pub fn ip(&self) -> Option<IpAddr> {
        self.sighting.address.ip().or_else(|| self.connection().ip)
    }

    /// The port, likewise.
    pub fn port(&self) -> Option<u16> {
        match self.sighting.address.ip() {
            Some(_) => self.sighting.address.port(),
            None => self.connection().port,
        }
    }

    /// What the process called itself, which its exec may tell where the call does not.
    pub fn name(&self) -> Option<Cow<'_, [u8]>> {
        let own = self.call().name.and_then(value::text);
        own.or_else(|| self.connection().name.as_deref().map(Cow::Borrowed))
    }

    /// The user's number.
    pub fn user_id(&self) -> Option<u64> {
        self.call().user.and_then(value::id)
    }

    /// The user's name.
    pub fn user_name(&self) -> Option<&'s [u8]> {
        self.call().user_name.and_then(user_name)
    }

    fn call(&self) -> &CallFields<'s> {
        self.call.get_or_init(|| self.sighting.call_fields())
    }
}
