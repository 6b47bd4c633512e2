//! `login`: puts a password or a token into the operating system's keyring, after it has opened the server.

mod oauth;
mod opened;
mod password;

use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::Login;
use crate::config::Config;
use crate::secret::PasswordSource;
use crate::ui::ask::Terminal;
use crate::ui::out::Page;
use crate::ui::text::clean;

use super::{Exit, Surroundings, Trouble};

use opened::open;

/// What `login --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LoginReport {
    pub account: String,
    pub source: Source,
    /// Whether the keyring has a new password.
    pub stored: bool,
    /// How many address books the server showed; null when it was not asked.
    pub addressbooks: Option<usize>,
    /// Whether the config was changed: its password went to the keyring, or a host is trusted.
    pub config_changed: bool,
}

/// Where the password of an account is, for those who read JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    Keyring,
    Command,
    Env,
    File,
}

pub async fn execute(typed: &Login, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let opened = open(typed, at)?;
    let Some(account) = opened.config.accounts.get(&typed.account) else {
        return Err(no_account(&typed.account, &opened.config));
    };
    let colored = at.output.page().style.is_colored();
    let mut person = Terminal::of_this_process(colored);
    if let Some(oauth) = &account.oauth {
        let report = oauth::sign_in(typed, account, oauth, &opened, &mut person).await?;
        at.output
            .present(&report, |report, _: &Page| oauth::render(report))?;
        return Ok(Exit::InStep);
    }
    if typed.no_browser || typed.device {
        return Err(Trouble::Asked(format!(
            "Account `{}` signs in by a password, not by OAuth: leave out --no-browser and --device. \
             Nothing was asked",
            account.name
        )));
    }
    let report = match &account.password {
        PasswordSource::Keyring(entry) => {
            password::store(typed, account, entry, &opened, &mut person).await?
        }
        elsewhere => LoginReport {
            account: account.name.clone(),
            source: source(elsewhere),
            stored: false,
            addressbooks: None,
            config_changed: false,
        },
    };
    at.output.present(&report, |report, _: &Page| {
        password::render(report, account)
    })?;
    Ok(Exit::InStep)
}

pub(super) fn no_account(name: &str, config: &Config) -> Trouble {
    let names: Vec<&str> = config.accounts.keys().map(String::as_str).collect();
    let known = match names.as_slice() {
        [] => "it has none".to_owned(),
        names => format!("it has {}", names.join(", ")),
    };
    Trouble::Asked(format!(
        "There is no account `{}` in the config: {known}. Nothing was changed",
        clean(name)
    ))
}

pub(super) fn source(password: &PasswordSource) -> Source {
    match password {
        PasswordSource::Keyring(_) => Source::Keyring,
        PasswordSource::Command(_) => Source::Command,
        PasswordSource::Env(_) => Source::Env,
        PasswordSource::File(_) => Source::File,
    }
}

/// Where the password of an account comes from, when that is not the keyring.
pub(super) fn elsewhere(password: &PasswordSource) -> String {
    match password {
        PasswordSource::Keyring(_) => "the keyring".to_owned(),
        PasswordSource::Command(argv) => {
            let program = argv.first().map_or("", String::as_str);
            format!("the program {}", clean(program))
        }
        PasswordSource::Env(name) => format!("the environment variable {}", clean(name)),
        PasswordSource::File(path) => format!("the file {}", clean(&path.to_string_lossy())),
    }
}

/// A message of a store begins in the middle of a sentence.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}
