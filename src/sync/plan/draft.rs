//! A contact that goes on: what is recorded of each store, and the writes that bring it in step.

use std::collections::{BTreeMap, BTreeSet};

use crate::book::{ContactId, Held, Keeps, Known, StoreId, Write};
use crate::card::{Card, Change, Field, FieldKey, Version};
use crate::merge::{Due, Merged, Standing, changes_due};
use crate::sync::naming::{resource_name, uid_for};
use crate::sync::{Action, ContactPlan, FieldChange, Record};

use super::copy::Copy;
use super::private::{is_kept_away, is_private, without, without_omitted};
use super::{Scene, StoreFacts, keys_of};

/// A contact that goes on: merged, and not yet brought to the stores.
pub(super) struct Draft<'a> {
    pub(super) id: ContactId,
    pub(super) merged: Merged,
    pub(super) known: Option<&'a Known>,
    /// How it followed other cards after it was merged.
    pub(super) followed: Vec<Change>,
}

impl Draft<'_> {
    pub(super) fn plan(self, scene: &Scene, copies: &[Copy]) -> ContactPlan {
        let held_back: BTreeSet<FieldKey> = self
            .merged
            .conflicts
            .iter()
            .map(|conflict| conflict.field.clone())
            .collect();
        let agreed_fields = self.merged.card.fields();
        let mut records = BTreeMap::new();
        let mut actions = Vec::new();
        let whole = self.merged.whole();
        let was_agreed = self.was_agreed();
        for (store, facts) in &scene.stores {
            let copy = copies.iter().find(|copy| copy.store == store);
            let is_kept_away = is_kept_away(&whole, &facts.omit);
            let (record, action) = match copy {
                Some(copy) if copy.unsure => (record_of(copy.was.cloned()), None),
                // Whatever stands there is left as it is, and counts as in step.
                Some(copy) if is_kept_away || copy.is_kept_away => {
                    (record_of(Some(copy.held(self.merged.card.clone()))), None)
                }
                Some(copy) => {
                    let (held, action) =
                        self.bring_in_step(scene, facts, copy, &agreed_fields, &held_back);
                    (record_of(Some(held)), action)
                }
                None if is_kept_away => (Record::KeptAway, None),
                None => (Record::Nothing, self.create(scene, store, facts)),
            };
            records.insert(store.clone(), record);
            actions.extend(action);
        }
        ContactPlan {
            name: whole.name(),
            keys: keys_of(&self.merged.card, copies.iter().map(|copy| copy.now)),
            held_back: self.merged.held_back(),
            had: self
                .known
                .map(|known| known.stores.keys().cloned().collect())
                .unwrap_or_default(),
            gone: BTreeSet::new(),
            agreed: self.merged.card,
            id: self.id,
            records,
            actions,
            ends: false,
            was_agreed,
            absorbed_into: None,
            union: None,
        }
    }

    fn create(&self, scene: &Scene, store: &StoreId, facts: &StoreFacts) -> Option<Action> {
        if !facts.available || !facts.writable || self.was_refused(store) {
            return None;
        }
        let agreed = self.merged.whole();
        let uid = agreed
            .uid()
            .unwrap_or_else(|| uid_for(&agreed, self.id.as_str()));
        let version = match agreed.version() {
            Version::V4_0 if facts.keeps.version_4 => Version::V4_0,
            _ => Version::V3_0,
        };
        let card = scene
            .uids
            .card_for(store, &without_omitted(&agreed, &facts.omit))
            .in_version(version)
            .fit_to_send(&uid);
        Some(Action {
            store: store.clone(),
            write: Write::Create {
                name: resource_name(&uid),
                card: keepable(card, facts.keeps),
            },
            before: None,
            changes: Vec::new(),
        })
    }

    /// What the baseline shall say of a store that has the contact, and the write that is due.
    fn bring_in_step(
        &self,
        scene: &Scene,
        facts: &StoreFacts,
        copy: &Copy,
        agreed: &[Field],
        held_back: &BTreeSet<FieldKey>,
    ) -> (Held, Option<Action>) {
        let mut held = copy.held(self.merged.card.clone());
        let due = self.due(scene, facts, copy, agreed, held_back);
        let all_dropped = due
            .iter()
            .all(|due| is_new(&due.change) && facts.drops.contains(name_of(&due.change)));
        if due.is_empty() || !facts.writable || all_dropped {
            return (held, None);
        }
        let (changes, still): (Vec<Change>, Vec<Change>) =
            due.into_iter().map(|due| (due.change, due.still)).unzip();
        let changes = scene.uids.changes_for(copy.store, copy.now, changes);
        let mut card = scene.uids.card_for(copy.store, &copy.now.apply(&changes));
        if agreed.iter().all(|field| field.name() != "N") {
            card = card.with_made_up_name(copy.now);
        }
        if !copy.now.has_inline_media_in_4() {
            card = keepable(card, facts.keeps);
        }
        if card == *copy.now {
            return (held, None);
        }
        held.given = self.merged.card.apply(&still);
        let Some(etag) = copy.etag.filter(|_| !self.was_refused(copy.store)) else {
            return (held, None);
        };
        held.sent = Some(card.clone());
        let action = Action {
            store: copy.store.clone(),
            changes: FieldChange::of(&changes, copy.now),
            before: Some(copy.now.clone()),
            write: Write::Update {
                href: copy.href.clone(),
                etag: etag.clone(),
                card,
            },
        };
        (held, Some(action))
    }

    fn due(
        &self,
        scene: &Scene,
        facts: &StoreFacts,
        copy: &Copy,
        agreed: &[Field],
        held_back: &BTreeSet<FieldKey>,
    ) -> Vec<Due> {
        let told = |store, card: &Card| {
            let fields = scene.uids.agreed_fields(store, card.fields());
            without(fields, &facts.omit)
        };
        let now = told(Some(copy.store), copy.now);
        let (mut given, held) = match copy.was {
            Some(was) => (told(None, &was.given), told(Some(copy.store), &was.held)),
            None => (now.clone(), now.clone()),
        };
        if let Some(forgotten) = self.merged.forgotten.get(copy.store) {
            given.retain(|field| !forgotten.contains(field.key()));
        }
        let standing = Standing {
            given: &given,
            held: &held,
            now: &now,
        };
        let agreed = without(agreed.to_vec(), &facts.omit);
        let mut due = changes_due(&agreed, &standing, held_back);
        let overruled = self.overruled(&standing, &due, facts);
        due.extend(overruled);
        let is_named = |member: &Field| agreed.iter().any(|field| field.key() == member.key());
        due.extend(succeeding(scene, copy, is_named));
        due
    }

    /// What this store edited and what did not become so, because other cards say otherwise. Neither
    /// what it was given nor what all agree on tells of it.
    fn overruled(&self, standing: &Standing, due: &[Due], facts: &StoreFacts) -> Vec<Due> {
        let find = |fields: &[Field], key: &FieldKey| {
            fields.iter().find(|field| field.key() == key).cloned()
        };
        let is_due = |key: &FieldKey| {
            due.iter().any(|due| match &due.change {
                Change::Add(field) => field.key() == key,
                Change::Remove(other) => other == key,
                Change::Replace(other, field) => other == key || field.key() == key,
            })
        };
        let overruled = self.followed.iter().filter_map(|change| match change {
            Change::Remove(key) if !is_due(key) => Some(Due {
                change: change.clone(),
                still: Change::Add(find(standing.now, key)?),
            }),
            Change::Add(field) if !is_due(field.key()) && !is_private(field, &facts.omit) => {
                let key = field.key();
                find(standing.given, key).and(find(standing.held, key))?;
                find(standing.now, key).is_none().then(|| Due {
                    change: change.clone(),
                    still: Change::Remove(key.clone()),
                })
            }
            _ => None,
        });
        overruled.collect()
    }

    /// No store had anything to say, and the card is what it was before this run.
    fn was_agreed(&self) -> bool {
        let Merged {
            card,
            editors,
            forgotten,
            ..
        } = &self.merged;
        let is_quiet = editors.is_empty() && forgotten.is_empty();
        is_quiet && self.known.is_some_and(|known| known.agreed == *card)
    }

    /// The store refused this very card before, so offering it again would only repeat that.
    fn was_refused(&self, store: &StoreId) -> bool {
        let refused = self.known.and_then(|known| known.refused.get(store));
        refused.is_some_and(|hash| *hash == self.merged.card.hash())
    }
}

