//! Random histories of a server that misbehaves now and then: nothing is lost, and once it behaves
//! all converge.
//!
//! Every value that is ever written is a word of its own, so that its fate can be followed. A
//! history is a number: `CARDWEAVE_SEED=7 cargo test --test hostile histories` plays that one
//! alone, and `CARDWEAVE_HISTORIES` says how many to play.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use cardweave::run::Standing;

use super::chance::Chance;
use super::support::mischief::{Fault, Script};
use super::world::{A_WEEK_LATER, Held, World, check_no_blind_write};

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
    fired: usize,
}

/// The faults that take nothing from a card on the server: what is written there stays.
fn harmless_to_cards() -> Vec<Fault> {
    let is_meant = |fault: &Fault| {
        let takes = matches!(fault, Fault::Rewriting(..))
            || matches!(
                fault.name().as_str(),
                // Another client deletes a card with whatever it held.
                "delete_behind" | "create_behind" |
                // What is refused is not offered again until it changes, so that all may well
                // never be the same.
                "403" | "409" | "413" | "415" | "423" | "507" | "uid_conflict" | "readonly"
                | "torn_put" | "put_lies" |
                // Whoever was deleted comes back, and with him what he was deleted with.
                "delete_lies"
            );
        !takes
    };
    Fault::quick().into_iter().filter(is_meant).collect()
}

fn rewritings() -> Vec<Fault> {
    let is_meant = |fault: &Fault| matches!(fault, Fault::Rewriting(..));
    Fault::quick().into_iter().filter(is_meant).collect()
}

impl Play {
    fn new(seed: u64) -> Play {
        let mut play = Play {
            world: World::new(&[]),
            chance: Chance::new(seed),
            written: BTreeSet::new(),
            taken_away: BTreeSet::new(),
            words: 0,
            people: 0,
            told: Vec::new(),
            fired: 0,
        };
        // No guard shall hide what the rest of the code would do.
        play.world.accept_deletes = true;
        for _ in 0..6 {
            play.meet_somebody(true);
        }
        play.world.run();
        play
    }

    fn word(&mut self) -> String {
        self.words += 1;
        let word = format!("w{:05}", self.words);
        self.written.insert(word.clone());
        word
    }

    fn meet_somebody(&mut self, on_server: bool) {
        self.people += 1;
        let name = format!("Person{}", self.people);
        let lines = format!(
            "NOTE:{}\nURL:https://example.com/{}",
            self.word(),
            self.word()
        );
        self.put(on_server, &name, &lines);
        self.told.push(format!(
            "{name} is new, on the server: {on_server}: {lines}"
        ));
    }

    fn put(&self, on_server: bool, name: &str, lines: &str) {
        if on_server {
            self.world.put_on_server(name, lines);
        } else {
            self.world.put_in_folder(name, lines);
        }
    }

    fn side(&self, on_server: bool) -> Held {
        if on_server {
            self.world.at_server()
        } else {
            self.world.in_folder()
        }
    }

    /// Somebody adds, edits or deletes a card on one side.
    fn edit(&mut self) {
        let on_server = self.chance.once_in(2);
        let people: Vec<_> = self.side(on_server).into_iter().collect();
        if people.is_empty() || self.chance.once_in(4) {
            return self.meet_somebody(on_server);
        }
        let (name, fields) = self.chance.pick(&people).clone();
        let said = format!("{name}, on the server: {on_server}");
        if self.chance.once_in(8) && people.len() > 3 {
            self.take_away(fields.iter());
            if on_server {
                self.world.delete_on_server(&name);
            } else {
                self.world.delete_in_folder(&name);
            }
            return self.told.push(format!("{said}: deleted"));
        }
        let mut lines: Vec<String> = fields
            .iter()
            .filter(|field| !field.starts_with("FN:") && !field.starts_with("N:"))
            .cloned()
            .collect();
        if self.chance.once_in(2) {
            lines.push(format!("URL:https://example.com/{}", self.word()));
        } else {
            let notes = |line: &String| line.starts_with("NOTE:");
            self.take_away(lines.iter().filter(|line| notes(line)));
            lines.retain(|line| !notes(line));
            lines.push(format!("NOTE:{}", self.word()));
        }
        self.put(on_server, &name, &lines.join("\n"));
        self.told.push(format!("{said}: {lines:?}"));
    }

