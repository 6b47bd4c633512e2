//! How likely it is that two cards are one person.
//!
//! The odds of a pair are taken as Fellegi and Sunter do: a start, and for each piece of evidence
//! the log2 of how much likelier it is for one person than for two. What is different here is the
//! start. Evidence is not independent: who shares a landline is a family and shares the family
//! name too; who shares a company shares its number, its address and its domain. So the strongest
//! thing that both cards carry says whom the pair was drawn from (one person, a household, a
//! company, the whole address book), the start is the odds among such pairs, and the weights of
//! the names are those that tell the members of that circle apart. Things of one circle count
//! once.

use super::census::Census;
use super::dates::BirthdayLikeness;
use super::evidence::{Carried, Evidence, GenerationLikeness, Reach, Shared};
use super::likeness::{Level, NameLikeness};
use super::organisations::OrganisationLikeness;
use super::phones::PhoneLikeness;
use super::profile::{Profile, Subject};
use super::reason::{Reason, What};

/// The circle of people that a pair is drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Circle {
    /// Both carry what one person has; so many people carry it.
    Person(u16),
    Household(u16),
    /// A line at work, which a desk or a team has.
    Desk(u16),
    Company(u16),
    World,
}

/// The evidence in bits, and what it was.
pub(super) struct Weighed {
    pub bits: f64,
    pub reasons: Vec<Reason>,
}

pub(super) fn probability(bits: f64) -> f64 {
    1.0 / (1.0 + (-bits).exp2())
}

fn odds(probability: f64) -> f64 {
    (probability / (1.0 - probability)).log2()
}

pub(super) fn weigh(evidence: &Evidence, census: &Census) -> Weighed {
    let mut weighed = Weighed {
        bits: 0.0,
        reasons: Vec::new(),
    };
    let circle = match circle(evidence) {
        // A birthday tells the members of a household apart, however many they are.
        Circle::Household(_) if evidence.birthday == BirthdayLikeness::Same => Circle::Household(1),
        // A misspelled name was counted as one more of them.
        Circle::Household(people) if evidence.is_bare && evidence.is_misspelled() => {
            Circle::Household(people.saturating_sub(1).max(1))
        }
        circle => circle,
    };
    weighed.start(circle);
    weighed.count_shared(evidence, circle);
    weighed.count_names(evidence, circle, census);
    weighed.count_birthday(evidence, circle);
    weighed.count_differences(evidence, circle);
    weighed
}

/// The strongest tie between the two, and how many people it ties.
fn circle(evidence: &Evidence) -> Circle {
    let tied = |reach: Reach| {
        let ties = evidence
            .shared
            .iter()
            .filter(|shared| shared.reach == reach);
        ties.map(|shared| shared.people).min()
    };
    if let Some(people) = tied(Reach::Person) {
        return Circle::Person(people);
    }
    if let Some(people) = tied(Reach::Household) {
        let is_desk =
            |shared: &Shared| matches!(shared.what, Carried::Phone(phone, _) if phone.is_work);
        let mut ties = evidence
            .shared
            .iter()
            .filter(|shared| shared.reach == Reach::Household);
        return match ties.all(is_desk) {
            true => Circle::Desk(people),
            false => Circle::Household(people),
        };
    }
    match tied(Reach::Company) {
        Some(people) => Circle::Company(people),
        None => Circle::World,
    }
}

impl Weighed {
    fn add(&mut self, bits: f64, what: What) {
        self.bits += bits;
        self.reasons.push(Reason::new(what, bits));
    }

    /// The odds among pairs of the circle before anything else is known of them.
    fn start(&mut self, circle: Circle) {
        self.bits += match circle {
            // Of two cards with one mobile number or address, all but one pair in thirty are one
            // person; the more names it has been seen with, the fewer.
            Circle::Person(1) => 5.0,
            Circle::Person(2) => 2.0,
            Circle::Person(3) => 0.0,
            Circle::Person(_) => -2.0,
            Circle::Household(1) => 2.0,
            Circle::Household(_) => -2.5,
            Circle::Desk(1) => 1.5,
            Circle::Desk(_) => -2.5,
            // The names say it, in `count_names`.
            Circle::Company(_) | Circle::World => 0.0,
        };
    }

