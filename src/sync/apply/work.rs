//! Makes the writes of a plan, store by store.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream;

use crate::book::{ContactId, Entry, Held, Href, StoreId, Write};
use crate::card::{Card, second_opinion};
use crate::state::{RunId, State, StateError};
use crate::store::{Store, WriteError, Written};
use crate::sync::naming::next_name;
use crate::sync::{Action, ContactPlan, Plan, Remark, Watch};

use super::Applied;

/// Writes under way at once per store. The stores limit their own requests besides.
const AT_ONCE: usize = 4;

/// Cards read back in one go after writing.
const READ_BACK: usize = 100;

/// One plan being carried out.
pub(super) struct Work<'a> {
    pub(super) book: &'a str,
    pub(super) run: RunId,
    pub(super) round: u32,
    pub(super) watch: &'a dyn Watch,
    pub(super) stop: &'a Cell<bool>,
    pub(super) state: RefCell<&'a mut State>,
    pub(super) applied: RefCell<Applied>,
    /// The first failure of the state. Nothing is written after it.
    pub(super) trouble: RefCell<Option<StateError>>,
    /// Contacts whose deletion is not done in every store yet.
    pub(super) undeleted: RefCell<BTreeSet<ContactId>>,
    /// Where the card of a contact could not be written as it was meant to be.
    pub(super) unwritten: RefCell<BTreeSet<(ContactId, StoreId)>>,
    /// Contacts whose deletion a store refused, so that they go on there.
    pub(super) kept: RefCell<BTreeSet<ContactId>>,
}

/// A write that was made and whose outcome has not been read back yet.
pub(super) struct Unread<'p> {
    pub(super) contact: &'p ContactPlan,
    pub(super) sent: &'p Card,
    pub(super) href: Href,
    /// What it was before; none if it was created.
    pub(super) before: Option<&'p Card>,
}

impl Work<'_> {
    pub(super) async fn phase(
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
                    if self.is_premature(store.id(), contact, action) {
                        self.leave(contact, action);
                        return;
                    }
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

    /// Whether this deletes an entry whose values are not safe yet: the contact that goes on with
    /// them has no card with them in that store.
    fn is_premature(&self, store: &StoreId, contact: &ContactPlan, action: &Action) -> bool {
        let is_delete = matches!(action.write, Write::Delete { .. });
        contact.absorbed_into.as_ref().is_some_and(|heir| {
            let unwritten = self.unwritten.borrow();
            is_delete && unwritten.contains(&(heir.clone(), store.clone()))
        })
    }

    /// Makes one write and records it. Returns what has to be read back.
    async fn write<'p>(
        &self,
        store: &dyn Store,
        contact: &'p ContactPlan,
        action: &'p Action,
    ) -> Option<Unread<'p>> {
        let card = action.write.card();
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
                    before: action.before.as_ref(),
                    contact,
                    sent,
                    href,
                })
            }
            Err(error @ (WriteError::Changed | WriteError::Taken | WriteError::Unknown(_))) => {
                let text = format!(
                    "Could not {} \"{}\": {error}. The next run looks at it again",
                    action.verb(),
                    contact.name
                );
                self.applied.borrow_mut().open.push(Remark {
                    store: store.id().clone(),
                    href: action.href().cloned(),
                    text,
                });
                match error {
                    WriteError::Changed => self.record_stale(store.id(), contact),
                    WriteError::Unknown(_) => self.record_uncertain(contact, action),
                    _ => {}
                }
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
        if !matches!(action.write, Write::Delete { .. }) {
            let there = (contact.id.clone(), action.store.clone());
            self.unwritten.borrow_mut().insert(there);
            return;
        }
        self.undeleted.borrow_mut().insert(contact.id.clone());
        // Where an answer ends the contact, it tells the next run as well.
        if !contact.gone.is_empty() {
            self.applied
                .borrow_mut()
                .untold
                .extend(contact.had.iter().cloned());
        }
    }
}

pub(super) fn held(contact: &ContactPlan, entry: Entry) -> Held {
    Held {
        href: entry.href,
        etag: Some(entry.etag),
        held: entry.card,
        given: contact.agreed.clone(),
        sent: None,
        let_go: false,
    }
}
