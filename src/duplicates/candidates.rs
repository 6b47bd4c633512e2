//! Which pairs of cards are worth comparing; everything else is assumed different.
//!
//! Two cards are compared when they share a key: a number, an address, parts of their names.
//! Comparing all with all would be half a billion comparisons for an address book of 33,000 cards.

use super::census::{Census, mail_key, organisation_key, phone_key};
use super::lexicon::roots;
use super::profile::{Profile, Subject, hash};
use super::register;

/// A key that more cards share than this is split by a second one: a number or an address of
/// somebody.
const LARGEST_BLOCK: usize = 48;

/// The same for keys that many share by chance, as parts of names: what only they bring together
/// grows with the square of the cards.
const LARGEST_WEAK_BLOCK: usize = 16;

/// The mark of a weak key is its last bit.
fn weak(key: u64) -> u64 {
    key | 1
}

fn strong(key: u64) -> u64 {
    key & !1
}

fn is_small(block: &[(u64, u32)]) -> bool {
    let is_weak = block.first().is_some_and(|(key, _)| key & 1 == 1);
    block.len()
        <= if is_weak {
            LARGEST_WEAK_BLOCK
        } else {
            LARGEST_BLOCK
        }
}

/// The pairs of indices to compare, `a < b`, sorted.
pub(super) fn candidates(profiles: &[Profile], census: &Census) -> Vec<(u32, u32)> {
    let mut keyed: Vec<(u64, u32)> = Vec::with_capacity(profiles.len() * 12);
    let mut keys = Vec::new();
    for (index, profile) in profiles.iter().enumerate() {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        keys.clear();
        first_keys(profile, &mut keys);
        if census.is_garbled {
            let first = keys.len();
            register::keys(profile, &mut keys);
            keys[first..].iter_mut().for_each(|key| *key = strong(*key));
        }
        keyed.extend(keys.iter().map(|&key| (key, index)));
    }
    let mut pairs = Vec::new();
    let mut crowded = Vec::new();
    for block in blocks(&mut keyed) {
        if is_small(block) {
            pair_up(block, &mut pairs);
            continue;
        }
        for &(key, index) in block {
            keys.clear();
            second_keys(&profiles[index as usize], &mut keys);
            crowded.extend(
                keys.iter()
                    .map(|second| (key.rotate_left(7) ^ second | key & 1, index)),
            );
        }
    }
    drop(keyed);
    for block in blocks(&mut crowded) {
        // Still crowded after two keys: a name and a city that hundreds share prove nothing. Only
        // what a program has multiplied is the same all over.
        match is_small(block) {
            true => pair_up(block, &mut pairs),
            false => chain_up(block, profiles, &mut pairs),
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// The runs of cards that share a key.
fn blocks(keyed: &mut Vec<(u64, u32)>) -> impl Iterator<Item = &[(u64, u32)]> {
    keyed.sort_unstable();
    keyed.dedup();
    keyed
        .chunk_by(|a, b| a.0 == b.0)
        .filter(|block| block.len() > 1)
}

fn pair_up(block: &[(u64, u32)], pairs: &mut Vec<(u32, u32)>) {
    for (at, &(_, a)) in block.iter().enumerate() {
        pairs.extend(block[at + 1..].iter().map(|&(_, b)| (a, b)));
    }
}

/// Pairs each card with the next one that says the same.
fn chain_up(block: &[(u64, u32)], profiles: &[Profile], pairs: &mut Vec<(u32, u32)>) {
    let mut cards: Vec<u32> = block.iter().map(|&(_, card)| card).collect();
    let profile = |card: u32| &profiles[card as usize];
    cards.sort_by(|&a, &b| {
        let (a, b) = (profile(a), profile(b));
        a.by_content(b).then_with(|| a.order().cmp(&b.order()))
    });
    let neighbours = cards.windows(2).map(|pair| (pair[0], pair[1]));
    pairs.extend(neighbours.filter_map(|(a, b)| {
        let is_copy = profile(a).by_content(profile(b)).is_eq();
        is_copy.then_some((a.min(b), a.max(b)))
    }));
}

fn first_keys(profile: &Profile, keys: &mut Vec<u64>) {
    if profile.subject == Subject::Empty {
        return;
    }
    for phone in &profile.phones {
        keys.push(phone_key(phone.identity()));
        if phone.other != 0 {
            keys.push(phone_key(phone.other));
        }
        if phone.tail != 0 {
            keys.push(phone_key(u64::from(phone.tail)));
        }
    }
    keys.extend(profile.mails.iter().map(|mail| mail_key(&mail.address)));
    keys.extend(&profile.identities);
    keys.iter_mut().for_each(|key| *key = strong(*key));
    let organisation = profile.organisation.as_ref();
    if profile.subject == Subject::Organisation {
        keys.extend(organisation.map(|organisation| weak(organisation_key(&organisation.core))));
    }
    if profile.subject != Subject::Person {
        return;
    }
    let strong_keys = keys.len();
    name_keys(profile, keys);
    other_keys(profile, keys);
    keys[strong_keys..]
        .iter_mut()
        .for_each(|key| *key = weak(*key));
}

/// Where a person works, was born and lives, with a part of the name.
fn other_keys(profile: &Profile, keys: &mut Vec<u64>) {
    let organisation = profile.organisation.as_ref();
    let name = &profile.name;
    let (given, family) = (start(&name.given_key, 3), start(&name.family_key, 4));
    if let Some(organisation) = organisation {
        for part in [given, family] {
            if !part.is_empty() {
                keys.push(hash(&["works", &organisation.core, part]));
            }
        }
    }
    if let Some(birthday) = profile.birthday {
        let whole = birthday.to_string();
        let day = whole.get(whole.len() - 5..).unwrap_or_default();
        if birthday.year.is_some() {
            keys.push(hash(&["born", &whole]));
        }
        for part in [start(given, 2), start(family, 2)] {
            if !part.is_empty() {
                keys.push(hash(&["day", day, part]));
            }
        }
    }
    for place in &profile.places {
        let street = start(&place.street, 5);
        for area in [&place.postcode, &place.city] {
            if area.is_empty() {
                continue;
            }
            if !place.is_work {
                // Where few live, all are compared: names may be misspelled from the first letter.
                keys.push(hash(&["area", area]));
            }
            if !place.number.is_empty() {
                keys.push(hash(&["door", area, &place.number, start(street, 3)]));
            }
            for part in [given, start(family, 3)] {
                if !part.is_empty() {
                    keys.push(hash(&["lives", area, part]));
                }
            }
        }
        if !street.is_empty() && !place.number.is_empty() {
            keys.push(hash(&["street", street, &place.number]));
        }
    }
}

fn name_keys(profile: &Profile, keys: &mut Vec<u64>) {
    let name = &profile.name;
    let mut parts = [start(&name.given_key, 3), start(&name.family_key, 4)];
    let in_order = |parts: &[&str; 2]| hash(&["name", parts[0], parts[1]]);
    if name.is_full() {
        keys.push(in_order(&parts));
        parts = [start(&name.family_key, 3), start(&name.given_key, 4)];
        keys.push(in_order(&parts));
        let first = name.given.split(' ').next().unwrap_or_default();
        for root in roots(&name.given).iter().chain(roots(first)) {
            keys.push(hash(&["root", root, start(&name.family_key, 5)]));
        }
        keys.push(hash(&["root", first, start(&name.family_key, 5)]));
        let mut letters: Vec<u8> = [&name.given, &name.middle, &name.family]
            .iter()
            .flat_map(|part| part.bytes())
            .filter(|byte| *byte != b' ')
            .collect();
        letters.sort_unstable();
        if let Ok(letters) = str::from_utf8(&letters) {
            keys.push(hash(&["letters", letters]));
        }
    } else {
        keys.push(hash(&["half", &name.given_key, &name.family_key]));
    }
}

/// Keys that tell apart what shares a crowded first key.
fn second_keys(profile: &Profile, keys: &mut Vec<u64>) {
    let name = &profile.name;
    if profile.subject == Subject::Person {
        keys.push(hash(&[
            "2name",
            &name.given_key,
            start(&name.family_key, 3),
        ]));
        keys.push(hash(&[
            "2name",
            start(&name.given_key, 1),
            &name.family_key,
        ]));
    }
    if let Some(birthday) = profile.birthday {
        keys.push(hash(&["2born", &birthday.to_string()]));
    }
    if let Some(organisation) = &profile.organisation {
        keys.push(hash(&[
            "2org",
            &organisation.core,
            start(&name.given_key, 2),
        ]));
    }
    for place in &profile.places {
        keys.push(hash(&["2lives", &place.postcode, &place.city]));
    }
}

/// The first letters of a text; less where it has no more.
pub(super) fn start(text: &str, letters: usize) -> &str {
    text.get(..letters).unwrap_or(text)
}
