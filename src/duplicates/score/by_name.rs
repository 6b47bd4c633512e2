//! What the names of two cards are worth in each circle.

use super::odds;
use crate::duplicates::census::{Census, FASHION};
use crate::duplicates::dates::BirthdayLikeness;
use crate::duplicates::evidence::Evidence;
use crate::duplicates::likeness::{Level, NameLikeness};
use crate::duplicates::profile::Profile;

/// Bits of the names among pairs that share a number or address of one person. The two that are
/// not one person are parent and child, or the old and the new owner of a number.
pub(super) fn in_person(names: NameLikeness, people: u16) -> f64 {
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
pub(super) fn in_household(names: NameLikeness, people: u16) -> f64 {
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
    let (given, family) = census.shares(&a.name, &b.name);
    let others = FASHION * people * bearers(names.given, given) * bearers(names.family, family);
    let others = match names.given.min(names.family) >= Level::Spelled {
        true => others.max(census.namesakes(&a.name).max(census.namesakes(&b.name))),
        false => others,
    };
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

pub(super) fn in_company(
    names: NameLikeness,
    a: &Profile,
    b: &Profile,
    people: u16,
    census: &Census,
) -> f64 {
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
pub(super) fn in_world(names: NameLikeness, evidence: &Evidence, census: &Census) -> f64 {
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
pub(super) fn in_register(names: NameLikeness, a: &Profile, b: &Profile, census: &Census) -> f64 {
    let (given, family) = rarities(census, a, b);
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

/// What it tells in a register that two given names, and two family names, are the same, in bits.
pub fn rarities(census: &Census, a: &Profile, b: &Profile) -> (f64, f64) {
    let rarity = |share: f64| (-share.log2()).clamp(3.0, 10.0);
    let (given, family) = census.shares(&a.name, &b.name);
    (rarity(given), rarity(family))
}

/// What names are worth less at work: colleagues are no family, and may have names that look alike.
pub(super) fn at_a_desk(names: NameLikeness) -> f64 {
    match names.given {
        Level::Typo | Level::Initial | Level::Missing => 2.5,
        _ => 0.0,
    }
}
