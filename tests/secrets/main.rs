//! Passwords: where they are kept, and that they get nowhere else.

#[path = "../commands/schema.rs"]
mod schema;
#[path = "../support/mod.rs"]
mod support;

mod hardship;
mod leaks;
mod login;
mod terminal;
mod traces;
