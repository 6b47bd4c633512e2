//! The world of these tests: a server, a folder, a state, and runs of the real code over them.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use cardweave::book::StoreId;
use cardweave::card::{Card, Field};
use cardweave::config::Duplicates;
use cardweave::demo::server::{Account as ServerAccount, Books, Exchange, Place, Server};
use cardweave::merge::Conflicts;
use cardweave::run::{Book, BookSummary, Options, Terms, run};
use cardweave::state::{Access, State};
use cardweave::store::carddav::{self, Account, CardDav, Limits, Saved};
use cardweave::store::folder::Folder;
use cardweave::store::{Store, StoreError};
use cardweave::sync::Unwatched;
use jiff::Timestamp;
use tempfile::TempDir;

use super::support::mischief::Script;

const BOOK: &str = "people";

/// How long a whole listing is believed to be enough, and a little more.
pub const A_WEEK_LATER: i64 = 8 * 24 * 60 * 60;

/// Short, because the server of these tests is near, and some of it never answers.
const LIMITS: Limits = Limits {
    connect: Duration::from_millis(300),
    idle: Duration::from_millis(500),
    whole: Duration::from_millis(1_500),
    response_bytes: 4 << 20,
    patience: Duration::from_millis(1_500),
};

/// A server and a folder that shall hold the same people.
pub struct World {
    pub server: Server,
    room: TempDir,
    saved: Option<Saved>,
    pub accept_deletes: bool,
    pub now: i64,
}

/// What one store holds: per person the fields in words.
pub type Held = BTreeMap<String, BTreeSet<String>>;

impl World {
    /// A server with these cards by name, and an empty folder.
    pub fn new(cards: &[(&str, &str)]) -> World {
        let mut books = Books::new(ServerAccount::new("anna", "secret")).with_book(BOOK, "People");
        for (name, lines) in cards {
            books.put(&href(name), &card(name, lines));
        }
        let world = World {
            server: Server::start(books).expect("a port on loopback"),
            room: temporary(),
            saved: None,
            accept_deletes: false,
            now: 1_800_000_000,
        };
        fs::create_dir(world.folder()).expect("a new folder");
        world
    }

    pub fn folder(&self) -> PathBuf {
        self.room.path().join("folder")
    }

    pub fn account(&self) -> Account {
        Account::new(
            self.server.url().parse().expect("a URL"),
            "anna",
            "secret".into(),
        )
    }

    pub fn misbehave(&self, script: Script) {
        self.server.set_mischief(Some(Box::new(script)));
    }

    pub fn behave(&self) {
        self.server.set_mischief(None);
    }

    /// Has the next run look for the address book anew, as after a change of the config.
    pub fn forget_address(&mut self) {
        self.saved = None;
    }

    /// A run as the program makes it, a minute after the one before.
    pub fn run(&mut self) -> BookSummary {
        self.now += 60;
        let (mut state, aside) =
            State::open(&self.room.path().join("state"), Access::Run).expect("the state opens");
        assert_eq!(aside, None);
        let options = Options {
            dry_run: false,
            accept_deletes: self.accept_deletes,
            at: Timestamp::from_second(self.now).expect("a time"),
            command: "sync".to_owned(),
            stop: Rc::new(Cell::new(false)),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let book = self.book().await;
            run(&book, &mut state, &options, &Unwatched)
                .await
                .expect("the state works")
        })
    }

    async fn book(&mut self) -> Book {
        let mut book = Book {
            name: BOOK.to_owned(),
            conflicts: Conflicts::Ask,
            duplicates: Duplicates::Off,
            mirror_tiers: false,
            region: None,
            stores: BTreeMap::new(),
            terms: BTreeMap::new(),
            unopened: BTreeMap::new(),
        };
        let server = StoreId::new("server");
        let folder = StoreId::new("folder");
        let mut writable = true;
        match self.open_server(&server).await {
            Ok(store) => {
                writable = !store.is_read_only();
                book.stores.insert(server.clone(), Box::new(store));
            }
            Err(error) => drop(book.unopened.insert(server.clone(), error)),
        }
        let opened = Folder::open(folder.clone(), self.folder()).expect("the folder opens");
        book.stores
            .insert(folder.clone(), Box::new(opened) as Box<dyn Store>);
        for (id, writable) in [(server, writable), (folder, true)] {
            let omit = Vec::new();
            book.terms.insert(id, Terms { writable, omit });
        }
        book
    }

    async fn open_server(&mut self, id: &StoreId) -> Result<CardDav, StoreError> {
        let options = carddav::Options {
            limits: LIMITS,
            ..carddav::Options::default()
        };
        let account = self.account();
        if let Some(saved) = &self.saved {
            return CardDav::reopen(id.clone(), &account, saved, options);
        }
        let store = CardDav::open(id.clone(), &account, "People", options).await?;
        self.saved = Some(store.saved());
        Ok(store)
    }

    /// Puts a card of these lines into the folder, as its owner would.
    pub fn put_in_folder(&self, name: &str, lines: &str) {
        fs::write(self.file(name), card(name, lines)).expect("the folder can be written");
    }

    pub fn delete_in_folder(&self, name: &str) {
        fs::remove_file(self.file(name)).expect("the card is in the folder");
    }

    /// Puts a card of these lines on the server, as another client would.
    pub fn put_on_server(&self, name: &str, lines: &str) {
        let href = self.href_of(name).unwrap_or_else(|| href(name));
        self.server
            .put_behind(&href, &card(name, lines))
            .expect("the server has the book");
    }

    pub fn delete_on_server(&self, name: &str) {
        let href = self.href_of(name).expect("the card is on the server");
        assert!(self.server.delete_behind(&href));
    }

    fn file(&self, name: &str) -> PathBuf {
        let of_that_name = |(path, bytes): &(PathBuf, Vec<u8>)| {
            Card::parse(bytes)
                .is_ok_and(|card| card.name() == name)
                .then(|| path.clone())
        };
        files(&self.folder())
            .iter()
            .find_map(of_that_name)
            .unwrap_or_else(|| self.folder().join(format!("{}.vcf", name.to_lowercase())))
    }

    fn href_of(&self, name: &str) -> Option<String> {
        let of_that_name = |(href, bytes): &(String, Vec<u8>)| {
            Card::parse(bytes)
                .is_ok_and(|card| card.name() == name)
                .then(|| href.clone())
        };
        self.on_server().iter().find_map(of_that_name)
    }

    fn on_server(&self) -> Vec<(String, Vec<u8>)> {
        self.server.with_books(|books| {
            let cards = books.book(BOOK).map(|book| book.cards().clone());
            let place = |name: String| Place::Card {
                book: BOOK.to_owned(),
                name,
            };
            cards
                .unwrap_or_default()
                .into_iter()
                .map(|(name, kept)| (place(name).href(), kept.body))
                .collect()
        })
    }

    /// The people in the folder, each once.
    pub fn in_folder(&self) -> Held {
        held(files(&self.folder()).into_iter().map(|(_, bytes)| bytes))
    }

    /// The people on the server, each once.
    pub fn at_server(&self) -> Held {
        held(self.on_server().into_iter().map(|(_, bytes)| bytes))
    }

    /// Files of the folder that are no cards: what a run left lying about.
    pub fn strays(&self) -> Vec<PathBuf> {
        let all = fs::read_dir(self.folder()).expect("the folder is there");
        all.map(|file| file.expect("an entry").path())
            .filter(|path| path.extension().is_none_or(|end| end != "vcf"))
            .collect()
    }
}

fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let all = fs::read_dir(folder).expect("the folder is there");
    let mut files: Vec<(PathBuf, Vec<u8>)> = all
        .map(|file| file.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|end| end == "vcf"))
        .map(|path| {
            let bytes = fs::read(&path).expect("a file");
            (path, bytes)
        })
        .collect();
    files.sort();
    files
}

fn held(cards: impl Iterator<Item = Vec<u8>>) -> Held {
    let mut held = Held::new();
    for bytes in cards {
        // A half card that a server kept is nobody.
        let Ok(card) = Card::parse(&bytes) else {
            continue;
        };
        // Nor is somebody whom a fault of the server makes up again and again.
        if card.name() == "The Squatter" {
            continue;
        }
        let twice = held.insert(card.name(), card.fields().iter().map(told).collect());
        assert_eq!(twice, None, "{} is twice in a store", card.name());
    }
    held
}

/// A field in a word: `TEL:+491`.
fn told(field: &Field) -> String {
    format!("{}:{}", field.name(), field.text())
}

/// Whether every write that the server was asked for was asked under a condition.
pub fn check_no_blind_write(requests: &[Exchange]) {
    for exchange in requests {
        if matches!(exchange.method.as_str(), "PUT" | "DELETE") {
            let condition = exchange
                .header("If-Match")
                .or(exchange.header("If-None-Match"));
            let is_real = condition.is_some_and(|condition| {
                exchange.header("If-None-Match").is_some() || condition != "*"
            });
            assert!(is_real, "a blind {} of {}", exchange.method, exchange.path);
        }
    }
}

/// Nothing that is secret or belongs to a card came here.
pub fn check_got_nothing(server: &Server) {
    for exchange in server.requests() {
        let carries = ["Authorization", "Cookie"].map(|name| exchange.header(name).is_some());
        assert_eq!(
            carries,
            [false, false],
            "{} {}",
            exchange.method,
            exchange.path
        );
        assert!(
            exchange.body.is_empty(),
            "{} {} brought {}",
            exchange.method,
            exchange.path,
            String::from_utf8_lossy(&exchange.body)
        );
    }
}

fn temporary() -> TempDir {
    // In memory where that is possible: a run saves often, and a disk makes that slow.
    let shared = Path::new("/dev/shm");
    let place = if shared.is_dir() {
        shared.to_owned()
    } else {
        std::env::temp_dir()
    };
    tempfile::tempdir_in(place).expect("a temporary directory")
}

pub fn href(name: &str) -> String {
    format!("/books/people/{}.vcf", name.to_lowercase())
}

/// A vCard 3.0 of these lines.
pub fn card(name: &str, lines: &str) -> Vec<u8> {
    let mut text = format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:uid-of-{}\r\nFN:{name}\r\nN:;{name};;;\r\n",
        name.to_lowercase()
    );
    for line in lines.lines() {
        text.push_str(line);
        text.push_str("\r\n");
    }
    text.push_str("END:VCARD\r\n");
    text.into_bytes()
}
