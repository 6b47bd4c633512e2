//! How one stands with a contact: `show`, `status` and `history`.

use serde_json::{Value, json};

use crate::desk::{Desk, LAPTOP, Ran, card};
use crate::schema::fits;

fn desk() -> Desk {
    let desk = Desk::new();
    let lines = "TEL:+44 20 7946 0001\r\nCATEGORIES:Chess\r\nX-CARDWEAVE-TIER:B\r\n\
                 X-CARDWEAVE-LAST-CONTACT:20200101\r\n\
                 X-CARDWEAVE-PROMISE;ID=p1;DUE=20200201;STATUS=open;SIDE=mine:send the offer";
    desk.put(LAPTOP, "ada.vcf", &card("Ada Byron", lines));
    desk.put(LAPTOP, "bob.vcf", &card("Bob Lind", "TITLE:Painter"));
    let ran = desk.run(&["sync"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    desk
}

#[test]
fn show_tells_the_relationship_and_then_the_card() {
    let desk = desk();
    assert_eq!(desk.run(&["tier", "up", "Ada Byron"]).code, 0);
    let ran = desk.run(&["show", "Ada Byron"]);
    for told in [
        "tier         A since ",
        "raised B -> A",
        "every 3w, last word 2020-01-01, due 2020-01-22",
        "lists        Chess",
        "promises     p1  2020-02-01  you: send the offer",
        "in time      you kept 0 of 1",
        "TEL          +44 20 7946 0001",
        "laptop: ada.vcf (not in step yet)",
    ] {
        assert!(ran.stdout.contains(told), "{told}: {ran:?}");
    }
    assert!(!ran.stdout.contains("X-CARDWEAVE"), "{ran:?}");
    let plain = desk.run(&["show", "Bob Lind"]);
    assert!(plain.stdout.starts_with("Bob Lind\n  "), "{plain:?}");
    for label in ["tier ", "rhythm", "balance", "log "] {
        assert!(!plain.stdout.contains(label), "{plain:?}");
    }
}

#[test]
fn json_keeps_the_card_and_adds_the_relationship() {
    let desk = desk();
    assert_eq!(desk.run(&["tier", "A", "Ada Byron"]).code, 0);
    let shown = desk.json(&["show", "Ada Byron"]);
    let relationship = &shown["relationship"];
    assert_eq!(relationship["tier"], "A");
    assert_eq!(relationship["tier_steps"][0]["from"], "B");
    assert_eq!(relationship["mine"], json!({"kept_in_time": 0, "of": 1}));
    assert_eq!(relationship["promises"][0]["id"], "p1");
    let fields = shown["fields"].as_array().unwrap();
    let has = |name: &str| fields.iter().any(|field| field["field"] == name);
    assert!(has("X-CARDWEAVE-TIER") && has("TEL"), "{shown:#}");
    for words in [
        &["show", "Ada Byron"][..],
        &["history", "Ada Byron"],
        &["status"],
    ] {
        let schema: Value = serde_json::from_str(&desk.run(&["schema", words[0]]).stdout).unwrap();
        assert_eq!(fits(&schema, &desk.json(words)), Ok(()), "{words:?}");
    }
}

#[test]
fn status_counts_who_and_what_is_due() {
    let desk = desk();
    let ran = desk.run(&["status"]);
    assert!(
        ran.stdout
            .starts_with("people: 2 contacts, 0 open questions, 1 contact due, 1 promise due\n"),
        "{ran:?}"
    );
    let book = &desk.json(&["status"])["books"][0];
    assert_eq!(
        (&book["contacts_due"], &book["promises_due"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(desk.run(&["snooze", "Ada Byron", "2w"]).code, 0);
    assert_eq!(desk.json(&["status"])["books"][0]["contacts_due"], 0);
}

#[test]
fn history_tells_who_was_raised_and_by_whom() {
    let desk = desk();
    let config = std::fs::read_to_string(desk.path().join("config.toml")).unwrap();
    desk.configure(&format!("{config}[me]\nname = \"Anna\"\n"));
    for words in [["tier", "up", "Ada Byron"], ["tier", "C", "Ada Byron"]] {
        assert_eq!(desk.run(&words).code, 0);
    }
    let ran = desk.run(&["history", "Ada Byron"]);
    let steps: Vec<&str> = ran
        .stdout
        .lines()
        .filter_map(|line| line.split_once("  ").map(|(_, step)| step))
        .filter(|step| step.contains("->"))
        .collect();
    assert_eq!(
        steps[..2],
        ["raised B -> A by Anna", "lowered A -> C by Anna"],
        "{ran:?}"
    );
}

#[test]
fn the_day_is_that_of_the_time_zone() {
    let desk = desk();
    let logged = |zone: &str| {
        let mut command = desk.command(&["--json", "log", "Ada", "x"]);
        let output = command.env("TZ", zone).output().expect("it runs");
        let ran = Ran::of(&output);
        let said: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
        said["entry"]["date"].as_str().expect("a day").to_owned()
    };
    // These two are never on one day.
    assert_ne!(logged("Pacific/Kiritimati"), logged("Pacific/Pago_Pago"));
}

#[test]
fn whoever_is_named_twice_is_changed_once() {
    let desk = desk();
    let uid = desk.find(LAPTOP, "Ada Byron").1;
    let uid = uid.lines().find_map(|line| line.strip_prefix("UID:"));
    let ran = desk.run(&["tier", "up", "Ada", uid.expect("a UID")]);
    assert_eq!(ran.code, 0, "{ran:?}");
    desk.run(&["sync"]);
    let ada = desk.find(LAPTOP, "Ada Byron").1;
    assert_eq!(ada.matches("KIND=tier").count(), 1, "{ada}");
}

#[test]
fn before_the_first_sync_it_is_told_what_to_do() {
    let desk = Desk::new();
    let listed = desk.run(&["list"]);
    assert!(listed.stdout.contains("`cardweave sync`"), "{listed:?}");
    for words in [&["tier", "A", "Ada"][..], &["log", "Ada", "x"]] {
        let ran = desk.run(words);
        assert_eq!(ran.code, 2, "{ran:?}");
        for part in ["Nothing was changed", "`cardweave sync`"] {
            assert!(ran.stderr.contains(part), "{ran:?}");
        }
    }
}

#[test]
fn days_that_make_no_sense_are_refused_or_told() {
    let desk = desk();
    let before = desk.json(&["show", "Ada"]);
    for (words, told) in [
        (&["snooze", "Ada", "2020-01-01"][..], "is past"),
        (&["archive", "--before", "2999-01-01"], "is yet to come"),
        (
            &["log", "Ada", "x", "--cost", "99999999999999 EUR"],
            "12.50 EUR",
        ),
    ] {
        let ran = desk.run(words);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.stderr.contains(told), "{ran:?}");
        assert!(!ran.stderr.contains("cardweave promise"), "{ran:?}");
    }
    assert_eq!(desk.json(&["show", "Ada"]), before);
    // What was promised for last week and is written down today is a promise all the same.
    let ran = desk.run(&["promise", "Ada", "x", "--due", "2020-01-01"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.stdout.contains("due 2020-01-01, which is past"),
        "{ran:?}"
    );
}
