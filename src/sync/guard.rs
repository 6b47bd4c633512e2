//! Refuses a plan that looks like an accident, before the first write.

use std::collections::BTreeMap;
use std::fmt;

use crate::book::{StoreId, Write};

use super::Plan;

/// Fewer deletions or rewrites than this never stop a run.
const HARMLESS: usize = 5;

/// What a store held after the last run, and how much of it was not there today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub known: usize,
    pub gone: usize,
    /// Entries that are there and were not known.
    pub new: usize,
}

/// Why a run stopped before the first write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The store held cards after the last run and holds none now.
    Emptied { store: StoreId, known: usize },
    /// More than `max(5, 10 %)` of the store's cards would be deleted.
    Deletes {
        store: StoreId,
        planned: usize,
        known: usize,
    },
    /// More than `max(5, 50 %)` of the store's cards would be rewritten.
    Rewrites {
        store: StoreId,
        planned: usize,
        known: usize,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Emptied { store, known } => {
                write!(
                    f,
                    "store `{store}` held {known} cards after the last run and is empty now"
                )
            }
            Refusal::Deletes {
                store,
                planned,
                known,
            } => {
                write!(
                    f,
                    "{planned} of {known} cards of store `{store}` would be deleted"
                )
            }
            Refusal::Rewrites {
                store,
                planned,
                known,
            } => {
                write!(
                    f,
                    "{planned} of {known} cards of store `{store}` would be rewritten"
                )
            }
        }
    }
}

/// Lets a plan through, or says everything that speaks against it.
///
/// # Errors
/// All refusals, by store. A store that had no baseline has nothing to lose by being filled, and a
/// first meeting may well touch all of it.
pub fn guard(plan: &Plan, tallies: &BTreeMap<StoreId, Tally>) -> Result<(), Vec<Refusal>> {
    let mut planned: BTreeMap<&StoreId, (usize, usize)> = BTreeMap::new();
    for action in plan.contacts.iter().flat_map(|contact| &contact.actions) {
        let (deletes, updates) = planned.entry(&action.store).or_default();
        match action.write {
            Write::Create { .. } => {}
            Write::Update { .. } => *updates += 1,
            Write::Delete { .. } => *deletes += 1,
        }
    }
    let mut refusals = Vec::new();
    for (store, tally) in tallies {
        let known = tally.known;
        if known == 0 {
            continue;
        }
        if tally.gone >= known && tally.new == 0 {
            refusals.push(Refusal::Emptied {
                store: store.clone(),
                known,
            });
        }
        let (deletes, updates) = planned.get(store).copied().unwrap_or_default();
        if deletes > HARMLESS.max(known / 10) {
            refusals.push(Refusal::Deletes {
                store: store.clone(),
                planned: deletes,
                known,
            });
        }
        if updates > HARMLESS.max(known / 2) {
            refusals.push(Refusal::Rewrites {
                store: store.clone(),
                planned: updates,
                known,
            });
        }
    }
    if refusals.is_empty() {
        Ok(())
    } else {
        Err(refusals)
    }
}
