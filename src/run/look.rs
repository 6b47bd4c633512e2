//! Looks at every store of a book: lists, reads what moved, and finds whom it concerns.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::book::{ContactId, ETag, Entry, Href, Known, StoreId};
use crate::check::is_scratch;
use crate::duplicates::{Candidate, Circumstances, Group, Newcomer, group, lookup_keys};
use crate::state::{Address, Aside, State, StateError, StoreNote};
use crate::store::{Cursor, Extent, Finding, Found, Listing, Since, Store, StoreError};
use crate::sync::{Listed, News, Now, Remark, Tally, Touched, Watch, is_kept_away, news};

use super::Book;
use super::swapped::doubt_swapped;
use super::verdicts::{Verdicts, verdicts};

/// A whole listing is asked for after so many differences, or so many hours, because a server may
/// accept a token and still hide losses.
const DIFFERENCES_IN_A_ROW: u32 = 20;
const HOURS_OF_TRUST: i64 = 7 * 24;

/// Cards read in one call, so that progress shows and a broken connection costs little.
const READ_AT_ONCE: usize = 500;

/// Contacts whose tier is mirrored in one run at least, where mirroring was switched on.
const FEWEST_MIRRORED: usize = 2;

/// What was found in the stores of a book, as far as it concerns anybody.
#[derive(Default)]
pub struct Looked {
    pub stock: BTreeMap<StoreId, Stock>,
    pub failed: BTreeMap<StoreId, StoreError>,
    pub touched: Vec<Touched>,
    /// To whom nothing happened, and who may follow those to whom something did.
    pub others: Vec<Known>,
    /// What is to be remembered of tiers and categories: whether all tell the same.
    pub mirrored: Option<bool>,
    /// The day of the run, where it runs.
    pub today: Date,
    pub newcomers: Vec<(StoreId, Entry)>,
    /// Which newcomers, by index, are one person, and which known contact they are.
    pub people: Vec<Group>,
    /// The answers that no run has used to the end yet.
    pub verdicts: Verdicts,
    pub tallies: BTreeMap<StoreId, Tally>,
    pub remarks: Vec<Remark>,
}

/// What was found in one store.
pub struct Stock {
    pub cursor: Cursor,
    pub cursor_moved: bool,
    /// The listing covered everything.
    pub complete: bool,
    /// It was time for a whole listing, and so for looking again at all that failed before.
    pub is_thorough: bool,
    pub aside: BTreeMap<Href, Aside>,
    /// Entries that are there and of no use, new and old.
    pub unusable: usize,
    pub cleared: BTreeSet<Href>,
    found: BTreeMap<Href, Now>,
    pub(super) new: Vec<Entry>,
    addresses: BTreeMap<Href, Address>,
    remarks: Vec<Remark>,
}

/// Looks at every store at the same time.
///
/// # Errors
/// Only the state; a store that fails is in [`Looked::failed`].
pub async fn look(
    book: &Book,
    state: &State,
    at: Timestamp,
    watch: &dyn Watch,
) -> Result<Looked, StateError> {
    let looks = book.stores.iter().map(async |(id, store)| {
        let omit = book.terms.get(id).map_or(&[][..], |terms| &terms.omit);
        let place = Place {
            book: &book.name,
            omit,
            store: store.as_ref(),
        };
        let stock = take_stock(place, state, at, watch).await?;
        Ok::<_, StateError>((id.clone(), stock))
    });
    let mut looked = Looked {
        failed: book.unopened.clone(),
        today: at.to_zoned(TimeZone::system()).date(),
        ..Looked::default()
    };
    for outcome in join_all(looks).await {
        match outcome? {
            (id, Ok(stock)) => {
                looked.stock.insert(id, stock);
            }
            (id, Err(error)) => {
                looked.failed.insert(id, error);
            }
        }
    }
    find_touched(book, state, &mut looked)?;
    doubt_swapped(&mut looked);
    read_unconfirmed(book, &mut looked).await;
    for (id, stock) in &mut looked.stock {
        let gone = stock
            .found
            .values()
            .filter(|now| **now == Now::Gone)
            .count();
        let tally = Tally {
            known: state.count(&book.name, id)?,
            gone,
            new: stock.new.len(),
        };
        looked.tallies.insert(id.clone(), tally);
        looked
            .newcomers
            .extend(stock.new.drain(..).map(|entry| (id.clone(), entry)));
        looked.remarks.append(&mut stock.remarks);
    }
    introduce(book, state, &mut looked)?;
    looked.others = followers(book, state, &looked)?;
    let mirrored = mirror_some(book, state, &mut looked)?;
    looked.mirrored = mirrored;
    Ok(looked)
}

