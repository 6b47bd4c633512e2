//! Makes contacts that had become one two again, each with the baseline it had before.

use std::collections::BTreeMap;

use crate::book::{ContactId, Held, Known, StoreId};
use crate::card::Card;
use crate::state::{Joined, State, StateError};
use crate::sync::{Member, QuestionId, change_back, keys_of};

use super::undo::Back;

/// Parts what was joined. `back` tells which entries were brought back and where they are.
///
/// An entry that could not be brought back keeps what is known of it, so that the next run changes
/// it back; one that is not there any more is created again.
pub(super) fn part(
    book: &str,
    state: &mut State,
    joined: &Joined,
    back: &Back,
) -> Result<(), StateError> {
    let ids = joined
        .members
        .iter()
        .map(|member| member.id.clone())
        .collect();
    let now: BTreeMap<ContactId, Known> = state
        .contacts(book, &ids)?
        .into_iter()
        .map(|known| (known.id.clone(), known))
        .collect();
    let heir = now.get(&joined.heir);
    let parted: Vec<(&Member, Card, BTreeMap<StoreId, Held>)> = joined
        .members
        .iter()
        .map(|member| {
            let card = agreed(member, joined, heir);
            let mut entries = entries(member, heir, now.get(&member.id), back);
            if member.id == joined.heir {
                entries.extend(made_since(joined, heir, back));
            }
            (member, card, entries)
        })
        .collect();
    state.transaction(|tx| {
        tx.part(book, joined)?;
        for (member, card, entries) in &parted {
            let keys = keys_of(card, entries.values().map(|held| &held.held));
            tx.put_contact(book, &member.id, &card.name(), card, &[], &keys)?;
            for store in now
                .get(&member.id)
                .into_iter()
                .flat_map(|known| known.stores.keys())
            {
                if !entries.contains_key(store) {
                    tx.no_entry(book, &member.id, store)?;
                }
            }
        }
        for (member, _, entries) in &parted {
            for (store, held) in entries {
                tx.put_entry(book, &member.id, store, held)?;
            }
        }
        for (index, one) in joined.members.iter().enumerate() {
            for other in &joined.members[index + 1..] {
                let question = QuestionId::of_pair(&one.id, &other.id);
                tx.close_question(book, question.as_str())?;
                tx.decision_used(book, question.as_str())?;
            }
        }
        Ok(())
    })
}

/// What the stores agreed on before, with what was edited since.
fn agreed(member: &Member, joined: &Joined, heir: Option<&Known>) -> Card {
    match heir {
        Some(heir) if member.id == joined.heir && heir.agreed != joined.card => {
            change_back(&member.agreed, &joined.card, &heir.agreed)
        }
        _ => member.agreed.clone(),
    }
}

fn entries(
    member: &Member,
    heir: Option<&Known>,
    now: Option<&Known>,
    back: &Back,
) -> BTreeMap<StoreId, Held> {
    let entry = |(store, was): (&StoreId, &Held)| {
        if let Some(place) = back.get(&(store.clone(), was.href.clone())) {
            let href = place.clone()?;
            let held = Held {
                href,
                ..was.clone()
            };
            return Some((store.clone(), held));
        }
        let is_same = |held: &&Held| held.href == was.href;
        let own = now.and_then(|now| now.stores.get(store)).filter(is_same);
        let held = match own {
            Some(own) => Held {
                given: was.given.clone(),
                ..own.clone()
            },
            // It goes on there with the values of all: the next run changes it back.
            None => heir?.stores.get(store).filter(is_same)?.clone(),
        };
        Some((store.clone(), held))
    };
    member.stores.iter().filter_map(entry).collect()
}

/// The entries that the heir got after it was joined, and still has.
fn made_since(joined: &Joined, heir: Option<&Known>, back: &Back) -> BTreeMap<StoreId, Held> {
    let was_somebodys = |store: &StoreId, held: &Held| {
        joined.members.iter().any(|member| {
            let was = member.stores.get(store);
            was.is_some_and(|was| was.href == held.href)
        })
    };
    let stores = heir.into_iter().flat_map(|heir| &heir.stores);
    stores
        .filter(|(store, held)| {
            !was_somebodys(store, held)
                && !back.contains_key(&((*store).clone(), held.href.clone()))
        })
        .map(|(store, held)| (store.clone(), held.clone()))
        .collect()
}
