//! What two profiles have in common and what sets them apart, before anybody weighs it.

use super::census::{Census, mail_key, organisation_key, phone_key, place_key};
use super::dates::{Birthday, BirthdayLikeness};
use super::likeness::{Level, NameLikeness};
use super::mails::{Fit, Mail};
use super::organisations::{Organisation, OrganisationLikeness};
use super::phones::{Line, Phone, PhoneLikeness};
use super::places::{Place, PlaceLikeness};
use super::profile::{Profile, Subject, is_personal};

/// What was found about a pair.
pub(super) struct Evidence<'a> {
    pub a: &'a Profile,
    pub b: &'a Profile,
    /// `None` unless both cards name a person.
    pub names: Option<NameLikeness>,
    pub shared: Vec<Shared<'a>>,
    /// Two mobile numbers one slip apart.
    pub near_phone: Option<(&'a Phone, &'a Phone)>,
    pub birthday: BirthdayLikeness,
    pub organisation: OrganisationLikeness,
    /// The likest pair of home addresses.
    pub home: Option<(PlaceLikeness, &'a Place)>,
    pub generation: GenerationLikeness,
    /// Both have mobile numbers, and none in common.
    pub other_mobiles: bool,
    /// Both have addresses of their own, and none in common.
    pub other_mails: bool,
    /// Neither card has a number or a mail address.
    pub is_bare: bool,
    /// A mail address on one card holds the name on the other.
    pub mail_names_other: bool,
    /// Two different addresses of one name at one domain.
    pub rival_mails: Option<(&'a Mail, &'a Mail)>,
}

/// Something that both cards carry.
#[derive(Clone, Copy)]
pub(super) struct Shared<'a> {
    pub what: Carried<'a>,
    pub reach: Reach,
    /// How many different people carry it.
    pub people: u16,
}

