//! `discover`: the address books that an account or an address offers; changes nothing.

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Serialize;

use crate::cli::{Discover, SignIn};
use crate::config::{Account, Address, Config, ConfigError};
use crate::secret::Secrets;
use crate::setup::{Password, Servers, SetupError, discovering, trusting};
use crate::store::StoreError;
use crate::store::carddav::{CardDav, Discovered, FoundBy, Options};
use crate::ui::ask::{Person, Terminal};
use crate::ui::out::Page;
use crate::ui::table::Table;
use crate::ui::text::clean;

use super::flags;
use super::init::{Online, trouble};
use super::sign_in::sign_in;
use super::{Exit, Surroundings, Trouble};

/// What `discover --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DiscoverReport {
    /// The account or the address that was asked for.
    pub asked: String,
    pub found_by: Way,
    /// Why our own table was needed; `null` where it was not.
    pub reason: Option<String>,
    /// Where the server's own words began.
    pub start: String,
    /// What the server calls itself.
    pub server: Option<String>,
    pub books: Vec<OfferedBook>,
    /// What is on hosts that are not trusted; nothing was sent there.
    pub elsewhere: Vec<BookElsewhere>,
}

/// What led to the address books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// The address itself.
    Given,
    /// The DNS of the domain.
    Dns,
    WellKnown,
    /// The root of the host.
    Root,
    /// Our own table of providers.
    Table,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct OfferedBook {
    /// `null` where it has none; then the last part of its URL names it.
    pub name: Option<String>,
    pub url: String,
    pub description: Option<String>,
    pub access: Access,
    /// The versions of vCard that it says it takes; none where it does not say.
    pub versions: Vec<String>,
}

/// What the server says that may be done in a book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    ReadWrite,
    ReadOnly,
    NotTold,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct BookElsewhere {
    pub name: String,
    /// As `trusted-hosts` wants it.
    pub host: String,
}

pub async fn execute(typed: &Discover, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let found = match account(typed, at)? {
        Some(account) => of_account(&account).await?,
        None => of_address(typed, at).await?,
    };
    let report = report(&typed.address, found);
    at.output.present(&report, render)?;
    Ok(Exit::InStep)
}

