//! Laws of the lines that we write: whatever people say, it comes back from every reader.

use proptest::prelude::*;

use super::*;
use crate::card::{Card, Change, Field, authored};
use jiff::civil::{Date, date};

/// What people write, and what they do not: quotes, escapes, line breaks, other alphabets.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "[ -~]{1,12}",
        2 => "[\"^,;:\\\\='nNtr|]{1,6}",
        2 => "[\\PC]{1,8}",
        1 => "[\r\n\t\u{85}\u{a0}\u{2028}\u{1}äß中🎈]{1,4}",
        1 => prop::sample::select(vec!["^n", "\\n", "\\\\n", "BEGIN:VCARD", "=0D=0A", "=", "a\u{308}"])
            .prop_map(str::to_owned),
    ];
    let short = prop::collection::vec(piece.clone(), 0..6);
    let long = prop::collection::vec(piece, 60..200);
    prop_oneof![8 => short, 1 => long].prop_map(|pieces| pieces.concat())
}

fn some_text() -> impl Strategy<Value = Option<String>> {
    prop::option::of(any_text().prop_map(|text| property::in_one_line(&text)))
        .prop_map(|text| text.filter(|text| !text.is_empty()))
}

fn any_day() -> impl Strategy<Value = Date> {
    (1900..2100_i16, 1..13_i8, 1..29_i8).prop_map(|(year, month, day)| date(year, month, day))
}

fn any_costs() -> impl Strategy<Value = Vec<Money>> {
    let amount = ("[A-Z]{3}", -1_000_000..1_000_000_i64);
    prop::collection::vec(amount, 0..3).prop_map(|amounts| {
        let amounts: Vec<Money> = amounts
            .into_iter()
            .map(|(currency, cents)| Money { currency, cents })
            .collect();
        Money::sum(&amounts)
    })
}

fn any_interaction() -> impl Strategy<Value = Interaction> {
    let kind = prop::sample::select(vec![
        InteractionKind::Call,
        InteractionKind::Other,
        InteractionKind::Sum,
        InteractionKind::Withdrawn,
    ]);
    let balance = prop::option::of(prop::sample::select(vec![Balance::Gave, Balance::Received]));
    (
        (
            any_day(),
            kind,
            any_text(),
            any::<u32>(),
            any_costs(),
            balance,
        ),
        (some_text(), some_text(), some_text(), some_text(), 1..9_u32),
        prop::collection::vec("[0-9a-f]{8}", 0..4),
    )
        .prop_map(|(first, second, folds)| {
            let (day, kind, text, minutes, costs, balance) = first;
            let (by, goal, result, occasion, count) = second;
            Interaction {
                minutes,
                costs,
                by,
                balance,
                goal,
                result,
                occasion,
                folds,
                count,
                ..Interaction::new("7c1f09ab", day, kind, &property::in_one_line(&text))
            }
        })
}

fn any_promise() -> impl Strategy<Value = Promise> {
    let day = || prop::option::of(any_day());
    (
        any_text(),
        day(),
        day(),
        day(),
        day(),
        some_text(),
        some_text(),
    )
        .prop_map(
            |(text, due, first_due, made, settled, reason, by)| Promise {
                id: "51d0aa20".into(),
                text: property::in_one_line(&text),
                due,
                side: Side::Theirs,
                status: PromiseStatus::Cancelled,
                first_due,
                made,
                settled,
                reason,
                by,
            },
        )
}

fn any_occasion() -> impl Strategy<Value = Occasion> {
    (
        any_text(),
        prop::option::of(any_day()),
        some_text(),
        any_costs(),
        any::<u32>(),
        some_text(),
    )
        .prop_map(|(event, date, place, costs, minutes, by)| Occasion {
            id: "0be19c44".into(),
            event: property::in_one_line(&event),
            date,
            place,
            costs,
            minutes,
            by,
        })
}

