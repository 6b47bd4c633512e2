//! Properties that a card has any number of times: each value once, in its better form.

use std::collections::{BTreeMap, BTreeSet};

use crate::card::{Card, Field};

use super::Disputed;
use super::column::{Column, Item, Placed};
use super::kin::Kin;
use super::words::fold;

/// With more values than these, none is looked for inside of another: that takes each with each.
const MOST_TO_COMPARE: usize = 500;

/// What stands between the labels of one value.
const BETWEEN_LABELS: &str = " / ";

/// Every value of the column once, with the types, labels and preference of all that say the same.
///
/// A value that is part of exactly one other is that other one. Where it is part of several nobody
/// can know which is meant, and it stays.
pub(super) fn gather(column: &Column, kin: &Kin) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut signs: Vec<String> = Vec::new();
    let mut at_sign: BTreeMap<String, usize> = BTreeMap::new();
    for placed in column.fields() {
        // Our own empty lines stay as they are, the ones of others say nothing.
        if !placed.is_ours() && !placed.says_something() && !is_unknown(placed) {
            continue;
        }
        let sign = sign_of(&placed.field, kin);
        match at_sign.get(&sign) {
            Some(&at) => meet(&mut items[at], Item::of(placed), kin),
            None => {
                at_sign.insert(sign.clone(), items.len());
                signs.push(sign);
                items.push(Item::of(placed));
            }
        }
    }
    absorb(items, &signs, kin)
}

/// The sign of a field; where nothing of the value is left in it, the value itself.
fn sign_of(field: &Field, kin: &Kin) -> String {
    let sign = (kin.sign)(field);
    match sign.is_empty() {
        true => format!("={}", field.value()),
        false => sign,
    }
}

/// Nobody knows what an empty value of somebody's own property says.
fn is_unknown(placed: &Placed) -> bool {
    placed.field.name().starts_with("X-")
}

fn meet(item: &mut Item, other: Item, kin: &Kin) {
    let is_better = (kin.is_better)(&item.field, &other.field);
    let (rest, best) = match is_better {
        true => (&item.field, &other.field),
        false => (&other.field, &item.field),
    };
    item.field = joined(best, rest);
    item.lines.extend(other.lines);
}

/// One field with what is said about both.
pub(super) fn joined(best: &Field, rest: &Field) -> Field {
    let mut labels: Vec<&str> = Vec::new();
    for label in best.label().into_iter().chain(rest.label()) {
        for label in label.split(BETWEEN_LABELS) {
            if !labels.contains(&label) {
                labels.push(label);
            }
        }
    }
    let label = Some(labels.join(BETWEEN_LABELS)).filter(|label| !label.is_empty());
    best.clone().joined(rest.clone()).with_label(label)
}

fn absorb(items: Vec<Item>, signs: &[String], kin: &Kin) -> Vec<Item> {
    if items.len() > MOST_TO_COMPARE {
        return items;
    }
    let count = items.len();
    let covers =
        |more: usize, less: usize| more != less && (kin.covers)(&signs[more], &signs[less]);
    let is_part: Vec<bool> = (0..count)
        .map(|less| (0..count).any(|more| covers(more, less)))
        .collect();
    let whole = |part: usize| {
        let mut wholes = (0..count).filter(|&more| !is_part[more] && covers(more, part));
        match (wholes.next(), wholes.next()) {
            (Some(whole), None) => whole,
            _ => part,
        }
    };
    let mut parts_of: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for part in 0..count {
        let whole = whole(part);
        parts_of.entry(whole).or_default().push(part);
    }
    // A value keeps the place of the first that says it.
    let mut places: Vec<(usize, usize)> = parts_of
        .iter()
        .map(|(whole, parts)| (parts[0], *whole))
        .collect();
    places.sort_unstable();
    let mut kept = Vec::with_capacity(places.len());
    for (_, whole) in places {
        let mut item = items[whole].clone();
        for &part in parts_of[&whole].iter().filter(|&&part| part != whole) {
            item.field = joined(&item.field, &items[part].field);
            item.lines.extend(items[part].lines.iter().cloned());
        }
        kept.push(item);
    }
    kept
}

/// The items and these texts, where they are not there yet.
pub(super) fn with(mut items: Vec<Item>, nicknames: Vec<String>) -> Vec<Item> {
    let mut there: BTreeSet<String> = items.iter().map(|item| fold(item.field.value())).collect();
    for nickname in nicknames {
        if there.insert(fold(&nickname)) {
            items.push(Item::new(Field::new("NICKNAME", &nickname)));
        }
    }
    items
}

/// The values of a property of which most programs show the first line alone. `taken` is the card
/// whose value comes first.
pub(super) fn ranked(column: &Column, taken: Option<usize>) -> (Vec<Item>, Option<Disputed>) {
    let kin = Kin::WORDING;
    let mut items = gather(column, &kin);
    let says = |item: &Item, field: &Field| {
        let (there, sign) = (sign_of(&item.field, &kin), sign_of(field, &kin));
        there == sign || (kin.covers)(&there, &sign)
    };
    if let Some(field) = taken.and_then(|card| column.first_of(card))
        && let Some(at) = items.iter().position(|item| says(item, field))
    {
        items[..=at].rotate_right(1);
    }
    let disputed = items.first().and_then(|first| {
        let by = |placed: &&Placed| placed.says_something() && says(first, &placed.field);
        let whose = column
            .fields()
            .iter()
            .find(by)
            .map_or(0, |placed| placed.card);
        column.dispute(taken_or(taken, column, whose), |field| says(first, field))
    });
    (items, disputed)
}

/// The card that was asked for, if it has a value.
fn taken_or(taken: Option<usize>, column: &Column, otherwise: usize) -> usize {
    taken
        .filter(|&card| column.first_of(card).is_some())
        .unwrap_or(otherwise)
}

/// Who is not this person, without the cards that were united just now.
pub(super) fn without_united(column: &Column, cards: &[&Card]) -> Vec<Item> {
    let united: BTreeSet<String> = cards
        .iter()
        .filter_map(|card| card.uid())
        .map(|uid| uid.to_lowercase())
        .collect();
    let names_one = |item: &Item| {
        let uid = item.field.value().to_lowercase();
        united.contains(uid.strip_prefix("urn:uuid:").unwrap_or(&uid))
    };
    let mut items = gather(column, &Kin::EXACT);
    items.retain(|item| !names_one(item));
    items
}

/// The printed addresses that no address says as its own: a `LABEL` line behind an address of the
/// same types belongs to that (RFC 2426 section 3.2.2).
pub(super) fn without_printed(column: &Column, addresses: &Column) -> Vec<Item> {
    let printed: BTreeSet<String> = addresses
        .fields()
        .iter()
        .filter_map(|address| address.field.params().get("LABEL"))
        .map(|text| fold(text))
        .collect();
    let mut items = gather(column, &Kin::EXACT);
    items.retain(|item| !item.lines.is_empty() || !printed.contains(&fold(item.field.value())));
    items
}
