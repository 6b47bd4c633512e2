//! Runs the programs of cron and systemd, and hears what they say.

use std::io::{self, ErrorKind, Write};
use std::process::{Command, Stdio};

use crate::ui::text::{clean, fit};

/// What a program did.
pub struct Ran {
    pub succeeded: bool,
    pub output: Vec<u8>,
    complaint: Vec<u8>,
}

impl Ran {
    /// The last thing it complained about, as one clean line without a full stop.
    pub fn complaint(&self) -> String {
        let text = String::from_utf8_lossy(&self.complaint);
        let last = text.lines().rev().find(|line| !line.trim().is_empty());
        let last = clean(last.unwrap_or("it gave no reason").trim()).into_owned();
        fit(last.trim_end_matches('.'), 300).into_owned()
    }
}

/// Starts a program with this input and waits for its end.
///
/// # Errors
/// It cannot be started; [`ErrorKind::NotFound`] where the machine has none.
pub fn run(program: &str, arguments: &[&str], input: &[u8]) -> io::Result<Ran> {
    let mut child = Command::new(program)
        .args(arguments)
        // What it says is read here, and shown to nobody who does not read English.
        .env("LC_ALL", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        match stdin.write_all(input) {
            // A program that wants no more says in its exit code whether that was well.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
            other => other?,
        }
    }
    let output = child.wait_with_output()?;
    Ok(Ran {
        succeeded: output.status.success(),
        output: output.stdout,
        complaint: output.stderr,
    })
}
