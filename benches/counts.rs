//! Prints what runs cost: requests, bytes on the wire, seconds, own processor time, memory.
//!
//! `cargo bench --bench counts -- 10000` does it for books of 10,000 cards alone.

#[path = "../tests/support/crowd.rs"]
mod crowd;

use crowd::{Cost, Crowd};

const SIZES: [usize; 3] = [100, 1_000, 10_000];

fn main() {
    let asked: Vec<usize> = std::env::args()
        .filter_map(|word| word.parse().ok())
        .collect();
    let sizes = if asked.is_empty() {
        SIZES.to_vec()
    } else {
        asked
    };
    println!(
        "{:>7} {:<14} {:>8} {:>6} {:>11} {:>11} {:>8} {:>8} {:>8}",
        "cards",
        "run",
        "requests",
        "PUT",
        "bytes sent",
        "bytes got",
        "seconds",
        "own CPU",
        "peak MB"
    );
    for people in sizes {
        let crowd = Crowd::of(people);
        tell(people, "first sync", &crowd.sync());
        tell(people, "nothing to do", &crowd.sync());
        tell(people, "again", &crowd.sync());
        crowd.edit(1, "Chair");
        tell(people, "1 edit", &crowd.sync());
        // More than half of a store at once would stop a run.
        let edits = 100.min(people / 2);
        crowd.edit(edits, "Guest");
        tell(people, &format!("{edits} edits"), &crowd.sync());
    }
}

fn tell(people: usize, run: &str, cost: &Cost) {
    let (cpu, peak) = match cost.own {
        Some(own) => (
            format!("{:.2}", own.cpu_seconds),
            format!("{:.1}", own.peak_kib as f64 / 1024.0),
        ),
        None => ("-".to_owned(), "-".to_owned()),
    };
    println!(
        "{people:>7} {run:<14} {:>8} {:>6} {:>11} {:>11} {:>8.2} {cpu:>8} {peak:>8}",
        cost.requests.len(),
        cost.count("PUT"),
        cost.sent,
        cost.got,
        cost.took.as_secs_f64(),
    );
}
