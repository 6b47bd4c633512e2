//! Counts over all cards: how many people carry a number, an address, a name.

use super::lexicon::name_frequency;
use super::likeness::{Level, NameLikeness};
use super::names::Name;
use super::places::{Place, Rarity};
use super::profile::{Profile, Subject, hash};
use super::register;

/// What is known of everybody together.
pub(super) struct Census {
    /// Identifiers that stand on more than one card, sorted by their keys.
    carriers: Vec<(u64, Carriers)>,
    given: Tally,
    family: Tally,
    /// Given and family name together, and how many cards bear them, where several do.
    bearers: Vec<(u64, u32)>,
    /// Streets, cities and postcodes, and how many addresses there are.
    areas: Vec<(u64, u32)>,
    places: f64,
    /// Cards that name a person.
    pub people: f64,
    /// Any part of a card may be wrong: see [`register`].
    pub is_garbled: bool,
}

/// Who carries one identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Carriers {
    /// People of different names; 1 where no card names anybody.
    pub people: u16,
    /// A card of a company has it too.
    pub has_organisation: bool,
}

/// Names with the number of different people who bear them, sorted by their hashes.
struct Tally {
    counts: Vec<(u64, u32)>,
    people: f64,
}

/// Names come from a language: who has one of its given names has one of its family names, so often
/// as chance alone would not have it.
pub(super) const FASHION: f64 = 6.0;

/// More names than this are not compared one by one.
const COMPARED_NAMES: usize = 32;

impl Census {
    pub fn of(profiles: &[Profile]) -> Census {
        let mut carried: Vec<(u64, u32)> = Vec::new();
        for (index, profile) in profiles.iter().enumerate() {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            carried.extend(identifiers(profile).map(|key| (key, index)));
        }
        carried.sort_unstable();
        carried.dedup();
        let runs = carried.chunk_by(|a, b| a.0 == b.0);
        let carriers = runs
            .filter(|run| run.len() > 1)
            .map(|run| (run[0].0, Carriers::of(run, profiles)))
            .collect();
        let names = profiles.iter().map(|profile| &profile.name);
        let full: Vec<&Name> = names.filter(|name| name.is_full()).collect();
        let by_given = full
            .iter()
            .map(|name| (&*name.given_key, &*name.family_key));
        let by_family = full
            .iter()
            .map(|name| (&*name.family_key, &*name.given_key));
        let people = profiles
            .iter()
            .filter(|profile| profile.subject == Subject::Person)
            .count();
        Census {
            carriers,
            given: Tally::of(by_given),
            family: Tally::of(by_family),
            bearers: bearers(&full),
            areas: areas(profiles),
            places: profiles
                .iter()
                .map(|profile| profile.places.len())
                .sum::<usize>() as f64,
            people: people as f64,
            is_garbled: register::is_garbled(profiles),
        }
    }

    /// How many other people bear the name, by the cards that do: nobody has more than a few.
    pub fn namesakes(&self, name: &Name) -> f64 {
        const CARDS_OF_ONE: f64 = 3.0;
        let key = full_name_key(name);
        let found = self.bearers.binary_search_by_key(&key, |(key, _)| *key);
        let cards = found.map_or(0.0, |at| f64::from(self.bearers[at].1));
        ((cards - CARDS_OF_ONE) / 2.0).max(0.0)
    }

    /// How much it tells that the parts of two addresses agree, in bits. A misspelled part is rare
    /// for no reason, so the commoner of the two counts.
    pub fn rarity(&self, a: &Place, b: &Place) -> Rarity {
        let bits = |name: &str, one: &str, other: &str| {
            let count = |text: &str| {
                let key = hash(&[name, text]);
                let found = self.areas.binary_search_by_key(&key, |(key, _)| *key);
                found.map_or(0.0, |at| f64::from(self.areas[at].1))
            };
            let share = (count(one).max(count(other)) + 1.0) / (self.places + 100.0);
            (-share.log2()).clamp(0.5, 9.0)
        };
        Rarity {
            street: bits("street", &a.street, &b.street),
            city: bits("city", &a.city, &b.city),
            postcode: bits("postcode", &a.postcode, &b.postcode),
        }
    }

    pub fn carriers(&self, key: u64) -> Carriers {
        match self.carriers.binary_search_by_key(&key, |(key, _)| *key) {
            Ok(at) => self.carriers[at].1,
            Err(_) => Carriers {
                people: 1,
                has_organisation: false,
            },
        }
    }

    /// The shares of people who bear the given name and the family name, of two names the commoner.
    pub fn shares(&self, a: &Name, b: &Name) -> (f64, f64) {
        let given = |name: &Name| self.given.share(&name.given_key, &name.given, 1e-4);
        let family = |name: &Name| self.family.share(&name.family_key, &name.family, 5e-5);
        (given(a).max(given(b)), family(a).max(family(b)))
    }
}

fn bearers(names: &[&Name]) -> Vec<(u64, u32)> {
    let mut keys: Vec<u64> = names.iter().map(|name| full_name_key(name)).collect();
    keys.sort_unstable();
    let runs = keys.chunk_by(|a, b| a == b).filter(|run| run.len() > 1);
    runs.map(|run| (run[0], u32::try_from(run.len()).unwrap_or(u32::MAX)))
        .collect()
}

fn full_name_key(name: &Name) -> u64 {
    hash(&[&name.given_key, &name.family_key])
}

