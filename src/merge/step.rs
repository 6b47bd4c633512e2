//! What has to change in one store so that it says what was agreed on.

use std::collections::{BTreeMap, BTreeSet};

use crate::card::{Change, Field, FieldKey};

use super::folds::stale;
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

/// One change that is due in a store.
#[derive(Debug, Clone, PartialEq)]
pub struct Due {
    /// To the card that the store holds.
    pub change: Change,
    /// To the agreed card, so that it says what this store still says. Until the change is made,
    /// that is what the store counts as given: what it has of the agreed card, its own edits of
    /// today among it, and not what it still lacks.
    pub still: Change,
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
) -> Vec<Due> {
    let held_as = stands_for(standing.held, standing.given);
    let now: BTreeMap<&FieldKey, &Field> = standing
        .now
        .iter()
        .map(|field| (field.key(), field))
        .collect();
    let lives_at = |given: &Field| now.get(held_as.get(given.key())?).copied();
    let is_untouched =
        |field: Option<&Field>| field.is_some_and(|field| untouched.contains(field.key()));

    let mut due = Vec::new();
    for (given, agreed) in pairs(standing.given, agreed) {
        if is_unchanged((given, agreed)) || is_untouched(given) || is_untouched(agreed) {
            continue;
        }
        let change = change_due(given.and_then(lives_at), agreed, standing.now);
        let still = match (given, agreed) {
            (Some(given), Some(agreed)) => Change::Replace(agreed.key().clone(), given.clone()),
            (Some(given), None) => Change::Add(given.clone()),
            (None, Some(agreed)) => Change::Remove(agreed.key().clone()),
            (None, None) => continue,
        };
        due.extend(change.map(|change| Due { change, still }));
    }
    let named: BTreeSet<FieldKey> = due.iter().map(|due| key_of(&due.change).clone()).collect();
    let stale = stale(agreed, standing.now).into_iter();
    due.extend(stale.filter(|due| {
        let key = key_of(&due.change);
        !named.contains(key) && !untouched.contains(key)
    }));
    due
}

fn key_of(change: &Change) -> &FieldKey {
    match change {
        Change::Add(field) => field.key(),
        Change::Remove(key) | Change::Replace(key, _) => key,
    }
}

/// What has to be done about one field, which lives in the store as `old` and shall be `agreed`.
fn change_due(old: Option<&Field>, agreed: Option<&Field>, now: &[Field]) -> Option<Change> {
    let Some(agreed) = agreed else {
        return old.map(|old| Change::Remove(old.key().clone()));
    };
    if now.iter().any(|now| says_same(now, agreed)) {
        // The new value is there already; the old one may have stayed beside it.
        let beside = old.filter(|old| old.key() != agreed.key() && !old.key().value.is_empty())?;
        return Some(Change::Remove(beside.key().clone()));
    }
    let has_key = now.iter().any(|field| field.key() == agreed.key());
    Some(match old {
        Some(old) => Change::Replace(old.key().clone(), agreed.clone()),
        None if has_key => Change::Replace(agreed.key().clone(), agreed.clone()),
        None => Change::Add(agreed.clone()),
    })
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
        let due = changes_due(&fields(agreed), &standing, &BTreeSet::new());
        let changes: Vec<Change> = due.into_iter().map(|due| due.change).collect();
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

    #[test]
    fn until_a_change_is_made_the_store_counts_as_given_what_it_has() {
        // The store added a number of its own today, and lacks the note.
        let (given, now) = (card("TEL:1").fields(), card("TEL:1\nTEL:2").fields());
        let standing = Standing {
            given: &given,
            held: &given,
            now: &now,
        };
        let agreed = card("TEL:1\nTEL:2\nNOTE:x");
        let due = changes_due(&agreed.fields(), &standing, &BTreeSet::new());
        let still: Vec<Change> = due.into_iter().map(|due| due.still).collect();
        assert_eq!(still.len(), 1);
        assert!(agreed.apply(&still).same_meaning(&card("TEL:1\nTEL:2")));
    }
}
