//! `list`: the contacts, from the local state, at once.

use std::collections::BTreeSet;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::List;
use crate::config::Config;
use crate::contact::{InBook, Relationship, Rhythm, Tier, is_snoozed, tier_of_category};
use crate::ui::out::Page;
use crate::ui::table::Table;
use crate::ui::text::clean;

use super::amend::today;
use super::open::look_at_state;
use super::people::{People, named};
use super::{Exit, Surroundings, Trouble};

/// What `list --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ListReport {
    pub contacts: Vec<ListedContact>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct ListedContact {
    pub book: String,
    pub id: String,
    pub name: String,
    pub tier: Option<Tier>,
    pub lists: Vec<String>,
    #[schemars(with = "Option<String>")]
    pub last_word: Option<Date>,
    /// The day by which word is due; `null` where nobody says how long the contact may go without,
    /// or where there never was any.
    #[schemars(with = "Option<String>")]
    pub due: Option<Date>,
    /// The contact went too long without word, and is not left alone for now.
    pub is_due: bool,
    pub mail: Option<String>,
    pub phone: Option<String>,
}

pub fn execute(typed: &List, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let config = at.config()?;
    let people = People::of(&config, &look_at_state(at)?)?;
    let wanted = Wanted::of(typed, &people)?;
    let today = today();
    let contacts = people
        .members()
        .filter(|member| !member.acquaintance.relationship.is_group())
        .filter(|member| wanted.takes(&member.acquaintance.relationship))
        .map(|member| listed(member, &config, today))
        .filter(|contact| contact.is_due || !typed.due)
        .collect();
    let is_plain = *typed == List::default();
    at.output
        .present(&ListReport { contacts }, |report, page| match is_plain {
            true => names(report),
            false => table(report, page),
        })?;
    Ok(Exit::InStep)
}

/// What is asked for, as the cards spell it. `None`: whatever it is.
struct Wanted {
    tier: Option<Tier>,
    lists: Option<BTreeSet<String>>,
    events: Option<BTreeSet<String>>,
    goals: Option<BTreeSet<String>>,
}

impl Wanted {
    fn of(typed: &List, people: &People) -> Result<Wanted, Trouble> {
        Ok(Wanted {
            tier: typed.tier,
            lists: typed
                .list
                .as_deref()
                .map(|list| wanted_lists(list, people))
                .transpose()?,
            events: typed
                .met
                .as_deref()
                .map(|event| {
                    let met = relationships(people).flat_map(|one| &one.met);
                    let known = met.map(|occasion| occasion.event.as_str()).collect();
                    let advice = "`cardweave met CONTACT EVENT` says where somebody was met.";
                    named("occasion", event, &known, advice)
                })
                .transpose()?,
            goals: typed
                .goal
                .as_deref()
                .map(|goal| {
                    let advice = "`cardweave goal list` shows the goals.";
                    named("goal", goal, &goals(people), advice)
                })
                .transpose()?,
        })
    }

    fn takes(&self, relationship: &Relationship) -> bool {
        let has = |wanted: &Option<BTreeSet<String>>, has: &dyn Fn(&String) -> bool| {
            wanted.as_ref().is_none_or(|wanted| wanted.iter().any(has))
        };
        self.tier.is_none_or(|tier| relationship.tier == Some(tier))
            && has(&self.lists, &|list| relationship.categories.contains(list))
            && has(&self.goals, &|goal| relationship.goals.contains(goal))
            && has(&self.events, &|event| {
                relationship.met.iter().any(|met| met.event == *event)
            })
    }
}

fn relationships(people: &People) -> impl Iterator<Item = &Relationship> {
    people
        .members()
        .map(|member| &member.acquaintance.relationship)
}

fn goals(people: &People) -> BTreeSet<&str> {
    let cards = people.members().filter_map(|member| {
        let acquaintance = member.acquaintance;
        let is_goal = acquaintance.relationship.goal.is_some();
        is_goal.then_some(acquaintance.name.as_str())
    });
    let assigned = relationships(people).flat_map(|one| one.goals.iter().map(String::as_str));
    cards.chain(assigned).collect()
}

