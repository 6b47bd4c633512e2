//! Claims about contacts, entries, and what a run has to look at.

use rusqlite::StatementStatus;

use super::*;
use crate::book::Known;
use crate::card::FieldKey;
use crate::state::{Address, StateErrorKind};

fn key(text: &str) -> BTreeSet<String> {
    BTreeSet::from([text.to_owned()])
}

fn with(change: impl FnOnce(&mut Held)) -> Held {
    let mut entry = held("ada");
    change(&mut entry);
    entry
}

/// Ada in step at home, and with `entry` at work: who is unsettled?
fn unsettled_with(entry: &Held) -> Vec<String> {
    let mut world = World::new();
    world.settled("ada", &["home"]);
    world.make(|tx| tx.put_entry(BOOK, &contact("ada"), &store("work"), entry));
    world.unsettled(&["home", "work"])
}

#[test]
fn a_contact_comes_back_after_a_restart_as_it_was_saved() {
    let field = FieldKey {
        name: "TEL".to_owned(),
        value: "+49301".to_owned(),
    };
    let entry = with(|entry| {
        entry.etag = None;
        entry.held = card("what the server made of it");
        entry.sent = Some(card("on its way"));
        entry.let_go = true;
    });
    let held_back = vec![field];
    let mut world = World::new();
    world.make(|tx| {
        tx.put_contact(
            BOOK,
            &contact("ada"),
            "Ada",
            &card("ada"),
            &held_back,
            &key("k"),
        )?;
        tx.put_entry(BOOK, &contact("ada"), &store("work"), &entry)
    });
    let world = world.reopen();
    let known = Known {
        id: contact("ada"),
        agreed: card("ada"),
        stores: [(store("work"), entry)].into(),
        held_back,
        refused: [].into(),
    };
    let ids = BTreeSet::from([contact("ada"), contact("nobody")]);
    assert_eq!(world.state.contacts(BOOK, &ids).unwrap(), [known]);
    assert_eq!(
        world.state.names(BOOK).unwrap(),
        [(contact("ada"), "Ada".to_owned())]
    );
    assert_eq!(
        world.state.contact_ids(BOOK).unwrap(),
        [contact("ada")].into()
    );
}

#[test]
fn a_change_that_fails_half_way_leaves_nothing() {
    let mut world = World::new();
    world.settled("ada", &["home"]);
    let failed = world.state.transaction(|tx| {
        put(tx, "ada", &card("other"))?;
        put(tx, "bob", &card("bob"))?;
        tx.put_entry(BOOK, &contact("nobody"), &store("home"), &held("nobody"))
    });
    let error = failed.expect_err("nobody was saved");
    assert_eq!(error.kind, StateErrorKind::Unknown);
    assert!(error.what.contains("nobody"), "{error}");
    assert_eq!(
        world.state.contact_ids(BOOK).unwrap(),
        [contact("ada")].into()
    );
    assert_eq!(world.unsettled(&["home"]), [""; 0]);
}

#[test]
fn addresses_tell_contact_and_version_of_one_store_of_one_book() {
    let mut world = World::new();
    world.settled("ada", &["home", "work"]);
    world.settled("bob", &["work"]);
    world.make(|tx| {
        let entry = Held {
            etag: None,
            ..held("bob")
        };
        tx.put_entry(BOOK, &contact("bob"), &store("work"), &entry)?;
        tx.put_contact(
            "others",
            &contact("eve"),
            "eve",
            &card("eve"),
            &[],
            &BTreeSet::new(),
        )?;
        tx.put_entry("others", &contact("eve"), &store("work"), &held("eve"))
    });
    let ada = Address {
        contact: contact("ada"),
        etag: Some(ETag::new("1")),
    };
    let bob = Address {
        contact: contact("bob"),
        etag: None,
    };
    let both = [
        (Href::new("ada.vcf"), ada),
        (Href::new("bob.vcf"), bob.clone()),
    ];
    assert_eq!(
        world.state.addresses(BOOK, &store("work")).unwrap(),
        both.into()
    );
    let asked = BTreeSet::from([Href::new("bob.vcf"), Href::new("eve.vcf")]);
    let found = world
        .state
        .addresses_of(BOOK, &store("work"), &asked)
        .unwrap();
    assert_eq!(found, [(Href::new("bob.vcf"), bob)].into());
    assert_eq!(world.state.count(BOOK, &store("work")).unwrap(), 2);
}

