//! `review` as a person meets it, on a real pseudo-terminal, and as a script does, without any.

// The tests of the commands use more of it than these.
#[allow(dead_code)]
#[path = "../commands/desk.rs"]
mod desk;
#[path = "../commands/schema.rs"]
mod schema;

mod books;
mod talk;

mod scripts;
mod sessions;
mod terminals;
