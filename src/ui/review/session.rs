//! What each key does: the state of a review, and what is to happen next. Knows no terminal.

use std::collections::BTreeSet;

use crate::sync::{Alike, Answer, Conflicting, Question};

use super::choices::{Choices, Dispute, Preview};
use super::label::label;
use super::{Asked, Tally};

/// What somebody pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    Char(char),
    Enter,
    /// Ctrl-C, the end of the input, or a signal.
    Stop,
    /// Anything that means nothing here.
    Other,
}

/// What is to happen after a key, in this order.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Show all that there is to know, then what can be pressed.
    Show,
    /// Show again what can be pressed.
    Prompt,
    /// Tell the meaning of each key.
    Help,
    /// Tell a line. It may hold text from cards.
    Say(String),
    /// Keep the answer to the question of this index, or forget the one that it has, then tell a
    /// line.
    Keep(usize, Option<Answer>, String),
    /// Let the person edit this text.
    Edit(String),
}

/// Where a review is.
#[derive(Debug)]
pub struct Session<'a> {
    asked: &'a [Asked],
    answers: Vec<Option<Answer>>,
    /// Answered in this review.
    given: BTreeSet<usize>,
    /// Seen and left open in this review.
    skipped: BTreeSet<usize>,
    /// Settled by somebody else.
    settled: BTreeSet<usize>,
    /// The question at hand; behind the last one when all are through.
    at: usize,
    stage: Stage,
    choices: Choices,
    /// What would come of a merge with these choices.
    preview: Option<Preview>,
    stopped: bool,
    interrupted: bool,
}

/// What the next key answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The question itself.
    Question,
    /// Whose value is taken, for the disputed field of this index.
    Field(usize),
    /// Whether all certain ones are to be merged.
    Certain,
    /// Nothing: the review is over.
    Over,
}

/// The letters for stores behind the ninth; those that mean something else are left out.
const MORE_STORES: &str = "adefghijlmnoprtuvwxyz";

/// The key that takes the value of the store of this index.
pub fn store_key(index: usize) -> Option<char> {
    "123456789".chars().chain(MORE_STORES.chars()).nth(index)
}

impl<'a> Session<'a> {
    /// Begins at the first question that has no answer yet.
    pub fn begin(asked: &'a [Asked]) -> Self {
        let mut session = Session {
            asked,
            answers: asked.iter().map(|asked| asked.answered.clone()).collect(),
            given: BTreeSet::new(),
            skipped: BTreeSet::new(),
            settled: BTreeSet::new(),
            at: 0,
            stage: Stage::Question,
            choices: Choices::default(),
            preview: None,
            stopped: false,
            interrupted: false,
        };
        session.go_on_from(0);
        session
    }

    pub fn is_over(&self) -> bool {
        self.stage == Stage::Over
    }

    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// The index of the question at hand.
    pub fn at(&self) -> usize {
        self.at
    }

