//! Says in plain sentences what the numbers of a report come to.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use crate::contact::{GoalStatus, Money, Tier};

use super::goals::GoalNumbers;
use super::locale::Locale;
use super::numbers::Numbers;
use super::people::{Direction, Neglected, TierStep};
use super::tally::{Row, Tally, counted};
use super::unpaid::UnpaidKind;

/// How many are named before the rest is only counted.
const NAMED: usize = 3;

/// A sentence, and what it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Sentence {
    pub topic: Topic,
    /// With names as cards have them; not made safe for a terminal.
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    Invested,
    Goals,
    Paid,
    Unpaid,
    Promises,
    Neglected,
    Tiers,
}

/// What there is to say, the most general first.
pub fn sentences(numbers: &Numbers, locale: Locale) -> Vec<Sentence> {
    let say = Say { numbers, locale };
    let all = [
        (Topic::Invested, say.invested()),
        (Topic::Goals, say.goals()),
        (Topic::Paid, say.paid()),
        (Topic::Unpaid, say.unpaid()),
        (Topic::Promises, say.promises()),
        (Topic::Neglected, say.neglected()),
        (Topic::Tiers, say.tiers()),
    ];
    all.into_iter()
        .flat_map(|(topic, texts)| texts.into_iter().map(move |text| Sentence { topic, text }))
        .collect()
}

struct Say<'a> {
    numbers: &'a Numbers,
    locale: Locale,
}

