//! `lists`: the lists by theme, which are the categories of the cards.

mod change;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::{Lists, ListsWhat};
use crate::contact::{Tier, tier_of_category};
use crate::ui::out::Page;
use crate::ui::table::Table;
use crate::ui::text::clean;

use super::amend::{Amended, told};
use super::open::look_at_state;
use super::people::People;
use super::{Exit, Surroundings, Trouble};

/// What `lists --json` prints: the lists, or what was done to one.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum ListsReport {
    Lists {
        lists: Vec<ThemeList>,
    },
    Renamed {
        from: String,
        to: String,
        /// There was a list of that name, and now they are one.
        merged: bool,
        /// How many contacts have another list now.
        renamed: usize,
        /// Group cards with the new name.
        groups: usize,
        /// Group cards of the old name that nobody is on any more.
        emptied_groups: usize,
    },
    Members {
        list: String,
        contacts: Vec<Amended>,
        /// Whether they are on the list now.
        on: bool,
        /// Nobody was on it before.
        is_new: bool,
    },
    Grouped {
        list: String,
        groups: Vec<NewGroup>,
    },
}

#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ThemeList {
    pub book: String,
    pub name: String,
    pub contacts: usize,
    /// How many of them are of each tier; `none` for those without one.
    pub tiers: BTreeMap<String, usize>,
    /// Whether a group card stands for it.
    pub group: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct NewGroup {
    pub book: String,
    pub uid: String,
    pub members: usize,
    /// Contacts of the list that a group card cannot name, because their cards have no UID.
    pub left_out: usize,
}

pub fn execute(typed: &Lists, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let config = at.config()?;
    let report = match &typed.what {
        None => {
            let people = People::of(&config, &look_at_state(at)?)?;
            ListsReport::Lists {
                lists: lists(&people),
            }
        }
        Some(ListsWhat::Rename { from, to }) => change::rename(&config, at, from, to)?,
        Some(ListsWhat::Add { list, contacts }) => change::add(&config, at, list, contacts)?,
        Some(ListsWhat::Remove { list, contacts }) => change::remove(&config, at, list, contacts)?,
        Some(ListsWhat::Group { list }) => change::group(&config, at, list)?,
    };
    let several = config.books.len() > 1;
    at.output
        .present(&report, |report, page| render(report, several, page))?;
    Ok(Exit::InStep)
}

/// The names of all lists: what contacts are on, and what group cards stand for.
pub(super) fn known(people: &People) -> BTreeSet<&str> {
    let mut known = BTreeSet::new();
    for member in people.members() {
        let acquaintance = member.acquaintance;
        if is_list_group(member.acquaintance) {
            known.insert(acquaintance.name.as_str());
        } else if !acquaintance.relationship.is_group() {
            known.extend(acquaintance.relationship.lists());
        }
    }
    known
}

/// Whether the card is a group card of a list: no goal, and no mirrored tier.
fn is_list_group(acquaintance: &crate::contact::Acquaintance) -> bool {
    acquaintance.relationship.is_group()
        && acquaintance.relationship.goal.is_none()
        && tier_of_category(&acquaintance.name).is_none()
}

fn lists(people: &People) -> Vec<ThemeList> {
    let mut lists: BTreeMap<(&str, &str), ThemeList> = BTreeMap::new();
    for member in people.members() {
        let acquaintance = member.acquaintance;
        let relationship = &acquaintance.relationship;
        let names: Vec<&str> = match relationship.is_group() {
            true if is_list_group(acquaintance) => vec![&acquaintance.name],
            true => Vec::new(),
            false => relationship.lists().collect(),
        };
        for name in names {
            let list = lists
                .entry((member.book, name))
                .or_insert_with(|| ThemeList {
                    book: member.book.to_owned(),
                    name: name.to_owned(),
                    contacts: 0,
                    tiers: BTreeMap::new(),
                    group: false,
                });
            if relationship.is_group() {
                list.group = true;
                continue;
            }
            list.contacts += 1;
            let tier = relationship.tier.map(|tier| tier.to_string());
            let tier = tier.unwrap_or_else(|| "none".to_owned());
            *list.tiers.entry(tier).or_default() += 1;
        }
    }
    lists.into_values().collect()
}

