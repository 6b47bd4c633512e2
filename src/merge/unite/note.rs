//! Notes: one text of all paragraphs, each once.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

use crate::card::Field;

use super::column::{Column, Item};

/// What stands before a value that the card has no place for.
pub(super) const ALSO: &str = "Also: ";

/// With more paragraphs than these, none is looked for inside of another.
const MOST_TO_COMPARE: usize = 500;

const BETWEEN: &str = "\n\n";

/// Joins all notes into the first one, and adds a line for each of `told`.
///
/// A paragraph that stands in another is there already; one that goes further than another takes
/// its place.
pub(super) fn join(column: &Column, told: &[String]) -> Vec<Item> {
    let mut notes = column
        .fields()
        .iter()
        .filter(|placed| placed.is_ours() || placed.says_something())
        .map(|placed| (&placed.field, placed.is_ours()));
    let Some((first, _)) = notes.next() else {
        return match told.is_empty() {
            true => Vec::new(),
            false => {
                let mut text = Text::of("");
                told.iter().for_each(|line| text.tell(line));
                vec![Item::new(Field::new("NOTE", &text.written()))]
            }
        };
    };
    let mut text = Text::of(&first.text());
    let mut ours = Vec::new();
    for (note, is_ours) in notes {
        match is_ours {
            true => {
                text.known_elsewhere(&note.text());
                ours.push(Item::new(note.clone()));
            }
            false => note
                .text()
                .split(BETWEEN)
                .for_each(|paragraph| text.add(paragraph)),
        }
    }
    told.iter().for_each(|line| text.tell(line));
    let first = match text.is_changed {
        true => first.with_text(&text.written()),
        false => first.clone(),
    };
    let mut items = vec![Item::new(first)];
    items.extend(ours);
    items
}

/// What a note tells of values that the card had no place for.
pub(super) fn told_in(note: &str) -> impl Iterator<Item = &str> {
    note.lines()
        .filter_map(|line| line.trim().strip_prefix(ALSO))
}

/// A note by paragraphs.
struct Text {
    paragraphs: Vec<String>,
    /// The same and what stands in other notes of the card, in the form that is compared.
    known: Vec<String>,
    exact: BTreeSet<String>,
    lines: BTreeSet<String>,
    is_changed: bool,
}

impl Text {
    fn of(text: &str) -> Text {
        let mut note = Text {
            paragraphs: Vec::new(),
            known: Vec::new(),
            exact: BTreeSet::new(),
            lines: BTreeSet::new(),
            is_changed: false,
        };
        for paragraph in text.split(BETWEEN) {
            note.push(paragraph);
        }
        note
    }

    fn push(&mut self, paragraph: &str) {
        self.paragraphs.push(paragraph.to_owned());
        // `known` starts with the paragraphs, in their order.
        self.known
            .insert(self.paragraphs.len() - 1, form(paragraph));
        self.remember(paragraph);
    }

    fn remember(&mut self, paragraph: &str) {
        self.exact.insert(form(paragraph));
        self.lines.extend(paragraph.lines().map(form));
    }

    fn known_elsewhere(&mut self, text: &str) {
        for paragraph in text.split(BETWEEN) {
            self.known.push(form(paragraph));
            self.remember(paragraph);
        }
    }

    fn add(&mut self, paragraph: &str) {
        let new = form(paragraph);
        if new.is_empty() || self.exact.contains(&new) {
            return;
        }
        if self.known.len() <= MOST_TO_COMPARE {
            if self.known.iter().any(|known| stands_in(known, &new)) {
                return;
            }
            let count = self.paragraphs.len();
            let shorter = (0..count)
                .find(|&at| !self.known[at].is_empty() && stands_in(&new, &self.known[at]));
            if let Some(at) = shorter {
                self.is_changed = true;
                self.paragraphs[at] = paragraph.to_owned();
                self.known[at] = new;
                self.remember(paragraph);
                return;
            }
        }
        self.is_changed = true;
        match self.paragraphs.last() {
            Some(only) if only.is_empty() && self.paragraphs.len() == 1 => {
                self.paragraphs.clear();
                self.known.remove(0);
            }
            _ => {}
        }
        self.push(paragraph);
    }

    /// Adds a line about a value that the card has no place for. Such lines stand together.
    fn tell(&mut self, what: &str) {
        let line = format!("{ALSO}{}", what.replace('\n', " "));
        if self.lines.contains(&form(&line)) {
            return;
        }
        match self.paragraphs.last_mut() {
            Some(last) if last.starts_with(ALSO) => {
                last.push('\n');
                last.push_str(&line);
                let known = &mut self.known[self.paragraphs.len() - 1];
                known.push(' ');
                known.push_str(&form(&line));
                self.remember(&line);
                self.is_changed = true;
            }
            _ => self.add(&line),
        }
    }

    fn written(&self) -> String {
        self.paragraphs.join(BETWEEN)
    }
}

/// A text as it is compared: blanks and line ends are no difference.
fn form(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").nfc().collect()
}

/// Whether a text stands in another, from the start of a word to the end of one.
fn stands_in(text: &str, part: &str) -> bool {
    text.match_indices(part).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + part.len()..].chars().next();
        ![before, after]
            .iter()
            .any(|char| char.is_some_and(char::is_alphanumeric))
    })
}
