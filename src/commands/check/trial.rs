//! Puts a scratch card into an address book, reads what became of it, and leaves none behind.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::book::{ETag, Entry, Href, Write};
use crate::card::{Card, Version};
use crate::check::{
    SUBJECTS, Subject, Told, Trial, TrialRound, bare_with, fates, is_scratch, is_scratch_address,
    scratch, without, without_year,
};
use crate::store::{Extent, Found, Since, Store, StoreError, WriteError, Written};

/// What was learnt, and what went wrong: each a sentence, and what to do.
#[derive(Debug, Default)]
pub struct Tried {
    pub trial: Trial,
    pub troubles: Vec<(String, String)>,
}

/// Why a round came to no end.
enum Ended {
    /// The server will not have this card.
    Refused(String),
    Because(String, String),
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        Ended::Because(error.what, error.todo)
    }
}

impl Ended {
    fn in_words(self) -> (String, String) {
        match self {
            Ended::Refused(reason) => (
                format!("The server refuses the scratch card: {reason}"),
                "If this account may not write there, set access = \"read-only\" for the store. \
                 Otherwise the reason says what the server wants"
                    .to_owned(),
            ),
            Ended::Because(what, todo) => (what, todo),
        }
    }
}

type Addresses = BTreeMap<Href, ETag>;

/// How often removing is tried before the card counts as left behind.
const ATTEMPTS: u32 = 4;

/// Tries one address book, in every version that it takes. `mark` names the scratch card.
///
/// Whatever happens in between, it ends with a look for scratch cards and removes them.
pub async fn try_out(store: &dyn Store, mark: &str, stop: &Cell<bool>) -> Tried {
    let mut tried = Tried::default();
    let before = match listing(store).await {
        Ok(before) => before,
        Err(error) => {
            tried.trial.is_clean = true;
            tried.troubles.push((error.what, error.todo));
            return tried;
        }
    };
    let mut versions = vec![Version::V3_0];
    versions.extend(store.keeps().version_4.then_some(Version::V4_0));
    let mut is_renaming = false;
    for version in versions {
        if stop.get() {
            break;
        }
        let name = format!("{mark}-{}", &version.as_str()[..1]);
        let bench = Bench {
            store,
            before: &before,
            name: &name,
            stop,
        };
        match bench.round(version).await {
            Ok((round, renamed)) => {
                is_renaming |= renamed;
                tried.trial.rounds.push(round);
            }
            Err(ended) => tried.troubles.push(ended.in_words()),
        }
    }
    if stop.get() {
        tried.troubles.push((
            "The check was stopped before it was through".to_owned(),
            "Run it again".to_owned(),
        ));
    }
    let cleaning = Cleaning {
        store,
        before: &before,
        is_renaming,
    };
    let (removed, is_clean) = cleaning.run().await;
    let own = |href: &Href| !before.contains_key(href);
    tried.trial.removed_leftovers = removed.iter().filter(|href| !own(href)).count();
    tried.trial.is_clean = is_clean;
    if !is_clean {
        tried.troubles.push((
            format!(
                "A scratch card, \"{}\", may be left in the address book",
                crate::check::NAME
            ),
            "Run the check with --write again, which removes it, or delete it by hand. A sync never \
             carries it to another store"
                .to_owned(),
        ));
    }
    tried
}

/// One card at one address.
struct Bench<'a> {
    store: &'a dyn Store,
    before: &'a Addresses,
    name: &'a str,
    stop: &'a Cell<bool>,
}

