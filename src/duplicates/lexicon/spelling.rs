//! Gives the many spellings of one name one key: `juergen` and `jurgen`, `yuliya` and `julia`.
//!
//! The rules are those that hold across languages: how umlauts, Slavic and Greek letters are
//! written in Latin ones, which letters sound the same in names, and that double consonants count
//! once. A vowel at the end is never touched: it tells `paul` from `paula`.

/// The longest name that has a key, in bytes; a longer one is its own.
pub(super) const LONGEST: usize = 64;

/// A folded word without blanks, in the spelling that all its spellings share.
///
/// Made for comparing and for keys, not for reading. Words of up to three letters keep theirs,
/// apart from umlauts; so little is told apart by every letter.
pub fn spelling(name: &str) -> String {
    match Key::of_name(name) {
        Some(key) => key.as_str().to_owned(),
        None => name.replace(' ', ""),
    }
}

/// Whether two folded names are one name, spelled in two ways.
pub fn same_spelling(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    match (Key::of_name(a), Key::of_name(b)) {
        (Some(a), Some(b)) => a.as_str() == b.as_str(),
        _ => false,
    }
}

/// A key on the stack, so that a question costs no memory.
#[derive(Clone, Copy)]
pub(super) struct Key {
    letters: [u8; LONGEST],
    length: usize,
}

impl Key {
    /// The key of a word that is no name: without blanks, umlauts of one letter.
    pub(super) fn of_word(word: &str) -> Option<Key> {
        Key::joined(word).map(|key| key.rewritten(plain_umlaut))
    }

    /// The key of a name.
    pub(super) fn of_name(name: &str) -> Option<Key> {
        let key = Key::of_word(name)?;
        if key.length <= 3 {
            return Some(key);
        }
        Some(key.rewritten(same_sound).rewritten(once))
    }

    pub(super) fn as_str(&self) -> &str {
        // Letters are copied from a text and replaced by ASCII, so this is one.
        str::from_utf8(&self.letters[..self.length]).unwrap_or_default()
    }

    fn joined(word: &str) -> Option<Key> {
        if word.len() > LONGEST || !word.is_ascii() {
            return None;
        }
        let mut key = Key::empty();
        word.bytes()
            .filter(|&letter| letter != b' ')
            .for_each(|letter| key.push(letter));
        Some(key)
    }

    fn empty() -> Key {
        Key {
            letters: [0; LONGEST],
            length: 0,
        }
    }

    fn push(&mut self, letter: u8) {
        self.letters[self.length] = letter;
        self.length += 1;
    }

    /// Applies a rule from the beginning to the end: it sees what was written and what is left,
    /// says how many letters it used up, and what it writes.
    fn rewritten(&self, rule: impl Fn(&[u8], &[u8]) -> (usize, Option<u8>)) -> Key {
        let mut key = Key::empty();
        let mut at = 0;
        while at < self.length {
            let written = &key.letters[..key.length];
            let (used, letter) = rule(written, &self.letters[at..self.length]);
            if let Some(letter) = letter {
                key.push(letter);
            }
            at += used.max(1);
        }
        key
    }
}

/// `ae`, `oe`, `ue`, `aa` as one vowel, where they can be an umlaut: not before a vowel (`joey`),
/// not after one (`bauer`), not after `q`, and not in a word of three letters (`zoe`).
fn plain_umlaut(written: &[u8], rest: &[u8]) -> (usize, Option<u8>) {
    let keep = (1, Some(rest[0]));
    let vowel = match rest {
        [b'a', b'e' | b'a', ..] => b'a',
        [b'o', b'e', ..] => b'o',
        [b'u', b'e', ..] => b'u',
        _ => return keep,
    };
    let after = rest.get(2).copied();
    let is_vowel = |letter: &u8| b"aeiouy".contains(letter);
    let amid_vowels = after.as_ref().is_some_and(is_vowel)
        || written
            .last()
            .is_some_and(|last| is_vowel(last) || *last == b'q');
    if amid_vowels || written.len() + rest.len() <= 3 {
        return keep;
    }
    (2, Some(vowel))
}

