//! With whom a value comes: the hosts that tell of it, and the users, processes or whatever else
//! its question's influencers name.
//!
//! Two buckets in which a value came in the same company tell the same story twice. Addresses are
//! not compared: the same name is at another one tomorrow. Which influencer has addresses is told
//! by its name, since anybody can call a process like one. What is not known any more, or was too
//! much to be kept, is no company that anything can be compared with.

use std::collections::BTreeSet;

use super::bucket::Bucket;
use super::crowd::Crowd;
use super::detail::Detail;
use super::track::Track;

/// Everybody and everything a value came with.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Company<'t>(BTreeSet<(usize, &'t [u8])>);

impl<'t> Company<'t> {
    /// The whole company of a value in a bucket, by influencers of these names, if all of it is
    /// known.
    pub fn whole(track: &'t Track, fields: &[String], bucket: Bucket) -> Option<Company<'t>> {
        let detail = track.details.get(bucket)?;
        let is_whole =
            |(_, crowd): (usize, &Crowd)| crowd.names().len() as u64 == crowd.number().number;
        crowds(detail, fields).all(is_whole).then(|| Company::of(detail, fields))
    }

    /// Whatever is known of a value's company in some buckets.
    pub fn between(
        track: &'t Track,
        fields: &[String],
        from: Bucket,
        before: Bucket,
    ) -> Company<'t> {
        let details = track.details.between(from..before);
        let companies = details.map(|(_, detail)| Company::of(detail, fields));
        companies.fold(Company::default(), |mut all, other| {
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

    fn of(detail: &'t Detail, fields: &[String]) -> Company<'t> {
        let members = crowds(detail, fields);
        let named = |(place, crowd): (usize, &'t Crowd)| {
            crowd.names().into_iter().map(move |name| (place, name))
        };
        Company(members.flat_map(named).collect())
    }
}

/// The hosts that told first, also where they have no name but an address, and then whatever the
/// influencers say that have none.
fn crowds<'t>(detail: &'t Detail, fields: &[String]) -> impl Iterator<Item = (usize, &'t Crowd)> {
    let has_addresses = |place: usize| fields.get(place).is_some_and(|name| name.ends_with(".ip"));
    let influences = detail.influences.iter().enumerate();
    let influences = influences.filter(move |(place, _)| !has_addresses(*place));
    std::iter::once((0, &detail.origins)).chain(influences.map(|(place, crowd)| (place + 1, crowd)))
}

#[cfg(test)]
mod tests {
    use super::super::detail::Retention;
    use super::super::observation::Observation;
    use super::*;

    fn fields() -> [String; 2] {
        ["process.name", "source.ip"].map(str::to_string)
    }

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
        let company = Company::whole(&track, &fields(), Bucket(3)).expect("known");
        let earlier = Company::between(&track, &fields(), Bucket(1), Bucket(3));
        assert_eq!(company.is_within(&earlier), is_within, "{now:?}");
    }

    #[test]
    fn another_host_or_user_is_new_company_and_another_address_is_not() {
        check(("10.0.0.1", "bob", "192.0.2.1"), true);
        check(("10.0.0.1", "bob", "192.0.2.99"), true);
        check(("10.0.0.3", "bob", "192.0.2.1"), false);
        check(("10.0.0.1", "eve", "192.0.2.1"), false);
        check(("10.0.0.1", "192.0.2.1", "192.0.2.1"), false);
        check(("10.0.0.1", "bob", "none"), true);
    }

    #[test]
    fn company_that_is_not_all_known_is_compared_with_nothing() {
        let users: Vec<String> = (0..17).map(|user| format!("u{user}")).collect();
        let seen: Vec<_> = users.iter().map(|user| (1, "web", &user[..], "192.0.2.1")).collect();
        let whole =
            |seen: &[_], bucket| Company::whole(&track(seen), &fields(), Bucket(bucket)).is_some();
        assert!(whole(&seen[..16], 1));
        assert!(!whole(&seen, 1) && !whole(&seen, 2));
    }
}
