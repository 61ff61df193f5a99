//! How records become events, in whatever order and with whatever missing.

/// A log in several files, there twice, or cut anywhere.
mod files;
/// Which records are one event, and when it is whole.
mod records;
/// What comes twice, comes late or never came, by its serial.
mod serials;
