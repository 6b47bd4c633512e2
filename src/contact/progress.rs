//! How far a goal is, and what went into it.

use jiff::civil::Date;

use super::results::{Outcome, is_currency, same_unit};
use super::{Acquaintance, Goal, Money, Target};

/// How far a goal is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// In the unit of the target; 0 where there is none.
    pub reached: u64,
    pub target: Option<Target>,
    /// What came of it that does not count towards the target, summed where it can be.
    pub other_results: Vec<String>,
    /// How many contacts are assigned to the goal.
    pub contacts: usize,
    /// How many interactions were for it.
    pub interactions: u32,
    pub minutes: u64,
    /// At most one of each currency.
    pub costs: Vec<Money>,
}

/// Counts what the logs of all contacts say was done for a goal.
///
/// A line belongs to the goal whose name it has in `GOAL`, whatever its capitals and blanks. Its
/// result may have several parts between ` + `, and each part counts so:
///
/// * a number of the target's unit counts with its number (`2 orders` of a target of `3 Order`: the
///   unit in any capitals, with or without a plural `s`); an amount of money in whole and part where
///   the target is of that currency, the total being rounded down;
/// * words without a number count 1 (`signed the contract`), unless the target is money;
/// * everything else, and everything where the goal has no target, does not count and is told in
///   [`Progress::other_results`].
///
/// Lines of tiers and withdrawn ones are no interactions; a sum counts for as many as it stands for.
pub fn progress(goal_name: &str, goal: &Goal, everybody: &[Acquaintance]) -> Progress {
    let wanted = same_name(goal_name);
    let mut progress = Progress {
        target: goal.target.clone(),
        ..Progress::default()
    };
    let mut reached = Reached::of(goal.target.as_ref());
    let mut costs = Vec::new();
    for contact in everybody {
        let assigned = contact.relationship.goals.iter();
        let is_assigned = assigned
            .map(|name| same_name(name))
            .any(|name| name == wanted);
        progress.contacts += usize::from(is_assigned);
        for line in contact
            .relationship
            .log
            .iter()
            .filter(|line| line.is_word())
        {
            let is_for_it = line
                .goal
                .as_ref()
                .is_some_and(|name| same_name(name) == wanted);
            if !is_for_it {
                continue;
            }
            progress.interactions = progress.interactions.saturating_add(line.count);
            progress.minutes += u64::from(line.minutes);
            costs.extend(line.costs.iter().cloned());
            for part in line.result.iter().flat_map(|text| Outcome::list(text)) {
                reached.count(part);
            }
        }
    }
    progress.costs = Money::sum(&costs);
    let (reached, others) = reached.told();
    Progress {
        reached,
        other_results: others,
        ..progress
    }
}

