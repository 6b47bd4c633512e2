//! Lists and group cards: whoever edits one has edited the other, in every store.

use crate::world::{BOOK, World, store_id};
use cardweave::card::{Card, Change, Field};
use cardweave::run::Standing;
use cardweave::store::memory::{Failure, Memory};

pub const STORES: [&str; 3] = ["home", "phone", "work"];

/// A group card as phones write it. Its address and UID follow from the name.
pub fn put_group(world: &World, store: &str, name: &str, members: &[&str]) {
    let members: String = members
        .iter()
        .map(|uid| format!("X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:{uid}\r\n"))
        .collect();
    put_card_of_group(world, store, name, name, &members);
}

/// The group card that was called `first` in the beginning.
pub fn put_card_of_group(world: &World, store: &str, first: &str, name: &str, lines: &str) {
    let uid = uid_of_group(first);
    let text = format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{name}\r\nN:{name};;;;\r\n\
         X-ADDRESSBOOKSERVER-KIND:group\r\n{lines}END:VCARD\r\n"
    );
    world
        .store(store)
        .put_behind(&format!("{uid}.vcf"), text.as_bytes());
}

pub fn uid_of_group(name: &str) -> String {
    format!("group-{}", name.to_lowercase().replace(' ', "-"))
}

/// Edits what a store holds of somebody, as a phone does.
pub fn edit(world: &World, store: &str, name: &str, changes: &[Change]) {
    let store = world.store(store);
    let entries = store.entries();
    let (href, card) = entries
        .iter()
        .map(|(href, bytes)| (href, Card::parse(bytes).expect("a card")))
        .find(|(_, card)| card.name() == name)
        .unwrap_or_else(|| panic!("{name} is not in {}", store.name()));
    store.put_behind(href.as_str(), card.apply(changes).bytes());
}

pub fn add(name: &str, value: &str) -> Change {
    Change::Add(Field::new(name, value))
}

pub fn remove(name: &str, value: &str) -> Change {
    Change::Remove(Field::new(name, value).key().clone())
}

/// The values of a property that a store holds on a card.
pub fn values(world: &World, store: &str, name: &str, property: &str) -> Vec<String> {
    let start = format!("{property}:");
    let lines = world.lines(store, name);
    lines
        .iter()
        .filter_map(|line| line.strip_prefix(&start).map(str::to_owned))
        .collect()
}

pub fn members(world: &World, store: &str, name: &str) -> Vec<String> {
    values(world, store, name, "MEMBER")
        .into_iter()
        .map(|member| member.trim_start_matches("urn:uuid:").to_owned())
        .collect()
}

/// Nobody did anything: one listing per store, no card read, nothing written.
pub fn is_quiet(world: &mut World) {
    world.reset_counts();
    let summary = world.run();
    assert_eq!(summary.standing, Standing::InStep, "{summary:?}");
    for store in &world.stores {
        let counts = store.counts();
        let asked = (counts.lists, counts.reads, counts.writes);
        assert_eq!(asked, (1, 0, 0), "{}", store.name());
    }
}

pub fn run_to_rest(world: &mut World) {
    assert_eq!(world.run().standing, Standing::InStep);
    is_quiet(world);
}

/// Three stores in step: Ada and Bob play chess, Eve does not.
fn chess() -> World {
    let mut world = World::new(&STORES);
    world.put("home", "Ada", "TEL:1");
    world.put("home", "Bob", "TEL:2\nCATEGORIES:Music");
    world.put("home", "Eve", "TEL:3");
    put_group(
        &world,
        "phone",
        "Chess",
        &["uid-of-ada", "uid-of-bob", "stranger"],
    );
    run_to_rest(&mut world);
    world
}

fn categories(world: &World, name: &str) -> Vec<String> {
    let [first, others @ ..] = STORES.map(|store| values(world, store, name, "CATEGORIES"));
    assert!(others.iter().all(|other| *other == first), "{others:?}");
    first
}

