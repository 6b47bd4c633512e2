//! The laws of syncing, tried on random histories: nothing is lost, all stores converge, the next
//! run does nothing, and the order of the stores plays no part.
//!
//! Every value that is ever written is a word of its own, so that its fate can be followed. A
//! history is a number: `CARDWEAVE_SEED=7 cargo test --test memory laws` plays that one alone, and
//! `CARDWEAVE_HISTORIES` says how many to play.

use std::collections::{BTreeMap, BTreeSet};

use crate::chance::Chance;
use crate::world::{self, World};
use cardweave::card::{Card, Change, Field};
use cardweave::run::Standing;
use cardweave::store::memory::{Failure, Memory};

/// Where a history is played.
struct Play {
    world: World,
    chance: Chance,
    /// All words ever written, and those that somebody who saw them took away.
    written: BTreeSet<String>,
    taken_away: BTreeSet<String>,
    words: usize,
    people: usize,
    told: Vec<String>,
    /// The stores that strip `X-` properties.
    strips: Vec<String>,
}

const SETS: [&str; 4] = ["TEL", "EMAIL", "URL", "CATEGORIES"];
const SLOTS: [&str; 4] = ["NOTE", "TITLE", "X-CARDWEAVE-TIER", "X-HOBBY"];

impl Play {
    fn new(seed: u64, stores: Vec<Memory>) -> Play {
        let mut world = World::of(stores);
        world.accept_deletes = true;
        Play {
            world,
            chance: Chance::new(seed),
            written: BTreeSet::new(),
            taken_away: BTreeSet::new(),
            words: 0,
            people: 0,
            told: Vec::new(),
            strips: Vec::new(),
        }
    }

    fn tell(&mut self, text: String) {
        self.told.push(text);
    }

    /// A value that was never written before.
    fn word(&mut self, property: &str) -> String {
        self.words += 1;
        let word = match property {
            "TEL" => format!("+4930{:06}", self.words),
            "EMAIL" => format!("w{}@example.com", self.words),
            "URL" => format!("https://example.com/w{}", self.words),
            _ => format!("w{}", self.words),
        };
        self.written.insert(word.clone());
        word
    }

    /// Somebody adds, edits or deletes a card in one store.
    fn edit(&mut self) {
        let store = self.chance.pick(&self.world.stores).clone();
        let name = store.name();
        let entries: Vec<_> = store.entries().into_iter().collect();
        if entries.is_empty() || self.chance.once_in(5) {
            self.people += 1;
            let person = format!("Person{}", self.people);
            let (tel, note) = (self.word("TEL"), self.word("NOTE"));
            self.world
                .put(&name, &person, &format!("TEL:{tel}\nNOTE:{note}"));
            return self.tell(format!("{name}: {person} is new, {tel}, {note}"));
        }
        let (href, bytes) = self.chance.pick(&entries).clone();
        let card = Card::parse(&bytes).expect("a card");
        if self.chance.once_in(8) {
            // Whoever deletes a person deletes with it what this store cannot show of it.
            let entries = self
                .world
                .stores
                .iter()
                .flat_map(|store| store.entries().into_values());
            let copies: Vec<Card> = entries
                .map(|bytes| Card::parse(&bytes).expect("a card"))
                .collect();
            for copy in copies.iter().filter(|copy| copy.name() == card.name()) {
                let mut unseen = copy.fields();
                unseen.retain(|field| !self.keeps(&store, field));
                self.taken_away.extend(unseen.iter().map(Field::text));
            }
            self.taken_away.extend(words_of(&card));
            store.delete_behind(href.as_str());
            return self.tell(format!("{name}: {} is deleted", card.name()));
        }
        let change = self.change(&store, &card);
        self.tell(format!("{name}: {}: {change:?}", card.name()));
        store.put_behind(href.as_str(), card.apply(&[change]).bytes());
    }

    fn keeps(&self, store: &Memory, field: &Field) -> bool {
        !self.strips.contains(&store.name())
            || !matches!(field.name(), "HOBBY" | "X-CARDWEAVE-TIER")
    }

    fn change(&mut self, store: &Memory, card: &Card) -> Change {
        if self.chance.once_in(2) {
            let mut property = *self.chance.pick(&SLOTS);
            if !self.keeps(store, &Field::new(property, "")) {
                property = "NOTE";
            }
            let word = self.word(property);
            let new = Field::new(property, &word);
            let old = card
                .fields()
                .into_iter()
                .find(|field| field.name() == new.name());
            let Some(old) = old else {
                return Change::Add(new);
            };
            self.taken_away.insert(old.text());
            return Change::Replace(old.key().clone(), new);
        }
        let property = *self.chance.pick(&SETS);
        let there: Vec<Field> = card
            .fields()
            .into_iter()
            .filter(|field| field.name() == property)
            .collect();
        if there.is_empty() || self.chance.once_in(3) {
            let word = self.word(property);
            return Change::Add(Field::new(property, &word));
        }
        let old = self.chance.pick(&there).clone();
        self.taken_away.insert(old.text());
        if self.chance.once_in(3) {
            return Change::Remove(old.key().clone());
        }
        let word = self.word(property);
        Change::Replace(old.key().clone(), Field::new(property, &word))
    }

