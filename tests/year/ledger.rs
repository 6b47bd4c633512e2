//! What the story did, counted beside the program, to compare its report with.

use std::collections::BTreeMap;

/// What was logged, promised and spent.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Ledger {
    pub interactions: u64,
    pub minutes: u64,
    /// Cents by currency; of log lines and occasions.
    pub cents: BTreeMap<&'static str, i64>,
    pub gave: u64,
    pub received: u64,
    /// By whoever owes it: kept in time, and all that came due.
    pub mine: (u64, u64),
    pub theirs: (u64, u64),
    pub customers: u64,
    /// Who was logged with, and how often.
    pub log_lines: BTreeMap<usize, u64>,
}

/// Numbers that look like chance and are the same in every run.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Chance {
        Chance(seed)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let number = (z ^ (z >> 31)) % u64::try_from(end).expect("a small number");
        usize::try_from(number).expect("it is below the end")
    }
}
