//! Keeps in step what says the same in two places: tiers and their categories, lists and group cards.
//!
//! A group card named X stands for the category X on each of its members, and a goal's own card for
//! the goal on each of its contacts. Where tiers are mirrored, a tier stands for its category too.
//! Whoever edits one of the two places has edited the other. So the order is: what group cards say
//! becomes categories, categories and tier follow each other, and group cards follow the categories.

mod group;
mod mirror;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::book::ContactId;
use crate::card::{Card, Change, Field, FieldKey};

use super::property::{CATEGORIES, GOAL, TIER, one_or_none};
use super::{Tier, tier_of_category};

use group::{GroupCard, members_due};
use mirror::{Standing, mirrored, step};

pub use group::{is_group, member_of, name_of_group, stands_for_goal};

/// A card before and after somebody edited it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Edited {
    /// `None`: the contact is new.
    pub before: Option<Card>,
    /// `None`: the contact is gone.
    pub after: Option<Card>,
    /// The fields that wait for somebody's decision.
    pub held_back: Vec<FieldKey>,
}

/// How the cards of a book follow each other.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bridging {
    pub mirror_tiers: bool,
    /// For the line of the log that tells of a tier that changed.
    pub today: Date,
    /// Under which UIDs contacts are known besides their agreed ones, in lower case.
    pub also_known: BTreeMap<String, ContactId>,
}

/// What has to change so that cards that say the same in two places do. The changes are of the
/// cards as they are after the edits; a contact that is not named stays as it is.
///
/// A group card follows, and is followed, as far as its members are among the edited.
pub fn bridge(
    edited: &BTreeMap<ContactId, Edited>,
    bridging: &Bridging,
) -> BTreeMap<ContactId, Vec<Change>> {
    let is_a_group = |edited: &Edited| edited.cards().any(is_group);
    let (groups, people): (Vec<_>, Vec<_>) =
        edited.iter().partition(|(_, edited)| is_a_group(edited));
    if groups.is_empty() && !bridging.mirror_tiers {
        return BTreeMap::new();
    }
    let known_as = known_as(edited, bridging);
    let groups: Vec<GroupCard> = groups
        .into_iter()
        .map(|(id, edited)| GroupCard::of(id, edited, &known_as))
        .collect();
    let lists = Lists::of(&groups);
    let mut changes = BTreeMap::new();
    let mut listed: BTreeMap<&ContactId, BTreeSet<FieldKey>> = BTreeMap::new();
    for (id, edited) in people {
        let Some(after) = &edited.after else { continue };
        let person = Person::of(edited.before.as_ref(), after);
        let mut said = lists.said_of(id, &person);
        let mut due = Vec::new();
        if bridging.mirror_tiers && !waits(edited, TIER) {
            due = mirror(id, &person, &mut said, &lists, bridging.today);
        }
        due.splice(0..0, person.changes_to(&said));
        if !due.is_empty() {
            changes.insert(id.clone(), due);
        }
        listed.insert(id, said);
    }
    for group in &groups {
        let due = members_due(group, &listed, edited);
        if !due.is_empty() {
            changes.insert(group.id.clone(), due);
        }
    }
    changes
}

impl Edited {
    /// A card that nobody edited.
    pub fn idle(card: &Card) -> Edited {
        Edited {
            before: Some(card.clone()),
            after: Some(card.clone()),
            held_back: Vec::new(),
        }
    }

    fn cards(&self) -> impl Iterator<Item = &Card> {
        self.before.iter().chain(&self.after)
    }
}

fn waits(edited: &Edited, name: &str) -> bool {
    edited.held_back.iter().any(|key| key.name == name)
}

