//! What a few short relationships come to, in numbers, sentences and on the page.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};

use super::*;
use crate::book::ContactId;
use crate::card::Card;
use crate::contact::{Acquaintance, Cadence, Relationship, Tier};

pub const TODAY: Date = date(2026, 11, 25);

/// A contact whose card has these lines; `LOG`, `MET`, `PROMISE`, `TIER` and `GOAL` stand for the
/// names of our properties.
pub fn contact(name: &str, lines: &[&str]) -> Acquaintance {
    let mut text = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:x\r\n".to_owned();
    for (index, line) in lines.iter().enumerate() {
        let own = ["LOG", "MET", "PROMISE", "TIER", "GOAL", "SNOOZE"];
        let prefix = if own.iter().any(|name| line.starts_with(name)) {
            "X-CARDWEAVE-"
        } else {
            ""
        };
        let has_id = line.contains(";ID=");
        let line = match line.split_once([';', ':']) {
            Some((name @ ("LOG" | "MET" | "PROMISE"), _)) if !has_id => {
                format!("{name};ID=i{index}{}", &line[name.len()..])
            }
            _ => (*line).to_owned(),
        };
        text.push_str(&format!("{prefix}{line}\r\n"));
    }
    text.push_str("END:VCARD\r\n");
    Acquaintance {
        id: ContactId::new(name),
        name: name.to_owned(),
        relationship: Relationship::of(&Card::parse(text.as_bytes()).unwrap()),
    }
}

pub fn scope() -> Scope<'static> {
    let cadences = [
        Cadence::weeks(3),
        Cadence::months(2),
        Cadence::months(6),
        Cadence::years(1),
    ];
    Scope {
        since: date(2026, 1, 1),
        today: TODAY,
        goal: None,
        cadences: Tier::ALL
            .into_iter()
            .zip(cadences)
            .collect::<BTreeMap<_, _>>(),
        organisation: None,
    }
}

fn told_of(everybody: &[Acquaintance], scope: &Scope) -> Vec<String> {
    let said = sentences(&numbers(everybody, scope), Locale::En);
    said.into_iter().map(|one| one.text).collect()
}

fn told(everybody: &[Acquaintance]) -> Vec<String> {
    told_of(everybody, &scope())
}

#[track_caller]
fn says(everybody: &[Acquaintance], wanted: &str) {
    let told = told(everybody);
    assert!(told.iter().any(|text| text == wanted), "{told:#?}");
}

#[track_caller]
fn is_silent(everybody: &[Acquaintance], unwanted: &str) {
    let told = told(everybody);
    assert!(
        !told.iter().any(|text| text.contains(unwanted)),
        "{told:#?}"
    );
}

#[test]
fn what_was_invested_is_said_with_figures() {
    let ada = contact(
        "Ada",
        &[
            "LOG;DATE=20260301;KIND=call;MINUTES=20;COST=12.50 EUR;BALANCE=gave;RESULT=1 order:a",
            "LOG;DATE=20260302;MINUTES=100;COST=3 CHF;BALANCE=received;RESULT=2 orders + knows Bo:b",
        ],
    );
    let bo = contact("Bo", &["LOG;DATE=20260302;COST=1000 EUR;RESULT=1500 EUR:c"]);
    assert_eq!(
        told(&[ada, bo])[..3],
        [
            "You spent 2 h, 3.00 CHF and 1,012.50 EUR on 3 interactions with 2 contacts since \
             2026-01-01.",
            "It brought 3 orders, 1,500.00 EUR and 1 other result.",
            "You gave once and received once.",
        ]
    );
}

#[test]
fn what_is_of_another_time_or_no_interaction_does_not_count() {
    let lines = [
        "LOG;DATE=20251231;MINUTES=1:before",
        "LOG;DATE=20261126;MINUTES=1:after",
        "LOG;MINUTES=1:nobody knows when",
        "LOG;DATE=20260301;KIND=tier:B -> A",
        "LOG;DATE=20260301;KIND=withdrawn;MINUTES=1;FOLDS=x:a mistake",
        "MET;DATE=20251231;COST=5 EUR:Fair",
        "MET;COST=5 EUR:Another",
    ];
    let numbers = numbers(&[contact("Ada", &lines)], &scope());
    assert!(numbers.total.is_nothing(), "{:?}", numbers.total);
    assert_eq!(numbers.by_occasion, []);
    says(
        &[contact("Ada", &lines)],
        "Nothing was logged since 2026-01-01.",
    );
}

