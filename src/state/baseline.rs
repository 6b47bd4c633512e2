//! Who is known, and what each store was known to hold of them.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, params};

use super::blobs::{self, BlobId, Cards};
use super::error::{StateError, Trouble};
use super::notes::{book_row, find_book, find_store, read_json, store_row};
use super::{Address, State, Tx, relationships};
use crate::book::{ContactId, ETag, Held, Href, Known, StoreId};
use crate::card::{Card, FieldKey};

impl State {
    /// Every address of the store that we know a contact for.
    pub fn addresses(
        &self,
        book: &str,
        store: &StoreId,
    ) -> Result<BTreeMap<Href, Address>, StateError> {
        self.ask(
            &format!("Reading the addresses of store `{store}`"),
            |connection| {
                // Both tables in the order of their rows, and sorted here: in the order of addresses
                // each row would be a search of its own.
                let mut statement = connection.prepare_cached(
                    "SELECT href, etag, contact.contact
                 FROM store JOIN contact ON contact.book = store.book
                 CROSS JOIN entry ON entry.contact = contact.id AND entry.store = store.id
                 WHERE store.id = ?1 AND href IS NOT NULL ORDER BY contact.id",
                )?;
                let mut rows = statement.query([find_store(connection, book, store)?])?;
                let mut addresses = Vec::new();
                while let Some(row) = rows.next()? {
                    let etag: Option<String> = row.get(1)?;
                    let contact = ContactId::new(row.get::<_, String>(2)?);
                    let address = Address {
                        contact,
                        etag: etag.map(ETag::new),
                    };
                    addresses.push((Href::new(row.get::<_, String>(0)?), address));
                }
                Ok(addresses.into_iter().collect())
            },
        )
    }

    /// As [`State::addresses`], for these addresses alone: a difference of three reads three rows.
    pub fn addresses_of(
        &self,
        book: &str,
        store: &StoreId,
        hrefs: &BTreeSet<Href>,
    ) -> Result<BTreeMap<Href, Address>, StateError> {
        self.ask(
            &format!("Reading addresses of store `{store}`"),
            |connection| {
                let store = find_store(connection, book, store)?;
                let mut statement = connection.prepare_cached(
                    "SELECT etag, contact.contact
                 FROM entry JOIN contact ON contact.id = entry.contact
                 WHERE store = ?1 AND href = ?2",
                )?;
                let mut addresses = BTreeMap::new();
                for href in hrefs {
                    let found: Option<(Option<String>, String)> = statement
                        .query_row(params![store, href.as_str()], |row| {
                            Ok((row.get(0)?, row.get(1)?))
                        })
                        .optional()?;
                    if let Some((etag, contact)) = found {
                        let contact = ContactId::new(contact);
                        addresses.insert(
                            href.clone(),
                            Address {
                                contact,
                                etag: etag.map(ETag::new),
                            },
                        );
                    }
                }
                Ok(addresses)
            },
        )
    }

    /// How many entries the store was known to hold.
    pub fn count(&self, book: &str, store: &StoreId) -> Result<usize, StateError> {
        self.ask(
            &format!("Counting the entries of store `{store}`"),
            |connection| {
                let count: i64 = connection
                    .prepare_cached(
                        "SELECT count(*) FROM entry WHERE store = ?1 AND href IS NOT NULL",
                    )?
                    .query_row([find_store(connection, book, store)?], |row| row.get(0))?;
                Ok(usize::try_from(count).unwrap_or_default())
            },
        )
    }

    /// These contacts with all that is known of them, in the order of their ids. An id that nobody
    /// has is left out.
    pub fn contacts(
        &self,
        book: &str,
        ids: &BTreeSet<ContactId>,
    ) -> Result<Vec<Known>, StateError> {
        self.ask("Reading contacts", |connection| {
            let Some(book) = find_book(connection, book)? else {
                return Ok(Vec::new());
            };
            let mut contacts = Vec::new();
            for id in ids {
                contacts.extend(read_contact(connection, book, id)?);
            }
            Ok(contacts)
        })
    }

