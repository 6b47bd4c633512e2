//! Whole runs of the program against real servers, told store by store.

#[path = "../support/mod.rs"]
mod support;

mod people;
mod place;
mod stage;

mod deviating_servers;
mod duplicates;
mod machines;
mod pictures;
mod sign_in;
mod three_stores;
