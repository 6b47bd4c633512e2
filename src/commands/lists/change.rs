//! Renames lists, puts contacts on them and takes them off, and gives them group cards.

use std::collections::{BTreeMap, BTreeSet};

use crate::book::{ContactId, Known};
use crate::card::{Change, Field};
use crate::config::Config;
use crate::contact::{CATEGORIES, InBook, Relationship, group_card, one, tier_of_category};
use crate::ui::text::clean;

use super::super::amend::{Amendment, amend_each, fresh_uid, state_to_amend};
use super::super::contact::find;
use super::super::people::{People, named};
use super::super::{Surroundings, Trouble};
use super::{ListsReport, NewGroup, is_list_group, known};

const ADVICE: &str = "`cardweave lists` shows the lists.";

pub(super) fn rename(
    config: &Config,
    at: &Surroundings,
    from: &str,
    to: &str,
) -> Result<ListsReport, Trouble> {
    let to = list_name(to)?;
    list_name(from)?;
    let mut state = state_to_amend(at)?;
    let people = People::of(config, &state)?;
    let lists = known(&people);
    let olds = named("list", from, &lists, ADVICE)?;
    let others: BTreeSet<&str> = lists
        .iter()
        .copied()
        .filter(|list| !olds.contains(*list))
        .collect();
    let to = spelled(&to, &others);
    let from = olds.first().cloned().unwrap_or_default();
    if olds.len() == 1 && from == to {
        return Err(Trouble::Asked(format!(
            "The list is called \"{}\" already. Nothing was changed.",
            clean(&to)
        )));
    }
    let merged = others.contains(to.as_str());
    let (mut renamed, mut groups, mut emptied_groups) = (0, 0, 0);
    for (book, affected) in by_book(&people, |member| {
        is_on(member, &olds) || is_group_of(member, &olds)
    }) {
        let mut stays = people.members().filter(|member| {
            member.book == book
                && is_list_group(member.acquaintance)
                && member.acquaintance.name == to
        });
        let mut has_group = stays.next().is_some();
        let contacts = state.contacts(book, &affected)?;
        let mut amendment = Amendment::of(config, &mut state, book);
        for contact in &contacts {
            let changes = if !Relationship::of(&contact.agreed).is_group() {
                renamed += 1;
                moved(contact, &olds, &to)
            } else if has_group {
                emptied_groups += 1;
                emptied(contact)
            } else {
                has_group = true;
                groups += 1;
                retitled(contact, &to)
            };
            amendment.change(contact, &changes);
        }
        amendment.save()?;
    }
    Ok(ListsReport::Renamed {
        from,
        to,
        merged,
        renamed,
        groups,
        emptied_groups,
    })
}

pub(super) fn add(
    config: &Config,
    at: &Surroundings,
    list: &str,
    contacts: &[String],
) -> Result<ListsReport, Trouble> {
    let list = list_name(list)?;
    let mut state = state_to_amend(at)?;
    let people = People::of(config, &state)?;
    let lists = known(&people);
    let list = spelled(&list, &lists);
    for wanted in contacts {
        let (_, known) = find(config, &state, wanted)?;
        if Relationship::of(&known.agreed).is_group() {
            return Err(Trouble::Asked(format!(
                "\"{}\" is a group or a goal and no contact. Nothing was changed. Name the \
                 contacts.",
                clean(&known.agreed.name())
            )));
        }
    }
    let amended = amend_each(config, &mut state, contacts, |known| {
        let is_on = Relationship::of(&known.agreed).categories.contains(&list);
        let add = Change::Add(Field::new(CATEGORIES, &list));
        if is_on { Vec::new() } else { vec![add] }
    })?;
    Ok(ListsReport::Members {
        is_new: !lists.contains(list.as_str()),
        list,
        contacts: amended,
        on: true,
    })
}

pub(super) fn remove(
    config: &Config,
    at: &Surroundings,
    list: &str,
    contacts: &[String],
) -> Result<ListsReport, Trouble> {
    list_name(list)?;
    let mut state = state_to_amend(at)?;
    let people = People::of(config, &state)?;
    let lists = named("list", list, &known(&people), ADVICE)?;
    let amended = amend_each(config, &mut state, contacts, |contact| {
        let on = categories(contact).into_iter();
        let on = on.filter(|field| lists.contains(&field.text()));
        on.map(|field| Change::Remove(field.key().clone()))
            .collect()
    })?;
    Ok(ListsReport::Members {
        list: lists.into_iter().next().unwrap_or_default(),
        contacts: amended,
        on: false,
        is_new: false,
    })
}

