//! A run that is interrupted at any of its writes, in any way, is healed by the next one.
//!
//! As isync tests itself: the undisturbed run is played once and its writes are counted; then the
//! same story is told again for every write and every way of being interrupted there, and the
//! stores have to end exactly as if nothing had happened.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, pending};

use crate::world::{self, World};
use cardweave::book::{Href, StoreId};
use cardweave::card::Card;
use cardweave::run::{BookSummary, Standing, run};
use cardweave::store::memory::{Failure, Memory};
use cardweave::store::{
    Found, Keeps, Listing, Since, Store, StoreError, Write, WriteError, Written,
};
use cardweave::sync::{Answer, Merging, Unwatched};

/// How a run ends in the middle of a write.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Death {
    /// Everything stops at once, before the write or after it.
    Panic { after: bool },
    /// This write never comes back, the other stores go on for a while, and then all is dropped.
    Stall { after: bool },
    /// The disk of the state is full from here on.
    StateFull,
}

/// One way of being interrupted at one write.
#[derive(Debug, Clone)]
enum Interruption {
    Failure(Failure),
    Death(Death),
}

const DEATHS: [Death; 5] = [
    Death::Panic { after: false },
    Death::Panic { after: true },
    Death::Stall { after: false },
    Death::Stall { after: true },
    Death::StateFull,
];

fn interruptions() -> Vec<Interruption> {
    let failures = [
        Failure::Unreachable,
        Failure::LostRequest,
        Failure::LostReply,
    ];
    let failures = failures.map(Interruption::Failure);
    let deaths = DEATHS.map(Interruption::Death);
    failures.into_iter().chain(deaths).collect()
}

/// What a panic of [`Mortal`] carries, to be told from the panic of a failed claim.
struct Died;

/// A store in whose `at`th write something ends the run.
struct Mortal {
    store: Memory,
    at: usize,
    death: Death,
    fill_disk: Rc<dyn Fn()>,
}

impl Store for Mortal {
    fn id(&self) -> &StoreId {
        self.store.id()
    }

    fn keeps(&self) -> Keeps {
        self.store.keeps()
    }

    fn list<'a>(&'a self, since: &'a Since) -> LocalBoxFuture<'a, Result<Listing, StoreError>> {
        self.store.list(since)
    }

    fn read<'a>(
        &'a self,
        hrefs: &'a [Href],
    ) -> LocalBoxFuture<'a, Result<Vec<(Href, Found)>, StoreError>> {
        self.store.read(hrefs)
    }

    fn write<'a>(&'a self, write: &'a Write) -> LocalBoxFuture<'a, Result<Written, WriteError>> {
        Box::pin(async move {
            if self.store.counts().writes + 1 != self.at {
                return self.store.write(write).await;
            }
            match self.death {
                Death::Panic { after } => {
                    if after {
                        drop(self.store.write(write).await);
                    }
                    // Without the hook that prints: this death is part of the story.
                    resume_unwind(Box::new(Died))
                }
                Death::Stall { after } => {
                    if after {
                        drop(self.store.write(write).await);
                    }
                    pending().await
                }
                Death::StateFull => {
                    (self.fill_disk)();
                    self.store.write(write).await
                }
            }
        })
    }
}

/// Lets every saving to the state fail, or work again.
fn set_disk_full(world: &World, is_full: bool) {
    let file = world.state_file(0);
    if !file.exists() {
        return;
    }
    set_full(&file, is_full);
}

fn set_full(file: &std::path::Path, is_full: bool) {
    let connection = rusqlite::Connection::open(file).expect("the state opens");
    for (table, event) in [
        ("entry", "INSERT"),
        ("entry", "UPDATE"),
        ("entry", "DELETE"),
        ("contact", "DELETE"),
        ("done", "INSERT"),
        ("store", "UPDATE"),
        ("member_entry", "INSERT"),
    ] {
        let name = format!("full_{table}_{event}");
        let statement = if is_full {
            format!(
                "CREATE TRIGGER IF NOT EXISTS {name} BEFORE {event} ON {table} \
                 BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
            )
        } else {
            format!("DROP TRIGGER IF EXISTS {name}")
        };
        connection
            .execute_batch(&statement)
            .expect("the state takes a trigger");
    }
}

/// Plays one run that dies at write `at` of a store.
fn run_until_death(world: &mut World, store: &str, at: usize, death: Death) {
    let file = world.state_file(0);
    let mortal = Mortal {
        store: world.store(store).clone(),
        at,
        death,
        fill_disk: Rc::new(move || set_full(&file, true)),
    };
    let mut book = world.book();
    book.stores.insert(mortal.id().clone(), Box::new(mortal));
    let options = world.options();
    let mut state = world.state_of(0);
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        // Stores in memory never wait, so whoever waits here waits for ever, and is dropped.
        run(&book, &mut state, &options, &Unwatched).now_or_never()
    }));
    drop(state);
    match (outcome, death) {
        (Ok(None), Death::Stall { .. }) => {}
        (Ok(Some(Err(error))), Death::StateFull) => {
            assert!(error.to_string().contains("full"), "{error}");
        }
        (Err(thrown), Death::Panic { .. }) if thrown.is::<Died>() => {}
        (Err(thrown), _) => resume_unwind(thrown),
        (Ok(other), _) => panic!("{death:?} at write {at} of {store} ended with {other:?}"),
    }
    set_disk_full(world, false);
}

/// What the stores hold: per person and store the fields, each person once.
type Held = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

