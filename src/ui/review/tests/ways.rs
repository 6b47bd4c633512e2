//! The ways through a review: answers, back, skipping, stopping, going on where it stopped.

use super::conflicts::note;
use super::duplicates::certain;
use super::*;

fn three() -> Vec<Asked> {
    vec![certain("Ada"), note("Bob"), anna()]
}

#[test]
fn answers_are_kept_one_by_one_and_counted() {
    let (text, notes, tally) = play(&three(), FULL, 80, "m2k");
    let anna = "Anna Müller-Lüdenscheidt: apart";
    assert_eq!(notes, ["Ada: merge", "Bob: take office", anna]);
    assert_eq!((tally.merged, tally.taken, tally.apart), (1, 1, 1));
    assert!(text.contains("[1/3]") && text.contains("[2/3]") && text.contains("[3/3]"));
    assert!(text.contains("To be merged: Ada goes on."));
}

#[test]
fn enter_and_s_leave_a_question_open() {
    let (_, notes, tally) = play(&three(), FULL, 80, "\nSm");
    assert_eq!(notes, ["Anna Müller-Lüdenscheidt: merge"]);
    assert_eq!((tally.skipped, tally.merged, tally.left), (2, 1, 0));
}

#[test]
fn q_and_ctrl_c_keep_what_was_answered() {
    for key in ["q", "\u{3}"] {
        let (_, notes, tally) = play(&three(), FULL, 80, &format!("m{key}"));
        assert_eq!(notes, ["Ada: merge"]);
        assert_eq!((tally.merged, tally.left, tally.stopped), (1, 2, true));
    }
}

#[test]
fn it_goes_on_at_the_first_question_without_an_answer() {
    let mut asked = three();
    asked[0].answered = Some(Answer::Apart);
    let (text, _, tally) = play(&asked, FULL, 80, "1");
    assert!(text.contains("[2/3]") && !text.contains("[1/3]"), "{text}");
    assert_eq!((tally.taken, tally.apart, tally.left), (1, 0, 1));
}

#[test]
fn without_an_open_question_nothing_is_shown() {
    let mut asked = vec![certain("Ada")];
    asked[0].answered = Some(Answer::Apart);
    assert_eq!(shown(&asked, FULL, 80, "m"), "");
    assert_eq!(shown(&[], FULL, 80, "m"), "");
}

#[test]
fn back_shows_the_answer_and_another_one_takes_its_place() {
    let (text, notes, tally) = play(&three(), FULL, 80, "mbk");
    assert_eq!(notes, ["Ada: merge", "Ada: apart"]);
    assert!(text.contains("Your answer so far: one person."), "{text}");
    assert_eq!((tally.merged, tally.apart), (0, 1));
}

#[test]
fn back_and_enter_leave_the_answer_and_s_takes_it_back() {
    let (text, notes, tally) = play(&three(), FULL, 80, "mb\n");
    assert_eq!((notes.len(), tally.merged), (1, 1));
    assert!(text.contains("It stays answered."), "{text}");
    let (_, notes, tally) = play(&three(), FULL, 80, "mbs");
    assert_eq!(notes, ["Ada: merge", "Ada: taken back"]);
    assert_eq!((tally.merged, tally.skipped), (0, 1));
}

#[test]
fn before_the_first_question_there_is_nothing() {
    let text = shown(&three(), FULL, 80, "b");
    assert!(text.contains("This is the first question."), "{text}");
}

#[test]
fn w_lets_the_other_one_go_on() {
    let (text, notes, _) = play(&[certain("Ada")], FULL, 80, "wm");
    assert!(text.contains("The merged card (1 goes on):"), "{text}");
    assert!(text.contains("The merged card (2 goes on):"), "{text}");
    assert_eq!(notes, ["Ada: merge {\"keep\":\"ada-2\"}"]);
}

#[test]
fn an_answer_given_before_is_shown_as_it_was_given() {
    let (text, notes, _) = play(&[certain("Ada"), note("Bob")], FULL, 80, "wmb");
    assert_eq!(text.matches("(2 goes on)").count(), 2, "{text}");
    assert_eq!(notes.len(), 1);
}

#[test]
fn all_certain_ones_are_merged_after_one_more_question() {
    let asked = [certain("Ada"), anna(), certain("Bea"), note("Bob")];
    let (text, notes, tally) = play(&asked, FULL, 80, "cy");
    assert!(text.contains("Merge all 2 that are certain?"), "{text}");
    assert_eq!(notes, ["Ada: merge", "Bea: merge"]);
    assert!(text.contains("[2/4]") && !text.contains("[3/4]"), "{text}");
    assert_eq!((tally.merged, tally.left), (2, 2));
}

#[test]
fn a_conflict_leads_to_the_certain_ones_too() {
    let (text, notes, tally) = play(&[note("Bob"), certain("Ada")], FULL, 80, "cy1");
    assert!(text.contains("c merge 1 certain"), "{text}");
    assert_eq!(notes, ["Ada: merge", "Bob: take laptop"]);
    assert_eq!(tally.left, 0);
}