#[test]
fn the_first_and_the_last_day_count() {
    let lines = ["LOG;DATE=20260101:a", "LOG;DATE=20261125:b"];
    says(
        &[contact("Ada", &lines)],
        "You had 2 interactions with 1 contact since 2026-01-01; neither time nor money was noted.",
    );
}

#[test]
fn sums_stand_in_their_year_and_not_in_december() {
    let ada = contact(
        "Ada",
        &[
            "LOG;DATE=20260301;KIND=call;MINUTES=5:a",
            "LOG;DATE=20261101;KIND=sum;COUNT=7;MINUTES=70;COST=3 EUR;RESULT=2 orders:b",
        ],
    );
    let numbers = numbers(&[ada], &scope());
    let months: Vec<_> = numbers
        .by_month
        .iter()
        .map(|row| row.name.as_deref())
        .collect();
    assert_eq!(months.len(), 9);
    assert_eq!((months[0], months[8]), (Some("2026-03"), Some("2026-11")));
    assert!(numbers.by_month[8].tally.is_nothing());
    let year = &numbers.by_folded_year[0];
    assert_eq!(
        (
            year.name.as_deref(),
            year.tally.interactions,
            year.tally.minutes
        ),
        (Some("2026"), 7, 70)
    );
    assert_eq!(numbers.total.interactions, 8);
}

#[test]
fn a_sum_of_a_year_that_is_cut_says_so() {
    let ada = contact("Ada", &["LOG;DATE=20251230;KIND=sum;COUNT=7;MINUTES=70:b"]);
    let since = |since: Date| Scope { since, ..scope() };
    let cut = told_of(std::slice::from_ref(&ada), &since(date(2025, 11, 25)));
    assert_eq!(
        cut[1],
        "In this are 7 interactions of 2025 that were folded into sums, some of which may be from \
         before 2025-11-25."
    );
    let whole = told_of(&[ada], &since(date(2025, 1, 1)));
    assert_eq!(
        whole[1],
        "In this are 7 interactions of 2025 that were folded into sums."
    );
}

#[test]
fn an_occasion_is_worth_the_a_contacts_it_brought() {
    let lines = ["TIER:A", "MET;DATE=20260420;COST=100 EUR:Hannover Messe"];
    let ada = contact("Ada", &lines);
    let bo = contact("Bo", &lines);
    let cy = contact(
        "Cy",
        &[
            "TIER:B",
            "MET;DATE=20260421:hannover  messe",
            "LOG;DATE=20260421;AT=Hannover Messe;COST=280 EUR:stand",
        ],
    );
    let everybody = [ada, bo, cy];
    says(
        &everybody,
        "Hannover Messe cost 480.00 EUR and brought 2 A contacts: 240.00 EUR each.",
    );
    let numbers = numbers(&everybody, &scope());
    let fair = &numbers.by_occasion[0];
    assert_eq!((fair.met, fair.of_tier_a), (3, 2));
    assert_eq!(fair.names_of_tier_a, ["Ada", "Bo"]);
    assert_eq!(
        (fair.first, fair.last),
        (Some(date(2026, 4, 20)), Some(date(2026, 4, 21)))
    );
    is_silent(&everybody, "at Hannover Messe");
}

#[test]
fn an_occasion_without_a_contacts_did_not_pay() {
    let bo = contact("Bo", &["TIER:B", "MET;DATE=20260420;COST=120 EUR:Fair"]);
    says(&[bo], "Nothing came of 120.00 EUR at Fair.");
}

