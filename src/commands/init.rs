//! `init`: from an address to a config that works.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Serialize;

use crate::cli::{Init, Sync};
use crate::config::edit::{self, Draft};
use crate::config::{Account, Config, ConfigError, Place};
use crate::secret::PasswordSource;
use crate::setup::{Servers, Settled, SettledAccount, SetupError, Wishes, set_up};
use crate::store::carddav::{self, CardDav, Discovered, DiscoveryError, Knock};
use crate::ui::ask::{Person, Terminal};
use crate::ui::out::Page;
use crate::ui::text::clean;

use super::flags;
use super::sign_in::with_password;
use super::sync::{self, SyncReport};
use super::{Exit, Surroundings, Trouble};

/// What `init --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct InitReport {
    /// The config that was written.
    pub config: PathBuf,
    /// The account that was added, if one was.
    pub account: Option<String>,
    pub book: String,
    /// The ids of the stores that were added.
    pub stores: Vec<String>,
    /// What a first sync of the book would do; `null` if it could not be said.
    pub first_sync: Option<SyncReport>,
}

pub async fn execute(typed: &Init, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let file = ConfigFile::read(at)?;
    let mut person = Terminal::of_this_process(at.output.page().style.is_colored());
    let wishes = wishes(typed, at)?;
    let settled = set_up(wishes, file.config.as_ref(), &Online, &mut person)
        .await
        .map_err(trouble)?;
    let mut settled = settled;
    let mut text = file.with(&settled, at)?;
    if person.is_there() {
        show(&file, &text, &mut person);
        if !typed.yes && !person.confirm(&format!("Write it to {}?", file.shown()), true)? {
            return Err(Trouble::Asked("Nothing was written.".to_owned()));
        }
    }
    if let Some(account) = &mut settled.account
        && account.is_to_be_kept
        && keep(account, &file, &mut person)?
    {
        text = file.with(&settled, at)?;
    }
    make_folders(&settled)?;
    edit::save(&file.path, file.text.as_deref(), &text).map_err(|error| file.unsaved(&error))?;
    person.tell(&format!("The config is in {}.", file.shown()));
    first_sync(&file, settled, at).await
}

/// The config as it is before: none, or one that is understood.
struct ConfigFile {
    path: PathBuf,
    text: Option<String>,
    config: Option<Config>,
}

impl ConfigFile {
    fn read(at: &Surroundings) -> Result<Self, Trouble> {
        let path = Config::file(at.globals.config.as_deref(), &at.directories)?;
        let text = match Config::text(&path) {
            Ok(text) => Some(text),
            Err(ConfigError::Missing { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let config = match &text {
            Some(text) => Some(Config::of_text(text, &path, &at.directories)?),
            None => None,
        };
        Ok(Self { path, text, config })
    }

    fn shown(&self) -> String {
        clean(&self.path.to_string_lossy()).into_owned()
    }

    /// The text with what was settled, checked as any config is.
    fn with(&self, settled: &Settled, at: &Surroundings) -> Result<String, Trouble> {
        let refused = |error: edit::EditError| {
            Trouble::Asked(format!(
                "The config {} cannot be added to: {error}. It was left as it is; add the account \
                 and the stores by hand, as config.example.toml shows.",
                self.path.display()
            ))
        };
        let mut draft = match &self.text {
            Some(text) => Draft::open(text).map_err(refused)?,
            None => Draft::new(),
        };
        if let Some(account) = &settled.account {
            draft.add_account(&account.account).map_err(refused)?;
        }
        for store in &settled.stores {
            draft.add_store(&settled.book, store).map_err(refused)?;
        }
        let text = draft.text();
        Config::of_text(&text, &self.path, &at.directories)?;
        Ok(text)
    }

    fn unsaved(&self, error: &io::Error) -> Trouble {
        Trouble::Asked(format!(
            "The config {} could not be written: {error}. It is as it was. If a password was \
             stored, `cardweave logout` removes it once the account is in a config.",
            self.path.display()
        ))
    }
}

fn wishes(typed: &Init, at: &Surroundings) -> Result<Wishes, Trouble> {
    let sign_in = &typed.sign_in;
    Ok(Wishes {
        address: typed.address.clone(),
        account: typed.account.clone(),
        username: sign_in.username.clone(),
        password: flags::password(sign_in)?,
        auth: flags::auth(sign_in.auth),
        trusted_hosts: flags::hosts(&sign_in.trust)?,
        ca_file: sign_in.ca_file.as_deref().map(flags::absolute),
        pinned_certificate: flags::fingerprint(sign_in)?,
        plain_http: sign_in.plain_http,
        addressbooks: typed.addressbooks.clone(),
        folders: typed
            .folders
            .iter()
            .map(|folder| flags::absolute(folder))
            .collect(),
        book: typed.book.clone(),
        take_defaults: typed.yes,
        home: at.directories.home.clone(),
    })
}

/// The servers out there, by CardDAV.
pub(super) struct Online;

impl Servers for Online {
    fn knock<'a>(
        &'a self,
        account: &'a Account,
    ) -> LocalBoxFuture<'a, Result<Knock, DiscoveryError>> {
        let account = with_password(account, SecretString::default());
        Box::pin(async move { CardDav::knock(&account, carddav::Options::default()).await })
    }

    fn discover<'a>(
        &'a self,
        account: &'a Account,
        password: &'a SecretString,
    ) -> LocalBoxFuture<'a, Result<Discovered, DiscoveryError>> {
        let account = with_password(account, password.clone());
        Box::pin(async move { CardDav::discover(&account, carddav::Options::default()).await })
    }
}

