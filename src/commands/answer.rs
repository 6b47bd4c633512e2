//! `answer`: answers one open question without a terminal.

use schemars::JsonSchema;
use serde::Serialize;

use crate::card::Card;
use crate::cli;
use crate::run::BookSummary;
use crate::sync::{Answer, Question};
use crate::ui::review::sentence;
use crate::ui::text::clean;

use super::open::{books, look_at_state, open_state};
use super::questions::{OpenQuestion, open_questions};
use super::sync;
use super::{Exit, Surroundings, Trouble};

/// What `answer --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AnswerReport {
    /// The id of the question.
    pub id: String,
    pub answer: String,
    /// What the run did that used the answer.
    pub books: Vec<BookSummary>,
}

/// How many open questions a message names.
const NAMED: usize = 8;

pub async fn execute(typed: &cli::Answer, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let config = at.config()?;
    let open = open_questions(&books(&config, &[])?, &look_at_state(at)?)?;
    let asked = find(&open, &typed.id)?;
    let answer = read(&typed.choice.join(" "), asked)?;
    if asked.is_begun() {
        return Err(Trouble::Asked(format!(
            "A run has begun to merge these two, and the next one ends it. Nothing was changed; \
             afterwards `cardweave split` parts them again. Question: {}.",
            asked.question.id()
        )));
    }
    let id = asked.question.id().to_string();
    let is_open = open_state(at)?.transaction(|tx| tx.answer(&id, &answer.to_string()))?;
    if !is_open {
        let settled = format!("Question {id} was settled meanwhile; nothing was changed.");
        return Err(Trouble::Asked(settled));
    }
    let mut command = format!("answer {id} {}", short(&answer));
    if let Some(reason) = &typed.reason {
        command.push_str(&format!(" --reason \"{reason}\""));
    }
    let this_book = cli::Sync {
        books: vec![asked.book.clone()],
        ..cli::Sync::default()
    };
    let run = sync::run_books(&config, &this_book, &command, at).await?;
    let report = AnswerReport {
        id,
        answer: answer.to_string(),
        books: run.books.clone(),
    };
    at.output
        .present(&report, |_, page| sync::render(&run, page))?;
    run.books.iter().for_each(sync::warn);
    Ok(sync::exit(&run))
}

fn find<'o>(open: &'o [OpenQuestion], id: &str) -> Result<&'o OpenQuestion, Trouble> {
    let id = id.trim().to_lowercase();
    if let Some(found) = open.iter().find(|open| open.question.id().as_str() == id) {
        return Ok(found);
    }
    if open.is_empty() {
        let nothing = "No questions are open. Nothing was changed.".to_owned();
        return Err(Trouble::Asked(nothing));
    }
    let mut near: Vec<&OpenQuestion> = open.iter().collect();
    // Stable: what is equally near stays in the order of the list.
    near.sort_by_key(|open| strsim::levenshtein(open.question.id().as_str(), &id));
    let mut lines: Vec<String> = near
        .iter()
        .take(NAMED)
        .map(|open| {
            format!(
                "  {}  {}",
                open.question.id(),
                clean(&sentence(&open.question))
            )
        })
        .collect();
    if near.len() > NAMED {
        lines.push(format!(
            "  and {} more; `cardweave review --list` shows all",
            near.len() - NAMED
        ));
    }
    Err(Trouble::Asked(format!(
        "No open question has the id \"{}\". Nothing was changed. These are open:\n{}",
        clean(&id),
        lines.join("\n")
    )))
}

