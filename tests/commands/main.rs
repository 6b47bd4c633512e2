//! The real binary on two folders: what each command does, says, and ends with.

#[path = "../support/install.rs"]
mod install;

mod desk;
mod schema;

mod archive;
mod duplicates;
mod goals;
mod hardship;
mod log;
mod mirrored;
mod pages;
mod promises;
mod readme;
mod report;
mod schedule;
mod sights;
mod unions;

#[path = "relationship/due.rs"]
mod due;
#[path = "relationship/lists.rs"]
mod lists;
#[path = "relationship/standing.rs"]
mod standing;
