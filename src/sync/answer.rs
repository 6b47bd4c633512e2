//! What a person decided, and how the state keeps it.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::book::{ContactId, StoreId};

/// An answer to one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The value of this store is right.
    Take(StoreId),
    /// The two contacts are one person.
    Merge(Merging),
    /// They are two.
    Apart,
}

/// How two contacts become one. All empty: as the rules have it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Merging {
    /// The contact whose entries go on; its UID and addresses stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep: Option<ContactId>,
    /// By property name, the contact whose value is taken where a card has room for one.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub take: BTreeMap<String, ContactId>,
    /// The whole card as a person wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
    /// A run has joined the values and has entries left to delete.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub begun: bool,
}

/// Why a text is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no answer; one of: merge, apart, take STORE")]
pub struct NotAnAnswer(String);

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Take(store) => write!(f, "take {store}"),
            Answer::Apart => f.write_str("apart"),
            Answer::Merge(merging) if *merging == Merging::default() => f.write_str("merge"),
            Answer::Merge(merging) => write!(f, "merge {}", serde_json::json!(merging)),
        }
    }
}

impl FromStr for Answer {
    type Err = NotAnAnswer;

    fn from_str(text: &str) -> Result<Self, NotAnAnswer> {
        let no_answer = || NotAnAnswer(text.to_owned());
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        match (word, rest.trim()) {
            ("apart", "") => Ok(Answer::Apart),
            ("merge", "") => Ok(Answer::Merge(Merging::default())),
            ("merge", how) => serde_json::from_str(how)
                .map(Answer::Merge)
                .map_err(|_| no_answer()),
            ("take", store) if !store.is_empty() => Ok(Answer::Take(StoreId::new(store))),
            _ => Err(no_answer()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_reads_back_as_it_was_given() {
        let merging = Merging {
            keep: Some(ContactId::new("b")),
            take: BTreeMap::from([("FN".into(), ContactId::new("a"))]),
            card: Some("BEGIN:VCARD\r\n".into()),
            begun: true,
        };
        for answer in [
            Answer::Take(StoreId::new("my phone")),
            Answer::Apart,
            Answer::Merge(Merging::default()),
            Answer::Merge(merging),
        ] {
            assert_eq!(answer.to_string().parse(), Ok(answer));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "take",
            "take ",
            "apart x",
            "merge x",
            "accept",
            "merge {\"x\":1}",
        ] {
            assert!(text.parse::<Answer>().is_err(), "{text}");
        }
    }
}
