//! The sections of a page: a chart, and the table of the same numbers.

use maud::{Markup, html};

use crate::contact::{GoalStatus, Money};
use crate::report::charts::{Bars, Ink, Measure, Panel, Scale, Way, bars, panels, ways};
use crate::report::goals::GoalNumbers;
use crate::report::locale::month_name;
use crate::report::occasions::OccasionNumbers;
use crate::report::sentences::brought;
use crate::report::tally::{Row, Tally};

use super::table::{Cell, Column, Layout, Table};
use super::{Writer, figure};

/// How many bars a chart has.
pub(super) const DRAWN: usize = 10;

/// Over more months a chart shows years.
const MONTHS_DRAWN: usize = 24;

/// How many currencies are drawn over time.
const CURRENCIES_DRAWN: usize = 3;

/// How many names a cell has.
const NAMED: usize = 8;

impl Writer<'_> {
    pub fn months(&self) -> Option<Markup> {
        let months = &self.numbers.by_month;
        let years = &self.numbers.by_folded_year;
        if months.is_empty() && years.is_empty() {
            return None;
        }
        let by_year = months.len() > MONTHS_DRAWN;
        let shown = if by_year {
            years_of(months)
        } else {
            months.clone()
        };
        let drawn = self.over_time(&shown);
        let names = names_of_months(&shown);
        let heading = if by_year {
            "Year by year"
        } else {
            "Month by month"
        };
        let folded = years.iter().map(|row| Row {
            name: row.name.as_ref().map(|year| format!("{year}, folded")),
            tally: row.tally.clone(),
        });
        let named = shown.iter().map(|row| Row {
            name: row.name.as_ref().map(|name| self.locale.month_of(name)),
            tally: row.tally.clone(),
        });
        let rows: Vec<Row> = folded.chain(named).collect();
        let chart = (!drawn.is_empty()).then(|| {
            figure(
                "months",
                heading,
                "Bars for time, money and results. The table below has the numbers.",
                |size| panels(&drawn, &names, size),
            )
        });
        Some(html! {
            section {
                h2 { (heading) }
                @if !years.is_empty() {
                    p { "Years that were folded into sums stand in the table alone: nobody knows \
                         their months any more." }
                }
                @if let Some(chart) = chart { (chart) }
                (self.rows(if by_year { "Year" } else { "Month" }, &rows, "", true))
            }
        })
    }

    /// Time, money of each currency and results, without those of which there is nothing.
    fn over_time(&self, rows: &[Row]) -> Vec<Panel> {
        let panel = |name: &str, ink: Ink, scale: Scale, of: &dyn Fn(&Tally) -> i64| Panel {
            measure: measure(name, ink),
            values: rows.iter().map(|row| natural(of(&row.tally))).collect(),
            scale,
        };
        let minutes = |tally: &Tally| i64::try_from(tally.minutes).unwrap_or(i64::MAX);
        let mut drawn = vec![panel("Time", Ink::Time, Scale::Minutes, &minutes)];
        let costs = self.numbers.total.costs.iter();
        let mut currencies: Vec<&str> = costs.map(|money| money.currency.as_str()).collect();
        currencies.sort_by_key(|code| Some(*code) != self.numbers.main_currency.as_deref());
        for code in currencies.into_iter().take(CURRENCIES_DRAWN) {
            let cents = |tally: &Tally| tally.cents_of(code);
            let name = format!("Money, {code}");
            drawn.push(panel(&name, Ink::Money, Scale::Cents, &cents));
        }
        let results = |tally: &Tally| i64::from(tally.results);
        drawn.push(panel("Results", Ink::Results, Scale::Count, &results));
        drawn.retain(|panel| panel.values.iter().any(|value| *value > 0));
        drawn
    }

    pub fn goals(&self) -> Option<Markup> {
        let goals = &self.numbers.goals;
        if goals.is_empty() {
            let rows = &self.numbers.by_goal;
            let is_telling = rows.iter().any(|row| row.name.is_some());
            return is_telling.then(|| {
                html! { section { h2 { "Goals" } (self.rows("Goal", rows, "no goal", false)) } }
            });
        }
        let drawn: Vec<Way> = goals
            .iter()
            .take(DRAWN)
            .map(|goal| Way {
                name: goal.name.clone(),
                note: self.note(goal),
                reached: goal.target.as_ref().map(|target| {
                    let all = goal.is_reached().then_some(target.count);
                    (all.unwrap_or(goal.reached), target.count)
                }),
            })
            .collect();
        let mut table = Table::new(
            "Goals, and what went into them",
            Layout::Blocks,
            columns("Goal", "How far"),
        );
        for goal in goals {
            let mut far = vec![self.note(goal)];
            far.extend(goal.other_results.iter().take(NAMED).cloned());
            table.rows.push(vec![
                Cell::Name(goal.name.clone()),
                self.times(goal.interactions),
                self.time(goal.minutes),
                self.money(&goal.costs),
                Cell::Texts(far),
            ]);
        }
        Some(html! {
            section {
                h2 { "Goals" }
                p { "How far each is, with all that was ever done for it." }
                (figure(
                    "goals",
                    "How far the goals are",
                    "A bar for each goal, filled as far as it is reached. The table below has the \
                     numbers.",
                    |size| ways(&drawn, size),
                ))
                (table.markup())
            }
        })
    }

    /// `2 of 3 customers · 36 days left, 2026-12-31`.
    fn note(&self, goal: &GoalNumbers) -> String {
        let target = goal.target.as_ref();
        // One that was said to be reached may have been counted elsewhere.
        let target = target.filter(|target| !goal.is_reached() || goal.reached >= target.count);
        let reached = target.map(|target| {
            format!(
                "{} of {} {}",
                self.locale.number(goal.reached),
                self.locale.number(target.count),
                target.unit
            )
        });
        let by = goal.by.map(|by| self.locale.date(by));
        let when = match (goal.status, by, goal.days_left) {
            (GoalStatus::Closed, ..) => Some("closed".to_owned()),
            _ if goal.is_reached() => Some("reached".to_owned()),
            (_, Some(by), Some(days)) if days < 0 => Some(format!("missed, {by}")),
            (_, Some(_), Some(0)) => Some("due today".to_owned()),
            (_, Some(by), Some(1)) => Some(format!("1 day left, {by}")),
            (_, Some(by), Some(days)) => Some(format!("{days} days left, {by}")),
            _ => None,
        };
        let parts: Vec<String> = reached.into_iter().chain(when).collect();
        match parts.as_slice() {
            [] => "no target".to_owned(),
            parts => parts.join(" · "),
        }
    }

    pub fn tiers(&self) -> Option<Markup> {
        let rows = self.numbers.by_tier.iter().map(|row| Row {
            name: row.name.as_ref().map(|tier| format!("Tier {tier}")),
            tally: row.tally.clone(),
        });
        let rows: Vec<Row> = rows.collect();
        self.compared("tiers", "Tiers", "Tier", &rows, "no tier", "")
    }

    pub fn lists(&self) -> Option<Markup> {
        let note = "A contact on several lists counts on each.";
        let rows = &self.numbers.by_list;
        self.compared("lists", "Lists", "List", rows, "no list", note)
    }

    pub fn occasions(&self) -> Option<Markup> {
        let named = self.numbers.by_occasion.iter();
        let named = named.filter(|one| one.name.is_some());
        let own = self.numbers.own_organisation.iter();
        let all: Vec<&OccasionNumbers> = named.chain(own).collect();
        if all.is_empty() {
            return None;
        }
        let mut measures = self.measures();
        measures.pop();
        measures.push(measure("A contacts", Ink::Results));
        let drawn: Vec<Bars> = all
            .iter()
            .take(DRAWN)
            .map(|one| {
                let mut bars = self.bars(one.name.as_deref().unwrap_or_default(), &one.tally);
                bars.values.pop();
                let count = u64::from(one.of_tier_a);
                bars.values.push((count, self.locale.number(count)));
                bars
            })
            .collect();
        let mut table = Table::new(
            "Occasions",
            Layout::Blocks,
            vec![
                Column::Text("Occasion"),
                Column::Number("Met"),
                Column::Number("Cost"),
                Column::Number("Per A contact"),
                Column::Text("A contacts"),
            ],
        );
        for one in &all {
            let names = one.names_of_tier_a.iter();
            let mut names: Vec<String> = names.take(NAMED).cloned().collect();
            let more = one.names_of_tier_a.len().saturating_sub(NAMED);
            names.extend((more > 0).then(|| format!("{more} more")));
            let per_a = self.amounts(&one.cost_per_a).join(" + ");
            table.rows.push(vec![
                Cell::Name(one.name.clone().unwrap_or_default()),
                Cell::Number(self.number(one.met), "met"),
                self.money(&one.tally.costs),
                Cell::Number(per_a, "each"),
                Cell::Texts(names),
            ]);
        }
        Some(html! {
            section {
                h2 { "Occasions" }
                p {
                    "What each took, and how many that were met there are A today."
                    @if self.numbers.own_organisation.is_some() {
                        " The people of the own organisation stand last."
                    }
                }
                (figure(
                    "occasions",
                    "Occasions, and the A contacts that they brought",
                    "Bars for time, money and A contacts of each. The table below has the numbers.",
                    |size| bars(&measures, &drawn, size),
                ))
                (table.markup())
            }
        })
    }

    pub fn unpaid(&self) -> Option<Markup> {
        let all = &self.numbers.unpaid;
        if all.is_empty() {
            return None;
        }
        let mut table = Table::new(
            "Without a result, what cost most first",
            Layout::Blocks,
            columns("Name", "What it is"),
        );
        for one in all {
            table.rows.push(vec![
                Cell::Name(one.name.clone()),
                self.times(one.tally.interactions),
                self.time(one.tally.minutes),
                self.money(&one.tally.costs),
                Cell::Word(one.what.word().to_owned()),
            ]);
        }
        Some(html! {
            section {
                h2 { "What did not pay" }
                p { "Money or at least an hour, and no result." }
                (table.markup())
            }
        })
    }

    pub fn kinds(&self) -> Option<Markup> {
        let rows = &self.numbers.by_kind;
        let is_telling = rows.iter().any(|row| row.name.is_some());
        is_telling.then(|| {
            html! {
                section {
                    h2 { "Kinds" }
                    (self.rows("Kind", rows, "not said", true))
                }
            }
        })
    }

    /// A section that compares what went into rows with what came of them.
    fn compared(
        &self,
        id: &str,
        heading: &str,
        header: &'static str,
        rows: &[Row],
        nameless: &str,
        note: &str,
    ) -> Option<Markup> {
        if !rows.iter().any(|row| row.name.is_some()) {
            return None;
        }
        let drawn: Vec<Bars> = rows
            .iter()
            .take(DRAWN)
            .map(|row| self.bars(row.name.as_deref().unwrap_or(nameless), &row.tally))
            .collect();
        let measures = self.measures();
        Some(html! {
            section {
                h2 { (heading) }
                @if !note.is_empty() { p { (note) } }
                (figure(
                    id,
                    &format!("{heading}: invested against results"),
                    "Bars for time, money and results of each. The table below has the numbers.",
                    |size| bars(&measures, &drawn, size),
                ))
                (self.rows(header, rows, nameless, false))
            }
        })
    }

    fn measures(&self) -> Vec<Measure> {
        let mut measures = vec![measure("time", Ink::Time)];
        let code = self.numbers.main_currency.as_ref();
        measures.extend(code.map(|code| measure(code, Ink::Money)));
        measures.push(measure("results", Ink::Results));
        measures
    }

    fn bars(&self, name: &str, tally: &Tally) -> Bars {
        let time = match tally.minutes {
            0 => "no time".to_owned(),
            minutes => self.locale.duration(minutes),
        };
        let mut values = vec![(tally.minutes, time)];
        values.extend(self.numbers.main_currency.as_ref().map(|code| {
            let cents = tally.cents_of(code);
            let label = match cents {
                0 => "0".to_owned(),
                cents => self.locale.amount(cents),
            };
            (natural(cents), label)
        }));
        let results = u64::from(tally.results);
        values.push((results, self.locale.number(results)));
        Bars {
            name: name.to_owned(),
            values,
        }
    }

    pub(super) fn rows(
        &self,
        header: &'static str,
        rows: &[Row],
        nameless: &str,
        with_total: bool,
    ) -> Markup {
        let caption = format!("By {}", header.to_lowercase());
        let mut table = Table::new(&caption, Layout::Blocks, columns(header, "Came of it"));
        for row in rows {
            let name = match &row.name {
                Some(name) => Cell::Name(name.clone()),
                None => Cell::Nameless(nameless.to_owned()),
            };
            table.rows.push(self.cells(name, &row.tally));
        }
        if with_total {
            let name = Cell::Name("All".to_owned());
            table.total = Some(self.cells(name, &self.numbers.total));
        }
        table.markup()
    }

    fn cells(&self, name: Cell, tally: &Tally) -> Vec<Cell> {
        vec![
            name,
            self.times(tally.interactions),
            self.time(tally.minutes),
            self.money(&tally.costs),
            Cell::Text(brought(tally, self.locale).unwrap_or_default()),
        ]
    }

    fn times(&self, interactions: u32) -> Cell {
        let text = match interactions {
            0 => String::new(),
            interactions => format!("{}×", self.number(interactions)),
        };
        Cell::Number(text, "")
    }

    fn time(&self, minutes: u64) -> Cell {
        let text = match minutes {
            0 => String::new(),
            minutes => self.locale.duration(minutes),
        };
        Cell::Number(text, "")
    }

    fn money(&self, amounts: &[Money]) -> Cell {
        Cell::Numbers(self.amounts(amounts))
    }

    fn amounts(&self, amounts: &[Money]) -> Vec<String> {
        let texts = amounts.iter().map(|money| self.locale.money(money));
        texts.collect()
    }
}

