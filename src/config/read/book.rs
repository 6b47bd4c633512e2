//! Reads `[[book]]` with its stores, and sees to it that no two stores are the same place.

use std::path::PathBuf;

use super::{Names, expand};
use crate::book::StoreId;
use crate::config::place::{Origin, Overlap, overlap, settled};
use crate::config::section::{Section, advice};
use crate::config::{Access, Book, Conflicts, Duplicates, Place, StoreConfig, omit_pattern};

pub(super) fn book(
    section: &Section,
    names: &mut Names,
    accounts: &[&str],
    places: &mut Places,
    origin: &Origin,
) -> Option<Book> {
    let name = names.read(section, "name");
    let sections = section.sections("store", "[[book.store]]");
    if sections.is_empty() {
        section.wrong(
            section.span_of("store"),
            "This book has no store: add [[book.store]] below it.",
        );
    }
    let mut ids = Names::new("store");
    let mut stores = Vec::new();
    for section in &sections {
        stores.push(store(section, &mut ids, accounts, places, origin));
    }
    let conflicts = conflicts(section, &ids);
    let duplicates = section.word(
        "duplicates",
        &[
            ("ask", Duplicates::Ask),
            ("auto", Duplicates::Auto),
            ("off", Duplicates::Off),
        ],
    );
    let mirror_tiers = section.flag("mirror-tiers");
    Some(Book {
        name: name?,
        conflicts: conflicts?,
        duplicates,
        mirror_tiers,
        stores: stores.into_iter().collect::<Option<_>>()?,
    })
}

fn conflicts(section: &Section, ids: &Names) -> Option<Conflicts> {
    if !section.has("conflicts") {
        return Some(Conflicts::Ask);
    }
    let text = section.text("conflicts")?;
    match text.value {
        "ask" => Some(Conflicts::Ask),
        "newest" => Some(Conflicts::Newest),
        id if ids.seen.contains(id) => Some(Conflicts::Store(StoreId::new(id))),
        other => {
            let mut known = vec!["ask", "newest"];
            known.extend(ids.seen.iter().map(String::as_str));
            section.wrong(
                text.span,
                format!(
                    "No store of this book is called `{other}`. {}",
                    advice(other, &known)
                ),
            );
            None
        }
    }
}

fn store(
    section: &Section,
    ids: &mut Names,
    accounts: &[&str],
    places: &mut Places,
    origin: &Origin,
) -> Option<StoreConfig> {
    let id = ids.read(section, "id");
    if let (Some("ask" | "newest"), Some(text)) = (id.as_deref(), section.text("id")) {
        section.wrong(
            text.span,
            "This word has a meaning in `conflicts`; choose another id.",
        );
    }
    let place = place(section, accounts, origin);
    if let (Some(place), Some(id)) = (&place, &id) {
        places.take(section, id, place);
    }
    let access = section.word(
        "access",
        &[
            ("read-write", Access::ReadWrite),
            ("read-only", Access::ReadOnly),
            ("propose", Access::Propose),
        ],
    );
    let mut omit = Vec::new();
    for text in section.texts("omit") {
        match omit_pattern(text.value) {
            Ok(pattern) => omit.push(pattern),
            Err(why) => section.wrong(text.span, why),
        }
    }
    Some(StoreConfig {
        id: StoreId::new(id?),
        place: place?,
        access,
        omit,
    })
}

fn place(section: &Section, accounts: &[&str], origin: &Origin) -> Option<Place> {
    let keys = ["folder", "account", "addressbook"].map(|key| section.has(key));
    match keys {
        [true, false, false] => {
            let text = section.text("folder")?;
            expand(section, &text, origin).map(Place::Folder)
        }
        [false, true, true] => {
            let account = section.text("account");
            let addressbook = section.text("addressbook");
            let account = account?;
            if !accounts.contains(&account.value) {
                section.wrong(
                    account.span,
                    format!(
                        "There is no account `{}`. {}",
                        account.value,
                        match accounts {
                            [] => "Declare it: [[account]] with `name` and `address`.".to_owned(),
                            known => advice(account.value, known),
                        }
                    ),
                );
                return None;
            }
            Some(Place::AddressBook {
                account: account.value.to_owned(),
                addressbook: addressbook?.value.to_owned(),
            })
        }
        [false, true, false] => {
            section.lacks("addressbook");
            None
        }
        [false, false, true] => {
            section.lacks("account");
            None
        }
        [false, false, false] => {
            section.wrong(
                section.span.clone(),
                "This store is nowhere: give it `folder`, or `account` and `addressbook`.",
            );
            None
        }
        [true, ..] => {
            section.wrong(
                section.span_of("folder"),
                "A store is one place: either `folder`, or `account` and `addressbook`.",
            );
            None
        }
    }
}

/// The places that the stores of all books take up.
#[derive(Default)]
pub(super) struct Places {
    folders: Vec<(String, PathBuf)>,
    addressbooks: Vec<(String, Place)>,
}

impl Places {
    fn take(&mut self, section: &Section, id: &str, place: &Place) {
        match place {
            Place::Folder(path) => {
                let folder = settled(path);
                for (other, taken) in &self.folders {
                    let how = match overlap(&folder, taken) {
                        Overlap::Same => "the same as",
                        Overlap::Inside => "inside",
                        Overlap::Around => "around",
                        Overlap::Apart => continue,
                    };
                    section.wrong(
                        section.span_of("folder"),
                        format!(
                            "This folder is {how} the folder of store `{other}`. A card would be \
                             in two stores at once; choose a folder of its own."
                        ),
                    );
                    return;
                }
                self.folders.push((id.to_owned(), folder));
            }
            Place::AddressBook { .. } => {
                if let Some((other, _)) = self.addressbooks.iter().find(|(_, it)| it == place) {
                    section.wrong(
                        section.span_of("addressbook"),
                        format!("Store `{other}` is this address book already."),
                    );
                    return;
                }
                self.addressbooks.push((id.to_owned(), place.clone()));
            }
        }
    }
}
