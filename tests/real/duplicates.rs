//! A crowd that is in three stores, many of it twice: merged, at rest, and brought back again.

use std::collections::BTreeMap;

use cardweave::card::Card;

use crate::place::{Place, unfolded};
use crate::stage::Machine;
use crate::support::real::Kind;

const PEOPLE: usize = 60;

const GIVEN: [&str; 12] = [
    "Alma", "Benno", "Clara", "Dario", "Edda", "Fabian", "Greta", "Hannes", "Ilse", "Jonas",
    "Klara", "Lennart",
];
const FAMILY: [&str; 15] = [
    "Ackerfeld",
    "Birkenau",
    "Czernohorsky",
    "Dornblüth",
    "Eulenspiel",
    "Feldkamper",
    "Großjohann",
    "Hagedornik",
    "Immerfroh",
    "Jungnickel",
    "Kranichfuß",
    "Löwenzahner",
    "Mühlbacher",
    "Nachtigaller",
    "Oberwasser",
];

fn name(n: usize) -> (&'static str, &'static str) {
    (GIVEN[n % GIVEN.len()], FAMILY[n % FAMILY.len()])
}

fn email(n: usize) -> String {
    format!(
        "kontakt{n:02}@{}.example",
        GIVEN[n * 7 % GIVEN.len()].to_lowercase()
    )
}

/// The number of person `n` behind its country code.
fn digits(n: usize) -> String {
    format!("151 {:03} {:04}", 207 + n * 13, 1000 + n * 97)
}

/// What one of the cards of person `n` says and no other does.
fn lines(n: usize, copy: usize) -> Vec<String> {
    match copy {
        0 => vec![
            format!("NOTE:Met in hall {n}"),
            format!("item1.URL:https://example.org/{n}"),
            "item1.X-ABLabel:Garden".to_owned(),
        ],
        1 => vec![
            format!("NOTE:Likes tea no. {n}"),
            format!("EMAIL;TYPE=WORK:work{n:02}@firm.example"),
            format!("X-SPOUSE:Somebody {n}"),
        ],
        _ => vec![
            format!(
                "ADR;TYPE=HOME:;;Lange Zeile {n};Musterort;;0{};Germany",
                1000 + n
            ),
            "X-CARDWEAVE-TIER:B".to_owned(),
        ],
    }
}

/// One of the cards of person `n`; each says something that no other says.
fn card(n: usize, uid: &str, copy: usize) -> Vec<u8> {
    let (given, family) = name(n);
    let number = match copy {
        0 => format!("TEL;TYPE=CELL:+49 {}", digits(n)),
        _ => format!("TEL;TYPE=HOME:0{}", digits(n)),
    };
    let own = lines(n, copy).join("\r\n");
    format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}-{n:02}-of-the-crowd\r\nN:{family};{given};;;\r\n\
         FN:{given} {family}\r\n{number}\r\nEMAIL;TYPE=HOME:{}\r\n{own}\r\nEND:VCARD\r\n",
        email(n)
    )
    .into_bytes()
}

/// Where person `n` is, and with which cards: a sixth in two stores, a sixth twice in one, a third
/// in both ways, a third once.
fn homes(n: usize) -> &'static [(&'static str, usize)] {
    match n % 6 {
        0 => &[("folder", 0), ("radicale", 1)],
        1 => &[("xandikos", 0), ("xandikos", 1)],
        2 => &[("folder", 0), ("folder", 1), ("radicale", 2)],
        3 => &[("radicale", 0), ("radicale", 2), ("xandikos", 1)],
        4 => &[("xandikos", 0)],
        _ => &[("folder", 1)],
    }
}

/// Fills a place as if each card had been made there, under a UID of its own.
fn fill(place: &Place) -> usize {
    let mut cards = Vec::new();
    for n in 0..PEOPLE {
        for (_, copy) in homes(n).iter().filter(|(home, _)| *home == place.id) {
            let uid = format!("{}{copy}", place.id);
            cards.push((format!("{uid}-{n:02}"), card(n, &uid, *copy)));
        }
    }
    place.put_all(&cards);
    cards.len()
}

#[test]
fn a_crowd_is_merged_and_every_run_taken_back_leaves_every_byte_where_it_was() {
    let folder = Place::folder("folder");
    let radicale = Place::real("radicale", Kind::Radicale);
    let xandikos = Place::real("xandikos", Kind::Xandikos);
    let places = [&folder, &radicale, &xandikos];
    let there: usize = places.iter().map(|place| fill(place)).sum();
    let before: Vec<BTreeMap<String, Card>> = places.iter().map(|place| place.cards()).collect();
    eprintln!("{PEOPLE} people on {there} cards");

    let machine = Machine::asking(&places);
    let first = machine.sync().told("first sync");
    assert_eq!(first.exit, 3, "{first:#?}");
    let review = machine.call(&["review", "--auto"]).told("review --auto");
    let review = review.in_step();
    assert_eq!(review.book["merged"], PEOPLE / 2, "{review:#?}");
    for place in places {
        everybody_is_there_once_and_says_all(place);
    }
    machine.sync().told("next sync").after_writes(&places);
    machine.sync().told("the one after").at_rest(&places);

    for run in runs(&machine) {
        let undone = machine.document(&["undo", &run]);
        assert_eq!(undone["left"], serde_json::json!([]), "{undone:#}");
        eprintln!("undo {run}: {}", undone["stores"]);
    }
    for (place, before) in places.iter().zip(&before) {
        let after = place.cards();
        for (href, card) in before {
            let text = after.get(href).map(unfolded);
            assert_eq!(text, Some(unfolded(card)), "{}: {href}", place.id);
            assert_eq!(after.get(href), Some(card), "{}: {href}", place.id);
        }
        assert_eq!(after.len(), before.len(), "{}", place.id);
    }
}

/// The runs that changed anything, the last one first.
fn runs(machine: &Machine) -> Vec<String> {
    let history = machine.document(&["history"]);
    let runs = history["runs"].as_array().expect("there were runs");
    runs.iter().map(|run| run["run"].to_string()).collect()
}

fn everybody_is_there_once_and_says_all(place: &Place) {
    let cards = place.cards();
    assert_eq!(cards.len(), PEOPLE, "{}", place.id);
    let by_name: BTreeMap<String, &Card> = cards.values().map(|card| (card.name(), card)).collect();
    for n in 0..PEOPLE {
        let (given, family) = name(n);
        let card = by_name.get(&format!("{given} {family}"));
        let text = card.map(|card| unfolded(card)).unwrap_or_default();
        for (_, copy) in homes(n) {
            for said in lines(n, *copy) {
                // A note stands among others, and a group may have another number.
                let said = said.rsplit(':').next().unwrap_or_default();
                assert!(
                    text.contains(said),
                    "{}: {n} does not say {said}: {text}",
                    place.id
                );
            }
        }
        let numbers = text.lines().filter(|line| line.contains("TEL;")).count();
        assert_eq!(numbers, 1, "{}: {n} has one number: {text}", place.id);
    }
}
