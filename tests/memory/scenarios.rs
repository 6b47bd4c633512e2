//! What three stores do to each other, told card by card.

use crate::world::{self, World, store_id};
use cardweave::merge::Conflicts;
use cardweave::run::Standing;
use cardweave::store::memory::{Failure, Memory};

fn three() -> World {
    World::new(&["home", "phone", "work"])
}

fn in_step(name: &str, lines: &str) -> World {
    let mut world = three();
    for store in ["home", "phone", "work"] {
        world.put(store, name, lines);
    }
    world.run();
    world.reset_counts();
    world
}

#[test]
fn a_new_card_reaches_every_store() {
    let mut world = three();
    world.put("phone", "Ada", "TEL:1\nEMAIL:ada@example.com");
    assert_eq!(world.run().standing, Standing::InStep);
    for store in ["home", "phone", "work"] {
        assert_eq!(
            world.lines(store, "Ada"),
            ["EMAIL:ada@example.com", "TEL:1"]
        );
    }
}

#[test]
fn the_second_run_reads_and_writes_nothing() {
    let mut world = three();
    world.put("phone", "Ada", "TEL:1");
    world.put("work", "Grace", "TEL:2");
    world.run();
    world.reset_counts();
    assert_eq!(world.run().standing, Standing::InStep);
    for store in &world.stores {
        let counts = store.counts();
        assert_eq!((counts.lists, counts.reads, counts.writes), (1, 0, 0));
    }
}

#[test]
fn edits_of_different_fields_in_all_stores_come_together() {
    let mut world = in_step("Ada", "TEL:1");
    world.put("home", "Ada", "TEL:1\nNOTE:met in Turin");
    world.put("phone", "Ada", "TEL:1\nTEL:2");
    world.put("work", "Ada", "TEL:1\nEMAIL:ada@example.com");
    assert_eq!(world.run().standing, Standing::InStep);
    for store in ["home", "phone", "work"] {
        let expected = [
            "EMAIL:ada@example.com",
            "NOTE:met in Turin",
            "TEL:1",
            "TEL:2",
        ];
        assert_eq!(world.lines(store, "Ada"), expected, "{store}");
    }
}

#[test]
fn the_same_edit_in_two_stores_is_made_once() {
    let mut world = in_step("Ada", "TEL:1");
    world.put("home", "Ada", "TEL:2");
    world.put("phone", "Ada", "TEL:2");
    world.run();
    assert_eq!(world.lines("work", "Ada"), ["TEL:2"]);
    assert_eq!(world.writes(), 1);
}

#[test]
fn a_deletion_is_passed_on() {
    let mut world = in_step("Ada", "TEL:1");
    world.put("home", "Grace", "TEL:2");
    world.run();
    world.delete("work", "Ada");
    assert_eq!(world.run().standing, Standing::InStep);
    assert_eq!(world.lines("home", "Ada"), ["(not there)"]);
    assert_eq!(world.lines("phone", "Ada"), ["(not there)"]);
    world.reset_counts();
    world.run();
    assert_eq!(world.writes(), 0);
}

#[test]
fn an_edit_beats_a_deletion() {
    let mut world = in_step("Ada", "TEL:1");
    world.put("home", "Grace", "TEL:3");
    world.run();
    world.delete("work", "Ada");
    world.put("home", "Ada", "TEL:1\nTEL:2");
    world.run();
    for store in ["home", "phone", "work"] {
        assert_eq!(world.lines(store, "Ada"), ["TEL:1", "TEL:2"], "{store}");
    }
}

#[test]
fn a_conflict_holds_back_one_field_and_nothing_else() {
    let mut world = in_step("Ada", "NOTE:old\nTEL:1");
    world.put("home", "Ada", "NOTE:from home\nTEL:1");
    world.put("work", "Ada", "NOTE:from work\nTEL:1\nTEL:2");
    let summary = world.run();
    assert_eq!(summary.standing, Standing::QuestionsOpen);
    assert_eq!(summary.questions.len(), 1);
    let conflict = summary.questions[0].conflict().unwrap();
    assert_eq!(conflict.agreed.as_deref(), Some("old"));
    assert_eq!(
        world.lines("home", "Ada"),
        ["NOTE:from home", "TEL:1", "TEL:2"]
    );
    assert_eq!(world.lines("phone", "Ada"), ["NOTE:old", "TEL:1", "TEL:2"]);
    assert_eq!(
        world.lines("work", "Ada"),
        ["NOTE:from work", "TEL:1", "TEL:2"]
    );

    // It stays open, and costs no write, until somebody decides by making two stores the same.
    world.reset_counts();
    assert_eq!(world.run().questions, summary.questions);
    assert_eq!(world.writes(), 0);
    world.put("home", "Ada", "NOTE:from work\nTEL:1\nTEL:2");
    assert_eq!(world.run().standing, Standing::InStep);
    assert_eq!(
        world.lines("phone", "Ada"),
        ["NOTE:from work", "TEL:1", "TEL:2"]
    );
}

