//! What a run tells while it goes on, for whoever watches.

use crate::book::StoreId;

/// Somebody who watches a run. Counts are totals so far, never steps, so that a call that is left
/// out does no harm.
pub trait Watch {
    /// The store is asked what it holds.
    fn listing(&self, _store: &StoreId) {}
    /// Cards are read.
    fn reading(&self, _store: &StoreId, _done: usize, _total: usize) {}
    /// Cards are written.
    fn writing(&self, _store: &StoreId, _done: usize, _total: usize) {}
    /// So many requests were made to the store in this run.
    fn requests(&self, _store: &StoreId, _made: usize) {}
    /// The store is done; `text` is what came of it, in a few words.
    fn finish(&self, _store: &StoreId, _text: &str) {}
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Watch for Unwatched {}
