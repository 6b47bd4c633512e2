//! Writes a report as one HTML page that needs nothing else: no script, no network, no font.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::contact::{GoalStatus, Money};

use super::charts::{Bars, Drawing, Ink, Measure, Panel, Scale, Size, Way, bars, panels, ways};
use super::goals::GoalNumbers;
use super::locale::{Locale, month_name};
use super::numbers::Numbers;
use super::people::{Direction, TierStep};
use super::sentences::{Topic, brought, sentences};
use super::tally::{Row, Tally};

const STYLE: &str = include_str!("page.css");

/// The dark colours of what is no picture.
const DARK: &str = "--paper:#12161b;--sheet:#1a2027;--text:#e7eaee;--muted:#a3adb9;--line:#333c47;\
                    --soft:#232a33;--mark:#5bbcc6";

/// How many bars a chart has, and how many rows a long table.
const DRAWN: usize = 10;
const LISTED: usize = 40;

/// Over more months a chart shows years.
const MONTHS_DRAWN: usize = 24;

/// How many currencies are drawn over time.
const CURRENCIES_DRAWN: usize = 3;

/// The page, as UTF-8 text.
pub fn page(numbers: &Numbers, locale: Locale) -> String {
    let writer = Writer { numbers, locale };
    let title = match &numbers.goal {
        Some(goal) => format!("What came of it: {goal}"),
        None => "What came of it".to_owned(),
    };
    let sections = [
        writer.short(),
        writer.months(),
        writer.goals(),
        writer.tiers(),
        writer.lists(),
        writer.occasions(),
        writer.contacts(),
        writer.neglected(),
        writer.unpaid(),
        writer.results(),
        writer.steps(),
        writer.kinds(),
    ];
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy"
                    content="default-src 'none'; style-src 'unsafe-inline'; img-src data:";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (title) }
                style { (PreEscaped(style())) }
            }
            body {
                main {
                    header {
                        h1 { bdi { (title) } }
                        p {
                            (locale.date(numbers.since)) " to " (locale.date(numbers.today))
                        }
                    }
                    (writer.figures())
                    @for section in sections.into_iter().flatten() { (section) }
                    footer {
                        "Made by cardweave from what stands on the cards. Money of different \
                         currencies is never added up; a contact on several lists counts on each."
                    }
                }
            }
        }
    };
    page.into_string()
}

/// The style, with a colour for the dark for each of the pictures.
fn style() -> String {
    let mut dark = format!(":root{{{DARK}}}");
    for ink in Ink::ALL {
        let (light, other) = ink.colours();
        dark.push_str(&format!("svg [fill=\"{light}\"]{{fill:{other}}}"));
    }
    format!("{STYLE}@media screen and (prefers-color-scheme:dark){{{dark}}}")
}

struct Writer<'a> {
    numbers: &'a Numbers,
    locale: Locale,
}

