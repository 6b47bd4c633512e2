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

    /// The question about one field of one contact.
    pub fn of_field(contact: &ContactId, field: &FieldKey) -> Self {
        let text = format!("{contact}\0{}\0{}", field.name, field.value);
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

/// A field that stores changed differently. It stays as it is everywhere until it is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Question {
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

impl Question {
    pub(super) fn about(contact: &ContactId, name: &str, conflict: &Conflict) -> Self {
        Question {
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