#[test]
fn an_answer_settles_a_conflict_in_every_store() {
    let mut world = in_step("Ada", "NOTE:old");
    world.put("home", "Ada", "NOTE:from home");
    world.put("work", "Ada", "NOTE:from work");
    let question = world.run().questions.remove(0);
    {
        let mut state = world.state_of(0);
        state
            .transaction(|tx| tx.answer(question.id().as_str(), "take work"))
            .unwrap();
    }
    assert_eq!(world.run().standing, Standing::InStep);
    for store in ["home", "phone", "work"] {
        assert_eq!(world.lines(store, "Ada"), ["NOTE:from work"], "{store}");
    }
    assert_eq!(world.run().questions, []);
}

#[test]
fn a_store_that_wins_is_not_asked_about() {
    let mut world = in_step("Ada", "NOTE:old");
    world.conflicts = Conflicts::Store(store_id("work"));
    world.put("home", "Ada", "NOTE:from home");
    world.put("work", "Ada", "NOTE:from work");
    assert_eq!(world.run().standing, Standing::InStep);
    assert_eq!(world.lines("home", "Ada"), ["NOTE:from work"]);
}

#[test]
fn the_newest_card_wins_by_its_revision() {
    let mut world = in_step("Ada", "NOTE:old");
    world.conflicts = Conflicts::Newest;
    world.put("home", "Ada", "NOTE:from home\nREV:20260102T000000Z");
    world.put("work", "Ada", "NOTE:from work\nREV:20260101T000000Z");
    assert_eq!(world.run().standing, Standing::InStep);
    assert_eq!(world.lines("work", "Ada"), ["NOTE:from home"]);
}

#[test]
fn two_filled_books_that_meet_do_not_double() {
    let mut world = World::new(&["home", "work"]);
    world.put(
        "home",
        "Ada",
        "UID:a\nFN:Ada Lovelace\nN:Lovelace;Ada;;;\nEMAIL:ada@example.com\nTEL:1",
    );
    world.put(
        "work",
        "Lovelace",
        "UID:b\nFN:Lovelace, Ada\nN:Lovelace;Ada;;;\nEMAIL:ADA@example.com\nORG:Engines",
    );
    world.put("home", "Grace", "UID:c\nTEL:3");
    let summary = world.run();
    for store in ["home", "work"] {
        assert_eq!(world.store(store).entries().len(), 2, "{store}");
    }
    let lines = world.lines("home", "Ada Lovelace");
    assert!(lines.contains(&"ORG:Engines".to_owned()), "{lines:?}");
    assert_eq!(summary.stores[&store_id("home")].created, 0);
}

#[test]
fn people_who_share_only_a_name_stay_two() {
    let mut world = World::new(&["home", "work"]);
    world.put("home", "Ada", "UID:a\nEMAIL:ada@example.com");
    world.put("work", "Ada", "UID:b\nEMAIL:other@example.com");
    world.run();
    assert_eq!(world.store("home").entries().len(), 2);
    assert_eq!(world.store("work").entries().len(), 2);
}

#[test]
fn one_uid_twice_in_a_store_keeps_both_cards_everywhere() {
    let mut world = World::new(&["home", "work"]);
    world.put("home", "Ada", "UID:same\nTEL:1");
    world.put("home", "Bob", "UID:same\nTEL:2");
    let summary = world.run();
    assert_eq!(world.lines("work", "Ada"), ["TEL:1"]);
    assert_eq!(world.lines("work", "Bob"), ["TEL:2"]);
    assert_eq!(summary.remarks.len(), 1);
    world.reset_counts();
    world.run();
    assert_eq!(world.writes(), 0);
}

