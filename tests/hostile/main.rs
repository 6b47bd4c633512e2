//! Whole runs over a server that misbehaves and a folder: nothing is lost, and afterwards it heals.

#[path = "../memory/chance.rs"]
mod chance;
#[path = "../support/mod.rs"]
mod support;

mod faults;
mod histories;
mod redirects;
mod world;
