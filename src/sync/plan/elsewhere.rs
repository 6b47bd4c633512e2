//! Recognises a merge that was made elsewhere: a contact is gone, and another one has got all that
//! it said.

use std::collections::{BTreeMap, BTreeSet};

use crate::book::ContactId;
use crate::card::Card;
use crate::sync::Plan;

/// What a person would miss. The rest follows the card that goes on.
const MISSED: [&str; 5] = ["TEL", "EMAIL", "ADR", "URL", "NOTE"];

/// Marks the contacts that end although nothing of them is lost, so that they are deleted where the
/// values of both are written, and nowhere before.
pub(super) fn recognise(plan: &mut Plan) {
    let is_ending = |index: &usize| plan.contacts[*index].ends;
    let (ending, going_on): (Vec<usize>, Vec<usize>) =
        (0..plan.contacts.len()).partition(is_ending);
    if ending.is_empty() {
        return;
    }
    let mut owners: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    for index in going_on {
        for value in values(&plan.contacts[index].agreed) {
            owners.entry(value).or_default().push(index);
        }
    }
    let heir = |index: usize| -> Option<ContactId> {
        let said = values(&plan.contacts[index].agreed);
        let mut of_each = said.iter().map(|value| {
            let owners = owners.get(value).into_iter().flatten();
            owners.copied().collect::<BTreeSet<usize>>()
        });
        let first = of_each.next()?;
        let of_all = of_each.fold(first, |all, owners| &all & &owners);
        let heir = of_all.into_iter().next()?;
        Some(plan.contacts[heir].id.clone())
    };
    let heirs: Vec<(usize, ContactId)> = ending
        .into_iter()
        .filter(|index| plan.contacts[*index].absorbed_into.is_none())
        .filter_map(|index| Some((index, heir(index)?)))
        .collect();
    for (index, heir) in heirs {
        plan.contacts[index].absorbed_into = Some(heir);
    }
}

/// The values that a card says, each paragraph of a note for itself.
fn values(card: &Card) -> BTreeSet<(String, String)> {
    let mut values = BTreeSet::new();
    for field in card.fields() {
        let name = field.name();
        if !MISSED.contains(&name) {
            continue;
        }
        let parts: Vec<&str> = match name {
            "NOTE" => field.value().split('\n').collect(),
            _ => vec![field.value()],
        };
        let said = parts.into_iter().map(|part| part.trim().to_lowercase());
        values.extend(
            said.filter(|part| !part.is_empty())
                .map(|part| (name.to_owned(), part)),
        );
    }
    values
}
