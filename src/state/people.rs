//! Everybody of a book, as far as it takes to tell who is who.

use std::collections::{BTreeMap, BTreeSet};

use super::blobs::Cards;
use super::error::StateError;
use super::{State, notes::find_book};
use crate::book::{ContactId, StoreId};
use crate::card::Card;

/// One contact, without what each store holds of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Resident {
    pub id: ContactId,
    pub agreed: Card,
    /// What it is found by, as it was saved with [`super::Tx::put_contact`].
    pub keys: BTreeSet<String>,
    /// The stores that have an entry of it.
    pub stores: BTreeSet<StoreId>,
}

impl State {
    /// Everybody of a book, by id. Three passes over the tables, whatever their size.
    pub fn everybody(&self, book: &str) -> Result<Vec<Resident>, StateError> {
        self.ask("Reading the contacts of a book", |connection| {
            let book = find_book(connection, book)?;
            let mut cards = Cards::of(connection);
            let mut residents: BTreeMap<i64, Resident> = BTreeMap::new();
            let mut contacts = connection
                .prepare_cached("SELECT id, contact, name, agreed FROM contact WHERE book = ?1")?;
            let mut rows = contacts.query([book])?;
            while let Some(row) = rows.next()? {
                let name: String = row.get(2)?;
                let resident = Resident {
                    id: ContactId::new(row.get::<_, String>(1)?),
                    agreed: cards.get(row.get(3)?, &name)?,
                    keys: BTreeSet::new(),
                    stores: BTreeSet::new(),
                };
                residents.insert(row.get(0)?, resident);
            }
            let mut keys = connection.prepare_cached("SELECT contact, key FROM match_key")?;
            let mut rows = keys.query([])?;
            while let Some(row) = rows.next()? {
                if let Some(resident) = residents.get_mut(&row.get(0)?) {
                    resident.keys.insert(row.get(1)?);
                }
            }
            let mut entries = connection.prepare_cached(
                "SELECT entry.contact, store.name FROM entry JOIN store ON store.id = entry.store
                 WHERE store.book = ?1 AND href IS NOT NULL",
            )?;
            let mut rows = entries.query([book])?;
            while let Some(row) = rows.next()? {
                if let Some(resident) = residents.get_mut(&row.get(0)?) {
                    resident
                        .stores
                        .insert(StoreId::new(row.get::<_, String>(1)?));
                }
            }
            let mut all: Vec<Resident> = residents.into_values().collect();
            all.sort_by(|one, other| one.id.cmp(&other.id));
            Ok(all)
        })
    }
}
