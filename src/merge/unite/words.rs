//! Texts and names as the words that they are made of.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

/// A text without regard to case, outer blanks and how many blanks there are inside.
pub(super) fn fold(text: &str) -> String {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    words.join(" ").nfc().collect()
}

/// Whether a text has capitals and no small letters, as forms and old phones write it.
pub(super) fn is_shouting(text: &str) -> bool {
    text.chars().filter(|char| char.is_uppercase()).count() > 1
        && !text.chars().any(char::is_lowercase)
}

/// The words of a name as they are written; `Jean-Luc O'Neill` has three.
pub(super) fn words(text: &str) -> Vec<&str> {
    let is_inside = |char: char| char.is_alphanumeric() || "'’.".contains(char);
    let words: Vec<&str> = text
        .split(|char| !is_inside(char))
        .flat_map(|word| word.split_inclusive('.'))
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .collect();
    // A flower is a name to some.
    match words.is_empty() && !text.trim().is_empty() {
        true => vec![text.trim()],
        false => words,
    }
}

/// The ways in which a word is spelled where its accents cannot be written: `muller` and
/// `mueller` for `Müller`.
pub(super) fn spellings(word: &str) -> [String; 2] {
    let lower: String = word.nfc().flat_map(char::to_lowercase).collect();
    [plain(&lower, |_| None), plain(&lower, two_letters)]
}

fn plain(word: &str, first: fn(char) -> Option<&'static str>) -> String {
    let mut plain = String::with_capacity(word.len());
    for char in word.chars() {
        let letters = first(char).or_else(|| base_letters(char));
        match letters {
            Some(letters) => plain.push_str(letters),
            None => {
                let base = char.nfkd().filter(|char| char.is_alphanumeric());
                plain.extend(base);
            }
        }
    }
    match plain.is_empty() {
        true => word.to_owned(),
        false => plain,
    }
}

/// German and Scandinavian ways to write a letter as two.
fn two_letters(char: char) -> Option<&'static str> {
    Some(match char {
        'ä' => "ae",
        'ö' | 'ø' => "oe",
        'ü' => "ue",
        'å' => "aa",
        _ => return None,
    })
}

/// Letters that Unicode does not take apart.
fn base_letters(char: char) -> Option<&'static str> {
    Some(match char {
        'ß' => "ss",
        'ø' => "o",
        'æ' => "ae",
        'œ' => "oe",
        'ł' => "l",
        'đ' => "d",
        'ı' => "i",
        _ => return None,
    })
}

/// The words that are known of a person, in all their spellings.
#[derive(Debug, Clone, Default)]
pub(super) struct Known(BTreeSet<String>);

impl Known {
    pub fn of(text: &str) -> Known {
        let mut known = Known::default();
        known.add(text);
        known
    }

    pub fn add(&mut self, text: &str) {
        for word in words(text) {
            self.0.extend(spellings(word));
        }
    }

    /// Whether the word is known, or an initial of one that is.
    pub fn has(&self, word: &str) -> bool {
        spellings(word).iter().any(|spelling| {
            let is_initial = spelling.chars().count() == 1;
            let mut from = self.0.range(spelling.clone()..);
            match is_initial {
                true => from.next().is_some_and(|known| known.starts_with(spelling)),
                false => self.0.contains(spelling),
            }
        })
    }

    pub fn has_all(&self, text: &str) -> bool {
        words(text).iter().all(|word| self.has(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_known_in_every_spelling_and_by_its_initial() {
        let known = Known::of("Jürgen Weiß-Łoś");
        for text in ["Juergen Weiss", "JURGEN LOS", "J. W.", "jürgen"] {
            assert!(known.has_all(text), "{text}");
        }
        for text in ["Jorgen", "K.", "Jürg"] {
            assert!(!known.has_all(text), "{text}");
        }
    }

    #[test]
    fn words_are_written_words() {
        assert_eq!(
            words("Dr.Ada (privat) O'Neill-Byron"),
            ["Dr.", "Ada", "privat", "O'Neill", "Byron"]
        );
        assert_eq!(words(" ** "), ["**"]);
        assert!(Known::of("**").has("**") && !Known::of("**").has("++"));
        assert!(is_shouting("ADA B"));
        assert!(!is_shouting("A"));
    }
}
