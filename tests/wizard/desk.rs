//! A person at a terminal of their own: a home, a pseudo-terminal, the real program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rexpect::session::{PtySession, spawn_command};
use tempfile::TempDir;

use crate::support::session::Session;

/// How long an answer of the program may take; the machines that run this are busy.
const PATIENCE_MS: u64 = 60_000;

pub struct Desk {
    home: TempDir,
    /// The session with a keyring, for those who have one.
    session: Option<Session>,
}

impl Desk {
    pub fn new() -> Desk {
        let home = tempfile::tempdir().expect("a temporary folder");
        Desk {
            home,
            session: None,
        }
    }

    /// The same with an open, empty keyring.
    pub fn with_keyring() -> Desk {
        Desk {
            session: Some(Session::with_keyring()),
            ..Desk::new()
        }
    }

    pub fn has_keyring(&self) -> bool {
        self.session.is_some()
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    pub fn config_file(&self) -> PathBuf {
        self.home().join(".config/cardweave/config.toml")
    }

    pub fn config(&self) -> String {
        fs::read_to_string(self.config_file()).expect("there is a config")
    }

    /// `cardweave WORDS` in this home, with nothing of the environment but the session, if any.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cardweave"));
        command
            .env_clear()
            .env("HOME", self.home())
            .env("PATH", "/usr/bin:/bin")
            .env("TERM", "xterm-256color")
            .env("NO_COLOR", "1")
            .args(words);
        if let Some(session) = &self.session {
            command.env("DBUS_SESSION_BUS_ADDRESS", session.address());
        }
        command
    }

    /// The same on a pseudo-terminal.
    pub fn sit_down(&self, words: &[&str]) -> Talk {
        let session = spawn_command(self.command(words), Some(PATIENCE_MS));
        Talk {
            session: session.expect("a pseudo-terminal"),
            seen: String::new(),
        }
    }

    /// Without a terminal: the exit code, stdout and stderr.
    pub fn run(&self, words: &[&str]) -> (i32, String, String) {
        let mut command = self.command(words);
        let output = command
            .stdin(std::process::Stdio::null())
            .output()
            .expect("it starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (
            output.status.code().expect("nobody killed it"),
            text(&output.stdout),
            text(&output.stderr),
        )
    }
}

/// What is said on the pseudo-terminal, by both.
pub struct Talk {
    session: PtySession,
    /// All that the program wrote, with the escape sequences of its prompts.
    pub seen: String,
}

impl Talk {
    /// Waits for these words of the program.
    pub fn hear(&mut self, words: &str) -> &mut Talk {
        match self.session.exp_string(words) {
            Ok(before) => {
                self.seen.push_str(&before);
                self.seen.push_str(words);
                self
            }
            Err(error) => panic!("no \"{words}\": {error}\nbefore it: {}", self.seen),
        }
    }

    /// Types a line.
    pub fn say(&mut self, line: &str) -> &mut Talk {
        // A prompt reads keys: Enter is a carriage return there, not the end of a line.
        self.session.send(line).expect("it listens");
        self.session.send("\r").expect("it listens");
        self.session.flush().expect("it listens");
        self
    }

    /// Presses keys, without Enter.
    pub fn press(&mut self, keys: &str) -> &mut Talk {
        self.session.send(keys).expect("it listens");
        self.session.flush().expect("it listens");
        self
    }

    /// Waits for the end: the exit code, and everything that was seen.
    pub fn end(mut self) -> (i32, String) {
        let rest = self.session.exp_eof().expect("it ends");
        self.seen.push_str(&rest);
        let code = match self.session.process().wait() {
            Ok(rexpect::process::WaitStatus::Exited(_, code)) => code,
            other => panic!("{other:?}: {}", self.seen),
        };
        (code, self.seen)
    }
}

/// What a person reads of it: without the escape sequences.
pub fn as_read(seen: &str) -> String {
    let mut read = String::new();
    let mut characters = seen.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '\u{1b}' {
            read.push(character);
            continue;
        }
        if characters.next_if_eq(&'[').is_some() {
            while characters.next_if(|c| !c.is_ascii_alphabetic()).is_some() {}
            characters.next();
        }
    }
    read
}
