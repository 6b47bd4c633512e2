//! A machine whose clock is wherever the story is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use jiff::civil::Date;
use serde_json::Value;
use tempfile::TempDir;

use crate::place::{PASSWORD, Place};

const PASSWORD_VARIABLE: &str = "CARDWEAVE_TEST_PASSWORD";

/// Where Debian's `libfaketime` is, on whatever processor.
fn moved_clock() -> PathBuf {
    crate::support::install::install(&["faketime"]);
    let libraries = fs::read_dir("/usr/lib").expect("there is one");
    let found = libraries
        .map(|entry| entry.expect("it can be read").path())
        .map(|path| path.join("faketime/libfaketime.so.1"))
        .find(|path| path.exists());
    found.expect("the package libfaketime is installed")
}

/// One machine of Anna's.
pub struct Machine {
    folder: TempDir,
    clock: PathBuf,
    pub today: Date,
}

impl Machine {
    /// `company` gets nothing private.
    pub fn new(places: &[&Place], today: Date) -> Machine {
        let machine = Machine {
            folder: tempfile::tempdir().expect("a temporary folder"),
            clock: moved_clock(),
            today,
        };
        let (mut accounts, mut stores) = (String::new(), String::new());
        for place in places {
            let settings = place.config();
            let id = settings.id;
            let omit = match id {
                "company" => "omit = [\"NOTE\", \"X-CARDWEAVE-*\"]\n",
                _ => "",
            };
            match settings.folder {
                Some(folder) => stores.push_str(&format!(
                    "[[book.store]]\nid = \"{id}\"\nfolder = {folder:?}\n{omit}\n"
                )),
                None => {
                    accounts.push_str(&format!(
                        "[[account]]\nname = \"{id}\"\naddress = \"{}\"\nusername = \"{}\"\n\
                         password = {{ env = \"{PASSWORD_VARIABLE}\" }}\n\n",
                        settings.url, settings.username
                    ));
                    stores.push_str(&format!(
                        "[[book.store]]\nid = \"{id}\"\naccount = \"{id}\"\naddressbook = \"{}\"\n\
                         {omit}\n",
                        settings.book_url
                    ));
                }
            }
        }
        let config = format!(
            "{accounts}[[book]]\nname = \"people\"\nduplicates = \"off\"\nmirror-tiers = true\n\n\
             {stores}[me]\nname = \"Anna\"\norganisation = \"Anna's Company\"\n"
        );
        fs::write(machine.path().join("config.toml"), config).expect("the folder is ours");
        machine
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// What a command printed for people; it is to end with 0.
    pub fn say(&self, arguments: &[&str]) -> String {
        let output = self.output(&[], arguments);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {text}{stderr}");
        text
    }

    /// The JSON that a command printed; it is to end with 0.
    pub fn document(&self, arguments: &[&str]) -> Value {
        let output = self.output(&["--json"], arguments);
        let text = String::from_utf8_lossy(&output.stdout);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {text}{stderr}");
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// Syncs; everything is to be in step afterwards. How many cards were created, updated and
    /// deleted in each store.
    pub fn sync(&self) -> [(String, [u64; 3]); 3] {
        let report = self.document(&["sync"]);
        let stores = report["books"][0]["stores"].as_object().expect("by name");
        let counted = stores.iter().map(|(id, store)| {
            let count = |kind: &str| store[kind].as_u64().expect("a count");
            (id.clone(), ["created", "updated", "deleted"].map(count))
        });
        let counted: Vec<_> = counted.collect();
        counted.try_into().expect("three stores")
    }

    /// A run right after another one that brought everything in step writes nothing.
    pub fn is_at_rest(&self) {
        for (store, counts) in self.sync() {
            assert_eq!(counts, [0, 0, 0], "{store}");
        }
    }

    fn output(&self, globals: &[&str], arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_cardweave"))
            .current_dir(self.path())
            .args(["--config", "config.toml", "--state", "state"])
            .args(globals)
            .args(arguments)
            .env(PASSWORD_VARIABLE, PASSWORD)
            .env("LC_ALL", "C.UTF-8")
            .env("LD_PRELOAD", &self.clock)
            .env("FAKETIME", format!("@{} 09:00:00", self.today))
            // Files have the times that they have, and a time-out is one of the real world.
            .env("NO_FAKE_STAT", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .output()
            .expect("the program is there")
    }
}
