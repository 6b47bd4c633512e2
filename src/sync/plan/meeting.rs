//! Newcomers: who they are, and what becomes of cards that meet for the first time.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::book::{ContactId, Entry, Known, StoreId};
use crate::card::{Card, Version};
use crate::contact::is_group;
use crate::duplicates::Group;
use crate::merge::{Merged, Policy, Side, merge, unite};
use crate::sync::naming::{contact_id, uid_for};
use crate::sync::{Member, Plan, Remark, Union};

use super::begun::{Begun, Scene};
use super::copy::Copy;
use super::draft::Draft;
use super::private::{is_kept_away, without_omitted};
use super::{Situation, ask};

/// Entries that found a contact together.
pub(super) struct Founders<'a> {
    pub(super) entries: BTreeMap<&'a StoreId, &'a Entry>,
    uid_is_taken: bool,
}

impl Founders<'_> {
    pub(super) fn is_group(&self) -> bool {
        self.entries.values().any(|entry| is_group(&entry.card))
    }
}

pub(super) type Joining<'a> = BTreeMap<ContactId, Vec<(&'a StoreId, &'a Entry)>>;

/// Puts each newcomer to a known contact or to the others that are the same person.
pub(super) fn meet<'a>(
    situation: &'a Situation,
    plan: &mut Plan,
) -> (Joining<'a>, Vec<Founders<'a>>) {
    let mut joining = Joining::new();
    let mut founding = Vec::new();
    for Group {
        contact,
        newcomers,
        uid_is_taken,
    } in &situation.people
    {
        let is_kept_away = |store: &StoreId, entry: &Entry| {
            let facts = situation.stores.get(store);
            facts.is_some_and(|facts| is_kept_away(&entry.card, &facts.omit))
        };
        let entries: Vec<(&StoreId, &Entry)> = newcomers
            .iter()
            .map(|&index| (&situation.newcomers[index].0, &situation.newcomers[index].1))
            .filter(|(store, entry)| !is_kept_away(store, entry))
            .collect();
        if entries.is_empty() {
            continue;
        }
        if *uid_is_taken {
            plan.remarks
                .extend(entries.iter().map(|(store, entry)| Remark {
                store: (*store).clone(),
                href: Some(entry.href.clone()),
                text: format!(
                    "\"{}\" has the UID of another card of this store. Both are kept; a copy of \
                     this one elsewhere gets a UID of its own",
                    entry.card.name()
                ),
            }));
        }
        match contact {
            Some(contact) => joining.entry(contact.clone()).or_default().extend(entries),
            None => founding.push(Founders {
                entries: entries.into_iter().collect(),
                uid_is_taken: *uid_is_taken,
            }),
        }
    }
    (joining, founding)
}

pub(super) fn plan_new<'a>(
    scene: &Scene,
    founders: &Founders<'a>,
    plan: &mut Plan,
) -> Option<Begun<'a>> {
    let addresses = founders
        .entries
        .iter()
        .map(|(store, entry)| (*store, &entry.href));
    let id = contact_id(addresses);
    let copies: Vec<Copy> = founders
        .entries
        .iter()
        .map(|(store, entry)| Copy::met(store, entry))
        .collect();
    let told = copies.iter().map(|copy| told_by(copy, scene));
    let mut first = told.max_by_key(richness)?;
    match first.uid() {
        Some(_) if !founders.uid_is_taken => {}
        _ => first = first.with_uid(&uid_for(&first, id.as_str())),
    }
    let policy = Policy {
        conflicts: scene.conflicts.clone(),
        taken: BTreeMap::new(),
    };
    let all: Vec<&Copy> = copies.iter().collect();
    let kin = by_uid(&all);
    let (merged, union) = if kin.len() < 2 {
        let sides: Vec<Side> = copies.iter().map(|copy| copy.side(scene)).collect();
        (merge(&first, &[], &sides, &policy), None)
    } else {
        let card = united(&first, &all, scene);
        let union = Union {
            members: members(&kin, scene),
            questions: Vec::new(),
        };
        (
            merge(&first, &[], &[], &policy).with_card(card),
            Some(union),
        )
    };
    ask(&id, &merged, plan);
    Some(Begun {
        draft: Draft {
            id,
            merged,
            known: None,
            followed: Vec::new(),
        },
        before: None,
        copies,
        union,
        is_idle: false,
    })
}

