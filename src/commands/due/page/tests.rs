//! The page of what is due, in narrow and in wide terminals.

use super::*;
use crate::book::ContactId;
use crate::card::Card;
use crate::commands::due::WrittenCalendar;
use crate::contact::{Acquaintance, Cadence, InBook, Relationship, Window, due};
use crate::ui::out::Style;
use crate::ui::text::needs_escape;
use jiff::civil::date;
use unicode_width::UnicodeWidthStr;

const TODAY: Date = date(2026, 11, 25);

fn known(name: &str, lines: &str) -> Acquaintance {
    let lines = lines.replace('\n', "\r\n").replace("OWN-", "X-CARDWEAVE-");
    let text = format!("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:x\r\n{lines}\r\nEND:VCARD\r\n");
    Acquaintance {
        id: ContactId::new(name),
        name: name.to_owned(),
        relationship: Relationship::of(&Card::parse(text.as_bytes()).unwrap()),
    }
}

fn everything() -> Vec<Acquaintance> {
    vec![
        known(
            "Ada Byron",
            "OWN-TIER:A\nTEL:+44 20 7946 0001\nEMAIL:ada@example.com\nBDAY:19801201\n\
             OWN-LOG;ID=1;DATE=20261001;KIND=call;BALANCE=received:talked about the offer and the \
             fair in the spring\n\
             OWN-PROMISE;ID=51d0aa20;DUE=20261124;STATUS=open;SIDE=mine:send the offer\n\
             OWN-PROMISE;ID=51d0aa21;DUE=20261126;STATUS=open;SIDE=theirs:the drawings",
        ),
        known("Bob Lind", "OWN-TIER:B\nEMAIL:bob@example.com"),
        known(
            "Three customers",
            "KIND:group\nOWN-GOAL-BY:20261130\nOWN-GOAL-TARGET:3 customers",
        ),
    ]
}

fn report(people: &[Acquaintance]) -> DueReport {
    let members: Vec<InBook> = people
        .iter()
        .map(|acquaintance| InBook {
            book: "people",
            acquaintance,
        })
        .collect();
    let until = date(2026, 12, 2);
    DueReport {
        today: TODAY,
        until,
        due: due(
            &members,
            &|_| Cadence::weeks(3),
            Window {
                today: TODAY,
                until,
            },
        ),
        calendar: None,
    }
}

fn shown(report: &DueReport, width: Option<usize>) -> String {
    let page = Page {
        style: Style::Plain,
        width,
    };
    let text = render(report, false, &page);
    if let Some(width) = width {
        assert!(text.lines().all(|line| line.width() <= width), "{text}");
    }
    text
}

#[test]
fn nobody_due_is_one_calm_line() {
    let mut report = report(&[known("Ada", "TEL:1")]);
    assert_eq!(shown(&report, None), "Nobody is due.");
    report.calendar = Some(WrittenCalendar {
        file: "people.ics".to_owned(),
        entries: 1,
    });
    assert_eq!(
        shown(&report, None),
        "Nobody is due.\n\nA calendar with 1 entry is in people.ics."
    );
}

#[test]
fn at_60_cells() {
    insta::assert_snapshot!(shown(&report(&everything()), Some(60)), @r#"
        Whom to contact
        A  Ada Byron, 34 days over (every 3w)
           +44 20 7946 0001  ada@example.com
           2026-10-01 call talked about the offer and the fair in t…
           gave 0, got 1
        B  Bob Lind, now (every 3w)
           bob@example.com
           never a word

        Promises
        id        due                     who             what
        51d0aa20  2026-11-24  1 day over  you to Ada      send the
                                          Byron           offer
        51d0aa21  2026-11-26  tomorrow    Ada Byron to    the
                                          you             drawings

        Goals
        by                     goal             target
        2026-11-30  in 5 days  Three customers  3 customers

        Birthdays and anniversaries
        day                    who        what
        2026-12-01  in 6 days  Ada Byron  birthday, 46

        For whom to do something first
        tier  name       gave  got
        A     Ada Byron     0    1
        "#);
}

#[test]
fn at_80_cells() {
    insta::assert_snapshot!(shown(&report(&everything()), Some(80)), @r#"
        Whom to contact
        A  Ada Byron, 34 days over (every 3w)
           +44 20 7946 0001  ada@example.com
           2026-10-01 call talked about the offer and the fair in the spring
           gave 0, got 1
        B  Bob Lind, now (every 3w)
           bob@example.com
           never a word

        Promises
        id        due                     who               what
        51d0aa20  2026-11-24  1 day over  you to Ada Byron  send the offer
        51d0aa21  2026-11-26  tomorrow    Ada Byron to you  the drawings

        Goals
        by                     goal             target
        2026-11-30  in 5 days  Three customers  3 customers

        Birthdays and anniversaries
        day                    who        what
        2026-12-01  in 6 days  Ada Byron  birthday, 46

        For whom to do something first
        tier  name       gave  got
        A     Ada Byron     0    1
        "#);
}

#[test]
fn at_160_cells() {
    insta::assert_snapshot!(shown(&report(&everything()), Some(160)), @r#"
        Whom to contact
        tier  name       due           every  phone             mail             gave  got  last word
        A     Ada Byron  34 days over  3w     +44 20 7946 0001  ada@example.com     0    1  2026-10-01 call talked about the offer and the fair in the …
        B     Bob Lind   now           3w                       bob@example.com     0    0  never

        Promises
        id        due                     who               what
        51d0aa20  2026-11-24  1 day over  you to Ada Byron  send the offer
        51d0aa21  2026-11-26  tomorrow    Ada Byron to you  the drawings

        Goals
        by                     goal             target
        2026-11-30  in 5 days  Three customers  3 customers

        Birthdays and anniversaries
        day                    who        what
        2026-12-01  in 6 days  Ada Byron  birthday, 46

        For whom to do something first
        tier  name       gave  got
        A     Ada Byron     0    1
        "#);
}

#[test]
fn no_name_acts_on_the_terminal() {
    let hostile = "Eve\u{1b}[2J\u{202e}\nx\u{9b}";
    let mut people = everything();
    for one in &mut people {
        one.name = hostile.to_owned();
    }
    people[0].relationship.mail = Some(hostile.to_owned());
    people[0].relationship.log[0].text = hostile.to_owned();
    people[0].relationship.promises[0].text = hostile.to_owned();
    for width in [None, Some(60), Some(160)] {
        let text = shown(&report(&people), width);
        let acts = |c: char| c != '\n' && needs_escape(c);
        assert!(!text.contains(acts), "{text:?}");
    }
}

#[test]
fn the_book_is_told_where_there_are_several() {
    let page = Page {
        style: Style::Plain,
        width: None,
    };
    let text = render(&report(&everything()), true, &page);
    assert!(text.contains("Ada Byron (people)"), "{text}");
}
