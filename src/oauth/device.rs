//! Signs in by a code that the person types on another device (RFC 8628).

use std::time::Duration;

use super::error::{self, OAuthError};
use super::server::{Server, Tokens};
use crate::config::Provider;
use crate::ui::ask::Person;

/// Shows the code and waits until it was typed.
///
/// # Errors
/// The server has no such way, or the person declined or took too long.
pub(super) async fn sign_in(
    server: &Server,
    person: &mut dyn Person,
    patience: Duration,
) -> Result<Tokens, OAuthError> {
    if server.provider() == Some(Provider::Google) {
        return Err(error::google_has_no_device_flow(&server.account));
    }
    if !server.signs_in_by_code() {
        return Err(error::no_device_page(&server.account));
    }
    let code = server.device_code().await?;
    person.tell(&format!(
        "Open {} on any device and type this code:\n\n    {}\n",
        code.verification_uri().as_str(),
        code.user_code().secret()
    ));
    if let Some(whole) = code.verification_uri_complete() {
        person.tell(&format!(
            "Or open this, the code is in it: {}",
            whole.secret()
        ));
    }
    server
        .device_tokens(&code, patience.min(code.expires_in()))
        .await
}
