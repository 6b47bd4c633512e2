//! The names of our properties, and how their lines are written.

use crate::card::{Change, Field, FieldKey};

pub const TIER: &str = "X-CARDWEAVE-TIER";
pub const CADENCE: &str = "X-CARDWEAVE-CADENCE";
pub const LAST_CONTACT: &str = "X-CARDWEAVE-LAST-CONTACT";
pub const SNOOZE: &str = "X-CARDWEAVE-SNOOZE";
pub const LOG: &str = "X-CARDWEAVE-LOG";
pub const PROMISE: &str = "X-CARDWEAVE-PROMISE";
pub const MET: &str = "X-CARDWEAVE-MET";
pub const GOAL: &str = "X-CARDWEAVE-GOAL";
pub const GOAL_BY: &str = "X-CARDWEAVE-GOAL-BY";
pub const GOAL_TARGET: &str = "X-CARDWEAVE-GOAL-TARGET";
pub const GOAL_STATUS: &str = "X-CARDWEAVE-GOAL-STATUS";
pub const CATEGORIES: &str = "CATEGORIES";

/// The change that gives a property that a card has once this value.
pub fn one(name: &str, value: &str) -> Change {
    let field = Field::new(name, value);
    Change::Replace(field.key().clone(), field)
}

/// The same, or the one that takes it away.
pub fn one_or_none(name: &str, value: Option<&str>) -> Change {
    match value {
        Some(value) => one(name, value),
        None => Change::Remove(FieldKey {
            name: name.to_owned(),
            value: String::new(),
        }),
    }
}

/// A line with an ID: what it says, in one line, and its parameters in the order of their names.
/// A parameter without a value is left out.
pub(super) fn entry(name: &str, id: &str, text: &str, params: &[(&str, Option<String>)]) -> Field {
    let mut field = Field::new(name, &in_one_line(text)).with_param("ID", Some(id.to_owned()));
    for (param, value) in params {
        let value = value.as_ref().map(|value| in_one_line(value));
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            field = field.with_param(param, Some(value));
        }
    }
    field
}

/// A text without line breaks, tabs and other control characters, and with single blanks.
pub fn in_one_line(text: &str) -> String {
    let words: Vec<String> = text
        .split_whitespace()
        .map(|word| word.chars().filter(|char| !char.is_control()).collect())
        .collect();
    let words = words.iter().map(String::as_str);
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A parameter of a line, if it says anything.
pub(super) fn param<'f>(field: &'f Field, name: &str) -> Option<&'f str> {
    field
        .params()
        .get(name)
        .map(|value| value.trim())
        .filter(|value| !value.is_empty())
}

/// The ID of a line; the text of one that some other program wrote without.
pub(super) fn id(field: &Field) -> String {
    field.key().value.clone()
}