impl Bench<'_> {
    /// What became of the card, and whether the server gave it an address of its own.
    async fn round(&self, version: Version) -> Result<(TrialRound, bool), Ended> {
        let whole = scratch(self.name, version, self.store.keeps().inline_media_in_4);
        let mut refused = Vec::new();
        let mut sent = whole.clone();
        let entry = match self.put(&sent).await {
            Err(Ended::Refused(reason)) => {
                refused = self.narrow(&whole, reason).await?;
                let subjects: Vec<Subject> = refused.iter().map(|(subject, _)| *subject).collect();
                sent = without(&whole, &subjects);
                self.put(&sent).await?
            }
            outcome => outcome?,
        };
        let mut properties: Vec<Told> = fates(&sent, &entry.card)
            .into_iter()
            .map(|fate| fate.told(None))
            .collect();
        let refused = refused.into_iter();
        properties.extend(refused.map(|(subject, reason)| Told::refused(&subject, None, reason)));
        let mut remarks = remarks(&sent, &entry);
        let is_renaming = !is_scratch_address(last_part(&entry.href));
        let came_back_as = entry.card.version().as_str().to_owned();

        let second = without_year(&sent);
        let entry = match second == sent || self.stop.get() {
            true => entry,
            false => {
                let (told, entry) = self.change(&second, entry).await?;
                match told {
                    Ok(told) => properties.push(told),
                    Err(remark) => remarks.push(remark),
                }
                entry
            }
        };
        self.delete(&entry).await?;
        let round = TrialRound {
            version: version.as_str().to_owned(),
            came_back_as,
            properties,
            remarks,
        };
        Ok((round, is_renaming))
    }

    /// Puts the card there and reads it back.
    async fn put(&self, card: &Card) -> Result<Entry, Ended> {
        let write = Write::Create {
            name: self.name.to_owned(),
            card: card.clone(),
        };
        match self.store.write(&write).await {
            Ok(Written::Stored {
                kept: Some(entry), ..
            }) => Ok(entry),
            Ok(Written::Stored { href, .. }) => self.read_back(&href).await,
            Ok(Written::Deleted) => Err(nowhere()),
            Err(error) => Err(ended(error)),
        }
    }

    async fn read_back(&self, href: &Href) -> Result<Entry, Ended> {
        match read_one(self.store, href).await? {
            Found::Entry(entry) => return Ok(entry),
            Found::Unusable { reason, .. } => {
                return Err(Ended::Because(
                    format!("What the server made of the scratch card is of no use: {reason}"),
                    "Cards with such properties are not safe there. Use the store read-only, or \
                     another server"
                        .to_owned(),
                ));
            }
            Found::Gone => {}
        }
        // Some servers choose the address themselves and do not say which.
        let now = listing(self.store).await?;
        let new: Vec<Href> = now
            .into_keys()
            .filter(|href| !self.before.contains_key(href))
            .collect();
        for (_, found) in self.store.read(&new).await? {
            if let Found::Entry(entry) = found
                && is_scratch(&entry.card)
            {
                return Ok(entry);
            }
        }
        Err(nowhere())
    }

    /// Changes the card that is there. Says what became of the birthday, or why nothing did.
    async fn change(
        &self,
        card: &Card,
        entry: Entry,
    ) -> Result<(Result<Told, String>, Entry), Ended> {
        const WORDS: &str = "birthdays without year";
        let write = Write::Update {
            href: entry.href.clone(),
            etag: entry.etag.clone(),
            card: card.clone(),
        };
        match self.store.write(&write).await {
            Ok(_) => {
                let entry = self.read_back(&entry.href).await?;
                let fate = fates(card, &entry.card)
                    .into_iter()
                    .find(|fate| fate.subject.names == ["BDAY"]);
                let told = fate.map(|fate| fate.told(Some(WORDS)));
                let told = told.ok_or_else(|| "The card came back without any fields.".to_owned());
                Ok((told, entry))
            }
            Err(WriteError::Refused(reason)) => {
                let birthdays = SUBJECTS.iter().find(|subject| subject.names == ["BDAY"]);
                let told = birthdays.map(|subject| Told::refused(subject, Some(WORDS), reason));
                let told = told.ok_or_else(|| "The card has no birthday.".to_owned());
                Ok((told, entry))
            }
            Err(WriteError::Changed) => {
                let remark = "The server did not take a change of the card: it says that somebody \
                              else has changed it meanwhile.";
                Ok((Err(remark.to_owned()), entry))
            }
            Err(error) => Err(ended(error)),
        }
    }

    /// Finds out which kinds of property the server refuses, by a small card with each of them.
    async fn narrow(&self, whole: &Card, reason: String) -> Result<Vec<(Subject, String)>, Ended> {
        let is_name = |subject: &&Subject| matches!(subject.names, ["FN"] | ["N"]);
        if let Some(name) = SUBJECTS.iter().find(is_name) {
            let entry = self.put(&bare_with(whole, name)).await?;
            self.delete(&entry).await?;
        }
        let mut refused = Vec::new();
        for subject in SUBJECTS.iter().filter(|subject| !is_name(subject)) {
            if self.stop.get() {
                break;
            }
            let card = bare_with(whole, subject);
            match self.put(&card).await {
                Ok(entry) => self.delete(&entry).await?,
                Err(Ended::Refused(reason)) => refused.push((*subject, reason)),
                Err(ended) => return Err(ended),
            }
        }
        match refused.is_empty() {
            true => Err(Ended::Refused(reason)),
            false => Ok(refused),
        }
    }

    async fn delete(&self, entry: &Entry) -> Result<(), Ended> {
        let write = Write::Delete {
            href: entry.href.clone(),
            etag: entry.etag.clone(),
        };
        match self.store.write(&write).await {
            Ok(_) => Ok(()),
            Err(error) => Err(ended(error)),
        }
    }
}

