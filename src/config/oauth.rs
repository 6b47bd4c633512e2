//! Says where an account's tokens come from (OAuth 2.0, RFC 6749).

use std::fmt;

use url::Url;

use crate::secret::PasswordSource;

/// The servers that give out an account's tokens, and what they know this program as.
#[derive(Debug, Clone, PartialEq)]
pub struct OAuth {
    /// `None`: the config names the addresses itself.
    pub provider: Option<Provider>,
    /// Where the person signs in, in a browser.
    pub authorize_url: Option<Url>,
    /// Where tokens are given out; the only place that a refresh token is ever sent to.
    pub token_url: Url,
    /// Where a machine without a browser gets its code (RFC 8628).
    pub device_url: Option<Url>,
    pub scopes: Vec<String>,
    pub client_id: String,
    pub client_secret: Option<PasswordSource>,
}

/// A provider whose addresses are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    Google,
}

impl Provider {
    pub(super) const NAMES: [&'static str; 1] = ["google"];

    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "google" => Some(Self::Google),
            _ => None,
        }
    }

    pub(super) fn authorize_url(self) -> Url {
        self.url("https://accounts.google.com/o/oauth2/v2/auth")
    }

    pub(super) fn token_url(self) -> Url {
        self.url("https://oauth2.googleapis.com/token")
    }

    pub(super) fn scopes(self) -> Vec<String> {
        match self {
            Self::Google => vec!["https://www.googleapis.com/auth/carddav".to_owned()],
        }
    }

    fn url(self, google: &str) -> Url {
        match self {
            Self::Google => Url::parse(google).expect("the address is a literal"),
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Google => f.write_str("Google"),
        }
    }
}
