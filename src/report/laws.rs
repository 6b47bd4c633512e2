//! What holds of the numbers of every report.

use proptest::prelude::*;

use super::tests::{contact, scope};
use super::*;
use crate::contact::Acquaintance;

/// What is the same however it is divided; contacts are counted once in each row.
fn sum<'r>(rows: impl Iterator<Item = &'r Tally>) -> Tally {
    let mut sum = Tally::default();
    rows.for_each(|tally| sum.add(tally));
    Tally { contacts: 0, ..sum }
}

fn any_line() -> impl Strategy<Value = String> {
    let kinds = prop::sample::select(vec!["call", "mail", "odd", "sum", "tier", "withdrawn"]);
    let costs = prop::sample::select(vec!["", "5 EUR", "2.50 CHF", "1 EUR + 3 USD", "-1 EUR"]);
    let results = prop::sample::select(vec!["", "1 order", "2 Orders + 7 EUR", "a friend"]);
    let goals = prop::sample::select(vec!["", "Win", "win ", "Other"]);
    let fairs = prop::sample::select(vec!["", "Fair", "FAIR"]);
    (
        kinds,
        costs,
        results,
        goals,
        fairs,
        1..29u32,
        1..13u32,
        2025..2027u32,
        0..90u32,
    )
        .prop_map(
            |(kind, costs, result, goal, fair, day, month, year, minutes)| {
                format!(
                    "LOG;DATE={year}{month:02}{day:02};KIND={kind};COST={costs};RESULT={result};\
                 GOAL={goal};AT={fair};MINUTES={minutes};COUNT={}:x",
                    minutes % 4 + 1
                )
            },
        )
}

fn anybody() -> impl Strategy<Value = Acquaintance> {
    let tiers = prop::sample::select(vec!["X:1", "TIER:A", "TIER:C"]);
    let lists = prop::sample::select(vec!["X:1", "CATEGORIES:Chess", "CATEGORIES:Choir"]);
    let met = prop::sample::select(vec!["X:1", "MET;DATE=20260401;COST=9 EUR;MINUTES=4:Fair"]);
    (tiers, lists, met, prop::collection::vec(any_line(), 0..8)).prop_map(
        |(tier, list, met, log)| {
            let mut lines = vec![tier, list, met];
            lines.extend(log.iter().map(String::as_str));
            contact("Ada", &lines)
        },
    )
}

proptest! {
    #[test]
    fn however_it_is_divided_it_is_the_same(
        everybody in prop::collection::vec(anybody(), 0..6)
    ) {
        let numbers = numbers(&everybody, &scope());
        let total = Tally { contacts: 0, ..numbers.total.clone() };
        let of = |rows: &[Row]| sum(rows.iter().map(|row| &row.tally));
        let by_time = numbers.by_month.iter().chain(&numbers.by_folded_year);
        prop_assert_eq!(&sum(by_time.map(|row| &row.tally)), &total);
        prop_assert_eq!(&of(&numbers.by_tier), &total);
        // Nobody here is on two lists.
        prop_assert_eq!(&of(&numbers.by_list), &total);
        prop_assert_eq!(&of(&numbers.by_kind), &total);
        prop_assert_eq!(&of(&numbers.by_goal), &total);
        prop_assert_eq!(&of(&numbers.by_contact), &total);
        prop_assert_eq!(&sum(numbers.by_occasion.iter().map(|one| &one.tally)), &total);
        let by_tier: u32 = numbers.by_tier.iter().map(|row| row.tally.contacts).sum();
        prop_assert_eq!(by_tier, numbers.total.contacts);
        // Whoever says it never fails.
        let _ = (sentences(&numbers, Locale::De), page(&numbers, Locale::De));
    }

    #[test]
    fn the_order_of_the_contacts_plays_no_role(
        mut everybody in prop::collection::vec(anybody(), 0..6)
    ) {
        let there = numbers(&everybody, &scope());
        everybody.reverse();
        let back = numbers(&everybody, &scope());
        prop_assert_eq!(there.total, back.total);
        prop_assert_eq!(there.by_month, back.by_month);
        prop_assert_eq!(there.by_tier, back.by_tier);
    }
}
