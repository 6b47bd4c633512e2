//! Which address books and folders are to hold the same people, and in which book.

use std::path::PathBuf;

use super::reach::SignedIn;
use super::{Asking, Settled, SetupError, Wishes, names};
use crate::book::StoreId;
use crate::config::{Access, Config, Place, StoreConfig};
use crate::store::carddav::Saved;

/// The book of a first config.
const FIRST_BOOK: &str = "people";

/// Lets the person choose among what the server offers, and a folder to keep in step with it.
pub(super) fn choose(
    signed_in: &SignedIn,
    wishes: &Wishes,
    config: Option<&Config>,
    asking: &mut Asking,
) -> Result<(String, Vec<StoreConfig>), SetupError> {
    let account = &signed_in.account.account.name;
    let offered = &signed_in.offered.books;
    for elsewhere in &signed_in.offered.elsewhere {
        asking.tell(&format!(
            "The address book \"{}\" lies on {}, which does not get the password; it is left out. \
             With --trust {} it is among those to choose from.",
            elsewhere.name, elsewhere.host, elsewhere.host
        ));
    }
    let chosen = addressbooks(offered, wishes, asking)?;
    let book = book(wishes, config, asking)?;
    let mut taken = store_ids(config, &book);
    let mut stores = Vec::new();
    for index in &chosen {
        let addressbook = &offered[*index];
        let known: Vec<&str> = taken.iter().map(String::as_str).collect();
        let id = names::store_id(account, &shown(addressbook), chosen.len() == 1, &known);
        taken.push(id.clone());
        stores.push(StoreConfig {
            id: StoreId::new(id),
            place: Place::AddressBook {
                account: account.clone(),
                addressbook: wanted(addressbook, offered),
            },
            access: match addressbook.read_only {
                true => Access::ReadOnly,
                false => Access::ReadWrite,
            },
            omit: Vec::new(),
        });
    }
    let is_first = taken.len() == stores.len();
    let folders = folders(wishes, is_first, asking)?;
    stores.extend(folder_stores(folders, &mut taken));
    Ok((book, stores))
}

/// Folders without any account.
pub(super) fn folders_alone(
    wishes: &Wishes,
    config: Option<&Config>,
    asking: &mut Asking,
) -> Result<Settled, SetupError> {
    let book = book(wishes, config, asking)?;
    let mut taken = store_ids(config, &book);
    Ok(Settled {
        account: None,
        stores: folder_stores(wishes.folders.clone(), &mut taken),
        book,
    })
}

fn folder_stores(folders: Vec<PathBuf>, taken: &mut Vec<String>) -> Vec<StoreConfig> {
    let store = |folder: PathBuf| {
        let known: Vec<&str> = taken.iter().map(String::as_str).collect();
        let id = names::folder_id(&folder, &known);
        taken.push(id.clone());
        StoreConfig {
            id: StoreId::new(id),
            place: Place::Folder(folder),
            access: Access::ReadWrite,
            omit: Vec::new(),
        }
    };
    folders.into_iter().map(store).collect()
}

fn store_ids(config: Option<&Config>, book: &str) -> Vec<String> {
    let books = config.map(|config| config.books.as_slice());
    let books = books.unwrap_or_default().iter();
    let stores = books.filter(|known| known.name == book);
    stores
        .flat_map(|book| book.stores.iter().map(|store| store.id.to_string()))
        .collect()
}

/// The indices of the address books that are wanted.
fn addressbooks(
    offered: &[Saved],
    wishes: &Wishes,
    asking: &mut Asking,
) -> Result<Vec<usize>, SetupError> {
    if !wishes.addressbooks.is_empty() {
        return named(offered, &wishes.addressbooks);
    }
    if offered.len() == 1 {
        asking.tell(&format!(
            "It offers one address book, {}.",
            in_words(&offered[0])
        ));
        return Ok(vec![0]);
    }
    if asking.asks() {
        let options: Vec<String> = offered.iter().map(in_words).collect();
        loop {
            let question = "Which address books (blank marks, Enter goes on)?";
            let chosen = asking.person.choose_many(question, &options, &[0])?;
            if !chosen.is_empty() {
                return Ok(chosen);
            }
        }
    }
    // Which of several is meant cannot be known, and one too many would mix two circles of people.
    let names: Vec<String> = offered.iter().map(in_words).collect();
    Err(SetupError::Needed(format!(
        "There are several address books: {}. Name those that are meant: --addressbook NAME. \
         Nothing was changed.",
        names.join(", ")
    )))
}

