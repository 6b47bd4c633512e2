//! Looks at the accounts and folders of a config, each for itself, and says what it found.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use url::Url;

use crate::book::StoreId;
use crate::check::{
    AccountReport, BookReport, Encryption, Finding, FolderReport, StoreUse, encryption,
    findings_of_books,
};
use crate::commands::sign_in::sign_in;
use crate::config::{self, Access, Config, Place};
use crate::secret::{PasswordSource, Secrets};
use crate::store::carddav::{
    Account, Auth, CardDav, Discovered, Elsewhere, Options, Saved, TellsChanges, is_loopback,
    sign_in_advice,
};
use crate::store::folder::Folder;
use crate::store::{Extent, Listing, Since, Store, StoreError, StoreErrorKind};
use rustix::fs::{Access as FileAccess, access};

/// What was found of one account, and its address books, opened, by URL.
#[derive(Default)]
pub struct Look {
    pub report: AccountReport,
    pub findings: Vec<Finding>,
    pub opened: BTreeMap<String, CardDav>,
}

/// How what is sent to this address travels.
fn travels(url: &Url) -> Encryption {
    encryption(url.scheme(), is_loopback(url))
}

/// A store of the config that is an address book of the account.
struct Wanted<'c> {
    usage: StoreUse,
    addressbook: &'c str,
}

/// Signs in, finds the address books, and looks into those that stores use.
pub async fn look_at(config: &Config, account: &config::Account, secrets: &Secrets) -> Look {
    let mut look = Look {
        report: AccountReport {
            account: account.name.clone(),
            address: account.address.to_string(),
            username: account.user().unwrap_or_default().to_owned(),
            ..AccountReport::default()
        },
        ..Look::default()
    };
    let signed = match sign_in(Some(account), secrets).await {
        Ok(signed) => signed,
        Err(error) => {
            look.is_not_usable(account, &error);
            return look;
        }
    };
    look.report.encryption = Some(travels(&signed.address));
    let started = Instant::now();
    let offered = offered(&signed).await;
    let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let not_found = match offered {
        Ok(Discovered {
            books,
            elsewhere: others,
            server,
            start,
            ..
        }) => {
            look.report.is_reachable = true;
            look.report.milliseconds = Some(milliseconds);
            look.report.encryption = Some(travels(&start));
            look.report.server = server;
            look.report.books = books.iter().map(book_report).collect();
            look.report.elsewhere = elsewhere(&account.name, &others);
            look.open_first_if_none_is_used(config, &signed, &books)
                .await;
            None
        }
        Err(error) => {
            use StoreErrorKind::{Broken, Missing, SignIn};
            look.report.is_reachable = error.kind != StoreErrorKind::Unreachable;
            // An address book that is given by its URL may be there all the same. Not so after a
            // wrong password, which is never sent twice.
            if !matches!(error.kind, Missing | Broken) {
                look.is_not_usable(account, &error);
                let advice = sign_in_advice(&signed).filter(|_| error.kind == SignIn);
                if let (Some(advice), Some(finding)) = (advice, look.findings.last_mut()) {
                    finding.todo.push(' ');
                    finding.todo.push_str(&sentence(advice));
                }
                return look;
            }
            Some(error)
        }
    };
    for wanted in wanted(config, &account.name) {
        look.look_into(&signed, wanted).await;
    }
    if let Some(error) = not_found.filter(|_| look.opened.is_empty()) {
        look.is_not_usable(account, &error);
    }
    look.findings.extend(findings_of_books(&look.report.books));
    look
}

/// What the account offers.
async fn offered(account: &Account) -> Result<Discovered, StoreError> {
    let discovered = CardDav::discover(account, Options::default()).await;
    discovered.map_err(StoreError::from)
}

/// Address books that the password may not go to, as sentences.
fn elsewhere(account_name: &str, elsewhere: &[Elsewhere]) -> Vec<String> {
    let sentences = elsewhere.iter().map(|book| {
        format!(
            "\"{}\" lies at {}, which is not trusted; nothing was sent there. If you want it, run \
             `cardweave login {account_name}`, which asks about that host.",
            book.name, book.host
        )
    });
    sentences.collect()
}

