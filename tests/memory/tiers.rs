//! Mirrored tiers: a person is moved on the phone, and every device knows; a company server never.

use std::collections::BTreeSet;

use crate::chance::Chance;
use crate::groups::{STORES, add, edit, is_quiet, members, put_group, remove, run_to_rest, values};
use crate::world::World;
use cardweave::card::{Change, Field};
use cardweave::run::Standing;
use cardweave::store::memory::Failure;

const TIER: &str = "X-CARDWEAVE-TIER";
const LOG: &str = "X-CARDWEAVE-LOG";

fn mirroring(stores: &[&str]) -> World {
    let mut world = World::new(stores);
    world.mirror_tiers = true;
    world
}

/// Ada is of tier B everywhere.
fn ada_of_b() -> World {
    let mut world = mirroring(&STORES);
    world.put("home", "Ada", "TEL:1\nX-CARDWEAVE-TIER:B");
    world.put("home", "Bob", "TEL:2");
    run_to_rest(&mut world);
    world
}

fn set_tier(world: &World, store: &str, name: &str, tier: &str) {
    let field = Field::new(TIER, tier);
    edit(
        world,
        store,
        name,
        &[Change::Replace(field.key().clone(), field)],
    );
}

/// Tier, categories and log of somebody, the same in all stores.
fn standing(world: &World, name: &str) -> [Vec<String>; 3] {
    let told = |store: &str| [TIER, "CATEGORIES", LOG].map(|what| values(world, store, name, what));
    let [first, others @ ..] = STORES.map(told);
    assert!(others.iter().all(|other| *other == first), "{others:?}");
    first
}

#[test]
fn a_tier_is_a_category_in_every_store() {
    let mut world = ada_of_b();
    assert_eq!(standing(&world, "Ada"), [vec!["B"], vec!["Tier B"], vec![]]);
    set_tier(&world, "home", "Ada", "A");
    run_to_rest(&mut world);
    assert_eq!(standing(&world, "Ada"), [vec!["A"], vec!["Tier A"], vec![]]);
}

#[test]
fn a_phone_that_moves_a_person_by_categories_changes_the_tier() {
    let mut world = ada_of_b();
    let moved = [remove("CATEGORIES", "Tier B"), add("CATEGORIES", "Tier A")];
    edit(&world, "phone", "Ada", &moved);
    run_to_rest(&mut world);
    let raised = [vec!["A"], vec!["Tier A"], vec!["B -> A"]];
    assert_eq!(standing(&world, "Ada"), raised);
    edit(&world, "phone", "Ada", &[remove("CATEGORIES", "Tier A")]);
    run_to_rest(&mut world);
    let [tier, categories, mut log] = standing(&world, "Ada");
    log.sort();
    assert_eq!([tier, categories], [[""; 0]; 2]);
    assert_eq!(log, ["A -> none", "B -> A"]);
}

#[test]
fn a_phone_that_moves_a_person_between_group_cards_changes_the_tier() {
    let mut world = ada_of_b();
    put_group(&world, "phone", "Tier A", &[]);
    put_group(&world, "phone", "Tier B", &["uid-of-ada"]);
    run_to_rest(&mut world);
    put_group(&world, "phone", "Tier A", &["uid-of-ada", "uid-of-bob"]);
    put_group(&world, "phone", "Tier B", &[]);
    run_to_rest(&mut world);
    assert_eq!(
        standing(&world, "Ada"),
        [vec!["A"], vec!["Tier A"], vec!["B -> A"]]
    );
    assert_eq!(
        standing(&world, "Bob"),
        [vec!["A"], vec!["Tier A"], vec!["none -> A"]]
    );
    assert_eq!(
        members(&world, "home", "Tier A"),
        ["uid-of-ada", "uid-of-bob"]
    );
    set_tier(&world, "work", "Bob", "B");
    run_to_rest(&mut world);
    assert_eq!(members(&world, "phone", "Tier A"), ["uid-of-ada"]);
    assert_eq!(members(&world, "phone", "Tier B"), ["uid-of-bob"]);
}

