//! Which lines of a log others take the place of.

use std::collections::{BTreeMap, BTreeSet};

/// A line of a log as far as folding goes.
#[derive(Debug, Clone)]
pub struct Foldable<'l> {
    pub id: &'l str,
    /// The lines that it takes the place of.
    pub folds: BTreeSet<&'l str>,
    pub is_sum: bool,
}

/// The IDs of the lines of one card that others take the place of: those that another line names in
/// `FOLDS`, and sums of which another sum says all, so that two devices that fold at once do not
/// count twice.
///
/// Of two lines that name each other, which no device of ours writes, the one that names more stays.
pub fn dropped(lines: &[Foldable]) -> BTreeSet<String> {
    let folding: Vec<&Foldable> = lines.iter().filter(|line| !line.folds.is_empty()).collect();
    if folding.is_empty() {
        return BTreeSet::new();
    }
    let rank = |line: &Foldable| (line.folds.len(), line.id.to_owned());
    let by_id: BTreeMap<&str, &&Foldable> = folding.iter().map(|line| (line.id, line)).collect();
    let mut dropped = BTreeSet::new();
    for line in &folding {
        for id in line.folds.iter().filter(|id| **id != line.id) {
            let is_stronger = by_id
                .get(id)
                .is_some_and(|other| other.folds.contains(line.id) && rank(other) > rank(line));
            if !is_stronger {
                dropped.insert((*id).to_owned());
            }
        }
    }
    let sums: Vec<&&Foldable> = folding.iter().filter(|line| line.is_sum).collect();
    for sum in &sums {
        let is_part_of = |other: &&&&Foldable| {
            other.id != sum.id
                && sum.folds.len() < other.folds.len()
                && sum.folds.is_subset(&other.folds)
        };
        if sums.iter().any(|other| is_part_of(&other)) {
            dropped.insert(sum.id.to_owned());
        }
    }
    dropped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(lines: &[(&str, &str, bool)]) -> Vec<String> {
        let lines: Vec<Foldable> = lines
            .iter()
            .map(|(id, folds, is_sum)| Foldable {
                id,
                folds: folds.split_whitespace().collect(),
                is_sum: *is_sum,
            })
            .collect();
        dropped(&lines).into_iter().collect()
    }

    #[test]
    fn what_another_line_names_is_dropped_wherever_it_stands() {
        assert_eq!(told(&[("2", "1", false), ("1", "", false)]), ["1"]);
        assert_eq!(told(&[("1", "", false), ("2", "", false)]), [""; 0]);
    }

    #[test]
    fn a_sum_that_another_one_says_all_of_is_dropped_and_a_correction_is_not() {
        let sums = [("s", "1 2", true), ("t", "1", true)];
        assert_eq!(told(&sums), ["1", "2", "t"]);
        let correction = [("s", "1 2", true), ("t", "1", false)];
        assert_eq!(told(&correction), ["1", "2"]);
    }

    #[test]
    fn no_line_takes_the_place_of_itself_and_two_do_not_both_go() {
        assert_eq!(told(&[("1", "1", false)]), [""; 0]);
        assert_eq!(told(&[("1", "2", false), ("2", "1 3", false)]), ["1", "3"]);
        assert_eq!(told(&[("1", "2", false), ("2", "1", false)]), ["1"]);
    }
}
