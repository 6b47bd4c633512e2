//! Which cards are one person.
//!
//! The path: each card is read once into a [`Profile`]; a census counts who carries what; keys
//! choose the pairs worth comparing; the evidence of each is gathered, weighed and capped where
//! something speaks against it beyond doubt; and what is certain is put together to people.

mod candidates;
mod census;
mod clusters;
mod dates;
mod evidence;
pub mod lexicon;
mod likeness;
mod mails;
mod meeting;
mod names;
mod needed;
mod organisations;
mod parallel;
mod parted;
mod phones;
mod places;
mod profile;
mod reason;
mod region;
mod register;
mod score;
mod spelling_distance;
mod veto;

pub use meeting::{
    Candidate, Circumstances, Group, Newcomer, copy_key, group, lookup_keys, match_keys, uid_key,
    uid_keys, uid_of_key,
};
pub use needed::needed;
pub use parallel::in_parallel;
pub use parted::Parted;
pub use profile::Profile;
pub use reason::Reason;
pub use region::{Region, home_region, most_voted, regions_in};

use serde::Serialize;

use census::Census;
use evidence::Evidence;
use score::{Weighed, probability, weigh};
use veto::Cap;

/// Changes whenever other pairs may be found in the same cards, so that books are looked through
/// again.
pub const VERSION: u32 = 1;

/// From here on two cards are one person without asking.
pub const MERGE: f64 = 0.95;

/// From here on a person is asked.
pub const ASK: f64 = 0.5;

/// Pairs below this are not in [`Found`].
pub const NAMED: f64 = 0.01;

/// Pairs that one worker compares before it takes more.
const COMPARED_AT_ONCE: usize = 1 << 14;

/// What was found among profiles.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// Sorted by `a`, then `b`.
    pub pairs: Vec<Pair>,
    /// The cards of each person who has several, by index.
    pub clusters: Vec<Vec<usize>>,
    /// How many pairs were compared.
    pub compared: usize,
}

/// Two cards, by index, `a < b`, and how likely it is that they are one person.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    pub a: usize,
    pub b: usize,
    pub score: f64,
    pub decision: Decision,
    /// What speaks for it first, the strongest first.
    pub reasons: Vec<Reason>,
}

/// What to do with a pair; follows from its score alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    Merge,
    Ask,
    No,
}

impl Decision {
    pub fn of(score: f64) -> Decision {
        match score {
            score if score >= MERGE => Decision::Merge,
            score if score >= ASK => Decision::Ask,
            _ => Decision::No,
        }
    }
}

/// Finds the pairs that may be one person. The order of the profiles plays no part.
pub fn find(profiles: &[Profile]) -> Found {
    let census = Census::of(profiles);
    let candidates = candidates::candidates(profiles, &census);
    let compared = candidates.len();
    let chunks: Vec<&[(u32, u32)]> = candidates.chunks(COMPARED_AT_ONCE).collect();
    let found = in_parallel(chunks.len(), |at| compare(profiles, &census, chunks[at]));
    let mut pairs: Vec<Pair> = found.into_iter().flatten().collect();
    drop(candidates);
    let clusters = clusters::cluster(profiles, &mut pairs, |a, b| {
        clashes(&profiles[a], &profiles[b], &census)
    });
    for pair in &mut pairs {
        Reason::sort(&mut pair.reasons);
    }
    Found {
        pairs,
        clusters,
        compared,
    }
}

/// The pairs of a chunk that score high enough to be named.
fn compare(profiles: &[Profile], census: &Census, chunk: &[(u32, u32)]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for &(a, b) in chunk {
        let (a, b) = (a as usize, b as usize);
        let (one, other) = (&profiles[a], &profiles[b]);
        if one.is_copy_of(other) {
            continue;
        }
        if !census.is_garbled && evidence::is_hopeless(one, other) {
            continue;
        }
        let (cap, weighed) = judge(one, other, census);
        let score = cap.applied(probability(weighed.bits));
        if score >= NAMED {
            pairs.push(Pair {
                a,
                b,
                score,
                decision: Decision::of(score),
                reasons: weighed.reasons,
            });
        }
    }
    pairs
}

/// Whether two cards cannot be one person, by what is on them.
fn clashes(one: &Profile, other: &Profile, census: &Census) -> bool {
    veto::clashes(judge(one, other, census).0)
}

/// What speaks for and against two cards being one person, and the most that this may score.
fn judge(one: &Profile, other: &Profile, census: &Census) -> (Cap, Weighed) {
    // The same order for the same two, wherever they stand.
    let (one, other) = match one.order() <= other.order() {
        true => (one, other),
        false => (other, one),
    };
    let evidence = Evidence::of(one, other, census);
    if census.is_garbled && [one, other].into_iter().all(register::is_record) {
        let mut weighed = register::weigh(&evidence, census);
        let cap = veto::cap_of_records(&evidence, &mut weighed);
        return (cap, weighed);
    }
    let mut weighed = weigh(&evidence, census);
    let cap = veto::cap(&evidence, &mut weighed, census);
    (cap, weighed)
}

#[cfg(test)]
mod tests;
