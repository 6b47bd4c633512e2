//! Three stores at once: two different real servers and a folder, filled separately.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cardweave::card::{Card, Field};

use crate::people::{self, Version, name};
use crate::place::{Place, unfolded};
use crate::stage::Machine;
use crate::support::real::Kind;

#[test]
fn radicale_cyrus_and_a_folder_stay_the_same_for_500_people() {
    let radicale = Place::real("radicale", Kind::Radicale);
    let cyrus = Place::real("cyrus", Kind::Cyrus);
    // It makes 3.0 of what others put there as 4.0, and loses pictures and groups on the way.
    tell(500, &radicale, Version::V3, &cyrus, Version::V3);
}

#[test]
fn xandikos_sabre_with_digest_and_a_folder_stay_the_same_for_60_people() {
    let xandikos = Place::real("xandikos", Kind::Xandikos);
    let sabre = Place::real("sabre", Kind::SabreDigest);
    tell(60, &xandikos, Version::V4, &sabre, Version::V2);
}

/// Who is where before the first run: a third here, a third there, and many in two or three places,
/// mostly under UIDs of their own.
fn fill(people: usize, folder: &Place, one: &Place, in_one: Version, two: &Place, in_two: Version) {
    let mixed = [Version::V2, Version::V3, Version::V4];
    let (mut here, mut there, mut yonder) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..people {
        let at = format!("card-{n:03}");
        let uid = |place: &str| format!("{place}-{n:03}");
        let home = format!("TEL;TYPE=HOME:+4930{n:07}");
        let work = format!("TEL;TYPE=WORK:+4940{n:07}");
        let tier = "X-CARDWEAVE-TIER:A";
        let version = mixed[n % 3];
        // In 2.1 a type stands alone.
        let in_version = |line: &str, version| match version {
            Version::V2 => line.replace("TYPE=", ""),
            _ => line.to_owned(),
        };
        let folder_card = |uid: &str| {
            let lines = [in_version(&home, version), tier.to_owned()];
            people::card(n, version, uid, &[&lines[0], &lines[1]])
        };
        let one_card = |uid: &str| people::card(n, in_one, uid, &[&in_version(&work, in_one)]);
        let two_card = |uid: &str| people::card(n, in_two, uid, &[]);
        match n % 10 {
            0..=2 => here.push((at, folder_card(&uid("f")))),
            3 | 4 => there.push((at, one_card(&uid("a")))),
            5 | 6 => yonder.push((at, two_card(&uid("b")))),
            7 => {
                here.push((at.clone(), folder_card(&uid("f"))));
                there.push((at, one_card(&uid("a"))));
            }
            8 => {
                there.push((at.clone(), one_card(&uid("s"))));
                yonder.push((at, two_card(&uid("s"))));
            }
            _ => {
                here.push((at.clone(), folder_card(&uid("f"))));
                there.push((at.clone(), one_card(&uid("a"))));
                yonder.push((at, two_card(&uid("b"))));
            }
        }
    }
    here.push((
        "team".to_owned(),
        people::group("group-1", GROUP, &["f-000", "f-001"]),
    ));
    folder.put_all(&here);
    one.put_all(&there);
    two.put_all(&yonder);
}

const GROUP: &str = "The Team";
const RENAMED: &str = "The Crew";

fn tell(people: usize, one: &Place, in_one: Version, two: &Place, in_two: Version) {
    let folder = Place::folder("folder");
    let places = [&folder, one, two];
    let start = Instant::now();
    fill(people, &folder, one, in_one, two, in_two);
    eprintln!(
        "{people} people and a group filled in within {:.1} s",
        start.elapsed().as_secs_f64()
    );
    let machine = Machine::with(&places);

    machine.sync().told("first sync").in_step();
    for place in places {
        everybody_is_there_once(place, people);
    }
    all_hold_the_same(&places);
    machine.sync().told("second run").after_writes(&places);

    edits_from_everywhere_meet(&machine, &places);
    all_hold_the_same(&places);
    machine
        .sync()
        .told("run after the edits")
        .after_writes(&places);
    for run in 1..=3 {
        let what = format!("run {run} with nothing to do");
        machine.sync().told(&what).at_rest(&places);
    }
    let diff = machine.call(&["diff"]);
    assert_eq!(diff.exit, 0, "{diff:#?}");
}

/// All people, each once, with what their cards said wherever they came from.
fn everybody_is_there_once(place: &Place, people: usize) {
    let cards = place.cards();
    let by_name: BTreeMap<String, &Card> = cards.values().map(|card| (card.name(), card)).collect();
    assert_eq!(cards.len(), people + 1, "{}", place.id);
    assert_eq!(by_name.len(), people + 1, "{}", place.id);
    for n in 0..people {
        let who = name(n);
        let card = by_name
            .get(&who)
            .unwrap_or_else(|| panic!("{}: {who} is missing", place.id));
        let in_all = [
            ("EMAIL", people::email(n)),
            ("TEL", people::phone(n)),
            ("NOTE", people::note(n)),
        ];
        let mut wanted = BTreeSet::from(in_all.map(|(name, value)| (name, value)));
        if matches!(n % 10, 0..=2 | 7 | 9) {
            wanted.insert(("TEL", format!("+4930{n:07}")));
            wanted.insert(("X-CARDWEAVE-TIER", "A".to_owned()));
        }
        if matches!(n % 10, 3 | 4 | 7..=9) {
            wanted.insert(("TEL", format!("+4940{n:07}")));
        }
        for (property, value) in wanted {
            assert!(
                says(card, property, &value),
                "{}: {who} lacks {property} {value}: {card_text}",
                place.id,
                card_text = unfolded(card)
            );
        }
        if people::has_picture(n) {
            assert!(
                shows(card, &people::picture(n)),
                "{}: {who} has no picture",
                place.id
            );
        }
    }
    assert_eq!(
        members(by_name[GROUP]),
        2,
        "{}: {}",
        place.id,
        unfolded(by_name[GROUP])
    );
}

