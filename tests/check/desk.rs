//! A config of accounts and folders, and the real program to look at it.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use cardweave::card::Card;
use cardweave::demo::server::{Account, Books, Server};
use serde_json::Value;
use tempfile::TempDir;

use crate::schema::fits;

/// A sealed place: no variable of whoever runs the tests reaches the program.
pub struct Desk {
    room: TempDir,
    accounts: String,
    stores: String,
}

/// One account with one store.
#[derive(Clone)]
pub struct Signed<'a> {
    pub name: &'a str,
    pub url: &'a str,
    pub username: &'a str,
    pub password: &'a str,
    pub auth: &'a str,
    pub addressbook: &'a str,
    /// Further lines of the account, and of the store.
    pub account_more: &'a str,
    pub more: &'a str,
}

impl Default for Signed<'_> {
    fn default() -> Self {
        Signed {
            name: "loopback",
            url: "",
            username: "anna",
            password: "secret",
            auth: "any",
            addressbook: "People",
            account_more: "",
            more: "",
        }
    }
}

/// What the program said, and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    fn of(output: &Output) -> Ran {
        Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Whether a line holds all of these.
    pub fn says(&self, words: &[&str]) -> bool {
        let mut lines = self.stdout.lines();
        lines.any(|line| words.iter().all(|word| line.contains(word)))
    }

    #[track_caller]
    pub fn must_say(&self, words: &[&str]) {
        assert!(
            self.says(words),
            "{words:?} is not in one line of:\n{self:#?}"
        );
    }
}

impl Desk {
    pub fn new() -> Desk {
        Desk {
            room: tempfile::tempdir().expect("a temporary directory"),
            accounts: String::new(),
            stores: String::new(),
        }
    }

    /// With one account at this server.
    pub fn at(server: &Server) -> Desk {
        let url = server.url();
        let signed = Signed {
            url: &url,
            ..Signed::default()
        };
        Desk::new().account(&signed)
    }

    pub fn account(mut self, signed: &Signed) -> Desk {
        let file = format!("{}-password", signed.name);
        self.write_private(&file, signed.password);
        self.accounts.push_str(&format!(
            "[[account]]\nname = \"{}\"\naddress = \"{}\"\nusername = \"{}\"\n\
             password = {{ file = \"{file}\" }}\nauth = \"{}\"\n{}\n\n",
            signed.name, signed.url, signed.username, signed.auth, signed.account_more
        ));
        self.stores.push_str(&format!(
            "[[book.store]]\nid = \"{0}-store\"\naccount = \"{0}\"\naddressbook = \"{1}\"\n{2}\n",
            signed.name, signed.addressbook, signed.more
        ));
        self.configure();
        self
    }

    /// With a folder that is there.
    pub fn folder(mut self, name: &str) -> Desk {
        fs::create_dir(self.path().join(name)).expect("a new directory");
        self.stores.push_str(&format!(
            "[[book.store]]\nid = \"{name}\"\nfolder = \"{name}\"\n\n"
        ));
        self.configure();
        self
    }

    fn configure(&self) {
        let text = format!(
            "{}[[book]]\nname = \"people\"\n\n{}",
            self.accounts, self.stores
        );
        fs::write(self.path().join("config.toml"), text).expect("the config can be written");
    }

    fn write_private(&self, name: &str, text: &str) {
        let file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(self.path().join(name));
        let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
        written.expect("a new file");
    }

    pub fn path(&self) -> &Path {
        self.room.path()
    }

    pub fn state(&self) -> PathBuf {
        self.path().join("state")
    }

    /// The cards of a folder.
    pub fn cards(&self, folder: &str) -> Vec<Card> {
        let files = fs::read_dir(self.path().join(folder)).expect("the folder is there");
        let bytes = files.map(|file| fs::read(file.expect("a file").path()).expect("it is ours"));
        bytes
            .map(|bytes| Card::parse(&bytes).expect("it is a card"))
            .collect()
    }

    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cardweave"));
        command
            .env_clear()
            .env("HOME", self.path())
            .env("PATH", "/usr/bin:/bin")
            .arg("--config")
            .arg(self.path().join("config.toml"))
            .arg("--state")
            .arg(self.state())
            .args(words)
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, words: &[&str]) -> Ran {
        let output = self
            .command(words)
            .output()
            .expect("the program can be run");
        let ran = Ran::of(&output);
        assert!(
            !ran.stdout.contains("secret") && !ran.stderr.contains("secret"),
            "{ran:?}"
        );
        ran
    }

    /// The JSON document, which fits its schema.
    pub fn json(&self, words: &[&str]) -> Value {
        let ran = self.run(&[&["--json"], words].concat());
        let value = serde_json::from_str(&ran.stdout);
        let value = value.unwrap_or_else(|error| panic!("{error}: {ran:?}"));
        let schema = self.run(&["schema", "check"]).stdout;
        let schema = serde_json::from_str(&schema).expect("a schema is JSON");
        assert_eq!(fits(&schema, &value), Ok(()), "{value:#}");
        value
    }
}

/// A server's content: one empty book.
pub fn books() -> Books {
    Books::new(Account::new("anna", "secret")).with_book("people", "People")
}

/// How many cards the server holds now.
pub fn held(server: &Server) -> usize {
    server.with_books(|books| books.book("people").expect("it is there").cards().len())
}
