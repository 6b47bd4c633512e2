//! Runs the program that prints a password, with a time limit, and listens to why it fails.

use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use super::{MAX_BYTES, SecretError, failure, first_line};
use crate::ui::text::{clean, fit};

/// Runs the program without a shell and without input, and takes the first line it prints.
pub(super) fn from_command(argv: &[String], limit: Duration) -> Result<SecretString, SecretError> {
    let program = argv.first().map_or("", String::as_str);
    let failed = |what: String, todo: &str| {
        failure(format!("The password program {program}"), what, todo.into())
    };
    let mut child = Command::new(program)
        .args(argv.iter().skip(1))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| {
            failed(
                format!("could not be started: {error}"),
                "Check its name in the config",
            )
        })?;
    let output = read_aside(child.stdout.take());
    let complaint = read_aside(child.stderr.take());
    let status = match wait(&mut child, limit) {
        Ok(Some(status)) => status,
        Ok(None) => {
            return Err(failed(
                format!(
                    "did not answer within {} seconds and was stopped",
                    limit.as_secs_f32()
                ),
                "Run it by hand: perhaps it waits for an answer that nobody can give here",
            ));
        }
        Err(error) => return Err(failed(format!("was lost: {error}"), "Run it by hand")),
    };
    // A grandchild may keep the pipe open long after the program has ended.
    let deadline = Instant::now() + limit.min(Duration::from_secs(5));
    let output = collected(output, deadline);
    if !status.success() {
        let said = collected(complaint, deadline).unwrap_or_default();
        let said = said_shortly(&said);
        return Err(failed(
            format!("failed ({status}){said}"),
            "Run it by hand to see why",
        ));
    }
    let silent = || {
        failed(
            "printed no password".into(),
            "Its first line must be the password",
        )
    };
    first_line(output.ok_or_else(silent)?).ok_or_else(silent)
}

type Reading = Option<JoinHandle<Zeroizing<Vec<u8>>>>;

/// Reads a pipe on a thread of its own, since a full pipe would stop the program we wait for.
fn read_aside(pipe: Option<impl Read + Send + 'static>) -> Reading {
    let mut pipe = pipe?;
    Some(std::thread::spawn(move || {
        let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_BYTES as usize));
        // What could be read before an error is judged like everything else; what is too much is
        // taken and dropped, so that the program can end in its own way.
        let _ = pipe.by_ref().take(MAX_BYTES).read_to_end(&mut bytes);
        let _ = io::copy(&mut pipe, &mut io::sink());
        bytes
    }))
}

fn collected(reading: Reading, deadline: Instant) -> Option<Zeroizing<Vec<u8>>> {
    let reading = reading?;
    while !reading.is_finished() {
        if Instant::now() >= deadline {
            return None;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    reading.join().ok()
}

/// Waits for the program; `None` when it had to be stopped.
fn wait(child: &mut Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The last words of a program, for a message: one line, cleaned, not long.
fn said_shortly(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    match text.lines().rfind(|line| !line.trim().is_empty()) {
        Some(line) => format!(", saying: {}", fit(&clean(line.trim()), 200)),
        None => String::new(),
    }
}
