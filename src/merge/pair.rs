//! Which field of one card is which field of another.

use std::collections::BTreeMap;

use crate::card::{Field, FieldKey};

use super::rule::{Rule, rule};

/// One field before and after; `None` on a side where it is not there.
pub type Pair<'a> = (Option<&'a Field>, Option<&'a Field>);

/// Pairs the fields of two cards, so that an edited value is one pair and not a loss and a gain.
///
/// Equal fields pair first, wherever they stand: a store that sorts its lines moves nothing. Then
/// the same key, then the same value, then what is left where there is no doubt: a single leftover
/// of a name on both sides, or one each with the same types and label. Anything else stays alone.
pub fn pairs<'a>(before: &'a [Field], after: &'a [Field]) -> Vec<Pair<'a>> {
    let mut pairing = Pairing::new(before, after);
    pairing.settle_certain();
    pairing.settle_single_leftovers();
    pairing.finish()
}

/// Maps each field that a store holds to the field that it was given, by key.
///
/// After a write the store may have made something else of a value. What it holds and we did not
/// give then stands for what we gave and it does not hold, in the order of the card: nobody edited
/// anything in between.
pub fn stands_for(given: &[Field], held: &[Field]) -> BTreeMap<FieldKey, FieldKey> {
    let mut pairing = Pairing::new(given, held);
    pairing.settle_certain();
    pairing.settle_single_leftovers();
    pairing.settle_in_order();
    pairing
        .finish()
        .into_iter()
        .filter_map(|pair| match pair {
            (Some(given), Some(held)) => Some((held.key().clone(), given.key().clone())),
            _ => None,
        })
        .collect()
}

struct Pairing<'a> {
    before: &'a [Field],
    after: &'a [Field],
    partner_of_before: Vec<Option<usize>>,
    taken_after: Vec<bool>,
    by_name: BTreeMap<&'a str, (Vec<usize>, Vec<usize>)>,
}

impl<'a> Pairing<'a> {
    fn new(before: &'a [Field], after: &'a [Field]) -> Self {
        let mut by_name: BTreeMap<&str, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        for (index, field) in before.iter().enumerate() {
            by_name.entry(field.name()).or_default().0.push(index);
        }
        for (index, field) in after.iter().enumerate() {
            by_name.entry(field.name()).or_default().1.push(index);
        }
        Pairing {
            before,
            after,
            partner_of_before: vec![None; before.len()],
            taken_after: vec![false; after.len()],
            by_name,
        }
    }

    fn join(&mut self, before: usize, after: usize) {
        self.partner_of_before[before] = Some(after);
        self.taken_after[after] = true;
    }

    /// Equal fields, equal keys, equal values. Each is looked up in a map, not searched for, so
    /// that a card of 100,000 numbers stays a matter of one pass.
    fn settle_certain(&mut self) {
        let same = |field: &Field| {
            (
                field.key().name.clone(),
                field.value().to_owned(),
                field.types().clone(),
            )
        };
        self.settle_by(same);
        self.settle_by(|field| field.key().clone());
        self.settle_by(|field| (field.key().name.clone(), field.value().to_owned()));
    }

    fn settle_by<K: Ord>(&mut self, key: impl Fn(&Field) -> K) {
        let mut open: BTreeMap<K, Vec<usize>> = BTreeMap::new();
        for (index, field) in self.after.iter().enumerate().rev() {
            if !self.taken_after[index] {
                open.entry(key(field)).or_default().push(index);
            }
        }
        for index in 0..self.before.len() {
            if self.partner_of_before[index].is_some() {
                continue;
            }
            if let Some(after) = open.get_mut(&key(&self.before[index])).and_then(Vec::pop) {
                self.join(index, after);
            }
        }
    }

    fn leftovers(&self) -> Vec<(Vec<usize>, Vec<usize>)> {
        let lonely = |(before, after): &(Vec<usize>, Vec<usize>)| {
            (
                before
                    .iter()
                    .copied()
                    .filter(|&index| self.partner_of_before[index].is_none())
                    .collect::<Vec<_>>(),
                after
                    .iter()
                    .copied()
                    .filter(|&index| !self.taken_after[index])
                    .collect::<Vec<_>>(),
            )
        };
        self.by_name
            .values()
            .filter(|(before, _)| {
                let first = before.first().map(|&index| rule(self.before[index].key()));
                !first.is_some_and(Rule::has_identity)
            })
            .map(lonely)
            .filter(|(before, after)| !before.is_empty() && !after.is_empty())
            .collect()
    }

    fn settle_single_leftovers(&mut self) {
        for (before, after) in self.leftovers() {
            if let ([before], [after]) = (&before[..], &after[..]) {
                self.join(*before, *after);
                continue;
            }
            let marks = |field: &Field| (field.types().clone(), field.label().map(str::to_owned));
            let mut same_marks: BTreeMap<_, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
            for index in before {
                same_marks
                    .entry(marks(&self.before[index]))
                    .or_default()
                    .0
                    .push(index);
            }
            for index in after {
                same_marks
                    .entry(marks(&self.after[index]))
                    .or_default()
                    .1
                    .push(index);
            }
            for (before, after) in same_marks.into_values() {
                if let ([before], [after]) = (&before[..], &after[..]) {
                    self.join(*before, *after);
                }
            }
        }
    }

    fn settle_in_order(&mut self) {
        for (before, after) in self.leftovers() {
            for (before, after) in before.into_iter().zip(after) {
                self.join(before, after);
            }
        }
    }

    fn finish(self) -> Vec<Pair<'a>> {
        let mut pairs: Vec<Pair<'a>> = self
            .before
            .iter()
            .zip(&self.partner_of_before)
            .map(|(before, partner)| (Some(before), partner.map(|index| &self.after[index])))
            .collect();
        let new = self
            .after
            .iter()
            .zip(&self.taken_after)
            .filter(|(_, taken)| !**taken);
        pairs.extend(new.map(|(after, _)| (None, Some(after))));
        pairs
    }
}
