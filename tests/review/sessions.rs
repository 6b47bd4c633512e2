//! Whole sessions: questions answered one key each, and what became of them in the folders.

use crate::books::{texts, with_a_certain_pair, with_a_doubtful_pair, with_conflicts};
use crate::desk::PHONE;
use crate::talk::{SEAT, Talk};

#[test]
fn a_conflict_is_answered_by_a_digit() {
    let desk = with_conflicts();
    let mut talk = Talk::begin(&desk, &["review"], SEAT);
    talk.hear("[1/3] Ada Byron: the note differs")
        .hear("1  laptop  likes coffee");
    talk.answer("2").hear("To be taken: the note of phone.");
    talk.hear("[2/3] Bob Lind").answer("1");
    talk.hear("[3/3] Eve Holm")
        .answer("\r")
        .hear("Skipped; it stays open.");
    let ended = talk.end();
    assert_eq!(ended.code, 3, "{}", ended.seen);
    assert!(ended.is_as_before, "{ended:?}");
    assert!(
        ended.seen.contains("Questions: 2 answered, 1 skipped."),
        "{}",
        ended.seen
    );
    for [store] in texts(&desk, "Ada Byron").map(|cards| <[String; 1]>::try_from(cards).unwrap()) {
        assert!(store.contains("NOTE:likes water"), "{store}");
    }
    for [store] in texts(&desk, "Bob Lind").map(|cards| <[String; 1]>::try_from(cards).unwrap()) {
        assert!(store.contains("NOTE:likes coffee"), "{store}");
    }
    let [laptop, phone] = texts(&desk, "Eve Holm");
    assert_ne!(laptop, phone);
    let history = desk.run(&["history"]).stdout;
    assert!(history.contains("review"), "{history}");
}

#[test]
fn a_sync_at_a_terminal_asks_at_its_end() {
    let desk = with_conflicts();
    let mut talk = Talk::begin(&desk, &["sync"], SEAT);
    talk.hear("[1/3] Ada Byron").answer("1");
    talk.hear("[2/3]").answer("1");
    talk.hear("[3/3]").answer("1");
    let ended = talk.end();
    assert_eq!(
        (ended.code, ended.is_as_before),
        (0, true),
        "{}",
        ended.seen
    );

    let desk = with_conflicts();
    let mut talk = Talk::begin(&desk, &["sync"], SEAT);
    talk.hear("[1/3] Ada Byron").answer("q");
    assert_eq!(talk.end().code, 3);
    for words in [&["--json", "sync"][..], &["sync", "--dry-run"]] {
        let ended = Talk::begin(&desk, words, SEAT).end();
        assert_eq!(ended.code, 3, "{}", ended.seen);
        assert!(!ended.seen.contains("[1/3]"), "{}", ended.seen);
    }
}

#[test]
fn a_doubtful_pair_of_two_folders_is_merged_in_both() {
    let desk = with_a_doubtful_pair();
    assert_eq!(
        texts(&desk, "Adelheid Quirrenbach").map(|cards| cards.len()),
        [2, 2]
    );
    let mut talk = Talk::begin(&desk, &["review", "people"], SEAT);
    talk.hear("[1/1] Adelheid Quirrenbach and Adelheid Quirrenbach may be one person");
    talk.hear("in laptop, phone").hear("The merged card");
    talk.answer("m")
        .hear("To be merged: Adelheid Quirrenbach goes on.");
    let ended = talk.end();
    assert_eq!(ended.code, 0, "{}", ended.seen);
    for cards in texts(&desk, "Adelheid Quirrenbach") {
        assert_eq!(cards.len(), 1);
        for line in ["TEL:+49 30 5550171", "EMAIL:adelheid@quirrenbach.example"] {
            assert!(cards[0].contains(line), "{}", cards[0]);
        }
    }
    let list = desk.run(&["review", "--list"]);
    assert_eq!(
        (list.code, list.stdout.trim()),
        (0, "No questions are open.")
    );
}

