//! `login`: tries a password at its server and puts it into the operating system's keyring.

use std::os::fd::AsFd;
use std::path::PathBuf;
use std::rc::Rc;

use schemars::JsonSchema;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use crate::cli::Login;
use crate::config::edit::{Draft, EditError, save};
use crate::config::{Account, Config, OAuth};
use crate::oauth::{self, How, Means, OAuthErrorKind};
use crate::secret::{self, KeyringEntry, KeyringTrouble, PasswordSource, SecretError, Secrets};
use crate::setup::{Servers, SetupError, discovering};
use crate::store::carddav::{CardDav, Options, Renewal};
use crate::store::{StoreError, StoreErrorKind};
use crate::ui::ask::{Person, Terminal};
use crate::ui::out::{Page, Style};
use crate::ui::text::clean;

use super::flags;
use super::init::{Online, trouble};
use super::sign_in::signed_in;
use super::{Exit, Surroundings, Trouble};

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

/// The config, and the text that its file gets when everything has worked.
struct Opened {
    path: PathBuf,
    old: Zeroizing<String>,
    new: Zeroizing<String>,
    config: Config,
    /// The password that stood in the file itself, where none belongs.
    plain: Option<SecretString>,
}

/// Why a password is not known to be right.
enum Unproven {
    /// The server knows it and will not have it.
    Refused(StoreError),
    /// The server could not be asked.
    Unasked(StoreError),
    /// There is no going on: stopped, or led to a host that nobody lets have the password.
    Ended(Trouble),
}

/// A password that was tried, or is to be stored untried.
struct Proven {
    password: SecretString,
    addressbooks: Option<usize>,
    /// The account with the hosts and the certificate that were agreed to on the way.
    account: Account,
}

/// A typing error is no reason to begin anew; guessing is none to go on.
const MOST_QUESTIONS: usize = 3;

pub async fn execute(typed: &Login, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let opened = open(typed, at)?;
    let Some(account) = opened.config.accounts.get(&typed.account) else {
        return Err(no_account(&typed.account, &opened.config));
    };
    let colored = at.output.page().style == Style::Colored;
    let mut person = Terminal::of_this_process(colored);
    if let Some(oauth) = &account.oauth {
        let report = by_oauth(typed, account, oauth, &opened, &mut person).await?;
        at.output
            .present(&report, |report, _: &Page| oauth_text(report))?;
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
            store_password(typed, account, entry, &opened, &mut person).await?
        }
        elsewhere => LoginReport {
            account: account.name.clone(),
            source: source(elsewhere),
            stored: false,
            addressbooks: None,
            config_changed: false,
        },
    };
    at.output
        .present(&report, |report, _: &Page| render(report, account))?;
    Ok(Exit::InStep)
}

/// Tries the password, stores it and, when it stood in the config, takes it out there: in this
/// order, so that it is always somewhere.
async fn store_password(
    typed: &Login,
    account: &Account,
    entry: &KeyringEntry,
    opened: &Opened,
    person: &mut dyn Person,
) -> Result<LoginReport, Trouble> {
    // A keyring that is not there is told before anybody types a password in vain.
    match entry.get() {
        Ok(_) => {}
        Err(SecretError::Keyring {
            trouble: KeyringTrouble::NoEntry | KeyringTrouble::NotText,
            ..
        }) => {}
        Err(error) => return Err(error.into()),
    }
    let given = match (typed.password_stdin, &opened.plain) {
        (true, _) => Some(secret::from_stdin()?),
        (false, plain) => plain.clone(),
    };
    let proven = proven(account, entry, given, person).await?;

    entry.set(&proven.password)?;
    let kept = entry.get()?;
    if kept.expose_secret() != proven.password.expose_secret() {
        return Err(Trouble::Failed(
            "The keyring gave back another password than it was given. Nothing was changed in the \
             config. Look at the entry \"cardweave\" with the keyring's own program"
                .to_owned(),
        ));
    }
    let todo = "Write password = \"keyring\" there by hand";
    let config_changed = opened.save_changes(account, &proven.account, "password", todo)?;
    Ok(LoginReport {
        account: account.name.clone(),
        source: Source::Keyring,
        stored: true,
        addressbooks: proven.addressbooks,
        config_changed,
    })
}

