//! Contacts that are one person: joined, and kept apart.

use crate::world::World;
use cardweave::config::Duplicates;
use cardweave::run::Standing;
use cardweave::store::memory::{Failure, Memory};
use cardweave::sync::{Answer, Merging, Question};

pub const STORES: [&str; 3] = ["home", "phone", "work"];

/// Ada and Adele are in every store.
pub fn two_in_step() -> World {
    let mut world = World::new(&STORES);
    world.put("home", "Ada", "TEL:+49301\nNOTE:met in Turin");
    world.put("phone", "Adele", "EMAIL:ada@example.com");
    world.run();
    world.reset_counts();
    world
}

pub fn merge() -> Answer {
    Answer::Merge(Merging::default())
}

#[test]
fn two_contacts_become_one_in_every_store() {
    let mut world = two_in_step();
    world.decide(0, ["Ada", "Adele"], &merge());
    let summary = world.run();
    assert_eq!((summary.standing, summary.merged), (Standing::InStep, 1));
    for store in STORES {
        assert_eq!(world.store(store).entries().len(), 1, "{store}");
        let lines = world.lines(store, "Ada");
        for line in ["EMAIL:ada@example.com", "NOTE:met in Turin", "TEL:+49301"] {
            assert!(lines.contains(&line.to_owned()), "{store}: {lines:?}");
        }
    }
    world.reset_counts();
    assert_eq!(world.run().standing, Standing::InStep);
    assert_eq!(world.writes(), 0);
    assert!(world.state_of(0).decisions("people").unwrap().is_empty());
}

#[test]
fn in_each_store_the_entry_that_goes_on_is_updated_before_the_other_is_deleted() {
    let mut world = two_in_step();
    world.decide(0, ["Ada", "Adele"], &merge());
    world
        .store("phone")
        .fail_write(1, Failure::Refused("no".into()));
    world.run();
    assert_eq!(world.store("home").entries().len(), 1);
    assert_eq!(
        world.store("phone").entries().len(),
        2,
        "nothing was deleted there"
    );
}

#[test]
fn a_store_that_has_one_of_them_keeps_its_address_and_uid() {
    let mut world = World::new(&["home", "phone"]);
    world.put("home", "Ada", "TEL:+49301\nNOTE:x");
    world.run();
    // A store that joins the book later, and is not in step yet when the two are made one.
    world.stores.push(Memory::new("work"));
    world.put("work", "Adele", "EMAIL:ada@example.com");
    world.read_only = vec!["home".into(), "phone".into(), "work".into()];
    world.run();
    world.read_only.clear();
    world.decide(0, ["Ada", "Adele"], &merge());
    assert_eq!(world.run().standing, Standing::InStep);
    let work = world.store("work").entries();
    assert_eq!(work.len(), 1);
    let (href, bytes) = work.iter().next().unwrap();
    let text = String::from_utf8_lossy(bytes);
    assert_eq!(href.as_str(), "uid-of-adele.vcf");
    assert!(
        text.contains("UID:uid-of-adele\r\n") && text.contains("+49301"),
        "{text}"
    );
    world.reset_counts();
    world.run();
    assert_eq!(world.writes(), 0);
}

#[test]
fn a_store_that_cannot_be_reached_follows_when_it_can() {
    let mut world = two_in_step();
    world.decide(0, ["Ada", "Adele"], &merge());
    world.store("work").fail_write(1, Failure::Unreachable);
    assert_eq!(world.run().standing, Standing::Partly);
    assert_eq!(world.store("work").entries().len(), 2);
    world.store("work").heal();
    // Meanwhile somebody drops what came with the other one; it does not come back.
    world.put("home", "Ada", "TEL:+49301\nNOTE:met in Turin");
    assert_eq!(world.run().standing, Standing::InStep);
    for store in STORES {
        assert_eq!(world.store(store).entries().len(), 1, "{store}");
        assert_eq!(
            world.lines(store, "Ada"),
            ["NOTE:met in Turin", "TEL:+49301"],
            "{store}"
        );
    }
}

#[test]
fn an_edit_that_arrives_with_the_merge_is_in_the_merged_card() {
    let mut world = two_in_step();
    world.decide(0, ["Ada", "Adele"], &merge());
    world.put("work", "Adele", "EMAIL:ada@example.com\nTITLE:countess");
    world.run();
    for store in STORES {
        let lines = world.lines(store, "Ada");
        assert!(
            lines.contains(&"TITLE:countess".to_owned()),
            "{store}: {lines:?}"
        );
    }
}

#[test]
fn a_store_that_may_not_be_written_keeps_both() {
    let mut world = two_in_step();
    world.read_only = vec!["work".into()];
    world.decide(0, ["Ada", "Adele"], &merge());
    assert_eq!(world.run().standing, Standing::InStep);
    assert_eq!(world.store("work").entries().len(), 2);
    assert_eq!(world.store("home").entries().len(), 1);
    world.reset_counts();
    assert_eq!(world.run().standing, Standing::InStep);
    assert_eq!(world.writes(), 0, "and it does not come back from there");
}

