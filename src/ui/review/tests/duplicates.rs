//! What two contacts look like that may be one person.

use unicode_width::UnicodeWidthStr;

use super::*;

#[test]
fn at_60_columns() {
    insta::assert_snapshot!(shown(&[anna()], FULL, 60, ""), @r#"

    [1/1] Anna Müller-Lüdenscheidt and A. Mueller may be one
          person: very likely (0.93)

                    1 in phone, laptop     2 in office
    ~ name          Anna                   A. Mueller
                    Müller-Lüdenscheidt
    < organisation  Bäckerei Grün
    ~ title         Geschäftsführerin      Managing director
    ~ phone         +49 30 1234567 (work)  +49 30 1234567 (cell)
    = mail          anna@example.org       anna@example.org
    >                                      a.mueller@work.
                                           example
    < address       Große Straße 12,
                    Berlin, 10115,
                    Germany
    < birthday      1990-04-17
    < note          Met at the trade fair
                    in Leipzig, she
                    wanted to hear more
                    about the northern
                    branch.
                    Likes tea.
    = list          Customers              Customers
    < tier          A
    > photo                                image/jpeg, 36 bytes
      = same  ~ differs  < only 1  > only 2

    + same mail address: anna@example.org
    + same phone number: +49301234567
    - other first name: Anna, A.

    The merged card (1 goes on):
      name          Anna Müller-Lüdenscheidt
      organisation  Bäckerei Grün
      title         Geschäftsführerin
                    Managing director
      phone         +49 30 1234567 (cell, work)
      mail          anna@example.org
                    a.mueller@work.example
      address       Große Straße 12, Berlin, 10115, Germany
      birthday      1990-04-17
      note          Met at the trade fair in Leipzig, she wanted
                    to hear more about the northern branch.
                    Likes tea.
      list          Customers
      tier          A
      photo         image/jpeg, 36 bytes

    m merge   k keep apart   w let 2 go on   f choose 1 field
    e edit   Enter skip   q quit   ? help
    >
    "#);
}

#[test]
fn at_100_columns() {
    insta::assert_snapshot!(shown(&[anna()], FULL, 100, ""), @r#"

    [1/1] Anna Müller-Lüdenscheidt and A. Mueller may be one person: very likely (0.93)

                    1 in phone, laptop                         2 in office
    ~ name          Anna Müller-Lüdenscheidt                   A. Mueller
    < organisation  Bäckerei Grün
    ~ title         Geschäftsführerin                          Managing director
    ~ phone         +49 30 1234567 (work)                      +49 30 1234567 (cell)
    = mail          anna@example.org                           anna@example.org
    >                                                          a.mueller@work.example
    < address       Große Straße 12, Berlin, 10115, Germany
    < birthday      1990-04-17
    < note          Met at the trade fair in Leipzig, she
                    wanted to hear more about the northern
                    branch.
                    Likes tea.
    = list          Customers                                  Customers
    < tier          A
    > photo                                                    image/jpeg, 36 bytes
      = same  ~ differs  < only 1  > only 2

    + same mail address: anna@example.org
    + same phone number: +49301234567
    - other first name: Anna, A.

    The merged card (1 goes on):
      name          Anna Müller-Lüdenscheidt
      organisation  Bäckerei Grün
      title         Geschäftsführerin
                    Managing director
      phone         +49 30 1234567 (cell, work)
      mail          anna@example.org
                    a.mueller@work.example
      address       Große Straße 12, Berlin, 10115, Germany
      birthday      1990-04-17
      note          Met at the trade fair in Leipzig, she wanted to hear more about the northern branch.
                    Likes tea.
      list          Customers
      tier          A
      photo         image/jpeg, 36 bytes

    m merge   k keep apart   w let 2 go on   f choose 1 field   e edit   Enter skip   q quit   ? help
    >
    "#);
}

#[test]
fn at_160_columns() {
    insta::assert_snapshot!(shown(&[anna()], FULL, 160, ""), @r#"

    [1/1] Anna Müller-Lüdenscheidt and A. Mueller may be one person: very likely (0.93)

                    1 in phone, laptop                                        2 in office
    ~ name          Anna Müller-Lüdenscheidt                                  A. Mueller
    < organisation  Bäckerei Grün
    ~ title         Geschäftsführerin                                         Managing director
    ~ phone         +49 30 1234567 (work)                                     +49 30 1234567 (cell)
    = mail          anna@example.org                                          anna@example.org
    >                                                                         a.mueller@work.example
    < address       Große Straße 12, Berlin, 10115, Germany
    < birthday      1990-04-17
    < note          Met at the trade fair in Leipzig, she wanted to hear
                    more about the northern branch.
                    Likes tea.
    = list          Customers                                                 Customers
    < tier          A
    > photo                                                                   image/jpeg, 36 bytes
      = same  ~ differs  < only 1  > only 2

    + same mail address: anna@example.org
    + same phone number: +49301234567
    - other first name: Anna, A.

    The merged card (1 goes on):
      name          Anna Müller-Lüdenscheidt
      organisation  Bäckerei Grün
      title         Geschäftsführerin
                    Managing director
      phone         +49 30 1234567 (cell, work)
      mail          anna@example.org
                    a.mueller@work.example
      address       Große Straße 12, Berlin, 10115, Germany
      birthday      1990-04-17
      note          Met at the trade fair in Leipzig, she wanted to hear more about the northern branch.
                    Likes tea.
      list          Customers
      tier          A
      photo         image/jpeg, 36 bytes

    m merge   k keep apart   w let 2 go on   f choose 1 field   e edit   Enter skip   q quit   ? help
    >
    "#);
}

#[test]
fn below_60_columns_one_under_the_other() {
    insta::assert_snapshot!(shown(&[anna()], FULL, 44, ""), @r#"

    [1/1] Anna Müller-Lüdenscheidt and A.
          Mueller may be one person: very likely
          (0.93)

      1 in phone, laptop
      2 in office
    ~ name
      1 Anna Müller-Lüdenscheidt
      2 A. Mueller
    < organisation
      1 Bäckerei Grün
    ~ title
      1 Geschäftsführerin
      2 Managing director
    ~ phone
      1 +49 30 1234567 (work)
      2 +49 30 1234567 (cell)
    = mail
        anna@example.org
    > mail
      2 a.mueller@work.example
    < address
      1 Große Straße 12, Berlin, 10115, Germany
    < birthday
      1 1990-04-17
    < note
      1 Met at the trade fair in Leipzig, she
        wanted to hear more about the northern
        branch.
        Likes tea.
    = list
        Customers
    < tier
      1 A
    > photo
      2 image/jpeg, 36 bytes
      = same  ~ differs  < only 1  > only 2

    + same mail address: anna@example.org
    + same phone number: +49301234567
    - other first name: Anna, A.

    The merged card (1 goes on):
      name          Anna Müller-Lüdenscheidt
      organisation  Bäckerei Grün
      title         Geschäftsführerin
                    Managing director
      phone         +49 30 1234567 (cell, work)
      mail          anna@example.org
                    a.mueller@work.example
      address       Große Straße 12, Berlin,
                    10115, Germany
      birthday      1990-04-17
      note          Met at the trade fair in
                    Leipzig, she wanted to hear
                    more about the northern
                    branch.
                    Likes tea.
      list          Customers
      tier          A
      photo         image/jpeg, 36 bytes

    m merge   k keep apart   w let 2 go on
    f choose 1 field   e edit   Enter skip
    q quit   ? help
    >
    "#);
}

#[test]
fn in_plain_mode_line_by_line() {
    insta::assert_snapshot!(shown(&[anna()], PLAIN, 80, ""), @r#"
    Question 1 of 1. Anna Müller-Lüdenscheidt and A. Mueller may be one person: very likely (0.93)
    Card 1 is in phone, laptop.
    Card 2 is in office.
    Card 1, name, differs from card 2: Anna Müller-Lüdenscheidt
    Card 1, organisation, only in card 1: Bäckerei Grün
    Card 1, title, differs from card 2: Geschäftsführerin
    Card 1, phone, differs from card 2: +49 30 1234567 (work)
    Card 1, mail, same in card 2: anna@example.org
    Card 1, address, only in card 1: Große Straße 12, Berlin, 10115, Germany
    Card 1, birthday, only in card 1: 1990-04-17
    Card 1, note, only in card 1: Met at the trade fair in Leipzig, she wanted to hear more about the northern branch.
    Card 1, note, only in card 1: Likes tea.
    Card 1, list, same in card 2: Customers
    Card 1, tier, only in card 1: A
    Card 2, name, differs from card 1: A. Mueller
    Card 2, title, differs from card 1: Managing director
    Card 2, phone, differs from card 1: +49 30 1234567 (cell)
    Card 2, mail, same in card 1: anna@example.org
    Card 2, mail, only in card 2: a.mueller@work.example
    Card 2, list, same in card 1: Customers
    Card 2, photo, only in card 2: image/jpeg, 36 bytes
    For: same mail address: anna@example.org
    For: same phone number: +49301234567
    Against: other first name: Anna, A.
    The merged card; card 1 goes on:
    Merged, name: Anna Müller-Lüdenscheidt
    Merged, organisation: Bäckerei Grün
    Merged, title: Geschäftsführerin
    Merged, title: Managing director
    Merged, phone: +49 30 1234567 (cell, work)
    Merged, mail: anna@example.org
    Merged, mail: a.mueller@work.example
    Merged, address: Große Straße 12, Berlin, 10115, Germany
    Merged, birthday: 1990-04-17
    Merged, note: Met at the trade fair in Leipzig, she wanted to hear more about the northern branch.
    Merged, note: Likes tea.
    Merged, list: Customers
    Merged, tier: A
    Merged, photo: image/jpeg, 36 bytes
    m: merge, k: keep apart, w: let 2 go on, f: choose 1 field, e: edit, Enter: skip, q: quit, ?: help
    Your choice, then Enter:
    "#);
}

#[test]
fn wide_characters_and_a_card_without_a_name() {
    let asked = duplicate(
        "UID:yamada\nFN:山田太郎\nORG:株式会社山田製作所東京本社営業部\nTEL:+81 3 1234 5678",
        "UID:nobody\nTEL:+81 3 1234 5678",
        0.71,
        &[(true, "same phone number: +81312345678")],
    );
    insta::assert_snapshot!(shown(&[asked], FULL, 60, ""), @r#"

    [1/1] 山田太郎 and +81 3 1234 5678 may be one person: likely
          (0.71)

                    1 in phone, laptop     2 in office
    < name          山田太郎
    < organisation  株式会社山田製作所東
                    京本社営業部
    = phone         +81 3 1234 5678        +81 3 1234 5678
      = same  ~ differs  < only 1  > only 2

    + same phone number: +81312345678

    The merged card (1 goes on):
      name          山田太郎
      organisation  株式会社山田製作所東京本社営業部
      phone         +81 3 1234 5678

    m merge   k keep apart   w let 2 go on   e edit   Enter skip
    q quit   ? help
    >
    "#);
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
