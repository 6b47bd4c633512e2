//! Folds what was logged long ago into sums, one line a year for each goal, side and occasion.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::card::{authored, digest};

use super::{Balance, Interaction, InteractionKind, Money, Outcome, same_name};

/// What the ids of a sum, and its results in words, may come to: far below what programs read of
/// one line.
const MOST_OCTETS: usize = 8 * 1024;

/// A sum, and the lines that it takes the place of.
#[derive(Debug, Clone, PartialEq)]
pub struct Sum {
    pub line: Interaction,
    pub folded: Vec<Interaction>,
}

/// What lines are added up: a year, a goal, who gave, an occasion.
type Group = (i16, Option<String>, Option<Balance>, Option<String>);

/// The sums that take the place of what was logged before a day, by year.
///
/// Steps of tiers, withdrawn lines, lines without a date, and those of other programs that have no
/// ID stay as they are. Sums that are there are added up with what is new of their year and group.
/// The same lines come to the same sums on every machine: the ID of a sum follows from the IDs that
/// it names. Where these are too many for one line, there are several sums; folding again then
/// changes nothing.
pub fn yearly_sums(log: &[Interaction], before: Date) -> Vec<Sum> {
    let mut groups: BTreeMap<Group, Vec<&Interaction>> = BTreeMap::new();
    for line in log.iter().filter(|line| is_foldable(line, before)) {
        let name = |name: &Option<String>| name.as_deref().map(same_name);
        let group = (
            line.date.year(),
            name(&line.goal),
            line.balance,
            name(&line.occasion),
        );
        groups.entry(group).or_default().push(line);
    }
    let sums = groups.into_iter().flat_map(|(group, lines)| {
        let packs = pack(lines).into_iter();
        // One line alone says more than its sum, and takes no more room.
        let new = packs.filter(|pack| pack.len() > 1);
        new.map(move |pack| add_up(group.0, &pack))
    });
    sums.filter(|sum| authored(&sum.line.field()).is_ok())
        .collect()
}

fn is_sum(line: &Interaction) -> bool {
    line.kind == InteractionKind::Sum
}

fn is_foldable(line: &Interaction, before: Date) -> bool {
    let has_id = !line.id.is_empty() && !line.id.contains(char::is_whitespace);
    let is_old = is_sum(line) || line.date < before;
    line.is_word() && has_id && is_old && line.date != Date::ZERO
}

/// Lays lines together until a sum of them would be too long. The order in which they come plays no
/// part: sums first, the longest first, each where there is room.
fn pack(mut lines: Vec<&Interaction>) -> Vec<Vec<&Interaction>> {
    lines.sort_by_cached_key(|line| {
        let place = if is_sum(line) {
            usize::MAX - octets(line)
        } else {
            usize::MAX
        };
        (!is_sum(line), place, line.date, line.id.clone())
    });
    let mut packs: Vec<(usize, Vec<&Interaction>)> = Vec::new();
    // Where no line fits any more, none is looked for again: a log of thousands is one pass.
    let mut first_open = 0;
    for line in lines {
        let own = octets(line);
        let room = packs[first_open..]
            .iter_mut()
            .find(|(octets, _)| octets + own <= MOST_OCTETS);
        match room {
            Some((octets, pack)) => {
                *octets += own;
                pack.push(line);
            }
            None => packs.push((own, vec![line])),
        }
        let is_full = |(octets, _): &(usize, Vec<&Interaction>)| octets + SHORTEST > MOST_OCTETS;
        while packs.get(first_open).is_some_and(is_full) {
            first_open += 1;
        }
    }
    packs.into_iter().map(|(_, pack)| pack).collect()
}

/// No line adds less to a sum: an ID of one octet and a blank.
const SHORTEST: usize = 2;

/// What a line adds to a sum that cannot be added up: its own ID, those it folds, and words.
fn octets(line: &Interaction) -> usize {
    let ids = line.folds.iter().chain([&line.id]);
    let ids: usize = ids.map(|id| id.len() + 1).sum();
    let parts = line.result.iter().flat_map(|text| Outcome::list(text));
    let words = parts.map(|part| match part {
        Outcome::Words(text) => text.len() + " + ".len(),
        Outcome::Money(_) | Outcome::Number { .. } => 0,
    });
    ids + words.sum::<usize>()
}

