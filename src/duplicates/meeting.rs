//! Puts cards that nobody has met before to the contact they belong to, before anything is copied.
//!
//! Two filled books that meet for the first time hold the same people under different UIDs.
//! Copying first would double everybody, so matching comes first, and only what is beyond doubt is
//! matched: the same UID, or the same name together with the same mail address or mobile number
//! and no field that speaks against it.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization;

use crate::book::{ContactId, Entry, StoreId};
use crate::card::{Card, Field};

/// Properties that may differ between two cards of one person without anybody wondering: the name
/// is compared by its key, and pictures and notes are kept by whoever kept them.
const SAYS_NOTHING: [&str; 6] = ["FN", "NOTE", "PHOTO", "LOGO", "SOUND", "SORT-STRING"];

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

/// The newcomers (by index) that are one person, and the known contact they are, if any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub contact: Option<ContactId>,
    pub newcomers: Vec<usize>,
    /// Another entry of the same store has the same UID, so this one needs one of its own
    /// wherever it is copied to.
    pub uid_is_taken: bool,
}

/// The texts under which a card is found again: its UID, and its name with each mail address and
/// mobile number.
pub fn match_keys(card: &Card) -> BTreeSet<String> {
    let fields = card.fields();
    let mut keys = BTreeSet::new();
    keys.extend(card.uid().map(|uid| uid_key(&uid)));
    if let Some(name) = name_key(&fields) {
        let identifying = fields.iter().filter(|field| match field.name() {
            "EMAIL" => !field.value().is_empty(),
            "TEL" => field.types().contains("CELL") && field.value().len() > 5,
            _ => false,
        });
        keys.extend(identifying.map(|field| format!("who {name} {}", field.value())));
    }
    keys
}

/// The text under which a contact is found by the UID that one store gave its own copy of it.
///
/// Weaker than the contact's own UID: two contacts may have copies of one UID in one store.
pub fn copy_key(card: &Card) -> Option<String> {
    card.uid().map(|uid| format!("copy-{}", uid_key(&uid)))
}

/// Every text under which a contact that this card belongs to may be filed.
pub fn lookup_keys(card: &Card) -> BTreeSet<String> {
    let mut keys = match_keys(card);
    keys.extend(copy_key(card));
    keys
}

/// Groups newcomers with each other and with known contacts. The order of either does not matter.
pub fn group(newcomers: &[Newcomer], candidates: &[Candidate]) -> Vec<Group> {
    let mut order: Vec<usize> = (0..newcomers.len()).collect();
    order.sort_by_key(|&index| (newcomers[index].store, &newcomers[index].entry.href));

    let mut people: Vec<Person> = candidates.iter().map(Person::known).collect();
    let mut seen_uids: BTreeSet<(&StoreId, String)> = BTreeSet::new();
    for index in order {
        people.push(Person::new(index, newcomers[index], &mut seen_uids));
    }
    join(&mut people, |key| key.starts_with("uid "), |_, _| true);
    join(&mut people, |key| key.starts_with("copy-uid "), |_, _| true);
    join(
        &mut people,
        |key| key.starts_with("who "),
        |a, b| !a.contradicts(b),
    );

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
struct Person<'a> {
    contact: Option<&'a ContactId>,
    newcomers: Vec<usize>,
    keys: BTreeSet<String>,
    stores: BTreeSet<&'a StoreId>,
    fields: Vec<Vec<Field>>,
    uid_is_taken: bool,
}

impl<'a> Person<'a> {
    fn known(candidate: &Candidate<'a>) -> Self {
        Person {
            contact: Some(candidate.id),
            newcomers: Vec::new(),
            keys: candidate.keys.clone(),
            stores: candidate.stores.clone(),
            fields: vec![candidate.card.fields()],
            uid_is_taken: false,
        }
    }

