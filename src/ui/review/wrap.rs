//! Breaks text from outside into clean lines of a width, and says how many it leaves out.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::ui::text::{clean, fit};

/// The lines of a text, each harmless on a terminal and at most `width` cells wide.
///
/// Line breaks of the text stay. A line is broken at blanks, a longer word anywhere.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for line in text.split('\n') {
        wrap_line(&clean(line), width.max(1), &mut lines);
    }
    lines
}

/// As [`wrap`], with at most `most` lines (two or more); the last one tells how many are missing.
pub fn cut(text: &str, width: usize, most: usize) -> Vec<String> {
    let mut lines = wrap(text, width);
    if lines.len() > most {
        let missing = lines.len() - (most - 1);
        lines.truncate(most - 1);
        lines.push(fit(&format!("... ({missing} more lines)"), width).into_owned());
    }
    lines
}

/// The text with blanks behind it up to this width.
pub fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

fn wrap_line(line: &str, width: usize, lines: &mut Vec<String>) {
    let mut current = String::new();
    let mut used = 0;
    for word in line.split(' ') {
        let needed = word.width();
        if !current.is_empty() && used + 1 + needed <= width {
            current.push(' ');
            current.push_str(word);
            used += 1 + needed;
            continue;
        }
        if !current.is_empty() {
            lines.push(std::mem::take(&mut current));
        }
        let mut rest = word;
        while let Some(at) = break_in(rest, width) {
            let (piece, after) = rest.split_at(at);
            lines.push(piece.to_owned());
            rest = after;
        }
        current.push_str(rest);
        used = rest.width();
    }
    lines.push(current);
}

/// Where to break a word that is wider than the line: behind a sign in its second half, as an
/// address has them, else where the line is full. Never 0, and none where the word fits.
fn break_in(word: &str, width: usize) -> Option<usize> {
    let mut used = 0;
    let mut behind_sign = None;
    for (at, character) in word.char_indices() {
        used += match character {
            // Asks for the two cells wide picture of the character before it.
            '\u{fe0f}' => 1,
            other => other.width().unwrap_or(0),
        };
        if used > width && at > 0 {
            return Some(behind_sign.unwrap_or(at));
        }
        if "@./-_,;:?&=".contains(character) && used > width / 2 {
            behind_sign = Some(at + character.len_utf8());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_stay_whole_where_they_can() {
        assert_eq!(wrap("met at the fair", 8), ["met at", "the fair"]);
        assert_eq!(wrap("aaaaaaaaaa b", 4), ["aaaa", "aaaa", "aa b"]);
        assert_eq!(wrap("ada@work.example", 11), ["ada@work.", "example"]);
        assert_eq!(wrap("one\n\ntwo", 9), ["one", "", "two"]);
        assert_eq!(wrap("", 9), [""]);
    }

    #[test]
    fn wide_characters_take_two_cells() {
        assert_eq!(wrap("山田太郎", 5), ["山田", "太郎"]);
        assert_eq!(pad("山", 4), "山  ");
    }

    #[test]
    fn what_is_left_out_is_counted() {
        assert_eq!(
            cut("1\n2\n3\n4\n5", 20, 3),
            ["1", "2", "... (3 more lines)"]
        );
        assert_eq!(cut("1\n2\n3", 20, 3), ["1", "2", "3"]);
    }

    #[test]
    fn a_line_break_is_one_and_every_other_control_character_is_shown() {
        assert_eq!(wrap("a\u{1b}[2J\nb\r", 20), ["a\\u{1b}[2J", "b\\r"]);
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_its_room(text in ".{0,60}", width in 2_usize..30) {
            for line in wrap(&text, width) {
                prop_assert!(line.width() <= width, "{line:?} in {width}");
            }
        }

        #[test]
        fn nothing_but_blanks_at_breaks_is_lost(text in "[a-z山é ]{0,60}", width in 2_usize..30) {
            let bare = |text: &str| text.replace(' ', "");
            prop_assert_eq!(bare(&wrap(&text, width).concat()), bare(&text));
        }
    }
}
