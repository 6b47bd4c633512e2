//! What stands in the calendar, from a few short cards.

use super::*;
use crate::book::ContactId;
use crate::card::Card;
use crate::contact::Acquaintance;

fn usual(_: Tier) -> Cadence {
    Cadence::weeks(3)
}

fn known(name: &str, lines: &str) -> Acquaintance {
    let lines = lines.replace('\n', "\r\n").replace("OWN-", "X-CARDWEAVE-");
    let text = format!(
        "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:uid-of-{name}\r\nFN:x\r\n{lines}\r\nEND:VCARD\r\n"
    );
    let text = text.replace("\r\n\r\n", "\r\n");
    Acquaintance {
        id: ContactId::new(name.to_lowercase()),
        name: name.to_owned(),
        relationship: Relationship::of(&Card::parse(text.as_bytes()).unwrap()),
    }
}

fn written(people: &[Acquaintance]) -> String {
    let members: Vec<InBook> = people
        .iter()
        .map(|acquaintance| InBook {
            book: "people",
            acquaintance,
        })
        .collect();
    calendar(&members, &usual).text
}

/// The logical lines of the one entry, without those that every entry has.
fn entry(person: Acquaintance) -> Vec<String> {
    let text = written(&[person]).replace("\r\n ", "");
    let lines = text
        .lines()
        .skip_while(|line| !line.starts_with("BEGIN:VTODO") && !line.starts_with("BEGIN:VEVENT"));
    lines
        .filter(|line| {
            !["END", "UID", "STATUS", "TRANSP"]
                .iter()
                .any(|name| line.starts_with(name))
        })
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_contact_has_a_to_do_on_the_day_that_word_is_due() {
    let ada = known(
        "Ada",
        "OWN-TIER:A\nTEL:+49 30 1\nEMAIL:a@x.org\nOWN-LOG;ID=1;DATE=20261101;KIND=call:the offer",
    );
    assert_eq!(
        entry(ada),
        [
            "BEGIN:VTODO",
            "DESCRIPTION:Tier A\\, at most 3w without word\\n+49 30 1\\na@x.org\\nLast: 2026-11-01 call the offer",
            "DTSTAMP:20261101T000000Z",
            "DUE;VALUE=DATE:20261122",
            "SUMMARY:Get in touch with Ada",
        ]
    );
}

#[test]
fn who_never_was_heard_of_is_due_on_every_day_and_who_is_snoozed_on_that_day() {
    let due = |lines: &str| {
        let lines = entry(known("Ada", lines));
        lines.into_iter().find(|line| line.starts_with("DUE"))
    };
    assert_eq!(due("OWN-TIER:A"), None);
    assert_eq!(
        due("OWN-TIER:A\nOWN-LAST-CONTACT:20261101\nOWN-SNOOZE:20270101").unwrap(),
        "DUE;VALUE=DATE:20270101"
    );
    assert_eq!(
        due("OWN-TIER:A\nOWN-LAST-CONTACT:20261101\nOWN-SNOOZE:20261105").unwrap(),
        "DUE;VALUE=DATE:20261122"
    );
    assert!(entry(known("Ada", "TEL:1")).is_empty());
}

#[test]
fn open_promises_tell_who_owes_whom() {
    let summaries = |side: &str, status: &str| {
        let line = format!(
            "OWN-PROMISE;ID=1;DUE=20261201;DATE=20261120;STATUS={status};SIDE={side}:send the offer"
        );
        entry(known("Ada", &line))
    };
    let mine = summaries("mine", "open");
    assert_eq!(
        mine,
        [
            "BEGIN:VTODO",
            "DTSTAMP:20261120T000000Z",
            "DUE;VALUE=DATE:20261201",
            "SUMMARY:send the offer (Ada)"
        ]
    );
    assert_eq!(
        summaries("theirs", "open")[3],
        "SUMMARY:Ada: send the offer"
    );
    assert!(summaries("mine", "kept").is_empty());
}

#[test]
fn a_goal_is_a_day_while_it_is_open() {
    let goal = |status: &str| {
        let lines = format!(
            "KIND:group\nOWN-GOAL-BY:20261231\nOWN-GOAL-TARGET:3 customers\nOWN-GOAL-STATUS:{status}"
        );
        entry(known("Win", &lines))
    };
    assert_eq!(
        goal("open"),
        [
            "BEGIN:VEVENT",
            "DTSTAMP:19700101T000000Z",
            "DTSTART;VALUE=DATE:20261231",
            "SUMMARY:Goal: Win (3 customers)"
        ]
    );
    assert!(goal("closed").is_empty());
    assert!(entry(known("Chess", "KIND:group\nMEMBER:urn:uuid:a")).is_empty());
}

#[test]
fn days_of_a_contacts_come_every_year() {
    let day = |tier: &str, line: &str| {
        let lines = written(&[known("Ada", &format!("OWN-TIER:{tier}\n{line}"))]);
        let lines = lines.lines().skip_while(|line| *line != "BEGIN:VEVENT");
        let wanted = ["DTSTART", "RRULE", "SUMMARY"];
        lines
            .filter(|line| wanted.iter().any(|name| line.starts_with(name)))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        day("A", "BDAY:19800415"),
        [
            "DTSTART;VALUE=DATE:19800415",
            "RRULE:FREQ=YEARLY",
            "SUMMARY:Birthday of Ada (1980)"
        ]
    );
    assert_eq!(
        day("A", "ANNIVERSARY:--0229"),
        [
            "DTSTART;VALUE=DATE:20000229",
            "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1",
            "SUMMARY:Anniversary of Ada"
        ]
    );
    assert!(day("B", "BDAY:19800415").is_empty());
}

#[test]
fn uids_are_the_same_on_every_machine_and_of_no_two_entries() {
    let lines = "OWN-TIER:A\nBDAY:19800415\nANNIVERSARY:20100101\n\
                 OWN-PROMISE;ID=1;DUE=20261201;STATUS=open:a\n\
                 OWN-PROMISE;ID=2;DUE=20261201;STATUS=open:a";
    let uids = |person: Acquaintance| {
        let text = written(&[person]);
        let uids = text.lines().filter(|line| line.starts_with("UID:"));
        uids.map(str::to_owned).collect::<Vec<_>>()
    };
    let here = uids(known("Ada", lines));
    let elsewhere = Acquaintance {
        id: ContactId::new("another"),
        name: "Ada Byron".to_owned(),
        ..known("Ada", lines)
    };
    assert_eq!(here, uids(elsewhere));
    let unlike: std::collections::BTreeSet<&String> = here.iter().collect();
    assert_eq!(unlike.len(), 5, "{here:?}");
    // What once was given out stays.
    assert_eq!(here[0], "UID:32615b7662497586b98398a76cd0b5b4@cardweave");
}

#[test]
fn no_text_can_end_a_line_or_an_entry() {
    let name = "Ada\r\nEND:VTODO\u{2028}x, y; z\\";
    let mut ada = known("Ada", "OWN-TIER:A");
    ada.name = name.to_owned();
    let summary = "SUMMARY:Get in touch with Ada END:VTODO x\\, y\\; z\\\\";
    assert_eq!(entry(ada).last().unwrap(), summary);
}

#[test]
fn lines_are_folded_at_75_octets_whatever_they_say() {
    for length in 0..200 {
        for letter in ["a", "é", "山", "👩", " a"] {
            let mut ada = known("Ada", "OWN-TIER:A");
            ada.name = letter.repeat(length);
            let text = written(&[ada]);
            let longest = text.split("\r\n").map(str::len).max().unwrap();
            assert!(longest <= 75, "{length} {letter}: {text}");
            let unfolded = text.replace("\r\n ", "");
            let told = format!("Get in touch with {}", letter.repeat(length).trim());
            assert!(unfolded.contains(told.trim()), "{text}");
        }
    }
}

#[test]
fn a_contact_of_two_books_is_told_once() {
    let text = written(&[known("Ada", "OWN-TIER:A"), known("Ada", "OWN-TIER:A")]);
    assert_eq!(text.matches("BEGIN:VTODO").count(), 1);
}