#[test]
fn a_tier_and_a_category_that_were_changed_at_once_are_the_tier() {
    let mut world = ada_of_b();
    let moved = [remove("CATEGORIES", "Tier B"), add("CATEGORIES", "Tier A")];
    edit(&world, "phone", "Ada", &moved);
    set_tier(&world, "home", "Ada", "C");
    run_to_rest(&mut world);
    assert_eq!(standing(&world, "Ada"), [vec!["C"], vec!["Tier C"], vec![]]);
}

#[test]
fn a_tier_that_waits_for_an_answer_moves_nobody_until_then() {
    let mut world = ada_of_b();
    set_tier(&world, "home", "Ada", "A");
    set_tier(&world, "work", "Ada", "C");
    let summary = world.run();
    assert_eq!(summary.standing, Standing::QuestionsOpen);
    assert_eq!(values(&world, "phone", "Ada", "CATEGORIES"), ["Tier B"]);
    let id = summary.questions[0]
        .conflict()
        .expect("a conflict")
        .id
        .clone();
    let answer = "take work".to_owned();
    world
        .state_of(0)
        .transaction(|tx| tx.answer_in(crate::world::BOOK, id.as_str(), &answer))
        .expect("the state works");
    run_to_rest(&mut world);
    assert_eq!(standing(&world, "Ada"), [vec!["C"], vec!["Tier C"], vec![]]);
}

#[test]
fn two_machines_tell_of_one_step_in_one_line() {
    let mut world = ada_of_b().with_machine();
    world.run_on(1);
    let moved = [remove("CATEGORIES", "Tier B"), add("CATEGORIES", "Tier A")];
    edit(&world, "phone", "Ada", &moved);
    // The first one decides and reaches no store, so that the second one decides by itself.
    world.reset_counts();
    for store in STORES {
        world.store(store).fail_write(1, Failure::Unreachable);
    }
    world.run_on(0);
    world.run_on(1);
    world.run_on(0);
    world.reset_counts();
    world.run_on(1);
    assert_eq!(world.writes(), 0);
    assert_eq!(
        standing(&world, "Ada"),
        [vec!["A"], vec!["Tier A"], vec!["B -> A"]]
    );
}

#[test]
fn a_machine_that_does_not_mirror_is_followed() {
    let mut world = ada_of_b().with_machine();
    world.mirror_tiers = false;
    world.run_on(1);
    set_tier(&world, "home", "Ada", "A");
    world.run_on(1);
    assert_eq!(values(&world, "phone", "Ada", "CATEGORIES"), ["Tier B"]);
    world.mirror_tiers = true;
    world.run_on(0);
    is_quiet(&mut world);
    assert_eq!(standing(&world, "Ada"), [vec!["A"], vec!["Tier A"], vec![]]);
}

#[test]
fn where_mirroring_is_switched_on_everybody_follows_and_no_run_is_stopped() {
    for people in [7_usize, 40] {
        let mut world = World::new(&STORES);
        let names: Vec<String> = (0..people).map(|number| format!("P{number}")).collect();
        for (number, name) in names.iter().enumerate() {
            let tier = ["A", "B", "C", "D"][number % 4];
            world.put(
                "home",
                name,
                &format!("TEL:{number}\nX-CARDWEAVE-TIER:{tier}"),
            );
        }
        put_group(&world, "phone", "Tier A", &[]);
        run_to_rest(&mut world);
        world.mirror_tiers = true;
        for _ in 0..8 {
            assert_eq!(world.run().standing, Standing::InStep, "{people}");
        }
        is_quiet(&mut world);
        for (number, name) in names.iter().enumerate() {
            let list = format!("Tier {}", ["A", "B", "C", "D"][number % 4]);
            assert_eq!(values(&world, "work", name, "CATEGORIES"), [list]);
        }
        assert_eq!(members(&world, "home", "Tier A").len(), people.div_ceil(4));
        assert!(
            world
                .state_of(0)
                .is_mirrored(crate::world::BOOK)
                .expect("the state works")
        );
    }
}

