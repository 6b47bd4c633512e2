//! `duplicates` on folders and books: a labelled fixture, its forms of output, and what it refuses.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::desk::{Desk, LAPTOP, PHONE, Ran, card};
use crate::schema::fits;

const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/duplicates");

fn lines(ran: &Ran) -> Vec<Value> {
    let lines = ran.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

fn text<'v>(line: &'v Value, member: &str) -> &'v str {
    line[member].as_str().unwrap_or_default()
}

#[test]
fn every_labelled_pair_gets_its_decision_and_no_other_is_merged() {
    let ran = Desk::new().run(&["duplicates", FIXTURE, "--jsonl"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran:?}");
    let mut found: BTreeMap<(String, String), String> = BTreeMap::new();
    for line in lines(&ran) {
        let pair = (text(&line, "a").to_owned(), text(&line, "b").to_owned());
        found.insert(pair, text(&line, "decision").to_owned());
    }
    let labels = fs::read_to_string(format!("{FIXTURE}/labels.txt")).unwrap();
    let mut wrong = Vec::new();
    for label in labels.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = label.splitn(4, ' ').collect();
        let [decision, a, b, kind] = words[..] else {
            panic!("{label}")
        };
        let pair = (a.min(b).to_owned(), a.max(b).to_owned());
        let became = found.remove(&pair).unwrap_or_else(|| "no".to_owned());
        if became != decision {
            wrong.push(format!("{kind}: {a}, {b}: {became} instead of {decision}"));
        }
    }
    found.retain(|_, decision| decision == "merge");
    assert!(
        wrong.is_empty() && found.is_empty(),
        "{wrong:#?} {found:#?}"
    );
}

#[test]
fn lines_are_sorted_by_score_and_say_why() {
    let ran = Desk::new().run(&["duplicates", FIXTURE, "--jsonl", "--min-score", "0.9"]);
    let lines = lines(&ran);
    assert!(lines.len() > 10);
    let scores: Vec<f64> = lines
        .iter()
        .map(|line| line["score"].as_f64().unwrap())
        .collect();
    assert!(scores.is_sorted_by(|a, b| a >= b) && scores.iter().all(|&score| score >= 0.9));
    for line in &lines {
        assert!(text(line, "a") < text(line, "b"));
        assert!(
            line["reasons"]
                .as_array()
                .is_some_and(|reasons| !reasons.is_empty())
        );
        let is_sure = line["score"].as_f64().unwrap() >= 0.95;
        assert_eq!(text(line, "decision") == "merge", is_sure, "{line}");
    }
}

#[test]
fn the_document_fits_its_schema_and_the_page_names_people() {
    let desk = Desk::new();
    let document = desk.json(&["duplicates", FIXTURE]);
    let schema = desk.run(&["schema", "duplicates"]).stdout;
    fits(&serde_json::from_str(&schema).unwrap(), &document).unwrap();
    assert_eq!(document["unreadable"], 0);
    let page = desk.run(&["duplicates", FIXTURE]).stdout;
    assert!(
        page.contains("William Miller = Bill Miller  one person"),
        "{page}"
    );
    assert!(page.contains("\"bill\" is short for \"william\""), "{page}");
    assert!(!page.contains("Taxi"), "{page}");
}

#[test]
fn a_card_that_cannot_be_read_is_told_and_spoils_no_other() {
    let desk = Desk::new();
    let ada = "BEGIN:VCARD\r\nFN:Ada Byron\r\nEMAIL:a@x.org\r\nEND:VCARD\r\n";
    desk.put(PHONE, "ada.vcf", ada);
    desk.put(
        PHONE,
        "two.vcf",
        &format!("{ada}BEGIN:VCARD\r\nFN:torn\r\n"),
    );
    let folder = desk.path().join(PHONE);
    let ran = desk.run(&["duplicates", folder.to_str().unwrap(), "--jsonl"]);
    assert_eq!(ran.code, 5, "{ran:?}");
    assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
    assert!(ran.stderr.contains("two.vcf"), "{ran:?}");
    let lines = lines(&ran);
    assert_eq!(
        (text(&lines[0], "a"), text(&lines[0], "b")),
        ("ada", "two#1")
    );
}

#[test]
fn a_book_is_looked_at_in_the_local_state() {
    let desk = Desk::with(&[("Ada Byron", "EMAIL:a@x.org")]);
    desk.put(LAPTOP, "again.vcf", &card("Byron\\, Ada", "EMAIL:a@x.org"));
    // Two cards of one store are two contacts.
    assert_eq!(desk.run(&["sync"]).code, 0);
    for words in [
        &["duplicates", "--jsonl"][..],
        &["duplicates", "people", "--jsonl"],
    ] {
        let lines = lines(&desk.run(words));
        assert_eq!(lines.len(), 1);
        assert_eq!(text(&lines[0], "decision"), "merge");
    }
}

#[test]
fn folders_need_no_config_and_their_order_changes_nothing() {
    let desk = Desk::new();
    fs::remove_file(desk.path().join("config.toml")).unwrap();
    let [phone, laptop] = ["phone", "laptop"].map(|folder| format!("{FIXTURE}/{folder}"));
    let run = |words: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cardweave"));
        let command = command.env_clear().env("HOME", desk.path()).args(words);
        Ran::of(&command.output().unwrap())
    };
    let whole = run(&["duplicates", FIXTURE, "--jsonl"]);
    assert_eq!(whole.code, 0, "{whole:?}");
    assert_eq!(
        run(&["duplicates", &phone, &laptop, "--jsonl"]).stdout,
        whole.stdout
    );
    assert_eq!(
        run(&["duplicates", &laptop, &phone, "--jsonl"]).stdout,
        whole.stdout
    );
    let nowhere = run(&["duplicates", "nowhere"]);
    assert_eq!(nowhere.code, 2, "{nowhere:?}");
    assert!(
        nowhere.stderr.contains("\"nowhere\" is no folder"),
        "{nowhere:?}"
    );
}

#[test]
fn what_makes_no_sense_is_refused_with_what_to_do() {
    let desk = Desk::new();
    for (words, told) in [
        (&["duplicates", "peple"][..], "no book \"peple\""),
        (
            &["duplicates", FIXTURE, "people"],
            "\"people\" is no folder",
        ),
        (
            &["duplicates", "--min-score", "1.5"],
            "a number from 0 to 1",
        ),
        (
            &["duplicates", "--min-score", "NaN"],
            "a number from 0 to 1",
        ),
    ] {
        let ran = desk.run(words);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.stderr.contains(told), "{ran:?}");
        assert_eq!(ran.stdout, "");
    }
}