#[test]
fn an_address_belongs_to_the_contact_it_was_saved_for_last() {
    let mut world = World::new();
    world.settled("ada", &["home"]);
    world.make(|tx| {
        put(tx, "bob", &card("bob"))?;
        tx.put_entry(BOOK, &contact("bob"), &store("home"), &held("ada"))
    });
    let addresses = world.state.addresses(BOOK, &store("home")).unwrap();
    assert_eq!(addresses[&Href::new("ada.vcf")].contact, contact("bob"));
    assert_eq!(
        world.unsettled(&["home"]),
        ["ada", "bob"],
        "bob's given card is not his own"
    );
}

#[test]
fn what_is_in_step_everywhere_is_settled() {
    assert_eq!(unsettled_with(&held("ada")), [""; 0]);
}

#[test]
fn a_store_that_lacks_the_contact_leaves_it_unsettled() {
    let mut world = World::new();
    world.settled("ada", &["home"]);
    assert_eq!(world.unsettled(&["home"]), [""; 0]);
    assert_eq!(world.unsettled(&["home", "new"]), ["ada"]);
    world.settled("ada", &["new"]);
    assert_eq!(world.unsettled(&["home", "new"]), [""; 0]);
    world.make(|tx| tx.no_entry(BOOK, &contact("ada"), &store("new")));
    assert_eq!(world.unsettled(&["home", "new"]), ["ada"]);
    world.make(|tx| tx.forget_contact(BOOK, &contact("ada")));
    assert_eq!(world.unsettled(&["home", "new"]), [""; 0]);
    // What the counts say must be so, or each run would go through all contacts to no end.
    assert_eq!(world.number("SELECT contacts FROM book"), 0);
    assert_eq!(world.number("SELECT sum(entries) FROM store"), 0);
}

#[test]
fn an_entry_that_was_given_another_card_is_unsettled() {
    assert_eq!(
        unsettled_with(&with(|entry| entry.given = card("before"))),
        ["ada"]
    );
}

#[test]
fn what_the_store_made_of_a_card_is_no_reason_to_look_again() {
    assert_eq!(
        unsettled_with(&with(|entry| entry.held = card("rewritten"))),
        [""; 0]
    );
}

#[test]
fn a_refused_card_is_settled_until_the_card_changes() {
    let behind = with(|entry| entry.given = card("before"));
    let mut world = World::new();
    world.settled("ada", &["home"]);
    world.make(|tx| {
        tx.put_entry(BOOK, &contact("ada"), &store("work"), &behind)?;
        tx.refuse(
            BOOK,
            &contact("ada"),
            &store("work"),
            &hash(&card("long ago")),
        )
    });
    assert_eq!(world.unsettled(&["home", "work"]), ["ada"]);
    world.make(|tx| tx.refuse(BOOK, &contact("ada"), &store("work"), &hash(&card("ada"))));
    assert_eq!(world.unsettled(&["home", "work"]), [""; 0]);
    assert_eq!(world.known("ada").stores[&store("work")], behind);
}

#[test]
fn a_store_that_would_not_take_the_card_is_asked_again_when_the_card_changes() {
    let mut world = World::new();
    world.settled("ada", &["home"]);
    world.make(|tx| tx.refuse(BOOK, &contact("ada"), &store("work"), &hash(&card("ada"))));
    assert_eq!(world.unsettled(&["home", "work"]), [""; 0]);
    let known = world.known("ada");
    assert_eq!(known.refused, [(store("work"), hash(&card("ada")))].into());
    assert_eq!(known.stores.keys().collect::<Vec<_>>(), [&store("home")]);
    assert_eq!(world.state.count(BOOK, &store("work")).unwrap(), 0);
    world.make(|tx| put(tx, "ada", &card("changed")));
    assert_eq!(world.unsettled(&["work"]), ["ada"]);
}

#[test]
fn an_entry_that_was_let_go_is_settled_whatever_was_agreed() {
    let let_go = with(|entry| {
        entry.given = card("before");
        entry.let_go = true;
    });
    assert_eq!(unsettled_with(&let_go), [""; 0]);
}

#[test]
fn an_entry_without_a_known_version_is_unsettled() {
    assert_eq!(unsettled_with(&with(|entry| entry.etag = None)), ["ada"]);
}

#[test]
fn a_text_that_may_be_on_its_way_leaves_the_contact_unsettled() {
    assert_eq!(
        unsettled_with(&with(|entry| entry.sent = Some(card("ada")))),
        ["ada"]
    );
}

