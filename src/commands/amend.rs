//! Edits what contacts have agreed on, in the local state; the next `sync` takes it to the stores.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::civil::Date;
use jiff::{Timestamp, Zoned};
use schemars::JsonSchema;
use serde::Serialize;

use crate::book::{ContactId, Held, Known};
use crate::card::{Card, Change, Field, FieldKey, authored, digest, second_opinion};
use crate::config::Config;
use crate::contact::{Bridging, Edited, bridge};
use crate::merge::without_folded;
use crate::state::{State, StateErrorKind};
use crate::sync::{QuestionId, keys_of};
use crate::ui::out::Page;
use crate::ui::text::clean;

use super::contact::find;
use super::open::open_state;
use super::{Surroundings, Trouble};

/// Properties of ours all start like this.
const OURS: &str = "X-CARDWEAVE-";

/// How long another run is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
const BETWEEN: Duration = Duration::from_millis(100);

/// The contacts of one book that are to change.
pub struct Amendment<'a> {
    state: &'a mut State,
    book: String,
    mirror_tiers: bool,
    known: BTreeMap<ContactId, Known>,
    edited: BTreeMap<ContactId, Edited>,
    /// Fields that waited for a decision, and what somebody says here is one.
    decided: BTreeMap<ContactId, BTreeSet<FieldKey>>,
}

/// A contact that was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Amended {
    pub book: String,
    pub id: String,
    pub name: String,
    /// Whether anything was to be changed.
    pub changed: bool,
}

impl<'a> Amendment<'a> {
    /// Begins to change contacts of a book.
    pub fn of(config: &Config, state: &'a mut State, book: &str) -> Self {
        let mut books = config.books.iter();
        Amendment {
            mirror_tiers: books.any(|known| known.name == book && known.mirror_tiers),
            book: book.to_owned(),
            state,
            known: BTreeMap::new(),
            edited: BTreeMap::new(),
            decided: BTreeMap::new(),
        }
    }

    /// The contact of this id, with all that is known of it.
    pub fn known(&self, id: &ContactId) -> Result<Option<Known>, Trouble> {
        let mut known = self.state.contacts(&self.book, &[id.clone()].into())?;
        Ok(known.pop())
    }

    /// Changes a contact. Changes of one contact add up. A field that waits for a decision and is
    /// changed here is decided by that.
    pub fn change(&mut self, known: &Known, changes: &[Change]) {
        let edited = self
            .edited
            .entry(known.id.clone())
            .or_insert_with(|| Edited {
                before: Some(known.agreed.clone()),
                after: Some(known.agreed.clone()),
                held_back: known.held_back.clone(),
            });
        edited.after = edited.after.take().map(|card| card.apply(changes));
        let is_said = |key: &FieldKey| {
            changes.iter().any(|change| match change {
                Change::Add(field) => field.key() == key,
                Change::Remove(other) => other == key,
                Change::Replace(other, field) => other == key || field.key() == key,
            })
        };
        let (said, waiting): (Vec<_>, Vec<_>) = std::mem::take(&mut edited.held_back)
            .into_iter()
            .partition(is_said);
        edited.held_back = waiting;
        if !said.is_empty() {
            self.decided
                .entry(known.id.clone())
                .or_default()
                .extend(said);
        }
        self.known
            .entry(known.id.clone())
            .or_insert_with(|| known.clone());
    }

    /// Adds a contact that no store has yet; the next `sync` creates it everywhere.
    pub fn add(&mut self, id: ContactId, card: Card) {
        let edited = Edited {
            before: None,
            after: Some(card),
            held_back: Vec::new(),
        };
        self.edited.insert(id, edited);
    }