/// Home, phone, and a company server that must not learn what is private.
fn with_company() -> World {
    let mut world = mirroring(&["home", "office", "phone"]);
    let omit = ["NOTE", "X-CARDWEAVE-*"].map(str::to_owned);
    world.omit = [("office".to_owned(), omit.to_vec())].into();
    for (name, tier) in [("Ada", "A"), ("Bob", "B"), ("Eve", "C")] {
        let lines = format!("TEL:+49301{tier}\nX-CARDWEAVE-TIER:{tier}\nNOTE:secret{tier}");
        world.put("home", name, &lines);
    }
    world.put("office", "Max", "TEL:4");
    world.run();
    put_group(&world, "phone", "Tier A", &["uid-of-ada"]);
    put_group(&world, "phone", "Tier B", &["uid-of-bob"]);
    put_group(&world, "phone", "Customers", &["uid-of-max"]);
    crate::groups::put_card_of_group(
        &world,
        "phone",
        "Win",
        "Win",
        "X-CARDWEAVE-GOAL-STATUS:open\r\nX-ADDRESSBOOKSERVER-MEMBER:urn:uuid:uid-of-eve\r\n",
    );
    assert_eq!(world.run().standing, Standing::InStep);
    world
}

/// Every byte that ever arrived at a store.
fn all_bytes(world: &World, store: &str) -> String {
    let versions = world
        .store(store)
        .versions()
        .into_values()
        .flatten()
        .flatten();
    let texts = versions.map(|bytes| String::from_utf8_lossy(&bytes).replace("\r\n ", ""));
    texts.collect()
}

fn learns_nothing(world: &World) {
    let bytes = all_bytes(world, "office");
    for word in ["secret", "Tier", "X-CARDWEAVE", "Win", "-> "] {
        assert!(!bytes.contains(word), "{word} arrived:\n{bytes}");
    }
}

#[test]
fn a_company_server_learns_no_tier_and_no_goal() {
    let mut world = with_company();
    learns_nothing(&world);
    assert_eq!(values(&world, "office", "Max", "CATEGORIES"), ["Customers"]);
    assert_eq!(members(&world, "office", "Customers"), ["uid-of-max"]);
    assert_eq!(world.lines("office", "Tier A"), ["(not there)"]);
    is_quiet(&mut world);
    // What a server refused is offered again from time to time; what is kept away still is not.
    world.let_days_pass(30);
    for _ in 0..2 {
        assert_eq!(world.run().standing, Standing::InStep);
    }
    is_quiet(&mut world);
    let state = world.state_of(0);
    let office = crate::world::store_id("office");
    assert_eq!(
        state.refused(crate::world::BOOK, &office).expect("a count"),
        0
    );
    let nobody = state
        .unsettled(crate::world::BOOK, &[office])
        .expect("the state works");
    assert_eq!(nobody, BTreeSet::new());
    drop(state);
    learns_nothing(&world);
}

#[test]
fn what_a_company_server_says_of_tiers_is_ignored() {
    let mut world = with_company();
    world.put("office", "Ada", "TEL:+49301A\nCATEGORIES:Tier C,Customers");
    world.put("office", "Ida", "TEL:7\nCATEGORIES:Tier A");
    put_group(&world, "office", "Tier D", &["uid-of-bob"]);
    let summary = world.run();
    assert_eq!(summary.standing, Standing::InStep, "{summary:?}");
    is_quiet(&mut world);
    assert_eq!(values(&world, "home", "Ada", TIER), ["A"]);
    assert_eq!(
        values(&world, "phone", "Ada", "CATEGORIES"),
        ["Customers", "Tier A"]
    );
    assert_eq!(values(&world, "home", "Ida", "CATEGORIES"), [""; 0]);
    assert_eq!(world.lines("home", "Tier D"), ["(not there)"]);
    assert_eq!(values(&world, "home", "Bob", TIER), ["B"]);
    world.let_days_pass(30);
    for _ in 0..2 {
        assert_eq!(world.run().standing, Standing::InStep);
    }
    is_quiet(&mut world);
    // And what stands there stays there.
    assert_eq!(
        values(&world, "office", "Ada", "CATEGORIES"),
        ["Customers", "Tier C"]
    );
    assert_eq!(members(&world, "office", "Tier D"), ["uid-of-bob"]);
}

