//! What becomes of each property when cards are united.

use std::collections::BTreeMap;

use super::*;

pub(super) fn card_of(version: &str, lines: &str) -> Card {
    let body: String = lines.lines().map(|line| format!("{line}\r\n")).collect();
    let text = format!("BEGIN:VCARD\r\nVERSION:{version}\r\n{body}END:VCARD\r\n");
    Card::parse(text.as_bytes()).unwrap()
}

fn card(lines: &str) -> Card {
    card_of("3.0", lines)
}

fn unite_all(cards: &[Card], take: &[(&str, usize)]) -> United {
    let cards: Vec<&Card> = cards.iter().collect();
    let take: BTreeMap<String, usize> = take
        .iter()
        .map(|(name, card)| ((*name).to_owned(), *card))
        .collect();
    unite(&cards, &take).unwrap()
}

/// The lines of a card between `VERSION` and `END`, unfolded.
fn lines(card: &Card) -> String {
    let text = String::from_utf8_lossy(card.bytes()).replace("\r\n ", "");
    let lines: Vec<&str> = text.split("\r\n").collect();
    lines[2..lines.len() - 2].join("\n")
}

/// The lines of the cards united.
fn united(cards: &[&str]) -> String {
    let cards: Vec<Card> = cards.iter().map(|lines| card(lines)).collect();
    lines(&unite_all(&cards, &[]).card)
}

fn disputed(cards: &[&str], take: &[(&str, usize)]) -> Vec<String> {
    let cards: Vec<Card> = cards.iter().map(|lines| card(lines)).collect();
    let disputed = unite_all(&cards, take).disputed;
    disputed
        .iter()
        .map(|disputed| {
            let values: Vec<String> = disputed
                .values
                .iter()
                .map(|value| value.as_ref().map_or("-".to_owned(), Field::text))
                .collect();
            format!(
                "{}: {} -> {}",
                disputed.name,
                values.join(" | "),
                disputed.taken
            )
        })
        .collect()
}

#[test]
fn a_card_alone_stays_byte_for_byte() {
    let odd = card("TEL:1\nTEL:1\nno colon\nNOTE:a\nNOTE:a");
    assert_eq!(unite_all(std::slice::from_ref(&odd), &[]).card, odd);
    assert!(unite(&[], &BTreeMap::new()).is_none());
}

#[test]
fn the_first_card_keeps_its_uid_and_every_line_that_nobody_adds_to() {
    let first = card_of("4.0", "UID:u1\ntel;x=y:1\nNOTE:a");
    let second = card_of("3.0", "UID:u2\nREV:20240101T000000Z\nTEL:1\nEMAIL:a@b.c");
    let result = unite_all(&[first, second], &[]).card;
    assert_eq!(lines(&result), "UID:u1\ntel;x=y:1\nNOTE:a\nEMAIL:a@b.c");
}

#[test]
fn one_number_in_two_forms_is_one_in_the_international_form_with_both_types() {
    assert_eq!(
        united(&["TEL;TYPE=HOME:030 1234567", "TEL;TYPE=CELL:+49 30 1234567"]),
        "TEL;TYPE=CELL,HOME:+49 30 1234567"
    );
    assert_eq!(
        united(&["TEL:+49 (0)30 1234567", "TEL;TYPE=PREF:0049301234567"]),
        "TEL;TYPE=PREF:+49 (0)30 1234567"
    );
    // A spelling alone is no reason to write a line anew; types are.
    assert_eq!(
        united(&["TEL:0049 30 1234567", "TEL:+49 30 1234567"]),
        "TEL:0049 30 1234567"
    );
    assert_eq!(
        united(&["TEL:0049 30 1234567", "TEL;TYPE=FAX:+49 30 1234567"]),
        "TEL;TYPE=FAX:+49 30 1234567"
    );
    // Italy.
    assert_eq!(
        united(&["TEL:06 1234567", "TEL:+39 06 1234567"]),
        "TEL:+39 06 1234567"
    );
}

#[test]
fn numbers_that_only_may_be_the_same_both_stay() {
    assert_eq!(
        united(&["TEL:234567", "TEL:+49 30 234567"]),
        "TEL:234567\nTEL:+49 30 234567"
    );
    assert_eq!(
        united(&["TEL:1234567", "TEL:+49301234567\nTEL:+49401234567"]),
        "TEL:1234567\nTEL:+49301234567\nTEL:+49401234567"
    );
    assert_eq!(
        united(&["TEL:030 1234567", "TEL:40 301234567"]),
        "TEL:030 1234567\nTEL:40 301234567"
    );
}

