//! `cadence`: how long a contact may go without word, instead of the tier's time.

use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::CadenceArgs;
use crate::contact::{CADENCE, Cadence, one_or_none};

use super::amend::{Amended, amend_each, state_to_amend, told};
use super::{Exit, Surroundings, Trouble};

/// What `cadence --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CadenceReport {
    /// `6w`; `null`: the tier's time counts.
    pub cadence: Option<String>,
    pub contacts: Vec<Amended>,
}

pub fn execute(typed: &CadenceArgs, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let config = at.config()?;
    let mut state = state_to_amend(at)?;
    let cadence = typed.cadence.0;
    let duration = cadence.map(Cadence::duration);
    let change = one_or_none(CADENCE, duration.as_deref());
    let contacts = amend_each(&config, &mut state, &typed.contacts, |_| {
        vec![change.clone()]
    })?;
    let report = CadenceReport {
        cadence: cadence.map(|cadence| cadence.to_string()),
        contacts,
    };
    at.output.present(&report, |report, page| {
        let done = match &report.cadence {
            Some(cadence) => format!("at most {cadence} without word"),
            None => "the tier says how long".to_owned(),
        };
        told(&report.contacts, &done, page)
    })?;
    Ok(Exit::InStep)
}
