//! What a service owes the machine that it runs on.
//!
//! It tells the service manager how it is ([`notify`]), tells whoever measures what it has done
//! ([`page`], [`metrics`], [`whole`]), asks the kernel what it has lost ([`kernel`]), and gives up
//! what it does not need ([`confine()`]). Nothing here knows what the service does: figures, paths
//! and progress come in as plain values, and what the machine cannot do comes back as a sentence.

mod calls;
pub mod confine;
pub mod kernel;
pub mod metrics;
pub mod notify;
pub mod page;
pub mod whole;

pub use confine::{Allowed, confine};
pub use kernel::Kernel;
pub use metrics::{Exposition, Place};
pub use notify::Notify;
pub use page::Page;
