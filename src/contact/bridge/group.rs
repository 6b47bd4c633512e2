//! Group cards: what list each stands for, and whom it names.

use std::collections::{BTreeMap, BTreeSet};

use crate::book::ContactId;
use crate::card::{Card, Change, Field, FieldKey};
use crate::contact::property::{CATEGORIES, GOAL, GOAL_BY, GOAL_STATUS, GOAL_TARGET};
use crate::contact::{Goal, uid_of_member};

use super::Edited;

/// Whether a card is a group's: `KIND:group`, or what address book servers have for it.
pub fn is_group(card: &Card) -> bool {
    // Most cards have no such line, and then need not be read.
    let mut lines = card.bytes().split(|&byte| byte == b'\n');
    let is_named = |line: &[u8]| {
        let start = &line[..line.len().min(LONGEST_NAME)];
        start
            .windows(4)
            .any(|word| word.eq_ignore_ascii_case(b"KIND"))
    };
    lines.any(is_named)
        && card
            .fields_named(&["KIND"])
            .iter()
            .any(|field| field.value().eq_ignore_ascii_case("group"))
}

/// Octets at the beginning of a line that may be its group and its name.
const LONGEST_NAME: usize = 75;

/// The name of a group, as its card has it.
pub fn name_of_group(card: &Card) -> Option<String> {
    let name = card.fields_named(&["FN"]).first()?.text();
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// Whether a group's card is the own card of a goal.
pub fn stands_for_goal(card: &Card) -> bool {
    Goal::of(&card.fields_named(&[GOAL_BY, GOAL_TARGET, GOAL_STATUS])).is_some()
}

/// The line that names a contact of this UID as a member.
pub fn member_of(uid: &str) -> Field {
    match uid.contains(':') {
        true => Field::new("MEMBER", uid),
        false => Field::new("MEMBER", &format!("urn:uuid:{uid}")),
    }
}

/// A group card before and after.
pub(super) struct GroupCard<'e> {
    pub id: &'e ContactId,
    before: Option<Told<'e>>,
    after: Option<Told<'e>>,
}

/// What a group card tells.
struct Told<'e> {
    /// As the members have it: the category, or the goal.
    list: Option<FieldKey>,
    /// The lines that name members whom we know, by whom they name.
    members: BTreeMap<&'e ContactId, Vec<FieldKey>>,
}

impl<'e> Told<'e> {
    fn of(card: &Card, known_as: &BTreeMap<String, &'e ContactId>) -> Option<Told<'e>> {
        if !is_group(card) {
            return None;
        }
        let property = match stands_for_goal(card) {
            true => GOAL,
            false => CATEGORIES,
        };
        let list = name_of_group(card).map(|name| Field::new(property, &name).key().clone());
        let mut members: BTreeMap<&ContactId, Vec<FieldKey>> = BTreeMap::new();
        for field in card.fields_named(&["MEMBER"]) {
            let uid = uid_of_member(field.value()).to_lowercase();
            if let Some(id) = known_as.get(&uid) {
                members.entry(id).or_default().push(field.key().clone());
            }
        }
        Some(Told { list, members })
    }
}

impl<'e> GroupCard<'e> {
    pub fn of(
        id: &'e ContactId,
        edited: &Edited,
        known_as: &BTreeMap<String, &'e ContactId>,
    ) -> Self {
        let told = |card: &Option<Card>| card.as_ref().and_then(|card| Told::of(card, known_as));
        let mut group = GroupCard {
            id,
            before: told(&edited.before),
            after: told(&edited.after),
        };
        // While a new name is disputed the old one holds.
        if super::waits(edited, "FN")
            && let (Some(before), Some(after)) = (&group.before, &mut group.after)
        {
            after.list = before.list.clone().or_else(|| after.list.take());
        }
        group
    }

    pub fn list_before(&self) -> Option<&FieldKey> {
        self.before.as_ref()?.list.as_ref()
    }

    pub fn list_after(&self) -> Option<&FieldKey> {
        self.after.as_ref()?.list.as_ref()
    }

    pub fn had(&self, id: &ContactId) -> bool {
        has(self.before.as_ref(), id)
    }

    pub fn has(&self, id: &ContactId) -> bool {
        has(self.after.as_ref(), id)
    }

    /// Everybody whom it names, before or after.
    pub fn members(&self) -> BTreeSet<&'e ContactId> {
        let told = self.before.iter().chain(&self.after);
        told.flat_map(|told| told.members.keys().copied()).collect()
    }
}

fn has(told: Option<&Told>, id: &ContactId) -> bool {
    told.is_some_and(|told| told.members.contains_key(id))
}

/// What has to change so that a group names who stands on its list, each once and by the agreed
/// UID. Whom nobody knows stays named.
pub(super) fn members_due(
    group: &GroupCard,
    listed: &BTreeMap<&ContactId, BTreeSet<FieldKey>>,
    edited: &BTreeMap<ContactId, Edited>,
) -> Vec<Change> {
    let Some(told) = &group.after else {
        return Vec::new();
    };
    let mut changes = Vec::new();
    for (id, lists) in listed {
        let after = edited.get(*id).and_then(|edited| edited.after.as_ref());
        let there = told.members.get(id).map_or(&[][..], Vec::as_slice);
        let is_listed = match &told.list {
            Some(list) => lists.contains(list),
            None => !there.is_empty(),
        };
        if !is_listed && there.is_empty() {
            continue;
        }
        let uid = after.and_then(Card::uid);
        if is_listed && uid.is_none() {
            continue;
        }
        let wanted = uid.filter(|_| is_listed).map(|uid| member_of(&uid));
        let other = |key: &&FieldKey| wanted.as_ref().map(Field::key) != Some(*key);
        changes.extend(there.iter().filter(other).cloned().map(Change::Remove));
        if let Some(wanted) = wanted.filter(|wanted| !there.contains(wanted.key())) {
            changes.push(Change::Add(wanted));
        }
    }
    changes
}
