//! How much a contact matters: A to D.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The priority of a contact; A is the highest and the smallest in order.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    clap::ValueEnum,
)]
#[value(rename_all = "UPPER")]
pub enum Tier {
    A,
    B,
    C,
    D,
}

/// A text that is no tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a tier is A, B, C or D")]
pub struct NotATier;

/// What a category of a tier begins with.
const CATEGORY: &str = "Tier ";

impl Tier {
    pub const ALL: [Tier; 4] = [Tier::A, Tier::B, Tier::C, Tier::D];

    /// The category that stands for the tier where tiers are mirrored: `Tier A`.
    pub fn category(self) -> String {
        format!("{CATEGORY}{self}")
    }

    /// One step up; A stays A.
    pub fn raised(self) -> Tier {
        match self {
            Tier::A | Tier::B => Tier::A,
            Tier::C => Tier::B,
            Tier::D => Tier::C,
        }
    }

    /// One step down; D stays D.
    pub fn lowered(self) -> Tier {
        match self {
            Tier::A => Tier::B,
            Tier::B => Tier::C,
            Tier::C | Tier::D => Tier::D,
        }
    }
}

/// The tier that a category stands for, whatever its capitals and blanks.
pub fn tier_of_category(category: &str) -> Option<Tier> {
    let mut words = category.split_whitespace();
    match (words.next(), words.next(), words.next()) {
        (Some(word), Some(letter), None) if word.eq_ignore_ascii_case(CATEGORY.trim()) => {
            letter.parse().ok()
        }
        _ => None,
    }
}

impl FromStr for Tier {
    type Err = NotATier;

    fn from_str(text: &str) -> Result<Self, NotATier> {
        match text.trim() {
            "A" | "a" => Ok(Tier::A),
            "B" | "b" => Ok(Tier::B),
            "C" | "c" => Ok(Tier::C),
            "D" | "d" => Ok(Tier::D),
            _ => Err(NotATier),
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = match self {
            Tier::A => "A",
            Tier::B => "B",
            Tier::C => "C",
            Tier::D => "D",
        };
        f.pad(letter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tier_is_known_by_its_letter_and_its_category() {
        for tier in Tier::ALL {
            assert_eq!(tier.to_string().parse(), Ok(tier));
            assert_eq!(tier_of_category(&tier.category()), Some(tier));
        }
        assert_eq!(tier_of_category(" tier  b "), Some(Tier::B));
        for text in ["Tier", "Tier E", "Tier A B", "Tiera", "A"] {
            assert_eq!(tier_of_category(text), None, "{text}");
        }
    }

    #[test]
    fn a_is_above_b_and_nothing_is_beyond_the_ends() {
        assert!(Tier::A < Tier::B);
        assert_eq!(
            Tier::ALL.map(Tier::raised),
            [Tier::A, Tier::A, Tier::B, Tier::C]
        );
        assert_eq!(
            Tier::ALL.map(Tier::lowered),
            [Tier::B, Tier::C, Tier::D, Tier::D]
        );
    }
}
