//! `review`: asks what only a person can settle, and has it done.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::{self, IsTerminal};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::anyhow;
use indicatif::ProgressDrawTarget;
use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::{Review, Sync};
use crate::config::{self, Config};
use crate::run::BookSummary;
use crate::state::{State, StateErrorKind};
use crate::sync::{Answer, Merging};
use crate::ui::out::Style;
use crate::ui::review::{self, Asked, Desk, Kept, Look, Mode, Tally, Terminal};

use super::open::{books, look_at_state, open_state};
use super::questions::{OpenQuestion, begun, open_questions, table, with_cards};
use super::sync::{self, SyncReport};
use super::{Exit, Surroundings, Trouble};

/// What `review --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReviewReport {
    /// The questions that are open now.
    pub questions: Vec<OpenQuestion>,
    /// What the runs did that used the answers; none where there was nothing to use.
    pub books: Vec<BookSummary>,
}

/// How long a review waits for a run of somebody else before it gives up an answer.
const PATIENCE: Duration = Duration::from_secs(60);

pub async fn execute(typed: &Review, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let config = at.config()?;
    let chosen = books(&config, &typed.books)?;
    if typed.list {
        let questions = open_questions(&chosen, &look_at_state(at)?)?;
        return list(questions, at);
    }
    let interrupted = match typed.auto {
        true => merge_certain(&chosen, at).map(|()| false)?,
        false => ask(typed, &chosen, at)?.interrupted,
    };
    if interrupted {
        // Somebody wanted to be let go at once.
        let questions = open_questions(&chosen, &look_at_state(at)?)?;
        eprintln!("Every answer is kept. The next `cardweave sync` or `cardweave review` uses it.");
        return Ok(exit(Exit::InStep, &questions));
    }
    let books = use_answers(&config, typed, &chosen, at).await?;
    let report = ReviewReport {
        questions: open_questions(&chosen, &look_at_state(at)?)?,
        books,
    };
    let sync = SyncReport {
        dry_run: false,
        books: report.books.clone(),
    };
    at.output.present(&report, |report, page| {
        let done = sync::render(&sync, page);
        // Whoever was asked has just seen what is open, and a run tells it as well.
        match (typed.auto, report.questions.len()) {
            (true, _) => done + &table(&report.questions, page),
            (false, _) if !report.books.is_empty() => done,
            (false, 0) => table(&report.questions, page),
            (false, 1) => "1 question is open.".to_owned(),
            (false, count) => format!("{count} questions are open."),
        }
    })?;
    report.books.iter().for_each(sync::warn);
    Ok(exit(sync::exit(&sync), &report.questions))
}

fn list(questions: Vec<OpenQuestion>, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let report = ReviewReport {
        questions,
        books: Vec::new(),
    };
    at.output
        .present(&report, |report, page| table(&report.questions, page))?;
    Ok(exit(Exit::InStep, &report.questions))
}

fn exit(of_runs: Exit, questions: &[OpenQuestion]) -> Exit {
    match of_runs {
        Exit::InStep if !questions.is_empty() => Exit::QuestionsOpen,
        other => other,
    }
}

/// Answers every question of two contacts that are certain to be one person.
fn merge_certain(chosen: &[&config::Book], at: &Surroundings) -> Result<(), Trouble> {
    let mut state = open_state(at)?;
    let questions = open_questions(chosen, &state)?;
    let certain = questions.iter().filter(|open| {
        open.answered.is_none() && open.alike().is_some_and(|alike| alike.is_certain)
    });
    let merge = Answer::Merge(Merging::default()).to_string();
    state.transaction(|tx| {
        for open in certain {
            tx.answer(open.question.id().as_str(), &merge)?;
        }
        Ok(())
    })?;
    Ok(())
}

/// Asks the person at the terminal all that has no answer yet.
fn ask(typed: &Review, chosen: &[&config::Book], at: &Surroundings) -> Result<Tally, Trouble> {
    // The state is free again while somebody thinks.
    let (open, asked) = {
        let state = open_state(at)?;
        let open = open_questions(chosen, &state)?;
        let asked = with_cards(&open, &state)?;
        (open, asked)
    };
    if asked.iter().all(|asked| asked.answered.is_some()) {
        return Ok(Tally::default());
    }
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Err(Trouble::Asked(format!(
            "There is no terminal to ask on; nothing was changed. Open questions: {}. `cardweave \
             review --list` shows them, `cardweave answer ID ANSWER` answers one, `cardweave review \
             --auto` merges what is certain.",
            open.len()
        )));
    }
    let look = look(typed, at);
    if look.mode == Mode::Plain {
        // The bars of the run to come move the cursor.
        at.screen.set_draw_target(ProgressDrawTarget::hidden());
    }
    let gone = |error: io::Error| Trouble::Failed(format!("The terminal cannot be used: {error}."));
    let mut terminal = Terminal::open(look.mode).map_err(gone)?;
    let mut desk = StateDesk { at };
    let tally = review::review(&asked, look, &mut desk, &mut terminal);
    drop(terminal);
    let tally = tally.map_err(|error| {
        let told = error.to_string();
        Trouble::Failed(format!(
            "{}. The answers before are kept.",
            told.trim_end_matches('.')
        ))
    })?;
    eprintln!("{}", told(&tally));
    Ok(tally)
}

