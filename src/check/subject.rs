//! The kinds of property that the scratch card has, as a person calls them.

use crate::card::{Card, Change, Field};

/// One kind of property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// In the plural, as it stands in a list.
    pub words: &'static str,
    /// The version-neutral names that belong to it.
    pub names: &'static [&'static str],
    /// It is what cardweave itself keeps on cards.
    pub is_ours: bool,
}

const fn plain(words: &'static str, names: &'static [&'static str]) -> Subject {
    Subject {
        words,
        names,
        is_ours: false,
    }
}

const fn ours(words: &'static str, names: &'static [&'static str]) -> Subject {
    Subject {
        words,
        names,
        is_ours: true,
    }
}

/// All of them, in the order in which they are told.
pub const SUBJECTS: &[Subject] = &[
    plain("full names", &["FN"]),
    plain("names in five parts", &["N"]),
    plain("nicknames", &["NICKNAME"]),
    plain("job titles and roles", &["TITLE", "ROLE"]),
    plain("companies with their units", &["ORG"]),
    plain("phone numbers", &["TEL"]),
    plain("e-mail addresses", &["EMAIL"]),
    plain("postal addresses", &["ADR"]),
    plain("web pages", &["URL"]),
    plain("messengers (IMPP)", &["IMPP"]),
    plain("birthdays", &["BDAY"]),
    plain("anniversaries", &["ANNIVERSARY"]),
    plain("related people", &["RELATED"]),
    plain("notes", &["NOTE"]),
    plain("categories (lists)", &["CATEGORIES"]),
    plain("photos", &["PHOTO"]),
    plain("places on the map", &["GEO"]),
    plain("time zones", &["TZ"]),
    plain("long lines", &["X-CHECK-LONG"]),
    plain("other scripts", &["X-CHECK-SCRIPTS"]),
    plain("unknown properties", &["X-CHECK-UNKNOWN"]),
    plain("unknown parameters", &["X-CHECK-PARAMETERS"]),
    ours("tiers", &["X-CARDWEAVE-TIER"]),
    ours("rhythms", &["X-CARDWEAVE-CADENCE"]),
    ours("last contacts", &["X-CARDWEAVE-LAST-CONTACT"]),
    ours("logs", &["X-CARDWEAVE-LOG"]),
    ours("promises", &["X-CARDWEAVE-PROMISE"]),
    ours("meetings", &["X-CARDWEAVE-MET"]),
    ours(
        "goals",
        &[
            "X-CARDWEAVE-GOAL",
            "X-CARDWEAVE-GOAL-BY",
            "X-CARDWEAVE-GOAL-TARGET",
            "X-CARDWEAVE-GOAL-STATUS",
        ],
    ),
    ours("notes of who is somebody else", &["X-CARDWEAVE-DISTINCT"]),
    ours("proposals", &["X-CARDWEAVE-PROPOSAL"]),
];

impl Subject {
    pub(super) fn covers(&self, field: &Field) -> bool {
        self.names.contains(&field.name())
    }
}

/// The card without anything of these.
pub fn without(card: &Card, subjects: &[Subject]) -> Card {
    retain(card, |field| {
        !subjects.iter().any(|subject| subject.covers(field))
    })
}

/// The card with its names and this one alone.
pub fn bare_with(card: &Card, wanted: &Subject) -> Card {
    retain(card, |field| {
        matches!(field.name(), "FN" | "N") || wanted.covers(field)
    })
}

fn retain(card: &Card, stays: impl Fn(&Field) -> bool) -> Card {
    let fields = card.fields();
    let removed = fields.iter().filter(|field| !stays(field));
    // The later ones first: the second line of a name is known by its place after the first.
    let changes: Vec<Change> = removed
        .rev()
        .map(|field| Change::Remove(field.key().clone()))
        .collect();
    card.apply(&changes)
}
