//! One interaction of the log: what was done, what it cost and what came of it.
//!
//! ```text
//! X-CARDWEAVE-LOG;ID=7c1f09ab;DATE=20261120;KIND=call;MINUTES=20;COST=12.50 EUR;BY=Anna;
//!  BALANCE=gave;GOAL=Three customers;RESULT=1 order;AT=Hannover Messe:talked about the offer
//! ```
//!
//! A line is written once and never changed: what is to be corrected is replaced by a new line that
//! names the old one in `FOLDS`, and old lines are folded into sums in the same way. Whoever merges
//! cards drops a line that another one folds, so that it never comes back from a device that was
//! away.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::card::Field;

use super::day::{day_of_card, on_card};
use super::property::{self, LOG, param};
use super::{Foldable, Money, Tier};

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Interaction {
    pub id: String,
    /// Of a sum the last day of what it stands for. The first day of all where a card names none.
    #[schemars(with = "String")]
    pub date: Date,
    pub kind: InteractionKind,
    pub text: String,
    pub minutes: u32,
    /// At most one of each currency.
    pub costs: Vec<Money>,
    /// Who wrote it.
    pub by: Option<String>,
    pub balance: Option<Balance>,
    /// The goal it was for.
    pub goal: Option<String>,
    /// What came of it: `2 orders`, `1200 EUR`, or any words. Several stand between ` + `.
    pub result: Option<String>,
    /// The occasion at which it was.
    pub occasion: Option<String>,
    /// The lines that this one takes the place of.
    pub folds: Vec<String>,
    /// How many interactions it stands for: 1, but in a sum.
    pub count: u32,
}

#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
    clap::ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub enum InteractionKind {
    Call,
    Mail,
    Meeting,
    Event,
    /// Not said, or in a word that we do not know.
    #[value(skip)]
    Other,
    /// No interaction: the tier was raised or lowered. The text is `B -> A`.
    #[value(skip)]
    Tier,
    /// What a year of folded lines comes to.
    #[value(skip)]
    Sum,
    /// No interaction: an entry that was a mistake, and which this one takes back.
    #[value(skip)]
    Withdrawn,
}

/// Who gave.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Balance {
    Gave,
    Received,
}

impl Interaction {
    /// A line that says no more than this.
    pub fn new(id: &str, date: Date, kind: InteractionKind, text: &str) -> Interaction {
        Interaction {
            id: id.to_owned(),
            date,
            kind,
            text: text.to_owned(),
            minutes: 0,
            costs: Vec::new(),
            by: None,
            balance: None,
            goal: None,
            result: None,
            occasion: None,
            folds: Vec::new(),
            count: 1,
        }
    }

    /// The line that tells that a tier changed: `B -> A`, `none -> C`.
    pub fn tier_step(id: &str, date: Date, was: Option<Tier>, is: Option<Tier>) -> Interaction {
        let word = |tier: Option<Tier>| tier.map_or("none".to_owned(), |tier| tier.to_string());
        let text = format!("{} -> {}", word(was), word(is));
        Interaction::new(id, date, InteractionKind::Tier, &text)
    }

    /// What [`Interaction::tier_step`] tells; `None` for every other line.
    pub fn as_tier_step(&self) -> Option<(Option<Tier>, Option<Tier>)> {
        if self.kind != InteractionKind::Tier {
            return None;
        }
        let (was, is) = self.text.split_once("->")?;
        Some((was.parse().ok(), is.parse().ok()))
    }

    /// Reads a line of [`LOG`].
    pub fn of(field: &Field) -> Interaction {
        let owned = |name: &str| param(field, name).map(str::to_owned);
        let number = |name: &str| param(field, name).and_then(|text| text.parse().ok());
        Interaction {
            id: property::id(field),
            date: param(field, "DATE")
                .and_then(day_of_card)
                .unwrap_or(Date::ZERO),
            kind: param(field, "KIND").map_or(InteractionKind::Other, InteractionKind::of),
            text: field.text(),
            minutes: number("MINUTES").unwrap_or_default(),
            costs: param(field, "COST").map(Money::list).unwrap_or_default(),
            by: owned("BY"),
            balance: param(field, "BALANCE").and_then(Balance::of),
            goal: owned("GOAL"),
            result: owned("RESULT"),
            occasion: owned("AT"),
            folds: folds(field),
            count: number("COUNT").unwrap_or(1),
        }
    }

    /// The line as it stands on a card.
    pub fn field(&self) -> Field {
        let number = |number: u32, nothing: u32| (number != nothing).then(|| number.to_string());
        property::entry(
            LOG,
            &self.id,
            &self.text,
            &[
                ("DATE", Some(on_card(self.date))),
                ("KIND", self.kind.word().map(str::to_owned)),
                ("MINUTES", number(self.minutes, 0)),
                ("COST", Money::listed(&self.costs)),
                ("BY", self.by.clone()),
                (
                    "BALANCE",
                    self.balance.map(|balance| balance.word().to_owned()),
                ),
                ("GOAL", self.goal.clone()),
                ("RESULT", self.result.clone()),
                ("AT", self.occasion.clone()),
                ("FOLDS", Some(self.folds.join(" "))),
                ("COUNT", number(self.count, 1)),
            ],
        )
    }

