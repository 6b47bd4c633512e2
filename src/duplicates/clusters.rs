//! Puts the pairs that are certain together to people, and takes back what does not fit.

use std::collections::BTreeMap;

use super::profile::Profile;
use super::reason::{Reason, What};
use super::{Decision, MERGE, Pair};

/// Just below the threshold, so that rounding to four digits does not cross it.
const JUST_BELOW_MERGE: f64 = MERGE - 0.001;

/// More cards than this are no person.
const LARGEST_PERSON: usize = 50;

/// Joins certain pairs, the surest first, unless two cards that cannot be one person would come
/// together; such a pair is asked instead. Pairs inside a cluster that were only likely become
/// certain: a third card says it.
///
/// `clashes` says of any two profiles whether they cannot be one.
pub(super) fn cluster(
    profiles: &[Profile],
    pairs: &mut [Pair],
    clashes: impl Fn(usize, usize) -> bool,
) -> Vec<Vec<usize>> {
    let mut certain: Vec<usize> = (0..pairs.len())
        .filter(|&at| pairs[at].score >= MERGE)
        .collect();
    let rank = |at: usize| {
        let (a, b) = (profiles[pairs[at].a].order(), profiles[pairs[at].b].order());
        if a < b { (a, b) } else { (b, a) }
    };
    certain.sort_by(|&one, &other| {
        let by_score = pairs[other].score.total_cmp(&pairs[one].score);
        by_score.then_with(|| rank(one).cmp(&rank(other)))
    });
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut home: BTreeMap<usize, usize> = BTreeMap::new();
    for at in certain {
        let (a, b) = (pairs[at].a, pairs[at].b);
        let a_home = *home.entry(a).or_insert(a);
        let b_home = *home.entry(b).or_insert(b);
        if a_home == b_home {
            continue;
        }
        let ours = members.remove(&a_home).unwrap_or_else(|| vec![a]);
        let theirs = members.remove(&b_home).unwrap_or_else(|| vec![b]);
        let fits = ours.len() + theirs.len() <= LARGEST_PERSON
            && !ours
                .iter()
                .any(|&one| theirs.iter().any(|&other| clashes(one, other)));
        if !fits {
            members.insert(a_home, ours);
            members.insert(b_home, theirs);
            pairs[at].score = JUST_BELOW_MERGE;
            pairs[at].reasons.push(Reason::new(What::NotThrough, -5.0));
            continue;
        }
        for &moved in &theirs {
            home.insert(moved, a_home);
        }
        members.insert(a_home, [ours, theirs].concat());
    }
    for pair in pairs.iter_mut() {
        let homes = [home.get(&pair.a), home.get(&pair.b)];
        let is_inside = homes[0].is_some() && homes[0] == homes[1];
        if is_inside && pair.score < MERGE {
            pair.score = MERGE;
            pair.reasons.push(Reason::new(What::Through, 5.0));
        } else if !is_inside && pair.score >= MERGE {
            pair.score = JUST_BELOW_MERGE;
            pair.reasons.push(Reason::new(What::NotThrough, -5.0));
        }
        pair.decision = Decision::of(pair.score);
    }
    let mut clusters: Vec<Vec<usize>> = members
        .into_values()
        .filter(|members| members.len() > 1)
        .collect();
    clusters
        .iter_mut()
        .for_each(|members| members.sort_unstable());
    clusters.sort();
    clusters
}