    /// What else both carry, beside what made the circle.
    fn count_shared(&mut self, evidence: &Evidence, circle: Circle) {
        let mut best: [Option<&Shared>; 3] = [None; 3];
        let mut persons = 0;
        for shared in &evidence.shared {
            let slot = &mut best[shared.reach as usize];
            if slot.is_none_or(|best| shared.people < best.people) {
                *slot = Some(shared);
            }
            persons += usize::from(shared.reach == Reach::Person);
        }
        for shared in &evidence.shared {
            let is_one_fact = shared.reach != Reach::Person
                && !best[shared.reach as usize].is_some_and(|best| std::ptr::eq(best, shared));
            if is_one_fact {
                continue;
            }
            // For reading; the start holds the bits of the first.
            self.reasons.push(Reason::new(
                told(shared),
                3.0 - shared.reach as usize as f64,
            ));
            if shared.people > 1 {
                let value = value(shared);
                self.reasons
                    .push(Reason::new(What::SharedBy(value, shared.people), -1.0));
            }
        }
        if matches!(circle, Circle::Person(_)) {
            // A second number or address of one's own is nearly independent of the first.
            self.bits += 4.0 * (persons.saturating_sub(1).min(2) as f64);
            self.bits += if best[1].is_some() { 1.0 } else { 0.0 };
        }
        if !matches!(circle, Circle::Company(_) | Circle::World) && best[2].is_some() {
            self.bits += 1.0;
        }
        if let Some((a, b)) = evidence.near_phone {
            let bits = match circle {
                Circle::Person(_) => 2.0,
                Circle::Household(_) | Circle::Desk(_) => 6.0,
                Circle::Company(_) => 8.0,
                Circle::World => 13.0,
            };
            self.add(bits, What::NearNumber(number(a.e164), number(b.e164)));
        }
        if let (Circle::World | Circle::Company(_), Some((likeness, place))) =
            (circle, evidence.home)
            && !likeness.is_other()
            && likeness.bits > 0.0
        {
            self.add(
                likeness.bits.min(16.0),
                What::SameArea(place.shown().into()),
            );
        }
    }

    fn count_names(&mut self, evidence: &Evidence, circle: Circle, census: &Census) {
        let (a, b) = (evidence.a, evidence.b);
        let Some(names) = evidence.names else {
            return self.count_nameless(evidence, circle);
        };
        let bits = match circle {
            Circle::Person(people) => in_person(names, people),
            Circle::Household(people) => {
                // Twins are hardly ever given names that look alike.
                let same_day = evidence.birthday == BirthdayLikeness::Same;
                let is_twin = same_day && names.given == Level::Alike;
                in_household(names, people) + if is_twin { 3.0 } else { 0.0 }
            }
            Circle::Desk(people) => in_household(names, people) - at_a_desk(names),
            Circle::Company(people) => in_company(names, a, b, people, census),
            Circle::World => in_world(names, evidence, census),
        };
        self.bits += bits;
        self.tell_names(names, a, b);
        if circle == Circle::World && names.given >= Level::Spelled && bits < -1.0 {
            self.reasons
                .push(Reason::new(What::CommonName(a.shown().into()), bits));
        }
        if names.is_swapped && a.name.is_ordered && b.name.is_ordered {
            self.bits -= 0.5;
        }
        // An address in the name that nobody could read tells how it is read.
        if evidence.mail_names_other && names.given == Level::Unreadable {
            self.bits += 4.0;
        }
        if names.middle == Level::Different {
            let bits = match circle {
                Circle::Person(_) => -1.0,
                Circle::Household(_) | Circle::Desk(_) => -4.0,
                _ => -5.0,
            };
            let middle = |profile: &Profile| profile.name.middle.clone();
            self.add(bits, What::OtherMiddle(middle(a), middle(b)));
        } else if names.middle > Level::Initial && circle == Circle::World {
            self.bits += 3.0;
        }
    }

