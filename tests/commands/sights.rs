//! What the commands show that change nothing, and how they answer what they do not understand.

use crate::desk::{Desk, LAPTOP, PHONE};

const CARDS: [(&str, &str); 3] = [
    ("Ada Byron", "EMAIL:ada@byron.example"),
    ("Ada Lind", "EMAIL:ada@lind.example"),
    ("Bob Lind", "TEL:+46 8 555 0103"),
];

#[test]
fn status_names_each_store_with_its_cards() {
    let desk = Desk::with(&CARDS);
    let ran = desk.run(&["status"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    for store in [LAPTOP, PHONE] {
        let line = ran
            .stdout
            .lines()
            .find(|line| line.contains(store))
            .unwrap_or_default();
        assert!(line.split_whitespace().any(|word| word == "3"), "{ran:?}");
    }
}

#[test]
fn list_names_everybody_once() {
    let desk = Desk::with(&CARDS);
    let ran = desk.run(&["list"]);
    let mut names: Vec<&str> = ran.stdout.lines().collect();
    names.sort_unstable();
    assert_eq!(names, ["Ada Byron", "Ada Lind", "Bob Lind"]);
}

#[test]
fn show_finds_a_contact_by_name_mail_number_and_uid() {
    let desk = Desk::with(&CARDS);
    for (wanted, name) in [
        ("bob lind", "Bob Lind"),
        ("ada@lind.example", "Ada Lind"),
        ("+46 85550103", "Bob Lind"),
        ("ada-byr", "Ada Byron"),
        ("Byron", "Ada Byron"),
    ] {
        let ran = desk.run(&["show", wanted]);
        assert_eq!(
            (ran.code, ran.stdout.lines().next()),
            (0, Some(name)),
            "{wanted}: {ran:?}"
        );
        assert!(
            ran.stdout.contains("laptop: ") && ran.stdout.contains("phone: "),
            "{ran:?}"
        );
    }
}

#[test]
fn an_ambiguous_contact_lists_the_candidates() {
    let desk = Desk::with(&CARDS);
    let ran = desk.run(&["show", "ada"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stdout.is_empty(), "{ran:?}");
    for candidate in [
        "Ada Byron",
        "ada@byron.example",
        "Ada Lind",
        "ada@lind.example",
    ] {
        assert!(ran.stderr.contains(candidate), "{ran:?}");
    }
}

#[test]
fn a_misspelt_contact_gets_the_nearest_names() {
    let ran = Desk::with(&CARDS).run(&["show", "Bob Lint"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("\"Bob Lind\""), "{ran:?}");
}

#[test]
fn history_shows_the_runs_and_what_happened_to_one_contact() {
    let desk = Desk::with(&CARDS);
    desk.edit(PHONE, "Bob Lind", "0103", "0104");
    desk.run(&["sync"]);
    let runs = desk.json(&["history"]);
    let runs = runs["runs"].as_array().expect("runs are a list").clone();
    assert_eq!(runs.len(), 2, "{runs:?}");
    let ran = desk.run(&["history", "Bob Lind"]);
    assert!(ran.stdout.contains("added in phone"), "{ran:?}");
    assert!(ran.stdout.contains("updated in laptop"), "{ran:?}");
    assert!(
        ran.stdout.contains("0103") && ran.stdout.contains("0104"),
        "{ran:?}"
    );
}

#[test]
fn a_key_that_is_not_known_ends_with_2_at_its_line_and_column() {
    let desk = Desk::new();
    desk.configure(
        "[[book]]\nname = \"people\"\nconflict = \"ask\"\n\
         [[book.store]]\nid = \"laptop\"\nfolder = \"laptop\"\n",
    );
    let ran = desk.run(&["sync"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("line 3, column 1"), "{ran:?}");
    assert!(ran.stderr.contains("conflicts"), "{ran:?}");
}

#[test]
fn a_missing_config_and_an_unknown_book_end_with_2() {
    let desk = Desk::new();
    let unknown = desk.run(&["sync", "poeple"]);
    assert_eq!(unknown.code, 2, "{unknown:?}");
    assert!(unknown.stderr.contains("\"people\""), "{unknown:?}");
    std::fs::remove_file(desk.path().join("config.toml")).expect("the config is there");
    let missing = desk.run(&["sync"]);
    assert_eq!(missing.code, 2, "{missing:?}");
    assert!(missing.stderr.contains("config.toml"), "{missing:?}");
}

#[test]
fn every_shell_gets_its_completions() {
    let desk = Desk::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = desk.run(&["completions", shell]);
        assert_eq!(ran.code, 0, "{shell}: {}", ran.stderr);
        assert!(ran.stdout.contains("accept-deletes"), "{shell}");
    }
}

#[test]
fn the_demo_keeps_its_promises_and_leaves_nothing_behind() {
    let desk = Desk::new();
    let report = desk.json(&["demo"]);
    assert_eq!(report["as_promised"], true, "{report:#}");
    let claims = report["steps"].as_array().into_iter().flatten();
    let claims: usize = claims
        .filter_map(|step| step["claims"].as_array())
        .map(Vec::len)
        .sum();
    assert!(claims >= 15, "{report:#}");
    let place = report["place"].as_str().expect("a place is a text");
    assert!(!std::path::Path::new(place).exists(), "{place}");
    assert!(!desk.path().join("state").exists());
}

#[test]
fn the_demo_told_to_people_stays_for_a_look_when_asked() {
    let ran = Desk::new().run(&["demo", "--keep"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.contains("$ cardweave undo"), "{ran:?}");
    let words = ran.stdout.split_whitespace();
    let place = words
        .map(|word| word.trim_end_matches(['.', ',']))
        .find(|word| word.contains("cardweave-demo-"));
    let place = std::path::Path::new(place.expect("the place is told"));
    assert!(place.join("config.toml").exists() && place.join("laptop").exists());
    std::fs::remove_dir_all(place).expect("the place is ours");
}