/// The field after it was written to a card of each version and the card was read again.
fn through_cards(field: &Field) -> Vec<Field> {
    let versions = ["2.1", "3.0", "4.0"].into_iter();
    versions
        .map(|version| {
            let text = format!("BEGIN:VCARD\r\nVERSION:{version}\r\nFN:a\r\nEND:VCARD\r\n");
            let card = Card::parse(text.as_bytes()).unwrap();
            let written = card.apply(&[Change::Add(field.clone())]);
            let read = Card::parse(written.bytes()).unwrap();
            assert_eq!(read.oddities(), []);
            let mut fields = read.fields_named(&[field.name()]);
            assert_eq!(
                fields.len(),
                1,
                "{}",
                String::from_utf8_lossy(written.bytes())
            );
            fields.remove(0)
        })
        .collect()
}

/// The name, parameters and text that a reader of somebody else's finds in the line of a 4.0 card.
fn to_another_reader(field: &Field) -> (String, Vec<(String, String)>, String) {
    let text = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:a\r\nEND:VCARD\r\n";
    let card = Card::parse(text.as_bytes()).unwrap();
    let written = card.apply(&[Change::Add(field.clone())]);
    let written = String::from_utf8(written.bytes().to_vec()).unwrap();
    let line = vparser::Parser::new(&written)
        .find(|line| line.name() == field.name())
        .unwrap();
    (
        line.name().into_owned(),
        split_params(&line.params()),
        unescaped(&line.value()),
    )
}

/// RFC 6350 section 3.3 and RFC 6868, told once more.
fn split_params(text: &str) -> Vec<(String, String)> {
    let mut quoted = false;
    let mut params: Vec<String> = vec![String::new()];
    for char in text.chars() {
        match char {
            '"' => quoted = !quoted,
            ';' if !quoted => params.push(String::new()),
            _ => params.last_mut().unwrap().push(char),
        }
    }
    let params = params.iter().filter_map(|param| param.split_once('='));
    params
        .map(|(name, value)| {
            let value = value
                .split("^^")
                .map(|piece| piece.replace("^'", "\"").replace("^n", "\n"))
                .collect::<Vec<_>>()
                .join("^");
            (name.to_owned(), value)
        })
        .collect()
}

fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        match char {
            '\\' => plain.extend(
                chars
                    .next()
                    .map(|next| if next == 'n' { '\n' } else { next }),
            ),
            _ => plain.push(char),
        }
    }
    plain
}

fn check(field: &Field) -> Result<(), TestCaseError> {
    prop_assert_eq!(authored(field), Ok(field.clone()));
    let (name, params, text) = to_another_reader(field);
    prop_assert_eq!(name.as_str(), field.name());
    let ours: Vec<(String, String)> = field
        .params()
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    prop_assert_eq!(params, ours);
    prop_assert_eq!(text, field.text());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_interaction_comes_back(written in any_interaction()) {
        check(&written.field())?;
        for read in through_cards(&written.field()) {
            prop_assert_eq!(&Interaction::of(&read), &written);
        }
    }

    #[test]
    fn every_promise_comes_back(written in any_promise()) {
        check(&written.field())?;
        for read in through_cards(&written.field()) {
            prop_assert_eq!(&Promise::of(&read), &written);
        }
    }

    #[test]
    fn every_occasion_comes_back(written in any_occasion()) {
        check(&written.field())?;
        for read in through_cards(&written.field()) {
            prop_assert_eq!(&Occasion::of(&read), &written);
        }
    }

    #[test]
    fn every_line_without_an_id_comes_back(text in any_text()) {
        let text = property::in_one_line(&text);
        for name in [TIER, CADENCE, LAST_CONTACT, SNOOZE, GOAL, GOAL_BY, GOAL_TARGET, GOAL_STATUS] {
            let field = Field::new(name, &text);
            check(&field)?;
            for read in through_cards(&field) {
                prop_assert_eq!(read.text(), text.clone());
            }
        }
    }
}

#[test]
fn a_line_beyond_what_is_read_is_refused() {
    let day = date(2026, 1, 1);
    let long = |count| Interaction::new("1", day, InteractionKind::Call, &"x".repeat(count));
    assert!(authored(&long(15_000).field()).is_ok());
    let error = authored(&long(17_000).field()).unwrap_err();
    assert!(error.reason.contains("16 KiB"), "{error}");
}

#[test]
fn a_line_that_would_not_come_back_is_refused() {
    let broken = Field::new(LOG, "a\nb");
    assert!(authored(&broken).is_err());
}
