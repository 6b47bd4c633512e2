//! A password: asked for or given, tried at its server, stored, and taken out of the config.

use secrecy::{ExposeSecret, SecretString};

use crate::cli::Login;
use crate::config::Account;
use crate::secret::{self, KeyringEntry, KeyringTrouble, PasswordSource, SecretError};
use crate::setup::{Servers, SetupError, discovering};
use crate::store::{StoreError, StoreErrorKind};
use crate::ui::ask::Person;
use crate::ui::text::clean;

use super::super::Trouble;
use super::super::init::{Online, trouble};
use super::opened::Opened;
use super::{LoginReport, Source, elsewhere, sentence};

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

/// Tries the password, stores it and, when it stood in the config, takes it out there: in this
/// order, so that it is always somewhere.
pub(super) async fn store(
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

pub(super) fn render(report: &LoginReport, account: &Account) -> String {
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

/// A name as it is typed: the config allows blanks in it, and nothing else that a shell minds.
fn in_a_shell(name: &str) -> String {
    match name.contains(' ') {
        true => format!("\"{name}\""),
        false => name.to_owned(),
    }
}
