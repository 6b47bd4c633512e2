//! Records what was decided before anything is written, and each success after it.

use crate::book::{Held, Href, StoreId, Write};
use crate::card::Card;
use crate::state::{Done, RunId, State, StateError, Tx};
use crate::sync::{Action, Answer, ContactPlan, Merging, Plan, Record, Remark, Union};

use super::work::Work;

/// Contacts recorded in one transaction before anything is written.
const RECORDED_AT_ONCE: usize = 500;

/// Records what was merged before anything is written, so that an edit that one store told us is
/// safe even if that store never tells it again.
pub(super) fn record_decisions(
    plan: &Plan,
    book: &str,
    run: RunId,
    state: &mut State,
) -> Result<(), StateError> {
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
                if let Some(union) = &contact.union {
                    record_union(tx, book, run, contact, union)?;
                }
                put_contact(tx, book, contact)?;
                for (store, record) in &contact.records {
                    match record {
                        Record::Held(held) => tx.put_entry(book, &contact.id, store, held)?,
                        Record::Nothing if contact.had.contains(store) => {
                            tx.no_entry(book, &contact.id, store)?;
                        }
                        Record::Nothing => {}
                        Record::KeptAway => {
                            tx.keep_away(book, &contact.id, store, &contact.agreed.hash())?;
                        }
                    }
                }
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Remembers what contacts were before they become one, and that they have begun to: a run that is
/// stopped here goes on with the same one and does not join the values again.
fn record_union(
    tx: &Tx,
    book: &str,
    run: RunId,
    contact: &ContactPlan,
    union: &Union,
) -> Result<(), StateError> {
    tx.put_union(book, run, &contact.agreed, union)?;
    let begun = Answer::Merge(Merging {
        keep: Some(contact.id.clone()),
        begun: true,
        ..Merging::default()
    });
    for question in &union.questions {
        tx.answer_in(book, question.as_str(), &begun.to_string())?;
    }
    Ok(())
}

fn put_contact(tx: &Tx, book: &str, contact: &ContactPlan) -> Result<(), StateError> {
    tx.put_contact(
        book,
        &contact.id,
        &contact.name,
        &contact.agreed,
        &contact.held_back,
        &contact.keys,
    )
}

impl Work<'_> {
    pub(super) fn record(&self, change: impl FnOnce(&Tx) -> Result<(), StateError>) {
        if let Err(error) = self.state.borrow_mut().transaction(change) {
            self.trouble.borrow_mut().get_or_insert(error);
        }
    }

    pub(super) fn record_write(
        &self,
        store: &StoreId,
        contact: &ContactPlan,
        action: &Action,
        held: &Held,
    ) {
        self.record(|tx| {
            tx.put_entry(self.book, &contact.id, store, held)?;
            tx.add_done(
                self.run,
                &self.done(contact, action, &held.href, Some(held.held.clone())),
            )
        });
        let mut applied = self.applied.borrow_mut();
        let count = match action.write {
            Write::Create { .. } | Write::Restore { .. } => &mut applied.created,
            _ => &mut applied.updated,
        };
        *count.entry(store.clone()).or_default() += 1;
    }

    pub(super) fn record_deletion(&self, store: &StoreId, contact: &ContactPlan, action: &Action) {
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

    /// Records a write of which nobody knows whether it was made. If it was, the card before is in
    /// the history; if it was not, taking it back is nothing to do.
    pub(super) fn record_uncertain(&self, contact: &ContactPlan, action: &Action) {
        let Some(href) = action.href() else { return };
        let after = action.write.card().cloned();
        let done = self.done(contact, action, href, after);
        self.record(|tx| tx.add_done(self.run, &done));
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
            is_meeting: !contact.had.contains(&action.store),
        }
    }

    pub(super) fn refuse(
        &self,
        store: &StoreId,
        contact: &ContactPlan,
        action: &Action,
        reason: &str,
    ) {
        let text = format!(
            "Could not {} \"{}\": {reason}. The card was left as it is, and it is not offered \
             again until it changes",
            action.verb(),
            contact.name
        );
        self.applied.borrow_mut().refused.push(Remark {
            store: store.clone(),
            href: action.href().cloned(),
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
                    put_contact(tx, self.book, contact)?;
                    tx.put_entry(self.book, &contact.id, store, &held)
                });
                self.kept.borrow_mut().insert(contact.id.clone());
            }
            Write::Create { .. } | Write::Restore { .. } | Write::Update { .. } => {
                let there = (contact.id.clone(), store.clone());
                self.unwritten.borrow_mut().insert(there);
                self.record(|tx| {
                    tx.refuse(self.book, &contact.id, store, &contact.agreed.hash())?;
                    match unsent(contact, store) {
                        Some(held) => tx.put_entry(self.book, &contact.id, store, &held),
                        None => Ok(()),
                    }
                });
            }
        }
    }

    /// Records that the store has another version than the one we knew, and not our text. Which one
    /// it has is asked of it, because a listing that tells only what moved may not tell again.
    pub(super) fn record_stale(&self, store: &StoreId, contact: &ContactPlan) {
        let Some(held) = unsent(contact, store) else {
            return;
        };
        let held = Held { etag: None, ..held };
        self.record(|tx| tx.put_entry(self.book, &contact.id, store, &held));
    }

    /// Forgets the contacts that nobody has any more, and where the others are gone. Only now:
    /// until every deletion is done, the entry that is known and missing is all that tells the
    /// next run to go on with it.
    pub(super) fn end_contacts(&self, plan: &Plan) {
        let kept = self.kept.borrow();
        let undeleted = self.undeleted.borrow();
        let is_done = |contact: &&ContactPlan| {
            let passes_on = !contact.gone.is_empty() || contact.absorbed_into.is_some();
            passes_on && !undeleted.contains(&contact.id)
        };
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

/// What is known of a store that our text never reached, so that whatever it holds is somebody's.
fn unsent(contact: &ContactPlan, store: &StoreId) -> Option<Held> {
    match contact.records.get(store)? {
        Record::Held(held) => Some(Held {
            sent: None,
            ..(**held).clone()
        }),
        Record::Nothing | Record::KeptAway => None,
    }
}
