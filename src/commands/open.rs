//! Opens what a command works on: the state, and the stores of a book as the config names them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

use crate::book::StoreId;
use crate::config::{self, Access as StoreAccess, Config, Place};
use crate::run::{Book, Terms};
use crate::secret::Secrets;
use crate::state::{Access, State};
use crate::store::carddav::{self, CardDav, Saved};
use crate::store::folder::Folder;
use crate::store::{Store, StoreError};
use crate::sync::Watch;

use super::sign_in::sign_in;
use super::{Surroundings, Trouble};

/// The books that are meant: these, or all where none is named.
pub fn books<'c>(config: &'c Config, names: &[String]) -> Result<Vec<&'c config::Book>, Trouble> {
    if names.is_empty() {
        return Ok(config.books.iter().collect());
    }
    names
        .iter()
        .map(|name| {
            config
                .books
                .iter()
                .find(|book| book.name == *name)
                .ok_or_else(|| {
                    let known: Vec<_> = config
                        .books
                        .iter()
                        .map(|book| format!("\"{}\"", book.name))
                        .collect();
                    Trouble::Asked(format!(
                        "The config has no book \"{name}\". It has {}.",
                        known.join(", ")
                    ))
                })
        })
        .collect()
}

/// The state, for a run that may change things. Says once if a damaged one was set aside.
pub fn open_state(at: &Surroundings) -> Result<State, Trouble> {
    let (state, aside) = State::open(&state_directory(at)?, Access::Run)?;
    if let Some(aside) = aside {
        tracing::warn!(
            "The state file was damaged ({}). It was moved to {}, and a new one is built from what \
             the stores hold; nothing is deleted because of it.",
            aside.reason,
            aside.path.display()
        );
    }
    Ok(state)
}

/// The state, to look at; also while a run is going on.
pub fn look_at_state(at: &Surroundings) -> Result<State, Trouble> {
    Ok(State::open(&state_directory(at)?, Access::Look)?.0)
}

pub(super) fn state_directory(at: &Surroundings) -> Result<PathBuf, Trouble> {
    let chosen = at
        .globals
        .state
        .clone()
        .or_else(|| at.directories.state.clone());
    chosen.ok_or_else(|| {
        Trouble::Asked(
            "No place for the state is known: HOME is not set. Name one with --state DIR."
                .to_owned(),
        )
    })
}

/// Opens the stores of a book. One that cannot be opened is kept with its reason; the others go on.
///
/// An address book is looked for at its server only the first time: what a run finds is remembered
/// in the state, so that later ones ask nothing.
pub async fn open_book(
    config: &Config,
    chosen: &config::Book,
    state: &State,
    watch: Rc<dyn Watch>,
) -> Result<Book, Trouble> {
    let secrets = Secrets::default();
    let mut book = Book {
        name: chosen.name.clone(),
        conflicts: chosen.conflicts.clone(),
        duplicates: chosen.duplicates,
        mirror_tiers: chosen.mirror_tiers,
        region: config.me.as_ref().and_then(|me| me.region.clone()),
        stores: BTreeMap::new(),
        terms: BTreeMap::new(),
        unopened: BTreeMap::new(),
    };
    for store in &chosen.stores {
        let mut writable = store.access == StoreAccess::ReadWrite;
        if store.access == StoreAccess::Propose {
            tracing::warn!(
                "Store `{}` is read and not written: this version makes no proposals yet.",
                store.id
            );
        }
        let opened: Result<Box<dyn Store>, StoreError> = match &store.place {
            Place::Folder(path) => Folder::open(store.id.clone(), path.clone())
                .map(|folder| Box::new(folder) as Box<dyn Store>),
            Place::AddressBook {
                account,
                addressbook,
            } => {
                let wanted = Wanted {
                    book: &chosen.name,
                    id: &store.id,
                    addressbook,
                };
                let account = config.accounts.get(account);
                match sign_in(account, &secrets).await {
                    Ok(account) => match wanted.open(&account, state, Rc::clone(&watch)).await? {
                        Ok(found) => {
                            writable &= !found.is_read_only();
                            Ok(Box::new(found))
                        }
                        Err(error) => Err(error),
                    },
                    Err(error) => Err(error),
                }
            }
        };
        match opened {
            Ok(opened) => {
                book.stores.insert(store.id.clone(), opened);
            }
            Err(error) => {
                book.unopened.insert(store.id.clone(), error);
            }
        }
        book.terms.insert(
            store.id.clone(),
            Terms {
                writable,
                omit: store.omit.clone(),
            },
        );
    }
    Ok(book)
}

/// An address book as the config names it.
struct Wanted<'a> {
    book: &'a str,
    id: &'a StoreId,
    addressbook: &'a str,
}

impl Wanted<'_> {
    async fn open(
        &self,
        account: &carddav::Account,
        state: &State,
        watch: Rc<dyn Watch>,
    ) -> Result<Result<CardDav, StoreError>, Trouble> {
        let options = carddav::Options {
            progress: Some(Rc::new({
                let id = self.id.clone();
                move |progress: carddav::Progress| {
                    watch.requests(
                        &id,
                        usize::try_from(progress.requests).unwrap_or(usize::MAX),
                    );
                }
            })),
            ..carddav::Options::default()
        };
        let saved = state
            .saved(self.book, self.id)?
            .and_then(|json| serde_json::from_str::<Saved>(&json).ok())
            .filter(|saved| saved.answers(account, self.addressbook));
        if let Some(saved) = saved {
            let reopened = CardDav::reopen(self.id.clone(), account, &saved, options.clone());
            if reopened.is_ok() {
                return Ok(reopened);
            }
        }
        Ok(CardDav::open(self.id.clone(), account, self.addressbook, options).await)
    }
}