#[test]
fn a_group_that_was_there_before_it_became_private_stays_and_is_not_asked() {
    let mut world = with_company();
    let lines = "X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:uid-of-max\r\n";
    crate::groups::put_card_of_group(&world, "phone", "Customers", "Tier A", lines);
    assert_eq!(world.run().standing, Standing::InStep);
    is_quiet(&mut world);
    assert_eq!(values(&world, "home", "Max", TIER), ["A"]);
    assert_eq!(members(&world, "office", "Customers"), ["uid-of-max"]);
    // Whatever becomes of it there, it is neither an edit nor a deletion.
    assert!(world.store("office").delete_behind("group-customers.vcf"));
    assert_eq!(world.run().standing, Standing::InStep);
    is_quiet(&mut world);
    assert_eq!(values(&world, "home", "Max", TIER), ["A"]);
    // Under another name it is a list like any other.
    crate::groups::put_card_of_group(&world, "phone", "Customers", "Clients", lines);
    assert_eq!(world.run().standing, Standing::InStep);
    is_quiet(&mut world);
    assert_eq!(members(&world, "office", "Clients"), ["uid-of-max"]);
    learns_nothing(&world);
}

#[test]
fn a_private_group_that_is_deleted_is_gone() {
    let mut world = with_company();
    assert!(world.store("phone").delete_behind("group-win.vcf"));
    assert_eq!(world.run().standing, Standing::InStep);
    is_quiet(&mut world);
    assert_eq!(world.lines("home", "Win"), ["(not there)"]);
    assert_eq!(values(&world, "home", "Eve", "X-CARDWEAVE-GOAL"), [""; 0]);
}

const NAMES: [&str; 4] = ["Ada", "Bob", "Eve", "Max"];

/// One edit, as somebody makes it in a store; `uid` is what that store calls somebody.
fn live_on(world: &World, chance: &mut Chance, uid: impl Fn(&str, &str) -> String) {
    let store = chance.pick(&world.stores).name();
    let store = store.as_str();
    let name = *chance.pick(&NAMES);
    let tier = *chance.pick(&["A", "B", "C", "D"]);
    let is_private = store != "office";
    match chance.below(6) {
        0 if is_private => set_tier(world, store, name, tier),
        1 => {
            let mut changes: Vec<Change> = values(world, store, name, "CATEGORIES")
                .iter()
                .filter(|list| list.starts_with("Tier"))
                .map(|list| remove("CATEGORIES", list))
                .collect();
            changes.push(add("CATEGORIES", &format!("Tier {tier}")));
            edit(world, store, name, &changes);
        }
        2 => edit(
            world,
            store,
            name,
            &[add("TEL", &format!("+4930{}", chance.below(99)))],
        ),
        3 => edit(world, store, name, &[add("CATEGORIES", "Customers")]),
        4 => edit(world, store, name, &[remove("CATEGORIES", "Customers")]),
        _ => {
            let group = *chance.pick(&["Tier A", "Tier B", "Customers"]);
            let uids: Vec<String> = NAMES
                .iter()
                .filter(|_| chance.once_in(2))
                .map(|name| uid(store, name))
                .collect();
            let uids: Vec<&str> = uids.iter().map(String::as_str).collect();
            if is_private || group == "Customers" {
                put_group(world, store, group, &uids);
            }
        }
    }
}

fn one_uid(_: &str, name: &str) -> String {
    format!("uid-of-{}", name.to_lowercase())
}

