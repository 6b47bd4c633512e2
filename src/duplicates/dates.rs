//! Birthdays: what they say and how like two of them are.

use super::spelling_distance::distance;

/// A birthday as far as the card tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Birthday {
    pub year: Option<u16>,
    pub month: u8,
    pub day: u8,
}

/// How like two birthdays are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BirthdayLikeness {
    /// At least one card has none.
    Unknown,
    Same,
    /// Day and month; a year is not told.
    SameDay,
    /// One slip of the keyboard: a digit, two that changed places, day and month turned round.
    Slip,
    /// Two slips.
    Slips,
    Different,
}

/// The year that some programs write for "no year".
const NO_YEAR: u16 = 1604;

impl Birthday {
    /// Reads the normal form of a date (RFC 6350 section 4.3.1): `19850412`, `--0412`, with or
    /// without a time. `None` for anything without day and month.
    pub fn read(value: &str) -> Option<Birthday> {
        let date = value.split('T').next().unwrap_or_default();
        let (year, rest) = match date.strip_prefix("--") {
            Some(rest) => (None, rest),
            None => (Some(date.get(..4)?.parse().ok()?), date.get(4..)?),
        };
        if rest.len() != 4 {
            return None;
        }
        let month: u8 = rest.get(..2)?.parse().ok()?;
        let day: u8 = rest.get(2..)?.parse().ok()?;
        // A date that cannot be is a slip of a date that can.
        let is_date = month > 0 || day > 0;
        is_date.then_some(Birthday {
            year: year.filter(|&year| year != NO_YEAR && year != 0),
            month,
            day,
        })
    }

    /// Whether a calendar has such a day, and somebody alive could be born on it.
    pub fn is_possible(self) -> bool {
        let days = match self.month {
            2 => 29,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => 0,
        };
        let is_day = (1..=days).contains(&self.day);
        is_day && self.year.is_none_or(|year| (1850..2100).contains(&year))
    }

    pub fn likeness(a: Option<Birthday>, b: Option<Birthday>) -> BirthdayLikeness {
        let (Some(a), Some(b)) = (a, b) else {
            return BirthdayLikeness::Unknown;
        };
        let same_day = (a.month, a.day) == (b.month, b.day);
        let turned = (a.month, a.day) == (b.day, b.month);
        match (a.year, b.year) {
            (Some(one), Some(other)) if one == other && same_day => BirthdayLikeness::Same,
            (Some(one), Some(other)) if one == other && turned => BirthdayLikeness::Slip,
            (Some(one), Some(other)) if turned => {
                let year = |year: u16| year.to_string();
                match distance(year(one).as_bytes(), year(other).as_bytes(), 1) {
                    Some(_) => BirthdayLikeness::Slips,
                    None => BirthdayLikeness::Different,
                }
            }
            (Some(_), Some(_)) => match distance(&a.digits(), &b.digits(), 2) {
                Some(0 | 1) => BirthdayLikeness::Slip,
                Some(_) => BirthdayLikeness::Slips,
                None if a.is_jumble_of(b) => BirthdayLikeness::Slips,
                None => BirthdayLikeness::Different,
            },
            _ if same_day => BirthdayLikeness::SameDay,
            _ if turned || distance(&a.digits()[4..], &b.digits()[4..], 1).is_some() => {
                BirthdayLikeness::Slips
            }
            _ => BirthdayLikeness::Different,
        }
    }

    /// The digits of both are the same, and one of them is no date at all.
    fn is_jumble_of(self, other: Birthday) -> bool {
        let is_date =
            |date: Birthday| (1..=12).contains(&date.month) && (1..=31).contains(&date.day);
        let (mut mine, mut theirs) = (self.digits(), other.digits());
        mine.sort_unstable();
        theirs.sort_unstable();
        mine == theirs && !(is_date(self) && is_date(other))
    }

    /// Year, month and day as eight digits.
    fn digits(self) -> [u8; 8] {
        let year = self.year.unwrap_or_default();
        let digit = |number: u16| b'0' + (number % 10) as u8;
        let (month, day) = (u16::from(self.month), u16::from(self.day));
        [
            digit(year / 1000),
            digit(year / 100),
            digit(year / 10),
            digit(year),
            digit(month / 10),
            digit(month),
            digit(day / 10),
            digit(day),
        ]
    }
}

impl std::fmt::Display for Birthday {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.year {
            Some(year) => write!(f, "{year:04}-{:02}-{:02}", self.month, self.day),
            None => write!(f, "{:02}-{:02}", self.month, self.day),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn likeness(a: &str, b: &str) -> BirthdayLikeness {
        let (a, b) = (Birthday::read(a), Birthday::read(b));
        assert_eq!(Birthday::likeness(a, b), Birthday::likeness(b, a));
        Birthday::likeness(a, b)
    }

    #[test]
    fn a_birthday_with_and_without_a_year() {
        use BirthdayLikeness::*;
        for (a, b, expected) in [
            ("19850412", "19850412", Same),
            ("19850412", "19850412T000000Z", Same),
            ("19850412", "--0412", SameDay),
            ("19850412", "16040412", SameDay),
            ("19850412", "19850413", Slip),
            ("19850412", "19850421", Slip),
            ("19850412", "19851204", Slip),
            ("19850412", "19580412", Slip),
            ("19850412", "19860413", Slips),
            ("19850412", "--0512", Slips),
            ("19850412", "19611123", Different),
            ("19850412", "19581204", Slips),
            ("19850412", "19851412", Slip),
            ("19850418", "19858104", Slips),
            ("--0412", "--1123", Different),
            ("19850412", "", Unknown),
            ("19850412", "1985", Unknown),
        ] {
            assert_eq!(likeness(a, b), expected, "{a} {b}");
        }
    }
}
