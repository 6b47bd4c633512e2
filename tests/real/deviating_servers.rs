//! A server that strips X- properties and one that knows 3.0 alone, beside a folder that keeps all.

use crate::people::{self, Version, name};
use crate::place::{Place, unfolded};
use crate::stage::Machine;
use crate::support::mischief::{Rule, Script};

const PEOPLE: usize = 12;

#[test]
fn what_two_servers_cannot_keep_is_erased_nowhere_else() {
    tell("strip_x", "to_v3");
}

#[test]
fn nor_is_it_where_they_say_that_they_stored_what_was_sent() {
    tell("strip_x+etag_though_modified", "to_v3+etag_though_modified");
}

fn tell(stripping: &str, forcing: &str) {
    let folder = Place::folder("folder");
    let strips = Place::misbehaving("strips", Script::always(stripping));
    let forces = Place::misbehaving("forces", Script::always(forcing));
    let places = [&folder, &strips, &forces];
    for n in 0..PEOPLE {
        let lines = [
            "X-CARDWEAVE-TIER:A",
            "X-SPOUSE:Charles",
            "X-CARDWEAVE-LOG;ID=1;DATE=2026-11-01;KIND=call:Talked",
        ];
        let version = [Version::V2, Version::V3, Version::V4][n % 3];
        let card = people::card(n, version, &format!("u-{n}"), &lines);
        // Some begin in the place that forces: its own text of before is not forced.
        let place = if n % 4 == 3 { &forces } else { &folder };
        place.put(&format!("card-{n}"), &card);
    }
    let machine = Machine::with(&places);
    machine.sync().told(stripping).in_step();
    for run in 1..=10 {
        machine.sync().told(&format!("run {run}")).at_rest(&places);
    }
    for n in 0..PEOPLE {
        for place in [&folder, &forces] {
            let text = unfolded(&place.card(&name(n)));
            for kept in ["X-CARDWEAVE-TIER:A", "X-SPOUSE:Charles", ":Talked"] {
                assert!(text.contains(kept), "{}: {text}", place.id);
            }
        }
        assert!(!unfolded(&strips.card(&name(n))).contains("X-CARDWEAVE"));
        let forced = unfolded(&forces.card(&name(n)));
        assert!(n % 4 == 3 || forced.contains("VERSION:3.0"), "{forced}");
    }

    // Somebody works where the most is missing, and somebody where all is.
    let (who, other) = (name(1), name(4));
    strips.edit(&who, |text| {
        text.replace("+4915100000001", "+4915199999999")
    });
    folder.edit(&other, |text| {
        text.replace("X-CARDWEAVE-TIER:A", "X-CARDWEAVE-TIER:B")
    });
    let run = machine.sync().told("after the edits").in_step();
    // Not even tried: what it drops is known by now.
    assert_eq!(run.count("strips", "updated"), 0, "{run:#?}");
    for place in places {
        let text = unfolded(&place.card(&who));
        assert!(text.contains("+4915199999999"), "{}: {text}", place.id);
        assert!(!text.contains("+4915100000001"), "{}: {text}", place.id);
    }
    assert!(unfolded(&folder.card(&who)).contains("X-SPOUSE:Charles"));
    assert!(unfolded(&forces.card(&other)).contains("X-CARDWEAVE-TIER:B"));
    for _ in 1..=3 {
        machine.sync().at_rest(&places);
    }
}

#[test]
fn what_a_server_never_takes_is_not_called_in_step() {
    let folder = Place::folder("folder");
    let refuses = Rule::new("500").method("PUT");
    let stubborn = Place::misbehaving("stubborn", Script::new().rule(refuses));
    for n in 1..=3 {
        let card = people::card(n, Version::V3, &format!("u-{n}"), &[]);
        folder.put(&format!("card-{n}"), &card);
    }
    let machine = Machine::with(&[&folder, &stubborn]);
    // Nor by the next run, which tries again.
    for _ in 0..2 {
        let run = machine.sync().told("a server that takes nothing");
        assert_eq!(run.exit, 5, "{run:#?}");
        assert_eq!(stubborn.cards().len(), 0);
    }
}