/// Where tiers have not been mirrored for long, loads some whose categories do not tell it yet: so
/// many that the run is no accident. Returns what is to be remembered.
fn mirror_some(
    book: &Book,
    state: &State,
    looked: &mut Looked,
) -> Result<Option<bool>, StateError> {
    let is_mirrored = state.is_mirrored(&book.name)?;
    if is_mirrored == book.mirror_tiers {
        return Ok(None);
    }
    if !book.mirror_tiers {
        return Ok(Some(false));
    }
    let fewest = looked.tallies.values().map(|tally| tally.known).min();
    let most = FEWEST_MIRRORED.max(fewest.unwrap_or_default() / 5);
    let unmirrored = state.unmirrored(&book.name, most)?;
    let loaded = looked.others.iter().map(|known| &known.id);
    let touched = looked.touched.iter().map(|touched| &touched.known.id);
    let there: BTreeSet<&ContactId> = loaded.chain(touched).collect();
    let followers = state.followers(&book.name, &[], &there)?;
    let mut ids = unmirrored.clone();
    ids.retain(|id| !there.contains(id));
    let joining = state.contacts(&book.name, &ids)?;
    if !unmirrored.is_empty() {
        looked.others.extend(followers);
        looked.others.extend(joining);
    }
    Ok(unmirrored.is_empty().then_some(true))
}

/// Loads who may follow those to whom something happened. Nothing where nothing did.
fn followers(book: &Book, state: &State, looked: &Looked) -> Result<Vec<Known>, StateError> {
    if looked.touched.is_empty() && looked.newcomers.is_empty() {
        return Ok(Vec::new());
    }
    let mut cards = Vec::new();
    for Touched { known, now } in &looked.touched {
        cards.push(&known.agreed);
        for held in known.stores.values() {
            cards.extend([&held.held, &held.given].into_iter().chain(&held.sent));
        }
        cards.extend(now.values().filter_map(|now| match now {
            Now::Entry(entry) => Some(&entry.card),
            Now::Gone | Now::Unsure => None,
        }));
    }
    cards.extend(looked.newcomers.iter().map(|(_, entry)| &entry.card));
    let there = looked.touched.iter().map(|touched| &touched.known.id);
    state.followers(&book.name, &cards, &there.collect())
}

/// Finds out who the newcomers are, among each other and among all that are known.
fn introduce(book: &Book, state: &State, looked: &mut Looked) -> Result<(), StateError> {
    if looked.newcomers.is_empty() {
        return Ok(());
    }
    let residents = state.everybody(&book.name)?;
    let now: BTreeMap<&ContactId, &BTreeMap<StoreId, Now>> = looked
        .touched
        .iter()
        .map(|touched| (&touched.known.id, &touched.now))
        .collect();
    let is_gone = |id: &ContactId, store: &StoreId| {
        now.get(id).and_then(|now| now.get(store)) == Some(&Now::Gone)
    };
    let candidates: Vec<Candidate> = residents
        .iter()
        .map(|resident| Candidate {
            id: &resident.id,
            card: &resident.agreed,
            keys: resident.keys.clone(),
            stores: resident
                .stores
                .iter()
                .filter(|store| !is_gone(&resident.id, store))
                .collect(),
        })
        .collect();
    let newcomers: Vec<Newcomer> = looked
        .newcomers
        .iter()
        .map(|(store, entry)| Newcomer { store, entry })
        .collect();
    let cards = residents.iter().map(|resident| &resident.agreed);
    let home = book.home(cards.chain(newcomers.iter().map(|newcomer| &newcomer.entry.card)));
    let circumstances = Circumstances {
        home: home.as_ref(),
        parted: &state.parted(&book.name)?,
    };
    looked.people = group(&newcomers, &candidates, circumstances);

    let mut ids: BTreeSet<ContactId> = looked
        .people
        .iter()
        .filter_map(|group| group.contact.clone())
        .collect();
    for touched in &looked.touched {
        ids.remove(&touched.known.id);
    }
    let joined = state.contacts(&book.name, &ids)?;
    looked
        .touched
        .extend(joined.into_iter().map(|known| Touched {
            known,
            now: BTreeMap::new(),
        }));
    Ok(())
}

/// A store of a book.
#[derive(Clone, Copy)]
struct Place<'a> {
    book: &'a str,
    /// What is never taken from it.
    omit: &'a [String],
    store: &'a dyn Store,
}

/// Stands for the reason where a card is never taken from its store, and nothing is wrong with it.
const KEPT_AWAY: &str = "kept away";

