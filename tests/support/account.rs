//! The program at work for an account whose password is in a keyring.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::session::Session;
use crate::support::stage::Stage;

/// What a run left.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    pub took: Duration,
}

/// `cardweave WORDS` in a session, or in none at all, as from cron.
pub fn command(stage: &Stage, session: Option<&Session>, words: &[&str]) -> Command {
    let mut command = stage.command(words);
    // Where the session bus of whoever runs the tests is not found either.
    command.env("XDG_RUNTIME_DIR", stage.folder());
    if let Some(session) = session {
        command.env("DBUS_SESSION_BUS_ADDRESS", session.address());
    }
    command
}

/// The same, with the streams of whoever starts it.
pub fn with_own_streams(command: &Command) -> Command {
    let mut bare = Command::new(command.get_program());
    let variables = command.get_envs();
    bare.args(command.get_args())
        .env_clear()
        .envs(variables.filter_map(|(name, value)| Some((name, value?))));
    bare
}

/// Runs to the end with this standard input.
pub fn run(stage: &Stage, session: Option<&Session>, words: &[&str], input: &str) -> Ran {
    let start = Instant::now();
    let mut child = command(stage, session, words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    // It need not read what it is sent.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        took: start.elapsed(),
    }
}