fn named(offered: &[Saved], wanted: &[String]) -> Result<Vec<usize>, SetupError> {
    let index = |name: &String| {
        let is_meant = |saved: &&Saved| {
            saved.display_name.as_deref() == Some(name)
                || saved.url == *name
                || saved.url.trim_end_matches('/') == name.trim_end_matches('/')
                || saved.segment() == *name
        };
        let found = offered.iter().position(|saved| is_meant(&saved));
        found.ok_or_else(|| {
            let names: Vec<String> = offered.iter().map(in_words).collect();
            SetupError::Needed(format!(
                "There is no address book \"{name}\". There are: {}. Nothing was changed.",
                names.join(", ")
            ))
        })
    };
    wanted.iter().map(index).collect()
}

/// How the config names an address book: as people do, where that is clear.
fn wanted(addressbook: &Saved, offered: &[Saved]) -> String {
    let name = shown(addressbook);
    let alike = offered
        .iter()
        .filter(|other| shown(other) == name || other.segment() == name);
    match alike.count() {
        1 => name,
        _ => addressbook.url.clone(),
    }
}

fn shown(addressbook: &Saved) -> String {
    let name = addressbook.display_name.clone();
    name.unwrap_or_else(|| addressbook.segment())
}

fn in_words(addressbook: &Saved) -> String {
    let mut words = format!("\"{}\"", shown(addressbook));
    if let Some(description) = &addressbook.description {
        words.push_str(&format!(" ({description})"));
    }
    if addressbook.read_only {
        words.push_str(", for reading only");
    }
    words
}

/// The book that the stores join.
fn book(
    wishes: &Wishes,
    config: Option<&Config>,
    asking: &mut Asking,
) -> Result<String, SetupError> {
    if let Some(book) = &wishes.book {
        return Ok(book.clone());
    }
    let known: Vec<String> = config
        .map(|config| config.books.iter().map(|book| book.name.clone()).collect())
        .unwrap_or_default();
    let [first, ..] = known.as_slice() else {
        return Ok(FIRST_BOOK.to_owned());
    };
    if !asking.asks() {
        return Ok(first.clone());
    }
    let mut options: Vec<String> = known
        .iter()
        .map(|name| format!("the book \"{name}\": the same people as its other stores"))
        .collect();
    options.push("a new book: other people".to_owned());
    let chosen = asking.person.choose("Where does it belong?", &options)?;
    match known.get(chosen) {
        Some(name) => Ok(name.clone()),
        None => asking.needed("Name of the new book:", "--book BOOK"),
    }
}

/// The folders that are named, or the one that is offered.
fn folders(
    wishes: &Wishes,
    is_first: bool,
    asking: &mut Asking,
) -> Result<Vec<PathBuf>, SetupError> {
    const NONE: &str = "none";
    let home = wishes.home.as_deref();
    let is_open = asking.person.is_there() || asking.take_defaults;
    if !wishes.folders.is_empty() || !is_open {
        return Ok(wishes.folders.clone());
    }
    let default = match home {
        Some(_) if is_first => "~/Contacts",
        _ => NONE,
    };
    loop {
        let question = "A folder on this machine to keep in step with it (or \"none\"):";
        let answer = asking.text_or(question, default)?;
        if answer.is_empty() || answer == NONE {
            return Ok(Vec::new());
        }
        match names::as_folder(&answer, home) {
            Some(folder) => return Ok(vec![folder]),
            None => asking.tell("A path begins with / or ~/, for example ~/Contacts."),
        }
    }
}
