//! What two contacts look like that may be one person.

use unicode_width::UnicodeWidthStr;

use super::*;

#[test]
fn at_60_columns() {
    insta::assert_snapshot!(shown(&[anna()], FULL, 60, ""), @"");
}

#[test]
fn at_100_columns() {
    insta::assert_snapshot!(shown(&[anna()], FULL, 100, ""), @"");
}

#[test]
fn at_160_columns() {
    insta::assert_snapshot!(shown(&[anna()], FULL, 160, ""), @"");
}

#[test]
fn below_60_columns_one_under_the_other() {
    insta::assert_snapshot!(shown(&[anna()], FULL, 44, ""), @"");
}

#[test]
fn in_plain_mode_line_by_line() {
    insta::assert_snapshot!(shown(&[anna()], PLAIN, 80, ""), @"");
}

#[test]
fn wide_characters_and_a_card_without_a_name() {
    let asked = duplicate(
        "UID:yamada\nFN:山田太郎\nORG:株式会社山田製作所東京本社営業部\nTEL:+81 3 1234 5678",
        "UID:nobody\nTEL:+81 3 1234 5678",
        0.71,
        &[(true, "same phone number: +81312345678")],
    );
    insta::assert_snapshot!(shown(&[asked], FULL, 60, ""), @"");
}

#[test]
fn a_long_note_is_cut_and_what_is_missing_is_counted() {
    let note = (1..=18)
        .map(|line| format!("line {line}"))
        .collect::<Vec<_>>();
    let note = format!("UID:a\nFN:Ada\nTEL:1\nNOTE:{}", note.join("\\n"));
    let asked = duplicate(&note, "UID:b\nFN:Ada", 0.5, &[]);
    let text = shown(&[asked], FULL, 80, "");
    assert!(text.contains("< note   line 1\n"), "{text}");
    assert!(
        text.contains("line 5\n") && !text.contains("line 6\n"),
        "{text}"
    );
    assert!(text.contains("... (13 more lines)"), "{text}");
}

#[test]
fn no_line_is_ever_wider_than_the_terminal() {
    for width in [20, 30, 44, 59, 60, 61, 79, 100, 160, 200] {
        for keys in ["", "?", "f", "w", "c", "c?"] {
            let text = shown(&[anna(), certain("Ada")], FULL, width, keys);
            for line in text.lines() {
                assert!(line.width() <= width, "{width}, {keys}: {line:?}");
            }
        }
    }
}

#[test]
fn colour_adds_nothing_but_colour() {
    let colored = Look {
        style: Style::Colored,
        ..FULL
    };
    let colored = shown(&[anna()], colored, 100, "w");
    let mut bare = String::new();
    let mut rest = colored.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        bare.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    bare.push_str(rest);
    let trimmed = |text: &str| -> Vec<String> {
        text.lines()
            .map(|line| line.trim_end().to_owned())
            .collect()
    };
    assert!(colored.contains('\u{1b}'));
    assert_eq!(trimmed(&bare), trimmed(&shown(&[anna()], FULL, 100, "w")));
}

/// Two cards of this name that are certain to be one person.
pub fn certain(name: &str) -> Asked {
    let id = name.to_lowercase();
    duplicate(
        &format!("UID:{id}-1\nFN:{name}\nTEL:1"),
        &format!("UID:{id}-2\nFN:{name}"),
        0.99,
        &[(true, "same name")],
    )
}