    /// At least one card names no person.
    fn count_nameless(&mut self, evidence: &Evidence, circle: Circle) {
        let subjects = [evidence.a.subject, evidence.b.subject];
        let both = subjects[0] == subjects[1];
        let has = |subject: Subject| subjects.contains(&subject);
        let same_words =
            evidence.a.shown().trim().to_lowercase() == evidence.b.shown().trim().to_lowercase();
        if has(Subject::Organisation) && both {
            let bits = match (evidence.organisation, circle) {
                (OrganisationLikeness::Same, Circle::World) => -2.0,
                (OrganisationLikeness::Same, Circle::Company(_)) if is_only_name(evidence) => -0.5,
                (OrganisationLikeness::Same, _) => 7.0,
                (OrganisationLikeness::Part, Circle::World) => -6.0,
                (OrganisationLikeness::Part, _) => 2.0,
                (_, Circle::World) => -12.0,
                (_, _) => -4.0,
            };
            self.bits += bits;
            return;
        }
        if has(Subject::Kin) && !(both && same_words) {
            let kin = if subjects[0] == Subject::Kin {
                evidence.a
            } else {
                evidence.b
            };
            let mut bits = if has(Subject::Nameless) { -2.0 } else { -4.0 };
            bits += if evidence.mail_names_other { 1.5 } else { 0.0 };
            self.add(bits, What::Kin(kin.shown().into()));
        } else if has(Subject::Generic) && !(both && same_words) {
            self.add(-6.0, What::NoName);
        } else if has(Subject::Nameless) && !both {
            // Whose number it is, when two have it, nobody can tell.
            let bits = match circle {
                Circle::Person(1) => 0.0,
                Circle::Household(_) | Circle::Desk(_) => -2.0,
                _ => -4.0,
            };
            self.add(bits, What::NoName);
        } else if both && same_words && !evidence.a.shown().is_empty() {
            self.add(3.0, What::SameName(evidence.a.shown().into()));
        }
        match circle {
            Circle::World => self.bits -= 14.0,
            Circle::Company(_) => self.bits -= 5.0,
            _ => {}
        }
    }

    fn count_birthday(&mut self, evidence: &Evidence, circle: Circle) {
        let (Some(a), Some(b)) = (evidence.a.birthday, evidence.b.birthday) else {
            return;
        };
        let (a_text, b_text): (Box<str>, Box<str>) = (a.to_string().into(), b.to_string().into());
        // One date in 25,000 for a random pair of adults; brothers and sisters are twins once in
        // eighty.
        let in_world = matches!(circle, Circle::World | Circle::Company(_));
        match evidence.birthday {
            BirthdayLikeness::Unknown => {}
            BirthdayLikeness::Same => {
                self.add(
                    if in_world { 13.0 } else { 7.0 },
                    What::SameBirthday(a_text),
                );
            }
            BirthdayLikeness::SameDay => {
                self.add(if in_world { 8.0 } else { 5.0 }, What::SameBirthday(a_text));
            }
            BirthdayLikeness::Slip => {
                self.add(
                    if in_world { 6.5 } else { 3.5 },
                    What::AlmostBirthday(a_text, b_text),
                );
            }
            BirthdayLikeness::Slips => {
                self.add(
                    if in_world { 1.0 } else { -1.0 },
                    What::AlmostBirthday(a_text, b_text),
                );
            }
            BirthdayLikeness::Different => {
                self.add(-9.0, What::OtherBirthday(a_text, b_text));
            }
        }
    }

