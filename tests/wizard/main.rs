//! `init` as a person meets it: on a real pseudo-terminal, against real servers.

#[path = "../commands/schema.rs"]
mod schema;
#[path = "../support/mod.rs"]
mod support;

mod desk;
mod people;
