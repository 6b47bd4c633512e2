//! What `sync`, `diff` and `undo` do to the folders, and their exit codes.

use crate::desk::{Desk, LAPTOP, PHONE, card};
use crate::schema::fits;

const ADA: (&str, &str) = ("Ada Byron", "TEL:+44 20 7946 0001");
const BOB: (&str, &str) = ("Bob Lind", "TITLE:Painter");

#[test]
fn a_sync_brings_both_folders_in_step_and_the_next_has_nothing_to_do() {
    let desk = Desk::new();
    desk.put(
        LAPTOP,
        "ada.vcf",
        &card("Ada Byron", "TEL:+44 20 7946 0001"),
    );
    desk.put(PHONE, "bob.vcf", &card("Bob Lind", "TITLE:Painter"));
    let first = desk.run(&["sync"]);
    assert_eq!(first.code, 0, "{first:?}");
    assert!(first.stdout.contains("All in step."), "{first:?}");
    for store in [LAPTOP, PHONE] {
        assert!(
            desk.find(store, "Ada Byron")
                .1
                .contains("TEL:+44 20 7946 0001")
        );
        assert!(desk.find(store, "Bob Lind").1.contains("TITLE:Painter"));
    }
    let before = desk.everything();
    let second = desk.run(&["sync"]);
    assert_eq!(
        (second.code, second.stdout.matches("nothing to do").count()),
        (0, 2),
        "{second:?}"
    );
    assert_eq!(desk.everything(), before);
}

