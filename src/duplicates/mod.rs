//! Which cards are one person.

mod meeting;

pub use meeting::{Candidate, Group, Newcomer, copy_key, group, lookup_keys, match_keys};
