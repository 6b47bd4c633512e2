//! Terminals of every kind: narrow, without colour, simple, hung up, and cards that play tricks.

use std::process::Command;

use unicode_width::UnicodeWidthStr;

use crate::books::{with_a_doubtful_pair, with_conflicts};
use crate::desk::{Desk, LAPTOP, PHONE, card};
use crate::talk::{SEAT, Seat, Talk};

/// What is on the screen, line by line, without the colours.
fn lines(seen: &str) -> Vec<String> {
    let mut bare = String::new();
    let mut rest = seen;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        bare.push_str(before);
        rest = after
            .split_once(|c: char| c.is_ascii_alphabetic())
            .map_or("", |(_, rest)| rest);
    }
    bare.push_str(rest);
    bare.lines()
        .map(|line| line.trim_end_matches('\r').to_owned())
        .collect()
}

#[test]
fn sixty_columns_are_enough() {
    let desk = with_a_doubtful_pair();
    for columns in [60, 40] {
        let mut talk = Talk::begin(&desk, &["review"], Seat { columns, ..SEAT });
        talk.answer("?").hear("Edit the merged card").answer("q");
        let ended = talk.end();
        // What the run prints on stdout after it is laid out elsewhere.
        let asked = ended.seen.split("Questions: ").next().unwrap_or_default();
        for line in lines(asked) {
            assert!(line.width() <= columns, "{columns}: {line:?}");
        }
    }
}

#[test]
fn colour_is_for_those_who_want_it() {
    let desk = with_a_doubtful_pair();
    let colored = |words: &[&str], set: &[(&str, &str)]| {
        let mut talk = Talk::begin(&desk, words, Seat { set, ..SEAT });
        talk.answer("q");
        talk.end().seen.contains('\u{1b}')
    };
    assert!(colored(&["review"], &[]));
    assert!(!colored(&["review"], &[("NO_COLOR", "1")]));
    assert!(!colored(&["--color", "never", "review"], &[]));
}

#[test]
fn nothing_but_colour_is_ever_sent_and_nothing_is_cleared() {
    let desk = with_a_doubtful_pair();
    let mut talk = Talk::begin(&desk, &["review"], Seat { set: &[], ..SEAT });
    talk.answer("w").answer("?").answer("x").answer("q");
    let seen = talk.end().seen;
    for sequence in seen.split('\u{1b}').skip(1) {
        let sequence = sequence.strip_prefix('[').expect("a control sequence");
        let end = sequence.find(|c: char| !c.is_ascii_digit() && c != ';');
        assert!(
            sequence[end.unwrap_or(0)..].starts_with('m'),
            "{sequence:?}"
        );
    }
}

#[test]
fn a_simple_terminal_is_told_in_lines_and_answers_in_lines() {
    for (words, seat) in [
        (
            &["review"][..],
            Seat {
                term: "dumb",
                ..SEAT
            },
        ),
        (&["review", "--plain"], SEAT),
        (
            &["review"],
            Seat {
                set: &[("CARDWEAVE_PLAIN", "1"), ("NO_COLOR", "1")],
                ..SEAT
            },
        ),
    ] {
        let desk = with_conflicts();
        let mut talk = Talk::begin(&desk, words, seat);
        talk.hear("Question 1 of 3. Ada Byron: the note differs");
        talk.hear("1, laptop: likes coffee")
            .hear("Your choice, then Enter: ")
            .press("1\n");
        talk.hear("To be taken: the note of laptop.")
            .hear("Question 2 of 3");
        talk.hear("Your choice, then Enter: ")
            .press("\n")
            .hear("Skipped");
        talk.hear("Question 3 of 3")
            .hear("Your choice, then Enter: ")
            .press("q\n");
        let ended = talk.end();
        assert_eq!(
            (ended.code, ended.is_as_before),
            (3, true),
            "{}",
            ended.seen
        );
        assert!(!ended.seen.contains('\u{1b}'), "{:?}", ended.seen);
    }
}

#[test]
fn the_end_of_the_input_and_ctrl_c_end_plain_mode_too() {
    for key in ["\u{4}", "\u{3}"] {
        let desk = with_conflicts();
        let mut talk = Talk::begin(&desk, &["review", "--plain"], SEAT);
        talk.hear("Your choice, then Enter: ")
            .press("1\n")
            .hear("Question 2 of 3");
        talk.hear("Your choice, then Enter: ")
            .press(key)
            .hear("Every answer is kept");
        let ended = talk.end();
        assert_eq!(
            (ended.code, ended.is_as_before),
            (3, true),
            "{}",
            ended.seen
        );
        let list = desk.json(&["review", "--list"]);
        assert_eq!(list["questions"][0]["answered"], "take laptop", "{list:#}");
    }
}

#[test]
fn arrow_keys_and_pasted_text_answer_nothing() {
    let desk = with_conflicts();
    let mut talk = Talk::begin(&desk, &["review"], SEAT);
    talk.answer("\u{1b}[A\u{1b}OP\u{1b}")
        .hear("means nothing here");
    talk.hear("means nothing here").hear("means nothing here");
    talk.answer("x").hear("x means nothing here").answer("q");
    let ended = talk.end();
    assert_eq!(
        (ended.code, ended.is_as_before),
        (3, true),
        "{}",
        ended.seen
    );
    assert!(
        ended.seen.contains("Questions: 3 left open."),
        "{}",
        ended.seen
    );
}

#[test]
fn control_characters_of_a_card_never_reach_the_terminal() {
    let hostile = "x\u{1b}]0;title\u{7}\u{1b}[2J\u{9b}31m\u{202e}y\u{8}";
    let desk = Desk::new();
    let text = card("Ada Byron", &format!("NOTE:{hostile}\r\nX-TRICK:{hostile}"));
    desk.put(LAPTOP, "ada.vcf", &text);
    desk.run(&["sync"]);
    desk.edit(LAPTOP, "Ada Byron", "NOTE:x", "NOTE:laptop");
    desk.edit(PHONE, "Ada Byron", "NOTE:x", "NOTE:phone");
    assert_eq!(desk.run(&["sync"]).code, 3);
    for words in [&["review"][..], &["review", "--plain"]] {
        let mut talk = Talk::begin(&desk, words, SEAT);
        talk.hear("the note differs").press("q");
        if words.len() > 1 {
            talk.press("\n");
        }
        let seen = talk.end().seen;
        let acts = |c: char| c.is_control() && !matches!(c, '\r' | '\n');
        assert!(
            !seen.contains(acts) && !seen.contains('\u{202e}'),
            "{seen:?}"
        );
        assert!(seen.contains("\\u{202e}"), "{seen:?}");
    }
    let listed = desk.run(&["review", "--list"]);
    assert!(!listed.stdout.contains('\u{1b}'), "{listed:?}");
}

#[test]
fn a_signal_to_end_leaves_the_terminal_as_it_was() {
    for signal in ["-TERM", "-HUP", "-INT"] {
        let desk = with_conflicts();
        let mut talk = Talk::begin(&desk, &["review"], SEAT);
        talk.answer("1").hear("[2/3]").hear("\n> ");
        let kill = ["kill", signal, &talk.program()].join(" ");
        let killed = Command::new("sh").args(["-c", &kill]).status();
        assert!(killed.expect("a shell").success());
        talk.hear("Every answer is kept");
        let ended = talk.end();
        assert_eq!(
            (ended.code, ended.is_as_before),
            (3, true),
            "{}",
            ended.seen
        );
    }
}
