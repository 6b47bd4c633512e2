//! `met`: writes down the occasion that a contact comes from.

use schemars::JsonSchema;
use serde::Serialize;

use crate::card::Change;
use crate::cli::Met;
use crate::contact::{Occasion, Relationship, in_one_line, same_name};
use crate::ui::out::Page;
use crate::ui::text::clean;

use super::amend::{Amended, fresh_id, state_to_amend, today};
use super::contact::find;
use super::log::{amend_one, past_day};
use super::{Exit, Surroundings, Trouble};

/// What `met --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MetReport {
    pub contact: Amended,
    pub occasion: Occasion,
}

pub fn execute(typed: &Met, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let config = at.config()?;
    let today = today();
    let date = typed
        .on
        .as_deref()
        .map(|text| past_day(text, today))
        .transpose()?;
    let event = in_one_line(&typed.event);
    if event.is_empty() {
        return Err(Trouble::Asked(
            "Say what the occasion was. Nothing was changed.".to_owned(),
        ));
    }
    let mut state = state_to_amend(at)?;
    let (book, known) = find(&config, &state, &typed.contact)?;
    let occasion = Occasion {
        id: fresh_id(&known.id, &event),
        event,
        date,
        place: typed.place.as_deref().map(in_one_line),
        costs: typed.cost.iter().cloned().collect(),
        minutes: typed.minutes.unwrap_or_default(),
        by: config.me.as_ref().map(|me| me.name.clone()),
    };
    let there = Relationship::of(&known.agreed).met.into_iter();
    let same = there
        .into_iter()
        .find(|known| says_as_much(known, &occasion));
    let changes = match &same {
        Some(_) => Vec::new(),
        None => vec![Change::Add(occasion.field())],
    };
    let report = MetReport {
        contact: amend_one(&config, &mut state, &book, &known, &changes)?,
        occasion: same.unwrap_or(occasion),
    };
    at.output.present(&report, render)?;
    Ok(Exit::InStep)
}

/// Whether an occasion that is there says all that the new one would.
fn says_as_much(known: &Occasion, new: &Occasion) -> bool {
    same_name(&known.event) == same_name(&new.event)
        && new.date.is_none_or(|date| known.date == Some(date))
        && new
            .place
            .as_ref()
            .is_none_or(|place| known.place.as_ref() == Some(place))
        && (new.costs.is_empty() || known.costs == new.costs)
        && (new.minutes == 0 || known.minutes == new.minutes)
}

fn render(report: &MetReport, page: &Page) -> String {
    let occasion = &report.occasion;
    let name = page.style.strong(&clean(&report.contact.name));
    let mut about: Vec<String> = occasion.date.iter().map(ToString::to_string).collect();
    about.extend(occasion.place.iter().map(|place| clean(place).into_owned()));
    let about = match about.is_empty() {
        true => String::new(),
        false => format!(" ({})", about.join(", ")),
    };
    let done = match report.contact.changed {
        true => "met at",
        false => "is known to be met at",
    };
    format!(
        "{name}: {done} {}{about}, {}",
        clean(&occasion.event),
        clean(&occasion.id)
    )
}
