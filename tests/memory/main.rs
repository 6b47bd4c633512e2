//! Whole runs over stores in memory: what is promised, told card by card and tried at random.

mod chance;
mod groups;
mod heirs;
mod interruption;
mod laws;
mod logs;
mod parted;
mod scenarios;
mod tiers;
mod unions;
mod waiting;
mod world;
