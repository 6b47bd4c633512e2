//! `merge`: makes one contact of two, in every store.

use crate::book::Known;
use crate::cli::{Merge, Sync};
use crate::state::{OpenQuestion, StateError, Tx};
use crate::sync::{Alike, Answer, Merging, Question};
use crate::ui::text::clean;

use super::contact::find;
use super::open::open_state;
use super::sync::{exit, render, run_books, warn};
use super::{Exit, Surroundings, Trouble};

pub async fn execute(typed: &Merge, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let config = at.config()?;
    let mut state = open_state(at)?;
    let (book, goes_on) = find(&config, &state, &typed.contact)?;
    let (other_book, other) = find(&config, &state, &typed.other)?;
    if book != other_book {
        return Err(Trouble::Asked(format!(
            "\"{}\" is in book \"{}\" and \"{}\" in book \"{}\". Only contacts of one book can \
             become one. Nothing was changed.",
            clean(&goes_on.agreed.name()),
            clean(&book),
            clean(&other.agreed.name()),
            clean(&other_book)
        )));
    }
    if goes_on.id == other.id {
        return Err(Trouble::Asked(format!(
            "Both names mean \"{}\". Nothing was changed. Say which two contacts by their e-mail \
             addresses or the start of their UIDs; `cardweave list` shows everybody.",
            clean(&goes_on.agreed.name())
        )));
    }
    let answer = Answer::Merge(Merging {
        keep: Some(goes_on.id.clone()),
        ..Merging::default()
    });
    state.transaction(|tx| decide(tx, &book, [&goes_on, &other], &answer))?;
    drop(state);

    let this_book = Sync {
        books: vec![book],
        ..Sync::default()
    };
    let command = format!("merge {:?} {:?}", typed.contact, typed.other);
    let report = run_books(&config, &this_book, &command, at).await?;
    at.output.present(&report, render)?;
    report.books.iter().for_each(warn);
    Ok(exit(&report))
}

/// Keeps an answer about two contacts whom nobody but a person brought together.
pub(super) fn decide(
    tx: &Tx,
    book: &str,
    both: [&Known; 2],
    answer: &Answer,
) -> Result<(), StateError> {
    let contacts = both.map(|known| known.id.clone());
    let alike = Alike::by_hand(contacts, both.map(|known| known.agreed.name()));
    let question = OpenQuestion::from(Question::Duplicate(alike));
    tx.put_question(book, &question)?;
    tx.answer_in(book, &question.id, &answer.to_string())
}