/// Gives a known contact the values of newcomers that have other UIDs and are the same person.
pub(super) fn welcome(
    scene: &Scene,
    known: &Known,
    merged: Merged,
    strangers: &[&Copy],
) -> (Merged, Option<Union>) {
    if strangers.is_empty() {
        return (merged, None);
    }
    let mut all = vec![Member {
        id: known.id.clone(),
        name: merged.whole().name(),
        agreed: merged.card.clone(),
        stores: known.stores.clone(),
    }];
    all.extend(members(&by_uid(strangers), scene));
    let card = united(&merged.card, strangers, scene);
    let union = Union {
        members: all,
        questions: Vec::new(),
    };
    (merged.with_card(card), Some(union))
}

/// The card that these copies and `first` become: nobody has agreed on anything yet, so every value
/// of each is wanted.
fn united(first: &Card, copies: &[&Copy], scene: &Scene) -> Card {
    let mut cards: Vec<Card> = copies.iter().map(|copy| told_by(copy, scene)).collect();
    cards.sort_by_key(|card| Reverse(richness(card)));
    unite_all(first, &cards, &BTreeMap::new())
}

/// The first card with the values of the others.
pub(super) fn unite_all(first: &Card, others: &[Card], take: &BTreeMap<String, usize>) -> Card {
    let cards: Vec<&Card> = std::iter::once(first).chain(others).collect();
    unite(&cards, take).map_or_else(|| first.clone(), |united| united.card)
}

/// The card of a store without what is never taken from there, its members named as all agree.
pub(super) fn told_by(copy: &Copy, scene: &Scene) -> Card {
    let card = without_omitted(copy.now, scene.omit(copy.store));
    scene.uids.agreed_card(Some(copy.store), &card)
}

/// The copies that have the same UID each; one without a UID stands for itself.
fn by_uid<'c, 'a>(copies: &[&'c Copy<'a>]) -> Vec<Vec<&'c Copy<'a>>> {
    let mut kin: Vec<(Option<String>, Vec<&Copy>)> = Vec::new();
    for copy in copies {
        let uid = copy.now.uid().map(|uid| uid.to_lowercase());
        let known = kin
            .iter_mut()
            .find(|(known, _)| uid.is_some() && *known == uid);
        match known {
            Some((_, copies)) => copies.push(copy),
            None => kin.push((uid, vec![copy])),
        }
    }
    kin.into_iter().map(|(_, copies)| copies).collect()
}

/// What each of them would be if it had met nobody. In the order of the copies: where these are by
/// store, the one whose id a contact of all of them has is first.
fn members(kin: &[Vec<&Copy>], scene: &Scene) -> Vec<Member> {
    let member = |copies: &Vec<&Copy>| {
        let addresses = copies.iter().map(|copy| (copy.store, copy.href));
        let first = copies
            .iter()
            .map(|copy| copy.now)
            .max_by_key(|card| richness(card))?;
        Some(Member {
            id: contact_id(addresses),
            name: first.name(),
            agreed: united(first, copies, scene),
            stores: copies
                .iter()
                .map(|copy| (copy.store.clone(), copy.held(copy.now.clone())))
                .collect(),
        })
    };
    kin.iter().filter_map(member).collect()
}

/// Which of several cards the contact starts from: the one that says most, then the newer version,
/// then the bytes, so that the order of stores plays no part.
fn richness(card: &Card) -> (usize, Version, Vec<u8>) {
    (card.fields().len(), card.version(), card.bytes().to_vec())
}
