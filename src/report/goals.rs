//! How far the goals are.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use crate::contact::{Acquaintance, GoalStatus, Money, Target, days_left, progress, same_name};

use super::numbers::Scope;

/// A goal, and all that was ever done for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct GoalNumbers {
    pub name: String,
    #[schemars(with = "Option<String>")]
    pub by: Option<Date>,
    pub status: GoalStatus,
    pub target: Option<Target>,
    /// In the unit of the target.
    pub reached: u64,
    /// Negative where its day is past; `null` where it has none.
    pub days_left: Option<i32>,
    pub other_results: Vec<String>,
    /// How many contacts are for it.
    pub contacts: u64,
    pub interactions: u32,
    pub minutes: u64,
    pub costs: Vec<Money>,
}

impl GoalNumbers {
    pub fn is_reached(&self) -> bool {
        let by_count = self
            .target
            .as_ref()
            .is_some_and(|target| self.reached >= target.count);
        by_count || self.status == GoalStatus::Reached
    }

    /// Its day is past and it was neither reached nor given up.
    pub fn is_missed(&self) -> bool {
        let is_over = self.days_left.is_some_and(|days| days < 0);
        is_over && !self.is_reached() && self.status == GoalStatus::Open
    }
}

/// The goals that are open or whose day is in the time of the report: by their day, then by name.
pub fn goals(everybody: &[Acquaintance], scope: &Scope) -> Vec<GoalNumbers> {
    let wanted = scope.goal.map(same_name);
    let mut goals: Vec<GoalNumbers> = everybody
        .iter()
        .filter_map(|card| {
            let goal = card.relationship.goal.as_ref()?;
            let is_wanted = wanted
                .as_ref()
                .is_none_or(|wanted| *wanted == same_name(&card.name));
            let is_of_now =
                goal.status == GoalStatus::Open || goal.by.is_some_and(|by| by >= scope.since);
            if !is_wanted || !(is_of_now || wanted.is_some()) {
                return None;
            }
            let progress = progress(&card.name, goal, everybody);
            Some(GoalNumbers {
                name: card.name.clone(),
                by: goal.by,
                status: goal.status,
                target: goal.target.clone(),
                reached: progress.reached,
                days_left: days_left(goal, scope.today),
                other_results: progress.other_results,
                contacts: progress.contacts as u64,
                interactions: progress.interactions,
                minutes: progress.minutes,
                costs: progress.costs,
            })
        })
        .collect();
    goals.sort_by(|a, b| {
        let rank = |goal: &GoalNumbers| (goal.by.is_none(), goal.by);
        (rank(a), &a.name).cmp(&(rank(b), &b.name))
    });
    goals
}

/// The names of all goals that cards speak of, as they are spelled first.
pub fn names_of_goals(everybody: &[Acquaintance]) -> Vec<String> {
    let mut names: std::collections::BTreeMap<String, String> = Default::default();
    let own_cards = everybody
        .iter()
        .filter(|card| card.relationship.goal.is_some());
    let own_names = own_cards.map(|card| &card.name);
    let spoken_of = everybody.iter().flat_map(|one| {
        let logged = one.relationship.log.iter();
        let logged = logged.filter_map(|line| line.goal.as_ref());
        one.relationship.goals.iter().chain(logged)
    });
    for name in own_names.chain(spoken_of) {
        names.entry(same_name(name)).or_insert_with(|| name.clone());
    }
    names.into_values().collect()
}
