//! Give before you take: for whom one could do something first.

use std::cmp::Reverse;

use schemars::JsonSchema;
use serde::Serialize;

use super::super::Tier;
use super::{InBook, Who};

/// More than this is nobody's next step.
const MOST: usize = 5;

/// A contact who did more for one than one did for them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Suggestion {
    #[serde(flatten)]
    pub who: Who,
    pub tier: Option<Tier>,
    /// How often one did something for the other, and the other for one.
    pub gave: u32,
    pub received: u32,
}

/// Of those who matter (tier A or B, or a cadence of their own), who gave most beyond what they got.
pub(super) fn suggestions(members: &[InBook]) -> Vec<Suggestion> {
    let mut suggestions: Vec<Suggestion> = members
        .iter()
        .filter_map(|member| {
            let relationship = &member.acquaintance.relationship;
            let matters = matches!(relationship.tier, Some(Tier::A | Tier::B))
                || relationship.cadence.is_some();
            if !matters || relationship.is_group() {
                return None;
            }
            let (gave, received) = relationship.balance();
            (received > gave).then(|| Suggestion {
                who: Who::of(*member),
                tier: relationship.tier,
                gave,
                received,
            })
        })
        .collect();
    suggestions.sort_by_cached_key(|one| {
        let tier = (one.tier.is_none(), one.tier);
        (Reverse(one.received - one.gave), tier, one.who.clone())
    });
    suggestions.truncate(MOST);
    suggestions
}
