//! What a card is: its bytes, its lines, and its fields by meaning. Knows nothing of the rest.
//!
//! Three layers, each built on the one before and none of them lossy:
//!
//! * the **bytes**, which are the truth and travel unchanged;
//! * the **lines**, the content lines of RFC 6350 section 3.3 with their exact byte ranges;
//! * the **fields**, what the lines mean, whatever version, spelling, order or charset they use.
//!
//! Edits go the other way: a [`Change`] names a field, and only the lines of that field are
//! written anew; every other byte stays.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

/// One vCard: bytes in, the same bytes out.
#[derive(Clone)]
pub struct Card {
    bytes: std::sync::Arc<[u8]>,
}

/// The version a card declares. A card that declares none, or one we do not know, is read as 3.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Version {
    V2_1,
    V3_0,
    V4_0,
}

/// Why some bytes are no card: empty, torn, a web page. Such bytes are never written anywhere and
/// never count as a deletion.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct NotACard {
    /// 1-based physical line.
    pub line: usize,
    pub reason: String,
}

/// A line that is carried as it is because nobody understands it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oddity {
    /// 1-based physical line.
    pub line: usize,
    pub reason: String,
}

/// What makes two field values of two cards "the same field".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FieldKey {
    /// Version-neutral property name in capitals: `ANNIVERSARY` also for `X-ANNIVERSARY`.
    pub name: String,
    /// The normalised value: E.164-like digits of a number, a lower-case mail address, the hash of
    /// an image, the `ID` of an entry such as `X-CARDWEAVE-LOG`.
    pub value: String,
}

/// One value of a card by meaning. Two fields with equal meaning compare equal, whatever the
/// spelling, version or position of the lines they come from.
#[derive(Debug, Clone)]
pub struct Field {}

/// One edit of a card.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    Add(Field),
    Remove(FieldKey),
    /// In place: the line keeps its position and its group.
    Replace(FieldKey, Field),
}

impl Card {
    pub fn parse(bytes: &[u8]) -> Result<Card, NotACard> {
        Ok(Card {
            bytes: bytes.into(),
        })
    }
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}
impl PartialEq for Card {
    fn eq(&self, other: &Card) -> bool {
        self.bytes == other.bytes
    }
}
impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.bytes))
    }
}
impl PartialEq for Field {
    fn eq(&self, _: &Field) -> bool {
        true
    }
}
