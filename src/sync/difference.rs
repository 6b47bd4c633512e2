//! What differs between the stores of a book, field by field. Pure.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use crate::book::StoreId;
use crate::card::{Card, Field, FieldKey, Version};

use super::plan::{is_kept_away, is_private};
use super::question::{params_of, unlike};
use super::{Situation, StoreFacts};

/// A contact that is not the same in every store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Difference {
    pub name: String,
    /// Stores that do not have the contact at all.
    pub missing_in: Vec<StoreId>,
    pub fields: Vec<FieldDifference>,
}

/// One field that is not the same in every store that has the contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FieldDifference {
    pub field: String,
    /// What each store holds; `null`: nothing.
    pub values: BTreeMap<StoreId, Option<String>>,
}

/// Compares the copies of one contact. `None` where all stores say the same.
///
/// Properties that a store is known to drop, or that never go there, are no difference.
pub fn difference(
    situation: &Situation,
    name: &str,
    copies: &BTreeMap<&StoreId, &Card>,
) -> Option<Difference> {
    let is_kept_away =
        |facts: &StoreFacts| copies.values().any(|card| is_kept_away(card, &facts.omit));
    let available = situation
        .stores
        .iter()
        .filter(|(_, facts)| facts.available && !is_kept_away(facts));
    let missing_in: Vec<StoreId> = available
        .filter(|(store, _)| !copies.contains_key(store))
        .map(|(store, _)| store.clone())
        .collect();
    let fields_by_store: BTreeMap<&StoreId, Vec<Field>> = copies
        .iter()
        .map(|(store, card)| (*store, fields_with_name(card)))
        .collect();
    let keys: BTreeMap<&FieldKey, &Field> = fields_by_store
        .values()
        .flatten()
        .map(|field| (field.key(), field))
        .collect();

    let mut fields = Vec::new();
    for (key, example) in keys {
        let values: BTreeMap<&StoreId, Option<&Field>> = fields_by_store
            .iter()
            .filter(|(store, _)| {
                situation
                    .stores
                    .get(**store)
                    .is_none_or(|facts| !cannot_say(facts, example))
            })
            .map(|(store, fields)| (*store, fields.iter().find(|field| field.key() == key)))
            .collect();
        let mut different = values.values();
        let first = different.next();
        if different.all(|value| Some(value) == first) {
            continue;
        }
        let there: Vec<&Field> = values.values().copied().flatten().collect();
        let unlike = unlike(&there);
        let describe = |field: &Field| describe(field, &unlike);
        let values = values
            .into_iter()
            .map(|(store, field)| (store.clone(), field.map(describe)))
            .collect();
        fields.push(FieldDifference {
            field: key.name.clone(),
            values,
        });
    }
    (!missing_in.is_empty() || !fields.is_empty()).then(|| Difference {
        name: name.to_owned(),
        missing_in,
        fields,
    })
}

/// The fields, among them the `N` that 3.0 demands of a card for which 4.0 needs none: a store of
/// 3.0 has it, and that is no difference.
fn fields_with_name(card: &Card) -> Vec<Field> {
    let is_name = |field: &Field| field.name() == "N";
    let mut fields = card.fields();
    if !fields.iter().any(is_name) {
        let demanded = card.in_version(Version::V3_0).fields();
        fields.extend(demanded.into_iter().find(is_name));
    }
    fields
}

fn cannot_say(facts: &StoreFacts, field: &Field) -> bool {
    facts.drops.contains(field.name()) || is_private(field, &facts.omit)
}

/// The value with what is said about it, because two stores may differ in that alone.
fn describe(field: &Field, unlike: &BTreeSet<&String>) -> String {
    let mut words = vec![field.text()];
    words.extend(field.types().iter().map(|kind| kind.to_lowercase()));
    words.extend(field.label().map(|label| format!("\"{label}\"")));
    words.extend(field.pref().map(|pref| format!("preferred {pref}")));
    words.extend(params_of(field, unlike));
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differs(one: &str, other: &str) -> bool {
        let card = |text: &str| {
            let text = format!("BEGIN:VCARD\n{text}\nEND:VCARD\n");
            Card::parse(text.as_bytes()).expect("it is a card")
        };
        let (a, b) = (StoreId::new("a"), StoreId::new("b"));
        let (one, other) = (card(one), card(other));
        let copies = BTreeMap::from([(&a, &one), (&b, &other)]);
        difference(&Situation::default(), "x", &copies).is_some()
    }

    #[test]
    fn what_differs_in_parameters_alone_is_told() {
        let promise = |due: &str| {
            let line = format!("X-CARDWEAVE-PROMISE;ID=1;DUE={due};SIDE=mine:offer");
            let text = format!("BEGIN:VCARD\nVERSION:3.0\nFN:A\nN:A;;;;\n{line}\nEND:VCARD\n");
            Card::parse(text.as_bytes()).expect("it is a card")
        };
        let (a, b) = (StoreId::new("a"), StoreId::new("b"));
        let (one, other) = (promise("20261201"), promise("20261220"));
        let copies = BTreeMap::from([(&a, &one), (&b, &other)]);
        let difference = difference(&Situation::default(), "x", &copies).expect("it differs");
        let told: Vec<_> = difference.fields[0].values.values().flatten().collect();
        assert_eq!(told, ["offer, DUE 2026-12-01", "offer, DUE 2026-12-20"]);
    }

    #[test]
    fn the_name_that_3_0_demands_of_a_group_is_no_difference() {
        let group = "VERSION:4.0\nFN:Team\nKIND:group";
        let as_3 = "VERSION:3.0\nFN:Team\nX-ADDRESSBOOKSERVER-KIND:group";
        assert!(!differs(group, &format!("{as_3}\nN:Team;;;;")));
        assert!(differs(group, &format!("{as_3}\nN:Other;;;;")));
        assert!(differs(
            "VERSION:4.0\nFN:A\nN:A;;;;",
            "VERSION:4.0\nFN:A\nN:B;;;;"
        ));
    }
}
