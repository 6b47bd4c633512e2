//! What `duplicates` prints: lines of JSON, one document, or a table for people.

use schemars::JsonSchema;
use serde::Serialize;

use crate::duplicates::{ASK, Decision, Found, MERGE, Pair};
use crate::ui::out::{Output, Page, json_line};
use crate::ui::text::clean;

use super::super::Trouble;
use super::Stock;

/// What `duplicates --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DuplicatesReport {
    /// Cards that were read.
    pub cards: usize,
    /// Cards and files that could not be read.
    pub unreadable: usize,
    /// Pairs that were compared.
    pub compared: usize,
    /// The likeliest first.
    pub pairs: Vec<FoundPair>,
}

/// Two cards that may be one person. With `--jsonl` a line each, without the names.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FoundPair {
    /// The UID; for a card without one the name of its file, with `#2` for the second card in it.
    pub a: String,
    pub b: String,
    /// How likely it is that they are one person, 0 to 1.
    pub score: f64,
    /// `merge` from 0.95, `ask` from 0.5.
    pub decision: Decision,
    /// What speaks for it first, then what against.
    pub reasons: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub names: Option<[String; 2]>,
}

/// Lines that are written at once.
const WRITTEN_OCTETS: usize = 256 << 10;

pub(super) struct Report {
    stock: Stock,
    compared: usize,
    pairs: Vec<Pair>,
}

impl Report {
    /// The pairs from this score on, the likeliest first.
    pub fn new(stock: Stock, found: Found, least: f64) -> Report {
        let mut pairs = found.pairs;
        pairs.retain(|pair| pair.score >= least);
        let uids = |pair: &Pair| {
            let (a, b) = (&stock.uids[pair.a], &stock.uids[pair.b]);
            if a <= b { (a, b) } else { (b, a) }
        };
        pairs.sort_by(|one, other| {
            let by_score = rounded(other.score).total_cmp(&rounded(one.score));
            by_score.then_with(|| uids(one).cmp(&uids(other)))
        });
        Report {
            stock,
            compared: found.compared,
            pairs,
        }
    }

    pub fn write_lines(&self, output: &mut Output) -> Result<(), Trouble> {
        let mut lines = String::new();
        for pair in &self.pairs {
            let mut found = self.found(pair);
            found.names = None;
            lines.push_str(&json_line(&found)?);
            lines.push('\n');
            if lines.len() >= WRITTEN_OCTETS {
                output.document(&lines)?;
                lines.clear();
            }
        }
        Ok(output.document(&lines)?)
    }

    pub fn document(&self) -> DuplicatesReport {
        DuplicatesReport {
            cards: self.stock.profiles.len(),
            unreadable: self.stock.unreadable,
            compared: self.compared,
            pairs: self.pairs.iter().map(|pair| self.found(pair)).collect(),
        }
    }

    fn found(&self, pair: &Pair) -> FoundPair {
        let (mut a, mut b) = (pair.a, pair.b);
        if self.stock.uids[a] > self.stock.uids[b] {
            (a, b) = (b, a);
        }
        let text = |text: &str| text.to_owned();
        FoundPair {
            a: text(&self.stock.uids[a]),
            b: text(&self.stock.uids[b]),
            score: rounded(pair.score),
            decision: pair.decision,
            reasons: pair.reasons.iter().map(ToString::to_string).collect(),
            names: Some([a, b].map(|at| self.stock.profiles[at].shown().to_owned())),
        }
    }
}

/// Four digits, but never across a threshold.
fn rounded(score: f64) -> f64 {
    const DIGITS: f64 = 10_000.0;
    let rounded = (score * DIGITS).round() / DIGITS;
    let crosses = [ASK, MERGE]
        .iter()
        .any(|&threshold| score < threshold && rounded >= threshold);
    if crosses {
        (score * DIGITS).floor() / DIGITS
    } else {
        rounded
    }
}

pub(super) fn render(report: &DuplicatesReport, page: &Page) -> String {
    let mut lines = Vec::new();
    for pair in &report.pairs {
        let [a, b] = match &pair.names {
            Some(names) => names,
            None => &[pair.a.clone(), pair.b.clone()],
        };
        let words = in_words(pair);
        let style = page.style;
        let words = match pair.decision {
            Decision::Merge => style.good(words),
            Decision::Ask => style.warning(words),
            Decision::No => style.faint(words),
        };
        lines.push(format!(
            "{} = {}  {words} ({:.0} %)",
            style.strong(&clean(a)),
            style.strong(&clean(b)),
            pair.score * 100.0
        ));
        lines.push(style.faint(&format!("  {}  {}", clean(&pair.a), clean(&pair.b))));
        lines.extend(
            pair.reasons
                .iter()
                .map(|reason| format!("  {}", clean(reason))),
        );
    }
    lines.push(format!(
        "{} cards, {} pairs compared, {} named here.",
        report.cards,
        report.compared,
        report.pairs.len()
    ));
    lines.join("\n")
}

fn in_words(pair: &FoundPair) -> &'static str {
    match pair.decision {
        Decision::Merge => "one person",
        Decision::Ask if pair.score >= 0.8 => "very likely one person",
        Decision::Ask => "perhaps one person",
        Decision::No => "hardly one person",
    }
}
