//! One card, normalised once for comparing it with many.

use std::cmp::Ordering;

use crate::card::{Card, Field};

use super::dates::Birthday;
use super::lexicon::{fold, is_legal_form};
use super::mails::Mail;
use super::names::{Called, Name, Written};
use super::organisations::Organisation;
use super::phones::{Line, Phone, Said};
use super::places::Place;
use super::region::Region;

/// What a card says of whom it is about, in the form in which cards are compared.
#[derive(Debug, Clone)]
pub struct Profile {
    uid: Option<Box<str>>,
    /// What the contact is called in other stores.
    also: Vec<Box<str>>,
    /// UIDs of cards that a person has told apart from this one.
    distinct: Box<[Box<str>]>,
    pub(super) subject: Subject,
    pub(super) name: Name,
    shown: Box<str>,
    pub(super) phones: Box<[Phone]>,
    pub(super) mails: Box<[Mail]>,
    pub(super) places: Box<[Place]>,
    pub(super) organisation: Option<Organisation>,
    pub(super) birthday: Option<Birthday>,
    /// Hashes of other identifiers: messenger names, numbers of a registry.
    pub(super) identities: Box<[u64]>,
    /// Orders profiles without regard to where they stand.
    stamp: u64,
}

/// What kind of thing a card is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    Person,
    /// `Mama`: a person, whatever the name.
    Kin,
    /// `Taxi`: one of many.
    Generic,
    Organisation,
    /// A number or an address without a name.
    Nameless,
    /// Nothing that could be compared; a group of cards.
    Empty,
}

impl Profile {
    /// Reads a card. `home` is the country of numbers that have no country code, unless the card
    /// itself speaks of another one where they are valid.
    pub fn of(card: &Card, home: Option<&Region>) -> Profile {
        let fields = fields(card);
        let mut regions = regions_named(&fields);
        if let Some(&home) = home
            && !regions.contains(&home)
        {
            regions.push(home);
        }
        let mut reading = Reading::default();
        for field in &fields {
            reading.take(field, &regions);
        }
        reading.into_profile(card.uid())
    }

    /// The same profile, of a contact that has these UIDs in other stores.
    pub fn also_known_as(mut self, uid: &str) -> Profile {
        let uid = uid_key(uid);
        if Some(&*uid) != self.uid.as_deref() && !self.also.contains(&uid) {
            self.also.push(uid);
            self.also.sort();
        }
        self
    }

    /// The UID, in small letters and without `urn:uuid:`.
    pub fn uid(&self) -> Option<&str> {
        self.uid.as_deref()
    }

    /// What the card calls its subject; for reading, and not made safe for a terminal.
    pub fn shown(&self) -> &str {
        match &self.organisation {
            Some(organisation) if self.shown.is_empty() => &organisation.shown,
            _ => &self.shown,
        }
    }

    /// All UIDs that the contact is known by.
    pub(super) fn uids(&self) -> impl Iterator<Item = &str> {
        self.uid.iter().chain(&self.also).map(|uid| &**uid)
    }

    /// Whether a person said, on either card, that these are two.
    pub(super) fn is_told_apart_from(&self, other: &Profile) -> bool {
        let names = |one: &Profile, other: &Profile| {
            one.distinct
                .iter()
                .any(|told| other.uids().any(|uid| uid == &**told))
        };
        names(self, other) || names(other, self)
    }

    /// Whether the two are copies of one subject: the same UID.
    pub(super) fn is_copy_of(&self, other: &Profile) -> bool {
        self.uids()
            .any(|uid| other.uids().any(|theirs| theirs == uid))
    }

    /// Orders profiles by what they say of the person, so that copies stand side by side.
    pub(super) fn by_content(&self, other: &Profile) -> Ordering {
        let phones = |profile: &Profile| -> Vec<u64> {
            profile
                .phones
                .iter()
                .map(|phone| phone.identity())
                .collect()
        };
        let mails = |profile: &Profile| -> Vec<Box<str>> {
            profile
                .mails
                .iter()
                .map(|mail| mail.address.clone())
                .collect()
        };
        let name = |profile: &Profile| {
            let name = &profile.name;
            (name.given.clone(), name.family.clone(), profile.birthday)
        };
        name(self)
            .cmp(&name(other))
            .then_with(|| phones(self).cmp(&phones(other)))
            .then_with(|| mails(self).cmp(&mails(other)))
    }

    /// An order of profiles that does not depend on where they stand.
    pub(super) fn order(&self) -> (u64, Option<&str>) {
        (self.stamp, self.uid.as_deref())
    }
}

/// The fields that a profile is made of.
fn fields(card: &Card) -> Vec<Field> {
    // An identifier may have any name that ends so, and only reading all of them finds it.
    let has_identifier = card
        .bytes()
        .windows(4)
        .any(|end| matches!(end, b"-ID:" | b"-ID;" | b"-id:" | b"-id;"));
    match has_identifier {
        true => card.fields(),
        false => card.fields_named(&READ),
    }
}

