//! Where a fresh token comes from, for accounts whose tokens expire.

use std::fmt;

use futures_util::future::LocalBoxFuture;
use secrecy::SecretString;

use crate::store::StoreError;

/// Fetches tokens for an account that signs in with [`Auth::Bearer`](super::Auth::Bearer).
///
/// A client asks at its first request, and again when the server refuses a token that it accepted
/// before. Its `Debug` shows no token.
pub trait Renewal: fmt::Debug {
    /// A token that was just given out.
    ///
    /// # Errors
    /// There is none, in words for the person.
    fn renew(&self) -> LocalBoxFuture<'_, Result<SecretString, StoreError>>;
}
