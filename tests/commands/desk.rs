//! Two folders, a config and a state of their own, and the real binary to run on them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

pub const LAPTOP: &str = "laptop";
pub const PHONE: &str = "phone";

/// A sealed place: no variable of whoever runs the tests reaches the binary.
pub struct Desk {
    directory: TempDir,
}

/// What a run said, and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Desk {
    /// Two empty folders in one book.
    pub fn new() -> Desk {
        let desk = Desk {
            directory: tempfile::tempdir().expect("a temporary folder"),
        };
        for store in [LAPTOP, PHONE] {
            fs::create_dir(desk.path().join(store)).expect("the folder is new");
        }
        desk.configure(
            "[[book]]\nname = \"people\"\n\
             [[book.store]]\nid = \"laptop\"\nfolder = \"laptop\"\n\
             [[book.store]]\nid = \"phone\"\nfolder = \"phone\"\n",
        );
        desk
    }

    /// The same with these cards (`FN` and one more line) on the laptop, synced once.
    pub fn with(cards: &[(&str, &str)]) -> Desk {
        let desk = Desk::new();
        for (name, line) in cards {
            desk.put(LAPTOP, &file_name(name), &card(name, line));
        }
        let ran = desk.run(&["sync"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        desk
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    pub fn configure(&self, text: &str) {
        fs::write(self.path().join("config.toml"), text).expect("the config can be written");
    }

    pub fn put(&self, store: &str, file: &str, text: &str) {
        fs::write(self.path().join(store).join(file), text).expect("the card can be written");
    }

    /// The card of this name in a store: its file and its text.
    pub fn find(&self, store: &str, name: &str) -> (PathBuf, String) {
        let line = format!("FN:{name}");
        let mut cards = self.contents(store).into_iter();
        let (file, text) = cards
            .find(|(_, text)| text.lines().any(|found| found == line))
            .unwrap_or_else(|| panic!("{store} has no {name}"));
        (self.path().join(store).join(file), text)
    }

    pub fn edit(&self, store: &str, name: &str, from: &str, to: &str) {
        let (path, text) = self.find(store, name);
        assert!(text.contains(from), "{text}");
        fs::write(path, text.replace(from, to)).expect("the card can be written");
    }

    pub fn delete(&self, store: &str, name: &str) {
        fs::remove_file(self.find(store, name).0).expect("the card is there");
    }

    pub fn contents(&self, store: &str) -> BTreeMap<String, String> {
        let files = fs::read_dir(self.path().join(store)).expect("the folder is there");
        files
            .map(|file| {
                let file = file.expect("the folder can be read");
                let bytes = fs::read(file.path()).expect("the file can be read");
                let name = file.file_name().to_string_lossy().into_owned();
                (name, String::from_utf8_lossy(&bytes).into_owned())
            })
            .collect()
    }

    pub fn everything(&self) -> [BTreeMap<String, String>; 2] {
        [self.contents(LAPTOP), self.contents(PHONE)]
    }

    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cardweave"));
        command
            .env_clear()
            .env("HOME", self.path())
            .arg("--config")
            .arg(self.path().join("config.toml"))
            .arg("--state")
            .arg(self.path().join("state"))
            .args(words)
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, words: &[&str]) -> Ran {
        let output = self.command(words).output().expect("the binary can be run");
        Ran::of(&output)
    }

    /// The JSON document that a command prints.
    pub fn json(&self, words: &[&str]) -> serde_json::Value {
        let ran = self.run(&[&["--json"], words].concat());
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
    }
}

impl Ran {
    pub fn of(output: &Output) -> Ran {
        Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

pub fn card(name: &str, line: &str) -> String {
    format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{}-uid\r\nFN:{name}\r\nN:{name};;;;\r\n{line}\r\nEND:VCARD\r\n",
        file_name(name).trim_end_matches(".vcf")
    )
}

fn file_name(name: &str) -> String {
    format!("{}.vcf", name.to_lowercase().replace(' ', "-"))
}
