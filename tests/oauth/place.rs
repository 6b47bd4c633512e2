//! An account that signs in by OAuth, with everything it needs: both servers, a keyring, a browser.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use rexpect::session::{PtySession, spawn_command};

use crate::support::account::{Ran, command, with_own_streams};
use crate::support::oauth::{CLIENT_SECRET, OAuth, TRACES};
use crate::support::session::Session;
use crate::support::stage::Stage;

const PASSWORD: &str = "of-the-contacts-server";

pub struct Place {
    pub stage: Stage,
    pub oauth: OAuth,
    session: Session,
}

/// What a person sees when all is well.
pub const SIGNED_IN: &str = "Signed in to `loopback`: 1 address book. The token is in the keyring.";

/// A browser in which the person has signed in already: it only follows where it is sent.
pub const FOLLOW: &str = "curl -sS -L \"$1\" -o \"$ROOM/page\"";

impl Place {
    pub fn new() -> Place {
        let stage = Stage::new(PASSWORD, "\"keyring\"");
        let oauth = OAuth::start();
        stage
            .server
            .set_mischief(Some(oauth.guard("anna", PASSWORD)));
        stage.write_private("client-secret", CLIENT_SECRET.as_bytes());
        let place = Place {
            stage,
            oauth,
            session: Session::with_keyring(),
        };
        let table = place.oauth.table();
        place.configure(
            "password = \"keyring\"",
            &format!("auth = \"oauth\"\noauth = {table}"),
        );
        place.browser(FOLLOW);
        place
    }

    /// Changes the config.
    pub fn configure(&self, old: &str, new: &str) {
        let path = self.room("config.toml");
        let text = fs::read_to_string(&path).expect("the config is there");
        assert!(text.contains(old), "{old} in {text}");
        fs::write(path, text.replacen(old, new, 1)).expect("the config can be written");
    }

    /// From now on this script is the browser; its first argument is the address.
    pub fn browser(&self, script: &str) {
        let folder = self.room("bin");
        fs::create_dir_all(&folder).expect("a directory");
        let program = folder.join("xdg-open");
        let room = self.room("");
        let text = format!(
            "#!/bin/sh\nROOM='{}'\nprintf '%s\\n' \"$@\" >>\"$ROOM/addresses\"\n{script}\n",
            room.display()
        );
        fs::write(&program, text).expect("a file");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).expect("it is ours");
    }

    /// What is beside the config.
    pub fn room(&self, name: &str) -> PathBuf {
        self.stage.folder().with_file_name(name)
    }

    /// What the browser was started with.
    pub fn addresses(&self) -> String {
        fs::read_to_string(self.room("addresses")).unwrap_or_default()
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = command(&self.stage, Some(&self.session), words);
        let path = format!("{}:/usr/bin:/bin", self.room("bin").display());
        command.env("PATH", path);
        command
    }

    /// At a real terminal.
    pub fn at_a_terminal(&self, words: &[&str]) -> PtySession {
        let mut command = with_own_streams(&self.command(words));
        command.env("TERM", "xterm");
        spawn_command(command, Some(60_000)).expect("a pseudo-terminal")
    }

    /// Everything that a login says, and how it ends.
    pub fn login(&self, words: &[&str]) -> (String, String) {
        let words = [&["-vv", "login", "loopback"], words].concat();
        let mut terminal = self.at_a_terminal(&words);
        end_of(&mut terminal)
    }

    /// Without a terminal.
    pub fn run(&self, words: &[&str]) -> Ran {
        let start = Instant::now();
        let output = self.command(words).output().expect("it starts");
        let ran = Ran {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            took: start.elapsed(),
        };
        without_tokens(&ran.stdout);
        without_tokens(&ran.stderr);
        ran
    }

    /// A sync that says everything it may.
    pub fn sync(&self) -> Ran {
        self.run(&["-vv", "sync"])
    }

    /// No token in any file that the program wrote.
    pub fn check_files(&self) {
        let mut files = 0;
        for folder in [self.stage.state(), self.stage.folder(), self.room("")] {
            for file in fs::read_dir(folder).expect("it is there") {
                let path = file.expect("a file").path();
                // The secret is where the config says it is.
                if path.is_dir() || path.ends_with("client-secret") {
                    continue;
                }
                let bytes = fs::read(&path).expect("a file");
                without_tokens(&String::from_utf8_lossy(&bytes));
                files += 1;
            }
        }
        assert!(files > 2, "{files}");
    }
}

/// The rest of what is said at a terminal, and the exit code.
pub fn end_of(terminal: &mut PtySession) -> (String, String) {
    let said = terminal.exp_eof().expect("it ends");
    let status = format!("{:?}", terminal.process().wait().expect("it is a child"));
    let code = status.split_once(", ").expect("it has ended").1;
    without_tokens(&said);
    (said, code.trim_end_matches(')').to_owned())
}

pub fn without_tokens(text: &str) {
    for trace in TRACES.iter().chain(&[CLIENT_SECRET]) {
        assert!(!text.contains(trace), "{trace} in {text}");
    }
}
