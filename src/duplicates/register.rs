//! Cards of a garbled register, which has nothing but names, birthdays and addresses.
//!
//! In an address book two given names at one door are two people. A register that was keyed by
//! hand, or read by a machine, replaces any part of a record now and then: its birthdays name days
//! that no calendar has, and there a part that differs is one more slip. So each part is weighed
//! for itself, as Fellegi and Sunter do, and none of them decides alone. Whether a book is such a
//! register is told by its own birthdays.

use super::candidates::start;
use super::census::Census;
use super::dates::{Birthday, BirthdayLikeness};
use super::evidence::Evidence;
use super::likeness::{Level, NameLikeness};
use super::profile::{Profile, Subject, hash};
use super::reason::What;
use super::score::{Weighed, rarities};

/// Birthdays that cannot be, below which a book is no register, however small it is.
const FEWEST: usize = 5;

/// Their share of all whole birthdays: people mistype one in some hundreds, and notice.
const SHARE: f64 = 0.01;

/// Whether these are the cards of a garbled register.
pub(super) fn is_garbled(profiles: &[Profile]) -> bool {
    let birthdays = profiles.iter().filter_map(|profile| profile.birthday);
    let whole: Vec<Birthday> = birthdays
        .filter(|birthday| birthday.year.is_some())
        .collect();
    let impossible = whole
        .iter()
        .filter(|birthday| !birthday.is_possible())
        .count();
    impossible >= FEWEST && impossible as f64 >= SHARE * whole.len() as f64
}

/// Whether a card has nothing that reaches its person.
pub(super) fn is_record(profile: &Profile) -> bool {
    profile.phones.is_empty()
        && profile.mails.is_empty()
        && profile.subject != Subject::Organisation
}

/// Evidence for and against, part by part, in bits.
pub(super) fn weigh(evidence: &Evidence, census: &Census) -> Weighed {
    let mut weighed = Weighed {
        // A record has one second card or two among all of them.
        bits: -(4.0 * census.people.max(1.0)).log2(),
        reasons: Vec::new(),
    };
    if let Some(names) = evidence.names {
        weighed.bits += of_names(names, evidence.a, evidence.b, census);
        weighed.tell_names(names, evidence.a, evidence.b);
    }
    count_birthdays(&mut weighed, evidence);
    if let Some((likeness, place)) = evidence.home {
        let what = match likeness.bits > 0.0 {
            true if likeness.is_same => What::SameHome(place.shown().into()),
            true => What::SameArea(place.shown().into()),
            false => What::OtherHome,
        };
        weighed.add(likeness.bits.max(-5.0), what);
        weighed.bits += match likeness.same_state {
            Some(true) => 2.0,
            Some(false) => -3.0,
            None => 0.0,
        };
    }
    count_identities(&mut weighed, evidence);
    weighed
}

fn of_names(names: NameLikeness, a: &Profile, b: &Profile, census: &Census) -> f64 {
    let (given, family) = rarities(census, a, b);
    let bits = |level: Level, rarity: f64| match level {
        Level::Same | Level::Spelled => rarity,
        Level::Variant | Level::Part => rarity - 1.5,
        Level::Typo => rarity - 2.0,
        Level::Initial | Level::Similar => 3.0,
        Level::Garbled | Level::Alike => 2.0,
        Level::Missing | Level::Unreadable => 0.0,
        Level::Different => -3.5,
    };
    let turned = if names.is_swapped { -1.0 } else { 0.0 };
    bits(names.given, given) + bits(names.family, family) + turned
}

fn count_birthdays(weighed: &mut Weighed, evidence: &Evidence) {
    let (Some(a), Some(b)) = (evidence.a.birthday, evidence.b.birthday) else {
        return;
    };
    let (a, b): (Box<str>, Box<str>) = (a.to_string().into(), b.to_string().into());
    match evidence.birthday {
        BirthdayLikeness::Unknown => {}
        BirthdayLikeness::Same => weighed.add(13.0, What::SameBirthday(a)),
        BirthdayLikeness::SameDay => weighed.add(8.0, What::SameBirthday(a)),
        BirthdayLikeness::Slip => weighed.add(6.5, What::AlmostBirthday(a, b)),
        BirthdayLikeness::Slips => weighed.add(1.5, What::AlmostBirthday(a, b)),
        BirthdayLikeness::Different => weighed.add(-4.0, What::OtherBirthday(a, b)),
    }
}

fn count_identities(weighed: &mut Weighed, evidence: &Evidence) {
    let (a, b) = (&evidence.a.identities, &evidence.b.identities);
    if a.iter().any(|identity| b.contains(identity)) {
        weighed.add(16.0, What::SameIdentity);
    } else if !a.is_empty() && !b.is_empty() {
        weighed.bits -= 4.0;
    }
}