    /// The ids of all contacts of a book.
    pub fn contact_ids(&self, book: &str) -> Result<BTreeSet<ContactId>, StateError> {
        self.ask("Reading the contacts of a book", |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT contact FROM contact JOIN book ON book.id = contact.book
                 WHERE book.name = ?1",
            )?;
            let mut rows = statement.query([book])?;
            let mut ids = BTreeSet::new();
            while let Some(row) = rows.next()? {
                ids.insert(ContactId::new(row.get::<_, String>(0)?));
            }
            Ok(ids)
        })
    }

    /// The contacts of a book with their names, by name.
    pub fn names(&self, book: &str) -> Result<Vec<(ContactId, String)>, StateError> {
        self.ask("Reading the names of a book", |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT contact, contact.name FROM contact JOIN book ON book.id = contact.book
                 WHERE book.name = ?1 ORDER BY contact.name, contact",
            )?;
            let names = statement
                .query_map([book], |row| {
                    Ok((ContactId::new(row.get::<_, String>(0)?), row.get(1)?))
                })?
                .collect::<rusqlite::Result<_>>()?;
            Ok(names)
        })
    }

    /// The contacts that a run has to look at although nothing moved in `stores`, which are those
    /// it may write to.
    ///
    /// That is: a store has no row for the contact; an entry was last brought in step with another
    /// card than the agreed one (unless that one was refused, or the entry was let go); the version
    /// of an entry is not known; a text may be on its way; a field is held back.
    ///
    /// When all is settled this reads two empty indexes and one row per store.
    pub fn unsettled(
        &self,
        book: &str,
        stores: &[StoreId],
    ) -> Result<BTreeSet<ContactId>, StateError> {
        self.ask("Looking for what the last run left undone", |connection| {
            let mut contacts = BTreeSet::new();
            let Some((book_id, total)) = connection
                .prepare_cached("SELECT id, contacts FROM book WHERE name = ?1")?
                .query_row([book], |row| {
                    Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
                })
                .optional()?
            else {
                return Ok(contacts);
            };
            let mut collect = |sql: &str, store: Option<i64>| -> Result<(), Trouble> {
                let mut statement = connection.prepare_cached(sql)?;
                let mut rows = statement.query(params![book_id, store])?;
                while let Some(row) = rows.next()? {
                    contacts.insert(ContactId::new(row.get::<_, String>(0)?));
                }
                Ok(())
            };
            collect(HELD_BACK, None)?;
            for store in stores {
                let row: Option<(i64, i64)> = connection
                    .prepare_cached("SELECT id, entries FROM store WHERE book = ?1 AND name = ?2")?
                    .query_row(params![book_id, store.as_str()], |row| {
                        Ok((row.get(0)?, row.get(1)?))
                    })
                    .optional()?;
                let id = row.map(|(id, _)| id);
                collect(UNSETTLED, id)?;
                if row.is_none_or(|(_, entries)| entries != total) {
                    collect(LACKING, id)?;
                }
            }
            Ok(contacts)
        })
    }

    /// How many contacts this store will not have as they are agreed on.
    pub fn refused(&self, book: &str, store: &StoreId) -> Result<usize, StateError> {
        self.ask("Counting what a store refused", |connection| {
            let count: i64 = connection
                .prepare_cached(
                    "SELECT count(*) FROM entry
                     JOIN contact ON contact.id = entry.contact
                     JOIN blob ON blob.id = contact.agreed
                     WHERE entry.store = ?1 AND entry.refused IS NOT NULL
                         AND entry.refused = lower(hex(blob.sha256))
                         AND (entry.href IS NULL OR entry.given <> contact.agreed)",
                )?
                .query_row([find_store(connection, book, store)?], |row| row.get(0))?;
            Ok(usize::try_from(count).unwrap_or_default())
        })
    }

    /// Whether a text may be on its way to this store, or be lost on it: a write was begun or
    /// answered there, and the entry was never read back.
    pub fn has_open_write(&self, book: &str, store: &StoreId) -> Result<bool, StateError> {
        self.ask("Looking for writes without an outcome", |connection| {
            Ok(connection
                .prepare_cached(
                    "SELECT EXISTS (
                         SELECT 1 FROM entry
                         JOIN store ON store.id = entry.store JOIN book ON book.id = store.book
                         WHERE book.name = ?1 AND store.name = ?2
                             AND entry.settled = 0 AND entry.sent IS NOT NULL)",
                )?
                .query_row([book, store.as_str()], |row| row.get(0))?)
        })
    }

    /// The contacts that were filed under any of these keys with [`Tx::put_contact`].
    pub fn matching(
        &self,
        book: &str,
        keys: &BTreeSet<String>,
    ) -> Result<BTreeSet<ContactId>, StateError> {
        self.ask("Looking for contacts that match", |connection| {
            let book = find_book(connection, book)?;
            let mut statement = connection.prepare_cached(
                "SELECT contact.contact
                 FROM match_key JOIN contact ON contact.id = match_key.contact
                 WHERE match_key.key = ?1 AND contact.book = ?2",
            )?;
            let mut contacts = BTreeSet::new();
            for key in keys {
                let mut rows = statement.query(params![key, book])?;
                while let Some(row) = rows.next()? {
                    contacts.insert(ContactId::new(row.get::<_, String>(0)?));
                }
            }
            Ok(contacts)
        })
    }
}

