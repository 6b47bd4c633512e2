//! What differs between the stores of a book, field by field. Pure.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use crate::book::StoreId;
use crate::card::{Card, Field};

use super::plan::is_omitted;
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
    let available = situation.stores.iter().filter(|(_, facts)| facts.available);
    let missing_in: Vec<StoreId> = available
        .filter(|(store, _)| !copies.contains_key(store))
        .map(|(store, _)| store.clone())
        .collect();
    let fields_by_store: BTreeMap<&StoreId, Vec<Field>> = copies
        .iter()
        .map(|(store, card)| (*store, card.fields()))
        .collect();
    let keys: BTreeSet<_> = fields_by_store
        .values()
        .flatten()
        .map(|field| field.key().clone())
        .collect();

    let mut fields = Vec::new();
    for key in keys {
        let values: BTreeMap<&StoreId, Option<&Field>> = fields_by_store
            .iter()
            .filter(|(store, _)| {
                situation
                    .stores
                    .get(**store)
                    .is_none_or(|facts| !cannot_say(facts, &key.name))
            })
            .map(|(store, fields)| (*store, fields.iter().find(|field| *field.key() == key)))
            .collect();
        let mut different = values.values();
        let first = different.next();
        if different.all(|value| Some(value) == first) {
            continue;
        }
        let values = values
            .into_iter()
            .map(|(store, field)| (store.clone(), field.map(describe)))
            .collect();
        fields.push(FieldDifference {
            field: key.name,
            values,
        });
    }
    (!missing_in.is_empty() || !fields.is_empty()).then(|| Difference {
        name: name.to_owned(),
        missing_in,
        fields,
    })
}

fn cannot_say(facts: &StoreFacts, name: &str) -> bool {
    facts.drops.contains(name) || is_omitted(name, &facts.omit)
}

/// The value with what is said about it, because two stores may differ in that alone.
fn describe(field: &Field) -> String {
    let mut words = vec![field.text()];
    words.extend(field.types().iter().map(|kind| kind.to_lowercase()));
    words.extend(field.label().map(|label| format!("\"{label}\"")));
    words.extend(field.pref().map(|pref| format!("preferred {pref}")));
    words.join(", ")
}
