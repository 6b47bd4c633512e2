//! The state file: baseline, decisions and history, in one SQLite file of the user's own.
//!
//! Cards are kept once each, by the SHA-256 of their bytes, so that a contact that is the same in
//! every store costs one copy. Every call that changes something is one transaction.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::book::{ContactId, ETag, Held, Href, Known, StoreId};
use crate::card::Card;
use crate::store::Cursor;

// ---- sketch of the interface, to be filled ----

/// The opened state. Holds the lock of the directory until it is dropped.
pub struct State {}

/// Whether this run is the only one that may change things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Takes the lock; a second run is told who holds it.
    Run,
    /// Reads what is there, also while a run is going on. Never creates anything.
    Look,
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
}