pub(super) const HELD_BACK: &str = "
    SELECT contact FROM contact WHERE book = ?1 AND held_back IS NOT NULL AND ?2 IS NULL";

pub(super) const UNSETTLED: &str = "
    SELECT contact.contact FROM entry JOIN contact ON contact.id = entry.contact
    WHERE entry.store = ?2 AND entry.settled = 0 AND contact.book = ?1";

/// Asked only where the counts differ; then somebody is lacking, and everybody has to be asked for.
const LACKING: &str = "
    SELECT contact FROM contact WHERE book = ?1 AND NOT EXISTS (
        SELECT 1 FROM entry WHERE entry.contact = contact.id AND entry.store = ?2)";

impl Tx<'_> {
    /// Saves a contact without its entries. `name` is for lists, `keys` are what
    /// [`State::matching`] finds it by; both replace what was there.
    ///
    /// A contact without any entry is in no store, so that the next run creates it everywhere:
    /// follow with [`Tx::put_entry`] in the same transaction, or [`Tx::forget_contact`] it.
    pub fn put_contact(
        &self,
        book: &str,
        contact: &ContactId,
        name: &str,
        agreed: &Card,
        held_back: &[FieldKey],
        keys: &BTreeSet<String>,
    ) -> Result<(), StateError> {
        self.move_cards(&format!("Saving {name:?}"), |connection| {
            let book = book_row(connection, book)?;
            let agreed_id = blobs::keep(connection, agreed)?;
            let held_back =
                (!held_back.is_empty()).then(|| serde_json::json!(held_back).to_string());
            let id: i64 = connection
                .prepare_cached(
                    "INSERT INTO contact (book, contact, name, agreed, held_back)
                     VALUES (?1, ?2, ?3, ?4, ?5)
                     ON CONFLICT (book, contact) DO UPDATE SET name = excluded.name,
                         agreed = excluded.agreed, held_back = excluded.held_back
                     RETURNING id",
                )?
                .query_row(
                    params![book, contact.as_str(), name, agreed_id, held_back],
                    |row| row.get(0),
                )?;
            relationships::keep(connection, id, agreed)?;
            file_under(connection, id, keys)?;
            settle(connection, id)
        })
    }

    /// Saves what a store holds of a contact. An address belongs to one contact: if another one had
    /// it, that one has no entry there any more.
    ///
    /// # Errors
    /// The contact was not saved before.
    pub fn put_entry(
        &self,
        book: &str,
        contact: &ContactId,
        store: &StoreId,
        held: &Held,
    ) -> Result<(), StateError> {
        let Held {
            href,
            etag,
            held,
            given,
            sent,
            let_go,
        } = held;
        self.move_cards(
            &format!("Saving an entry of store `{store}`"),
            |connection| {
                let store = store_row(connection, book, store)?;
                let contact = known_contact(connection, book, contact)?;
                connection
                    .prepare_cached(
                        "DELETE FROM entry WHERE store = ?1 AND href = ?2 AND contact <> ?3",
                    )?
                    .execute(params![store, href.as_str(), contact])?;
                let sent = sent
                    .as_ref()
                    .map(|card| blobs::keep(connection, card))
                    .transpose()?;
                connection
                    .prepare_cached(
                        "INSERT INTO entry (contact, store, href, etag, held, given, sent, let_go)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                     ON CONFLICT (contact, store) DO UPDATE SET href = excluded.href,
                         etag = excluded.etag, held = excluded.held, given = excluded.given,
                         sent = excluded.sent, let_go = excluded.let_go",
                    )?
                    .execute(params![
                        contact,
                        store,
                        href.as_str(),
                        etag.as_ref().map(ETag::as_str),
                        blobs::keep(connection, held)?,
                        blobs::keep(connection, given)?,
                        sent,
                        let_go,
                    ])?;
                settle(connection, contact)
            },
        )
    }

    /// Saves that a store holds nothing of a contact, so that it is free to get it again.
    ///
    /// # Errors
    /// The contact was not saved before.
    pub fn no_entry(
        &self,
        book: &str,
        contact: &ContactId,
        store: &StoreId,
    ) -> Result<(), StateError> {
        self.move_cards(
            &format!("Saving an entry of store `{store}`"),
            |connection| {
                let store = store_row(connection, book, store)?;
                let contact = known_contact(connection, book, contact)?;
                connection
                    .prepare_cached("DELETE FROM entry WHERE contact = ?1 AND store = ?2")?
                    .execute([contact, store])?;
                Ok(())
            },
        )
    }

    /// Saves that a store will not have the agreed card of this hash ([`Card::hash`]), so that it
    /// is not offered again until it changes.
    ///
    /// # Errors
    /// The contact was not saved before.
    pub fn refuse(
        &self,
        book: &str,
        contact: &ContactId,
        store: &StoreId,
        hash: &str,
    ) -> Result<(), StateError> {
        self.make(
            &format!("Saving what store `{store}` refused"),
            |connection| {
                let store = store_row(connection, book, store)?;
                let contact = known_contact(connection, book, contact)?;
                connection
                    .prepare_cached(
                        "INSERT INTO entry (contact, store, refused) VALUES (?1, ?2, ?3)
                         ON CONFLICT (contact, store) DO UPDATE SET refused = excluded.refused",
                    )?
                    .execute(params![contact, store, hash])?;
                settle(connection, contact)
            },
        )
    }

    /// Saves that a store shall not have the agreed card of this hash, so that no run looks whether
    /// it does: as [`Tx::refuse`], but nobody refused anything.
    ///
    /// # Errors
    /// The contact was not saved before.
    pub fn keep_away(
        &self,
        book: &str,
        contact: &ContactId,
        store: &StoreId,
        hash: &str,
    ) -> Result<(), StateError> {
        self.no_entry(book, contact, store)?;
        self.refuse(book, contact, store, &format!("{KEPT_AWAY}{hash}"))
    }

    /// Lets everything that a store refused, or shall not have, be offered to it once more.
    pub fn offer_again(&self, book: &str, store: &StoreId) -> Result<(), StateError> {
        self.make(
            &format!("Forgetting what store `{store}` refused"),
            |connection| {
                let store = store_row(connection, book, store)?;
                connection
                    .prepare_cached(
                        "DELETE FROM entry
                         WHERE store = ?1 AND refused IS NOT NULL AND href IS NULL",
                    )?
                    .execute([store])?;
                connection
                    .prepare_cached(
                        "UPDATE entry SET refused = NULL, settled = 0
                         WHERE store = ?1 AND refused IS NOT NULL",
                    )?
                    .execute([store])?;
                Ok(())
            },
        )
    }

    /// Forgets a contact and its entries. What was done to it stays in the history.
    pub fn forget_contact(&self, book: &str, contact: &ContactId) -> Result<(), StateError> {
        self.move_cards("Forgetting a contact", |connection| {
            connection
                .prepare_cached(
                    "DELETE FROM contact
                     WHERE book = (SELECT id FROM book WHERE name = ?1) AND contact = ?2",
                )?
                .execute([book, contact.as_str()])?;
            Ok(())
        })
    }
}

