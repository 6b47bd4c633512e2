//! Adds up what a book says was invested since a day, and what came of it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use crate::contact::{
    Acquaintance, Cadence, Interaction, InteractionKind, Money, Relationship, Tier, same_name,
};

use super::goals::{GoalNumbers, goals};
use super::occasions::{OccasionNumbers, Occasions};
use super::people::{Kept, Neglected, TierNumbers, TierStep, kept, neglected, steps, tiers};
use super::tally::{Row, Tally};
use super::unpaid::{Unpaid, did_not_pay, unpaid};

/// How many contacts are named of those that took most.
const TOP: usize = 20;

/// Over so many years months with nothing are left out.
const MANY_YEARS: i16 = 10;

/// How many of the last results are told one by one.
const LAST_RESULTS: usize = 20;

/// What a report is about.
#[derive(Debug, Clone)]
pub struct Scope<'a> {
    /// The first day that counts; the last one is today.
    pub since: Date,
    pub today: Date,
    /// Only what was for this goal.
    pub goal: Option<&'a str>,
    /// How long a contact of each tier may go without word.
    pub cadences: BTreeMap<Tier, Cadence>,
    /// Where one works.
    pub organisation: Option<&'a str>,
}

/// What was invested and what came of it. Rows are in the order in which they are to be read; one
/// without a name stands for what has none.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Numbers {
    #[schemars(with = "String")]
    pub since: Date,
    #[schemars(with = "String")]
    pub today: Date,
    /// Only what was for this goal.
    pub goal: Option<String>,
    pub total: Tally,
    /// The currency in which money was spent on most contacts; the one that is drawn.
    pub main_currency: Option<String>,
    /// Every month from the first with anything to this one: `2026-03`. Without the sums of years.
    pub by_month: Vec<Row>,
    /// The years that were folded into sums, by year.
    pub by_folded_year: Vec<Row>,
    /// From A to D, then without a tier; as the tiers are today.
    pub by_tier: Vec<Row>,
    /// A contact on several lists counts on each.
    pub by_list: Vec<Row>,
    pub by_goal: Vec<Row>,
    /// `call`, `mail`, `meeting`, `event`, `met`, `sum`; without a name what was not said.
    pub by_kind: Vec<Row>,
    /// Those that took most time or money; at most 20.
    pub by_contact: Vec<Row>,
    /// What was spent at occasions and who was met there; without a name everything else.
    pub by_occasion: Vec<OccasionNumbers>,
    /// The people of one's own organisation; they count among the others too.
    pub own_organisation: Option<OccasionNumbers>,
    pub goals: Vec<GoalNumbers>,
    pub tiers: Vec<TierNumbers>,
    /// The longest overdue first within a tier.
    pub neglected: Vec<Neglected>,
    pub kept_by_me: Kept,
    pub kept_by_them: Kept,
    pub steps: Vec<TierStep>,
    pub unpaid: Vec<Unpaid>,
    /// The last ones; at most 20.
    pub results: Vec<ResultLine>,
}

/// What came of one interaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ResultLine {
    #[schemars(with = "String")]
    pub date: Date,
    pub contact: String,
    pub result: String,
    pub goal: Option<String>,
    pub occasion: Option<String>,
}

impl Scope<'_> {
    fn holds(&self, day: Date) -> bool {
        self.since <= day && day <= self.today
    }

    /// When a contact of this tier is to be heard of again at the latest.
    pub fn cadence(&self, relationship: &Relationship) -> Option<Cadence> {
        let of_tier = self.cadences.get(&relationship.tier?).copied();
        relationship.cadence.or(of_tier)
    }

    pub fn is_colleague(&self, relationship: &Relationship) -> bool {
        match (self.organisation, &relationship.organisation) {
            (Some(own), Some(theirs)) => same_name(own) == same_name(theirs),
            _ => false,
        }
    }
}

/// Tallies under names that capitals and blanks do not tell apart.
#[derive(Default)]
struct Rows(BTreeMap<String, Row>);

impl Rows {
    fn of(&mut self, name: &str) -> &mut Tally {
        let row = self.0.entry(same_name(name)).or_insert_with(|| Row {
            name: Some(name.to_owned()),
            tally: Tally::default(),
        });
        &mut row.tally
    }

    /// What took most first; what has no name last.
    fn ranked(self, nameless: Tally) -> Vec<Row> {
        let mut rows: Vec<Row> = self.0.into_values().collect();
        rows.sort_by_key(|row| {
            let tally = &row.tally;
            std::cmp::Reverse((tally.minutes, tally.interactions, tally.results))
        });
        rows.extend(nameless_row(nameless));
        rows
    }
}

fn nameless_row(tally: Tally) -> Option<Row> {
    (!tally.is_nothing()).then_some(Row { name: None, tally })
}

