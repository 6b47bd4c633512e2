//! Where time or money went and nothing came of it.

use schemars::JsonSchema;
use serde::Serialize;

use super::numbers::Numbers;
use super::tally::{Row, Tally};

/// From here on time is worth being asked about.
const AN_HOUR: u64 = 60;

/// So many interactions are a fair trial where no money was spent.
const A_FAIR_TRIAL: u32 = 3;

/// Something that took time or money and brought no result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Unpaid {
    pub what: UnpaidKind,
    pub name: String,
    #[serde(flatten)]
    pub tally: Tally,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UnpaidKind {
    List,
    Occasion,
    Contact,
}

impl UnpaidKind {
    pub fn word(self) -> &'static str {
        match self {
            UnpaidKind::List => "list",
            UnpaidKind::Occasion => "occasion",
            UnpaidKind::Contact => "contact",
        }
    }
}

/// Lists, occasions and contacts without a result, what cost most first. An occasion that brought
/// an A contact paid.
pub fn unpaid(contacts: &[Row], numbers: &Numbers) -> Vec<Unpaid> {
    let lists = named(&numbers.by_list, UnpaidKind::List);
    let occasions = numbers.by_occasion.iter().filter_map(|one| {
        Some(Unpaid {
            what: UnpaidKind::Occasion,
            name: one.name.clone().filter(|_| one.of_tier_a == 0)?,
            tally: one.tally.clone(),
        })
    });
    let contacts = named(contacts, UnpaidKind::Contact);
    let all = lists.chain(occasions).chain(contacts);
    let mut unpaid: Vec<Unpaid> = all.filter(|one| did_not_pay(&one.tally)).collect();
    unpaid.sort_by(|a, b| {
        let rank = |one: &Unpaid| {
            let most = one.tally.costs.iter().map(|money| money.cents).max();
            (one.what, std::cmp::Reverse((most, one.tally.minutes)))
        };
        (rank(a), &a.name).cmp(&(rank(b), &b.name))
    });
    unpaid
}

fn named(rows: &[Row], what: UnpaidKind) -> impl Iterator<Item = Unpaid> {
    rows.iter()
        // Most have had a result or took little; they are not copied.
        .filter(|row| did_not_pay(&row.tally))
        .filter_map(move |row| {
            Some(Unpaid {
                what,
                name: row.name.clone()?,
                tally: row.tally.clone(),
            })
        })
}

/// Whether this took money, or at least an hour in a fair trial, and brought no result.
pub fn did_not_pay(tally: &Tally) -> bool {
    let has_costs = tally.has_costs();
    let took = has_costs || tally.minutes >= AN_HOUR;
    let was_tried = has_costs || tally.interactions >= A_FAIR_TRIAL;
    took && was_tried && tally.results == 0
}
