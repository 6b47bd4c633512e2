//! A machine that runs the program: a config, a state, and what a run said.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::place::{PASSWORD, Place, Settings};

/// One machine. Two of them on the same places are two machines of one person.
pub struct Machine {
    folder: TempDir,
    duplicates: &'static str,
}

/// What one call of the program did.
#[derive(Debug)]
pub struct Run {
    pub exit: i32,
    /// The one book of `--json`; null if there was none.
    pub book: Value,
    pub stderr: String,
    pub took: Duration,
}

/// The environment variable that holds the password of all test servers, and one that holds another.
const RIGHT: &str = "CARDWEAVE_TEST_PASSWORD";
pub const WRONG: &str = "CARDWEAVE_TEST_WRONG_PASSWORD";

impl Machine {
    /// A machine with these places in its book, which asks about duplicates. The others do not: their
    /// people are made by the hundred and look alike.
    pub fn asking(places: &[&Place]) -> Machine {
        let settings: Vec<Settings> = places.iter().map(|place| place.config()).collect();
        let machine = Machine {
            duplicates: "ask",
            ..Machine::of(&settings)
        };
        machine.configure(&settings);
        machine
    }

    /// A machine with these places in its book.
    pub fn with(places: &[&Place]) -> Machine {
        let settings: Vec<Settings> = places.iter().map(|place| place.config()).collect();
        Machine::of(&settings)
    }

    pub fn of(settings: &[Settings]) -> Machine {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let machine = Machine {
            folder,
            duplicates: "off",
        };
        machine.configure(settings);
        machine
    }

    /// Writes the config anew.
    pub fn configure(&self, settings: &[Settings]) {
        let (mut accounts, mut stores) = (String::new(), String::new());
        for store in settings {
            let id = store.id;
            if let Some(folder) = &store.folder {
                let _ = writeln!(
                    stores,
                    "[[book.store]]\nid = \"{id}\"\nfolder = {folder:?}\n"
                );
                continue;
            }
            let Settings {
                url,
                book_url,
                auth,
                username,
                ..
            } = store;
            let password = store.password.unwrap_or(RIGHT);
            let _ = writeln!(
                accounts,
                "[[account]]\nname = \"{id}\"\naddress = \"{url}\"\nusername = \"{username}\"\n\
                 password = {{ env = \"{password}\" }}\nauth = \"{auth}\""
            );
            if let Some(ca_file) = &store.ca_file {
                let _ = writeln!(accounts, "ca-file = {ca_file:?}");
            }
            if let Some(certificate) = &store.client_certificate {
                let _ = writeln!(accounts, "client-certificate = {certificate:?}");
            }
            let _ = writeln!(
                stores,
                "[[book.store]]\nid = \"{id}\"\naccount = \"{id}\"\naddressbook = \"{book_url}\"\n"
            );
        }
        let duplicates = self.duplicates;
        let config = format!(
            "{accounts}\n[[book]]\nname = \"people\"\nduplicates = \"{duplicates}\"\n\n{stores}"
        );
        fs::write(self.config_file(), config).expect("the folder is ours");
    }

    fn config_file(&self) -> PathBuf {
        self.folder.path().join("config.toml")
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// Loses all that the machine remembers.
    pub fn lose_state(&self) {
        fs::remove_dir_all(self.state()).expect("there is a state");
    }

    pub fn sync(&self) -> Run {
        self.call(&["sync"])
    }

    /// The JSON document that a call of the program prints.
    pub fn document(&self, arguments: &[&str]) -> Value {
        let output = self.output(arguments);
        let text = String::from_utf8_lossy(&output.stdout);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| {
            let stderr = String::from_utf8_lossy(&output.stderr);
            panic!("{arguments:?} printed no JSON: {text}{stderr}")
        })
    }

    /// Runs the program itself, with `--json`.
    pub fn call(&self, arguments: &[&str]) -> Run {
        let start = Instant::now();
        let output = self.output(arguments);
        let took = start.elapsed();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        Run {
            exit: output.status.code().expect("nobody killed it"),
            book: report["books"][0].clone(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            took,
        }
    }

    fn output(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_cardweave"))
            .arg("--config")
            .arg(self.config_file())
            .arg("--state")
            .arg(self.state())
            .arg("--json")
            .args(arguments)
            .env(RIGHT, PASSWORD)
            .env(WRONG, "not-the-password")
            .output()
            .expect("the program is there")
    }
}

impl Run {
    /// A number of one store: `created`, `updated`, `deleted`, `refused`, `requests`, `cards`.
    pub fn count(&self, store: &str, what: &str) -> u64 {
        self.book["stores"][store][what]
            .as_u64()
            .unwrap_or_else(|| panic!("no {what} of {store} in {self:#?}"))
    }

    /// Cards created, updated and deleted in all stores together.
    pub fn writes(&self) -> u64 {
        let stores = self.book["stores"].as_object().expect("a book has stores");
        let kinds = ["created", "updated", "deleted"];
        stores
            .keys()
            .map(|store| {
                kinds
                    .iter()
                    .map(|kind| self.count(store, kind))
                    .sum::<u64>()
            })
            .sum()
    }

    /// Ends the test unless the run brought everything in step.
    pub fn in_step(self) -> Run {
        assert_eq!(self.exit, 0, "{self:#?}");
        self
    }

    /// Ends the test if the run wrote anything, or asked more than a run with nothing to do has to.
    pub fn at_rest(self, places: &[&Place]) -> Run {
        self.quiet(places, Place::requests_at_rest)
    }

    /// The same for the first run after one that wrote.
    pub fn after_writes(self, places: &[&Place]) -> Run {
        self.quiet(places, Place::requests_after_writes)
    }

    fn quiet(self, places: &[&Place], allowed: fn(&Place) -> u64) -> Run {
        let run = self.in_step();
        assert_eq!(run.writes(), 0, "{run:#?}");
        for place in places {
            let requests = run.count(place.id, "requests");
            assert_eq!(requests, allowed(place), "{}: {run:#?}", place.id);
        }
        run
    }

    /// Prints the figures of this run, for the record.
    pub fn told(self, what: &str) -> Run {
        let mut line = format!("{what}: {:.2} s", self.took.as_secs_f64());
        let stores = self.book["stores"].as_object().expect("a book has stores");
        for store in stores.keys() {
            let count = |kind| self.count(store, kind);
            let _ = write!(
                line,
                " | {store}: {} cards, +{} ~{} -{}, {} requests",
                count("cards"),
                count("created"),
                count("updated"),
                count("deleted"),
                count("requests")
            );
        }
        eprintln!("{line}");
        self
    }
}
