//! oddsock
pub mod audit;
pub mod input;
pub mod reading;
pub mod output;
pub mod cli;