/// Lists one store and reads what moved.
async fn take_stock(
    place: Place<'_>,
    state: &State,
    at: Timestamp,
    watch: &dyn Watch,
) -> Result<Result<Stock, StoreError>, StateError> {
    let Place { book, store, .. } = place;
    let id = store.id();
    let note = state.store_note(book, id)?;
    // A difference never tells of a card that was answered for and not kept: to a server that
    // stored nothing, nothing moved.
    let is_thorough = wants_complete(&note, at);
    let since = Since {
        complete: is_thorough || state.has_open_write(book, id)?,
        cursor: note.cursor,
    };
    watch.listing(id);
    let listing = match store.list(&since).await {
        Ok(listing) => listing,
        Err(error) => return Ok(Err(error)),
    };
    let mut asides = state.asides(book, id)?;
    if is_thorough {
        asides.values_mut().for_each(|aside| aside.etag = None);
    }
    let addresses = match &listing.extent {
        Extent::Complete(_) => state.addresses(book, id)?,
        Extent::Since { changed, gone } => {
            let moved = changed
                .keys()
                .chain(gone)
                .chain(listing.unsure.keys())
                .chain(asides.keys());
            state.addresses_of(book, id, &moved.cloned().collect())?
        }
    };
    let complete = matches!(listing.extent, Extent::Complete(_));
    let Listing {
        extent,
        cursor,
        unsure,
        findings,
    } = listing;
    let mut stock = Stock {
        cursor_moved: since.cursor.as_ref() != Some(&cursor) || since.complete,
        cursor,
        complete,
        is_thorough,
        aside: BTreeMap::new(),
        unusable: 0,
        cleared: BTreeSet::new(),
        found: BTreeMap::new(),
        new: Vec::new(),
        addresses,
        remarks: findings
            .into_iter()
            .map(|finding| remark(id, finding))
            .collect(),
    };
    let News {
        to_read,
        missing,
        cleared,
    } = compare(extent, &unsure, &stock.addresses, &asides);
    stock.cleared = cleared;
    for (href, reason) in unsure {
        stock.set_aside(id, &href, None, reason);
    }
    let unread: Vec<Href> = to_read.iter().chain(&missing).cloned().collect();
    for (href, aside) in &asides {
        if aside.reason == KEPT_AWAY {
            continue;
        }
        if !to_read.contains(href) && !stock.cleared.contains(href) {
            stock.remarks.push(left_alone(id, href, &aside.reason));
            stock.found.insert(href.clone(), Now::Unsure);
            stock.unusable += 1;
        }
    }
    let total = unread.len();
    let mut done = 0;
    for batch in unread.chunks(READ_AT_ONCE) {
        let found = match store.read(batch).await {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        done += batch.len();
        watch.reading(id, done, total);
        for (href, found) in found {
            stock.take(place, href, found, &missing, asides.keys());
        }
    }
    Ok(Ok(stock))
}

fn wants_complete(note: &StoreNote, at: Timestamp) -> bool {
    note.runs_since_complete >= DIFFERENCES_IN_A_ROW
        || note.complete_at.is_none_or(|complete_at| {
            at.duration_since(complete_at) > SignedDuration::from_hours(HOURS_OF_TRUST)
        })
}

fn compare(
    extent: Extent,
    unsure: &BTreeMap<Href, String>,
    addresses: &BTreeMap<Href, Address>,
    asides: &BTreeMap<Href, Aside>,
) -> News {
    let listed = match extent {
        Extent::Complete(there) => Listed::Complete(there),
        Extent::Since { changed, gone } => Listed::Since { changed, gone },
    };
    let known: BTreeMap<Href, Option<ETag>> = addresses
        .iter()
        .map(|(href, address)| (href.clone(), address.etag.clone()))
        .collect();
    let aside = asides
        .iter()
        .map(|(href, aside)| (href.clone(), aside.etag.clone()))
        .collect();
    news(&listed, &known, &aside, &unsure.keys().cloned().collect())
}

fn remark(store: &StoreId, finding: Finding) -> Remark {
    Remark {
        store: store.clone(),
        href: finding.href,
        text: finding.text,
    }
}

fn left_alone(store: &StoreId, href: &Href, reason: &str) -> Remark {
    Remark {
        store: store.clone(),
        href: Some(href.clone()),
        text: format!(
            "{reason}. It was left as it is, and it counts neither as changed nor as deleted"
        ),
    }
}

impl Stock {
    pub(super) fn set_aside(
        &mut self,
        store: &StoreId,
        href: &Href,
        etag: Option<ETag>,
        reason: String,
    ) {
        self.remarks.push(left_alone(store, href, &reason));
        self.found.insert(href.clone(), Now::Unsure);
        self.unusable += 1;
        self.aside.insert(href.clone(), Aside { etag, reason });
    }

    fn take<'a>(
        &mut self,
        place: Place,
        href: Href,
        found: Found,
        missing: &BTreeSet<Href>,
        mut asides: impl Iterator<Item = &'a Href>,
    ) {
        let store = place.store.id();
        match found {
            Found::Entry(entry)
                if !self.addresses.contains_key(&href) && is_kept_away(&entry.card, place.omit) =>
            {
                let aside = Aside {
                    etag: Some(entry.etag),
                    reason: KEPT_AWAY.to_owned(),
                };
                self.aside.insert(href, aside);
            }
            // What `check --write` has put there, on whichever machine, is about to be deleted.
            Found::Entry(entry)
                if is_scratch(&entry.card) && !self.addresses.contains_key(&href) =>
            {
                tracing::debug!(store = %store, "the scratch card of a check is passed over");
            }
            Found::Entry(entry) => {
                self.remarks
                    .extend(entry.card.oddities().into_iter().map(|oddity| Remark {
                        store: store.clone(),
                        href: Some(href.clone()),
                        text: format!("{oddity}; the line travels as it is"),
                    }));
                if asides.any(|aside| *aside == href) {
                    self.cleared.insert(href.clone());
                }
                if self.addresses.contains_key(&href) {
                    self.found.insert(href, Now::Entry(entry));
                } else {
                    self.new.push(entry);
                }
            }
            Found::Gone if missing.contains(&href) => {
                self.found.insert(href, Now::Gone);
            }
            // Listed a moment ago and not there any more: the next run will tell.
            Found::Gone => {
                let reason = "it was listed and was gone when it was read".to_owned();
                self.set_aside(store, &href, None, reason);
            }
            Found::Unusable { etag, reason } => self.set_aside(store, &href, etag, reason),
        }
    }
}