/// Names the members anew who have become another contact, and stay members.
fn succeeding(scene: &Scene, copy: &Copy, is_named: impl Fn(&Field) -> bool) -> Vec<Due> {
    let outlived = scene.uids.outlived(copy.store, copy.now).into_iter();
    let due = outlived
        .filter(|(agreed, _)| is_named(agreed))
        .map(|(agreed, member)| {
            let key = agreed.key().clone();
            Due {
                still: Change::Replace(key.clone(), member),
                change: Change::Replace(key, agreed),
            }
        });
    due.collect()
}

fn record_of(held: Option<Held>) -> Record {
    held.map_or(Record::Nothing, |held| Record::Held(Box::new(held)))
}

/// What is changed is there, so this store keeps it on this card, whatever it dropped elsewhere.
fn is_new(change: &Change) -> bool {
    matches!(change, Change::Add(_))
}

fn name_of(change: &Change) -> &str {
    match change {
        Change::Add(field) => field.name(),
        Change::Remove(key) | Change::Replace(key, _) => &key.name,
    }
}

/// The card in a form in which the store does not destroy its pictures.
fn keepable(card: Card, keeps: Keeps) -> Card {
    if card.has_inline_media_in_4() && !keeps.inline_media_in_4 {
        card.in_version(Version::V3_0)
    } else {
        card
    }
}