    /// Saves all of it or nothing. Returns who was named, by name.
    ///
    /// # Errors
    /// The state; or a line that a strict reader would not read back, and nothing was changed.
    pub fn save(mut self) -> Result<Vec<Amended>, Trouble> {
        let named: Vec<ContactId> = self.edited.keys().cloned().collect();
        self.let_others_follow()?;
        for edited in self.edited.values_mut() {
            edited.after = edited.after.take().map(|card| without_folded(&card));
        }
        for edited in self.edited.values() {
            check(edited)?;
        }
        let (state, book, known) = (self.state, &self.book, &self.known);
        let mut amended = Vec::new();
        state.transaction(|tx| {
            for (id, edited) in &self.edited {
                let Some(after) = &edited.after else { continue };
                let decided = self.decided.get(id);
                let changed = edited.before.as_ref() != Some(after) || decided.is_some();
                if named.contains(id) {
                    amended.push(Amended {
                        book: book.clone(),
                        id: id.to_string(),
                        name: after.name(),
                        changed,
                    });
                }
                if !changed {
                    continue;
                }
                let known = known.get(id);
                let copies = known.iter().flat_map(|known| known.stores.values());
                let keys = keys_of(after, copies.map(|held| &held.held));
                let mut held_back = known.map_or(Vec::new(), |known| known.held_back.clone());
                held_back.retain(|key| decided.is_none_or(|decided| !decided.contains(key)));
                tx.put_contact(book, id, &after.name(), after, &held_back, &keys)?;
                for key in decided.into_iter().flatten() {
                    let question = QuestionId::of_field(id, key);
                    tx.close_question(book, question.as_str())?;
                    tx.decision_used(book, question.as_str())?;
                }
                if let (Some(known), Some(decided)) = (known, decided) {
                    for (store, held) in &known.stores {
                        tx.put_entry(book, id, store, &given_as_held(held, decided))?;
                    }
                }
            }
            Ok(())
        })?;
        amended.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        Ok(amended)
    }

    /// Lets the cards that say the same in another place follow, whoever they belong to.
    fn let_others_follow(&mut self) -> Result<(), Trouble> {
        let edited = self.edited.values();
        let cards: Vec<&Card> = edited
            .flat_map(|edited| edited.before.iter().chain(&edited.after))
            .collect();
        let there: BTreeSet<&ContactId> = self.edited.keys().collect();
        for known in self.state.followers(&self.book, &cards, &there)? {
            self.edited
                .insert(known.id.clone(), Edited::idle(&known.agreed));
            self.known.insert(known.id.clone(), known);
        }
        let also_known = self.known.values().flat_map(|known| {
            let copies = known.stores.values();
            let uids = copies.filter_map(|held| held.held.uid());
            uids.map(|uid| (uid.to_lowercase(), known.id.clone()))
        });
        let bridging = Bridging {
            mirror_tiers: self.mirror_tiers,
            today: today(),
            also_known: also_known.collect(),
        };
        for (id, changes) in bridge(&self.edited, &bridging) {
            if let Some(edited) = self.edited.get_mut(&id) {
                edited.after = edited.after.take().map(|card| card.apply(&changes));
            }
        }
        Ok(())
    }
}

/// The entry as if it had been given these fields as it holds them: then whatever is agreed on from
/// now on is due there.
fn given_as_held(held: &Held, keys: &BTreeSet<FieldKey>) -> Held {
    let fields = held.held.fields();
    let changes: Vec<Change> = keys
        .iter()
        .map(|key| match fields.iter().find(|field| field.key() == key) {
            Some(field) => Change::Add(field.clone()),
            None => Change::Remove(key.clone()),
        })
        .collect();
    let removals: Vec<Change> = keys.iter().cloned().map(Change::Remove).collect();
    Held {
        given: held.given.apply(&removals).apply(&changes),
        ..held.clone()
    }
}