#[test]
fn what_a_store_strips_is_erased_nowhere_and_written_once() {
    let mut world = World::of(vec![
        Memory::new("home"),
        Memory::new("office").stripping_x(),
        Memory::new("phone"),
    ]);
    world.put("home", "Ada", "X-CARDWEAVE-TIER:A\nTEL:1");
    world.run();
    assert_eq!(world.lines("office", "Ada"), ["TEL:1"]);
    for run in 0..10 {
        world.reset_counts();
        world.run();
        assert_eq!(world.writes(), 0, "run {run}");
    }
    world.put("office", "Ada", "TEL:1\nTEL:2");
    world.run();
    for store in ["home", "phone"] {
        assert_eq!(
            world.lines(store, "Ada"),
            ["TEL:1", "TEL:2", "X-CARDWEAVE-TIER:A"],
            "{store}"
        );
    }
    // A change of the tier alone is not offered to a store that is known to drop it.
    world.put("home", "Ada", "X-CARDWEAVE-TIER:B\nTEL:1\nTEL:2");
    world.reset_counts();
    world.run();
    assert_eq!(world.store("office").counts().writes, 0);
    assert_eq!(
        world.lines("phone", "Ada"),
        ["TEL:1", "TEL:2", "X-CARDWEAVE-TIER:B"]
    );
}

#[test]
fn what_a_store_dropped_once_is_still_changed_where_it_is_there() {
    let without_adas_note = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        let lines = text.split_inclusive('\n');
        let is_kept = |line: &&str| !(text.contains("FN:Ada") && line.starts_with("NOTE"));
        lines.filter(is_kept).collect::<String>().into_bytes()
    };
    let mut world = World::of(vec![
        Memory::new("home"),
        Memory::new("office").rewriting(without_adas_note),
    ]);
    world.put("home", "Bob", "NOTE:old");
    world.run();
    world.put("home", "Ada", "NOTE:hers");
    assert_eq!(world.run().remarks.len(), 1);
    world.put("home", "Bob", "NOTE:new");
    world.run();
    assert_eq!(world.lines("office", "Bob"), ["NOTE:new"]);
}

#[test]
fn an_application_that_forgets_our_properties_decides_nothing() {
    let mut world = in_step("Ada", "X-CARDWEAVE-TIER:A\nX-CARDWEAVE-GOAL:launch\nTEL:1");
    world.put("phone", "Ada", "TEL:2");
    world.run();
    for store in ["home", "phone", "work"] {
        let expected = ["TEL:2", "X-CARDWEAVE-GOAL:launch", "X-CARDWEAVE-TIER:A"];
        assert_eq!(world.lines(store, "Ada"), expected, "{store}");
    }
}

#[test]
fn a_tier_that_is_removed_by_hand_is_gone() {
    let mut world = in_step("Ada", "X-CARDWEAVE-TIER:A\nX-CARDWEAVE-GOAL:launch\nTEL:1");
    world.put("home", "Ada", "X-CARDWEAVE-GOAL:launch\nTEL:1");
    world.run();
    assert_eq!(
        world.lines("work", "Ada"),
        ["TEL:1", "X-CARDWEAVE-GOAL:launch"]
    );
}

#[test]
fn the_later_contact_counts() {
    let mut world = in_step("Ada", "X-CARDWEAVE-LAST-CONTACT:20260101");
    world.put("home", "Ada", "X-CARDWEAVE-LAST-CONTACT:20260301");
    world.put("work", "Ada", "X-CARDWEAVE-LAST-CONTACT:20260201");
    assert_eq!(world.run().standing, Standing::InStep);
    assert_eq!(
        world.lines("phone", "Ada"),
        ["X-CARDWEAVE-LAST-CONTACT:20260301"]
    );
}

#[test]
fn log_entries_of_two_devices_are_all_kept() {
    let mut world = in_step("Ada", "X-CARDWEAVE-LOG;ID=1:called");
    world.put(
        "home",
        "Ada",
        "X-CARDWEAVE-LOG;ID=1:called\nX-CARDWEAVE-LOG;ID=2:wrote",
    );
    world.put("work", "Ada", "X-CARDWEAVE-LOG;ID=3:met");
    world.run();
    assert_eq!(world.lines("phone", "Ada").len(), 3);
}

#[test]
fn an_empty_store_stops_the_run_before_the_first_write() {
    let mut world = in_step("Ada", "TEL:1");
    world.delete("phone", "Ada");
    world.put("home", "Grace", "TEL:2");
    let summary = world.run();
    assert_eq!(summary.standing, Standing::Stopped);
    assert_eq!(world.writes(), 0);
    world.accept_deletes = true;
    assert_eq!(world.run().standing, Standing::InStep);
    assert_eq!(world.lines("home", "Ada"), ["(not there)"]);
    assert_eq!(world.lines("phone", "Grace"), ["TEL:2"]);
}

