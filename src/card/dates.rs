//! Dates of all versions and programs to one form and back, and the moment that REV names.

use jiff::civil;

use super::Version;

/// The one form of a date or date and time: RFC 6350 section 4.3 basic format, so `19960415`,
/// `--0412`, `1985-04`, `19531015T231000Z`. `None`: not a date, but a text ("circa 1800").
///
/// `omitted_year` is Apple's way to leave the year out: a year that means none.
pub(super) fn normal(text: &str, omitted_year: Option<&str>) -> Option<String> {
    let text = text.trim();
    let (date, time) = match text.find(['T', 't']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let digits: String = date.chars().filter(char::is_ascii_digit).collect();
    if digits.len() + date.matches('-').count() != date.chars().count() {
        return None;
    }
    let dashes = date.chars().take_while(|&char| char == '-').count();
    let date = match (dashes, digits.len()) {
        (0, 8) if Some(&digits[..4]) == omitted_year => format!("--{}", &digits[4..]),
        (0, 8 | 4) => digits,
        (0, 6) if date.as_bytes().get(4) == Some(&b'-') => {
            format!("{}-{}", &digits[..4], &digits[4..])
        }
        (0, 0) if time.is_some() && date.is_empty() => digits,
        (2, 2 | 4) => format!("--{digits}"),
        (3, 2) => format!("---{digits}"),
        _ => return None,
    };
    match time {
        None => Some(date),
        Some(time) => {
            let sound = |char: char| char.is_ascii_digit() || "+-.:Zz".contains(char);
            if !time.chars().any(|char| char.is_ascii_digit()) || !time.chars().all(sound) {
                return None;
            }
            Some(format!("{date}T{}", time.replace(':', "").to_uppercase()))
        }
    }
}

/// A date as a version spells it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Spelled {
    Plain(String),
    /// The year in the text means none; to be said with `X-APPLE-OMIT-YEAR`.
    WithoutYear(String),
    /// The version has no way to say this.
    Inexpressible,
}

/// Spells a normal date for a version: basic in 4.0, `1996-04-15` in 3.0 and 2.1, whose readers
/// know whole dates only.
pub(super) fn spell(normal: &str, version: Version) -> Spelled {
    if version == Version::V4_0 {
        return Spelled::Plain(normal.to_owned());
    }
    let (date, time) = match normal.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (normal, None),
    };
    let dashed = |digits: &str| format!("{}-{}-{}", &digits[..4], &digits[4..6], &digits[6..]);
    if date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit()) {
        return match time {
            None => Spelled::Plain(dashed(date)),
            Some(time) => Spelled::Plain(format!("{}T{}", dashed(date), spell_time(time))),
        };
    }
    match (date.strip_prefix("--"), time) {
        // 1604 is the year Apple takes: a leap year, so that 29 February fits.
        (Some(day), None) if day.len() == 4 && !day.starts_with('-') => {
            Spelled::WithoutYear(dashed(&format!("{APPLE_NO_YEAR}{day}")))
        }
        _ => Spelled::Inexpressible,
    }
}

/// The year that Apple writes for "no year".
pub(super) const APPLE_NO_YEAR: &str = "1604";

/// `231000Z` as `23:10:00Z`; anything unusual as it is.
fn spell_time(time: &str) -> String {
    if time.len() >= 6 && time.as_bytes()[..6].iter().all(u8::is_ascii_digit) {
        return format!("{}:{}:{}", &time[..2], &time[2..4], &time[4..]);
    }
    time.to_owned()
}

/// The moment that a REV names, in any of its spellings; without a zone it is taken as UTC.
pub(super) fn moment(text: &str) -> Option<jiff::Timestamp> {
    let normal = normal(text, None)?;
    let (date, time) = normal.split_once('T').unwrap_or((&normal, "000000Z"));
    let number = |text: &str| text.parse::<i16>().ok();
    let part = |text: &str, from: usize| text.get(from..from + 2).and_then(number).map(|n| n as i8);
    if date.len() != 8 {
        return None;
    }
    let date = civil::Date::new(number(date.get(..4)?)?, part(date, 4)?, part(date, 6)?).ok()?;
    let zone_at = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(zone_at);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let nanoseconds: i32 = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    let (minute, second) = (part(clock, 2).unwrap_or(0), part(clock, 4).unwrap_or(0));
    // A leap second is the second before it to everybody who does not count them.
    let clock = civil::Time::new(part(clock, 0)?, minute, second.min(59), nanoseconds).ok()?;
    let moment = date.to_datetime(clock);
    let offset_seconds = match zone.get(..1) {
        Some(sign @ ("+" | "-")) => {
            let hours = i32::from(part(zone, 1)?);
            let minutes = i32::from(part(zone, 3).unwrap_or(0));
            (hours * 3600 + minutes * 60) * if sign == "-" { -1 } else { 1 }
        }
        _ => 0,
    };
    jiff::tz::Offset::from_seconds(offset_seconds)
        .ok()?
        .to_timestamp(moment)
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_day_has_one_form() {
        for text in ["1996-04-15", "19960415", " 19960415"] {
            assert_eq!(normal(text, None).as_deref(), Some("19960415"));
        }
        assert_eq!(
            normal("1604-04-12", Some("1604")).as_deref(),
            Some("--0412")
        );
        assert_eq!(normal("--04-12", None).as_deref(), Some("--0412"));
        assert_eq!(normal("1985-04", None).as_deref(), Some("1985-04"));
        assert_eq!(
            normal("1953-10-15T23:10:00Z", None).as_deref(),
            Some("19531015T231000Z")
        );
        assert_eq!(normal("circa 1800", None), None);
        assert_eq!(normal("The 1st", None), None);
    }

    #[test]
    fn old_versions_get_whole_dates_or_none() {
        assert_eq!(
            spell("19960415", Version::V3_0),
            Spelled::Plain("1996-04-15".into())
        );
        assert_eq!(
            spell("--0412", Version::V3_0),
            Spelled::WithoutYear("1604-04-12".into())
        );
        for partial in ["---12", "1985", "1985-04", "--04"] {
            assert_eq!(
                spell(partial, Version::V3_0),
                Spelled::Inexpressible,
                "{partial}"
            );
            assert_eq!(
                spell(partial, Version::V4_0),
                Spelled::Plain(partial.into())
            );
        }
    }

    #[test]
    fn a_revision_is_one_moment_in_all_spellings() {
        let moment_of = |text| moment(text).map(|moment| moment.to_string());
        for text in [
            "20240102T030405Z",
            "2024-01-02T03:04:05Z",
            "2024-01-02T03:04:05.000Z",
            "2024-01-02T05:04:05+02:00",
            "20240102T030405",
        ] {
            assert_eq!(
                moment_of(text).as_deref(),
                Some("2024-01-02T03:04:05Z"),
                "{text}"
            );
        }
        assert_eq!(
            moment_of("2024-01-02").as_deref(),
            Some("2024-01-02T00:00:00Z")
        );
        assert_eq!(moment_of("yesterday"), None);
        assert_eq!(moment_of("20241399"), None);
        assert_eq!(moment_of("2024-01-02T99:99:99Z"), None);
    }
}
