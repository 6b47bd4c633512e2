//! What has to change in one store so that it says what was agreed on.

use std::collections::BTreeSet;

use crate::card::{Change, Field, FieldKey};

use super::pair::{is_unchanged, pairs, says_same, stands_for};

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
    let says = |field: &Field| standing.now.iter().any(|now| says_same(now, field));
    let is_untouched =
        |field: Option<&Field>| field.is_some_and(|field| untouched.contains(field.key()));

    let mut changes = Vec::new();
    for (given, agreed) in pairs(standing.given, agreed) {
        if is_unchanged((given, agreed)) || is_untouched(given) || is_untouched(agreed) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merge::tests::{card, fields};

    /// What a store holds after it was brought in step.
    fn after(agreed: &str, given: &str, held: &str, now: &str) -> Vec<String> {
        let (given, held, fields_now) = (fields(given), fields(held), fields(now));
        let standing = Standing {
            given: &given,
            held: &held,
            now: &fields_now,
        };
        let changes = changes_due(&fields(agreed), &standing, &BTreeSet::new());
        let mut lines: Vec<String> = card(now)
            .apply(&changes)
            .fields()
            .iter()
            .map(|field| format!("{}:{}", field.name(), field.text()))
            .collect();
        lines.retain(|line| line != "FN:Ada" && !line.starts_with("N:"));
        lines.sort();
        lines
    }

    #[test]
    fn what_others_changed_is_changed_here() {
        assert_eq!(after("TEL:2", "TEL:1", "TEL:1", "TEL:1"), ["TEL:2"]);
        assert_eq!(after("", "TEL:1", "TEL:1", "TEL:1"), [""; 0]);
    }

    #[test]
    fn a_value_is_changed_where_the_store_spells_it_differently() {
        assert_eq!(
            after("TEL:2", "TEL:123", "TEL:00123", "TEL:00123"),
            ["TEL:2"]
        );
    }

    #[test]
    fn what_the_store_does_not_keep_is_not_offered_again() {
        assert_eq!(
            after("TEL:1\nX-A:a", "TEL:1\nX-A:a", "TEL:1", "TEL:1"),
            ["TEL:1"]
        );
    }

    #[test]
    fn an_edit_made_here_is_not_made_again() {
        assert_eq!(after("TEL:2", "TEL:1", "TEL:1", "TEL:2"), ["TEL:2"]);
    }

    #[test]
    fn a_field_that_waits_for_a_person_is_not_touched() {
        let (given, now) = (fields("NOTE:x"), fields("NOTE:y"));
        let standing = Standing {
            given: &given,
            held: &given,
            now: &now,
        };
        let untouched = given.iter().map(|field| field.key().clone()).collect();
        assert_eq!(changes_due(&fields("NOTE:z"), &standing, &untouched), []);
    }
}
