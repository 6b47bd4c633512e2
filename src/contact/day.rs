//! Dates, as cards have them and as people type them.

use jiff::Span;
use jiff::civil::{Date, Weekday, date};

/// Which way a day without a year, or a weekday, is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lean {
    /// What was done: the last one, today included.
    Past,
    /// What is to be done: the next one, today included.
    Future,
}

/// A text that is no day; its message is the advice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is no day. Say today, yesterday, tomorrow, a weekday (friday), a distance (-2w, +3d, \
     +1mo, +1y) or a date (2026-11-20, 20.11.2026)"
)]
pub struct NotADay(pub String);

/// The day that a person means by a text.
///
/// # Errors
/// It is none that is understood, or none that exists.
pub fn day(text: &str, today: Date, lean: Lean) -> Result<Date, NotADay> {
    let lower = text.trim().to_lowercase();
    let found = named(&lower, today)
        .or_else(|| distant(&lower, today, lean))
        .or_else(|| weekday(&lower, today, lean))
        .or_else(|| day_of_card(&lower))
        .or_else(|| dotted(&lower, today, lean));
    found.ok_or_else(|| NotADay(text.to_owned()))
}

fn named(text: &str, today: Date) -> Option<Date> {
    match text {
        "today" => Some(today),
        "yesterday" => today.yesterday().ok(),
        "tomorrow" => today.tomorrow().ok(),
        _ => None,
    }
}

/// `-2w`, `+3d`; without a sign in the direction that is leant to.
fn distant(text: &str, today: Date, lean: Lean) -> Option<Date> {
    let (is_back, rest) = match (text.strip_prefix('-'), text.strip_prefix('+')) {
        (Some(rest), _) => (true, rest),
        (None, Some(rest)) => (false, rest),
        (None, None) => (lean == Lean::Past, text),
    };
    let cadence: super::Cadence = rest.parse().ok()?;
    let span: Span = cadence.span();
    let there = if is_back {
        today.checked_sub(span)
    } else {
        today.checked_add(span)
    };
    there.ok()
}

fn weekday(text: &str, today: Date, lean: Lean) -> Option<Date> {
    const DAYS: [(&str, Weekday); 7] = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];
    let (_, wanted) = DAYS
        .iter()
        .find(|(name, _)| text.len() >= 3 && name.starts_with(text))?;
    if today.weekday() == *wanted {
        return Some(today);
    }
    let nth = match lean {
        Lean::Past => -1,
        Lean::Future => 1,
    };
    today.nth_weekday(nth, *wanted).ok()
}

/// `20.11.2026`, and `20.11.` in the year that is leant to.
fn dotted(text: &str, today: Date, lean: Lean) -> Option<Date> {
    let numbers: Vec<&str> = text.trim_end_matches('.').split('.').collect();
    let number = |at: usize| numbers.get(at)?.parse::<i16>().ok();
    let (day, month) = (number(0)?, number(1)?);
    let of_year = |year: i16| {
        let month = i8::try_from(month).ok()?;
        Date::new(year, month, i8::try_from(day).ok()?).ok()
    };
    match numbers.len() {
        3 => number(2).filter(|year| *year > 999).and_then(of_year),
        2 if text.ends_with('.') => {
            let this = of_year(today.year())?;
            match lean {
                Lean::Past if this > today => of_year(today.year() - 1),
                Lean::Future if this < today => of_year(today.year() + 1),
                _ => Some(this),
            }
        }
        _ => None,
    }
}

/// The day of a card: `20261120` (RFC 6350 section 4.3.1) or `2026-11-20`, with or without a time;
/// a year or a month alone is its last day, by which all of it was over.
pub fn day_of_card(text: &str) -> Option<Date> {
    let text = text.trim();
    let day = text.split(['T', 't']).next().unwrap_or(text);
    let digits: String = day.chars().filter(|&c| c != '-').collect();
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = |range: std::ops::Range<usize>| digits.get(range)?.parse::<i16>().ok();
    let year = number(0..4)?;
    match (digits.len(), day.len()) {
        (8, 8 | 10) => {
            let month = i8::try_from(number(4..6)?).ok()?;
            Date::new(year, month, i8::try_from(number(6..8)?).ok()?).ok()
        }
        (6, 7) => {
            let month = i8::try_from(number(4..6)?).ok()?;
            Some(Date::new(year, month, 1).ok()?.last_of_month())
        }
        (4, 4) => Some(date(year, 12, 31)),
        _ => None,
    }
}

/// A day as it stands on a card: `20261120`.
pub fn on_card(day: Date) -> String {
    day.strftime("%Y%m%d").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Wednesday.
    const TODAY: Date = date(2026, 11, 25);

    fn past(text: &str) -> String {
        day(text, TODAY, Lean::Past).map_or("none".into(), |day| day.to_string())
    }

    fn future(text: &str) -> String {
        day(text, TODAY, Lean::Future).map_or("none".into(), |day| day.to_string())
    }

    #[test]
    fn days_are_said_as_people_say_them() {
        assert_eq!(past("today"), "2026-11-25");
        assert_eq!(past("Yesterday"), "2026-11-24");
        assert_eq!(future("tomorrow"), "2026-11-26");
        assert_eq!(past("-2w"), "2026-11-11");
        assert_eq!(past("2w"), "2026-11-11");
        assert_eq!(future("2w"), "2026-12-09");
        assert_eq!(future("+1mo"), "2026-12-25");
        assert_eq!(future("-1d"), "2026-11-24");
        assert_eq!(past("monday"), "2026-11-23");
        assert_eq!(future("mon"), "2026-11-30");
        assert_eq!(
            (past("wed"), future("wed")),
            ("2026-11-25".into(), "2026-11-25".into())
        );
    }

    #[test]
    fn dates_are_read_in_the_ways_people_write_them() {
        for text in ["2026-11-20", "20261120", "20.11.2026", " 20.11.2026 "] {
            assert_eq!(past(text), "2026-11-20", "{text}");
        }
        assert_eq!(
            (past("20.12."), future("20.12.")),
            ("2025-12-20".into(), "2026-12-20".into())
        );
        assert_eq!(future("20.11."), "2027-11-20");
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in [
            "",
            "soon",
            "2026-02-30",
            "31.02.2026",
            "20.11",
            "20.11.26",
            "m",
            "-2x",
            "2w3",
        ] {
            assert_eq!(
                (past(text), future(text)),
                ("none".into(), "none".into()),
                "{text}"
            );
        }
    }

    #[test]
    fn a_card_may_say_less_than_a_day() {
        assert_eq!(day_of_card("2024"), Some(date(2024, 12, 31)));
        assert_eq!(day_of_card("2024-02"), Some(date(2024, 2, 29)));
        assert_eq!(day_of_card("20241103T100000Z"), Some(date(2024, 11, 3)));
        assert_eq!(day_of_card("--1103"), None);
        assert_eq!(day_of_card(&on_card(TODAY)), Some(TODAY));
    }
}
