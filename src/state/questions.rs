//! The open questions, and the answers that wait to be used.

use std::collections::BTreeMap;

use rusqlite::params;

use super::error::StateError;
use super::{State, Tx};
use crate::book::ContactId;
use crate::sync::Question;

/// A question that no run could settle. What it asks is the core's business: here it is text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenQuestion {
    /// The same question has the same id in every run and on every machine.
    pub id: String,
    pub contact: ContactId,
    /// JSON; whoever wrote it reads it.
    pub payload: String,
}

impl From<Question> for OpenQuestion {
    fn from(question: Question) -> Self {
        OpenQuestion {
            id: question.id().as_str().to_owned(),
            contact: question.contact().clone(),
            payload: question.payload(),
        }
    }
}

impl State {
    /// The questions of a book that are still open, by id. An answered one stays until it is
    /// closed, for the run that uses the answer.
    pub fn questions(&self, book: &str) -> Result<Vec<OpenQuestion>, StateError> {
        self.ask("Reading the open questions", |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, contact, payload FROM question WHERE book = ?1 ORDER BY id",
            )?;
            let questions = statement.query_map([book], |row| {
                Ok(OpenQuestion {
                    id: row.get(0)?,
                    contact: ContactId::new(row.get::<_, String>(1)?),
                    payload: row.get(2)?,
                })
            })?;
            Ok(questions.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The answers that no run has used yet: the question's id, and the choice.
    pub fn decisions(&self, book: &str) -> Result<BTreeMap<String, String>, StateError> {
        self.ask("Reading the answers", |connection| {
            let mut statement =
                connection.prepare_cached("SELECT id, choice FROM decision WHERE book = ?1")?;
            let decisions = statement.query_map([book], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(decisions.collect::<rusqlite::Result<_>>()?)
        })
    }
}

impl Tx<'_> {
    /// Opens a question, or renews the one with the same id.
    pub fn put_question(&self, book: &str, question: &OpenQuestion) -> Result<(), StateError> {
        let OpenQuestion {
            id,
            contact,
            payload,
        } = question;
        self.make("Saving a question", |connection| {
            connection
                .prepare_cached(
                    "INSERT INTO question (book, id, contact, payload) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT DO UPDATE SET contact = excluded.contact, \
                                               payload = excluded.payload",
                )?
                .execute(params![book, id, contact.as_str(), payload])?;
            Ok(())
        })
    }

    /// Closes a question. An answer to it stays until [`Tx::decision_used`].
    pub fn close_question(&self, book: &str, id: &str) -> Result<(), StateError> {
        self.make("Closing a question", |connection| {
            connection
                .prepare_cached("DELETE FROM question WHERE book = ?1 AND id = ?2")?
                .execute([book, id])?;
            Ok(())
        })
    }

    /// Answers the open question `id`, in whatever book it stands; a later answer replaces an
    /// earlier one. Returns whether there is such a question.
    pub fn answer(&self, id: &str, choice: &str) -> Result<bool, StateError> {
        self.make("Saving an answer", |connection| {
            let answered = connection
                .prepare_cached(
                    "INSERT INTO decision (book, id, choice)
                     SELECT book, id, ?2 FROM question WHERE id = ?1
                     ON CONFLICT DO UPDATE SET choice = excluded.choice",
                )?
                .execute([id, choice])?;
            Ok(answered > 0)
        })
    }

    /// Takes back the answer to the open question `id`, in whatever book it stands. Returns whether
    /// there was one.
    pub fn unanswer(&self, id: &str) -> Result<bool, StateError> {
        self.make("Taking an answer back", |connection| {
            let forgotten = connection
                .prepare_cached("DELETE FROM decision WHERE id = ?1")?
                .execute([id])?;
            Ok(forgotten > 0)
        })
    }

    /// Puts this answer in the place of the one that was given to a question of a book.
    pub fn answer_in(&self, book: &str, id: &str, choice: &str) -> Result<(), StateError> {
        self.make("Saving an answer", |connection| {
            connection
                .prepare_cached(
                    "INSERT INTO decision (book, id, choice) VALUES (?1, ?2, ?3)
                     ON CONFLICT DO UPDATE SET choice = excluded.choice",
                )?
                .execute([book, id, choice])?;
            Ok(())
        })
    }

    /// Forgets an answer after a run has acted on it.
    pub fn decision_used(&self, book: &str, id: &str) -> Result<(), StateError> {
        self.make("Forgetting a used answer", |connection| {
            connection
                .prepare_cached("DELETE FROM decision WHERE book = ?1 AND id = ?2")?
                .execute([book, id])?;
            Ok(())
        })
    }
}
