//! What `check --json` prints, and what of it is a finding: something for the person to do.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use crate::book::StoreId;

use super::fate::{Kept, Told};

/// What `check --json` prints.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct CheckReport {
    pub accounts: Vec<AccountReport>,
    pub folders: Vec<FolderReport>,
    /// What is to be done; empty: all is well.
    pub findings: Vec<Finding>,
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Finding {
    /// The account, or the store as `book/store`.
    pub place: String,
    /// What was found, as a sentence.
    pub what: String,
    /// What to do about it, as a sentence.
    pub todo: String,
}

#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct AccountReport {
    pub account: String,
    pub address: String,
    /// The server answered.
    pub is_reachable: bool,
    /// How long it took to find the address books.
    pub milliseconds: Option<u64>,
    pub encryption: Option<Encryption>,
    /// What the server calls itself.
    pub server: Option<String>,
    pub username: String,
    /// How the password was proved: Basic, Digest or Bearer; `null`: not signed in.
    pub signed_in_by: Option<String>,
    pub books: Vec<BookReport>,
    /// Address books on hosts that are not trusted, as sentences.
    pub elsewhere: Vec<String>,
}

/// Whether others can read what travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Encryption {
    /// The certificate was verified.
    Tls,
    /// Unencrypted, but it stays on this machine.
    ThisMachine,
    /// Unencrypted.
    None,
}

/// How what is sent with this scheme travels, to this machine or to another one.
pub fn encryption(scheme: &str, is_this_machine: bool) -> Encryption {
    match scheme {
        "https" => Encryption::Tls,
        _ if is_this_machine => Encryption::ThisMachine,
        _ => Encryption::None,
    }
}

/// One address book that the account offers or that a store names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BookReport {
    pub name: Option<String>,
    pub url: String,
    /// The server says that this account may only read it.
    pub is_read_only: bool,
    /// What this account may do there (RFC 3744); `null`: the server does not say.
    pub privileges: Option<BTreeSet<String>>,
    /// Who uses it.
    pub stores: Vec<StoreUse>,
    /// How many cards it has, where it was looked into.
    pub cards: Option<usize>,
    /// How it tells what moved: `sync-collection`, `ctag` or `listing`, where it was looked into.
    pub tells_changes_by: Option<String>,
    /// The versions of vCard that it takes.
    pub versions: Vec<String>,
    pub largest_card_bytes: Option<u64>,
    /// What its server is known to do differently, as sentences.
    pub peculiarities: Vec<String>,
    /// What became of the scratch card, with `--write`.
    pub trial: Option<Trial>,
}

/// A store of the config that uses an address book.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct StoreUse {
    pub book: String,
    pub store: StoreId,
    /// The config lets cardweave write there.
    pub is_written: bool,
}

impl StoreUse {
    pub fn place(&self) -> String {
        format!("{}/{}", self.book, self.store)
    }
}

/// What became of a scratch card.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Trial {
    /// One for each version of vCard.
    pub rounds: Vec<TrialRound>,
    /// Scratch cards of an earlier check that was killed, found and removed.
    pub removed_leftovers: usize,
    /// No scratch card is left: a listing says so.
    pub is_clean: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TrialRound {
    /// The version in which the card was put there.
    pub version: String,
    /// The version in which it came back.
    pub came_back_as: String,
    pub properties: Vec<Told>,
    /// What is true of the card as a whole, as sentences.
    pub remarks: Vec<String>,
}

#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct FolderReport {
    pub book: String,
    /// The `id` of the store.
    pub store: String,
    pub path: String,
    pub exists: bool,
    pub is_readable: bool,
    pub is_writable: bool,
    pub cards: Option<usize>,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Well,
    ToDo,
    NothingSeen,
}

impl CheckReport {
    pub fn outcome(&self) -> Outcome {
        let mut accounts = self.accounts.iter();
        let seen = accounts.any(|account| !account.books.is_empty())
            || self.folders.iter().any(|folder| folder.is_readable);
        match (seen, self.findings.is_empty()) {
            (false, false) => Outcome::NothingSeen,
            (_, false) => Outcome::ToDo,
            (_, true) => Outcome::Well,
        }
    }
}

