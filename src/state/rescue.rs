//! Tells a damaged state from a newer or a foreign one, and puts the damaged one aside.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::error::{Place, StateError, StateErrorKind, Trouble, from_io};
use super::schema::{APPLICATION_ID, MIGRATIONS, version};
use super::{Access, SetAside, blobs, connect};

/// Moves the state file aside where it is damaged. The stores hold every card, so that a new state
/// loses no contact, and the old file is kept for whoever wants its history.
///
/// # Errors
/// The file is newer than this program or belongs to another: it is left as it is.
pub(super) fn set_aside_if_damaged(place: &Place) -> Result<Option<SetAside>, StateError> {
    let doing = "Opening the state";
    match place.path.symlink_metadata() {
        Ok(file) if file.is_file() => {}
        // Anything that is no plain file is refused by the one who opens it for writing.
        Ok(_) => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(from_io(&place.path, doing, &error)),
    }
    let reason = match damage(place) {
        Ok(None) => return Ok(None),
        Ok(Some(reason)) => reason,
        Err(trouble) => return Err(trouble),
    };
    let now = jiff::Timestamp::now()
        .strftime("%Y%m%dT%H%M%S%3fZ")
        .to_string();
    let broken = beside(&place.path, &format!(".broken-{now}"));
    for ending in ["-wal", "-shm", ""] {
        let (from, to) = (beside(&place.path, ending), beside(&broken, ending));
        match fs::rename(&from, &to) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(from_io(&from, "Putting the damaged state aside", &error)),
        }
    }
    trust(&place.path).map_err(|error| from_io(&place.path, doing, &error))?;
    Ok(Some(SetAside {
        path: broken,
        reason,
    }))
}

/// Leaves a mark: the next run looks the whole file through before it uses it. Doing that on each
/// run would cost more than a run with nothing to do.
pub(super) fn suspect(path: &Path) {
    // Where even the mark cannot be made, the damage will be met again where it was met now.
    drop(File::create(mark(path)));
}

/// Refuses a file that is not ours to read, or not yet. True: nothing was ever put into it.
pub(super) fn refuse(connection: &Connection, place: &Place) -> Result<bool, StateError> {
    let explain = |error: rusqlite::Error| place.explain("Opening the state", Trouble::Sql(error));
    let id: i32 = connection
        .pragma_query_value(None, "application_id", |row| row.get(0))
        .map_err(explain)?;
    let version = version(connection).map_err(explain)?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))
        .map_err(explain)?;
    let is_empty = id == 0 && version == 0 && tables == 0;
    let ours = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let file = place.path.display();
    if id != APPLICATION_ID && !is_empty {
        return Err(StateError {
            kind: StateErrorKind::Foreign,
            what: format!("{file} is not a state of cardweave but another program's database"),
            todo: "Nothing was touched. Name another directory with --state, or move that file \
                   away"
                .to_owned(),
        });
    }
    if version > ours {
        return Err(StateError {
            kind: StateErrorKind::Newer,
            what: format!(
                "{file} was written by a later cardweave (its tables are version {version}, this \
                 one knows {ours})"
            ),
            todo: "Nothing was touched. Use the later cardweave, or name another directory with \
                   --state"
                .to_owned(),
        });
    }
    if place.access == Access::Look && version < ours && !is_empty {
        return Err(StateError {
            kind: StateErrorKind::Older,
            what: format!("{file} was written by an earlier cardweave"),
            todo: "Nothing was touched. Run `cardweave sync` once, which brings it up to date"
                .to_owned(),
        });
    }
    Ok(is_empty)
}

/// Why the file cannot be used although it is ours; `None` if it can.
fn damage(place: &Place) -> Result<Option<String>, StateError> {
    let doing = "Opening the state";
    // For reading, because whoever closes a database last may write or remove what is beside it.
    let explain = |error: rusqlite::Error| place.explain(doing, error.into());
    let connection = match connect(&place.path, OpenFlags::SQLITE_OPEN_READ_ONLY) {
        Ok(connection) => connection,
        Err(error) if is_damage(&error) => return Ok(Some(error.to_string())),
        Err(error) => return Err(explain(error)),
    };
    match refuse(&connection, place) {
        Ok(_) => {}
        Err(error) if error.kind == StateErrorKind::Corrupt => return Ok(Some(error.what)),
        Err(error) => return Err(error),
    }
    if !mark(&place.path).exists() {
        return Ok(None);
    }
    match look_through(&connection) {
        Ok(None) => {
            trust(&place.path).map_err(|error| from_io(&place.path, doing, &error))?;
            Ok(None)
        }
        Ok(Some(reason)) => Ok(Some(reason)),
        Err(error) if is_damage(&error) => Ok(Some(error.to_string())),
        Err(error) => Err(explain(error)),
    }
}

/// Reads the whole file; returns the first fault.
fn look_through(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let verdict: String =
        connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Ok(Some(verdict));
    }
    let whole = blobs::are_whole(connection)?;
    Ok((!whole).then(|| "a remembered card is not what was saved".to_owned()))
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    )
}

fn trust(path: &Path) -> io::Result<()> {
    match fs::remove_file(mark(path)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn mark(path: &Path) -> PathBuf {
    beside(path, ".suspect")
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
