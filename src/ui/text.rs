//! Makes text from outside safe to show, and cuts it to the width of a terminal.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Shows every character of outside text as what it is, so that no name, server message or file
/// name can move the cursor, hide or reorder what stands on the screen, or forge a line of a log.
///
/// Control characters (also C1, which XML lets through), bidirectional controls, line and
/// paragraph separators and invisible characters become escapes such as `\u{9b}`. The joiners
/// U+200C and U+200D stay between two visible letters outside ASCII, where Persian and Indic
/// names and emoji need them; anywhere else they only make two different texts look the same.
pub fn clean(text: &str) -> Cow<'_, str> {
    let harmless = |byte: u8| (b' '..0x7f).contains(&byte);
    if text.bytes().all(harmless) {
        return Cow::Borrowed(text);
    }
    let mut cleaned = String::with_capacity(text.len());
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        let joins = matches!(character, '\u{200c}' | '\u{200d}')
            && before.is_some_and(joinable)
            && rest.peek().copied().is_some_and(joinable);
        if joins || !needs_escape(character) {
            cleaned.push(character);
        } else {
            cleaned.extend(character.escape_default());
        }
        before = Some(character);
    }
    if cleaned == text {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(cleaned)
    }
}

/// Whether a character must not reach a terminal or a log as it is.
pub fn needs_escape(character: char) -> bool {
    character.is_control()
        || matches!(character,
            // Bidirectional marks, embeddings, overrides and isolates.
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            // Line and paragraph separator.
            | '\u{2028}' | '\u{2029}'
            // Invisible: soft hyphen, zero width, word joiner and its kin, BOM, annotations, tags.
            | '\u{ad}' | '\u{34f}' | '\u{180e}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}'
            | '\u{206a}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

fn joinable(neighbour: char) -> bool {
    !neighbour.is_ascii() && !needs_escape(neighbour)
}

/// The text, cut to at most `width` terminal cells, with an ellipsis where something is missing.
pub fn fit(text: &str, width: usize) -> Cow<'_, str> {
    if text.width() <= width {
        return Cow::Borrowed(text);
    }
    let mut used = 0;
    let mut end = 0;
    for (at, character) in text.char_indices() {
        used += match character {
            // Asks for the two cells wide picture of the character before it.
            '\u{fe0f}' => 1,
            other => other.width().unwrap_or(0),
        };
        // One cell stays free for the ellipsis.
        if used + 1 > width {
            break;
        }
        end = at + character.len_utf8();
    }
    if width == 0 {
        return Cow::Borrowed("");
    }
    let kept = text[..end].trim_end_matches(['\u{200c}', '\u{200d}']);
    Cow::Owned(format!("{kept}…"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_could_act_on_a_terminal_becomes_visible() {
        for (raw, shown) in [
            ("a\u{1b}[31mb", "a\\u{1b}[31mb"),
            ("a\u{9b}2Jb", "a\\u{9b}2Jb"),
            ("two\nlines\r\t", "two\\nlines\\r\\t"),
            ("\u{7f}\u{0}\u{8}", "\\u{7f}\\u{0}\\u{8}"),
            ("abc\u{202e}fed", "abc\\u{202e}fed"),
            (
                "\u{2066}x\u{2069}\u{200f}\u{61c}",
                "\\u{2066}x\\u{2069}\\u{200f}\\u{61c}",
            ),
            ("a\u{2028}b\u{2029}", "a\\u{2028}b\\u{2029}"),
            ("A\u{200b}da", "A\\u{200b}da"),
            ("\u{feff}Ada", "\\u{feff}Ada"),
            ("A\u{e0041}", "A\\u{e0041}"),
        ] {
            assert_eq!(clean(raw), shown);
        }
    }

    #[test]
    fn every_control_character_is_escaped() {
        for character in ('\0'..='\u{ffff}').filter(|character| character.is_control()) {
            let raw = character.to_string();
            assert!(
                !clean(&raw).contains(character),
                "{}",
                character.escape_unicode()
            );
        }
    }

    #[test]
    fn names_of_the_world_stay_untouched() {
        for name in [
            "Ada",
            "Zoë Müller",
            "山田太郎",
            "محمد",
            "👩‍🚀",
            "می‌خواهم",
            "क्‍ष",
            "O'Neil \\ x",
        ] {
            assert!(matches!(clean(name), Cow::Borrowed(_)), "{name}");
        }
    }

    #[test]
    fn a_joiner_that_joins_nothing_is_shown() {
        assert_eq!(clean("Ada\u{200d}"), "Ada\\u{200d}");
        assert_eq!(clean("A\u{200d}da"), "A\\u{200d}da");
        assert_eq!(clean("é\u{200d}\u{200d}é"), "é\\u{200d}\\u{200d}é");
    }

    #[test]
    fn cleaning_twice_is_cleaning_once() {
        let once = clean("a\u{1b}\u{200d}é\n").into_owned();
        assert_eq!(clean(&once), once);
    }

    #[test]
    fn nothing_is_ever_wider_than_its_room() {
        for text in [
            "Ada Lovelace",
            "山田太郎",
            "👩‍🚀👩‍🚀👩‍🚀",
            "e\u{301}e\u{301}e\u{301}",
            "❤️❤️❤️❤️",
        ] {
            for width in 0..12 {
                let fitted = fit(text, width);
                assert!(fitted.width() <= width, "{fitted} in {width}");
            }
        }
    }

    #[test]
    fn a_cut_is_marked_and_what_fits_is_not_cut() {
        assert_eq!(fit("Ada Lovelace", 12), "Ada Lovelace");
        assert_eq!(fit("Ada Lovelace", 5), "Ada …");
        assert_eq!(fit("山田太郎", 6), "山田…");
        assert_eq!(fit("ab", 1), "…");
        assert_eq!(fit("ab", 0), "");
    }
}