pub(super) const SETTLE: &str = "
    UPDATE entry SET settled = CASE
        WHEN href IS NULL THEN refused IS agreed.hash OR refused IS 'kept away ' || agreed.hash
        ELSE etag IS NOT NULL AND sent IS NULL
            AND (let_go OR given = agreed.id OR refused IS agreed.hash)
    END
    FROM (SELECT blob.id AS id, lower(hex(blob.sha256)) AS hash
          FROM contact JOIN blob ON blob.id = contact.agreed
          WHERE contact.id = ?1) AS agreed
    WHERE entry.contact = ?1";

/// Begins what stands for the hash of a refused card where nobody refused it, as in [`SETTLE`].
const KEPT_AWAY: &str = "kept away ";

/// Says for each entry of a contact whether a run would find nothing to do there. Kept with the
/// rows, because asking for it means to compare every entry with its contact.
fn settle(connection: &Connection, contact: i64) -> Result<(), Trouble> {
    connection.prepare_cached(SETTLE)?.execute([contact])?;
    Ok(())
}

fn file_under(
    connection: &Connection,
    contact: i64,
    keys: &BTreeSet<String>,
) -> Result<(), Trouble> {
    connection
        .prepare_cached("DELETE FROM match_key WHERE contact = ?1")?
        .execute([contact])?;
    let mut insert =
        connection.prepare_cached("INSERT INTO match_key (key, contact) VALUES (?1, ?2)")?;
    for key in keys {
        insert.execute(params![key, contact])?;
    }
    Ok(())
}

