//! What the stores of a book hold, and what they were last known to hold.

mod baseline;
mod id;
mod write;

pub use baseline::{Held, Known};
pub use id::{ContactId, ETag, Href, StoreId};
pub use write::{Keeps, Write};

use crate::card::Card;

/// A card at an address in one store, as the store gave it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub href: Href,
    pub etag: ETag,
    pub card: Card,
}
