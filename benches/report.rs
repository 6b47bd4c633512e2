//! How long a report takes to add up, say and draw, for 10,000 contacts with 50,000 lines of log.

use std::hint::black_box;

use cardweave::book::ContactId;
use cardweave::contact::{
    Acquaintance, Cadence, Interaction, InteractionKind, Money, Relationship, Tier,
};
use cardweave::report::{Locale, Scope, numbers, page, sentences};
use criterion::{Criterion, criterion_group, criterion_main};
use jiff::ToSpan;
use jiff::civil::{Date, date};

const CONTACTS: usize = 10_000;
const LINES: usize = 5;
const TODAY: Date = date(2026, 11, 25);

fn contact(at: usize) -> Acquaintance {
    let lines = (0..LINES).map(|index| {
        let seed = at * LINES + index;
        let days = i64::try_from(seed * 7 % 360).unwrap_or_default();
        let kind = [InteractionKind::Call, InteractionKind::Mail][seed % 2];
        let mut line = Interaction::new(&index.to_string(), TODAY - days.days(), kind, "talked");
        line.minutes = 20;
        match seed % 5 {
            0 => line.costs = Money::list("18.50 EUR"),
            1 => line.costs = Money::list("7 CHF"),
            2 => line.result = Some("1 order".to_owned()),
            3 => {
                line.goal = Some("Three new customers".to_owned());
                line.result = Some("1200 EUR".to_owned());
            }
            _ => line.occasion = Some("Fair".to_owned()),
        }
        line
    });
    Acquaintance {
        id: ContactId::new(at.to_string()),
        name: format!("Person {at}"),
        relationship: Relationship {
            tier: Tier::ALL.get(at % 6).copied(),
            categories: [format!("List {}", at % 40)].into(),
            log: lines.collect(),
            ..Relationship::default()
        },
    }
}

fn reports(c: &mut Criterion) {
    let everybody: Vec<Acquaintance> = (0..CONTACTS).map(contact).collect();
    let scope = Scope {
        since: date(2025, 11, 25),
        today: TODAY,
        goal: None,
        cadences: Tier::ALL.map(|tier| (tier, Cadence::weeks(3))).into(),
        organisation: None,
    };
    let mut group = c.benchmark_group("report");
    group.bench_function("numbers", |b| {
        b.iter(|| black_box(numbers(&everybody, &scope)));
    });
    let numbers = numbers(&everybody, &scope);
    group.bench_function("sentences", |b| {
        b.iter(|| black_box(sentences(&numbers, Locale::En)));
    });
    group.bench_function("page", |b| {
        b.iter(|| black_box(page(&numbers, Locale::En)));
    });
    group.finish();
}

criterion_group!(benches, reports);
criterion_main!(benches);