/// What makes two names of goals the same: capitals and blanks play no role.
pub fn same_name(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

/// The days until a goal is to be reached; negative where that day is past.
pub fn days_left(goal: &Goal, today: Date) -> Option<i32> {
    let by = goal.by?;
    today.until(by).ok().map(|span| span.get_days())
}

struct Reached {
    /// The unit in the form in which it is compared; `None` without a target.
    unit: Option<String>,
    is_money: bool,
    count: u64,
    /// Of the target's currency.
    cents: i64,
    others: Vec<Outcome>,
}

impl Reached {
    fn of(target: Option<&Target>) -> Reached {
        let is_money = target.is_some_and(|target| is_currency(&target.unit));
        let unit = target.map(|target| {
            // A sign is the currency that it stands for.
            let money: Option<Money> = format!("1 {}", target.unit).parse().ok();
            match money.filter(|_| is_money) {
                Some(money) => money.currency,
                None => same_unit(&target.unit),
            }
        });
        Reached {
            unit,
            is_money,
            count: 0,
            cents: 0,
            others: Vec::new(),
        }
    }

    fn count(&mut self, part: Outcome) {
        let Some(wanted) = &self.unit else {
            self.others.push(part);
            return;
        };
        match &part {
            Outcome::Money(amount) if amount.currency.eq_ignore_ascii_case(wanted) => {
                self.cents = self.cents.saturating_add(amount.cents);
            }
            Outcome::Number { count, unit } if same_unit(unit) == same_unit(wanted) => {
                self.count = self.count.saturating_add(*count);
            }
            Outcome::Words(_) if !self.is_money => self.count = self.count.saturating_add(1),
            _ => self.others.push(part),
        }
    }

    /// How much of the target there is, and the rest.
    fn told(self) -> (u64, Vec<String>) {
        let whole = u64::try_from(self.cents / 100).unwrap_or_default();
        let others = Outcome::sum(self.others).unwrap_or_default();
        let others = others.split(" + ").filter(|other| !other.is_empty());
        (
            self.count.saturating_add(whole),
            others.map(str::to_owned).collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::ContactId;
    use crate::contact::{GoalStatus, Interaction, InteractionKind, Relationship};
    use jiff::civil::date;

    const DAY: Date = date(2026, 11, 20);

    fn goal(target: Option<&str>) -> Goal {
        Goal {
            by: Some(date(2026, 12, 31)),
            target: target.map(|target| target.parse().unwrap()),
            status: GoalStatus::Open,
        }
    }

    fn logged(goal: &str, result: &str) -> Interaction {
        Interaction {
            goal: Some(goal.to_owned()),
            result: Some(result.to_owned()),
            minutes: 10,
            costs: Money::list("1.50 EUR"),
            ..Interaction::new(result, DAY, InteractionKind::Call, "x")
        }
    }

    fn ada(goals: &[&str], log: Vec<Interaction>) -> Acquaintance {
        Acquaintance {
            id: ContactId::new("1"),
            name: "Ada".into(),
            relationship: Relationship {
                goals: goals.iter().map(|goal| (*goal).to_owned()).collect(),
                log,
                ..Relationship::default()
            },
        }
    }

    fn told(target: Option<&str>, results: &[&str]) -> (u64, Vec<String>) {
        let log = results.iter().map(|result| logged("Win", result)).collect();
        let progress = progress("Win", &goal(target), &[ada(&[], log)]);
        (progress.reached, progress.other_results)
    }

    #[test]
    fn what_is_of_the_targets_unit_counts() {
        let results = ["1 Order", "2 orders + 1200.60 EUR", "signed", "3 talks"];
        assert_eq!(
            told(Some("3 orders"), &results),
            (4, vec!["3 talks".into(), "1200.60 EUR".into()])
        );
        assert_eq!(
            told(
                Some("5000 EUR"),
                &["1200.60 EUR", "€0.40", "2 CHF", "signed", "7 eur"]
            ),
            (1208, vec!["2.00 CHF".into(), "signed".into()])
        );
        assert_eq!(told(None, &["1 order", "signed"]).0, 0);
        assert_eq!(told(Some("9 EUR"), &["-3 EUR"]), (0, vec![]));
    }

    #[test]
    fn what_went_into_it_is_added_up() {
        let withdrawn = Interaction {
            kind: InteractionKind::Withdrawn,
            ..logged("win", "9 orders")
        };
        let sum = Interaction {
            kind: InteractionKind::Sum,
            count: 5,
            ..logged(" WIN ", "1 order")
        };
        let other = logged("Another", "1 order");
        let everybody = [
            ada(&["win"], vec![withdrawn, sum, other]),
            ada(&["Another"], vec![logged("Win", "2 orders")]),
        ];
        let progress = progress("Win", &goal(Some("9 orders")), &everybody);
        assert_eq!(
            progress,
            Progress {
                reached: 3,
                target: Some("9 orders".parse().unwrap()),
                other_results: vec![],
                contacts: 1,
                interactions: 6,
                minutes: 20,
                costs: Money::list("3.00 EUR"),
            }
        );
    }

    #[test]
    fn days_are_counted_to_the_day() {
        assert_eq!(days_left(&goal(None), DAY), Some(41));
        assert_eq!(days_left(&goal(None), date(2027, 1, 1)), Some(-1));
    }
}
