//! A goal: what the networking is for, by when, and how much of what.
//!
//! A goal has a card of its own, so that it travels too: `KIND:group`, its name as `FN`, and
//! ```text
//! X-CARDWEAVE-GOAL-BY:20261231
//! X-CARDWEAVE-GOAL-TARGET:3 customers
//! X-CARDWEAVE-GOAL-STATUS:open
//! ```

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::card::{Card, Change, Field};

use super::day::{day_of_card, on_card};
use super::property::{GOAL_BY, GOAL_STATUS, GOAL_TARGET, one};

/// What a goal's own card says beside its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Goal {
    #[schemars(with = "Option<String>")]
    pub by: Option<Date>,
    pub target: Option<Target>,
    pub status: GoalStatus,
}

/// So many of something: `3 customers`, `5000 EUR`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Target {
    pub count: u64,
    pub unit: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GoalStatus {
    Open,
    Reached,
    Closed,
}

/// A text that is no target; its message is the advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a whole number and what it counts is wanted: 3 customers, 5000 EUR")]
pub struct NotATarget;

impl Goal {
    /// What these fields of a goal's own card say; `None` where none of them is a goal's.
    pub fn of(fields: &[Field]) -> Option<Goal> {
        let text = |name: &str| {
            let field = fields.iter().find(|field| field.name() == name)?;
            Some(field.text())
        };
        let (by, target, status) = (text(GOAL_BY), text(GOAL_TARGET), text(GOAL_STATUS));
        if by.is_none() && target.is_none() && status.is_none() {
            return None;
        }
        Some(Goal {
            by: by.as_deref().and_then(day_of_card),
            target: target.and_then(|text| text.parse().ok()),
            status: status.as_deref().map_or(GoalStatus::Open, GoalStatus::of),
        })
    }

    /// What makes a card say this.
    pub fn changes(&self) -> Vec<Change> {
        let by = self.by.map(|by| one(GOAL_BY, &on_card(by)));
        let target = self
            .target
            .as_ref()
            .map(|target| one(GOAL_TARGET, &target.to_string()));
        let status = one(GOAL_STATUS, self.status.word());
        by.into_iter().chain(target).chain([status]).collect()
    }

    /// A goal's own card (RFC 6350 section 6.1.4, `KIND:group`).
    pub fn card(&self, name: &str, uid: &str) -> Card {
        let start = b"BEGIN:VCARD\r\nVERSION:4.0\r\nKIND:group\r\nEND:VCARD\r\n";
        // What is written here is a card; were it none, an empty one would be refused by stores.
        let card = Card::parse(start).unwrap_or_else(|_| unreachable!("a card with two lines"));
        let mut changes = vec![one("FN", name)];
        changes.extend(self.changes());
        card.with_uid(uid).apply(&changes)
    }
}

impl GoalStatus {
    fn of(word: &str) -> GoalStatus {
        match word.trim().to_ascii_lowercase().as_str() {
            "reached" => GoalStatus::Reached,
            "closed" => GoalStatus::Closed,
            _ => GoalStatus::Open,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            GoalStatus::Open => "open",
            GoalStatus::Reached => "reached",
            GoalStatus::Closed => "closed",
        }
    }
}

impl FromStr for Target {
    type Err = NotATarget;

    fn from_str(text: &str) -> Result<Self, NotATarget> {
        let text = text.trim();
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        match (number.parse(), unit.trim()) {
            (Ok(count @ 1..), unit) if unit.chars().any(char::is_alphabetic) => Ok(Target {
                count,
                unit: unit.split_whitespace().collect::<Vec<_>>().join(" "),
            }),
            _ => Err(NotATarget),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.count, self.unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_goal_comes_back_from_its_card() {
        let goal = Goal {
            by: Some(date(2026, 12, 31)),
            target: Some("3 new customers".parse().unwrap()),
            status: GoalStatus::Reached,
        };
        let card = goal.card("Three; customers", "goal-1");
        let again = Card::parse(card.bytes()).unwrap();
        assert_eq!(Goal::of(&again.fields()), Some(goal));
        assert_eq!(
            (again.name(), again.uid()),
            ("Three; customers".into(), Some("goal-1".into()))
        );
    }

    #[test]
    fn a_group_is_no_goal() {
        assert_eq!(Goal::of(&[Field::new("KIND", "group")]), None);
    }

    #[test]
    fn a_target_counts_something() {
        let target: Target = "5000 EUR".parse().unwrap();
        assert_eq!((target.count, target.unit.as_str()), (5000, "EUR"));
        for text in [
            "",
            "3",
            "0 orders",
            "orders",
            "-1 order",
            "99999999999999999999999 x",
        ] {
            assert_eq!(text.parse::<Target>(), Err(NotATarget), "{text}");
        }
    }
}