#[derive(Clone, Copy)]
pub(super) enum Carried<'a> {
    Phone(&'a Phone, PhoneLikeness),
    Mail(&'a Mail),
    Identity,
    Home(&'a Place),
    Work(&'a Place),
    Organisation(&'a Organisation),
}

/// Whom something reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// One person: a mobile number, a mail address of one's own.
    Person,
    /// A few who live or sit together.
    Household,
    /// Everybody of a company.
    Company,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GenerationLikeness {
    Same,
    OneSided,
    Different,
}

/// As many people carry the number of a company, a club, a school.
const MANY_PEOPLE: u16 = 6;

impl<'a> Evidence<'a> {
    pub fn of(a: &'a Profile, b: &'a Profile, census: &Census) -> Evidence<'a> {
        let both_named = a.subject == Subject::Person && b.subject == Subject::Person;
        let names = both_named.then(|| NameLikeness::of(&a.name, &b.name));
        let mut evidence = Evidence {
            a,
            b,
            names,
            shared: Vec::new(),
            near_phone: None,
            birthday: Birthday::likeness(a.birthday, b.birthday),
            organisation: Organisation::likeness(a.organisation.as_ref(), b.organisation.as_ref()),
            home: None,
            generation: match (a.name.generation, b.name.generation) {
                (Some(one), Some(other)) if one != other => GenerationLikeness::Different,
                (Some(_), None) | (None, Some(_)) => GenerationLikeness::OneSided,
                _ => GenerationLikeness::Same,
            },
            other_mobiles: false,
            other_mails: false,
            is_bare: [a, b].iter().all(|profile| {
                profile.phones.is_empty()
                    && profile.mails.is_empty()
                    && profile.identities.is_empty()
            }),
            mail_names_other: false,
            rival_mails: None,
        };
        evidence.compare_phones(census);
        evidence.compare_mails(census);
        evidence.compare_mails_with_names();
        evidence.compare_places(census);
        let is_shared = |identity: &&u64| b.identities.contains(identity);
        for &identity in a.identities.iter().filter(is_shared) {
            evidence.share(
                Carried::Identity,
                Reach::Person,
                census.carriers(identity).people,
            );
        }
        if let (OrganisationLikeness::Same, Some(organisation)) =
            (evidence.organisation, &a.organisation)
        {
            let people = census.carriers(organisation_key(&organisation.core)).people;
            evidence.share(Carried::Organisation(organisation), Reach::Company, people);
        }
        evidence
    }

    /// Whether the given names are one with slips of the keyboard.
    pub fn is_misspelled(&self) -> bool {
        self.names.is_some_and(|names| {
            matches!(names.given, Level::Garbled | Level::Similar | Level::Typo)
        })
    }

    fn share(&mut self, what: Carried<'a>, reach: Reach, people: u16) {
        let reach = match people >= MANY_PEOPLE {
            true => Reach::Company,
            false => reach,
        };
        self.shared.push(Shared {
            what,
            reach,
            people,
        });
    }

    fn compare_phones(&mut self, census: &Census) {
        let (a, b) = (self.a, self.b);
        let mut shares_mobile = false;
        for mine in &a.phones {
            for theirs in &b.phones {
                let likeness = mine.likeness(theirs);
                match likeness {
                    PhoneLikeness::Different => continue,
                    PhoneLikeness::Near => {
                        self.near_phone = Some((mine, theirs));
                        continue;
                    }
                    PhoneLikeness::Tail | PhoneLikeness::Same => {}
                }
                let counted =
                    [mine, theirs].map(|phone| census.carriers(phone_key(phone.identity())));
                let people = counted[0].people.max(counted[1].people);
                let is_mobile = is_personal(mine) || is_personal(theirs);
                let is_service = [mine, theirs]
                    .iter()
                    .any(|phone| phone.line == Line::Service);
                let of_company =
                    counted.iter().any(|carriers| carriers.has_organisation) && !is_mobile;
                let reach = match (is_service || of_company, is_mobile) {
                    (true, _) => Reach::Company,
                    (false, true) => Reach::Person,
                    (false, false) => Reach::Household,
                };
                shares_mobile |= is_mobile;
                self.share(Carried::Phone(mine, likeness), reach, people);
            }
        }
        let has = |profile: &Profile, lines: &[Line]| {
            profile
                .phones
                .iter()
                .any(|phone| lines.contains(&phone.line))
        };
        let perhaps = &[Line::Mobile, Line::Open][..];
        let both_have = has(a, perhaps) && has(b, perhaps);
        self.other_mobiles = !shares_mobile && self.near_phone.is_none() && both_have;
    }

    fn compare_mails(&mut self, census: &Census) {
        let (a, b) = (self.a, self.b);
        let mut shares_own = false;
        for mine in &a.mails {
            for theirs in &b.mails {
                if mine.address != theirs.address {
                    if is_rival(mine, theirs) {
                        self.rival_mails = Some((mine, theirs));
                    }
                    continue;
                }
                let carriers = census.carriers(mail_key(&mine.address));
                let reach = match (mine.is_role, carriers.people) {
                    (true, _) => Reach::Company,
                    _ if is_family_mailbox(mine.local()) => Reach::Household,
                    (false, 1) => Reach::Person,
                    // Somebody else has it too, but it is the name of one of these two.
                    (false, _) if mine.fit(&a.name).max(mine.fit(&b.name)) >= Fit::Given => {
                        Reach::Person
                    }
                    _ => Reach::Household,
                };
                shares_own = true;
                self.share(Carried::Mail(mine), reach, carriers.people);
            }
        }
        let has_own = |profile: &Profile| {
            let own = |mail: &&Mail| !mail.is_role && !is_family_mailbox(mail.local());
            profile.mails.iter().any(|mail| own(&mail))
        };
        self.other_mails = !shares_own && has_own(a) && has_own(b);
    }

    /// Looks for the name of one card in the addresses of the other, where the names themselves do
    /// not tell.
    fn compare_mails_with_names(&mut self) {
        let is_told =
            |names: NameLikeness| names.given >= Level::Typo || names.given == Level::Different;
        if self.names.is_some_and(is_told) {
            return;
        }
        let holds = |from: &Profile, of: &Profile| {
            let full = |mail: &Mail| mail.fit(&of.name) == Fit::Full;
            of.name.is_full() && from.mails.iter().any(full)
        };
        self.mail_names_other = holds(self.a, self.b) || holds(self.b, self.a);
    }

    fn compare_places(&mut self, census: &Census) {
        for mine in &self.a.places {
            for theirs in &self.b.places {
                let likeness = mine.likeness(theirs, census.rarity(mine, theirs));
                let is_work = mine.is_work && theirs.is_work;
                if !is_work && self.home.is_none_or(|(best, _)| likeness.bits > best.bits) {
                    self.home = Some((likeness, mine));
                }
                if !likeness.is_same {
                    continue;
                }
                let people = place_key(mine).map_or(1, |key| census.carriers(key).people);
                let (what, reach) = match mine.is_work || theirs.is_work {
                    true => (Carried::Work(mine), Reach::Company),
                    false => (Carried::Home(mine), Reach::Household),
                };
                self.share(what, reach, people);
            }
        }
    }
}

/// Whether two cards share nothing and bear other names, seen without looking closer: most pairs
/// that were brought together by parts of their names.
pub(super) fn is_hopeless(a: &Profile, b: &Profile) -> bool {
    let both_persons = a.subject == Subject::Person && b.subject == Subject::Person;
    let may_share_more = a.birthday.is_some() && b.birthday.is_some()
        || !a.places.is_empty() && !b.places.is_empty()
        || a.identities
            .iter()
            .any(|identity| b.identities.contains(identity));
    if !both_persons || may_share_more {
        return false;
    }
    let shares_phone = || {
        a.phones.iter().any(|mine| {
            let like = |theirs: &Phone| mine.likeness(theirs) != PhoneLikeness::Different;
            b.phones.iter().any(like)
        })
    };
    let shares_mail = || {
        a.mails
            .iter()
            .any(|mine| b.mails.iter().any(|theirs| mine.address == theirs.address))
    };
    if shares_phone() || shares_mail() {
        return false;
    }
    let names = NameLikeness::of(&a.name, &b.name);
    names.given == Level::Different || names.family == Level::Different
}

/// `anna.mueller@` and `anna.mueller2@`: where a name was taken, the next one got a number.
fn is_rival(a: &Mail, b: &Mail) -> bool {
    a.domain() == b.domain()
        && a.local_without_number() == b.local_without_number()
        && a.local_without_number().len() > 3
        && !a.is_role
}

fn is_family_mailbox(local: &str) -> bool {
    const WORDS: [&str; 9] = [
        "familie", "family", "fam", "famille", "familia", "famiglia", "rodzina", "semya", "aile",
    ];
    local
        .split(|c: char| !c.is_ascii_alphabetic())
        .any(|word| WORDS.contains(&word))
}
