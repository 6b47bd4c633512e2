//! Places that hold cards, behind one promise: list, read, write.
//!
//! A store decides nothing. It tells what is there as far as it can be sure, and it writes only
//! under a precondition. What it is not sure of it says: an entry that could not be read is
//! neither changed nor gone.

pub mod carddav;
pub mod folder;
pub mod memory;

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::LocalBoxFuture;

pub use crate::book::{Keeps, Write};

use crate::book::{ETag, Entry, Href, StoreId};

/// One place that holds cards. All calls may run at the same time; a store limits itself.
pub trait Store {
    fn id(&self) -> &StoreId;

    /// What a card must look like to be kept here unharmed.
    fn keeps(&self) -> Keeps;

    /// How many requests were made so far, for those who count; a folder makes none.
    fn requests(&self) -> usize {
        0
    }

    /// What the store has learnt about itself and wants to know when it is opened again, as JSON.
    fn memo(&self) -> Option<String> {
        None
    }

    /// What the store holds, as a difference from `since` where the store can tell one, as the
    /// whole listing otherwise.
    ///
    /// # Errors
    /// A listing that did not arrive whole is an error, never a short listing.
    fn list<'a>(&'a self, since: &'a Since) -> LocalBoxFuture<'a, Result<Listing, StoreError>>;

    /// The entries at these addresses, in any order, each address answered exactly once.
    ///
    /// [`Found::Gone`] is an answer about that one address ("404"), never an omission.
    fn read<'a>(
        &'a self,
        hrefs: &'a [Href],
    ) -> LocalBoxFuture<'a, Result<Vec<(Href, Found)>, StoreError>>;

    /// Makes one change, under its precondition or not at all.
    fn write<'a>(&'a self, write: &'a Write) -> LocalBoxFuture<'a, Result<Written, WriteError>>;
}

/// Where the last listing of a store ended, in the store's own words (JSON for both of ours).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub String);

/// From where a listing is wanted.
#[derive(Debug, Clone, Default)]
pub struct Since {
    /// `None`: from the beginning.
    pub cursor: Option<Cursor>,
    /// A difference is not enough: list everything, whatever the cursor says.
    pub complete: bool,
}

/// What a listing said.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    pub extent: Extent,
    pub cursor: Cursor,
    /// Addresses that are there but could not be told apart from changed or gone (a 500 inside the
    /// 207, a file that changed while it was read): left for the next run, with the reason.
    pub unsure: BTreeMap<Href, String>,
    /// What was passed over, for the person: links, hrefs of other hosts, files that are no cards.
    pub findings: Vec<Finding>,
}

/// How much a listing covers.
#[derive(Debug, Clone, PartialEq)]
pub enum Extent {
    /// Everything that is there. Only here does an absence mean anything, and even then it is
    /// confirmed by [`Store::read`] before it counts.
    Complete(BTreeMap<Href, ETag>),
    /// What moved since the cursor.
    Since {
        changed: BTreeMap<Href, ETag>,
        gone: BTreeSet<Href>,
    },
}

/// What was found at an address.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    Entry(Entry),
    /// The store said that nothing is there.
    Gone,
    /// Something is there, but it is no card we can use (not a vCard, torn, several cards in one
    /// resource, too large, another card than the one asked for). Never a deletion.
    Unusable {
        etag: Option<ETag>,
        reason: String,
    },
}

/// What a write did.
#[derive(Debug, Clone, PartialEq)]
pub enum Written {
    /// `kept` is there only when the store is certain to keep these very bytes (a folder);
    /// otherwise the caller reads the entry back. `etag` is what the reply named, if anything.
    Stored {
        href: Href,
        etag: Option<ETag>,
        kept: Option<Entry>,
    },
    Deleted,
}

/// Why a write was not made.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The precondition failed: the entry is not the one we knew (412, or compared before).
    #[error("it was changed meanwhile")]
    Changed,
    /// Another entry has this name already (a create only).
    #[error("the name is taken")]
    Taken,
    /// The store will not have this card, now or later: too large, not valid to it, a UID that
    /// another entry has, no permission. The reason is the store's, made readable.
    #[error("{0}")]
    Refused(String),
    /// The connection broke after the request may have arrived. Read before doing anything else.
    #[error("the outcome is not known: {0}")]
    Unknown(String),
    /// The store as a whole failed; nothing more is to be tried there in this run.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Something worth telling about one address of a store. Nothing stopped because of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The address as the store spells it, or `None` for the store as a whole.
    pub href: Option<Href>,
    /// A sentence: what was found, what was left alone, what to do.
    pub text: String,
}

/// Why a store could not be used in this run. Other stores go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}. {todo}")]
pub struct StoreError {
    pub kind: StoreErrorKind,
    /// What happened and where, without a full stop.
    pub what: String,
    /// What was left alone, and what to do next.
    pub todo: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreErrorKind {
    /// No connection, no answer in time, TLS not verified.
    Unreachable,
    /// Wrong or missing password.
    SignIn,
    /// The address book or folder is not there, or it is not the one that was there before.
    Missing,
    /// The answer was cut short, or was no CardDAV answer at all.
    Broken,
    /// The server asked us to come back later than we are ready to wait.
    Busy,
    /// The disk is full, the folder read-only, an I/O error.
    Disk,
}
