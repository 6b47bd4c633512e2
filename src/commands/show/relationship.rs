//! What `show` tells of the relationship.

use std::collections::BTreeSet;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use crate::contact::{
    Anniversary, Cadence, Goal, Interaction, Occasion, Promise, Relationship, Rhythm, Side, Tier,
    TierStep, is_snoozed,
};

/// A card read for what it says of the relationship, and what follows from that today.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ShownRelationship {
    pub tier: Option<Tier>,
    /// The day of the last step to this tier; `null` where the log does not tell.
    #[schemars(with = "Option<String>")]
    pub tier_since: Option<Date>,
    /// The first one first.
    pub tier_steps: Vec<TierStep>,
    /// The longest time without word: `3w`.
    #[schemars(with = "Option<String>")]
    pub cadence: Option<Cadence>,
    /// The contact's own, not the tier's.
    pub cadence_is_own: bool,
    #[schemars(with = "Option<String>")]
    pub last_word: Option<Date>,
    /// The day by which word is due; `null` also where there never was any.
    #[schemars(with = "Option<String>")]
    pub due: Option<Date>,
    /// Negative where the day is still to come, 0 where there never was any word; `null` where
    /// nobody says how long the contact may go without.
    pub days_overdue: Option<i64>,
    /// The contact is left alone until then.
    #[schemars(with = "Option<String>")]
    pub snoozed_until: Option<Date>,
    pub lists: Vec<String>,
    pub goals: BTreeSet<String>,
    pub met: Vec<Occasion>,
    /// How often one did something for the other, and the other for one.
    pub gave: u32,
    pub received: u32,
    /// How one keeps one's own commitments to the contact, and the contact theirs.
    pub mine: Reliability,
    pub theirs: Reliability,
    pub promises: Vec<Promise>,
    /// The first line first; without those that others take the place of.
    pub log: Vec<Interaction>,
    pub anniversaries: Vec<Anniversary>,
    /// There where the card is a goal's own.
    pub goal: Option<Goal>,
    /// Whether the card is a group's.
    pub is_group: bool,
    /// The UIDs of the members of a group.
    pub members: BTreeSet<String>,
}

/// Of the commitments whose time has come, how many were kept in time.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Reliability {
    pub kept_in_time: usize,
    pub of: usize,
}

impl ShownRelationship {
    pub fn of(
        relationship: Relationship,
        usual: &dyn Fn(Tier) -> Cadence,
        today: Date,
    ) -> ShownRelationship {
        let rhythm = Rhythm::of(&relationship, usual);
        let tier_steps = relationship.tier_steps();
        let last = tier_steps
            .last()
            .filter(|step| step.to == relationship.tier);
        let (gave, received) = relationship.balance();
        let reliability = |side| {
            let (kept_in_time, of) = relationship.reliability(side, today);
            Reliability { kept_in_time, of }
        };
        ShownRelationship {
            tier: relationship.tier,
            tier_since: last.map(|step| step.date),
            tier_steps,
            cadence: rhythm.map(|rhythm| rhythm.cadence),
            cadence_is_own: rhythm.is_some_and(|rhythm| rhythm.is_own),
            last_word: relationship.last_word(),
            due: rhythm.and_then(|rhythm| rhythm.next),
            days_overdue: rhythm.map(|rhythm| rhythm.days_overdue(today)),
            snoozed_until: relationship
                .snoozed_until
                .filter(|_| is_snoozed(&relationship, today)),
            lists: relationship.lists().map(str::to_owned).collect(),
            gave,
            received,
            mine: reliability(Side::Mine),
            theirs: reliability(Side::Theirs),
            is_group: relationship.is_group(),
            goals: relationship.goals,
            met: relationship.met,
            promises: relationship.promises,
            log: relationship.log,
            anniversaries: relationship.anniversaries,
            goal: relationship.goal,
            members: relationship.members,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TODAY: Date = date(2026, 11, 25);

    fn step(id: &str, was: Option<Tier>, is: Option<Tier>) -> Interaction {
        Interaction::tier_step(id, TODAY, was, is)
    }

    fn told(tier: Option<Tier>, log: Vec<Interaction>) -> Vec<String> {
        let relationship = Relationship {
            tier,
            log,
            ..Relationship::default()
        };
        relationship
            .tier_steps()
            .iter()
            .map(TierStep::told)
            .collect()
    }

    #[test]
    fn steps_of_one_day_follow_from_each_other_whatever_their_ids() {
        let log = vec![
            step("1", Some(Tier::B), Some(Tier::A)),
            step("2", None, Some(Tier::C)),
            step("3", Some(Tier::C), Some(Tier::B)),
        ];
        let steps = ["set none -> C", "raised C -> B", "raised B -> A"];
        assert_eq!(told(Some(Tier::A), log.clone()), steps);
        // Somebody else set another tier without a line about it.
        assert_eq!(told(Some(Tier::D), log).len(), 3);
    }

    #[test]
    fn a_step_tells_its_way_and_who_took_it() {
        let down = Interaction {
            by: Some("Anna".to_owned()),
            ..step("1", Some(Tier::A), Some(Tier::C))
        };
        assert_eq!(told(None, vec![down]), ["lowered A -> C by Anna"]);
        let gone = step("1", Some(Tier::A), None);
        assert_eq!(told(None, vec![gone]), ["taken away A -> none"]);
    }

    #[test]
    fn a_tier_is_since_the_step_that_led_to_it() {
        let since = |tier| {
            let relationship = Relationship {
                tier,
                log: vec![step("1", None, Some(Tier::C))],
                ..Relationship::default()
            };
            ShownRelationship::of(relationship, &|_| Cadence::weeks(3), TODAY).tier_since
        };
        assert_eq!(since(Some(Tier::C)), Some(TODAY));
        assert_eq!(since(Some(Tier::A)), None);
    }
}
