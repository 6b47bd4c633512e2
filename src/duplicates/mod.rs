//! Which cards are one person.

mod meeting;
mod thin;

pub use meeting::{
    Candidate, Circumstances, Group, Newcomer, copy_key, group, match_keys, uid_of_key,
};
pub use thin::{Decision, Found, Pair, Profile, Reason, Region, find, home_region};

/// Changes whenever the engine may find other pairs in the same cards, so that books are looked
/// through again.
pub const VERSION: u32 = 1;
