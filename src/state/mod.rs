//! The state file: baseline, decisions and history, in one SQLite file of the user's own.
//!
//! Cards are kept once each, by the SHA-256 of their bytes, so that a contact that is the same in
//! every store costs one copy. Every call that changes something is one transaction.

mod baseline;
mod blobs;
mod error;
mod followers;
mod history;
mod lock;
mod notes;
mod people;
mod questions;
mod relationships;
mod rescue;
mod schema;
mod unions;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs::{DirBuilder, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use rustix::fs::OFlags;

pub use error::{StateError, StateErrorKind};
pub use people::Resident;
pub use questions::OpenQuestion;
pub use unions::Joined;

use crate::book::{ContactId, ETag, Href, StoreId};
use crate::card::Card;
use crate::store::Cursor;
use error::{Place, Trouble, from_io};
use lock::{Holder, Lock};

/// The opened state. Holds the lock of the directory until it is dropped.
#[derive(Debug)]
pub struct State {
    connection: Connection,
    place: Place,
    /// An entry or a contact was written, so that cards may be left that nothing names any more.
    unswept: Cell<bool>,
    _lock: Option<Lock>,
}

/// Whether this run is the only one that may change things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Takes the lock; a second run is told who holds it.
    Run,
    /// Reads what is there, also while a run is going on. Never creates anything.
    Look,
}

/// A damaged state that was moved out of the way. The caller tells it once; the new state is
/// empty and is rebuilt from the stores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// Where the damaged file is now.
    pub path: PathBuf,
    pub reason: String,
}

/// What is known about an address of a store without reading its card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub contact: ContactId,
    /// `None`: written, but the store has not told the version yet.
    pub etag: Option<ETag>,
}

/// An address whose content could not be used; kept so that it is neither gone nor read again
/// until it changes. `etag: None` means: look again on the next run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aside {
    pub etag: Option<ETag>,
    pub reason: String,
}

/// How a store did in its last run.
#[derive(Debug, Clone, PartialEq)]
pub struct StoreNote {
    pub cursor: Option<Cursor>,
    /// When the last whole listing was taken, and how many runs ago.
    pub complete_at: Option<jiff::Timestamp>,
    pub runs_since_complete: u32,
    pub last_run_at: Option<jiff::Timestamp>,
    /// The error that ended its last run, if one did.
    pub last_error: Option<String>,
    /// Properties that this store was seen to drop, by canonical name.
    pub drops: BTreeSet<String>,
}

/// The number of a run; they count up from 1.
pub type RunId = i64;

/// One invocation that changed something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub id: RunId,
    pub at: jiff::Timestamp,
    pub command: String,
    /// How many things it did.
    pub done: usize,
}

/// One thing a run did in a store, with what it takes to undo it.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    pub book: String,
    pub store: StoreId,
    pub contact: ContactId,
    /// The contact's name at the time, for reading.
    pub name: String,
    pub href: Href,
    /// The card before: `None` for a creation.
    pub before: Option<Card>,
    /// The card as the store kept it: `None` for a deletion.
    pub after: Option<Card>,
    /// The store was not known to hold the contact before this run: it was put there, or found
    /// there for the first time.
    pub is_meeting: bool,
}

/// Changes that are made together or not at all.
#[derive(Debug)]
pub struct Tx<'a> {
    connection: &'a Connection,
    place: &'a Place,
    unswept: &'a Cell<bool>,
}

impl State {
    /// Opens the state in `directory`, with [`Access::Run`] making what is missing.
    ///
    /// A damaged file is moved aside and a new one begun; that is the second value. With
    /// [`Access::Look`] a state that is not there yet is an empty one.
    ///
    /// # Errors
    /// Another run holds the lock; the file is newer than this program, or another program's; with
    /// `Look` also older or damaged. Nothing was touched then.
    pub fn open(directory: &Path, access: Access) -> Result<(State, Option<SetAside>), StateError> {
        let place = Place {
            path: directory.join("state.sqlite"),
            access,
        };
        match access {
            Access::Look => Ok((State::look(place)?, None)),
            Access::Run => State::run(directory, place),
        }
    }

