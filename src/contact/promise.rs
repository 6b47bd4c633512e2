//! A commitment: who owes what to whom by when, and whether it was kept.
//!
//! ```text
//! X-CARDWEAVE-PROMISE;ID=51d0aa20;DUE=20261201;STATUS=open;SIDE=mine;BY=Anna;DATE=20261120:send the
//!  offer
//! ```

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::card::Field;

use super::day::{day_of_card, on_card};
use super::property::{self, PROMISE, param};

/// One commitment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Promise {
    pub id: String,
    pub text: String,
    #[schemars(with = "Option<String>")]
    pub due: Option<Date>,
    pub side: Side,
    pub status: PromiseStatus,
    /// The day it was first due, where it was moved since.
    #[schemars(with = "Option<String>")]
    pub first_due: Option<Date>,
    /// The day it was given.
    #[schemars(with = "Option<String>")]
    pub made: Option<Date>,
    /// The day it was kept or cancelled.
    #[schemars(with = "Option<String>")]
    pub settled: Option<Date>,
    /// Why it was moved or cancelled; each move adds its own after `; `.
    pub reason: Option<String>,
    /// Who wrote it.
    pub by: Option<String>,
}

/// Who owes it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    Mine,
    Theirs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PromiseStatus {
    Open,
    Kept,
    Cancelled,
}

/// Why a commitment cannot be settled or moved: it is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    pub status: PromiseStatus,
    pub on: Option<Date>,
}

impl std::fmt::Display for Settled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "was {}", self.status.word())?;
        self.on.map_or(Ok(()), |on| write!(f, " on {on}"))
    }
}

impl Promise {
    /// Reads a line of [`PROMISE`]. A status that nobody knows is open: better reminded once too
    /// often.
    pub fn of(field: &Field) -> Promise {
        let day = |name: &str| param(field, name).and_then(day_of_card);
        let is = |name: &str, word: &str| {
            param(field, name).is_some_and(|value| value.eq_ignore_ascii_case(word))
        };
        Promise {
            id: property::id(field),
            text: field.text(),
            due: day("DUE"),
            side: if is("SIDE", "theirs") {
                Side::Theirs
            } else {
                Side::Mine
            },
            status: if is("STATUS", "kept") {
                PromiseStatus::Kept
            } else if is("STATUS", "cancelled") {
                PromiseStatus::Cancelled
            } else {
                PromiseStatus::Open
            },
            first_due: day("FIRST"),
            made: day("DATE"),
            settled: day("DONE"),
            reason: param(field, "REASON").map(str::to_owned),
            by: param(field, "BY").map(str::to_owned),
        }
    }

    /// The line as it stands on a card.
    pub fn field(&self) -> Field {
        property::entry(
            PROMISE,
            &self.id,
            &self.text,
            &[
                ("DUE", self.due.map(on_card)),
                ("STATUS", Some(self.status.word().to_owned())),
                ("SIDE", Some(self.side.word().to_owned())),
                ("FIRST", self.first_due.map(on_card)),
                ("DATE", self.made.map(on_card)),
                ("DONE", self.settled.map(on_card)),
                ("REASON", self.reason.clone()),
                ("BY", self.by.clone()),
            ],
        )
    }

    /// The commitment, kept on this day.
    ///
    /// # Errors
    /// It is settled already.
    pub fn kept(&self, on: Date) -> Result<Promise, Settled> {
        self.still_open()?;
        Ok(Promise {
            status: PromiseStatus::Kept,
            settled: Some(on),
            ..self.clone()
        })
    }

    /// The commitment, due on another day. The day it was first due stays known.
    ///
    /// # Errors
    /// It is settled already.
    pub fn moved(&self, due: Date, reason: &str, today: Date) -> Result<Promise, Settled> {
        self.still_open()?;
        Ok(Promise {
            first_due: self.first_due.or(self.due),
            due: Some(due),
            reason: Some(self.with_reason(reason, today)),
            ..self.clone()
        })
    }

    /// The commitment, which will not be kept.
    ///
    /// # Errors
    /// It is settled already.
    pub fn cancelled(&self, reason: &str, today: Date) -> Result<Promise, Settled> {
        self.still_open()?;
        Ok(Promise {
            status: PromiseStatus::Cancelled,
            settled: Some(today),
            reason: Some(self.with_reason(reason, today)),
            ..self.clone()
        })
    }

    fn still_open(&self) -> Result<(), Settled> {
        match self.status {
            PromiseStatus::Open => Ok(()),
            status => Err(Settled {
                status,
                on: self.settled,
            }),
        }
    }

