//! Contacts that are one person, by somebody's decision, become one contact.
//!
//! The one that goes on gets the values of all. In a store that has several of them its entry is
//! updated and the others are deleted, in that order; where it has none it goes on with the entry
//! of another, whose address and UID stay as they are.

use std::collections::{BTreeMap, BTreeSet};

use crate::book::{ContactId, Entry, Held, StoreId, Write};
use crate::card::Card;
use crate::merge::{Merged, Side, merge, survivor};
use crate::sync::{Action, ContactPlan, Member, Merging, Plan, QuestionId, Record, Union};

use super::begun::{Beginnings, Begun, Scene};
use super::copy::{Copy, copies};
use super::draft::Draft;
use super::meeting::{Joining, told_by, unite_all};
use super::{OnePerson, Situation, Touched, ask, keys_of, policy};

/// Known contacts that are one person.
pub(super) struct Circle<'a> {
    /// The one that goes on first, the others by id.
    members: Vec<&'a Touched>,
    /// By property name the contact whose value is taken.
    take: BTreeMap<&'a str, &'a ContactId>,
    /// The card as a person wrote it.
    written: Option<Card>,
    /// Those whose values an earlier run has joined already: what counts of them now is what was
    /// edited since.
    begun: BTreeSet<&'a ContactId>,
    questions: Vec<QuestionId>,
}

impl<'a> Circle<'a> {
    pub(super) fn ids(&self) -> impl Iterator<Item = &'a ContactId> {
        self.members.iter().map(|touched| &touched.known.id)
    }

    pub(super) fn is_group(&self) -> bool {
        self.members.iter().any(|touched| touched.is_group())
    }

    /// Somebody is joined here who was not before.
    fn is_new(&self) -> bool {
        self.ids().any(|id| !self.begun.contains(id))
    }
}

/// Brings the decisions together: who is one person with somebody who is one with a third.
pub(super) fn circles(situation: &Situation) -> Vec<Circle<'_>> {
    let known: BTreeMap<&ContactId, &Touched> = situation
        .touched
        .iter()
        .map(|touched| (&touched.known.id, touched))
        .collect();
    let unions: Vec<&OnePerson> = situation
        .unions
        .iter()
        .filter(|union| union.contacts.iter().all(|id| known.contains_key(id)))
        .collect();
    let mut circles: Vec<BTreeSet<&ContactId>> = Vec::new();
    for union in &unions {
        let mut joined: BTreeSet<&ContactId> = union.contacts.iter().collect();
        circles.retain(|circle| {
            let meets = !circle.is_disjoint(&joined);
            if meets {
                joined.extend(circle);
            }
            !meets
        });
        circles.push(joined);
    }
    circles.sort();
    circles
        .iter()
        .map(|ids| {
            let of_these = unions
                .iter()
                .filter(|union| ids.contains(&union.contacts[0]));
            circle(ids, of_these.copied().collect(), &known)
        })
        .collect()
}

fn circle<'a>(
    ids: &BTreeSet<&'a ContactId>,
    unions: Vec<&'a OnePerson>,
    known: &BTreeMap<&'a ContactId, &'a Touched>,
) -> Circle<'a> {
    let mut members: Vec<&Touched> = ids.iter().filter_map(|id| known.get(id).copied()).collect();
    let how: Vec<&Merging> = unions.iter().map(|union| &union.how).collect();
    // The one that was chosen and that no other choice takes in.
    let given_up = |id: &ContactId| {
        unions.iter().any(|union| {
            union.contacts.contains(id) && union.how.keep.as_ref().is_some_and(|keep| keep != id)
        })
    };
    let chosen = members.iter().position(|touched| {
        let id = &touched.known.id;
        how.iter().any(|how| how.keep.as_ref() == Some(id)) && !given_up(id)
    });
    let cards: Vec<&Card> = members
        .iter()
        .map(|touched| &touched.known.agreed)
        .collect();
    if let Some(first) = chosen.or_else(|| survivor(&cards)) {
        let first = members.remove(first);
        members.insert(0, first);
    }
    let written = match how.as_slice() {
        [how] => how
            .card
            .as_ref()
            .and_then(|text| Card::parse(text.as_bytes()).ok()),
        _ => None,
    };
    Circle {
        members,
        take: how
            .iter()
            .flat_map(|how| &how.take)
            .map(|(name, id)| (name.as_str(), id))
            .collect(),
        written,
        begun: ids
            .iter()
            .copied()
            .filter(|id| {
                unions
                    .iter()
                    .all(|union| union.how.begun || !union.contacts.contains(id))
            })
            .collect(),
        questions: unions.iter().map(|union| union.question.clone()).collect(),
    }
}

/// One contact of a circle, merged with what its own stores did to it.
struct Part<'a> {
    touched: &'a Touched,
    copies: Vec<Copy<'a>>,
    merged: Merged,
}

impl<'a> Part<'a> {
    fn of(scene: &Scene, touched: &'a Touched, joining: &[(&'a StoreId, &'a Entry)]) -> Self {
        let known = &touched.known;
        let copies = copies(scene, touched, joining);
        let sides: Vec<Side> = copies
            .iter()
            .filter(|copy| copy.counts())
            .map(|copy| copy.side(scene))
            .collect();
        let merged = merge(
            &scene.uids.agreed_card(None, &known.agreed),
            &known.held_back,
            &sides,
            &policy(scene, known),
        );
        Part {
            touched,
            copies,
            merged,
        }
    }

