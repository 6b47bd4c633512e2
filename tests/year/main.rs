//! A year of somebody with a phone, a laptop and a company's server, played through on a moved clock.
//!
//! `CARDWEAVE_YEAR_PEOPLE=300 cargo test --test year -- --nocapture` plays it with 300 people and tells
//! what each month did.

#[path = "../support/mod.rs"]
mod support;

#[path = "../real/place.rs"]
#[allow(dead_code, reason = "the year needs a part of it")]
mod place;

mod ledger;
mod machine;
mod others;
mod people;
mod story;