#[test]
fn apart_is_written_on_both_cards_and_known_to_every_machine() {
    let mut world = certain().with_machine();
    world.duplicates = Duplicates::Ask;
    let open = world.run().questions;
    assert_eq!(open.len(), 1);
    let Question::Duplicate(alike) = &open[0] else {
        panic!("{open:?}")
    };
    world.decide_of(0, alike.contacts.clone(), &Answer::Apart);
    assert_eq!(world.run().standing, Standing::InStep);
    for bytes in world.everything().values() {
        let text = String::from_utf8_lossy(bytes);
        let other = if text.contains("UID:one") {
            "two"
        } else {
            "one"
        };
        assert!(
            text.contains(&format!("X-CARDWEAVE-DISTINCT:{other}\r\n")),
            "{text}"
        );
    }
    world.reset_counts();
    for machine in [1, 0] {
        let summary = world.run_on(machine);
        assert_eq!((summary.standing, world.writes()), (Standing::InStep, 0));
    }
}

#[test]
fn a_merge_of_many_is_no_accident_on_another_machine() {
    let mut world = World::new(&["home", "phone"]).with_machine();
    let names: Vec<(String, String)> = (0..12)
        .map(|index| (format!("Ada{index}"), format!("Eva{index}")))
        .collect();
    for (index, (ada, eva)) in names.iter().enumerate() {
        world.put(
            "home",
            ada,
            &format!("TEL:+4930100{index}\nNOTE:met in Turin"),
        );
        world.put(
            "home",
            eva,
            &format!("EMAIL:eva{index}@example.com\nNOTE:likes chess"),
        );
    }
    world.run_on(0);
    // The other machine syncs the same server with a folder of its own.
    let folder = Memory::new("folder");
    let shared = world.stores.remove(0);
    world.stores = vec![folder, world.stores.remove(0)];
    world.run_on(1);
    let folder = world.stores.remove(0);
    world.stores.insert(0, shared);
    for (ada, eva) in &names {
        world.decide(0, [ada, eva], &merge());
    }
    assert_eq!(world.run_on(0).merged, 12);

    world.stores.remove(0);
    world.stores.insert(0, folder);
    let summary = world.run_on(1);
    assert_eq!(summary.standing, Standing::InStep, "{:?}", summary.refusals);
    assert_eq!(world.store("folder").entries().len(), 12);
    world.reset_counts();
    assert_eq!(world.run_on(1).standing, Standing::InStep);
    assert_eq!(world.writes(), 0);
}

#[test]
fn many_deletions_are_an_accident_still() {
    let mut world = World::new(&["home", "phone"]);
    for index in 0..12 {
        let lines = format!("TEL:+4930100{index}");
        world.put("home", &format!("Ada{index}"), &lines);
    }
    world.put("home", "Bob", "TEL:+49301000\nTEL:+49301001");
    world.run();
    for index in 0..12 {
        world.delete("home", &format!("Ada{index}"));
    }
    assert_eq!(world.run().standing, Standing::Stopped);
}

/// Two cards in one store that are one person beyond doubt.
pub fn certain() -> World {
    let world = World::new(&["home", "phone"]);
    let ada =
        "FN:Ada Lovelace\nN:Lovelace;Ada;;;\nEMAIL:ada@example.com\nTEL;TYPE=CELL:+4917012345678";
    world.put("home", "one", &format!("UID:one\n{ada}\nNOTE:x"));
    world.put("home", "two", &format!("UID:two\n{ada}\nTITLE:countess"));
    world
}

#[test]
fn certain_ones_merge_by_themselves_only_where_the_book_says_so() {
    for (duplicates, cards, questions) in [
        (Duplicates::Auto, 1, 0),
        (Duplicates::Ask, 2, 1),
        (Duplicates::Off, 2, 0),
    ] {
        let mut world = certain();
        world.duplicates = duplicates;
        let summary = world.run();
        let held = world.store("phone").entries().len();
        assert_eq!(
            (held, summary.questions.len()),
            (cards, questions),
            "{duplicates:?}"
        );
        world.reset_counts();
        let again = world.run();
        assert_eq!(
            (world.writes(), again.questions.len()),
            (0, questions),
            "{duplicates:?}"
        );
    }
}

#[test]
fn a_run_with_nothing_new_does_not_look_for_duplicates() {
    let mut world = certain();
    world.duplicates = Duplicates::Ask;
    world.run();
    let looked = world.state_of(0).matched("people").unwrap();
    assert!(looked.is_some());
    world.put("home", "three", "UID:three\nFN:Grace");
    world.duplicates = Duplicates::Off;
    world.run();
    assert_ne!(world.state_of(0).matched("people").unwrap(), looked);
}

#[test]
fn three_contacts_become_one_whoever_is_brought_together_with_whom() {
    for pairs in [
        [["Ada", "Adele"], ["Adele", "Adeline"]],
        [["Adeline", "Ada"], ["Adele", "Adeline"]],
    ] {
        let mut world = two_in_step();
        world.put("work", "Adeline", "URL:https://example.com/ada");
        world.run();
        for pair in pairs {
            world.decide(0, pair, &merge());
        }
        assert_eq!(world.run().merged, 2);
        for store in STORES {
            assert_eq!(world.store(store).entries().len(), 1, "{pairs:?} {store}");
        }
    }
}
