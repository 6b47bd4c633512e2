//! `logout`: takes the password of an account out of the operating system's keyring.

use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::Logout;
use crate::config::Account;
use crate::secret::PasswordSource;
use crate::ui::out::Page;
use crate::ui::text::clean;

use super::login::{Source, elsewhere, no_account, source};
use super::{Exit, Surroundings, Trouble};

/// What `logout --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LogoutReport {
    pub account: String,
    pub source: Source,
    /// Whether something was there to be removed.
    pub removed: bool,
}

pub async fn execute(typed: &Logout, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let config = at.config()?;
    let Some(account) = config.accounts.get(&typed.account) else {
        return Err(no_account(&typed.account, &config));
    };
    let removed = match &account.password {
        PasswordSource::Keyring(entry) => match entry.delete() {
            Ok(()) => true,
            Err(error) if error.is_missing() => false,
            Err(error) => return Err(error.into()),
        },
        _ => false,
    };
    let report = LogoutReport {
        account: account.name.clone(),
        source: source(&account.password),
        removed,
    };
    at.output
        .present(&report, |report, _: &Page| render(report, account))?;
    Ok(Exit::InStep)
}

fn render(report: &LogoutReport, account: &Account) -> String {
    match &account.password {
        PasswordSource::Keyring(entry) => {
            let owner = entry.owner();
            let owner = clean(&owner);
            match report.removed {
                true => format!("The password of {owner} is no longer in the keyring."),
                false => format!("The keyring had no password of {owner}: nothing was removed."),
            }
        }
        elsewhere_kept => format!(
            "The password of account `{}` comes from {}, as the config says: the keyring has none \
             of it, and nothing was removed.",
            report.account,
            elsewhere(elsewhere_kept)
        ),
    }
}
