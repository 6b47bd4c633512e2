//! A picture inside of a card arrives bit by bit, also at servers that would destroy it.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::people::{self, Version, name};
use crate::place::{Place, unfolded};
use crate::stage::Machine;
use crate::support::real::Kind;

#[test]
fn a_picture_of_4_0_reaches_no_server_that_destroys_it_and_arrives_everywhere() {
    let folder = Place::folder("folder");
    let radicale = Place::real("radicale", Kind::Radicale);
    let cyrus = Place::real("cyrus", Kind::Cyrus);
    let xandikos = Place::real("xandikos", Kind::Xandikos);
    let places = [&folder, &radicale, &cyrus, &xandikos];
    // One begins in the folder, one at a server that keeps 4.0 byte for byte.
    folder.put("card-0", &people::card(0, Version::V4, "u-0", &[]));
    xandikos.put("card-5", &people::card(5, Version::V4, "u-5", &[]));
    let machine = Machine::with(&places);
    machine.sync().told("pictures").in_step();
    all_have_the_pictures(&places);

    // An edit on the way back makes no new picture of it either.
    for n in [0, 5] {
        radicale.edit(&name(n), |text| {
            text.replace("END:VCARD", "TITLE:Engineer\nEND:VCARD")
        });
    }
    machine.sync().told("an edit beside a picture").in_step();
    all_have_the_pictures(&places);
    for place in places {
        for n in [0, 5] {
            let text = unfolded(&place.card(&name(n)));
            assert!(text.contains("TITLE:Engineer"), "{}: {text}", place.id);
        }
    }
    machine.sync().at_rest(&places);
    assert!(unfolded(&folder.card(&name(0))).contains("PHOTO:data:image/jpeg;base64,"));

    // Another picture, in the place where it stands as 4.0.
    let new = BASE64_STANDARD.encode(people::picture(77));
    let old = BASE64_STANDARD.encode(people::picture(0));
    folder.edit(&name(0), |text| text.replace(&old, &new));
    machine.sync().told("another picture").in_step();
    for place in places {
        let text = unfolded(&place.card(&name(0)));
        assert!(
            text.contains(&new) && !text.contains(&old),
            "{}: {text}",
            place.id
        );
    }
    machine.sync().at_rest(&places);
}

fn all_have_the_pictures(places: &[&Place]) {
    for place in places {
        for n in [0, 5] {
            let text = unfolded(&place.card(&name(n)));
            let picture = BASE64_STANDARD.encode(people::picture(n));
            assert!(text.contains(&picture), "{}: {text}", place.id);
            // A folder keeps every version; at a server only what somebody put there himself is 4.0.
            let is_inline = place.id == "folder" || (place.id, n) == ("xandikos", 5);
            assert_eq!(
                text.contains("PHOTO:data:"),
                is_inline,
                "{}: {text}",
                place.id
            );
        }
    }
}