    fn new(
        index: usize,
        newcomer: Newcomer<'a>,
        seen_uids: &mut BTreeSet<(&'a StoreId, String)>,
    ) -> Self {
        let mut keys = lookup_keys(&newcomer.entry.card);
        let uid = newcomer.entry.card.uid().map(|uid| uid_key(&uid));
        let uid_is_taken = uid.is_some_and(|uid| {
            let taken = !seen_uids.insert((newcomer.store, uid.clone()));
            if taken {
                keys.retain(|key| key.starts_with("who "));
            }
            taken
        });
        Person {
            contact: None,
            newcomers: vec![index],
            keys,
            stores: BTreeSet::from([newcomer.store]),
            fields: vec![newcomer.entry.card.fields()],
            uid_is_taken,
        }
    }

    /// Whether a field that has one value has two different ones here and there.
    fn contradicts(&self, other: &Person) -> bool {
        let single = |fields: &[Field]| -> BTreeMap<String, String> {
            let slots = fields.iter().filter(|field| field.key().value.is_empty());
            slots
                .filter(|field| !SAYS_NOTHING.contains(&field.name()))
                .filter(|field| !field.name().starts_with("X-"))
                .map(|field| (field.name().to_owned(), field.value().to_owned()))
                .collect()
        };
        let theirs: Vec<_> = other.fields.iter().map(|fields| single(fields)).collect();
        self.fields.iter().map(|fields| single(fields)).any(|mine| {
            theirs.iter().any(|theirs| {
                mine.iter()
                    .any(|(name, value)| theirs.get(name).is_some_and(|other| other != value))
            })
        })
    }
}

/// Joins people who share a key, where exactly two do and each store has room for the result.
///
/// A key that fits three people who cannot all be one proves nothing about any of them.
fn join(
    people: &mut Vec<Person>,
    is_meant: impl Fn(&str) -> bool,
    may_join: impl Fn(&Person, &Person) -> bool,
) {
    let mut holders: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, person) in people.iter().enumerate() {
        for key in person.keys.iter().filter(|key| is_meant(key)) {
            holders.entry(key.clone()).or_default().push(index);
        }
    }
    let mut moved_to: Vec<usize> = (0..people.len()).collect();
    let home = |moved_to: &[usize], mut index: usize| {
        while moved_to[index] != index {
            index = moved_to[index];
        }
        index
    };
    for holders in holders.values() {
        let homes: BTreeSet<usize> = holders
            .iter()
            .map(|&index| home(&moved_to, index))
            .collect();
        if homes.len() < 2 || !fit_together(people, &homes, &may_join) {
            continue;
        }
        let mut homes = homes.into_iter();
        let Some(first) = homes.next() else { continue };
        for other in homes {
            let absorbed = std::mem::replace(&mut people[other], Person::empty());
            people[first].absorb(absorbed);
            moved_to[other] = first;
        }
    }
    people.retain(|person| !person.fields.is_empty());
}

fn fit_together(
    people: &[Person],
    homes: &BTreeSet<usize>,
    may_join: impl Fn(&Person, &Person) -> bool,
) -> bool {
    let group: Vec<&Person> = homes.iter().map(|&index| &people[index]).collect();
    let mut stores = BTreeSet::new();
    let room = group
        .iter()
        .flat_map(|person| &person.stores)
        .all(|store| stores.insert(*store));
    let known = group
        .iter()
        .filter(|person| person.contact.is_some())
        .count();
    room && known < 2
        && group
            .iter()
            .enumerate()
            .all(|(index, a)| group[index + 1..].iter().all(|b| may_join(a, b)))
}

impl<'a> Person<'a> {
    fn empty() -> Self {
        Person {
            contact: None,
            newcomers: Vec::new(),
            keys: BTreeSet::new(),
            stores: BTreeSet::new(),
            fields: Vec::new(),
            uid_is_taken: false,
        }
    }

    fn absorb(&mut self, other: Person<'a>) {
        self.contact = self.contact.or(other.contact);
        self.newcomers.extend(other.newcomers);
        self.keys.extend(other.keys);
        self.stores.extend(other.stores);
        self.fields.extend(other.fields);
        self.uid_is_taken |= other.uid_is_taken;
    }
}

fn uid_key(uid: &str) -> String {
    format!("uid {}", uid.trim().to_lowercase())
}

/// The words of the name, without case, order and commas.
fn name_key(fields: &[Field]) -> Option<String> {
    let name = fields.iter().find(|field| field.name() == "FN")?;
    let folded: String = name.value().nfkc().flat_map(char::to_lowercase).collect();
    let mut words: Vec<&str> = folded
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter(|word| !word.is_empty())
        .collect();
    words.sort_unstable();
    (!words.is_empty()).then(|| words.join(" "))
}
