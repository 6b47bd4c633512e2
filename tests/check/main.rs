//! `check` with the real program: what it says of good and bad accounts, and what it leaves behind.

#[path = "../support/mod.rs"]
mod support;

#[path = "../commands/schema.rs"]
mod schema;

mod desk;

mod accounts;
mod interruption;
mod rewriting;
mod servers;