#[test]
fn two_machines_and_two_uids_of_everybody_come_to_rest() {
    let uid = |store: &str, name: &str| format!("{store}-{}", name.to_lowercase());
    for seed in 1..=8 {
        let mut world = mirroring(&["home", "phone"]).with_machine();
        world.accept_deletes = true;
        for store in ["home", "phone"] {
            for name in NAMES {
                let lines = format!(
                    "UID:{}\nFN:{name}\nN:Lovelace;{name};;;\nEMAIL:{name}.lovelace@example.com\n\
                     TEL;TYPE=CELL:+49151123456{}\nBDAY:19700101",
                    uid(store, name),
                    name.len() * 10 + usize::from(name.as_bytes()[0] % 10),
                );
                world.put(store, name, &lines);
            }
        }
        put_group(&world, "phone", "Tier A", &["phone-ada"]);
        world.run_on(0);
        world.run_on(1);
        let mut chance = Chance::new(seed);
        for _ in 0..20 {
            for _ in 0..chance.below(4) {
                live_on(&world, &mut chance, uid);
            }
            world.run_on(chance.below(2));
        }
        for machine in [0, 1, 0, 1] {
            world.run_on(machine);
        }
        world.reset_counts();
        world.run_on(0);
        world.run_on(1);
        assert_eq!(world.writes(), 0, "{seed}");
        in_step(&world, seed, uid);
    }
}

#[test]
fn a_year_with_a_company_server_deletes_nothing_and_tells_nothing() {
    for seed in 1..=4 {
        let mut world = with_company();
        // Four people: an edit of three is more than half of the book.
        world.accept_deletes = true;
        let mut chance = Chance::new(seed);
        for week in 0..52 {
            for _ in 0..chance.below(4) {
                live_on(&world, &mut chance, one_uid);
            }
            let summary = world.run();
            assert_ne!(
                summary.standing,
                Standing::Stopped,
                "{seed} {week}: {summary:?}"
            );
            world.let_days_pass(7);
        }
        world.run();
        world.run();
        is_quiet(&mut world);
        learns_nothing_from_us(&world);
        for store in ["home", "office", "phone"] {
            for name in NAMES {
                assert_ne!(
                    world.lines(store, name),
                    ["(not there)"],
                    "{seed}: {name} in {store}"
                );
            }
        }
        assert_eq!(
            world.lines("home", "Win").len(),
            world.lines("phone", "Win").len()
        );
        in_step(&world, seed, one_uid);
        let mut customers = members(&world, "office", "Customers");
        customers.retain(|uid| NAMES.iter().any(|name| one_uid("", name) == *uid));
        assert_eq!(customers, members(&world, "home", "Customers"), "{seed}");
    }
}

/// As [`learns_nothing`], where the company itself wrote of tiers.
fn learns_nothing_from_us(world: &World) {
    let bytes = all_bytes(world, "office");
    for word in ["secret", "X-CARDWEAVE", "Win", "-> ", "FN:Tier"] {
        assert!(!bytes.contains(word), "{word} arrived:\n{bytes}");
    }
}

/// At home and on the phone all places say the same.
fn in_step(world: &World, seed: u64, uid: impl Fn(&str, &str) -> String) {
    for name in NAMES {
        for store in ["home", "phone"] {
            let tier = values(world, store, name, TIER);
            let lists = values(world, store, name, "CATEGORIES");
            let tiers: Vec<&str> = lists
                .iter()
                .filter_map(|list| list.strip_prefix("Tier "))
                .collect();
            assert_eq!(tier, tiers, "{seed}: {name} in {store}");
            for group in ["Tier A", "Tier B", "Customers"] {
                if world.lines(store, group) == ["(not there)"] {
                    continue;
                }
                let is_member = members(world, store, group).contains(&uid(store, name));
                let is_listed = lists.iter().any(|list| list == group);
                assert_eq!(is_member, is_listed, "{seed}: {name} in {group} of {store}");
            }
        }
        let cards = ["home", "phone"].map(|store| world.lines(store, name));
        assert_eq!(cards[0], cards[1], "{seed}");
    }
}
