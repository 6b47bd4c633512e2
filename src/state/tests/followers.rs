//! Claims about who may follow when cards change, and about cards that are kept away from a store.

use super::*;
use crate::duplicates::{copy_key, match_keys};

fn with(name: &str, lines: &str) -> Card {
    let lines = lines.replace('\n', "\r\n");
    let text = format!(
        "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:{name}-uid\r\nFN:{name}\r\n{lines}\r\nEND:VCARD\r\n"
    );
    Card::parse(text.as_bytes()).expect("a card")
}

/// Saves a contact under its UID, and under that of a copy.
fn file(tx: &Tx, name: &str, agreed: &Card, copy: &str) -> Result<(), StateError> {
    let mut keys = match_keys(agreed);
    keys.extend(copy_key(&with(copy, "NOTE:x")));
    tx.put_contact(BOOK, &contact(name), name, agreed, &[], &keys)
}

fn followers(world: &World, cards: &[&Card], there: &[&str]) -> Vec<String> {
    let there: Vec<ContactId> = there.iter().map(|name| contact(name)).collect();
    let there = there.iter().collect();
    let found = world.state.followers(BOOK, cards, &there);
    let ids = found.expect("an answer").into_iter();
    ids.map(|known| known.id.to_string()).collect()
}

#[test]
fn groups_follow_everybody_and_groups_are_followed_by_those_they_name() {
    let mut world = World::new();
    world.make(|tx| {
        file(
            tx,
            "ada",
            &with("ada", "CATEGORIES:Go\\, and more,x"),
            "ada2",
        )?;
        file(tx, "bob", &with("bob", "X-CARDWEAVE-GOAL:Chess"), "bob2")?;
        file(tx, "eve", &with("eve", "NOTE:\"kind\":\"group\""), "eve2")?;
        file(tx, "go", &with("go", "KIND:group"), "go2")
    });
    let plain = with("max", "CATEGORIES:Chess");
    assert_eq!(followers(&world, &[&plain], &["max"]), ["go"]);
    assert_eq!(followers(&world, &[&plain], &["go"]), [""; 0]);
    let named = with(
        "Music",
        "KIND:group\nMEMBER:urn:uuid:ADA2-uid\nMEMBER:eve-uid",
    );
    assert_eq!(followers(&world, &[&named], &[]), ["ada", "eve", "go"]);
    // Whoever is on the list of its name follows too, be it a goal or a category.
    let chess = with("Chess", "KIND:group");
    assert_eq!(followers(&world, &[&chess], &["go"]), ["bob"]);
    let text = String::from_utf8_lossy(with("x", "KIND:group").bytes())
        .replace("FN:x", "FN:Go\\, and more");
    let comma = Card::parse(text.as_bytes()).expect("a card");
    assert_eq!(followers(&world, &[&comma], &["go"]), ["ada"]);
}

#[test]
fn a_card_that_is_kept_away_is_settled_until_it_changes_and_nobody_refused_it() {
    let mut world = World::new();
    world.settled("ada", &["home", "work"]);
    let (ada, work) = (contact("ada"), store("work"));
    world.make(|tx| tx.keep_away(BOOK, &ada, &work, &hash(&card("ada"))));
    assert_eq!(world.unsettled(&["home", "work"]), [""; 0]);
    assert_eq!(world.state.refused(BOOK, &work).unwrap(), 0);
    assert!(!world.known("ada").stores.contains_key(&work));
    world.make(|tx| put(tx, "ada", &card("changed")));
    assert_eq!(world.unsettled(&["work"]), ["ada"]);
    world.make(|tx| tx.keep_away(BOOK, &ada, &work, &hash(&card("changed"))));
    assert_eq!(world.unsettled(&["work"]), [""; 0]);
    // The config may say otherwise by now.
    world.make(|tx| tx.offer_again(BOOK, &work));
    assert_eq!(world.unsettled(&["work"]), ["ada"]);
}

#[test]
fn whose_tier_is_not_mirrored_is_found_and_it_is_remembered_that_nobody_is() {
    let mut world = World::new();
    world.make(|tx| {
        let cards = [
            ("in-step", "X-CARDWEAVE-TIER:A\nCATEGORIES:Tier A,x"),
            ("none", "NOTE:x"),
            ("tier", "X-CARDWEAVE-TIER:A"),
            ("two", "X-CARDWEAVE-TIER:A\nCATEGORIES:Tier A,tier b"),
            ("wish", "CATEGORIES:Tier C"),
            ("group", "KIND:group\nCATEGORIES:Tier A"),
        ];
        cards
            .iter()
            .try_for_each(|(name, lines)| put(tx, name, &with(name, lines)))
    });
    let found = |most| world.state.unmirrored(BOOK, most).expect("an answer");
    let names: Vec<String> = found(9).iter().map(ContactId::to_string).collect();
    assert_eq!(names, ["tier", "two", "wish"]);
    assert_eq!(found(2).len(), 2);
    assert!(!world.state.is_mirrored(BOOK).unwrap());
    world.make(|tx| tx.set_mirrored(BOOK, true));
    assert!(world.state.is_mirrored(BOOK).unwrap());
}
