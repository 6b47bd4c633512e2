//! What is due, from a few short relationships.

use super::*;
use crate::book::ContactId;
use crate::card::Card;
use crate::contact::AnniversaryKind;
use jiff::civil::date;

const TODAY: Date = date(2026, 11, 25);

fn usual(tier: Tier) -> Cadence {
    match tier {
        Tier::A => Cadence::weeks(3),
        Tier::B => Cadence::months(2),
        Tier::C => Cadence::months(6),
        Tier::D => Cadence::years(1),
    }
}

/// A contact whose card has these lines; `OWN=` stands for what all our properties begin with.
fn known(name: &str, lines: &[&str]) -> Acquaintance {
    let lines: Vec<String> = lines
        .iter()
        .map(|line| match line.strip_prefix("OWN=") {
            Some(rest) => format!("X-CARDWEAVE-{rest}\r\n"),
            None => format!("{line}\r\n"),
        })
        .collect();
    let text = format!(
        "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:{name}\r\n{}END:VCARD\r\n",
        lines.concat()
    );
    Acquaintance {
        id: ContactId::new(name.to_lowercase()),
        name: name.to_owned(),
        relationship: Relationship::of(&Card::parse(text.as_bytes()).unwrap()),
    }
}

fn due_on(today: Date, days: i32, people: &[Acquaintance]) -> Due {
    let members: Vec<InBook> = people
        .iter()
        .map(|acquaintance| InBook {
            book: "people",
            acquaintance,
        })
        .collect();
    let until = today + jiff::Span::new().days(days);
    due(&members, &usual, Window { today, until })
}

fn due_within(days: i32, people: &[Acquaintance]) -> Due {
    due_on(TODAY, days, people)
}

fn said(due: &Due) -> Vec<(&str, i64)> {
    let people = due.people.iter();
    people
        .map(|person| (person.who.name.as_str(), person.days_overdue))
        .collect()
}

#[test]
fn tiers_come_first_and_then_who_waits_longest() {
    let people = [
        known("Bea", &["OWN=TIER:B", "OWN=LAST-CONTACT:20200101"]),
        known("Ann", &["OWN=TIER:A", "OWN=LAST-CONTACT:20261101"]),
        known("Al", &["OWN=TIER:A", "OWN=LAST-CONTACT:20261030"]),
        known("Abe", &["OWN=TIER:A"]),
        known("Own", &["OWN=CADENCE:P1D", "OWN=LAST-CONTACT:20261001"]),
        known("Late", &["OWN=TIER:A", "OWN=LAST-CONTACT:20261111"]),
        known("Nobody", &["OWN=LAST-CONTACT:20010101"]),
    ];
    let due = due_within(7, &people);
    assert_eq!(
        said(&due),
        [
            ("Al", 5),
            ("Ann", 3),
            ("Abe", 0),
            ("Late", -7),
            ("Bea", 2460),
            ("Own", 54)
        ]
    );
    assert_eq!((due.people[2].due, due.people[2].last_word), (None, None));
    assert_eq!(said(&due_within(6, &people[5..6])), []);
}

#[test]
fn a_cadence_of_ones_own_counts_more_than_the_tier() {
    let people = [known(
        "Ada",
        &["OWN=TIER:A", "OWN=CADENCE:P1Y", "OWN=LAST-CONTACT:20260101"],
    )];
    assert_eq!(said(&due_within(7, &people)), []);
    assert_eq!(said(&due_within(40, &people)), [("Ada", -37)]);
}

#[test]
fn who_is_snoozed_is_left_out_until_that_day() {
    let ada = |until: &str| {
        let snooze = format!("OWN=SNOOZE:{until}");
        [known("Ada", &["OWN=TIER:A", snooze.as_str()])]
    };
    assert_eq!(said(&due_within(7, &ada("20261126"))), []);
    assert_eq!(said(&due_within(7, &ada("20261125"))), [("Ada", 0)]);
}

#[test]
fn groups_are_no_people_and_the_end_of_the_calendar_is_no_end() {
    let people = [
        known("Chess", &["KIND:group", "OWN=TIER:A"]),
        known("Ever", &["OWN=CADENCE:P999Y", "OWN=LAST-CONTACT:99990101"]),
    ];
    assert_eq!(said(&due_within(7, &people)), []);
}

#[test]
fn each_comes_with_what_is_needed_at_hand() {
    let people = [known(
        "Ada",
        &[
            "OWN=TIER:A",
            "TEL:+49 30 1",
            "EMAIL:a@x.org",
            "OWN=LOG;ID=1;DATE=20261001;KIND=call;BALANCE=received:the offer",
        ],
    )];
    let due = due_within(7, &people);
    let ada = &due.people[0];
    let said = ada.last_said.as_ref().unwrap();
    assert_eq!(
        (said.date, said.kind, said.text.as_str()),
        (Some(date(2026, 10, 1)), InteractionKind::Call, "the offer")
    );
    assert_eq!(
        (ada.phone.as_deref(), ada.mail.as_deref()),
        (Some("+49 30 1"), Some("a@x.org"))
    );
    assert_eq!((ada.gave, ada.received), (0, 1));
    assert_eq!(ada.due, Some(date(2026, 10, 22)));
}

