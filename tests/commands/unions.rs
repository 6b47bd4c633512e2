//! What `merge`, `split`, `undo` and the setting `duplicates` do to the folders.

use crate::desk::{Desk, LAPTOP, PHONE, Ran, card};
use crate::schema::fits;

const ADA: (&str, &str) = ("Ada Byron", "TEL:+44 20 7946 0001");
const ADA_TOO: (&str, &str) = ("A. Lovelace", "EMAIL:ada@example.com");
const BOB: (&str, &str) = ("Bob Lind", "TITLE:Painter");

fn expect(ran: &Ran, code: i32, words: &[&str]) {
    assert_eq!(ran.code, code, "{ran:?}");
    for word in words {
        assert!(
            ran.stdout.contains(word) || ran.stderr.contains(word),
            "{word}: {ran:?}"
        );
    }
}

#[test]
fn two_contacts_are_merged_and_split_again() {
    let desk = Desk::with(&[ADA, ADA_TOO, BOB]);
    let before = desk.everything();
    let merged = desk.run(&["merge", "Ada Byron", "ada@example.com"]);
    expect(
        &merged,
        0,
        &["1 contact was one with another one", "All in step."],
    );
    for store in [LAPTOP, PHONE] {
        assert_eq!(desk.contents(store).len(), 2, "{store}");
        let (_, text) = desk.find(store, "Ada Byron");
        for line in [
            "UID:ada-byron-uid",
            "TEL:+44 20 7946 0001",
            "EMAIL:ada@example.com",
        ] {
            assert!(text.contains(line), "{store}: {text}");
        }
    }
    expect(&desk.run(&["sync"]), 0, &["nothing to do"]);

    let split = desk.run(&["split", "Ada Byron"]);
    expect(
        &split,
        0,
        &["\"Ada Byron\" and \"A. Lovelace\" are contacts of their own again"],
    );
    assert_eq!(desk.everything(), before, "byte for byte");
    expect(&desk.run(&["split", "Ada Byron"]), 2, &["was not merged"]);

    expect(&desk.run(&["sync"]), 0, &["All in step."]);
    for store in [LAPTOP, PHONE] {
        let (_, text) = desk.find(store, "A. Lovelace");
        assert!(
            text.contains("X-CARDWEAVE-DISTINCT:ada-byron-uid"),
            "{text}"
        );
    }
    let first = desk.everything();
    expect(&desk.run(&["sync"]), 0, &["nothing to do"]);
    assert_eq!(desk.everything(), first);
}

#[test]
fn an_older_merge_is_split_by_its_run() {
    let desk = Desk::with(&[ADA, ADA_TOO, BOB]);
    expect(&desk.run(&["merge", "Ada Byron", "A. Lovelace"]), 0, &[]);
    expect(&desk.run(&["merge", "Ada Byron", "Bob Lind"]), 0, &[]);
    let ran = desk.run(&["split", "Ada Byron", "--run", "2"]);
    expect(&ran, 0, &["A. Lovelace"]);
    expect(&desk.run(&["sync"]), 0, &[]);
    for store in [LAPTOP, PHONE] {
        assert_eq!(desk.contents(store).len(), 2, "{store}");
        let (_, ada) = desk.find(store, "Ada Byron");
        assert!(
            ada.contains("TITLE:Painter") && !ada.contains("EMAIL:"),
            "{ada}"
        );
        assert!(
            desk.find(store, "A. Lovelace")
                .1
                .contains("EMAIL:ada@example.com")
        );
    }
}

#[test]
fn what_cannot_be_merged_is_said_and_changes_nothing() {
    let desk = Desk::with(&[ADA, ADA_TOO, BOB]);
    let before = desk.everything();
    expect(
        &desk.run(&["merge", "Ada Byron", "ada byron"]),
        2,
        &["Both names mean"],
    );
    expect(
        &desk.run(&["merge", "Ada Byron", "Carl"]),
        2,
        &["No contact is called"],
    );
    expect(&desk.run(&["split", "Bob Lind"]), 2, &["was not merged"]);
    expect(
        &desk.run(&["split", "Ada Byron", "--run", "9"]),
        2,
        &["in run 9"],
    );
    assert_eq!(desk.everything(), before);
    assert_eq!(desk.run(&["sync"]).code, 0);
}