fn add_up(year: i16, lines: &[&Interaction]) -> Sum {
    let folds: BTreeSet<&str> = lines
        .iter()
        .flat_map(|line| line.folds.iter().chain([&line.id]))
        .map(String::as_str)
        .collect();
    let folds: Vec<String> = folds.into_iter().map(str::to_owned).collect();
    let count = lines
        .iter()
        .fold(0_u32, |sum, line| sum.saturating_add(line.count));
    let text = format!("{count} interactions in {year}");
    // Of several spellings of one name the first in order, whichever line came first.
    let spelled = |of: fn(&Interaction) -> &Option<String>| {
        lines.iter().filter_map(|line| of(line).clone()).min()
    };
    let minutes = lines
        .iter()
        .fold(0_u32, |sum, line| sum.saturating_add(line.minutes));
    let results = lines.iter().flat_map(|line| line.result.iter());
    // Not the end of the year, which may lie ahead.
    let last = lines.iter().map(|line| line.date).max().unwrap_or_default();
    let line = Interaction {
        minutes,
        costs: Money::sum(lines.iter().flat_map(|line| &line.costs)),
        balance: lines.first().and_then(|line| line.balance),
        goal: spelled(|line| &line.goal),
        occasion: spelled(|line| &line.occasion),
        result: Outcome::sum(results.flat_map(|text| Outcome::list(text))),
        count,
        ..Interaction::new(&id_of(&folds), last, InteractionKind::Sum, &text)
    };
    Sum {
        line: Interaction { folds, ..line },
        folded: lines.iter().map(|line| (*line).clone()).collect(),
    }
}

