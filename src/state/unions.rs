//! Contacts that became one: what they were before, and which ones were parted again.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{OptionalExtension, params};

use super::blobs::{self, Cards};
use super::error::StateError;
use super::{RunId, State, Tx};
use crate::book::{ContactId, Held, Href, StoreId};
use crate::card::Card;
use crate::duplicates::Parted;
use crate::sync::{Member, Union};

/// Contacts that a run made one, as they were before it.
#[derive(Debug, Clone, PartialEq)]
pub struct Joined {
    pub run: RunId,
    /// The one that goes on.
    pub heir: ContactId,
    /// The card that all of them became.
    pub card: Card,
    /// Each as it was, the heir among them. The versions of the entries are not kept.
    pub members: Vec<Member>,
}

impl State {
    /// What was joined in a book and not parted since, the latest first: in one run, or into one
    /// contact.
    pub fn joined(
        &self,
        book: &str,
        run: Option<RunId>,
        heir: Option<&ContactId>,
    ) -> Result<Vec<Joined>, StateError> {
        self.ask("Reading what was merged", |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, run, heir, contact, name, agreed, joined FROM member
                 WHERE book = ?1 AND (?2 IS NULL OR run = ?2) AND (?3 IS NULL OR heir = ?3)
                 ORDER BY run DESC, heir, id",
            )?;
            let mut entries = connection.prepare_cached(
                "SELECT store, href, held, given FROM member_entry WHERE member = ?1",
            )?;
            let mut cards = Cards::of(connection);
            let mut all: Vec<Joined> = Vec::new();
            let mut rows = statement.query(params![book, run, heir.map(ContactId::as_str)])?;
            while let Some(row) = rows.next()? {
                let (run, heir) = (row.get(1)?, ContactId::new(row.get::<_, String>(2)?));
                let name: String = row.get(4)?;
                let mut member = Member {
                    id: ContactId::new(row.get::<_, String>(3)?),
                    agreed: cards.get(row.get(5)?, &name)?,
                    stores: BTreeMap::new(),
                    name,
                };
                let mut held = entries.query([row.get::<_, i64>(0)?])?;
                while let Some(entry) = held.next()? {
                    let held = Held {
                        href: Href::new(entry.get::<_, String>(1)?),
                        etag: None,
                        held: cards.get(entry.get(2)?, &member.name)?,
                        given: cards.get(entry.get(3)?, &member.name)?,
                        sent: None,
                        let_go: false,
                    };
                    let store = StoreId::new(entry.get::<_, String>(0)?);
                    member.stores.insert(store, held);
                }
                match all.last_mut() {
                    Some(last) if last.run == run && last.heir == heir => last.members.push(member),
                    _ => all.push(Joined {
                        card: cards.get(row.get(6)?, &member.name)?,
                        members: vec![member],
                        run,
                        heir,
                    }),
                }
            }
            Ok(all)
        })
    }

    /// Who was taken apart again after a merge.
    pub fn parted(&self, book: &str) -> Result<Parted, StateError> {
        self.ask("Reading who was parted", |connection| {
            let mut statement =
                connection.prepare_cached("SELECT uid, other FROM parted WHERE book = ?1")?;
            let pairs = statement.query_map([book], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(pairs.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// How the book was looked through for duplicates, unless a contact changed since.
    pub fn matched(&self, book: &str) -> Result<Option<String>, StateError> {
        self.ask("Reading when duplicates were looked for", |connection| {
            let matched: Option<Option<String>> = connection
                .prepare_cached("SELECT matched FROM book WHERE name = ?1")?
                .query_row([book], |row| row.get(0))
                .optional()?;
            Ok(matched.flatten())
        })
    }
}

impl Tx<'_> {
    /// Remembers what the members of a union were before `card` became the card of all. What is
    /// remembered of the same run stays.
    pub fn put_union(
        &self,
        book: &str,
        run: RunId,
        card: &Card,
        union: &Union,
    ) -> Result<(), StateError> {
        let Some(heir) = union.members.first() else {
            return Ok(());
        };
        self.make("Saving what contacts were", |connection| {
            let joined = blobs::keep(connection, card)?;
            for member in &union.members {
                let row: Option<i64> = connection
                    .prepare_cached(
                        "INSERT INTO member (run, book, heir, contact, name, agreed, joined)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                         ON CONFLICT DO NOTHING RETURNING id",
                    )?
                    .query_row(
                        params![
                            run,
                            book,
                            heir.id.as_str(),
                            member.id.as_str(),
                            member.name,
                            blobs::keep(connection, &member.agreed)?,
                            joined,
                        ],
                        |row| row.get(0),
                    )
                    .optional()?;
                let Some(row) = row else { continue };
                for (store, held) in &member.stores {
                    connection
                        .prepare_cached(
                            "INSERT INTO member_entry (member, store, href, held, given)
                             VALUES (?1, ?2, ?3, ?4, ?5)",
                        )?
                        .execute(params![
                            row,
                            store.as_str(),
                            held.href.as_str(),
                            blobs::keep(connection, &held.held)?,
                            blobs::keep(connection, &held.given)?,
                        ])?;
                }
            }
            Ok(())
        })
    }

    /// Forgets a union that was taken back, and remembers that its members were parted: they are
    /// never joined again without a person.
    pub fn part(&self, book: &str, joined: &Joined) -> Result<(), StateError> {
        self.move_cards("Saving who was parted", |connection| {
            connection
                .prepare_cached("DELETE FROM member WHERE book = ?1 AND run = ?2 AND heir = ?3")?
                .execute(params![book, joined.run, joined.heir.as_str()])?;
            let uids: BTreeSet<String> = joined
                .members
                .iter()
                .filter_map(|member| member.agreed.uid())
                .collect();
            for uid in &uids {
                for other in uids.range::<String, _>((
                    std::ops::Bound::Excluded(uid),
                    std::ops::Bound::Unbounded,
                )) {
                    connection
                        .prepare_cached("INSERT OR IGNORE INTO parted VALUES (?1, ?2, ?3)")?
                        .execute([book, uid, other])?;
                }
            }
            Ok(())
        })
    }

    /// Remembers that a book was looked through for duplicates, and how.
    pub fn set_matched(&self, book: &str, how: &str) -> Result<(), StateError> {
        self.make("Saving when duplicates were looked for", |connection| {
            connection
                .prepare_cached("UPDATE book SET matched = ?2 WHERE name = ?1")?
                .execute([book, how])?;
            Ok(())
        })
    }
}
