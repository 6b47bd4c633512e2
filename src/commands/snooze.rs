//! `snooze`: leaves a contact out of `due` for a while.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::Snooze;
use crate::contact::{Lean, SNOOZE, day, on_card, one_or_none};

use super::amend::{Amended, amend_each, state_to_amend, today, told};
use super::{Exit, Surroundings, Trouble};

/// What `snooze --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SnoozeReport {
    /// `2026-12-24`; `null`: not any more.
    pub until: Option<String>,
    pub contacts: Vec<Amended>,
}

fn coming(text: &str) -> Result<Date, Trouble> {
    let today = today();
    let until = day(text, today, Lean::Future)
        .map_err(|error| Trouble::Asked(format!("{error}. Nothing was changed.")))?;
    if until < today {
        return Err(Trouble::Asked(format!(
            "{until} is past, so nobody can be left out until then. Nothing was changed. \
             `cardweave snooze CONTACT off` ends it."
        )));
    }
    Ok(until)
}

pub fn execute(typed: &Snooze, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let config = at.config()?;
    let until = match typed.until.as_str() {
        "off" => None,
        text => Some(coming(text)?),
    };
    let mut state = state_to_amend(at)?;
    let change = one_or_none(SNOOZE, until.map(on_card).as_deref());
    let contact = [typed.contact.clone()];
    let contacts = amend_each(&config, &mut state, &contact, |_| vec![change.clone()])?;
    let report = SnoozeReport {
        until: until.map(|until| until.to_string()),
        contacts,
    };
    at.output.present(&report, |report, page| {
        let done = match &report.until {
            Some(until) => format!("left out of `due` until {until}"),
            None => "in `due` again".to_owned(),
        };
        told(&report.contacts, &done, page)
    })?;
    Ok(Exit::InStep)
}
