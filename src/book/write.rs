//! What a store can keep, and the changes it can be asked for.

use super::{ETag, Href};
use crate::card::Card;

/// What a store keeps unharmed, as far as it is known before anything is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keeps {
    /// Takes vCard 4.0. Otherwise it gets 3.0.
    pub version_4: bool,
    /// Keeps `PHOTO:data:` of vCard 4.0. Otherwise such a card goes as 3.0 with `ENCODING=b`.
    pub inline_media_in_4: bool,
}

impl Keeps {
    /// What any store keeps.
    pub const LEAST: Keeps = Keeps {
        version_4: false,
        inline_media_in_4: false,
    };
}

/// One change of a store, with the precondition under which alone it may be made.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// `name` is the wish for the new resource, `[a-z0-9-]+`, without extension. A name that is
    /// taken is never overwritten.
    Create {
        name: String,
        card: Card,
    },
    /// Puts a card where one was deleted, if nothing stands there now.
    Restore {
        href: Href,
        card: Card,
    },
    Update {
        href: Href,
        etag: ETag,
        card: Card,
    },
    Delete {
        href: Href,
        etag: ETag,
    },
}

impl Write {
    /// The card that stands there afterwards.
    pub fn card(&self) -> Option<&Card> {
        match self {
            Write::Create { card, .. }
            | Write::Restore { card, .. }
            | Write::Update { card, .. } => Some(card),
            Write::Delete { .. } => None,
        }
    }
}
