//! Keeps in step what says the same in two places: tiers and their categories, lists and group cards.

use std::collections::BTreeMap;

use crate::book::ContactId;
use crate::card::Card;

/// A card before and after somebody edited it.
#[derive(Debug, Clone, PartialEq)]
pub struct Edited {
    /// `None`: the contact is new.
    pub before: Option<Card>,
    /// `None`: the contact is gone.
    pub after: Option<Card>,
}

/// Lets the cards of a book that say the same in two places follow each other.
pub fn bridge(_edited: &mut BTreeMap<ContactId, Edited>, _mirror_tiers: bool) {}