    fn count_differences(&mut self, evidence: &Evidence, circle: Circle) {
        let weight = |person: f64, household: f64, company: f64, world: f64| match circle {
            Circle::Person(_) => person,
            Circle::Household(_) | Circle::Desk(_) => household,
            Circle::Company(_) => company,
            Circle::World => world,
        };
        if evidence.other_mobiles {
            self.add(weight(-1.0, -5.0, -3.0, -2.0), What::OtherMobiles);
        }
        if evidence.other_mails {
            self.add(weight(-0.5, -2.5, -2.0, -1.0), What::OtherMails);
        }
        if let OrganisationLikeness::Different = evidence.organisation {
            let shown = |profile: &Profile| {
                let organisation = profile.organisation.as_ref();
                organisation.map_or_else(Box::default, |organisation| organisation.shown.clone())
            };
            let bits = weight(-0.2, -0.5, -1.0, -2.0);
            self.add(
                bits,
                What::OtherOrganisation(shown(evidence.a), shown(evidence.b)),
            );
        }
        if evidence
            .home
            .is_some_and(|(likeness, _)| likeness.is_other())
        {
            self.add(weight(-0.3, -1.0, -1.5, -2.0), What::OtherHome);
        }
        match evidence.generation {
            GenerationLikeness::Same => {}
            GenerationLikeness::OneSided => {
                self.add(weight(-0.3, -5.0, -3.0, -3.0), What::OneGeneration);
            }
            GenerationLikeness::Different => self.add(-10.0, What::OtherGeneration),
        }
    }

    fn tell_names(&mut self, names: NameLikeness, a: &Profile, b: &Profile) {
        let shown = || (a.shown().into(), b.shown().into());
        let given = || (a.name.given.clone(), b.name.given.clone());
        let family = || (a.name.family.clone(), b.name.family.clone());
        let mut tell = |what: What, bits: f64| self.reasons.push(Reason::new(what, bits));
        if names.is_swapped {
            let (a, b) = shown();
            return tell(What::SwappedName(a, b), 2.0);
        }
        if names.given == Level::Same && names.family == Level::Same {
            return tell(What::SameName(a.shown().into()), 3.0);
        }
        if names.given >= Level::Spelled && names.family >= Level::Spelled {
            let (a, b) = shown();
            return tell(What::SpelledName(a, b), 2.5);
        }
        let (one, other) = given();
        let (short, long) = match (one.len(), &one) < (other.len(), &other) {
            true => (one, other),
            false => (other, one),
        };
        match names.given {
            Level::Same | Level::Spelled => tell(What::SameGiven(long), 1.5),
            Level::Variant | Level::Part => tell(What::ShortFor(short, long), 1.2),
            Level::Initial => tell(What::Initial(short, long), 0.5),
            Level::Typo | Level::Similar | Level::Alike | Level::Garbled => {
                tell(What::AlmostGiven(short, long), 0.5)
            }
            Level::Missing => tell(What::NoGiven, -0.5),
            Level::Unreadable => tell(What::Unreadable, -0.5),
            Level::Different => tell(What::OtherGiven(short, long), -9.0),
        }
        let (one, other) = family();
        match names.family {
            Level::Same | Level::Spelled | Level::Variant => tell(What::SameFamily(one), 1.5),
            Level::Part
            | Level::Typo
            | Level::Similar
            | Level::Initial
            | Level::Alike
            | Level::Garbled => {
                tell(What::AlmostFamily(one, other), 0.5);
            }
            Level::Missing => tell(What::NoFamily, -0.5),
            Level::Unreadable => {}
            Level::Different => tell(What::OtherFamily(one, other), -2.0),
        }
    }
}

