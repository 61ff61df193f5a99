//! oddsock
pub mod audit;
pub mod input;
pub mod reading;
