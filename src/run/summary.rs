//! What a run did, for people and for scripts.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::book::{Href, StoreId, Write};
use crate::state::{State, StateError};
use crate::sync::{Applied, ContactPlan, FieldChange, Plan, Question, Refusal, Remark};

use super::{Book, Looked};

/// What a run did to one book, or would do.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct BookSummary {
    pub book: String,
    pub standing: Standing,
    pub stores: BTreeMap<StoreId, StoreSummary>,
    /// Contacts that turned out to be one with another one, which goes on.
    pub merged: usize,
    /// The questions that are open after the run.
    pub questions: Vec<Question>,
    /// Why the run stopped before the first write.
    pub refusals: Vec<String>,
    /// What a dry run, or a run that was stopped, would have written.
    pub planned: Vec<PlannedWrite>,
    /// What was found odd, in the stores or on the way.
    pub remarks: Vec<Remark>,
}

/// How a book stands after a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// All stores hold the same.
    InStep,
    /// All stores hold the same but for what a person has to settle.
    QuestionsOpen,
    /// Some stores or cards failed; the rest is in step.
    Partly,
    /// The guard stopped the run before the first write.
    Stopped,
    /// No store could be used.
    Failed,
}

/// What a run did in one store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StoreSummary {
    /// Cards of known contacts after the run.
    pub cards: usize,
    pub created: usize,
    pub updated: usize,
    pub deleted: usize,
    /// Why the store could not be used, or not to the end.
    pub error: Option<String>,
    /// Cards that it will not have as they are; told when it refused them, counted until they change.
    pub refused: usize,
    /// Entries that are no cards, or could not be read; left as they are.
    pub unusable: usize,
    /// Writes that are still due: the run was asked to stop, or they did not succeed in any round.
    pub left: usize,
    /// Requests that were made to it; 0 for a folder.
    pub requests: usize,
}

/// One write that was decided and not made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PlannedWrite {
    pub store: StoreId,
    pub kind: WriteKind,
    pub name: String,
    pub href: Option<Href>,
    pub changes: Vec<FieldChange>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WriteKind {
    Create,
    Update,
    Delete,
}

impl BookSummary {
    pub(super) fn of(book: &Book) -> Self {
        BookSummary {
            book: book.name.clone(),
            standing: Standing::InStep,
            stores: book
                .terms
                .keys()
                .map(|id| (id.clone(), StoreSummary::default()))
                .collect(),
            merged: 0,
            questions: Vec::new(),
            refusals: Vec::new(),
            planned: Vec::new(),
            remarks: Vec::new(),
        }
    }

    pub(super) fn looked(&mut self, looked: &Looked, draft: &Plan) {
        for (id, error) in &looked.failed {
            self.store(id).error = Some(error.to_string());
        }
        for (id, stock) in &looked.stock {
            self.store(id).unusable = stock.unusable;
        }
        for (id, tally) in &looked.tallies {
            self.store(id).cards = tally.known;
        }
        self.questions = draft.questions.clone();
        self.remark(looked.remarks.iter().chain(&draft.remarks));
        self.stand();
    }

    pub(super) fn refused(&mut self, refusals: Vec<Refusal>, draft: &Plan) {
        self.refusals = refusals.iter().map(ToString::to_string).collect();
        self.plan(draft);
        self.standing = Standing::Stopped;
    }

    pub(super) fn planned(&mut self, draft: &Plan) {
        self.plan(draft);
        for write in self.planned.clone() {
            let store = self.store(&write.store);
            match write.kind {
                WriteKind::Create => store.created += 1,
                WriteKind::Update => store.updated += 1,
                WriteKind::Delete => store.deleted += 1,
            }
        }
    }

    pub(super) fn applied(&mut self, draft: &Plan, applied: &Applied) {
        let unions = draft
            .contacts
            .iter()
            .filter_map(|contact| contact.union.as_ref());
        let decided = unions.filter(|union| !union.questions.is_empty());
        self.merged += decided.map(|union| union.members.len() - 1).sum::<usize>();
        for (id, count) in &applied.created {
            self.store(id).created += count;
        }
        for (id, count) in &applied.updated {
            self.store(id).updated += count;
        }
        for (id, count) in &applied.deleted {
            self.store(id).deleted += count;
        }
        for remark in &applied.refused {
            self.store(&remark.store).refused += 1;
        }
        for (id, count) in &applied.left {
            self.store(id).left = *count;
        }
        for (id, error) in &applied.failed {
            self.store(id).error = Some(error.to_string());
        }
        self.remark(applied.refused.iter().chain(&applied.remarks));
        self.stand();
    }

    /// Tells what the last round left open.
    pub(super) fn unfinished(&mut self, applied: &Applied) {
        for remark in &applied.open {
            self.store(&remark.store).left += 1;
        }
        self.remark(applied.open.iter());
        self.stand();
    }

    /// What is open after the run.
    pub(super) fn asked(&mut self, questions: Vec<Question>) {
        self.questions = questions;
        self.stand();
    }

    pub(super) fn count(&mut self, book: &Book, state: &State) -> Result<(), StateError> {
        for (id, store) in &mut self.stores {
            store.cards = state.count(&self.book, id)?;
            store.refused = store.refused.max(state.refused(&self.book, id)?);
            store.requests = book.stores.get(id).map_or(0, |store| store.requests());
        }
        self.stand();
        Ok(())
    }

    fn store(&mut self, id: &StoreId) -> &mut StoreSummary {
        self.stores.entry(id.clone()).or_default()
    }

    fn remark<'a>(&mut self, remarks: impl Iterator<Item = &'a Remark>) {
        for remark in remarks {
            if !self.remarks.contains(remark) {
                self.remarks.push(remark.clone());
            }
        }
    }

    fn plan(&mut self, draft: &Plan) {
        self.planned = draft.contacts.iter().flat_map(planned_writes).collect();
    }

    fn stand(&mut self) {
        let failed = self
            .stores
            .values()
            .filter(|store| store.error.is_some())
            .count();
        let refused = self
            .stores
            .values()
            .any(|store| store.refused > 0 || store.left > 0 || store.unusable > 0);
        self.standing = if failed > 0 && failed == self.stores.len() {
            Standing::Failed
        } else if failed > 0 || refused {
            Standing::Partly
        } else if !self.questions.is_empty() {
            Standing::QuestionsOpen
        } else {
            Standing::InStep
        };
    }
}

fn planned_writes(contact: &ContactPlan) -> impl Iterator<Item = PlannedWrite> + '_ {
    contact.actions.iter().map(|action| {
        let (kind, href) = match &action.write {
            Write::Create { .. } => (WriteKind::Create, None),
            Write::Restore { href, .. } => (WriteKind::Create, Some(href.clone())),
            Write::Update { href, .. } => (WriteKind::Update, Some(href.clone())),
            Write::Delete { href, .. } => (WriteKind::Delete, Some(href.clone())),
        };
        PlannedWrite {
            store: action.store.clone(),
            kind,
            name: contact.name.clone(),
            href,
            changes: action.changes.clone(),
        }
    })
}
