//! Decides what is to become of each contact. Pure: values in, values out.

mod begun;
mod copy;
mod draft;
mod elsewhere;
mod meeting;
mod private;
mod spelling;
mod union;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::book::{ContactId, Entry, Held, Keeps, Known, StoreId, Write};
use crate::card::{Card, Change, Field};
use crate::contact::is_group;
use crate::duplicates::{Group, copy_key, match_keys};
use crate::merge::{Conflicts, Merged, Policy, Side, merge};

use super::{Action, Conflicting, ContactPlan, Merging, Plan, Question, QuestionId, Record};

use begun::{Beginnings, Begun, Scene};
use copy::{Copy, copies};
use draft::Draft;
use meeting::{Founders, meet, plan_new};
use union::Circle;

pub use private::{is_kept_away, is_omitted, is_private};
pub use spelling::Uids;

/// Everything that deciding needs to know about a book.
#[derive(Debug, Clone, Default)]
pub struct Situation {
    pub stores: BTreeMap<StoreId, StoreFacts>,
    /// The known contacts worth looking at.
    pub touched: Vec<Touched>,
    /// Known contacts to which nothing happened, and who may follow those to whom something did:
    /// group cards, and who is named on one.
    pub others: Vec<Known>,
    /// Entries of no known contact.
    pub newcomers: Vec<(StoreId, Entry)>,
    /// Which newcomers, by index, are one person, and which known contact they are.
    pub people: Vec<Group>,
    pub conflicts: Conflicts,
    /// Answers: whose value is taken for the field that was asked about.
    pub answers: BTreeMap<QuestionId, StoreId>,
    /// Answers: contacts that are one person.
    pub unions: Vec<OnePerson>,
    /// Answers: contacts that are two.
    pub apart: Vec<[ContactId; 2]>,
    /// A tier stands in a category too.
    pub mirror_tiers: bool,
    /// For what is noted of this day on cards.
    pub today: Date,
}

/// Two contacts that are one person, by somebody's decision.
#[derive(Debug, Clone, PartialEq)]
pub struct OnePerson {
    pub question: QuestionId,
    pub contacts: [ContactId; 2],
    pub how: Merging,
}

/// What deciding needs to know of one store.
#[derive(Debug, Clone, PartialEq)]
pub struct StoreFacts {
    /// It answered in this run.
    pub available: bool,
    pub writable: bool,
    pub keeps: Keeps,
    /// Properties that never go there and are never taken from there: names, `*` at the end
    /// stands for any ending.
    pub omit: Vec<String>,
    /// Properties that it was seen to drop.
    pub drops: BTreeSet<String>,
}

/// A known contact, and what its stores hold of it now.
#[derive(Debug, Clone)]
pub struct Touched {
    pub known: Known,
    /// A store that is not named here is as it was.
    pub now: BTreeMap<StoreId, Now>,
}

/// What was found where an entry was known.
#[derive(Debug, Clone, PartialEq)]
pub enum Now {
    /// Another version of it.
    Entry(Entry),
    /// Nothing, and it was confirmed.
    Gone,
    /// Something that could not be read: neither changed nor gone.
    Unsure,
}

/// Decides what a run is to do, and what it has to ask.
///
/// The same function for a dry run, an unattended run and an answered question: more answers in,
/// fewer questions out.
pub fn plan(situation: &Situation) -> Plan {
    let mut plan = Plan::default();
    let (joining, founding) = meet(situation, &mut plan);
    let circles = union::circles(situation);
    let united: BTreeSet<&ContactId> = circles.iter().flat_map(Circle::ids).collect();
    let others: Vec<Touched> = situation.others.iter().map(Touched::idle).collect();

    let by_kind = |all: &'_ [Touched]| -> Vec<bool> { all.iter().map(Touched::is_group).collect() };
    let (touched_groups, other_groups) = (by_kind(&situation.touched), by_kind(&others));
    let founding_groups: Vec<bool> = founding.iter().map(Founders::is_group).collect();
    let has_groups = [&touched_groups, &other_groups, &founding_groups]
        .into_iter()
        .any(|are_groups| are_groups.contains(&true));

    // Group cards come second: who their members are is known when all others are merged.
    let mut scene = Scene::of(situation);
    let mut beginnings = Beginnings::default();
    for groups in [false, true] {
        if groups && !has_groups {
            break;
        }
        if groups {
            beginnings.name(&mut scene);
        }
        for circle in circles.iter().filter(|circle| circle.is_group() == groups) {
            union::plan_circle(&scene, circle, &joining, &mut beginnings, &mut plan);
        }
        for touched in of_kind(&situation.touched, &touched_groups, groups) {
            let id = &touched.known.id;
            if !united.contains(id) {
                let joining = joining.get(id).map_or(&[][..], Vec::as_slice);
                plan_known(&scene, touched, joining, &mut beginnings, &mut plan);
            }
        }
        let idle = of_kind(&others, &other_groups, groups);
        beginnings.extend(idle.map(|touched| Begun::idle(&scene, touched)));
        for founders in of_kind(&founding, &founding_groups, groups) {
            beginnings.extend(plan_new(&scene, founders, &mut plan));
        }
    }
    plan.contacts.extend(beginnings.bridged(&scene));
    elsewhere::recognise(&mut plan);
    plan.contacts
        .sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    plan.questions
        .sort_by(|a, b| (a.name(), a.id()).cmp(&(b.name(), b.id())));
    plan
}

