//! Refuses a plan that looks like an accident, before the first write.

use std::collections::BTreeMap;
use std::fmt;

use crate::book::{StoreId, Write};

use super::{ContactPlan, Plan};

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
    // What merges two contacts takes nothing away, and somebody decided it.
    let merges = |contact: &&ContactPlan| {
        let union = contact.union.as_ref();
        contact.absorbed_into.is_some() || union.is_some_and(|union| !union.questions.is_empty())
    };
    let unasked = plan.contacts.iter().filter(|contact| !merges(contact));
    let unasked =
        unasked.flat_map(|contact| contact.actions.iter().map(move |action| (contact, action)));
    for (contact, action) in unasked {
        let (deletes, updates) = planned.entry(&action.store).or_default();
        match action.write {
            Write::Create { .. } | Write::Restore { .. } => {}
            // What a person wrote here is wanted, however much it is.
            Write::Update { .. } if contact.was_agreed => {}
            // What only came today was never held as it was.
            Write::Update { .. } if !contact.had.contains(&action.store) => {}
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::book::{ContactId, ETag, Href};
    use crate::card::Card;
    use crate::sync::Action;

    enum Kind {
        Delete,
        Update,
    }

    fn plan_of(kind: &Kind, count: usize) -> Plan {
        let card = Card::parse(b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A\r\nEND:VCARD\r\n").unwrap();
        let action = |_| {
            let (href, etag) = (Href::new("a"), ETag::new("1"));
            Action {
                store: StoreId::new("home"),
                write: match kind {
                    Kind::Delete => Write::Delete { href, etag },
                    Kind::Update => Write::Update {
                        href,
                        etag,
                        card: card.clone(),
                    },
                },
                before: None,
                changes: Vec::new(),
            }
        };
        let contact = ContactPlan {
            id: ContactId::new("a"),
            name: "A".to_owned(),
            agreed: card.clone(),
            held_back: Vec::new(),
            keys: Default::default(),
            records: Default::default(),
            actions: (0..count).map(action).collect(),
            had: BTreeSet::from([StoreId::new("home")]),
            gone: Default::default(),
            ends: false,
            was_agreed: false,
            absorbed_into: None,
            union: None,
        };
        Plan {
            contacts: vec![contact],
            ..Plan::default()
        }
    }

    fn refusals(kind: Kind, count: usize, known: usize) -> Vec<Refusal> {
        let tally = Tally {
            known,
            gone: 0,
            new: 0,
        };
        let tallies = BTreeMap::from([(StoreId::new("home"), tally)]);
        guard(&plan_of(&kind, count), &tallies)
            .err()
            .unwrap_or_default()
    }

    #[test]
    fn five_deletions_or_a_tenth_are_let_through_and_not_one_more() {
        assert_eq!(refusals(Kind::Delete, 5, 8), []);
        assert_eq!(refusals(Kind::Delete, 6, 8).len(), 1);
        assert_eq!(refusals(Kind::Delete, 100, 1000), []);
        assert_eq!(refusals(Kind::Delete, 101, 1000).len(), 1);
    }

    #[test]
    fn half_may_be_rewritten_and_not_more() {
        assert_eq!(refusals(Kind::Update, 50, 100), []);
        assert_eq!(refusals(Kind::Update, 51, 100).len(), 1);
        assert_eq!(refusals(Kind::Update, 5, 6), []);
    }

    #[test]
    fn what_was_agreed_before_may_be_written_everywhere_and_not_deleted() {
        let stopped = |kind: Kind| {
            let mut plan = plan_of(&kind, 60);
            plan.contacts[0].was_agreed = true;
            let tally = Tally {
                known: 100,
                ..Tally::default()
            };
            guard(&plan, &[(StoreId::new("home"), tally)].into()).is_err()
        };
        assert!(!stopped(Kind::Update));
        assert!(stopped(Kind::Delete));
    }

    #[test]
    fn cards_that_are_new_in_a_store_are_not_rewritten() {
        let mut plan = plan_of(&Kind::Update, 60);
        plan.contacts[0].had.clear();
        let tally = Tally {
            known: 50,
            gone: 0,
            new: 60,
        };
        let tallies = BTreeMap::from([(StoreId::new("home"), tally)]);
        assert_eq!(guard(&plan, &tallies), Ok(()));
    }

    #[test]
    fn a_store_that_had_nothing_may_be_filled_and_changed() {
        assert_eq!(refusals(Kind::Update, 500, 0), []);
    }

    #[test]
    fn a_store_that_is_suddenly_empty_stops_the_run() {
        let tally = Tally {
            known: 1,
            gone: 1,
            new: 0,
        };
        let tallies = BTreeMap::from([(StoreId::new("home"), tally)]);
        let refusals = guard(&Plan::default(), &tallies).unwrap_err();
        assert_eq!(
            refusals,
            [Refusal::Emptied {
                store: StoreId::new("home"),
                known: 1
            }]
        );
    }
}
