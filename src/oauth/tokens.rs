//! Where refresh tokens are kept between runs.

use std::cell::RefCell;

use secrecy::SecretString;

use crate::config::{self, OAuth};
use crate::secret::{KeyringEntry, SecretError};

/// Keeps one refresh token: an entry of the keyring, or memory in tests.
pub trait TokenStore {
    /// The token, if there is one.
    ///
    /// # Errors
    /// The keyring cannot be asked.
    fn get(&self) -> Result<Option<SecretString>, SecretError>;

    /// Keeps this one from now on.
    ///
    /// # Errors
    /// The keyring does not take it.
    fn set(&self, token: &SecretString) -> Result<(), SecretError>;

    /// Forgets it. One that is not there is forgotten already.
    ///
    /// # Errors
    /// The keyring cannot be asked.
    fn delete(&self) -> Result<(), SecretError>;
}

impl TokenStore for KeyringEntry {
    fn get(&self) -> Result<Option<SecretString>, SecretError> {
        match KeyringEntry::get(self) {
            Ok(token) => Ok(Some(token)),
            Err(error) if error.is_missing() => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn set(&self, token: &SecretString) -> Result<(), SecretError> {
        KeyringEntry::set(self, token)
    }

    fn delete(&self) -> Result<(), SecretError> {
        match KeyringEntry::delete(self) {
            Err(error) if error.is_missing() => Ok(()),
            answer => answer,
        }
    }
}

/// Where the keyring has the refresh token of an account.
///
/// Both servers are part of its name, the one that gives out tokens and the one that gets them:
/// whoever changes the config to name another one finds no token for it.
pub fn entry_of(account: &config::Account, oauth: &OAuth) -> KeyringEntry {
    let user = account.user().unwrap_or(&account.name);
    let user = format!("{user} by {}", oauth.token_url);
    KeyringEntry::token(&user, &account.address.to_string()).of_account(&account.name)
}

/// A token that is gone when the program ends.
#[derive(Default)]
pub struct InMemory(RefCell<Option<SecretString>>);

impl TokenStore for InMemory {
    fn get(&self) -> Result<Option<SecretString>, SecretError> {
        Ok(self.0.borrow().clone())
    }

    fn set(&self, token: &SecretString) -> Result<(), SecretError> {
        *self.0.borrow_mut() = Some(token.clone());
        Ok(())
    }

    fn delete(&self) -> Result<(), SecretError> {
        *self.0.borrow_mut() = None;
        Ok(())
    }
}