impl Say<'_> {
    fn invested(&self) -> Vec<String> {
        let total = &self.numbers.total;
        let for_goal = self.numbers.goal.as_ref();
        let for_goal = for_goal.map_or(String::new(), |goal| format!(" for the goal {goal}"));
        let since = self.locale.date(self.numbers.since);
        if total.is_nothing() {
            return vec![format!("Nothing was logged{for_goal} since {since}.")];
        }
        let interactions = self.count(total.interactions, "interaction");
        let contacts = self.count(total.contacts, "contact");
        let mut said = vec![match (self.spent(total), total.interactions) {
            (Some(spent), 0) => {
                format!("You spent {spent}{for_goal} since {since}, and logged no interaction.")
            }
            (Some(spent), _) => format!(
                "You spent {spent} on {interactions} with {contacts}{for_goal} since {since}."
            ),
            (None, _) => format!(
                "You had {interactions} with {contacts}{for_goal} since {since}; neither time nor \
                 money was noted."
            ),
        }];
        said.extend(self.folded());
        said.push(match self.brought(total) {
            Some(brought) => format!("It brought {brought}."),
            None => "No result was noted.".to_owned(),
        });
        if total.gave + total.received > 0 {
            said.push(format!(
                "You gave {} and received {}.",
                self.times(total.gave),
                self.times(total.received)
            ));
        }
        said
    }

    /// Years that are in the total as sums, of which nobody knows the months any more.
    fn folded(&self) -> Option<String> {
        let years = &self.numbers.by_folded_year;
        let interactions = years
            .iter()
            .fold(0u32, |sum, row| sum.saturating_add(row.tally.interactions));
        if interactions == 0 {
            return None;
        }
        let names: Vec<String> = years.iter().filter_map(|row| row.name.clone()).collect();
        let since = self.numbers.since;
        let first = names.first().and_then(|year| year.parse::<i16>().ok());
        let is_cut = first == Some(since.year()) && since.day_of_year() > 1;
        let cut = if is_cut {
            format!(
                ", some of which may be from before {}",
                self.locale.date(since)
            )
        } else {
            String::new()
        };
        Some(format!(
            "In this are {} of {} that were folded into sums{cut}.",
            self.count(interactions, "interaction"),
            and(&names)
        ))
    }

    fn goals(&self) -> Vec<String> {
        let goals = self.numbers.goals.iter();
        goals.filter_map(|goal| self.goal(goal)).collect()
    }

    fn goal(&self, goal: &GoalNumbers) -> Option<String> {
        let name = &goal.name;
        let by = goal.by.map(|by| self.locale.date(by));
        let target = goal.target.as_ref();
        // One that was said to be reached may have been counted elsewhere.
        let target = target.filter(|target| !goal.is_reached() || goal.reached >= target.count);
        let so_far = target.map(|target| {
            format!(
                "{} of {} {}",
                self.locale.number(goal.reached),
                self.locale.number(target.count),
                target.unit
            )
        });
        match (goal.is_reached(), goal.status, so_far) {
            (_, GoalStatus::Closed, _) => None,
            (true, _, Some(so_far)) => Some(format!("The goal {name} is reached: {so_far}.")),
            (true, _, None) => Some(format!("The goal {name} is reached.")),
            (false, _, so_far) => {
                let so_far = so_far.map(|so_far| format!(": {so_far} so far"));
                let so_far = so_far.unwrap_or_default();
                Some(match (by, goal.days_left) {
                    (Some(by), Some(days)) if days < 0 => {
                        format!("The goal {name} was to be reached by {by} and is not{so_far}.")
                    }
                    (Some(_), Some(0)) => format!("The goal {name} is due today{so_far}."),
                    (Some(by), Some(days)) => format!(
                        "The goal {name} is due in {}, on {by}{so_far}.",
                        self.count(days.unsigned_abs(), "day")
                    ),
                    _ => format!("The goal {name} is open{so_far}."),
                })
            }
        }
    }

    fn paid(&self) -> Vec<String> {
        let mut said = Vec::new();
        let lists = self.numbers.by_list.iter();
        let best = lists
            .filter(|row| row.name.is_some() && row.tally.results > 0)
            .max_by_key(|row| row.tally.results);
        if let Some(Row {
            name: Some(name),
            tally,
        }) = best
        {
            let results = self.count(tally.results, "result");
            let spent = self.spent(tally);
            let spent = spent.map_or(String::new(), |spent| format!(" for {spent}"));
            said.push(format!("Most came of the list {name}: {results}{spent}."));
        }
        let occasions = self.numbers.by_occasion.iter();
        let with_a = occasions.filter(|one| one.of_tier_a > 0);
        for one in with_a.take(NAMED) {
            let Some(name) = &one.name else { continue };
            let brought = self.count(one.of_tier_a, "A contact");
            said.push(match self.money(&one.tally.costs) {
                Some(cost) => {
                    let each = self.money(&one.cost_per_a).filter(|_| one.of_tier_a > 1);
                    let each = each.map_or(String::new(), |each| format!(": {each} each"));
                    format!("{name} cost {cost} and brought {brought}{each}.")
                }
                None => format!("{name} brought {brought}."),
            });
        }
        if let Some(own) = &self.numbers.own_organisation
            && let Some(name) = &own.name
        {
            let contacts = self.count(own.met, "contact");
            let are = if own.met == 1 { "is" } else { "are" };
            let of_a = match own.of_tier_a {
                0 => "none of them is A".to_owned(),
                1 => "one of them is A".to_owned(),
                more => format!("{more} of them are A"),
            };
            said.push(format!("{contacts} {are} from {name}; {of_a}."));
        }
        said
    }

    fn unpaid(&self) -> Vec<String> {
        let mut said = Vec::new();
        for kind in [UnpaidKind::List, UnpaidKind::Occasion, UnpaidKind::Contact] {
            let all = self.numbers.unpaid.iter().filter(|one| one.what == kind);
            let all: Vec<_> = all.collect();
            for one in all.iter().take(NAMED) {
                let spent = self.spent(&one.tally).unwrap_or_default();
                let name = &one.name;
                said.push(match kind {
                    UnpaidKind::List => {
                        format!("Nothing came of {spent} for the list {name}.")
                    }
                    UnpaidKind::Occasion => format!("Nothing came of {spent} at {name}."),
                    UnpaidKind::Contact => format!("Nothing came of {spent} with {name}."),
                });
            }
            let more = all.len().saturating_sub(NAMED);
            if more > 0 {
                let what = format!("more {}", kind.word());
                let more = self.count(u32::try_from(more).unwrap_or(u32::MAX), &what);
                said.push(format!("Nor did anything come of {more}."));
            }
        }
        said
    }

    fn promises(&self) -> Vec<String> {
        let (mine, theirs) = (self.numbers.kept_by_me, self.numbers.kept_by_them);
        let promises = |of: u32| if of == 1 { "promise" } else { "promises" };
        let said = match (mine.of, theirs.of) {
            (0, 0) => return Vec::new(),
            (of, 0) => format!(
                "You kept {} of {of} {} in time.",
                mine.in_time,
                promises(of)
            ),
            (0, of) => format!(
                "They kept {} of {of} {} in time.",
                theirs.in_time,
                promises(of)
            ),
            (of, by_them) => format!(
                "You kept {} of {of} {} in time; they kept {} of {by_them}.",
                mine.in_time,
                promises(of),
                theirs.in_time
            ),
        };
        vec![said]
    }

    fn neglected(&self) -> Vec<String> {
        let tiers = &self.numbers.tiers;
        if !tiers.is_empty() && self.numbers.neglected.is_empty() {
            return vec!["Nobody with a tier is neglected.".to_owned()];
        }
        let tiers = tiers.iter().filter(|tier| tier.neglected > 0);
        tiers
            .map(|tier| {
                let all = self.numbers.neglected.iter();
                let of_tier = all.filter(|one| one.tier == tier.tier);
                let names: Vec<String> = of_tier.map(|one| self.overdue(one)).collect();
                let (is, contacts) = match (tier.neglected, tier.contacts) {
                    (1, 1) => ("is", "contact"),
                    (1, _) => ("is", "contacts"),
                    _ => ("are", "contacts"),
                };
                format!(
                    "{} of {} {} {contacts} {is} neglected: {}.",
                    tier.neglected,
                    tier.contacts,
                    tier.tier,
                    some(&names)
                )
            })
            .collect()
    }

    fn overdue(&self, one: &Neglected) -> String {
        match one.days_overdue {
            Some(days) => format!(
                "{} ({} overdue)",
                one.name,
                self.count(days.unsigned_abs(), "day")
            ),
            None => format!("{} (never heard of)", one.name),
        }
    }

    fn tiers(&self) -> Vec<String> {
        let of = |wanted: Direction| -> Vec<&TierStep> {
            let steps = self.numbers.steps.iter();
            steps.filter(|step| step.direction == wanted).collect()
        };
        let mut said = Vec::new();
        for (direction, verb) in [
            (Direction::Raised, "raised"),
            (Direction::Lowered, "lowered"),
        ] {
            // Of a contact that went several steps the last one, which comes first.
            let mut seen = BTreeSet::new();
            let steps = of(direction);
            let names: Vec<String> = steps
                .iter()
                .filter(|step| seen.insert(step.name.as_str()))
                .map(|step| format!("{} to {}", step.name, tier(step.is)))
                .collect();
            if !names.is_empty() {
                let were = if names.len() == 1 { "was" } else { "were" };
                let contacts = u32::try_from(names.len()).unwrap_or(u32::MAX);
                said.push(format!(
                    "{} {were} {verb}: {}.",
                    self.count(contacts, "contact"),
                    some(&names)
                ));
            }
        }
        said
    }

    /// `3 contacts`, `1 contact`.
    fn count(&self, count: u32, what: &str) -> String {
        let plural = if count == 1 { "" } else { "s" };
        format!("{} {what}{plural}", self.locale.number(u64::from(count)))
    }

    fn times(&self, count: u32) -> String {
        match count {
            0 => "nothing".to_owned(),
            1 => "once".to_owned(),
            2 => "twice".to_owned(),
            more => format!("{} times", self.locale.number(u64::from(more))),
        }
    }

    /// Time and money; `None` where neither was noted.
    fn spent(&self, tally: &Tally) -> Option<String> {
        spent(tally, self.locale)
    }

    fn money(&self, amounts: &[Money]) -> Option<String> {
        let amounts = amounts.iter().filter(|money| money.cents != 0);
        let texts: Vec<String> = amounts.map(|money| self.locale.money(money)).collect();
        (!texts.is_empty()).then(|| and(&texts))
    }

    fn brought(&self, tally: &Tally) -> Option<String> {
        brought(tally, self.locale)
    }
}

