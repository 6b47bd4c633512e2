//! Lets one run at a time change the state, and tells the second one who is at it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::OFlags;

use super::error::{StateError, StateErrorKind, from_io};

/// How long the lock of a run that has been killed may still be seen.
const LEFTOVERS: Duration = Duration::from_millis(500);

/// The lock of a state directory. The operating system takes it back when the process ends, however
/// it ends, so that there is no stale lock to clear away; the file stays.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of `directory` and writes down who has it.
    ///
    /// # Errors
    /// [`StateErrorKind::Locked`] with process, command and time of the holder.
    pub fn take(directory: &Path, holder: &Holder) -> Result<Lock, StateError> {
        let path = directory.join("lock");
        let doing = "Locking the state";
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
            .open(&path)
            .map_err(|error| from_io(&path, doing, &error))?;
        let began = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                // A run that was killed just when it started a password program has left a child
                // that holds the lock until it has become that program.
                Err(TryLockError::WouldBlock) if began.elapsed() < LEFTOVERS => {
                    thread::sleep(LEFTOVERS / 20);
                }
                Err(TryLockError::WouldBlock) => return Err(locked(&path, &mut file)),
                Err(TryLockError::Error(error)) => return Err(from_io(&path, doing, &error)),
            }
        }
        file.set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| file.write_all(holder.text().as_bytes()))
            .map_err(|error| from_io(&path, doing, &error))?;
        Ok(Lock { _file: file })
    }
}

/// Who holds the lock, for the reading of somebody who waits for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Holder {
    pub pid: u32,
    pub command: String,
    pub since: jiff::Timestamp,
}

impl Holder {
    /// This process.
    pub fn this() -> Holder {
        let words: Vec<_> = std::env::args_os()
            .skip(1)
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        Holder {
            pid: std::process::id(),
            command: words.join(" "),
            since: jiff::Timestamp::now(),
        }
    }

    fn text(&self) -> String {
        // A command line may hold anything; what the next run prints is one harmless line.
        let command: String = self
            .command
            .chars()
            .filter(|c| !c.is_control())
            .take(200)
            .collect();
        format!("{}\n{command}\n{}\n", self.pid, self.since)
    }
}

fn locked(path: &Path, file: &mut File) -> StateError {
    let mut text = String::new();
    // The holder may be writing just now, or be of another make: then its name is missing, no more.
    let known = file.take(4096).read_to_string(&mut text).is_ok();
    let mut lines = text.lines();
    let who = match (lines.next(), lines.next(), lines.next()) {
        (Some(pid), Some(command), Some(since)) if known => {
            format!("process {pid} (`cardweave {command}`, since {since})")
        }
        _ => "another process".to_owned(),
    };
    StateError {
        kind: StateErrorKind::Locked,
        what: format!("Another run is at work: {who} holds {}", path.display()),
        todo: "Nothing was changed. Wait until it has ended, then run again".to_owned(),
    }
}
