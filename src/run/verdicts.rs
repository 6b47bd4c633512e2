//! The answers that no run has used to the end yet, as deciding needs them.

use std::collections::{BTreeMap, BTreeSet};

use crate::book::{ContactId, StoreId};
use crate::state::{State, StateError};
use crate::sync::{Alike, Answer, OnePerson, Question, QuestionId};

/// What people decided about the contacts of a book.
#[derive(Debug, Clone, Default)]
pub struct Verdicts {
    /// Whose value is taken for the field that was asked about.
    pub taken: BTreeMap<QuestionId, StoreId>,
    pub unions: Vec<OnePerson>,
    pub apart: Vec<(QuestionId, [ContactId; 2])>,
}

/// Reads the answers of a book.
pub fn verdicts(book: &str, state: &State) -> Result<Verdicts, StateError> {
    let mut verdicts = Verdicts::default();
    let decisions = state.decisions(book)?;
    if decisions.is_empty() {
        return Ok(verdicts);
    }
    let asked: BTreeMap<QuestionId, Alike> = alike(book, state)?
        .into_iter()
        .map(|alike| (alike.id.clone(), alike))
        .collect();
    for (id, choice) in decisions {
        let id = QuestionId::new(id);
        match (choice.parse(), asked.get(&id)) {
            (Ok(Answer::Take(store)), _) => {
                verdicts.taken.insert(id, store);
            }
            (Ok(Answer::Merge(how)), Some(alike)) => verdicts.unions.push(OnePerson {
                question: id,
                contacts: alike.contacts.clone(),
                how,
            }),
            (Ok(Answer::Apart), Some(alike)) => {
                verdicts.apart.push((id, alike.contacts.clone()));
            }
            (Ok(_), None) | (Err(_), _) => {
                tracing::debug!(id = id.as_str(), "an answer to no question is left alone");
            }
        }
    }
    Ok(verdicts)
}

/// The questions about two contacts that a book has open.
pub fn alike(book: &str, state: &State) -> Result<Vec<Alike>, StateError> {
    let questions = state.questions(book)?;
    Ok(questions
        .iter()
        .filter_map(|question| match Question::read(&question.payload) {
            Ok(Question::Duplicate(alike)) => Some(alike),
            Ok(Question::Conflict(_)) | Err(_) => None,
        })
        .collect())
}

impl Verdicts {
    /// Everybody whom an answer is about.
    pub fn contacts(&self) -> BTreeSet<ContactId> {
        let unions = self.unions.iter().flat_map(|union| union.contacts.clone());
        let apart = self.apart.iter().flat_map(|(_, contacts)| contacts.clone());
        unions.chain(apart).collect()
    }
}
