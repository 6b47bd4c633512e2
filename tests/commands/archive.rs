//! What `archive` folds, and where the originals go.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::desk::{Desk, LAPTOP, PHONE};
use crate::log::{expect, lines, told};

/// Ada, with what was logged of her in two years.
fn desk() -> Desk {
    let log = "X-CARDWEAVE-LOG;ID=1;DATE=20230110;MINUTES=10;RESULT=1 order:one\r\n\
               X-CARDWEAVE-LOG;ID=2;DATE=20230210;MINUTES=20;RESULT=2 orders:\"two\\, 2\"\r\n\
               X-CARDWEAVE-LOG;ID=3;DATE=20240110:three\r\n\
               X-CARDWEAVE-LOG;ID=4;DATE=20240111;KIND=tier:B -> A\r\n\
               X-CARDWEAVE-LOG;ID=5;DATE=20260110:five";
    Desk::with(&[("Ada Byron", log), ("Bob Lind", "TITLE:Painter")])
}

fn log_lines(desk: &Desk, store: &str) -> Vec<String> {
    let mut found = lines(desk, store, "Ada Byron");
    found.retain(|line| line.starts_with("X-CARDWEAVE-LOG"));
    found
}

#[test]
fn old_lines_become_sums_and_the_originals_are_kept() {
    let desk = desk();
    let before = desk.everything();
    let dry = told(&desk, &["archive", "--before", "2025-01-01", "--dry-run"]);
    // The only line of a year and its like stays as it is.
    assert_eq!(dry["contacts"][0]["lines"], 2);
    assert!(dry["file"].is_null());
    let file = desk.path().join("state/archive.jsonl");
    assert!(!file.exists());
    expect(&desk.run(&["sync"]), 0, &["nothing to do"]);

    let done = told(&desk, &["archive", "--before", "2025-01-01"]);
    assert_eq!(done["contacts"], dry["contacts"]);
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = fs::read_to_string(&file).unwrap();
    let originals: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let raw: Vec<&str> = originals
        .iter()
        .map(|one| one["line"].as_str().unwrap())
        .collect();
    assert_eq!(
        raw,
        [
            "X-CARDWEAVE-LOG;ID=1;DATE=20230110;MINUTES=10;RESULT=1 order:one",
            "X-CARDWEAVE-LOG;ID=2;DATE=20230210;MINUTES=20;RESULT=2 orders:\"two\\, 2\"",
        ]
    );
    assert_eq!(originals[1]["entry"]["text"], "\"two, 2\"");
    assert_eq!(
        (&originals[0]["contact"], &originals[0]["book"]),
        (&"ada-byron-uid".into(), &"people".into())
    );

    assert_eq!(
        desk.everything(),
        before,
        "the stores learn of it with the next sync"
    );
    expect(&desk.run(&["sync"]), 0, &["All in step."]);
    for store in [LAPTOP, PHONE] {
        let log = log_lines(&desk, store);
        assert_eq!(log.len(), 4, "{log:?}");
        let sum = log
            .iter()
            .find(|line| line.contains("DATE=20230210"))
            .unwrap();
        for part in [
            "COUNT=2",
            "FOLDS=1 2",
            "KIND=sum",
            "MINUTES=30",
            "RESULT=3 orders",
        ] {
            assert!(sum.contains(part), "{sum}");
        }
        assert!(
            lines(&desk, store, "Ada Byron")
                .contains(&"X-CARDWEAVE-LAST-CONTACT:20230210".to_owned())
        );
    }
    expect(
        &desk.run(&["archive", "--before", "2025-01-01"]),
        0,
        &["Nothing that was logged"],
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
    expect(&desk.run(&["sync"]), 0, &["nothing to do"]);
}

#[test]
fn what_was_folded_does_not_come_back_from_a_folder_that_was_away() {
    let desk = desk();
    let away = desk.find(PHONE, "Ada Byron");
    desk.run(&["archive", "--before", "2025-01-01"]);
    // The phone's folder is not there for a while, and comes back as it was.
    let aside = desk.path().join("aside");
    fs::rename(desk.path().join(PHONE), &aside).unwrap();
    desk.run(&["sync"]);
    assert_eq!(log_lines(&desk, LAPTOP).len(), 4);
    fs::rename(&aside, desk.path().join(PHONE)).unwrap();
    let edited = away
        .1
        .replace("TITLE", "ROLE")
        .replace("END:VCARD", "NOTE:from the phone\r\nEND:VCARD");
    fs::write(&away.0, edited).unwrap();
    expect(&desk.run(&["sync"]), 0, &[]);
    for store in [LAPTOP, PHONE] {
        assert_eq!(
            log_lines(&desk, store).len(),
            4,
            "{store}: {:?}",
            log_lines(&desk, store)
        );
        assert!(lines(&desk, store, "Ada Byron").contains(&"NOTE:from the phone".to_owned()));
    }
}

#[test]
fn where_the_originals_cannot_be_kept_nothing_is_folded() {
    let desk = desk();
    let nowhere = desk.path().join("config.toml/archive.jsonl");
    let nowhere = nowhere.to_str().unwrap();
    let ran = desk.run(&["archive", "--before", "2025-01-01", "--file", nowhere]);
    expect(&ran, 1, &["Nothing was folded"]);
    expect(&desk.run(&["sync"]), 0, &["nothing to do"]);
    let elsewhere = desk.path().join("kept/old.jsonl");
    let ran = desk.run(&[
        "archive",
        "--before",
        "2024-01-01",
        "--file",
        elsewhere.to_str().unwrap(),
    ]);
    expect(&ran, 0, &["Ada Byron: 2 entries became 1 sum"]);
    assert_eq!(fs::read_to_string(elsewhere).unwrap().lines().count(), 2);
    expect(
        &desk.run(&["archive", "--before", "2099-01-01"]),
        2,
        &["yet to come"],
    );
}
