//! What `goal` and `import` do, and how far a goal is said to be.

use crate::desk::{Desk, LAPTOP, PHONE, Ran};
use crate::log::{expect, lines, told};

const ADA: (&str, &str) = ("Ada Byron", "EMAIL:ada@example.com");
const BOB: (&str, &str) = ("Bob Lind", "TITLE:Painter");

#[test]
fn a_goal_has_a_card_of_its_own_and_counts_what_came_of_it() {
    let desk = Desk::with(&[ADA, BOB]);
    let added = told(
        &desk,
        &[
            "goal",
            "add",
            "Three customers",
            "--by",
            "6mo",
            "--target",
            "3",
            "customers",
        ],
    );
    assert_eq!(added["goals"][0]["reached"], 0);
    expect(&desk.run(&["sync"]), 0, &["All in step."]);
    for store in [LAPTOP, PHONE] {
        let card = lines(&desk, store, "Three customers");
        for line in [
            "X-CARDWEAVE-GOAL-TARGET:3 customers",
            "X-CARDWEAVE-GOAL-STATUS:open",
        ] {
            assert!(card.iter().any(|found| found == line), "{card:?}");
        }
        assert!(
            card.iter().any(|line| line.ends_with("KIND:group")),
            "{card:?}"
        );
    }
    expect(
        &desk.run(&["goal", "add", "three CUSTOMERS", "--by", "1y"]),
        2,
        &["already"],
    );
    expect(
        &desk.run(&["goal", "add", "Past", "--by", "2020-01-01"]),
        2,
        &["is past"],
    );
    expect(
        &desk.run(&[
            "goal", "add", "X", "--by", "1y", "--target", "some", "people",
        ]),
        2,
        &["--target"],
    );
    expect(
        &desk.run(&["goal", "add", "X", "--by", "1y", "--book", "none"]),
        2,
        &["no book"],
    );

    let assigned = told(&desk, &["goal", "assign", "Three Customers", "Ada", "Bob"]);
    assert_eq!(assigned["goals"][0]["contacts"], 2);
    let log = |who: &str, result: &str| {
        let words = [
            "log",
            who,
            "x",
            "--goal",
            "Three customers",
            "--result",
            result,
            "--minutes",
            "30",
            "--cost",
            "9 EUR",
        ];
        told(&desk, &words);
    };
    log("Ada", "1 customer + 1200 EUR");
    log("Bob", "signed");
    let listed = told(&desk, &["goal", "list"]);
    let goal = &listed["goals"][0];
    assert_eq!(
        (&goal["reached"], &goal["minutes"], &goal["interactions"]),
        (&2.into(), &60.into(), &2.into())
    );
    assert_eq!(goal["other_results"][0], "1200.00 EUR");
    expect(
        &desk.run(&["goal", "list"]),
        0,
        &[
            "Three customers: 2 of 3 customers, by ",
            " left)",
            "18.00 EUR",
        ],
    );

    told(
        &desk,
        &["goal", "assign", "Three customers", "Bob", "--off"],
    );
    told(&desk, &["goal", "close", "three customers", "--reached"]);
    expect(&desk.run(&["goal", "list"]), 0, &["No goal is open"]);
    assert_eq!(
        told(&desk, &["goal", "list", "--all"])["goals"][0]["status"],
        "reached"
    );
    expect(
        &desk.run(&["goal", "close", "Tree"]),
        2,
        &["There is \"Three customers\""],
    );
    expect(
        &desk.run(&["goal", "assign", "Tree", "Ada"]),
        2,
        &["No goal is called"],
    );
    expect(&desk.run(&["sync"]), 0, &["All in step."]);
    let goals = |name: &str| {
        let lines = lines(&desk, PHONE, name);
        lines
            .into_iter()
            .filter(|line| line.starts_with("X-CARDWEAVE-GOAL:"))
            .count()
    };
    assert_eq!((goals("Ada Byron"), goals("Bob Lind")), (1, 0));
    expect(&desk.run(&["sync"]), 0, &["nothing to do"]);
}

#[test]
fn one_goal_set_on_two_machines_is_one() {
    let desk = Desk::with(&[ADA]);
    let elsewhere = |words: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cardweave"));
        command
            .env_clear()
            .env("HOME", desk.path())
            .stdin(std::process::Stdio::null());
        command.arg("--config").arg(desk.path().join("config.toml"));
        command
            .arg("--state")
            .arg(desk.path().join("other"))
            .args(words);
        Ran::of(&command.output().unwrap())
    };
    elsewhere(&["sync"]);
    for by in ["1y", "2y"] {
        let words = ["goal", "add", "Win", "--by", by];
        expect(
            &if by == "1y" {
                desk.run(&words)
            } else {
                elsewhere(&words)
            },
            0,
            &[],
        );
    }
    desk.run(&["sync"]);
    elsewhere(&["sync"]);
    let goals = desk.contents(PHONE).into_values();
    let goals = goals.filter(|text| text.contains("X-CARDWEAVE-GOAL-STATUS"));
    assert_eq!(goals.count(), 1);
}

#[test]
fn what_frm_keeps_is_taken_over_once() {
    let desk = Desk::with(&[
        ("Ada Byron", "X-FRM-FREQUENCY:2w\r\nX-FRM-GROUP:friends"),
        ("Bob Lind", "X-FRM-FREQUENCY:soon\r\nX-FRM-IGNORE:true"),
        ("Carl Ek", "X-FRM-FREQUENCY:1m\r\nX-CARDWEAVE-CADENCE:P1Y"),
    ]);
    let dry = told(&desk, &["import", "frm", "--dry-run"]);
    expect(&desk.run(&["sync"]), 0, &["nothing to do"]);
    let mut done = told(&desk, &["import", "frm"]);
    done["dry_run"] = true.into();
    assert_eq!(done, dry);
    assert_eq!(done["contacts"].as_array().unwrap().len(), 2);
    expect(&desk.run(&["sync"]), 0, &["All in step."]);
    let ada = lines(&desk, PHONE, "Ada Byron");
    for line in [
        "X-CARDWEAVE-CADENCE:P2W",
        "CATEGORIES:friends",
        "X-FRM-FREQUENCY:2w",
    ] {
        assert!(ada.iter().any(|found| found == line), "{ada:?}");
    }
    let before = desk.everything();
    expect(
        &desk.run(&["import", "frm"]),
        0,
        &[
            "\"soon\" is not understood",
            "ignored there",
            "0 contacts changed",
        ],
    );
    expect(&desk.run(&["sync"]), 0, &["nothing to do"]);
    assert_eq!(desk.everything(), before);
}
