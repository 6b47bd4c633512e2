//! Whom to contact, and which promises, goals and anniversaries fall due.

mod anniversaries;
mod rhythm;
mod suggest;

use std::cmp::Reverse;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Acquaintance, Cadence, GoalStatus, InteractionKind, Promise, Relationship, Side, Target, Tier,
};

pub use anniversaries::{DueAnniversary, in_year};
pub use rhythm::{Rhythm, is_snoozed};
pub use suggest::Suggestion;

/// A contact and the book that it is in.
#[derive(Debug, Clone, Copy)]
pub struct InBook<'a> {
    pub book: &'a str,
    pub acquaintance: &'a Acquaintance,
}

/// The days that are looked at: what is past, and what comes until the last of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub today: Date,
    /// The last day that counts.
    pub until: Date,
}

/// All that is due.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Due {
    /// By tier, then the most days overdue first, then by name.
    pub people: Vec<DuePerson>,
    /// Open ones, by the day they are due.
    pub promises: Vec<DuePromise>,
    /// Open ones, by their day.
    pub goals: Vec<DueGoal>,
    /// Of contacts of tier A, by their day.
    pub anniversaries: Vec<DueAnniversary>,
    /// For whom one could do something before asking for more.
    pub suggestions: Vec<Suggestion>,
}

/// Who is meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Who {
    pub name: String,
    pub book: String,
    pub id: String,
}

/// A contact who went without word for as long as may be, or soon will have.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DuePerson {
    #[serde(flatten)]
    pub who: Who,
    pub tier: Option<Tier>,
    /// The longest time without word: `3w`.
    #[schemars(with = "String")]
    pub cadence: Cadence,
    #[schemars(with = "Option<String>")]
    pub last_word: Option<Date>,
    /// `null`: there never was any word, so that it is due now.
    #[schemars(with = "Option<String>")]
    pub due: Option<Date>,
    /// Negative where the day is still to come; 0 where there never was any word.
    pub days_overdue: i64,
    pub last_said: Option<Said>,
    pub phone: Option<String>,
    pub mail: Option<String>,
    /// How often one did something for the other, and the other for one.
    pub gave: u32,
    pub received: u32,
}

/// The last thing that was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Said {
    /// `null`: nobody says when.
    #[schemars(with = "Option<String>")]
    pub date: Option<Date>,
    pub kind: InteractionKind,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DuePromise {
    #[serde(flatten)]
    pub who: Who,
    /// As `promise keep` takes it.
    pub promise: String,
    pub side: Side,
    pub text: String,
    #[schemars(with = "String")]
    pub due: Date,
    /// Negative where the day is still to come.
    pub days_overdue: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DueGoal {
    #[serde(flatten)]
    pub who: Who,
    #[schemars(with = "String")]
    pub by: Date,
    /// Negative where the day is still to come.
    pub days_overdue: i64,
    pub target: Option<Target>,
}

/// What is due within a window. `usual` is how long a contact of a tier may go without word.
pub fn due(members: &[InBook], usual: &dyn Fn(Tier) -> Cadence, window: Window) -> Due {
    let mut due = Due {
        people: Vec::new(),
        promises: Vec::new(),
        goals: Vec::new(),
        anniversaries: Vec::new(),
        suggestions: suggest::suggestions(members),
    };
    for member in members {
        let relationship = &member.acquaintance.relationship;
        if relationship.is_group() {
            due.goals.extend(goal(*member, window));
            continue;
        }
        due.people.extend(person(*member, usual, window));
        let promises = relationship.promises.iter();
        let promises = promises.filter_map(|one| promise(*member, one, window));
        due.promises.extend(promises);
        due.anniversaries
            .extend(anniversaries::within(*member, window));
    }
    due.people.sort_by_cached_key(|person| {
        let tier = (person.tier.is_none(), person.tier);
        (tier, Reverse(person.days_overdue), person.who.clone())
    });
    due.promises
        .sort_by_cached_key(|promise| (promise.due, promise.who.clone(), promise.promise.clone()));
    due.goals
        .sort_by_cached_key(|goal| (goal.by, goal.who.clone()));
    due.anniversaries
        .sort_by_cached_key(|day| (day.date, day.who.clone(), day.kind));
    due
}

impl Who {
    pub fn of(member: InBook) -> Who {
        Who {
            name: member.acquaintance.name.clone(),
            book: member.book.to_owned(),
            id: member.acquaintance.id.to_string(),
        }
    }
}

impl Said {
    pub fn of(relationship: &Relationship) -> Option<Said> {
        let said = relationship.last_said()?;
        Some(Said {
            date: (said.date != Date::ZERO).then_some(said.date),
            kind: said.kind,
            text: said.text.clone(),
        })
    }
}

fn person(member: InBook, usual: &dyn Fn(Tier) -> Cadence, window: Window) -> Option<DuePerson> {
    let relationship = &member.acquaintance.relationship;
    let rhythm = Rhythm::of(relationship, usual)?;
    if is_snoozed(relationship, window.today) || !rhythm.is_due(window.until) {
        return None;
    }
    let (gave, received) = relationship.balance();
    Some(DuePerson {
        who: Who::of(member),
        tier: relationship.tier,
        cadence: rhythm.cadence,
        last_word: rhythm.last_word,
        due: rhythm.next,
        days_overdue: rhythm.days_overdue(window.today),
        last_said: Said::of(relationship),
        phone: relationship.phone.clone(),
        mail: relationship.mail.clone(),
        gave,
        received,
    })
}

fn promise(member: InBook, promise: &Promise, window: Window) -> Option<DuePromise> {
    let due = promise.due.filter(|due| *due <= window.until)?;
    promise.is_open().then(|| DuePromise {
        who: Who::of(member),
        promise: promise.id.clone(),
        side: promise.side,
        text: promise.text.clone(),
        due,
        days_overdue: days_between(due, window.today),
    })
}

fn goal(member: InBook, window: Window) -> Option<DueGoal> {
    let goal = member.acquaintance.relationship.goal.as_ref()?;
    let by = goal.by.filter(|by| *by <= window.until)?;
    (goal.status == GoalStatus::Open).then(|| DueGoal {
        who: Who::of(member),
        by,
        days_overdue: days_between(by, window.today),
        target: goal.target.clone(),
    })
}

/// How many days it is from one day to another; negative where the other one is before it.
pub(super) fn days_between(from: Date, to: Date) -> i64 {
    from.duration_until(to).as_hours() / 24
}

#[cfg(test)]
mod tests;
