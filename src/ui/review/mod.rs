//! Asks a person what only a person can settle: a screen and one key for each question.
//!
//! [`session`] decides what each key does, [`compare`] and [`choices`] what there is to see,
//! [`layout`] and [`plain`] how it reads; none of them knows a terminal. [`Terminal`] is one.

mod choices;
mod compare;
mod fold;
mod keys;
mod label;
mod layout;
mod plain;
mod screen;
mod session;
mod words;
mod wrap;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::io;

use crate::book::StoreId;
use crate::card::Card;
use crate::sync::{Answer, Question};
use crate::ui::out::Style;
use crate::ui::text::clean;

pub use screen::Terminal;
pub use session::Key;

pub use words::{likelihood, sentence};

use session::{Effect, Session};

/// A question with what a person needs to see to answer it.
#[derive(Debug, Clone)]
pub struct Asked {
    pub question: Question,
    pub book: String,
    /// Duplicate: the two contacts' agreed cards, in the order of [`crate::sync::Alike::contacts`].
    /// Conflict: the contact's agreed card.
    pub cards: Vec<Card>,
    /// Duplicate: per contact, the stores that have it. Conflict: empty.
    pub stores: Vec<Vec<StoreId>>,
    /// An answer given earlier that no run has used yet.
    pub answered: Option<Answer>,
}

/// How the questions are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    pub mode: Mode,
    pub style: Style,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Cards side by side, marked by signs.
    Full,
    /// One line for each thing to know and differences in words: for a screen reader, or a terminal
    /// that can do no more.
    Plain,
}

/// Where answers are kept. Each is kept at once, so that stopping loses none.
pub trait Desk {
    /// # Errors
    /// The answer could not be kept.
    fn keep(&mut self, asked: &Asked, answer: &Answer) -> anyhow::Result<Kept>;

    /// # Errors
    /// The answer could not be forgotten.
    fn take_back(&mut self, asked: &Asked) -> anyhow::Result<Kept>;
}

/// What became of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    Kept,
    /// Somebody else settled the question meanwhile, and nobody waits for an answer.
    Settled,
}

/// What questions are shown on and keys come from.
pub trait Screen {
    /// Terminal cells in a line, at this moment.
    fn width(&self) -> usize;

    /// # Errors
    /// The terminal is gone.
    fn write(&mut self, text: &str) -> io::Result<()>;

    /// Waits for a key.
    ///
    /// # Errors
    /// The terminal cannot be read. Its end is [`Key::Stop`].
    fn key(&mut self) -> io::Result<Key>;

    /// Lets the person edit a text: what came of it, or none where it was left as it was.
    ///
    /// # Errors
    /// Why there was no editing, as a sentence.
    fn edit(&mut self, text: &str) -> Result<Option<String>, String>;
}

/// What a review came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Answered in this review, by answer.
    pub merged: usize,
    pub apart: usize,
    pub taken: usize,
    /// Seen and left open.
    pub skipped: usize,
    /// Open and not seen.
    pub left: usize,
    /// Left before its end.
    pub stopped: bool,
    /// By Ctrl-C, or because the terminal went away.
    pub interrupted: bool,
}

impl Tally {
    /// How many questions were answered in this review.
    pub fn answered(&self) -> usize {
        self.merged + self.apart + self.taken
    }
}

/// Why a review came to an end too early. Answers that were given before are kept.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    #[error("the terminal cannot be used: {0}")]
    Terminal(#[from] io::Error),
    #[error("{0:#}")]
    Desk(anyhow::Error),
}

/// Asks one question after the other, from the first one without an answer on.
///
/// # Errors
/// The terminal or the desk fails. A person who stops is no error.
pub fn review(
    asked: &[Asked],
    look: Look,
    desk: &mut dyn Desk,
    screen: &mut dyn Screen,
) -> Result<Tally, ReviewError> {
    let mut session = Session::begin(asked);
    let mut effects = VecDeque::from([Effect::Show]);
    loop {
        while let Some(effect) = effects.pop_front() {
            match effect {
                Effect::Show if session.is_over() => {}
                Effect::Show => {
                    let text = match look.mode {
                        Mode::Full => layout::draw(&session, screen.width(), look.style),
                        Mode::Plain => plain::tell(&session),
                    };
                    screen.write(&text)?;
                    effects.push_front(Effect::Prompt);
                }
                Effect::Prompt => {
                    let text = match look.mode {
                        Mode::Full => layout::prompt(&session, screen.width(), look.style),
                        Mode::Plain => plain::prompt(&session),
                    };
                    screen.write(&text)?;
                }
                Effect::Help => {
                    let text = match look.mode {
                        Mode::Full => layout::help(&session, screen.width()),
                        Mode::Plain => plain::help(&session),
                    };
                    screen.write(&text)?;
                }
                Effect::Say(text) => say(screen, look.mode, &text)?,
                Effect::Keep(index, answer, said) => {
                    let kept = match answer {
                        Some(answer) => desk.keep(&asked[index], &answer),
                        None => desk.take_back(&asked[index]),
                    };
                    match kept.map_err(ReviewError::Desk)? {
                        Kept::Kept => say(screen, look.mode, &said)?,
                        Kept::Settled => {
                            session.settled(index);
                            say(screen, look.mode, SETTLED)?;
                        }
                    }
                }
                Effect::Edit(text) => effects.extend(session.edited(screen.edit(&text))),
            }
        }
        if session.is_over() {
            return Ok(session.tally());
        }
        let key = screen.key()?;
        // The terminal shows no key by itself, and a line by itself only when it has ended.
        match (look.mode, key) {
            (Mode::Full, Key::Char(char)) => {
                screen.write(&format!("{}\n", clean(&char.to_string())))?;
            }
            (Mode::Full, _) | (Mode::Plain, Key::Stop) => screen.write("\n")?,
            (Mode::Plain, _) => {}
        }
        effects.extend(session.press(key));
    }
}

const SETTLED: &str = "Settled meanwhile by a run; nothing was answered.";

fn say(screen: &mut dyn Screen, mode: Mode, text: &str) -> io::Result<()> {
    let line = match mode {
        Mode::Full => wrap::wrap(&clean(text), screen.width()).join("\n"),
        Mode::Plain => clean(text).into_owned(),
    };
    screen.write(&format!("{line}\n"))
}