    /// Lets one of the next writes of a store fail, in one of the ways in which writes fail.
    fn break_something(&mut self) {
        let store = self.chance.pick(&self.world.stores).clone();
        let failures = [
            Failure::Unreachable,
            Failure::LostRequest,
            Failure::LostReply,
        ];
        let failure = self.chance.pick(&failures).clone();
        let number = store.counts().writes + 1 + self.chance.below(3);
        self.tell(format!(
            "{}: write {number} will be {failure:?}",
            store.name()
        ));
        store.fail_write(number, failure);
    }

    fn run(&mut self, machine: usize) {
        self.tell(format!("machine {machine} syncs"));
        let summary = self.world.run_on(machine);
        assert_ne!(summary.standing, Standing::Stopped);
    }

    /// Four times some edits, what happens between them and the run, and the run.
    fn live(&mut self, between: impl Fn(&mut Play)) {
        for _ in 0..4 {
            for _ in 0..self.chance.below(5) {
                self.edit();
            }
            between(self);
            self.run(0);
        }
    }

    /// Once faults have stopped, two runs of each machine are enough.
    fn come_to_rest(&mut self, machines: usize) {
        for store in &self.world.stores {
            store.heal();
        }
        for _ in 0..3 {
            for machine in 0..machines {
                self.run(machine);
            }
        }
        self.world.reset_counts();
        for machine in 0..machines {
            self.run(machine);
        }
        assert_eq!(self.world.writes(), 0, "the next run writes nothing");
    }

    /// What the stores hold of each person: per store the fields in words.
    fn people(&self) -> BTreeMap<String, BTreeMap<String, BTreeSet<String>>> {
        let mut people: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
        for store in &self.world.stores {
            for bytes in store.entries().values() {
                let card = Card::parse(bytes).expect("a card");
                let fields = card.fields().iter().map(world::told).collect();
                let twice = people
                    .entry(card.name())
                    .or_default()
                    .insert(store.name(), fields);
                assert_eq!(twice, None, "{} is twice in {}", card.name(), store.name());
            }
        }
        people
    }

    fn check_nothing_lost(&self) {
        let mut there = BTreeSet::new();
        for store in &self.world.stores {
            for bytes in store.entries().values() {
                there.extend(words_of(&Card::parse(bytes).expect("a card")));
            }
        }
        for word in self.written.difference(&self.taken_away) {
            assert!(there.contains(word), "{word} is lost");
        }
    }

    /// All stores hold the same, but for the fields that wait for a person.
    fn check_convergence(&mut self) {
        let open = self.world.run_on(0).questions;
        for (person, by_store) in self.people() {
            assert_eq!(
                by_store.len(),
                self.world.stores.len(),
                "{person} is not everywhere: {by_store:?}"
            );
            let held_back: BTreeSet<&str> = open
                .iter()
                .filter_map(|question| question.conflict())
                .filter(|conflict| conflict.name == person)
                .map(|conflict| conflict.field.as_str())
                .collect();
            let settled = |fields: &BTreeSet<String>| -> BTreeSet<String> {
                let property = |field: &String| field.split(':').next().unwrap_or("").to_owned();
                fields
                    .iter()
                    .filter(|field| !held_back.contains(property(field).as_str()))
                    .cloned()
                    .collect()
            };
            let different: BTreeSet<_> = by_store.values().map(settled).collect();
            assert_eq!(
                different.len(),
                1,
                "{person} differs: {by_store:#?}, open {held_back:?}"
            );
        }
    }
}

/// The values of a card, without its name.
fn words_of(card: &Card) -> Vec<String> {
    let fields = card.fields();
    fields
        .iter()
        .filter(|field| !matches!(field.name(), "FN" | "N"))
        .map(Field::text)
        .collect()
}

fn seeds() -> impl Iterator<Item = u64> {
    let number = |name: &str| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse::<u64>().ok())
    };
    let (first, count) = match number("CARDWEAVE_SEED") {
        Some(seed) => (seed, 1),
        None => (1, number("CARDWEAVE_HISTORIES").unwrap_or(400)),
    };
    eprintln!("histories {first} to {}", first + count - 1);
    first..first + count
}