/// Bits of the names among pairs that share a number or address of one person. The two that are
/// not one person are parent and child, or the old and the new owner of a number.
fn in_person(names: NameLikeness, people: u16) -> f64 {
    let given = match names.given {
        Level::Same | Level::Spelled => 3.5,
        Level::Variant | Level::Part => 3.0,
        Level::Typo => 2.5,
        Level::Initial => 1.5,
        Level::Similar => 0.5,
        Level::Garbled => -2.5,
        Level::Alike => -3.0,
        Level::Unreadable => -2.0,
        // Which of those who have the number is it?
        Level::Missing => {
            if people > 1 {
                -3.0
            } else {
                0.0
            }
        }
        Level::Different => -9.0,
    };
    let family = match names.family {
        Level::Same | Level::Spelled | Level::Variant => 2.5,
        Level::Typo | Level::Part => 2.0,
        Level::Similar | Level::Initial | Level::Alike => 1.0,
        Level::Garbled if names.given >= Level::Spelled => -1.0,
        Level::Missing | Level::Unreadable => 0.0,
        // Somebody married, if at least the given name is the same.
        Level::Different if names.given >= Level::Spelled => -2.0,
        Level::Different if names.given >= Level::Part => -4.0,
        Level::Different | Level::Garbled if names.given == Level::Typo => -3.5,
        Level::Different | Level::Garbled => -5.0,
    };
    given + family
}

/// Bits of the names among pairs that share a landline, a home, a family's mailbox. The two that
/// are not one person bear the same family name, and another given name unless they are father
/// and son.
fn in_household(names: NameLikeness, people: u16) -> f64 {
    let given = match names.given {
        Level::Same | Level::Spelled => 5.5,
        Level::Variant | Level::Part => 4.5,
        Level::Typo => 3.0,
        Level::Initial => 1.0,
        Level::Similar => -1.0,
        Level::Garbled => -5.0,
        Level::Alike => -6.0,
        Level::Unreadable => -1.0,
        Level::Missing => {
            if people > 1 {
                -3.0
            } else {
                -1.0
            }
        }
        Level::Different => -10.0,
    };
    let family = match names.family {
        Level::Same | Level::Spelled | Level::Variant => 1.0,
        Level::Typo | Level::Part => 0.5,
        Level::Similar | Level::Initial | Level::Alike => 0.0,
        Level::Garbled => -1.0,
        Level::Missing | Level::Unreadable => 0.0,
        Level::Different => -4.5,
    };
    given + family
}

/// How the chance of a level compares with that of the very same name: for a second card of one
/// person, and for the number of other people who come as near.
fn spread(level: Level) -> (f64, f64) {
    match level {
        Level::Same => (1.0, 1.0),
        Level::Spelled => (0.3, 1.2),
        Level::Variant => (0.15, 2.0),
        Level::Part => (0.1, 3.0),
        Level::Typo => (0.15, 4.0),
        Level::Initial => (0.06, 1.0),
        Level::Similar => (0.05, 20.0),
        Level::Garbled => (0.02, 50.0),
        Level::Alike => (0.01, 20.0),
        Level::Unreadable => (0.05, 50.0),
        Level::Missing => (0.08, 1.0),
        Level::Different => (0.002, 1.0),
    }
}

/// The share of people whose name comes as near as these two.
fn bearers(level: Level, share: f64) -> f64 {
    match level {
        Level::Missing | Level::Different | Level::Unreadable => 1.0,
        Level::Initial => 0.07,
        _ => (share * spread(level).1).min(1.0),
    }
}

/// Odds of the names alone, in bits, where a person has a second card in the same circle with the
/// probability `second`, the circle holds `people`, and `kin` of them bear one name for a reason.
fn among(
    names: NameLikeness,
    a: &Profile,
    b: &Profile,
    census: &Census,
    circle: (f64, f64, f64),
) -> f64 {
    let (people, second, kin) = circle;
    let given = census.given_share(&a.name).max(census.given_share(&b.name));
    let family = census
        .family_share(&a.name)
        .max(census.family_share(&b.name));
    // Names come from a language: who has one of its given names has one of its family names.
    const FASHION: f64 = 6.0;
    let others = FASHION * people * bearers(names.given, given) * bearers(names.family, family);
    let chance = second * spread(names.given).0 * spread(names.family).0;
    // Namesakes by kinship or fashion are nearer than chance has them; relatives share half.
    let kin = match (names.given, names.family) {
        (Level::Missing | Level::Different | Level::Initial, _) => 0.5,
        (Level::Alike | Level::Similar | Level::Garbled, _) => 0.2,
        (_, Level::Missing | Level::Different) => 0.1,
        _ => kin,
    };
    odds((chance / (chance + kin + others)).clamp(1e-7, 1.0 - 1e-7))
}

