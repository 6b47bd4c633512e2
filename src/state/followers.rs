//! Who may follow when cards change: group cards, who is named on one, and who is on its list.

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension, params};

use super::error::StateError;
use super::notes::find_book;
use super::{State, Tx};
use crate::book::{ContactId, Known};
use crate::card::{Card, Field, FieldKey};
use crate::contact::{
    CATEGORIES, GOAL, Relationship, Tier, is_group, name_of_group, tier_of_category, uid_of_member,
};
use crate::duplicates::uid_keys;

impl State {
    /// The contacts that may follow when the contacts with these cards change, besides `there`: all
    /// group cards of the book, and where a group is among the cards, who is or was named on it and
    /// who is on the list of its name.
    pub fn followers(
        &self,
        book: &str,
        cards: &[&Card],
        there: &BTreeSet<&ContactId>,
    ) -> Result<Vec<Known>, StateError> {
        let mut ids = self.groups(book)?;
        let groups: Vec<&Card> = cards
            .iter()
            .copied()
            .filter(|card| is_group(card))
            .collect();
        if !groups.is_empty() {
            let mut keys = BTreeSet::new();
            let mut lists = BTreeSet::new();
            for group in groups {
                for member in group.fields_named(&["MEMBER"]) {
                    keys.extend(uid_keys(&uid_of_member(member.value())));
                }
                if let Some(name) = name_of_group(group) {
                    lists.extend([CATEGORIES, GOAL].map(|list| of_list(list, &name)));
                }
            }
            ids.extend(self.matching(book, &keys)?);
            ids.extend(self.listed(book, &lists)?);
        }
        ids.retain(|id| !there.contains(id));
        self.contacts(book, &ids)
    }

    /// Whether tiers and categories of a whole book were seen to tell the same, so that from then on
    /// only who is edited has to be looked at.
    pub fn is_mirrored(&self, book: &str) -> Result<bool, StateError> {
        self.ask("Looking whether tiers are mirrored", |connection| {
            let mirrored = connection
                .prepare_cached("SELECT mirrored FROM book WHERE name = ?1")?
                .query_row([book], |row| row.get(0))
                .optional()?;
            Ok(mirrored.unwrap_or_default())
        })
    }

    /// Contacts, so many at most, whose tier and whose categories do not tell the same. None of whom
    /// a field waits for a decision.
    pub fn unmirrored(&self, book: &str, most: usize) -> Result<BTreeSet<ContactId>, StateError> {
        self.ask("Looking whose tier is not mirrored", |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT contact.contact, brief
                 FROM contact JOIN relationship ON relationship.contact = contact.id
                 WHERE book = ?1 AND held_back IS NULL ORDER BY contact.contact",
            )?;
            let mut rows = statement.query([find_book(connection, book)?])?;
            let mut unmirrored = BTreeSet::new();
            while let Some(row) = rows.next()? {
                let kept: String = row.get(1)?;
                let Ok(said) = serde_json::from_str::<Relationship>(&kept) else {
                    continue;
                };
                let told = said.categories.iter();
                let told: BTreeSet<Tier> = told.filter_map(|name| tier_of_category(name)).collect();
                if !said.is_group() && told != said.tier.into_iter().collect() {
                    unmirrored.insert(ContactId::new(row.get::<_, String>(0)?));
                }
                if unmirrored.len() >= most {
                    break;
                }
            }
            Ok(unmirrored)
        })
    }

    /// The group cards of a book, goals' own among them.
    fn groups(&self, book: &str) -> Result<BTreeSet<ContactId>, StateError> {
        self.ask("Looking for group cards", |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT contact.contact
                 FROM relationship JOIN contact ON contact.id = relationship.contact
                 WHERE is_group = 1 AND book = ?1",
            )?;
            let mut rows = statement.query([find_book(connection, book)?])?;
            let mut groups = BTreeSet::new();
            while let Some(row) = rows.next()? {
                groups.insert(ContactId::new(row.get::<_, String>(0)?));
            }
            Ok(groups)
        })
    }

    /// Who is on any of these lists.
    fn listed(
        &self,
        book: &str,
        lists: &BTreeSet<FieldKey>,
    ) -> Result<BTreeSet<ContactId>, StateError> {
        self.ask("Looking for who is on a list", |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT contact.contact, list.value
                 FROM relationship JOIN contact ON contact.id = relationship.contact,
                      json_each(brief, '$.' || ?2) AS list
                 WHERE book = ?1 AND instr(brief, '\"' || ?2 || '\":') > 0",
            )?;
            let book = find_book(connection, book)?;
            let mut listed = BTreeSet::new();
            for (property, kept_as) in [(CATEGORIES, "categories"), (GOAL, "goals")] {
                let mut rows = statement.query(params![book, kept_as])?;
                while let Some(row) = rows.next()? {
                    let name: String = row.get(1)?;
                    if lists.contains(&of_list(property, &name)) {
                        listed.insert(ContactId::new(row.get::<_, String>(0)?));
                    }
                }
            }
            Ok(listed)
        })
    }
}

impl Tx<'_> {
    /// Remembers whether tiers and categories of all contacts of a book tell the same.
    pub fn set_mirrored(&self, book: &str, is_mirrored: bool) -> Result<(), StateError> {
        self.make("Saving whether tiers are mirrored", |connection| {
            connection
                .prepare_cached("UPDATE book SET mirrored = ?2 WHERE name = ?1")?
                .execute(params![book, is_mirrored])?;
            Ok(())
        })
    }
}

fn of_list(property: &str, name: &str) -> FieldKey {
    Field::new(property, name).key().clone()
}
