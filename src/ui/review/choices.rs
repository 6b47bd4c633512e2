//! How two contacts shall become one, as far as a person has said, and the card that comes of it.

use std::collections::BTreeMap;

use crate::book::ContactId;
use crate::card::{Card, NotACard};
use crate::merge::{survivor, unite};
use crate::sync::Merging;

use super::compare::told;

/// What was chosen so far. Everywhere else the rules decide.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices {
    /// The other one goes on, not the one that says most.
    swapped: bool,
    /// By property name the contact, 0 or 1, whose value is taken.
    take: BTreeMap<String, usize>,
    /// The whole card, written by hand.
    written: Option<String>,
    /// A text that was written and is no card, for the next try.
    unfinished: Option<String>,
}

/// What would come of a merge.
#[derive(Debug, Clone)]
pub struct Preview {
    pub card: Card,
    /// The contact, 0 or 1, that goes on.
    pub keeps: usize,
    pub disputed: Vec<Dispute>,
    pub is_written: bool,
}

/// A property of which the merged card has room for one value, and of which there are two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispute {
    /// The canonical name.
    pub name: String,
    /// The value of each contact, not made safe for a terminal.
    pub values: [Option<String>; 2],
    /// The contact, 0 or 1, whose value stands.
    pub taken: usize,
}

impl Choices {
    /// The choices of an answer that was given before.
    pub fn of(merging: &Merging, contacts: &[ContactId; 2], cards: &[Card]) -> Self {
        let index = |contact: &ContactId| contacts.iter().position(|known| known == contact);
        let keep = merging.keep.as_ref().and_then(index);
        Choices {
            swapped: keep.is_some_and(|keep| keep != best(cards)),
            take: merging
                .take
                .iter()
                .filter_map(|(name, contact)| Some((name.clone(), index(contact)?)))
                .collect(),
            written: merging.card.clone(),
            unfinished: None,
        }
    }

    /// The answer: to merge like this.
    pub fn merging(&self, contacts: &[ContactId; 2], cards: &[Card]) -> Merging {
        Merging {
            keep: self.swapped.then(|| contacts[self.keeps(cards)].clone()),
            take: self
                .take
                .iter()
                .map(|(name, index)| (name.clone(), contacts[*index].clone()))
                .collect(),
            card: self.written.clone(),
            begun: false,
        }
    }

    /// The merged card as it would be; none unless there are two cards.
    pub fn preview(&self, cards: &[Card]) -> Option<Preview> {
        let [_, _] = cards else {
            return None;
        };
        let keeps = self.keeps(cards);
        // In the order in which the cards are united the one that goes on is the first.
        let place = |index: usize| usize::from(index != keeps);
        let take = self
            .take
            .iter()
            .map(|(name, index)| (name.clone(), place(*index)));
        let united = unite(&[&cards[keeps], &cards[1 - keeps]], &take.collect())?;
        let value = |values: &[Option<crate::card::Field>], index: usize| {
            values.get(place(index))?.as_ref().map(told)
        };
        let disputed = united.disputed.iter().map(|disputed| Dispute {
            name: disputed.name.clone(),
            values: [0, 1].map(|index| value(&disputed.values, index)),
            taken: if disputed.taken == 0 {
                keeps
            } else {
                1 - keeps
            },
        });
        let written = self
            .written
            .as_ref()
            .and_then(|text| Card::parse(text.as_bytes()).ok());
        Some(Preview {
            keeps,
            disputed: disputed.collect(),
            is_written: written.is_some(),
            card: written.unwrap_or(united.card),
        })
    }

    /// Lets the other contact go on. What was written by hand is dropped: it was another card.
    pub fn swap(&mut self) {
        self.swapped = !self.swapped;
        self.drop_written();
    }

    /// Takes the value of this contact, 0 or 1. What was written by hand is dropped.
    pub fn take(&mut self, name: &str, contact: usize) {
        self.take.insert(name.to_owned(), contact);
        self.drop_written();
    }

