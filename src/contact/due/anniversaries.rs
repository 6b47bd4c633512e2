//! Days that come every year.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use super::super::{Anniversary, AnniversaryKind, Tier};
use super::{InBook, Who, Window, days_between};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DueAnniversary {
    #[serde(flatten)]
    pub who: Who,
    pub kind: AnniversaryKind,
    #[schemars(with = "String")]
    pub date: Date,
    pub days_to_go: i64,
    /// The age, or for how long; `null`: nobody says since when.
    pub years: Option<i16>,
}

/// The anniversaries of a contact of tier A that fall into the window.
pub(super) fn within(member: InBook<'_>, window: Window) -> impl Iterator<Item = DueAnniversary> {
    let relationship = &member.acquaintance.relationship;
    let matters = relationship.tier == Some(Tier::A);
    let kept = relationship.anniversaries.iter().filter(move |_| matters);
    kept.filter_map(move |anniversary| {
        let date = next(anniversary, window.today).filter(|date| *date <= window.until)?;
        let since = anniversary.year.filter(|year| *year > 0);
        let years = since.map(|year| date.year() - year);
        Some(DueAnniversary {
            who: Who::of(member),
            kind: anniversary.kind,
            date,
            days_to_go: days_between(window.today, date),
            years: years.filter(|years| *years >= 0),
        })
    })
}

fn next(anniversary: &Anniversary, today: Date) -> Option<Date> {
    let this = in_year(anniversary, today.year())?;
    if this >= today {
        return Some(this);
    }
    in_year(anniversary, today.year() + 1)
}

/// The day of a year; 29 February is kept on the 28th where a year has none.
pub fn in_year(anniversary: &Anniversary, year: i16) -> Option<Date> {
    let day = |day| Date::new(year, anniversary.month, day).ok();
    day(anniversary.day).or_else(|| day(28))
}
