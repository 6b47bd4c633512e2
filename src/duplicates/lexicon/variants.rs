//! Which given names stand for one another: short forms, pet names, other spellings.

use std::sync::LazyLock;

use super::fold;
use super::list::{Known, lines, words};
use super::names::{is_common_given, is_given};
use super::spelling::Key;

/// Whether the two given names may be one person's.
///
/// True for one name in two spellings, for a name and a form of it (`robert`, `bob`), for two
/// forms of one name (`bob`, `rob`), for names joined or not (`hans peter`, `hanspeter`) and for
/// their initials (`hp`). Two names that share a form (`alexander`, `alexandra`) are not.
pub fn are_variants(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    if let (Some(a), Some(b)) = (Key::of_name(a), Key::of_name(b))
        && (a.as_str() == b.as_str() || share_a_root(&a, &b))
    {
        return true;
    }
    are_initials(a, b) || are_initials(b, a) || are_variants_word_by_word(a, b)
}

/// The full names that a given name may stand for, itself among them if it is one; for keys.
///
/// Each is spelled as [`super::spelling`] gives it. Empty for a name that no list knows.
pub fn roots(name: &str) -> &'static [&'static str] {
    Key::of_name(name)
        .map(|key| roots_of(&key))
        .unwrap_or_default()
}

fn roots_of(key: &Key) -> &'static [&'static str] {
    let roots = ROOTS.get(key.as_str());
    roots.map(Vec::as_slice).unwrap_or_default()
}

fn share_a_root(a: &Key, b: &Key) -> bool {
    let (of_a, of_b) = (roots_of(a), roots_of(b));
    if !of_a.iter().any(|root| of_b.contains(root)) {
        return false;
    }
    // `jan` and `hans` both stand for `johannes`, but are full names, and two of them.
    let is_full = |name: &Key, roots| named(roots, name).is_some() || is_common_given(name);
    !is_full(a, of_a)
        || !is_full(b, of_b)
        || of_b.contains(&a.as_str())
        || of_a.contains(&b.as_str())
}

/// Whether the one is made of the first letters of the other's names: `hp` of `hans peter`.
fn are_initials(initials: &str, name: &str) -> bool {
    let initials = initials.bytes().filter(|&letter| letter != b' ');
    let count = initials.clone().count();
    if count != 2 {
        return false;
    }
    if name.contains(' ') {
        return initials.eq(name.split(' ').filter_map(|word| word.bytes().next()));
    }
    // `hanspeter`: where are two names joined? Shorter ones are too often there by chance.
    let ends = 3..name.len().saturating_sub(2);
    ends.filter_map(|end| Some((name.get(..end)?, name.get(end..)?)))
        .filter(|(first, second)| {
            let letters = [first.bytes().next(), second.bytes().next()];
            initials.clone().eq(letters.into_iter().flatten())
        })
        .any(|(first, second)| is_given(first) && is_given(second))
}

fn are_variants_word_by_word(a: &str, b: &str) -> bool {
    let count = |name: &str| name.split(' ').count();
    count(a) > 1
        && count(a) == count(b)
        && a.split(' ')
            .zip(b.split(' '))
            .all(|(a, b)| match (Key::of_name(a), Key::of_name(b)) {
                (Some(a), Some(b)) => a.as_str() == b.as_str() || share_a_root(&a, &b),
                _ => a == b,
            })
}

const NICKNAMES: [&str; 15] = [
    include_str!("data/nicknames/german.txt"),
    include_str!("data/nicknames/english.txt"),
    include_str!("data/nicknames/french.txt"),
    include_str!("data/nicknames/spanish.txt"),
    include_str!("data/nicknames/portuguese.txt"),
    include_str!("data/nicknames/italian.txt"),
    include_str!("data/nicknames/dutch.txt"),
    include_str!("data/nicknames/nordic.txt"),
    include_str!("data/nicknames/polish.txt"),
    include_str!("data/nicknames/czech.txt"),
    include_str!("data/nicknames/russian.txt"),
    include_str!("data/nicknames/hungarian.txt"),
    include_str!("data/nicknames/greek.txt"),
    include_str!("data/nicknames/turkish.txt"),
    include_str!("data/nicknames/semitic.txt"),
];

static ROOTS: LazyLock<Known<Vec<&'static str>>> = LazyLock::new(|| {
    let mut roots: Known<Vec<&'static str>> = Known::default();
    for (root, forms) in NICKNAMES.into_iter().flat_map(groups) {
        let Some(root) = Key::of_name(&fold(root)) else {
            continue;
        };
        // Kept until the end of the process, as the lists themselves are.
        let name: &'static str = match roots.get(root.as_str()).and_then(|all| named(all, &root)) {
            Some(name) => name,
            None => Box::leak(Box::from(root.as_str())),
        };
        let forms = words(forms).filter_map(|form| Key::of_name(&fold(form)));
        for form in std::iter::once(root).chain(forms) {
            let all = roots.entry(Box::from(form.as_str())).or_default();
            if named(all, &root).is_none() {
                all.push(name);
            }
        }
    }
    roots
});

