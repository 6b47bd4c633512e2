//! What `log`, `met` and `promise` write on the cards, and what they refuse.

use crate::desk::{Desk, LAPTOP, PHONE, Ran};
use crate::schema::fits;

const ADA: (&str, &str) = ("Ada Byron", "EMAIL:ada@example.com");
const BOB: (&str, &str) = ("Bob Lind", "TITLE:Painter");

pub fn expect(ran: &Ran, code: i32, words: &[&str]) {
    assert_eq!(ran.code, code, "{ran:?}");
    for word in words {
        assert!(
            ran.stdout.contains(word) || ran.stderr.contains(word),
            "{word}: {ran:?}"
        );
    }
}

/// The card of this name in a store as its lines, without folds.
pub fn lines(desk: &Desk, store: &str, name: &str) -> Vec<String> {
    let text = desk.find(store, name).1.replace("\r\n ", "");
    text.lines().map(str::to_owned).collect()
}

/// Runs a command, whose JSON has to fit its schema.
pub fn told(desk: &Desk, words: &[&str]) -> serde_json::Value {
    let value = desk.json(words);
    fits(&desk.json(&["schema", words[0]]), &value)
        .unwrap_or_else(|error| panic!("{words:?}: {error}"));
    value
}

fn ours(desk: &Desk, store: &str, name: &str) -> Vec<String> {
    let mut ours = lines(desk, store, name);
    ours.retain(|line| line.starts_with("X-CARDWEAVE-"));
    ours
}

#[test]
fn what_is_logged_reaches_every_store_as_a_line_of_its_own() {
    let desk = Desk::with(&[ADA, BOB]);
    desk.configure(
        &(std::fs::read_to_string(desk.path().join("config.toml")).unwrap()
            + "[me]\nname = \"Anna \\\"A\\\"\"\n"),
    );
    let words = [
        "log",
        "ada@example.com",
        "talked; about, \\ the offer",
        "--on",
        "2026-01-20",
        "--kind",
        "call",
        "--minutes",
        "20",
        "--cost",
        "12.50 EUR",
        "--gave",
        "--result",
        "1 order",
        "--at",
        "Fair: hall 5",
    ];
    let value = told(&desk, &words);
    let id = value["entry"]["id"].as_str().unwrap().to_owned();
    assert_eq!(value["contact"]["changed"], true);
    expect(&desk.run(&["sync"]), 0, &["All in step."]);
    for store in [LAPTOP, PHONE] {
        assert_eq!(
            ours(&desk, store, "Ada Byron"),
            [
                format!(
                    "X-CARDWEAVE-LOG;AT=\"Fair: hall 5\";BALANCE=gave;BY=Anna ^'A^';COST=12.50 EUR;\
                     DATE=20260120;ID={id};KIND=call;MINUTES=20;RESULT=1 order:talked\\; about\\, \
                     \\\\ the offer"
                ),
                "X-CARDWEAVE-LAST-CONTACT:20260120".to_owned(),
            ]
        );
    }
    // An earlier day moves nothing back.
    expect(
        &desk.run(&["log", "Ada", "met", "--on", "2026-01-02"]),
        0,
        &["Ada Byron: logged"],
    );
    expect(&desk.run(&["sync"]), 0, &["All in step."]);
    let all = ours(&desk, PHONE, "Ada Byron");
    assert_eq!(all.len(), 3, "{all:?}");
    assert!(all.contains(&"X-CARDWEAVE-LAST-CONTACT:20260120".to_owned()));
    expect(&desk.run(&["sync"]), 0, &["nothing to do"]);
}

#[test]
fn a_correction_takes_the_place_of_a_line_and_a_mistake_is_taken_back() {
    let desk = Desk::with(&[ADA]);
    let first = told(
        &desk,
        &[
            "log",
            "Ada",
            "lunhc",
            "--on",
            "2026-01-20",
            "--minutes",
            "60",
        ],
    );
    let first = first["entry"]["id"].as_str().unwrap().to_owned();
    told(&desk, &["log", "Ada", "other", "--on", "2026-01-10"]);
    desk.run(&["sync"]);
    let second = told(
        &desk,
        &[
            "log",
            "Ada",
            "lunch",
            "--replaces",
            &first[..6],
            "--kind",
            "meeting",
        ],
    );
    assert_eq!(second["replaced"], *first);
    assert_eq!(
        second["entry"]["date"], "2026-01-20",
        "what is not said stays"
    );
    assert_eq!(second["entry"]["minutes"], 60);
    let second = second["entry"]["id"].as_str().unwrap().to_owned();
    desk.run(&["sync"]);
    for store in [LAPTOP, PHONE] {
        let text = ours(&desk, store, "Ada Byron").join("\n");
        assert!(text.contains(":lunch") && !text.contains("lunhc"), "{text}");
    }
    let gone = told(&desk, &["log", "Ada", "--withdraw", &second]);
    assert_eq!(gone["entry"]["kind"], "withdrawn");
    assert_eq!(gone["entry"]["folds"].as_array().unwrap().len(), 2);
    desk.run(&["sync"]);
    for store in [LAPTOP, PHONE] {
        let text = ours(&desk, store, "Ada Byron").join("\n");
        assert!(!text.contains(":lunch"), "{text}");
        assert!(text.contains("LAST-CONTACT:20260110"), "{text}");
    }
    // Neither can be named any more, and what can is listed.
    expect(
        &desk.run(&["log", "Ada", "--withdraw", &second]),
        2,
        &["No entry", "other"],
    );
    expect(
        &desk.run(&["log", "Ada", "x", "--replaces", ""]),
        2,
        &["No entry"],
    );
}

