//! `tier`: sets how much contacts matter.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use crate::book::Known;
use crate::card::Change;
use crate::cli::{Tier as Typed, TierWord};
use crate::config::Me;
use crate::contact::{Interaction, Relationship, TIER, Tier, one_or_none};

use super::amend::{Amended, amend_each, fresh_id, state_to_amend, today, told};
use super::{Exit, Surroundings, Trouble};

/// What `tier --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TierReport {
    /// As typed: `A`, `up`, `none`.
    pub tier: String,
    pub contacts: Vec<Amended>,
}

pub fn execute(typed: &Typed, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let config = at.config()?;
    let mut state = state_to_amend(at)?;
    let (word, today) = (typed.tier, today());
    let contacts = amend_each(&config, &mut state, &typed.contacts, |known| {
        changes(known, word, today, config.me.as_ref())
    })?;
    let report = TierReport {
        tier: name(word).to_owned(),
        contacts,
    };
    at.output.present(&report, |report, page| {
        let done = match word {
            TierWord::Up => "raised".to_owned(),
            TierWord::Down => "lowered".to_owned(),
            TierWord::None => "no tier".to_owned(),
            _ => format!("tier {}", report.tier),
        };
        told(&report.contacts, &done, page)
    })?;
    Ok(Exit::InStep)
}

/// The new tier, and the line of the log that tells when it changed.
fn changes(known: &Known, word: TierWord, today: Date, me: Option<&Me>) -> Vec<Change> {
    let was = Relationship::of(&known.agreed).tier;
    let is = match word {
        TierWord::A => Some(Tier::A),
        TierWord::B => Some(Tier::B),
        TierWord::C => Some(Tier::C),
        TierWord::D => Some(Tier::D),
        // Whoever had none begins at the bottom.
        TierWord::Up => Some(was.map_or(Tier::D, Tier::raised)),
        TierWord::Down => was.map(Tier::lowered),
        TierWord::None => None,
    };
    if was == is {
        // Saying so again decides, where stores disagree.
        let waits = known.held_back.iter().any(|key| key.name == TIER);
        let tier = is.map(|tier| tier.to_string());
        let said = waits.then(|| one_or_none(TIER, tier.as_deref()));
        return said.into_iter().collect();
    }
    let step = Interaction::tier_step(&fresh_id(&known.id, "tier"), today, was, is);
    let step = Interaction {
        by: me.map(|me| me.name.clone()),
        ..step
    };
    let tier = is.map(|tier| tier.to_string());
    vec![
        one_or_none(TIER, tier.as_deref()),
        Change::Add(step.field()),
    ]
}

fn name(word: TierWord) -> &'static str {
    match word {
        TierWord::A => "A",
        TierWord::B => "B",
        TierWord::C => "C",
        TierWord::D => "D",
        TierWord::Up => "up",
        TierWord::Down => "down",
        TierWord::None => "none",
    }
}