fn players(world: &World, group: &str) -> Vec<String> {
    let [first, others @ ..] = STORES.map(|store| members(world, store, group));
    assert!(others.iter().all(|other| *other == first), "{others:?}");
    first
}

#[test]
fn a_new_group_card_becomes_a_category_and_reaches_every_store() {
    let world = chess();
    assert_eq!(categories(&world, "Ada"), ["Chess"]);
    assert_eq!(categories(&world, "Bob"), ["Chess", "Music"]);
    assert_eq!(categories(&world, "Eve"), [""; 0]);
    assert_eq!(
        players(&world, "Chess"),
        ["stranger", "uid-of-ada", "uid-of-bob"]
    );
}

#[test]
fn a_new_group_card_names_who_is_on_the_list_already() {
    let mut world = World::new(&STORES);
    world.put("home", "Ada", "CATEGORIES:Chess");
    world.put("home", "Bob", "TEL:2");
    world.run();
    put_group(&world, "phone", "Chess", &["uid-of-bob"]);
    run_to_rest(&mut world);
    assert_eq!(players(&world, "Chess"), ["uid-of-ada", "uid-of-bob"]);
    assert_eq!(categories(&world, "Bob"), ["Chess"]);
}

#[test]
fn who_joins_or_leaves_a_group_on_the_phone_gets_or_loses_the_category() {
    let mut world = chess();
    put_group(
        &world,
        "phone",
        "Chess",
        &["uid-of-bob", "uid-of-eve", "stranger"],
    );
    run_to_rest(&mut world);
    assert_eq!(categories(&world, "Ada"), [""; 0]);
    assert_eq!(categories(&world, "Eve"), ["Chess"]);
    assert_eq!(
        players(&world, "Chess"),
        ["stranger", "uid-of-bob", "uid-of-eve"]
    );
}

#[test]
fn who_gets_or_loses_the_category_joins_or_leaves_the_group() {
    let mut world = chess();
    edit(&world, "work", "Ada", &[remove("CATEGORIES", "Chess")]);
    edit(
        &world,
        "home",
        "Eve",
        &[add("CATEGORIES", "Chess"), add("CATEGORIES", "Go")],
    );
    run_to_rest(&mut world);
    assert_eq!(
        players(&world, "Chess"),
        ["stranger", "uid-of-bob", "uid-of-eve"]
    );
    // No card is made for a list that has none.
    assert_eq!(world.lines("phone", "Go"), ["(not there)"]);
}

#[test]
fn edits_of_both_kinds_at_once_come_together() {
    let mut world = chess();
    let with_eve = ["uid-of-ada", "uid-of-bob", "stranger", "uid-of-eve"];
    put_group(&world, "phone", "Chess", &with_eve);
    edit(&world, "work", "Ada", &[remove("CATEGORIES", "Chess")]);
    run_to_rest(&mut world);
    assert_eq!(categories(&world, "Ada"), [""; 0]);
    assert_eq!(categories(&world, "Eve"), ["Chess"]);
    assert_eq!(
        players(&world, "Chess"),
        ["stranger", "uid-of-bob", "uid-of-eve"]
    );
}

#[test]
fn a_group_that_is_renamed_renames_the_list() {
    let mut world = chess();
    let lines: String = ["uid-of-ada", "uid-of-bob", "stranger"]
        .iter()
        .map(|uid| format!("X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:{uid}\r\n"))
        .collect();
    put_card_of_group(&world, "phone", "Chess", "Club", &lines);
    run_to_rest(&mut world);
    assert_eq!(categories(&world, "Ada"), ["Club"]);
    assert_eq!(categories(&world, "Bob"), ["Club", "Music"]);
    assert_eq!(world.lines("work", "Chess"), ["(not there)"]);
}

