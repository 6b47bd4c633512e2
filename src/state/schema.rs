//! The tables, and the steps that bring an older file up to them.

use rusqlite::{Connection, TransactionBehavior};

/// "CdWv": tells our files from those of other programs (`PRAGMA application_id`).
pub(super) const APPLICATION_ID: i32 = 0x4364_5776;

/// Step `n` leads from `user_version` n to n + 1. Steps are added, never changed: somewhere there
/// is a file that was made by each of them.
pub(super) const MIGRATIONS: &[&str] = &[FIRST, UNIONS, MEETINGS, RELATIONSHIPS, MIRRORED];

/// The first tables.
///
/// `entry.settled` answers, per entry, "would a run have anything to do here?", so that a run with
/// nothing to do asks a partial index that is empty. `book.contacts` and `store.entries` are kept
/// by triggers: only where they differ can a store lack somebody.
///
/// Blobs are named by number and have no foreign keys: each removal would make SQLite look for
/// references in six columns, where the sweep at the end of a run looks once.
const FIRST: &str = "
CREATE TABLE blob (
    id     INTEGER PRIMARY KEY,
    sha256 BLOB NOT NULL UNIQUE,
    bytes  BLOB NOT NULL
) STRICT;

CREATE TABLE book (
    id       INTEGER PRIMARY KEY,
    name     TEXT NOT NULL UNIQUE,
    contacts INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE store (
    id                  INTEGER PRIMARY KEY,
    book                INTEGER NOT NULL REFERENCES book (id),
    name                TEXT NOT NULL,
    entries             INTEGER NOT NULL DEFAULT 0,
    cursor              TEXT,
    complete_at         TEXT,
    runs_since_complete INTEGER NOT NULL DEFAULT 0,
    last_run_at         TEXT,
    last_error          TEXT,
    drops               TEXT NOT NULL DEFAULT '[]',
    saved               TEXT,
    UNIQUE (book, name)
) STRICT;

CREATE TABLE contact (
    id        INTEGER PRIMARY KEY,
    book      INTEGER NOT NULL REFERENCES book (id),
    contact   TEXT NOT NULL,
    name      TEXT NOT NULL,
    agreed    INTEGER NOT NULL,
    held_back TEXT,
    UNIQUE (book, contact)
) STRICT;
CREATE INDEX contact_held_back ON contact (book) WHERE held_back IS NOT NULL;

CREATE TABLE entry (
    contact INTEGER NOT NULL REFERENCES contact (id) ON DELETE CASCADE,
    store   INTEGER NOT NULL REFERENCES store (id),
    href    TEXT,
    etag    TEXT,
    held    INTEGER,
    given   INTEGER,
    sent    INTEGER,
    refused TEXT,
    let_go  INTEGER NOT NULL DEFAULT 0,
    settled INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (contact, store),
    CHECK (href IS NULL OR (held IS NOT NULL AND given IS NOT NULL)),
    CHECK (href IS NOT NULL OR refused IS NOT NULL)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX entry_address ON entry (store, href);
CREATE INDEX entry_unsettled ON entry (store) WHERE settled = 0;
CREATE INDEX entry_refused ON entry (store) WHERE refused IS NOT NULL;

CREATE TRIGGER contact_added AFTER INSERT ON contact BEGIN
    UPDATE book SET contacts = contacts + 1 WHERE id = new.book;
END;
CREATE TRIGGER contact_gone AFTER DELETE ON contact BEGIN
    UPDATE book SET contacts = contacts - 1 WHERE id = old.book;
END;
CREATE TRIGGER entry_added AFTER INSERT ON entry BEGIN
    UPDATE store SET entries = entries + 1 WHERE id = new.store;
END;
CREATE TRIGGER entry_gone AFTER DELETE ON entry BEGIN
    UPDATE store SET entries = entries - 1 WHERE id = old.store;
END;

CREATE TABLE match_key (
    key     TEXT NOT NULL,
    contact INTEGER NOT NULL REFERENCES contact (id) ON DELETE CASCADE,
    PRIMARY KEY (key, contact)
) STRICT, WITHOUT ROWID;
CREATE INDEX match_key_contact ON match_key (contact);

CREATE TABLE aside (
    store  INTEGER NOT NULL REFERENCES store (id),
    href   TEXT NOT NULL,
    etag   TEXT,
    reason TEXT NOT NULL,
    PRIMARY KEY (store, href)
) STRICT, WITHOUT ROWID;

CREATE TABLE run (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      TEXT NOT NULL,
    command TEXT NOT NULL
) STRICT;

CREATE TABLE done (
    id      INTEGER PRIMARY KEY,
    run     INTEGER NOT NULL REFERENCES run (id),
    book    TEXT NOT NULL,
    store   TEXT NOT NULL,
    contact TEXT NOT NULL,
    name    TEXT NOT NULL,
    href    TEXT NOT NULL,
    before  INTEGER,
    after   INTEGER
) STRICT;
CREATE INDEX done_run ON done (run);
CREATE INDEX done_contact ON done (contact);

CREATE TABLE question (
    book    TEXT NOT NULL,
    id      TEXT NOT NULL,
    contact TEXT NOT NULL,
    payload TEXT NOT NULL,
    PRIMARY KEY (book, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE decision (
    book   TEXT NOT NULL,
    id     TEXT NOT NULL,
    choice TEXT NOT NULL,
    PRIMARY KEY (book, id)
) STRICT, WITHOUT ROWID;
";

/// What contacts were before they became one, which ones were parted again, and whether a book was
/// looked through for duplicates since its contacts last changed.
///
/// `book.matched` names how it was looked through; the triggers empty it.
const UNIONS: &str = "
CREATE TABLE member (
    id      INTEGER PRIMARY KEY,
    run     INTEGER NOT NULL REFERENCES run (id),
    book    TEXT NOT NULL,
    heir    TEXT NOT NULL,
    contact TEXT NOT NULL,
    name    TEXT NOT NULL,
    agreed  INTEGER NOT NULL,
    joined  INTEGER NOT NULL,
    UNIQUE (book, run, heir, contact)
) STRICT;
CREATE INDEX member_heir ON member (book, heir);

CREATE TABLE member_entry (
    member INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    store  TEXT NOT NULL,
    href   TEXT NOT NULL,
    held   INTEGER NOT NULL,
    given  INTEGER NOT NULL,
    PRIMARY KEY (member, store)
) STRICT, WITHOUT ROWID;

CREATE TABLE parted (
    book  TEXT NOT NULL,
    uid   TEXT NOT NULL,
    other TEXT NOT NULL,
    PRIMARY KEY (book, uid, other)
) STRICT, WITHOUT ROWID;

ALTER TABLE book ADD COLUMN matched TEXT;
CREATE TRIGGER contact_to_match AFTER INSERT ON contact BEGIN
    UPDATE book SET matched = NULL WHERE id = new.book;
END;
CREATE TRIGGER contact_to_match_again AFTER UPDATE OF agreed ON contact
WHEN new.agreed <> old.agreed BEGIN
    UPDATE book SET matched = NULL WHERE id = new.book;
END;
CREATE TRIGGER contact_not_to_match AFTER DELETE ON contact BEGIN
    UPDATE book SET matched = NULL WHERE id = old.book;
END;
";

/// Whether a store was known to hold a contact before a run wrote it there. Of older runs nobody knows.
const MEETINGS: &str = "
ALTER TABLE done ADD COLUMN is_meeting INTEGER NOT NULL DEFAULT 0;
";

/// What the agreed card of a contact says of the relationship, so that lists and reports read no
/// cards. The log, which may be long, is in a table of its own that only reports read. A contact
/// without a row was not read yet.
///
/// `reached_by` has each mail address and number, normalised, between line ends.
const RELATIONSHIPS: &str = "
CREATE TABLE relationship (
    contact    INTEGER PRIMARY KEY REFERENCES contact (id) ON DELETE CASCADE,
    is_group   INTEGER NOT NULL,
    brief      TEXT NOT NULL,
    reached_by TEXT NOT NULL
) STRICT;
CREATE INDEX relationship_group ON relationship (is_group);

CREATE TABLE log (
    contact INTEGER PRIMARY KEY REFERENCES contact (id) ON DELETE CASCADE,
    lines   TEXT NOT NULL
) STRICT;
";

/// Whether tiers and categories of all contacts of a book are known to tell the same.
const MIRRORED: &str = "
ALTER TABLE book ADD COLUMN mirrored INTEGER NOT NULL DEFAULT 0;
";

/// Brings the file from its version to the one after the last of `migrations`, each step whole or
/// not at all.
pub(super) fn migrate(connection: &mut Connection, migrations: &[&str]) -> rusqlite::Result<()> {
    loop {
        // The version is read inside the transaction: what counts is the file as it is now.
        let step = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let version = version(&step)?;
        let Some(migration) = usize::try_from(version)
            .ok()
            .and_then(|at| migrations.get(at))
        else {
            return Ok(());
        };
        step.execute_batch(migration)?;
        step.pragma_update(None, "application_id", APPLICATION_ID)?;
        step.pragma_update(None, "user_version", version + 1)?;
        step.commit()?;
    }
}

/// The version of the tables in the file; 0 where there are none yet.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}
