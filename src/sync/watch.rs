//! What a run tells while it goes on, for whoever watches.

use crate::book::StoreId;

/// Somebody who watches a run. Every method may do nothing.
pub trait Watch {
    /// The store is being listed.
    fn listing(&self, _store: &StoreId) {}
    /// So many of so many cards were read.
    fn reading(&self, _store: &StoreId, _done: usize, _total: usize) {}
    /// So many of so many writes were made.
    fn writing(&self, _store: &StoreId, _done: usize, _total: usize) {}
    /// The store is finished for this run.
    fn finished(&self, _store: &StoreId) {}
}

/// Nobody.
pub struct Unwatched;

impl Watch for Unwatched {}
