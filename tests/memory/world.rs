//! The world of a test: stores in memory, a state in a temporary place, and runs over both.
//!
//! The only place in these tests that knows how a run is put together.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

use cardweave::book::{ContactId, StoreId};
use cardweave::card::{Card, Field};
use cardweave::config::Duplicates;
use cardweave::merge::Conflicts;
use cardweave::run::{Book, BookSummary, Options, Terms, Undone, run, undo_run};
use cardweave::state::{Access, OpenQuestion, State};
use cardweave::store::Store;
use cardweave::store::memory::Memory;
use cardweave::sync::{Alike, Answer, Question, Unwatched};
use jiff::Timestamp;
use tempfile::TempDir;

pub const BOOK: &str = "people";

pub struct World {
    pub stores: Vec<Memory>,
    pub conflicts: Conflicts,
    pub duplicates: Duplicates,
    pub mirror_tiers: bool,
    pub read_only: Vec<String>,
    /// What never goes to a store and is never taken from there.
    pub omit: BTreeMap<String, Vec<String>>,
    pub accept_deletes: bool,
    machines: Vec<TempDir>,
    runs: i64,
}

impl World {
    /// Stores of these names, each empty, and one machine that syncs them.
    pub fn new(names: &[&str]) -> World {
        World::of(names.iter().map(|name| Memory::new(name)).collect())
    }

    pub fn of(stores: Vec<Memory>) -> World {
        World {
            stores,
            conflicts: Conflicts::Ask,
            duplicates: Duplicates::Off,
            mirror_tiers: false,
            read_only: Vec::new(),
            omit: BTreeMap::new(),
            accept_deletes: false,
            machines: vec![temporary()],
            runs: 0,
        }
    }

    /// One more machine with a state of its own; machines count from 0.
    pub fn with_machine(mut self) -> World {
        self.machines.push(temporary());
        self
    }

    pub fn store(&self, name: &str) -> &Memory {
        let found = self.stores.iter().find(|store| store.id().as_str() == name);
        found.expect("the test names a store of its world")
    }

    /// Puts a card of these lines (FN, N and UID follow from the name unless they are given).
    pub fn put(&self, store: &str, name: &str, lines: &str) {
        self.store(store)
            .put_behind(&href(name), &card(name, lines));
    }

    pub fn delete(&self, store: &str, name: &str) {
        assert!(
            self.store(store).delete_behind(&href(name)),
            "{name} is in {store}"
        );
    }

    pub fn run(&mut self) -> BookSummary {
        self.run_on(0)
    }

    /// A run on one of several machines.
    pub fn run_on(&mut self, machine: usize) -> BookSummary {
        let options = self.options();
        let mut state = self.state_of(machine);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        runtime
            .block_on(run(&self.book(), &mut state, &options, &Unwatched))
            .expect("the state works")
    }

    /// The two contacts of these names, as the machine knows them.
    pub fn contacts(&self, machine: usize, names: [&str; 2]) -> [ContactId; 2] {
        let known = self.state_of(machine).names(BOOK).expect("the state works");
        names.map(|name| {
            let found: Vec<&ContactId> = known
                .iter()
                .filter(|(_, known)| known == name)
                .map(|(id, _)| id)
                .collect();
            assert_eq!(found.len(), 1, "{name} among {known:?}");
            found[0].clone()
        })
    }

    /// Answers whether two contacts are one person, as `merge` and `answer` do.
    pub fn decide(&self, machine: usize, names: [&str; 2], answer: &Answer) {
        let contacts = self.contacts(machine, names);
        self.decide_of(machine, contacts, answer);
    }

    pub fn decide_of(&self, machine: usize, contacts: [ContactId; 2], answer: &Answer) {
        let names = contacts.clone().map(|id| id.to_string());
        let question = OpenQuestion::from(Question::Duplicate(Alike::by_hand(contacts, names)));
        self.state_of(machine)
            .transaction(|tx| {
                tx.put_question(BOOK, &question)?;
                tx.answer_in(BOOK, &question.id, &answer.to_string())
            })
            .expect("the state works");
    }

    /// Takes a run back.
    pub fn undo(&mut self, machine: usize, run: i64) -> Undone {
        let mut state = self.state_of(machine);
        let at = self.options().at;
        let done = state.done(run).expect("the state works");
        let joined = state
            .joined(BOOK, Some(run), None)
            .expect("the state works");
        let begun = state
            .transaction(|tx| tx.begin_run(at, "undo"))
            .expect("the state works");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        let book = self.book();
        let undo = undo_run(&book, &mut state, begun, done, &joined, &Unwatched);
        runtime.block_on(undo).expect("the state works")
    }

