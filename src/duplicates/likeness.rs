//! How like two names are, part by part and in either order.

use super::lexicon::{are_variants, is_given, is_particle, same_spelling};
use super::names::{Name, Script};
use super::spelling_distance::distance;

/// How like one part of two names is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Different,
    /// Written in a script that may be read otherwise.
    Unreadable,
    /// One of the names lacks the part.
    Missing,
    /// Two names that are both borne and look alike: `anna` and `anne`.
    Alike,
    /// Some letters are the same, and one of the two is no known name.
    Garbled,
    /// They begin or sound alike: perhaps a short form that nobody told us.
    Similar,
    /// One is the initial of the other.
    Initial,
    /// A slip of the keyboard.
    Typo,
    /// One of the words of a double name.
    Part,
    /// A short form or another language's form of it.
    Variant,
    /// The same but for transliteration.
    Spelled,
    Same,
}

/// How like two names are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NameLikeness {
    pub given: Level,
    pub family: Level,
    pub middle: Level,
    /// One name has its parts the other way round.
    pub is_swapped: bool,
}

impl NameLikeness {
    pub fn of(a: &Name, b: &Name) -> NameLikeness {
        let middle = middle(a, b);
        let straight = NameLikeness {
            given: given(a, b),
            family: family(&a.family, &a.family_key, &b.family, &b.family_key),
            middle,
            is_swapped: false,
        };
        let straight = straight.readable(a, b);
        if straight.given >= Level::Part && straight.family >= Level::Typo {
            return straight;
        }
        if same_whole(a, b) {
            return NameLikeness {
                given: Level::Spelled,
                family: Level::Spelled,
                middle,
                is_swapped: true,
            };
        }
        let one = crossed(&a.given, &a.given_key, &b.family, &b.family_key);
        let other = crossed(&b.given, &b.given_key, &a.family, &a.family_key);
        // One part is surely in the other's place; the other may be garbled as well.
        let surely = one.max(other) >= Level::Spelled && one.min(other) == Level::Garbled;
        if surely && straight.given.max(straight.family) < Level::Typo {
            return NameLikeness {
                given: Level::Garbled,
                family: Level::Spelled,
                middle,
                is_swapped: true,
            };
        }
        let good = |level: Level| level >= Level::Typo;
        let crossed = match (one, other) {
            (one, other) if good(one) && good(other) => Some((one.min(other), one.min(other))),
            (one, Level::Initial) if good(one) => Some((Level::Initial, one)),
            (Level::Initial, other) if good(other) => Some((Level::Initial, other)),
            // A single word may be a family name in the wrong place.
            (one, other) if good(one) && other == Level::Missing => Some((Level::Missing, one)),
            (one, other) if good(other) && one == Level::Missing => Some((Level::Missing, other)),
            _ => None,
        };
        match crossed {
            Some((given, family)) if given.max(family) > straight.given.max(straight.family) => {
                NameLikeness {
                    given,
                    family,
                    middle,
                    is_swapped: true,
                }
            }
            _ => straight,
        }
    }

    /// Chinese characters that a Latin name does not match may be Japanese, if it sounds so.
    fn readable(mut self, a: &Name, b: &Name) -> NameLikeness {
        let aloud = match (a.script, b.script) {
            (Script::Han, Script::Han) => return self,
            (Script::Han, _) => b,
            (_, Script::Han) => a,
            _ => return self,
        };
        let fits = self.given >= Level::Part || self.family >= Level::Part;
        if !fits && sounds_japanese(&aloud.given) && sounds_japanese(&aloud.family) {
            for level in [&mut self.given, &mut self.family] {
                if *level != Level::Missing {
                    *level = Level::Unreadable;
                }
            }
        }
        self
    }
}

/// Whether the words are made of Japanese syllables: a consonant and a vowel, or an `n`.
fn sounds_japanese(words: &str) -> bool {
    let is_vowel = |letter: Option<&u8>| letter.is_some_and(|letter| b"aeiou".contains(letter));
    words.split(' ').all(|word| {
        let mut rest = word.as_bytes();
        while let Some(&letter) = rest.first() {
            let starts = |sound: &[u8]| rest.starts_with(sound);
            let used = match rest {
                _ if is_vowel(rest.first()) => 1,
                _ if starts(b"sh") || starts(b"ch") || starts(b"ts") => 3,
                [_, b'y', ..] => 3,
                [b'n', next, ..] if !is_vowel(Some(next)) => 1,
                [b'n' | b'm'] => 1,
                [one, other, ..] if one == other => 1,
                [b'm', b'b' | b'p', ..] => 1,
                [_, b'h', next] if is_vowel(Some(next)) && letter == b'o' => 1,
                _ => 2,
            };
            let is_syllable = used == 1 || is_vowel(rest.get(used - 1));
            if !is_syllable || b"lvxqc".contains(&letter) && !starts(b"ch") {
                return false;
            }
            rest = &rest[used..];
        }
        true
    })
}