/// Adds up the contacts of all books. A contact without any line in the time counts nowhere but
/// among the neglected.
pub fn numbers(everybody: &[Acquaintance], scope: &Scope) -> Numbers {
    let wanted = scope.goal.map(same_name);
    let people: Vec<&Acquaintance> = everybody
        .iter()
        .filter(|one| !one.relationship.is_group())
        .collect();
    let mut gathered = Gathered::default();
    for one in &people {
        gathered.take(one, scope, wanted.as_deref());
    }
    let concerned: Vec<&Acquaintance> = people
        .into_iter()
        .filter(|one| {
            wanted
                .as_deref()
                .is_none_or(|goal| is_for(&one.relationship, goal))
        })
        .collect();
    let (by_occasion, own_organisation) = gathered.occasions.told();
    let mut numbers = Numbers {
        since: scope.since,
        today: scope.today,
        goal: scope.goal.map(str::to_owned),
        by_month: months(gathered.months, scope.today),
        by_folded_year: gathered
            .years
            .into_iter()
            .map(|(year, tally)| Row {
                name: Some(year.to_string()),
                tally,
            })
            .collect(),
        by_tier: gathered
            .tiers
            .into_iter()
            .map(|(tier, tally)| Row {
                name: Some(tier.to_string()),
                tally,
            })
            .chain(nameless_row(gathered.no_tier))
            .collect(),
        by_list: gathered.lists.ranked(gathered.no_list),
        by_goal: gathered.goals.ranked(gathered.no_goal),
        by_kind: gathered
            .kinds
            .into_iter()
            .map(|(kind, tally)| Row {
                name: kind.map(str::to_owned),
                tally,
            })
            .collect(),
        by_contact: Vec::new(),
        by_occasion,
        own_organisation,
        goals: goals(everybody, scope),
        tiers: tiers(&concerned, scope),
        neglected: neglected(&concerned, scope),
        kept_by_me: kept(&concerned, crate::contact::Side::Mine, scope),
        kept_by_them: kept(&concerned, crate::contact::Side::Theirs, scope),
        steps: steps(&concerned, scope),
        unpaid: Vec::new(),
        results: last(gathered.results),
        main_currency: main_currency(&gathered.contacts, &gathered.total.costs),
        total: gathered.total,
    };
    // Kinds without a name come first in their order, and last on a page.
    numbers.by_kind.sort_by_key(|row| row.name.is_none());
    numbers.unpaid = unpaid(&gathered.unpaid, &numbers);
    numbers.by_contact = top(gathered.contacts, numbers.main_currency.as_deref());
    numbers
}

/// Whether a contact belongs to a goal, or something was done for it.
fn is_for(relationship: &Relationship, goal: &str) -> bool {
    let assigned = relationship.goals.iter();
    let logged = relationship
        .log
        .iter()
        .filter_map(|line| line.goal.as_ref());
    assigned.chain(logged).any(|name| same_name(name) == goal)
}

#[derive(Default)]
struct Gathered<'a> {
    total: Tally,
    months: BTreeMap<(i16, i8), Tally>,
    years: BTreeMap<i16, Tally>,
    tiers: BTreeMap<Tier, Tally>,
    no_tier: Tally,
    lists: Rows,
    no_list: Tally,
    goals: Rows,
    no_goal: Tally,
    kinds: BTreeMap<Option<&'static str>, Tally>,
    contacts: Vec<Row>,
    unpaid: Vec<Row>,
    occasions: Occasions,
    /// Lines with a result, and whose they are.
    results: Vec<(&'a str, &'a Interaction)>,
}

impl<'a> Gathered<'a> {
    fn take(&mut self, one: &'a Acquaintance, scope: &Scope, goal: Option<&str>) {
        let relationship = &one.relationship;
        let mut own = Tally::default();
        // Where this contact was counted already.
        let mut counted: BTreeSet<Place> = BTreeSet::new();
        for line in &relationship.log {
            if !line.is_word() || !scope.holds(line.date) || !is_line_for(line, goal) {
                continue;
            }
            let tally = Tally::of_line(line);
            own.add(&tally);
            self.add_line(line, &tally, &mut counted);
            if line.result.is_some() {
                self.results.push((&one.name, line));
            }
        }
        // What an occasion cost is the occasion's to bring back, and not each contact's.
        if did_not_pay(&own) {
            self.unpaid.push(Row {
                name: Some(one.name.clone()),
                tally: own.clone(),
            });
        }
        // Whom one meets is not said to be for a goal.
        for met in relationship.met.iter().filter(|_| goal.is_none()) {
            let Some(day) = met.date.filter(|day| scope.holds(*day)) else {
                continue;
            };
            own.add_meeting(met);
            self.months
                .entry((day.year(), day.month()))
                .or_default()
                .add_meeting(met);
            self.kinds.entry(Some("met")).or_default().add_meeting(met);
            self.no_goal.add_meeting(met);
            self.occasions
                .meet(met, day, &one.name, relationship.tier == Some(Tier::A));
        }
        own.contacts = u32::from(own.interactions > 0);
        let is_concerned = goal.is_none() || !own.is_nothing();
        if is_concerned && scope.is_colleague(relationship) {
            let is_a = relationship.tier == Some(Tier::A);
            self.occasions
                .work_with(scope.organisation, one, is_a, &own);
        }
        if own.is_nothing() {
            return;
        }
        self.total.add(&own);
        match relationship.tier {
            Some(tier) => self.tiers.entry(tier).or_default().add(&own),
            None => self.no_tier.add(&own),
        }
        let mut lists: BTreeMap<String, &str> = BTreeMap::new();
        for list in relationship.lists() {
            lists.entry(same_name(list)).or_insert(list);
        }
        for list in lists.values() {
            self.lists.of(list).add(&own);
        }
        if lists.is_empty() {
            self.no_list.add(&own);
        }
        self.contacts.push(Row {
            name: Some(one.name.clone()),
            tally: own,
        });
    }

