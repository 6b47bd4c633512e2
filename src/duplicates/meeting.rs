//! Puts cards that nobody has met before to the contact they belong to, before anything is copied.
//!
//! Two filled books that meet for the first time hold the same people under different UIDs.
//! Copying first would double everybody, so matching comes first: the same UID is the same contact,
//! and so are two cards that are one person with certainty. A doubtful pair is copied, and asked
//! about later.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::book::{ContactId, Entry, StoreId};
use crate::card::Card;
use crate::contact::{is_group, name_of_group, stands_for_goal};

use super::{Decision, Pair, Parted, Profile, Region, find};

/// An entry that belongs to no contact yet.
#[derive(Debug, Clone, Copy)]
pub struct Newcomer<'a> {
    pub store: &'a StoreId,
    pub entry: &'a Entry,
}

/// A known contact that a newcomer may belong to.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    pub id: &'a ContactId,
    pub card: &'a Card,
    pub keys: BTreeSet<String>,
    /// The stores that have an entry of it already; each has room for one.
    pub stores: BTreeSet<&'a StoreId>,
}

/// What else plays a part.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// The region of phone numbers without a country code.
    pub home: Option<&'a Region>,
    pub parted: &'a Parted,
}

/// The newcomers (by index) that are one person, and the known contact they are, if any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub contact: Option<ContactId>,
    pub newcomers: Vec<usize>,
    /// Another entry of the same store has the same UID, so this one needs one of its own
    /// wherever it is copied to.
    pub uid_is_taken: bool,
}

/// The text under which a card is found again: its UID.
pub fn match_keys(card: &Card) -> BTreeSet<String> {
    card.uid().map(|uid| uid_key(&uid)).into_iter().collect()
}

/// The text under which a contact is found by the UID that one store gave its own copy of it.
///
/// Weaker than the contact's own UID: two contacts may have copies of one UID in one store.
pub fn copy_key(card: &Card) -> Option<String> {
    card.uid().map(|uid| format!("{COPY}{}", uid_key(&uid)))
}

/// Both texts under which a contact of this UID may be filed.
pub fn uid_keys(uid: &str) -> [String; 2] {
    let own = uid_key(uid);
    [format!("{COPY}{own}"), own]
}

/// Every text under which a contact that this card belongs to may be filed.
pub fn lookup_keys(card: &Card) -> BTreeSet<String> {
    let mut keys = match_keys(card);
    keys.extend(copy_key(card));
    keys
}

/// The UID that a key of [`match_keys`] or [`copy_key`] stands for.
pub fn uid_of_key(key: &str) -> Option<&str> {
    key.strip_prefix(COPY).unwrap_or(key).strip_prefix(OWN)
}

const OWN: &str = "uid ";
const COPY: &str = "copy-";

/// The key of [`match_keys`] for a UID, or its beginning for the beginning of one.
pub fn uid_key(uid: &str) -> String {
    format!("{OWN}{}", uid.trim().to_lowercase())
}

/// Groups newcomers with each other and with known contacts. The order of either does not matter.
pub fn group(
    newcomers: &[Newcomer],
    candidates: &[Candidate],
    circumstances: Circumstances,
) -> Vec<Group> {
    let mut order: Vec<usize> = (0..newcomers.len()).collect();
    order.sort_by_key(|&index| (newcomers[index].store, &newcomers[index].entry.href));

    let mut people: Vec<Person> = candidates.iter().map(Person::known).collect();
    people.sort_by_key(|person| person.contact);
    let mut seen_uids: BTreeSet<(&StoreId, String)> = BTreeSet::new();
    for index in order {
        people.push(Person::new(index, newcomers[index], &mut seen_uids));
    }
    join_by_uid(&mut people, |key| key.starts_with(OWN));
    join_by_uid(&mut people, |key| key.starts_with(COPY));
    join_groups(&mut people, circumstances.parted);
    join_alike(&mut people, circumstances);

    people
        .into_iter()
        .filter(|person| !person.newcomers.is_empty())
        .map(|person| Group {
            contact: person.contact.cloned(),
            newcomers: person.newcomers,
            uid_is_taken: person.uid_is_taken,
        })
        .collect()
}

/// One person as far as the grouping has come.
#[derive(Default)]
struct Person<'a> {
    contact: Option<&'a ContactId>,
    newcomers: Vec<usize>,
    keys: BTreeSet<String>,
    stores: BTreeSet<&'a StoreId>,
    cards: Vec<&'a Card>,
    uid_is_taken: bool,
}

