//! The real binary on two folders: what each command does, says, and ends with.

mod desk;
mod schema;

mod hardship;
mod promises;
mod readme;
mod sights;
