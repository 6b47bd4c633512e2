//! Does what was decided: the one place where the core meets stores and state.
//!
//! Creations and updates first, everywhere, then deletions, so that nothing is ever taken away
//! before what shall stay of it is safe. Each success is recorded in one transaction before the
//! next is counted on, and what a server made of a card is read back and recorded as its baseline.
//! Being stopped anywhere costs a repeat, never a card.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream;

use crate::book::{ContactId, Entry, Held, Href, StoreId, Write};
use crate::card::{Card, second_opinion};
use crate::state::{Done, RunId, State, StateError};
use crate::store::{Found, Store, StoreError, WriteError, Written};

use super::action::Remark;
use super::naming::next_name;
use super::{Action, ContactPlan, Plan, Record, Watch};

/// Writes under way at once per store. The stores limit their own requests besides.
const AT_ONCE: usize = 4;

/// Cards read back in one go after writing.
const READ_BACK: usize = 100;

/// Contacts recorded in one transaction before anything is written.
const RECORDED_AT_ONCE: usize = 500;

/// What became of a plan.
#[derive(Debug, Default)]
pub struct Applied {
    pub created: BTreeMap<StoreId, usize>,
    pub updated: BTreeMap<StoreId, usize>,
    pub deleted: BTreeMap<StoreId, usize>,
    /// Writes that a store would not make, in words.
    pub refused: Vec<Remark>,
    /// Stores that failed as a whole.
    pub failed: BTreeMap<StoreId, StoreError>,
    /// Writes that were not begun because the run was asked to stop.
    pub left: BTreeMap<StoreId, usize>,
    /// Something was changed by somebody else meanwhile: the path is worth walking again.
    pub overtaken: bool,
    /// Stores whose news could not all be passed on, so that they have to be told again.
    pub untold: BTreeSet<StoreId>,
    /// What was learnt about stores on the way.
    pub remarks: Vec<Remark>,
}

/// Where and as what a plan is carried out.
pub struct Site<'a> {
    pub book: &'a str,
    pub stores: &'a BTreeMap<StoreId, Box<dyn Store>>,
    pub state: &'a mut State,
    pub run: RunId,
    /// How often the path was walked before in this run; a name that was taken then is varied.
    pub round: u32,
    pub watch: &'a dyn Watch,
    /// Set from outside: finish the writes at hand and begin no other.
    pub stop: &'a Cell<bool>,
}

/// Carries out a plan.
///
/// # Errors
/// Only the state can end it. A store that fails stops for itself and is reported in [`Applied`].
pub async fn apply(plan: &Plan, site: Site<'_>) -> Result<Applied, StateError> {
    record_decisions(plan, site.book, site.state)?;
    let Site {
        book,
        stores,
        state,
        run,
        round,
        watch,
        stop,
    } = site;
    let work = Work {
        book,
        run,
        round,
        watch,
        stop,
        state: RefCell::new(state),
        applied: RefCell::new(Applied {
            untold: plan.untold.clone(),
            ..Applied::default()
        }),
        trouble: RefCell::new(None),
        kept: RefCell::default(),
    };
    let is_delete = |action: &Action| matches!(action.write, Write::Delete { .. });
    work.phase(plan, stores, |action| !is_delete(action)).await;
    work.phase(plan, stores, is_delete).await;
    work.end_contacts(plan);
    match work.trouble.into_inner() {
        Some(error) => Err(error),
        None => Ok(work.applied.into_inner()),
    }
}