fn look(typed: &Review, at: &Surroundings) -> Look {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let is_dumb = set("TERM").is_none_or(|term| term == OsStr::new("dumb"));
    if typed.plain || is_dumb || set("CARDWEAVE_PLAIN").is_some() {
        return Look {
            mode: Mode::Plain,
            style: Style::Plain,
        };
    }
    let no_color = set("NO_COLOR");
    let colored = at.globals.color.resolve(true, no_color.as_deref());
    Look {
        mode: Mode::Full,
        style: if colored {
            Style::Colored
        } else {
            Style::Plain
        },
    }
}

fn told(tally: &Tally) -> String {
    let counted = [
        (tally.answered(), "answered"),
        (tally.skipped, "skipped"),
        (tally.left, "left open"),
    ];
    let words: Vec<String> = counted
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    match words.is_empty() {
        true => "Nothing was answered.".to_owned(),
        false => format!("Questions: {}.", words.join(", ")),
    }
}

/// Runs over the books in which an answer waits to be used.
async fn use_answers(
    config: &Config,
    typed: &Review,
    chosen: &[&config::Book],
    at: &Surroundings,
) -> Result<Vec<BookSummary>, Trouble> {
    let open = open_questions(chosen, &look_at_state(at)?)?;
    let waiting: BTreeSet<String> = open
        .into_iter()
        .filter(|open| open.answered.is_some())
        .map(|open| open.book)
        .collect();
    if waiting.is_empty() {
        return Ok(Vec::new());
    }
    let named = Sync {
        books: waiting.into_iter().collect(),
        ..Sync::default()
    };
    let mut command = vec!["review".to_owned()];
    command.extend(typed.books.iter().cloned());
    command.extend(typed.auto.then(|| "--auto".to_owned()));
    Ok(sync::run_books(config, &named, &command.join(" "), at)
        .await?
        .books)
}

/// Keeps each answer in the state, which it holds for that moment alone: a run of somebody else
/// may come in between.
struct StateDesk<'a> {
    at: &'a Surroundings,
}

impl StateDesk<'_> {
    /// The state, as soon as nobody else is at work in it.
    fn state(&self) -> anyhow::Result<State> {
        let began = Instant::now();
        let mut told = false;
        loop {
            match open_state(self.at) {
                Ok(state) => return Ok(state),
                Err(Trouble::State(error))
                    if error.kind == StateErrorKind::Locked && began.elapsed() < PATIENCE =>
                {
                    if !std::mem::replace(&mut told, true) {
                        eprintln!("Another run is at work; waiting for its end.");
                    }
                    thread::sleep(Duration::from_millis(100));
                }
                Err(trouble) => return Err(anyhow!(trouble.text())),
            }
        }
    }
}

impl Desk for StateDesk<'_> {
    fn keep(&mut self, asked: &Asked, answer: &Answer) -> anyhow::Result<Kept> {
        let (id, choice) = (asked.question.id(), answer.to_string());
        let mut state = self.state()?;
        if is_begun(asked, &state)? {
            return Ok(Kept::Settled);
        }
        let is_open = state.transaction(|tx| tx.answer(id.as_str(), &choice))?;
        Ok(if is_open { Kept::Kept } else { Kept::Settled })
    }

    fn take_back(&mut self, asked: &Asked) -> anyhow::Result<Kept> {
        let id = asked.question.id();
        let mut state = self.state()?;
        if is_begun(asked, &state)? {
            return Ok(Kept::Settled);
        }
        let was_there = state.transaction(|tx| tx.unanswer(id.as_str()))?;
        Ok(if was_there { Kept::Kept } else { Kept::Settled })
    }
}

/// Whether a run in between has begun to carry out the answer that was given before.
fn is_begun(asked: &Asked, state: &State) -> anyhow::Result<bool> {
    let decisions = state.decisions(&asked.book)?;
    let before = decisions.get(asked.question.id().as_str());
    Ok(before.is_some_and(|choice| begun(choice)))
}
