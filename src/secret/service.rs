//! Looks whether the Secret Service of this session is there and open, without opening any window.
//!
//! The names are those of the freedesktop.org Secret Service API 0.2 and the D-Bus specification.

use std::collections::HashMap;

use secret_service::blocking::SecretService;
use secret_service::{EncryptionType, Error};

use super::keyring::{KeyringTrouble, Wanted};

/// Whether asking for the entry of this name would make the keyring ask for its own password.
pub(super) fn is_locked(service: &str, name: &str, wanted: Wanted) -> Result<bool, KeyringTrouble> {
    // No secret travels in this session, so that none has to be encrypted.
    let keyring = SecretService::connect(EncryptionType::Plain).map_err(|error| trouble(&error))?;
    let attributes = HashMap::from([("service", service), ("username", name)]);
    let found = keyring
        .search_items(attributes)
        .map_err(|error| trouble(&error))?;
    match (found.unlocked.len(), found.locked.len()) {
        (0, 0) => {}
        (1, 0) => return Ok(false),
        (0, 1) => return Ok(true),
        _ => return Err(KeyringTrouble::Several),
    }
    let collection = match keyring.get_default_collection() {
        Ok(collection) => collection,
        Err(Error::NoResult) => return Err(KeyringTrouble::NeverOpened),
        Err(error) => return Err(trouble(&error)),
    };
    let is_locked = collection.is_locked().map_err(|error| trouble(&error))?;
    match wanted {
        Wanted::Room => Ok(is_locked),
        // A locked collection still finds its entries, so this one is not there.
        Wanted::Entry => Err(KeyringTrouble::NoEntry),
    }
}

fn trouble(error: &Error) -> KeyringTrouble {
    /// That nobody owns the name, and that nobody could be started for it.
    const NO_SERVICE: [&str; 3] = ["ServiceUnknown", "NameHasNoOwner", "Spawn."];
    let text = error.to_string();
    match text.split_once("org.freedesktop.DBus.Error.") {
        Some((_, name)) if NO_SERVICE.iter().any(|start| name.starts_with(start)) => {
            KeyringTrouble::NoService
        }
        Some(_) => KeyringTrouble::Other(text),
        None => match error {
            Error::Locked => KeyringTrouble::Locked,
            Error::Prompt | Error::PromptDisconnected => KeyringTrouble::Dismissed,
            // What is no error of somebody on the bus is one of getting there.
            Error::Unavailable | Error::Zbus(_) | Error::ZbusFdo(_) => KeyringTrouble::NoBus,
            _ => KeyringTrouble::Other(text),
        },
    }
}