/// The number of a contact that must be there.
fn known_contact(connection: &Connection, book: &str, contact: &ContactId) -> Result<i64, Trouble> {
    connection
        .prepare_cached(
            "SELECT contact.id FROM contact JOIN book ON book.id = contact.book
             WHERE book.name = ?1 AND contact = ?2",
        )?
        .query_row([book, contact.as_str()], |row| row.get(0))
        .optional()?
        .ok_or_else(|| Trouble::Unknown(contact.clone()))
}

fn read_contact(
    connection: &Connection,
    book: i64,
    contact: &ContactId,
) -> Result<Option<Known>, Trouble> {
    let found: Option<(i64, String, BlobId, Option<String>)> = connection
        .prepare_cached(
            "SELECT id, name, agreed, held_back FROM contact WHERE book = ?1 AND contact = ?2",
        )?
        .query_row(params![book, contact.as_str()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    let Some((row_id, name, agreed, held_back)) = found else {
        return Ok(None);
    };
    let whose = format!("{name:?} ({contact})");
    let mut cards = Cards::of(connection);
    let held_back: Vec<FieldKey> = held_back
        .as_deref()
        .map(read_json)
        .transpose()?
        .unwrap_or_default();
    let mut known = Known {
        id: contact.clone(),
        agreed: cards.get(agreed, &whose)?,
        stores: BTreeMap::new(),
        held_back,
        refused: BTreeMap::new(),
    };
    let mut statement = connection.prepare_cached(
        "SELECT store.name, href, etag, held, given, sent, refused, let_go
         FROM entry JOIN store ON store.id = entry.store
         WHERE entry.contact = ?1",
    )?;
    let mut rows = statement.query([row_id])?;
    while let Some(row) = rows.next()? {
        let store = StoreId::new(row.get::<_, String>(0)?);
        if let Some(hash) = row.get(6)? {
            known.refused.insert(store.clone(), hash);
        }
        let Some(href) = row.get::<_, Option<String>>(1)? else {
            continue;
        };
        let etag: Option<String> = row.get(2)?;
        let held = Held {
            href: Href::new(href),
            etag: etag.map(ETag::new),
            held: cards.get(row.get(3)?, &whose)?,
            given: cards.get(row.get(4)?, &whose)?,
            sent: cards.find(row.get(5)?, &whose)?,
            let_go: row.get(7)?,
        };
        known.stores.insert(store, held);
    }
    Ok(Some(known))
}
