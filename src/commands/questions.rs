//! The open questions of the books, as the state remembers them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use crate::book::{ContactId, Known};
use crate::config;
use crate::state::{State, StateError};
use crate::sync::{Alike, Answer, Merging, Question};
use crate::ui::out::Page;
use crate::ui::review::{Asked, sentence};
use crate::ui::table::Table;

/// A question that is open until a run has used its answer.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct OpenQuestion {
    pub book: String,
    pub question: Question,
    /// The answer that the next run of the book uses, as `answer` takes it.
    pub answered: Option<String>,
}

impl OpenQuestion {
    /// The two contacts, where it is about whether they are one person.
    pub fn alike(&self) -> Option<&Alike> {
        match &self.question {
            Question::Duplicate(alike) => Some(alike),
            Question::Conflict(_) => None,
        }
    }

    /// Whether a run has begun to carry the answer out, so that it cannot be another one any more.
    pub fn is_begun(&self) -> bool {
        self.answered.as_deref().is_some_and(begun)
    }

    /// The answers that fit, as `answer` takes them.
    pub fn choices(&self) -> Vec<String> {
        match &self.question {
            Question::Duplicate(_) => vec!["merge".to_owned(), "apart".to_owned()],
            Question::Conflict(conflicting) => {
                let stores = conflicting.sides.keys();
                stores.map(|store| format!("take {store}")).collect()
            }
        }
    }
}

/// Whether a kept answer is one that a run has begun to carry out.
pub fn begun(choice: &str) -> bool {
    matches!(
        choice.parse(),
        Ok(Answer::Merge(Merging { begun: true, .. }))
    )
}

/// The open questions of these books: contacts alike first, the likeliest before the others, then
/// conflicts. One that another version asked and this one does not understand is told and left out.
pub fn open_questions(
    books: &[&config::Book],
    state: &State,
) -> Result<Vec<OpenQuestion>, StateError> {
    let mut found = Vec::new();
    for book in books {
        let decisions = state.decisions(&book.name)?;
        for open in state.questions(&book.name)? {
            match Question::read(&open.payload) {
                Ok(question) => found.push(OpenQuestion {
                    book: book.name.clone(),
                    question,
                    answered: decisions.get(&open.id).cloned(),
                }),
                Err(_) => tracing::warn!(
                    "Question {} of book `{}` is none that this version understands; it stays open.",
                    open.id,
                    book.name
                ),
            }
        }
    }
    found.sort_by_cached_key(|open| {
        let Question::Duplicate(alike) = &open.question else {
            return (1, Reverse(0), key(open));
        };
        // Millionths, because a float has no order. What a person brought together comes first.
        let score = (alike.score.unwrap_or(1.0).clamp(0.0, 1.0) * 1e6) as u32;
        let score = score + u32::from(alike.is_certain) * 2_000_000;
        (0, Reverse(score), key(open))
    });
    Ok(found)
}

/// The same with the cards that they are about, for showing. Left out is a question of two contacts
/// of which one is not there any more, which the next run closes, and one whose answer a run has
/// begun to carry out.
pub fn with_cards(open: &[OpenQuestion], state: &State) -> Result<Vec<Asked>, StateError> {
    let mut ids: BTreeMap<&str, BTreeSet<ContactId>> = BTreeMap::new();
    for open in open {
        let ids = ids.entry(&open.book).or_default();
        match &open.question {
            Question::Duplicate(alike) => ids.extend(alike.contacts.iter().cloned()),
            Question::Conflict(conflicting) => {
                ids.insert(conflicting.contact.clone());
            }
        }
    }
    let mut known: BTreeMap<&str, BTreeMap<ContactId, Known>> = BTreeMap::new();
    for (book, ids) in ids {
        for contact in state.contacts(book, &ids)? {
            known
                .entry(book)
                .or_default()
                .insert(contact.id.clone(), contact);
        }
    }
    let mut asked = Vec::new();
    for open in open.iter().filter(|open| !open.is_begun()) {
        let known = |id: &ContactId| known.get(open.book.as_str())?.get(id);
        let contacts: Vec<&Known> = match &open.question {
            Question::Duplicate(alike) => {
                let both = alike.contacts.iter().map(known);
                match both.collect::<Option<Vec<_>>>() {
                    Some(both) => both,
                    None => continue,
                }
            }
            Question::Conflict(conflicting) => known(&conflicting.contact).into_iter().collect(),
        };
        asked.push(Asked {
            book: open.book.clone(),
            cards: contacts.iter().map(|known| known.agreed.clone()).collect(),
            stores: match &open.question {
                Question::Duplicate(_) => contacts
                    .iter()
                    .map(|known| known.stores.keys().cloned().collect())
                    .collect(),
                Question::Conflict(_) => Vec::new(),
            },
            answered: open
                .answered
                .as_deref()
                .and_then(|text| text.parse::<Answer>().ok()),
            question: open.question.clone(),
        });
    }
    Ok(asked)
}

/// The questions as a table, and how to answer them.
pub fn table(open: &[OpenQuestion], page: &Page) -> String {
    if open.is_empty() {
        return "No questions are open.".to_owned();
    }
    let mut table = Table::new(&["id", "book", "question", "answers", "answered"]);
    for open in open {
        // A merge may come with a whole card.
        let answered = open
            .answered
            .as_deref()
            .and_then(|text| text.split(" {").next());
        table.row([
            open.question.id().as_str(),
            &open.book,
            &sentence(&open.question),
            &open.choices().join(", "),
            answered.unwrap_or(""),
        ]);
    }
    format!(
        "{}\n`cardweave review` asks them on a terminal; `cardweave answer ID ANSWER` answers one.",
        table.render(page)
    )
}

fn key(open: &OpenQuestion) -> (String, String, String) {
    (
        open.question.name().to_owned(),
        open.book.clone(),
        open.question.id().to_string(),
    )
}