impl Writer<'_> {
    fn figures(&self) -> Markup {
        let total = &self.numbers.total;
        let brought = brought(total, self.locale);
        html! {
            dl.figures {
                div {
                    dt { "Time" }
                    dd { (self.locale.duration(total.minutes)) }
                }
                div {
                    dt { "Money" }
                    @if total.costs.is_empty() { dd { "none" } }
                    @for money in &total.costs { dd { (self.locale.money(money)) } }
                }
                div {
                    dt { "Interactions" }
                    dd { (self.number(total.interactions)) }
                    dd { "with " (self.number(total.contacts)) @if total.contacts == 1 { " contact" } @else { " contacts" } }
                }
                div {
                    dt { "Results" }
                    dd { (self.number(total.results)) }
                    @if let Some(brought) = brought { dd { (brought) } }
                }
            }
        }
    }

    fn short(&self) -> Option<Markup> {
        let said = sentences(self.numbers, self.locale);
        let topics = [
            (Topic::Invested, "Invested"),
            (Topic::Goals, "Goals"),
            (Topic::Paid, "What paid"),
            (Topic::Unpaid, "What did not"),
            (Topic::Promises, "Promises"),
            (Topic::Neglected, "Neglected"),
            (Topic::Tiers, "Up and down"),
        ];
        Some(html! {
            section {
                h2 { "In short" }
                dl.said {
                    @for (topic, name) in topics {
                        @if said.iter().any(|one| one.topic == topic) {
                            dt { (name) }
                            dd {
                                @for one in said.iter().filter(|one| one.topic == topic) {
                                    p { bdi { (one.text) } }
                                }
                            }
                        }
                    }
                }
            }
        })
    }

    fn months(&self) -> Option<Markup> {
        let numbers = self.numbers;
        let months = &numbers.by_month;
        let years = &numbers.by_folded_year;
        if months.is_empty() && years.is_empty() {
            return None;
        }
        let by_year = months.len() > MONTHS_DRAWN;
        let drawn = if by_year {
            years_of(months)
        } else {
            months.clone()
        };
        let values = |of: &dyn Fn(&Tally) -> i64| -> Vec<u64> {
            let values = drawn.iter().map(|row| of(&row.tally));
            values
                .map(|value| u64::try_from(value).unwrap_or(0))
                .collect()
        };
        let panel = |name: &str, ink: Ink, scale: Scale, values: Vec<u64>| Panel {
            measure: Measure {
                name: name.to_owned(),
                ink,
            },
            values,
            scale,
        };
        let mut drawn_panels = vec![panel(
            "Time",
            Ink::Time,
            Scale::Minutes,
            values(&|tally| i64::try_from(tally.minutes).unwrap_or(i64::MAX)),
        )];
        let mut currencies: Vec<&str> = numbers
            .total
            .costs
            .iter()
            .map(|money| money.currency.as_str())
            .collect();
        currencies.sort_by_key(|code| Some(*code) != numbers.main_currency.as_deref());
        for code in currencies.into_iter().take(CURRENCIES_DRAWN) {
            let name = format!("Money, {code}");
            let cents = values(&|tally| tally.cents_of(code));
            drawn_panels.push(panel(&name, Ink::Money, Scale::Cents, cents));
        }
        drawn_panels.push(panel(
            "Results",
            Ink::Results,
            Scale::Count,
            values(&|tally| i64::from(tally.results)),
        ));
        drawn_panels.retain(|panel| panel.values.iter().any(|value| *value > 0));
        let names = names_of_months(&drawn);
        let named = |rows: &[Row]| -> Vec<Row> {
            rows.iter()
                .map(|row| Row {
                    name: row.name.as_ref().map(|name| self.locale.month_of(name)),
                    tally: row.tally.clone(),
                })
                .collect()
        };
        let mut rows: Vec<Row> = years
            .iter()
            .map(|row| Row {
                name: row.name.as_ref().map(|year| format!("{year}, folded")),
                tally: row.tally.clone(),
            })
            .collect();
        rows.extend(
            named(months)
                .into_iter()
                .filter(|row| months.len() <= MONTHS_DRAWN || !row.tally.is_nothing()),
        );
        let chart = (!drawn_panels.is_empty()).then(|| {
            figure(
                "months",
                if by_year {
                    "Year by year"
                } else {
                    "Month by month"
                },
                "Bars for time, money and results of each month. The table below has the numbers.",
                |size| panels(&drawn_panels, &names, size),
            )
        });
        Some(html! {
            section {
                h2 { "Month by month" }
                @if !years.is_empty() {
                    p { "Years that were folded into sums stand in the table alone: nobody knows \
                         their months any more." }
                }
                @if let Some(chart) = chart { (chart) }
                (self.rows("Month", &rows, "", true))
            }
        })
    }

    fn goals(&self) -> Option<Markup> {
        let goals = &self.numbers.goals;
        if goals.is_empty() {
            return self.by_goal().map(|table| {
                html! { section { h2 { "Goals" } (table) } }
            });
        }
        let drawn: Vec<Way> = goals
            .iter()
            .take(DRAWN)
            .map(|goal| Way {
                name: goal.name.clone(),
                note: self.note(goal),
                reached: goal
                    .target
                    .as_ref()
                    .map(|target| (goal.reached, target.count)),
            })
            .collect();
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
                table.rows {
                    caption { "Goals, and what went into them" }
                    thead { tr {
                        th scope="col" { "Goal" }
                        th.n scope="col" { "Times" }
                        th.n scope="col" { "Time" }
                        th.n scope="col" { "Cost" }
                        th scope="col" { "Reached" }
                    } }
                    tbody {
                        @for goal in goals.iter().take(LISTED) { tr {
                            th scope="row" { bdi { (goal.name) } }
                            td.n { (self.number(goal.interactions)) "×" }
                            td.n { (self.locale.duration(goal.minutes)) }
                            td.n { (self.money(&goal.costs)) }
                            td { bdi { (self.note(goal)) } @if !goal.other_results.is_empty() {
                                "; also " bdi { (goal.other_results.join(", ")) }
                            } }
                        } }
                    }
                }
            }
        })
    }

    fn by_goal(&self) -> Option<Markup> {
        let rows = &self.numbers.by_goal;
        rows.iter()
            .any(|row| row.name.is_some())
            .then(|| self.rows("Goal", rows, "no goal", false))
    }

    /// `2 of 3 customers · 36 days left`.
    fn note(&self, goal: &GoalNumbers) -> String {
        let reached = goal.target.as_ref().map(|target| {
            format!(
                "{} of {} {}",
                self.locale.number(goal.reached),
                self.locale.number(target.count),
                target.unit
            )
        });
        let when = match (goal.status, goal.by, goal.days_left) {
            (GoalStatus::Closed, ..) => Some("closed".to_owned()),
            _ if goal.is_reached() => Some("reached".to_owned()),
            (_, Some(by), Some(days)) if days < 0 => {
                Some(format!("not reached by {}", self.locale.date(by)))
            }
            (_, Some(_), Some(0)) => Some("due today".to_owned()),
            (_, Some(by), Some(1)) => Some(format!("1 day left, {}", self.locale.date(by))),
            (_, Some(by), Some(days)) => {
                Some(format!("{days} days left, {}", self.locale.date(by)))
            }
            _ => None,
        };
        let parts: Vec<String> = reached.into_iter().chain(when).collect();
        if parts.is_empty() {
            "no target".to_owned()
        } else {
            parts.join(" · ")
        }
    }

    fn tiers(&self) -> Option<Markup> {
        let rows: Vec<Row> = self
            .numbers
            .by_tier
            .iter()
            .map(|row| Row {
                name: row.name.as_ref().map(|tier| format!("Tier {tier}")),
                tally: row.tally.clone(),
            })
            .collect();
        self.compared("tiers", "Tiers", "Tier", &rows, "no tier", "")
    }

    fn lists(&self) -> Option<Markup> {
        let note = "A contact on several lists counts on each.";
        let rows = &self.numbers.by_list;
        self.compared("lists", "Lists", "List", rows, "no list", note)
    }

    fn occasions(&self) -> Option<Markup> {
        let named = self.numbers.by_occasion.iter();
        let named = named.filter(|one| one.name.is_some());
        let own = self.numbers.own_organisation.iter();
        let all: Vec<_> = named.chain(own).collect();
        if all.is_empty() {
            return None;
        }
        let rows: Vec<Row> = all
            .iter()
            .map(|one| Row {
                name: one.name.clone(),
                tally: one.tally.clone(),
            })
            .collect();
        let mut measures = self.measures();
        measures.pop();
        measures.push(Measure {
            name: "A contacts".to_owned(),
            ink: Ink::Results,
        });
        let drawn: Vec<Bars> = all
            .iter()
            .zip(&rows)
            .take(DRAWN)
            .map(|(one, row)| {
                let mut bars = self.bars(row, "");
                bars.values.pop();
                let count = u64::from(one.of_tier_a);
                bars.values.push((count, self.locale.number(count)));
                bars
            })
            .collect();
        Some(html! {
            section {
                h2 { "Occasions" }
                p { "What each took, and how many that were met there are A today."
                    @if self.numbers.own_organisation.is_some() {
                        " The people of the own organisation stand last."
                    }
                }
                (figure(
                    "occasions",
                    "Occasions, and the A contacts that they brought",
                    "Bars for time, money and A contacts of each occasion. The table below has the \
                     numbers.",
                    |size| bars(&measures, &drawn, size),
                ))
                table.rows {
                    caption { "Occasions" }
                    thead { tr {
                        th scope="col" { "Occasion" }
                        th.n scope="col" { "Met" }
                        th.n scope="col" { "Cost" }
                        th.n scope="col" { "Per A contact" }
                        th scope="col" { "A contacts" }
                    } }
                    tbody {
                        @for one in all.iter().take(LISTED) { tr {
                            th scope="row" { bdi { (one.name.as_deref().unwrap_or_default()) } }
                            td.n { (self.number(one.met)) }
                            td.n { (self.money(&one.tally.costs)) }
                            td.n { (self.money(&one.cost_per_a)) }
                            td { @for (at, name) in one.names_of_tier_a.iter().take(DRAWN).enumerate() {
                                @if at > 0 { ", " }
                                bdi { (name) }
                            } @if one.names_of_tier_a.len() > DRAWN { ", …" } }
                        } }
                    }
                }
            }
        })
    }

    fn contacts(&self) -> Option<Markup> {
        let rows = &self.numbers.by_contact;
        if rows.is_empty() {
            return None;
        }
        Some(html! {
            section {
                h2 { "Contacts" }
                p { "Those that took most time or money." }
                (self.rows("Contact", rows, "", false))
            }
        })
    }

    fn neglected(&self) -> Option<Markup> {
        let all = &self.numbers.neglected;
        if all.is_empty() {
            return None;
        }
        let days = |days: Option<i32>| days.map_or(0, i32::unsigned_abs);
        let drawn: Vec<Bars> = all
            .iter()
            .take(DRAWN)
            .map(|one| {
                let count = u64::from(days(one.days_overdue));
                let label = match one.days_overdue {
                    Some(1) => "1 day".to_owned(),
                    Some(_) => format!("{} days", self.locale.number(count)),
                    None => "never heard of".to_owned(),
                };
                Bars {
                    name: format!("{} · {}", one.tier, one.name),
                    values: vec![(count, label)],
                }
            })
            .collect();
        let measure = Measure {
            name: "overdue".to_owned(),
            ink: Ink::Overdue,
        };
        Some(html! {
            section {
                h2 { "Neglected" }
                p { "Not heard of for longer than the tier, or their own rhythm, allows." }
                (figure(
                    "neglected",
                    "How far overdue the neglected contacts are",
                    "A bar for each contact, as long as the days that it is overdue. The table \
                     below has the numbers.",
                    |size| bars(&[Measure { name: measure.name.clone(), ink: measure.ink }], &drawn, size),
                ))
                table {
                    caption { "Neglected contacts" (rest(all.len())) }
                    thead { tr {
                        th scope="col" { "Contact" }
                        th scope="col" { "Tier" }
                        th.n scope="col" { "Last word" }
                        th.n scope="col" { "Days overdue" }
                    } }
                    tbody {
                        @for one in all.iter().take(LISTED) { tr {
                            th scope="row" { bdi { (one.name) } }
                            td { (one.tier) }
                            td.n { @match one.last_word {
                                Some(day) => (self.locale.date(day)),
                                None => "never",
                            } }
                            td.n { @if one.days_overdue.is_some() {
                                (self.number(days(one.days_overdue)))
                            } }
                        } }
                    }
                }
            }
        })
    }

    fn unpaid(&self) -> Option<Markup> {
        let all = &self.numbers.unpaid;
        if all.is_empty() {
            return None;
        }
        Some(html! {
            section {
                h2 { "What did not pay" }
                p { "Money or at least an hour, and no result." }
                table.rows {
                    caption { "Without a result" (rest(all.len())) }
                    thead { tr {
                        th scope="col" { "Name" }
                        th.n scope="col" { "Times" }
                        th.n scope="col" { "Time" }
                        th.n scope="col" { "Cost" }
                        th scope="col" { "What it is" }
                    } }
                    tbody {
                        @for one in all.iter().take(LISTED) { tr {
                            th scope="row" { bdi { (one.name) } }
                            td.n { (self.number(one.tally.interactions)) "×" }
                            td.n { (self.time(&one.tally)) }
                            td.n { (self.money(&one.tally.costs)) }
                            td { (one.what.word()) }
                        } }
                    }
                }
            }
        })
    }

    fn results(&self) -> Option<Markup> {
        let all = &self.numbers.results;
        if all.is_empty() {
            return None;
        }
        Some(html! {
            section {
                h2 { "The last results" }
                table {
                    caption { "What came of interactions" }
                    thead { tr {
                        th scope="col" { "Result" }
                        th scope="col" { "Contact" }
                        th.n scope="col" { "On" }
                    } }
                    tbody {
                        @for one in all { tr {
                            th scope="row" { bdi { (one.result) } }
                            td { bdi { (one.contact) } }
                            td.n { (self.locale.date(one.date)) }
                        } }
                    }
                }
            }
        })
    }

    fn steps(&self) -> Option<Markup> {
        let steps: Vec<&TierStep> = self.numbers.steps.iter().collect();
        if steps.is_empty() {
            return None;
        }
        let word = |step: &TierStep| match step.direction {
            Direction::Raised => "raised",
            Direction::Lowered => "lowered",
            Direction::Sorted => "first tier",
            Direction::Dropped => "no tier any more",
        };
        let letter = |tier: Option<crate::contact::Tier>| {
            tier.map_or("none".to_owned(), |tier| tier.to_string())
        };
        Some(html! {
            section {
                h2 { "Up and down" }
                table {
                    caption { "Contacts whose tier changed" (rest(steps.len())) }
                    thead { tr {
                        th scope="col" { "Contact" }
                        th scope="col" { "Tier" }
                        th scope="col" { "Was" }
                        th.n scope="col" { "On" }
                    } }
                    tbody {
                        @for step in steps.iter().take(LISTED) { tr {
                            th scope="row" { bdi { (step.name) } }
                            td { (letter(step.was)) " → " (letter(step.is)) }
                            td { (word(step)) }
                            td.n { (self.locale.date(step.date)) }
                        } }
                    }
                }
            }
        })
    }

    fn kinds(&self) -> Option<Markup> {
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
        header: &str,
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
            .map(|row| self.bars(row, nameless))
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
        let measure = |name: &str, ink: Ink| Measure {
            name: name.to_owned(),
            ink,
        };
        let mut measures = vec![measure("time", Ink::Time)];
        measures.extend(
            self.numbers
                .main_currency
                .as_ref()
                .map(|code| measure(code, Ink::Money)),
        );
        measures.push(measure("results", Ink::Results));
        measures
    }

    fn bars(&self, row: &Row, nameless: &str) -> Bars {
        let tally = &row.tally;
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
            (u64::try_from(cents).unwrap_or(0), label)
        }));
        let results = u64::from(tally.results);
        values.push((results, self.locale.number(results)));
        Bars {
            name: row.name.as_deref().unwrap_or(nameless).to_owned(),
            values,
        }
    }

    fn rows(&self, header: &str, rows: &[Row], nameless: &str, with_total: bool) -> Markup {
        html! {
            table.rows {
                caption { "By " (header.to_lowercase()) (rest(rows.len())) }
                thead { tr {
                    th scope="col" { (header) }
                    th.n scope="col" { "Times" }
                    th.n scope="col" { "Time" }
                    th.n scope="col" { "Cost" }
                    th scope="col" { "Came of it" }
                } }
                tbody {
                    @for row in rows.iter().take(LISTED) { tr {
                        @match &row.name {
                            Some(name) => th scope="row" { bdi { (name) } },
                            None => th.none scope="row" { (nameless) },
                        }
                        (self.cells(&row.tally))
                    } }
                }
                @if with_total {
                    tfoot { tr {
                        th scope="row" { "All" }
                        (self.cells(&self.numbers.total))
                    } }
                }
            }
        }
    }

    fn cells(&self, tally: &Tally) -> Markup {
        html! {
            td.n { @if tally.interactions > 0 { (self.number(tally.interactions)) "×" } }
            td.n { (self.time(tally)) }
            td.n { (self.money(&tally.costs)) }
            td { @if let Some(brought) = brought(tally, self.locale) { bdi { (brought) } } }
        }
    }

    fn time(&self, tally: &Tally) -> String {
        match tally.minutes {
            0 => String::new(),
            minutes => self.locale.duration(minutes),
        }
    }

    fn money(&self, amounts: &[Money]) -> Markup {
        html! { @for money in amounts { span { (self.locale.money(money)) } } }
    }

    fn number(&self, number: u32) -> String {
        self.locale.number(u64::from(number))
    }
}

/// A chart in both sizes, of which the page shows the one that fits.
fn figure(id: &str, title: &str, desc: &str, draw: impl Fn(Size) -> Drawing) -> Markup {
    html! {
        figure {
            @for (class, size) in [("wide", Size::Wide), ("slim", Size::Slim)] {
                @let drawing = draw(size);
                svg class=(class) role="img" viewBox=(format!("0 0 {} {}", drawing.width, drawing.height))
                    aria-labelledby=(format!("{id}-{class}-title {id}-{class}-desc")) {
                    title id=(format!("{id}-{class}-title")) { (title) }
                    desc id=(format!("{id}-{class}-desc")) { (desc) }
                    (PreEscaped(drawing.inside))
                }
            }
        }
    }
}

/// What a caption says where a table does not have all.
fn rest(all: usize) -> String {
    if all > LISTED {
        format!(", the first {LISTED} of {all}")
    } else {
        String::new()
    }
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