fn wanted_lists(list: &str, people: &People) -> Result<BTreeSet<String>, Trouble> {
    if let Some(tier) = tier_of_category(list) {
        return Err(Trouble::Asked(format!(
            "\"{}\" stands for a tier and is no list. Nothing was changed. Say --tier {tier}.",
            clean(list)
        )));
    }
    let known = super::lists::known(people);
    let advice = "`cardweave lists` shows the lists.";
    named("list", list, &known, advice)
}

fn listed(member: InBook, config: &Config, today: Date) -> ListedContact {
    let acquaintance = member.acquaintance;
    let relationship = &acquaintance.relationship;
    let rhythm = Rhythm::of(relationship, &|tier| config.tiers.cadence(tier));
    ListedContact {
        book: member.book.to_owned(),
        id: acquaintance.id.to_string(),
        name: acquaintance.name.clone(),
        tier: relationship.tier,
        lists: relationship.lists().map(str::to_owned).collect(),
        last_word: relationship.last_word(),
        due: rhythm.and_then(|rhythm| rhythm.next),
        is_due: !is_snoozed(relationship, today)
            && rhythm.is_some_and(|rhythm| rhythm.is_due(today)),
        mail: relationship.mail.clone(),
        phone: relationship.phone.clone(),
    }
}

/// One name a line and nothing else, for whoever reads it next.
fn names(report: &ListReport) -> String {
    if report.contacts.is_empty() {
        return "Nobody is known yet. `cardweave sync` gets to know them.".to_owned();
    }
    let names: Vec<_> = report
        .contacts
        .iter()
        .map(|contact| clean(&contact.name))
        .collect();
    names.join("\n")
}

fn table(report: &ListReport, page: &Page) -> String {
    if report.contacts.is_empty() {
        return "No contact is all of this.".to_owned();
    }
    let mut table = Table::new(&["tier", "name", "lists", "last word", "next due"]);
    for contact in &report.contacts {
        let date = |date: Option<Date>| date.map(|date| date.to_string());
        table.row([
            super::due::page::tier(contact.tier),
            contact.name.clone(),
            contact.lists.join(", "),
            date(contact.last_word).unwrap_or_else(|| "never".to_owned()),
            match (contact.due, contact.is_due) {
                (None, true) => "now".to_owned(),
                (due, _) => date(due).unwrap_or_else(|| "-".to_owned()),
            },
        ]);
    }
    table.render(page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::out::Style;
    use crate::ui::text::needs_escape;
    use jiff::civil::date;
    use unicode_width::UnicodeWidthStr;

    fn report() -> ListReport {
        let contact = |name: &str, due, is_due| ListedContact {
            book: "people".to_owned(),
            id: "1".to_owned(),
            name: name.to_owned(),
            tier: Some(Tier::A),
            lists: vec!["Chess".to_owned(), "Hannover Messe".to_owned()],
            last_word: due,
            due,
            is_due,
            mail: None,
            phone: None,
        };
        ListReport {
            contacts: vec![
                contact("Ada Byron", Some(date(2026, 11, 1)), true),
                contact("Eve\u{1b}[2J\u{202e}\n", None, true),
            ],
        }
    }

    #[test]
    fn a_table_fits_and_no_name_acts_on_the_terminal() {
        for width in [40, 60, 80, 160] {
            let page = Page {
                style: Style::Plain,
                width: Some(width),
            };
            let text = table(&report(), &page);
            assert!(text.lines().all(|line| line.width() <= width), "{text}");
            assert!(!text.contains(|c| c != '\n' && needs_escape(c)), "{text:?}");
        }
    }

    #[test]
    fn each_row_tells_when_word_is_due() {
        let page = Page {
            style: Style::Plain,
            width: None,
        };
        insta::assert_snapshot!(table(&report(), &page), @r#"
        tier  name                    lists                  last word   next due
        A     Ada Byron               Chess, Hannover Messe  2026-11-01  2026-11-01
        A     Eve\u{1b}[2J\u{202e}\n  Chess, Hannover Messe  never       now
        "#);
    }
}
