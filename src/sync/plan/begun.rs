//! Contacts that are merged and not yet brought to the stores: here they follow each other.

use std::collections::BTreeMap;
use std::ops::Deref;

use crate::book::{ContactId, Known, StoreId};
use crate::card::{Card, Change, Field};
use crate::contact::{Bridging, CATEGORIES, Edited, TIER, Tier, bridge, tier_of_category};
use crate::merge::{Policy, merge};
use crate::sync::{ContactPlan, Union};

use super::copy::{Copy, copies};
use super::draft::Draft;
use super::spelling::Uids;
use super::{Situation, Touched};

/// The situation, and who the members of its group cards are.
pub(super) struct Scene<'a> {
    situation: &'a Situation,
    /// Empty while nobody knows yet, and where there is no group card.
    pub(super) uids: Uids,
}

impl Deref for Scene<'_> {
    type Target = Situation;

    fn deref(&self) -> &Situation {
        self.situation
    }
}

impl<'a> Scene<'a> {
    pub(super) fn of(situation: &'a Situation) -> Self {
        Scene {
            situation,
            uids: Uids::default(),
        }
    }

    /// What never goes to a store and is never taken from there.
    pub(super) fn omit(&self, store: &StoreId) -> &'a [String] {
        let facts = self.situation.stores.get(store);
        facts.map_or(&[], |facts| &facts.omit)
    }
}

/// A contact that goes on, merged.
pub(super) struct Begun<'a> {
    pub(super) draft: Draft<'a>,
    /// What all agreed on before; `None` for a new contact.
    pub(super) before: Option<Card>,
    pub(super) copies: Vec<Copy<'a>>,
    pub(super) union: Option<Union>,
    /// Nothing happened to it: there is nothing to do unless it follows somebody.
    pub(super) is_idle: bool,
}

impl<'a> Begun<'a> {
    pub(super) fn idle(scene: &Scene, touched: &'a Touched) -> Self {
        let known = &touched.known;
        let agreed = scene.uids.agreed_card(None, &known.agreed);
        Begun {
            draft: Draft {
                id: known.id.clone(),
                merged: merge(&agreed, &[], &[], &Policy::default()),
                known: Some(known),
                followed: Vec::new(),
            },
            before: Some(agreed),
            copies: copies(scene, touched, &[]),
            union: None,
            is_idle: true,
        }
    }

    /// Takes the categories of other tiers off a card that was joined of several: nobody has moved
    /// the person.
    fn keep_one_tier(&mut self) {
        if self.union.is_none() {
            return;
        }
        let card = &self.draft.merged.card;
        let tier = card.fields_named(&[TIER]).into_iter().next();
        let Some(tier) = tier.and_then(|field| field.text().parse::<Tier>().ok()) else {
            return;
        };
        let is_other = |field: &Field| tier_of_category(field.value()).is_some_and(|of| of != tier);
        let categories = card.fields_named(&[CATEGORIES]).into_iter();
        let others: Vec<Change> = categories
            .filter(is_other)
            .map(|field| Change::Remove(field.key().clone()))
            .collect();
        let card = card.apply(&others);
        self.draft.merged.card = card;
    }

    fn edited(&self) -> Edited {
        Edited {
            before: self.before.clone(),
            after: Some(self.draft.merged.whole()),
            held_back: self.draft.merged.held_back(),
        }
    }
}

/// Whether a member of a group card has become another contact in this run.
fn outlives(scene: &Scene, copies: &[Copy]) -> bool {
    let mut copies = copies.iter();
    copies.any(|copy| !scene.uids.outlived(copy.store, copy.now).is_empty())
}

/// All contacts of a run, on their way.
#[derive(Default)]
pub(super) struct Beginnings<'a> {
    going_on: Vec<Begun<'a>>,
    ended: Vec<&'a Known>,
    absorbed: Vec<(&'a Known, ContactId)>,
}

impl<'a> Beginnings<'a> {
    pub(super) fn extend(&mut self, begun: impl IntoIterator<Item = Begun<'a>>) {
        self.going_on.extend(begun);
    }

    pub(super) fn end(&mut self, known: &'a Known) {
        self.ended.push(known);
    }

    /// Another contact goes on with the values of this one.
    pub(super) fn absorb(&mut self, known: &'a Known, heir: &ContactId) {
        self.absorbed.push((known, heir.clone()));
    }

    fn left(&self) -> impl Iterator<Item = &'a Known> {
        let absorbed = self.absorbed.iter().map(|(known, _)| *known);
        self.ended.iter().copied().chain(absorbed)
    }

    /// Tells the scene under which UIDs the contacts are known.
    pub(super) fn name(&self, scene: &mut Scene) {
        for known in self.left() {
            let copies = known.stores.iter().map(|(store, held)| (store, &held.held));
            scene.uids.note(&known.id, &known.agreed, copies);
        }
        for (known, heir) in &self.absorbed {
            scene.uids.succeed(&known.id, heir);
        }
        for begun in &self.going_on {
            let copies = begun.copies.iter().map(|copy| (copy.store, copy.now));
            let Draft { id, merged, .. } = &begun.draft;
            scene.uids.note(id, &merged.card, copies);
        }
    }

    /// Lets the cards that say the same in two places follow each other, and plans the writes.
    pub(super) fn bridged(mut self, scene: &Scene) -> Vec<ContactPlan> {
        if scene.mirror_tiers {
            self.going_on.iter_mut().for_each(Begun::keep_one_tier);
        }
        let going_on = self.going_on.iter();
        let mut edited: BTreeMap<ContactId, Edited> = going_on
            .map(|begun| (begun.draft.id.clone(), begun.edited()))
            .collect();
        for known in self.left() {
            edited.entry(known.id.clone()).or_insert_with(|| Edited {
                before: Some(known.agreed.clone()),
                ..Edited::default()
            });
        }
        let bridging = Bridging {
            mirror_tiers: scene.mirror_tiers,
            today: scene.today,
            also_known: scene.uids.all(),
        };
        let changes = bridge(&edited, &bridging);
        let mut plans = Vec::new();
        for begun in self.going_on {
            let mut draft = begun.draft;
            match changes.get(&draft.id) {
                Some(changes) => {
                    let card = draft.merged.card.apply(changes);
                    draft.merged = draft.merged.with_card(card);
                    draft.followed.clone_from(changes);
                }
                None if begun.is_idle && !outlives(scene, &begun.copies) => continue,
                None => {}
            }
            let mut planned = draft.plan(scene, &begun.copies);
            planned.union = begun.union;
            plans.push(planned);
        }
        plans
    }
}
