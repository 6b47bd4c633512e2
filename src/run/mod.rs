//! One run over a book: the path from the stores to the summary, in one function.

mod alike;
mod look;
mod part;
mod summary;
mod swapped;
mod undo;
mod verdicts;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use jiff::Timestamp;

use crate::book::{ContactId, Keeps, StoreId};
use crate::config::Duplicates;
use crate::merge::Conflicts;
use crate::state::{OpenQuestion, RunId, State, StateError};
use crate::store::{Store, StoreError};
use crate::sync::{
    Answer, Applied, Merging, Plan, Question, Site, Situation, StoreFacts, Watch, apply, guard,
    plan,
};

use alike::look_for_alike;

pub use alike::{profiles, unanswered};
pub use look::{Looked, look};
pub use summary::{BookSummary, PlannedWrite, Standing, StoreSummary, WriteKind};
pub use undo::{Undone, undo_run};
pub use verdicts::{Verdicts, alike, verdicts};

/// How often the path is walked again because somebody else changed something meanwhile.
const ROUNDS: u32 = 3;

/// How often the path is walked because contacts turned out to be one person with certainty: a
/// merge may make another one certain.
const WALKS: u32 = 3;

/// The stores of a book, opened.
pub struct Book {
    pub name: String,
    pub conflicts: Conflicts,
    pub duplicates: Duplicates,
    /// A tier is a category too.
    pub mirror_tiers: bool,
    /// ISO 3166 code, for phone numbers without a country code.
    pub region: Option<String>,
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
    let mut walk = Walk {
        book,
        options,
        watch,
        summary: BookSummary::of(book),
        run: None,
    };
    for _ in 0..WALKS {
        if !walk.through(state).await? {
            return Ok(walk.summary);
        }
        if options.stop.get() {
            break;
        }
        let certain = look_for_alike(book, state)?;
        if certain.is_empty() {
            break;
        }
        state.transaction(|tx| {
            let merge = Answer::Merge(Merging::default()).to_string();
            for question in &certain {
                tx.answer_in(&book.name, question.as_str(), &merge)?;
            }
            Ok(())
        })?;
    }
    let mut summary = walk.summary;
    state.sweep()?;
    summary.asked(unanswered(&book.name, state)?);
    summary.count(book, state)?;
    Ok(summary)
}

/// One run on its way.
struct Walk<'a> {
    book: &'a Book,
    options: &'a Options,
    watch: &'a dyn Watch,
    summary: BookSummary,
    /// Its number in the history, once it has anything to do.
    run: Option<RunId>,
}

impl Walk<'_> {
    /// Walks the path from the stores to the state. Returns whether it was walked to its end.
    async fn through(&mut self, state: &mut State) -> Result<bool, StateError> {
        let (book, options, watch) = (self.book, self.options, self.watch);
        for round in 0..ROUNDS {
            let looked = look(book, state, options.at, watch).await?;
            let situation = situate(book, state, &looked)?;
            let draft = plan(&situation);
            self.summary.looked(&looked, &draft);

            if !options.accept_deletes
                && let Err(refusals) = guard(&draft, &looked.tallies)
            {
                self.summary.refused(refusals, &draft);
                return Ok(false);
            }
            if options.dry_run {
                self.summary.planned(&draft);
                return Ok(false);
            }
            let run = self.begin(&draft, state)?;
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
            self.summary.applied(&draft, &applied);
            if applied.open.is_empty() {
                break;
            }
            if options.stop.get() || round + 1 == ROUNDS {
                self.summary.unfinished(&applied);
                break;
            }
        }
        Ok(true)
    }

    /// The number of the run; 0 while there is nothing to do that the history would tell.
    fn begin(&mut self, draft: &Plan, state: &mut State) -> Result<RunId, StateError> {
        let mut contacts = draft.contacts.iter();
        let has_work =
            contacts.any(|contact| !contact.actions.is_empty() || contact.union.is_some());
        match self.run {
            Some(run) => Ok(run),
            None if has_work => {
                let Options { at, command, .. } = self.options;
                let begun = state.transaction(|tx| tx.begin_run(*at, command))?;
                Ok(*self.run.insert(begun))
            }
            None => Ok(0),
        }
    }
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
    let Verdicts {
        taken,
        unions,
        apart,
    } = looked.verdicts.clone();
    Ok(Situation {
        stores,
        touched: looked.touched.clone(),
        others: looked.others.clone(),
        newcomers: looked.newcomers.clone(),
        people: looked.people.clone(),
        conflicts: book.conflicts.clone(),
        answers: taken,
        unions,
        apart: apart.into_iter().map(|(_, contacts)| contacts).collect(),
        mirror_tiers: book.mirror_tiers,
        today: looked.today,
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
        .filter(|question| !is_about_two(question))
        .map(|question| question.id)
        .collect();
    let settled_pairs = settled_pairs(book, state, looked, draft)?;
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
        if let Some(mirrored) = looked.mirrored {
            tx.set_mirrored(&book.name, mirrored)?;
        }
        for question in &draft.questions {
            tx.put_question(&book.name, &question.clone().into())?;
        }
        let settled = asked.iter().filter(|id| !open.contains(id.as_str()));
        for settled in settled.chain(&settled_pairs) {
            tx.close_question(&book.name, settled)?;
            tx.decision_used(&book.name, settled)?;
        }
        Ok(())
    })
}

fn is_about_two(question: &OpenQuestion) -> bool {
    matches!(
        Question::read(&question.payload),
        Ok(Question::Duplicate(_))
    )
}

/// The questions about two contacts whose answers are carried out: nothing is left of the one, or
/// both cards say who they are not.
fn settled_pairs(
    book: &Book,
    state: &State,
    looked: &Looked,
    draft: &Plan,
) -> Result<Vec<String>, StateError> {
    let verdicts = &looked.verdicts;
    let known = state.contacts(&book.name, &verdicts.contacts())?;
    let goes_on = |id: &ContactId| {
        let known = known.iter().find(|known| known.id == *id);
        known.is_some_and(|known| {
            known.stores.is_empty() || known.stores.values().any(|held| !held.let_go)
        })
    };
    let unions = verdicts
        .unions
        .iter()
        .filter(|union| !union.contacts.iter().all(goes_on))
        .map(|union| &union.question);
    let is_planned = |id: &ContactId| draft.contacts.iter().any(|contact| contact.id == *id);
    let apart = verdicts
        .apart
        .iter()
        .filter(|(_, contacts)| contacts.iter().all(|id| is_planned(id) || !goes_on(id)))
        .map(|(question, _)| question);
    Ok(unions
        .chain(apart)
        .map(|question| question.as_str().to_owned())
        .collect())
}
