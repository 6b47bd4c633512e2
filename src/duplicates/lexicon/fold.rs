//! Folds a text to lower-case ASCII words, whatever its script.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The text in ASCII letters and digits, lower case, with single blanks between the words.
///
/// Scripts other than Latin are spelled by their sound, as far as one letter tells it. Umlauts
/// become two letters as in German (`ue`). An apostrophe joins (`obrien`), every other sign
/// parts. Folding twice changes nothing.
pub fn fold(text: &str) -> String {
    let mut folded = Folded(String::with_capacity(text.len() + 8));
    if text.is_ascii() {
        text.chars().for_each(|c| folded.push(c));
    } else {
        // Composed first, so that an umlaut is one letter however it was typed.
        text.nfkc().for_each(|c| folded.push(c));
    }
    if folded.0.ends_with(' ') {
        folded.0.pop();
    }
    folded.0
}

struct Folded(String);

impl Folded {
    fn push(&mut self, c: char) {
        if c.is_ascii() {
            self.push_ascii(c);
        } else if let Some(letters) = own_spelling(c) {
            self.0.push_str(letters);
        } else if c.is_alphanumeric() {
            let letters = deunicode::deunicode_char(c).unwrap_or_default();
            letters.chars().for_each(|letter| self.push_ascii(letter));
        } else if !is_unseen(c) {
            self.part();
        }
    }

    fn push_ascii(&mut self, c: char) {
        if c.is_ascii_alphanumeric() {
            self.0.push(c.to_ascii_lowercase());
        } else if c != '\'' && c != '`' {
            self.part();
        }
    }

    fn part(&mut self) {
        if !self.0.is_empty() && !self.0.ends_with(' ') {
            self.0.push(' ');
        }
    }
}

/// The letters for what is spelled otherwise in names than one letter for one.
fn own_spelling(c: char) -> Option<&'static str> {
    Some(match c {
        'ä' | 'Ä' | 'æ' | 'Æ' => "ae",
        'ö' | 'Ö' | 'ø' | 'Ø' | 'œ' | 'Œ' | 'ő' | 'Ő' => "oe",
        'ü' | 'Ü' | 'ű' | 'Ű' => "ue",
        'å' | 'Å' => "aa",
        'ß' | 'ẞ' => "ss",
        'þ' | 'Þ' => "th",
        'ð' | 'Ð' | 'đ' | 'Đ' => "d",
        // The signs that make a letter hard or soft have no sound.
        'ь' | 'Ь' | 'ъ' | 'Ъ' => "",
        'й' | 'Й' => "i",
        'ы' | 'Ы' => "y",
        'є' | 'Є' => "ie",
        'ї' | 'Ї' => "i",
        'и' | 'И' | 'і' | 'І' => "i",
        _ => return None,
    })
}

/// Signs that one does not see between letters: accents of their own, apostrophes, directions,
/// joiners, soft hyphens.
fn is_unseen(c: char) -> bool {
    is_combining_mark(c)
        || matches!(c, '\u{2018}' | '\u{2019}' | '\u{2bc}' | '\u{2b9}' | '´')
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::fold;

    #[test]
    fn a_text_becomes_plain_words() {
        for (text, folded) in [
            ("  Hans-Peter  MÜLLER ", "hans peter mueller"),
            ("Ju\u{308}rgen", "juergen"),
            ("Straße", "strasse"),
            ("Dr.med. O'Brien", "dr med obrien"),
            ("D\u{2019}Angelo", "dangelo"),
            ("Łukasz Żółć", "lukasz zolc"),
            ("Søren Ångström", "soeren aangstroem"),
            ("İbrahim Işık", "ibrahim isik"),
            ("Сергей Ильич", "sergei ilich"),
            ("Γιώργος", "giorgos"),
            ("王伟", "wang wei"),
            ("Ｊｏｈｎ", "john"),
            ("Oma ❤ (neu)", "oma neu"),
            ("+++", ""),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    #[test]
    fn what_one_does_not_see_does_not_part_a_word() {
        assert_eq!(fold("An\u{ad}na\u{200b} \u{202a}Li\u{202c}"), "anna li");
    }

    proptest! {
        #[test]
        fn folding_gives_plain_words_and_is_done_once(text in "\\PC{0,30}") {
            let folded = fold(&text);
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == ' ';
            prop_assert!(folded.chars().all(plain), "{folded:?}");
            prop_assert!(!folded.contains("  "));
            prop_assert_eq!(folded.trim(), &folded);
            prop_assert_eq!(fold(&folded), folded);
        }
    }
}
