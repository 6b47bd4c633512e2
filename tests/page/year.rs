//! An invented year of sixty contacts, the same every time.

use std::collections::BTreeMap;

use cardweave::book::ContactId;
use cardweave::contact::{
    Acquaintance, Balance, Cadence, Goal, GoalStatus, Interaction, InteractionKind, Kind, Money,
    Occasion, Promise, PromiseStatus, Relationship, Side, Tier,
};
use cardweave::report::{Numbers, Scope, numbers};
use jiff::ToSpan;
use jiff::civil::{Date, date};

pub const TODAY: Date = date(2026, 11, 25);
pub const SINCE: Date = date(2025, 11, 25);

const FIRST: [&str; 12] = [
    "Ada", "Bela", "Carla", "Dario", "Edda", "Faruk", "Greta", "Hugo", "Ines", "Jonas", "Klara",
    "Luca",
];
const LAST: [&str; 5] = ["Alder", "Birch", "Cedar", "Dogwood", "Elm"];

/// Names that are hard to lay out.
const HARD: [(usize, &str); 4] = [
    (
        3,
        "Wilhelmina Alexandrina von Hohenlinden-Radziwiłłowska zu Oberammergau-Unterwössen",
    ),
    (7, "山田太郎"),
    (11, "Bundesverbandsgeschäftsführungsstellvertreterin"),
    (16, "محمد الفاسي"),
];

const LISTS: [&str; 6] = [
    "Customers",
    "Chess",
    "Suppliers of precision parts for agricultural machinery",
    "Choir",
    "Alumni",
    "Neighbours",
];

const OCCASIONS: [(&str, Date, &str); 4] = [
    ("Hannover Messe", date(2026, 4, 21), "Hannover"),
    (
        "Summer party of the chamber of commerce",
        date(2026, 7, 3),
        "Ulm",
    ),
    ("Chess open", date(2026, 2, 14), "Bern"),
    ("Open day", date(2026, 9, 12), "Ulm"),
];

/// A little generator of numbers that look like chance (Knuth's MMIX constants).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

pub fn everybody() -> Vec<Acquaintance> {
    let mut dice = Dice(42);
    let mut everybody: Vec<Acquaintance> = (0..60).map(|at| contact(at, &mut dice)).collect();
    let goals = [
        (
            "Three new customers",
            date(2026, 12, 31),
            Some("3 customers"),
            GoalStatus::Open,
        ),
        (
            "Orders for 20000",
            date(2026, 10, 1),
            Some("20000 EUR"),
            GoalStatus::Open,
        ),
        (
            "Find a choir conductor",
            date(2026, 6, 30),
            Some("1 conductor"),
            GoalStatus::Reached,
        ),
        (
            "Know the neighbourhood",
            date(2027, 3, 1),
            None,
            GoalStatus::Open,
        ),
    ];
    for (name, by, target, status) in goals {
        let goal = Goal {
            by: Some(by),
            target: target.map(|text| text.parse().unwrap()),
            status,
        };
        everybody.push(Acquaintance {
            id: ContactId::new(name),
            name: name.to_owned(),
            relationship: Relationship {
                kind: Kind::Group,
                goal: Some(goal),
                ..Relationship::default()
            },
        });
    }
    everybody
}