/// Plays one history after the other; one that breaks a law is told from its beginning.
fn play(make: impl Fn(u64) -> Play, law: impl Fn(&mut Play) + std::panic::RefUnwindSafe) {
    for seed in seeds() {
        let mut play = make(seed);
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| law(&mut play)));
        if let Err(broken) = outcome {
            eprintln!("history {seed} breaks the law:\n{}", play.told.join("\n"));
            std::panic::resume_unwind(broken);
        }
    }
}

fn three(seed: u64) -> Play {
    Play::new(seed, ["home", "phone", "work"].map(Memory::new).into())
}

#[test]
fn nothing_is_lost_and_all_stores_converge() {
    play(three, |play| {
        play.live(|_| {});
        play.come_to_rest(1);
        play.check_nothing_lost();
        play.check_convergence();
    });
}

#[test]
fn writes_that_fail_lose_nothing_and_heal() {
    play(three, |play| {
        play.live(|play| {
            if play.chance.once_in(2) {
                play.break_something();
            }
        });
        play.come_to_rest(1);
        play.check_nothing_lost();
        play.check_convergence();
    });
}

#[test]
fn two_machines_with_states_of_their_own_converge() {
    let two_machines = |seed| {
        let mut play = three(seed);
        play.world = play.world.with_machine();
        play
    };
    play(two_machines, |play| {
        for _ in 0..5 {
            for _ in 0..play.chance.below(4) {
                play.edit();
            }
            let machine = play.chance.below(2);
            play.run(machine);
        }
        play.come_to_rest(2);
        play.check_nothing_lost();
        play.check_convergence();
    });
}

#[test]
fn a_store_that_strips_takes_nothing_from_the_others() {
    let with_stripping = |seed| {
        let stores = vec![
            Memory::new("home"),
            Memory::new("office").stripping_x(),
            Memory::new("phone").telling_what_it_kept(),
        ];
        let mut play = Play::new(seed, stores);
        play.strips = vec!["office".to_owned()];
        play
    };
    play(with_stripping, |play| {
        play.live(|_| {});
        play.come_to_rest(1);
        play.check_nothing_lost();
    });
}

#[test]
fn the_order_of_the_stores_plays_no_part() {
    for seed in seeds() {
        let ends: Vec<_> = [["a", "b", "c"], ["c", "a", "b"], ["b", "c", "a"]]
            .into_iter()
            .map(|names| {
                // The same history each time; only what the stores are called, and so their order,
                // differs.
                let mut play = Play::new(seed, names.map(Memory::new).into());
                for _ in 0..3 {
                    for _ in 0..play.chance.below(5) {
                        play.edit();
                    }
                    play.run(0);
                }
                play.come_to_rest(1);
                let people = play.people();
                let place = |store: &String| names.iter().position(|name| name == store);
                people
                    .into_iter()
                    .map(|(person, stores)| {
                        let placed: BTreeMap<_, _> = stores
                            .into_iter()
                            .map(|(store, fields)| (place(&store), fields))
                            .collect();
                        (person, placed)
                    })
                    .collect::<BTreeMap<_, _>>()
            })
            .collect();
        assert_eq!(ends[0], ends[1], "history {seed}");
        assert_eq!(ends[0], ends[2], "history {seed}");
    }
}

#[test]
fn a_lost_state_loses_nothing_and_doubles_nobody() {
    play(three, |play| {
        play.live(|play| {
            if play.chance.once_in(3) {
                play.tell("the state is lost".to_owned());
                play.world.lose_state(0);
            }
        });
        play.come_to_rest(1);
        play.check_nothing_lost();
        play.check_convergence();
    });
}

#[test]
fn stores_that_rewrite_converge_by_meaning() {
    // One sorts its lines, as Radicale does; one tells no version for what it changed.
    let sorting = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let lines: Vec<&str> = text.lines().collect();
        let (head, rest) = lines.split_at(2);
        let (body, end) = rest.split_at(rest.len() - 1);
        let mut body = body.to_vec();
        body.sort_unstable();
        [head, &body, end]
            .concat()
            .iter()
            .flat_map(|line| [*line, "\r\n"])
            .collect::<String>()
            .into_bytes()
    };
    let rewriting = |seed| {
        let stores = vec![
            Memory::new("home").telling_what_it_kept(),
            Memory::new("server").rewriting(sorting),
            Memory::new("work").rewriting(sorting),
        ];
        Play::new(seed, stores)
    };
    play(rewriting, |play| {
        play.live(|play| {
            if play.chance.once_in(3) {
                play.break_something();
            }
        });
        play.come_to_rest(1);
        play.check_nothing_lost();
        play.check_convergence();
    });
}
