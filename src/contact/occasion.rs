//! An occasion at which a contact was met: a fair, a party, the first day at work.
//!
//! ```text
//! X-CARDWEAVE-MET;ID=0be19c44;DATE=20260420;PLACE=Hannover;COST=90.00 EUR:Hannover Messe
//! ```

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::card::Field;

use super::Money;
use super::day::{day_of_card, on_card};
use super::property::{self, MET, param};

/// Where and when a contact was met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Occasion {
    pub id: String,
    pub event: String,
    #[schemars(with = "Option<String>")]
    pub date: Option<Date>,
    pub place: Option<String>,
    /// This contact's share of what the occasion cost; at most one of each currency.
    pub costs: Vec<Money>,
    /// This contact's share of the time it took.
    pub minutes: u32,
    /// Who wrote it.
    pub by: Option<String>,
}

impl Occasion {
    /// Reads a line of [`MET`].
    pub fn of(field: &Field) -> Occasion {
        Occasion {
            id: property::id(field),
            event: field.text(),
            date: param(field, "DATE").and_then(day_of_card),
            place: param(field, "PLACE").map(str::to_owned),
            costs: param(field, "COST").map(Money::list).unwrap_or_default(),
            minutes: param(field, "MINUTES")
                .and_then(|text| text.parse().ok())
                .unwrap_or_default(),
            by: param(field, "BY").map(str::to_owned),
        }
    }

    /// The line as it stands on a card.
    pub fn field(&self) -> Field {
        property::entry(
            MET,
            &self.id,
            &self.event,
            &[
                ("DATE", self.date.map(on_card)),
                ("PLACE", self.place.clone()),
                ("COST", Money::listed(&self.costs)),
                (
                    "MINUTES",
                    (self.minutes > 0).then(|| self.minutes.to_string()),
                ),
                ("BY", self.by.clone()),
            ],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn an_occasion_comes_back_from_its_line() {
        let full = Occasion {
            id: "0be19c44".into(),
            event: "Hannover Messe".into(),
            date: Some(date(2026, 4, 20)),
            place: Some("Hannover, hall 5; stand B".into()),
            costs: Money::list("90 EUR"),
            minutes: 30,
            by: Some("Anna".into()),
        };
        assert_eq!(Occasion::of(&full.field()), full);
        let bare = Occasion {
            date: None,
            place: None,
            costs: Vec::new(),
            minutes: 0,
            by: None,
            ..full
        };
        assert_eq!(Occasion::of(&bare.field()), bare);
    }
}
