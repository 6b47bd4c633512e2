//! Logs on several devices: what is written at once, corrected and folded.

use crate::world::{BOOK, World};
use cardweave::book::Known;
use cardweave::card::{Card, Change};
use cardweave::contact::{Relationship, yearly_sums};
use cardweave::merge::without_folded;
use cardweave::run::Standing;
use cardweave::store::{StoreError, StoreErrorKind};
use cardweave::sync::keys_of;
use jiff::civil::date;

const STORES: [&str; 3] = ["home", "phone", "work"];

fn in_step(lines: &str) -> World {
    let mut world = World::new(&STORES);
    world.put("home", "Ada", lines);
    world.run();
    world
}

fn log(id: &str, text: &str) -> String {
    format!("X-CARDWEAVE-LOG;DATE=20240110;ID={id}:{text}")
}

fn sum(id: &str, folds: &str) -> String {
    format!("X-CARDWEAVE-LOG;COUNT=2;DATE=20241231;FOLDS={folds};ID={id};KIND=sum:sum {id}")
}

/// Changes what a machine knows to be agreed on, as the commands do.
fn amend(world: &World, machine: usize, change: impl Fn(&Card) -> Card) {
    let mut state = world.state_of(machine);
    let ids = state.contact_ids(BOOK).unwrap();
    let known = state.contacts(BOOK, &ids).unwrap().pop().unwrap();
    let Known {
        id,
        agreed,
        stores,
        held_back,
        ..
    } = &known;
    let after = change(agreed);
    let keys = keys_of(&after, stores.values().map(|held| &held.held));
    state
        .transaction(|tx| tx.put_contact(BOOK, id, &after.name(), &after, held_back, &keys))
        .unwrap();
}

/// `archive` on one machine.
fn archive(world: &World, machine: usize) {
    amend(world, machine, |agreed| {
        let sums = yearly_sums(&Relationship::of(agreed).log, date(2025, 1, 1));
        assert!(!sums.is_empty());
        let sums = sums.iter().map(|sum| Change::Add(sum.line.field()));
        without_folded(&agreed.apply(&sums.collect::<Vec<_>>()))
    });
}

fn texts(world: &World, store: &str) -> Vec<String> {
    let lines = world.lines(store, "Ada").into_iter();
    lines
        .filter_map(|line| line.strip_prefix("X-CARDWEAVE-LOG:").map(str::to_owned))
        .collect()
}

fn expect(world: &World, expected: &[&str]) {
    for store in STORES {
        assert_eq!(texts(world, store), expected, "{store}");
    }
}

#[test]
fn devices_that_log_at_once_never_conflict() {
    let first = log("1", "first");
    let mut world = in_step(&format!("{first}\nX-CARDWEAVE-LAST-CONTACT:20240110"));
    for (store, day) in STORES
        .into_iter()
        .zip(["2024-02-01", "20240203", "20240202"])
    {
        let more = log(store, store);
        world.put(
            store,
            "Ada",
            &format!("{first}\n{more}\nX-CARDWEAVE-LAST-CONTACT:{day}"),
        );
    }
    let summary = world.run();
    assert_eq!(summary.standing, Standing::InStep, "{summary:?}");
    expect(&world, &["first", "home", "phone", "work"]);
    for store in STORES {
        let lines = world.lines(store, "Ada");
        assert!(
            lines.contains(&"X-CARDWEAVE-LAST-CONTACT:20240203".to_owned()),
            "{lines:?}"
        );
    }
    world.reset_counts();
    world.run();
    assert_eq!(world.writes(), 0);
}

#[test]
fn folded_lines_do_not_come_back_from_a_store_that_was_away() {
    let lines = [log("1", "one"), log("2", "two"), log("3", "three")];
    let mut world = in_step(&lines.join("\n"));
    // Somebody folds on one device, which drops what it folded; another one logs meanwhile, and
    // still has all lines.
    world.put("home", "Ada", &format!("{}\n{}", lines[2], sum("s", "1 2")));
    world.put(
        "phone",
        "Ada",
        &format!("{}\n{}", lines.join("\n"), log("4", "four")),
    );
    world.run();
    expect(&world, &["four", "sum s", "three"]);
    // The third comes back with its old card, as from a backup.
    world.put("work", "Ada", &lines.join("\n"));
    world.run();
    // The fourth line was lost there, which does not count elsewhere.
    assert_eq!(texts(&world, "work"), ["sum s", "three"]);
    assert_eq!(texts(&world, "home"), ["four", "sum s", "three"]);
    world.reset_counts();
    world.run();
    assert_eq!(world.writes(), 0);
}

#[test]
fn another_machine_does_not_bring_folded_lines_back() {
    let lines = [log("1", "one"), log("2", "two")];
    let mut world = World::new(&STORES).with_machine();
    world.put("home", "Ada", &lines.join("\n"));
    world.run();
    world.run_on(1);
    world.put("home", "Ada", &sum("s", "1 2"));
    world.run();
    expect(&world, &["sum s"]);
    // To this one the lines were removed by stores, which alone would not be believed.
    world.run_on(1);
    expect(&world, &["sum s"]);
    world.reset_counts();
    world.run();
    world.run_on(1);
    assert_eq!(world.writes(), 0);
}