#[test]
fn a_field_that_is_held_back_leaves_the_contact_unsettled() {
    let mut world = World::new();
    world.settled("ada", &["home"]);
    let field = FieldKey {
        name: "TEL".to_owned(),
        value: "1".to_owned(),
    };
    world.make(|tx| {
        let held_back = [field];
        tx.put_contact(
            BOOK,
            &contact("ada"),
            "ada",
            &card("ada"),
            &held_back,
            &key("k"),
        )
    });
    assert_eq!(world.unsettled(&["home"]), ["ada"]);
    assert_eq!(
        world.state.unsettled("others", &[store("home")]).unwrap(),
        BTreeSet::new()
    );
}

#[test]
fn a_newly_agreed_card_unsettles_the_stores_that_were_given_the_old_one() {
    let mut world = World::new();
    world.settled("ada", &["home", "work"]);
    world.make(|tx| put(tx, "ada", &card("new")));
    assert_eq!(world.unsettled(&["work"]), ["ada"]);
}

#[test]
fn asking_what_is_left_costs_the_same_with_ten_thousand_contacts() {
    let steps = |contacts: usize| {
        let mut world = World::new();
        world.make(|tx| {
            for number in 0..contacts {
                let name = format!("c{number}");
                put(tx, &name, &card(&name))?;
                tx.put_entry(BOOK, &contact(&name), &store("home"), &held(&name))?;
            }
            Ok(())
        });
        assert_eq!(world.unsettled(&["home", "home"]), [""; 0]);
        let mut spent = 0;
        for sql in [
            super::super::baseline::HELD_BACK,
            super::super::baseline::UNSETTLED,
        ] {
            let mut statement = world.state.connection.prepare_cached(sql).unwrap();
            assert!(statement.query([1, 1]).unwrap().next().unwrap().is_none());
            spent += statement.get_status(StatementStatus::VmStep);
        }
        spent
    };
    assert_eq!(steps(10_000), steps(10));
}

#[test]
fn contacts_are_found_by_the_keys_they_were_saved_with_last() {
    let mut world = World::new();
    world.make(|tx| {
        tx.put_contact(BOOK, &contact("ada"), "ada", &card("ada"), &[], &key("old"))?;
        tx.put_contact(BOOK, &contact("ada"), "ada", &card("ada"), &[], &key("new"))?;
        tx.put_contact(
            "others",
            &contact("eve"),
            "eve",
            &card("eve"),
            &[],
            &key("new"),
        )
    });
    assert_eq!(
        world.state.matching(BOOK, &key("new")).unwrap(),
        [contact("ada")].into()
    );
    assert_eq!(
        world.state.matching(BOOK, &key("old")).unwrap(),
        BTreeSet::new()
    );
}

#[test]
fn equal_cards_are_kept_once_and_swept_when_nobody_names_them() {
    let mut world = World::new();
    world.settled("ada", &["home", "work", "phone"]);
    assert_eq!(world.number("SELECT count(*) FROM blob"), 1);
    assert_eq!(world.state.sweep().unwrap(), 0);
    world.make(|tx| tx.forget_contact(BOOK, &contact("ada")));
    assert_eq!(world.state.sweep().unwrap(), 1);
    assert_eq!(world.number("SELECT count(*) FROM blob"), 0);
}

#[test]
fn a_run_that_only_notes_itself_looks_for_no_unnamed_cards() {
    let mut world = World::new();
    world.settled("ada", &["home"]);
    world.state.sweep().unwrap();
    let unnamed = "INSERT INTO blob (sha256, bytes) VALUES (x'00', x'00')";
    world.state.connection.execute(unnamed, []).unwrap();
    world.make(|tx| tx.note_run(BOOK, &store("home"), jiff::Timestamp::UNIX_EPOCH, None));
    assert_eq!(world.state.sweep().unwrap(), 0);
    world.settled("ben", &["home"]);
    assert_eq!(world.state.sweep().unwrap(), 1);
}

#[test]
fn a_statement_is_prepared_once_whatever_is_bound_to_it() {
    let mut world = World::new();
    for name in ["ada", "ben", "cleo"] {
        world.settled(name, &["home", "work"]);
    }
    let settle = world
        .state
        .connection
        .prepare_cached(super::super::baseline::SETTLE)
        .unwrap();
    let counted = |status| settle.get_status(status);
    assert!(
        counted(StatementStatus::Run) >= 6,
        "this is not the statement that was used"
    );
    assert_eq!(counted(StatementStatus::RePrepare), 0);
}
