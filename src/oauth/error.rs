//! Why there is no token, in words.

use std::io;
use std::time::Duration;

use super::server::Server;
use crate::secret::SecretError;
use crate::store::{StoreError, StoreErrorKind};
use crate::ui::ask::NoAnswer;
use crate::ui::text::{clean, fit};

/// Why there is no token. Holds nothing of one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}. {todo}")]
pub struct OAuthError {
    pub kind: OAuthErrorKind,
    /// What happened and where, without a full stop.
    what: String,
    /// What was left alone, and what to do next.
    todo: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OAuthErrorKind {
    /// The config lacks what this way of signing in needs.
    Config,
    /// Nobody is there, or they declined or took too long.
    Person,
    /// There is no refresh token, or the server does not take it any more.
    SignInAgain,
    /// The server refuses this program or what it asks for.
    Refused,
    Unreachable,
    /// The server's answer is none that OAuth knows.
    Broken,
    /// The keyring, or the source of the client secret.
    Secret,
    /// This machine does not let us listen.
    Local,
}

impl From<OAuthError> for StoreError {
    fn from(error: OAuthError) -> Self {
        StoreError {
            kind: match error.kind {
                OAuthErrorKind::Unreachable => StoreErrorKind::Unreachable,
                OAuthErrorKind::Broken => StoreErrorKind::Broken,
                _ => StoreErrorKind::SignIn,
            },
            what: error.what,
            todo: error.todo,
        }
    }
}

/// The longest text of a server that is repeated, in cells.
const LONGEST_SAYING: usize = 200;

fn error(kind: OAuthErrorKind, what: impl Into<String>, todo: impl Into<String>) -> OAuthError {
    OAuthError {
        kind,
        what: what.into(),
        todo: todo.into(),
    }
}

pub(super) fn no_oauth(account: &str) -> OAuthError {
    error(
        OAuthErrorKind::Config,
        format!("account `{account}` does not sign in by OAuth"),
        "Nothing was asked. Write auth = \"oauth\" and a table [account.oauth] into the config",
    )
}

pub(super) fn nobody_there(account: &str) -> OAuthError {
    error(
        OAuthErrorKind::Person,
        format!("Signing in to `{account}` needs somebody who answers, and there is no terminal"),
        format!("Nothing was asked. Run it in a terminal: cardweave login {account}"),
    )
}

pub(super) fn no_answer(reason: &NoAnswer) -> OAuthError {
    error(
        OAuthErrorKind::Person,
        format!("The question was not answered: {reason}"),
        "Nothing was stored",
    )
}

pub(super) fn no_page(account: &str) -> OAuthError {
    error(
        OAuthErrorKind::Config,
        format!("The config names no page where account `{account}` signs in"),
        format!(
            "Nothing was asked. Add `authorize-url`, or run: cardweave login {account} --device"
        ),
    )
}

pub(super) fn no_device_page(account: &str) -> OAuthError {
    error(
        OAuthErrorKind::Config,
        format!(
            "The config names no `device-url`, so account `{account}` cannot sign in by a code"
        ),
        format!(
            "Nothing was asked. Add it if the server has one, or run: cardweave login {account} \
             --no-browser"
        ),
    )
}

pub(super) fn google_has_no_device_flow(account: &str) -> OAuthError {
    error(
        OAuthErrorKind::Config,
        "Google does not let a program at contacts by a code on another device",
        format!(
            "Nothing was asked. On a machine without a browser run: cardweave login {account} \
             --no-browser. It shows an address to open anywhere, and takes the one that the \
             browser ends up at"
        ),
    )
}

pub(super) fn no_listener(reason: &io::Error) -> OAuthError {
    error(
        OAuthErrorKind::Local,
        format!(
            "This machine does not let the program wait for the browser on 127.0.0.1: {reason}"
        ),
        "Nothing was asked",
    )
}

pub(super) fn keyring(reason: &SecretError) -> OAuthError {
    error(
        OAuthErrorKind::Secret,
        format!(
            "the token of the account could not be looked after: {}",
            said(&reason.to_string())
        ),
        "No token was stored",
    )
}

pub(super) fn client_secret(account: &str, reason: &SecretError) -> OAuthError {
    error(
        OAuthErrorKind::Secret,
        format!("account `{account}` has no client secret: {reason}"),
        "Nothing was sent to its server",
    )
}

pub(super) fn certificates(path: &std::path::Path) -> OAuthError {
    error(
        OAuthErrorKind::Config,
        format!("the certificate file {} cannot be used", path.display()),
        "Nothing was sent. `ca-file` names a file with certificates in PEM form",
    )
}

pub(super) fn not_signed_in(account: &str) -> OAuthError {
    error(
        OAuthErrorKind::SignInAgain,
        format!("nobody has signed in to account `{account}` yet"),
        format!("Nothing was sent. Sign in: cardweave login {account}"),
    )
}

pub(super) fn sign_in_again(server: &Server) -> OAuthError {
    let account = &server.account;
    error(
        OAuthErrorKind::SignInAgain,
        format!(
            "{} does not let account `{account}` in any more: the sign-in was taken back or has \
             expired",
            server.host()
        ),
        format!("Nothing was changed. Sign in again: cardweave login {account}"),
    )
}

pub(super) fn no_refresh_token(server: &Server) -> OAuthError {
    error(
        OAuthErrorKind::Refused,
        format!(
            "{} lets you in for once, but gave no token that lasts",
            server.host()
        ),
        "Nothing was stored. Many servers want \"offline_access\" among the `scopes` for it",
    )
}

pub(super) fn declined(host: &str) -> OAuthError {
    error(
        OAuthErrorKind::Person,
        format!("The sign-in was declined at {host}"),
        "Nothing was stored. If that was a mistake, sign in once more",
    )
}

pub(super) fn too_late(patience: Duration) -> OAuthError {
    let time = match patience.as_secs() {
        seconds if seconds < 120 => format!("{seconds} seconds"),
        seconds => format!("{} minutes", seconds / 60),
    };
    error(
        OAuthErrorKind::Person,
        format!("Nobody signed in within {time}"),
        "Nothing was stored. Start again when you are ready",
    )
}

/// The server names an error (RFC 6749 sections 4.1.2.1 and 5.2).
pub(super) fn refused(host: &str, code: &str, description: Option<&str>) -> OAuthError {
    let advice = match code {
        "invalid_client" | "unauthorized_client" => "Check `client-id` and `client-secret`",
        "invalid_scope" => "Check `scopes`",
        "server_error" | "temporarily_unavailable" => "Try again later",
        "redirect_uri_mismatch" => {
            "The client must be of the kind \"Desktop app\", which may return to 127.0.0.1"
        }
        _ => "Check [account.oauth] in the config",
    };
    let description = description.map_or(String::new(), |text| format!(": {}", said(text)));
    error(
        OAuthErrorKind::Refused,
        format!("{host} refuses ({}{description})", said(code)),
        format!("Nothing was stored. {advice}"),
    )
}

pub(super) fn unreachable(host: &str, reason: &str) -> OAuthError {
    error(
        OAuthErrorKind::Unreachable,
        format!("no answer from {host} ({})", said(reason)),
        "Nothing was changed. Check the network, then run again",
    )
}

pub(super) fn broken(host: &str, what: &str) -> OAuthError {
    error(
        OAuthErrorKind::Broken,
        format!("{host} gave no answer that OAuth knows: {what}"),
        "Nothing was stored. Check the addresses in [account.oauth]",
    )
}

/// What a server said, in one harmless line of some length.
fn said(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    fit(&clean(&line), LONGEST_SAYING).into_owned()
}
