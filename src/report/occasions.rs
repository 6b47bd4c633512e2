//! What occasions cost, and whom they brought.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use crate::contact::{Acquaintance, Money, Occasion, same_name};

use super::tally::Tally;

/// An occasion in the time of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OccasionNumbers {
    /// `null`: what was at no occasion.
    pub name: Option<String>,
    /// The first and the last day on which somebody was met there.
    #[schemars(with = "Option<String>")]
    pub first: Option<Date>,
    #[schemars(with = "Option<String>")]
    pub last: Option<Date>,
    pub places: BTreeSet<String>,
    /// How many contacts were met there.
    pub met: u32,
    /// How many of them are A today.
    pub of_tier_a: u32,
    /// Who they are.
    pub names_of_tier_a: Vec<String>,
    /// What it cost for each of these, rounded; empty where there are none.
    pub cost_per_a: Vec<Money>,
    /// What meeting people there took, and what was logged at it.
    #[serde(flatten)]
    pub tally: Tally,
}

/// Occasions being added up.
#[derive(Default)]
pub struct Occasions {
    named: BTreeMap<String, OccasionNumbers>,
    nowhere: Tally,
    own_organisation: Option<OccasionNumbers>,
}

impl Occasions {
    fn of(&mut self, name: &str) -> &mut OccasionNumbers {
        self.named
            .entry(same_name(name))
            .or_insert_with(|| OccasionNumbers::new(Some(name)))
    }

    /// Somebody was met, which may be said twice of one occasion.
    pub fn meet(&mut self, met: &Occasion, day: Date, name: &str, is_a: bool) {
        if met.event.trim().is_empty() {
            self.nowhere.add_meeting(met);
            return;
        }
        let occasion = self.of(&met.event);
        occasion.first = occasion.first.into_iter().chain([day]).min();
        occasion.last = occasion.last.max(Some(day));
        occasion.places.extend(met.place.clone());
        occasion.tally.add_meeting(met);
        occasion.count(name, is_a);
    }

    /// Something was done, at an occasion or not.
    pub fn add(&mut self, at: Option<&str>, what: &Tally, is_new_contact: bool) {
        let tally = match at {
            Some(name) => &mut self.of(name).tally,
            None => &mut self.nowhere,
        };
        tally.add(what);
        tally.contacts += u32::from(is_new_contact);
    }

    /// A colleague, and what was invested in them.
    pub fn work_with(&mut self, at: Option<&str>, one: &Acquaintance, is_a: bool, own: &Tally) {
        let organisation = self
            .own_organisation
            .get_or_insert_with(|| OccasionNumbers::new(at));
        organisation.tally.add(own);
        organisation.count(&one.name, is_a);
    }

    /// What took most first, then what was at no occasion; and the own organisation.
    pub fn told(self) -> (Vec<OccasionNumbers>, Option<OccasionNumbers>) {
        let mut all: Vec<OccasionNumbers> = self.named.into_values().collect();
        all.sort_by_key(|one| {
            let most = one.tally.costs.iter().map(|money| money.cents).max();
            std::cmp::Reverse((most, one.tally.minutes, one.met))
        });
        if !self.nowhere.is_nothing() {
            all.push(OccasionNumbers {
                tally: self.nowhere,
                ..OccasionNumbers::new(None)
            });
        }
        for occasion in &mut all {
            occasion.divide();
        }
        let mut own = self.own_organisation;
        own.iter_mut().for_each(OccasionNumbers::divide);
        (all, own)
    }
}

impl OccasionNumbers {
    fn new(name: Option<&str>) -> Self {
        OccasionNumbers {
            name: name.map(str::to_owned),
            first: None,
            last: None,
            places: BTreeSet::new(),
            met: 0,
            of_tier_a: 0,
            names_of_tier_a: Vec::new(),
            cost_per_a: Vec::new(),
            tally: Tally::default(),
        }
    }

    fn count(&mut self, name: &str, is_a: bool) {
        self.met += 1;
        if is_a {
            self.of_tier_a += 1;
            self.names_of_tier_a.push(name.to_owned());
        }
    }

    fn divide(&mut self) {
        let count = i64::from(self.of_tier_a);
        if count == 0 {
            return;
        }
        let costs = self.tally.costs.iter().filter(|money| money.cents > 0);
        self.cost_per_a = costs
            .map(|money| Money {
                currency: money.currency.clone(),
                cents: money.cents.saturating_add(count / 2) / count,
            })
            .collect();
    }
}