#[test]
fn the_fields_of_which_there_is_room_for_one_are_chosen_one_by_one() {
    let born = |name: &str, day: &str| format!("UID:{name}\nFN:Ada\nBDAY:{day}\nTEL:1");
    let asked = [duplicate(
        &born("a", "19900417"),
        &born("b", "19900418"),
        0.8,
        &[],
    )];
    let (text, notes, _) = play(&asked, FULL, 80, "f2m");
    assert!(text.contains("f choose 1 field"), "{text}");
    assert!(text.contains("Field 1 of 1: the birthday"), "{text}");
    assert_eq!(notes, ["Ada: merge {\"take\":{\"BDAY\":\"b\"}}"]);
    let merged = text.rsplit("The merged card").next().unwrap_or_default();
    assert!(merged.contains("birthday  1990-04-18"), "{text}");
    // Enter keeps what stands, and back leaves the fields.
    assert_eq!(play(&asked, FULL, 80, "f\nm").1, ["Ada: merge"]);
    assert_eq!(play(&asked, FULL, 80, "fbk").1, ["Ada: apart"]);
}

#[test]
fn enter_merges_none_of_the_certain_ones() {
    for keys in ["c\n", "cn", "cx\n"] {
        let (_, notes, tally) = play(&[certain("Ada"), certain("Bea")], FULL, 80, keys);
        assert_eq!((notes.len(), tally.left), (0, 2), "{keys}");
    }
}

#[test]
fn the_last_certain_ones_end_the_review() {
    let (_, notes, tally) = play(&[certain("Ada"), certain("Bea")], FULL, 80, "cy");
    assert_eq!((notes.len(), tally.stopped), (2, false));
}

#[test]
fn an_edited_card_is_the_answer() {
    let mut screen = Played::at(80, "em");
    let text = "BEGIN:VCARD\nVERSION:4.0\nUID:ada-1\nFN:Ada Lovelace\nEND:VCARD\n";
    screen.edits.push_back(Ok(Some(text.to_owned())));
    let mut desk = Noted::default();
    review(&[certain("Ada")], FULL, &mut desk, &mut screen).unwrap();
    assert!(screen.offered[0].starts_with("BEGIN:VCARD\nVERSION:4.0\n"));
    assert!(
        screen.shown.contains("(1 goes on, as you wrote it)"),
        "{}",
        screen.shown
    );
    let Ok(Answer::Merge(merging)) = desk.notes[0]["Ada: ".len()..].parse() else {
        panic!("{:?}", desk.notes)
    };
    assert_eq!(merging.card, Some(text.replace('\n', "\r\n")));
}

#[test]
fn what_is_no_card_is_told_and_offered_again() {
    let mut screen = Played::at(80, "eem");
    screen.edits.push_back(Ok(Some("FN:Ada\n".to_owned())));
    screen
        .edits
        .push_back(Err("No editor is known.".to_owned()));
    let mut desk = Noted::default();
    review(&[certain("Ada")], FULL, &mut desk, &mut screen).unwrap();
    assert!(
        screen.shown.contains("That is no card: line 1"),
        "{}",
        screen.shown
    );
    assert!(
        screen.shown.contains("No editor is known."),
        "{}",
        screen.shown
    );
    assert_eq!(screen.offered[1], "FN:Ada\n");
    assert_eq!(desk.notes, ["Ada: merge"]);
}

#[test]
fn a_swap_says_that_it_drops_what_was_written() {
    let mut screen = Played::at(80, "ewm");
    let text = "BEGIN:VCARD\nVERSION:4.0\nUID:ada-1\nFN:Ada Lovelace\nEND:VCARD\n";
    screen.edits.push_back(Ok(Some(text.to_owned())));
    let mut desk = Noted::default();
    review(&[certain("Ada")], FULL, &mut desk, &mut screen).unwrap();
    assert!(screen.shown.contains("What you wrote by hand is dropped."));
    assert_eq!(desk.notes, ["Ada: merge {\"keep\":\"ada-2\"}"]);
}

#[test]
fn a_question_that_was_settled_meanwhile_is_said_and_not_counted() {
    let mut screen = Played::at(80, "mk");
    let mut desk = Noted::default();
    desk.settled.insert("Ada".to_owned());
    let tally = review(&[certain("Ada"), anna()], FULL, &mut desk, &mut screen).unwrap();
    assert!(
        screen.shown.contains("Settled meanwhile"),
        "{}",
        screen.shown
    );
    assert_eq!((tally.answered(), tally.left, tally.skipped), (1, 0, 0));
}

#[test]
fn a_desk_that_fails_ends_the_review() {
    struct Full;
    impl Desk for Full {
        fn keep(&mut self, _: &Asked, _: &Answer) -> anyhow::Result<Kept> {
            Err(anyhow::anyhow!("the disk is full"))
        }
        fn take_back(&mut self, _: &Asked) -> anyhow::Result<Kept> {
            Ok(Kept::Kept)
        }
    }
    let ended = review(&[certain("Ada")], FULL, &mut Full, &mut Played::at(80, "m"));
    assert_eq!(ended.unwrap_err().to_string(), "the disk is full");
}

#[test]
fn a_question_mark_tells_the_keys_and_asks_again() {
    let (text, notes, _) = play(&[certain("Ada")], FULL, 80, "?m");
    assert!(text.contains("  m     They are one person"), "{text}");
    assert_eq!(notes, ["Ada: merge"]);
}

#[test]
fn plain_mode_has_the_same_keys_and_draws_nothing() {
    let (text, notes, _) = play(&three(), PLAIN, 80, "w?m1k");
    assert_eq!(notes.len(), 3, "{notes:?}\n{text}");
    assert!(!text.contains(['\u{1b}', '\r', '│', '─']), "{text}");
}