/// The answer that was typed, if it is one to this question.
fn read(choice: &str, asked: &OpenQuestion) -> Result<Answer, Trouble> {
    let refuse = |why: String| Err(Trouble::Asked(format!("{why} Nothing was changed.")));
    if let "accept" | "decline" | "withdraw" = choice {
        return refuse(format!(
            "`{choice}` answers a proposal, and there are no proposals yet."
        ));
    }
    let fitting = || {
        let choices = asked.choices();
        let choices: Vec<String> = choices.iter().map(|choice| format!("`{choice}`")).collect();
        clean(&choices.join(", ")).into_owned()
    };
    let Ok(answer) = choice.parse::<Answer>() else {
        let choice = clean(choice);
        return refuse(format!(
            "\"{choice}\" is no answer; this question takes {}.",
            fitting()
        ));
    };
    match (&answer, &asked.question) {
        (Answer::Take(store), Question::Conflict(conflicting))
            if !conflicting.sides.contains_key(store) =>
        {
            let store = clean(store.as_str()).into_owned();
            refuse(format!(
                "Store `{store}` is not part of this question; it takes {}.",
                fitting()
            ))
        }
        (Answer::Merge(merging), Question::Duplicate(alike)) => {
            let mut named = merging.keep.iter().chain(merging.take.values());
            if named.any(|contact| !alike.contacts.contains(contact)) {
                return refuse("A merge can keep and take from its two contacts alone.".to_owned());
            }
            match merging
                .card
                .as_ref()
                .map(|text| Card::parse(text.as_bytes()))
            {
                Some(Err(error)) => refuse(format!("That card is none: {error}.")),
                Some(Ok(_)) | None => Ok(answer),
            }
        }
        (Answer::Take(_), Question::Conflict(_)) | (Answer::Apart, Question::Duplicate(_)) => {
            Ok(answer)
        }
        (Answer::Take(_), Question::Duplicate(_)) => refuse(format!(
            "This question is whether two contacts are one person; it takes {}.",
            fitting()
        )),
        (Answer::Merge(_) | Answer::Apart, Question::Conflict(_)) => refuse(format!(
            "This question is which value of a field is right; it takes {}.",
            fitting()
        )),
    }
}

/// The answer for the history: a merge may come with a whole card.
fn short(answer: &Answer) -> String {
    match answer {
        Answer::Merge(_) => "merge".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::book::{ContactId, StoreId};
    use crate::sync::{Alike, Conflicting, QuestionId};

    fn conflict() -> OpenQuestion {
        let sides = ["phone", "laptop"].map(|store| (StoreId::new(store), None));
        OpenQuestion {
            book: "people".into(),
            question: Question::Conflict(Conflicting {
                id: QuestionId::new("0a1b2c3d"),
                contact: ContactId::new("a"),
                name: "Ada".into(),
                field: "NOTE".into(),
                agreed: None,
                sides: BTreeMap::from(sides),
            }),
            answered: None,
        }
    }

    fn duplicate() -> OpenQuestion {
        OpenQuestion {
            book: "people".into(),
            question: Question::Duplicate(Alike {
                id: QuestionId::new("ffffffff"),
                contacts: ["a", "b"].map(ContactId::new),
                names: ["Ada", "A."].map(str::to_owned),
                score: Some(0.9),
                is_certain: false,
                reasons: Vec::new(),
            }),
            answered: None,
        }
    }

    fn refusal(choice: &str, asked: &OpenQuestion) -> String {
        read(choice, asked).unwrap_err().to_string()
    }

    #[test]
    fn an_answer_that_fits_is_taken() {
        for (choice, asked) in [
            ("take phone", conflict()),
            ("merge", duplicate()),
            ("apart", duplicate()),
            ("merge {\"keep\":\"b\"}", duplicate()),
        ] {
            assert!(read(choice, &asked).is_ok(), "{choice}");
        }
    }

    #[test]
    fn one_that_does_not_fit_is_told_what_does() {
        for (choice, asked, told) in [
            ("take fon", conflict(), "`take laptop`, `take phone`"),
            ("merge", conflict(), "`take laptop`, `take phone`"),
            ("apart", conflict(), "which value"),
            ("take phone", duplicate(), "`merge`, `apart`"),
            ("perhaps", duplicate(), "`merge`, `apart`"),
            ("accept", duplicate(), "no proposals yet"),
            ("withdraw", conflict(), "no proposals yet"),
            ("merge {\"keep\":\"z\"}", duplicate(), "its two contacts"),
            ("merge {\"card\":\"x\"}", duplicate(), "none"),
        ] {
            let refusal = refusal(choice, &asked);
            assert!(refusal.contains(told), "{choice}: {refusal}");
            assert!(refusal.contains("Nothing was changed"), "{refusal}");
        }
    }

    #[test]
    fn an_unknown_id_lists_what_is_open_the_nearest_first() {
        let open = [duplicate(), conflict()];
        assert!(find(&open, "0A1B2C3D").is_ok());
        let error = find(&open, "0a1b2c3e").unwrap_err().to_string();
        let nearest = error.lines().nth(1).unwrap_or_default();
        assert!(
            nearest.contains("0a1b2c3d") && nearest.contains("Ada"),
            "{error}"
        );
        assert!(
            find(&[], "x")
                .unwrap_err()
                .to_string()
                .contains("No questions")
        );
    }
}