#[test]
fn labels_of_one_value_are_both_kept_and_groups_do_not_collide() {
    assert_eq!(
        united(&[
            "item1.TEL:1\nitem1.X-ABLabel:Boat",
            "item1.TEL:1\nitem1.X-ABLabel:Summer\nitem2.EMAIL:a@b.c\nitem2.X-ABLabel:Boat"
        ]),
        "item1.TEL:1\nitem1.X-ABLabel:Boat / Summer\nitem2.EMAIL:a@b.c\nitem2.X-ABLabel:Boat"
    );
}

#[test]
fn an_address_without_a_component_is_the_fuller_one() {
    assert_eq!(
        united(&[
            "ADR;TYPE=HOME:;;Main St. 1;Town;;;",
            "ADR:;;MAIN ST 1;Town;;12345;Land"
        ]),
        "ADR;TYPE=HOME:;;MAIN ST 1;Town;;12345;Land"
    );
    assert_eq!(
        united(&["ADR:;;A 1;T;;;", "ADR:;;B 1;T;;;"]),
        "ADR:;;A 1;T;;;\nADR:;;B 1;T;;;"
    );
}

#[test]
fn a_web_address_is_once_and_secure() {
    assert_eq!(
        united(&["URL:http://x.org/", "URL:https://X.org"]),
        "URL:https://X.org"
    );
    assert_eq!(
        united(&["URL:http://x.org/a", "URL:x.org/a/"]),
        "URL:http://x.org/a"
    );
    assert_eq!(
        united(&["URL:http://x.org/a", "URL:http://x.org/A"]),
        "URL:http://x.org/a\nURL:http://x.org/A"
    );
}

#[test]
fn the_fuller_name_stands_with_its_parts() {
    assert_eq!(
        united(&[
            "FN:A. Lovelace\nN:Lovelace;A.;;;",
            "FN:Ada Lovelace\nN:Lovelace;Ada;;;"
        ]),
        "FN:Ada Lovelace\nN:Lovelace;Ada;;;"
    );
    assert_eq!(
        united(&[
            "FN:JÜRGEN WEISS\nN:WEISS;JÜRGEN;;;",
            "FN:Juergen Weiß\nN:Weiß;Juergen;;;"
        ]),
        "FN:Juergen Weiß\nN:Weiß;Juergen;;;"
    );
    assert_eq!(
        united(&[
            "FN:ada@x.org\nN:;ada@x.org;;;\nEMAIL:ada@x.org",
            "FN:Ada B\nN:B;Ada;;;"
        ]),
        "FN:Ada B\nN:B;Ada;;;\nEMAIL:ada@x.org"
    );
    assert_eq!(
        united(&[
            "FN:Ada Byron (privat)\nN:(privat);Ada Byron;;;",
            "FN:Ada Byron\nN:Byron;Ada;;;"
        ]),
        "FN:Ada Byron\nN:Byron;Ada;;;"
    );
    assert_eq!(
        united(&[
            "FN:Foo GmbH\nN:;;;;\nORG:Foo GmbH",
            "FN:Ada Byron\nN:Byron;Ada;;;"
        ]),
        "FN:Ada Byron\nN:Byron;Ada;;;\nORG:Foo GmbH"
    );
}

#[test]
fn a_company_in_a_name_makes_it_no_fuller_and_a_family_of_that_name_is_kept() {
    let company = "FN:Ada Byron Foo\nN:Foo;Ada Byron;;;\nORG:Foo";
    assert_eq!(
        united(&[company, "FN:Ada Byron\nN:Byron;Ada;;;"]),
        "FN:Ada Byron\nN:Byron;Ada;;;\nORG:Foo"
    );
    let family = "FN:Ada Byron\nN:Byron;Ada;;;\nORG:Byron Ltd";
    assert_eq!(united(&["FN:Ada B.\nN:B.;Ada;;;", family]), family);
}

#[test]
fn a_family_name_that_may_be_a_mark_is_a_family_name() {
    let handy = "FN:Charles Handy\nN:Handy;Charles;;;";
    assert_eq!(united(&["FN:Charles\nN:;Charles;;;", handy]), handy);
    assert_eq!(
        united(&["FN:Charles Brian Doe\nN:Doe;Charles Brian;;;", handy]),
        "FN:Charles Brian Doe\nN:Doe;Charles Brian;;;\nNOTE:Also: Charles Handy"
    );
}