/// The properties that a profile reads, beside identifiers of any name.
const READ: [&str; 25] = [
    "FN",
    "N",
    "NICKNAME",
    "ORG",
    "TEL",
    "EMAIL",
    "ADR",
    "BDAY",
    "KIND",
    "X-ABSHOWAS",
    "X-CARDWEAVE-DISTINCT",
    "IMPP",
    "X-JABBER",
    "X-SKYPE",
    "X-SKYPE-USERNAME",
    "X-MATRIX",
    "X-SIGNAL",
    "X-ICQ",
    "X-AIM",
    "X-MSN",
    "X-QQ",
    "X-YAHOO",
    "X-GADUGADU",
    "X-GROUPWISE",
    "X-TWITTER",
];

/// The countries that a card speaks of: those of its addresses, then of its numbers.
pub(super) fn regions_named(fields: &[Field]) -> Vec<Region> {
    let mut regions = Vec::new();
    let mut add = |region: Option<Region>| {
        if let Some(region) = region
            && !regions.contains(&region)
        {
            regions.push(region);
        }
    };
    for field in fields.iter().filter(|field| field.name() == "ADR") {
        add(address_region(field));
    }
    for field in fields.iter().filter(|field| field.name() == "TEL") {
        add(super::phones::region_of(&field.text()));
    }
    regions
}

fn address_region(field: &Field) -> Option<Region> {
    let named = components(field.value()).pop();
    let said = field.params().get("X-ABADR");
    named
        .filter(|_| field.value().matches(';').count() >= 6)
        .and_then(|country| Region::named(&country))
        .or_else(|| Region::of(said?.trim()))
}

#[derive(Default)]
struct Reading {
    written: Written,
    shown: String,
    nickname: String,
    organisation: String,
    phones: Vec<Phone>,
    mails: Vec<Mail>,
    places: Vec<Place>,
    birthday: Option<Birthday>,
    identities: Vec<u64>,
    distinct: Vec<Box<str>>,
    is_group: bool,
    is_company: bool,
}

impl Reading {
    fn take(&mut self, field: &Field, regions: &[Region]) {
        let has = |kind: &str| field.types().contains(kind);
        match field.name() {
            "FN" => {
                self.shown = field.text();
                self.written.full = field.text();
            }
            "N" => {
                if let Some(parts) = field.parts() {
                    let mut parts = parts.into_iter();
                    let mut next = || parts.next().unwrap_or_default();
                    self.written.family = next();
                    self.written.given = next();
                    self.written.middle = next();
                    let _prefix = next();
                    self.written.suffix = next();
                }
            }
            "NICKNAME" if self.nickname.is_empty() => self.nickname = field.text(),
            "ORG" => {
                self.organisation = components(field.value())
                    .into_iter()
                    .next()
                    .unwrap_or_default();
            }
            "TEL" => {
                let said = Said {
                    is_cell: has("CELL"),
                    is_home: has("HOME"),
                    // A fax tells nothing that its telephone does not.
                    is_work: has("WORK") || has("FAX"),
                };
                let phone = Phone::read(&field.text(), regions, said);
                self.phones
                    .extend(phone.filter(|phone| !self.phones.contains(phone)));
            }
            "EMAIL" => {
                let mail = Mail::read(field.value());
                self.mails
                    .extend(mail.filter(|mail| !self.mails.contains(mail)));
            }
            "ADR" => {
                self.places
                    .extend(Place::read(&components(field.value()), has("WORK")));
            }
            "BDAY" => self.birthday = Birthday::read(field.value()),
            "KIND" => {
                self.is_group = field.value() == "group";
                self.is_company = field.value() == "org";
            }
            "X-ABSHOWAS" => self.is_company = field.value().eq_ignore_ascii_case("COMPANY"),
            "X-CARDWEAVE-DISTINCT" => self.distinct.push(uid_key(field.value())),
            "IMPP" => self.identify("IMPP", field.value()),
            name if is_identifier(name) => self.identify(name, field.value()),
            _ => {}
        }
    }

    fn identify(&mut self, name: &str, value: &str) {
        let value = value.trim().to_lowercase();
        if value.len() >= 4 {
            self.identities.push(hash(&[name, &value]));
        }
    }

