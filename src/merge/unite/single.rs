//! Properties that a card has once: one value stands, the others are told.

use crate::card::Field;
use crate::merge::rule::{Rule, rule};
use crate::merge::settle::day;

use super::Disputed;
use super::column::{Column, Item, Placed};
use super::words::fold;

/// How one of several values of a property is chosen.
#[derive(Clone, Copy)]
pub(super) struct Single {
    /// Whether the first is to be taken rather than the second, although that came first.
    beats: fn(&Field, &Field) -> bool,
    /// Whether nothing is lost of the second where the first stands.
    covers: fn(&Field, &Field) -> bool,
    /// Whether the note tells of a value that does not stand.
    is_told: bool,
}

/// What became of a property that a card has once.
pub(super) struct Choice {
    pub items: Vec<Item>,
    pub disputed: Option<Disputed>,
    /// Lines for the note.
    pub told: Vec<String>,
}

impl Single {
    /// How a property is chosen; `None` for those that a card has any number of times, and for
    /// those nobody told us about.
    ///
    /// | property | stands |
    /// | --- | --- |
    /// | `BDAY`, `ANNIVERSARY`, `DEATHDATE` | the first; a whole date before the same one with less of it |
    /// | `GENDER` | the first; one with its text before the same without |
    /// | `KIND`, `LANGUAGE`, `BIRTHPLACE`, `DEATHPLACE` | the first |
    /// | `PHOTO`, `LOGO`, `SOUND` | the one with the most octets; what lies elsewhere, and what cannot be decoded, only where there is none |
    /// | `X-CARDWEAVE-TIER` | the higher: who is close to one of the cards is close |
    /// | `X-CARDWEAVE-LAST-CONTACT`, `X-CARDWEAVE-SNOOZE` | the later |
    /// | `X-CARDWEAVE-CADENCE` and the goal's own properties | the first: it was set by hand |
    ///
    /// The first is the value of the card that goes on. Of properties of ours, pictures and sounds
    /// the note tells nothing: it is for people.
    pub fn of(name: &str) -> Option<Single> {
        let none = |_: &Field, _: &Field| false;
        let told = |covers: fn(&Field, &Field) -> bool| Single {
            beats: covers,
            covers,
            is_told: true,
        };
        let untold = |beats: fn(&Field, &Field) -> bool| Single {
            beats,
            covers: none,
            is_told: false,
        };
        Some(match name {
            "BDAY" | "ANNIVERSARY" | "DEATHDATE" => told(is_fuller_date),
            "GENDER" => told(starts_like),
            "KIND" | "LANGUAGE" | "BIRTHPLACE" | "DEATHPLACE" => told(none),
            "PHOTO" | "LOGO" | "SOUND" => untold(|one, other| size(one) > size(other)),
            "X-CARDWEAVE-TIER" => untold(|one, other| height(one) > height(other)),
            "X-CARDWEAVE-LAST-CONTACT" | "X-CARDWEAVE-SNOOZE" => Single {
                beats: |one, other| day(one) > day(other),
                covers: |one, other| day(one) >= day(other),
                is_told: false,
            },
            _ if name.starts_with("X-CARDWEAVE-") => match rule(Field::new(name, "x").key()) {
                Rule::One => untold(none),
                _ => return None,
            },
            _ => return None,
        })
    }

    /// Chooses among the values of a column. `taken` is the card that a person chose.
    pub fn choose(self, column: &Column, taken: Option<usize>) -> Choice {
        let values: Vec<&Placed> = column
            .fields()
            .iter()
            .filter(|placed| placed.says_something())
            .collect();
        let by_person = taken.and_then(|card| values.iter().find(|value| value.card == card));
        let standing = match (by_person, values.split_first()) {
            (Some(standing), _) => *standing,
            (None, Some((first, others))) => others.iter().fold(*first, |standing, value| {
                match (self.beats)(&value.field, &standing.field) {
                    true => value,
                    false => standing,
                }
            }),
            // Empty lines of our own stay.
            (None, None) => return Choice::of(column.ours().cloned().collect()),
        };
        let stands_for = |field: &Field| {
            fold(field.value()) == fold(standing.field.value())
                || (self.covers)(&standing.field, field)
        };
        let further: Vec<Field> = column
            .ours()
            .filter(|field| {
                !field.key().value.is_empty() && field.value() != standing.field.value()
            })
            .cloned()
            .collect();
        let is_there = |field: &Field| {
            further
                .iter()
                .any(|further| further.value() == field.value())
        };
        let lost = values
            .iter()
            .map(|value| &value.field)
            .filter(|field| self.is_told && !stands_for(field) && !is_there(field));
        let mut choice = Choice::of(Vec::new());
        choice.told = lost
            .map(|field| format!("{} {}", field.name(), field.text()))
            .collect();
        choice.disputed = column.dispute(standing.card, stands_for);
        // A spelling of our own for what stands is good enough.
        let ours = column
            .first_of(0)
            .filter(|ours| ours.value() == standing.field.value());
        choice
            .items
            .push(Item::new(ours.unwrap_or(&standing.field).clone()));
        choice.items.extend(further.into_iter().map(Item::new));
        choice
    }
}

impl Choice {
    fn of(fields: Vec<Field>) -> Choice {
        Choice {
            items: fields.into_iter().map(Item::new).collect(),
            disputed: None,
            told: Vec::new(),
        }
    }
}

/// Whether the first date says the second and more: a year where the other has none, a day, a time.
fn is_fuller_date(one: &Field, other: &Field) -> bool {
    let (one, other) = (one.value(), other.value());
    let without_year = |date: &str| Some(format!("--{}", date.get(4..)?));
    let is_date = |text: &str| text.bytes().all(|byte| b"0123456789-+.:TZ".contains(&byte));
    is_date(one)
        && is_date(other)
        && one.len() > other.len()
        && (one.starts_with(other.replace('-', "").as_str()) && !other.starts_with('-')
            || without_year(one).is_some_and(|day| day.starts_with(other) && other.len() == 6))
}

/// Whether the first structured value goes on where the second ends.
fn starts_like(one: &Field, other: &Field) -> bool {
    let (one, other) = (one.components(), other.components());
    one.len() > other.len() && one.iter().zip(&other).all(|(a, b)| fold(a) == fold(b))
}

/// The size of a picture or sound; less than any for what is not inside of the card.
fn size(field: &Field) -> (u8, usize) {
    match (field.octets(), field.value().split_once("://")) {
        (Some(octets), _) => (2, octets),
        (None, Some(_)) => (1, 0),
        (None, None) => (0, 0),
    }
}

/// How high a tier is; what is none is below all.
fn height(field: &Field) -> u8 {
    match field.value().to_uppercase().as_str() {
        "A" => 4,
        "B" => 3,
        "C" => 2,
        "D" => 1,
        _ => 0,
    }
}