    /// What says which lines it takes the place of.
    pub fn foldable(&self) -> Foldable<'_> {
        Foldable {
            id: &self.id,
            folds: self.folds.iter().map(String::as_str).collect(),
            is_sum: self.kind == InteractionKind::Sum,
        }
    }

    /// Whether somebody was in touch with somebody, rather than something being noted.
    pub fn is_word(&self) -> bool {
        !matches!(
            self.kind,
            InteractionKind::Tier | InteractionKind::Withdrawn
        )
    }
}

/// The IDs of the lines that a line of the log takes the place of.
pub fn folds(field: &Field) -> Vec<String> {
    let ids = param(field, "FOLDS").unwrap_or_default();
    ids.split_whitespace().map(str::to_owned).collect()
}

impl InteractionKind {
    fn of(word: &str) -> InteractionKind {
        let all = [
            InteractionKind::Call,
            InteractionKind::Mail,
            InteractionKind::Meeting,
            InteractionKind::Event,
            InteractionKind::Tier,
            InteractionKind::Sum,
            InteractionKind::Withdrawn,
        ];
        let is_meant = |kind: &InteractionKind| {
            kind.word()
                .is_some_and(|known| word.eq_ignore_ascii_case(known))
        };
        all.into_iter()
            .find(is_meant)
            .unwrap_or(InteractionKind::Other)
    }

    /// As it stands on a card; `None` where nothing was said.
    pub fn word(self) -> Option<&'static str> {
        match self {
            InteractionKind::Call => Some("call"),
            InteractionKind::Mail => Some("mail"),
            InteractionKind::Meeting => Some("meeting"),
            InteractionKind::Event => Some("event"),
            InteractionKind::Other => None,
            InteractionKind::Tier => Some("tier"),
            InteractionKind::Sum => Some("sum"),
            InteractionKind::Withdrawn => Some("withdrawn"),
        }
    }
}

impl Balance {
    fn of(word: &str) -> Option<Balance> {
        match word.to_ascii_lowercase().as_str() {
            "gave" => Some(Balance::Gave),
            "received" => Some(Balance::Received),
            _ => None,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Balance::Gave => "gave",
            Balance::Received => "received",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::{Card, Change};
    use jiff::civil::date;

    /// What a card says after the line was written to it and the card was read again.
    fn back(interaction: &Interaction, version: &str) -> Interaction {
        let text = format!("BEGIN:VCARD\r\nVERSION:{version}\r\nFN:a\r\nEND:VCARD\r\n");
        let card = Card::parse(text.as_bytes()).unwrap();
        let written = card.apply(&[Change::Add(interaction.field())]);
        let again = Card::parse(written.bytes()).unwrap();
        Interaction::of(&again.fields_named(&[LOG])[0])
    }

    #[test]
    fn everything_comes_back_from_every_version() {
        let full = Interaction {
            minutes: 20,
            costs: Money::list("12.50 EUR + 3 CHF"),
            by: Some("Anna \"A\" Ünal".into()),
            balance: Some(Balance::Gave),
            goal: Some("Three; customers, by 2027: yes".into()),
            result: Some("1 order + 1200 EUR".into()),
            occasion: Some("Hannover^Messe".into()),
            folds: vec!["1".into(), "2".into()],
            count: 3,
            ..Interaction::new(
                "7c1f09ab",
                date(2026, 11, 20),
                InteractionKind::Call,
                "offer; 3,50 \\ piece: \"ok\"",
            )
        };
        for version in ["2.1", "3.0", "4.0"] {
            assert_eq!(back(&full, version), full, "{version}");
        }
    }

    #[test]
    fn a_line_says_no_more_than_was_said() {
        let plain = Interaction::new("1", date(2026, 1, 2), InteractionKind::Other, "a\nb");
        let field = plain.field();
        assert_eq!(field.params().keys().collect::<Vec<_>>(), ["DATE", "ID"]);
        assert_eq!(back(&plain, "4.0").text, "a b");
    }

    #[test]
    fn lines_of_other_programs_are_read_as_far_as_they_go() {
        let text = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:a\r\n\
                    X-CARDWEAVE-LOG;KIND=smoke signal;MINUTES=many;DATE=soon:hello\r\nEND:VCARD\r\n";
        let card = Card::parse(text.as_bytes()).unwrap();
        let read = Interaction::of(&card.fields_named(&[LOG])[0]);
        assert_eq!(read.id, "hello");
        assert_eq!(
            (read.kind, read.minutes, read.date),
            (InteractionKind::Other, 0, Date::ZERO)
        );
    }
}