/// What the config asks of the address books and they do not give.
pub fn findings_of_books(books: &[BookReport]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for book in books {
        let name = book.name.as_deref().unwrap_or(&book.url);
        for store in &book.stores {
            if store.is_written && book.is_read_only {
                findings.push(Finding {
                    place: store.place(),
                    what: format!(
                        "The server lets this account only read \"{name}\", and the config says \
                         read-write."
                    ),
                    todo: format!(
                        "Set access = \"read-only\" for the store \"{}\", or ask the owner of the \
                         address book for the right to write.",
                        store.store
                    ),
                });
            }
        }
    }
    findings
}

/// What the server of this store will not take: such cards would be refused in each sync.
pub fn findings_of_trial(store: &StoreUse, trial: &Trial) -> Vec<Finding> {
    let mut findings = Vec::new();
    for round in &trial.rounds {
        for told in round
            .properties
            .iter()
            .filter(|told| told.kept == Kept::Refused)
        {
            let names: Vec<String> = told
                .names
                .iter()
                .map(|name| format!("\"{name}\""))
                .collect();
            findings.push(Finding {
                place: store.place(),
                what: format!(
                    "The server refuses cards of vCard {} with {}: {}.",
                    round.version,
                    told.what,
                    told.how.join("; ")
                ),
                todo: format!(
                    "Keep them out of the store \"{}\", so that the rest of such cards gets there: \
                     omit = [{}].",
                    store.store,
                    names.join(", ")
                ),
            });
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(is_read_only: bool, is_written: bool) -> BookReport {
        BookReport {
            name: Some("Shared".into()),
            is_read_only,
            stores: vec![StoreUse {
                book: "people".into(),
                store: StoreId::new("office"),
                is_written,
            }],
            ..BookReport::default()
        }
    }

    #[test]
    fn a_book_that_may_only_be_read_is_a_finding_where_it_shall_be_written() {
        let found = findings_of_books(&[book(true, true)]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].place, "people/office");
        assert!(
            found[0].todo.contains("access = \"read-only\""),
            "{found:?}"
        );
        for well in [book(true, false), book(false, true), book(false, false)] {
            assert_eq!(findings_of_books(&[well]), []);
        }
    }

    #[test]
    fn what_the_server_refuses_is_a_finding_and_what_it_drops_is_none() {
        let told = |kept| Told {
            what: "messengers (IMPP)".into(),
            names: vec!["IMPP".into()],
            is_ours: false,
            kept,
            how: vec!["the server does not allow it (403)".into()],
        };
        let round = |kept| Trial {
            rounds: vec![TrialRound {
                version: "3.0".into(),
                came_back_as: "3.0".into(),
                properties: vec![told(kept)],
                remarks: Vec::new(),
            }],
            ..Trial::default()
        };
        let store = &book(false, true).stores[0];
        let found = findings_of_trial(store, &round(Kept::Refused));
        assert!(found[0].todo.ends_with("omit = [\"IMPP\"]."), "{found:?}");
        assert!(
            found[0].what.contains("does not allow it (403)"),
            "{found:?}"
        );
        for kept in [Kept::Yes, Kept::Changed, Kept::Dropped] {
            assert_eq!(findings_of_trial(store, &round(kept)), []);
        }
    }

    #[test]
    fn encryption_is_told_by_scheme_and_machine() {
        for (scheme, is_this_machine, how) in [
            ("https", false, Encryption::Tls),
            ("https", true, Encryption::Tls),
            ("http", true, Encryption::ThisMachine),
            ("http", false, Encryption::None),
        ] {
            assert_eq!(encryption(scheme, is_this_machine), how, "{scheme}");
        }
    }

    #[test]
    fn nothing_seen_is_worse_than_something_to_do() {
        let finding = Finding {
            place: "a".into(),
            what: "x".into(),
            todo: "y".into(),
        };
        let mut report = CheckReport::default();
        assert_eq!(report.outcome(), Outcome::Well);
        report.findings.push(finding);
        assert_eq!(report.outcome(), Outcome::NothingSeen);
        report.folders.push(FolderReport {
            is_readable: true,
            ..FolderReport::default()
        });
        assert_eq!(report.outcome(), Outcome::ToDo);
        report.findings.clear();
        assert_eq!(report.outcome(), Outcome::Well);
    }
}
