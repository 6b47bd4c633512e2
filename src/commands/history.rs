//! `history`: what was changed where, run by run or for one contact.

use schemars::JsonSchema;
use serde::Serialize;

use crate::book::StoreId;
use crate::cli::History;
use crate::contact::{Relationship, TierStep};
use crate::merge::{is_unchanged, pairs};
use crate::state::{Done, Run};
use crate::sync::FieldChange;
use crate::ui::out::Page;
use crate::ui::table::Table;
use crate::ui::text::clean;

use super::contact::find;
use super::open::look_at_state;
use super::status::local_time;
use super::{Exit, Surroundings, Trouble};

/// How many runs are shown without a contact.
const RUNS_SHOWN: usize = 50;

/// What `history --json` prints: either the runs, or what happened to one contact.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum HistoryReport {
    Runs {
        runs: Vec<RunLine>,
    },
    Contact {
        name: String,
        /// When the contact was raised or lowered, as its log tells; the first step first.
        tier_steps: Vec<TierStep>,
        changes: Vec<ChangeLine>,
    },
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct RunLine {
    pub run: i64,
    /// RFC 3339.
    pub at: String,
    pub command: String,
    pub changes: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct ChangeLine {
    pub run: i64,
    pub at: String,
    pub store: StoreId,
    /// `added`, `updated` or `deleted`.
    pub kind: &'static str,
    pub fields: Vec<FieldChange>,
}

pub fn execute(typed: &History, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let state = look_at_state(at)?;
    let report = match &typed.contact {
        None => HistoryReport::Runs {
            runs: state.runs(RUNS_SHOWN)?.iter().map(run_line).collect(),
        },
        Some(wanted) => {
            let config = at.config()?;
            let (_, known) = find(&config, &state, wanted)?;
            let changes = state.done_to(&known.id)?;
            HistoryReport::Contact {
                name: known.agreed.name(),
                tier_steps: Relationship::of(&known.agreed).tier_steps(),
                changes: changes
                    .iter()
                    .map(|(run, done)| change_line(run, done))
                    .collect(),
            }
        }
    };
    at.output.present(&report, render)?;
    Ok(Exit::InStep)
}

fn run_line(run: &Run) -> RunLine {
    RunLine {
        run: run.id,
        at: run.at.to_string(),
        command: run.command.clone(),
        changes: run.done,
    }
}

fn change_line(run: &Run, done: &Done) -> ChangeLine {
    let (kind, fields) = match (&done.before, &done.after) {
        (Some(before), Some(after)) => {
            let (before, after) = (before.fields(), after.fields());
            let changed = pairs(&before, &after)
                .into_iter()
                .filter(|pair| !is_unchanged(*pair));
            let fields = changed.filter_map(|(was, is)| {
                Some(FieldChange {
                    field: was.or(is)?.name().to_owned(),
                    before: was.map(|field| field.text()),
                    after: is.map(|field| field.text()),
                })
            });
            ("updated", fields.collect())
        }
        (None, _) => ("added", Vec::new()),
        (Some(_), None) => ("deleted", Vec::new()),
    };
    ChangeLine {
        run: run.id,
        at: run.at.to_string(),
        store: done.store.clone(),
        kind,
        fields,
    }
}

fn render(report: &HistoryReport, page: &Page) -> String {
    match report {
        HistoryReport::Runs { runs } if runs.is_empty() => {
            "No run has changed anything yet.".to_owned()
        }
        HistoryReport::Runs { runs } => {
            let mut table = Table::new(&["run", "when", "changes", "command"])
                .numbers_in(0)
                .numbers_in(2);
            for run in runs {
                table.row([
                    run.run.to_string(),
                    local_time(&run.at),
                    run.changes.to_string(),
                    run.command.clone(),
                ]);
            }
            table.render(page)
        }
        HistoryReport::Contact {
            name,
            tier_steps,
            changes,
        } => {
            let mut lines = vec![page.style.strong(&clean(name))];
            for step in tier_steps {
                lines.push(format!("{}  {}", step.date, clean(&step.told())));
            }
            for change in changes {
                lines.push(format!(
                    "{}  run {}  {} in {}",
                    local_time(&change.at),
                    change.run,
                    change.kind,
                    clean(change.store.as_str())
                ));
                for field in &change.fields {
                    let value = |text: &Option<String>| {
                        text.as_deref().map_or("-".into(), clean).into_owned()
                    };
                    lines.push(format!(
                        "    {}: {} -> {}",
                        clean(&field.field),
                        value(&field.before),
                        value(&field.after)
                    ));
                }
            }
            if changes.is_empty() {
                lines.push("Nothing was changed by a run yet.".to_owned());
            }
            lines.join("\n")
        }
    }
}
