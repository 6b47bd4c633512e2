//! One store's copy of a contact: what it is, what it was, and whether it can be asked.

use crate::book::{ETag, Entry, Held, Href, StoreId};
use crate::card::{Card, Change, Field};
use crate::merge::{Past, Side};

use super::{Now, Situation, Touched};

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
}

pub(super) fn copies<'a>(
    situation: &Situation,
    touched: &'a Touched,
    joining: &[(&'a StoreId, &'a Entry)],
) -> Vec<Copy<'a>> {
    let mut copies = Vec::new();
    for (store, held) in &touched.known.stores {
        // A store that is not in the book any more has no say in it; what is known of it stays.
        let Some(facts) = situation.stores.get(store) else {
            continue;
        };
        let was = Copy {
            store,
            href: &held.href,
            now: &held.held,
            etag: held.etag.as_ref(),
            was: Some(held),
            unsure: !facts.available,
            rests: held.let_go,
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
        }
    }

    pub(super) fn side(&self, situation: &Situation) -> Side {
        let omit = situation
            .stores
            .get(self.store)
            .map_or(&[][..], |facts| &facts.omit);
        let fields = |card: &Card| without(card.fields(), omit);
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
                    given: fields(given),
                    held: fields(held),
                    sent: fields(sent),
                    // Only a write that was answered put its own text there as held.
                    edited: held == sent && etag.is_some() && etag.as_ref() != self.etag,
                }
            }
            Some(Held { given, held, .. }) => Past::Known {
                given: fields(given),
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

/// The card without the properties that are covered by these patterns.
pub(super) fn without_omitted(card: &Card, omit: &[String]) -> Card {
    let omitted: Vec<Change> = card
        .fields()
        .iter()
        .filter(|field| is_omitted(field.name(), omit))
        .map(|field| Change::Remove(field.key().clone()))
        .collect();
    card.apply(&omitted)
}

fn without(fields: Vec<Field>, omit: &[String]) -> Vec<Field> {
    fields
        .into_iter()
        .filter(|field| !is_omitted(field.name(), omit))
        .collect()
}

/// Whether a property, by its version-neutral name, is covered by one of these patterns: a name, or
/// with `*` at its end any name that begins so.
pub fn is_omitted(name: &str, omit: &[String]) -> bool {
    omit.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(&start.to_ascii_uppercase()),
        None => name.eq_ignore_ascii_case(pattern),
    })
}
