//! `undo`: takes a run back, in every store.

use std::collections::BTreeMap;
use std::rc::Rc;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::book::StoreId;
use crate::cli::Undo;
use crate::run::{Undone, undo_run};
use crate::ui::out::Page;
use crate::ui::progress::Bars;
use crate::ui::text::clean;

use super::open::{open_book, open_state};
use super::{Exit, Surroundings, Trouble};

/// What `undo --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UndoReport {
    /// The run that was taken back.
    pub run: i64,
    pub stores: BTreeMap<StoreId, usize>,
    /// What was left as it is, and why.
    pub left: Vec<String>,
}

pub async fn execute(typed: &Undo, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let config = at.config()?;
    let mut state = open_state(at)?;
    let run = match typed.run {
        Some(run) => run,
        None => match state.last_run()? {
            Some(run) => run.id,
            None => {
                return Err(Trouble::Asked(
                    "No run has changed anything yet.".to_owned(),
                ));
            }
        },
    };
    let done = state.done(run)?;
    let mut joined = BTreeMap::new();
    for book in &config.books {
        joined.insert(&book.name, state.joined(&book.name, Some(run), None)?);
    }
    if done.is_empty() && joined.values().all(Vec::is_empty) {
        return Err(Trouble::Asked(format!(
            "Run {run} changed nothing that could be taken back. `cardweave history` shows the runs."
        )));
    }
    let bars = Rc::new(Bars::new(at.screen.clone()));
    let mut report = UndoReport {
        run,
        stores: BTreeMap::new(),
        left: Vec::new(),
    };
    let begun = state.transaction(|tx| tx.begin_run(Timestamp::now(), &format!("undo {run}")))?;
    for chosen in &config.books {
        let of_book: Vec<_> = done
            .iter()
            .filter(|done| done.book == chosen.name)
            .cloned()
            .collect();
        let joined = joined.remove(&chosen.name).unwrap_or_default();
        if of_book.is_empty() && joined.is_empty() {
            continue;
        }
        let book = open_book(&config, chosen, &state, bars.clone()).await?;
        let Undone { stores, left, .. } =
            undo_run(&book, &mut state, begun, of_book, &joined, &*bars).await?;
        for (store, count) in stores {
            *report.stores.entry(store).or_default() += count;
        }
        report.left.extend(left);
    }
    at.output.present(&report, render)?;
    Ok(if report.left.is_empty() {
        Exit::InStep
    } else {
        Exit::Partly
    })
}

fn render(report: &UndoReport, page: &Page) -> String {
    let mut lines = brought_back(&report.stores, &report.left, page);
    lines.push(format!(
        "Run {} is taken back. The next `cardweave sync` passes that on like any edit; who met for \
         the first time in it meets again.",
        report.run
    ));
    lines.join("\n")
}

/// What was brought back in each store, and what was left alone.
pub(super) fn brought_back(
    stores: &BTreeMap<StoreId, usize>,
    left: &[String],
    page: &Page,
) -> Vec<String> {
    let counted = stores
        .iter()
        .map(|(store, count)| format!("{}: {count} brought back", clean(store.as_str())));
    let warnings = left.iter().map(|left| page.style.warning(&clean(left)));
    counted.chain(warnings).collect()
}
