//! What a search for address books brings back.

use url::Url;

use super::super::trust::Met;
use super::{FoundBy, Saved};

/// The address books of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovered {
    /// Sorted by URL, each once.
    pub books: Vec<Saved>,
    /// What was named on hosts that the account does not trust. Nothing was sent there.
    pub elsewhere: Vec<Elsewhere>,
    pub found_by: FoundBy,
    /// Where the server's own words began.
    pub start: Url,
    /// What the server calls itself, if it does.
    pub server: Option<String>,
}

/// One or several address books on a host that would first have to be trusted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Elsewhere {
    /// Its display name; the path where there is none.
    pub name: String,
    /// `host` or `host:port`, as `trusted-hosts` wants it.
    pub host: String,
    pub met: Met,
}

/// Who answers for an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Knock {
    pub url: Url,
    /// The kinds of sign-in on offer: `Basic`, `Digest`, `Bearer`; none where none is asked for.
    pub schemes: Vec<String>,
    /// What the server calls itself, if it does.
    pub server: Option<String>,
    pub found_by: FoundBy,
    /// What somebody has to know who signs in at this provider, if that is anything special.
    pub advice: Option<&'static str>,
}