#[test]
fn many_deletions_stop_the_run() {
    let mut world = three();
    for index in 0..20 {
        world.put("home", &format!("P{index}"), "TEL:1");
    }
    world.run();
    for index in 0..6 {
        world.delete("home", &format!("P{index}"));
    }
    let summary = world.run();
    assert_eq!(summary.standing, Standing::Stopped);
    assert_eq!(summary.planned.len(), 12);
    assert_eq!(world.store("work").entries().len(), 20);
}

#[test]
fn a_lost_state_deletes_and_doubles_nothing() {
    let mut world = in_step("Ada", "TEL:1");
    world.put("home", "Grace", "NOTE:hers");
    world.run();
    world.lose_state(0);
    world.reset_counts();
    assert_eq!(world.run().standing, Standing::InStep);
    assert_eq!(world.writes(), 0);
    for store in ["home", "phone", "work"] {
        assert_eq!(world.store(store).entries().len(), 2);
    }
}

#[test]
fn a_store_that_refuses_a_card_is_not_asked_again_until_the_card_changes() {
    let mut world = three();
    world.put("home", "Ada", "TEL:1");
    world
        .store("work")
        .fail_write(1, Failure::Refused("too large".into()));
    let summary = world.run();
    assert_eq!(summary.standing, Standing::Partly);
    assert_eq!(world.lines("phone", "Ada"), ["TEL:1"]);
    world.reset_counts();
    let summary = world.run();
    assert_eq!(world.writes(), 0);
    assert_eq!(summary.standing, Standing::Partly);
    assert_eq!(summary.stores[&store_id("work")].refused, 1);
    world.put("home", "Ada", "TEL:2");
    assert_eq!(world.run().standing, Standing::InStep);
    assert_eq!(world.lines("work", "Ada"), ["TEL:2"]);
}

#[test]
fn somebody_who_is_faster_is_not_overwritten() {
    let mut world = in_step("Ada", "TEL:1");
    world.put("home", "Ada", "TEL:1\nTEL:2");
    world.store("work").before_write(1, |store, _| {
        store.put_behind(&world::href("Ada"), &world::card("Ada", "TEL:1\nTEL:3"));
    });
    assert_eq!(world.run().standing, Standing::InStep);
    for store in ["home", "phone", "work"] {
        assert_eq!(
            world.lines(store, "Ada"),
            ["TEL:1", "TEL:2", "TEL:3"],
            "{store}"
        );
    }
}

#[test]
fn an_edit_by_somebody_who_could_not_see_the_other_is_a_conflict() {
    let mut world = in_step("Ada", "NOTE:old");
    world.put("home", "Ada", "NOTE:from home");
    world.store("work").before_write(1, |store, _| {
        store.put_behind(&world::href("Ada"), &world::card("Ada", "NOTE:from work"));
    });
    let summary = world.run();
    assert_eq!(summary.standing, Standing::QuestionsOpen);
    assert_eq!(world.lines("home", "Ada"), ["NOTE:from home"]);
    assert_eq!(world.lines("work", "Ada"), ["NOTE:from work"]);
    world.reset_counts();
    world.run();
    assert_eq!(world.writes(), 0);
}

#[test]
fn a_read_only_store_gives_and_takes_nothing() {
    let mut world = three();
    world.read_only = vec!["work".to_owned()];
    world.put("work", "Ada", "TEL:1");
    world.put("home", "Grace", "TEL:2");
    world.run();
    assert_eq!(world.lines("home", "Ada"), ["TEL:1"]);
    assert_eq!(world.lines("work", "Grace"), ["(not there)"]);
    world.delete("home", "Ada");
    world.reset_counts();
    world.run();
    assert_eq!(world.lines("phone", "Ada"), ["(not there)"]);
    assert_eq!(world.store("work").counts().writes, 0);
    // What was let go stays away, until somebody edits it there.
    world.run();
    assert_eq!(world.lines("home", "Ada"), ["(not there)"]);
    world.put("work", "Ada", "TEL:9");
    world.run();
    assert_eq!(world.lines("home", "Ada"), ["TEL:9"]);
}

#[test]
fn a_new_store_in_the_book_gets_everybody() {
    let mut world = World::new(&["home", "phone"]);
    world.put("home", "Ada", "TEL:1");
    world.put("phone", "Grace", "TEL:2");
    world.run();
    world.stores.push(Memory::new("work"));
    world.run();
    assert_eq!(world.lines("work", "Ada"), ["TEL:1"]);
    assert_eq!(world.lines("work", "Grace"), ["TEL:2"]);
}

