//! The program itself: statuses, options, files and what it prints.

/// Which connections are shown: filters, times and checkpoints.
mod chosen;
/// Where logs come from, and how what was read is accounted for.
mod given;
/// What is printed in each format, and what never is.
mod printed;
/// What a run ends with, and what is said to whoever slips.
mod statuses;