/// Whose UIDs these are, in lower case. The UID that a contact has now counts most.
fn known_as<'e>(
    edited: &'e BTreeMap<ContactId, Edited>,
    bridging: &'e Bridging,
) -> BTreeMap<String, &'e ContactId> {
    let mut known_as: BTreeMap<String, &ContactId> = bridging
        .also_known
        .iter()
        .map(|(uid, id)| (uid.clone(), id))
        .collect();
    let uids = |pick: fn(&Edited) -> Option<&Card>| {
        edited
            .iter()
            .filter_map(move |(id, edited)| Some((pick(edited)?.uid()?.to_lowercase(), id)))
    };
    for (uid, id) in uids(|edited| edited.before.as_ref()) {
        // Where a contact has become another one, its UID is the other one's.
        known_as.entry(uid).or_insert(id);
    }
    known_as.extend(uids(|edited| edited.after.as_ref()));
    known_as
}

/// The lists that a person stands on, before and after.
struct Person {
    before: Option<Said>,
    after: Said,
    uid: Option<String>,
}

/// What one card says.
struct Said {
    lists: BTreeSet<FieldKey>,
    tier: Option<Tier>,
}

impl Said {
    fn of(card: &Card) -> Said {
        let mut said = Said {
            lists: BTreeSet::new(),
            tier: None,
        };
        for field in card.fields_named(&[CATEGORIES, GOAL, TIER]) {
            match field.name() {
                TIER => said.tier = field.text().parse().ok(),
                _ => {
                    said.lists.insert(field.key().clone());
                }
            }
        }
        said
    }
}

impl Person {
    fn of(before: Option<&Card>, after: &Card) -> Person {
        Person {
            before: before.map(Said::of),
            after: Said::of(after),
            uid: after.uid(),
        }
    }

    /// What leads from what the card says to these lists.
    fn changes_to(&self, wanted: &BTreeSet<FieldKey>) -> Vec<Change> {
        let has = &self.after.lists;
        let removed = has.difference(wanted).cloned().map(Change::Remove);
        let added = wanted.difference(has).map(|key| Change::Add(listing(key)));
        removed.chain(added).collect()
    }
}

/// The line of a card that puts it on a list.
fn listing(list: &FieldKey) -> Field {
    Field::new(&list.name, &list.value)
}

/// The lists for which there are group cards.
struct Lists<'g> {
    /// Of each list the cards that stand for it now.
    now: BTreeMap<&'g FieldKey, Vec<&'g GroupCard<'g>>>,
    /// Of each contact the group cards that name it, before or after.
    of: BTreeMap<&'g ContactId, Vec<&'g GroupCard<'g>>>,
}