impl Opened {
    /// Writes what has changed in the config; whether anything has.
    /// Writes what has changed in the config, and what was agreed to on the way; whether anything
    /// has.
    fn save_changes(
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

/// Lets the person sign in at the server that gives out tokens, and looks what the token opens.
async fn by_oauth(
    typed: &Login,
    account: &Account,
    oauth: &OAuth,
    opened: &Opened,
    person: &mut Terminal,
) -> Result<LoginReport, Trouble> {
    if typed.password_stdin {
        return Err(Trouble::Asked(format!(
            "Account `{}` signs in by OAuth and has no password: leave out --password-stdin. \
             Nothing was asked",
            account.name
        )));
    }
    let how = match (typed.device, typed.no_browser) {
        (true, _) => How::Device,
        (false, true) => How::PrintAddress,
        (false, false) => How::Browser,
    };
    let secrets = Secrets::default();
    let tokens = Rc::new(oauth::entry_of(account, oauth));
    let typing = match person.is_there() {
        true => std::io::stdin().as_fd().try_clone_to_owned().ok(),
        false => None,
    };
    let means = Means::of_this_machine(&secrets, tokens, typing);
    let renewer = oauth::login(account, how, person, means)
        .await
        .map_err(|error| match error.kind {
            OAuthErrorKind::Config => Trouble::Asked(sentence(&error.to_string())),
            OAuthErrorKind::Person if !person.is_there() => Trouble::Asked(error.to_string()),
            _ => Trouble::Failed(sentence(&error.to_string())),
        })?;
    let renewal: Rc<dyn Renewal> = Rc::new(renewer);
    let mut agreed = account.clone();
    let found = discovering(&mut agreed, person, async |account| {
        let account = signed_in(account, Rc::clone(&renewal));
        CardDav::discover(&account, Options::default()).await
    })
    .await;
    let todo = "Add the hosts to its `trusted-hosts` by hand";
    let config_changed = opened.save_changes(account, &agreed, "token", todo)?;
    let addressbooks = match found {
        Ok(found) => found.books.len(),
        Err(SetupError::Server(error)) if error.kind == StoreErrorKind::Missing => 0,
        Err(error) => {
            return Err(Trouble::Failed(format!(
                "You have signed in and the token is in the keyring, but it opens no address book \
                 yet: {error}"
            )));
        }
    };
    Ok(LoginReport {
        account: account.name.clone(),
        source: Source::Keyring,
        stored: true,
        addressbooks: Some(addressbooks),
        config_changed,
    })
}

fn oauth_text(report: &LoginReport) -> String {
    let count = match report.addressbooks {
        Some(1) => "1 address book".to_owned(),
        count => format!("{} address books", count.unwrap_or_default()),
    };
    let mut text = format!(
        "Signed in to `{}`: {count}. The token is in the keyring.",
        report.account
    );
    if report.config_changed {
        text.push_str("\nThe config was changed to go with it; its comments are as they were.");
    }
    text
}

/// The password that the server takes, and how many address books it shows for it.
async fn proven(
    account: &Account,
    entry: &KeyringEntry,
    mut given: Option<SecretString>,
    person: &mut dyn Person,
) -> Result<Proven, Trouble> {
    let mut account = account.clone();
    let mut questions = 0;
    loop {
        let password = match given.take() {
            Some(password) => password,
            None if !person.is_there() => {
                return Err(Trouble::Asked(format!(
                    "There is no terminal to ask for the password on. Nothing was stored. Send it \
                     in the first line of standard input: cardweave login {} --password-stdin",
                    in_a_shell(&account.name)
                )));
            }
            None => {
                questions += 1;
                person.secret(&format!("Password of {}:", entry.owner()))?
            }
        };
        match try_out(&mut account, &password, person).await {
            Ok(books) => {
                return Ok(Proven {
                    password,
                    addressbooks: Some(books),
                    account,
                });
            }
            Err(Unproven::Ended(trouble)) => return Err(trouble),
            Err(Unproven::Refused(error)) if person.is_there() && questions < MOST_QUESTIONS => {
                person.tell(&format!("{}. Nothing was stored.", sentence(&error.what)));
            }
            Err(Unproven::Refused(error)) => {
                return Err(Trouble::Failed(format!(
                    "{}. Nothing was stored. Check user name and password of account `{}`; many \
                     providers want a password made for this one program",
                    sentence(&error.what),
                    account.name
                )));
            }
            Err(Unproven::Unasked(error)) if person.is_there() => {
                person.tell(&format!("{}.", sentence(&error.to_string())));
                let question = "The password could not be tried. Store it all the same?";
                if person.confirm(question, false)? {
                    return Ok(Proven {
                        password,
                        addressbooks: None,
                        account,
                    });
                }
                return Err(Trouble::Failed("Nothing was stored".to_owned()));
            }
            Err(Unproven::Unasked(error)) => {
                return Err(Trouble::Failed(format!(
                    "{}. Nothing was stored",
                    sentence(&error.to_string())
                )));
            }
        }
    }
}

/// Signs in with this password and counts the address books. What the person agrees to on the way
/// stands in the account then.
async fn try_out(
    account: &mut Account,
    password: &SecretString,
    person: &mut dyn Person,
) -> Result<usize, Unproven> {
    let found = discovering(account, person, async |account| {
        Online.discover(account, password).await
    });
    match found.await {
        Ok(found) => Ok(found.books.len()),
        Err(SetupError::Server(error)) => match error.kind {
            StoreErrorKind::SignIn => Err(Unproven::Refused(error)),
            // Signed in, and nothing is there: the password is right.
            StoreErrorKind::Missing => Ok(0),
            _ => Err(Unproven::Unasked(error)),
        },
        Err(error) => Err(Unproven::Ended(trouble(error))),
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

/// Reads the config, also one that is refused because passwords stand in it.
fn open(typed: &Login, at: &Surroundings) -> Result<Opened, Trouble> {
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

fn render(report: &LoginReport, account: &Account) -> String {
    let PasswordSource::Keyring(entry) = &account.password else {
        return format!(
            "The password of account `{}` comes from {}, as the config says: nothing has to be \
             stored.",
            report.account,
            elsewhere(&account.password)
        );
    };
    let owner = entry.owner();
    let owner = clean(&owner);
    let mut text = match report.addressbooks {
        Some(1) => format!("Signed in as {owner}: 1 address book."),
        Some(count) => format!("Signed in as {owner}: {count} address books."),
        None => format!("Not signed in as {owner}: the password was stored untried."),
    };
    text.push_str(" The password is in the keyring.");
    if report.config_changed {
        text.push_str("\nThe config was changed to go with it; its comments are as they were.");
    }
    text
}

/// A message of a store begins in the middle of a sentence.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// A name as it is typed: the config allows blanks in it, and nothing else that a shell minds.
fn in_a_shell(name: &str) -> String {
    match name.contains(' ') {
        true => format!("\"{name}\""),
        false => name.to_owned(),
    }
}
