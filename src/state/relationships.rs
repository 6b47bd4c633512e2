//! What the contacts of a book say of their relationships, without a card being read.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};

use super::State;
use super::blobs::{BlobId, Cards};
use super::error::StateError;
use super::notes::find_book;
use crate::book::ContactId;
use crate::card::Card;
use crate::contact::{Acquaintance, Relationship};

impl State {
    /// Everybody of a book, groups and goals too, by name and then by id. One pass over one table.
    pub fn acquaintances(&self, book: &str) -> Result<Vec<Acquaintance>, StateError> {
        self.ask("Reading the relationships of a book", |connection| {
            let mut cards = Cards::of(connection);
            let mut statement = connection.prepare_cached(
                "SELECT contact, name, relationship, agreed FROM contact WHERE book = ?1
                 ORDER BY name, contact",
            )?;
            let mut rows = statement.query([find_book(connection, book)?])?;
            let mut acquaintances = Vec::new();
            while let Some(row) = rows.next()? {
                let name: String = row.get(1)?;
                let kept: Option<String> = row.get(2)?;
                let relationship = match kept.map(|json| serde_json::from_str(&json)) {
                    Some(Ok(relationship)) => relationship,
                    // From before these were kept, and no run has been since; the card knows.
                    _ => Relationship::of(&cards.get(row.get(3)?, &name)?),
                };
                acquaintances.push(Acquaintance {
                    id: ContactId::new(row.get::<_, String>(0)?),
                    name,
                    relationship,
                });
            }
            Ok(acquaintances)
        })
    }

    /// The contacts of a book with this mail address or number, normalised as
    /// [`crate::card::Field::value`] has it.
    pub fn reached_by(&self, book: &str, value: &str) -> Result<BTreeSet<ContactId>, StateError> {
        self.ask("Looking for an address", |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT contact.contact FROM contact, json_each(contact.relationship, '$.reached_by')
                 WHERE contact.book = ?1 AND instr(contact.relationship, ?2) > 0
                   AND json_each.value = ?2",
            )?;
            let mut rows = statement.query(params![find_book(connection, book)?, value])?;
            let mut contacts = BTreeSet::new();
            while let Some(row) = rows.next()? {
                contacts.insert(ContactId::new(row.get::<_, String>(0)?));
            }
            Ok(contacts)
        })
    }

    /// The contacts of a book that are filed under a key that starts like this.
    pub fn filed_under(&self, book: &str, start: &str) -> Result<BTreeSet<ContactId>, StateError> {
        self.ask("Looking for a UID", |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT contact.contact
                 FROM match_key JOIN contact ON contact.id = match_key.contact
                 WHERE match_key.key >= ?1 AND match_key.key < ?2 AND contact.book = ?3",
            )?;
            let end = format!("{start}{}", char::MAX);
            let mut rows = statement.query(params![start, end, find_book(connection, book)?])?;
            let mut contacts = BTreeSet::new();
            while let Some(row) = rows.next()? {
                contacts.insert(ContactId::new(row.get::<_, String>(0)?));
            }
            Ok(contacts)
        })
    }
}

/// The relationship of a card as it is kept.
pub(super) fn written(agreed: &Card) -> String {
    serde_json::json!(Relationship::of(agreed)).to_string()
}

/// Reads the cards that were saved before relationships were kept. Costs nothing where there are
/// none; a card that cannot be read is left to whoever asks for it.
pub(super) fn fill(connection: &mut Connection) -> rusqlite::Result<()> {
    const UNREAD: &str = "SELECT id, name, agreed FROM contact WHERE relationship IS NULL";
    let filling = connection.transaction()?;
    {
        let mut cards = Cards::of(&filling);
        let mut unread = filling.prepare(UNREAD)?;
        let mut update = filling.prepare("UPDATE contact SET relationship = ?2 WHERE id = ?1")?;
        let rows: Vec<(i64, String, BlobId)> = unread
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<Result<_, _>>()?;
        for (id, name, agreed) in rows {
            if let Ok(card) = cards.get(agreed, &name) {
                update.execute(params![id, written(&card)])?;
            }
        }
    }
    filling.commit()
}
