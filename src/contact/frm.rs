//! What the program `frm` keeps on cards, in our own words.
//!
//! ```text
//! X-FRM-FREQUENCY:2w
//! X-FRM-GROUP:friends
//! X-FRM-IGNORE:true
//! X-FRM-SNOOZE-UNTIL:2026-12-01
//! ```
//! A frequency is a whole number of days (`d`), weeks (`w`) or months (`m`, which are 30 days there
//! and calendar months here).

use jiff::civil::Date;

use crate::card::{Card, Change, Field};

use super::property::{CADENCE, CATEGORIES, SNOOZE, one};
use super::{Cadence, on_card};

const FREQUENCY: &str = "X-FRM-FREQUENCY";
const GROUP: &str = "X-FRM-GROUP";
const IGNORE: &str = "X-FRM-IGNORE";
const SNOOZE_UNTIL: &str = "X-FRM-SNOOZE-UNTIL";

/// What is taken over from one card. The lines of `frm` stay on it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FromFrm {
    pub changes: Vec<Change>,
    /// The cadence, in the words of the config: `2w`.
    pub cadence: Option<String>,
    /// The list by theme.
    pub list: Option<String>,
    pub snoozed_until: Option<Date>,
    /// The contact is to be left alone, so that no cadence is set.
    pub is_ignored: bool,
    /// Names and values of lines that cannot be read.
    pub unreadable: Vec<(String, String)>,
}

impl FromFrm {
    /// Whether there is anything to tell.
    pub fn says_something(&self) -> bool {
        !self.changes.is_empty() || !self.unreadable.is_empty() || self.is_ignored
    }

    /// Reads a card. What it says already in our words stays, and so does a snooze that is over.
    pub fn of(card: &Card, today: Date) -> FromFrm {
        let names = [
            FREQUENCY,
            GROUP,
            IGNORE,
            SNOOZE_UNTIL,
            CADENCE,
            CATEGORIES,
            SNOOZE,
        ];
        let fields = card.fields_named(&names);
        let text = |name: &str| {
            let mut said = fields
                .iter()
                .filter(|field| field.name() == name)
                .map(Field::text);
            said.find(|text| !text.is_empty())
        };
        let mut found = FromFrm {
            is_ignored: text(IGNORE).is_some_and(|text| text.eq_ignore_ascii_case("true")),
            ..FromFrm::default()
        };
        if let Some(frequency) = text(FREQUENCY) {
            match cadence(&frequency) {
                None => found.unreadable.push((FREQUENCY.to_owned(), frequency)),
                Some(_) if found.is_ignored || text(CADENCE).is_some() => {}
                Some(cadence) => {
                    found.changes.push(one(CADENCE, &cadence.duration()));
                    found.cadence = Some(cadence.to_string());
                }
            }
        }
        if let Some(group) = text(GROUP) {
            let lists = fields.iter().filter(|field| field.name() == CATEGORIES);
            let lower = group.to_lowercase();
            if !lists
                .map(Field::text)
                .any(|list| list.to_lowercase() == lower)
            {
                found
                    .changes
                    .push(Change::Add(Field::new(CATEGORIES, &group)));
                found.list = Some(group);
            }
        }
        if let Some(until) = text(SNOOZE_UNTIL) {
            match until.parse::<Date>() {
                Err(_) => found.unreadable.push((SNOOZE_UNTIL.to_owned(), until)),
                Ok(day) if day <= today || text(SNOOZE).is_some() => {}
                Ok(day) => {
                    found.changes.push(one(SNOOZE, &on_card(day)));
                    found.snoozed_until = Some(day);
                }
            }
        }
        found
    }
}

fn cadence(frequency: &str) -> Option<Cadence> {
    let frequency = frequency.trim();
    let number = frequency.strip_suffix(['d', 'w', 'm'])?;
    let unit = frequency.get(number.len()..)?.to_ascii_uppercase();
    Cadence::of_duration(&format!("P{number}{unit}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TODAY: Date = date(2026, 11, 25);

    fn card(lines: &str) -> Card {
        let text = format!("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ada\r\n{lines}END:VCARD\r\n");
        Card::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn what_frm_says_is_said_in_our_words_once() {
        let lines =
            "X-FRM-FREQUENCY:2w\r\nX-FRM-GROUP:friends\r\nX-FRM-SNOOZE-UNTIL:2026-12-01\r\n";
        let card = card(lines);
        let found = FromFrm::of(&card, TODAY);
        assert_eq!(found.cadence.as_deref(), Some("2w"));
        let after = card.apply(&found.changes);
        let text = String::from_utf8_lossy(after.bytes()).into_owned();
        for line in [
            "X-CARDWEAVE-CADENCE:P2W",
            "CATEGORIES:friends",
            "X-CARDWEAVE-SNOOZE:20261201",
            lines,
        ] {
            assert!(text.contains(line), "{text}");
        }
        assert!(!FromFrm::of(&after, TODAY).says_something());
    }

    #[test]
    fn months_are_months_and_nonsense_is_told() {
        let words = [("30d", "30d"), ("1m", "1mo"), ("3m", "3mo")];
        for (theirs, ours) in words {
            let found = FromFrm::of(&card(&format!("X-FRM-FREQUENCY:{theirs}\r\n")), TODAY);
            assert_eq!(found.cadence.as_deref(), Some(ours));
        }
        for text in ["0d", "-1w", "2y", "w", "soon", "1000d", "1w2"] {
            let found = FromFrm::of(&card(&format!("X-FRM-FREQUENCY:{text}\r\n")), TODAY);
            assert_eq!(found.unreadable, [(FREQUENCY.to_owned(), text.to_owned())]);
            assert_eq!(found.changes, []);
        }
        let found = FromFrm::of(&card("X-FRM-SNOOZE-UNTIL:2m\r\n"), TODAY);
        assert_eq!((found.unreadable.len(), found.changes.len()), (1, 0));
    }

    #[test]
    fn what_is_there_already_stays() {
        let theirs =
            "X-FRM-FREQUENCY:2w\r\nX-FRM-GROUP:Friends\r\nX-FRM-SNOOZE-UNTIL:2026-12-01\r\n";
        let ours =
            "X-CARDWEAVE-CADENCE:P1Y\r\nCATEGORIES:friends\r\nX-CARDWEAVE-SNOOZE:20270101\r\n";
        assert_eq!(
            FromFrm::of(&card(&format!("{theirs}{ours}")), TODAY),
            FromFrm::default()
        );
    }

    #[test]
    fn who_is_ignored_gets_no_cadence_and_a_snooze_that_is_over_none() {
        let found = FromFrm::of(&card("X-FRM-IGNORE:true\r\nX-FRM-FREQUENCY:2w\r\n"), TODAY);
        assert_eq!((found.is_ignored, found.changes.len()), (true, 0));
        let found = FromFrm::of(&card("X-FRM-SNOOZE-UNTIL:2026-11-25\r\n"), TODAY);
        assert!(!found.says_something());
    }
}