fn wanted<'c>(config: &'c Config, account_name: &str) -> Vec<Wanted<'c>> {
    let mut all = Vec::new();
    for book in &config.books {
        for store in &book.stores {
            let Place::AddressBook {
                account,
                addressbook,
            } = &store.place
            else {
                continue;
            };
            if account == account_name {
                all.push(Wanted {
                    usage: StoreUse {
                        book: book.name.clone(),
                        store: store.id.clone(),
                        is_written: store.access == Access::ReadWrite,
                    },
                    addressbook,
                });
            }
        }
    }
    all
}

impl Look {
    fn is_not_usable(&mut self, account: &config::Account, error: &StoreError) {
        let mut finding = finding(&account.name, error);
        let is_keyring = matches!(account.password, PasswordSource::Keyring(_));
        if finding.todo.contains("login ACCOUNT") {
            let login = format!("login {}", account.name);
            finding.todo = finding.todo.replace("login ACCOUNT", &login);
        } else if error.kind == StoreErrorKind::SignIn && is_keyring {
            let login = format!(" `cardweave login {}` stores another one.", account.name);
            finding.todo.push_str(&login);
        }
        self.findings.push(finding);
    }

    /// How the password was proved shows in the first use of an address book; where no store uses
    /// one, the first one offered is looked into.
    async fn open_first_if_none_is_used(
        &mut self,
        config: &Config,
        account: &Account,
        books: &[Saved],
    ) {
        if !wanted(config, &self.report.account).is_empty() {
            return;
        }
        let Some(first) = books.first() else { return };
        let id = StoreId::new(self.report.account.clone());
        let Ok(opened) = CardDav::reopen(id, account, first, Options::default()) else {
            return;
        };
        if let Ok(listing) = opened.list(&everything()).await {
            self.report.signed_in_by = opened.signed_in_by().map(proof);
            describe(&mut self.report.books[0], &opened, &listing);
        }
    }

    async fn look_into(&mut self, account: &Account, wanted: Wanted<'_>) {
        let place = wanted.usage.place();
        let id = wanted.usage.store.clone();
        let options = Options::default();
        let opened = match CardDav::open(id, account, wanted.addressbook, options).await {
            Ok(opened) => opened,
            Err(error) => return self.findings.push(finding(&place, &error)),
        };
        let url = opened.saved().url;
        let known = self.report.books.iter().position(|book| book.url == url);
        let at = known.unwrap_or_else(|| {
            // Somebody else's, which the own home does not list.
            self.report.books.push(book_report(&opened.saved()));
            self.report.books.len() - 1
        });
        let book = &mut self.report.books[at];
        book.stores.push(wanted.usage);
        if self.opened.contains_key(&url) {
            return;
        }
        match opened.list(&everything()).await {
            Ok(listing) => {
                describe(book, &opened, &listing);
                let unclear = listing.findings.into_iter().map(|found| found.text);
                self.findings
                    .extend(unclear.map(|text| told(&place, &text)));
            }
            Err(error) => self.findings.push(finding(&place, &error)),
        }
        self.report.signed_in_by = opened.signed_in_by().map(proof);
        self.opened.insert(url, opened);
    }
}

fn everything() -> Since {
    Since {
        cursor: None,
        complete: true,
    }
}

fn proof(auth: Auth) -> String {
    let name = match auth {
        Auth::Basic => "Basic",
        Auth::Digest => "Digest",
        Auth::Bearer => "Bearer",
    };
    name.to_owned()
}

fn book_report(saved: &Saved) -> BookReport {
    // One that does not say takes 3.0 (RFC 6352 section 6.2.2).
    let mut versions: Vec<String> = saved.versions.iter().cloned().collect();
    if versions.is_empty() {
        versions.push("3.0".to_owned());
    }
    BookReport {
        name: saved.display_name.clone(),
        url: saved.url.clone(),
        is_read_only: saved.read_only,
        privileges: saved.privileges.clone(),
        versions,
        largest_card_bytes: saved.max_resource_size,
        peculiarities: explanations(saved),
        ..BookReport::default()
    }
}

fn explanations(saved: &Saved) -> Vec<String> {
    let quirks = saved.quirks.iter();
    quirks.map(|quirk| quirk.explanation().to_owned()).collect()
}

