//! What only a person can settle.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::book::{ContactId, StoreId};
use crate::card::{Field, FieldKey, digest};
use crate::contact::day_of_card;
use crate::merge::Conflict;

/// Names a question; the same for the same question in every run.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct QuestionId(String);

impl QuestionId {
    pub fn new(text: impl Into<String>) -> Self {
        QuestionId(text.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The question whether two contacts are one person, whichever comes first.
    pub fn of_pair(one: &ContactId, other: &ContactId) -> Self {
        let (first, second) = if one <= other {
            (one, other)
        } else {
            (other, one)
        };
        QuestionId::of_text(&format!("pair\0{first}\0{second}"))
    }

    /// The question about one field of one contact.
    pub fn of_field(contact: &ContactId, field: &FieldKey) -> Self {
        QuestionId::of_text(&format!("{contact}\0{}\0{}", field.name, field.value))
    }

    fn of_text(text: &str) -> Self {
        QuestionId(digest(text.as_bytes(), 4))
    }
}

impl fmt::Display for QuestionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Something that only a person can settle. What it is about stays as it is in every store until it
/// is answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Question {
    /// A field that stores changed differently.
    Conflict(Conflicting),
    /// Two contacts that may be one person.
    Duplicate(Alike),
}

/// A field that stores changed differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Conflicting {
    pub id: QuestionId,
    pub contact: ContactId,
    /// The contact's name, for reading.
    pub name: String,
    pub field: String,
    /// What was last agreed on, if anything.
    pub agreed: Option<String>,
    /// What each store holds now; `null`: removed there.
    pub sides: BTreeMap<StoreId, Option<String>>,
}

/// Two contacts that may be one person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Alike {
    pub id: QuestionId,
    pub contacts: [ContactId; 2],
    /// The contacts' names, for reading.
    pub names: [String; 2],
    /// The probability that they are one person, 0 to 1; none where a person brought them together.
    pub score: Option<f64>,
    /// Certain enough to be merged without a question, where the book allows that.
    pub is_certain: bool,
    /// What speaks for it and against it, the strongest first.
    pub reasons: Vec<Why>,
}

/// One thing that speaks for or against two cards being one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Why {
    pub speaks_for: bool,
    /// In words, with values from the cards; not made safe for a terminal.
    pub text: String,
}

impl Question {
    pub fn id(&self) -> &QuestionId {
        match self {
            Question::Conflict(conflicting) => &conflicting.id,
            Question::Duplicate(alike) => &alike.id,
        }
    }

    /// The contact's name, for reading and sorting.
    pub fn name(&self) -> &str {
        match self {
            Question::Conflict(conflicting) => &conflicting.name,
            Question::Duplicate(alike) => &alike.names[0],
        }
    }

    /// The conflict, where it is one.
    pub fn conflict(&self) -> Option<&Conflicting> {
        match self {
            Question::Conflict(conflicting) => Some(conflicting),
            Question::Duplicate(_) => None,
        }
    }

    /// The contact that it is filed under.
    pub fn contact(&self) -> &ContactId {
        match self {
            Question::Conflict(conflicting) => &conflicting.contact,
            Question::Duplicate(alike) => &alike.contacts[0],
        }
    }

    /// Reads what [`Question::payload`] wrote, and what versions wrote that knew conflicts alone.
    ///
    /// # Errors
    /// It is neither.
    pub fn read(payload: &str) -> Result<Question, serde_json::Error> {
        match serde_json::from_str(payload) {
            Ok(question) => Ok(question),
            Err(error) => serde_json::from_str(payload)
                .map(Question::Conflict)
                .map_err(|_| error),
        }
    }

    /// The question as the state keeps it.
    pub fn payload(&self) -> String {
        serde_json::json!(self).to_string()
    }
}

impl Alike {
    /// Two contacts whom nobody but a person brought together.
    pub fn by_hand(contacts: [ContactId; 2], names: [String; 2]) -> Self {
        Alike {
            id: QuestionId::of_pair(&contacts[0], &contacts[1]),
            contacts,
            names,
            score: None,
            is_certain: false,
            reasons: Vec::new(),
        }
    }
}

/// What a value says, and after it those of the parameters in which it is not like the others.
fn told(field: &Field, unlike: &BTreeSet<&String>) -> String {
    let params = params_of(field, unlike);
    match params.is_empty() {
        true => field.text(),
        false => format!("{} ({})", field.text(), params.join(", ")),
    }
}

/// The parameters of these names, for reading: `DUE 2026-12-01`.
pub(super) fn params_of(field: &Field, names: &BTreeSet<&String>) -> Vec<String> {
    let params = field.params().iter();
    params
        .filter(|(name, _)| names.contains(name))
        .map(|(name, value)| match day_of_card(value) {
            Some(day) if value.len() == 8 => format!("{name} {day}"),
            _ => format!("{name} {value}"),
        })
        .collect()
}

/// The parameters that not all of these values have alike.
pub(super) fn unlike<'f>(fields: &[&'f Field]) -> BTreeSet<&'f String> {
    let names = fields.iter().flat_map(|field| field.params().keys());
    names
        .filter(|name| {
            let mut values = fields.iter().map(|field| field.params().get(*name));
            let first = values.next();
            values.any(|value| Some(value) != first)
        })
        .collect()
}

impl Conflicting {
    pub(super) fn about(contact: &ContactId, name: &str, conflict: &Conflict) -> Self {
        let sides = conflict.sides.values().flatten();
        let all: Vec<&Field> = conflict.agreed.iter().chain(sides).collect();
        let unlike = unlike(&all);
        let told = |field: &Field| told(field, &unlike);
        Conflicting {
            id: QuestionId::of_field(contact, &conflict.field),
            contact: contact.clone(),
            name: name.to_owned(),
            field: conflict.field.name.clone(),
            agreed: conflict.agreed.as_ref().map(told),
            sides: conflict
                .sides
                .iter()
                .map(|(store, field)| (store.clone(), field.as_ref().map(told)))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::Card;

    fn field(line: &str) -> Field {
        let text = format!("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ada\r\n{line}\r\nEND:VCARD\r\n");
        let fields = Card::parse(text.as_bytes()).unwrap().fields();
        fields
            .into_iter()
            .find(|field| field.name() != "FN")
            .unwrap()
    }

    #[test]
    fn what_differs_in_parameters_alone_is_told() {
        let promise = |params: &str| field(&format!("X-CARDWEAVE-PROMISE;ID=1;{params}:offer"));
        let conflict = Conflict {
            field: promise("DUE=20261201").key().clone(),
            agreed: Some(promise("DUE=20261201;SIDE=mine")),
            sides: BTreeMap::from([
                ("a".into(), Some(promise("DUE=20261220;SIDE=mine"))),
                (
                    "b".into(),
                    Some(promise("DUE=20261201;SIDE=mine;STATUS=kept")),
                ),
                ("c".into(), None),
            ])
            .into_iter()
            .map(|(store, side): (String, _)| (StoreId::new(store), side))
            .collect(),
        };
        let asked = Conflicting::about(&ContactId::new("ada"), "Ada", &conflict);
        assert_eq!(asked.agreed.as_deref(), Some("offer (DUE 2026-12-01)"));
        let sides: Vec<Option<&str>> = asked.sides.values().map(Option::as_deref).collect();
        assert_eq!(
            sides,
            [
                Some("offer (DUE 2026-12-20)"),
                Some("offer (DUE 2026-12-01, STATUS kept)"),
                None
            ]
        );
    }
}