impl<'a> Person<'a> {
    fn known(candidate: &Candidate<'a>) -> Self {
        Person {
            contact: Some(candidate.id),
            keys: candidate.keys.clone(),
            stores: candidate.stores.clone(),
            cards: vec![candidate.card],
            ..Person::default()
        }
    }

    fn new(
        index: usize,
        newcomer: Newcomer<'a>,
        seen_uids: &mut BTreeSet<(&'a StoreId, String)>,
    ) -> Self {
        let card = &newcomer.entry.card;
        let mut keys = lookup_keys(card);
        let uid_is_taken = card.uid().is_some_and(|uid| {
            let taken = !seen_uids.insert((newcomer.store, uid_key(&uid)));
            if taken {
                keys.clear();
            }
            taken
        });
        Person {
            newcomers: vec![index],
            keys,
            stores: BTreeSet::from([newcomer.store]),
            cards: vec![card],
            uid_is_taken,
            ..Person::default()
        }
    }

    fn absorb(&mut self, other: Person<'a>) {
        self.contact = self.contact.or(other.contact);
        self.newcomers.extend(other.newcomers);
        self.keys.extend(other.keys);
        self.stores.extend(other.stores);
        self.cards.extend(other.cards);
        self.uid_is_taken |= other.uid_is_taken;
    }

    /// Where all its cards are those of one group: whether it is a goal, and its name.
    fn list(&self) -> Option<(bool, String)> {
        let list = |card: &&Card| {
            let name = is_group(card).then(|| name_of_group(card))??;
            Some((stands_for_goal(card), name))
        };
        let mut lists = self.cards.iter().map(list);
        let first = lists.next()??;
        lists
            .all(|other| other.as_ref() == Some(&first))
            .then_some(first)
    }

    fn uids(&self) -> impl Iterator<Item = &str> + Clone {
        self.keys.iter().filter_map(|key| uid_of_key(key))
    }

    /// What the card that says most tells of it.
    fn profile(&self, home: Option<&Region>) -> Option<Profile> {
        let richest = self
            .cards
            .iter()
            .max_by_key(|card| (card.bytes().len(), card.bytes()))?;
        let profile = Profile::of(richest, home);
        Some(self.uids().fold(profile, Profile::also_known_as))
    }
}

/// People who become fewer as they turn out to be the same.
struct Joining<'p, 'a> {
    people: &'p mut Vec<Person<'a>>,
    moved_to: Vec<usize>,
}

impl<'p, 'a> Joining<'p, 'a> {
    fn of(people: &'p mut Vec<Person<'a>>) -> Self {
        let moved_to = (0..people.len()).collect();
        Joining { people, moved_to }
    }

    fn home(&self, mut index: usize) -> usize {
        while self.moved_to[index] != index {
            index = self.moved_to[index];
        }
        index
    }

    /// Makes one person of all of these, if each store has room for the result.
    fn join(&mut self, homes: &BTreeSet<usize>) {
        if homes.len() < 2 || !self.fit_together(homes) {
            return;
        }
        let mut homes = homes.iter().copied();
        let Some(first) = homes.next() else { return };
        for other in homes {
            let absorbed = std::mem::take(&mut self.people[other]);
            self.people[first].absorb(absorbed);
            self.moved_to[other] = first;
        }
    }

    fn fit_together(&self, homes: &BTreeSet<usize>) -> bool {
        let mut stores = BTreeSet::new();
        let mut group = homes.iter().map(|&index| &self.people[index]);
        let known = group.clone().filter(|person| person.contact.is_some());
        known.count() < 2
            && group.all(|person| person.stores.iter().all(|store| stores.insert(*store)))
    }

    fn finish(self) {
        self.people.retain(|person| !person.cards.is_empty());
    }
}

/// Joins people who share a UID, where exactly those who do can all be one: a UID that fits three
/// cards which cannot all be one proves nothing about any of them.
fn join_by_uid(people: &mut Vec<Person>, is_meant: impl Fn(&str) -> bool) {
    let mut holders: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, person) in people.iter().enumerate() {
        for key in person.keys.iter().filter(|key| is_meant(key)) {
            holders.entry(key.clone()).or_default().push(index);
        }
    }
    let mut joining = Joining::of(people);
    for holders in holders.values() {
        let homes = holders.iter().map(|&index| joining.home(index)).collect();
        joining.join(&homes);
    }
    joining.finish();
}

