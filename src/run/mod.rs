//! One run over a book: the path from the stores to the summary, in one function.

mod look;
mod summary;
mod swapped;
mod undo;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use jiff::Timestamp;

use crate::book::{Keeps, StoreId};
use crate::merge::Conflicts;
use crate::state::{OpenQuestion, State, StateError};
use crate::store::{Store, StoreError};
use crate::sync::{
    Applied, Plan, QuestionId, Site, Situation, StoreFacts, Watch, apply, guard, plan,
};

pub use look::{Looked, look};
pub use summary::{BookSummary, PlannedWrite, Standing, StoreSummary, WriteKind};
pub use undo::{Undone, undo_run};

/// How often the path is walked again because somebody else changed something meanwhile.
const ROUNDS: u32 = 3;

/// The stores of a book, opened.
pub struct Book {
    pub name: String,
    pub conflicts: Conflicts,
    pub stores: BTreeMap<StoreId, Box<dyn Store>>,
    pub terms: BTreeMap<StoreId, Terms>,
    /// Stores that could not even be opened.
    pub unopened: BTreeMap<StoreId, StoreError>,
}

/// What the config says of a store's part in its book.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    pub writable: bool,
    /// Properties that never go there and are never taken from there.
    pub omit: Vec<String>,
}

/// How a run is meant.
#[derive(Debug, Clone)]
pub struct Options {
    pub dry_run: bool,
    /// Let through what the guard would stop.
    pub accept_deletes: bool,
    pub at: Timestamp,
    /// As typed, for the history.
    pub command: String,
    /// Set while the run goes on: stop after the writes at hand.
    pub stop: Rc<Cell<bool>>,
}

/// Brings the stores of a book in step.
///
/// # Errors
/// Only the state ends a run. A store that fails is named in the summary, and the others go on.
pub async fn run(
    book: &Book,
    state: &mut State,
    options: &Options,
    watch: &dyn Watch,
) -> Result<BookSummary, StateError> {
    let mut summary = BookSummary::of(book);
    let mut run = None;
    for round in 0..ROUNDS {
        let looked = look(book, state, options.at, watch).await?;
        let situation = situate(book, state, &looked)?;
        let draft = plan(&situation);
        summary.looked(&looked, &draft);

        if !options.accept_deletes
            && let Err(refusals) = guard(&draft, &looked.tallies)
        {
            summary.refused(refusals, &draft);
            return Ok(summary);
        }
        if options.dry_run {
            summary.planned(&draft);
            return Ok(summary);
        }
        let has_work = draft
            .contacts
            .iter()
            .any(|contact| !contact.actions.is_empty());
        let run = match run {
            Some(run) => run,
            None if has_work => {
                let begun = state.transaction(|tx| tx.begin_run(options.at, &options.command))?;
                *run.insert(begun)
            }
            None => 0,
        };
        let site = Site {
            book: &book.name,
            stores: &book.stores,
            state,
            run,
            round,
            watch,
            stop: &options.stop,
        };
        let applied = apply(&draft, site).await?;
        remember(book, state, options.at, &looked, &draft, &applied)?;
        summary.applied(&applied);
        if applied.open.is_empty() {
            break;
        }
        if options.stop.get() || round + 1 == ROUNDS {
            summary.unfinished(&applied);
            break;
        }
    }
    state.sweep()?;
    summary.count(book, state)?;
    Ok(summary)
}

/// Everything that deciding needs, from what was found and what is remembered.
pub fn situate(book: &Book, state: &State, looked: &Looked) -> Result<Situation, StateError> {
    let mut stores = BTreeMap::new();
    for (id, terms) in &book.terms {
        let store = book.stores.get(id);
        let facts = StoreFacts {
            available: store.is_some() && !looked.failed.contains_key(id),
            writable: terms.writable,
            keeps: store.map_or(Keeps::LEAST, |store| store.keeps()),
            omit: terms.omit.clone(),
            drops: state.store_note(&book.name, id)?.drops,
        };
        stores.insert(id.clone(), facts);
    }
    let answers = state
        .decisions(&book.name)?
        .into_iter()
        .filter_map(|(id, choice)| {
            let store = choice.strip_prefix("take ")?;
            Some((QuestionId::new(id), StoreId::new(store.trim())))
        });
    Ok(Situation {
        stores,
        touched: looked.touched.clone(),
        newcomers: looked.newcomers.clone(),
        conflicts: book.conflicts.clone(),
        answers: answers.collect(),
    })
}

/// Saves where each store was left, so that the next run asks only for what moved since.
fn remember(
    book: &Book,
    state: &mut State,
    at: Timestamp,
    looked: &Looked,
    draft: &Plan,
    applied: &Applied,
) -> Result<(), StateError> {
    let asked: BTreeSet<String> = state
        .questions(&book.name)?
        .into_iter()
        .map(|question| question.id)
        .collect();
    let open: BTreeSet<&str> = draft
        .questions
        .iter()
        .map(|question| question.id().as_str())
        .collect();
    state.transaction(|tx| {
        for (store, stock) in &looked.stock {
            let memo = book.stores.get(store).and_then(|store| store.memo());
            if let Some(memo) = memo.filter(|_| stock.complete) {
                tx.set_saved(&book.name, store, &memo)?;
            }
            // What it refused in this very run is an answer; what it refused long ago may not be.
            let refused_now = applied.refused.iter().any(|remark| remark.store == *store);
            if stock.is_thorough && !refused_now {
                tx.offer_again(&book.name, store)?;
            }
            for href in &stock.cleared {
                tx.clear_aside(&book.name, store, href)?;
            }
            for (href, aside) in &stock.aside {
                tx.put_aside(&book.name, store, href, aside)?;
            }
            if !applied.untold.contains(store) && stock.cursor_moved {
                tx.set_cursor(&book.name, store, &stock.cursor, stock.complete, at)?;
            }
            let error = applied.failed.get(store).map(ToString::to_string);
            tx.note_run(&book.name, store, at, error.as_deref())?;
        }
        for (store, error) in &looked.failed {
            tx.note_run(&book.name, store, at, Some(&error.to_string()))?;
        }
        for question in &draft.questions {
            let question = OpenQuestion {
                id: question.id().as_str().to_owned(),
                contact: question.contact().clone(),
                payload: question.payload(),
            };
            tx.put_question(&book.name, &question)?;
        }
        for settled in asked.iter().filter(|id| !open.contains(id.as_str())) {
            tx.close_question(&book.name, settled)?;
            tx.decision_used(&book.name, settled)?;
        }
        Ok(())
    })
}
