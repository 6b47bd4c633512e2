//! Keeps the bytes of cards once each, by their SHA-256.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

use super::error::Trouble;
use crate::card::Card;

/// The number of a blob. Equal numbers mean equal bytes, and the other way round.
pub(super) type BlobId = i64;

/// Keeps the bytes of `card`, or finds them.
pub(super) fn keep(connection: &Connection, card: &Card) -> Result<BlobId, Trouble> {
    let hash = Sha256::digest(card.bytes());
    let known = connection
        .prepare_cached("SELECT id FROM blob WHERE sha256 = ?1")?
        .query_row([hash.as_slice()], |row| row.get(0))
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    connection
        .prepare_cached("INSERT INTO blob (sha256, bytes) VALUES (?1, ?2)")?
        .execute(params![hash.as_slice(), card.bytes()])?;
    Ok(connection.last_insert_rowid())
}

/// Reads cards back. A card that several rows name is read and parsed once.
pub(super) struct Cards<'a> {
    connection: &'a Connection,
    seen: BTreeMap<BlobId, Card>,
}

impl<'a> Cards<'a> {
    pub fn of(connection: &'a Connection) -> Self {
        Cards {
            connection,
            seen: BTreeMap::new(),
        }
    }

    /// The card with this number; `whose` names it in an error.
    pub fn get(&mut self, id: BlobId, whose: &str) -> Result<Card, Trouble> {
        if let Some(card) = self.seen.get(&id) {
            return Ok(card.clone());
        }
        let (hash, bytes): (Vec<u8>, Vec<u8>) = self
            .connection
            .prepare_cached("SELECT sha256, bytes FROM blob WHERE id = ?1")?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?
            .ok_or_else(|| Trouble::Damaged(format!("a card of {whose} is missing")))?;
        if !is_whole(&hash, &bytes) {
            return Err(Trouble::Damaged(format!(
                "a card of {whose} is not what was saved"
            )));
        }
        let card = Card::parse(&bytes).map_err(|reason| {
            Trouble::Card(format!(
                "the remembered card of {whose} cannot be read: {reason}"
            ))
        })?;
        self.seen.insert(id, card.clone());
        Ok(card)
    }

    /// As [`Cards::get`], for a column that may be empty.
    pub fn find(&mut self, id: Option<BlobId>, whose: &str) -> Result<Option<Card>, Trouble> {
        id.map(|id| self.get(id, whose)).transpose()
    }
}

/// Whether each blob still is what was written: SQLite guards its own structure, not our bytes.
pub(super) fn are_whole(connection: &Connection) -> rusqlite::Result<bool> {
    let mut statement = connection.prepare("SELECT sha256, bytes FROM blob")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if !is_whole(row.get_ref(0)?.as_blob()?, row.get_ref(1)?.as_blob()?) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn is_whole(hash: &[u8], bytes: &[u8]) -> bool {
    Sha256::digest(bytes).as_slice() == hash
}

/// Removes the blobs that nothing names any more. What the history names stays for good: without
/// it a run could not be undone, and the cards of a whole life are a few megabytes.
pub(super) fn sweep(connection: &Connection) -> Result<usize, Trouble> {
    Ok(connection.execute(
        "DELETE FROM blob WHERE id NOT IN (
             SELECT agreed FROM contact
             UNION ALL SELECT held FROM entry WHERE held IS NOT NULL
             UNION ALL SELECT given FROM entry WHERE given IS NOT NULL
             UNION ALL SELECT sent FROM entry WHERE sent IS NOT NULL
             UNION ALL SELECT agreed FROM member UNION ALL SELECT joined FROM member
             UNION ALL SELECT held FROM member_entry UNION ALL SELECT given FROM member_entry
             UNION ALL SELECT before FROM done WHERE before IS NOT NULL
             UNION ALL SELECT after FROM done WHERE after IS NOT NULL)",
        [],
    )?)
}
