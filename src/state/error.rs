//! What can go wrong with the state, told so that a person knows what to do.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use super::Access;

/// Why the state could not be used. Nothing that was begun is half done: a change that failed was
/// taken back as a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}. {todo}")]
pub struct StateError {
    pub kind: StateErrorKind,
    /// What happened and where, without a full stop.
    pub what: String,
    /// What was left alone, and what to do next.
    pub todo: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateErrorKind {
    /// Another run holds the lock.
    Locked,
    /// A later cardweave wrote this state; we would misread it.
    Newer,
    /// An earlier cardweave wrote this state, and a look may not bring it up to date.
    Older,
    /// The file belongs to another program.
    Foreign,
    /// The file is damaged.
    Corrupt,
    /// Another program keeps the file busy.
    Busy,
    /// The disk is full.
    Full,
    /// No permission, or a read-only file system.
    Denied,
    /// A remembered card is no card to this version of cardweave.
    Card,
    /// An entry was to be saved for a contact that was not saved before: a mistake of ours.
    Unknown,
    /// Anything else that the disk or SQLite reported.
    Disk,
}

/// Where the state is and how it was opened: what an error needs to know.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub path: PathBuf,
    pub access: Access,
}

/// What a single step can run into, before it is known what it was done for.
#[derive(Debug)]
pub(super) enum Trouble {
    Sql(rusqlite::Error),
    /// SQLite is content with the file, but what stands in it cannot be what we wrote.
    Damaged(String),
    /// An entry without its contact.
    Unknown(crate::book::ContactId),
    /// The bytes are those that we wrote, yet they are no card any more.
    Card(String),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Trouble::Sql(error)
    }
}

impl Place {
    /// Says what `trouble` means for somebody who was `doing` something with the state, and leaves
    /// a mark for the next run where the file has to be looked through.
    pub fn explain(&self, doing: &str, trouble: Trouble) -> StateError {
        let error = match trouble {
            Trouble::Sql(error) => from_sqlite(&self.path, doing, &error),
            Trouble::Damaged(reason) => corrupt(&self.path, doing, &reason),
            Trouble::Unknown(contact) => StateError {
                kind: StateErrorKind::Unknown,
                what: format!(
                    "{doing} failed in {}: contact {contact} was never saved",
                    self.path.display()
                ),
                todo: "Nothing was changed. This is a mistake in cardweave; please report it"
                    .to_owned(),
            },
            Trouble::Card(reason) => StateError {
                kind: StateErrorKind::Card,
                what: format!("{doing} failed in {}: {reason}", self.path.display()),
                todo: "Nothing was changed. Move that file away and run `cardweave sync`: the \
                       state is rebuilt from the stores, where all cards still are"
                    .to_owned(),
            },
        };
        if error.kind == StateErrorKind::Corrupt && self.access == Access::Run {
            super::rescue::suspect(&self.path);
        }
        error
    }
}

/// An input or output error of a file in the state directory.
pub(super) fn from_io(path: &Path, doing: &str, error: &io::Error) -> StateError {
    let (kind, todo) = match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            (StateErrorKind::Denied, DENIED)
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => (StateErrorKind::Full, FULL),
        _ => (StateErrorKind::Disk, DISK),
    };
    StateError {
        kind,
        what: format!("{doing} failed at {}: {error}", path.display()),
        todo: todo.to_owned(),
    }
}

const DENIED: &str = "Nothing was changed. Make the state directory writable for you, or name \
                      another one with --state";
const FULL: &str = "Nothing was changed. Make room on that disk and run again";
const DISK: &str = "Nothing was changed. Look after that disk, then run again";

fn from_sqlite(path: &Path, doing: &str, error: &rusqlite::Error) -> StateError {
    let (kind, todo) = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            return corrupt(path, doing, &error.to_string());
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => (
            StateErrorKind::Busy,
            "Nothing was changed. Close the other program that has this file open (sqlite3?) and \
             run again",
        ),
        Some(ErrorCode::DiskFull) => (StateErrorKind::Full, FULL),
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            (StateErrorKind::Denied, DENIED)
        }
        _ => (StateErrorKind::Disk, DISK),
    };
    StateError {
        kind,
        what: format!("{doing} failed in {}: {error}", path.display()),
        todo: todo.to_owned(),
    }
}

fn corrupt(path: &Path, doing: &str, reason: &str) -> StateError {
    StateError {
        kind: StateErrorKind::Corrupt,
        what: format!("{doing} failed: {} is damaged ({reason})", path.display()),
        todo: "No card in any store was touched by this. Run `cardweave sync`: it keeps the \
               damaged file aside and rebuilds the state from the stores"
            .to_owned(),
    }
}