    fn look(place: Place) -> Result<State, StateError> {
        let doing = "Opening the state";
        let is_new = match place.path.metadata() {
            Ok(file) => file.len() == 0,
            Err(error) if error.kind() == io::ErrorKind::NotFound => true,
            Err(error) => return Err(from_io(&place.path, doing, &error)),
        };
        let nothing = || empty().map_err(|error| place.explain(doing, error.into()));
        let connection = if is_new {
            nothing()?
        } else {
            let connection = connect(&place.path, OpenFlags::SQLITE_OPEN_READ_ONLY)
                .map_err(|error| place.explain(doing, error.into()))?;
            // The first run ever may be making its tables at this moment.
            match rescue::refuse(&connection, &place)? {
                true => nothing()?,
                false => connection,
            }
        };
        Ok(State {
            connection,
            place,
            unswept: Cell::new(false),
            _lock: None,
        })
    }

    fn run(directory: &Path, place: Place) -> Result<(State, Option<SetAside>), StateError> {
        let doing = "Opening the state";
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .map_err(|error| from_io(directory, "Making the state directory", &error))?;
        let lock = Lock::take(directory, &Holder::this())?;
        let aside = rescue::set_aside_if_damaged(&place)?;
        make_private(&place.path).map_err(|error| from_io(&place.path, doing, &error))?;
        let connection = begin(&place.path).map_err(|error| place.explain(doing, error.into()))?;
        let state = State {
            connection,
            place,
            unswept: Cell::new(false),
            _lock: Some(lock),
        };
        Ok((state, aside))
    }

    /// Makes the changes of `change` together, or none of them if it or the disk fails.
    pub fn transaction<T>(
        &mut self,
        change: impl FnOnce(&Tx) -> Result<T, StateError>,
    ) -> Result<T, StateError> {
        let explain = |error: rusqlite::Error| {
            self.place
                .explain("Saving to the state", Trouble::Sql(error))
        };
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(explain)?;
        let result = change(&Tx {
            connection: &transaction,
            place: &self.place,
            unswept: &self.unswept,
        })?;
        transaction.commit().map_err(explain)?;
        Ok(result)
    }

    /// Removes the cards that nothing names any more, at the end of a run; returns how many. Costs
    /// nothing when no contact and no entry was written.
    pub fn sweep(&mut self) -> Result<usize, StateError> {
        if !self.unswept.get() {
            return Ok(0);
        }
        let removed = self.ask("Tidying the state", blobs::sweep)?;
        self.unswept.set(false);
        Ok(removed)
    }

    /// Runs `question` and says what it was for if it fails.
    fn ask<T>(
        &self,
        doing: &str,
        question: impl FnOnce(&Connection) -> Result<T, Trouble>,
    ) -> Result<T, StateError> {
        question(&self.connection).map_err(|trouble| self.place.explain(doing, trouble))
    }
}

impl Tx<'_> {
    /// Runs `change` and says what it was for if it fails.
    fn make<T>(
        &self,
        doing: &str,
        change: impl FnOnce(&Connection) -> Result<T, Trouble>,
    ) -> Result<T, StateError> {
        change(self.connection).map_err(|trouble| self.place.explain(doing, trouble))
    }

    /// As [`Tx::make`], for a change after which cards may be left that nothing names any more.
    fn move_cards<T>(
        &self,
        doing: &str,
        change: impl FnOnce(&Connection) -> Result<T, Trouble>,
    ) -> Result<T, StateError> {
        self.unswept.set(true);
        self.make(doing, change)
    }
}

/// Makes the file if need be, readable for its owner alone whatever the umask. SQLite gives the
/// files beside it (`-wal`, `-shm`) the same mode.
fn make_private(path: &Path) -> io::Result<()> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
        .open(path)?;
    if file.metadata()?.permissions().mode() & 0o777 != 0o600 {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(())
}

fn connect(path: &Path, access: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(64);
    // Plans must not depend on bound values: where they may, SQLite prepares a statement anew each
    // time that it is executed, which is a tenth of a first run.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    // In KiB. It grows as needed; a state of 10,000 contacts stays below it.
    connection.pragma_update(None, "cache_size", -8192)?;
    // Sorting must not leave pieces of an address book in a shared temporary directory.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

fn begin(path: &Path) -> rusqlite::Result<Connection> {
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    schema::migrate(&mut connection, schema::MIGRATIONS)?;
    relationships::fill(&mut connection)?;
    Ok(connection)
}

/// A state in which nothing ever happened, for a look before the first run.
fn empty() -> rusqlite::Result<Connection> {
    let mut connection = Connection::open_in_memory()?;
    schema::migrate(&mut connection, schema::MIGRATIONS)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

#[cfg(test)]
mod tests;
