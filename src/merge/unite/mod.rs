//! Several cards of one person become one card.
//!
//! The first card goes on: its bytes, its UID and its version stay but for the lines that change.
//! Per property one of four things happens to the values of all cards:
//!
//! | property | what becomes of its values | file |
//! | --- | --- | --- |
//! | `TEL`, `ADR`, `URL`, `CATEGORIES` and all that a card has any number of, also what nobody knows | each value once, in its better form, with the types, labels and preference of all | `several` |
//! | `ORG`, `TITLE`, `ROLE` | the same; a value that is part of another is that other one; several are several lines, and a person may say which comes first | `several` |
//! | `BDAY`, `GENDER`, `PHOTO`, our tier, and what else a card has once | one value stands, the others are told | `single` |
//! | `FN`, `N` | the fuller name; another name is a nickname or told | `name` |
//! | `NOTE` | one text of all paragraphs, each once | `note` |
//! | entries with an ID, such as `X-CARDWEAVE-LOG` | each once, by ID; lines of the log that others fold go | `entry` |
//!
//! What cannot stand beside the value that does is told in a line of the note, `Also: BDAY
//! 1980-01-02`. `GEO`, `TZ` and `LANG` may stand in a card several times (RFC 6350 sections 6.4.4,
//! 6.5.1, 6.5.2), so they are a set and nothing has to be decided.

mod column;
mod entry;
mod kin;
mod name;
mod note;
mod several;
mod single;
mod words;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::card::{Card, Field};

use super::folds::without_folded;
use super::rule::{Rule, rule};
use column::{Table, changes};
use kin::Kin;
use single::Single;

/// The one card that several cards of one person become.
#[derive(Debug, Clone)]
pub struct United {
    pub card: Card,
    /// Where a card has room for one value and the cards have several, by name.
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
/// `take` says by property name whose value stands where a card has room for one; for `ORG`,
/// `TITLE` and `ROLE`, whose value comes first. A card that has none is not taken. The order of the
/// cards after the first does not matter. `None` without any card.
pub fn unite(cards: &[&Card], take: &BTreeMap<String, usize>) -> Option<United> {
    let (first, others) = cards.split_first()?;
    let mut united = United {
        card: (*first).clone(),
        disputed: Vec::new(),
    };
    if others.is_empty() {
        return Some(united);
    }
    let table = Table::of(cards);
    let names = name::unite(&table, take);
    let mut edits = changes(&table.column("FN"), names.full);
    edits.extend(changes(&table.column("N"), names.parts));
    let nicknames = table.column("NICKNAME");
    let mut told = names.told;
    united.disputed.extend(names.disputed);
    edits.extend(changes(
        &nicknames,
        several::with(several::gather(&nicknames, &Kin::FOLDED), names.nicknames),
    ));

    for (name, column) in &table.columns {
        let taken = take.get(name).copied();
        let items = match name.as_str() {
            "FN" | "N" | "NICKNAME" | "NOTE" => continue,
            "ORG" | "TITLE" | "ROLE" => {
                let (items, disputed) = several::ranked(column, taken);
                united.disputed.extend(disputed);
                items
            }
            "LABEL" => several::without_printed(column, &table.column("ADR")),
            "X-CARDWEAVE-DISTINCT" => several::without_united(column, cards),
            _ => match (Single::of(name), rule(&column.key())) {
                (Some(single), _) => {
                    let choice = single.choose(column, taken);
                    told.extend(choice.told);
                    united.disputed.extend(choice.disputed);
                    choice.items
                }
                (None, Rule::Kept | Rule::Entry) => entry::gather(column),
                _ => several::gather(column, &Kin::of(name)),
            },
        };
        edits.extend(changes(column, items));
    }
    let notes = table.column("NOTE");
    edits.extend(changes(&notes, note::join(&notes, &told)));

    united.card = without_folded(&first.apply(&edits));
    united
        .disputed
        .sort_by(|one, other| one.name.cmp(&other.name));
    Some(united)
}

/// Which of several cards of one person is best kept as the one that goes on: the one that says
/// most. The order does not matter.
pub fn survivor(cards: &[&Card]) -> Option<usize> {
    (0..cards.len()).max_by_key(|&index| {
        let card = cards[index];
        let says_something = |field: &&Field| !field.value().is_empty();
        let fields = card.fields();
        (
            fields.iter().filter(says_something).count(),
            card.uid().is_some(),
            card.version(),
            card.bytes().to_vec(),
        )
    })
}