/// Those that are group cards, or those that are not.
fn of_kind<'a, T>(all: &'a [T], are_groups: &[bool], groups: bool) -> impl Iterator<Item = &'a T> {
    all.iter()
        .zip(are_groups)
        .filter(move |(_, is_group)| **is_group == groups)
        .map(|(one, _)| one)
}

impl Touched {
    fn idle(known: &Known) -> Touched {
        Touched {
            known: known.clone(),
            now: BTreeMap::new(),
        }
    }

    fn is_group(&self) -> bool {
        let now = self.now.values().filter_map(|now| match now {
            Now::Entry(entry) => Some(&entry.card),
            Now::Gone | Now::Unsure => None,
        });
        std::iter::once(&self.known.agreed).chain(now).any(is_group)
    }
}

/// The newcomers that are one person each, by store, for whoever only wants to see them.
pub fn meetings(situation: &Situation) -> Vec<Vec<(&StoreId, &Entry)>> {
    let (joining, founding) = meet(situation, &mut Plan::default());
    let founding = founding
        .into_iter()
        .map(|founders| founders.entries.into_iter().collect());
    joining.into_values().chain(founding).collect()
}

/// The keys of the agreed card, and the UIDs that stores gave their own copies.
pub fn keys_of<'a>(agreed: &Card, copies: impl Iterator<Item = &'a Card>) -> BTreeSet<String> {
    let mut keys = match_keys(agreed);
    keys.extend(copies.filter_map(copy_key));
    keys
}

fn plan_known<'a>(
    scene: &Scene,
    touched: &'a Touched,
    joining: &[(&'a StoreId, &'a Entry)],
    beginnings: &mut Beginnings<'a>,
    plan: &mut Plan,
) {
    let known = &touched.known;
    let is_kept_away = |store: &&StoreId| is_kept_away(&known.agreed, scene.omit(store));
    let gone: Vec<&StoreId> = known
        .stores
        .keys()
        .filter(|store| touched.now.get(*store) == Some(&Now::Gone))
        .filter(|store| joining.iter().all(|(joined, _)| joined != store))
        .filter(|store| !is_kept_away(store))
        .collect();
    let copies = copies(scene, touched, joining);
    let (strangers, own): (Vec<&Copy>, Vec<&Copy>) = copies
        .iter()
        .partition(|copy| copy.was.is_none() && !bears_uid_of(known, copy.now));
    let sides: Vec<Side> = own
        .iter()
        .filter(|copy| copy.counts())
        .map(|copy| copy.side(scene))
        .collect();
    let policy = policy(scene, known);
    let agreed = scene.uids.agreed_card(None, &known.agreed);
    let merged = merge(&agreed, &known.held_back, &sides, &policy);
    let merged = told_apart(scene, &known.id, merged);

    // A deletion counts only where all that there was to see could be seen: not where an edit was
    // still on its way to that store, nor where a field waits for somebody's decision. And a card
    // that was sent and never seen there may never have been there.
    let was_seen = |store: &&StoreId| {
        known.held_back.is_empty()
            && known
                .stores
                .get(*store)
                .is_some_and(|held| held.given == known.agreed && held.sent.is_none())
    };
    // What is in no store yet was added here.
    let was_somewhere = known.stores.keys().any(|store| !is_kept_away(&store));
    let mut open = copies.iter().filter(|copy| !copy.is_kept_away);
    let is_deleted = gone.iter().any(was_seen) || was_somewhere && open.all(|copy| copy.rests);
    let is_edited = !merged.editors.is_empty() || !merged.conflicts.is_empty();
    if is_deleted && !is_edited && strangers.is_empty() {
        beginnings.end(known);
        end(scene, known, &copies, &gone, plan);
        return;
    }
    ask(&known.id, &merged, plan);
    let (merged, union) = meeting::welcome(scene, known, merged, &strangers);
    beginnings.extend([Begun {
        draft: Draft {
            id: known.id.clone(),
            merged,
            known: Some(known),
            followed: Vec::new(),
        },
        before: Some(agreed),
        copies,
        union,
        is_idle: false,
    }]);
}