impl<'g> Lists<'g> {
    fn of(groups: &'g [GroupCard<'g>]) -> Self {
        let mut now: BTreeMap<&FieldKey, Vec<&GroupCard>> = BTreeMap::new();
        let mut of: BTreeMap<&ContactId, Vec<&GroupCard>> = BTreeMap::new();
        for group in groups {
            if let Some(list) = group.list_after() {
                now.entry(list).or_default().push(group);
            }
            for member in group.members() {
                of.entry(member).or_default().push(group);
            }
        }
        Lists { now, of }
    }

    /// The list that a group card is renamed from, where no other card stands for that one.
    fn renamed_from(&self, group: &'g GroupCard<'g>) -> Option<&'g FieldKey> {
        let (was, is) = (group.list_before()?, group.list_after()?);
        (was != is && !self.now.contains_key(was)).then_some(was)
    }

    /// On which lists a person stands, by all that is said of it: adding wins over removing, and
    /// where nobody edited anything, any place counts that says so.
    fn said_of(&self, id: &ContactId, person: &Person) -> BTreeSet<FieldKey> {
        let groups = self.of.get(id).map_or(&[][..], Vec::as_slice);
        let mut before = person.before.as_ref().map(|said| said.lists.clone());
        let mut after = person.after.lists.clone();
        // Whoever renames a group renames the category of its members with it.
        for group in groups.iter().filter(|group| group.had(id)) {
            if let (Some(was), Some(is)) = (self.renamed_from(group), group.list_after()) {
                for lists in before.iter_mut().chain([&mut after]) {
                    if lists.remove(was) {
                        lists.insert(is.clone());
                    }
                }
            }
        }
        let mut votes: BTreeMap<&FieldKey, Votes> = BTreeMap::new();
        for list in before.iter().flatten().chain(&after) {
            let was = before.as_ref().map(|lists| lists.contains(list));
            let is = after.contains(list);
            votes.entry(list).or_default().count(was, is);
        }
        for group in groups {
            if let Some(list) = group.list_after() {
                let is_same =
                    group.list_before() == Some(list) || self.renamed_from(group).is_some();
                let was = is_same.then(|| group.had(id));
                votes.entry(list).or_default().count(was, group.has(id));
            }
            if let Some(list) = group.list_before() {
                let stays = self.now.contains_key(list) || self.renamed_from(group).is_some();
                if !stays {
                    let was = Some(group.had(id));
                    votes.entry(list).or_default().count(was, false);
                }
            }
        }
        let stands = votes.into_iter().filter(|(_, votes)| votes.outcome());
        stands.map(|(list, _)| list.clone()).collect()
    }

    /// The tiers that categories and group cards gave a person before.
    fn tiers_before(&self, id: &ContactId, before: &Said) -> BTreeSet<Tier> {
        let groups = self.of.get(id).map_or(&[][..], Vec::as_slice);
        let named = groups.iter().filter(|group| group.had(id));
        let named = named.filter_map(|group| group.list_before());
        tiers(before.lists.iter().chain(named))
    }

    /// The category of a tier, spelled as a group card that stands for it is.
    fn category(&self, tier: Tier) -> FieldKey {
        let plain = Field::new(CATEGORIES, &tier.category()).key().clone();
        if self.now.contains_key(&plain) {
            return plain;
        }
        let mut spelled = self.now.keys().filter(|list| tier_of(list) == Some(tier));
        spelled.next().map_or(plain, |list| (*list).clone())
    }
}

/// What the places that tell of one list say.
#[derive(Default)]
struct Votes {
    added: bool,
    removed: bool,
    stands: bool,
}

impl Votes {
    /// `was` is `None` where the place is new.
    fn count(&mut self, was: Option<bool>, is: bool) {
        self.added |= is && was != Some(true);
        self.removed |= !is && was == Some(true);
        self.stands |= is;
    }

    fn outcome(&self) -> bool {
        self.added || (self.stands && !self.removed)
    }
}

fn tier_of(list: &FieldKey) -> Option<Tier> {
    tier_of_category(&list.value).filter(|_| list.name == CATEGORIES)
}

fn tiers<'k>(lists: impl Iterator<Item = &'k FieldKey>) -> BTreeSet<Tier> {
    lists.filter_map(tier_of).collect()
}

/// Lets tier and categories follow each other: `said` gets the one category of the tier. Returns
/// what has to change besides.
fn mirror(
    id: &ContactId,
    person: &Person,
    said: &mut BTreeSet<FieldKey>,
    lists: &Lists,
    today: Date,
) -> Vec<Change> {
    let before = person.before.as_ref().map(|before| Standing {
        tier: before.tier,
        categories: lists.tiers_before(id, before),
    });
    let after = Standing {
        tier: person.after.tier,
        categories: tiers(said.iter()),
    };
    let mirrored = mirrored(before.as_ref(), &after);
    said.retain(|list| tier_of(list).is_none());
    said.extend(mirrored.tier.map(|tier| lists.category(tier)));
    let mut changes = Vec::new();
    if mirrored.tier != after.tier {
        let letter = mirrored.tier.map(|tier| tier.to_string());
        changes.push(one_or_none(TIER, letter.as_deref()));
    }
    if mirrored.is_moved {
        let whose = person.uid.as_deref().unwrap_or(id.as_str());
        let step = step(whose, today, after.tier, mirrored.tier);
        changes.push(Change::Add(step.field()));
    }
    changes
}
