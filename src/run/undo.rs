//! Takes back what a run did, entry by entry, under the same preconditions as any write.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use crate::book::{ContactId, Href, StoreId, Write};
use crate::state::{Done, Joined, RunId, State, StateError};
use crate::store::{Found, Store, WriteError, Written};
use crate::sync::{Undo, Watch, anew, undo};

use super::Book;
use super::part::part;

/// What was taken back.
#[derive(Debug, Default)]
pub struct Undone {
    pub stores: BTreeMap<StoreId, usize>,
    /// What was left as it is, and why, in sentences.
    pub left: Vec<String>,
    /// Which stores are as they were before they met these contacts.
    strangers: Vec<(ContactId, StoreId)>,
}

/// Where entries are after they were brought back, by where they were. `None`: they are gone again.
pub(super) type Back = BTreeMap<(StoreId, Href), Option<Href>>;

/// Takes back `done`, the last thing first, as part of the run `run`.
///
/// The baseline stays what it is: for the next sync an undo is an edit like any other, and is passed
/// on. But where the run brought a store and a contact together for the first time, they have never
/// met: what is gone there again was not deleted by anybody, and what its card does not say any more
/// was not removed. Contacts that were `joined` are two again, each with the baseline it had.
pub async fn undo_run(
    book: &Book,
    state: &mut State,
    run: RunId,
    done: Vec<Done>,
    joined: &[Joined],
    watch: &dyn Watch,
) -> Result<Undone, StateError> {
    let mut undone = Undone::default();
    let mut back = Back::new();
    let mut by_store: BTreeMap<StoreId, Vec<Done>> = BTreeMap::new();
    for done in net(done).into_iter().rev() {
        by_store.entry(done.store.clone()).or_default().push(done);
    }
    for (id, done) in by_store {
        let Some(store) = book.stores.get(&id) else {
            let reason = match book.unopened.get(&id) {
                Some(error) => error.to_string(),
                None => "It is not in the config any more".to_owned(),
            };
            undone
                .left
                .push(format!("Store `{id}` was left as it is: {reason}."));
            continue;
        };
        let restored =
            undo_in_store(book, store.as_ref(), state, run, done, watch, &mut undone).await?;
        back.extend(restored);
    }
    let joining = joined.iter().flat_map(|joined| &joined.members);
    let joining: BTreeSet<&ContactId> = joining.map(|member| &member.id).collect();
    undone.strangers.retain(|(id, _)| !joining.contains(id));
    never_met(&book.name, state, &undone.strangers)?;
    for joined in joined {
        part(&book.name, state, joined, &back)?;
    }
    Ok(undone)
}

/// Forgets that these stores hold, or held, these contacts, and the contacts that nobody holds then.
fn never_met(
    book: &str,
    state: &mut State,
    strangers: &[(ContactId, StoreId)],
) -> Result<(), StateError> {
    let mut by_contact: BTreeMap<&ContactId, BTreeSet<&StoreId>> = BTreeMap::new();
    for (id, store) in strangers {
        by_contact.entry(id).or_default().insert(store);
    }
    let ids: BTreeSet<ContactId> = by_contact.keys().copied().cloned().collect();
    let known = state.contacts(book, &ids)?;
    state.transaction(|tx| {
        for known in known {
            let gone = by_contact.remove(&known.id).unwrap_or_default();
            if known.stores.keys().all(|store| gone.contains(store)) {
                tx.forget_contact(book, &known.id)?;
                continue;
            }
            for store in gone {
                tx.no_entry(book, &known.id, store)?;
            }
        }
        Ok(())
    })
}

/// What a run did to each entry, taken together: it may have created and deleted one.
fn net(done: Vec<Done>) -> Vec<Done> {
    let mut net: Vec<Done> = Vec::new();
    let mut at: BTreeMap<(StoreId, Href), usize> = BTreeMap::new();
    for done in done {
        match at.entry((done.store.clone(), done.href.clone())) {
            Entry::Occupied(known) => net[*known.get()].after = done.after,
            Entry::Vacant(new) => {
                new.insert(net.len());
                net.push(done);
            }
        }
    }
    net
}

