//! Who was merged with somebody is somebody on group cards, too, and keeps the higher tier.

use crate::groups::{STORES, members, put_group, run_to_rest, values};
use crate::unions::merge;
use crate::world::World;
use cardweave::run::Standing;
use cardweave::store::memory::Failure;

/// Ada and Adele are two in every store: Adele plays chess with Bob, both of them play poker.
fn players() -> World {
    let mut world = World::new(&STORES).with_machine();
    world.put(
        "home",
        "Ada",
        "TEL:+49301\nNOTE:met in Turin\nURL:a.example\nTITLE:Dr",
    );
    world.put("home", "Bob", "TEL:2");
    world.put("phone", "Adele", "EMAIL:ada@example.com");
    put_group(&world, "phone", "Chess", &["uid-of-adele", "uid-of-bob"]);
    put_group(&world, "home", "Poker", &["uid-of-adele", "uid-of-ada"]);
    run_to_rest(&mut world);
    world.run_on(1);
    world
}

fn named(world: &World, store: &str, group: &str) -> Vec<String> {
    let mut named = members(world, store, group);
    named.sort();
    named
}

fn all_follow(world: &World) {
    for store in STORES {
        assert_eq!(named(world, store, "Chess"), ["uid-of-ada", "uid-of-bob"]);
        assert_eq!(named(world, store, "Poker"), ["uid-of-ada"]);
        let mut lists = values(world, store, "Ada", "CATEGORIES");
        lists.sort();
        assert_eq!(lists, ["Chess", "Poker"], "{store}");
    }
}

#[test]
fn group_cards_name_the_contact_that_goes_on() {
    let mut world = players();
    world.decide(0, ["Ada", "Adele"], &merge());
    run_to_rest(&mut world);
    all_follow(&world);
    world.reset_counts();
    assert_eq!(world.run_on(1).standing, Standing::InStep);
    assert_eq!(world.writes(), 0);
    all_follow(&world);
}

#[test]
fn a_group_card_that_could_not_be_written_follows_later() {
    let mut world = players();
    world.decide(0, ["Ada", "Adele"], &merge());
    world.store("work").fail_write(1, Failure::Unreachable);
    assert_eq!(world.run().standing, Standing::Partly);
    world.store("work").heal();
    run_to_rest(&mut world);
    all_follow(&world);
}

#[test]
fn a_merge_that_is_taken_back_leaves_group_cards_as_they_were() {
    let mut world = players();
    let before = world.everything();
    world.decide(0, ["Ada", "Adele"], &merge());
    assert_eq!(world.run().standing, Standing::InStep);
    let run = world.state_of(0).last_run().unwrap().expect("a run").id;
    all_follow(&world);
    world.undo(0, run);
    assert_eq!(world.everything(), before);
    run_to_rest(&mut world);
    assert_eq!(world.everything(), before);
}

#[test]
fn of_two_tiers_the_higher_goes_on_where_they_are_mirrored() {
    for tiers in [["A", "C"], ["C", "A"]] {
        let mut world = World::new(&STORES);
        world.mirror_tiers = true;
        let [ada, adele] = tiers.map(|tier| format!("X-CARDWEAVE-TIER:{tier}"));
        world.put("home", "Ada", &format!("TEL:+49301\nNOTE:Turin\n{ada}"));
        world.put("phone", "Adele", &format!("EMAIL:ada@example.com\n{adele}"));
        run_to_rest(&mut world);
        world.decide(0, ["Ada", "Adele"], &merge());
        run_to_rest(&mut world);
        for store in STORES {
            let told = |what| values(&world, store, "Ada", what);
            assert_eq!(told("X-CARDWEAVE-TIER"), ["A"], "{tiers:?} {store}");
            assert_eq!(told("CATEGORIES"), ["Tier A"], "{tiers:?} {store}");
            assert_eq!(told("X-CARDWEAVE-LOG"), [""; 0], "{tiers:?} {store}");
        }
    }
}
