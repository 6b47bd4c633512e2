//! Two machines with a state each, and a machine that has lost its own.

use std::collections::BTreeSet;

use crate::people::{self, Version, name};
use crate::place::{Place, unfolded};
use crate::stage::Machine;
use crate::support::real::Kind;

const PEOPLE: usize = 30;

#[test]
fn two_machines_over_one_server_end_with_the_same() {
    let radicale = Place::real("radicale", Kind::Radicale);
    let (desk, lap) = (Place::folder("desk"), Place::folder("lap"));
    let at_desk = Machine::with(&[&radicale, &desk]);
    let on_lap = Machine::with(&[&radicale, &lap]);
    for n in 0..PEOPLE {
        let place = [&desk, &lap, &radicale][n % 3];
        let version = if n % 3 == 2 { Version::V3 } else { Version::V4 };
        place.put(
            &format!("card-{n}"),
            &people::card(n, version, &format!("u-{n}"), &[]),
        );
    }
    at_desk.sync().told("desk").in_step();
    on_lap.sync().told("lap").in_step();
    at_desk.sync().told("desk again").in_step();
    let all = [&radicale, &desk, &lap];
    assert_eq!(all.map(|place| names(place).len()), [PEOPLE; 3]);

    // Both work on one card, one deletes what the other edits, and each has somebody new.
    desk.edit(&name(1), |text| {
        text.replace("END:VCARD", "TITLE:Engineer\nEND:VCARD")
    });
    lap.edit(&name(1), |text| {
        text.replace("@example.org", "@example.com")
    });
    desk.delete(&name(2));
    lap.edit(&name(2), |text| {
        text.replace("END:VCARD", "ROLE:Chair\nEND:VCARD")
    });
    desk.delete(&name(3));
    desk.put("new", &people::card(100, Version::V3, "n-100", &[]));
    lap.put("new", &people::card(101, Version::V4, "n-101", &[]));
    // At the same time: whoever comes second is told by the server, and looks again.
    let runs = std::thread::scope(|scope| {
        let desk = scope.spawn(|| at_desk.sync());
        let lap = scope.spawn(|| on_lap.sync());
        [desk, lap].map(|run| run.join().expect("a run ends"))
    });
    for run in runs {
        run.told("both at once").in_step();
    }
    at_desk.sync().told("desk").in_step();
    on_lap.sync().told("lap").in_step();
    at_desk.sync().told("desk").in_step();
    on_lap
        .sync()
        .told("lap at rest")
        .at_rest(&[&radicale, &lap]);
    at_desk
        .sync()
        .told("desk at rest")
        .at_rest(&[&radicale, &desk]);
    for place in all {
        let text = unfolded(&place.card(&name(1)));
        assert!(
            text.contains("TITLE:Engineer") && text.contains("p001@example.com"),
            "{text}"
        );
        assert!(
            unfolded(&place.card(&name(2))).contains("ROLE:Chair"),
            "{}",
            place.id
        );
        assert_eq!(names(place), names(&radicale), "{}", place.id);
        assert_eq!(place.cards().len(), PEOPLE + 1, "{}", place.id);
        assert!(!names(place).contains(&name(3)), "{}", place.id);
    }
}

#[test]
fn a_lost_state_deletes_and_doubles_nothing() {
    let folder = Place::folder("folder");
    let radicale = Place::real("radicale", Kind::Radicale);
    let cyrus = Place::real("cyrus", Kind::Cyrus);
    let sabre = Place::real("sabre", Kind::Sabre);
    let places = [&folder, &radicale, &cyrus, &sabre];
    for n in 0..PEOPLE {
        let version = [Version::V2, Version::V3, Version::V4][n % 3];
        folder.put(
            &format!("card-{n}"),
            &people::card(n, version, &format!("u-{n}"), &[]),
        );
    }
    folder.put("team", &people::group("g-1", "The Team", &["u-1", "u-2"]));
    let machine = Machine::with(&places);
    machine.sync().told("first sync").in_step();
    let before = places.map(Place::cards);

    machine.lose_state();
    let run = machine.sync().told("without a state").in_step();
    // The group of 4.0 alone takes over the `N` that the others had to give it.
    assert_eq!(
        (run.writes(), run.count("folder", "updated")),
        (1, 1),
        "{run:#?}"
    );
    let after = places.map(Place::cards);
    assert_eq!(after[1..], before[1..]);
    let unchanged = before[0]
        .iter()
        .filter(|(href, card)| after[0].get(*href) == Some(*card));
    assert_eq!((unchanged.count(), after[0].len()), (PEOPLE, PEOPLE + 1));

    // What was deleted meanwhile comes back, because nobody knows that it was; what was edited is
    // merged.
    machine.lose_state();
    folder.delete(&name(4));
    cyrus.edit(&name(6), |text| {
        text.replace("END:VCARD", "TITLE:Engineer\nEND:VCARD")
    });
    machine
        .sync()
        .told("without a state, after edits")
        .in_step();
    for place in places {
        assert_eq!(names(place).len(), PEOPLE + 1, "{}", place.id);
        assert_eq!(place.cards().len(), PEOPLE + 1, "{}", place.id);
        assert!(
            unfolded(&place.card(&name(6))).contains("TITLE:Engineer"),
            "{}",
            place.id
        );
    }
}

fn names(place: &Place) -> BTreeSet<String> {
    place
        .cards()
        .values()
        .map(cardweave::card::Card::name)
        .collect()
}