/// Has every line that is new built and read back by a strict reader.
fn check(edited: &Edited) -> Result<(), Trouble> {
    let Some(after) = edited
        .after
        .as_ref()
        .filter(|_| edited.before != edited.after)
    else {
        return Ok(());
    };
    let before: Vec<Field> = edited.before.iter().flat_map(Card::fields).collect();
    let before: BTreeMap<&FieldKey, &Field> =
        before.iter().map(|field| (field.key(), field)).collect();
    let is_new = |field: &&Field| before.get(field.key()) != Some(field);
    let is_ours = |field: &&Field| field.name().starts_with(OURS);
    let fields = after.fields();
    let mut ours = fields.iter().filter(is_ours).filter(is_new);
    let built = ours.try_for_each(|field| authored(field).map(drop));
    let known: Vec<&Card> = edited.before.iter().collect();
    built
        .and_then(|()| second_opinion(after, &known))
        .map_err(|odd| {
            Trouble::Asked(format!(
                "What is to stand on the card of \"{}\" cannot be written there ({}). Nothing was \
                 changed. Say it in fewer or simpler words.",
                clean(&after.name()),
                clean(&odd.reason)
            ))
        })
}

/// The state, to change it. A run that is going on is waited for a little, since it is mostly one
/// from cron.
pub fn state_to_amend(at: &Surroundings) -> Result<State, Trouble> {
    let begun = std::time::Instant::now();
    loop {
        match open_state(at) {
            Err(Trouble::State(error))
                if error.kind == StateErrorKind::Locked && begun.elapsed() < PATIENCE =>
            {
                std::thread::sleep(BETWEEN);
            }
            other => return other,
        }
    }
}

/// Makes the same change of each of several contacts, which may be of different books.
///
/// # Errors
/// One of them is not known or not the only one; nothing was changed then.
pub fn amend_each(
    config: &Config,
    state: &mut State,
    contacts: &[String],
    mut change: impl FnMut(&Known) -> Vec<Change>,
) -> Result<Vec<Amended>, Trouble> {
    let mut by_book: BTreeMap<String, Vec<Known>> = BTreeMap::new();
    for wanted in contacts {
        let (book, known) = find(config, state, wanted)?;
        let of_book = by_book.entry(book).or_default();
        // Whoever is named twice is meant once.
        if of_book.iter().all(|other| other.id != known.id) {
            of_book.push(known);
        }
    }
    let mut amended = Vec::new();
    for (book, contacts) in by_book {
        let mut amendment = Amendment::of(config, state, &book);
        for known in &contacts {
            amendment.change(known, &change(known));
        }
        amended.extend(amendment.save()?);
    }
    Ok(amended)
}

/// Today on this machine's clock.
pub fn today() -> Date {
    Zoned::now().date()
}

/// An ID that no other line of a card has, on whichever device: eight hexadecimal digits.
pub fn fresh_id(contact: &ContactId, text: &str) -> String {
    let now = Timestamp::now().as_nanosecond();
    let seed = format!("{now}\0{}\0{contact}\0{text}", std::process::id());
    digest(seed.as_bytes(), 4)
}

/// The UID of a goal, which its name decides: two devices that set one goal at once set the same.
pub fn goal_uid(name: &str) -> String {
    uuid(&digest(format!("cardweave goal\0{name}").as_bytes(), 16))
}

/// A UID that no other card has.
pub fn fresh_uid(name: &str) -> String {
    let part = |salt: &str| fresh_id(&ContactId::new(salt), name);
    uuid(&["a", "b", "c", "d"].map(part).concat())
}

/// A UUID of version 8 (RFC 9562 section 5.8) of 32 hexadecimal digits.
fn uuid(digits: &str) -> String {
    format!(
        "{}-{}-8{}-8{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[13..16],
        &digits[17..20],
        &digits[20..]
    )
}

/// What was done to whom, one line each.
pub fn told(amended: &[Amended], done: &str, page: &Page) -> String {
    let lines: Vec<String> = amended
        .iter()
        .map(|one| {
            let what = if one.changed { done } else { "is so already" };
            format!("{}: {what}", page.style.strong(&clean(&one.name)))
        })
        .collect();
    lines.join("\n")
}
