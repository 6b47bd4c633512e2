//! The sections of a page that are about single contacts.

use maud::{Markup, html};

use crate::contact::Tier;
use crate::report::charts::{Bars, Ink, bars};
use crate::report::people::{Direction, Neglected};

use super::sections::{DRAWN, measure, natural};
use super::table::{Cell, Column, Layout, Table};
use super::{Writer, figure};

impl Writer<'_> {
    pub fn contacts(&self) -> Option<Markup> {
        let rows = &self.numbers.by_contact;
        (!rows.is_empty()).then(|| {
            html! {
                section {
                    h2 { "Contacts" }
                    p { "Those that took most time or money." }
                    (self.rows("Contact", rows, "", false))
                }
            }
        })
    }

    pub fn neglected(&self) -> Option<Markup> {
        let all = &self.numbers.neglected;
        if all.is_empty() {
            return None;
        }
        let mut overdue: Vec<(u64, &Neglected)> = all
            .iter()
            .filter_map(|one| Some((natural(one.days_overdue?.into()), one)))
            .collect();
        overdue.sort_by_key(|(days, one)| (std::cmp::Reverse(*days), &one.name));
        let drawn: Vec<Bars> = overdue
            .iter()
            .take(DRAWN)
            .map(|(days, one)| {
                let what = if *days == 1 { "day" } else { "days" };
                Bars {
                    name: format!("{} · {}", one.tier, one.name),
                    values: vec![(*days, format!("{} {what}", self.locale.number(*days)))],
                }
            })
            .collect();
        let mut table = Table::new(
            "By tier, the longest overdue first",
            Layout::Plain,
            vec![
                Column::Text("Contact"),
                Column::Text("Tier"),
                Column::Number("Last word"),
                Column::Number("Days overdue"),
            ],
        );
        for one in all {
            let last = one.last_word.map(|day| self.locale.date(day));
            let days = one.days_overdue.map(|days| natural(days.into()));
            table.rows.push(vec![
                Cell::Name(one.name.clone()),
                Cell::Word(one.tier.to_string()),
                Cell::Number(last.unwrap_or_else(|| "never".to_owned()), ""),
                Cell::Number(
                    days.map_or(String::new(), |days| self.locale.number(days)),
                    "",
                ),
            ]);
        }
        Some(html! {
            section {
                h2 { "Neglected" }
                p { "Not heard of for longer than the tier, or their own rhythm, allows." }
                @if !drawn.is_empty() {
                    (figure(
                        "neglected",
                        "The contacts that are overdue the longest",
                        "A bar for each, as long as the days that it is overdue. The table below \
                         has the numbers.",
                        |size| bars(&[measure("overdue", Ink::Overdue)], &drawn, size),
                    ))
                }
                (table.markup())
            }
        })
    }

    pub fn results(&self) -> Option<Markup> {
        let all = &self.numbers.results;
        if all.is_empty() {
            return None;
        }
        let mut table = Table::new(
            "The last first",
            Layout::Plain,
            vec![
                Column::Text("Result"),
                Column::Text("Contact"),
                Column::Number("On"),
            ],
        );
        for one in all {
            table.rows.push(vec![
                Cell::Name(one.result.clone()),
                Cell::Text(one.contact.clone()),
                Cell::Number(self.locale.date(one.date), ""),
            ]);
        }
        Some(html! { section { h2 { "What came of interactions" } (table.markup()) } })
    }

    pub fn steps(&self) -> Option<Markup> {
        let steps = &self.numbers.steps;
        if steps.is_empty() {
            return None;
        }
        let word = |direction: Direction| match direction {
            Direction::Raised => "raised",
            Direction::Lowered => "lowered",
            Direction::Sorted => "first tier",
            Direction::Dropped => "dropped",
        };
        let letter = |tier: Option<Tier>| tier.map_or("none".to_owned(), |tier| tier.to_string());
        let mut table = Table::new(
            "Contacts whose tier changed, the last first",
            Layout::Plain,
            vec![
                Column::Text("Contact"),
                Column::Text("Change"),
                Column::Text("Tier"),
                Column::Number("On"),
            ],
        );
        for step in steps {
            table.rows.push(vec![
                Cell::Name(step.name.clone()),
                Cell::Word(word(step.direction).to_owned()),
                Cell::Word(format!("{} → {}", letter(step.was), letter(step.is))),
                Cell::Number(self.locale.date(step.date), ""),
            ]);
        }
        Some(html! { section { h2 { "Up and down" } (table.markup()) } })
    }
}
