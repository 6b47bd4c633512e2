//! The fields of several cards side by side, property by property.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::card::{Card, Change, Field, FieldKey};

use super::Disputed;

/// All fields of all cards by property name.
pub(super) struct Table {
    pub columns: BTreeMap<String, Column>,
    cards: usize,
}

/// The fields of one property: those of the card that goes on first, then the other cards' in an
/// order that their content alone decides.
#[derive(Default)]
pub(super) struct Column {
    name: String,
    /// How many cards there are, with or without this property.
    cards: usize,
    fields: Vec<Placed>,
}

/// A field and the index of its card.
pub(super) struct Placed {
    pub card: usize,
    pub field: Field,
}

/// A value of the united card.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub field: Field,
    /// The lines of the card that goes on which say this value.
    pub lines: Vec<FieldKey>,
}

impl Table {
    pub fn of(cards: &[&Card]) -> Table {
        let mut rows: Vec<(usize, Vec<Field>)> = cards
            .iter()
            .enumerate()
            .map(|(index, card)| (index, card.fields()))
            .collect();
        if let Some((_, others)) = rows.split_first_mut() {
            others.sort_by_key(|(index, fields)| {
                (Reverse(fields.len()), cards[*index].bytes().to_vec())
            });
        }
        let mut table = Table {
            columns: BTreeMap::new(),
            cards: cards.len(),
        };
        for (card, fields) in rows {
            for field in fields {
                let name = field.name().to_owned();
                let empty = || table_column(&name, cards.len());
                let column = table.columns.entry(name.clone()).or_insert_with(empty);
                column.fields.push(Placed { card, field });
            }
        }
        table
    }

    /// The fields of this name; an empty column where no card has it.
    pub fn column(&self, name: &str) -> Column {
        let mut column = table_column(name, self.cards);
        if let Some(there) = self.columns.get(name) {
            column
                .fields
                .extend(there.fields.iter().map(|placed| Placed {
                    card: placed.card,
                    field: placed.field.clone(),
                }));
        }
        column
    }
}

fn table_column(name: &str, cards: usize) -> Column {
    Column {
        name: name.to_owned(),
        cards,
        fields: Vec::new(),
    }
}

impl Column {
    /// The fields of all cards, each with the index of its card.
    pub fn fields(&self) -> &[Placed] {
        &self.fields
    }

    /// The fields of the card that goes on.
    pub fn ours(&self) -> impl Iterator<Item = &Field> {
        let ours = self.fields.iter().filter(|placed| placed.is_ours());
        ours.map(|placed| &placed.field)
    }

    /// The key of the first field, which says what the values of this property are.
    pub fn key(&self) -> FieldKey {
        self.fields.first().map_or_else(
            || FieldKey {
                name: self.name.clone(),
                value: String::new(),
            },
            |placed| placed.field.key().clone(),
        )
    }

    /// The first value of a card that says something.
    pub fn first_of(&self, card: usize) -> Option<&Field> {
        let first = self
            .fields
            .iter()
            .find(|placed| placed.card == card && placed.says_something());
        first.map(|placed| &placed.field)
    }

    /// The first field of each card that says something.
    pub fn firsts(&self) -> impl Iterator<Item = &Placed> {
        let mut last = None;
        let says_something = self.fields.iter().filter(|placed| placed.says_something());
        says_something.filter(move |placed| last.replace(placed.card) != Some(placed.card))
    }

    /// The dispute about this property, where `taken` stands and `is_told` is not true of every
    /// card's value.
    pub fn dispute(&self, taken: usize, is_told: impl Fn(&Field) -> bool) -> Option<Disputed> {
        let values: Vec<Option<Field>> = (0..self.cards)
            .map(|card| self.first_of(card).cloned())
            .collect();
        let all_told = values.iter().flatten().all(is_told);
        (!all_told).then(|| Disputed {
            name: self.name.clone(),
            values,
            taken,
        })
    }
}

impl Placed {
    pub fn is_ours(&self) -> bool {
        self.card == 0
    }

    pub fn says_something(&self) -> bool {
        !self.field.value().is_empty()
    }
}

impl Item {
    pub fn of(placed: &Placed) -> Item {
        Item {
            field: placed.field.clone(),
            lines: if placed.is_ours() {
                vec![placed.field.key().clone()]
            } else {
                Vec::new()
            },
        }
    }

    pub fn new(field: Field) -> Item {
        Item {
            field,
            lines: Vec::new(),
        }
    }
}

/// The changes that make these items, in this order, of what the first card has of a property.
pub(super) fn changes(column: &Column, items: Vec<Item>) -> Vec<Change> {
    let before: BTreeMap<FieldKey, &Field> = column
        .ours()
        .map(|field| (field.key().clone(), field))
        .collect();
    let after: Vec<Item> = items
        .into_iter()
        .enumerate()
        .map(|(at, item)| Item {
            field: match at {
                0 => item.field.as_first_line(),
                _ => item.field.as_further_line(),
            },
            lines: item.lines,
        })
        .collect();
    let wanted: BTreeSet<FieldKey> = after.iter().map(|item| item.field.key().clone()).collect();
    let mut free: BTreeSet<FieldKey> = before
        .keys()
        .filter(|key| !wanted.contains(key))
        .cloned()
        .collect();
    let mut edits = Vec::new();
    let mut added = Vec::new();
    for item in after {
        let key = item.field.key().clone();
        match before.get(&key) {
            Some(there) if **there == item.field => {}
            Some(_) => edits.push(Change::Replace(key, item.field)),
            // Its own line, under the key that it had in another spelling, is written over.
            None => match item.lines.into_iter().find(|line| free.remove(line)) {
                Some(line) => edits.push(Change::Replace(line, item.field)),
                None => added.push(Change::Add(item.field)),
            },
        }
    }
    edits.extend(free.into_iter().map(Change::Remove));
    edits.extend(added);
    edits
}