fn says(card: &Card, property: &str, value: &str) -> bool {
    card.fields()
        .iter()
        .any(|field| field.name() == property && field.text() == value)
}

/// Whether these very bytes are the card's picture.
fn shows(card: &Card, picture: &[u8]) -> bool {
    unfolded(card).contains(&BASE64_STANDARD.encode(picture))
}

fn members(card: &Card) -> usize {
    card.fields()
        .iter()
        .filter(|field| field.name() == "MEMBER")
        .count()
}

/// Every contact by meaning the same in every place; but 3.0 knows no card without `N`, so that a
/// group has its name there once more.
fn all_hold_the_same(places: &[&Place]) {
    let contents = places.iter().map(|place| {
        let fields = |card: &Card| {
            let is_group = [GROUP, RENAMED].contains(&card.name().as_str());
            let fields = card.fields();
            let fields = fields
                .iter()
                .filter(|field| !is_group || field.name() != "N");
            let mut fields: Vec<String> = fields.map(shown).collect();
            fields.sort();
            fields
        };
        let cards = place.cards();
        let contents: BTreeMap<String, Vec<String>> = cards
            .values()
            .map(|card| (card.name(), fields(card)))
            .collect();
        (place.id, contents)
    });
    let contents: Vec<_> = contents.collect();
    let (first, expected) = &contents[0];
    for (id, content) in &contents[1..] {
        for (name, fields) in expected {
            assert_eq!(
                Some(fields),
                content.get(name),
                "{name} in {first} and in {id}"
            );
        }
        assert_eq!(expected.len(), content.len(), "{first} and {id}");
    }
}

fn shown(field: &Field) -> String {
    format!("{field:?} = {}", field.value())
}

/// Somebody works in each place at once, and all of it arrives everywhere.
fn edits_from_everywhere_meet(machine: &Machine, places: &[&Place; 3]) {
    let [folder, one, two] = places;
    let before = folder.cards().len();
    // People without pictures, so that their text can be edited as text.
    for who in [name(1), name(17), name(29)] {
        folder.edit(&who, |text| {
            text.replace("END:VCARD", "TITLE:Engineer\nEND:VCARD")
        });
        one.edit(&who, |text| text.replace("@example.org", "@example.com"));
        two.edit(&who, |text| text.replace(" met", " met again"));
    }
    let (kept, gone) = (name(3), name(6));
    folder.delete(&kept);
    two.edit(&kept, |text| {
        text.replace("END:VCARD", "TEL;TYPE=FAX:+49501234567\nEND:VCARD")
    });
    one.delete(&gone);
    // 4.0 needs no `N`, and the others had to make one up.
    folder.edit(GROUP, |text| text.replace(GROUP, RENAMED));
    let new = [900, 901, 902];
    for (place, n) in places.iter().zip(new) {
        let version = if n == 900 { Version::V4 } else { Version::V3 };
        place.put(
            &format!("new-{n}"),
            &people::card(n, version, &format!("n-{n}"), &[]),
        );
    }

    machine.sync().told("edits in all three").in_step();
    for place in places {
        let group = unfolded(&place.card(RENAMED));
        assert!(!group.contains(GROUP), "{}: {group}", place.id);
        for n in [1, 17, 29] {
            let card = place.card(&name(n));
            let email = people::email(n).replace(".org", ".com");
            assert!(
                says(&card, "TITLE", "Engineer"),
                "{}: {}",
                place.id,
                unfolded(&card)
            );
            assert!(
                says(&card, "EMAIL", &email),
                "{}: {}",
                place.id,
                unfolded(&card)
            );
            assert!(
                !says(&card, "EMAIL", &people::email(n)),
                "{}",
                unfolded(&card)
            );
            let note = people::note(n).replace("met", "met again");
            assert!(
                says(&card, "NOTE", &note),
                "{}: {}",
                place.id,
                unfolded(&card)
            );
        }
        assert!(
            says(&place.card(&kept), "TEL", "+49501234567"),
            "{}",
            place.id
        );
        let cards = place.cards();
        assert!(
            cards.values().all(|card| card.name() != gone),
            "{}",
            place.id
        );
        for n in new {
            let card = place.card(&name(n));
            assert!(says(&card, "EMAIL", &people::email(n)), "{}", place.id);
            assert!(
                !people::has_picture(n) || shows(&card, &people::picture(n)),
                "{}",
                place.id
            );
        }
        assert_eq!(cards.len(), before - 1 + new.len(), "{}", place.id);
    }
}