/// How often each street, city and postcode stands on a card.
fn areas(profiles: &[Profile]) -> Vec<(u64, u32)> {
    let mut keys: Vec<u64> = Vec::new();
    for place in profiles.iter().flat_map(|profile| &profile.places) {
        let parts = [
            ("street", &place.street),
            ("city", &place.city),
            ("postcode", &place.postcode),
        ];
        let told = parts.iter().filter(|(_, part)| !part.is_empty());
        keys.extend(told.map(|(name, part)| hash(&[name, part])));
    }
    keys.sort_unstable();
    let runs = keys.chunk_by(|a, b| a == b);
    runs.map(|run| (run[0], u32::try_from(run.len()).unwrap_or(u32::MAX)))
        .collect()
}

impl Carriers {
    fn of(run: &[(u64, u32)], profiles: &[Profile]) -> Carriers {
        let profiles = run.iter().map(|(_, index)| &profiles[*index as usize]);
        let mut names: Vec<&Name> = Vec::new();
        let mut has_organisation = false;
        for profile in profiles {
            match profile.subject {
                Subject::Person => names.push(&profile.name),
                Subject::Organisation => has_organisation = true,
                _ => {}
            }
        }
        let people = people(&mut names).max(1);
        Carriers {
            people: u16::try_from(people).unwrap_or(u16::MAX),
            has_organisation,
        }
    }
}

/// How many people these names are, as far as their given names tell: `Bob` and `Robert` are one.
fn people(names: &mut Vec<&Name>) -> usize {
    names.sort_by(|a, b| (&a.given, &a.family).cmp(&(&b.given, &b.family)));
    names.dedup_by(|a, b| (&a.given, &a.family) == (&b.given, &b.family));
    let (full, partial): (Vec<&Name>, Vec<&Name>) =
        names.iter().partition(|name| name.given.len() > 2);
    if names.len() > COMPARED_NAMES {
        let mut keys: Vec<&str> = full.iter().map(|name| &*name.given_key).collect();
        keys.dedup();
        return keys.len();
    }
    let mut home: Vec<usize> = (0..full.len()).collect();
    for one in 0..full.len() {
        for other in one + 1..full.len() {
            if is_one(full[one], full[other]) {
                let (from, to) = (root(&home, other), root(&home, one));
                home[from.max(to)] = from.min(to);
            }
        }
    }
    let groups = (0..full.len()).filter(|&at| home[at] == at).count();
    let mut strangers: Vec<&str> = partial
        .iter()
        .filter(|name| !full.iter().any(|other| may_be_one(name, other)))
        .map(|name| {
            if name.family.is_empty() {
                &*name.given_key
            } else {
                &*name.family_key
            }
        })
        .collect();
    strangers.sort_unstable();
    strangers.dedup();
    groups + strangers.len()
}

fn root(home: &[usize], mut at: usize) -> usize {
    while home[at] != at {
        at = home[at];
    }
    at
}

fn is_one(a: &Name, b: &Name) -> bool {
    let like = NameLikeness::of(a, b);
    match like.is_swapped {
        true => like.given.max(like.family) >= Level::Typo,
        false => {
            let is_slip = like.given == Level::Similar && like.family >= Level::Part;
            like.given >= Level::Typo || like.given == Level::Unreadable || is_slip
        }
    }
}

/// Whether a name without a given name, or with an initial, may be that of the other.
fn may_be_one(partial: &Name, full: &Name) -> bool {
    let like = NameLikeness::of(partial, full);
    let is_family = like.family >= Level::Typo || like.family == Level::Missing;
    like.given != Level::Different && is_family
}

impl Tally {
    /// Counts first words by the different second words that they stand with.
    fn of<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Tally {
        let mut seen: Vec<(u64, u64)> = pairs
            .map(|(counted, with)| (hash(&[counted]), hash(&[with])))
            .collect();
        seen.sort_unstable();
        seen.dedup();
        let people = seen.len() as f64;
        let runs = seen.chunk_by(|a, b| a.0 == b.0);
        let counts = runs
            .map(|run| (run[0].0, u32::try_from(run.len()).unwrap_or(u32::MAX)))
            .collect();
        Tally { counts, people }
    }

    /// The share of people with the name: what is known of the world, corrected by what is seen.
    fn share(&self, key: &str, name: &str, unknown: f64) -> f64 {
        const WEIGHT_OF_THE_WORLD: f64 = 300.0;
        let found = self
            .counts
            .binary_search_by_key(&hash(&[key]), |(key, _)| *key);
        let seen = found.map_or(0.0, |at| f64::from(self.counts[at].1));
        // A list of one country says little of an address book of several.
        let known = name_frequency(name).map_or(unknown, |share| f64::from(share) / 3.0);
        (seen + WEIGHT_OF_THE_WORLD * known) / (self.people + WEIGHT_OF_THE_WORLD)
    }
}

/// The keys of all that may be carried by several people.
fn identifiers(profile: &Profile) -> impl Iterator<Item = u64> {
    let phones = profile
        .phones
        .iter()
        .map(|phone| phone_key(phone.identity()));
    let mails = profile.mails.iter().map(|mail| mail_key(&mail.address));
    let places = profile.places.iter().filter_map(place_key);
    let organisation = profile.organisation.iter();
    let identities = profile.identities.iter().copied();
    phones
        .chain(mails)
        .chain(places)
        .chain(identities)
        .chain(organisation.map(|organisation| organisation_key(&organisation.core)))
}

pub(super) fn phone_key(identity: u64) -> u64 {
    identity.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x7e1
}

pub(super) fn mail_key(address: &str) -> u64 {
    hash(&["mail", address])
}

pub(super) fn organisation_key(core: &str) -> u64 {
    hash(&["org", core])
}

/// The key of a door; `None` for an address that names none.
pub(super) fn place_key(place: &Place) -> Option<u64> {
    let area = match place.postcode.is_empty() {
        true => &place.city,
        false => &place.postcode,
    };
    let is_door = !place.street.is_empty() && !place.number.is_empty() && !area.is_empty();
    is_door.then(|| hash(&["door", &place.street, &place.number, area]))
}
