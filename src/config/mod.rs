//! Reads the TOML config into a [`Config`] that cannot be half valid.
//!
//! Everything that can be known without a network is checked here, once, and all mistakes of a
//! file are told together, each with line, column and the nearest right spelling.

mod cadence;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use url::Url;

pub use cadence::{Cadence, NotACadence};

use crate::book::StoreId;
use crate::secret::PasswordSource;

/// What the config file says, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// By name. Every account that a store names is here.
    pub accounts: BTreeMap<String, Account>,
    /// In the order of the file; at least one, with different names.
    pub books: Vec<Book>,
    pub me: Option<Me>,
    pub tiers: Tiers,
}

/// One sign-in at one CardDAV server.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    pub name: String,
    pub address: Address,
    /// `None`: an e-mail address is its own user name; otherwise the server is asked without one.
    pub username: Option<String>,
    pub password: PasswordSource,
    pub auth: Auth,
    /// PEM certificates trusted beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// PEM with certificate and key, shown to the server.
    pub client_certificate: Option<PathBuf>,
    /// Passwords may go over plain http to a host that is not this machine.
    pub plain_http: bool,
    /// Further hosts (lower case, `host` or `host:port`) that may be given the password because
    /// the server's own addresses lead there.
    pub trusted_hosts: Vec<String>,
}

/// Where an account's address books are looked for (RFC 6764).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// `anna@example.com`: the domain is asked.
    Email(String),
    /// `dav.example.com` or `dav.example.com:8443`, lower case.
    Host(String),
    /// `http` or `https`, with a host, without user name and password.
    Url(Url),
}

/// How to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Auth {
    /// What the server offers, the strongest first.
    #[default]
    Any,
    Basic,
    Digest,
    Bearer,
}

/// The stores that shall hold the same people.
#[derive(Debug, Clone, PartialEq)]
pub struct Book {
    pub name: String,
    pub conflicts: Conflicts,
    pub duplicates: Duplicates,
    /// A tier is also a category (`Tier A`), which phones show as a group.
    pub mirror_tiers: bool,
    /// In the order of the file; at least one, with different ids and different places.
    pub stores: Vec<StoreConfig>,
}

/// What settles a field that two stores changed differently.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Conflicts {
    #[default]
    Ask,
    Newest,
    /// The store that wins; one of the book's.
    Store(StoreId),
}

/// What happens to cards that look like one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Duplicates {
    #[default]
    Ask,
    /// Certain ones merge by themselves.
    Auto,
    Off,
}

/// One store of a book.
#[derive(Debug, Clone, PartialEq)]
pub struct StoreConfig {
    pub id: StoreId,
    pub place: Place,
    pub access: Access,
    /// Property names in capitals, `*` at the end for any ending: never leaves the other stores.
    pub omit: Vec<String>,
}

/// Where the cards of a store are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Absolute; need not exist yet.
    Folder(PathBuf),
    AddressBook {
        /// A key of [`Config::accounts`].
        account: String,
        /// Display name, last path segment or URL.
        addressbook: String,
    },
}

/// What may be done in a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Access {
    #[default]
    ReadWrite,
    ReadOnly,
    /// Others agree first.
    Propose,
}

/// Who proposes, logs and promises in shared books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    pub name: String,
    pub email: Option<String>,
    /// ISO 3166 code in capitals, for phone numbers without a country code.
    pub region: Option<String>,
}

/// How long a contact of each tier may go without word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tiers {
    pub a: Cadence,
    pub b: Cadence,
    pub c: Cadence,
    pub d: Cadence,
}

impl Default for Tiers {
    fn default() -> Self {
        Self {
            a: Cadence::weeks(3),
            b: Cadence::months(2),
            c: Cadence::months(6),
            d: Cadence::years(1),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Email(text) | Self::Host(text) => f.write_str(text),
            Self::Url(url) => f.write_str(url.as_str()),
        }
    }
}
