//! Gives out access tokens for a run, each made from the refresh token in the keyring.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use super::error::{self, OAuthError, OAuthErrorKind};
use super::server::Server;
use super::tokens::TokenStore;
use crate::config;
use crate::secret::Secrets;
use crate::store::StoreError;
use crate::store::carddav::Renewal;

/// One refresh at a time in this process: where each gives a new refresh token, whoever comes next
/// has to use that one.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// The source of an account's access tokens.
pub struct Renewer {
    server: Server,
    tokens: Rc<dyn TokenStore>,
    /// What the sign-in gave out; used before a new one is asked for.
    first: RefCell<Option<SecretString>>,
}

impl Renewer {
    /// Nothing is read or asked before the first token is needed.
    ///
    /// # Errors
    /// The account does not sign in by OAuth, or has no client secret although it names one.
    pub fn new(
        account: &config::Account,
        secrets: &Secrets,
        tokens: Rc<dyn TokenStore>,
    ) -> Result<Self, OAuthError> {
        Ok(Self {
            server: Server::new(account, secrets)?,
            tokens,
            first: RefCell::default(),
        })
    }

    pub(super) fn after_login(
        server: Server,
        tokens: Rc<dyn TokenStore>,
        access: SecretString,
    ) -> Self {
        Self {
            server,
            tokens,
            first: RefCell::new(Some(access)),
        }
    }

    /// A new access token. A new refresh token that comes with it is stored (RFC 6749 section 6).
    ///
    /// # Errors
    /// Nobody has signed in, the server does not take the refresh token any more, or one of the two
    /// could not be asked.
    pub async fn access_token(&self) -> Result<SecretString, OAuthError> {
        if let Some(first) = self.first.take() {
            return Ok(first);
        }
        let _only = ONE_AT_A_TIME.lock().await;
        let mut token = self.refresh_token()?;
        let given = match self.server.refresh(&token).await {
            // Another process may have been given a new one just now.
            Err(refused) if refused.kind == OAuthErrorKind::SignInAgain => {
                let newer = self.refresh_token()?;
                if newer.expose_secret() == token.expose_secret() {
                    return Err(refused);
                }
                token = newer;
                self.server.refresh(&token).await?
            }
            answer => answer?,
        };
        if let Some(next) = given.refresh
            && next.expose_secret() != token.expose_secret()
            && let Err(reason) = self.tokens.set(&next)
        {
            // The old one may be worth nothing any more; this run can still be finished.
            tracing::warn!(
                "The new token of account `{}` could not be stored: {reason}. The next run may ask \
                 you to sign in again: cardweave login {}",
                self.server.account,
                self.server.account
            );
        }
        tracing::debug!(account = self.server.account, "a new access token");
        Ok(given.access)
    }

    fn refresh_token(&self) -> Result<SecretString, OAuthError> {
        let token = self
            .tokens
            .get()
            .map_err(|reason| error::keyring(&reason))?;
        token.ok_or_else(|| error::not_signed_in(&self.server.account))
    }
}

impl Renewal for Renewer {
    fn renew(&self) -> LocalBoxFuture<'_, Result<SecretString, StoreError>> {
        Box::pin(async { Ok(self.access_token().await?) })
    }
}

impl fmt::Debug for Renewer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Renewer({:?})", self.server)
    }
}