fn ended(error: WriteError) -> Ended {
    let again = "Run the check again".to_owned();
    match error {
        WriteError::Refused(reason) => Ended::Refused(reason),
        WriteError::Store(error) => error.into(),
        WriteError::Unknown(reason) => Ended::Because(
            format!("What became of the scratch card is not known: {reason}"),
            again,
        ),
        WriteError::Changed | WriteError::Taken => Ended::Because(
            "Somebody else changed the scratch card meanwhile".to_owned(),
            again,
        ),
    }
}

fn nowhere() -> Ended {
    Ended::Because(
        "The server said that it took the scratch card and does not have it".to_owned(),
        "Such a server loses cards. Use the store read-only, or another server".to_owned(),
    )
}

/// What is true of the card as a whole.
fn remarks(sent: &Card, entry: &Entry) -> Vec<String> {
    let kept = &entry.card;
    let mut remarks = Vec::new();
    if kept.version() != sent.version() {
        remarks.push(format!(
            "It came back as vCard {}; cardweave compares by meaning, so that is no change.",
            kept.version().as_str()
        ));
    }
    if kept.uid() != sent.uid() {
        remarks.push(
            "The server gives cards a UID of its own; cardweave knows them by their address."
                .to_owned(),
        );
    }
    if !is_scratch_address(last_part(&entry.href)) {
        remarks.push("The server gives cards an address of its own; that does no harm.".to_owned());
    }
    let names = |card: &Card| -> BTreeSet<String> {
        let fields = card.fields();
        fields.iter().map(|field| field.name().to_owned()).collect()
    };
    let added: Vec<String> = names(kept).difference(&names(sent)).cloned().collect();
    if !added.is_empty() {
        remarks.push(format!("The server adds {}.", added.join(", ")));
    }
    remarks
}

/// Finds the scratch cards of this run and of earlier ones, and removes them.
struct Cleaning<'a> {
    store: &'a dyn Store,
    before: &'a Addresses,
    /// The server chooses addresses, so that an old scratch card is not known by its own.
    is_renaming: bool,
}

impl Cleaning<'_> {
    /// The addresses that were freed, and whether a listing says that no scratch card is left.
    async fn run(&self) -> (BTreeSet<Href>, bool) {
        let mut removed = BTreeSet::new();
        for attempt in 0..ATTEMPTS {
            if attempt > 1 {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            let Ok(found) = self.scratch_cards(attempt == 0).await else {
                continue;
            };
            if found.is_empty() {
                return (removed, true);
            }
            for (href, etag) in found {
                let write = Write::Delete {
                    href: href.clone(),
                    etag,
                };
                if self.store.write(&write).await.is_ok() {
                    removed.insert(href);
                }
            }
        }
        let is_clean = self.scratch_cards(false).await;
        (removed, is_clean.is_ok_and(|found| found.is_empty()))
    }

    async fn scratch_cards(&self, thoroughly: bool) -> Result<Addresses, StoreError> {
        let now = listing(self.store).await?;
        let suspects: Vec<Href> = now
            .keys()
            .filter(|href| {
                let is_named = is_scratch_address(last_part(href));
                is_named || !self.before.contains_key(href) || (self.is_renaming && thoroughly)
            })
            .cloned()
            .collect();
        let mut found = Addresses::new();
        if suspects.is_empty() {
            return Ok(found);
        }
        for (href, state) in self.store.read(&suspects).await? {
            let etag = match state {
                Found::Entry(entry) if is_scratch(&entry.card) => Some(entry.etag),
                // What nobody can read under a name of ours is what the server made of our card.
                Found::Unusable { etag, .. } if is_scratch_address(last_part(&href)) => {
                    etag.or_else(|| now.get(&href).cloned())
                }
                _ => None,
            };
            found.extend(etag.map(|etag| (href, etag)));
        }
        Ok(found)
    }
}

async fn listing(store: &dyn Store) -> Result<Addresses, StoreError> {
    let since = Since {
        cursor: None,
        complete: true,
    };
    match store.list(&since).await?.extent {
        Extent::Complete(addresses) => Ok(addresses),
        // Asked for everything, a store that tells a difference has begun with nothing.
        Extent::Since { changed, .. } => Ok(changed),
    }
}

async fn read_one(store: &dyn Store, href: &Href) -> Result<Found, StoreError> {
    let found = store.read(std::slice::from_ref(href)).await?;
    Ok(found
        .into_iter()
        .next()
        .map_or(Found::Gone, |(_, found)| found))
}

fn last_part(href: &Href) -> &str {
    let path = href.as_str().trim_end_matches('/');
    path.rsplit('/').next().unwrap_or(path)
}
