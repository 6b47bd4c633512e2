//! The words that both ways of showing a question share.

use crate::sync::{Alike, Answer, Conflicting, Question};

use super::label::label;
use super::session::{Session, Stage, store_key};

/// A key and what it does here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyWord {
    pub key: String,
    /// In a word or three.
    pub does: String,
    /// In a sentence.
    pub means: String,
}

/// The one word for something that a store does not hold.
pub const REMOVED: &str = "(removed)";

/// How likely it is that two contacts are one person, in words and as a number.
pub fn likelihood(alike: &Alike) -> String {
    let Some(score) = alike.score else {
        return "brought together by hand".to_owned();
    };
    let word = match score {
        _ if alike.is_certain => "certain",
        score if score >= 0.9 => "very likely",
        score if score >= 0.7 => "likely",
        _ => "possible",
    };
    // Rounded down: what is not certain is never shown as 1.
    format!("{word} ({:.2})", (score * 100.0).floor() / 100.0)
}

/// The question in a sentence. It holds text from cards, not made safe for a terminal.
pub fn sentence(question: &Question) -> String {
    match question {
        Question::Duplicate(alike) => {
            let [one, other] = &alike.names;
            let likely = likelihood(alike);
            format!("{one} and {other} may be one person: {likely}")
        }
        Question::Conflict(conflicting) => {
            let Conflicting { name, field, .. } = conflicting;
            format!("{name}: the {} differs; which is right?", label(field))
        }
    }
}

/// What was answered before, in a sentence; not made safe for a terminal.
pub fn answered(question: &Question, answer: &Answer) -> String {
    match (question, answer) {
        (_, Answer::Take(store)) => format!("Your answer so far: {store} is right."),
        (_, Answer::Apart) => "Your answer so far: two people.".to_owned(),
        (_, Answer::Merge(_)) => "Your answer so far: one person.".to_owned(),
    }
}

/// The keys that do something now.
pub fn keys(session: &Session) -> Vec<KeyWord> {
    let mut keys = Keys::default();
    match session.stage() {
        Stage::Question => keys.of_question(session),
        Stage::Field(of) => keys.of_field(session, of),
        Stage::Certain => {
            keys.add("y", "merge them", "Merge all of these.");
            keys.add(
                "Enter",
                "no",
                "Merge none of them; go back to the question.",
            );
        }
        Stage::Over => {}
    }
    keys.add(
        "q",
        "quit",
        "Stop here. Every answer so far is kept; Ctrl-C does the same.",
    );
    keys.add("?", "help", "Tell what each key does.");
    keys.0
}

#[derive(Default)]
struct Keys(Vec<KeyWord>);

impl Keys {
    fn add(&mut self, key: impl Into<String>, does: impl Into<String>, means: impl Into<String>) {
        self.0.push(KeyWord {
            key: key.into(),
            does: does.into(),
            means: means.into(),
        });
    }

    fn of_question(&mut self, session: &Session) {
        match session.current().map(|asked| &asked.question) {
            Some(Question::Duplicate(_)) => self.of_duplicate(session),
            Some(Question::Conflict(conflicting)) => self.of_conflict(conflicting),
            None => {}
        }
        match session.answer() {
            Some(_) => {
                self.add(
                    "Enter",
                    "leave it so",
                    "Leave the answer as it is and go on.",
                );
                self.add(
                    "s",
                    "take the answer back",
                    "Leave the question open after all.",
                );
            }
            None => self.add(
                "Enter",
                "skip",
                "Leave the question open and go on; s does the same.",
            ),
        }
        let certain = session.certain();
        if certain.iter().any(|index| *index != session.at()) {
            self.add(
                "c",
                format!("merge {} certain", certain.len()),
                "Merge all pairs that are certain to be one person; asks once more.",
            );
        }
        if session.at() > 0 {
            self.add("b", "back", "Show the question before this one again.");
        }
    }

    fn of_duplicate(&mut self, session: &Session) {
        let Some(preview) = session.preview() else {
            return;
        };
        self.add(
            "m",
            "merge",
            "They are one person: make one card of the two, as it is shown.",
        );
        self.add(
            "k",
            "keep apart",
            "They are two people: never ask about these two again.",
        );
        let other = 2 - preview.keeps;
        self.add(
            "w",
            format!("let {other} go on"),
            "Let the other contact go on: its UID and its addresses stay.",
        );
        match preview.disputed.len() {
            0 => {}
            1 => self.add("f", "choose 1 field", "Say whose value is taken."),
            count => self.add(
                "f",
                format!("choose {count} fields"),
                "Say field by field whose value is taken.",
            ),
        }
        self.add("e", "edit", "Edit the merged card in your editor.");
    }

    fn of_conflict(&mut self, conflicting: &Conflicting) {
        for (index, store) in conflicting.sides.keys().enumerate() {
            if let Some(key) = store_key(index) {
                let means = format!("The value of {store} is right, everywhere.");
                self.add(key, format!("take {store}"), means);
            }
        }
    }

    fn of_field(&mut self, session: &Session, of: usize) {
        let taken = session.disputed().get(of).map(|dispute| dispute.taken);
        self.add("1", "take 1", "Take the value of the first contact.");
        self.add("2", "take 2", "Take the value of the second contact.");
        let keep = format!("keep {}", taken.unwrap_or(0) + 1);
        self.add("Enter", keep, "Leave it as it is and go on.");
        self.add(
            "b",
            "back",
            "Go back a field, from the first one to the question.",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::ContactId;
    use crate::sync::QuestionId;

    fn likely(score: Option<f64>, is_certain: bool) -> String {
        let [one, other] = ["a", "b"].map(ContactId::new);
        likelihood(&Alike {
            id: QuestionId::of_pair(&one, &other),
            contacts: [one, other],
            names: ["A".into(), "B".into()],
            score,
            is_certain,
            reasons: Vec::new(),
        })
    }

    #[test]
    fn a_probability_is_a_word_and_a_number() {
        assert_eq!(likely(Some(0.999), true), "certain (0.99)");
        assert_eq!(likely(Some(0.999), false), "very likely (0.99)");
        assert_eq!(likely(Some(0.93), false), "very likely (0.93)");
        assert_eq!(likely(Some(0.7), false), "likely (0.70)");
        assert_eq!(likely(Some(0.5), false), "possible (0.50)");
        assert_eq!(likely(None, false), "brought together by hand");
    }
}
