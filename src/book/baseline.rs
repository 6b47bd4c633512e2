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
    /// The fields that no run may move until a person has answered. Where the stores never agreed
    /// on a value, `agreed` has none.
    pub held_back: Vec<FieldKey>,
    /// The stores that will not have the agreed card as it was then (hash of its bytes). It is not
    /// offered again until it changes.
    pub refused: BTreeMap<StoreId, String>,
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
    /// Deleted everywhere else while this store may not be written: it keeps its card, and the
    /// contact comes back only when that card is edited.
    pub let_go: bool,
}