/// Shows what is new in the text, as it will stand there.
fn show(file: &ConfigFile, text: &str, person: &mut dyn Person) {
    let old: Vec<&str> = file.text.iter().flat_map(|old| old.lines()).collect();
    let mut old = old.into_iter().peekable();
    person.tell("");
    for line in text.lines() {
        match old.peek() {
            Some(known) if *known == line => {
                old.next();
            }
            _ => person.tell(&format!("  {line}")),
        }
    }
    person.tell("");
}

/// Stores the password where the account looks for it. Whether that is another place now than the
/// keyring, which not every machine has.
fn keep(
    settled: &mut SettledAccount,
    file: &ConfigFile,
    person: &mut dyn Person,
) -> Result<bool, Trouble> {
    let PasswordSource::Keyring(entry) = &settled.account.password else {
        return Ok(false);
    };
    let Err(error) = entry.set(&settled.password) else {
        person.tell("The password is in the keyring.");
        return Ok(false);
    };
    if !person.is_there() {
        return Err(Trouble::Asked(format!(
            "The password could not be stored: {error}. Nothing was written. Name another source: \
             --password-command, --password-env or --password-file."
        )));
    }
    person.tell(&format!("The password could not be stored: {error}."));
    let name = format!("{}-password", settled.account.name);
    let path = file.path.with_file_name(name);
    let question = format!(
        "Write it into a file that only you can read ({})?",
        path.display()
    );
    if !person.confirm(&question, false)? {
        return Err(Trouble::Asked(
            "Nothing was written. A program that prints the password can be named: cardweave init \
             --password-command \"pass show dav\"."
                .to_owned(),
        ));
    }
    write_password(&path, &settled.password).map_err(|error| {
        Trouble::Asked(format!(
            "The file {} could not be made: {error}. Nothing was written.",
            path.display()
        ))
    })?;
    settled.account.password = PasswordSource::File(path);
    Ok(true)
}

/// Makes a file that was not there before, for its owner alone.
fn write_password(path: &Path, password: &SecretString) -> io::Result<()> {
    use secrecy::ExposeSecret;
    use std::io::Write;
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
    if let Some(directory) = path.parent() {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)?;
    }
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(password.expose_secret().as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

fn make_folders(settled: &Settled) -> Result<(), Trouble> {
    for store in &settled.stores {
        let Place::Folder(folder) = &store.place else {
            continue;
        };
        fs::create_dir_all(folder).map_err(|error| {
            Trouble::Asked(format!(
                "The folder {} could not be made: {error}. The config was left as it is.",
                folder.display()
            ))
        })?;
    }
    Ok(())
}

/// Says what the first sync would do, by the very command that a person would type.
async fn first_sync(
    file: &ConfigFile,
    settled: Settled,
    at: &mut Surroundings,
) -> Result<Exit, Trouble> {
    let config = Config::load(Some(&file.path), &at.directories)?;
    let typed = Sync {
        books: vec![settled.book.clone()],
        dry_run: true,
        accept_deletes: false,
    };
    let planned = sync::run_books(&config, &typed, &sync::command_line(&typed), at).await;
    let (first_sync, trouble) = match planned {
        Ok(report) => (Some(report), None),
        Err(trouble) => (None, Some(trouble)),
    };
    let report = InitReport {
        config: file.path.clone(),
        account: settled.account.map(|account| account.account.name),
        book: settled.book,
        stores: settled
            .stores
            .iter()
            .map(|store| store.id.to_string())
            .collect(),
        first_sync,
    };
    at.output.present(&report, render)?;
    match (trouble, &report.first_sync) {
        (Some(trouble), _) => Err(trouble),
        (None, Some(planned)) => Ok(sync::exit(planned)),
        (None, None) => Ok(Exit::InStep),
    }
}

fn render(report: &InitReport, page: &Page) -> String {
    let Some(planned) = &report.first_sync else {
        return String::new();
    };
    format!(
        "{}\n{}\nTo do it: cardweave sync",
        page.style.strong("What the first sync would do:"),
        sync::render(planned, page)
    )
}

pub(super) fn trouble(error: SetupError) -> Trouble {
    match error {
        SetupError::NoAnswer(no_answer) => no_answer.into(),
        SetupError::Needed(what) => Trouble::Asked(what),
        SetupError::Secret(error) => Trouble::Asked(error.to_string()),
        SetupError::Untrusted(untrusted) => Trouble::Server(untrusted.into()),
        SetupError::Certificate(unknown) => Trouble::Server(unknown.into()),
        SetupError::Server(error) => Trouble::Server(error),
    }
}
