//! With whom a value comes: the hosts that tell of it, and the users, processes or whatever else
//! its question's influencers name.
//!
//! Two buckets in which a value came in the same company tell the same story twice. Addresses are
//! not compared: the same name is at another one tomorrow. What is not known any more, or was too
//! much to be kept, is no company that anything can be compared with.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::bucket::Bucket;
use super::crowd::Crowd;
use super::detail::Detail;
use super::track::Track;

/// Everybody and everything a value came with.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Company<'t>(BTreeSet<(usize, &'t [u8])>);

impl<'t> Company<'t> {
    /// The whole company of a value in a bucket, if all of it is known.
    pub fn whole(track: &'t Track, bucket: Bucket) -> Option<Company<'t>> {
        let detail = track.details.get(bucket)?;
        let is_whole = |(place, crowd): (usize, &Crowd)| {
            let names = crowd.names();
            names.len() as u64 == crowd.number().number || are_addresses(place, &names)
        };
        crowds(detail).all(is_whole).then(|| Company::of(detail))
    }

    /// Whatever is known of a value's company in some buckets.
    pub fn between(track: &'t Track, from: Bucket, before: Bucket) -> Company<'t> {
        let details = track.details.between(from..before).map(|(_, detail)| Company::of(detail));
        details.fold(Company::default(), |mut all, other| {
            all.join(other);
            all
        })
    }

    /// Whether all of it is in another.
    pub fn is_within(&self, other: &Company<'_>) -> bool {
        self.0.iter().all(|member| other.0.contains(member))
    }

    /// Adds another.
    pub fn join(&mut self, other: Company<'t>) {
        self.0.extend(other.0);
    }

    fn of(detail: &'t Detail) -> Company<'t> {
        let mut company = Company::default();
        for (place, crowd) in crowds(detail) {
            let names = crowd.names();
            if !are_addresses(place, &names) {
                company.0.extend(names.into_iter().map(|name| (place, name)));
            }
        }
        company
    }
}

/// The hosts that told first, and then whatever the influencers say.
fn crowds(detail: &Detail) -> impl Iterator<Item = (usize, &Crowd)> {
    std::iter::once(&detail.origins).chain(&detail.influences).enumerate()
}

/// Whether an influencer has addresses. A host is who told, also where it has no other name.
fn are_addresses(place: usize, names: &[&[u8]]) -> bool {
    let is_address =
        |name: &&[u8]| std::str::from_utf8(name).is_ok_and(|text| text.parse::<IpAddr>().is_ok());
    place > 0 && !names.is_empty() && names.iter().all(is_address)
}

#[cfg(test)]
mod tests {
    use super::super::detail::Retention;
    use super::super::observation::Observation;
    use super::*;

    /// Something that was shown by a host to a user with an address, once in each bucket.
    fn track(seen: &[(u32, &str, &str, &str)]) -> Track {
        let mut track = Track::default();
        for (id, (bucket, host, user, address)) in (1..).zip(seen) {
            track.buckets.insert(Bucket(*bucket));
            let seen = Observation {
                time: 0,
                id,
                origin: host.as_bytes(),
                partition: None,
                value: b"psql",
                influences: &[Some(user.as_bytes()), Some(address.as_bytes())],
                evidence: &|| [].into(),
            };
            track.details.at(Bucket(*bucket)).note(&seen, Retention::STEPS[0]);
        }
        track
    }

    #[track_caller]
    fn check(now: (&str, &str, &str), is_within: bool) {
        let track = track(&[
            (1, "10.0.0.1", "ann", "192.0.2.1"),
            (2, "10.0.0.2", "bob", "192.0.2.2"),
            (3, now.0, now.1, now.2),
        ]);
        let company = Company::whole(&track, Bucket(3)).expect("known");
        let earlier = Company::between(&track, Bucket(1), Bucket(3));
        assert_eq!(company.is_within(&earlier), is_within, "{now:?}");
    }

    #[test]
    fn another_host_or_user_is_new_company_and_another_address_is_not() {
        check(("10.0.0.1", "bob", "192.0.2.1"), true);
        check(("10.0.0.1", "bob", "192.0.2.99"), true);
        check(("10.0.0.3", "bob", "192.0.2.1"), false);
        check(("10.0.0.1", "eve", "192.0.2.1"), false);
    }

    #[test]
    fn company_that_is_not_all_known_is_compared_with_nothing() {
        let users: Vec<String> = (0..17).map(|user| format!("u{user}")).collect();
        let seen: Vec<_> = users.iter().map(|user| (1, "web", &user[..], "192.0.2.1")).collect();
        assert!(Company::whole(&track(&seen[..16]), Bucket(1)).is_some());
        assert_eq!(Company::whole(&track(&seen), Bucket(1)), None);
        assert_eq!(Company::whole(&track(&seen), Bucket(2)), None);
    }
}