/// Whether a card has the UID of the contact, or that which a store gave its copy.
fn bears_uid_of(known: &Known, card: &Card) -> bool {
    let same = |other: &Card| match (card.uid(), other.uid()) {
        (Some(uid), Some(other)) => uid.eq_ignore_ascii_case(&other),
        _ => false,
    };
    same(&known.agreed) || known.stores.values().any(|held| same(&held.held))
}

fn policy(situation: &Situation, known: &Known) -> Policy {
    let mut taken = BTreeMap::new();
    for held in &known.held_back {
        let id = QuestionId::of_field(&known.id, held);
        if let Some(store) = situation.answers.get(&id) {
            taken.insert(held.clone(), store.clone());
        }
    }
    Policy {
        conflicts: situation.conflicts.clone(),
        taken,
    }
}

fn ask(id: &ContactId, merged: &Merged, plan: &mut Plan) {
    let name = merged.whole().name();
    plan.questions.extend(
        merged
            .conflicts
            .iter()
            .map(|conflict| Question::Conflict(Conflicting::about(id, &name, conflict))),
    );
}

/// Passes a deletion on: nobody edited what somebody deleted.
fn end(scene: &Scene, known: &Known, copies: &[Copy], gone: &[&StoreId], plan: &mut Plan) {
    let copies = || copies.iter().filter(|copy| !copy.is_kept_away);
    // A store that cannot be asked may hold an edit, which would beat the deletion.
    if copies().any(|copy| copy.unsure && !copy.rests) {
        plan.untold
            .extend(gone.iter().map(|store| (*store).clone()));
        return;
    }
    let mut actions = Vec::new();
    let mut records = BTreeMap::new();
    for copy in copies() {
        let writable = scene
            .stores
            .get(copy.store)
            .is_some_and(|facts| facts.writable);
        match copy.etag {
            Some(etag) if writable && !copy.rests => actions.push(Action {
                store: copy.store.clone(),
                write: Write::Delete {
                    href: copy.href.clone(),
                    etag: etag.clone(),
                },
                before: Some(copy.now.clone()),
                changes: Vec::new(),
            }),
            _ => {
                let held = Held {
                    let_go: true,
                    ..copy.held(known.agreed.clone())
                };
                records.insert(copy.store.clone(), Record::Held(Box::new(held)));
            }
        }
    }
    let keys = if records.is_empty() {
        BTreeSet::new()
    } else {
        match_keys(&known.agreed)
    };
    plan.contacts.push(ContactPlan {
        id: known.id.clone(),
        name: known.agreed.name(),
        agreed: known.agreed.clone(),
        held_back: Vec::new(),
        keys,
        had: known.stores.keys().cloned().collect(),
        gone: gone.iter().map(|store| (*store).clone()).collect(),
        ends: records.is_empty(),
        records,
        actions,
        was_agreed: false,
        absorbed_into: None,
        union: None,
    });
}

/// Notes on the card who it is not, so that every machine knows.
fn told_apart(situation: &Situation, id: &ContactId, merged: Merged) -> Merged {
    let others = situation.apart.iter().filter_map(|pair| match pair {
        [one, other] if one == id => Some(other),
        [other, one] if one == id => Some(other),
        _ => None,
    });
    let uids = others.filter_map(|other| {
        let known = situation.touched.iter().map(|touched| &touched.known);
        known
            .filter(|known| known.id == *other)
            .find_map(|known| known.agreed.uid())
    });
    let changes: Vec<Change> = uids
        .map(|uid| Change::Add(Field::new("X-CARDWEAVE-DISTINCT", &uid)))
        .collect();
    if changes.is_empty() {
        return merged;
    }
    let card = merged.card.apply(&changes);
    merged.with_card(card)
}