/// The account of this name, if the config has one. Flags say that an address is meant.
///
/// A config with mistakes stands in the way only of words that can hardly be an address.
fn account(typed: &Discover, at: &Surroundings) -> Result<Option<Account>, Trouble> {
    if typed.sign_in != SignIn::default() {
        return Ok(None);
    }
    match Config::load(at.globals.config.as_deref(), &at.directories) {
        Ok(mut config) => Ok(config.accounts.remove(&typed.address)),
        Err(ConfigError::Missing { .. } | ConfigError::NoHome) => Ok(None),
        Err(_) if typed.address.contains(['@', '.', ':']) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn of_account(account: &Account) -> Result<Discovered, Trouble> {
    let signed_in = sign_in(Some(account), &Secrets::default()).await;
    let account = signed_in.map_err(Trouble::Server)?;
    let found = CardDav::discover(&account, Options::default()).await;
    found.map_err(|error| Trouble::Server(error.into()))
}

/// Signs in with what the flags and the person say.
async fn of_address(typed: &Discover, at: &Surroundings) -> Result<Discovered, Trouble> {
    let mut person = Terminal::of_this_process(at.output.page().style.is_colored());
    let mut account = described(typed)?;
    let password = flags::password(&typed.sign_in)?;
    if matches!(password, Password::Asked) && person.is_there() {
        // Nobody types a password in vain.
        let knocked = trusting(&mut account, &mut person, async |account| {
            Online.knock(account).await
        });
        let knocked = knocked.await.map_err(refused)?;
        person.tell(&format!("Found {}.", knocked.url));
    }
    if account.user().is_none() {
        account.username = Some(match person.is_there() {
            true => person.text("User name:", None)?,
            false => return Err(unasked("the user name", "--username NAME")),
        });
    }
    let password = password_of(&account, password, &mut person)?;
    let found = discovering(&mut account, &mut person, async |account| {
        Online.discover(account, &password).await
    });
    found.await.map_err(refused)
}

/// The account that the address and the flags describe. It is in no config and gets into none.
fn described(typed: &Discover) -> Result<Account, Trouble> {
    let address: Address = typed.address.parse().map_err(|why| {
        Trouble::Asked(format!(
            "This is neither an account of the config nor an address: {why}. Nothing was sent."
        ))
    })?;
    let sign_in = &typed.sign_in;
    Ok(Account {
        username: sign_in.username.clone(),
        auth: flags::auth(sign_in.auth),
        ca_file: sign_in.ca_file.as_deref().map(flags::absolute),
        pinned_certificate: flags::fingerprint(sign_in)?,
        plain_http: sign_in.plain_http,
        trusted_hosts: flags::hosts(&sign_in.trust)?,
        ..Account::new(typed.address.clone(), address)
    })
}

fn password_of(
    account: &Account,
    password: Password,
    person: &mut dyn Person,
) -> Result<SecretString, Trouble> {
    match password {
        Password::Given(password) => Ok(password),
        Password::Elsewhere(source) => Ok(source.fetch()?),
        Password::Asked if person.is_there() => {
            let user = account.user().unwrap_or_default();
            Ok(person.secret(&format!("Password of {user}:"))?)
        }
        Password::Asked => Err(unasked(
            "the password",
            "--password-command, --password-env, --password-file or --password-stdin",
        )),
    }
}

fn unasked(what: &str, flags: &str) -> Trouble {
    Trouble::Asked(format!(
        "There is no terminal to ask for {what} on. Nothing was sent. Say it with {flags}."
    ))
}

/// The same refusals as for an account of the config, with the flags as the way out.
fn refused(error: SetupError) -> Trouble {
    let (error, flag): (StoreError, String) = match error {
        SetupError::Untrusted(untrusted) => {
            let flag = format!("--trust {}", untrusted.host);
            (untrusted.into(), flag)
        }
        SetupError::Certificate(unknown) => {
            let flag = match unknown.fingerprint {
                Some(fingerprint) => format!("--pinned-certificate {fingerprint}"),
                None => "--ca-file FILE".to_owned(),
            };
            (unknown.into(), flag)
        }
        other => return trouble(other),
    };
    Trouble::Server(StoreError {
        todo: format!("{}. For this once: {flag}", error.todo),
        ..error
    })
}

fn report(asked: &str, found: Discovered) -> DiscoverReport {
    let (found_by, reason) = match found.found_by {
        FoundBy::Given => (Way::Given, None),
        FoundBy::Srv => (Way::Dns, None),
        FoundBy::WellKnown => (Way::WellKnown, None),
        FoundBy::Root => (Way::Root, None),
        FoundBy::Provider(reason) => (Way::Table, Some(reason.to_owned())),
    };
    let books = found.books.into_iter().map(|book| OfferedBook {
        access: match (&book.privileges, book.is_read_only()) {
            (None, _) => Access::NotTold,
            (Some(_), true) => Access::ReadOnly,
            (Some(_), false) => Access::ReadWrite,
        },
        name: book.display_name,
        url: book.url,
        description: book.description,
        versions: book.versions.into_iter().collect(),
    });
    let elsewhere = found.elsewhere.into_iter().map(|book| BookElsewhere {
        name: book.name,
        host: book.host,
    });
    DiscoverReport {
        asked: asked.to_owned(),
        found_by,
        reason,
        start: found.start.into(),
        server: found.server,
        books: books.collect(),
        elsewhere: elsewhere.collect(),
    }
}

fn render(report: &DiscoverReport, page: &Page) -> String {
    let mut table = Table::new(&["name", "access", "vCard", "url", "description"]);
    for book in &report.books {
        let access = match book.access {
            Access::ReadWrite => "read, write",
            Access::ReadOnly => "read",
            Access::NotTold => "not told",
        };
        table.row([
            book.name.as_deref().unwrap_or("-"),
            access,
            &book.versions.join(", "),
            &book.url,
            book.description.as_deref().unwrap_or(""),
        ]);
    }
    let mut text = match table.is_empty() {
        true => "No address book on a host that may be asked.".to_owned(),
        false => table.render(page),
    };
    for book in &report.elsewhere {
        text.push_str(&format!(
            "\n{} is at {}, which is not trusted: nothing was sent there. If that host belongs to \
             the same provider, trust it: --trust {} here, `trusted-hosts` in the config.",
            clean(&book.name),
            clean(&book.host),
            clean(&book.host)
        ));
    }
    let way = match (report.found_by, &report.reason) {
        (Way::Given, _) => "by its address".to_owned(),
        (Way::Dns, _) => "through the DNS".to_owned(),
        (Way::WellKnown, _) => "through /.well-known/carddav".to_owned(),
        (Way::Root, _) => "at the root of the host".to_owned(),
        (Way::Table, reason) => {
            format!("in our own table ({})", reason.as_deref().unwrap_or("-"))
        }
    };
    let server = match &report.server {
        Some(server) => format!(" ({})", clean(server)),
        None => String::new(),
    };
    text.push_str(&format!(
        "\nFound {way}, from {}{server}.",
        clean(&report.start)
    ));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::carddav::{Elsewhere, Met};
    use crate::ui::out::Style;

    #[test]
    fn what_is_elsewhere_is_told_with_the_way_there_and_outside_words_are_harmless() {
        let found = Discovered {
            books: Vec::new(),
            elsewhere: vec![Elsewhere {
                name: "Team\u{1b}[2J".into(),
                host: "other.example:8443".into(),
                met: Met::Book,
            }],
            found_by: FoundBy::Provider("Nextcloud answers there"),
            start: "https://example.com/remote.php/dav/".parse().unwrap(),
            server: Some("Apache".into()),
        };
        let page = Page {
            style: Style::Plain,
            width: None,
        };
        let text = render(&report("example.com", found), &page);
        assert!(!text.contains('\u{1b}'), "{text}");
        for words in [
            "--trust other.example:8443",
            "Nextcloud answers there",
            "(Apache)",
            "No address book",
        ] {
            assert!(text.contains(words), "{text}");
        }
    }
}
