//! Claims about history, questions, and the notes on stores.

use std::collections::BTreeMap;

use super::*;
use crate::state::{Aside, Done, OpenQuestion};
use crate::store::Cursor;

fn at(text: &str) -> jiff::Timestamp {
    text.parse().expect("a time")
}

fn done(before: Option<Card>, after: Option<Card>) -> Done {
    Done {
        book: BOOK.to_owned(),
        store: store("home"),
        contact: contact("ada"),
        name: "Ada".to_owned(),
        href: Href::new("ada.vcf"),
        before,
        after,
        is_meeting: false,
    }
}

#[test]
fn the_history_keeps_overwritten_and_deleted_cards_through_a_sweep() {
    let mut world = World::new();
    let changed = done(Some(card("old")), Some(card("new")));
    let deleted = Done {
        is_meeting: true,
        ..done(Some(card("new")), None)
    };
    world.make(|tx| {
        let first = tx.begin_run(at("2026-01-02T03:04:05Z"), "sync")?;
        tx.add_done(first, &changed)?;
        let second = tx.begin_run(at("2026-01-03T03:04:05.25Z"), "sync people")?;
        tx.add_done(second, &deleted)
    });
    assert_eq!(world.state.sweep().unwrap(), 0);
    let world = world.reopen();
    let runs = world.state.runs(10).unwrap();
    assert_eq!(world.state.last_run().unwrap().as_ref(), runs.first());
    assert_eq!(
        runs.iter()
            .map(|run| (run.id, run.done))
            .collect::<Vec<_>>(),
        [(2, 1), (1, 1)]
    );
    assert_eq!(
        (runs[0].at, runs[0].command.as_str()),
        (at("2026-01-03T03:04:05.25Z"), "sync people")
    );
    assert_eq!(world.state.runs(1).unwrap(), runs[..1]);
    assert_eq!(world.state.done(1).unwrap(), std::slice::from_ref(&changed));
    let to_ada = world.state.done_to(&contact("ada")).unwrap();
    assert_eq!(
        to_ada,
        [(runs[0].clone(), deleted), (runs[1].clone(), changed)]
    );
    assert_eq!(world.state.done_to(&contact("bob")).unwrap(), []);
}

#[test]
fn a_decision_outlives_its_question_until_it_is_used() {
    let mut world = World::new();
    let question = OpenQuestion {
        id: "q1".to_owned(),
        contact: contact("ada"),
        payload: r#"{"field":"TEL"}"#.to_owned(),
    };
    world.make(|tx| tx.put_question(BOOK, &question));
    assert_eq!(world.state.questions(BOOK).unwrap(), [question]);
    world.make(|tx| {
        assert!(tx.answer("q1", "take work")?);
        assert!(tx.answer("q1", "take home")?);
        assert!(!tx.answer("q2", "merge")?, "nobody asked");
        assert!(tx.unanswer("q1")?);
        assert!(!tx.unanswer("q1")?, "there is none any more");
        assert!(tx.answer("q1", "take home")?);
        tx.close_question(BOOK, "q1")
    });
    assert_eq!(world.state.questions(BOOK).unwrap(), []);
    let decisions = BTreeMap::from([("q1".to_owned(), "take home".to_owned())]);
    assert_eq!(world.state.decisions(BOOK).unwrap(), decisions);
    world.make(|tx| tx.decision_used(BOOK, "q1"));
    assert_eq!(world.state.decisions(BOOK).unwrap(), BTreeMap::new());
}

#[test]
fn a_store_is_noted_with_its_cursor_error_and_drops() {
    let mut world = World::new();
    let (home, noon, one) = (
        store("home"),
        at("2026-01-01T12:00:00Z"),
        at("2026-01-01T13:00:00Z"),
    );
    assert_eq!(world.state.store_note(BOOK, &home).unwrap().cursor, None);
    let drops = BTreeSet::from(["X-ABLABEL".to_owned()]);
    world.make(|tx| {
        tx.set_cursor(BOOK, &home, &Cursor("a".to_owned()), true, noon)?;
        tx.set_cursor(BOOK, &home, &Cursor("b".to_owned()), false, one)?;
        tx.note_run(BOOK, &home, one, Some("no answer"))?;
        tx.note_drops(BOOK, &home, &drops)?;
        tx.set_saved(BOOK, &home, "{}")
    });
    let note = world.state.store_note(BOOK, &home).unwrap();
    assert_eq!(note.cursor, Some(Cursor("b".to_owned())));
    assert_eq!(
        (note.complete_at, note.runs_since_complete),
        (Some(noon), 1)
    );
    assert_eq!(
        (note.last_run_at, note.last_error.as_deref()),
        (Some(one), Some("no answer"))
    );
    assert_eq!(note.drops, drops);
    assert_eq!(
        world.state.saved(BOOK, &home).unwrap().as_deref(),
        Some("{}")
    );
    assert_eq!(world.state.saved("others", &home).unwrap(), None);
}

#[test]
fn an_address_that_was_no_use_is_remembered_until_it_is_cleared() {
    let mut world = World::new();
    let (home, href) = (store("home"), Href::new("torn.vcf"));
    let aside = Aside {
        etag: Some(ETag::new("1")),
        reason: "line 3: torn".to_owned(),
    };
    world.make(|tx| {
        tx.put_aside(
            BOOK,
            &home,
            &href,
            &Aside {
                etag: None,
                reason: "empty".to_owned(),
            },
        )?;
        tx.put_aside(BOOK, &home, &href, &aside)
    });
    assert_eq!(
        world.state.asides(BOOK, &home).unwrap(),
        [(href.clone(), aside)].into()
    );
    world.make(|tx| tx.clear_aside(BOOK, &home, &href));
    assert_eq!(world.state.asides(BOOK, &home).unwrap(), BTreeMap::new());
}
