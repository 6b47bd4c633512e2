//! Where refresh tokens are kept between runs.

use std::cell::RefCell;

use secrecy::SecretString;

use crate::config;
use crate::secret::SecretError;

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

/// The user and the address under which the keyring has an account's refresh token.
///
/// Both servers are part of it, the one that gives tokens and the one that gets them: whoever
/// edits the config to name another one finds no token for it.
pub fn entry_of(account: &config::Account, oauth: &config::OAuth) -> (String, String) {
    let user = account.user().unwrap_or(&account.name).to_owned();
    (user, format!("{} for {}", oauth.token_url, account.address))
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