#[test]
fn a_dry_run_says_what_it_would_do_and_changes_nothing() {
    let desk = Desk::with(&[ADA, BOB]);
    desk.edit(LAPTOP, "Bob Lind", "Painter", "Sculptor");
    desk.delete(PHONE, "Ada Byron");
    let before = desk.everything();
    for _ in 0..2 {
        let ran = desk.run(&["sync", "--dry-run"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.stdout.contains("TITLE: Painter -> Sculptor"), "{ran:?}");
        assert!(ran.stdout.contains("laptop: delete the card"), "{ran:?}");
        assert!(
            ran.stdout.contains("phone: 2 cards, 1 to update"),
            "{ran:?}"
        );
        assert_eq!(desk.everything(), before);
    }
    assert_eq!(
        desk.json(&["history"])["runs"].as_array().map(Vec::len),
        Some(1)
    );
    desk.run(&["sync"]);
    assert!(desk.find(PHONE, "Bob Lind").1.contains("Sculptor"));
    assert_eq!(desk.contents(LAPTOP).len(), 1);
}

#[test]
fn what_is_printed_as_json_fits_the_printed_schema() {
    let desk = Desk::with(&[ADA, BOB]);
    desk.edit(LAPTOP, "Bob Lind", "Painter", "Sculptor");
    desk.edit(PHONE, "Bob Lind", "Painter", "Dancer");
    desk.edit(PHONE, "Ada Byron", "0001", "0002");
    desk.put(LAPTOP, "torn.vcf", "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:To");
    for words in [
        &["diff"][..],
        &["sync", "--dry-run"],
        &["sync"],
        &["status"],
        &["list"],
        &["show", "Bob Lind"],
        &["history"],
        &["history", "Ada Byron"],
        &["undo"],
        &["demo"],
    ] {
        let schema = desk.run(&["schema", words[0]]);
        let schema = serde_json::from_str(&schema.stdout).expect("a schema is JSON");
        assert_eq!(fits(&schema, &desk.json(words)), Ok(()), "{words:?}");
    }
}

#[test]
fn diff_ends_with_0_where_all_is_the_same_and_with_1_where_not() {
    let desk = Desk::with(&[ADA, BOB]);
    let same = desk.run(&["diff"]);
    assert_eq!(same.code, 0, "{same:?}");
    desk.edit(PHONE, "Bob Lind", "Painter", "Dancer");
    desk.delete(LAPTOP, "Ada Byron");
    let before = desk.everything();
    let different = desk.run(&["diff", "people"]);
    assert_eq!(different.code, 1, "{different:?}");
    for words in ["not in laptop", "laptop: Painter", "phone: Dancer"] {
        assert!(different.stdout.contains(words), "{words}: {different:?}");
    }
    assert_eq!(desk.everything(), before);
}

#[test]
fn a_conflict_ends_with_3_and_leaves_that_field_alone() {
    let desk = Desk::with(&[BOB]);
    desk.edit(
        LAPTOP,
        "Bob Lind",
        "TITLE:Painter",
        "TITLE:Sculptor\r\nTEL:+46 8 555 01",
    );
    desk.edit(PHONE, "Bob Lind", "Painter", "Dancer");
    let ran = desk.run(&["sync"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    for words in ["before: Painter", "laptop: Sculptor", "phone: Dancer"] {
        assert!(ran.stdout.contains(words), "{words}: {ran:?}");
    }
    assert!(desk.find(LAPTOP, "Bob Lind").1.contains("TITLE:Sculptor"));
    let on_phone = desk.find(PHONE, "Bob Lind").1;
    assert!(
        on_phone.contains("TITLE:Dancer") && on_phone.contains("TEL:+46 8 555 01"),
        "{on_phone}"
    );
    assert_eq!(desk.run(&["status"]).code, 3);
    desk.edit(PHONE, "Bob Lind", "Dancer", "Sculptor");
    assert_eq!(desk.run(&["sync"]).code, 0);
}

#[test]
fn many_deletions_stop_at_the_guard_until_they_are_accepted() {
    let names: Vec<String> = (10..22).map(|number| format!("Person {number}")).collect();
    let cards: Vec<(&str, &str)> = names
        .iter()
        .map(|name| (name.as_str(), "TITLE:x"))
        .collect();
    let desk = Desk::with(&cards);
    for name in &names[..10] {
        desk.delete(LAPTOP, name);
    }
    let before = desk.everything();
    let stopped = desk.run(&["sync"]);
    assert_eq!(stopped.code, 4, "{stopped:?}");
    assert!(
        stopped.stdout.contains("10 of 12 cards of store `phone`"),
        "{stopped:?}"
    );
    assert!(
        stopped
            .stdout
            .contains("cardweave sync people --accept-deletes"),
        "{stopped:?}"
    );
    assert!(!stopped.stdout.contains("nothing to do"), "{stopped:?}");
    assert_eq!(desk.everything(), before);
    assert_eq!(desk.run(&["sync", "people", "--accept-deletes"]).code, 0);
    assert_eq!(desk.contents(PHONE).len(), 2);
}

#[test]
fn an_emptied_folder_stops_at_the_guard() {
    let desk = Desk::with(&[ADA]);
    desk.delete(LAPTOP, "Ada Byron");
    let stopped = desk.run(&["sync"]);
    assert_eq!(stopped.code, 4, "{stopped:?}");
    assert!(stopped.stdout.contains("is empty now"), "{stopped:?}");
    desk.find(PHONE, "Ada Byron");
}

#[test]
fn an_undo_brings_back_what_a_run_changed_and_deleted() {
    let desk = Desk::with(&[ADA, BOB]);
    let before = desk.contents(PHONE);
    desk.edit(LAPTOP, "Bob Lind", "Painter", "Sculptor");
    desk.delete(LAPTOP, "Ada Byron");
    assert_eq!(desk.run(&["sync"]).code, 0);
    assert_eq!(desk.contents(PHONE).len(), 1);
    let undone = desk.run(&["undo", "2"]);
    assert_eq!(undone.code, 0, "{undone:?}");
    assert_eq!(desk.contents(PHONE), before);
    assert_eq!(desk.run(&["sync"]).code, 0);
    assert!(desk.find(LAPTOP, "Ada Byron").1.contains("0001"));
    assert!(desk.find(LAPTOP, "Bob Lind").1.contains("Painter"));
}

#[test]
fn a_broken_file_is_told_and_neither_copied_nor_taken_for_a_deletion() {
    let desk = Desk::with(&[ADA, BOB]);
    let (path, whole) = desk.find(LAPTOP, "Ada Byron");
    let torn = &whole[..whole.len() / 2];
    std::fs::write(&path, torn).expect("the card can be written");
    desk.put(LAPTOP, "empty.vcf", "");
    desk.put(
        LAPTOP,
        "page.vcf",
        "<html><body>Please sign in</body></html>",
    );
    let phone = desk.contents(PHONE);
    for _ in 0..2 {
        let ran = desk.run(&["sync"]);
        assert_eq!(ran.code, 5, "{ran:?}");
        for file in ["ada-byron.vcf", "empty.vcf", "page.vcf"] {
            assert!(ran.stderr.contains(file), "{file}: {ran:?}");
        }
        assert_eq!(desk.contents(PHONE), phone);
        assert_eq!(desk.contents(LAPTOP)["ada-byron.vcf"], torn);
    }
    std::fs::write(&path, whole.replace("0001", "0003")).expect("the card can be written");
    desk.run(&["sync"]);
    assert!(desk.find(PHONE, "Ada Byron").1.contains("0003"));
}
