//! What was known after the last run: per contact the agreed card, per store what it kept of it.

use std::collections::BTreeMap;

use super::{ContactId, ETag, Href, StoreId};
use crate::card::{Card, FieldKey};

/// One contact as the last run left it.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    pub id: ContactId,
    /// What all stores together last settled on.
    pub agreed: Card,
    /// Per store what it kept of it. A store without an entry here never had the contact.
    pub stores: BTreeMap<StoreId, Held>,
    /// The fields that no run may move until a person has answered.
    pub held_back: Vec<HeldBack>,
}

/// What one store was known to hold of a contact.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    pub href: Href,
    /// `None` until the store told the version of what we wrote.
    pub etag: Option<ETag>,
    /// The text that the store really keeps.
    pub held: Card,
    /// The agreed card at the time this store was last brought in step with it.
    pub given: Card,
    /// The text that was on its way to the store when a run ended without learning what became
    /// of it: nobody else's edit if it turns up, not even in the server's spelling.
    pub sent: Option<Card>,
    /// The store refused this agreed card (hash of its bytes), so it is not offered again until
    /// the card changes.
    pub refused: Option<String>,
    /// Deleted everywhere else while this store may not be written: it keeps its card, and the
    /// contact comes back only when that card is edited.
    pub let_go: bool,
}

/// A field that two stores changed differently, and that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeldBack {
    pub field: FieldKey,
}
