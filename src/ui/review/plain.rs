//! Tells a question line by line, differences in words: for a screen reader or a simple terminal.

use crate::sync::{Alike, Conflicting, Question};
use crate::ui::text::clean;

use super::Asked;
use super::choices::Preview;
use super::compare::{self, Mark, compare};
use super::fold::{Folded, fold};
use super::label::label;
use super::session::{Session, Stage, store_key};
use super::words::{self, REMOVED};

/// How many lines of one value are told.
const OF_A_VALUE: usize = 20;

/// How many cells a line of a value has; a terminal breaks what is longer by itself.
const WIDTH: usize = 2_000;

/// Everything there is to know at this point, in lines.
pub fn tell(session: &Session) -> String {
    let mut told = Told::default();
    match (session.stage(), session.current()) {
        (Stage::Question, Some(asked)) => {
            let sentence = words::sentence(&asked.question);
            told.say(&format!(
                "Question {} of {}. {sentence}",
                session.at() + 1,
                session.asked().len()
            ));
            if let Some(answer) = session.answer() {
                told.say(&words::answered(&asked.question, answer));
            }
            match &asked.question {
                Question::Duplicate(alike) => {
                    told.duplicate(asked, alike, session.preview());
                }
                Question::Conflict(conflicting) => told.conflict(asked, conflicting),
            }
        }
        (Stage::Field(of), Some(_)) => {
            let disputed = session.disputed();
            if let Some(dispute) = disputed.get(of) {
                told.say(&format!(
                    "Field {} of {}: the {}.",
                    of + 1,
                    disputed.len(),
                    label(&dispute.name)
                ));
                for (index, value) in dispute.values.iter().enumerate() {
                    let taken = if dispute.taken == index {
                        ", taken"
                    } else {
                        ""
                    };
                    let value = value.as_deref().unwrap_or("(none)");
                    told.value(&format!("Card {}{taken}", index + 1), value);
                }
            }
        }
        (Stage::Certain, _) => {
            let certain = session.certain();
            told.say(&format!(
                "Merge all that are certain? They are {}:",
                certain.len()
            ));
            for index in certain {
                told.say(&words::sentence(&session.asked()[index].question));
            }
        }
        (Stage::Question | Stage::Field(_), None) | (Stage::Over, _) => {}
    }
    told.text
}

/// The keys, and the place where a line is awaited.
pub fn prompt(session: &Session) -> String {
    let keys = words::keys(session).into_iter();
    let keys: Vec<String> = keys
        .map(|word| format!("{}: {}", word.key, word.does))
        .collect();
    format!("{}\nYour choice, then Enter: ", clean(&keys.join(", ")))
}

/// What each key does, in sentences.
pub fn help(session: &Session) -> String {
    let mut told = Told::default();
    for word in words::keys(session) {
        told.say(&format!("{}: {}", word.key, word.means));
    }
    told.text
}

#[derive(Default)]
struct Told {
    text: String,
}

impl Told {
    /// Adds a line, made safe.
    fn say(&mut self, line: &str) {
        self.text.push_str(&clean(line));
        self.text.push('\n');
    }

    /// Adds a value of a card; one of several lines begins with its name on each.
    fn value(&mut self, name: &str, value: &str) {
        for line in super::wrap::cut(value, WIDTH, OF_A_VALUE) {
            self.text.push_str(&clean(&format!("{name}: ")));
            self.text.push_str(&line);
            self.text.push('\n');
        }
    }

    fn duplicate(&mut self, asked: &Asked, alike: &Alike, preview: Option<&Preview>) {
        for (index, stores) in asked.stores.iter().enumerate() {
            let stores: Vec<&str> = stores.iter().map(|store| store.as_str()).collect();
            let stores = match stores.is_empty() {
                true => "no store".to_owned(),
                false => stores.join(", "),
            };
            self.say(&format!("Card {} is in {stores}.", index + 1));
        }
        if let [one, other] = &asked.cards[..] {
            let rows = compare(one, other);
            let rows = fold(rows, |row| &row.label, |row| row.mark != Mark::Same);
            for card in [1, 2] {
                for row in &rows {
                    self.row(card, row);
                }
            }
        }
        for why in &alike.reasons {
            let side = if why.speaks_for { "For" } else { "Against" };
            self.say(&format!("{side}: {}", why.text));
        }
        if let Some(preview) = preview {
            let how = if preview.is_written {
                ", as you wrote it"
            } else {
                ""
            };
            self.say(&format!(
                "The merged card; card {} goes on{how}:",
                preview.keeps + 1
            ));
            self.card("Merged", compare::lines(&preview.card));
        }
    }

    fn row(&mut self, card: usize, row: &Folded<compare::Row>) {
        let other = 3 - card;
        match row {
            Folded::Shown(row) => {
                let value = if card == 1 { &row.left } else { &row.right };
                let Some(value) = value else {
                    return;
                };
                let how = match row.mark {
                    Mark::Same => format!("same in card {other}"),
                    Mark::Differs => format!("differs from card {other}"),
                    Mark::OnlyLeft | Mark::OnlyRight => format!("only in card {card}"),
                };
                self.value(&format!("Card {card}, {}, {how}", row.label), value);
            }
            Folded::More(label, hidden) => {
                let has = |row: &&compare::Row| match card {
                    1 => row.left.is_some(),
                    _ => row.right.is_some(),
                };
                let count = hidden.iter().filter(has).count();
                self.say(&format!("Card {card}, {label}: {count} more"));
            }
        }
    }

    fn card(&mut self, whose: &str, lines: Vec<compare::Line>) {
        for line in fold(lines, |line| &line.label, |_| true) {
            match line {
                Folded::Shown(line) => {
                    self.value(&format!("{whose}, {}", line.label), &line.text);
                }
                Folded::More(label, hidden) => {
                    self.say(&format!("{whose}, {label}: {} more", hidden.len()));
                }
            }
        }
    }

    fn conflict(&mut self, asked: &Asked, conflicting: &Conflicting) {
        match &conflicting.agreed {
            Some(agreed) => self.value("Before", agreed),
            None => self.say("The stores never agreed."),
        }
        for (index, (store, side)) in conflicting.sides.iter().enumerate() {
            let key = store_key(index).map_or(String::new(), |key| format!("{key}, "));
            self.value(&format!("{key}{store}"), side.as_deref().unwrap_or(REMOVED));
        }
        if let Some(card) = asked.cards.first() {
            let mut lines = compare::lines(card);
            lines.retain(|line| line.label != label(&conflicting.field));
            self.card("The card", lines);
        }
    }
}
