//! A thin rule in place of the engine: the same name with the same mail address.

use std::fmt;

use crate::card::Card;

#[derive(Debug, Clone)]
pub struct Region(());
impl Region {
    pub fn of(_: &str) -> Option<Region> {
        None
    }
}
pub fn home_region<'a>(_: impl Iterator<Item = &'a Card>) -> Option<Region> {
    None
}
pub struct Profile {
    uids: Vec<String>,
    distinct: Vec<String>,
    name: String,
    mails: Vec<String>,
    born: Vec<String>,
}
impl Profile {
    pub fn of(card: &Card, _: Option<&Region>) -> Profile {
        let fields = card.fields();
        let values = |name: &str| -> Vec<String> {
            let these = fields.iter().filter(|field| field.name() == name);
            these.map(|field| field.value().to_lowercase()).collect()
        };
        let mut words: Vec<String> = values("FN")
            .join(" ")
            .replace(',', " ")
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        words.sort();
        Profile {
            uids: card
                .uid()
                .into_iter()
                .map(|uid| uid.to_lowercase())
                .collect(),
            distinct: values("X-CARDWEAVE-DISTINCT"),
            name: words.join(" "),
            mails: [values("EMAIL"), values("TEL")].concat(),
            born: values("BDAY"),
        }
    }
    pub fn also_known_as(mut self, uid: &str) -> Profile {
        self.uids.push(uid.to_lowercase());
        self
    }
}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Merge,
    Ask,
    No,
}
#[derive(Debug, Clone)]
pub struct Reason(String);
impl Reason {
    pub fn speaks_for(&self) -> bool {
        true
    }
}
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
#[derive(Debug, Clone)]
pub struct Pair {
    pub a: usize,
    pub b: usize,
    pub score: f64,
    pub decision: Decision,
    pub reasons: Vec<Reason>,
}
pub struct Found {
    pub pairs: Vec<Pair>,
    pub clusters: Vec<Vec<usize>>,
    pub compared: usize,
}
pub fn find(profiles: &[Profile]) -> Found {
    let mut pairs = Vec::new();
    for (a, one) in profiles.iter().enumerate() {
        for (b, other) in profiles.iter().enumerate().skip(a + 1) {
            let is_distinct = one.distinct.iter().any(|uid| other.uids.contains(uid))
                || other.distinct.iter().any(|uid| one.uids.contains(uid));
            let mail = one.mails.iter().any(|mail| other.mails.contains(mail));
            let born = one.born.is_empty() || other.born.is_empty() || one.born == other.born;
            if one.name == other.name && !one.name.is_empty() && !is_distinct && born {
                pairs.push(Pair {
                    a,
                    b,
                    score: if mail { 0.99 } else { 0.7 },
                    decision: if mail { Decision::Merge } else { Decision::Ask },
                    reasons: vec![Reason("the same name".to_owned())],
                });
            }
        }
    }
    Found {
        pairs,
        clusters: Vec::new(),
        compared: 0,
    }
}
