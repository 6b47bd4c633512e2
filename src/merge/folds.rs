//! Lines of the log that others take the place of go, whichever store brings them back.
//!
//! A store never removes a line of the log, since a device that does not know ours drops them all.
//! So a line that was corrected, or folded into a sum, would come back from every device that was
//! away. What it says of itself cannot tell that it is old; the line that took its place can.

use std::collections::{BTreeMap, BTreeSet};

use crate::card::{Card, Change, Field, FieldKey};
use crate::contact::{Interaction, LOG, dropped, folds};

use super::Due;

/// The card without the lines of its log that other lines of it take the place of.
pub fn without_folded(card: &Card) -> Card {
    let fields = card.fields_named(&[LOG]);
    let folded = folded(&fields);
    if folded.is_empty() {
        return card.clone();
    }
    let gone = fields.iter().map(|field| field.key());
    let gone = gone.filter(|key| folded.contains(&key.value));
    card.apply(&gone.cloned().map(Change::Remove).collect::<Vec<_>>())
}

/// What is due in a store that holds lines of the log again, or still, that others of the agreed
/// card take the place of: they go, and those others come, should it lack them.
///
/// The difference of two agreed cards does not show it, since the agreed card has no such line
/// before or after.
pub(super) fn stale(agreed: &[Field], now: &[Field]) -> Vec<Due> {
    let is_log = |field: &&Field| field.name() == LOG;
    let held: BTreeMap<&FieldKey, &Field> = now
        .iter()
        .filter(is_log)
        .map(|field| (field.key(), field))
        .collect();
    if held.is_empty() {
        return Vec::new();
    }
    let agreed: Vec<&Field> = agreed.iter().filter(is_log).collect();
    let wanted: BTreeSet<&FieldKey> = agreed.iter().map(|field| field.key()).collect();
    let unwanted = held.values().filter(|field| !wanted.contains(field.key()));
    let both: Vec<Field> = agreed
        .iter()
        .chain(unwanted)
        .map(|field| (*field).clone())
        .collect();
    let folded = folded(&both);
    let gone: Vec<&&Field> = held
        .values()
        .filter(|field| !wanted.contains(field.key()) && folded.contains(&field.key().value))
        .collect();
    let ids: BTreeSet<&str> = gone
        .iter()
        .map(|field| field.key().value.as_str())
        .collect();
    let come = agreed.into_iter().filter(|field| {
        !held.contains_key(field.key()) && folds(field).iter().any(|id| ids.contains(id.as_str()))
    });
    let going = gone.iter().map(|field| Due {
        change: Change::Remove(field.key().clone()),
        still: Change::Add((**field).clone()),
    });
    let coming = come.map(|field| Due {
        change: Change::Add(field.clone()),
        still: Change::Remove(field.key().clone()),
    });
    going.chain(coming).collect()
}

/// The IDs of the lines among these that others take the place of.
fn folded(fields: &[Field]) -> BTreeSet<String> {
    if fields
        .iter()
        .all(|field| !field.params().contains_key("FOLDS"))
    {
        return BTreeSet::new();
    }
    let lines: Vec<Interaction> = fields.iter().map(Interaction::of).collect();
    dropped(&lines.iter().map(Interaction::foldable).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merge::tests::card;

    #[test]
    fn folded_lines_go_and_no_other_byte_changes() {
        let lines = "X-CARDWEAVE-LOG;ID=1:a\nTEL:1\nX-CARDWEAVE-LOG;ID=2;FOLDS=1:b";
        let without = "TEL:1\nX-CARDWEAVE-LOG;ID=2;FOLDS=1:b";
        assert_eq!(without_folded(&card(lines)), card(without));
        assert_eq!(without_folded(&card(without)), card(without));
    }
}