    /// Everything that every store holds, by address.
    pub fn everything(&self) -> BTreeMap<String, Vec<u8>> {
        let mut all = BTreeMap::new();
        for store in &self.stores {
            for (href, bytes) in store.entries() {
                all.insert(format!("{} {href}", store.id()), bytes);
            }
        }
        all
    }

    /// How the next run is meant; a minute after the one before.
    pub fn options(&mut self) -> Options {
        self.runs += 1;
        Options {
            dry_run: false,
            accept_deletes: self.accept_deletes,
            at: Timestamp::from_second(1_800_000_000 + self.runs * 60).expect("a time"),
            command: "sync".to_owned(),
            stop: Rc::new(Cell::new(false)),
        }
    }

    /// The file in which a machine keeps its state.
    pub fn state_file(&self, machine: usize) -> PathBuf {
        self.machines[machine].path().join("state.sqlite")
    }

    pub fn state_of(&self, machine: usize) -> State {
        State::open(self.machines[machine].path(), Access::Run)
            .expect("the state opens")
            .0
    }

    /// Nobody syncs for so long.
    pub fn let_days_pass(&mut self, days: i64) {
        self.runs += days * 24 * 60;
    }

    /// Loses the state of a machine, as a broken disk does.
    pub fn lose_state(&mut self, machine: usize) {
        self.machines[machine] = temporary();
    }

    pub fn book(&self) -> Book {
        let terms = |store: &Memory| {
            let name = store.id().as_str().to_owned();
            (
                store.id().clone(),
                Terms {
                    writable: !self.read_only.contains(&name),
                    omit: self.omit.get(&name).cloned().unwrap_or_default(),
                },
            )
        };
        Book {
            name: BOOK.to_owned(),
            conflicts: self.conflicts.clone(),
            duplicates: self.duplicates,
            mirror_tiers: self.mirror_tiers,
            region: Some("DE".to_owned()),
            stores: self
                .stores
                .iter()
                .map(|store| {
                    (
                        store.id().clone(),
                        Box::new(store.clone()) as Box<dyn Store>,
                    )
                })
                .collect(),
            terms: self.stores.iter().map(terms).collect(),
            unopened: BTreeMap::new(),
        }
    }

    /// The lines that a store holds of a person, beside what every card has.
    pub fn lines(&self, store: &str, name: &str) -> Vec<String> {
        let entries = self.store(store).entries();
        let cards = entries
            .values()
            .map(|bytes| Card::parse(bytes).expect("a card"));
        let mut found: Vec<Card> = cards.filter(|card| card.name() == name).collect();
        assert!(found.len() < 2, "{name} is twice in {store}");
        let Some(card) = found.pop() else {
            return vec!["(not there)".to_owned()];
        };
        let mut lines: Vec<String> = card
            .fields()
            .iter()
            .filter(|field| !is_common(field))
            .map(told)
            .collect();
        lines.sort();
        lines
    }

    /// How many writes all stores got since the counts were reset.
    pub fn writes(&self) -> usize {
        self.stores.iter().map(|store| store.counts().writes).sum()
    }

    pub fn reset_counts(&self) {
        self.stores.iter().for_each(Memory::reset_counts);
    }
}

fn is_common(field: &Field) -> bool {
    matches!(field.name(), "FN" | "N")
}

/// A field in a word: `TEL:+491`.
pub fn told(field: &Field) -> String {
    format!("{}:{}", field.name(), field.text())
}

fn temporary() -> TempDir {
    // In memory where that is possible: a run commits often, and a disk makes that slow.
    let shared = std::path::Path::new("/dev/shm");
    let place = if shared.is_dir() {
        shared.to_owned()
    } else {
        std::env::temp_dir()
    };
    tempfile::tempdir_in(place).expect("a temporary directory")
}

/// The address that cardweave gives the card too, so that a test can edit what a run created.
pub fn href(name: &str) -> String {
    format!("uid-of-{}.vcf", name.to_lowercase())
}

/// A vCard 3.0 of these lines.
pub fn card(name: &str, lines: &str) -> Vec<u8> {
    let mut text = String::from("BEGIN:VCARD\r\nVERSION:3.0\r\n");
    if !lines.contains("UID:") {
        text.push_str(&format!("UID:uid-of-{}\r\n", name.to_lowercase()));
    }
    if !lines.contains("FN:") {
        text.push_str(&format!("FN:{name}\r\nN:;{name};;;\r\n"));
    }
    for line in lines.lines() {
        text.push_str(line);
        text.push_str("\r\n");
    }
    text.push_str("END:VCARD\r\n");
    text.into_bytes()
}

pub fn store_id(name: &str) -> StoreId {
    StoreId::new(name)
}
