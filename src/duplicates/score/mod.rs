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

mod by_name;
mod telling;

pub(super) use by_name::rarities;

use by_name::{at_a_desk, in_company, in_household, in_person, in_world};
use telling::{number, told, value};

use super::census::Census;
use super::dates::BirthdayLikeness;
use super::evidence::{Carried, Evidence, GenerationLikeness, Reach, Shared};
use super::likeness::Level;
use super::organisations::OrganisationLikeness;
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
    pub fn add(&mut self, bits: f64, what: What) {
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
                let is_slip = evidence.is_bare
                    && names.family >= Level::Part
                    && matches!(names.given, Level::Similar | Level::Garbled);
                in_household(names, people)
                    + if is_twin || is_slip { 3.0 } else { 0.0 }
                    + if has_same_half(evidence) { 4.0 } else { 0.0 }
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
        if names.is_swapped && a.name.is_ordered && b.name.is_ordered && !evidence.is_bare {
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
                    if in_world { 5.5 } else { 3.0 },
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
        if let Some((likeness, _)) = evidence.home
            && likeness.is_other()
        {
            // In a register the address is half of what is known.
            let in_register = evidence.is_bare && circle == Circle::World;
            let bits = match in_register {
                true => likeness.bits.clamp(-6.0, -2.0),
                false => weight(-0.3, -1.0, -1.5, -2.0),
            };
            self.add(bits, What::OtherHome);
        }
        match evidence.generation {
            GenerationLikeness::Same => {}
            GenerationLikeness::OneSided => {
                self.add(weight(-0.3, -5.0, -3.0, -3.0), What::OneGeneration);
            }
            GenerationLikeness::Different => self.add(-10.0, What::OtherGeneration),
        }
    }
}

/// Both cards have the same half of a name and lack the other.
fn has_same_half(evidence: &Evidence) -> bool {
    let (a, b) = (&evidence.a.name, &evidence.b.name);
    let same = |mine: &str, theirs: &str| !mine.is_empty() && mine == theirs;
    a.given.is_empty() && b.given.is_empty() && same(&a.family_key, &b.family_key)
        || a.family.is_empty() && b.family.is_empty() && same(&a.given_key, &b.given_key)
}

/// Two cards of companies share nothing but the name of the company.
fn is_only_name(evidence: &Evidence) -> bool {
    let mut shared = evidence.shared.iter();
    shared.all(|shared| matches!(shared.what, Carried::Organisation(_)))
}
