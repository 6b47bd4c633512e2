//! What tests of whole runs share: servers that misbehave, real servers, and a bare client.

// Each test file uses its own part of this, and the compiler looks at one file at a time.
#![allow(dead_code)]

pub mod account;
pub mod client;
pub mod foreign;
pub mod install;
pub mod mischief;
pub mod oauth;
pub mod real;
pub mod session;
pub mod stage;
pub mod three_cards;
