//! One store's copy of a contact: what it is, what it was, and whether it can be asked.

use std::collections::BTreeSet;

use crate::book::{ETag, Entry, Held, Href, StoreId};
use crate::card::Card;
use crate::merge::{Past, Side};

use super::private::{is_kept_away, without};
use super::{Now, Scene, Touched};

/// One store's copy of a contact.
pub(super) struct Copy<'a> {
    pub(super) store: &'a StoreId,
    pub(super) href: &'a Href,
    /// The card there today.
    pub(super) now: &'a Card,
    /// The version of it, where it was read in this run or known from the last.
    pub(super) etag: Option<&'a ETag>,
    pub(super) was: Option<&'a Held>,
    /// It could not be read in this run, so it can be neither compared nor written.
    pub(super) unsure: bool,
    /// Let go in an earlier run, and nobody touched it since.
    pub(super) rests: bool,
    /// A card that never goes to this store and is never taken from there.
    pub(super) is_kept_away: bool,
}

pub(super) fn copies<'a>(
    scene: &Scene,
    touched: &'a Touched,
    joining: &[(&'a StoreId, &'a Entry)],
) -> Vec<Copy<'a>> {
    let mut copies = Vec::new();
    for (store, held) in &touched.known.stores {
        // A store that is not in the book any more has no say in it; what is known of it stays.
        let Some(facts) = scene.stores.get(store) else {
            continue;
        };
        let is_kept_away = |now: &Card| {
            is_kept_away(&touched.known.agreed, &facts.omit) || is_kept_away(now, &facts.omit)
        };
        let was = Copy {
            store,
            href: &held.href,
            now: &held.held,
            etag: held.etag.as_ref(),
            was: Some(held),
            unsure: !facts.available,
            rests: held.let_go,
            is_kept_away: is_kept_away(&held.held),
        };
        match touched.now.get(store) {
            None => copies.push(was),
            Some(Now::Unsure) => copies.push(Copy {
                unsure: true,
                ..was
            }),
            Some(Now::Gone) => {}
            Some(Now::Entry(entry)) => copies.push(Copy {
                href: &entry.href,
                now: &entry.card,
                etag: Some(&entry.etag),
                rests: held.let_go && entry.card.same_meaning(&held.held),
                is_kept_away: is_kept_away(&entry.card),
                ..was
            }),
        }
    }
    copies.extend(joining.iter().map(|(store, entry)| Copy::met(store, entry)));
    copies
}

impl<'a> Copy<'a> {
    pub(super) fn met(store: &'a StoreId, entry: &'a Entry) -> Self {
        Copy {
            store,
            href: &entry.href,
            now: &entry.card,
            etag: Some(&entry.etag),
            was: None,
            unsure: false,
            rests: false,
            is_kept_away: false,
        }
    }

    /// Whether it has a say in what is agreed on.
    pub(super) fn counts(&self) -> bool {
        !self.rests && !self.is_kept_away
    }

    pub(super) fn side(&self, scene: &Scene) -> Side {
        let omit = scene.omit(self.store);
        let told = |store, card: &Card| {
            let fields = scene.uids.agreed_fields(store, card.fields());
            without(fields, omit)
        };
        let fields = |card: &Card| told(Some(self.store), card);
        // What the store keeps nothing of has not reached it, and is never removed there.
        let drops = scene.stores.get(self.store).map(|facts| &facts.drops);
        let agreed = |card: &Card| {
            let mut given = told(None, card);
            if drops.is_some_and(|drops| !drops.is_empty()) {
                let kept: BTreeSet<String> = self
                    .was
                    .iter()
                    .flat_map(|was| was.held.fields())
                    .map(|field| field.name().to_owned())
                    .collect();
                given.retain(|field| {
                    let is_dropped = drops.is_some_and(|drops| drops.contains(field.name()));
                    !is_dropped || kept.contains(field.name())
                });
            }
            given
        };
        let past = match self.was {
            None => Past::None,
            Some(Held {
                given,
                held,
                sent: Some(sent),
                etag,
                ..
            }) if self.now != held => {
                Past::Interrupted {
                    given: agreed(given),
                    held: fields(held),
                    sent: fields(sent),
                    // Only a write that was answered put its own text there as held.
                    edited: held == sent && etag.is_some() && etag.as_ref() != self.etag,
                }
            }
            Some(Held { given, held, .. }) => Past::Known {
                given: agreed(given),
                held: fields(held),
            },
        };
        Side {
            store: self.store.clone(),
            now: fields(self.now),
            past,
            revised: self.now.revised(),
        }
    }

    pub(super) fn held(&self, given: Card) -> Held {
        Held {
            href: self.href.clone(),
            etag: self.etag.cloned(),
            held: self.now.clone(),
            given,
            sent: None,
            let_go: false,
        }
    }
}
