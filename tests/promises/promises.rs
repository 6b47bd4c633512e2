//! The promises themselves.

use std::collections::{BTreeMap, BTreeSet};

use cardweave::book::Href;
use cardweave::store::{Extent, Found, Since, Write, WriteError, Written};
use futures_util::future::join;

use crate::place::{
    Deviation, Place, card, complete, create, has_line, kept, list, moved, read, run, unfolded,
    update, write,
};

pub type Promise = (&'static str, fn(&Place));

/// Each promise brings its own cards, so that all may be tried in one place, one after the other.
pub const PROMISES: &[Promise] = &[
    (
        "what is created is listed and read back",
        what_is_created_is_listed_and_read_back,
    ),
    (
        "a name is given once, and the first keeps it",
        a_name_is_given_once,
    ),
    (
        "a stale update or delete harms nothing",
        a_stale_write_harms_nothing,
    ),
    (
        "what is gone is gone, and may come again",
        what_is_gone_is_gone,
    ),
    (
        "what was deleted comes back where it was, unless something stands there",
        what_was_deleted_comes_back_where_it_was,
    ),
    (
        "a listing since a cursor tells what moved",
        a_listing_since_a_cursor_tells_what_moved,
    ),
    (
        "a listing of a place where nothing moved tells nothing",
        where_nothing_moved_nothing_is_told,
    ),
    (
        "a complete listing is complete whatever the cursor",
        a_complete_listing_is_complete,
    ),
    (
        "an edit by somebody else is seen",
        an_edit_by_somebody_else_is_seen,
    ),
    (
        "each address that is read is answered once",
        each_address_is_answered_once,
    ),
    (
        "long names and odd values survive",
        long_names_and_odd_values_survive,
    ),
    ("a photo of 200 kB survives", a_photo_survives),
    (
        "of two writes at once one wins",
        of_two_writes_at_once_one_wins,
    ),
];

pub fn keeps_all_promises(place: &Place) {
    for (promise, check) in PROMISES {
        // The last line before a failure says which promise was broken.
        eprintln!("{}: {promise}", place.store.id());
        check(place);
    }
}

fn what_is_created_is_listed_and_read_back(place: &Place) {
    let entry = create(place, "created", &card("created", "FN:Ada Lovelace"));
    assert_eq!(complete(place).get(&entry.href), Some(&entry.etag));
    assert!(
        has_line(place, &entry.card, "FN:Ada Lovelace"),
        "{:?}",
        entry.card
    );
    assert!(
        has_line(place, &entry.card, "UID:created"),
        "{:?}",
        entry.card
    );
}

fn a_name_is_given_once(place: &Place) {
    let first = create(place, "taken", &card("taken-1", "FN:First"));
    let name = "taken".to_owned();
    let again = write(
        place,
        &Write::Create {
            name,
            card: card("taken-2", "FN:Second"),
        },
    );
    assert!(matches!(again, Err(WriteError::Taken)), "{again:?}");
    assert_eq!(read(place, &first.href), Found::Entry(first));
}

fn a_stale_write_harms_nothing(place: &Place) {
    let old = create(place, "stale", &card("stale", "FN:Old"));
    let new = update(place, &old, &card("stale", "FN:New"));
    assert_ne!(old.etag, new.etag);
    let (href, etag) = (old.href.clone(), old.etag.clone());
    let updated = write(
        place,
        &Write::Update {
            href,
            etag,
            card: card("stale", "FN:Blind"),
        },
    );
    assert!(matches!(updated, Err(WriteError::Changed)), "{updated:?}");
    let deleted = write(
        place,
        &Write::Delete {
            href: old.href.clone(),
            etag: old.etag,
        },
    );
    assert!(matches!(deleted, Err(WriteError::Changed)), "{deleted:?}");
    assert_eq!(read(place, &old.href), Found::Entry(new));
}

fn what_was_deleted_comes_back_where_it_was(place: &Place) {
    let entry = create(place, "back", &card("back", "FN:There Again"));
    let href = entry.href.clone();
    let restore = |lines: &str| {
        let (href, card) = (href.clone(), card("back", lines));
        write(place, &Write::Restore { href, card })
    };
    let blind = restore("FN:Blind");
    assert!(matches!(blind, Err(WriteError::Taken)), "{blind:?}");
    let (old, etag) = (href.clone(), entry.etag.clone());
    write(place, &Write::Delete { href: old, etag }).expect("the entry is unchanged");
    let back = kept(place, restore("FN:There Again").expect("its place is free"));
    assert_eq!(back.href, href);
    assert!(back.card.same_meaning(&entry.card), "{:?}", back.card);
}

fn what_is_gone_is_gone(place: &Place) {
    let entry = create(place, "gone", &card("gone", "FN:Short Stay"));
    let delete = Write::Delete {
        href: entry.href.clone(),
        etag: entry.etag.clone(),
    };
    assert_eq!(
        write(place, &delete).expect("the entry is unchanged"),
        Written::Deleted
    );
    assert_eq!(read(place, &entry.href), Found::Gone);
    assert!(!complete(place).contains_key(&entry.href));
    // Gone or changed: both say that nothing was done, and nothing comes back to life by it.
    let (href, etag) = (entry.href.clone(), entry.etag.clone());
    let updated = write(
        place,
        &Write::Update {
            href,
            etag,
            card: card("gone", "FN:Undead"),
        },
    );
    assert!(matches!(updated, Err(WriteError::Changed)), "{updated:?}");
    assert_eq!(read(place, &entry.href), Found::Gone);
    create(place, "gone", &card("gone", "FN:Back Again"));
}

fn a_listing_since_a_cursor_tells_what_moved(place: &Place) {
    let edited = create(place, "moved-edited", &card("moved-edited", "FN:Edited"));
    let deleted = create(place, "moved-deleted", &card("moved-deleted", "FN:Deleted"));
    let untouched = create(place, "moved-not", &card("moved-not", "FN:Untouched"));
    let before = list(place, &Since::default());
    let known = complete(place);

    let edited = update(place, &edited, &card("moved-edited", "FN:Edited Since"));
    let delete = Write::Delete {
        href: deleted.href.clone(),
        etag: deleted.etag,
    };
    write(place, &delete).expect("the entry is unchanged");
    let created = create(place, "moved-created", &card("moved-created", "FN:Created"));

    let since = Since {
        cursor: Some(before.cursor),
        complete: false,
    };
    let (changed, gone) = moved(&known, list(place, &since).extent);
    let expected = BTreeMap::from([(edited.href, edited.etag), (created.href, created.etag)]);
    assert_eq!(changed, expected, "{} did not move", untouched.href);
    assert_eq!(gone, BTreeSet::from([deleted.href]));
}

fn where_nothing_moved_nothing_is_told(place: &Place) {
    create(place, "still", &card("still", "FN:Still"));
    let before = list(place, &Since::default());
    let known = complete(place);
    let since = Since {
        cursor: Some(before.cursor),
        complete: false,
    };
    let after = list(place, &since);
    let (changed, gone) = moved(&known, after.extent);
    assert!(
        changed.is_empty() && gone.is_empty(),
        "{changed:?} {gone:?}"
    );
    assert!(after.unsure.is_empty(), "{:?}", after.unsure);
}

fn a_complete_listing_is_complete(place: &Place) {
    let entry = create(place, "complete", &card("complete", "FN:Complete"));
    let cursor = Some(list(place, &Since::default()).cursor);
    let listing = list(
        place,
        &Since {
            cursor,
            complete: true,
        },
    );
    assert!(matches!(listing.extent, Extent::Complete(all) if all.contains_key(&entry.href)));
}

fn an_edit_by_somebody_else_is_seen(place: &Place) {
    let entry = create(place, "behind", &card("behind", "FN:Before"));
    let other = create(place, "behind-gone", &card("behind-gone", "FN:Before"));
    let known = complete(place);
    let cursor = Some(list(place, &Since::default()).cursor);
    // At once, so within the same second: a clock alone would not tell.
    (place.edit_behind)(&entry.href, card("behind", "FN:Behind").bytes());
    (place.delete_behind)(&other.href);
    let (changed, gone) = moved(
        &known,
        list(
            place,
            &Since {
                cursor,
                complete: false,
            },
        )
        .extent,
    );
    assert_eq!(changed.keys().collect::<Vec<_>>(), [&entry.href]);
    assert_eq!(gone, BTreeSet::from([other.href]));
    let (href, etag) = (entry.href.clone(), entry.etag);
    let updated = write(
        place,
        &Write::Update {
            href,
            etag,
            card: card("behind", "FN:Blind"),
        },
    );
    assert!(matches!(updated, Err(WriteError::Changed)), "{updated:?}");
    let Found::Entry(now) = read(place, &entry.href) else {
        panic!("the entry is there")
    };
    assert!(has_line(place, &now.card, "FN:Behind"), "{:?}", now.card);
}

fn each_address_is_answered_once(place: &Place) {
    let one = create(place, "many-1", &card("many-1", "FN:One"));
    let two = create(place, "many-2", &card("many-2", "FN:Two"));
    let three = create(place, "many-3", &card("many-3", "FN:Three"));
    let delete = Write::Delete {
        href: two.href.clone(),
        etag: two.etag,
    };
    write(place, &delete).expect("the entry is unchanged");
    let hrefs = [three.href.clone(), two.href.clone(), one.href.clone()];
    let found = run(place.store.read(&hrefs)).expect("a read of what is and what is not");
    assert_eq!(found.len(), 3);
    let found: BTreeMap<Href, Found> = found.into_iter().collect();
    let expected = BTreeMap::from([
        (one.href.clone(), Found::Entry(one)),
        (two.href, Found::Gone),
        (three.href.clone(), Found::Entry(three)),
    ]);
    assert_eq!(found, expected);
    assert_eq!(run(place.store.read(&[])).expect("a read of nothing"), []);
}

fn long_names_and_odd_values_survive(place: &Place) {
    let long = "n".repeat(64);
    for (name, line) in [
        ("a", "NOTE:Zoë \u{1F600} 漢字 <b>&amp;</b> \"quoted\" ]]>"),
        (long.as_str(), "NOTE:one\\nline\\, two\\; three \\\\ end"),
        ("0", "TEL;TYPE=CELL:+49 (30) 123-45 67"),
    ] {
        let entry = create(
            place,
            name,
            &card(&format!("odd-{name}"), &format!("FN:Odd\r\n{line}")),
        );
        assert!(has_line(place, &entry.card, line), "{:?}", entry.card);
    }
}

fn a_photo_survives(place: &Place) {
    // Base64 of 200 kB that repeats nothing, folded as the RFC wants.
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let photo: String = (0_u64..200_000)
        .map(|n| char::from(alphabet[(n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 58) as usize]))
        .collect();
    let folded: Vec<&str> = photo
        .as_bytes()
        .chunks(74)
        .map(|part| std::str::from_utf8(part).expect("it is ASCII"))
        .collect();
    let line = format!(
        "FN:Photo\r\nPHOTO;ENCODING=b;TYPE=JPEG:\r\n {}",
        folded.join("\r\n ")
    );
    let entry = create(place, "photo", &card("photo", &line));
    assert!(
        unfolded(&entry.card).contains(&photo),
        "the image came back changed"
    );
}

fn of_two_writes_at_once_one_wins(place: &Place) {
    let entry = create(place, "race", &card("race", "FN:Start"));
    let update = |line: &str| Write::Update {
        href: entry.href.clone(),
        etag: entry.etag.clone(),
        card: card("race", line),
    };
    let (one, two) = (update("FN:One"), update("FN:Two"));
    let (first, second) = run(join(place.store.write(&one), place.store.write(&two)));
    let possible: &[&str] = match (first, second) {
        (Ok(_), Err(WriteError::Changed)) => &["FN:One"],
        (Err(WriteError::Changed), Ok(_)) => &["FN:Two"],
        (Ok(_), Ok(_)) if place.deviation == Deviation::ChecksThenStores => &["FN:One", "FN:Two"],
        other => panic!("both or none: {other:?}"),
    };
    let Found::Entry(now) = read(place, &entry.href) else {
        panic!("the entry is there")
    };
    let is_whole = |line: &&str| has_line(place, &now.card, line);
    assert!(possible.iter().any(is_whole), "{:?}", now.card);
}