fn held(world: &World) -> Held {
    let mut held = Held::new();
    for store in &world.stores {
        for bytes in store.entries().values() {
            let card = Card::parse(bytes).expect("a card");
            let fields = card.fields().iter().map(world::told).collect();
            let twice = held
                .entry(card.name())
                .or_default()
                .insert(store.name(), fields);
            assert_eq!(twice, None, "{} is twice in {}", card.name(), store.name());
        }
    }
    held
}

/// Runs until a run writes nothing; how many runs wrote.
fn rest(world: &mut World) -> (usize, BookSummary) {
    for runs in 0..4 {
        world.reset_counts();
        let summary = world.run();
        assert_ne!(
            summary.standing,
            Standing::Stopped,
            "{:?}",
            summary.refusals
        );
        if world.writes() == 0 {
            return (runs, summary);
        }
    }
    panic!("it does not come to rest");
}

/// Tells the story once undisturbed, and then with every interruption at every write of the run
/// that `make` leads up to.
fn interrupt_everywhere(title: &str, make: impl Fn() -> World) {
    let mut undisturbed = make();
    undisturbed.run();
    let writes: Vec<(String, usize)> = undisturbed
        .stores
        .iter()
        .map(|store| (store.name(), store.counts().writes))
        .collect();
    assert!(writes.iter().all(|(_, writes)| *writes > 0), "{writes:?}");
    let (runs, summary) = rest(&mut undisturbed);
    assert_eq!(runs, 0, "one run is enough where nothing fails");
    let expected = held(&undisturbed);

    let mut points = 0;
    for (store, writes) in &writes {
        for at in 1..=*writes {
            for interruption in interruptions() {
                let mut world = make();
                let told = catch_unwind(AssertUnwindSafe(|| {
                    match &interruption {
                        Interruption::Failure(failure) => {
                            world.store(store).fail_write(at, failure.clone());
                            world.run();
                        }
                        Interruption::Death(death) => {
                            run_until_death(&mut world, store, at, *death);
                        }
                    }
                    let (runs, healed) = rest(&mut world);
                    assert!(runs <= 2, "it took {runs} runs to heal");
                    assert_eq!(held(&world), expected);
                    assert_eq!(healed.questions.len(), summary.questions.len());
                }));
                if let Err(thrown) = told {
                    eprintln!("{title}: {interruption:?} at write {at} of {writes} of {store}");
                    resume_unwind(thrown);
                }
                points += 1;
            }
        }
    }
    eprintln!("{title}: {points} interruptions, writes {writes:?}");
}

const STORES: [&str; 3] = ["home", "phone", "work"];

/// Ten people in step; then creations, updates, deletions, an edit that beats a deletion, and a
/// conflict.
fn busy(stores: Vec<Memory>) -> World {
    let mut world = World::of(stores);
    for index in 0..10 {
        let name = format!("Person{index}");
        world.put("home", &name, &format!("TEL:+4930{index:06}\nNOTE:old"));
    }
    world.run();
    let put = |store: &str, index: usize, lines: &str| {
        let text = format!("TEL:+4930{index:06}\n{lines}");
        world.put(store, &format!("Person{index}"), &text);
    };
    for (store, name) in STORES.iter().zip(["Grace", "Hugo", "Ivy"]) {
        world.put(store, name, &format!("EMAIL:{name}@example.com"));
    }
    put("home", 0, "NOTE:old\nTITLE:from home");
    put("work", 0, "NOTE:old\nEMAIL:zero@example.com");
    put("phone", 1, "NOTE:new");
    world.delete("phone", "Person2");
    world.delete("work", "Person3");
    world.delete("home", "Person4");
    world.delete("home", "Person5");
    put("work", 5, "NOTE:beats the deletion");
    put("home", 6, "NOTE:from home");
    put("phone", 6, "NOTE:from phone\nURL:https://example.com/6");
    world.reset_counts();
    world
}

#[test]
fn an_interrupted_run_is_healed_by_the_next() {
    interrupt_everywhere("busy", || busy(STORES.map(Memory::new).into()));
}

#[test]
fn an_interrupted_run_over_stores_of_several_kinds_is_healed_by_the_next() {
    interrupt_everywhere("several kinds", || {
        let world = busy(vec![
            Memory::new("home").telling_what_it_kept(),
            Memory::new("phone").stripping_x(),
            Memory::new("work"),
        ]);
        world.put("home", "Person7", "NOTE:old\nX-HOBBY:chess");
        world.put("phone", "Person8", "NOTE:new");
        world
    });
}

#[test]
fn an_interrupted_first_meeting_is_healed_by_the_next() {
    interrupt_everywhere("first meeting", || {
        let world = World::new(&STORES);
        for (store, phone) in STORES.iter().zip(["1", "2", "3"]) {
            let both = format!("EMAIL:ada@example.com\nTEL:+49301{phone}");
            world.put(store, "Ada", &format!("UID:ada-{store}\n{both}"));
            let own = format!("Only{store}");
            world.put(store, &own, &format!("EMAIL:{store}@example.com"));
        }
        world
    });
}

#[test]
fn an_interrupted_merge_is_healed_by_the_next() {
    interrupt_everywhere("merge", || {
        let mut world = World::new(&STORES);
        for name in ["Ada", "Adele", "Bea"] {
            world.put(
                "home",
                name,
                &format!("TEL:+4930{}\nNOTE:{name}", name.len()),
            );
        }
        world.put("phone", "Bee", "EMAIL:bee@example.com");
        world.run();
        for pair in [["Ada", "Adele"], ["Bea", "Bee"]] {
            world.decide(0, pair, &Answer::Merge(Merging::default()));
        }
        world.put("work", "Adele", "TEL:+49305\nNOTE:Adele\nTITLE:edited");
        world.reset_counts();
        world
    });
}
