//! Without a terminal: what is listed, what is answered, and what is refused.

use crate::books::{texts, with_a_certain_pair, with_a_doubtful_pair, with_conflicts};
use crate::desk::{Desk, Ran};
use crate::schema::fits;

fn id_of(desk: &Desk, index: usize) -> String {
    let list = desk.json(&["review", "--list"]);
    let id = list["questions"][index]["question"]["id"].as_str();
    id.unwrap_or_else(|| panic!("{list:#}")).to_owned()
}

/// Nothing was done: code 2, nothing on stdout, and these words on stderr.
fn refused(ran: &Ran, words: &[&str]) {
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran:?}");
    for word in words {
        assert!(ran.stderr.contains(word), "{word}: {ran:?}");
    }
}

#[test]
fn nobody_to_ask_is_told_what_to_do() {
    let desk = with_conflicts();
    let words = [
        "review --list",
        "answer ID",
        "--auto",
        "nothing was changed",
    ];
    refused(&desk.run(&["review"]), &words);
    assert_eq!(desk.run(&["sync"]).code, 3);
}

#[test]
fn without_a_question_nobody_needs_to_be_there() {
    let desk = Desk::with(&[("Ada Byron", "NOTE:x")]);
    for words in [
        &["review"][..],
        &["review", "--list"],
        &["review", "--auto"],
    ] {
        let ran = desk.run(words);
        assert_eq!(
            (ran.code, ran.stdout.trim()),
            (0, "No questions are open."),
            "{ran:?}"
        );
    }
}

#[test]
fn before_the_first_run_nothing_is_open() {
    let ran = Desk::new().run(&["review", "--list"]);
    assert_eq!(
        (ran.code, ran.stdout.trim()),
        (0, "No questions are open."),
        "{ran:?}"
    );
}

#[test]
fn the_list_names_each_question_with_its_id_and_answers() {
    let desk = with_conflicts();
    let ran = desk.run(&["review", "--list"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    for word in [
        &*id_of(&desk, 0),
        "Ada Byron: the note differs",
        "take laptop, take phone",
    ] {
        assert!(ran.stdout.contains(word), "{word}: {ran:?}");
    }
    let doubtful = with_a_doubtful_pair().run(&["review", "--list"]);
    assert_eq!(doubtful.code, 3, "{doubtful:?}");
    assert!(
        doubtful.stdout.contains("may be one person") && doubtful.stdout.contains("merge, apart")
    );
}

#[test]
fn what_is_printed_as_json_fits_the_schema() {
    let schema = |desk: &Desk, name: &str| {
        serde_json::from_str(&desk.run(&["schema", name]).stdout).expect("a schema")
    };
    for desk in [with_conflicts(), with_a_doubtful_pair()] {
        let list = desk.json(&["review", "--list"]);
        assert_eq!(fits(&schema(&desk, "review"), &list), Ok(()), "{list:#}");
        assert_eq!(list["questions"][0]["book"], "people");
    }
    let desk = with_a_certain_pair();
    let report = desk.json(&["review", "--auto"]);
    assert_eq!(
        fits(&schema(&desk, "review"), &report),
        Ok(()),
        "{report:#}"
    );
    let desk = with_conflicts();
    let report = desk.json(&["answer", &id_of(&desk, 0), "take", "phone"]);
    assert_eq!(
        fits(&schema(&desk, "answer"), &report),
        Ok(()),
        "{report:#}"
    );
}

#[test]
fn auto_merges_what_is_certain_and_nothing_else() {
    let desk = with_a_certain_pair();
    let ran = desk.run(&["review", "--auto"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(
        texts(&desk, "Gundula Tannhofer").map(|cards| cards.len()),
        [1, 1]
    );
    let again = desk.run(&["review", "--auto"]);
    assert_eq!(
        (again.code, again.stdout.trim()),
        (0, "No questions are open.")
    );

    let desk = with_a_doubtful_pair();
    let before = desk.everything();
    let ran = desk.run(&["review", "--auto"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.stdout.contains("may be one person"), "{ran:?}");
    assert_eq!(desk.everything(), before);
}

#[test]
fn an_answer_is_kept_and_done() {
    let desk = with_conflicts();
    let id = id_of(&desk, 0);
    let ran = desk.run(&["answer", &id, "take", "phone", "--reason", "asked her"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    for cards in texts(&desk, "Ada Byron") {
        assert!(cards[0].contains("NOTE:likes water"), "{cards:?}");
    }
    let history = desk.run(&["history"]).stdout;
    assert!(
        history.contains("take phone") && history.contains("asked her"),
        "{history}"
    );
    refused(
        &desk.run(&["answer", &id, "take", "phone"]),
        &["No open question"],
    );
}

#[test]
fn two_contacts_are_merged_or_kept_apart_by_an_answer() {
    for (answer, left) in [("merge", [1, 1]), ("apart", [2, 2])] {
        let desk = with_a_doubtful_pair();
        let ran = desk.run(&["answer", &id_of(&desk, 0), answer]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!(
            texts(&desk, "Adelheid Quirrenbach").map(|cards| cards.len()),
            left
        );
        assert_eq!(desk.run(&["review", "--list"]).code, 0);
    }
}

#[test]
fn an_answer_that_does_not_fit_changes_nothing() {
    let desk = with_conflicts();
    let before = desk.everything();
    let id = id_of(&desk, 0);
    let wrong = "0".repeat(8);
    refused(
        &desk.run(&["answer", &wrong, "merge"]),
        &["No open question", &id, "Ada Byron"],
    );
    refused(
        &desk.run(&["answer", &id, "merge"]),
        &["`take laptop`, `take phone`"],
    );
    refused(
        &desk.run(&["answer", &id, "take", "fon"]),
        &["`take laptop`, `take phone`"],
    );
    refused(&desk.run(&["answer", &id, "accept"]), &["no proposals yet"]);
    refused(&desk.run(&["answer", &id]), &[]);
    assert_eq!(desk.everything(), before);
    let list = desk.json(&["review", "--list"]);
    assert!(list["questions"][0]["answered"].is_null(), "{list:#}");
}

#[test]
fn a_book_that_is_not_there_is_told() {
    refused(
        &with_conflicts().run(&["review", "poeple"]),
        &["\"people\""],
    );
}
