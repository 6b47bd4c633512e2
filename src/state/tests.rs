//! Claims about the state, by what they are about; the world they share stands here.

mod baseline;
mod followers;
mod history;
mod opening;
mod relationships;

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::{Access, State, StateError, Tx};
use crate::book::{ContactId, ETag, Held, Href, Known, StoreId};
use crate::card::Card;

const BOOK: &str = "people";

/// A state in a directory of its own.
struct World {
    directory: TempDir,
    state: State,
}

impl World {
    fn new() -> World {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let state = open(&directory);
        World { directory, state }
    }

    /// Ends the process, so to speak, and begins another.
    fn reopen(self) -> World {
        let World { directory, state } = self;
        drop(state);
        let state = open(&directory);
        World { directory, state }
    }

    fn make(&mut self, change: impl FnOnce(&Tx) -> Result<(), StateError>) {
        self.state.transaction(change).expect("the change is saved");
    }

    /// The contact `name` with its agreed card, in step in these stores.
    fn settled(&mut self, name: &str, stores: &[&str]) {
        self.make(|tx| {
            put(tx, name, &card(name))?;
            for at in stores {
                tx.put_entry(BOOK, &contact(name), &store(at), &held(name))?;
            }
            Ok(())
        });
    }

    fn unsettled(&self, stores: &[&str]) -> Vec<String> {
        let stores: Vec<_> = stores.iter().map(|name| store(name)).collect();
        let contacts = self.state.unsettled(BOOK, &stores).expect("an answer");
        contacts.iter().map(ContactId::to_string).collect()
    }

    fn known(&self, name: &str) -> Known {
        let ids = BTreeSet::from([contact(name)]);
        let mut contacts = self.state.contacts(BOOK, &ids).expect("an answer");
        contacts.pop().expect("a known contact")
    }

    fn number(&self, sql: &str) -> i64 {
        self.state
            .connection
            .query_row(sql, [], |row| row.get(0))
            .expect("a number")
    }
}

fn open(directory: &TempDir) -> State {
    let (state, aside) = State::open(directory.path(), Access::Run).expect("it opens");
    assert_eq!(aside, None);
    state
}

fn put(tx: &Tx, name: &str, agreed: &Card) -> Result<(), StateError> {
    tx.put_contact(BOOK, &contact(name), name, agreed, &[], &BTreeSet::new())
}

fn card(name: &str) -> Card {
    let text = format!("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name}\r\nN:;{name};;;\r\nEND:VCARD\r\n");
    Card::parse(text.as_bytes()).expect("a card")
}

fn held(name: &str) -> Held {
    Held {
        href: Href::new(format!("{name}.vcf")),
        etag: Some(ETag::new("1")),
        held: card(name),
        given: card(name),
        sent: None,
        let_go: false,
    }
}

fn hash(card: &Card) -> String {
    Sha256::digest(card.bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn contact(name: &str) -> ContactId {
    ContactId::new(name)
}

fn store(name: &str) -> StoreId {
    StoreId::new(name)
}
