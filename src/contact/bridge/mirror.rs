//! Tier and category of one card: which of them follows the other.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::card::digest;
use crate::contact::{Interaction, Tier};

/// What a card says of the tier, in both places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Standing {
    pub tier: Option<Tier>,
    pub categories: BTreeSet<Tier>,
}

/// The tier that both places shall tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mirrored {
    pub tier: Option<Tier>,
    /// Somebody moved the person from one category to another.
    pub is_moved: bool,
}

/// Decides which place follows. `before` is `None` for a contact that is new.
pub(super) fn mirrored(before: Option<&Standing>, after: &Standing) -> Mirrored {
    let highest = after.categories.first().copied();
    let stays = |tier| Mirrored {
        tier,
        is_moved: false,
    };
    let Some(before) = before else {
        return stays(after.tier.or(highest));
    };
    if before.tier != after.tier {
        return stays(after.tier);
    }
    if before.categories == after.categories {
        return stays(after.tier.or(highest));
    }
    let added = after.categories.difference(&before.categories).next();
    let tier = match (added, after.tier) {
        (Some(added), _) => Some(*added),
        // What was taken away did not stand for the tier.
        (None, Some(tier))
            if after.categories.contains(&tier) || !before.categories.contains(&tier) =>
        {
            Some(tier)
        }
        (None, _) => highest,
    };
    Mirrored {
        tier,
        is_moved: tier != after.tier,
    }
}

/// The line of the log that tells of it: the same on every machine that sees it on that day.
pub(super) fn step(uid: &str, today: Date, was: Option<Tier>, is: Option<Tier>) -> Interaction {
    let letter = |tier: Option<Tier>| tier.map_or(String::new(), |tier| tier.to_string());
    let seed = format!(
        "{}\0{}\0{}\0{today}",
        uid.to_lowercase(),
        letter(was),
        letter(is)
    );
    Interaction::tier_step(&digest(seed.as_bytes(), 4), today, was, is)
}
