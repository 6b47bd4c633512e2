//! How often a run is wanted, and the moments of the clock at which that falls.

use std::fmt;
use std::str::FromStr;

const HOUR: u32 = 60;
const DAY: u32 = 24 * HOUR;
const WEEK: u32 = 7 * DAY;

/// Servers take more than this for an attack, and lock accounts for it.
const SHORTEST: u32 = 5;
const LONGEST: u32 = 4 * WEEK;

/// The intervals that a calendar line can say, rising.
const EXACT: [u32; 16] = [
    5,
    6,
    10,
    12,
    15,
    20,
    30,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    4 * HOUR,
    6 * HOUR,
    8 * HOUR,
    12 * HOUR,
    DAY,
    WEEK,
];

/// A whole number of minutes, from five minutes to four weeks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval {
    minutes: u32,
}

/// A text that is no interval; its message is the advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a number with m, h, d or w is wanted, from 5m to 4w: 30m, 2h, 1d")]
pub struct NotAnInterval;

/// An interval that no calendar line says: its runs would not be equally far apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotExact {
    pub shorter: Option<Interval>,
    pub longer: Option<Interval>,
}

/// The moments at which runs start, in the words that cron and systemd share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moments {
    /// Of each hour named below; at least one, rising.
    pub minutes: Vec<u32>,
    /// `None`: every hour.
    pub hours: Option<Vec<u32>>,
    /// 1 for Monday to 5 for Friday; `None`: every day.
    pub weekday: Option<u32>,
}

impl Interval {
    pub fn minutes(self) -> u32 {
        self.minutes
    }

    /// The moments of this interval, moved by `spread`.
    ///
    /// Runs that are rare fall into the day and the working week: a machine that is off then
    /// would miss them, and cron does not make up for them.
    ///
    /// # Errors
    /// The interval divides neither the hour nor the day, nor is it a day or a week.
    pub fn moments(self, spread: u32) -> Result<Moments, NotExact> {
        let minutes = vec![spread % HOUR];
        let later = spread / HOUR;
        match self.minutes {
            every if every < HOUR && HOUR.is_multiple_of(every) => Ok(Moments {
                minutes: (spread % every..HOUR).step_by(every as usize).collect(),
                hours: None,
                weekday: None,
            }),
            HOUR => Ok(Moments {
                minutes,
                hours: None,
                weekday: None,
            }),
            every if every < DAY && every.is_multiple_of(HOUR) && DAY.is_multiple_of(every) => {
                let every = every / HOUR;
                Ok(Moments {
                    minutes,
                    hours: Some((later % every..24).step_by(every as usize).collect()),
                    weekday: None,
                })
            }
            DAY => Ok(Moments {
                minutes,
                hours: Some(vec![9 + later % 8]),
                weekday: None,
            }),
            WEEK => Ok(Moments {
                minutes,
                hours: Some(vec![9 + later % 8]),
                weekday: Some(1 + later / 8 % 5),
            }),
            every => {
                let interval = |minutes: &u32| Interval { minutes: *minutes };
                Err(NotExact {
                    shorter: EXACT
                        .iter()
                        .rev()
                        .find(|exact| **exact < every)
                        .map(interval),
                    longer: EXACT.iter().find(|exact| **exact > every).map(interval),
                })
            }
        }
    }
}

impl fmt::Display for NotExact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.shorter, self.longer) {
            (Some(shorter), Some(longer)) => write!(f, "{shorter} or {longer}"),
            (Some(one), None) | (None, Some(one)) => write!(f, "{one}"),
            (None, None) => f.write_str("30m"),
        }
    }
}

impl FromStr for Interval {
    type Err = NotAnInterval;

    fn from_str(text: &str) -> Result<Self, NotAnInterval> {
        let text = text.trim();
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let unit = match unit.trim_start() {
            "m" | "min" => 1,
            "h" => HOUR,
            "d" => DAY,
            "w" => WEEK,
            _ => return Err(NotAnInterval),
        };
        let number: u32 = number.parse().map_err(|_| NotAnInterval)?;
        match number.checked_mul(unit) {
            Some(minutes @ SHORTEST..=LONGEST) => Ok(Self { minutes }),
            _ => Err(NotAnInterval),
        }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(WEEK, "w"), (DAY, "d"), (HOUR, "h"), (1, "m")];
        for (unit, name) in units {
            if self.minutes.is_multiple_of(unit) {
                return write!(f, "{}{name}", self.minutes / unit);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(text: &str) -> Interval {
        text.parse().unwrap()
    }

    #[test]
    fn the_same_time_is_the_same_interval_however_it_is_written() {
        for (written, shown) in [
            ("30m", "30m"),
            ("60 min", "1h"),
            ("90m", "90m"),
            ("24h", "1d"),
            ("7d", "1w"),
            (" 4w ", "4w"),
        ] {
            assert_eq!(interval(written).to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_time_too_often_or_too_rare_is_refused() {
        for text in [
            "",
            "m",
            "30",
            "30s",
            "4m",
            "0h",
            "-1h",
            "5w",
            "1mo",
            "9999999999m",
            "4294967295w",
        ] {
            assert_eq!(text.parse::<Interval>(), Err(NotAnInterval), "{text}");
        }
    }

    #[test]
    fn runs_are_equally_far_apart_whatever_the_spread() {
        for minutes in SHORTEST..=WEEK {
            for spread in [0, 17, 1_234_567, u32::MAX] {
                let Ok(moments) = (Interval { minutes }).moments(spread) else {
                    continue;
                };
                let hours = moments.hours.unwrap_or_else(|| (0..24).collect());
                let days = moments.weekday.map_or(1..=7, |day| day..=day);
                let mut starts = Vec::new();
                for day in days {
                    for hour in &hours {
                        for minute in &moments.minutes {
                            starts.push(day * DAY + hour * HOUR + minute);
                        }
                    }
                }
                starts.push(starts[0] + WEEK);
                let apart = |pair: &[u32]| pair[1] - pair[0] == minutes;
                assert!(
                    starts.windows(2).all(apart),
                    "{minutes} {spread} {starts:?}"
                );
            }
        }
    }

    #[test]
    fn the_intervals_that_are_offered_are_those_that_work() {
        let works = |minutes: &u32| Interval { minutes: *minutes }.moments(0).is_ok();
        let working: Vec<u32> = (SHORTEST..=LONGEST).filter(works).collect();
        assert_eq!(working, EXACT);
    }

    #[test]
    fn an_interval_of_no_calendar_gets_the_nearest_ones() {
        let nearest = |text| interval(text).moments(0).unwrap_err().to_string();
        assert_eq!(nearest("7m"), "6m or 10m");
        assert_eq!(nearest("45m"), "30m or 1h");
        assert_eq!(nearest("90m"), "1h or 2h");
        assert_eq!(nearest("2d"), "1d or 1w");
        assert_eq!(nearest("2w"), "1w");
    }
}
