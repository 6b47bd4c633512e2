//! What runs did, with the cards before and after: enough to undo any of it.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::blobs::{self, BlobId, Cards};
use super::error::{StateError, Trouble};
use super::notes::read_time;
use super::{Done, Run, RunId, State, Tx};
use crate::book::{ContactId, Href, StoreId};
use crate::card::Card;

impl State {
    /// The last `limit` runs, the latest first.
    pub fn runs(&self, limit: usize) -> Result<Vec<Run>, StateError> {
        self.ask("Reading the history", |connection| {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let mut statement = connection.prepare_cached(
                "SELECT id, at, command, (SELECT count(*) FROM done WHERE run = run.id)
                 FROM run ORDER BY id DESC LIMIT ?1",
            )?;
            let mut rows = statement.query([limit])?;
            let mut runs = Vec::new();
            while let Some(row) = rows.next()? {
                runs.push(read_run(row)?);
            }
            Ok(runs)
        })
    }

    /// The latest run.
    pub fn last_run(&self) -> Result<Option<Run>, StateError> {
        Ok(self.runs(1)?.pop())
    }

    /// What a run did, in the order it was done.
    pub fn done(&self, run: RunId) -> Result<Vec<Done>, StateError> {
        self.ask("Reading the history", |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT book, store, contact, name, href, before, after, is_meeting
                 FROM done WHERE run = ?1 ORDER BY id",
            )?;
            let mut rows = statement.query([run])?;
            let mut cards = Cards::of(connection);
            let mut all = Vec::new();
            while let Some(row) = rows.next()? {
                all.push(read_done(row, &mut cards)?);
            }
            Ok(all)
        })
    }

    /// What was ever done to a contact, the latest first.
    pub fn done_to(&self, contact: &ContactId) -> Result<Vec<(Run, Done)>, StateError> {
        self.ask("Reading the history", |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT book, store, contact, name, href, before, after, is_meeting, run
                 FROM done WHERE contact = ?1 ORDER BY id DESC",
            )?;
            let mut rows = statement.query([contact.as_str()])?;
            let mut cards = Cards::of(connection);
            let mut all = Vec::new();
            while let Some(row) = rows.next()? {
                let run = find_run(connection, row.get(8)?)?;
                all.push((run, read_done(row, &mut cards)?));
            }
            Ok(all)
        })
    }
}

impl Tx<'_> {
    /// Begins a run in the history; everything it does is added to it.
    pub fn begin_run(&self, at: jiff::Timestamp, command: &str) -> Result<RunId, StateError> {
        self.make("Beginning a run", |connection| {
            connection
                .prepare_cached("INSERT INTO run (at, command) VALUES (?1, ?2)")?
                .execute([&at.to_string(), command])?;
            Ok(connection.last_insert_rowid())
        })
    }

    /// Adds one thing that was done.
    pub fn add_done(&self, run: RunId, done: &Done) -> Result<(), StateError> {
        let Done {
            book,
            store,
            contact,
            name,
            href,
            before,
            after,
            is_meeting,
        } = done;
        self.make("Saving what was done", |connection| {
            let keep = |card: &Option<_>| {
                card.as_ref()
                    .map(|card| blobs::keep(connection, card))
                    .transpose()
            };
            connection
                .prepare_cached(
                    "INSERT INTO done
                         (run, book, store, contact, name, href, before, after, is_meeting)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                )?
                .execute(params![
                    run,
                    book,
                    store.as_str(),
                    contact.as_str(),
                    name,
                    href.as_str(),
                    keep(before)?,
                    keep(after)?,
                    is_meeting,
                ])?;
            Ok(())
        })
    }

    /// Saves what a store made of what a run wrote there last.
    pub fn kept(
        &self,
        run: RunId,
        contact: &ContactId,
        store: &StoreId,
        href: &Href,
        card: &Card,
    ) -> Result<(), StateError> {
        self.make("Saving what a store kept", |connection| {
            // Found by the contact, of which there are few, and not by the run.
            connection
                .prepare_cached(
                    "UPDATE done SET after = ?5 WHERE id =
                         (SELECT max(id) FROM done
                          WHERE contact = ?1 AND +run = ?2 AND store = ?3 AND href = ?4)
                     AND after IS NOT NULL",
                )?
                .execute(params![
                    contact.as_str(),
                    run,
                    store.as_str(),
                    href.as_str(),
                    blobs::keep(connection, card)?,
                ])?;
            Ok(())
        })
    }
}

fn find_run(connection: &Connection, id: RunId) -> Result<Run, Trouble> {
    let mut statement = connection.prepare_cached(
        "SELECT id, at, command, (SELECT count(*) FROM done WHERE run = run.id)
         FROM run WHERE id = ?1",
    )?;
    statement
        .query_row([id], |row| Ok(read_run(row)))
        .optional()?
        .unwrap_or_else(|| Err(Trouble::Damaged(format!("run {id} is missing"))))
}

fn read_run(row: &Row) -> Result<Run, Trouble> {
    let done: i64 = row.get(3)?;
    Ok(Run {
        id: row.get(0)?,
        at: read_time(&row.get::<_, String>(1)?)?,
        command: row.get(2)?,
        done: usize::try_from(done).unwrap_or_default(),
    })
}

fn read_done(row: &Row, cards: &mut Cards) -> Result<Done, Trouble> {
    let name: String = row.get(3)?;
    let (before, after): (Option<BlobId>, Option<BlobId>) = (row.get(5)?, row.get(6)?);
    Ok(Done {
        book: row.get(0)?,
        store: StoreId::new(row.get::<_, String>(1)?),
        contact: ContactId::new(row.get::<_, String>(2)?),
        href: Href::new(row.get::<_, String>(4)?),
        before: cards.find(before, &name)?,
        after: cards.find(after, &name)?,
        is_meeting: row.get(7)?,
        name,
    })
}