/// Two cards of one person on the laptop.
fn twice(setting: &str) -> Desk {
    let desk = Desk::new();
    desk.configure(&format!(
        "[[book]]\nname = \"people\"\nduplicates = \"{setting}\"\n\
         [[book.store]]\nid = \"laptop\"\nfolder = \"laptop\"\n\
         [[book.store]]\nid = \"phone\"\nfolder = \"phone\"\n"
    ));
    let lines = "EMAIL:ada@byron.example\r\nTEL;TYPE=CELL:+44 7911 123456";
    desk.put(LAPTOP, "one.vcf", &card("Ada Byron", lines));
    let other = card("Ada Byron", lines).replace("ada-byron-uid", "other-uid");
    desk.put(
        LAPTOP,
        "two.vcf",
        &other.replace("END:", "TITLE:Countess\r\nEND:"),
    );
    desk
}

#[test]
fn without_a_terminal_certain_ones_merge_only_where_the_book_says_so() {
    for (setting, code, cards) in [("ask", 3, 2), ("auto", 0, 1), ("off", 0, 2)] {
        let desk = twice(setting);
        let ran = desk.run(&["sync"]);
        expect(&ran, code, &[]);
        assert_eq!(desk.contents(PHONE).len(), cards, "{setting}");
        assert_eq!(
            ran.stdout.contains("may be one person"),
            code == 3,
            "{ran:?}"
        );
        expect(&desk.run(&["sync"]), code, &["nothing to do"]);
    }
}

#[test]
fn a_merge_that_was_taken_back_is_asked_about_and_not_made_again() {
    let desk = twice("auto");
    let before = desk.contents(LAPTOP);
    expect(&desk.run(&["sync"]), 0, &[]);
    expect(&desk.run(&["undo"]), 0, &["is taken back"]);
    assert_eq!(desk.contents(LAPTOP), before);
    for _ in 0..2 {
        expect(&desk.run(&["sync"]), 3, &["may be one person"]);
        assert_eq!(desk.contents(LAPTOP).len(), 2);
    }
}

#[test]
fn their_json_fits_their_schemas() {
    let desk = Desk::with(&[ADA, ADA_TOO]);
    let merged = desk.json(&["merge", "Ada Byron", "A. Lovelace"]);
    fits(&desk.json(&["schema", "merge"]), &merged).unwrap();
    assert_eq!(merged["books"][0]["merged"], 1);
    let split = desk.json(&["split", "Ada Byron"]);
    fits(&desk.json(&["schema", "split"]), &split).unwrap();
    assert_eq!(split["contacts"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_split_brings_group_cards_back_too() {
    let desk = Desk::with(&[ADA, ADA_TOO, BOB]);
    let member = |uid: &str| format!("X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:{uid}");
    let chess = format!(
        "X-ADDRESSBOOKSERVER-KIND:group\r\n{}\r\n{}",
        member("a.-lovelace-uid"),
        member("bob-lind-uid")
    );
    desk.put(PHONE, "chess.vcf", &card("Chess", &chess));
    expect(&desk.run(&["sync"]), 0, &["All in step."]);
    let before = desk.everything();
    expect(
        &desk.run(&["merge", "Ada Byron", "ada@example.com"]),
        0,
        &[],
    );
    for store in [LAPTOP, PHONE] {
        let chess = desk.find(store, "Chess").1;
        assert!(
            chess.contains("ada-byron-uid") && !chess.contains("lovelace"),
            "{chess}"
        );
    }
    let split = desk.run(&["split", "Ada Byron"]);
    expect(&split, 0, &["contacts of their own again"]);
    assert_eq!(desk.everything(), before);
    expect(&desk.run(&["sync"]), 0, &["All in step."]);
    for store in [LAPTOP, PHONE] {
        let [ada, too, chess] =
            ["Ada Byron", "A. Lovelace", "Chess"].map(|name| desk.find(store, name).1);
        assert!(
            !ada.contains("Chess") && too.contains("CATEGORIES:Chess"),
            "{ada}{too}"
        );
        assert!(!chess.contains("ada-byron-uid"), "{chess}");
    }
}