/// Joins group cards of one name: each stands for the same list, whoever made it first.
fn join_groups(people: &mut Vec<Person>, parted: &Parted) {
    let mut groups: BTreeMap<(bool, String), Vec<usize>> = BTreeMap::new();
    for (index, person) in people.iter().enumerate() {
        if let Some(list) = person.list() {
            groups.entry(list).or_default().push(index);
        }
    }
    let is_parted = |homes: &[usize]| {
        homes.iter().any(|one| {
            homes
                .iter()
                .any(|other| parted.separates(people[*one].uids(), people[*other].uids()))
        })
    };
    groups.retain(|_, homes| homes.len() > 1 && !is_parted(homes));
    let mut joining = Joining::of(people);
    for homes in groups.values() {
        joining.join(&homes.iter().copied().collect());
    }
    joining.finish();
}

/// Joins people who are one with certainty, the most certain first.
fn join_alike(people: &mut Vec<Person>, circumstances: Circumstances) {
    let profiles: Vec<Profile> = people
        .iter()
        .filter_map(|person| person.profile(circumstances.home))
        .collect();
    if profiles.len() < people.len() {
        return;
    }
    let is_parted = |pair: &Pair| {
        let parted = circumstances.parted;
        parted.separates(people[pair.a].uids(), people[pair.b].uids())
    };
    let mut certain: Vec<Pair> = find(&profiles)
        .pairs
        .into_iter()
        .filter(|pair| pair.decision == Decision::Merge && !is_parted(pair))
        .collect();
    certain.sort_by_key(|pair| (Reverse(pair.score.to_bits()), pair.a, pair.b));
    let mut joining = Joining::of(people);
    for pair in certain {
        let homes = BTreeSet::from([joining.home(pair.a), joining.home(pair.b)]);
        joining.join(&homes);
    }
    joining.finish();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::{ETag, Href};

    static NOBODY: Parted = Parted::nobody();

    const NOTHING_ELSE: Circumstances = Circumstances {
        home: None,
        parted: &NOBODY,
    };

    fn newcomers(cards: &[(&str, &str)]) -> Vec<(StoreId, Entry)> {
        let entry = |(index, (store, lines)): (usize, &(&str, &str))| {
            let text = format!(
                "BEGIN:VCARD\r\nVERSION:3.0\r\n{}\r\nEND:VCARD\r\n",
                lines.replace('\n', "\r\n")
            );
            let entry = Entry {
                href: Href::new(format!("{index}")),
                etag: ETag::new("1"),
                card: Card::parse(text.as_bytes()).unwrap(),
            };
            (StoreId::new(*store), entry)
        };
        cards.iter().enumerate().map(entry).collect()
    }

    /// The newcomers that are one person, by index; the order in which they come plays no part.
    fn people(cards: &[(&str, &str)]) -> BTreeSet<BTreeSet<usize>> {
        let entries = newcomers(cards);
        let forwards: Vec<Newcomer> = entries
            .iter()
            .map(|(store, entry)| Newcomer { store, entry })
            .collect();
        let backwards: Vec<Newcomer> = forwards.iter().copied().rev().collect();
        let last = cards.len() - 1;
        let groups = |newcomers: &[Newcomer], turned: bool| -> BTreeSet<BTreeSet<usize>> {
            let index = |index: usize| if turned { last - index } else { index };
            let groups = group(newcomers, &[], NOTHING_ELSE).into_iter();
            groups
                .map(|group| group.newcomers.into_iter().map(index).collect())
                .collect()
        };
        let found = groups(&forwards, false);
        assert_eq!(found, groups(&backwards, true), "the order plays a part");
        found
    }

    fn sets(groups: &[&[usize]]) -> BTreeSet<BTreeSet<usize>> {
        groups
            .iter()
            .map(|group| group.iter().copied().collect())
            .collect()
    }

    #[test]
    fn group_cards_of_one_name_are_one_and_never_a_person() {
        let group = |name: &str, uid: &str, more: &str| {
            format!("FN:{name}\nX-ADDRESSBOOKSERVER-KIND:group\nUID:{uid}{more}")
        };
        let mail = "\nEMAIL:chess@example.com";
        let goal = "\nX-CARDWEAVE-GOAL-STATUS:open";
        let cards = [
            ("a", group("Chess", "g1", mail)),
            ("b", group("Chess", "g2", "\nMEMBER:x")),
            ("b", group("Chess Club", "g3", mail)),
            ("c", group("Chess", "g4", goal)),
            ("c", format!("FN:Chess\nUID:p1{mail}")),
            ("c", format!("FN:Chess\nORG:Chess\nUID:p2{mail}")),
        ];
        let cards: Vec<(&str, &str)> = cards
            .iter()
            .map(|(store, lines)| (*store, lines.as_str()))
            .collect();
        assert_eq!(people(&cards), sets(&[&[0, 1], &[2], &[3], &[4], &[5]]));
    }

    #[test]
    fn one_uid_is_one_person_whatever_its_spelling() {
        let cards = [
            ("a", "UID:X-1\nFN:Ada"),
            ("b", "UID:urn:uuid:x-1\nFN:A. Lovelace"),
        ];
        assert_eq!(people(&cards), sets(&[&[0, 1]]));
    }

    #[test]
    fn a_name_alone_is_nobody() {
        assert_eq!(
            people(&[("a", "FN:Ada"), ("b", "FN:Ada")]),
            sets(&[&[0], &[1]])
        );
    }

    #[test]
    fn a_name_with_a_mail_address_or_a_mobile_number_is_somebody() {
        let mail = [
            ("a", "FN:Ada Byron\nEMAIL:A@x.org"),
            ("b", "FN:byron, ada\nEMAIL:a@x.org"),
        ];
        assert_eq!(people(&mail), sets(&[&[0, 1]]));
        let mobile = "TEL;TYPE=CELL:+49 170 123456";
        let (one, two) = (
            format!("FN:Ada\n{mobile}"),
            "FN:Ada\nTEL;TYPE=CELL:0049170123456",
        );
        assert_eq!(people(&[("a", &one), ("b", two)]), sets(&[&[0, 1]]));
        let landline = [
            ("a", "FN:Ada Byron\nTEL:+4930123456"),
            ("b", "FN:Bernd Byron\nTEL:+4930123456"),
        ];
        assert_eq!(people(&landline), sets(&[&[0], &[1]]));
    }

    #[test]
    fn a_field_that_speaks_against_it_keeps_them_apart() {
        let cards = [
            ("a", "FN:Ada\nEMAIL:a@x.org\nBDAY:18151210"),
            ("b", "FN:Ada\nEMAIL:a@x.org\nBDAY:19000101"),
        ];
        assert_eq!(people(&cards), sets(&[&[0], &[1]]));
    }

    #[test]
    fn a_store_has_room_for_one_card_of_a_person() {
        let ada = "FN:Ada\nEMAIL:a@x.org";
        assert_eq!(people(&[("a", ada), ("a", ada)]), sets(&[&[0], &[1]]));
    }

    #[test]
    fn the_second_card_of_a_uid_in_one_store_is_told_apart() {
        let entries = newcomers(&[("a", "UID:1\nFN:Ada"), ("a", "UID:1\nFN:Bob")]);
        let newcomers: Vec<Newcomer> = entries
            .iter()
            .map(|(store, entry)| Newcomer { store, entry })
            .collect();
        let taken: Vec<bool> = group(&newcomers, &[], NOTHING_ELSE)
            .iter()
            .map(|group| group.uid_is_taken)
            .collect();
        assert_eq!(taken, [false, true]);
    }

    #[test]
    fn a_known_contact_is_joined_where_it_has_no_card_yet() {
        let entries = newcomers(&[("b", "UID:1\nFN:Ada")]);
        let newcomer = Newcomer {
            store: &entries[0].0,
            entry: &entries[0].1,
        };
        let (id, home, card) = (ContactId::new("c"), StoreId::new("a"), &entries[0].1.card);
        let candidate = |stores| Candidate {
            id: &id,
            card,
            keys: match_keys(card),
            stores,
        };
        let joined = group(
            &[newcomer],
            &[candidate(BTreeSet::from([&home]))],
            NOTHING_ELSE,
        );
        assert_eq!(joined[0].contact, Some(id.clone()));
        let full = group(
            &[newcomer],
            &[candidate(BTreeSet::from([&entries[0].0]))],
            NOTHING_ELSE,
        );
        assert_eq!(full[0].contact, None);
    }
}