#[test]
fn the_own_people_are_an_occasion_too() {
    let ada = contact(
        "Ada",
        &[
            "ORG:ACME  Ltd;Sales",
            "TIER:A",
            "LOG;DATE=20260420;MINUTES=5:a",
        ],
    );
    let bo = contact("Bo", &["ORG:Acme Ltd"]);
    let cy = contact("Cy", &["ORG:Others"]);
    let scope = Scope {
        organisation: Some("Acme Ltd"),
        ..scope()
    };
    let numbers = numbers(&[ada, bo, cy], &scope);
    let own = numbers.own_organisation.clone().unwrap();
    assert_eq!((own.met, own.of_tier_a, own.tally.minutes), (2, 1, 5));
    let said = sentences(&numbers, Locale::En);
    assert!(
        said.iter()
            .any(|one| one.text == "2 contacts are from Acme Ltd; one of them is A."),
        "{said:?}"
    );
}

#[test]
fn what_did_not_pay_is_named() {
    let ada = contact(
        "Ada",
        &["CATEGORIES:Chess", "LOG;DATE=20260301;COST=120 EUR:board"],
    );
    let everybody = [ada];
    says(&everybody, "Nothing came of 120.00 EUR for the list Chess.");
    says(&everybody, "Nothing came of 120.00 EUR with Ada.");
}

#[test]
fn time_alone_needs_a_fair_trial_and_an_hour() {
    let of = |minutes: &[u32]| {
        let lines: Vec<String> = minutes
            .iter()
            .map(|minutes| format!("LOG;DATE=20260301;MINUTES={minutes}:x"))
            .collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        [contact("Ada", &lines)]
    };
    says(&of(&[20, 20, 20]), "Nothing came of 1 h with Ada.");
    is_silent(&of(&[20, 20, 19]), "Nothing came of");
    is_silent(&of(&[60, 60]), "Nothing came of");
    let paid = contact("Ada", &["LOG;DATE=20260301;COST=9 EUR;RESULT=a friend:x"]);
    is_silent(&[paid], "Nothing came of");
}

#[test]
fn the_neglected_are_named_by_tier() {
    let last = |name: &str, day: &str| contact(name, &["TIER:A", &format!("LOG;DATE={day}:x")]);
    let everybody = [
        last("Ada", "20261104"),
        last("Bo", "20261103"),
        last("Cy", "20260101"),
        contact("Di", &["TIER:A"]),
        contact("Ed", &["TIER:A", "SNOOZE:20261201"]),
        contact("Flo", &[]),
    ];
    says(
        &everybody,
        "3 of 5 A contacts are neglected: Di (never heard of), Cy (307 days overdue) and Bo (1 day \
         overdue).",
    );
    let own_rhythm = contact(
        "Ada",
        &["TIER:A", "X-CARDWEAVE-CADENCE:P1Y", "LOG;DATE=20260101:x"],
    );
    says(&[own_rhythm], "Nobody with a tier is neglected.");
}

#[test]
fn promises_are_counted_on_both_sides() {
    let ada = contact(
        "Ada",
        &[
            "PROMISE;DUE=20260301;STATUS=kept;DONE=20260301;SIDE=mine:a",
            "PROMISE;DUE=20260301;STATUS=kept;DONE=20260302;SIDE=mine:late",
            "PROMISE;DUE=20260301;SIDE=theirs:open and past",
            "PROMISE;DUE=20271201;SIDE=mine:open",
            "PROMISE;DUE=20250301;STATUS=kept;DONE=20250301;SIDE=mine:long ago",
        ],
    );
    says(
        &[ada],
        "You kept 1 of 2 promises in time; they kept 0 of 1.",
    );
    let bo = contact(
        "Bo",
        &["PROMISE;DUE=20260301;STATUS=kept;DONE=20260301;SIDE=mine:a"],
    );
    says(&[bo], "You kept 1 of 1 promise in time.");
}

