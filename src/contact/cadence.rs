//! How long a contact may go without word, as a person writes it: `3w`, `2mo`, `1y`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A whole number of days, weeks, months or years; never zero.
///
/// Months and years stay what they are: how many days they mean depends on the date they are
/// counted from, which only the caller knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cadence {
    count: u16,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Days,
    Weeks,
    Months,
    Years,
}

/// A text that is no cadence; its message is the advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a number (1 to 999) with d, w, mo or y is wanted: 3w, 2mo, 1y")]
pub struct NotACadence;

impl Cadence {
    pub const fn weeks(count: u16) -> Self {
        Self {
            count,
            unit: Unit::Weeks,
        }
    }

    pub const fn months(count: u16) -> Self {
        Self {
            count,
            unit: Unit::Months,
        }
    }

    pub const fn years(count: u16) -> Self {
        Self {
            count,
            unit: Unit::Years,
        }
    }

    /// Reads the duration of a card, such as `P3W` (ISO 8601, RFC 5545 section 3.3.6): one whole
    /// number of days, weeks, months or years.
    pub fn of_duration(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_uppercase();
        let duration = text.strip_prefix('P')?;
        let digits = duration.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = duration.split_at(digits);
        let unit = match unit {
            "D" => Unit::Days,
            "W" => Unit::Weeks,
            "M" => Unit::Months,
            "Y" => Unit::Years,
            _ => return None,
        };
        match number.parse() {
            Ok(count @ 1..=999) => Some(Self { count, unit }),
            _ => None,
        }
    }

    /// As it stands on a card: `P3W`.
    pub fn duration(self) -> String {
        let unit = match self.unit {
            Unit::Days => "D",
            Unit::Weeks => "W",
            Unit::Months => "M",
            Unit::Years => "Y",
        };
        format!("P{}{unit}", self.count)
    }

    /// The calendar span to add to the date of the last word.
    pub fn span(self) -> jiff::Span {
        let count = i64::from(self.count);
        match self.unit {
            Unit::Days => jiff::Span::new().days(count),
            Unit::Weeks => jiff::Span::new().weeks(count),
            Unit::Months => jiff::Span::new().months(count),
            Unit::Years => jiff::Span::new().years(count),
        }
    }
}

impl FromStr for Cadence {
    type Err = NotACadence;

    fn from_str(text: &str) -> Result<Self, NotACadence> {
        let text = text.trim();
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let unit = match unit.trim_start() {
            "d" => Unit::Days,
            "w" => Unit::Weeks,
            // "m" alone would be minutes to some and months to others.
            "mo" => Unit::Months,
            "y" => Unit::Years,
            _ => return Err(NotACadence),
        };
        match number.parse() {
            Ok(count @ 1..=999) => Ok(Self { count, unit }),
            _ => Err(NotACadence),
        }
    }
}

impl fmt::Display for Cadence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Days => "d",
            Unit::Weeks => "w",
            Unit::Months => "mo",
            Unit::Years => "y",
        };
        write!(f, "{}{unit}", self.count)
    }
}

impl TryFrom<String> for Cadence {
    type Error = NotACadence;

    fn try_from(text: String) -> Result<Self, NotACadence> {
        text.parse()
    }
}

impl From<Cadence> for String {
    fn from(cadence: Cadence) -> String {
        cadence.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_card_says_it_as_a_duration() {
        for text in ["1d", "3w", "2mo", "999y"] {
            let cadence: Cadence = text.parse().unwrap();
            assert_eq!(Cadence::of_duration(&cadence.duration()), Some(cadence));
        }
        for text in ["", "P", "PD", "P0W", "P1Y2M", "PT5M", "3W", "Pä"] {
            assert_eq!(Cadence::of_duration(text), None, "{text}");
        }
    }

    #[test]
    fn every_unit_is_read_and_written_the_same() {
        for text in ["1d", "3w", "2mo", "6mo", "1y", "999d"] {
            assert_eq!(text.parse::<Cadence>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_cadence_is_refused() {
        for text in [
            "",
            "w",
            "3",
            "3m",
            "0w",
            "-1w",
            "1.5w",
            "1000d",
            "3 weeks",
            "99999999999w",
        ] {
            assert_eq!(text.parse::<Cadence>(), Err(NotACadence), "{text}");
        }
    }

    #[test]
    fn months_are_counted_on_the_calendar() {
        let due = date(2026, 1, 31) + Cadence::months(1).span();
        assert_eq!(due, date(2026, 2, 28));
    }
}
