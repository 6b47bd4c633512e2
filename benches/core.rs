//! How long the deciding takes: parse, fields, merge, plan, for books of 1,000 to 100,000 cards.

#[path = "../tests/support/crowd.rs"]
#[allow(dead_code, reason = "only its cards are used here")]
mod crowd;

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use std::time::Duration;

use cardweave::book::{ContactId, ETag, Entry, Held, Href, Keeps, Known, StoreId};
use cardweave::card::{Card, Change};
use cardweave::contact::{Interaction, InteractionKind, Relationship, yearly_sums};
use cardweave::merge::{Past, Policy, Side, merge, without_folded};
use cardweave::sync::{Now, Situation, StoreFacts, Touched, plan};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

fn cards(c: &mut Criterion) {
    for size in SIZES {
        let texts: Vec<String> = (0..size).map(crowd::card).collect();
        let cards: Vec<Card> = texts.iter().map(|text| parsed(text)).collect();
        let edited: Vec<Card> = texts.iter().map(|text| parsed(&edit(text))).collect();

        let mut group = c.benchmark_group("card");
        group.throughput(Throughput::Elements(size as u64));
        group.bench_with_input(BenchmarkId::new("parse", size), &texts, |b, texts| {
            b.iter(|| {
                texts
                    .iter()
                    .map(|text| parsed(text))
                    .for_each(|card| drop(black_box(card)))
            });
        });
        group.bench_with_input(BenchmarkId::new("fields", size), &cards, |b, cards| {
            b.iter(|| cards.iter().for_each(|card| drop(black_box(card.fields()))));
        });
        group.bench_function(BenchmarkId::new("merge", size), |b| {
            b.iter(|| {
                for (agreed, now) in cards.iter().zip(&edited) {
                    black_box(merge(agreed, &[], &sides(agreed, now), &Policy::default()));
                }
            });
        });
        group.finish();
    }
}

fn plans(c: &mut Criterion) {
    for size in SIZES {
        let met = meeting(size);
        let edits = edits(size);
        let mut group = c.benchmark_group("plan");
        group.throughput(Throughput::Elements(size as u64));
        group.bench_function(BenchmarkId::new("two full books meet", size), |b| {
            b.iter(|| black_box(plan(&met)));
        });
        group.bench_function(BenchmarkId::new("all edited in one", size), |b| {
            b.iter(|| black_box(plan(&edits)));
        });
        group.finish();
    }
}

/// What one more line costs where the log has many.
fn logs(c: &mut Criterion) {
    let mut group = c.benchmark_group("log");
    for lines in [0, 1_000, 5_000] {
        let log: String = (0..lines)
            .map(|line| format!("X-CARDWEAVE-LOG;DATE=20240110;ID={line:08x};KIND=call:a call\r\n"))
            .collect();
        let card = parsed(&crowd::card(1).replace("END:", &format!("{log}END:")));
        let day = jiff::civil::date(2026, 11, 20);
        let more = Interaction::new("7c1f09ab", day, InteractionKind::Call, "one more").field();
        group.bench_function(BenchmarkId::new("one more line", lines), |b| {
            b.iter(|| without_folded(&card.apply(&[Change::Add(more.clone())])));
        });
        group.bench_function(BenchmarkId::new("read", lines), |b| {
            b.iter(|| black_box(Relationship::of(&card)));
        });
        group.bench_function(BenchmarkId::new("archive", lines), |b| {
            let log = Relationship::of(&card).log;
            b.iter(|| black_box(yearly_sums(&log, day)));
        });
    }
    group.finish();
}

/// Two stores that hold the same people and know nothing of each other.
fn meeting(size: usize) -> Situation {
    let newcomers = (0..size).flat_map(|person| {
        stores().map(|store| {
            (
                store.clone(),
                entry(&store, person, parsed(&crowd::card(person))),
            )
        })
    });
    Situation {
        newcomers: newcomers.collect(),
        ..situation()
    }
}

/// Two stores in step, and every card edited in one of them since.
fn edits(size: usize) -> Situation {
    let touched = (0..size).map(|person| {
        let agreed = parsed(&crowd::card(person));
        let held = |store: StoreId| {
            let Entry { href, etag, card } = entry(&store, person, agreed.clone());
            let held = Held {
                href,
                etag: Some(etag),
                held: card,
                given: agreed.clone(),
                sent: None,
                let_go: false,
            };
            (store, held)
        };
        let now = entry(&store(0), person, parsed(&edit(&crowd::card(person))));
        Touched {
            known: Known {
                id: ContactId::new(format!("{person:08}")),
                agreed: agreed.clone(),
                stores: stores().map(held).into_iter().collect(),
                held_back: Vec::new(),
                refused: BTreeMap::new(),
            },
            now: [(store(0), Now::Entry(now))].into(),
        }
    });
    Situation {
        touched: touched.collect(),
        ..situation()
    }
}

fn situation() -> Situation {
    let facts = StoreFacts {
        available: true,
        writable: true,
        keeps: Keeps {
            version_4: true,
            inline_media_in_4: true,
        },
        omit: Vec::new(),
        drops: BTreeSet::new(),
    };
    Situation {
        stores: stores().map(|store| (store, facts.clone())).into(),
        ..Situation::default()
    }
}

fn sides(agreed: &Card, now: &Card) -> [Side; 2] {
    [(0, now), (1, agreed)].map(|(index, card)| Side {
        store: store(index),
        now: card.fields(),
        past: Past::Known {
            given: agreed.fields(),
            held: agreed.fields(),
        },
        revised: None,
    })
}

fn stores() -> [StoreId; 2] {
    [store(0), store(1)]
}

fn store(index: usize) -> StoreId {
    StoreId::new(["folder", "server"][index])
}

fn entry(store: &StoreId, person: usize, card: Card) -> Entry {
    Entry {
        href: Href::new(format!("/{store}/person-{person}.vcf")),
        etag: ETag::new("\"1\""),
        card,
    }
}

fn edit(text: &str) -> String {
    text.replace("END:", "TITLE:Chair\r\nEND:")
}

fn parsed(text: &str) -> Card {
    Card::parse(text.as_bytes()).expect("invented cards are cards")
}

criterion_group! {
    name = core;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = cards, plans, logs
}
criterion_main!(core);
