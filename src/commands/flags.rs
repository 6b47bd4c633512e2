//! Reads the flags that say how an account outside of the config is signed in to.

use std::path::{Path, PathBuf};

use crate::cli::{AuthWord, SignIn};
use crate::config::{Address, Auth};
use crate::secret::{self, PasswordSource};
use crate::setup::Password;
use crate::store::carddav::Fingerprint;

use super::Trouble;

/// Where the password comes from. Standard input is read here, to the end of its first line.
///
/// # Errors
/// A program without words, or an input without a line.
pub fn password(flags: &SignIn) -> Result<Password, Trouble> {
    if let Some(words) = &flags.password_command {
        let argv: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
        if argv.is_empty() {
            let what = "--password-command names a program: --password-command \"pass show dav\".";
            return Err(Trouble::Asked(what.to_owned()));
        }
        return Ok(Password::Elsewhere(PasswordSource::Command(argv)));
    }
    if let Some(name) = &flags.password_env {
        return Ok(Password::Elsewhere(PasswordSource::Env(name.clone())));
    }
    if let Some(path) = &flags.password_file {
        return Ok(Password::Elsewhere(PasswordSource::File(absolute(path))));
    }
    if flags.password_stdin {
        return Ok(Password::Given(secret::from_stdin()?));
    }
    Ok(Password::Asked)
}

pub fn auth(word: Option<AuthWord>) -> Auth {
    match word {
        None | Some(AuthWord::Any) => Auth::Any,
        Some(AuthWord::Basic) => Auth::Basic,
        Some(AuthWord::Digest) => Auth::Digest,
        Some(AuthWord::Bearer) => Auth::Bearer,
    }
}

/// The certificate to accept.
///
/// # Errors
/// It is no fingerprint.
pub fn fingerprint(flags: &SignIn) -> Result<Option<Fingerprint>, Trouble> {
    let Some(text) = &flags.pinned_certificate else {
        return Ok(None);
    };
    match text.parse() {
        Ok(fingerprint) => Ok(Some(fingerprint)),
        Err(why) => Err(Trouble::Asked(format!("--pinned-certificate: {why}."))),
    }
}

/// The hosts of `--trust`, as the config writes them.
///
/// # Errors
/// One is none.
pub fn hosts(trust: &[String]) -> Result<Vec<String>, Trouble> {
    let host = |text: &String| match text.parse() {
        Ok(Address::Host(host)) => Ok(host),
        _ => Err(Trouble::Asked(format!(
            "--trust names a host, like dav.example.com or dav.example.com:8443, and `{text}` is \
             none. Nothing was sent and nothing was stored."
        ))),
    };
    trust.iter().map(host).collect()
}

/// The path from the root, whatever the working directory of a later run is.
pub fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