    fn add_line(&mut self, line: &'a Interaction, tally: &Tally, counted: &mut BTreeSet<Place>) {
        let (year, month) = (line.date.year(), line.date.month());
        let is_sum = line.kind == InteractionKind::Sum;
        let (when, place) = if is_sum {
            (self.years.entry(year).or_default(), Place::Year(year))
        } else {
            let when = self.months.entry((year, month)).or_default();
            (when, Place::Month(year, month))
        };
        when.add(tally);
        when.contacts += u32::from(counted.insert(place));

        let kind = self.kinds.entry(line.kind.word()).or_default();
        kind.add(tally);
        kind.contacts += u32::from(counted.insert(Place::Kind(line.kind)));

        let (goal, place) = match &line.goal {
            Some(name) => (self.goals.of(name), Place::Goal(Some(same_name(name)))),
            None => (&mut self.no_goal, Place::Goal(None)),
        };
        goal.add(tally);
        goal.contacts += u32::from(counted.insert(place));

        let at = line.occasion.as_deref().filter(|at| !at.trim().is_empty());
        let is_new = counted.insert(Place::Occasion(at.map(same_name)));
        self.occasions.add(at, tally, is_new);
    }
}

/// A row that a contact is counted in once, however many lines it has there.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Year(i16),
    Month(i16, i8),
    Kind(InteractionKind),
    Goal(Option<String>),
    Occasion(Option<String>),
}

fn is_line_for(line: &Interaction, goal: Option<&str>) -> bool {
    goal.is_none_or(|goal| {
        let own = line.goal.as_deref();
        own.is_some_and(|own| same_name(own) == goal)
    })
}

/// Every month from the first with anything to this one; over many years only those with anything.
fn months(mut gathered: BTreeMap<(i16, i8), Tally>, today: Date) -> Vec<Row> {
    let mut rows = Vec::new();
    let Some(first) = gathered.keys().next().copied() else {
        return rows;
    };
    let shows_gaps = today.year() - first.0 < MANY_YEARS;
    let (mut year, mut month) = first;
    while (year, month) <= (today.year(), today.month()) {
        let tally = gathered.remove(&(year, month));
        if shows_gaps || tally.is_some() {
            rows.push(Row {
                name: Some(format!("{year:04}-{month:02}")),
                tally: tally.unwrap_or_default(),
            });
        }
        (year, month) = if month == 12 {
            (year + 1, 1)
        } else {
            (year, month + 1)
        };
    }
    rows
}

/// Those that took most time or, of the currency that was spent most often, most money: whoever
/// stands higher in either order comes first.
fn top(mut contacts: Vec<Row>, currency: Option<&str>) -> Vec<Row> {
    let spent = |row: &Row| currency.map_or(0, |currency| row.tally.cents_of(currency));
    contacts.sort_by_key(|row| std::cmp::Reverse(spent(row)));
    let mut ranked: Vec<(usize, Row)> = contacts
        .into_iter()
        .enumerate()
        .map(|(rank, row)| (if spent(&row) > 0 { rank } else { usize::MAX }, row))
        .collect();
    ranked.sort_by_key(|(_, row)| std::cmp::Reverse((row.tally.minutes, row.tally.interactions)));
    let mut ranked: Vec<((usize, usize), Row)> = ranked
        .into_iter()
        .enumerate()
        .map(|(by_time, (by_money, row))| ((by_time.min(by_money), by_time), row))
        .collect();
    ranked.sort_by(|a, b| (a.0, &a.1.name).cmp(&(b.0, &b.1.name)));
    ranked.truncate(TOP);
    ranked.into_iter().map(|(_, row)| row).collect()
}

fn main_currency(contacts: &[Row], costs: &[Money]) -> Option<String> {
    let how_often = |currency: &str| {
        let spent = contacts.iter().map(|row| row.tally.cents_of(currency));
        spent.filter(|cents| *cents > 0).count()
    };
    let main = costs.iter().max_by_key(|money| how_often(&money.currency));
    main.map(|money| money.currency.clone())
}

fn last(mut results: Vec<(&str, &Interaction)>) -> Vec<ResultLine> {
    results.sort_by(|(a, was), (b, is)| (is.date, a, &was.id).cmp(&(was.date, b, &is.id)));
    results.truncate(LAST_RESULTS);
    results
        .into_iter()
        .map(|(contact, line)| ResultLine {
            date: line.date,
            contact: contact.to_owned(),
            result: line.result.clone().unwrap_or_default(),
            goal: line.goal.clone(),
            occasion: line.occasion.clone(),
        })
        .collect()
}