#[test]
fn a_name_that_another_card_takes_better_apart_is_taken_apart() {
    assert_eq!(
        united(&[
            "FN:Ada Byron\nN:;Ada Byron;;;",
            "FN:Ada Byron\nN:Byron;Ada;;Dr.;"
        ]),
        "FN:Ada Byron\nN:Byron;Ada;;Dr.;"
    );
    assert_eq!(
        united(&[
            "FN:Ada Byron\nN:Byron;Ada;;;PhD",
            "FN:Ada Byron\nN:Byron;Ada;;Dr.;"
        ]),
        "FN:Ada Byron\nN:Byron;Ada;;Dr.;PhD"
    );
}

#[test]
fn another_name_is_a_nickname_or_told() {
    assert_eq!(
        united(&[
            "FN:Alexander Roe\nN:Roe;Alexander;;;",
            "FN:Alex\nN:;Alex;;;"
        ]),
        "FN:Alexander Roe\nN:Roe;Alexander;;;\nNICKNAME:Alex"
    );
    let cards = ["FN:Anna Roe\nN:Roe;Anna;;;", "FN:Anna Doe\nN:Doe;Anna;;;"];
    assert_eq!(
        united(&cards),
        "FN:Anna Roe\nN:Roe;Anna;;;\nNOTE:Also: Anna Doe"
    );
    assert_eq!(disputed(&cards, &[]), ["FN: Anna Roe | Anna Doe -> 0"]);
    assert_eq!(
        disputed(&cards, &[("FN", 1)]),
        ["FN: Anna Roe | Anna Doe -> 1"]
    );
}

#[test]
fn a_whole_date_stands_and_another_day_is_told() {
    assert_eq!(
        united(&["BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-12", "BDAY:1990-04-12"]),
        "BDAY:1990-04-12"
    );
    let cards = ["BDAY:1990-04-12", "BDAY:1980-01-02"];
    assert_eq!(
        united(&cards),
        "BDAY:1990-04-12\nNOTE:Also: BDAY 1980-01-02"
    );
    assert_eq!(
        disputed(&cards, &[]),
        ["BDAY: 1990-04-12 | 1980-01-02 -> 0"]
    );
    let cards: Vec<Card> = cards.iter().map(|lines| card(lines)).collect();
    assert_eq!(
        lines(&unite_all(&cards, &[("BDAY", 1)]).card),
        "BDAY:1980-01-02\nNOTE:Also: BDAY 1990-04-12"
    );
}

#[test]
fn a_gender_with_its_text_stands_for_the_same_without() {
    let cards = [
        card_of("4.0", "GENDER:F\nKIND:individual"),
        card_of("4.0", "GENDER:F;she\nKIND:INDIVIDUAL"),
    ];
    let result = unite_all(&cards, &[]);
    assert_eq!(lines(&result.card), "GENDER:F;she\nKIND:individual");
    assert_eq!(result.disputed, []);
}

#[test]
fn two_companies_are_two_lines_and_a_person_says_which_comes_first() {
    let cards = [
        "ORG:Foo;Sales\nTITLE:Manager",
        "ORG:Foo\nORG:Bar\nTITLE:Sales Manager",
    ];
    assert_eq!(
        united(&cards),
        "ORG:Foo;Sales\nTITLE:Sales Manager\nORG:Bar"
    );
    assert_eq!(disputed(&cards, &[]), [""; 0]);
    let cards = ["ORG:Foo", "ORG:Bar"];
    assert_eq!(disputed(&cards, &[]), ["ORG: Foo | Bar -> 0"]);
    let cards: Vec<Card> = cards.iter().map(|lines| card(lines)).collect();
    let result = unite_all(&cards, &[("ORG", 1)]);
    assert_eq!(lines(&result.card), "ORG:Bar\nORG:Foo");
    assert_eq!(result.disputed[0].taken, 1);
}

#[test]
fn notes_are_one_text_that_says_everything_once() {
    assert_eq!(
        united(&["NOTE:likes tea", "NOTE:Likes cats"]),
        "NOTE:likes tea\\n\\nLikes cats"
    );
    assert_eq!(
        united(&["NOTE:tea", "NOTE:likes tea\\n\\nx"]),
        "NOTE:likes tea\\n\\nx"
    );
    assert_eq!(united(&["NOTE:steam", "NOTE:tea"]), "NOTE:steam\\n\\ntea");
    assert_eq!(
        united(&["NOTE:a\nNOTE:b", "NOTE:b\\n\\nc"]),
        "NOTE:a\\n\\nc\nNOTE:b"
    );
    assert_eq!(united(&["TEL:1", "NOTE:a\\, b"]), "TEL:1\nNOTE:a\\, b");
}

#[test]
fn what_is_told_already_is_not_told_again() {
    let first = "BDAY:1990-04-12\nNOTE:x\\n\\nAlso: BDAY 1980-01-02";
    assert_eq!(united(&[first, "BDAY:1980-01-02"]), first);
    assert_eq!(
        united(&[first, "BDAY:1970-01-02"]),
        format!("{first}\\nAlso: BDAY 1970-01-02")
    );
}