    fn take_away<'a>(&mut self, fields: impl Iterator<Item = &'a String>) {
        self.taken_away
            .extend(fields.filter_map(|field| word_of(field)));
    }

    fn run(&mut self) -> Standing {
        let summary = self.world.run();
        self.told.push(format!("a run: {:?}", summary.standing));
        check_no_blind_write(&self.world.server.take_requests());
        assert!(self.world.strays().is_empty(), "{:?}", self.world.strays());
        summary.standing
    }

    /// Edits and runs, while some of the requests meet some of the faults.
    fn suffer(&mut self, faults: &[Fault], seed: u64) {
        for round in 0..4 {
            for _ in 0..self.chance.below(4) {
                self.edit();
            }
            let mut some: Vec<Fault> = (0..3).map(|_| *self.chance.pick(faults)).collect();
            some.dedup();
            let script = Script::seeded(seed * 4 + round, &some, 0.25);
            let fired = script.fired();
            self.world.misbehave(script);
            if self.chance.once_in(4) {
                self.world.forget_address();
            }
            self.run();
            let fired = fired.lock().expect("nobody panics here");
            self.fired += fired.len();
            for struck in fired.iter() {
                self.told.push(format!(
                    "  {} at {} {}",
                    struck.fault, struck.method, struck.path
                ));
            }
        }
        self.world.behave();
    }

    fn come_to_rest(&mut self) {
        // A token that lied is found out by the next whole listing, which comes with time.
        self.world.now += A_WEEK_LATER;
        self.run();
        self.run();
        self.world.server.take_requests();
        self.world.run();
        for exchange in self.world.server.take_requests() {
            let is_write = matches!(exchange.method.as_str(), "PUT" | "DELETE");
            assert!(
                !is_write,
                "the third run still writes: {} {}",
                exchange.method, exchange.path
            );
        }
    }

    fn check_nothing_lost(&self) {
        let (folder, server) = (self.side(false), self.side(true));
        let fields = folder.values().chain(server.values()).flatten();
        let there: BTreeSet<String> = fields.filter_map(|field| word_of(field)).collect();
        for word in self.written.difference(&self.taken_away) {
            assert!(there.contains(word), "{word} is lost");
        }
    }

    /// Both sides hold the same, but for notes that wait for a person.
    fn check_convergence(&mut self) {
        let open = self.world.run().questions;
        let settled = |held: Held| -> Held {
            let is_open = |name: &str, field: &str| {
                open.iter()
                    .filter_map(|open| open.conflict())
                    .any(|open| open.name == name && field.starts_with(&open.field))
            };
            held.into_iter()
                .map(|(name, mut fields)| {
                    fields.retain(|field| !is_open(&name, field));
                    (name, fields)
                })
                .collect()
        };
        assert_eq!(settled(self.side(false)), settled(self.side(true)));
    }
}

/// The word in a field: the last part of a link, or the whole of a note.
fn word_of(field: &str) -> Option<String> {
    let word = field.rsplit([':', '/']).next()?;
    let is_one = word.len() == 6 && word.starts_with('w');
    is_one.then(|| word.to_owned())
}

/// Plays histories side by side; one that breaks a law is told from its beginning.
fn play(count: u64, law: impl Fn(&mut Play, u64) + Sync) {
    let number = |name: &str| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse::<u64>().ok())
    };
    let (first, count) = match number("CARDWEAVE_SEED") {
        Some(seed) => (seed, 1),
        None => (1, number("CARDWEAVE_HISTORIES").unwrap_or(count)),
    };
    let next = AtomicU64::new(first);
    let fired = AtomicUsize::new(0);
    let broken = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + count {
                        return;
                    }
                    let mut play = Play::new(seed);
                    if let Err(thrown) = catch_unwind(AssertUnwindSafe(|| law(&mut play, seed))) {
                        eprintln!("history {seed} breaks the law:\n{}", play.told.join("\n"));
                        broken
                            .lock()
                            .expect("nobody panics here")
                            .push((seed, thrown));
                    }
                    fired.fetch_add(play.fired, Ordering::Relaxed);
                }
            });
        }
    });
    eprintln!(
        "histories {first} to {}, faults struck {} times",
        first + count - 1,
        fired.into_inner()
    );
    let mut broken = broken.into_inner().expect("nobody panics here");
    let seeds: Vec<u64> = broken.iter().map(|(seed, _)| *seed).collect();
    if let Some((_, thrown)) = broken.pop() {
        eprintln!("broken: {seeds:?}");
        resume_unwind(thrown);
    }
}

#[test]
fn a_server_that_misbehaves_at_random_loses_nothing_and_all_converge() {
    let faults = harmless_to_cards();
    play(200, |play, seed| {
        play.suffer(&faults, seed);
        play.come_to_rest();
        play.check_nothing_lost();
        play.check_convergence();
    });
}

#[test]
fn a_server_that_rewrites_at_random_takes_nothing_from_the_folder() {
    let faults = rewritings();
    play(100, |play, seed| {
        play.suffer(&faults, seed);
        play.come_to_rest();
        play.check_nothing_lost();
    });
}
