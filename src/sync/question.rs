//! What only a person can settle.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::book::{ContactId, StoreId};
use crate::card::FieldKey;
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
        let digest = Sha256::digest(text.as_bytes());
        QuestionId(
            digest[..4]
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        )
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

impl Conflicting {
    pub(super) fn about(contact: &ContactId, name: &str, conflict: &Conflict) -> Self {
        Conflicting {
            id: QuestionId::of_field(contact, &conflict.field),
            contact: contact.clone(),
            name: name.to_owned(),
            field: conflict.field.name.clone(),
            agreed: conflict.agreed.as_ref().map(|field| field.text()),
            sides: conflict
                .sides
                .iter()
                .map(|(store, field)| (store.clone(), field.as_ref().map(|field| field.text())))
                .collect(),
        }
    }
}