/// Keys under which records meet although most of their parts differ.
pub(super) fn keys(profile: &Profile, keys: &mut Vec<u64>) {
    if !is_record(profile) {
        return;
    }
    let name = &profile.name;
    let names = [start(&name.given_key, 3), start(&name.family_key, 3)];
    let named = || names.into_iter().filter(|part| !part.is_empty());
    if let Some(birthday) = profile.birthday {
        let mut digits: Vec<u8> = birthday.to_string().into_bytes();
        digits.sort_unstable();
        if let Ok(digits) = str::from_utf8(&digits) {
            keys.push(hash(&["digits", digits]));
        }
        let year = birthday.year.unwrap_or_default().to_string();
        keys.extend(named().map(|part| hash(&["year", &year, part])));
        let month = format!("{}-{}", birthday.month, birthday.day);
        for place in &profile.places {
            keys.push(hash(&["day there", &month, &place.postcode]));
        }
    }
    for place in &profile.places {
        let (street, extra) = (start(&place.street, 4), start(&place.extra, 4));
        if !place.number.is_empty() {
            keys.push(hash(&["number", &place.number, &place.postcode]));
            keys.push(hash(&["number", &place.number, start(&place.city, 4)]));
        }
        for line in [street, extra].into_iter().filter(|line| !line.is_empty()) {
            keys.push(hash(&["line", line, &place.postcode]));
            keys.push(hash(&["line", line, start(&place.city, 4)]));
            keys.extend(named().map(|part| hash(&["line", line, part])));
        }
        keys.extend(named().map(|part| hash(&["area", &place.postcode, part])));
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Decision, find};
    use super::*;
    use crate::card::Card;

    /// Thirty people of thirty names, each at a door of its own.
    const NAMES: [&str; 30] = [
        "Noah Abbott",
        "Mia Barlow",
        "Liam Carver",
        "Zoe Dunlop",
        "Owen Ellery",
        "Ruth Farrow",
        "Hugo Garland",
        "Iris Hadley",
        "Joel Ingram",
        "Kate Jarvis",
        "Leo Kendall",
        "Nora Lowell",
        "Otis Morley",
        "Pia Norris",
        "Quinn Oakes",
        "Rosa Parrish",
        "Seth Quigley",
        "Tess Rowland",
        "Uma Sawyer",
        "Vera Thorne",
        "Wade Upton",
        "Xena Vickers",
        "Yara Wendell",
        "Zack Yardley",
        "Alma Zeller",
        "Boris Archer",
        "Cora Birch",
        "Dale Croft",
        "Edna Draper",
        "Finn Egan",
    ];

    fn profile(at: usize, birthday: &str) -> Profile {
        card(
            &format!("u{at}"),
            NAMES[at],
            birthday,
            &format!("{at} {} Lane;Elmwood", NAMES[29 - at]),
        )
    }

    fn card(uid: &str, name: &str, birthday: &str, place: &str) -> Profile {
        let text = format!(
            "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{name}\r\nBDAY:{birthday}\r\n\
             ADR;TYPE=HOME:;;{place};QLD;4439;\r\nEND:VCARD\r\n"
        );
        Profile::of(&Card::parse(text.as_bytes()).unwrap(), None)
    }

    /// Two records of one door and one day with other given names, among others.
    fn decided(birthday: impl Fn(usize) -> String) -> Vec<Decision> {
        let mut profiles: Vec<Profile> = (0..30).map(|at| profile(at, &birthday(at))).collect();
        for (uid, name) in [("a", "Lucy Burworth"), ("b", "Maxwell Burworth")] {
            profiles.push(card(uid, name, "1950-03-04", "85 Holward Court;Mount Ash"));
        }
        find(&profiles)
            .pairs
            .iter()
            .map(|pair| pair.decision)
            .collect()
    }

    #[test]
    fn twins_are_two_people_in_an_address_book() {
        let decided = decided(|at| format!("19{}-01-15", 20 + at));
        assert!(!decided.contains(&Decision::Merge), "{decided:?}");
    }

    #[test]
    fn in_a_register_of_days_that_cannot_be_a_given_name_is_one_more_slip() {
        let decided = decided(|at| match at < 7 {
            true => format!("19{}-23-11", 20 + at),
            false => format!("19{}-01-15", 20 + at),
        });
        let merged = decided
            .iter()
            .filter(|decision| **decision == Decision::Merge);
        assert_eq!(merged.count(), 1, "{decided:?}");
    }

    #[test]
    fn a_few_days_that_cannot_be_make_no_register() {
        let profiles: Vec<Profile> = (0..30)
            .map(|at| {
                profile(
                    at,
                    &format!("19{}-{}-15", 20 + at, if at < 4 { "23" } else { "01" }),
                )
            })
            .collect();
        assert!(!is_garbled(&profiles));
        assert!(profiles.iter().all(is_record));
    }
}
