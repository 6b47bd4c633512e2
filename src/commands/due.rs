//! `due`: whom to contact, and which promises and goals fall due.

pub(super) mod page;

use std::path::Path;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use crate::calendar::{Calendar, calendar};
use crate::cli::Due as Typed;
use crate::contact::{Due, InBook, Lean, Tier, Window, day, due};
use crate::ui::out::Form;

use super::amend::today;
use super::open::look_at_state;
use super::people::People;
use super::put::put_private;
use super::{Exit, Surroundings, Trouble};

/// What `due --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DueReport {
    #[schemars(with = "String")]
    pub today: Date,
    /// The last day that is looked at.
    #[schemars(with = "String")]
    pub until: Date,
    #[serde(flatten)]
    pub due: Due,
    /// The calendar that was written.
    pub calendar: Option<WrittenCalendar>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct WrittenCalendar {
    pub file: String,
    /// How many to-dos and events it has.
    pub entries: usize,
}

pub fn execute(typed: &Typed, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let config = at.config()?;
    let window = window(&typed.within, today())?;
    let state = look_at_state(at)?;
    let people = People::of(&config, &state)?;
    let members: Vec<InBook> = people.members().collect();
    let usual = |tier: Tier| config.tiers.cadence(tier);
    let mut report = DueReport {
        today: window.today,
        until: window.until,
        due: due(&members, &usual, window),
        calendar: None,
    };
    if let Some(file) = &typed.ics {
        let calendar = calendar(&members, &usual);
        if file == Path::new("-") {
            if at.output.form() == Form::Json {
                return Err(Trouble::Asked(
                    "With --json the calendar cannot go to stdout too. Nothing was written. Name a \
                     file: --ics FILE."
                        .to_owned(),
                ));
            }
            at.output.document(&calendar.text)?;
            return Ok(Exit::InStep);
        }
        report.calendar = Some(write(&calendar, file)?);
    }
    let several = config.books.len() > 1;
    at.output.present(&report, |report, sheet| {
        page::render(report, several, sheet)
    })?;
    Ok(Exit::InStep)
}

fn window(within: &str, today: Date) -> Result<Window, Trouble> {
    let until = day(within, today, Lean::Future)
        .map_err(|error| Trouble::Asked(format!("{error}. Nothing was changed.")))?;
    if until < today {
        return Err(Trouble::Asked(format!(
            "--within looks ahead, and {until} is past. What is overdue is shown in any case."
        )));
    }
    Ok(Window { today, until })
}

fn write(calendar: &Calendar, file: &Path) -> Result<WrittenCalendar, Trouble> {
    put_private(file, calendar.text.as_bytes()).map_err(|error| {
        Trouble::Failed(format!(
            "Could not write the calendar {}: {error}. What was there is as it was. Name another \
             file, or make room.",
            file.display()
        ))
    })?;
    Ok(WrittenCalendar {
        file: file.display().to_string(),
        entries: calendar.entries,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_window_ends_today_or_later() {
        let today = date(2026, 11, 25);
        let until = |within: &str| window(within, today).map(|window| window.until);
        assert_eq!(until("1w").unwrap(), date(2026, 12, 2));
        assert_eq!(until("today").unwrap(), today);
        for wrong in ["-1w", "yesterday", "soon"] {
            let told = until(wrong).unwrap_err();
            assert_eq!(told.exit(), Exit::Usage, "{told}");
        }
    }
}