fn render(report: &ListsReport, several: bool, page: &Page) -> String {
    match report {
        ListsReport::Lists { lists } if lists.is_empty() => {
            "Nobody is on a list yet. `cardweave lists add LIST CONTACT` makes one.".to_owned()
        }
        ListsReport::Lists { lists } => table(lists, several, page),
        ListsReport::Renamed {
            from,
            to,
            merged,
            renamed,
            groups,
            emptied_groups,
        } => {
            let (from, to) = (clean(from), clean(to));
            let contacts = count(*renamed, "contact");
            let mut lines = vec![match merged {
                true => format!("{from} is one with {to} now: {contacts}"),
                false => format!("{from} is called {to} now: {contacts}"),
            }];
            if *groups > 0 {
                lines.push("Its group card is called so too.".to_owned());
            }
            if *emptied_groups > 0 {
                lines.push(format!(
                    "The group card {from} is empty now. Delete it where groups are shown."
                ));
            }
            lines.join("\n")
        }
        ListsReport::Members {
            list,
            contacts,
            on,
            is_new,
        } => {
            let list = clean(list);
            let done = match on {
                true => format!("on {list}"),
                false => format!("off {list}"),
            };
            let mut lines = vec![told(contacts, &done, page)];
            if *is_new {
                lines.push(page.style.faint(&format!("{list} is a new list.")));
            }
            lines.join("\n")
        }
        ListsReport::Grouped { list, groups } => {
            let lines = groups.iter().map(|group| {
                let left_out = match group.left_out {
                    0 => String::new(),
                    many => format!("; {} without a UID left out", count(many, "contact")),
                };
                format!(
                    "{} has a group card now: {}{left_out}",
                    clean(list),
                    count(group.members, "member")
                )
            });
            lines.collect::<Vec<_>>().join("\n")
        }
    }
}

fn table(lists: &[ThemeList], several: bool, page: &Page) -> String {
    let mut table = Table::new(&["list", "contacts", "A", "B", "C", "D", "none", "group card"]);
    for column in 1..=6 {
        table = table.numbers_in(column);
    }
    for list in lists {
        let name = match several {
            true => format!("{} ({})", list.name, list.book),
            false => list.name.clone(),
        };
        let mut cells = vec![name, list.contacts.to_string()];
        let tiers = Tier::ALL.map(|tier| tier.to_string());
        for tier in tiers.iter().map(String::as_str).chain(["none"]) {
            let people = list.tiers.get(tier);
            cells.push(people.map_or("-".to_owned(), ToString::to_string));
        }
        cells.push(if list.group { "yes" } else { "-" }.to_owned());
        table.row(cells);
    }
    table.render(page)
}

fn count(number: usize, word: &str) -> String {
    match number {
        1 => format!("1 {word}"),
        _ => format!("{number} {word}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::out::Style;
    use crate::ui::text::needs_escape;
    use unicode_width::UnicodeWidthStr;

    fn list(name: &str, group: bool) -> ThemeList {
        ThemeList {
            book: "people".to_owned(),
            name: name.to_owned(),
            contacts: 1200,
            tiers: [("A".to_owned(), 2), ("none".to_owned(), 1198)].into(),
            group,
        }
    }

    #[test]
    fn lists_are_told_with_their_tiers() {
        let lists = [list("Chess", true), list("Work", false)];
        let page = Page {
            style: Style::Plain,
            width: Some(80),
        };
        insta::assert_snapshot!(table(&lists, false, &page), @r#"
        list   contacts  A  B  C  D  none  group card
        Chess      1200  2  -  -  -  1198  yes
        Work       1200  2  -  -  -  1198  -
        "#);
    }

    #[test]
    fn a_table_fits_and_no_name_acts_on_the_terminal() {
        for width in [60, 80, 160] {
            let page = Page {
                style: Style::Plain,
                width: Some(width),
            };
            let lists = [list(
                "Eve\u{1b}[2J\u{202e}\n of a long, long list of themes",
                true,
            )];
            let text = table(&lists, true, &page);
            assert!(text.lines().all(|line| line.width() <= width), "{text}");
            assert!(!text.contains(|c| c != '\n' && needs_escape(c)), "{text:?}");
        }
    }
}