fn contact(at: usize, dice: &mut Dice) -> Acquaintance {
    let hard = HARD.iter().find(|(index, _)| *index == at);
    let plain = format!("{} {}", FIRST[at % 12], LAST[at / 12]);
    let name = hard.map_or(plain, |(_, name)| (*name).to_owned());
    let tier = match at % 10 {
        0 | 1 => Some(Tier::A),
        2..=4 => Some(Tier::B),
        5 | 6 => Some(Tier::C),
        7 => Some(Tier::D),
        _ => None,
    };
    let mut relationship = Relationship {
        tier,
        organisation: at.is_multiple_of(13).then(|| "Alder & Sons".to_owned()),
        ..Relationship::default()
    };
    for _ in 0..dice.below(3) {
        let list = LISTS[dice.below(6) as usize];
        relationship.categories.insert(list.to_owned());
    }
    if dice.below(3) == 0 {
        let (event, day, place) = OCCASIONS[dice.below(4) as usize];
        relationship.met.push(Occasion {
            id: "m".to_owned(),
            event: event.to_owned(),
            date: Some(day),
            place: Some(place.to_owned()),
            costs: Money::list("60.00 EUR"),
            minutes: 30,
            by: None,
        });
    }
    let often = match tier {
        Some(Tier::A) => 9,
        Some(Tier::B) => 4,
        _ => 2,
    };
    for index in 0..dice.below(often) {
        relationship.log.push(line(at, index, dice));
    }
    if at.is_multiple_of(9) {
        let step = Interaction::tier_step("t", date(2026, 5, 4), Some(Tier::B), tier);
        relationship.log.push(step);
    }
    if at == 20 {
        relationship.log.push(Interaction {
            count: 14,
            minutes: 420,
            costs: Money::list("35.00 EUR"),
            result: Some("2 orders".to_owned()),
            ..Interaction::new("s", date(2025, 12, 30), InteractionKind::Sum, "folded")
        });
    }
    relationship.log.sort_by_key(|line| line.date);
    if at.is_multiple_of(4) {
        relationship.promises.push(promise(at));
    }
    Acquaintance {
        id: ContactId::new(format!("c{at}")),
        name,
        relationship,
    }
}

fn line(at: usize, index: u64, dice: &mut Dice) -> Interaction {
    let day = TODAY - i64::try_from(dice.below(364)).unwrap().days();
    let kinds = [
        InteractionKind::Call,
        InteractionKind::Mail,
        InteractionKind::Meeting,
        InteractionKind::Event,
    ];
    let kind = kinds[dice.below(4) as usize];
    let mut line = Interaction::new(&format!("l{at}-{index}"), day, kind, "talked");
    line.minutes = u32::try_from(5 + dice.below(18) * 5).unwrap();
    match dice.below(8) {
        0 | 1 => line.costs = Money::list(&format!("{}.{:02} EUR", 4 + dice.below(60), 50)),
        2 => line.costs = Money::list("18.00 CHF"),
        _ => {}
    }
    line.balance = match dice.below(4) {
        0 => Some(Balance::Gave),
        1 => Some(Balance::Received),
        _ => None,
    };
    match dice.below(7) {
        0 => {
            line.goal = Some("Three new customers".to_owned());
            line.result = (dice.below(2) == 0).then(|| "1 customer".to_owned());
        }
        1 => {
            line.goal = Some("Orders for 20000".to_owned());
            line.result = Some(format!("{} EUR", 500 + 250 * dice.below(6)));
        }
        2 => line.result = Some("introduced us to the mayor".to_owned()),
        _ => {}
    }
    if dice.below(9) == 0 {
        line.occasion = Some("Hannover Messe".to_owned());
    }
    line
}

fn promise(at: usize) -> Promise {
    let due = date(2026, 3, 10);
    let late = at.is_multiple_of(12);
    Promise {
        id: "p".to_owned(),
        text: "send the offer".to_owned(),
        due: Some(due),
        side: if at.is_multiple_of(8) {
            Side::Mine
        } else {
            Side::Theirs
        },
        status: PromiseStatus::Kept,
        first_due: None,
        made: Some(date(2026, 3, 1)),
        settled: Some(due + i64::from(late).days()),
        reason: None,
        by: None,
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
        since: SINCE,
        today: TODAY,
        goal: None,
        cadences: Tier::ALL
            .into_iter()
            .zip(cadences)
            .collect::<BTreeMap<_, _>>(),
        organisation: Some("Alder & Sons"),
    }
}

pub fn year() -> Numbers {
    numbers(&everybody(), &scope())
}