/// Records what was merged before anything is written, so that an edit that one store told us is
/// safe even if that store never tells it again.
fn record_decisions(plan: &Plan, book: &str, state: &mut State) -> Result<(), StateError> {
    for contacts in plan.contacts.chunks(RECORDED_AT_ONCE) {
        state.transaction(|tx| {
            for contact in contacts {
                if contact.ends && contact.actions.is_empty() {
                    tx.forget_contact(book, &contact.id)?;
                    continue;
                }
                if contact.ends {
                    continue;
                }
                tx.put_contact(
                    book,
                    &contact.id,
                    &contact.name,
                    &contact.agreed,
                    &contact.held_back,
                    &contact.keys,
                )?;
                for (store, record) in &contact.records {
                    match record {
                        Record::Held(held) => tx.put_entry(book, &contact.id, store, held)?,
                        Record::Nothing if contact.had.contains(store) => {
                            tx.no_entry(book, &contact.id, store)?;
                        }
                        Record::Nothing => {}
                    }
                }
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// One plan being carried out.
struct Work<'a> {
    book: &'a str,
    run: RunId,
    round: u32,
    watch: &'a dyn Watch,
    stop: &'a Cell<bool>,
    state: RefCell<&'a mut State>,
    applied: RefCell<Applied>,
    /// The first failure of the state. Nothing is written after it.
    trouble: RefCell<Option<StateError>>,
    /// Contacts whose deletion a store refused, so that they go on there.
    kept: RefCell<BTreeSet<ContactId>>,
}

/// A write that was made and whose outcome has not been read back yet.
struct Unread<'p> {
    contact: &'p ContactPlan,
    sent: &'p Card,
    href: Href,
}

impl Work<'_> {
    async fn phase(
        &self,
        plan: &Plan,
        stores: &BTreeMap<StoreId, Box<dyn Store>>,
        is_meant: impl Fn(&Action) -> bool,
    ) {
        let mut by_store: BTreeMap<&StoreId, Vec<(&ContactPlan, &Action)>> = BTreeMap::new();
        for contact in &plan.contacts {
            for action in contact.actions.iter().filter(|action| is_meant(action)) {
                by_store
                    .entry(&action.store)
                    .or_default()
                    .push((contact, action));
            }
        }
        // New cards first, so that a run that is cut short has copied rather than changed.
        for actions in by_store.values_mut() {
            actions.sort_by_key(|(_, action)| !matches!(action.write, Write::Create { .. }));
        }
        join_all(by_store.into_iter().filter_map(|(id, actions)| {
            let store = stores.get(id)?;
            Some(self.write_all(store.as_ref(), actions))
        }))
        .await;
    }

    async fn write_all(&self, store: &dyn Store, actions: Vec<(&ContactPlan, &Action)>) {
        let total = actions.len();
        let done = Cell::new(0);
        let unread = RefCell::new(Vec::new());
        stream::iter(actions)
            .for_each_concurrent(AT_ONCE, |(contact, action)| {
                let (done, unread) = (&done, &unread);
                async move {
                    if self.is_stopped(store.id()) {
                        *self
                            .applied
                            .borrow_mut()
                            .left
                            .entry(store.id().clone())
                            .or_default() += 1;
                        self.leave(contact, action);
                        return;
                    }
                    if let Some(written) = self.write(store, contact, action).await {
                        unread.borrow_mut().push(written);
                    }
                    done.set(done.get() + 1);
                    self.watch.writing(store.id(), done.get(), total);
                    if unread.borrow().len() >= READ_BACK {
                        let batch = unread.take();
                        self.read_back(store, batch).await;
                    }
                }
            })
            .await;
        if !self.is_broken(store.id()) {
            self.read_back(store, unread.into_inner()).await;
        }
    }

    fn is_stopped(&self, store: &StoreId) -> bool {
        self.stop.get() || self.is_broken(store)
    }

    fn is_broken(&self, store: &StoreId) -> bool {
        self.trouble.borrow().is_some() || self.applied.borrow().failed.contains_key(store)
    }

    /// Makes one write and records it. Returns what has to be read back.
    async fn write<'p>(
        &self,
        store: &dyn Store,
        contact: &'p ContactPlan,
        action: &'p Action,
    ) -> Option<Unread<'p>> {
        let card = match &action.write {
            Write::Create { card, .. } | Write::Update { card, .. } => Some(card),
            Write::Delete { .. } => None,
        };
        if let Some(card) = card {
            let known: Vec<&Card> = action.before.iter().chain([&contact.agreed]).collect();
            if let Err(oddity) = second_opinion(card, &known) {
                let reason = format!("we would have written a line that is not valid: {oddity}");
                self.refuse(store.id(), contact, action, &reason);
                return None;
            }
        }
        match store.write(&self.named_for_round(&action.write)).await {
            Ok(Written::Deleted) => {
                self.record_deletion(store.id(), contact, action);
                None
            }
            Ok(Written::Stored { href, etag, kept }) => {
                let sent = card?;
                let is_read = kept.is_some();
                let held = match kept {
                    Some(entry) => held(contact, entry),
                    None => Held {
                        href: href.clone(),
                        etag,
                        held: sent.clone(),
                        given: contact.agreed.clone(),
                        sent: Some(sent.clone()),
                        let_go: false,
                    },
                };
                self.record_write(store.id(), contact, action, &held);
                (!is_read).then_some(Unread {
                    contact,
                    sent,
                    href,
                })
            }
            Err(WriteError::Changed | WriteError::Taken | WriteError::Unknown(_)) => {
                self.applied.borrow_mut().overtaken = true;
                self.leave(contact, action);
                None
            }
            Err(WriteError::Refused(reason)) => {
                self.refuse(store.id(), contact, action, &reason);
                None
            }
            Err(WriteError::Store(error)) => {
                self.applied
                    .borrow_mut()
                    .failed
                    .insert(store.id().clone(), error);
                self.leave(contact, action);
                None
            }
        }
    }

    fn named_for_round(&self, write: &Write) -> Write {
        match write {
            Write::Create { name, card } if self.round > 0 => Write::Create {
                // Of the run too: where all names of one run are taken, those of the next are not.
                name: next_name(name, self.round + self.run.unsigned_abs() as u32),
                card: card.clone(),
            },
            other => other.clone(),
        }
    }

    /// A write that was not made. A deletion that is not passed on now has to be told again by the
    /// store where it happened, because nothing else remembers it.
    fn leave(&self, contact: &ContactPlan, action: &Action) {
        if matches!(action.write, Write::Delete { .. }) {
            self.applied
                .borrow_mut()
                .untold
                .extend(contact.had.iter().cloned());
        }
    }

    fn record(&self, change: impl FnOnce(&crate::state::Tx) -> Result<(), StateError>) {
        if let Err(error) = self.state.borrow_mut().transaction(change) {
            self.trouble.borrow_mut().get_or_insert(error);
        }
    }

    fn record_write(&self, store: &StoreId, contact: &ContactPlan, action: &Action, held: &Held) {
        self.record(|tx| {
            tx.put_entry(self.book, &contact.id, store, held)?;
            tx.add_done(
                self.run,
                &self.done(contact, action, &held.href, Some(held.held.clone())),
            )
        });
        let mut applied = self.applied.borrow_mut();
        let count = match action.write {
            Write::Create { .. } => &mut applied.created,
            _ => &mut applied.updated,
        };
        *count.entry(store.clone()).or_default() += 1;
    }

    fn record_deletion(&self, store: &StoreId, contact: &ContactPlan, action: &Action) {
        let Write::Delete { href, .. } = &action.write else {
            return;
        };
        self.record(|tx| {
            tx.no_entry(self.book, &contact.id, store)?;
            tx.add_done(self.run, &self.done(contact, action, href, None))
        });
        *self
            .applied
            .borrow_mut()
            .deleted
            .entry(store.clone())
            .or_default() += 1;
    }

    fn done(
        &self,
        contact: &ContactPlan,
        action: &Action,
        href: &Href,
        after: Option<Card>,
    ) -> Done {
        Done {
            book: self.book.to_owned(),
            store: action.store.clone(),
            contact: contact.id.clone(),
            name: contact.name.clone(),
            href: href.clone(),
            before: action.before.clone(),
            after,
        }
    }

    fn refuse(&self, store: &StoreId, contact: &ContactPlan, action: &Action, reason: &str) {
        let doing = match &action.write {
            Write::Create { .. } => "add",
            Write::Update { .. } => "update",
            Write::Delete { .. } => "delete",
        };
        let text = format!(
            "Could not {doing} \"{}\": {reason}. The card was left as it is, and it is not offered \
             again until it changes",
            contact.name
        );
        let href = match &action.write {
            Write::Create { .. } => None,
            Write::Update { href, .. } | Write::Delete { href, .. } => Some(href.clone()),
        };
        self.applied.borrow_mut().refused.push(Remark {
            store: store.clone(),
            href,
            text,
        });
        match &action.write {
            Write::Delete { href, etag } => {
                let Some(before) = &action.before else { return };
                let held = Held {
                    href: href.clone(),
                    etag: Some(etag.clone()),
                    held: before.clone(),
                    given: contact.agreed.clone(),
                    sent: None,
                    let_go: true,
                };
                self.record(|tx| {
                    tx.put_contact(
                        self.book,
                        &contact.id,
                        &contact.name,
                        &contact.agreed,
                        &contact.held_back,
                        &contact.keys,
                    )?;
                    tx.put_entry(self.book, &contact.id, store, &held)
                });
                self.kept.borrow_mut().insert(contact.id.clone());
            }
            Write::Create { .. } | Write::Update { .. } => self.record(|tx| {
                tx.refuse(self.book, &contact.id, store, &contact.agreed.hash())?;
                match contact.records.get(store) {
                    Some(Record::Held(held)) => {
                        let held = Held {
                            sent: None,
                            ..(**held).clone()
                        };
                        tx.put_entry(self.book, &contact.id, store, &held)
                    }
                    _ => Ok(()),
                }
            }),
        }
    }

    /// Reads what the store made of what was written, and records that as what it holds.
    async fn read_back(&self, store: &dyn Store, written: Vec<Unread<'_>>) {
        if written.is_empty() {
            return;
        }
        let hrefs: Vec<Href> = written.iter().map(|unread| unread.href.clone()).collect();
        let found: BTreeMap<Href, Found> = match store.read(&hrefs).await {
            Ok(found) => found.into_iter().collect(),
            Err(error) => {
                self.applied
                    .borrow_mut()
                    .failed
                    .insert(store.id().clone(), error);
                return;
            }
        };
        let mut lost: BTreeMap<String, String> = BTreeMap::new();
        let mut present = BTreeSet::new();
        let mut kept = Vec::new();
        for unread in &written {
            match found.get(&unread.href) {
                Some(Found::Entry(entry)) => {
                    note_losses(unread, &entry.card, &mut lost, &mut present);
                    kept.push((unread, held(unread.contact, entry.clone())));
                }
                Some(Found::Gone) => self.was_not_kept(store.id(), unread),
                Some(Found::Unusable { .. }) | None => {}
            }
        }
        lost.retain(|name, _| !present.contains(name));
        self.record(|tx| {
            for (unread, held) in &kept {
                tx.put_entry(self.book, &unread.contact.id, store.id(), held)?;
            }
            Ok(())
        });
        self.learn(store.id(), &lost, &present);
    }

    /// A card that is not there although the store said that it took it. Nobody deleted it, so it
    /// stays open, and the next run looks for it and writes it again.
    fn was_not_kept(&self, store: &StoreId, unread: &Unread) {
        self.applied.borrow_mut().refused.push(Remark {
            store: store.clone(),
            href: Some(unread.href.clone()),
            text: format!(
                "The store said that it took the card of \"{}\" and does not have it. Nothing was \
                 deleted because of that; run the sync again to write it once more",
                unread.contact.name
            ),
        });
    }

    /// Remembers which properties a store does not keep, and says so the first time.
    fn learn(&self, store: &StoreId, lost: &BTreeMap<String, String>, present: &BTreeSet<String>) {
        let known = self.state.borrow().store_note(self.book, store);
        let known = match known {
            Ok(note) => note.drops,
            Err(error) => {
                self.trouble.borrow_mut().get_or_insert(error);
                return;
            }
        };
        let mut drops = known.clone();
        drops.retain(|name| !present.contains(name));
        drops.extend(lost.keys().cloned());
        for name in drops.difference(&known) {
            let whose = lost.get(name).map_or("", String::as_str);
            self.applied.borrow_mut().remarks.push(Remark {
                store: store.clone(),
                href: None,
                text: format!(
                    "This store does not keep {name} (first seen with \"{whose}\"). It stays in \
                     the other stores, and its absence here is never taken for a deletion"
                ),
            });
        }
        if drops != known {
            self.record(|tx| tx.note_drops(self.book, store, &drops));
        }
    }

    /// Forgets the contacts that nobody has any more, and where the others are gone. Only now:
    /// until every deletion is done, the entry that is known and missing is all that tells the
    /// next run to go on with it.
    fn end_contacts(&self, plan: &Plan) {
        let kept = self.kept.borrow();
        let untold = self.applied.borrow().untold.clone();
        let is_done =
            |contact: &&ContactPlan| !contact.gone.is_empty() && contact.had.is_disjoint(&untold);
        self.record(|tx| {
            for contact in plan.contacts.iter().filter(is_done) {
                if contact.ends && !kept.contains(&contact.id) {
                    tx.forget_contact(self.book, &contact.id)?;
                    continue;
                }
                for store in &contact.gone {
                    tx.no_entry(self.book, &contact.id, store)?;
                }
            }
            Ok(())
        });
    }
}

fn held(contact: &ContactPlan, entry: Entry) -> Held {
    Held {
        href: entry.href,
        etag: Some(entry.etag),
        held: entry.card,
        given: contact.agreed.clone(),
        sent: None,
        let_go: false,
    }
}

/// Notes which properties of a written card the store did not keep at all, and which it did.
fn note_losses(
    unread: &Unread,
    kept: &Card,
    lost: &mut BTreeMap<String, String>,
    present: &mut BTreeSet<String>,
) {
    let kept: BTreeSet<String> = kept
        .fields()
        .iter()
        .map(|field| field.name().to_owned())
        .collect();
    for field in unread.sent.fields() {
        if !field.value().is_empty() && !kept.contains(field.name()) {
            lost.entry(field.name().to_owned())
                .or_insert_with(|| unread.contact.name.clone());
        }
    }
    present.extend(kept);
}