fn id_of(folds: &[String]) -> String {
    digest(folds.join(" ").as_bytes(), 4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::ContactId;
    use crate::contact::{Acquaintance, Goal, GoalStatus, Relationship, dropped, progress};
    use jiff::civil::date;
    use proptest::prelude::*;

    const BEFORE: Date = date(2025, 1, 1);

    fn line(id: &str, day: Date) -> Interaction {
        Interaction {
            minutes: 10,
            costs: Money::list("1.50 EUR"),
            result: Some("1 order + good".into()),
            ..Interaction::new(id, day, InteractionKind::Call, "x")
        }
    }

    /// The log after folding, as every reader sees it.
    fn after(log: &[Interaction], sums: &[Sum]) -> Vec<Interaction> {
        let all: Vec<Interaction> = log
            .iter()
            .cloned()
            .chain(sums.iter().map(|sum| sum.line.clone()))
            .collect();
        let gone = dropped(&all.iter().map(Interaction::foldable).collect::<Vec<_>>());
        let mut left = all;
        left.retain(|line| !gone.contains(&line.id));
        left
    }

    #[test]
    fn a_year_becomes_one_line_per_group() {
        let goal = |id, name: &str| Interaction {
            goal: Some(name.into()),
            ..line(id, date(2023, 5, 1))
        };
        let log = [
            line("1", date(2023, 1, 1)),
            line("2", date(2023, 12, 31)),
            line("3", date(2024, 1, 1)),
            goal("4", "Win"),
            goal("5", " win"),
            line("6", BEFORE),
        ];
        let sums = yearly_sums(&log, BEFORE);
        let told: Vec<String> = sums
            .iter()
            .map(|sum| {
                format!(
                    "{} {} {}",
                    sum.line.date,
                    sum.line.folds.join(" "),
                    sum.line.text
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                "2023-12-31 1 2 2 interactions in 2023",
                "2023-05-01 4 5 2 interactions in 2023",
            ]
        );
        let first = &sums[0].line;
        assert_eq!((first.count, first.minutes), (2, 20));
        assert_eq!(first.result.as_deref(), Some("2 order + good + good"));
        assert_eq!(Money::listed(&first.costs).as_deref(), Some("3.00 EUR"));
    }

    #[test]
    fn what_is_no_interaction_or_has_no_id_stays() {
        let log = [
            Interaction {
                kind: InteractionKind::Tier,
                ..line("1", date(2020, 1, 1))
            },
            Interaction {
                kind: InteractionKind::Withdrawn,
                ..line("2", date(2020, 1, 1))
            },
            line("3", Date::ZERO),
            line("said without an id", date(2020, 1, 1)),
        ];
        assert_eq!(yearly_sums(&log, BEFORE), []);
    }

    #[test]
    fn a_sum_takes_in_what_comes_later_and_says_all_that_it_stood_for() {
        let log = [
            line("0", date(2024, 1, 1)),
            line("1", date(2024, 1, 1)),
            line("2", date(2024, 6, 1)),
        ];
        let first = yearly_sums(&log, date(2024, 5, 1));
        let log = after(&log, &first);
        let second = yearly_sums(&log, BEFORE);
        let all: BTreeSet<&str> = second[0].line.folds.iter().map(String::as_str).collect();
        assert_eq!(all, ["0", "1", "2", first[0].line.id.as_str()].into());
        assert_eq!(second[0].line.count, 3);
        let log = after(&log, &second);
        assert_eq!(log.len(), 1);
        assert_eq!(yearly_sums(&log, BEFORE), []);
    }

    #[test]
    fn a_long_log_becomes_several_sums_which_stay() {
        let log: Vec<Interaction> = (0..5_000)
            .map(|number| Interaction {
                result: None,
                ..line(&format!("{number:08x}"), date(2020, 1, 1))
            })
            .collect();
        let sums = yearly_sums(&log, BEFORE);
        assert_eq!(sums.len(), 6);
        assert!(
            sums.iter()
                .all(|sum| sum.line.folds.join(" ").len() <= MOST_OCTETS)
        );
        let left = after(&log, &sums);
        assert_eq!(left.iter().map(|line| line.count).sum::<u32>(), 5_000);
        assert_eq!(yearly_sums(&left, BEFORE), []);
    }

    fn any_log() -> impl Strategy<Value = Vec<Interaction>> {
        let result = prop::option::of(prop::sample::select(vec![
            "1 order",
            "2 orders + 3.50 EUR",
            "good",
            "7 talks",
            "1 CHF + a + b",
        ]));
        let goal = prop::option::of(prop::sample::select(vec!["Win", "win", "Other"]));
        let one = (0..4_i8, result, goal, 0..50_u32, prop::bool::ANY);
        prop::collection::vec(one, 0..40).prop_map(|lines| {
            let lines = lines.into_iter().enumerate();
            lines
                .map(|(at, (month, result, goal, minutes, gave))| Interaction {
                    minutes,
                    result: result.map(str::to_owned),
                    goal: goal.map(str::to_owned),
                    balance: gave.then_some(Balance::Gave),
                    ..line(
                        &format!("id{at}"),
                        date(2023 + i16::from(month) / 2, 1 + 6 * (month % 2), 5),
                    )
                })
                .collect()
        })
    }

    fn ada(log: Vec<Interaction>) -> Acquaintance {
        Acquaintance {
            id: ContactId::new("1"),
            name: "Ada".into(),
            relationship: Relationship {
                log,
                ..Relationship::default()
            },
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn folding_changes_no_figure_and_is_done_once(log in any_log(), seed in any::<u64>()) {
            let goal = |target: &str| Goal {
                by: None,
                target: Some(target.parse().unwrap()),
                status: GoalStatus::Open,
            };
            let figures = |log: &[Interaction]| {
                let targets = ["9 orders", "9 EUR"].map(|target| progress("Win", &goal(target), &[ada(log.to_vec())]));
                (targets, ada(log.to_vec()).relationship.balance())
            };
            let sums = yearly_sums(&log, BEFORE);
            let left = after(&log, &sums);
            prop_assert_eq!(figures(&left), figures(&log));
            prop_assert_eq!(yearly_sums(&left, BEFORE), vec![]);
            // Another machine has the lines in another order.
            let mut turned = log.clone();
            turned.rotate_left((seed % (log.len() as u64 + 1)) as usize);
            turned.reverse();
            let lines = |sums: &[Sum]| sums.iter().map(|sum| sum.line.clone()).collect::<Vec<_>>();
            prop_assert_eq!(lines(&yearly_sums(&turned, BEFORE)), lines(&sums));
            // In two steps it comes to the same figures.
            let half = after(&log, &yearly_sums(&log, date(2024, 3, 1)));
            let rest = after(&half, &yearly_sums(&half, BEFORE));
            prop_assert_eq!(figures(&rest), figures(&log));
        }
    }
}
