//! How the values of each property come together.

use crate::card::FieldKey;

/// How values of a property come together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// One value; two different edits are a conflict.
    One,
    /// One value made of components, each of which is one value (`N`, RFC 6350 section 6.2.2).
    Parts,
    /// The later date, however each is spelled.
    Later,
    /// A value among others: two different edits are both kept.
    Many,
    /// An entry with an ID: three-way, and once written never removed by a store.
    Kept,
    /// An entry with an ID: three-way.
    Entry,
}

pub(super) fn rule(key: &FieldKey) -> Rule {
    match key.name.as_str() {
        "N" => Rule::Parts,
        "X-CARDWEAVE-LAST-CONTACT" | "X-CARDWEAVE-SNOOZE" => Rule::Later,
        "X-CARDWEAVE-LOG" => Rule::Kept,
        "X-CARDWEAVE-PROMISE" | "X-CARDWEAVE-MET" | "X-CARDWEAVE-PROPOSAL" => Rule::Entry,
        _ if key.value.is_empty() => Rule::One,
        _ => Rule::Many,
    }
}

impl Rule {
    /// Whether a value is known by an ID of its own, so that another ID is never the same entry.
    pub(super) fn has_identity(self) -> bool {
        matches!(self, Rule::Kept | Rule::Entry)
    }
}
