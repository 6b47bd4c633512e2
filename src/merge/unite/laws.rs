//! Laws of uniting: nothing lost, idempotent, no order, never a panic.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::kin::Kin;
use super::unite;
use crate::card::{Card, Field, Version, second_opinion};

/// Lines that cards of one person have in the wild.
fn wild_line() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "FN:Ada Byron",
        "FN:A. Byron",
        "FN:ADA BYRON",
        "FN:Ada Lovelace",
        "FN:Addie",
        "FN:a@b.c",
        "FN:Foo Inc",
        "FN:Dr. Ada Byron-Łoś",
        "FN:",
        "N:Byron;Ada;;;",
        "N:;Ada Byron;;;",
        "N:Byron;Ada;King;Dr.;",
        "N:Byron;Ada;;;PhD",
        "N:Lovelace;Ada;;;",
        "N:;;;;",
        "NICKNAME:Al,Bo",
        "NICKNAME:addie",
        "TEL;TYPE=CELL,WORK:+49 30 1234567",
        "TEL:030 1234567",
        "TEL;HOME;PREF:1234567",
        "TEL:+49 40 1234567",
        "TEL;PREF=2:0049 30 1234567",
        "item1.TEL:+49301234567",
        "item1.EMAIL:a@b.c",
        "ITEM1.X-ABLabel:Boat",
        "item2.X-ABLabel:_$!<Home>!$_",
        "item2.URL:http\\://x.org/",
        "URL:https://X.org",
        "URL:x.org",
        "URL:http://x.org/b",
        "EMAIL;TYPE=WORK:A@B.C",
        "EMAIL:d@b.c",
        "ADR;TYPE=HOME;LABEL=\"x^ny\":;;S 1;Town;;1;",
        "ADR;TYPE=HOME:;;s. 1;Town;;;",
        "ADR:;;S 1;;;;Land",
        "ADR;WORK:;;S 2;TOWN;;;",
        "ADR:;;-;;;;",
        "LABEL;TYPE=HOME:S 2\\nT",
        "NOTE:one\\n\\ntwo\\, three",
        "NOTE:two\\, three",
        "NOTE:ne",
        "NOTE:Also: BDAY 1980-01-02\\nAlso: Ada Lovelace",
        "NOTE;LANGUAGE=de:eins\\n\\n\\n\\nzwei ",
        "NOTE;QUOTED-PRINTABLE:x=",
        "NOTE:",
        "BDAY:19900412",
        "BDAY:--0412",
        "BDAY:--0413",
        "BDAY:1990",
        "BDAY:19800102T101010Z",
        "BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-12",
        "BDAY;VALUE=text:spring",
        "ANNIVERSARY;VALUE=text:long ago",
        "X-ANNIVERSARY:2000-01-01",
        "GENDER:F",
        "GENDER:F;f",
        "GENDER:M",
        "KIND:group",
        "KIND:individual",
        "ORG:Foo\\, Inc;Sales;",
        "ORG:Foo",
        "ORG:FOO",
        "ORG:Bar",
        "TITLE:Manager",
        "TITLE:Sales Manager",
        "TITLE:***",
        "ROLE:x",
        "PHOTO:data:image/png;base64,iVBORw==",
        "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4A==",
        "PHOTO;BASE64:AAAA",
        "PHOTO;VALUE=uri:http://x/y.png",
        "LOGO;ENCODING=b:no base64!",
        "KEY;TYPE=PGP;ENCODING=b:AAECAw==",
        "CATEGORIES:a,b\\,c, d",
        "CATEGORIES;PREF=1:B",
        "MEMBER:urn:uuid:A",
        "RELATED;VALUE=text;TYPE=friend:Mary",
        "RELATED:urn:uuid:B",
        "GEO:1.5;2.5",
        "TZ:-05:00",
        "TZ:Europe/Berlin",
        "LANG;PREF=3:fr",
        "X-FOO;X-A=\"b;c\":d;e\\;f;",
        "X-FOO:g",
        "X-FOO:",
        "X-CARDWEAVE-TIER:A",
        "X-CARDWEAVE-TIER:B",
        "X-CARDWEAVE-TIER:so so",
        "X-CARDWEAVE-CADENCE:P3W",
        "X-CARDWEAVE-CADENCE:P1W",
        "X-CARDWEAVE-LAST-CONTACT:2024-01-02",
        "X-CARDWEAVE-LAST-CONTACT:20240301",
        "X-CARDWEAVE-LOG;ID=1;DATE=2024-01-01:call",
        "X-CARDWEAVE-LOG;ID=1;MINUTES=5:call",
        "X-CARDWEAVE-LOG;ID=1:other",
        "X-CARDWEAVE-LOG:no id",
        "X-CARDWEAVE-PROMISE;ID=p;STATUS=open;DUE=2024-01-01:book",
        "X-CARDWEAVE-PROMISE;ID=p;STATUS=kept;DUE=2024-01-01:book",
        "X-CARDWEAVE-PROMISE;ID=p;STATUS=open;DUE=2024-01-02:book",
        "X-CARDWEAVE-GOAL:g",
        "X-CARDWEAVE-DISTINCT:stranger",
        "X-JABBER:j@k",
        "no colon here",
        "another line without one",
        "AGENT:\r\nBEGIN:VCARD\r\nFN:y\r\nEND:VCARD",
        "NOTE;CHARSET=KLINGON:x",
        "a.b.TEL:1",
        "REV:20240101T000000Z",
    ]);
    let own = "(TEL|NOTE|URL|ADR|FN|N|X-A|ORG|BDAY)(;TYPE=[A-Z]{1,3})?:[ -~üß\\\\,;]{0,40}";
    prop_oneof![8 => piece.prop_map(str::to_owned), 1 => own.prop_map(|line: String| line)]
}