#[test]
fn what_cannot_be_logged_is_refused_and_nothing_is_changed() {
    let desk = Desk::with(&[ADA, BOB]);
    desk.run(&["goal", "add", "Three customers", "--by", "1y"]);
    let long = "x".repeat(20_000);
    let cases: [(&[&str], &str); 8] = [
        (&["log", "Ada", "x", "--on", "2099-01-01"], "yet to come"),
        (&["log", "Ada", "x", "--on", "soonish"], "is no day"),
        (&["log", "Ada", " \n"], "Say in a few words"),
        (&["log", "Carl", "x"], "No contact is called"),
        (
            &["log", "Ada", "x", "--goal", "Tree customers"],
            "There is \"Three customers\"",
        ),
        (&["log", "Ada", &long], "16 KiB"),
        (&["met", "Ada", "Fair", "--on", "tomorrow"], "yet to come"),
        (
            &["log", "Ada", "x", "--withdraw", "ab"],
            "cannot be used with",
        ),
    ];
    for (words, why) in cases {
        expect(&desk.run(words), 2, &[why]);
    }
    desk.run(&["sync"]);
    assert_eq!(ours(&desk, PHONE, "Ada Byron"), [""; 0]);
}

#[test]
fn a_goal_that_is_named_belongs_to_the_contact_too() {
    let desk = Desk::with(&[ADA]);
    desk.run(&["goal", "add", "Three customers", "--by", "1y"]);
    told(&desk, &["log", "Ada", "x", "--goal", "three  CUSTOMERS"]);
    told(&desk, &["log", "Ada", "y", "--goal", "Three customers"]);
    desk.run(&["sync"]);
    let text = ours(&desk, PHONE, "Ada Byron").join("\n");
    assert_eq!(
        text.matches("X-CARDWEAVE-GOAL:Three customers").count(),
        1,
        "{text}"
    );
    assert_eq!(text.matches("GOAL=Three customers").count(), 2, "{text}");
}

#[test]
fn an_occasion_is_written_down_once() {
    let desk = Desk::with(&[ADA]);
    let words = [
        "met",
        "Ada",
        "Hannover Messe",
        "--on",
        "2026-04-20",
        "--place",
        "Hannover",
        "--cost",
        "90 EUR",
    ];
    let first = told(&desk, &words);
    assert_eq!(first["contact"]["changed"], true);
    let again = told(
        &desk,
        &["met", "Ada", "hannover messe", "--on", "2026-04-20"],
    );
    assert_eq!(again["contact"]["changed"], false);
    assert_eq!(again["occasion"]["id"], first["occasion"]["id"]);
    desk.run(&["sync"]);
    let id = first["occasion"]["id"].as_str().unwrap();
    assert_eq!(
        ours(&desk, PHONE, "Ada Byron"),
        [format!(
            "X-CARDWEAVE-MET;COST=90.00 EUR;DATE=20260420;ID={id};PLACE=Hannover:Hannover Messe"
        )]
    );
}

#[test]
fn a_promise_is_moved_with_its_reasons_and_kept() {
    let desk = Desk::with(&[ADA, BOB]);
    let made = told(&desk, &["promise", "Ada", "send the offer", "--due", "2w"]);
    let id = made["promise"]["id"].as_str().unwrap().to_owned();
    told(
        &desk,
        &["promise", "Bob", "call", "--due", "tomorrow", "--theirs"],
    );
    desk.run(&["sync"]);
    for reason in ["ill", "still ill; sorry"] {
        told(
            &desk,
            &[
                "promise",
                "move",
                &id[..5],
                "--due",
                "3w",
                "--reason",
                reason,
            ],
        );
    }
    let kept = told(&desk, &["promise", "keep", &id, "--on", "yesterday"]);
    assert_eq!(kept["promise"]["first_due"], made["promise"]["due"]);
    let reason = kept["promise"]["reason"].as_str().unwrap();
    assert!(
        reason.contains(": ill; ") && reason.ends_with(": still ill; sorry"),
        "{reason}"
    );
    desk.run(&["sync"]);
    for store in [LAPTOP, PHONE] {
        let text = ours(&desk, store, "Ada Byron").join("\n");
        assert_eq!(text.matches("X-CARDWEAVE-PROMISE").count(), 1, "{text}");
        assert!(text.contains("STATUS=kept"), "{text}");
        assert!(
            ours(&desk, store, "Bob Lind")
                .join("")
                .contains("SIDE=theirs")
        );
    }
    expect(
        &desk.run(&["promise", "move", &id, "--due", "4w", "--reason", "x"]),
        2,
        &["was kept on", "Nothing was changed"],
    );
    expect(
        &desk.run(&["promise", "cancel", "zz", "--reason", "x"]),
        2,
        &["No promise", "Bob Lind: call"],
    );
    expect(
        &desk.run(&["promise", "keep", &id, "--on", "tomorrow"]),
        2,
        &["yet to come"],
    );
    expect(
        &desk.run(&["promise", "cancel", &id, "--reason", " "]),
        2,
        &["A reason is wanted"],
    );
    expect(
        &desk.run(&["promise", "Ada", "x", "--due", "someday"]),
        2,
        &["is no day"],
    );
    expect(
        &desk.run(&["promise", "move", &id, "--due", "-1d", "--reason", "x"]),
        2,
        &[],
    );
    expect(&desk.run(&["sync"]), 0, &["nothing to do"]);
}