#[test]
fn promises_of_both_sides_are_due_while_they_are_open() {
    let people = [
        known(
            "Ada",
            &[
                "OWN=PROMISE;ID=1;DUE=20261202;STATUS=open;SIDE=theirs:a",
                "OWN=PROMISE;ID=2;DUE=20261203;STATUS=open;SIDE=mine:b",
                "OWN=PROMISE;ID=3;DUE=20261101;STATUS=kept;SIDE=mine:c",
                "OWN=PROMISE;ID=4;STATUS=open;SIDE=mine:d",
            ],
        ),
        known(
            "Bob",
            &["OWN=PROMISE;ID=5;DUE=20261124;STATUS=open;SIDE=mine:e"],
        ),
    ];
    let due = due_within(7, &people);
    let promises: Vec<_> = due.promises.iter().collect();
    let found: Vec<_> = promises
        .iter()
        .map(|one| (one.promise.as_str(), one.side, one.days_overdue))
        .collect();
    assert_eq!(found, [("5", Side::Mine, 1), ("1", Side::Theirs, -7)]);
}

#[test]
fn goals_are_due_on_their_own_cards_while_they_are_open() {
    let goal = |name: &str, by: &str, status: &str| {
        let (by, status) = (
            format!("OWN=GOAL-BY:{by}"),
            format!("OWN=GOAL-STATUS:{status}"),
        );
        known(name, &["KIND:group", by.as_str(), status.as_str()])
    };
    let people = [
        goal("Soon", "20261202", "open"),
        goal("Past", "20260101", "open"),
        goal("Done", "20260101", "reached"),
        goal("Far", "20261203", "open"),
        known("Ada", &["OWN=GOAL:Soon"]),
    ];
    let due = due_within(7, &people);
    let names: Vec<&str> = due
        .goals
        .iter()
        .map(|goal| goal.who.name.as_str())
        .collect();
    assert_eq!(names, ["Past", "Soon"]);
}

#[test]
fn birthdays_of_a_contacts_come_with_the_age_where_it_is_known() {
    let people = [
        known(
            "Ada",
            &["OWN=TIER:A", "BDAY:19800101", "ANNIVERSARY:--1125"],
        ),
        known("Bea", &["OWN=TIER:B", "BDAY:19801125"]),
    ];
    let due = due_within(60, &people);
    let days: Vec<_> = due
        .anniversaries
        .iter()
        .map(|day| (day.kind, day.date, day.years, day.days_to_go))
        .collect();
    assert_eq!(
        days,
        [
            (AnniversaryKind::Anniversary, TODAY, None, 0),
            (AnniversaryKind::Birthday, date(2027, 1, 1), Some(47), 37)
        ]
    );
}

#[test]
fn the_last_day_of_february_is_kept_on_the_28th_in_other_years() {
    let people = [known("Ada", &["OWN=TIER:A", "BDAY:20000229"])];
    let days = |today: Date| {
        let due = due_on(today, 3, &people);
        due.anniversaries
            .iter()
            .map(|day| (day.date, day.years))
            .collect::<Vec<_>>()
    };
    assert_eq!(days(date(2027, 2, 26)), [(date(2027, 2, 28), Some(27))]);
    assert_eq!(days(date(2028, 2, 26)), [(date(2028, 2, 29), Some(28))]);
    assert_eq!(days(date(2027, 3, 1)), []);
}

#[test]
fn one_gives_first_to_whom_one_owes_most() {
    let received = |count: usize| -> Vec<String> {
        (0..count)
            .map(|at| format!("OWN=LOG;ID={at};DATE=20261001;BALANCE=received:x"))
            .collect()
    };
    let owing = |name: &str, tier: &str, count: usize| {
        let mut lines = received(count);
        lines.push(tier.to_owned());
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        known(name, &lines)
    };
    let people = [
        owing("Two", "OWN=TIER:B", 2),
        owing("Three", "OWN=TIER:B", 3),
        owing("Own", "OWN=CADENCE:P1W", 1),
        owing("Cee", "OWN=TIER:C", 9),
        owing("One", "OWN=TIER:A", 1),
        owing("Even", "OWN=TIER:A", 0),
    ];
    let due = due_within(7, &people);
    let names: Vec<&str> = due
        .suggestions
        .iter()
        .map(|one| one.who.name.as_str())
        .collect();
    assert_eq!(names, ["Three", "Two", "One", "Own"]);
    let many: Vec<_> = (0..9)
        .map(|at| owing(&format!("N{at}"), "OWN=TIER:A", 1))
        .collect();
    assert_eq!(due_within(7, &many).suggestions.len(), 5);
}