prop_compose! {
    fn wild_card()(
        version in prop::sample::select(vec!["2.1", "3.0", "4.0"]),
        uid in "[a-z]{8}",
        lines in prop::collection::vec(wild_line(), 0..10),
    ) -> String {
        let body: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        format!("BEGIN:VCARD\r\nVERSION:{version}\r\nUID:{uid}\r\n{body}END:VCARD\r\n")
    }
}

fn person() -> impl Strategy<Value = Vec<Card>> {
    let card = wild_card().prop_filter_map("no card", |text| Card::parse(text.as_bytes()).ok());
    prop::collection::vec(card, 2..5)
}

/// A few bytes of some cards changed.
fn hostile() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    let card = (wild_card(), changes).prop_map(|(text, changes)| {
        let mut bytes = text.into_bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes
    });
    prop::collection::vec(card, 1..4)
}

fn united(cards: &[&Card]) -> Card {
    unite(cards, &BTreeMap::new()).unwrap().card
}

fn all(cards: &[Card]) -> Vec<&Card> {
    cards.iter().collect()
}

fn shown(cards: &[Card], united: &Card) -> String {
    let texts = cards.iter().chain([united]);
    texts
        .map(|card| String::from_utf8_lossy(card.bytes()).into_owned())
        .collect::<Vec<String>>()
        .join("---\n")
}

fn blanks_apart(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    text.split_whitespace()
        .collect::<Vec<&str>>()
        .join(" ")
        .nfc()
        .collect()
}

/// Whether the united card says what the field says.
fn is_said(field: &Field, by: &Card) -> bool {
    let there = by.fields();
    let same_name = || there.iter().filter(|other| other.name() == field.name());
    let kin = Kin::of(field.name());
    if field.name() == "NOTE" {
        let text: Vec<String> = same_name().map(|note| blanks_apart(&note.text())).collect();
        let paragraphs = field.text();
        return paragraphs
            .split("\n\n")
            .map(blanks_apart)
            .all(|paragraph| text.iter().any(|text| text.contains(&paragraph)));
    }
    same_name().any(|other| {
        let (other, sign) = ((kin.sign)(other), (kin.sign)(field));
        other == sign || (kin.covers)(&other, &sign)
    })
}

fn difference(one: &Card, other: &Card) -> Option<String> {
    let told = |card: &Card| -> BTreeSet<String> {
        card.fields()
            .iter()
            .map(|field| format!("{field:?}"))
            .collect()
    };
    (!one.same_meaning(other)).then(|| {
        let (one, other) = (told(one), told(other));
        format!(
            "{:#?} became {:#?}",
            one.difference(&other),
            other.difference(&one)
        )
    })
}

const UNKNOWN: [&str; 8] = [
    "", "X-FOO", "X-A", "X-JABBER", "AGENT", "LABEL", "KEY", "LANG",
];