/// Loads the known contacts that anything found concerns, and those that the last run left undone.
fn find_touched(book: &Book, state: &State, looked: &mut Looked) -> Result<(), StateError> {
    let mut now: BTreeMap<ContactId, BTreeMap<StoreId, Now>> = BTreeMap::new();
    let mut keys = BTreeSet::new();
    for (id, stock) in &mut looked.stock {
        for (href, found) in &stock.found {
            if let Some(address) = stock.addresses.get(href) {
                now.entry(address.contact.clone())
                    .or_default()
                    .insert(id.clone(), found.clone());
            }
        }
        keys.extend(stock.new.iter().flat_map(|entry| lookup_keys(&entry.card)));
    }
    let writable: Vec<StoreId> = book
        .terms
        .iter()
        .filter(|(id, terms)| terms.writable && looked.stock.contains_key(*id))
        .map(|(id, _)| id.clone())
        .collect();
    let mut ids: BTreeSet<ContactId> = now.keys().cloned().collect();
    looked.verdicts = verdicts(&book.name, state)?;
    ids.extend(looked.verdicts.contacts());
    ids.extend(state.unsettled(&book.name, &writable)?);
    ids.extend(state.matching(&book.name, &keys)?);
    looked.touched = state
        .contacts(&book.name, &ids)?
        .into_iter()
        .map(|known| Touched {
            now: now.remove(&known.id).unwrap_or_default(),
            known,
        })
        .collect();
    Ok(())
}

/// Reads the entries of which the last run did not learn what became of its write.
async fn read_unconfirmed(book: &Book, looked: &mut Looked) {
    let mut by_store: BTreeMap<StoreId, Vec<(usize, Href)>> = BTreeMap::new();
    for (index, touched) in looked.touched.iter().enumerate() {
        for (store, held) in &touched.known.stores {
            let is_open = held.sent.is_some() || held.etag.is_none();
            if is_open && !touched.now.contains_key(store) && looked.stock.contains_key(store) {
                by_store
                    .entry(store.clone())
                    .or_default()
                    .push((index, held.href.clone()));
            }
        }
    }
    for (id, open) in by_store {
        let Some(store) = book.stores.get(&id) else {
            continue;
        };
        let hrefs: Vec<Href> = open.iter().map(|(_, href)| href.clone()).collect();
        let mut found: BTreeMap<Href, Found> = match store.read(&hrefs).await {
            Ok(found) => found.into_iter().collect(),
            Err(error) => {
                looked.stock.remove(&id);
                looked.failed.insert(id, error);
                continue;
            }
        };
        for (index, href) in open {
            let now = match found.remove(&href) {
                Some(Found::Entry(entry)) => Now::Entry(entry),
                // An absence counts where a listing tells it too, and then it is told by that.
                _ => Now::Unsure,
            };
            looked.touched[index].now.insert(id.clone(), now);
        }
    }
}