fn in_company(names: NameLikeness, a: &Profile, b: &Profile, people: u16, census: &Census) -> f64 {
    among(
        names,
        a,
        b,
        census,
        (f64::from(people).max(10.0), 0.3, 0.06),
    )
}

/// Cards that have numbers or addresses, and share none, are seldom one person. A card that has
/// none could not share any.
fn in_world(names: NameLikeness, evidence: &Evidence, census: &Census) -> f64 {
    let (a, b) = (evidence.a, evidence.b);
    if evidence.is_bare
        && (evidence.home.is_some() || evidence.birthday != BirthdayLikeness::Unknown)
    {
        return in_register(names, a, b, census);
    }
    let second = if evidence.is_bare { 0.3 } else { 0.02 };
    among(names, a, b, census, (census.people, second, 0.008))
}

/// Bits of the names on cards that are told apart by birthday and address alone, as in a register:
/// how many cards there are, and for each name how rare it is.
fn in_register(names: NameLikeness, a: &Profile, b: &Profile, census: &Census) -> f64 {
    let rarity = |share: f64| (-share.log2()).clamp(3.0, 10.0);
    let given = rarity(census.given_share(&a.name).max(census.given_share(&b.name)));
    let family = rarity(
        census
            .family_share(&a.name)
            .max(census.family_share(&b.name)),
    );
    let bits = |level: Level, rarity: f64, different: f64| match level {
        Level::Same | Level::Spelled => rarity,
        Level::Variant | Level::Part => rarity - 1.5,
        Level::Typo => rarity - 2.5,
        Level::Initial | Level::Similar => 3.0,
        Level::Garbled => 1.0,
        Level::Missing | Level::Unreadable | Level::Alike => -0.5,
        Level::Different => different,
    };
    let start = -(2.0 * census.people.max(1.0)).log2();
    start + bits(names.given, given, -5.0) + bits(names.family, family, -3.5)
}

/// What names are worth less at work: colleagues are no family, and may have names that look alike.
fn at_a_desk(names: NameLikeness) -> f64 {
    match names.given {
        Level::Typo | Level::Initial | Level::Missing => 2.5,
        _ => 0.0,
    }
}

/// Two cards of companies share nothing but the name of the company.
fn is_only_name(evidence: &Evidence) -> bool {
    let mut shared = evidence.shared.iter();
    shared.all(|shared| matches!(shared.what, Carried::Organisation(_)))
}

fn told(shared: &Shared) -> What {
    match shared.what {
        Carried::Phone(_, PhoneLikeness::Tail) => What::SameTail(value(shared)),
        Carried::Phone(..) if shared.reach == Reach::Person => What::SameMobile(value(shared)),
        Carried::Phone(..) => What::SameNumber(value(shared)),
        Carried::Mail(_) => What::SameMail(value(shared)),
        Carried::Identity => What::SameIdentity,
        Carried::Home(_) | Carried::Work(_) => What::SameHome(value(shared)),
        Carried::Organisation(_) => What::SameOrganisation(value(shared)),
    }
}

fn value(shared: &Shared) -> Box<str> {
    match shared.what {
        Carried::Phone(phone, _) if phone.e164 != 0 => number(phone.e164),
        Carried::Phone(phone, _) => phone.tail.to_string().into(),
        Carried::Mail(mail) => mail.address.clone(),
        Carried::Identity => "the identifier".into(),
        Carried::Home(place) | Carried::Work(place) => place.shown().into(),
        Carried::Organisation(organisation) => organisation.shown.clone(),
    }
}

fn number(e164: u64) -> Box<str> {
    format!("+{e164}").into()
}
