//! The config that `login` works on: also one that is refused because a password stands in it.

use std::path::PathBuf;

use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use crate::cli::Login;
use crate::config::edit::{Draft, EditError, save};
use crate::config::{Account, Config};
use crate::ui::text::clean;

use super::super::{Surroundings, Trouble, flags};

/// The config, and the text that its file gets when everything has worked.
pub(super) struct Opened {
    path: PathBuf,
    old: Zeroizing<String>,
    new: Zeroizing<String>,
    pub config: Config,
    /// The password that stood in the file itself, where none belongs.
    pub plain: Option<SecretString>,
}

/// Reads the config, also one that is refused because passwords stand in it.
pub(super) fn open(typed: &Login, at: &Surroundings) -> Result<Opened, Trouble> {
    let path = Config::file(at.globals.config.as_deref(), &at.directories)?;
    let old = Zeroizing::new(Config::text(&path)?);
    let mut draft = Draft::open(&old);
    let mut plain = None;
    if let Ok(draft) = &mut draft {
        // Whether there is such an account at all is asked of the config below.
        plain = draft.take_plain_password(&typed.account).unwrap_or(None);
    }
    for host in flags::hosts(&typed.trust)? {
        if let Ok(draft) = &mut draft
            && let Err(error) = draft.trust(&typed.account, &host)
        {
            return Err(Trouble::Asked(format!(
                "`{host}` cannot be written into the config: {error}. Nothing was stored. Add it \
                 to the `trusted-hosts` of the account"
            )));
        }
    }
    let new = match draft {
        Ok(draft) if plain.is_some() || !typed.trust.is_empty() => Zeroizing::new(draft.text()),
        _ => old.clone(),
    };
    let config = Config::of_text(&without_passwords(&new), &path, &at.directories)?;
    Ok(Opened {
        path,
        old,
        new,
        config,
        plain,
    })
}

impl Opened {
    /// Writes what has changed in the config; whether anything has.
    /// Writes what has changed in the config, and what was agreed to on the way; whether anything
    /// has.
    pub(super) fn save_changes(
        &self,
        before: &Account,
        agreed: &Account,
        thing: &str,
        todo: &str,
    ) -> Result<bool, Trouble> {
        let failed = |error: &dyn std::fmt::Display| {
            Trouble::Failed(format!(
                "The {thing} is in the keyring, but the config {} could not be changed: {error}. \
                 It is as it was. {todo}",
                clean(&self.path.to_string_lossy())
            ))
        };
        let new = with_agreed(&self.new, before, agreed).map_err(|error| failed(&error))?;
        if new == self.old {
            return Ok(false);
        }
        save(&self.path, Some(&self.old), &new).map_err(|error| failed(&error))?;
        Ok(true)
    }
}

/// The text of the config with the hosts and the certificate that the person agreed to.
fn with_agreed(
    text: &Zeroizing<String>,
    before: &Account,
    agreed: &Account,
) -> Result<Zeroizing<String>, EditError> {
    if before == agreed {
        return Ok(text.clone());
    }
    let mut draft = Draft::open(text)?;
    for host in &agreed.trusted_hosts {
        draft.trust(&agreed.name, host)?;
    }
    if let Some(fingerprint) = &agreed.pinned_certificate {
        draft.pin(&agreed.name, &fingerprint.to_string())?;
    }
    Ok(Zeroizing::new(draft.text()))
}

/// The same text without the passwords in it: those of other accounts are no obstacle here.
fn without_passwords(text: &str) -> Zeroizing<String> {
    let Ok(mut draft) = Draft::open(text) else {
        return Zeroizing::new(text.to_owned());
    };
    for name in draft.account_names() {
        let _ = draft.take_plain_password(&name);
    }
    Zeroizing::new(draft.text())
}
