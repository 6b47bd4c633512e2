//! Claims about what is kept of relationships, and how contacts are found.

use super::*;
use crate::card::Change;
use crate::contact::{Acquaintance, Relationship, TIER, Tier, one};
use crate::duplicates::{match_keys, uid_key};

fn with(name: &str, lines: &str) -> Card {
    let text = format!(
        "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:{name}-uid\r\nFN:{name}\r\n{lines}END:VCARD\r\n"
    );
    Card::parse(text.as_bytes()).expect("a card")
}

fn acquaintances(world: &World) -> Vec<Acquaintance> {
    world.state.acquaintances(BOOK).expect("an answer")
}

#[test]
fn what_is_kept_follows_the_agreed_card() {
    let mut world = World::new();
    let ada = with("ada", "X-CARDWEAVE-TIER:B\r\n");
    world.make(|tx| put(tx, "ada", &ada));
    assert_eq!(acquaintances(&world)[0].relationship.tier, Some(Tier::B));
    let raised: Card = ada.apply(&[one(TIER, "A")] as &[Change]);
    world.make(|tx| put(tx, "ada", &raised));
    let known = acquaintances(&world);
    assert_eq!(known.len(), 1);
    assert_eq!(known[0].relationship, Relationship::of(&raised).in_brief());
    assert_eq!(
        (known[0].name.as_str(), &known[0].id),
        ("ada", &contact("ada"))
    );
    world.make(|tx| tx.forget_contact(BOOK, &contact("ada")));
    assert_eq!(acquaintances(&world), []);
}

#[test]
fn logs_are_read_where_they_are_asked_for() {
    let mut world = World::new();
    let log = "X-CARDWEAVE-LOG;ID=1;DATE=20261124;MINUTES=5:hello\r\n";
    let (ada, bob) = (with("ada", log), with("bob", ""));
    world.make(|tx| put(tx, "ada", &ada).and_then(|()| put(tx, "bob", &bob)));
    let whole = world
        .state
        .acquaintances_with_logs(BOOK)
        .expect("an answer");
    assert_eq!(whole[0].relationship, Relationship::of(&ada));
    assert_eq!(whole[1].relationship.log, []);
    assert_eq!(acquaintances(&world)[0].relationship.log, []);
    let last_said = acquaintances(&world)[0].relationship.last_said().cloned();
    assert_eq!(last_said.expect("something was said").text, "hello");
    // What is said no more is kept no more.
    world.make(|tx| put(tx, "ada", &with("ada", "")));
    assert_eq!(world.number("SELECT count(*) FROM log"), 0);
}

#[test]
fn a_state_from_before_is_read_and_then_filled() {
    let mut world = World::new();
    world.make(|tx| put(tx, "ada", &with("ada", "X-CARDWEAVE-TIER:B\r\n")));
    let emptied = "DELETE FROM relationship";
    world.state.connection.execute(emptied, []).expect("sql");
    // Whoever only looks reads the card.
    assert_eq!(acquaintances(&world)[0].relationship.tier, Some(Tier::B));
    let unread = "SELECT count(*) FROM contact WHERE id NOT IN (SELECT contact FROM relationship)";
    assert_eq!(world.number(unread), 1);
    let world = world.reopen();
    assert_eq!(world.number(unread), 0);
    assert_eq!(acquaintances(&world)[0].relationship.tier, Some(Tier::B));
}

#[test]
fn what_cannot_be_read_is_read_from_the_card() {
    let mut world = World::new();
    world.make(|tx| put(tx, "ada", &with("ada", "X-CARDWEAVE-TIER:B\r\n")));
    let spoilt = "UPDATE relationship SET brief = '{\"later\": 1}'";
    world.state.connection.execute(spoilt, []).expect("sql");
    assert_eq!(acquaintances(&world)[0].relationship.tier, Some(Tier::B));
}

#[test]
fn somebody_is_found_by_a_whole_address_and_the_start_of_a_uid() {
    let mut world = World::new();
    for (name, lines) in [
        ("ada", "EMAIL:ada@x.org\r\nTEL:+49 30 1234\r\n"),
        ("ada2", "EMAIL:ada@x.org.example\r\nTEL:+49 30 12345\r\n"),
    ] {
        let card = with(name, lines);
        world.make(|tx| tx.put_contact(BOOK, &contact(name), name, &card, &[], &match_keys(&card)));
    }
    let reached = |value: &str| world.state.reached_by(BOOK, value).expect("an answer");
    assert_eq!(reached("ada@x.org"), [contact("ada")].into());
    assert_eq!(reached("+49301234"), [contact("ada")].into());
    assert_eq!(reached("x.org"), BTreeSet::new());
    let filed = |start: &str| {
        world
            .state
            .filed_under(BOOK, &uid_key(start))
            .expect("an answer")
    };
    assert_eq!(filed("ada"), [contact("ada"), contact("ada2")].into());
    assert_eq!(filed("ADA-"), [contact("ada")].into());
    assert_eq!(filed("da-uid"), BTreeSet::new());
    assert_eq!(
        world.state.filed_under("other", &uid_key("ada")).unwrap(),
        BTreeSet::new()
    );
}