    /// The reasons so far and one more: `2026-11-20: ill; 2026-11-27: still ill`.
    fn with_reason(&self, reason: &str, today: Date) -> String {
        let new = format!("{today}: {}", property::in_one_line(reason));
        let reasons = self.reason.iter().cloned().chain([new]);
        reasons.collect::<Vec<_>>().join("; ")
    }

    pub fn is_open(&self) -> bool {
        self.status == PromiseStatus::Open
    }

    /// Kept by the day it was first due. `None` while it is open and that day has not passed.
    pub fn was_kept_in_time(&self, today: Date) -> Option<bool> {
        let first_due = self.first_due.or(self.due);
        match self.status {
            PromiseStatus::Kept => Some(
                first_due
                    .zip(self.settled)
                    .is_none_or(|(due, kept)| kept <= due),
            ),
            PromiseStatus::Cancelled => Some(false),
            PromiseStatus::Open => first_due.filter(|due| *due < today).map(|_| false),
        }
    }
}

impl Side {
    pub fn word(self) -> &'static str {
        match self {
            Side::Mine => "mine",
            Side::Theirs => "theirs",
        }
    }
}

impl PromiseStatus {
    pub fn word(self) -> &'static str {
        match self {
            PromiseStatus::Open => "open",
            PromiseStatus::Kept => "kept",
            PromiseStatus::Cancelled => "cancelled",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn promise(status: PromiseStatus) -> Promise {
        Promise {
            id: "51d0aa20".into(),
            text: "send the offer".into(),
            due: Some(date(2026, 12, 1)),
            side: Side::Theirs,
            status,
            first_due: None,
            made: Some(date(2026, 11, 20)),
            settled: None,
            reason: Some("ill; a week".into()),
            by: Some("Anna".into()),
        }
    }

    #[test]
    fn a_commitment_comes_back_from_its_line() {
        for status in [
            PromiseStatus::Open,
            PromiseStatus::Kept,
            PromiseStatus::Cancelled,
        ] {
            let written = promise(status);
            assert_eq!(Promise::of(&written.field()), written);
        }
    }

    #[test]
    fn each_move_keeps_the_first_day_and_adds_its_reason() {
        let open = Promise {
            reason: None,
            ..promise(PromiseStatus::Open)
        };
        let once = open
            .moved(date(2026, 12, 8), "ill", date(2026, 11, 20))
            .unwrap();
        let twice = once
            .moved(date(2026, 12, 9), "still\n ill", date(2026, 11, 27))
            .unwrap();
        assert_eq!(
            (twice.due, twice.first_due),
            (Some(date(2026, 12, 9)), Some(date(2026, 12, 1)))
        );
        assert_eq!(
            twice.reason.as_deref(),
            Some("2026-11-20: ill; 2026-11-27: still ill")
        );
        let kept = twice.kept(date(2026, 12, 9)).unwrap();
        let error = kept
            .moved(date(2026, 12, 10), "x", date(2026, 12, 9))
            .unwrap_err();
        assert_eq!(error.to_string(), "was kept on 2026-12-09");
        assert!(
            kept.kept(date(2026, 12, 9)).is_err()
                && kept.cancelled("x", date(2026, 12, 9)).is_err()
        );
        assert_eq!(
            open.cancelled("no", date(2026, 11, 20)).unwrap().settled,
            Some(date(2026, 11, 20))
        );
    }

    #[test]
    fn in_time_is_by_the_day_that_was_first_named() {
        let today = date(2026, 12, 2);
        let kept = |day| Promise {
            settled: Some(day),
            ..promise(PromiseStatus::Kept)
        };
        assert_eq!(kept(date(2026, 12, 1)).was_kept_in_time(today), Some(true));
        assert_eq!(kept(date(2026, 12, 2)).was_kept_in_time(today), Some(false));
        let moved = Promise {
            due: Some(date(2026, 12, 9)),
            first_due: Some(date(2026, 12, 1)),
            ..kept(date(2026, 12, 5))
        };
        assert_eq!(moved.was_kept_in_time(today), Some(false));
        assert_eq!(
            promise(PromiseStatus::Cancelled).was_kept_in_time(today),
            Some(false)
        );
        assert_eq!(
            promise(PromiseStatus::Open).was_kept_in_time(date(2026, 12, 1)),
            None
        );
        assert_eq!(
            promise(PromiseStatus::Open).was_kept_in_time(today),
            Some(false)
        );
    }
}
