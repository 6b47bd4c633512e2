//! What a field looks like that stores changed differently.

use super::*;

pub fn note(name: &str) -> Asked {
    conflict(
        &format!("UID:{name}\nFN:{name}\nTEL:+49 30 1\nEMAIL:{name}@example.org"),
        "NOTE",
        Some("likes tea"),
        &[
            ("laptop", Some("likes tea and coffee")),
            ("office", None),
            ("phone", Some("likes coffee\nand cake")),
        ],
    )
}

#[test]
fn each_store_has_its_digit() {
    insta::assert_snapshot!(shown(&[note("Ada")], FULL, 60, ""), @r#"

    [1/1] Ada: the note differs; which is right?

         before  likes tea
      1  laptop  likes tea and coffee
      2  office  (removed)
      3  phone   likes coffee
                 and cake

    The card otherwise:
      name   Ada
      phone  +49 30 1
      mail   Ada@example.org

    1 take laptop   2 take office   3 take phone   Enter skip
    q quit   ? help
    >
    "#);
}

#[test]
fn in_plain_mode_too() {
    insta::assert_snapshot!(shown(&[note("Ada")], PLAIN, 60, ""), @r#"
    Question 1 of 1. Ada: the note differs; which is right?
    Before: likes tea
    1, laptop: likes tea and coffee
    2, office: (removed)
    3, phone: likes coffee
    3, phone: and cake
    The card, name: Ada
    The card, phone: +49 30 1
    The card, mail: Ada@example.org
    1: take laptop, 2: take office, 3: take phone, Enter: skip, q: quit, ?: help
    Your choice, then Enter:
    "#);
}

#[test]
fn a_digit_takes_the_value_of_its_store() {
    let (text, notes, tally) = play(&[note("Ada")], FULL, 60, "3");
    assert_eq!(notes, ["Ada: take phone"]);
    assert_eq!((tally.taken, tally.stopped), (1, false));
    assert!(
        text.ends_with("> 3\nTo be taken: the note of phone.\n"),
        "{text}"
    );
}

#[test]
fn a_store_behind_the_ninth_has_a_letter_that_means_nothing_else() {
    let names: Vec<String> = (0..12).map(|n| format!("store-{n:02}")).collect();
    let sides: Vec<(&str, Option<&str>)> = names
        .iter()
        .map(|name| (name.as_str(), Some("x")))
        .collect();
    let asked = || conflict("UID:a\nFN:Ada", "NOTE", None, &sides);
    assert_eq!(play(&[asked()], FULL, 100, "9").1, ["Ada: take store-08"]);
    assert_eq!(play(&[asked()], FULL, 100, "a").1, ["Ada: take store-09"]);
    assert_eq!(play(&[asked()], FULL, 100, "d").1, ["Ada: take store-10"]);
    let (text, notes, _) = play(&[asked()], FULL, 100, "x0m");
    assert!(
        notes.is_empty() && text.contains("x means nothing here"),
        "{text}"
    );
}

#[test]
fn a_value_that_was_never_agreed_on_says_so() {
    let asked = conflict(
        "UID:a\nFN:Ada",
        "BDAY",
        None,
        &[("a", Some("1")), ("b", Some("2"))],
    );
    let text = shown(&[asked], FULL, 60, "");
    assert!(text.contains("Ada: the birthday differs"), "{text}");
    assert!(text.contains("before  (the stores never agreed)"), "{text}");
}
