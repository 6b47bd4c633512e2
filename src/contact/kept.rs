//! A log as the state keeps it: short, because tens of thousands of lines are read for one report.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Balance, Interaction, InteractionKind, Money};

/// One line; what says nothing is left out.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    i: String,
    /// `20261120`; negative in years before 0.
    d: i32,
    t: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    k: Option<InteractionKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    m: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    c: Vec<Money>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    b: Option<Balance>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    g: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    f: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    n: Option<u32>,
}

/// The log as it is kept; `None` where there is nothing in it.
pub fn log_to_keep(log: &[Interaction]) -> Option<String> {
    let lines: Vec<Line> = log.iter().map(Line::of).collect();
    (!lines.is_empty()).then(|| serde_json::json!(lines).to_string())
}

/// The log that [`log_to_keep`] wrote.
///
/// # Errors
/// It wrote no such thing.
pub fn log_of_kept(kept: &str) -> Result<Vec<Interaction>, serde_json::Error> {
    let lines: Vec<Line> = serde_json::from_str(kept)?;
    Ok(lines.into_iter().map(Line::interaction).collect())
}

impl Line {
    fn of(line: &Interaction) -> Line {
        let date = line.date;
        Line {
            i: line.id.clone(),
            d: i32::from(date.year()) * 10_000
                + i32::from(date.month()) * 100
                + i32::from(date.day()),
            t: line.text.clone(),
            k: Some(line.kind).filter(|kind| *kind != InteractionKind::Other),
            m: Some(line.minutes).filter(|minutes| *minutes > 0),
            c: line.costs.clone(),
            by: line.by.clone(),
            b: line.balance,
            g: line.goal.clone(),
            r: line.result.clone(),
            at: line.occasion.clone(),
            f: line.folds.clone(),
            n: Some(line.count).filter(|count| *count != 1),
        }
    }

    fn interaction(self) -> Interaction {
        Interaction {
            id: self.i,
            date: day(self.d).unwrap_or(Date::ZERO),
            kind: self.k.unwrap_or(InteractionKind::Other),
            text: self.t,
            minutes: self.m.unwrap_or_default(),
            costs: self.c,
            by: self.by,
            balance: self.b,
            goal: self.g,
            result: self.r,
            occasion: self.at,
            folds: self.f,
            count: self.n.unwrap_or(1),
        }
    }
}

fn day(number: i32) -> Option<Date> {
    let year = i16::try_from(number / 10_000).ok()?;
    let month = i8::try_from(number / 100 % 100).ok()?;
    Date::new(year, month, i8::try_from(number % 100).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_log_comes_back_whole() {
        let plain = Interaction::new("1", date(2026, 1, 2), InteractionKind::Other, "a");
        let full = Interaction {
            minutes: 20,
            costs: Money::list("12.50 EUR + 3 CHF"),
            by: Some("Anna".into()),
            balance: Some(Balance::Gave),
            goal: Some("Win".into()),
            result: Some("1 order".into()),
            occasion: Some("Fair".into()),
            folds: vec!["1".into()],
            count: 3,
            ..Interaction::new("2", Date::ZERO, InteractionKind::Sum, "b \"c\"")
        };
        let log = vec![plain, full];
        let kept = log_to_keep(&log).unwrap();
        assert_eq!(log_of_kept(&kept).unwrap(), log);
        assert!(
            kept.starts_with(r#"[{"d":20260102,"i":"1","t":"a"},"#),
            "{kept}"
        );
        assert_eq!(log_to_keep(&[]), None);
        assert!(log_of_kept("{}").is_err());
    }
}