/// All letters of both names are the same, whatever the order and the gaps.
fn same_whole(a: &Name, b: &Name) -> bool {
    if !a.is_full() && !b.is_full() {
        return false;
    }
    let forms = |name: &Name| {
        let (given, middle, family) = (&name.given, &name.middle, &name.family);
        [
            format!("{given}{middle}{family}").replace(' ', ""),
            format!("{family}{given}{middle}").replace(' ', ""),
            format!("{family}{middle}{given}").replace(' ', ""),
        ]
    };
    // Cheap to refuse: equal texts are equally long up to umlauts.
    let length = |name: &Name| name.given.len() + name.family.len() + name.middle.len();
    if length(a).abs_diff(length(b)) > 6 {
        return false;
    }
    let theirs = forms(b);
    forms(a).iter().any(|mine| theirs.contains(mine))
}

fn given(one: &Name, other: &Name) -> Level {
    let (a, a_key) = (&*one.given, &*one.given_key);
    let (b, b_key) = (&*other.given, &*other.given_key);
    if a.is_empty() || b.is_empty() {
        return Level::Missing;
    }
    if a == b {
        return Level::Same;
    }
    if a_key == b_key {
        return Level::Spelled;
    }
    if are_variants(a, b) {
        return Level::Variant;
    }
    if let Some(initial) = initial(a, b) {
        return if initial {
            Level::Initial
        } else {
            Level::Different
        };
    }
    // The syllables of a Chinese name are no names of their own.
    let has_words = one.script != Script::Han && other.script != Script::Han;
    if has_words && shares_word(a, b, |a, b| same_spelling(a, b) || are_variants(a, b)) {
        return Level::Part;
    }
    let are_two_names = is_given(a) && is_given(b) || is_other_ending(a, b);
    // Of four letters another one makes another name: `gaja` and `kaja`.
    let is_short = a.len() == b.len() && a.len() <= 4;
    if !are_two_names && !is_short && (is_typo(a, b) || is_typo(a_key, b_key)) {
        return Level::Typo;
    }
    match is_similar(a, b, are_two_names) {
        true if are_two_names => Level::Alike,
        true => Level::Similar,
        false if are_two_names && is_typo(a_key, b_key) => Level::Alike,
        false if !are_two_names && is_garbled(a_key, b_key) => Level::Garbled,
        false => Level::Different,
    }
}

/// Whether half of the letters are the same.
fn is_garbled(a: &str, b: &str) -> bool {
    let slips = a.len().max(b.len()) / 2;
    a.len().min(b.len()) > 2 && distance(a.as_bytes(), b.as_bytes(), slips).is_some()
}

fn family(a: &str, a_key: &str, b: &str, b_key: &str) -> Level {
    if a.is_empty() || b.is_empty() {
        return Level::Missing;
    }
    if a == b {
        return Level::Same;
    }
    if a_key == b_key {
        return Level::Spelled;
    }
    if let Some(initial) = initial(a, b) {
        return if initial {
            Level::Initial
        } else {
            Level::Different
        };
    }
    if shares_word(a, b, |a, b| {
        a.len() > 2 && !is_particle(a) && same_spelling(a, b)
    }) {
        return Level::Part;
    }
    if is_typo(a, b) || is_typo(a_key, b_key) {
        return Level::Typo;
    }
    match strsim::jaro_winkler(a, b) >= 0.88 {
        true => Level::Similar,
        false if is_garbled(a_key, b_key) => Level::Garbled,
        false => Level::Different,
    }
}

/// A given name of one card against the family name of the other.
fn crossed(a: &str, a_key: &str, b: &str, b_key: &str) -> Level {
    if a.is_empty() || b.is_empty() {
        return Level::Missing;
    }
    if a == b {
        return Level::Same;
    }
    if a_key == b_key {
        return Level::Spelled;
    }
    match is_typo(a, b) || is_typo(a_key, b_key) {
        true => Level::Typo,
        false if is_garbled(a_key, b_key) => Level::Garbled,
        false => Level::Different,
    }
}

fn middle(a: &Name, b: &Name) -> Level {
    let (a, b) = (&*a.middle, &*b.middle);
    if a.is_empty() || b.is_empty() {
        return Level::Missing;
    }
    match initial(a, b) {
        _ if a == b => Level::Same,
        Some(true) => Level::Initial,
        Some(false) => Level::Different,
        None if same_spelling(a, b) => Level::Spelled,
        None if a.len().min(b.len()) > 3 && is_typo(a, b) => Level::Typo,
        None if shares_word(a, b, |a, b| a == b) => Level::Part,
        None => Level::Different,
    }
}

