//! What a run is going to do.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use crate::book::{ContactId, Held, Href, StoreId, Write};
use crate::card::{Card, Change, Field, FieldKey};

use super::{Question, QuestionId};

/// Everything one run decided, contact by contact.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    pub contacts: Vec<ContactPlan>,
    pub questions: Vec<Question>,
    /// Stores whose news could not all be taken in, so that they have to be told again.
    pub untold: BTreeSet<StoreId>,
    /// Sentences for the person: what was found odd and left alone.
    pub remarks: Vec<Remark>,
}

/// Something a person may want to know that stops nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Remark {
    pub store: StoreId,
    pub href: Option<Href>,
    pub text: String,
}

/// What is to become of one contact.
#[derive(Debug, Clone)]
pub struct ContactPlan {
    pub id: ContactId,
    pub name: String,
    /// What all stores shall hold.
    pub agreed: Card,
    pub held_back: Vec<FieldKey>,
    /// Under which texts the contact is found when a card of it turns up elsewhere.
    pub keys: BTreeSet<String>,
    /// What is known of each store before anything is written.
    pub records: BTreeMap<StoreId, Record>,
    pub actions: Vec<Action>,
    /// The stores that had an entry of it before this run.
    pub had: BTreeSet<StoreId>,
    /// The stores in which it was deleted, where the deletion is passed on.
    pub gone: BTreeSet<StoreId>,
    /// All of it was agreed on before this run: a person wrote it here, or a run before this one
    /// decided it and could not write it everywhere.
    pub was_agreed: bool,
    /// Nobody has the contact any more, or will once the actions are done.
    pub ends: bool,
    /// This contact goes on with its values, because they are one person by decision, or because
    /// somebody merged them elsewhere. Nothing is deleted before those values are written there.
    pub absorbed_into: Option<ContactId>,
    /// Other contacts become one with this one.
    pub union: Option<Union>,
}

/// Contacts that become one, as they were before: what it takes to part them again.
#[derive(Debug, Clone, PartialEq)]
pub struct Union {
    /// The one that goes on first.
    pub members: Vec<Member>,
    /// The questions whose answers this carries out.
    pub questions: Vec<QuestionId>,
}

/// One contact before it became one with others.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    pub id: ContactId,
    pub name: String,
    pub agreed: Card,
    /// Per store what it held, and what it was last given.
    pub stores: BTreeMap<StoreId, Held>,
}

/// What the baseline is to say of one store.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    Held(Box<Held>),
    /// The store has no entry (any more).
    Nothing,
    /// The same, and it shall have none as long as the card is what it is.
    KeptAway,
}

/// One write that a run is to make.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    pub store: StoreId,
    pub write: Write,
    /// The card that is overwritten or deleted.
    pub before: Option<Card>,
    /// In words: which fields change, for people and scripts.
    pub changes: Vec<FieldChange>,
}

impl Action {
    /// What it does, for messages.
    pub(super) fn verb(&self) -> &'static str {
        match &self.write {
            Write::Create { .. } | Write::Restore { .. } => "add",
            Write::Update { .. } => "update",
            Write::Delete { .. } => "delete",
        }
    }

    /// The entry that it is about; none where it would make one.
    pub(super) fn href(&self) -> Option<&Href> {
        match &self.write {
            Write::Create { .. } => None,
            Write::Restore { href, .. }
            | Write::Update { href, .. }
            | Write::Delete { href, .. } => Some(href),
        }
    }
}

/// One field of an entry that is to change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FieldChange {
    pub field: String,
    /// `None`: added.
    pub before: Option<String>,
    /// `None`: removed.
    pub after: Option<String>,
}

impl FieldChange {
    /// Tells edits of `card` in words.
    pub(super) fn of(changes: &[Change], card: &Card) -> Vec<FieldChange> {
        let is_there = changes
            .iter()
            .any(|change| !matches!(change, Change::Add(_)));
        let fields = if is_there { card.fields() } else { Vec::new() };
        let texts: BTreeMap<&FieldKey, &Field> =
            fields.iter().map(|field| (field.key(), field)).collect();
        changes
            .iter()
            .map(|change| {
                let (key, after) = match change {
                    Change::Add(field) => (field.key(), Some(field.text())),
                    Change::Remove(key) => (key, None),
                    Change::Replace(key, field) => (key, Some(field.text())),
                };
                let before = match change {
                    Change::Add(_) => None,
                    _ => texts.get(key).map(|field| field.text()),
                };
                FieldChange {
                    field: key.name.clone(),
                    before,
                    after,
                }
            })
            .collect()
    }
}