/// What only a look into the address book shows.
fn describe(book: &mut BookReport, opened: &CardDav, listing: &Listing) {
    book.cards = Some(count(listing));
    let tells = TellsChanges::of(&listing.cursor).map(|tells| match tells {
        TellsChanges::Sync => "sync-collection",
        TellsChanges::Ctag => "ctag",
        TellsChanges::Listing => "listing",
    });
    book.tells_changes_by = tells.map(str::to_owned);
    book.peculiarities = explanations(&opened.saved());
}

fn count(listing: &Listing) -> usize {
    let there = match &listing.extent {
        Extent::Complete(there) => there.len(),
        Extent::Since { changed, .. } => changed.len(),
    };
    there + listing.unsure.len()
}

fn finding(place: &str, error: &StoreError) -> Finding {
    Finding {
        place: place.to_owned(),
        what: sentence(&error.what),
        todo: sentence(&error.todo),
    }
}

/// A text that says both what was found and, in its last sentence, what to do.
fn told(place: &str, text: &str) -> Finding {
    let (what, todo) = text.rsplit_once(". ").unwrap_or((text, "Look at it"));
    Finding {
        place: place.to_owned(),
        what: sentence(what),
        todo: sentence(todo),
    }
}

/// The text with a capital at its beginning and a full stop at its end.
pub fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    let end = if text.ends_with(['.', '?', '!']) {
        ""
    } else {
        "."
    };
    format!("{}{}{end}", first.unwrap_or_default(), letters.as_str())
}

/// Looks at every folder of the config.
pub async fn look_at_folders(config: &Config) -> (Vec<FolderReport>, Vec<Finding>) {
    let mut reports = Vec::new();
    let mut findings = Vec::new();
    for book in &config.books {
        for store in &book.stores {
            if let Place::Folder(path) = &store.place {
                let place = format!("{}/{}", book.name, store.id);
                let is_written = store.access == Access::ReadWrite;
                let (report, found) = folder(&place, &store.id, path, is_written).await;
                reports.push(FolderReport {
                    book: book.name.clone(),
                    ..report
                });
                findings.extend(found);
            }
        }
    }
    (reports, findings)
}

async fn folder(
    place: &str,
    id: &StoreId,
    path: &Path,
    is_written: bool,
) -> (FolderReport, Vec<Finding>) {
    let mut report = FolderReport {
        store: id.to_string(),
        path: path.display().to_string(),
        exists: path.exists(),
        is_writable: access(path, FileAccess::WRITE_OK | FileAccess::EXEC_OK).is_ok(),
        ..FolderReport::default()
    };
    let mut findings = Vec::new();
    if !report.exists {
        findings.push(Finding {
            place: place.to_owned(),
            what: format!("The folder {} is not there.", report.path),
            todo: format!(
                "Mount or restore it; if it never was there, make it: mkdir -p {}",
                quoted(&report.path)
            ),
        });
        return (report, findings);
    }
    let listing = match Folder::open(id.clone(), path.to_owned()) {
        Ok(folder) => folder.list(&everything()).await,
        Err(error) => Err(error),
    };
    match listing {
        Ok(listing) => {
            report.is_readable = true;
            report.cards = Some(count(&listing));
            findings.extend(listing.findings.into_iter().map(|found| match found.href {
                Some(href) => told(&format!("{place}: {href}"), &found.text),
                None => told(place, &found.text),
            }));
        }
        Err(error) => findings.push(finding(place, &error)),
    }
    if report.is_readable && !report.is_writable && is_written {
        findings.push(Finding {
            place: place.to_owned(),
            what: format!("The folder {} may only be read.", report.path),
            todo: format!(
                "Make it writable for you: chmod u+w {}; or set access = \"read-only\" for the \
                 store \"{id}\".",
                quoted(&report.path)
            ),
        });
    }
    (report, findings)
}

/// A path as a shell reads it.
fn quoted(path: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+,:@".contains(c);
    match path.chars().all(is_plain) {
        true => path.to_owned(),
        false => format!("'{}'", path.replace('\'', r"'\''")),
    }
}
