//! How each store did: cursor, last run, what it drops, and the addresses it was no use reading.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, params};

use super::error::{StateError, Trouble};
use super::{Aside, State, StoreNote, Tx};
use crate::book::{ETag, Href, StoreId};
use crate::store::Cursor;

impl State {
    /// How the store did in its last run; all empty for a store that never had one.
    pub fn store_note(&self, book: &str, store: &StoreId) -> Result<StoreNote, StateError> {
        self.ask(
            &format!("Reading what is known of store `{store}`"),
            |connection| {
                type Row = (
                    Option<String>,
                    Option<String>,
                    u32,
                    Option<String>,
                    Option<String>,
                    String,
                );
                let row: Option<Row> = connection
                .prepare_cached(
                    "SELECT cursor, complete_at, runs_since_complete, last_run_at, last_error, \
                            drops
                     FROM store WHERE id = ?1",
                )?
                .query_row([find_store(connection, book, store)?], |row| {
                    Ok((
                        row.get(0)?,
                        row.get(1)?,
                        row.get(2)?,
                        row.get(3)?,
                        row.get(4)?,
                        row.get(5)?,
                    ))
                })
                .optional()?;
                let (cursor, complete_at, runs_since_complete, last_run_at, last_error, drops) =
                    row.unwrap_or((None, None, 0, None, None, "[]".to_owned()));
                Ok(StoreNote {
                    cursor: cursor.map(Cursor),
                    complete_at: complete_at.as_deref().map(read_time).transpose()?,
                    runs_since_complete,
                    last_run_at: last_run_at.as_deref().map(read_time).transpose()?,
                    last_error,
                    drops: read_json(&drops)?,
                })
            },
        )
    }

    /// The JSON that a store kept for itself with [`Tx::set_saved`].
    pub fn saved(&self, book: &str, store: &StoreId) -> Result<Option<String>, StateError> {
        self.ask(
            &format!("Reading what store `{store}` kept for itself"),
            |connection| {
                let saved: Option<Option<String>> = connection
                    .prepare_cached("SELECT saved FROM store WHERE id = ?1")?
                    .query_row([find_store(connection, book, store)?], |row| row.get(0))
                    .optional()?;
                Ok(saved.flatten())
            },
        )
    }

    /// The addresses of the store whose content could not be used.
    pub fn asides(&self, book: &str, store: &StoreId) -> Result<BTreeMap<Href, Aside>, StateError> {
        self.ask(
            &format!("Reading what was passed over in store `{store}`"),
            |connection| {
                let mut statement = connection
                    .prepare_cached("SELECT href, etag, reason FROM aside WHERE store = ?1")?;
                let mut rows = statement.query([find_store(connection, book, store)?])?;
                let mut asides = BTreeMap::new();
                while let Some(row) = rows.next()? {
                    let etag: Option<String> = row.get(1)?;
                    let aside = Aside {
                        etag: etag.map(ETag::new),
                        reason: row.get(2)?,
                    };
                    asides.insert(Href::new(row.get::<_, String>(0)?), aside);
                }
                Ok(asides)
            },
        )
    }
}

