//! Who was taken apart again after a merge.

use std::collections::BTreeSet;

/// Pairs of UIDs that a person has taken apart, whichever comes first. A UID is the same in small
/// and in capital letters, as everywhere here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parted(BTreeSet<(String, String)>);

impl Parted {
    pub const fn nobody() -> Parted {
        Parted(BTreeSet::new())
    }

    /// Whether a contact that bears one of these UIDs was taken apart from one that bears one of
    /// those.
    pub fn separates<'u>(
        &self,
        these: impl Iterator<Item = &'u str>,
        those: impl Iterator<Item = &'u str> + Clone,
    ) -> bool {
        let mut these = these.filter(|_| !self.0.is_empty());
        these.any(|one| {
            those
                .clone()
                .any(|other| self.0.contains(&pair(one, other)))
        })
    }
}

impl FromIterator<(String, String)> for Parted {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Parted(
            pairs
                .into_iter()
                .map(|(one, other)| pair(&one, &other))
                .collect(),
        )
    }
}

fn pair(one: &str, other: &str) -> (String, String) {
    let (one, other) = (one.trim().to_lowercase(), other.trim().to_lowercase());
    if one <= other {
        (one, other)
    } else {
        (other, one)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_order_nor_case_plays_a_part() {
        let parted: Parted = [("B-2".to_owned(), "A-1".to_owned())].into_iter().collect();
        let is_parted = |these: &[&'static str], those: &[&'static str]| {
            parted.separates(these.iter().copied(), those.iter().copied())
        };
        assert!(is_parted(&["x", "a-1"], &["b-2"]));
        assert!(is_parted(&["B-2"], &["y", "A-1"]));
        assert!(!is_parted(&["a-1"], &["a-1", "c"]));
    }
}
