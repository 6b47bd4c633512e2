//! Reads what stores made of what was written, and learns what they do not keep.

use std::collections::{BTreeMap, BTreeSet};

use crate::book::{Href, StoreId};
use crate::card::{Card, Field};
use crate::merge::{is_unchanged, pairs, says_same};
use crate::store::{Found, Store};
use crate::sync::Remark;

use super::work::{Unread, Work, held};

impl Work<'_> {
    /// Reads what the store made of what was written, and records that as what it holds.
    pub(super) async fn read_back(&self, store: &dyn Store, written: Vec<Unread<'_>>) {
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
                    self.tell_ignored(store.id(), unread, &entry.card);
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
                // An undo tells by it whether somebody changed the card since.
                let contact = &unread.contact.id;
                tx.kept(self.run, contact, store.id(), &held.href, &held.held)?;
            }
            Ok(())
        });
        self.learn(store.id(), &lost, &present);
    }

    /// A card that is not there although the store said that it took it. Nobody deleted it, so it
    /// stays open, and the next run writes it once more. A store that fails twice is not offered it
    /// again: it may keep it somewhere else each time.
    fn was_not_kept(&self, store: &StoreId, unread: &Unread) {
        let contact = unread.contact;
        let is_second_time = unread.before.is_none() && contact.had.contains(store);
        let advice = if is_second_time {
            self.record(|tx| {
                tx.no_entry(self.book, &contact.id, store)?;
                tx.refuse(self.book, &contact.id, store, &contact.agreed.hash())
            });
            "and it is not offered again until it changes"
        } else {
            "and the next run writes it once more"
        };
        self.applied.borrow_mut().refused.push(Remark {
            store: store.clone(),
            href: Some(unread.href.clone()),
            text: format!(
                "The store said that it took the card of \"{}\" and does not have it. Nothing was \
                 deleted because of that, {advice}",
                contact.name
            ),
        });
    }

    /// Says which changes a store answered for and did not make. How it keeps the card is its own
    /// business from then on, but nobody shall think that the change is there.
    fn tell_ignored(&self, store: &StoreId, unread: &Unread, kept: &Card) {
        let Some(before) = unread.before else { return };
        let (before, sent, kept) = (before.fields(), unread.sent.fields(), kept.fields());
        let holds = |field: &Field| kept.iter().any(|kept| says_same(kept, field));
        let ignored: BTreeSet<&str> = pairs(&before, &sent)
            .into_iter()
            .filter_map(|pair| match pair {
                (Some(was), Some(is)) if !is_unchanged(pair) && holds(was) && !holds(is) => {
                    Some(is.name())
                }
                _ => None,
            })
            .collect();
        if ignored.is_empty() {
            return;
        }
        let fields: Vec<&str> = ignored.into_iter().collect();
        self.applied.borrow_mut().remarks.push(Remark {
            store: store.clone(),
            href: Some(unread.href.clone()),
            text: format!(
                "The store took the change of \"{}\" and kept its own {} all the same. The other \
                 stores have the change",
                unread.contact.name,
                fields.join(", ")
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
        // A server that loses one number or name keeps others: that is told, and never learnt.
        drops.extend(
            lost.keys()
                .filter(|name| !KEPT_BY_ALL.contains(&name.as_str()))
                .cloned(),
        );
        for (name, whose) in lost.iter().filter(|(name, _)| !known.contains(*name)) {
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
}

/// What every address book keeps in general.
const KEPT_BY_ALL: [&str; 8] = ["FN", "N", "TEL", "EMAIL", "ADR", "ORG", "URL", "BDAY"];

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
