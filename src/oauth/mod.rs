//! Signs in where passwords are not taken: OAuth 2.0, by a browser or by a code on another device.
//!
//! A person signs in once ([`login`]) and the server gives out two tokens. The **refresh token**
//! lives for months, is kept in the keyring, and is sent to the account's `token-url` alone. The
//! **access token** lives for an hour, is kept in memory, and is what the CardDAV server gets;
//! [`Renewer`] fetches the next one when it has expired.

mod browser;
mod callback;
mod device;
mod error;
mod loopback;
mod renewer;
mod server;
mod tokens;
mod typed;

use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::time::Duration;

pub use error::{OAuthError, OAuthErrorKind};
pub use renewer::Renewer;
pub use tokens::{InMemory, TokenStore, entry_of};

use crate::config::{self, OAuth};
use crate::secret::{PasswordSource, Secrets};
use crate::ui::ask::Person;
use server::Server;

/// The way in which a person signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// In a browser that is started here.
    Browser,
    /// In a browser that the person starts, here or anywhere.
    PrintAddress,
    /// On another device, by a code (RFC 8628).
    Device,
}

/// What signing in works with.
pub struct Means<'a> {
    /// For the client secret.
    pub secrets: &'a Secrets,
    /// Where the refresh token goes.
    pub tokens: Rc<dyn TokenStore>,
    /// The program that shows an address in the person's browser.
    pub browser: OsString,
    /// Where the person types, if they can.
    pub typed: Option<OwnedFd>,
    /// How long the person may take.
    pub patience: Duration,
}

impl<'a> Means<'a> {
    /// What there is on this machine. `typed` is a copy of the standard input, if a person is at it.
    pub fn of_this_machine(
        secrets: &'a Secrets,
        tokens: Rc<dyn TokenStore>,
        typed: Option<OwnedFd>,
    ) -> Self {
        let browser = match cfg!(target_os = "macos") {
            true => "open",
            false => "xdg-open",
        };
        Self {
            secrets,
            tokens,
            browser: browser.into(),
            typed,
            patience: Duration::from_secs(5 * 60),
        }
    }
}

/// Lets the person sign in, and stores the refresh token. What is returned gives out the first
/// access token, and those after it.
///
/// # Errors
/// Nobody is there, they declined or took too long, or a server or the keyring failed. Nothing
/// was stored then.
pub async fn login(
    account: &config::Account,
    how: How,
    person: &mut dyn Person,
    means: Means<'_>,
) -> Result<Renewer, OAuthError> {
    if !person.is_there() {
        return Err(error::nobody_there(&account.name));
    }
    if let Some(oauth) = &account.oauth {
        ask_for_client_secret(oauth, person)?;
    }
    let server = Server::new(account, means.secrets)?;
    // A keyring that cannot be used is told before a person signs in, not after.
    means.tokens.get().map_err(|error| error::keyring(&error))?;
    let tokens = Rc::clone(&means.tokens);
    let given = match how {
        How::Device => device::sign_in(&server, person, means.patience).await?,
        How::Browser | How::PrintAddress => {
            browser::sign_in(&server, how == How::Browser, person, means).await?
        }
    };
    let refresh = given
        .refresh
        .ok_or_else(|| error::no_refresh_token(&server))?;
    tokens
        .set(&refresh)
        .map_err(|error| error::keyring(&error))?;
    Ok(Renewer::after_login(server, tokens, given.access))
}

/// A client secret that shall come from the keyring and is not there yet is put there now.
fn ask_for_client_secret(oauth: &OAuth, person: &mut dyn Person) -> Result<(), OAuthError> {
    let Some(PasswordSource::Keyring(entry)) = &oauth.client_secret else {
        return Ok(());
    };
    match entry.get() {
        Err(error) if error.is_missing() => {
            let question = format!("Client secret of {}:", entry.owner());
            let secret = person
                .secret(&question)
                .map_err(|reason| error::no_answer(&reason))?;
            entry.set(&secret).map_err(|error| error::keyring(&error))
        }
        Err(error) => Err(error::keyring(&error)),
        Ok(_) => Ok(()),
    }
}