fn named(roots: &[&'static str], root: &Key) -> Option<&'static str> {
    roots.iter().copied().find(|name| *name == root.as_str())
}

/// The groups of a list: a full name and its forms.
fn groups(list: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    lines(list).filter_map(|line| line.split_once(':'))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::duplicates::lexicon::spelling;

    #[test]
    fn well_known_forms_stand_for_a_name() {
        for (a, b) in [
            ("bob", "robert"),
            ("bob", "rob"),
            ("sascha", "alexander"),
            ("sascha", "alexandra"),
            ("kasia", "katarzyna"),
            ("pepe", "jose"),
            ("paco", "francisco"),
            ("aleksandr", "alexander"),
            ("sergei", "sergey"),
            ("yuliya", "julia"),
            ("juergen", "jurgen"),
            ("hans peter", "hanspeter"),
            ("hp", "hans peter"),
            ("h p", "hans peter"),
            ("hp", "hanspeter"),
            ("liz", "elizabeth"),
            ("peggy", "margaret"),
            ("uli", "ulrich"),
            ("gosia", "malgorzata"),
            ("vova", "vladimir"),
            ("zhenya", "evgenii"),
            ("memo", "mehmet"),
            ("joop", "johannes"),
            ("pista", "istvan"),
            ("yannis", "ioannis"),
            ("honza", "jan"),
            ("beppe", "giuseppe"),
            ("ze", "jose"),
            ("lasse", "lars"),
            ("mohammed", "muhammad"),
            ("anna maria", "annamaria"),
            ("hans juergen", "hansjuergen"),
        ] {
            assert!(are_variants(a, b), "{a} {b}");
        }
    }

    #[test]
    fn two_names_that_look_alike_are_two_people() {
        for (a, b) in [
            ("maria", "marta"),
            ("jan", "janine"),
            ("christian", "christine"),
            ("christian", "christopher"),
            ("paul", "paula"),
            ("alexander", "alexandra"),
            ("andrea", "andreas"),
            ("erik", "erika"),
            ("michael", "michaela"),
            ("michel", "michelle"),
            ("daniel", "daniela"),
            ("rene", "renee"),
            ("stefan", "stefanie"),
            ("simon", "simone"),
            ("robert", "roberta"),
            ("julian", "juliane"),
            ("julius", "julia"),
            ("mario", "maria"),
            ("josef", "josefine"),
            ("martin", "martina"),
            ("georg", "gregor"),
            ("hans", "heinz"),
            ("anna", "anke"),
            ("hp", "hans juergen"),
            ("evgenii", "evgeniya"),
            ("oleg", "olga"),
            ("yusuf", "yunus"),
            ("jan", "hans"),
            ("nicola", "nicole"),
            ("franz", "franziska"),
            ("katharina", "nina"),
            ("anna", "susanna"),
            ("emil", "emma"),
            ("marta", "martina"),
            ("jana", "johanna"),
            ("marianne", "maria"),
            ("", "anna"),
        ] {
            assert!(!are_variants(a, b), "{a} {b}");
            assert!(!are_variants(b, a), "{b} {a}");
        }
    }

    #[test]
    fn every_line_is_a_name_and_its_forms_and_says_nothing_twice() {
        let mut roots = BTreeSet::new();
        for list in NICKNAMES {
            let mut of_list = BTreeSet::new();
            for line in lines(list) {
                let (root, forms) = line.split_once(':').expect("a name, a colon, forms");
                assert!(of_list.insert(fold(root)), "{root} is there twice");
                let mut seen = BTreeSet::from([fold(root)]);
                for form in words(forms) {
                    assert!(!fold(form).is_empty(), "{line}");
                    assert!(seen.insert(fold(form)), "{form} is there twice: {line}");
                }
                assert!(seen.len() > 1, "{root} has no form");
            }
            roots.extend(of_list);
        }
        assert!(roots.len() >= 600, "only {} names", roots.len());
    }

    #[test]
    fn the_form_with_a_vowel_at_the_end_is_another_person() {
        let roots: BTreeSet<String> = NICKNAMES
            .into_iter()
            .flat_map(groups)
            .map(|(root, _)| fold(root))
            .collect();
        // These are two forms of a name of the same people.
        let both_are = [
            "ann anna",
            "carol carolina",
            "carol caroline",
            "helen helena",
            "helen helene",
            "isabel isabela",
            "jana janaina",
            "karol karolina",
            "matti mattia",
            "nicola nicolae",
            "nikolett nikoletta",
            "noemi noemie",
            "tamar tamara",
        ];
        let mut taken = Vec::new();
        for root in &roots {
            for ending in ["a", "e", "ia", "ina", "ine"] {
                let other = format!("{root}{ending}");
                if roots.contains(&other) && are_variants(root, &other) {
                    taken.push(format!("{root} {other}"));
                }
            }
        }
        taken.retain(|pair| !both_are.contains(&pair.as_str()));
        assert!(taken.is_empty(), "{taken:#?}");
    }

    #[test]
    fn every_form_stands_for_its_name() {
        for (root, forms) in NICKNAMES.into_iter().flat_map(groups) {
            for form in words(forms) {
                let (root, form) = (fold(root), fold(form));
                assert!(are_variants(&root, &form), "{root} {form}");
                assert!(
                    roots(&form).contains(&spelling(&root).as_str()),
                    "{root} {form}"
                );
            }
        }
    }

    fn any_name() -> impl Strategy<Value = String> {
        let listed: Vec<String> = NICKNAMES
            .into_iter()
            .flat_map(groups)
            .flat_map(|(root, forms)| std::iter::once(root).chain(words(forms)))
            .map(fold)
            .collect();
        prop_oneof![
            8 => prop::sample::select(listed),
            1 => "[a-z]{1,8}( [a-z]{1,8})?",
        ]
    }

    proptest! {
        #[test]
        fn being_variants_is_mutual(a in any_name(), b in any_name()) {
            prop_assert!(are_variants(&a, &a));
            prop_assert_eq!(are_variants(&a, &b), are_variants(&b, &a));
        }
    }
}
