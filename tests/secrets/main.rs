//! Passwords: where they are kept, and that they get nowhere else.

#[path = "../support/mod.rs"]
mod support;

mod account;
mod hardship;
mod leaks;
mod login;
mod session;
mod terminal;
mod traces;