#[test]
fn two_devices_that_fold_at_once_count_nothing_twice() {
    let lines = [log("1", "one"), log("2", "two"), log("3", "three")];
    let mut world = in_step(&lines.join("\n"));
    world.put("home", "Ada", &format!("{}\n{}", lines[2], sum("s", "1 2")));
    world.put("work", "Ada", &sum("t", "1 2 3"));
    world.run();
    expect(&world, &["sum t"]);
}

#[test]
fn without_a_sum_a_line_that_a_store_lost_comes_back() {
    let mut world = in_step(&format!("{}\n{}\nTEL:1", log("1", "one"), log("2", "two")));
    world.put("home", "Ada", &format!("{}\nTEL:1", log("2", "two")));
    world.run();
    world.put("home", "Ada", &format!("{}\nTEL:2", log("2", "two")));
    world.run();
    for store in ["phone", "work"] {
        assert_eq!(texts(&world, store), ["one", "two"], "{store}");
    }
}

#[test]
fn two_entries_of_one_id_both_reach_every_store() {
    let (one, other) = (log("1", "one"), log("1", "other"));
    let mut world = in_step(&one);
    world.put("phone", "Ada", &format!("{other}\n{one}"));
    world.run();
    expect(&world, &["one", "other"]);
    world.reset_counts();
    world.run();
    assert_eq!(world.writes(), 0);
}

#[test]
fn the_later_day_ends_a_snooze_however_it_is_spelled() {
    let mut world = in_step("X-CARDWEAVE-SNOOZE:20261120");
    world.put("home", "Ada", "X-CARDWEAVE-SNOOZE:2026-12-01");
    world.put("work", "Ada", "X-CARDWEAVE-SNOOZE:20261130");
    assert_eq!(world.run().standing, Standing::InStep);
    assert_eq!(
        world.lines("phone", "Ada"),
        ["X-CARDWEAVE-SNOOZE:2026-12-01"]
    );
}

#[test]
fn what_was_archived_while_a_store_was_away_does_not_come_back_with_it() {
    let lines = [log("1", "one"), log("2", "two"), log("3", "three")];
    let mut world = in_step(&lines.join("\n"));
    archive(&world, 0);
    world.store("work").answer_list(Err(StoreError {
        kind: StoreErrorKind::Unreachable,
        what: "away".to_owned(),
        todo: "wait".to_owned(),
    }));
    world.run();
    for store in ["home", "phone"] {
        assert_eq!(texts(&world, store), ["3 interactions in 2024"], "{store}");
    }
    assert_eq!(texts(&world, "work").len(), 3);
    // Somebody logged there meanwhile.
    world.put(
        "work",
        "Ada",
        &format!("{}\n{}", lines.join("\n"), log("4", "four")),
    );
    assert_eq!(world.run().standing, Standing::InStep);
    expect(&world, &["3 interactions in 2024", "four"]);
    world.reset_counts();
    world.run();
    assert_eq!(world.writes(), 0);
}

#[test]
fn two_machines_that_archive_at_once_write_one_sum() {
    let mut world = World::new(&STORES).with_machine();
    world.put(
        "home",
        "Ada",
        &[log("1", "one"), log("2", "two")].join("\n"),
    );
    world.run();
    world.run_on(1);
    archive(&world, 0);
    archive(&world, 1);
    world.run();
    assert_eq!(world.run_on(1).standing, Standing::InStep);
    expect(&world, &["2 interactions in 2024"]);
    world.reset_counts();
    world.run();
    world.run_on(1);
    assert_eq!(world.writes(), 0);
}

#[test]
fn a_machine_that_archives_later_and_more_counts_nothing_twice() {
    let mut world = World::new(&STORES).with_machine();
    let lines = [log("1", "one"), log("2", "two")];
    world.put("home", "Ada", &lines.join("\n"));
    world.run();
    world.run_on(1);
    archive(&world, 0);
    // The other machine has not heard of it, and one line more.
    amend(&world, 1, |agreed| {
        let more = log("3", "three");
        let text =
            String::from_utf8_lossy(agreed.bytes()).replace("END:", &format!("{more}\r\nEND:"));
        Card::parse(text.as_bytes()).unwrap()
    });
    archive(&world, 1);
    world.run();
    world.run_on(1);
    world.run();
    expect(&world, &["3 interactions in 2024"]);
}

#[test]
fn one_more_line_of_a_long_log_is_one_more_line() {
    let lines: Vec<String> = (0..5_000)
        .map(|number| log(&format!("{number:08x}"), "call"))
        .collect();
    let mut world = in_step(&lines.join("\n"));
    let before = world.everything();
    let more = log("more", "one more");
    amend(&world, 0, |agreed| {
        let text =
            String::from_utf8_lossy(agreed.bytes()).replace("END:", &format!("{more}\r\nEND:"));
        Card::parse(text.as_bytes()).unwrap()
    });
    world.reset_counts();
    world.run();
    assert_eq!(world.writes(), 3);
    for (place, bytes) in world.everything() {
        let text = String::from_utf8_lossy(&bytes).replace(&format!("{more}\r\n"), "");
        assert_eq!(text, String::from_utf8_lossy(&before[&place]), "{place}");
    } // All of them go at once, in one write each.
    archive(&world, 0);
    world.reset_counts();
    world.run();
    assert_eq!(world.writes(), 3);
    let left: Vec<usize> = STORES.map(|store| texts(&world, store).len()).into();
    assert_eq!(left, [6, 6, 6]);
}
