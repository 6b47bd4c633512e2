//! Puts what was weighed into words.

use super::Weighed;
use crate::duplicates::evidence::{Carried, Reach, Shared};
use crate::duplicates::likeness::{Level, NameLikeness};
use crate::duplicates::phones::PhoneLikeness;
use crate::duplicates::profile::Profile;
use crate::duplicates::reason::{Reason, What};

impl Weighed {
    pub fn tell_names(&mut self, names: NameLikeness, a: &Profile, b: &Profile) {
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

pub(super) fn told(shared: &Shared) -> What {
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

pub(super) fn value(shared: &Shared) -> Box<str> {
    match shared.what {
        Carried::Phone(phone, _) if phone.e164 != 0 => number(phone.e164),
        Carried::Phone(phone, _) => phone.tail.to_string().into(),
        Carried::Mail(mail) => mail.address.clone(),
        Carried::Identity => "the identifier".into(),
        Carried::Home(place) | Carried::Work(place) => place.shown().into(),
        Carried::Organisation(organisation) => organisation.shown.clone(),
    }
}

pub(super) fn number(e164: u64) -> Box<str> {
    format!("+{e164}").into()
}
