//! Sets up an account or a folder, with a person or by flags alone, and looks at the server after
//! each answer.
//!
//! ```text
//! address -> is anybody there? -> user name, password -> signed in? -> address books, folder -> config
//! ```
//!
//! Nothing is written here: what was settled is a value, [`Settled`], that the command shows and saves.

mod names;
mod places;
mod reach;

use std::path::PathBuf;

use futures_util::future::LocalBoxFuture;
use secrecy::SecretString;

use crate::config::{Account, Auth, Config, StoreConfig};
use crate::secret::{PasswordSource, SecretError};
use crate::store::StoreError;
use crate::store::carddav::{
    Discovered, DiscoveryError, Fingerprint, Knock, UnknownCertificate, Untrusted,
};
use crate::ui::ask::{NoAnswer, Person};

pub use reach::{discovering, trusting};

/// What the flags say. What they leave open is asked, or taken by default where nobody can be asked.
#[derive(Debug, Default)]
pub struct Wishes {
    pub address: Option<String>,
    pub account: Option<String>,
    pub username: Option<String>,
    pub password: Password,
    pub auth: Auth,
    pub trusted_hosts: Vec<String>,
    pub ca_file: Option<PathBuf>,
    pub pinned_certificate: Option<Fingerprint>,
    pub plain_http: bool,
    pub addressbooks: Vec<String>,
    pub folders: Vec<PathBuf>,
    pub book: Option<String>,
    /// Ask nothing that has a default.
    pub take_defaults: bool,
    pub home: Option<PathBuf>,
}

/// Where the password comes from.
#[derive(Debug, Default)]
pub enum Password {
    /// Typed by the person, and kept in the keyring.
    #[default]
    Asked,
    /// Read from standard input, and kept in the keyring.
    Given(SecretString),
    /// Somewhere else, where it stays.
    Elsewhere(PasswordSource),
}

/// What was settled: the tables that the config is to get.
#[derive(Debug)]
pub struct Settled {
    pub account: Option<SettledAccount>,
    pub book: String,
    /// In the order in which they are to stand in the config.
    pub stores: Vec<StoreConfig>,
}

/// An account that signed in.
#[derive(Debug)]
pub struct SettledAccount {
    pub account: Account,
    pub password: SecretString,
    /// The password is still to be stored where the account looks for it.
    pub is_to_be_kept: bool,
}

/// The servers out there, as far as setting up asks them.
pub trait Servers {
    /// Whether a CardDAV server is there, and how it wants to be signed in to. Sends no password.
    fn knock<'a>(
        &'a self,
        account: &'a Account,
    ) -> LocalBoxFuture<'a, Result<Knock, DiscoveryError>>;

    /// Signs in and finds the address books.
    fn discover<'a>(
        &'a self,
        account: &'a Account,
        password: &'a SecretString,
    ) -> LocalBoxFuture<'a, Result<Discovered, DiscoveryError>>;
}

/// Why nothing was settled. Nothing was written, and no password was stored.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
    /// A sentence: what has to be said on the command line where nobody can be asked.
    #[error("{0}")]
    Needed(String),
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// Nobody let the password go to this host.
    #[error(transparent)]
    Untrusted(#[from] Untrusted),
    /// Nobody knows this certificate.
    #[error(transparent)]
    Certificate(#[from] UnknownCertificate),
    #[error(transparent)]
    Server(#[from] StoreError),
}

/// Asks and looks until an account, a folder or both are settled.
///
/// # Errors
/// The person stopped, a flag is missing where nobody can be asked, or the server will not have us.
pub async fn set_up(
    wishes: Wishes,
    config: Option<&Config>,
    servers: &dyn Servers,
    person: &mut dyn Person,
) -> Result<Settled, SetupError> {
    let mut asking = Asking {
        person,
        take_defaults: wishes.take_defaults,
    };
    let Some(answer) = reach::address(&wishes, &mut asking)? else {
        return places::folders_alone(&wishes, config, &mut asking);
    };
    if let Some(folder) = names::as_folder(&answer, wishes.home.as_deref()) {
        let mut wishes = wishes;
        wishes.folders.insert(0, folder);
        return places::folders_alone(&wishes, config, &mut asking);
    }
    let reached = reach::server(answer, &wishes, config, servers, &mut asking).await?;
    let signed_in = reach::sign_in(reached, &wishes, servers, &mut asking).await?;
    let (book, stores) = places::choose(&signed_in, &wishes, config, &mut asking)?;
    Ok(Settled {
        account: Some(signed_in.account),
        book,
        stores,
    })
}

/// The person, or the defaults in their place.
struct Asking<'p> {
    person: &'p mut dyn Person,
    take_defaults: bool,
}

impl Asking<'_> {
    /// Whether somebody is to be asked what has a default.
    fn asks(&self) -> bool {
        self.person.is_there() && !self.take_defaults
    }

    fn tell(&mut self, text: &str) {
        self.person.tell(text);
    }

    fn text_or(&mut self, question: &str, default: &str) -> Result<String, NoAnswer> {
        match self.asks() {
            true => self.person.text(question, Some(default)),
            false => Ok(default.to_owned()),
        }
    }

    /// What has no default: asked of whoever is there, even where defaults are to be taken.
    fn needed(&mut self, question: &str, flag: &str) -> Result<String, SetupError> {
        if !self.person.is_there() {
            return Err(SetupError::Needed(format!(
                "There is no terminal to ask on, so this has to be said on the command line: \
                 {flag}. Nothing was changed."
            )));
        }
        loop {
            let answer = self.person.text(question, None)?;
            if !answer.is_empty() {
                return Ok(answer);
            }
        }
    }
}

#[cfg(test)]
mod tests;
