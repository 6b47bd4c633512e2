//! What has to change in one store so that it says what was agreed on.

use std::collections::BTreeSet;

use crate::card::{Change, Field, FieldKey};

use super::pair::{pairs, stands_for};

/// How one store stands to the agreed card.
#[derive(Debug, Clone)]
pub struct Standing<'a> {
    /// The agreed card when the store was last in step.
    pub given: &'a [Field],
    /// What the store made of it.
    pub held: &'a [Field],
    /// What it holds today.
    pub now: &'a [Field],
}

/// The changes that bring a store in step: the difference between what it was given and what is
/// agreed on today, carried over to the card that it holds.
///
/// Where the store holds something else than it was given and neither changed, nothing is due:
/// that is how the store keeps it. `untouched` fields stay as they are.
pub fn changes_due(
    agreed: &[Field],
    standing: &Standing,
    untouched: &BTreeSet<FieldKey>,
) -> Vec<Change> {
    let held_as = stands_for(standing.held, standing.given);
    let lives_at = |given: &Field| {
        let key = held_as.get(given.key())?;
        standing.now.iter().find(|field| field.key() == key)
    };
    let says = |field: &Field| standing.now.contains(field);
    let is_untouched =
        |field: Option<&Field>| field.is_some_and(|field| untouched.contains(field.key()));

    let mut changes = Vec::new();
    for (given, agreed) in pairs(standing.given, agreed) {
        if given == agreed || is_untouched(given) || is_untouched(agreed) {
            continue;
        }
        match (given.and_then(lives_at), agreed) {
            (_, Some(agreed)) if says(agreed) => {
                // The new value is there already; the old one may have stayed beside it.
                if let Some(old) = given.and_then(lives_at)
                    && old.key() != agreed.key()
                    && !old.key().value.is_empty()
                {
                    changes.push(Change::Remove(old.key().clone()));
                }
            }
            (Some(old), Some(agreed)) => {
                changes.push(Change::Replace(old.key().clone(), agreed.clone()));
            }
            (None, Some(agreed)) => {
                let same_key = standing.now.iter().any(|field| field.key() == agreed.key());
                changes.push(if same_key {
                    Change::Replace(agreed.key().clone(), agreed.clone())
                } else {
                    Change::Add(agreed.clone())
                });
            }
            (Some(old), None) => changes.push(Change::Remove(old.key().clone())),
            (None, None) => {}
        }
    }
    changes
}