pub(super) fn group(
    config: &Config,
    at: &Surroundings,
    list: &str,
) -> Result<ListsReport, Trouble> {
    list_name(list)?;
    let mut state = state_to_amend(at)?;
    let people = People::of(config, &state)?;
    let lists = named("list", list, &known(&people), ADVICE)?;
    let name = lists.first().cloned().unwrap_or_default();
    if people.members().any(|member| is_group_of(&member, &lists)) {
        return Err(Trouble::Asked(format!(
            "The list \"{}\" has a group card already. Nothing was changed.",
            clean(&name)
        )));
    }
    let mut groups = Vec::new();
    for (book, on) in by_book(&people, |member| is_on(member, &lists)) {
        let members = people
            .members()
            .filter(|member| member.book == book && on.contains(&member.acquaintance.id));
        let uids: BTreeSet<&str> = members
            .filter_map(|member| member.acquaintance.relationship.uid.as_deref())
            .collect();
        let uid = fresh_uid(&name);
        let card = group_card(&name, &uid, uids.iter().copied());
        let mut amendment = Amendment::of(config, &mut state, book);
        amendment.add(ContactId::new(uid.clone()), card);
        amendment.save()?;
        groups.push(NewGroup {
            book: book.to_owned(),
            uid,
            members: uids.len(),
            left_out: on.len() - uids.len(),
        });
    }
    Ok(ListsReport::Grouped { list: name, groups })
}

/// A list's name as it is written.
///
/// # Errors
/// It says nothing, or it is the category of a tier.
fn list_name(typed: &str) -> Result<String, Trouble> {
    let name = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some(tier) = tier_of_category(&name) {
        return Err(Trouble::Asked(format!(
            "\"{}\" stands for a tier and is no list. Nothing was changed. Tiers are set with \
             `cardweave tier {tier} CONTACT`.",
            clean(&name)
        )));
    }
    if name.is_empty() {
        return Err(Trouble::Asked(
            "A list needs a name. Nothing was changed.".to_owned(),
        ));
    }
    Ok(name)
}

/// The name as a list has it already, where only capitals differ.
fn spelled(name: &str, lists: &BTreeSet<&str>) -> String {
    if lists.contains(name) {
        return name.to_owned();
    }
    let lower = name.to_lowercase();
    let there = lists.iter().find(|list| list.to_lowercase() == lower);
    there.map_or(name, |there| there).to_owned()
}

fn is_on(member: &InBook, lists: &BTreeSet<String>) -> bool {
    let relationship = &member.acquaintance.relationship;
    !relationship.is_group() && relationship.lists().any(|list| lists.contains(list))
}

fn is_group_of(member: &InBook, lists: &BTreeSet<String>) -> bool {
    is_list_group(member.acquaintance) && lists.contains(&member.acquaintance.name)
}

fn by_book(
    people: &People,
    is_meant: impl Fn(&InBook) -> bool,
) -> BTreeMap<&str, BTreeSet<ContactId>> {
    let mut by_book: BTreeMap<&str, BTreeSet<ContactId>> = BTreeMap::new();
    for member in people.members().filter(is_meant) {
        let ids = by_book.entry(member.book).or_default();
        ids.insert(member.acquaintance.id.clone());
    }
    by_book
}

fn categories(contact: &Known) -> Vec<Field> {
    contact.agreed.fields_named(&[CATEGORIES])
}

/// The old lists become the new one, once.
fn moved(contact: &Known, olds: &BTreeSet<String>, to: &str) -> Vec<Change> {
    let fields = categories(contact);
    let mut is_there = fields.iter().any(|field| field.text() == to);
    let mut changes = Vec::new();
    for field in fields.iter().filter(|field| olds.contains(&field.text())) {
        let key = field.key().clone();
        if is_there {
            changes.push(Change::Remove(key));
        } else {
            changes.push(Change::Replace(key, field.with_text(to)));
            is_there = true;
        }
    }
    changes
}

/// Nobody is on this group card any more.
fn emptied(group: &Known) -> Vec<Change> {
    let members = group.agreed.fields_named(&["MEMBER"]);
    let keys = members.iter().map(|field| field.key().clone());
    keys.map(Change::Remove).collect()
}

/// The group card is called so, also in `N`, which phones give it.
fn retitled(group: &Known, to: &str) -> Vec<Change> {
    let mut changes = vec![one("FN", to)];
    for name in group.agreed.fields_named(&["N"]) {
        let mut parts = name.parts().unwrap_or_default();
        if parts
            .first()
            .is_some_and(|first| *first == group.agreed.name())
        {
            parts[0] = to.to_owned();
            changes.push(Change::Replace(name.key().clone(), name.with_parts(parts)));
        }
    }
    changes
}
