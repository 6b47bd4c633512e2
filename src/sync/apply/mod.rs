//! Does what was decided: the one place where the core meets stores and state.
//!
//! Creations and updates first, everywhere, then deletions, so that nothing is ever taken away
//! before what shall stay of it is safe. Each success is recorded in one transaction before the
//! next is counted on, and what a server made of a card is read back and recorded as its baseline.
//! Being stopped anywhere costs a repeat, never a card.

mod read_back;
mod record;
mod work;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use crate::book::{StoreId, Write};
use crate::state::{RunId, State, StateError};
use crate::store::{Store, StoreError};

use super::action::Remark;
use super::{Action, Plan, Watch};

use record::record_decisions;
use work::Work;

/// What became of a plan.
#[derive(Debug, Default)]
pub struct Applied {
    pub created: BTreeMap<StoreId, usize>,
    pub updated: BTreeMap<StoreId, usize>,
    pub deleted: BTreeMap<StoreId, usize>,
    /// Writes that a store would not make, in words.
    pub refused: Vec<Remark>,
    /// Stores that failed as a whole.
    pub failed: BTreeMap<StoreId, StoreError>,
    /// Writes that were not begun because the run was asked to stop.
    pub left: BTreeMap<StoreId, usize>,
    /// Writes that somebody else was faster than, or whose outcome is not known, in words: the
    /// path is worth walking again.
    pub open: Vec<Remark>,
    /// Stores whose news could not all be passed on, so that they have to be told again.
    pub untold: BTreeSet<StoreId>,
    /// What was learnt about stores on the way.
    pub remarks: Vec<Remark>,
}

/// Where and as what a plan is carried out.
pub struct Site<'a> {
    pub book: &'a str,
    pub stores: &'a BTreeMap<StoreId, Box<dyn Store>>,
    pub state: &'a mut State,
    pub run: RunId,
    /// How often the path was walked before in this run; a name that was taken then is varied.
    pub round: u32,
    pub watch: &'a dyn Watch,
    /// Set from outside: finish the writes at hand and begin no other.
    pub stop: &'a Cell<bool>,
}

/// Carries out a plan.
///
/// # Errors
/// Only the state can end it. A store that fails stops for itself and is reported in [`Applied`].
pub async fn apply(plan: &Plan, site: Site<'_>) -> Result<Applied, StateError> {
    record_decisions(plan, site.book, site.run, site.state)?;
    let Site {
        book,
        stores,
        state,
        run,
        round,
        watch,
        stop,
    } = site;
    let work = Work {
        book,
        run,
        round,
        watch,
        stop,
        state: RefCell::new(state),
        applied: RefCell::new(Applied {
            untold: plan.untold.clone(),
            ..Applied::default()
        }),
        trouble: RefCell::new(None),
        undeleted: RefCell::default(),
        unwritten: RefCell::default(),
        kept: RefCell::default(),
    };
    let is_delete = |action: &Action| matches!(action.write, Write::Delete { .. });
    work.phase(plan, stores, |action| !is_delete(action)).await;
    work.phase(plan, stores, is_delete).await;
    work.end_contacts(plan);
    match work.trouble.into_inner() {
        Some(error) => Err(error),
        None => Ok(work.applied.into_inner()),
    }
}