/// `14 h 20 min and 320.00 EUR`; `None` where neither was noted.
pub fn spent(tally: &Tally, locale: Locale) -> Option<String> {
    let time = (tally.minutes > 0).then(|| locale.duration(tally.minutes));
    let costs = tally.costs.iter().filter(|money| money.cents != 0);
    let parts: Vec<String> = time
        .into_iter()
        .chain(costs.map(|money| locale.money(money)))
        .collect();
    (!parts.is_empty()).then(|| and(&parts))
}

/// `3 orders, 1,200.00 EUR and 2 other results`; `None` where nothing came of it.
pub fn brought(tally: &Tally, locale: Locale) -> Option<String> {
    let mut parts: Vec<String> = tally
        .counted
        .iter()
        .map(|target| counted(target, locale))
        .collect();
    parts.extend(tally.earned.iter().map(|money| locale.money(money)));
    let others = tally.words;
    let other = if parts.is_empty() { "" } else { "other " };
    match others {
        0 => {}
        1 => parts.push(format!("1 {other}result")),
        more => parts.push(format!("{} {other}results", locale.number(u64::from(more)))),
    }
    (!parts.is_empty()).then(|| and(&parts))
}

fn tier(tier: Option<Tier>) -> String {
    tier.map_or("no tier".to_owned(), |tier| tier.to_string())
}

/// `a, b and c`.
fn and(texts: &[String]) -> String {
    match texts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The first ones, and how many more there are.
fn some(texts: &[String]) -> String {
    let more = texts.len().saturating_sub(NAMED);
    if more == 0 {
        return and(texts);
    }
    format!("{} and {more} more", texts[..NAMED].join(", "))
}