async fn undo_in_store(
    book: &Book,
    store: &dyn Store,
    state: &mut State,
    run: RunId,
    done: Vec<Done>,
    watch: &dyn Watch,
    undone: &mut Undone,
) -> Result<Back, StateError> {
    let id = store.id();
    let mut back = Back::new();
    let hrefs: Vec<Href> = done.iter().map(|done| done.href.clone()).collect();
    let found: BTreeMap<Href, Found> = match store.read(&hrefs).await {
        Ok(found) => found.into_iter().collect(),
        Err(error) => {
            undone
                .left
                .push(format!("Store `{id}` was left as it is: {error}."));
            return Ok(back);
        }
    };
    let total = done.len();
    for (index, done) in done.into_iter().enumerate() {
        let mut leave = |reason: &str| {
            undone.left.push(format!(
                "\"{}\" in store `{id}` was left as it is: {reason}.",
                done.name
            ));
        };
        let now = match found.get(&done.href) {
            Some(Found::Entry(entry)) => Some(entry),
            Some(Found::Gone) => None,
            Some(Found::Unusable { reason, .. }) => {
                leave(reason);
                continue;
            }
            None => {
                leave("the store did not say what it holds there");
                continue;
            }
        };
        let write = match undo(&done.href, done.before.as_ref(), done.after.as_ref(), now) {
            Undo::Write(write) => write,
            Undo::Nothing => {
                let is_there = now.is_some();
                let place = (id.clone(), done.href.clone());
                back.entry(place)
                    .or_insert(is_there.then(|| done.href.clone()));
                continue;
            }
            Undo::Leave(reason) => {
                leave(&reason);
                continue;
            }
        };
        let mut written = store.write(&write).await;
        if let (Err(WriteError::Refused(_)), Write::Restore { card, .. }) = (&written, &write) {
            written = store.write(&anew(card)).await;
        }
        if matches!(written, Err(WriteError::Unknown(_)))
            && let Some(arrived) = arrived(store, &done.href, &write).await
        {
            written = Ok(arrived);
        }
        let href = match written {
            Ok(Written::Stored { href, .. }) => href,
            Ok(Written::Deleted) => done.href.clone(),
            Err(WriteError::Changed | WriteError::Taken) => {
                leave("it was changed meanwhile; run the undo again");
                continue;
            }
            Err(error) => {
                leave(&error.to_string());
                continue;
            }
        };
        let is_there = done.before.is_some();
        let place = (id.clone(), done.href.clone());
        back.insert(place, is_there.then(|| href.clone()));
        if done.is_meeting {
            let stranger = (done.contact.clone(), id.clone());
            undone.strangers.push(stranger);
        }
        let taken_back = Done {
            href,
            before: now.map(|entry| entry.card.clone()),
            after: write.card().cloned(),
            is_meeting: false,
            ..done
        };
        debug_assert_eq!(taken_back.book, book.name);
        state.transaction(|tx| tx.add_done(run, &taken_back))?;
        *undone.stores.entry(id.clone()).or_default() += 1;
        watch.writing(id, index + 1, total);
    }
    Ok(back)
}

/// What became of a write whose outcome nobody told, as far as a look at its address can tell.
async fn arrived(store: &dyn Store, href: &Href, write: &Write) -> Option<Written> {
    let mut found = store.read(std::slice::from_ref(href)).await.ok()?;
    match (write, found.pop()?.1) {
        (Write::Delete { .. }, Found::Gone) => Some(Written::Deleted),
        (Write::Update { card, .. } | Write::Restore { card, .. }, Found::Entry(entry))
            if card.same_meaning(&entry.card) =>
        {
            Some(Written::Stored {
                href: entry.href,
                etag: Some(entry.etag),
                kept: None,
            })
        }
        _ => None,
    }
}