impl Tx<'_> {
    /// Keeps JSON for the store itself (a discovered URL), until it is set anew.
    pub fn set_saved(&self, book: &str, store: &StoreId, json: &str) -> Result<(), StateError> {
        self.note(
            book,
            store,
            "UPDATE store SET saved = ?2 WHERE id = ?1",
            &[&json],
        )
    }

    /// Remembers where a listing ended, and whether it was a `complete` one.
    pub fn set_cursor(
        &self,
        book: &str,
        store: &StoreId,
        cursor: &Cursor,
        complete: bool,
        at: jiff::Timestamp,
    ) -> Result<(), StateError> {
        self.note(
            book,
            store,
            "UPDATE store SET cursor = ?2,
                 complete_at = CASE WHEN ?3 THEN ?4 ELSE complete_at END,
                 runs_since_complete = CASE WHEN ?3 THEN 0 ELSE runs_since_complete + 1 END
             WHERE id = ?1",
            &[&cursor.0, &complete, &at.to_string()],
        )
    }

    /// Remembers that the store took part in a run, and what ended it early if anything did.
    pub fn note_run(
        &self,
        book: &str,
        store: &StoreId,
        at: jiff::Timestamp,
        error: Option<&str>,
    ) -> Result<(), StateError> {
        self.note(
            book,
            store,
            "UPDATE store SET last_run_at = ?2, last_error = ?3 WHERE id = ?1",
            &[&at.to_string(), &error],
        )
    }

    /// Remembers the properties that the store was seen to drop, in place of those known before.
    pub fn note_drops(
        &self,
        book: &str,
        store: &StoreId,
        drops: &BTreeSet<String>,
    ) -> Result<(), StateError> {
        let sql = "UPDATE store SET drops = ?2 WHERE id = ?1";
        self.note(book, store, sql, &[&serde_json::json!(drops).to_string()])
    }

    /// Remembers that the content at an address was of no use.
    pub fn put_aside(
        &self,
        book: &str,
        store: &StoreId,
        href: &Href,
        aside: &Aside,
    ) -> Result<(), StateError> {
        let Aside { etag, reason } = aside;
        self.note(
            book,
            store,
            "INSERT INTO aside (store, href, etag, reason) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET etag = excluded.etag, reason = excluded.reason",
            &[&href.as_str(), &etag.as_ref().map(ETag::as_str), reason],
        )
    }

    /// Forgets what was remembered by [`Tx::put_aside`]; nothing happens if nothing was.
    pub fn clear_aside(&self, book: &str, store: &StoreId, href: &Href) -> Result<(), StateError> {
        let sql = "DELETE FROM aside WHERE store = ?1 AND href = ?2";
        self.note(book, store, sql, &[&href.as_str()])
    }

    /// Runs `sql` with the number of the store as its first parameter and `rest` after it.
    fn note(
        &self,
        book: &str,
        store: &StoreId,
        sql: &str,
        rest: &[&dyn rusqlite::ToSql],
    ) -> Result<(), StateError> {
        self.make(
            &format!("Saving what is known of store `{store}`"),
            |connection| {
                let id = store_row(connection, book, store)?;
                let mut all: Vec<&dyn rusqlite::ToSql> = vec![&id];
                all.extend_from_slice(rest);
                connection.prepare_cached(sql)?.execute(all.as_slice())?;
                Ok(())
            },
        )
    }
}

/// The number of a book, if anything was ever saved for it.
pub(super) fn find_book(connection: &Connection, book: &str) -> Result<Option<i64>, Trouble> {
    Ok(connection
        .prepare_cached("SELECT id FROM book WHERE name = ?1")?
        .query_row([book], |row| row.get(0))
        .optional()?)
}

/// The number of a book, which is made if need be.
pub(super) fn book_row(connection: &Connection, book: &str) -> Result<i64, Trouble> {
    if let Some(id) = find_book(connection, book)? {
        return Ok(id);
    }
    connection
        .prepare_cached("INSERT INTO book (name) VALUES (?1)")?
        .execute([book])?;
    Ok(connection.last_insert_rowid())
}

/// The number of a store, if anything was ever saved for it.
pub(super) fn find_store(
    connection: &Connection,
    book: &str,
    store: &StoreId,
) -> Result<Option<i64>, Trouble> {
    Ok(connection
        .prepare_cached(
            "SELECT store.id FROM store JOIN book ON book.id = store.book
             WHERE book.name = ?1 AND store.name = ?2",
        )?
        .query_row(params![book, store.as_str()], |row| row.get(0))
        .optional()?)
}

/// The number of a store, which is made if need be.
pub(super) fn store_row(
    connection: &Connection,
    book: &str,
    store: &StoreId,
) -> Result<i64, Trouble> {
    if let Some(id) = find_store(connection, book, store)? {
        return Ok(id);
    }
    let book = book_row(connection, book)?;
    connection
        .prepare_cached("INSERT INTO store (book, name) VALUES (?1, ?2)")?
        .execute(params![book, store.as_str()])?;
    Ok(connection.last_insert_rowid())
}

/// A time as it was written by us.
pub(super) fn read_time(text: &str) -> Result<jiff::Timestamp, Trouble> {
    text.parse()
        .map_err(|_| Trouble::Damaged(format!("{text:?} is no time")))
}

/// JSON as it was written by us.
pub(super) fn read_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Trouble> {
    serde_json::from_str(text).map_err(|error| Trouble::Damaged(format!("a list: {error}")))
}