#[test]
fn who_rose_and_who_fell_is_told() {
    let step =
        |name: &str, text: &str| contact(name, &[&format!("LOG;DATE=20260301;KIND=tier:{text}")]);
    let everybody = [
        step("Ada", "B -> A"),
        step("Bo", "none -> C"),
        step("Cy", "A -> D"),
        step("Di", "C -> none"),
    ];
    says(&everybody, "1 contact was raised: Ada to A.");
    says(&everybody, "1 contact was lowered: Cy to D.");
    assert_eq!(numbers(&everybody, &scope()).steps.len(), 4);
}

#[test]
fn who_rose_twice_is_told_once_with_where_it_led() {
    let ada = contact(
        "Ada",
        &[
            "TIER:A",
            "LOG;ID=1;DATE=20260301;KIND=tier:B -> A",
            "LOG;ID=2;DATE=20260301;KIND=tier:C -> B",
        ],
    );
    says(&[ada], "1 contact was raised: Ada to A.");
}

#[test]
fn goals_say_how_far_they_are() {
    let goal = |name: &str, by: &str, status: &str| {
        let by = format!("X-CARDWEAVE-GOAL-BY:{by}");
        let status = format!("X-CARDWEAVE-GOAL-STATUS:{status}");
        contact(
            name,
            &[
                "KIND:group",
                &by,
                "X-CARDWEAVE-GOAL-TARGET:3 customers",
                &status,
            ],
        )
    };
    let ada = contact(
        "Ada",
        &[
            "LOG;DATE=20260301;GOAL=Win;RESULT=2 customers:x",
            "GOAL:Miss",
        ],
    );
    let everybody = [
        ada,
        goal("Win", "20261231", "open"),
        goal("Miss", "20260601", "open"),
        goal("Had", "20260701", "reached"),
        goal("Off", "20260801", "closed"),
    ];
    let goals: Vec<String> = told(&everybody)
        .into_iter()
        .filter(|text| text.starts_with("The goal"))
        .collect();
    assert_eq!(
        goals,
        [
            "The goal Miss was to be reached by 2026-06-01 and is not: 0 of 3 customers so far.",
            "The goal Had is reached.",
            "The goal Win is due in 36 days, on 2026-12-31: 2 of 3 customers so far.",
        ]
    );
}

#[test]
fn one_goal_alone_is_what_its_row_says() {
    let ada = contact(
        "Ada",
        &[
            "TIER:A",
            "LOG;DATE=20260301;GOAL=Win;MINUTES=10:x",
            "LOG;DATE=20260301;MINUTES=7:y",
            "MET;DATE=20260301;MINUTES=3:z",
        ],
    );
    let bo = contact("Bo", &["TIER:A", "LOG;DATE=20260301;MINUTES=7:y"]);
    let everybody = [ada, bo];
    let all = numbers(&everybody, &scope());
    let one = numbers(
        &everybody,
        &Scope {
            goal: Some("win"),
            ..scope()
        },
    );
    assert_eq!(all.by_goal[0].tally, one.total);
    assert_eq!(one.total.minutes, 10);
    let names: Vec<&str> = one.neglected.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["Ada"]);
}

#[test]
fn those_that_took_most_time_or_most_money_come_first() {
    let of = |name: &str, minutes: u32, costs: &str| {
        contact(
            name,
            &[&format!(
                "LOG;DATE=20260301;MINUTES={minutes};COST={costs}:x"
            )],
        )
    };
    let everybody = [
        of("Slow", 500, "1 EUR"),
        of("Dear", 1, "900 EUR"),
        of("Both", 400, "800 EUR"),
        of("Elsewhere", 2, "9000 CHF"),
        of("None", 3, ""),
    ];
    let top = numbers(&everybody, &scope()).by_contact;
    let names: Vec<&str> = top.iter().filter_map(|row| row.name.as_deref()).collect();
    assert_eq!(names, ["Slow", "Dear", "Both", "None", "Elsewhere"]);
}

