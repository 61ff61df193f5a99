//! An observation: a value was seen, at a time, from an origin.

use std::sync::Arc;

/// A value that was seen. Everything is borrowed: most observations add nothing to what is known.
#[derive(Clone, Copy)]
pub struct Observation<'o> {
    /// When, in milliseconds since 1970.
    pub time: u64,
    /// A hash of what names the event: the same whenever and however often it is told of.
    pub id: u64,
    /// Who told of it: a host.
    pub origin: &'o [u8],
    /// The value of the question's partition field.
    pub partition: Option<&'o [u8]>,
    /// The value of the question's by field.
    pub value: &'o [u8],
    /// The values of the question's influencers, in their order.
    pub influences: &'o [Option<&'o [u8]>],
    /// What to show whoever asks why. It is called only if there is room for it.
    pub evidence: &'o dyn Fn() -> Arc<[u8]>,
}
