//! Merges that are taken back: each card as it was, with its baseline.

use std::collections::BTreeSet;

use crate::chance::Chance;
use crate::unions::{STORES, certain, merge, two_in_step};
use crate::world::{World, href, store_id};
use cardweave::book::Href;
use cardweave::card::Card;
use cardweave::config::Duplicates;
use cardweave::run::Standing;
use cardweave::store::memory::{Failure, Memory};

#[test]
fn an_undone_merge_brings_back_each_card_byte_for_byte_and_is_not_made_again() {
    let mut world = two_in_step();
    let before = world.everything();
    world.decide(0, ["Ada", "Adele"], &merge());
    world.run();
    assert_ne!(world.everything(), before);
    let undone = world.undo(0, 2);
    assert!(undone.left.is_empty(), "{:?}", undone.left);
    assert_eq!(world.everything(), before);
    world.reset_counts();
    world.duplicates = Duplicates::Auto;
    let summary = world.run();
    assert_eq!(
        (summary.merged, world.writes()),
        (0, 0),
        "the baseline is what it was"
    );
    assert_eq!(world.everything(), before);
}

#[test]
fn an_undone_merge_of_certain_ones_is_asked_about_from_then_on() {
    let mut world = certain();
    world.duplicates = Duplicates::Auto;
    assert_eq!(world.run().merged, 1);
    world.undo(0, 1);
    let held: Vec<usize> = world
        .stores
        .iter()
        .map(|store| store.entries().len())
        .collect();
    assert_eq!(held, [2, 0], "as it was before that run");
    for _ in 0..2 {
        let summary = world.run();
        assert_eq!(
            (summary.merged, summary.questions.len()),
            (0, 1),
            "{summary:?}"
        );
        assert_eq!(world.store("home").entries().len(), 2);
    }
}

#[test]
fn an_undone_merge_is_remembered_of_uids_in_capitals() {
    let mut world = certain();
    for name in ["one", "two"] {
        let card = world.store("home").entries()[&Href::new(href(name))].clone();
        let (small, capital) = (
            format!("UID:{name}"),
            format!("UID:{}-UID", name.to_uppercase()),
        );
        let text = String::from_utf8_lossy(&card).replace(&small, &capital);
        world.store("home").put_behind(&href(name), text.as_bytes());
    }
    world.duplicates = Duplicates::Auto;
    assert_eq!(world.run().merged, 1);
    world.undo(0, 1);
    let summary = world.run();
    assert_eq!(
        (summary.merged, summary.questions.len()),
        (0, 1),
        "{summary:?}"
    );
}

#[test]
fn what_was_edited_after_a_merge_survives_its_undo() {
    let mut world = two_in_step();
    world.decide(0, ["Ada", "Adele"], &merge());
    world.run();
    let merged = world.store("home").entries().into_iter().next().unwrap();
    let text = String::from_utf8_lossy(&merged.1).replace("END:", "TITLE:later\r\nEND:");
    world
        .store("home")
        .put_behind(merged.0.as_str(), text.as_bytes());
    world.run();
    world.undo(0, 2);
    assert_eq!(world.run().standing, Standing::InStep);
    for store in STORES {
        let of_ada = world.lines(store, "Ada");
        assert!(
            of_ada.contains(&"TITLE:later".to_owned()),
            "{store}: {of_ada:?}"
        );
        assert!(
            !of_ada.contains(&"EMAIL:ada@example.com".to_owned()),
            "{store}: {of_ada:?}"
        );
        assert_eq!(
            world.lines(store, "Adele"),
            ["EMAIL:ada@example.com"],
            "{store}"
        );
    }
}

#[test]
fn an_undo_that_a_store_missed_is_carried_out_by_the_next_run() {
    let mut world = two_in_step();
    world.decide(0, ["Ada", "Adele"], &merge());
    world.run();
    world.store("work").fail_write(
        world.store("work").counts().writes + 1,
        Failure::Unreachable,
    );
    let undone = world.undo(0, 2);
    assert!(!undone.left.is_empty());
    world.store("work").heal();
    assert_eq!(world.run().standing, Standing::InStep);
    for store in STORES {
        assert_eq!(
            world.lines(store, "Ada"),
            ["NOTE:met in Turin", "TEL:+49301"],
            "{store}"
        );
        assert_eq!(
            world.lines(store, "Adele"),
            ["EMAIL:ada@example.com"],
            "{store}"
        );
    }
    assert_eq!(world.store(store_id("work").as_str()).entries().len(), 2);
}

/// What a person would miss, in every store.
fn values(world: &World) -> Vec<BTreeSet<String>> {
    let of_store = |store: &Memory| {
        let cards = store.entries();
        let cards = cards.values().map(|bytes| Card::parse(bytes).unwrap());
        cards
            .flat_map(|card| card.fields())
            .filter(|field| ["TEL", "EMAIL", "NOTE"].contains(&field.name()))
            .flat_map(|field| {
                let text = field.text();
                // The names that went, too, are told in a note.
                let parts = text
                    .split("\n\n")
                    .filter(|part| !part.starts_with("Also: "))
                    .map(|part| format!("{}:{part}", field.name()));
                parts.collect::<Vec<_>>()
            })
            .collect()
    };
    world.stores.iter().map(of_store).collect()
}