#[test]
fn a_store_that_left_the_book_has_no_say_and_is_remembered() {
    let mut world = in_step("Ada", "TEL:1");
    world.put("home", "Grace", "TEL:2");
    world.run();
    let work = world.stores.pop().expect("three stores");
    world.delete("home", "Ada");
    assert_eq!(world.run().standing, Standing::InStep);
    assert_eq!(world.lines("phone", "Ada"), ["(not there)"]);
    // Back again, it is compared with what it held when it left.
    world.put("home", "Grace", "TEL:3");
    world.run();
    world.stores.push(work);
    world.run();
    assert_eq!(world.lines("work", "Grace"), ["TEL:3"]);
    assert_eq!(world.lines("home", "Grace"), ["TEL:3"]);
}

#[test]
fn what_a_store_refused_is_offered_again_when_it_is_time_for_a_whole_listing() {
    let mut world = three();
    world.put("home", "Ada", "TEL:1");
    world
        .store("work")
        .fail_write(1, Failure::Refused("the disk is full".into()));
    world.run();
    world.let_days_pass(8);
    world.run();
    assert_eq!(world.run().standing, Standing::InStep);
    assert_eq!(world.lines("work", "Ada"), ["TEL:1"]);
}

#[test]
fn a_store_that_loses_one_number_is_given_the_next() {
    let without_nines = |bytes: &[u8]| {
        let lines = bytes.split_inclusive(|byte| *byte == b'\n');
        let kept: Vec<&[u8]> = lines.filter(|line| !line.starts_with(b"TEL:9")).collect();
        kept.concat()
    };
    let mut world = World::of(vec![
        Memory::new("home"),
        Memory::new("office").rewriting(without_nines),
    ]);
    world.put("home", "Ada", "TEL:999");
    world.run();
    assert_eq!(world.lines("office", "Ada"), [""; 0]);
    world.put("home", "Ada", "TEL:111");
    world.run();
    assert_eq!(world.lines("office", "Ada"), ["TEL:111"]);
}

#[test]
fn a_store_that_keeps_its_own_text_all_the_same_is_told_of() {
    let stubborn = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        text.replace("NOTE:new", "NOTE:old").into_bytes()
    };
    let mut world = World::of(vec![
        Memory::new("home"),
        Memory::new("office").rewriting(stubborn),
    ]);
    world.put("home", "Ada", "NOTE:old");
    world.run();
    world.put("home", "Ada", "NOTE:new");
    let remarks = world.run().remarks;
    assert_eq!(remarks.len(), 1, "{remarks:?}");
    assert!(remarks[0].text.contains("kept its own NOTE"), "{remarks:?}");
    // It is no edit, and it is not offered again and again.
    world.reset_counts();
    assert_eq!(world.run().remarks, []);
    assert_eq!(world.writes(), 0);
    assert_eq!(world.lines("home", "Ada"), ["NOTE:new"]);
}

#[test]
fn somebody_who_is_faster_with_the_same_edit_and_another_one_loses_neither() {
    let mut world = in_step("Ada", "NOTE:old\nTEL:1");
    world.put("home", "Ada", "NOTE:old\nTEL:1\nTEL:2");
    world.store("work").before_write(1, |store, _| {
        let theirs = world::card("Ada", "NOTE:new\nTEL:1\nTEL:2");
        store.put_behind(&world::href("Ada"), &theirs);
    });
    assert_eq!(world.run().standing, Standing::InStep);
    for store in ["home", "phone", "work"] {
        assert_eq!(
            world.lines(store, "Ada"),
            ["NOTE:new", "TEL:1", "TEL:2"],
            "{store}"
        );
    }
}

#[test]
fn a_deletion_that_is_done_is_done_though_another_one_is_not() {
    let mut world = in_step("Ada", "TEL:1");
    world.put("home", "Bob", "TEL:2");
    world.put("home", "Eve", "TEL:3");
    world.run();
    world.reset_counts();
    // Ada's deletion reaches home and not the phone, and then the phone without a reply.
    world.store("phone").fail_write(1, Failure::Unreachable);
    world.store("phone").fail_write(2, Failure::LostReply);
    world.delete("work", "Ada");
    world.run();
    world.delete("home", "Bob");
    assert_eq!(world.run().standing, Standing::InStep);
    for store in ["home", "phone", "work"] {
        assert_eq!(world.store(store).entries().len(), 1, "{store}");
        assert_eq!(world.lines(store, "Eve"), ["TEL:3"]);
    }
}