    pub fn asked(&self) -> &'a [Asked] {
        self.asked
    }

    /// The question at hand.
    pub fn current(&self) -> Option<&'a Asked> {
        self.asked.get(self.at)
    }

    /// The answer to the question at hand, where one was given before.
    pub fn answer(&self) -> Option<&Answer> {
        self.answers.get(self.at)?.as_ref()
    }

    /// What would come of a merge, where the question is one of two contacts.
    pub fn preview(&self) -> Option<&Preview> {
        self.preview.as_ref()
    }

    /// The fields of which the merged card has room for one value.
    pub fn disputed(&self) -> &[Dispute] {
        self.preview().map_or(&[], |preview| &preview.disputed)
    }

    /// The open questions of two contacts that are certain to be one person.
    pub fn certain(&self) -> Vec<usize> {
        let is_certain = |asked: &Asked| alike(asked).is_some_and(|alike| alike.is_certain);
        (0..self.asked.len())
            .filter(|&index| self.answers[index].is_none() && is_certain(&self.asked[index]))
            .collect()
    }

    pub fn tally(&self) -> Tally {
        let mut tally = Tally {
            stopped: self.stopped,
            interrupted: self.interrupted,
            ..Tally::default()
        };
        for (index, answer) in self.answers.iter().enumerate() {
            match answer {
                _ if self.settled.contains(&index) => {}
                Some(_) if !self.given.contains(&index) => {}
                Some(Answer::Merge(_)) => tally.merged += 1,
                Some(Answer::Apart) => tally.apart += 1,
                Some(Answer::Take(_)) => tally.taken += 1,
                None if self.skipped.contains(&index) => tally.skipped += 1,
                None => tally.left += 1,
            }
        }
        tally
    }

    /// A run settled this question meanwhile: it is neither answered here nor open.
    pub fn settled(&mut self, index: usize) {
        self.given.remove(&index);
        self.settled.insert(index);
    }

    pub fn press(&mut self, key: Key) -> Vec<Effect> {
        let key = match key {
            Key::Char(char) => Key::Char(char.to_ascii_lowercase()),
            other => other,
        };
        match (key, self.stage) {
            (Key::Stop | Key::Char('q'), _) => {
                self.stopped = true;
                self.interrupted = key == Key::Stop;
                self.stage = Stage::Over;
                Vec::new()
            }
            (Key::Char('?'), _) => vec![Effect::Help, Effect::Prompt],
            (_, Stage::Question) => self.press_at_question(key),
            (_, Stage::Field(of)) => self.press_at_field(key, of),
            (_, Stage::Certain) => self.press_at_certain(key),
            (_, Stage::Over) => Vec::new(),
        }
    }

    /// Goes on after the editor: the text as it is now, none where it was not changed, or why there
    /// was no editing.
    pub fn edited(&mut self, text: Result<Option<String>, String>) -> Vec<Effect> {
        let told = match text {
            Ok(None) => "Nothing was changed.".to_owned(),
            Ok(Some(text)) => match self.choices.write(&text) {
                Ok(()) => {
                    self.look_ahead();
                    "This is the card now.".to_owned()
                }
                Err(error) => format!(
                    "That is no card: {error}. The card is as it was; e goes on with your text."
                ),
            },
            Err(why) => why,
        };
        vec![Effect::Say(told), Effect::Show]
    }

    fn press_at_question(&mut self, key: Key) -> Vec<Effect> {
        let Some(asked) = self.current() else {
            return Vec::new();
        };
        match key {
            Key::Enter if self.answer().is_some() => self.leave("It stays answered."),
            Key::Enter | Key::Char('s') => self.skip(),
            Key::Char('b') => self.back(),
            Key::Char('c') if self.certain().is_empty() => {
                let said = "None of the open questions is certain.";
                vec![Effect::Say(said.to_owned()), Effect::Prompt]
            }
            Key::Char('c') => {
                self.stage = Stage::Certain;
                vec![Effect::Show]
            }
            _ => match &asked.question {
                Question::Duplicate(alike) => self.press_at_duplicate(key, asked, alike),
                Question::Conflict(conflicting) => self.press_at_conflict(key, conflicting),
            },
        }
    }

    fn press_at_duplicate(&mut self, key: Key, asked: &Asked, alike: &Alike) -> Vec<Effect> {
        let Some(preview) = &self.preview else {
            return unknown(key);
        };
        let (keeps, is_written) = (preview.keeps, preview.is_written);
        match key {
            Key::Char('m') => {
                let merging = self.choices.merging(&alike.contacts, &asked.cards);
                let said = format!("To be merged: {} goes on.", alike.names[keeps]);
                self.give(Answer::Merge(merging), said)
            }
            Key::Char('k') => {
                let said = "To be kept apart; they will not be asked about again.".to_owned();
                self.give(Answer::Apart, said)
            }
            Key::Char('w') => {
                self.choices.swap();
                self.look_ahead();
                let mut said = format!("{} goes on.", alike.names[1 - keeps]);
                if is_written {
                    said.push_str(" What you wrote by hand is dropped.");
                }
                vec![Effect::Say(said), Effect::Show]
            }
            Key::Char('f') if preview.disputed.is_empty() => {
                let said = "There is nothing to choose: the merged card has room for every value.";
                vec![Effect::Say(said.to_owned()), Effect::Prompt]
            }
            Key::Char('f') => {
                self.stage = Stage::Field(0);
                vec![Effect::Show]
            }
            Key::Char('e') => match self.choices.text_to_edit(&asked.cards) {
                Some(text) => vec![Effect::Edit(text)],
                None => {
                    let said = "This card is not in UTF-8, and cannot be edited here.";
                    vec![Effect::Say(said.to_owned()), Effect::Prompt]
                }
            },
            _ => unknown(key),
        }
    }

    fn press_at_conflict(&mut self, key: Key, conflicting: &Conflicting) -> Vec<Effect> {
        let Key::Char(pressed) = key else {
            return unknown(key);
        };
        let stores = conflicting.sides.keys().enumerate();
        let mut stores = stores.filter(|(index, _)| store_key(*index) == Some(pressed));
        match stores.next() {
            Some((_, store)) => {
                let field = label(&conflicting.field);
                let said = format!("To be taken: the {field} of {store}.");
                self.give(Answer::Take(store.clone()), said)
            }
            None => unknown(key),
        }
    }

    fn press_at_field(&mut self, key: Key, of: usize) -> Vec<Effect> {
        let disputed = self.disputed().to_vec();
        let Some(dispute) = disputed.get(of) else {
            self.stage = Stage::Question;
            return vec![Effect::Show];
        };
        match key {
            Key::Char('1') => self.choices.take(&dispute.name, 0),
            Key::Char('2') => self.choices.take(&dispute.name, 1),
            Key::Enter | Key::Char('s') => {}
            Key::Char('b') if of == 0 => {
                self.stage = Stage::Question;
                return vec![Effect::Show];
            }
            Key::Char('b') => {
                self.stage = Stage::Field(of - 1);
                return vec![Effect::Show];
            }
            _ => return unknown(key),
        }
        self.look_ahead();
        self.stage = match disputed.len() > of + 1 {
            true => Stage::Field(of + 1),
            false => Stage::Question,
        };
        vec![Effect::Show]
    }

    fn press_at_certain(&mut self, key: Key) -> Vec<Effect> {
        match key {
            Key::Char('y') => {
                let mut effects = Vec::new();
                for index in self.certain() {
                    let answer = Answer::Merge(Default::default());
                    self.answers[index] = Some(answer.clone());
                    self.given.insert(index);
                    let [one, other] = match &self.asked[index].question {
                        Question::Duplicate(alike) => &alike.names,
                        Question::Conflict(_) => continue,
                    };
                    let said = format!("To be merged: {one} and {other}.");
                    effects.push(Effect::Keep(index, Some(answer), said));
                }
                if self.answer().is_some() {
                    self.go_on_from(self.at);
                }
                self.stage = match self.stage {
                    Stage::Over => Stage::Over,
                    _ => Stage::Question,
                };
                effects.push(Effect::Show);
                effects
            }
            Key::Char('n' | 's' | 'b') | Key::Enter => {
                self.stage = Stage::Question;
                vec![Effect::Show]
            }
            _ => unknown(key),
        }
    }

    fn give(&mut self, answer: Answer, said: String) -> Vec<Effect> {
        let index = self.at;
        self.answers[index] = Some(answer.clone());
        self.given.insert(index);
        self.go_on_from(index + 1);
        vec![Effect::Keep(index, Some(answer), said), Effect::Show]
    }

    fn skip(&mut self) -> Vec<Effect> {
        let index = self.at;
        self.skipped.insert(index);
        if self.answers[index].take().is_none() {
            return self.leave("Skipped; it stays open.");
        }
        self.given.remove(&index);
        self.go_on_from(index + 1);
        let said = "Skipped; its answer is taken back.".to_owned();
        vec![Effect::Keep(index, None, said), Effect::Show]
    }

    fn leave(&mut self, said: &str) -> Vec<Effect> {
        self.go_on_from(self.at + 1);
        vec![Effect::Say(said.to_owned()), Effect::Show]
    }

    fn back(&mut self) -> Vec<Effect> {
        if self.at == 0 {
            let said = "This is the first question.".to_owned();
            return vec![Effect::Say(said), Effect::Prompt];
        }
        self.turn_to(self.at - 1);
        vec![Effect::Show]
    }

    /// Goes to the next question from `index` on that has no answer.
    fn go_on_from(&mut self, index: usize) {
        let next = (index..self.asked.len()).find(|&index| self.answers[index].is_none());
        match next {
            Some(next) => self.turn_to(next),
            None => {
                self.at = self.asked.len();
                self.stage = Stage::Over;
            }
        }
    }

    fn turn_to(&mut self, index: usize) {
        self.at = index;
        self.stage = Stage::Question;
        let asked = &self.asked[index];
        self.choices = match (&asked.question, &self.answers[index]) {
            (Question::Duplicate(alike), Some(Answer::Merge(merging))) => {
                Choices::of(merging, &alike.contacts, &asked.cards)
            }
            _ => Choices::default(),
        };
        self.look_ahead();
    }

    /// Unites the cards anew, after another choice.
    fn look_ahead(&mut self) {
        let asked = self.current().filter(|asked| alike(asked).is_some());
        self.preview = asked.and_then(|asked| self.choices.preview(&asked.cards));
    }
}

fn alike(asked: &Asked) -> Option<&Alike> {
    match &asked.question {
        Question::Duplicate(alike) => Some(alike),
        Question::Conflict(_) => None,
    }
}

fn unknown(key: Key) -> Vec<Effect> {
    let said = match key {
        Key::Char(char) => format!("{char} means nothing here; ? tells what does."),
        _ => "That key means nothing here; ? tells what does.".to_owned(),
    };
    vec![Effect::Say(said), Effect::Prompt]
}