/// Letters that stand for one sound.
fn same_sound(written: &[u8], rest: &[u8]) -> (usize, Option<u8>) {
    let last = written.last().copied();
    match rest {
        [b't', b's', b'c', b'h', ..] => (4, Some(b'C')),
        [b't', b'c', b'h', ..] => (3, Some(b'C')),
        [b's', b'c', b'h', ..] => (3, Some(b'S')),
        [b's', b'h', ..] => (2, Some(b'S')),
        [b's', b'z', ..] => (2, Some(b'S')),
        [b'c', b'h', b'r' | b'l', ..] => (2, Some(b'k')),
        [b'c', b'h', ..] => (2, Some(b'h')),
        [b'k', b'h', ..] => (2, Some(b'h')),
        [b'c', b'z', ..] => (2, Some(b'C')),
        [b'p', b'h', ..] => (2, Some(b'f')),
        [b't', b'h', ..] => (2, Some(b't')),
        [b'c', b'k', ..] => (2, Some(b'k')),
        [b'k', b's', ..] => (2, Some(b'x')),
        [b'c', b'e' | b'i' | b'y', ..] => (1, Some(b'c')),
        [b'c', ..] => (1, Some(b'k')),
        [b'w', ..] => (1, Some(b'v')),
        // `yevgeny`, `jewgeni` and `evgeny`; but `jens` and `jenny`.
        [b'y', b'e', ..] if last.is_none() => (2, Some(b'e')),
        [b'j' | b'i', b'e', b'v' | b'w' | b'k' | b'g', ..] if last.is_none() => (2, Some(b'e')),
        [b'j', b'e', b'l', b'e' | b'i', b'n' | b's', ..] if last.is_none() => (2, Some(b'e')),
        [b'y' | b'j', ..] => (1, Some(b'i')),
        // `sarah`, `hannah`.
        [b'h'] if last.is_some_and(|last| b"aeiou".contains(&last)) => (1, None),
        [letter, ..] => (1, Some(*letter)),
        [] => (1, None),
    }
}

/// Double consonants, and `i` beside `i`, once. `rene` and `renee` are two people.
fn once(written: &[u8], rest: &[u8]) -> (usize, Option<u8>) {
    let letter = rest[0];
    let repeats = written.last() == Some(&letter);
    let silent = repeats && !b"aeou".contains(&letter) && !letter.is_ascii_digit();
    (1, (!silent).then_some(letter))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{same_spelling, spelling};

    #[test]
    fn one_name_in_many_spellings() {
        for spellings in [
            &["juergen", "jurgen"][..],
            &["sergei", "sergey", "sergej"],
            &["yuliya", "julia", "iuliia", "julija"],
            &["yevgeny", "evgenii", "jewgenij", "ievgenii"],
            &["yelena", "elena", "jelena"],
            &["dmitri", "dmitry", "dmitriy", "dmitrij"],
            &["stefan", "stephan"],
            &["philipp", "philip", "filip"],
            &["karl", "carl"],
            &["sarah", "sara"],
            &["christian", "kristian"],
            &["tatjana", "tatyana", "tatiana"],
            &["matthias", "mathias", "matias"],
            &["hans peter", "hanspeter"],
            &["soeren", "soren"],
            &["mikhail", "michail"],
            &["wladimir", "vladimir"],
            &["mueller", "muller"],
        ] {
            for other in spellings {
                assert!(same_spelling(spellings[0], other), "{other}");
            }
        }
    }

    #[test]
    fn what_one_hears_is_kept() {
        for (a, b) in [
            ("rene", "renee"),
            ("paul", "paula"),
            ("joe", "jo"),
            ("joey", "joy"),
            ("bauer", "baur"),
            ("michel", "michelle"),
            ("gabriel", "gabriele"),
            ("ian", "jan"),
            ("maria", "mario"),
            ("andre", "andrea"),
            ("jens", "ens"),
            ("jerry", "erri"),
        ] {
            assert!(!same_spelling(a, b), "{a} {b}");
        }
    }

    proptest! {
        #[test]
        fn any_word_has_a_key(word in "[a-z0-9 ]{0,80}") {
            let key = spelling(&word);
            prop_assert!(key.len() <= word.len());
            prop_assert!(same_spelling(&word, &word));
        }
    }
}
