//! `review` as a person meets it, on a real pseudo-terminal, and as a script does, without any.

#[path = "../commands/desk.rs"]
mod desk;
#[path = "../commands/schema.rs"]
mod schema;

mod books;
mod talk;

mod scripts;
mod sessions;
mod terminals;
