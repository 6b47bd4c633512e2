//! How common names are, and which of them are given and which are family names.

use std::sync::LazyLock;

use super::fold;
use super::list::{Known, lines, words};
use super::spelling::Key;
use super::variants::roots;

/// The rough share of the people of a country who bear the name, where it is most common; `None`
/// for a name on no list, which is then a rare one.
///
/// From 0.00005 to 0.1. Meant to tell `müller` from `zwetschkenbaum`, not to count people.
pub fn name_frequency(word: &str) -> Option<f32> {
    known(word).map(|name| name.given.max(name.family))
}

/// Whether it is known as a given name, in full or as a short form.
pub fn is_given(word: &str) -> bool {
    known(word).is_some_and(|name| name.given > 0.0) || !roots(word).is_empty()
}

/// Whether it is on a list of given names itself, and not only as a form of one.
pub(super) fn is_common_given(key: &Key) -> bool {
    NAMES.get(key.as_str()).is_some_and(|name| name.given > 0.0)
}

/// Whether it is known as a family name.
pub fn is_family(word: &str) -> bool {
    known(word).is_some_and(|name| name.family > 0.0)
}

#[derive(Clone, Copy, Default)]
struct Name {
    given: f32,
    family: f32,
}

const GIVEN: [&str; 5] = [
    include_str!("data/given/english.txt"),
    include_str!("data/given/german.txt"),
    include_str!("data/given/others.txt"),
    include_str!("data/given/romance.txt"),
    include_str!("data/given/slavic.txt"),
];

const FAMILY: [&str; 5] = [
    include_str!("data/family/english.txt"),
    include_str!("data/family/german.txt"),
    include_str!("data/family/others.txt"),
    include_str!("data/family/romance.txt"),
    include_str!("data/family/slavic.txt"),
];

static NAMES: LazyLock<Known<Name>> = LazyLock::new(|| {
    let mut known: Known<Name> = Known::default();
    for (name, share) in GIVEN.into_iter().flat_map(shares) {
        let given = &mut known.entry(name).or_default().given;
        *given = given.max(share);
    }
    for (name, share) in FAMILY.into_iter().flat_map(shares) {
        let family = &mut known.entry(name).or_default().family;
        *family = family.max(share);
    }
    known
});

/// The names of a list by key. A line begins with how many of ten thousand people bear each name.
fn shares(list: &'static str) -> impl Iterator<Item = (Box<str>, f32)> {
    lines(list).flat_map(|line| {
        let (count, names) = line.split_once(' ').unwrap_or_default();
        let share = count.parse::<f32>().unwrap_or_default() / 10_000.0;
        words(names).filter_map(move |name| {
            let key = Key::of_name(&fold(name))?;
            Some((Box::from(key.as_str()), share))
        })
    })
}

fn known(word: &str) -> Option<Name> {
    let key = Key::of_name(word)?;
    NAMES.get(key.as_str()).copied()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::duplicates::lexicon::{is_kin, is_label, is_legal_form, is_title};

    #[test]
    fn every_line_says_how_common_and_no_list_names_a_name_twice() {
        for list in GIVEN.into_iter().chain(FAMILY) {
            let mut seen = BTreeSet::new();
            for line in lines(list) {
                let (count, names) = line.split_once(' ').expect("a count and names");
                let count: f32 = count.parse().expect("a count");
                assert!((0.5..=1000.0).contains(&count), "{line}");
                for name in words(names) {
                    assert!(!fold(name).is_empty(), "{line}");
                    assert!(seen.insert(fold(name)), "{name} is there twice: {line}");
                }
            }
        }
        assert!(NAMES.len() >= 1500, "only {} names", NAMES.len());
    }

    #[test]
    fn a_common_name_is_told_from_a_rare_one() {
        let frequency = |name| name_frequency(name).unwrap_or_default();
        assert!(frequency("mueller") > 0.005);
        assert!(frequency("muller") == frequency("mueller"));
        assert!(frequency("smith") > frequency("whitaker"));
        assert!(frequency("thomas") > 0.005);
        assert_eq!(name_frequency("zwetschkenbaum"), None);
    }

    #[test]
    fn the_order_of_names_can_be_told() {
        for name in [
            "anna", "mehmet", "olga", "bob", "kasia", "juergen", "jurgen",
        ] {
            assert!(is_given(name), "{name}");
        }
        for name in [
            "mueller", "garcia", "kowalski", "ivanov", "iwanow", "yilmaz", "wang",
        ] {
            assert!(is_family(name), "{name}");
        }
        assert!(!is_given("kowalski") && !is_family("juergen"));
    }

    /// A given name that is taken for a word would vanish from every comparison.
    #[test]
    fn given_names_are_no_words() {
        let mut taken = Vec::new();
        for line in GIVEN.into_iter().flat_map(lines) {
            let (_, names) = line.split_once(' ').expect("a count and names");
            for name in words(names).map(fold) {
                if is_title(&name) || is_kin(&name) || is_label(&name) || is_legal_form(&name) {
                    taken.push(name);
                }
            }
        }
        assert!(taken.is_empty(), "{taken:?}");
    }
}