#[test]
fn two_that_are_kept_apart_are_not_asked_about_again() {
    let desk = with_a_doubtful_pair();
    let mut talk = Talk::begin(&desk, &["review"], SEAT);
    talk.answer("k").hear("To be kept apart");
    let ended = talk.end();
    assert_eq!(ended.code, 0, "{}", ended.seen);
    assert_eq!(
        texts(&desk, "Adelheid Quirrenbach").map(|cards| cards.len()),
        [2, 2]
    );
    let ran = desk.run(&["sync"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(desk.run(&["review", "--list"]).code, 0);
}

#[test]
fn the_other_one_can_go_on() {
    let desk = with_a_doubtful_pair();
    let mut talk = Talk::begin(&desk, &["review"], SEAT);
    talk.hear("The merged card (")
        .answer("w")
        .hear("goes on.")
        .hear("The merged card (");
    talk.answer("m");
    assert_eq!(talk.end().code, 0);
    // The one that says most goes on by itself: that is the one with a title.
    for cards in texts(&desk, "Adelheid Quirrenbach") {
        assert!(cards[0].contains("UID:on-the-phone"), "{}", cards[0]);
    }
}

#[test]
fn a_card_edited_by_hand_is_the_merged_card() {
    let desk = with_a_doubtful_pair();
    let editor = desk.path().join("editor.sh");
    let script = "#!/bin/sh\nsed -i 's/TITLE:.*/TITLE:Head of all/' \"$1\"\n";
    std::fs::write(&editor, script).unwrap();
    let editor = format!("/bin/sh {}", editor.display());
    let set = [
        ("NO_COLOR", "1"),
        ("VISUAL", ""),
        ("EDITOR", editor.as_str()),
    ];
    let mut talk = Talk::begin(&desk, &["review"], crate::talk::Seat { set: &set, ..SEAT });
    talk.answer("e")
        .hear("This is the card now.")
        .hear("as you wrote it");
    talk.answer("m");
    let ended = talk.end();
    assert_eq!(
        (ended.code, ended.is_as_before),
        (0, true),
        "{}",
        ended.seen
    );
    for cards in texts(&desk, "Adelheid Quirrenbach") {
        assert!(
            cards.len() == 1 && cards[0].contains("TITLE:Head of all"),
            "{cards:?}"
        );
    }
}

#[test]
fn without_an_editor_the_card_is_as_it_was_and_the_way_is_told() {
    let desk = with_a_doubtful_pair();
    let mut talk = Talk::begin(&desk, &["review"], SEAT);
    talk.answer("e").hear("set VISUAL or EDITOR").answer("q");
    let ended = talk.end();
    assert_eq!(
        (ended.code, ended.is_as_before),
        (3, true),
        "{}",
        ended.seen
    );
}

#[test]
fn back_gives_an_answer_that_counts() {
    let desk = with_conflicts();
    let mut talk = Talk::begin(&desk, &["review"], SEAT);
    talk.answer("1").hear("[2/3]").answer("b");
    talk.hear("Your answer so far: laptop is right.")
        .answer("2");
    talk.hear("[2/3]").answer("q");
    let ended = talk.end();
    assert_eq!(ended.code, 3, "{}", ended.seen);
    for cards in texts(&desk, "Ada Byron") {
        assert!(cards[0].contains("NOTE:likes water"), "{cards:?}");
    }
}

#[test]
fn who_quits_goes_on_where_they_stopped() {
    let desk = with_conflicts();
    let mut talk = Talk::begin(&desk, &["review"], SEAT);
    // Ctrl-C keeps the answer and leaves the folders alone.
    talk.answer("1")
        .hear("[2/3]")
        .answer("\u{3}")
        .hear("Every answer is kept");
    let ended = talk.end();
    assert_eq!(
        (ended.code, ended.is_as_before),
        (3, true),
        "{}",
        ended.seen
    );
    let [laptop, phone] = texts(&desk, "Ada Byron");
    assert_ne!(laptop, phone, "nothing was done yet");
    let list = desk.json(&["review", "--list"]);
    assert_eq!(list["questions"][0]["answered"], "take laptop", "{list:#}");

    let mut talk = Talk::begin(&desk, &["review"], SEAT);
    talk.hear("[2/3] Bob Lind")
        .answer("1")
        .hear("[3/3] Eve Holm")
        .answer("1");
    let ended = talk.end();
    assert!(!ended.seen.contains("[1/3]"), "{}", ended.seen);
    assert_eq!(ended.code, 0, "{}", ended.seen);
    for name in ["Ada Byron", "Bob Lind", "Eve Holm"] {
        let [laptop, phone] = texts(&desk, name);
        assert_eq!(laptop, phone);
        assert!(laptop[0].contains("NOTE:likes coffee"), "{laptop:?}");
    }
}

#[test]
fn an_answer_kept_by_ctrl_c_is_used_by_the_next_sync() {
    let desk = with_conflicts();
    let mut talk = Talk::begin(&desk, &["review"], SEAT);
    talk.answer("2").hear("[2/3]").answer("\u{3}");
    talk.end();
    assert_eq!(desk.run(&["sync"]).code, 3);
    let [laptop, phone] = texts(&desk, "Ada Byron");
    assert_eq!(laptop, phone);
    assert!(laptop[0].contains("NOTE:likes water"), "{laptop:?}");
}

#[test]
fn all_certain_ones_are_merged_by_two_keys() {
    let desk = with_a_certain_pair();
    let mut talk = Talk::begin(&desk, &["review"], SEAT);
    talk.hear("certain (")
        .answer("c")
        .hear("Merge the one that is certain?");
    talk.answer("y")
        .hear("To be merged: Gundula Tannhofer and Gundula Tannhofer.");
    let ended = talk.end();
    assert_eq!(ended.code, 0, "{}", ended.seen);
    assert_eq!(
        texts(&desk, "Gundula Tannhofer").map(|cards| cards.len()),
        [1, 1]
    );
}

#[test]
fn a_run_of_somebody_else_in_between_is_no_harm() {
    let desk = with_conflicts();
    let mut talk = Talk::begin(&desk, &["review"], SEAT);
    talk.hear("[1/3] Ada Byron");
    // Somebody settles Ada meanwhile, by hand and by a run: the state is free while one thinks.
    desk.edit(PHONE, "Ada Byron", "likes water", "likes coffee");
    let ran = desk.run(&["sync"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    talk.answer("2")
        .hear("Settled meanwhile by a run")
        .answer("q");
    let ended = talk.end();
    assert_eq!(ended.code, 3, "{}", ended.seen);
    for cards in texts(&desk, "Ada Byron") {
        assert!(cards[0].contains("NOTE:likes coffee"), "{cards:?}");
    }
}