/// Whether one name is only initials, and then whether they are those of the other.
fn initial(a: &str, b: &str) -> Option<bool> {
    let is_initials = |name: &str| name.split(' ').all(|word| word.len() == 1);
    let (short, long) = match (is_initials(a), is_initials(b)) {
        (true, _) => (a, b),
        (_, true) => (b, a),
        // `HP` for Hans Peter.
        _ => {
            let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
            let initials: String = long
                .split(' ')
                .filter_map(|word| word.chars().next())
                .collect();
            return (short.len() >= 2 && initials == short).then_some(true);
        }
    };
    let fits = short
        .split(' ')
        .zip(long.split(' '))
        .all(|(initial, word)| word.starts_with(initial));
    Some(fits)
}

/// Whether one name is a single word that is one of the words of the other, or both share their
/// first.
fn shares_word(a: &str, b: &str, same: impl Fn(&str, &str) -> bool) -> bool {
    let count = |name: &str| name.split(' ').count();
    if count(a) == 1 && count(b) == 1 {
        return false;
    }
    a.split(' ').filter(|word| word.len() > 1).any(|word| {
        b.split(' ')
            .any(|other| other.len() > 1 && same(word, other))
    })
}

/// `christian` and `christiane`, `mario` and `maria`: names of a man and of a woman.
fn is_other_ending(a: &str, b: &str) -> bool {
    let stem = |name: &str| {
        name.trim_end_matches(['a', 'e', 'i', 'o', 'u', 'y'])
            .to_owned()
    };
    stem(a) == stem(b)
}

fn is_typo(a: &str, b: &str) -> bool {
    let slips = match a.len().min(b.len()) {
        0..=1 => return false,
        2 => usize::from(a.as_bytes()[0] == b.as_bytes()[0] && a.len().max(b.len()) == 3),
        3..=6 => 1,
        _ => 2,
    };
    distance(a.as_bytes(), b.as_bytes(), slips).is_some()
}

fn is_similar(a: &str, b: &str, are_two_names: bool) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    let begins_alike =
        short.len() >= 3 && long.len() >= 3 && short.as_bytes()[..3] == long.as_bytes()[..3];
    let is_long = short.len() >= 5 || short.len() == 4 && short.as_bytes()[0] == long.as_bytes()[0];
    let two_slips = || is_long && distance(a.as_bytes(), b.as_bytes(), 2).is_some();
    begins_alike || !are_two_names && (two_slips() || strsim::jaro_winkler(a, b) >= 0.85)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn like(a: (&str, &str), b: (&str, &str)) -> (Level, Level, bool) {
        let (a, b) = (Name::of_parts(a.0, a.1), Name::of_parts(b.0, b.1));
        let like = NameLikeness::of(&a, &b);
        assert_eq!(like, NameLikeness::of(&b, &a));
        (like.given, like.family, like.is_swapped)
    }

    #[test]
    fn names_in_other_spellings_and_orders() {
        use Level::*;
        let anna = ("Anna", "Müller");
        assert_eq!(like(anna, ("Anna", "Mueller")), (Same, Same, false));
        assert_eq!(like(anna, ("Anna", "Muller")), (Same, Spelled, false));
        assert!(like(anna, ("Müller", "Anna")).2);
        assert_eq!(like(anna, ("A.", "Müller")), (Initial, Same, false));
        assert_eq!(like(anna, ("B.", "Müller")), (Different, Same, false));
        assert_eq!(like(anna, ("", "Müller")), (Missing, Same, false));
        assert_eq!(like(anna, ("Bernd", "Müller")), (Different, Same, false));
        assert_eq!(like(anna, ("Anna", "Müller-Schmidt")), (Same, Part, false));
        let hans = ("Hans-Peter", "Kurz");
        assert_eq!(like(hans, ("Hanspeter", "Kurz")).0, Spelled);
        assert_eq!(like(hans, ("Peter", "Kurz")).0, Part);
        assert_eq!(like(hans, ("HP", "Kurz")).0, Variant);
        assert_eq!(
            like(("Сергей", "Соболев"), ("Sergej", "Sobolew")).0,
            Spelled
        );
        assert_eq!(like(("小明", "王"), ("Xiaoming", "Wang")).0, Spelled);
        assert_eq!(like(("太郎", "山田"), ("Taro", "Yamada")).0, Unreadable);
    }

    proptest! {
        #[test]
        fn likeness_has_no_direction(a in "[a-d ]{0,6}", b in "[a-d ]{0,6}", c in "[a-d]{0,4}", d in "[a-d]{0,4}") {
            like((&a, &c), (&b, &d));
        }
    }
}