#[test]
fn the_larger_picture_stands_and_none_that_cannot_be_seen() {
    let small = "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4A==";
    let large = "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAA";
    assert_eq!(united(&[small, large]), large);
    assert_eq!(
        united(&["PHOTO;VALUE=uri:http://x.org/very/long.png", small]),
        small
    );
    assert_eq!(united(&["PHOTO;ENCODING=b:not base64!", small]), small);
    assert_eq!(disputed(&[small, large], &[]).len(), 1);
    assert_eq!(
        disputed(&[small, large], &[("PHOTO", 0)]),
        ["PHOTO: image/jpeg, 4 bytes | image/jpeg, 6 bytes -> 0"]
    );
}

#[test]
fn categories_and_nicknames_are_sets_without_regard_to_case() {
    assert_eq!(
        united(&[
            "CATEGORIES:Friends,Work\nNICKNAME:Al",
            "CATEGORIES:friends,Club\nNICKNAME:AL,Bo"
        ]),
        "CATEGORIES:Friends,Work,Club\nNICKNAME:Al,Bo"
    );
}

#[test]
fn our_own_properties_keep_what_is_closer_and_later() {
    assert_eq!(
        united(&[
            "X-CARDWEAVE-TIER:C\nX-CARDWEAVE-CADENCE:P3W\nX-CARDWEAVE-LAST-CONTACT:2024-01-02\nX-CARDWEAVE-GOAL:g",
            "X-CARDWEAVE-TIER:A\nX-CARDWEAVE-CADENCE:P1W\nX-CARDWEAVE-LAST-CONTACT:20250102\nX-CARDWEAVE-GOAL:h"
        ]),
        "X-CARDWEAVE-TIER:A\nX-CARDWEAVE-CADENCE:P3W\nX-CARDWEAVE-LAST-CONTACT:20250102\nX-CARDWEAVE-GOAL:g\nX-CARDWEAVE-GOAL:h"
    );
    let cards = ["X-CARDWEAVE-TIER:C", "X-CARDWEAVE-TIER:A"];
    assert_eq!(
        disputed(&cards, &[("X-CARDWEAVE-TIER", 0)]),
        ["X-CARDWEAVE-TIER: C | A -> 0"]
    );
}

#[test]
fn an_entry_is_once_and_one_id_with_two_texts_is_two() {
    let first = "X-CARDWEAVE-LOG;ID=1;DATE=2024-01-01:call";
    let other = "X-CARDWEAVE-LOG;ID=2:mail";
    assert_eq!(
        united(&[first, &format!("{first}\n{other}")]),
        format!("{first}\n{other}")
    );
    let result = united(&[first, "X-CARDWEAVE-LOG;ID=1:other"]);
    let (kept, added) = result.split_once('\n').unwrap();
    assert_eq!(kept, first);
    assert!(
        added.starts_with("X-CARDWEAVE-LOG;ID=1-") && added.ends_with(":other"),
        "{added}"
    );
    assert_eq!(
        united(&[
            "X-CARDWEAVE-PROMISE;ID=1;STATUS=open:book",
            "X-CARDWEAVE-PROMISE;ID=1;STATUS=kept:book"
        ]),
        "X-CARDWEAVE-PROMISE;ID=1;STATUS=kept:book"
    );
}

#[test]
fn nobody_is_distinct_from_themselves() {
    assert_eq!(
        united(&[
            "UID:a\nX-CARDWEAVE-DISTINCT:b\nX-CARDWEAVE-DISTINCT:c",
            "UID:b\nX-CARDWEAVE-DISTINCT:urn:uuid:A"
        ]),
        "UID:a\nX-CARDWEAVE-DISTINCT:c"
    );
}

#[test]
fn what_nobody_knows_is_kept_and_once() {
    assert_eq!(
        united(&[
            "X-FOO;A=b:1\nodd line",
            "X-FOO:2\nX-FOO:1\nodd line\nodder line"
        ]),
        "X-FOO;A=b:1\nodd line\nodder line\nX-FOO:2"
    );
}

#[test]
fn the_survivor_says_most_whatever_the_order() {
    let (rich, poor) = (card("UID:a\nTEL:1\nTEL:2"), card("UID:b\nTEL:1\nNOTE:"));
    assert_eq!(survivor(&[&rich, &poor]), Some(0));
    assert_eq!(survivor(&[&poor, &rich]), Some(1));
    assert_eq!(survivor(&[]), None);
}
