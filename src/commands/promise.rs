//! `promise`: writes down a commitment, and what became of it.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use crate::book::{ContactId, Known};
use crate::card::{Change, FieldKey};
use crate::cli::{self, PromiseWhat};
use crate::config::Config;
use crate::contact::{
    Lean, PROMISE, Promise, PromiseStatus, Relationship, Settled, Side, day, in_one_line,
};
use crate::state::State;
use crate::ui::out::Page;
use crate::ui::text::clean;

use super::amend::{Amended, fresh_id, state_to_amend, today};
use super::contact::find;
use super::ids::{self, Choice};
use super::log::{amend_one, past_day};
use super::{Exit, Surroundings, Trouble};

/// What `promise --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PromiseReport {
    pub contact: Amended,
    pub promise: Promise,
    pub done: Done,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Done {
    Made,
    Kept,
    Moved,
    Cancelled,
}

pub fn execute(typed: &cli::Promise, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let config = at.config()?;
    let today = today();
    let mut state = state_to_amend(at)?;
    let report = match &typed.what {
        Some(what) => settle(what, &config, &mut state, today)?,
        None => make(typed, &config, &mut state, today)?,
    };
    at.output.present(&report, render)?;
    Ok(Exit::InStep)
}

fn make(
    typed: &cli::Promise,
    config: &Config,
    state: &mut State,
    today: Date,
) -> Result<PromiseReport, Trouble> {
    let said = |text: &Option<String>| text.clone().unwrap_or_default();
    let due = coming_day(&said(&typed.due), today)?;
    let text = in_one_line(&said(&typed.text));
    if text.is_empty() {
        return Err(Trouble::Asked(
            "Say what is promised. Nothing was changed.".to_owned(),
        ));
    }
    let (book, known) = find(config, state, &said(&typed.contact))?;
    let promise = Promise {
        id: fresh_id(&known.id, &text),
        text,
        due: Some(due),
        side: if typed.theirs {
            Side::Theirs
        } else {
            Side::Mine
        },
        status: PromiseStatus::Open,
        first_due: None,
        made: Some(today),
        settled: None,
        reason: None,
        by: config.me.as_ref().map(|me| me.name.clone()),
    };
    let change = Change::Add(promise.field());
    Ok(PromiseReport {
        contact: amend_one(config, state, &book, &known, &[change])?,
        promise,
        done: Done::Made,
    })
}

fn settle(
    what: &PromiseWhat,
    config: &Config,
    state: &mut State,
    today: Date,
) -> Result<PromiseReport, Trouble> {
    let (PromiseWhat::Keep { id, .. }
    | PromiseWhat::Move { id, .. }
    | PromiseWhat::Cancel { id, .. }) = what;
    // What is said wrongly is told before anything is looked for.
    let on = match what {
        PromiseWhat::Keep { on: Some(on), .. } => past_day(on, today)?,
        PromiseWhat::Move { due, .. } => not_past(coming_day(due, today)?, today)?,
        _ => today,
    };
    let (book, known, was) = promise_called(config, state, id)?;
    let (promise, done) = match what {
        PromiseWhat::Keep { .. } => (was.kept(on), Done::Kept),
        PromiseWhat::Move { reason, .. } => {
            let reason = said_reason(reason)?;
            (was.moved(on, reason, today), Done::Moved)
        }
        PromiseWhat::Cancel { reason, .. } => {
            (was.cancelled(said_reason(reason)?, today), Done::Cancelled)
        }
    };
    let promise = promise.map_err(|settled| is_settled(&was, settled))?;
    let key = FieldKey {
        name: PROMISE.to_owned(),
        value: was.id.clone(),
    };
    let change = Change::Replace(key, promise.field());
    Ok(PromiseReport {
        contact: amend_one(config, state, &book, &known, &[change])?,
        promise,
        done,
    })
}

fn said_reason(reason: &str) -> Result<&str, Trouble> {
    if in_one_line(reason).is_empty() {
        return Err(Trouble::Asked(
            "A reason is wanted, as one would tell it to the other. Nothing was changed."
                .to_owned(),
        ));
    }
    Ok(reason)
}

fn is_settled(was: &Promise, settled: Settled) -> Trouble {
    Trouble::Asked(format!(
        "\"{}\" ({}) {settled}, and what is settled stays so. Nothing was changed. A new one is made \
         with `cardweave promise CONTACT TEXT --due DATE`.",
        clean(&was.text),
        clean(&was.id)
    ))
}

/// A day that is to come, as somebody names it.
fn coming_day(text: &str, today: Date) -> Result<Date, Trouble> {
    day(text, today, Lean::Future)
        .map_err(|error| Trouble::Asked(format!("{error}. Nothing was changed.")))
}

fn not_past(day: Date, today: Date) -> Result<Date, Trouble> {
    if day < today {
        return Err(Trouble::Asked(format!(
            "{day} is past, so nothing can be due then. Nothing was changed."
        )));
    }
    Ok(day)
}

/// The promise that somebody names by its id, of all books, and the contact that it stands on.
fn promise_called(
    config: &Config,
    state: &State,
    wanted: &str,
) -> Result<(String, Known, Promise), Trouble> {
    let mut choices: Vec<Choice<(String, ContactId)>> = Vec::new();
    let mut settled = Vec::new();
    for book in &config.books {
        for contact in state.acquaintances(&book.name)? {
            for promise in contact.relationship.promises {
                let due = promise.due.map_or(String::new(), |due| format!("{due} "));
                let choice = Choice {
                    told: format!("{due}{}: {}", contact.name, promise.text),
                    line: (book.name.clone(), contact.id.clone()),
                    id: promise.id,
                };
                // Open ones are offered first.
                match promise.status {
                    PromiseStatus::Open => choices.push(choice),
                    _ => settled.push(choice),
                }
            }
        }
    }
    choices.extend(settled);
    let found = ids::find(choices, wanted, "promise")?;
    let (book, contact) = found.line;
    let known = state.contacts(&book, &[contact].into())?.pop();
    let gone = || Trouble::Failed("The contact is gone. Nothing was changed.".to_owned());
    let known = known.ok_or_else(gone)?;
    let promises = Relationship::of(&known.agreed).promises.into_iter();
    let promise = promises.into_iter().find(|promise| promise.id == found.id);
    Ok((book, known, promise.ok_or_else(gone)?))
}

fn render(report: &PromiseReport, page: &Page) -> String {
    let promise = &report.promise;
    let name = page.style.strong(&clean(&report.contact.name));
    let id = clean(&promise.id);
    let day = |day: Option<Date>| day.map_or("one day".to_owned(), |day| day.to_string());
    let what = match report.done {
        Done::Made => {
            let whose = match promise.side {
                Side::Mine => "promised",
                Side::Theirs => "has promised",
            };
            let is_past = promise.due < promise.made;
            format!(
                "{whose} {id}, due {}{}: {}",
                day(promise.due),
                if is_past { ", which is past" } else { "" },
                clean(&promise.text)
            )
        }
        Done::Kept => format!(
            "kept {id} on {}: {}",
            day(promise.settled),
            clean(&promise.text)
        ),
        Done::Moved => format!(
            "moved {id} to {}: {}",
            day(promise.due),
            clean(&promise.text)
        ),
        Done::Cancelled => format!("cancelled {id}: {}", clean(&promise.text)),
    };
    format!("{name}: {what}")
}