/// How many people are left when these pairs are one person each.
fn circles(people: usize, pairs: &BTreeSet<(usize, usize)>) -> usize {
    let mut circle: Vec<usize> = (0..people).collect();
    for (one, other) in pairs {
        let (from, to) = (circle[*one], circle[*other]);
        circle
            .iter_mut()
            .filter(|of| **of == from)
            .for_each(|of| *of = to);
    }
    circle.into_iter().collect::<BTreeSet<usize>>().len()
}

#[test]
fn random_merges_lose_nothing_and_are_undone() {
    for seed in 0..60 {
        let mut chance = Chance::new(seed);
        let people = 3 + chance.below(6);
        let mut world = World::new(&STORES);
        for person in 0..people {
            let store = STORES[chance.below(3)];
            let lines =
                format!("TEL:+4930{person}00\nEMAIL:p{person}@example.com\nNOTE:note {person}");
            world.put(store, &format!("Person{person}"), &lines);
        }
        world.run();
        let before = world.everything();
        let told = values(&world);
        let mut pairs = BTreeSet::new();
        for _ in 0..1 + chance.below(4) {
            let (one, other) = (chance.below(people), chance.below(people));
            if one != other {
                pairs.insert((one.min(other), one.max(other)));
            }
        }
        let name = |person: &usize| format!("Person{person}");
        for (one, other) in &pairs {
            world.decide(0, [&name(one), &name(other)], &merge());
        }
        let summary = world.run();
        assert_eq!(
            summary.standing,
            Standing::InStep,
            "seed {seed}: {summary:?}"
        );
        assert_eq!(values(&world), told, "seed {seed}: {pairs:?}");
        let left = circles(people, &pairs);
        for store in &world.stores {
            assert_eq!(store.entries().len(), left, "seed {seed}: {pairs:?}");
        }
        world.reset_counts();
        world.run();
        assert_eq!(world.writes(), 0, "seed {seed}: it has come to rest");
        if pairs.is_empty() {
            continue;
        }
        let undone = world.undo(0, 2);
        assert!(undone.left.is_empty(), "seed {seed}: {:?}", undone.left);
        assert_eq!(world.everything(), before, "seed {seed}: {pairs:?}");
        world.reset_counts();
        assert_eq!(world.run().standing, Standing::InStep, "seed {seed}");
        assert_eq!(world.writes(), 0, "seed {seed}: nothing is left to pass on");
    }
}

#[test]
fn an_undone_first_meeting_is_no_removal_of_what_each_store_had() {
    let mut world = World::new(&STORES);
    world.put("home", "Ada", "TEL:1\nNOTE:at home");
    world.put("work", "Ada", "TEL:2");
    world.put("home", "Only", "TEL:3");
    let before = world.everything();
    world.run();
    let together = world.everything();
    world.undo(0, 1);
    assert_eq!(world.everything(), before);
    assert_eq!(world.run().standing, Standing::InStep);
    assert_eq!(world.everything(), together, "nobody removed anything");
    world.reset_counts();
    world.run();
    assert_eq!(world.writes(), 0);
}

#[test]
fn an_undone_edit_is_passed_on_to_where_it_came_from() {
    let mut world = World::new(&STORES);
    world.put("home", "Ada", "TEL:1");
    world.run();
    world.put("home", "Ada", "TEL:2");
    world.run();
    assert_eq!(world.lines("work", "Ada"), ["TEL:2"]);
    world.undo(0, 2);
    world.run();
    for store in STORES {
        assert_eq!(world.lines(store, "Ada"), ["TEL:1"], "{store}");
    }
}

#[test]
fn what_a_store_made_of_a_card_is_no_edit_that_an_undo_would_keep() {
    let drops_types = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).replace(";TYPE=CELL", "");
        text.into_bytes()
    };
    let stores = vec![
        Memory::new("home"),
        Memory::new("work").rewriting(drops_types),
    ];
    let mut world = World::of(stores);
    world.put("home", "Ada", "TEL;TYPE=CELL:1\nNOTE:at home");
    world.put("work", "Ada", "TEL:1");
    world.put("home", "Only", "TEL;TYPE=CELL:3");
    let before = world.everything();
    world.run();
    assert!(
        world
            .lines("work", "Ada")
            .contains(&"NOTE:at home".to_owned())
    );
    let undone = world.undo(0, 1);
    assert!(undone.left.is_empty(), "{:?}", undone.left);
    assert_eq!(world.everything(), before);
}

#[test]
fn a_write_whose_answer_was_lost_can_be_taken_back() {
    for failure in [Failure::LostReply, Failure::LostRequest] {
        let mut world = World::new(&STORES);
        world.put("home", "Ada", "TEL:1\nNOTE:at home");
        world.put("work", "Ada", "TEL:2");
        let before = world.everything();
        world.store("work").fail_write(1, failure);
        world.run();
        assert_eq!(world.run().standing, Standing::InStep);
        assert_ne!(world.everything(), before);
        let undone = world.undo(0, 1);
        assert!(undone.left.is_empty(), "{:?}", undone.left);
        assert_eq!(world.everything(), before);
    }
}

#[test]
fn an_undo_whose_answer_was_lost_is_made_all_the_same() {
    let mut world = World::new(&STORES);
    world.put("home", "Ada", "TEL:1\nNOTE:at home");
    world.put("work", "Ada", "TEL:2");
    let before = world.everything();
    world.run();
    for store in ["work", "phone"] {
        let next = world.store(store).counts().writes + 1;
        world.store(store).fail_write(next, Failure::LostReply);
    }
    let undone = world.undo(0, 1);
    assert!(undone.left.is_empty(), "{:?}", undone.left);
    assert_eq!(world.everything(), before);
}