    /// The text to put before somebody who wants to edit the card, with plain line ends; none where
    /// the card is no UTF-8.
    pub fn text_to_edit(&self, cards: &[Card]) -> Option<String> {
        if let Some(text) = &self.unfinished {
            return Some(text.clone());
        }
        let card = self.preview(cards)?.card;
        let text = String::from_utf8(card.bytes().to_vec()).ok()?;
        Some(text.replace("\r\n", "\n"))
    }

    /// Takes the edited text, in the line ends that vCard wants (RFC 6350 section 3.2).
    ///
    /// # Errors
    /// It is no card. It is kept for the next try, and what was there before stands.
    pub fn write(&mut self, text: &str) -> Result<(), NotACard> {
        let lines = text.replace("\r\n", "\n").replace('\n', "\r\n");
        match Card::parse(lines.as_bytes()) {
            Ok(_) => {
                self.written = Some(lines);
                self.unfinished = None;
                Ok(())
            }
            Err(error) => {
                self.unfinished = Some(text.to_owned());
                Err(error)
            }
        }
    }

    fn drop_written(&mut self) {
        self.written = None;
        self.unfinished = None;
    }

    fn keeps(&self, cards: &[Card]) -> usize {
        let best = best(cards);
        if self.swapped { 1 - best } else { best }
    }
}

/// The one of two cards, 0 or 1, that goes on where nobody says otherwise.
fn best(cards: &[Card]) -> usize {
    let [one, other] = cards else {
        return 0;
    };
    survivor(&[one, other]).unwrap_or(0).min(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(lines: &str) -> Card {
        let text = format!("BEGIN:VCARD\r\nVERSION:3.0\r\n{lines}\r\nEND:VCARD\r\n");
        Card::parse(text.as_bytes()).unwrap()
    }

    fn contacts() -> [ContactId; 2] {
        [ContactId::new("a"), ContactId::new("b")]
    }

    fn cards() -> Vec<Card> {
        vec![card("UID:a\r\nFN:Ada"), card("UID:b\r\nFN:Ada\r\nTEL:1")]
    }

    #[test]
    fn without_a_word_the_rules_decide() {
        let choices = Choices::default();
        let preview = choices.preview(&cards()).unwrap();
        assert_eq!(preview.keeps, 1);
        assert_eq!(preview.card.uid().as_deref(), Some("b"));
        assert_eq!(choices.merging(&contacts(), &cards()), Merging::default());
    }

    #[test]
    fn a_swap_lets_the_other_one_go_on_and_two_swaps_are_none() {
        let mut choices = Choices::default();
        choices.swap();
        let preview = choices.preview(&cards()).unwrap();
        assert_eq!(
            (preview.keeps, preview.card.uid().as_deref()),
            (0, Some("a"))
        );
        let merging = choices.merging(&contacts(), &cards());
        assert_eq!(merging.keep, Some(ContactId::new("a")));
        choices.swap();
        assert_eq!(choices, Choices::default());
    }

    #[test]
    fn an_answer_reads_back_as_the_choices_it_came_from() {
        let mut choices = Choices::default();
        choices.swap();
        choices.take("TITLE", 1);
        choices
            .write("BEGIN:VCARD\nVERSION:3.0\nFN:Ada\nEND:VCARD\n")
            .unwrap();
        let merging = choices.merging(&contacts(), &cards());
        assert_eq!(Choices::of(&merging, &contacts(), &cards()), choices);
    }

    #[test]
    fn what_is_no_card_is_kept_for_the_next_try_and_changes_nothing() {
        let mut choices = Choices::default();
        assert!(choices.write("FN:Ada\n").is_err());
        assert_eq!(choices.merging(&contacts(), &cards()), Merging::default());
        assert_eq!(choices.text_to_edit(&cards()).as_deref(), Some("FN:Ada\n"));
    }

    #[test]
    fn an_edited_card_has_the_line_ends_of_vcard() {
        let mut choices = Choices::default();
        let text = choices.text_to_edit(&cards()).unwrap();
        assert!(!text.contains('\r'));
        choices.write(&text.replace("FN:Ada", "FN:Ada L.")).unwrap();
        let preview = choices.preview(&cards()).unwrap();
        assert!(preview.is_written);
        assert_eq!(
            preview.card.bytes(),
            card("UID:b\r\nFN:Ada L.\r\nTEL:1").bytes()
        );
    }
}
