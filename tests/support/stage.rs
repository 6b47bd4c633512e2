//! The real program with a config of its own: a server on loopback, a folder, a state.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use cardweave::card::Card;
use cardweave::demo::server::{Account, Books, Server};
use tempfile::TempDir;

/// The fields in words, per person; each person once.
pub type People = BTreeMap<String, BTreeSet<String>>;

pub struct Stage {
    pub server: Server,
    room: TempDir,
}

impl Stage {
    /// An empty server that knows this password, an empty folder, and a config that says
    /// `password` of where it is.
    pub fn new(secret: &str, password: &str) -> Stage {
        let books = Books::new(Account::new("anna", secret)).with_book("people", "People");
        let stage = Stage {
            server: Server::start(books).expect("a port on loopback"),
            room: tempfile::tempdir().expect("a temporary directory"),
        };
        fs::create_dir(stage.folder()).expect("a new directory");
        let config = format!(
            "[[account]]\nname = \"loopback\"\naddress = \"{}\"\nusername = \"anna\"\n\
             password = {password}\n\n[[book]]\nname = \"people\"\n\n\
             [[book.store]]\nid = \"phone\"\naccount = \"loopback\"\naddressbook = \"People\"\n\n\
             [[book.store]]\nid = \"laptop\"\nfolder = \"folder\"\n",
            stage.server.url()
        );
        stage.write_private("config.toml", config.as_bytes());
        stage
    }

    /// Makes a file that only its owner can read, beside the config.
    pub fn write_private(&self, name: &str, bytes: &[u8]) {
        let file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(self.room.path().join(name));
        let written = file.and_then(|mut file| file.write_all(bytes));
        written.expect("a new file");
    }

    pub fn folder(&self) -> PathBuf {
        self.room.path().join("folder")
    }

    pub fn state(&self) -> PathBuf {
        self.room.path().join("state")
    }

    /// `cardweave WORDS` with this config and state, and nothing of the environment.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cardweave"));
        command
            .env_clear()
            .env("HOME", self.room.path())
            .env("PATH", "/usr/bin:/bin")
            .arg("--config")
            .arg(self.room.path().join("config.toml"))
            .arg("--state")
            .arg(self.state())
            .args(words)
            .stdin(Stdio::null());
        command
    }

    pub fn put_in_folder(&self, name: &str, lines: &str) {
        fs::write(self.file(name), card(name, lines)).expect("the folder can be written");
    }

    pub fn delete_in_folder(&self, name: &str) {
        fs::remove_file(self.file(name)).expect("the card is there");
    }

    /// Where the folder has this person, or shall have.
    fn file(&self, name: &str) -> PathBuf {
        let is_meant = |file: &PathBuf| {
            let bytes = fs::read(file).expect("a file");
            Card::parse(&bytes).is_ok_and(|card| card.name() == name)
        };
        let file = self.files().into_iter().find(is_meant);
        file.unwrap_or_else(|| self.folder().join(format!("{}.vcf", name.to_lowercase())))
    }

    pub fn put_on_server(&self, name: &str, lines: &str) {
        let href = format!("/books/people/{}.vcf", name.to_lowercase());
        let stored = self.server.put_behind(&href, &card(name, lines));
        assert!(stored.is_some(), "the server has the book");
    }

    pub fn delete_on_server(&self, name: &str) {
        let href = format!("/books/people/{}.vcf", name.to_lowercase());
        assert!(self.server.delete_behind(&href), "{name} is on the server");
    }

    /// The names of all files of the folder that are no cards.
    pub fn strays(&self) -> Vec<PathBuf> {
        let mut files = self.files();
        files.retain(|file| file.extension().is_none_or(|end| end != "vcf"));
        files
    }

    fn files(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.folder()).expect("the folder is there");
        files.map(|file| file.expect("a file").path()).collect()
    }

    pub fn in_folder(&self) -> People {
        let cards = self.files().into_iter();
        let cards = cards.filter(|file| file.extension().is_some_and(|end| end == "vcf"));
        people(cards.map(|file| fs::read(file).expect("a file")))
    }

    pub fn at_server(&self) -> People {
        people(self.server.with_books(|books| {
            let book = books.book("people").expect("the server has the book");
            let bodies: Vec<Vec<u8>> = book
                .cards()
                .values()
                .map(|kept| kept.body.clone())
                .collect();
            bodies.into_iter()
        }))
    }

    /// How many PUT and DELETE the server got since this was asked last; none of them blind.
    pub fn take_writes(&self) -> usize {
        let requests = self.server.take_requests();
        let writes = requests.iter().filter(|exchange| {
            let is_write = matches!(exchange.method.as_str(), "PUT" | "DELETE");
            let conditions = ["If-Match", "If-None-Match"].map(|name| exchange.header(name));
            assert!(
                !is_write || conditions.iter().any(Option::is_some),
                "a blind {} of {}",
                exchange.method,
                exchange.path
            );
            is_write
        });
        writes.count()
    }
}

fn people(cards: impl Iterator<Item = Vec<u8>>) -> People {
    let mut people = People::new();
    for bytes in cards {
        let card = Card::parse(&bytes).expect("a card");
        let fields = card.fields();
        let fields = fields
            .iter()
            .map(|field| format!("{}:{}", field.name(), field.text()));
        let twice = people.insert(card.name(), fields.collect());
        assert_eq!(twice, None, "{} is twice in a store", card.name());
    }
    people
}

/// A vCard 3.0 of these lines.
fn card(name: &str, lines: &str) -> Vec<u8> {
    let uid = name.to_lowercase();
    let mut text =
        format!("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{name}\r\nN:;{name};;;\r\n");
    for line in lines.lines() {
        text.push_str(line);
        text.push_str("\r\n");
    }
    text.push_str("END:VCARD\r\n");
    text.into_bytes()
}
