//! Which cards are one person.

pub mod lexicon;

mod meeting;

pub use meeting::{Candidate, Group, Newcomer, copy_key, group, lookup_keys, match_keys};
