//! Cards that were made to hurt: nothing of them acts on the terminal, and none fills the screen.

use proptest::prelude::*;

use crate::ui::text::needs_escape;

use super::*;

/// Escape sequences, BEL, C1, a right-to-left override, a line of its own, invisible characters.
const HOSTILE: &str = "x\u{1b}[2J\u{1b}]0;t\u{7}\u{9b}31m\u{202e}\u{2028}\u{200b}\u{8}\r\u{90}y";

fn acts(text: &str) -> Option<char> {
    text.chars()
        .find(|&char| char != '\n' && needs_escape(char))
}

fn everywhere(text: &str) -> Vec<Asked> {
    let name = text.replace(['\n', '\r'], " ");
    let one = format!(
        "UID:a{name}\nFN:{name}\nNOTE:{name}\nX-{name}:{name}\nTEL;TYPE={name}:{name}\nORG:{name}"
    );
    let mut alike = duplicate(&one, &format!("UID:b\nFN:{name}2\nTITLE:{name}"), 0.99, &[]);
    if let Question::Duplicate(alike) = &mut alike.question {
        alike.names = [text.to_owned(), text.to_owned()];
        for speaks_for in [true, false] {
            alike.reasons.push(Why {
                speaks_for,
                text: text.to_owned(),
            });
        }
    }
    alike.stores = vec![vec![StoreId::new(text)], vec![StoreId::new(text)]];
    let mut differs = conflict(&one, "NOTE", Some(text), &[(text, Some(text)), ("b", None)]);
    if let Question::Conflict(conflicting) = &mut differs.question {
        conflicting.name = text.to_owned();
        conflicting.field = text.to_owned();
    }
    vec![alike.clone(), differs, alike]
}

#[test]
fn nothing_from_a_card_acts_on_the_terminal() {
    for look in [FULL, PLAIN] {
        for width in [40, 60, 120] {
            for keys in [
                "",
                "?",
                "f",
                "cy1k",
                "mb",
                "m1b",
                "wk?b",
                "\u{1b}\u{9b}\u{202e}",
            ] {
                let text = shown(&everywhere(HOSTILE), look, width, keys);
                assert_eq!(acts(&text), None, "{width}, {keys:?}: {text:?}");
            }
        }
    }
}

#[test]
fn an_editor_that_talks_in_escapes_is_cleaned_too() {
    let mut screen = Played::at(80, "e");
    screen.edits.push_back(Err(HOSTILE.to_owned()));
    review(&everywhere("x"), FULL, &mut Noted::default(), &mut screen).unwrap();
    assert_eq!(acts(&screen.shown), None);
}

#[test]
fn ten_thousand_numbers_are_counted_and_not_shown() {
    let numbers: String = (0..10_000).map(|n| format!("TEL:+49{n:08}\n")).collect();
    let asked = [duplicate(
        &format!("{numbers}UID:a\nFN:Ada"),
        "UID:b\nFN:Ada",
        0.9,
        &[],
    )];
    for (look, width) in [(FULL, 60), (FULL, 40), (PLAIN, 80)] {
        let text = shown(&asked, look, width, "");
        assert!(text.contains("9990 more"), "{text}");
        assert!(text.lines().count() < 80, "{text}");
    }
}

#[test]
fn a_note_without_end_is_a_few_lines() {
    for note in ["word ".repeat(40_000), "x".repeat(200_000)] {
        a_long_note(&note);
    }
}

fn a_long_note(note: &str) {
    let asked = [duplicate(
        &format!("UID:a\nFN:Ada\nNOTE:{note}"),
        "UID:b\nFN:Ada",
        0.9,
        &[],
    )];
    for (look, most) in [(FULL, 5_000), (PLAIN, 100_000)] {
        let text = shown(&asked, look, 60, "");
        assert!(
            text.contains("more lines)") && text.len() < most,
            "{}",
            text.len()
        );
    }
}

#[test]
fn a_card_of_a_thousand_kinds_is_cut() {
    let lines: String = (0..1_000).map(|n| format!("X-KIND-{n}:x\n")).collect();
    let asked = [duplicate(
        &format!("{lines}UID:a\nFN:Ada"),
        "UID:b\nFN:Ada",
        0.9,
        &[],
    )];
    assert!(shown(&asked, FULL, 60, "").lines().count() < 200);
}

#[test]
fn a_question_without_its_cards_can_still_be_skipped() {
    let mut asked = vec![anna()];
    asked[0].cards.clear();
    asked[0].stores.clear();
    for look in [FULL, PLAIN] {
        let (text, notes, tally) = play(&asked, look, 60, "mwfec\n");
        assert!(notes.is_empty(), "{text}");
        assert_eq!(tally.skipped, 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_pressed_a_review_ends_and_counts_every_question(
        keys in "[mkswfebcqyn123?\n\u{3}x]{0,40}",
        width in 1_usize..200,
    ) {
        let asked = everywhere("x");
        let (text, notes, tally) = play(&asked, FULL, width, &keys);
        prop_assert_eq!(acts(&text), None);
        prop_assert_eq!(tally.answered() + tally.skipped + tally.left, asked.len());
        let kept = notes.iter().filter(|note| !note.ends_with("taken back")).count();
        prop_assert!(kept >= tally.answered());
    }

    #[test]
    fn any_text_anywhere_is_harmless(text in "\\PC{0,20}|.{0,20}|[\\x00-\\x9f\u{202a}-\u{202e}]{0,20}") {
        for look in [FULL, PLAIN] {
            prop_assert_eq!(acts(&shown(&everywhere(&text), look, 60, "m1")), None);
        }
    }
}