    fn into_profile(mut self, uid: Option<String>) -> Profile {
        let mut organisation = Organisation::read(&self.organisation);
        let (mut called, mut name) = Name::read(&self.written);
        if called == Called::Nobody && organisation.is_none() && !self.nickname.is_empty() {
            let written = Written {
                full: std::mem::take(&mut self.nickname),
                ..Written::default()
            };
            (called, name) = Name::read(&written);
            self.shown = written.full;
        }
        self.is_company = self.is_about_company(called, organisation.as_ref());
        if self.is_company {
            organisation = organisation.or_else(|| Organisation::read(&self.written.full));
        }
        let has_something = !self.phones.is_empty()
            || !self.mails.is_empty()
            || !self.places.is_empty()
            || !self.identities.is_empty();
        let subject = match called {
            _ if self.is_group => Subject::Empty,
            _ if self.is_company && organisation.is_some() => Subject::Organisation,
            Called::Person => Subject::Person,
            Called::Kin => Subject::Kin,
            Called::Generic => Subject::Generic,
            Called::Nobody if has_something => Subject::Nameless,
            Called::Nobody => Subject::Empty,
        };
        if subject != Subject::Person {
            name = Name::default();
        }
        self.phones
            .sort_by_key(|phone| (phone.e164, phone.tail, phone.line));
        self.mails.sort_by(|a, b| a.address.cmp(&b.address));
        self.distinct.sort();
        let mut profile = Profile {
            uid: uid.map(|uid| uid_key(&uid)),
            also: Vec::new(),
            distinct: self.distinct.into(),
            subject,
            name,
            shown: self.shown.into(),
            phones: self.phones.into(),
            mails: self.mails.into(),
            places: self.places.into(),
            organisation,
            birthday: self.birthday,
            identities: self.identities.into(),
            stamp: 0,
        };
        profile.stamp = stamp(&profile);
        profile
    }

    /// Whether the name of the card is the name of a company and of nobody.
    fn is_about_company(&self, called: Called, organisation: Option<&Organisation>) -> bool {
        if self.is_company || self.birthday.is_some() {
            // Nobody keeps the birthday of a company.
            return self.is_company;
        }
        let full = fold(&self.written.full);
        let structured = fold(&format!("{} {}", self.written.given, self.written.family));
        let says_no_person = structured.is_empty() || structured == full;
        match organisation {
            _ if !says_no_person || called == Called::Kin => false,
            Some(_) if full.is_empty() => true,
            Some(organisation) => organisation.is_named(&full),
            // Somebody may be called like a legal form.
            None if !structured.is_empty() => false,
            None => {
                let is_form = |word: &str| word.len() > 2 && is_legal_form(word);
                full.contains(' ') && full.rsplit(' ').next().is_some_and(is_form)
            }
        }
    }
}

/// Properties of others that hold a number or name given to one person only.
fn is_identifier(name: &str) -> bool {
    let Some(own) = name.strip_prefix("X-") else {
        return false;
    };
    let is_messenger = matches!(
        own,
        "JABBER"
            | "SKYPE"
            | "SKYPE-USERNAME"
            | "MATRIX"
            | "SIGNAL"
            | "ICQ"
            | "AIM"
            | "MSN"
            | "QQ"
            | "YAHOO"
            | "GADUGADU"
            | "GROUPWISE"
            | "TWITTER"
    );
    // `X-SOC-SEC-ID`, `X-EMPLOYEE-ID`; not the numbers that programs give to cards.
    let is_of_program = [
        "X-ABUID",
        "X-EVOLUTION",
        "X-MS",
        "X-GOOGLE",
        "X-CARDWEAVE",
        "X-PILOT",
    ]
    .iter()
    .any(|start| name.starts_with(start));
    is_messenger || (own.ends_with("-ID") && !is_of_program)
}

/// The components of a normalised value, which are parted by `;` (RFC 6350 section 3.4).
fn components(value: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for c in value.chars() {
        match c {
            ';' if !escaped => parts.push(String::new()),
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            c => {
                if let Some(part) = parts.last_mut() {
                    part.push(c);
                }
            }
        }
        escaped = false;
    }
    parts
}

/// The form in which UIDs are compared.
fn uid_key(uid: &str) -> Box<str> {
    let uid = uid.trim().to_lowercase();
    uid.strip_prefix("urn:uuid:").unwrap_or(&uid).into()
}

/// A hash that is the same in every run and on every machine (FNV-1a, 64 bits), with a mark after
/// each part.
pub(super) fn hash(parts: &[&str]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut take = |byte: u8| {
        hash ^= u64::from(byte);
        hash = hash.wrapping_mul(0x0100_0000_01b3);
    };
    for part in parts {
        part.bytes().for_each(&mut take);
        take(0xff);
    }
    hash
}

fn stamp(profile: &Profile) -> u64 {
    let mut parts: Vec<String> = vec![
        profile.uid.as_deref().unwrap_or_default().to_owned(),
        profile.shown.to_string(),
        format!("{:?}", profile.name),
        format!("{:?}", profile.birthday),
    ];
    parts.extend(
        profile
            .phones
            .iter()
            .map(|phone| phone.identity().to_string()),
    );
    parts.extend(profile.mails.iter().map(|mail| mail.address.to_string()));
    parts.extend(profile.places.iter().map(Place::shown));
    parts.extend(
        profile
            .organisation
            .iter()
            .map(|organisation| organisation.core.to_string()),
    );
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    hash(&parts)
}

/// Whether somebody may be expected to answer the phone alone.
pub(super) fn is_personal(phone: &Phone) -> bool {
    phone.line == Line::Mobile
}
