//! Entries with an ID: calls, promises, meetings, proposals. None is lost.

use std::collections::{BTreeMap, BTreeSet};

use crate::card::{Field, FieldKey, digest};

use super::column::{Column, Item};

/// Every entry once. One ID with two texts, or with two values of a parameter, is two entries: the
/// second gets an ID that its content decides, so that it is the same on every machine.
///
/// A promise that was kept on one card and is open on another was kept.
pub(super) fn gather(column: &Column) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut at_key: BTreeMap<FieldKey, usize> = BTreeMap::new();
    // A card that has an ID twice knows its entries by what they say too; other cards by ID alone.
    let mut told: BTreeSet<(Option<String>, String, BTreeMap<String, String>)> = BTreeSet::new();
    for placed in column.fields() {
        let mut entry = placed.field.clone();
        let said = (
            entry.params().get("ID").cloned(),
            entry.value().to_owned(),
            entry.params().clone(),
        );
        if !told.insert(said) && !at_key.contains_key(entry.key()) {
            continue;
        }
        if let Some(&at) = at_key.get(entry.key()) {
            if let Some(joined) = joined(&items[at].field, &entry) {
                items[at].field = joined;
                continue;
            }
            entry = with_other_id(&entry);
            if let Some(&at) = at_key.get(entry.key()) {
                if let Some(joined) = joined(&items[at].field, &entry) {
                    items[at].field = joined;
                }
                continue;
            }
        }
        at_key.insert(entry.key().clone(), items.len());
        let mut item = Item::of(placed);
        item.field = entry;
        items.push(item);
    }
    items
}

/// One entry of two that contradict each other in nothing.
fn joined(one: &Field, other: &Field) -> Option<Field> {
    if one.value() != other.value() {
        return None;
    }
    let is_open = |status: &str| status.eq_ignore_ascii_case("open");
    let mut joined = one.clone();
    for (name, value) in other.params() {
        match one.params().get(name) {
            None => joined = joined.with_param(name, Some(value.clone())),
            Some(there) if there == value => {}
            Some(there) if name == "STATUS" && is_open(there) => {
                joined = joined.with_param(name, Some(value.clone()));
            }
            Some(_) if name == "STATUS" && is_open(value) => {}
            Some(_) => return None,
        }
    }
    Some(super::several::joined(&joined, other))
}

fn with_other_id(entry: &Field) -> Field {
    let mut content = entry.value().to_owned();
    for (name, value) in entry.params() {
        content.push_str(&format!("\n{name}={value}"));
    }
    let mark = digest(content.as_bytes(), 4);
    let id = entry.params().get("ID").map_or("", String::as_str);
    entry.with_param("ID", Some(format!("{id}-{mark}")))
}