#[test]
fn a_group_that_is_deleted_takes_the_category_with_it() {
    let mut world = chess();
    assert!(world.store("phone").delete_behind("group-chess.vcf"));
    run_to_rest(&mut world);
    assert_eq!(categories(&world, "Ada"), [""; 0]);
    assert_eq!(categories(&world, "Bob"), ["Music"]);
    assert_eq!(world.lines("home", "Chess"), ["(not there)"]);
}

#[test]
fn a_contact_that_is_deleted_leaves_the_group_as_it_is() {
    let mut world = chess();
    world.delete("home", "Ada");
    run_to_rest(&mut world);
    assert_eq!(
        players(&world, "Chess"),
        ["stranger", "uid-of-ada", "uid-of-bob"]
    );
}

/// Ada is `one` at home and `two` on the phone; both are filled when they meet.
fn two_uids() -> World {
    let world = World::new(&["home", "phone"]);
    let ada = "TEL;TYPE=CELL:+4915112345678\nEMAIL:ada@example.com";
    world.put(
        "home",
        "Ada",
        &format!("FN:Ada Lovelace\nN:Lovelace;Ada;;;\nUID:one\n{ada}"),
    );
    world.put(
        "phone",
        "Ada",
        &format!("FN:Ada Lovelace\nN:Lovelace;Ada;;;\nUID:two\n{ada}"),
    );
    world.put("home", "Bob", "TEL:2");
    world
}

#[test]
fn each_store_names_members_by_its_own_uids() {
    let mut world = two_uids();
    put_group(&world, "phone", "Chess", &["two"]);
    run_to_rest(&mut world);
    assert_eq!(members(&world, "phone", "Chess"), ["two"]);
    assert_eq!(members(&world, "home", "Chess"), ["one"]);
    put_group(&world, "phone", "Chess", &["two", "uid-of-bob"]);
    run_to_rest(&mut world);
    assert_eq!(members(&world, "home", "Chess"), ["one", "uid-of-bob"]);
    put_group(&world, "home", "Chess", &["uid-of-bob"]);
    run_to_rest(&mut world);
    assert_eq!(members(&world, "phone", "Chess"), ["uid-of-bob"]);
    assert_eq!(
        values(&world, "phone", "Ada Lovelace", "CATEGORIES"),
        [""; 0]
    );
    edit(
        &world,
        "home",
        "Ada Lovelace",
        &[add("CATEGORIES", "Chess")],
    );
    run_to_rest(&mut world);
    assert_eq!(members(&world, "phone", "Chess"), ["two", "uid-of-bob"]);
    assert_eq!(members(&world, "home", "Chess"), ["one", "uid-of-bob"]);
}

#[test]
fn the_same_group_in_two_spellings_is_no_edit() {
    let mut world = two_uids();
    put_group(&world, "phone", "Chess", &["two"]);
    put_group(&world, "home", "Chess", &["one"]);
    world.run();
    world.reset_counts();
    let spelled = [
        ("phone", "X-ADDRESSBOOKSERVER-MEMBER:TWO\r\n"),
        ("home", "X-ADDRESSBOOKSERVER-MEMBER:one\r\n"),
    ];
    for (store, line) in spelled {
        put_card_of_group(&world, store, "Chess", "Chess", line);
    }
    assert_eq!(world.run().standing, Standing::InStep);
    assert_eq!(world.writes(), 0);
    assert_eq!(members(&world, "home", "Chess"), ["one"]);
}

#[test]
fn a_goals_own_card_names_its_contacts() {
    let mut world = chess();
    let lines =
        "X-CARDWEAVE-GOAL-STATUS:open\r\nX-ADDRESSBOOKSERVER-MEMBER:urn:uuid:uid-of-eve\r\n";
    put_card_of_group(&world, "phone", "Win", "Win", lines);
    run_to_rest(&mut world);
    assert_eq!(values(&world, "work", "Eve", "X-CARDWEAVE-GOAL"), ["Win"]);
    assert_eq!(categories(&world, "Eve"), [""; 0]);
    edit(&world, "home", "Ada", &[add("X-CARDWEAVE-GOAL", "Win")]);
    run_to_rest(&mut world);
    assert_eq!(
        members(&world, "phone", "Win"),
        ["uid-of-ada", "uid-of-eve"]
    );
}