#[test]
fn many_thousand_lines_take_no_minutes() {
    let started = std::time::Instant::now();
    let many = |mark: &str| {
        let lines = |count: usize, line: &dyn Fn(usize) -> String| {
            (0..count).map(line).collect::<Vec<String>>().join("\r\n")
        };
        let body = [
            lines(5_000, &|n| format!("TEL:+49{mark}{n:09}")),
            lines(5_000, &|n| format!("ORG:Company {mark}{n}")),
            lines(5_000, &|n| format!("X-FOO:{mark}{n}")),
            lines(1_500, &|n| {
                format!(
                    "FN:Ada {}",
                    format!("{mark}{n}").replace(char::is_numeric, "x")
                )
            }),
            lines(1_500, &|n| format!("FN:Ada {mark}x{n} Byron")),
            lines(1, &|_| {
                format!(
                    "NOTE:{}",
                    (0..5_000)
                        .map(|n| format!("{mark} {n}\\n\\n"))
                        .collect::<String>()
                )
            }),
        ];
        let text = format!(
            "BEGIN:VCARD\r\nVERSION:4.0\r\n{}\r\nEND:VCARD\r\n",
            body.join("\r\n")
        );
        Card::parse(text.as_bytes()).unwrap()
    };
    let (one, other) = (many("1"), many("2"));
    let result = united(&[&one, &other]);
    assert!(result.fields().len() > 30_000);
    // Quadratic time would be minutes; the bound leaves room for a busy machine.
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_value_of_every_card_is_in_the_united_one(cards in person()) {
        let result = united(&all(&cards));
        let known = ["TEL", "EMAIL", "ADR", "URL", "NOTE", "CATEGORIES", "NICKNAME", "ORG", "TITLE"];
        for field in cards.iter().flat_map(Card::fields).filter(|field| !field.value().is_empty()) {
            if known.contains(&field.name()) || UNKNOWN.contains(&field.name()) {
                let said = is_said(&field, &result)
                    || ["ORG", "TITLE"].contains(&field.name()) && {
                        let kin = Kin::WORDING;
                        let sign = (kin.sign)(&field);
                        result.fields().iter().any(|other| other.name() == field.name()
                            && ((kin.sign)(other) == sign || (kin.covers)(&(kin.sign)(other), &sign)))
                    }
                    || field.name() == "NICKNAME" && result.fields().iter().any(|other| other.name() == "NICKNAME"
                        && other.value().to_lowercase() == field.value().to_lowercase());
                let is_printed = || field.name() == "LABEL" && result.fields().iter()
                    .any(|other| other.params().get("LABEL") == Some(&field.text()));
                prop_assert!(said || is_printed(), "{:?} is lost\n{}", field, shown(&cards, &result));
            }
        }
    }

    #[test]
    fn every_name_date_and_entry_is_somewhere(cards in person()) {
        let result = united(&all(&cards));
        let mut known = super::words::Known::default();
        for field in result.fields() {
            if ["FN", "N", "NICKNAME", "NOTE", "EMAIL", "ORG", "TEL"].contains(&field.name()) {
                field.text().lines().for_each(|line| known.add(line.strip_prefix("Also: ").unwrap_or(line)));
            }
        }
        for field in cards.iter().flat_map(Card::fields) {
            match field.name() {
                "FN" | "N" => prop_assert!(known.has_all(&field.text()), "{:?}\n{}", field, shown(&cards, &result)),
                "X-CARDWEAVE-LOG" => {
                    let there = result.fields();
                    let same = there.iter().find(|other| other.name() == field.name() && other.value() == field.value());
                    prop_assert!(same.is_some(), "{:?}\n{}", field, shown(&cards, &result));
                }
                _ => {}
            }
        }
    }

    #[test]
    fn uniting_again_adds_nothing(cards in person()) {
        let result = united(&all(&cards));
        for card in &cards {
            let again = united(&[&result, card]);
            prop_assert_eq!(difference(&result, &again), None, "{}", shown(&cards, &result));
        }
    }

    #[test]
    fn the_order_of_the_others_does_not_matter(cards in person(), turns in 0..4usize) {
        let result = united(&all(&cards));
        let mut turned = all(&cards);
        turned[1..].reverse();
        let count = turned.len() - 1;
        turned[1..].rotate_left(turns % count);
        prop_assert_eq!(united(&turned), result);
    }

    #[test]
    fn what_we_write_has_a_second_opinion(cards in person()) {
        let first = &cards[0];
        // A line that was not clean before is nobody's promise.
        let clean = cards.iter().all(|card| {
            let card = card.in_version(first.version());
            second_opinion(&card, &[]).is_ok() && card.oddities().is_empty()
        });
        if clean {
            let result = united(&all(&cards));
            prop_assert!(Card::parse(result.bytes()).is_ok());
            prop_assert_eq!(second_opinion(&result, &[first]), Ok(()), "{}", shown(&cards, &result));
        }
    }

    #[test]
    fn hostile_bytes_make_no_panic_and_a_card(texts in hostile()) {
        let cards: Vec<Card> = texts.iter().filter_map(|text| Card::parse(text).ok()).collect();
        let take = BTreeMap::from([("FN".to_owned(), 1), ("BDAY".to_owned(), 7), ("ORG".to_owned(), 1)]);
        if let Some(result) = unite(&all(&cards), &take) {
            prop_assert!(Card::parse(result.card.bytes()).is_ok());
            prop_assert_eq!(result.card.uid(), cards[0].uid());
            prop_assert_eq!(result.card.version(), cards[0].version());
        }
        if let [only] = &cards[..] {
            prop_assert_eq!(&united(&[only]), only);
        }
    }

    #[test]
    fn a_person_is_obeyed(cards in person(), chosen in any::<prop::sample::Index>()) {
        let disputes = unite(&all(&cards), &BTreeMap::new()).unwrap().disputed;
        for dispute in disputes {
            let card = chosen.index(cards.len());
            let take = BTreeMap::from([(dispute.name.clone(), card)]);
            let result = unite(&all(&cards), &take).unwrap();
            let (Some(wanted), Version::V4_0) = (&dispute.values[card], cards[0].version()) else { continue };
            let fields = result.card.fields();
            let first = fields.iter().find(|field| field.name() == dispute.name);
            let says = |field: &Field| field.value().to_lowercase().contains(&wanted.value().to_lowercase())
                || (Kin::WORDING.covers)(&(Kin::WORDING.sign)(field), &(Kin::WORDING.sign)(wanted));
            prop_assert!(first.is_some_and(says), "{:?}\n{}", wanted, shown(&cards, &result.card));
        }
    }
}