#[test]
fn a_contact_on_two_lists_counts_on_each_and_once_in_all() {
    let ada = contact(
        "Ada",
        &[
            "CATEGORIES:Chess,Choir,chess,Tier A",
            "LOG;DATE=20260301;MINUTES=5:x",
        ],
    );
    let numbers = numbers(&[ada], &scope());
    let lists: Vec<_> = numbers
        .by_list
        .iter()
        .map(|row| (row.name.as_deref(), row.tally.minutes))
        .collect();
    assert_eq!(lists, [(Some("Chess"), 5), (Some("Choir"), 5)]);
    assert_eq!(numbers.total.minutes, 5);
}

#[test]
fn the_page_is_of_itself_alone_and_no_name_is_markup() {
    let hostile = "</style><script>alert(1)</script>\"'&<img src=https://x.example/a>";
    let mut everybody = vec![contact(
        hostile,
        &["TIER:A", "LOG;DATE=20260301;MINUTES=90;COST=9 EUR:x"],
    )];
    let relationship = &mut everybody[0].relationship;
    relationship.categories.insert(hostile.to_owned());
    for line in &mut relationship.log {
        line.goal = Some(hostile.to_owned());
        line.occasion = Some(hostile.to_owned());
        line.result = Some(hostile.to_owned());
    }
    everybody.push(contact(
        hostile,
        &[
            "KIND:group",
            "X-CARDWEAVE-GOAL-BY:20261231",
            "X-CARDWEAVE-GOAL-TARGET:3 customers",
        ],
    ));
    for goal in [None, Some(hostile)] {
        let scope = Scope { goal, ..scope() };
        let page = page(&numbers(&everybody, &scope), Locale::En);
        assert!(page.contains("&lt;/style&gt;&lt;script&gt;"));
        for forbidden in ["<script", "<img", "<link", "<iframe", "src=\"", "href="] {
            let found = page.matches(forbidden).count();
            assert_eq!(found, 0, "{forbidden}");
        }
        assert_eq!(page.matches("</style>").count(), 1);
        // The only address is the one in the hostile name, which is plain text.
        let without = page.replace("https://x.example/a", "");
        assert!(!without.contains("://"), "a reference to elsewhere");
    }
}

#[test]
fn the_page_is_written_as_the_country_does() {
    let ada = contact(
        "Ada",
        &["LOG;DATE=20260301;MINUTES=90;COST=1234.50 EUR;RESULT=1500 EUR:x"],
    );
    let numbers = numbers(&[ada], &scope());
    let (en, de) = (page(&numbers, Locale::En), page(&numbers, Locale::De));
    assert!(en.contains("1,234.50 EUR") && en.contains("2026-11-25") && en.contains("Mar 2026"));
    assert!(de.contains("1.234,50 EUR") && de.contains("25.11.2026") && de.contains("03.2026"));
    assert!(!de.contains("2026-11-25"));
}

#[test]
fn numbers_without_measure_end_nothing() {
    let line = "DATE=20260301;COUNT=4294967295;MINUTES=4294967295;BALANCE=gave;\
                COST=92233720368547758.07 EUR;RESULT=18446744073709551615 orders";
    let lines = ["sum", "call", "mail"].map(|kind| format!("LOG;KIND={kind};{line}:x"));
    let mut lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    lines.extend(["TIER:A", "LOG;DATE=00010101:x", "LOG;DATE=99991231:x"]);
    let everybody = [
        contact("Ada", &lines),
        contact("Bo", &lines),
        contact("Win", &["KIND:group", "X-CARDWEAVE-GOAL-BY:99991231"]),
        contact("Lost", &["KIND:group", "X-CARDWEAVE-GOAL-BY:00010101"]),
    ];
    for since in [Date::MIN, date(2026, 1, 1)] {
        let numbers = numbers(&everybody, &Scope { since, ..scope() });
        assert_eq!(numbers.total.interactions, u32::MAX);
        for locale in [Locale::En, Locale::De] {
            assert!(page(&numbers, locale).contains("</html>"));
            assert!(!sentences(&numbers, locale).is_empty());
        }
    }
}

#[test]
fn nothing_at_all_is_a_page_too() {
    let page = page(&numbers(&[], &scope()), Locale::En);
    assert!(page.contains("Nothing was logged since 2026-01-01."));
    assert!(!page.contains("<svg"));
}
