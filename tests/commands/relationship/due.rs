//! Whom to contact and what falls due, on the screen, as JSON and as a calendar.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::civil::Date;
use jiff::{Span, Zoned};
use serde_json::Value;

use crate::desk::{Desk, LAPTOP, card};
use crate::install::install;
use crate::schema::fits;

const READER: &str = "icalendar-7.3.2/bin/python";

/// So many days from today, as a card has it.
fn on(days: i32) -> String {
    day(days).strftime("%Y%m%d").to_string()
}

fn day(days: i32) -> Date {
    Zoned::now().date() + Span::new().days(days)
}

/// Ada (A) is overdue with two promises, Bob (B) never said a word, Cid has no tier.
fn desk() -> Desk {
    let desk = Desk::new();
    let ada = format!(
        "TEL:+44 20 7946 0001\r\nEMAIL:ada@example.com\r\nBDAY:{}\r\nX-CARDWEAVE-TIER:A\r\n\
         X-CARDWEAVE-LOG;ID=a1;DATE={};KIND=call;BALANCE=received:the offer; and more, so\r\n\
         X-CARDWEAVE-PROMISE;ID=p1;DUE={};STATUS=open;SIDE=mine:send the offer, twice\r\n\
         X-CARDWEAVE-PROMISE;ID=p2;DUE={};STATUS=open;SIDE=theirs:the drawings 🎨 of the whole \
         house with every room, and all that belongs to it",
        day(3).strftime("1980-%m-%d"),
        on(-30),
        on(-1),
        on(2)
    );
    desk.put(LAPTOP, "ada.vcf", &card("Ada Byron", &ada));
    let bob = "X-CARDWEAVE-TIER:B\r\nEMAIL:bob@example.com";
    desk.put(LAPTOP, "bob.vcf", &card("Bob Lind", bob));
    desk.put(LAPTOP, "cid.vcf", &card("Cid", "TITLE:Cellist"));
    let goal = format!(
        "X-ADDRESSBOOKSERVER-KIND:group\r\nX-CARDWEAVE-GOAL-BY:{}\r\n\
         X-CARDWEAVE-GOAL-TARGET:3 customers\r\nX-CARDWEAVE-GOAL-STATUS:open",
        on(5)
    );
    desk.put(LAPTOP, "goal.vcf", &card("Win", &goal));
    let ran = desk.run(&["sync"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    desk
}

fn names(document: &Value) -> Vec<&str> {
    let list = document.as_array().expect("a list");
    list.iter().filter_map(|one| one["name"].as_str()).collect()
}

#[test]
fn who_is_due_comes_with_what_to_do() {
    let desk = desk();
    let ran = desk.run(&["due"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran:?}");
    for told in [
        "9 days over",
        "+44 20 7946 0001",
        "ada@example.com",
        "call the offer; and more, so",
        "you to Ada Byron",
        "Ada Byron to you",
        "3 customers",
        "in 3 days",
        "birthday, ",
    ] {
        assert!(ran.stdout.contains(told), "{told}: {ran:?}");
    }
    assert!(!ran.stdout.contains("Cid"), "{ran:?}");
}

#[test]
fn json_fits_its_schema_and_the_window_is_what_was_asked_for() {
    let desk = desk();
    let schema = serde_json::from_str(&desk.run(&["schema", "due"]).stdout).unwrap();
    let week = desk.json(&["due"]);
    assert_eq!(fits(&schema, &week), Ok(()));
    assert_eq!(names(&week["people"]), ["Ada Byron", "Bob Lind"]);
    assert_eq!(week["people"][0]["days_overdue"], 9);
    assert_eq!(week["people"][1]["last_word"], Value::Null);
    assert_eq!(week["promises"][0]["promise"], "p1");
    assert_eq!(names(&week["goals"]), ["Win"]);
    assert_eq!(names(&week["suggestions"]), ["Ada Byron"]);
    let today = desk.json(&["due", "--within", "today"]);
    assert_eq!(names(&today["promises"]), ["Ada Byron"]);
    assert_eq!(names(&today["goals"]), [""; 0]);
    assert_eq!(names(&today["anniversaries"]), [""; 0]);
}

#[test]
fn who_is_snoozed_or_was_written_to_is_not_due() {
    let desk = desk();
    assert_eq!(desk.run(&["snooze", "Bob Lind", "2w"]).code, 0);
    assert_eq!(names(&desk.json(&["due"])["people"]), ["Ada Byron"]);
    assert_eq!(desk.run(&["cadence", "1y", "Ada Byron"]).code, 0);
    let ran = desk.run(&["due"]);
    assert!(ran.stdout.starts_with("Nobody is due.\n"), "{ran:?}");
}

#[test]
fn a_window_that_is_none_ends_with_2() {
    let desk = desk();
    for (within, told) in [("soon", "is no day"), ("-1w", "looks ahead")] {
        let ran = desk.run(&["due", &format!("--within={within}")]);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.stderr.contains(told), "{ran:?}");
    }
}

#[test]
fn an_unchanged_calendar_is_the_same_file_and_private() {
    let desk = desk();
    let file = desk.path().join("people.ics");
    let path = file.to_str().unwrap();
    fs::write(&file, "old").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let ran = desk.run(&["due", "--ics", path]);
    assert!(
        ran.code == 0 && ran.stdout.contains("A calendar with 6 entries is in "),
        "{ran:?}"
    );
    let first = fs::read(&file).unwrap();
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    // The same cards, met by another machine under names of its own.
    let other = Desk::new();
    for (name, text) in desk.contents(LAPTOP) {
        other.put(LAPTOP, &format!("x-{name}"), &text);
    }
    assert_eq!(other.run(&["sync"]).code, 0);
    let report = other.json(&["due", "--ics", path]);
    assert_eq!(report["calendar"]["entries"], 6);
    assert_eq!(fs::read(&file).unwrap(), first);
    let printed = desk.run(&["due", "--ics", "-"]);
    assert_eq!(printed.stdout.as_bytes(), first);
    let both = desk.run(&["--json", "due", "--ics", "-"]);
    assert_eq!((both.code, both.stdout.as_str()), (2, ""), "{both:?}");
}

#[test]
fn a_calendar_that_cannot_be_written_is_told() {
    let desk = desk();
    let below = desk.path().join("config.toml/people.ics");
    let ran = desk.run(&["due", "--ics", below.to_str().unwrap()]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{ran:?}");
    assert!(ran.stderr.contains("people.ics"), "{ran:?}");
}

#[test]
fn a_uid_stays_while_what_it_names_moves() {
    let desk = desk();
    let uids = |desk: &Desk| {
        let text = desk.run(&["due", "--ics", "-"]).stdout;
        let mut uids: Vec<String> = text
            .lines()
            .filter(|line| line.starts_with("UID:"))
            .map(str::to_owned)
            .collect();
        uids.sort();
        uids
    };
    let before = uids(&desk);
    desk.edit(LAPTOP, "Ada Byron", "send the offer", "send another offer");
    desk.edit(LAPTOP, "Ada Byron", &on(-1), &on(20));
    desk.edit(LAPTOP, "Ada Byron", "FN:Ada Byron", "FN:Ada Lovelace");
    assert_eq!(desk.run(&["sync"]).code, 0);
    assert_eq!(uids(&desk), before);
}

#[test]
fn another_reader_understands_the_calendar() {
    install(&["icalendar"]);
    let desk = desk();
    let file = desk.path().join("people.ics");
    assert_eq!(desk.run(&["due", "--ics", file.to_str().unwrap()]).code, 0);
    let read = "import json, sys, icalendar\n\
         calendar = icalendar.Calendar.from_ical(open(sys.argv[1], 'rb').read())\n\
         assert not calendar.errors\n\
         say = lambda one, name: one[name].to_ical().decode() if name in one else None\n\
         text = lambda one, name: str(one[name]) if name in one else None\n\
         print(json.dumps([[one.name, text(one, 'SUMMARY'), say(one, 'DUE'), say(one, 'DTSTART'),\n\
         say(one, 'RRULE'), text(one, 'DESCRIPTION'), len(one.errors), text(one, 'UID')]\n\
         for one in calendar.subcomponents]))";
    let output = Command::new(program(READER))
        .args(["-c", read])
        .arg(&file)
        .output()
        .expect("the reader was installed");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    let entries: Vec<Vec<Value>> = serde_json::from_slice(&output.stdout).unwrap();
    let find = |summary: &str| {
        entries
            .iter()
            .find(|entry| entry[1] == summary)
            .unwrap_or_else(|| panic!("{summary} in {entries:#?}"))
    };
    assert_eq!(entries.len(), 6);
    assert!(entries.iter().all(|entry| entry[6] == 0), "{entries:#?}");
    let ada = find("Get in touch with Ada Byron");
    assert_eq!(ada[2].as_str().unwrap(), on(-9));
    assert_eq!(
        ada[5].as_str().unwrap(),
        format!(
            "Tier A, at most 3w without word\n+44 20 7946 0001\nada@example.com\n\
             Last: {} call the offer; and more, so",
            day(-30)
        )
    );
    assert_eq!(find("Get in touch with Bob Lind")[2], Value::Null);
    assert_eq!(
        find("send the offer, twice (Ada Byron)")[2].as_str(),
        Some(on(-1).as_str())
    );
    find(
        "Ada Byron: the drawings 🎨 of the whole house with every room, and all that belongs to it",
    );
    let goal = find("Goal: Win (3 customers)");
    assert_eq!(
        (&goal[0], goal[3].as_str()),
        (&"VEVENT".into(), Some(on(5).as_str()))
    );
    assert_eq!(find("Birthday of Ada Byron (1980)")[4], "FREQ=YEARLY");
}

fn program(name: &str) -> PathBuf {
    let cache = std::env::var_os("CARDWEAVE_TEST_CACHE").map_or_else(
        || Path::new(&std::env::var_os("HOME").expect("a home")).join(".cache/cardweave-tests"),
        PathBuf::from,
    );
    cache.join(name)
}
