//! Who was neglected, who kept their word, and who rose or fell.

use std::cmp::Reverse;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use crate::contact::{Acquaintance, Promise, Side, Tier};

use super::numbers::Scope;

/// A contact that was not heard of for longer than its tier allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Neglected {
    pub name: String,
    pub tier: Tier,
    /// `null`: never.
    #[schemars(with = "Option<String>")]
    pub last_word: Option<Date>,
    /// The day by which they were to be heard of; `null` where they never were.
    #[schemars(with = "Option<String>")]
    pub due: Option<Date>,
    pub days_overdue: Option<i32>,
}

/// How many contacts there are of a tier today, and how many of them are neglected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TierNumbers {
    pub tier: Tier,
    pub contacts: u32,
    pub neglected: u32,
}

/// Commitments of one side whose time came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Kept {
    /// By the day that they were first due.
    pub in_time: u32,
    pub of: u32,
}

/// A contact that was raised or lowered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TierStep {
    #[schemars(with = "String")]
    pub date: Date,
    pub name: String,
    pub was: Option<Tier>,
    pub is: Option<Tier>,
    pub direction: Direction,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    Raised,
    Lowered,
    /// Had no tier before.
    Sorted,
    /// Has no tier any more.
    Dropped,
}

/// Contacts with a tier that are beyond their cadence and not snoozed: A first, within a tier those
/// never heard of, then the longest overdue.
pub fn neglected(people: &[&Acquaintance], scope: &Scope) -> Vec<Neglected> {
    let mut found: Vec<Neglected> = people
        .iter()
        .filter_map(|one| neglect(one, scope))
        .collect();
    found.sort_by(|a, b| {
        let rank = |one: &Neglected| (one.tier, one.due.is_some(), Reverse(one.days_overdue));
        (rank(a), &a.name).cmp(&(rank(b), &b.name))
    });
    found
}

fn neglect(one: &Acquaintance, scope: &Scope) -> Option<Neglected> {
    let relationship = &one.relationship;
    let tier = relationship.tier?;
    let cadence = scope.cadence(relationship)?;
    let snoozed = relationship.snoozed_until;
    if snoozed.is_some_and(|until| until > scope.today) {
        return None;
    }
    let last_word = relationship.last_word();
    let due = match last_word {
        Some(last) => Some(last.checked_add(cadence.span()).ok()?),
        None => None,
    };
    if due.is_some_and(|due| due >= scope.today) {
        return None;
    }
    Some(Neglected {
        name: one.name.clone(),
        tier,
        last_word,
        due,
        days_overdue: due.and_then(|due| Some(due.until(scope.today).ok()?.get_days())),
    })
}

/// The tiers that anybody has.
pub fn tiers(people: &[&Acquaintance], scope: &Scope) -> Vec<TierNumbers> {
    let all = Tier::ALL.into_iter().map(|tier| {
        let of_tier = people
            .iter()
            .filter(|one| one.relationship.tier == Some(tier));
        let mut numbers = TierNumbers {
            tier,
            contacts: 0,
            neglected: 0,
        };
        for one in of_tier {
            numbers.contacts += 1;
            numbers.neglected += u32::from(neglect(one, scope).is_some());
        }
        numbers
    });
    all.filter(|numbers| numbers.contacts > 0).collect()
}

/// The commitments of one side whose time came since the report's first day: the day they were
/// first due, or the one they were settled on where that was earlier.
pub fn kept(people: &[&Acquaintance], side: Side, scope: &Scope) -> Kept {
    let promises = people.iter().flat_map(|one| &one.relationship.promises);
    let mut kept = Kept::default();
    for promise in promises.filter(|promise| promise.side == side) {
        let is_in_time = when(promise).is_some_and(|day| scope.since <= day && day <= scope.today);
        if let Some(in_time) = promise.was_kept_in_time(scope.today).filter(|_| is_in_time) {
            kept.of += 1;
            kept.in_time += u32::from(in_time);
        }
    }
    kept
}

fn when(promise: &Promise) -> Option<Date> {
    let due = promise.first_due.or(promise.due);
    due.into_iter()
        .chain(promise.settled)
        .min()
        .or(promise.made)
}

/// Who rose or fell since the report's first day, the last first.
pub fn steps(people: &[&Acquaintance], scope: &Scope) -> Vec<TierStep> {
    let mut steps = Vec::new();
    for one in people {
        for step in one.relationship.tier_steps().into_iter().rev() {
            let is_in_time = scope.since <= step.date && step.date <= scope.today;
            let direction = match (step.from, step.to) {
                _ if !is_in_time => continue,
                (None, Some(_)) => Direction::Sorted,
                (Some(_), None) => Direction::Dropped,
                // A is the smallest.
                (Some(was), Some(is)) if is < was => Direction::Raised,
                (Some(was), Some(is)) if is > was => Direction::Lowered,
                _ => continue,
            };
            steps.push(TierStep {
                date: step.date,
                name: one.name.clone(),
                was: step.from,
                is: step.to,
                direction,
            });
        }
    }
    steps.sort_by(|a, b| (b.date, &a.name).cmp(&(a.date, &b.name)));
    steps
}
