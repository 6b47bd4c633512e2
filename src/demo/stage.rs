//! The temporary place of the demo: a CardDAV server on loopback, two folders and a config.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::fixtures::{self, Sheet};
use super::server::{Account, Books, Place, Server};
use crate::card::{Card, Change};

/// The stores, in the order in which they are told.
pub const STORES: [&str; 3] = ["phone", "laptop", "office"];

const SHELF: &str = "people";
const USERNAME: &str = "demo";
/// Of no use to anybody: the server listens on loopback and ends with the demo.
const PASSWORD: &str = "only-for-the-demo";

/// Three stores that know nothing of each other yet, and a config that names them.
pub struct Stage {
    server: Server,
    room: Room,
}

/// The temporary directory, until it is to stay.
enum Room {
    Passing(TempDir),
    Kept(PathBuf),
}

/// The bytes of every card of one store, by address.
pub type Contents = BTreeMap<String, Vec<u8>>;

impl Stage {
    /// Starts the server, fills the stores from the fixtures and writes the config.
    ///
    /// # Errors
    /// No room in the temporary directory, or no free port on loopback.
    pub fn build(keep: bool) -> io::Result<Stage> {
        let directory = tempfile::Builder::new()
            .prefix("cardweave-demo-")
            .tempdir()?;
        let room = if keep {
            Room::Kept(directory.keep())
        } else {
            Room::Passing(directory)
        };
        let books = Books::new(Account::new(USERNAME, PASSWORD)).with_book(SHELF, "People");
        let stage = Stage {
            server: Server::start(books)?,
            room,
        };
        for (store, sheets) in
            STORES
                .into_iter()
                .zip([fixtures::PHONE, fixtures::LAPTOP, fixtures::OFFICE])
        {
            if !is_on_server(store) {
                fs::DirBuilder::new()
                    .mode(0o700)
                    .create(stage.path().join(store))?;
            }
            for sheet in sheets {
                stage.add(store, *sheet)?;
            }
        }
        write_private(&stage.path().join("password"), &format!("{PASSWORD}\n"))?;
        write_private(&stage.config(), &config(&stage.server.url()))?;
        Ok(stage)
    }

    pub fn path(&self) -> &Path {
        match &self.room {
            Room::Passing(directory) => directory.path(),
            Room::Kept(path) => path,
        }
    }

    pub fn is_kept(&self) -> bool {
        matches!(self.room, Room::Kept(_))
    }

    pub fn config(&self) -> PathBuf {
        self.path().join("config.toml")
    }

    pub fn state(&self) -> PathBuf {
        self.path().join("state")
    }

    pub fn server_url(&self) -> String {
        self.server.url()
    }

    /// How many requests the server got since this was asked last.
    pub fn take_requests(&self) -> usize {
        self.server.take_requests().len()
    }

    /// Puts a new card into a store, as another program would.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn add(&self, store: &str, (name, bytes): Sheet) -> io::Result<()> {
        let name = name.rsplit('/').next().unwrap_or(name);
        self.put(store, name, bytes)
    }

    /// Changes the card of this name in one store, as another program would.
    ///
    /// # Errors
    /// The store has no such card, or the folder cannot be read and written.
    pub fn edit(
        &self,
        store: &str,
        name: &str,
        changes: impl FnOnce(&Card) -> Vec<Change>,
    ) -> io::Result<()> {
        let (address, card) = self.find(store, name)?;
        self.put(store, &address, card.apply(&changes(&card)).bytes())
    }

    /// Deletes the card of this name in one store, as another program would.
    ///
    /// # Errors
    /// The store has no such card, or the folder cannot be read and written.
    pub fn delete(&self, store: &str, name: &str) -> io::Result<()> {
        let (address, _) = self.find(store, name)?;
        if is_on_server(store) {
            self.server.delete_behind(&href(&address));
            return Ok(());
        }
        fs::remove_file(self.path().join(store).join(address))
    }

    /// The cards of one store, read from where they lie.
    ///
    /// # Errors
    /// The folder cannot be read, or holds what is no card.
    pub fn cards(&self, store: &str) -> io::Result<Vec<Card>> {
        let contents = self.contents(store)?;
        contents
            .values()
            .map(|bytes| Card::parse(bytes).map_err(io::Error::other))
            .collect()
    }

    /// What one store holds, byte for byte.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn contents(&self, store: &str) -> io::Result<Contents> {
        if is_on_server(store) {
            return Ok(self.server.with_books(|books| {
                let cards = books
                    .book(SHELF)
                    .map(|book| book.cards().clone())
                    .unwrap_or_default();
                cards
                    .into_iter()
                    .map(|(name, kept)| (name, kept.body))
                    .collect()
            }));
        }
        let mut contents = Contents::new();
        for file in fs::read_dir(self.path().join(store))? {
            let file = file?;
            let name = file.file_name().to_string_lossy().into_owned();
            if name.ends_with(".vcf") {
                contents.insert(name, fs::read(file.path())?);
            }
        }
        Ok(contents)
    }

    fn find(&self, store: &str, name: &str) -> io::Result<(String, Card)> {
        for (address, bytes) in self.contents(store)? {
            if let Ok(card) = Card::parse(&bytes)
                && card.name() == name
            {
                return Ok((address, card));
            }
        }
        Err(io::Error::other(format!(
            "store `{store}` has no card of {name}"
        )))
    }

    fn put(&self, store: &str, address: &str, bytes: &[u8]) -> io::Result<()> {
        if is_on_server(store) {
            let stored = self.server.put_behind(&href(address), bytes);
            return stored
                .map(drop)
                .ok_or_else(|| io::Error::other("the server has no such book"));
        }
        fs::write(self.path().join(store).join(address), bytes)
    }
}

fn is_on_server(store: &str) -> bool {
    store == STORES[0]
}

fn href(name: &str) -> String {
    Place::Card {
        book: SHELF.to_owned(),
        name: name.to_owned(),
    }
    .href()
}

/// A file that only this user can read, which the config asks of a password.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())
}

fn config(url: &str) -> String {
    format!(
        "\
[[account]]
name = \"loopback\"
address = \"{url}\"
username = \"{USERNAME}\"
password = {{ file = \"password\" }}

[[book]]
name = \"people\"

[[book.store]]
id = \"{}\"
account = \"loopback\"
addressbook = \"People\"

[[book.store]]
id = \"{}\"
folder = \"{}\"

[[book.store]]
id = \"{}\"
folder = \"{}\"
",
        STORES[0], STORES[1], STORES[1], STORES[2], STORES[2]
    )
}
