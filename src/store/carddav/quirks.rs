//! What single servers are known to do differently, by name and with the reason.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use url::Url;

/// One deviation that this store works around.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quirk {
    /// Overwrites despite `If-None-Match: *` or deletes despite a stale `If-Match` (SOGo 5.8 both,
    /// Google `If-Match`): the entry is looked at right before each write instead.
    IgnoresPreconditions,
    /// Lists the changes of the token's last second again and again under the same token (SOGo,
    /// whose token is a number of seconds): that is no sign of a book made again.
    RepeatsTheLastSecond,
    /// Accepts a token from before the book was made again or restored, and then hides what was
    /// lost (SOGo, DAViCal, sabre/dav 4): a delta is believed less long here.
    SyncHidesLosses,
    /// Reads `Depth: 0` of a sync-collection as "the collection alone" (Google); RFC 6578 section
    /// 3.2 says 0.
    SyncWantsDepthOne,
    /// Closes the connection after a refusal without having said so (SOGo): a write that follows
    /// on it breaks, and nobody knows what became of it. Each request gets its own connection.
    ClosesWithoutSaying,
    /// Says that it takes vCard 4.0 and stores it as 3.0 (Cyrus 3.6): what 3.0 cannot hold is lost
    /// on the way, so it gets 3.0 made by us.
    StoresVersion3Only,
    /// Turns vCard 4.0 into 3.0 on reading unless asked for 4.0 by name (sabre/dav 4).
    ConvertsUnlessAsked,
}

impl Quirk {
    /// What it means for the person, as a sentence.
    pub fn explanation(self) -> &'static str {
        match self {
            Self::IgnoresPreconditions => {
                "It does not check preconditions, so each card is looked at once more before it is written."
            }
            Self::RepeatsTheLastSecond => "It reports the latest changes again; that is harmless.",
            Self::SyncHidesLosses => {
                "Its short listings can hide deletions after a restored backup; whole listings find them."
            }
            Self::SyncWantsDepthOne => {
                "It reads the Depth header of short listings in its own way."
            }
            Self::ClosesWithoutSaying => {
                "It closes connections without notice, so each request opens its own."
            }
            Self::StoresVersion3Only => "It takes vCard 4.0 but keeps 3.0, so it is given 3.0.",
            Self::ConvertsUnlessAsked => {
                "It hands out vCard 3.0 unless asked for 4.0; it is asked for 4.0."
            }
        }
    }
}

/// The quirks of the server behind an address book, told by its address and its sync token.
pub(super) fn quirks_of(book: &Url, sync_token: Option<&str>) -> BTreeSet<Quirk> {
    let token = sync_token.unwrap_or_default();
    let mut quirks = BTreeSet::new();
    if book.path().contains("/SOGo/") {
        quirks.extend([
            Quirk::IgnoresPreconditions,
            Quirk::ClosesWithoutSaying,
            Quirk::RepeatsTheLastSecond,
            Quirk::SyncHidesLosses,
        ]);
    }
    if book.path().contains("/caldav.php/") {
        quirks.insert(Quirk::SyncHidesLosses);
    }
    if is_cyrus_token(token) {
        quirks.insert(Quirk::StoresVersion3Only);
    }
    if token.starts_with("http://sabre.io/ns/sync/") {
        quirks.extend([Quirk::SyncHidesLosses, Quirk::ConvertsUnlessAsked]);
    }
    if book.host_str() == Some("www.googleapis.com") {
        quirks.extend([Quirk::IgnoresPreconditions, Quirk::SyncWantsDepthOne]);
    }
    quirks
}

/// `data:,<uidvalidity>-<modseq>`; others count in `data:,<number>`.
fn is_cyrus_token(token: &str) -> bool {
    let numbers = token
        .strip_prefix("data:,")
        .and_then(|numbers| numbers.split_once('-'));
    numbers.is_some_and(|(validity, sequence)| {
        validity.parse::<u64>().is_ok() && sequence.parse::<u64>().is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_known_by_address_and_token() {
        let of = |url: &str, token| quirks_of(&Url::parse(url).unwrap(), token);
        assert!(
            of("http://h/SOGo/dav/a/Contacts/personal/", Some("17"))
                .contains(&Quirk::IgnoresPreconditions)
        );
        assert!(
            of("http://h/b/", Some("http://sabre.io/ns/sync/5")).contains(&Quirk::SyncHidesLosses)
        );
        let cyrus = of("http://h/b/", Some("data:,1795437473-2"));
        assert!(cyrus.contains(&Quirk::StoresVersion3Only));
        assert!(of("http://h/b/", Some("data:,17")).is_empty());
        assert!(
            of(
                "http://h/alice/contacts/",
                Some("http://radicale.org/ns/sync/ab")
            )
            .is_empty()
        );
    }
}
