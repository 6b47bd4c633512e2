//! The real binary on two folders: what each command does, says, and ends with.

#[path = "../support/install.rs"]
mod install;

mod desk;
mod schema;

mod duplicates;
mod hardship;
mod pages;
mod promises;
mod readme;
mod report;
mod schedule;
mod sights;
mod unions;