fn columns(first: &'static str, last: &'static str) -> Vec<Column> {
    vec![
        Column::Text(first),
        Column::Number("Times"),
        Column::Number("Time"),
        Column::Number("Cost"),
        Column::Text(last),
    ]
}

pub(super) fn measure(name: &str, ink: Ink) -> Measure {
    Measure {
        name: name.to_owned(),
        ink,
    }
}

/// What a bar can show: nothing of less than nothing.
pub(super) fn natural(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn years_of(months: &[Row]) -> Vec<Row> {
    let mut years: Vec<Row> = Vec::new();
    for row in months {
        let year = row.name.as_deref().and_then(|name| name.split('-').next());
        let year = year.map(str::to_owned);
        match years.last_mut() {
            Some(last) if last.name == year => last.tally.add(&row.tally),
            _ => years.push(Row {
                name: year,
                tally: row.tally.clone(),
            }),
        }
    }
    years
}

/// Short names for below a chart; January stands for its year.
fn names_of_months(rows: &[Row]) -> Vec<String> {
    let name = |row: &Row| {
        let name = row.name.clone().unwrap_or_default();
        match name
            .split_once('-')
            .map(|(year, month)| (year, month.parse()))
        {
            Some((year, Ok(1))) => year.to_owned(),
            Some((_, Ok(month))) => month_name(month).to_owned(),
            _ => name,
        }
    };
    rows.iter().map(name).collect()
}
