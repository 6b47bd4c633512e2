//! Reads the TOML config into a [`Config`] that cannot be half valid.
//!
//! Everything that can be known without a network is checked here, once, and all mistakes of a
//! file are told together, each with line, column and the nearest right spelling.

mod address;
mod directories;
pub mod edit;
mod mistake;
mod oauth;
mod place;
mod read;
mod section;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use url::Url;

pub use address::NotAnAddress;
pub use directories::Directories;
pub use mistake::{ConfigError, Mistake};
pub use oauth::{OAuth, Provider};
pub use place::Origin;
pub use read::parse;

use crate::book::StoreId;
use crate::contact::Tier;
pub use crate::contact::{Cadence, NotACadence};
pub use crate::merge::Conflicts;
use crate::secret::{KeyringEntry, PasswordSource};
use crate::store::carddav::Fingerprint;
use crate::sync::is_omitted;

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
    /// There if and only if `auth` is [`Auth::OAuth`].
    pub oauth: Option<OAuth>,
    /// PEM certificates trusted beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// PEM with certificate and key, shown to the server.
    pub client_certificate: Option<PathBuf>,
    /// The one certificate to accept.
    pub pinned_certificate: Option<Fingerprint>,
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
    /// [`Account::oauth`] says where the tokens come from.
    OAuth,
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
    /// Where one works: contacts of the same `ORG` are colleagues.
    pub organisation: Option<String>,
}

/// How long a contact of each tier may go without word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tiers {
    pub a: Cadence,
    pub b: Cadence,
    pub c: Cadence,
    pub d: Cadence,
}

impl Tiers {
    /// How long a contact of this tier may go without word.
    pub fn cadence(&self, tier: Tier) -> Cadence {
        match tier {
            Tier::A => self.a,
            Tier::B => self.b,
            Tier::C => self.c,
            Tier::D => self.d,
        }
    }
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

impl Config {
    /// Reads the config file: `path`, or `config.toml` in the user's config directory.
    ///
    /// # Errors
    /// No file, an unreadable one, or everything that is wrong in it. Nothing else is touched.
    pub fn load(path: Option<&Path>, directories: &Directories) -> Result<Self, ConfigError> {
        let path = Self::file(path, directories)?;
        let config = Self::of_text(&Self::text(&path)?, &path, directories)?;
        if config.runs_commands() && others_may_write(&path) {
            tracing::warn!(
                "Other users may change {} and with it the programs that it runs. \
                 Close it: chmod go-w FILE.",
                path.display()
            );
        }
        Ok(config)
    }

    /// Where the config file is, or would be.
    ///
    /// # Errors
    /// Nobody named one, and there is no home directory.
    pub fn file(path: Option<&Path>, directories: &Directories) -> Result<PathBuf, ConfigError> {
        match (path, &directories.config) {
            (Some(path), _) => Ok(std::path::absolute(path).unwrap_or_else(|_| path.to_owned())),
            (None, Some(directory)) => Ok(directory.join("config.toml")),
            (None, None) => Err(ConfigError::NoHome),
        }
    }

    /// The text of a config file.
    ///
    /// # Errors
    /// There is no such file, or none that can be read.
    pub fn text(path: &Path) -> Result<String, ConfigError> {
        std::fs::read_to_string(path).map_err(|reason| {
            let path = path.to_owned();
            match reason.kind() {
                io::ErrorKind::NotFound => ConfigError::Missing { path },
                _ => ConfigError::Unreadable { path, reason },
            }
        })
    }

    /// What a text means as the config file at `path`.
    ///
    /// # Errors
    /// Everything that is wrong in it.
    pub fn of_text(
        text: &str,
        path: &Path,
        directories: &Directories,
    ) -> Result<Self, ConfigError> {
        let origin = Origin {
            base: path.parent().map(Path::to_owned).unwrap_or_default(),
            home: directories.home.clone(),
        };
        parse(text, &origin).map_err(|mistakes| ConfigError::Mistakes {
            path: path.to_owned(),
            mistakes,
        })
    }

    /// Whether reading the passwords starts programs that the file names.
    fn runs_commands(&self) -> bool {
        let mut accounts = self.accounts.values();
        accounts.any(|account| {
            let oauth = account.oauth.as_ref();
            let secret = oauth.and_then(|oauth| oauth.client_secret.as_ref());
            [Some(&account.password), secret]
                .iter()
                .any(|source| matches!(source, Some(PasswordSource::Command(_))))
        })
    }
}

/// Reading the file gives nothing away, since it holds no password; writing it would.
fn others_may_write(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o022 != 0)
}

impl Account {
    /// An account of which no more than this is said yet: the keyring holds its password.
    pub fn new(name: String, address: Address) -> Self {
        let mut account = Self {
            password: PasswordSource::Env(String::new()),
            name,
            address,
            username: None,
            auth: Auth::default(),
            ca_file: None,
            client_certificate: None,
            pinned_certificate: None,
            plain_http: false,
            trusted_hosts: Vec::new(),
            oauth: None,
        };
        account.keep_in_keyring();
        account
    }

    /// Makes the keyring the source of the password, for the user and the address as they are now.
    pub fn keep_in_keyring(&mut self) {
        let user = self.user().unwrap_or_default();
        let entry = KeyringEntry::new(user, &self.address.to_string()).of_account(&self.name);
        self.password = PasswordSource::Keyring(entry);
    }

    /// The user name to sign in with; an e-mail address is its own.
    pub fn user(&self) -> Option<&str> {
        user(self.username.as_deref(), &self.address)
    }
}

fn user<'a>(username: Option<&'a str>, address: &'a Address) -> Option<&'a str> {
    match (username, address) {
        (Some(username), _) => Some(username),
        (None, Address::Email(email)) => Some(email),
        (None, Address::Host(_) | Address::Url(_)) => None,
    }
}

impl StoreConfig {
    /// Whether a property (its version-neutral name in capitals) must not reach this store.
    pub fn omits(&self, property: &str) -> bool {
        is_omitted(property, &self.omit)
    }
}

/// Without these a card is none, or is nobody's (RFC 6350 section 6.1.1, 6.2.1; RFC 2426
/// section 3.1.2; RFC 6352 section 5.1 for the UID).
const NEEDED: &[&str] = &["BEGIN", "END", "VERSION", "FN", "N", "UID"];

/// Reads one pattern of `omit`.
fn omit_pattern(text: &str) -> Result<String, String> {
    let pattern = text.to_ascii_uppercase();
    let name = pattern.strip_suffix('*').unwrap_or(&pattern);
    if name.is_empty()
        || !name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    {
        return Err("A property's name is wanted, perhaps with * at its end: NOTE, X-*.".into());
    }
    let pattern = [pattern];
    match NEEDED.iter().find(|needed| is_omitted(needed, &pattern)) {
        Some(needed) => Err(format!("No card can be without {needed}.")),
        None => Ok(pattern.concat()),
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
