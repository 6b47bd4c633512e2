//! Leaves out the pairs that others answer.

use std::collections::BTreeMap;

use super::Pair;

/// The pairs that have to be settled so that all are: where two cards are tied through surer pairs,
/// their own says nothing new. Ten cards of one person are nine questions, not forty-five.
///
/// What is left is a forest, in the order of `pairs`. Once these are answered the rest is looked at
/// again: who is told apart is not tied any more.
pub fn needed(pairs: &[Pair]) -> Vec<&Pair> {
    let mut order: Vec<usize> = (0..pairs.len()).collect();
    order.sort_by(|&one, &other| {
        let by_score = pairs[other].score.total_cmp(&pairs[one].score);
        by_score.then(one.cmp(&other))
    });
    let mut tied_to: BTreeMap<usize, usize> = BTreeMap::new();
    let mut is_needed = vec![false; pairs.len()];
    for at in order {
        let (a, b) = (end(&tied_to, pairs[at].a), end(&tied_to, pairs[at].b));
        if a != b {
            tied_to.insert(a.max(b), a.min(b));
            is_needed[at] = true;
        }
    }
    let pairs = pairs.iter().zip(is_needed);
    pairs
        .filter_map(|(pair, needed)| needed.then_some(pair))
        .collect()
}

fn end(tied_to: &BTreeMap<usize, usize>, mut card: usize) -> usize {
    while let Some(&next) = tied_to.get(&card) {
        card = next;
    }
    card
}

#[cfg(test)]
mod tests {
    use super::super::Decision;
    use super::*;

    fn asked(pairs: &[(usize, usize, f64)]) -> Vec<(usize, usize)> {
        let pairs: Vec<Pair> = pairs
            .iter()
            .map(|&(a, b, score)| Pair {
                a,
                b,
                score,
                decision: Decision::of(score),
                reasons: Vec::new(),
            })
            .collect();
        needed(&pairs).iter().map(|pair| (pair.a, pair.b)).collect()
    }

    #[test]
    fn the_weakest_of_three_pairs_is_not_asked() {
        let all = [(0, 1, 0.6), (0, 2, 0.9), (1, 2, 0.8)];
        assert_eq!(asked(&all), [(0, 2), (1, 2)]);
    }

    #[test]
    fn pairs_of_different_people_are_all_asked() {
        let all = [(0, 1, 0.6), (2, 3, 0.6), (1, 4, 0.7)];
        assert_eq!(asked(&all), [(0, 1), (2, 3), (1, 4)]);
    }

    #[test]
    fn ten_cards_of_one_person_are_nine_questions() {
        let all: Vec<(usize, usize, f64)> = (0..10)
            .flat_map(|a| (a + 1..10).map(move |b| (a, b, 0.7)))
            .collect();
        assert_eq!(asked(&all).len(), 9);
    }
}
