//! When word is due with a contact.

use jiff::civil::Date;

use super::super::{Cadence, Relationship, Tier};
use super::days_between;

/// How long a contact may go without word, and when that time is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rhythm {
    pub cadence: Cadence,
    /// The contact's own, not the tier's.
    pub is_own: bool,
    pub last_word: Option<Date>,
    /// `None`: there never was any word, so that it is due on whichever day.
    pub next: Option<Date>,
}

impl Rhythm {
    /// `None`: the card is a group's, or nobody says how long the contact may go without word.
    pub fn of(relationship: &Relationship, usual: &dyn Fn(Tier) -> Cadence) -> Option<Rhythm> {
        if relationship.is_group() {
            return None;
        }
        let own = relationship.cadence;
        let cadence = own.or_else(|| relationship.tier.map(usual))?;
        let last_word = relationship.last_word();
        // Nobody waits longer than the calendar goes.
        let after = |last: Date| last.checked_add(cadence.span()).unwrap_or(Date::MAX);
        Some(Rhythm {
            cadence,
            is_own: own.is_some(),
            last_word,
            next: last_word.map(after),
        })
    }

    /// Whether word is due on that day or before.
    pub fn is_due(&self, until: Date) -> bool {
        self.next.is_none_or(|next| next <= until)
    }

    /// Negative where the day is still to come.
    pub fn days_overdue(&self, today: Date) -> i64 {
        self.next.map_or(0, |next| days_between(next, today))
    }
}

/// Whether the contact is left alone today.
pub fn is_snoozed(relationship: &Relationship, today: Date) -> bool {
    relationship
        .snoozed_until
        .is_some_and(|until| until > today)
}
