//! Whole reviews on a screen that plays keys.

mod conflicts;
mod duplicates;
mod hostile;
mod ways;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;

use crate::book::{ContactId, StoreId};
use crate::card::Card;
use crate::sync::{Alike, Answer, Conflicting, Question, QuestionId, Why};
use crate::ui::out::Style;

use super::*;

const FULL: Look = Look {
    mode: Mode::Full,
    style: Style::Plain,
};

const PLAIN: Look = Look {
    mode: Mode::Plain,
    style: Style::Plain,
};

/// Plays keys, and writes down what is shown. When no key is left, somebody presses Ctrl-C.
#[derive(Default)]
struct Played {
    width: usize,
    keys: VecDeque<Key>,
    shown: String,
    /// What the editor makes of each text.
    edits: VecDeque<Result<Option<String>, String>>,
    /// The texts that were to be edited.
    offered: Vec<String>,
}

impl Played {
    /// `\n` is Enter, everything else its key.
    fn at(width: usize, keys: &str) -> Self {
        let key = |char| match char {
            '\n' => Key::Enter,
            '\u{3}' => Key::Stop,
            char => Key::Char(char),
        };
        Played {
            width,
            keys: keys.chars().map(key).collect(),
            ..Played::default()
        }
    }
}

impl Screen for Played {
    fn width(&self) -> usize {
        self.width
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        self.shown.push_str(text);
        Ok(())
    }

    fn key(&mut self) -> io::Result<Key> {
        Ok(self.keys.pop_front().unwrap_or(Key::Stop))
    }

    fn edit(&mut self, text: &str) -> Result<Option<String>, String> {
        self.offered.push(text.to_owned());
        self.edits.pop_front().unwrap_or(Ok(None))
    }
}

/// Writes down what is kept.
#[derive(Default)]
struct Noted {
    notes: Vec<String>,
    settled: BTreeSet<String>,
}

impl Desk for Noted {
    fn keep(&mut self, asked: &Asked, answer: &Answer) -> anyhow::Result<Kept> {
        let name = asked.question.name();
        if self.settled.contains(name) {
            return Ok(Kept::Settled);
        }
        self.notes.push(format!("{name}: {answer}"));
        Ok(Kept::Kept)
    }

    fn take_back(&mut self, asked: &Asked) -> anyhow::Result<Kept> {
        self.notes
            .push(format!("{}: taken back", asked.question.name()));
        Ok(Kept::Kept)
    }
}

fn card(lines: &str) -> Card {
    let text = format!("BEGIN:VCARD\nVERSION:4.0\n{lines}\nEND:VCARD\n");
    Card::parse(text.replace('\n', "\r\n").as_bytes()).unwrap()
}

fn duplicate(one: &str, other: &str, score: f64, reasons: &[(bool, &str)]) -> Asked {
    let cards = vec![card(one), card(other)];
    let contacts = [0, 1]
        .map(|index| ContactId::new(cards[index].uid().unwrap_or(format!("contact-{index}"))));
    Asked {
        question: Question::Duplicate(Alike {
            id: QuestionId::of_pair(&contacts[0], &contacts[1]),
            names: [cards[0].name(), cards[1].name()],
            contacts,
            score: Some(score),
            is_certain: score > 0.95,
            reasons: reasons
                .iter()
                .map(|(speaks_for, text)| Why {
                    speaks_for: *speaks_for,
                    text: (*text).to_owned(),
                })
                .collect(),
        }),
        book: "people".to_owned(),
        cards,
        stores: vec![
            vec![StoreId::new("phone"), StoreId::new("laptop")],
            vec![StoreId::new("office")],
        ],
        answered: None,
    }
}

fn conflict(
    card_lines: &str,
    field: &str,
    agreed: Option<&str>,
    sides: &[(&str, Option<&str>)],
) -> Asked {
    let agreed_card = card(card_lines);
    let contact = ContactId::new(agreed_card.uid().unwrap_or_default());
    let key = crate::card::Field::new(field, "").key().clone();
    Asked {
        question: Question::Conflict(Conflicting {
            id: QuestionId::of_field(&contact, &key),
            contact,
            name: agreed_card.name(),
            field: field.to_owned(),
            agreed: agreed.map(str::to_owned),
            sides: sides
                .iter()
                .map(|(store, value)| (StoreId::new(*store), value.map(str::to_owned)))
                .collect::<BTreeMap<_, _>>(),
        }),
        book: "people".to_owned(),
        cards: vec![agreed_card],
        stores: Vec::new(),
        answered: None,
    }
}

fn anna() -> Asked {
    duplicate(
        "UID:anna-1\nFN:Anna Müller-Lüdenscheidt\nN:Müller-Lüdenscheidt;Anna;;;\n\
         ORG:Bäckerei Grün\nTITLE:Geschäftsführerin\nTEL;TYPE=work:+49 30 1234567\n\
         EMAIL:anna@example.org\n\
         ADR:;;Große Straße 12;Berlin;;10115;Germany\nBDAY:19900417\n\
         NOTE:Met at the trade fair in Leipzig\\, she wanted to hear more about the \
         northern branch.\\nLikes tea.\nCATEGORIES:Customers\nX-CARDWEAVE-TIER:A",
        "UID:anna-2\nFN:A. Mueller\nTITLE:Managing director\nTEL;TYPE=cell:+49 30 1234567\n\
         EMAIL:anna@example.org\nEMAIL:a.mueller@work.example\nCATEGORIES:Customers\n\
         PHOTO:data:image/jpeg;base64,/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgICAgMCAgID",
        0.93,
        &[
            (true, "same mail address: anna@example.org"),
            (true, "same phone number: +49301234567"),
            (false, "other first name: Anna, A."),
        ],
    )
}

fn play(asked: &[Asked], look: Look, width: usize, keys: &str) -> (String, Vec<String>, Tally) {
    let mut screen = Played::at(width, keys);
    let mut desk = Noted::default();
    let tally = review(asked, look, &mut desk, &mut screen).unwrap();
    (screen.shown, desk.notes, tally)
}

fn shown(asked: &[Asked], look: Look, width: usize, keys: &str) -> String {
    play(asked, look, width, keys).0
}
