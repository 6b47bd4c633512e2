//! What was invested in contacts and what came of it: numbers, then sentences and a page.
//!
//! [`numbers`] makes one pass over what cards say and adds it up; everything else here only says it:
//! [`sentences`] in plain words, [`page`] as HTML with charts.

mod charts;
mod goals;
mod locale;
mod numbers;
mod occasions;
mod page;
mod people;
mod sentences;
mod tally;
mod unpaid;

pub use goals::{GoalNumbers, names_of_goals};
pub use locale::{Locale, month_name};
pub use numbers::{Numbers, ResultLine, Scope, numbers};
pub use occasions::OccasionNumbers;
pub use page::page;
pub use people::{Direction, Kept, Neglected, TierNumbers, TierStep};
pub use sentences::{Sentence, Topic, brought, sentences, spent};
pub use tally::{Row, Tally, counted};
pub use unpaid::{Unpaid, UnpaidKind};

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
