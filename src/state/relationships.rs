//! What the contacts of a book say of their relationships, without a card being read.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, params};

use super::State;
use super::blobs::{BlobId, Cards};
use super::error::{StateError, Trouble};
use super::notes::find_book;
use crate::book::ContactId;
use crate::card::Card;
use crate::contact::{Acquaintance, Interaction, Relationship, log_of_kept, log_to_keep};
use crate::duplicates::in_parallel;

/// Contacts whom one worker reads before it takes more.
const READ_AT_ONCE: usize = 256;

/// One contact as the tables have it.
struct Kept {
    row: i64,
    id: ContactId,
    name: String,
    brief: Option<String>,
    agreed: BlobId,
}

impl State {
    /// Everybody of a book, groups and goals too, by name and then by id, in brief: without their
    /// logs. One pass over what is kept; no card is read.
    pub fn acquaintances(&self, book: &str) -> Result<Vec<Acquaintance>, StateError> {
        let briefs = self.briefs(book)?;
        Ok(briefs.into_iter().map(|(_, known)| known).collect())
    }

    /// As [`State::acquaintances`], with their logs.
    pub fn acquaintances_with_logs(&self, book: &str) -> Result<Vec<Acquaintance>, StateError> {
        let briefs = self.briefs(book)?;
        let mut logs = self.logs(book)?;
        let whole = briefs.into_iter().map(|(row, known)| Acquaintance {
            relationship: match logs.remove(&row) {
                Some(log) => known.relationship.with_log(log),
                None => known.relationship,
            },
            ..known
        });
        Ok(whole.collect())
    }

    fn briefs(&self, book: &str) -> Result<Vec<(i64, Acquaintance)>, StateError> {
        let kept = self.kept(book)?;
        let parts: Vec<&[Kept]> = kept.chunks(READ_AT_ONCE).collect();
        let read: Vec<Vec<Option<Relationship>>> = in_parallel(parts.len(), |at| {
            let briefs = parts[at].iter().map(|kept| kept.brief.as_deref());
            let read = briefs.map(|brief| serde_json::from_str(brief?).ok());
            read.collect()
        });
        self.ask("Reading the relationships of a book", |connection| {
            let mut cards = Cards::of(connection);
            let mut briefs = Vec::with_capacity(kept.len());
            for (kept, relationship) in kept.into_iter().zip(read.into_iter().flatten()) {
                let relationship = match relationship {
                    Some(relationship) => relationship,
                    // From before these were kept, and no run has been since; the card knows.
                    None => Relationship::of(&cards.get(kept.agreed, &kept.name)?),
                };
                let known = Acquaintance {
                    id: kept.id,
                    name: kept.name,
                    relationship,
                };
                briefs.push((kept.row, known));
            }
            Ok(briefs)
        })
    }

    /// What is kept of everybody of a book, unread, by name and then by id.
    fn kept(&self, book: &str) -> Result<Vec<Kept>, StateError> {
        let mut kept = self.ask("Reading the relationships of a book", |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT contact.id, contact.contact, name, brief, agreed
                 FROM contact LEFT JOIN relationship ON relationship.contact = contact.id
                 WHERE book = ?1",
            )?;
            let rows = statement.query_map([find_book(connection, book)?], |row| {
                Ok(Kept {
                    row: row.get(0)?,
                    id: ContactId::new(row.get::<_, String>(1)?),
                    name: row.get(2)?,
                    brief: row.get(3)?,
                    agreed: row.get(4)?,
                })
            })?;
            Ok(rows.collect::<Result<Vec<Kept>, _>>()?)
        })?;
        kept.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        Ok(kept)
    }

    /// The logs of a book by the row of their contact; one that cannot be read is left out.
    fn logs(&self, book: &str) -> Result<BTreeMap<i64, Vec<Interaction>>, StateError> {
        let kept: Vec<(i64, String)> = self.ask("Reading the logs of a book", |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT log.contact, lines FROM log JOIN contact ON contact.id = log.contact
                 WHERE book = ?1",
            )?;
            let book = find_book(connection, book)?;
            let rows = statement.query_map([book], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })?;
        let parts: Vec<&[(i64, String)]> = kept.chunks(READ_AT_ONCE).collect();
        let read = in_parallel(parts.len(), |at| {
            let logs = parts[at].iter();
            let read = logs.filter_map(|(row, lines)| Some((*row, log_of_kept(lines).ok()?)));
            read.collect::<Vec<_>>()
        });
        Ok(read.into_iter().flatten().collect())
    }

    /// The contacts of a book with this mail address or number, normalised as
    /// [`crate::card::Field::value`] has it.
    pub fn reached_by(&self, book: &str, value: &str) -> Result<BTreeSet<ContactId>, StateError> {
        self.ask("Looking for an address", |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT contact.contact
                 FROM relationship JOIN contact ON contact.id = relationship.contact
                 WHERE book = ?1 AND instr(reached_by, ?2) > 0",
            )?;
            let value = format!("\n{value}\n");
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

/// Keeps what an agreed card says of the relationship.
pub(super) fn keep(connection: &Connection, contact: i64, agreed: &Card) -> Result<(), Trouble> {
    let relationship = Relationship::of(agreed);
    let brief = serde_json::json!(relationship.in_brief()).to_string();
    let addresses = agreed.fields_named(&["EMAIL", "TEL"]);
    let addresses = addresses.iter().map(|field| format!("{}\n", field.value()));
    let reached_by = format!("\n{}", addresses.collect::<String>());
    connection
        .prepare_cached(
            "INSERT INTO relationship (contact, is_group, brief, reached_by)
             VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (contact) DO UPDATE SET is_group = excluded.is_group,
                 brief = excluded.brief, reached_by = excluded.reached_by",
        )?
        .execute(params![contact, relationship.is_group(), brief, reached_by])?;
    match log_to_keep(&relationship.log) {
        Some(lines) => connection
            .prepare_cached(
                "INSERT INTO log (contact, lines) VALUES (?1, ?2)
                 ON CONFLICT (contact) DO UPDATE SET lines = excluded.lines",
            )?
            .execute(params![contact, lines])?,
        None => connection
            .prepare_cached("DELETE FROM log WHERE contact = ?1")?
            .execute([contact])?,
    };
    Ok(())
}

/// Reads the cards that were saved before relationships were kept. Costs next to nothing where there
/// are none; a card that cannot be read is left to whoever asks for it.
pub(super) fn fill(connection: &mut Connection) -> rusqlite::Result<()> {
    const IS_WHOLE: &str =
        "SELECT (SELECT count(*) FROM contact) = (SELECT count(*) FROM relationship)";
    const UNREAD: &str = "SELECT id, name, agreed FROM contact
         WHERE NOT EXISTS (SELECT 1 FROM relationship WHERE relationship.contact = contact.id)";
    if connection.query_row(IS_WHOLE, [], |row| row.get(0))? {
        return Ok(());
    }
    let filling = connection.transaction()?;
    let unread: Vec<(i64, String, BlobId)> = filling
        .prepare(UNREAD)?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    for (id, name, agreed) in unread {
        // A card each: a book of a hundred thousand need not be in memory at once.
        if let Ok(card) = Cards::of(&filling).get(agreed, &name)
            && let Err(Trouble::Sql(error)) = keep(&filling, id, &card)
        {
            return Err(error);
        }
    }
    filling.commit()
}