#[test]
fn a_store_that_cannot_be_reached_follows_when_it_can() {
    let mut world = chess();
    world.store("work").fail_write(1, Failure::Unreachable);
    put_group(&world, "phone", "Chess", &["uid-of-bob"]);
    world.run();
    run_to_rest(&mut world);
    assert_eq!(categories(&world, "Ada"), [""; 0]);
    assert_eq!(players(&world, "Chess"), ["uid-of-bob"]);
}

#[test]
fn two_machines_do_not_undo_each_other() {
    let mut world = chess().with_machine();
    world.run_on(1);
    put_group(&world, "phone", "Chess", &["uid-of-eve"]);
    world.run_on(0);
    world.reset_counts();
    world.run_on(1);
    assert_eq!(world.writes(), 0);
    edit(&world, "work", "Bob", &[add("CATEGORIES", "Chess")]);
    world.run_on(1);
    world.reset_counts();
    world.run_on(0);
    assert_eq!(world.writes(), 0);
    assert_eq!(players(&world, "Chess"), ["uid-of-bob", "uid-of-eve"]);
    assert_eq!(categories(&world, "Ada"), [""; 0]);
}

#[test]
fn a_store_without_group_cards_of_members_takes_nothing_from_the_others() {
    let stores = vec![
        Memory::new("home"),
        Memory::new("phone"),
        Memory::new("work").stripping_x(),
    ];
    let mut world = World::of(stores);
    world.put("home", "Ada", "TEL:1");
    put_group(&world, "phone", "Chess", &["uid-of-ada"]);
    world.run();
    world.run();
    is_quiet(&mut world);
    assert_eq!(values(&world, "work", "Ada", "CATEGORIES"), ["Chess"]);
    assert_eq!(members(&world, "home", "Chess"), ["uid-of-ada"]);
}

#[test]
fn a_goal_that_was_added_here_is_created_everywhere() {
    let mut world = chess();
    let text = "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:win\r\nFN:Win\r\nKIND:group\r\n\
                X-CARDWEAVE-GOAL-STATUS:open\r\nEND:VCARD\r\n";
    let card = Card::parse(text.as_bytes()).expect("a card");
    let id = cardweave::book::ContactId::new("win");
    world
        .state_of(0)
        .transaction(|tx| tx.put_contact(BOOK, &id, "Win", &card, &[], &Default::default()))
        .expect("the state works");
    run_to_rest(&mut world);
    for store in STORES {
        let status = values(&world, store, "Win", "X-CARDWEAVE-GOAL-STATUS");
        assert_eq!(status, ["open"], "{store}");
    }
    assert_eq!(
        world
            .state_of(0)
            .refused(BOOK, &store_id("home"))
            .expect("a count"),
        0
    );
}

#[test]
fn two_phones_that_made_the_same_group_have_one() {
    let mut world = two_uids();
    world.put("phone", "Eve", "TEL:3");
    let lines = "X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:two\r\n";
    put_card_of_group(&world, "phone", "Chess", "Chess", lines);
    world.run();
    let lines = "X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:uid-of-bob\r\n";
    world.stores.push(Memory::new("tablet"));
    put_card_of_group(&world, "tablet", "Schach", "Chess", lines);
    run_to_rest(&mut world);
    // All agreed on the UID of the phone, and a new store has that one.
    assert_eq!(members(&world, "tablet", "Chess"), ["two", "uid-of-bob"]);
    assert_eq!(members(&world, "home", "Chess"), ["one", "uid-of-bob"]);
    assert_eq!(values(&world, "home", "Bob", "CATEGORIES"), ["Chess"]);
    let entries = world.store("tablet").entries();
    assert!(
        entries
            .keys()
            .any(|href| href.as_str() == "group-schach.vcf")
    );
}