    /// What it has to say, or what it has to say since it was asked before.
    fn voices(&self, scene: &Scene, circle: &Circle) -> Vec<Card> {
        if circle.begun.contains(self.id()) && self.merged.editors.is_empty() {
            Vec::new()
        } else {
            self.all_voices(scene)
        }
    }

    fn id(&self) -> &'a ContactId {
        &self.touched.known.id
    }

    /// What it has to say: its card, and each copy of it about which the stores do not agree.
    fn all_voices(&self, scene: &Scene) -> Vec<Card> {
        let mut voices = vec![self.merged.whole()];
        if !self.merged.conflicts.is_empty() {
            voices.extend(self.copies.iter().map(|copy| told_by(copy, scene)));
        }
        voices
    }

    fn member(&self) -> Member {
        Member {
            id: self.id().clone(),
            name: self.merged.whole().name(),
            agreed: self.merged.card.clone(),
            stores: self.touched.known.stores.clone(),
        }
    }
}

pub(super) fn plan_circle<'a>(
    scene: &Scene,
    circle: &Circle<'a>,
    joining: &Joining<'a>,
    beginnings: &mut Beginnings<'a>,
    plan: &mut Plan,
) {
    let mut parts = circle.members.iter().map(|touched| {
        let joining = joining
            .get(&touched.known.id)
            .map_or(&[][..], Vec::as_slice);
        Part::of(scene, touched, joining)
    });
    let Some(root) = parts.next() else { return };
    let others: Vec<Part> = parts.collect();
    let union = circle.is_new().then(|| Union {
        members: std::iter::once(&root)
            .chain(&others)
            .map(Part::member)
            .collect(),
        questions: circle.questions.clone(),
    });
    let card = joined(scene, circle, &root, &others);
    let id = root.id();
    ask(id, &root.merged, plan);

    let (mut heirs, mut surplus) = (root.copies, Vec::new());
    let mut absorbed = Vec::new();
    for other in others {
        let (taken, left): (Vec<Copy>, Vec<Copy>) = other
            .copies
            .into_iter()
            .partition(|copy| heirs.iter().all(|heir| heir.store != copy.store));
        heirs.extend(taken);
        surplus.push(left);
        absorbed.push((other.touched, other.merged));
    }
    for ((touched, merged), left) in absorbed.into_iter().zip(surplus) {
        beginnings.absorb(&touched.known, id);
        let gone = give_up(scene, touched, &merged, &left, &heirs, id);
        plan.contacts.push(gone);
    }
    let known = &root.touched.known;
    beginnings.extend([Begun {
        draft: Draft {
            id: id.clone(),
            merged: root.merged.with_card(card),
            known: Some(known),
            followed: Vec::new(),
        },
        before: Some(scene.uids.agreed_card(None, &known.agreed)),
        copies: heirs,
        union,
        is_idle: false,
    }]);
}

/// The one card of all.
fn joined(scene: &Scene, circle: &Circle, root: &Part, others: &[Part]) -> Card {
    if let Some(written) = circle.written.as_ref().filter(|_| circle.is_new()) {
        return written.clone();
    }
    let takes = |id: &ContactId| -> Vec<String> {
        let names = circle.take.iter().filter(|(_, taken)| **taken == id);
        names.map(|(name, _)| (*name).to_owned()).collect()
    };
    let mut voices = Vec::new();
    let mut take: BTreeMap<String, usize> =
        takes(root.id()).into_iter().map(|name| (name, 0)).collect();
    for other in others {
        let index = voices.len() + 1;
        take.extend(takes(other.id()).into_iter().map(|name| (name, index)));
        voices.extend(other.voices(scene, circle));
    }
    unite_all(&root.merged.card, &voices, &take)
}

/// What becomes of a contact whose values another one goes on with: its entries go where that one
/// has its own, as far as they may be deleted.
fn give_up(
    scene: &Scene,
    touched: &Touched,
    merged: &Merged,
    left: &[Copy],
    heirs: &[Copy],
    heir: &ContactId,
) -> ContactPlan {
    let known = &touched.known;
    let mut records = BTreeMap::new();
    let mut actions = Vec::new();
    for copy in left {
        let facts = scene.stores.get(copy.store);
        let is_safe = heirs
            .iter()
            .any(|heir| heir.store == copy.store && !heir.unsure && !heir.rests);
        let writable = facts.is_some_and(|facts| facts.writable);
        match copy.etag {
            Some(etag) if writable && is_safe && !copy.unsure && copy.counts() => {
                actions.push(Action {
                    store: copy.store.clone(),
                    write: Write::Delete {
                        href: copy.href.clone(),
                        etag: etag.clone(),
                    },
                    before: Some(copy.now.clone()),
                    changes: Vec::new(),
                });
            }
            _ => {
                let was = copy.was.cloned();
                let held = was.unwrap_or_else(|| copy.held(merged.card.clone()));
                let held = Held {
                    let_go: held.let_go || !writable,
                    ..held
                };
                records.insert(copy.store.clone(), Record::Held(Box::new(held)));
            }
        }
    }
    ContactPlan {
        id: known.id.clone(),
        name: merged.whole().name(),
        agreed: merged.card.clone(),
        held_back: merged.held_back(),
        keys: keys_of(&merged.card, left.iter().map(|copy| copy.now)),
        had: known.stores.keys().cloned().collect(),
        gone: BTreeSet::new(),
        ends: records.is_empty(),
        records,
        actions,
        was_agreed: false,
        absorbed_into: Some(heir.clone()),
        union: None,
    }
}
