//! Prints how long the commands take that answer from the local state, as whole processes.
//!
//! `cargo bench --bench answers -- 10000` does it for a book of 10,000 contacts alone. The first row of
//! each size is `--version`, which is what starting a program costs on this machine.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cardweave::book::ContactId;
use cardweave::card::{Card, Change};
use cardweave::contact::{
    Balance, Interaction, InteractionKind, Occasion, Promise, PromiseStatus, Side, TIER, one,
};
use cardweave::state::{Access, State};
use cardweave::sync::keys_of;
use jiff::ToSpan;
use jiff::civil::Date;

const SIZES: [usize; 2] = [1_000, 10_000];

/// Of so many contacts one is tended: with tier, fifty log lines, a promise and an occasion.
const ONE_TENDED_OF: [usize; 2] = [30, 10];

const TIMES: usize = 15;

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
        "{:>9} {:>7} {:<34} {:>10} {:>10}",
        "contacts", "tended", "command", "median ms", "worst ms"
    );
    let crowds = sizes
        .into_iter()
        .flat_map(|contacts| ONE_TENDED_OF.map(|one_of| (contacts, one_of)));
    for (contacts, one_of) in crowds {
        let place = tempfile::tempdir().expect("a temporary directory");
        fill(place.path(), contacts, one_of);
        let commands: [&[&str]; 13] = [
            &["--version"],
            &["show", "Person 77 Example"],
            &["show", "person77@example.org"],
            &["list"],
            &["list", "--tier", "A"],
            &["list", "--list", "Theme 3"],
            &["lists"],
            &["due"],
            &["due", "--ics", "due.ics"],
            &["goal", "list"],
            &["report"],
            &["report", "--html", "report.html"],
            &["log", "Person 77 Example", "said hello"],
        ];
        for command in commands {
            tell(place.path(), contacts, contacts / one_of, command);
        }
    }
}

fn tell(place: &Path, contacts: usize, tended: usize, command: &[&str]) {
    let mut took: Vec<Duration> = (0..TIMES).map(|_| time(place, command)).collect();
    took.sort();
    let milliseconds = |duration: Duration| duration.as_secs_f64() * 1000.0;
    println!(
        "{contacts:>9} {tended:>7} {:<34} {:>10.1} {:>10.1}",
        command.join(" "),
        milliseconds(took[TIMES / 2]),
        milliseconds(took[TIMES - 1])
    );
}

fn time(place: &Path, command: &[&str]) -> Duration {
    let mut program = Command::new(env!("CARGO_BIN_EXE_cardweave"));
    program
        .current_dir(place)
        .args(["--config", "config.toml", "--state", "state"])
        .args(command)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    let start = Instant::now();
    let status = program.status().expect("the program is there");
    let took = start.elapsed();
    assert!(status.success(), "{command:?}");
    took
}

/// A state with so many contacts of one book, of whom one of so many is tended.
fn fill(place: &Path, contacts: usize, one_of: usize) {
    let config =
        "[[book]]\nname = \"people\"\n[[book.store]]\nid = \"laptop\"\nfolder = \"laptop\"\n";
    std::fs::write(place.join("config.toml"), config).expect("the directory is ours");
    let (mut state, _) = State::open(&place.join("state"), Access::Run).expect("a new state");
    let today = jiff::Zoned::now().date();
    let filled = state.transaction(|tx| {
        for n in 0..contacts {
            let card = card(n, one_of, today);
            let keys = keys_of(&card, std::iter::empty());
            let id = ContactId::new(format!("contact-{n}"));
            tx.put_contact("people", &id, &card.name(), &card, &[], &keys)?;
        }
        Ok(())
    });
    filled.expect("the state can be written");
}

fn card(n: usize, one_of: usize, today: Date) -> Card {
    let text = format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:person-{n}-of-many\r\nN:Example;Person {n};;;\r\n\
         FN:Person {n} Example\r\nEMAIL:person{n}@example.org\r\nTEL;TYPE=CELL:+49 151 {:07}\r\n\
         ORG:Company {}\r\nBDAY:1980-{:02}-{:02}\r\nCATEGORIES:Theme {}\r\nEND:VCARD\r\n",
        1_000_000 + n,
        n % 50,
        n % 12 + 1,
        n % 28 + 1,
        n % 20
    );
    let card = Card::parse(text.as_bytes()).expect("it is a card");
    if n % one_of != 7 {
        return card;
    }
    let mut changes = vec![one(TIER, ["A", "B", "C", "D"][n / one_of % 4])];
    for entry in 0..50_i32 {
        let day = today - (entry * 7).days();
        let said = Interaction {
            minutes: 20,
            balance: (entry % 3 == 0).then_some(Balance::Gave),
            ..Interaction::new(
                &format!("{entry:08x}"),
                day,
                InteractionKind::Call,
                "talked about this and that",
            )
        };
        changes.push(Change::Add(said.field()));
    }
    let promise = Promise {
        id: format!("{n:08x}"),
        text: "send the offer".into(),
        due: Some(today),
        side: Side::Mine,
        status: PromiseStatus::Open,
        first_due: None,
        made: None,
        settled: None,
        reason: None,
        by: None,
    };
    let met = Occasion {
        id: format!("{n:08x}"),
        event: format!("Fair {}", n % 7),
        date: Some(today),
        place: None,
        costs: Vec::new(),
        minutes: 0,
        by: None,
    };
    changes.extend([Change::Add(promise.field()), Change::Add(met.field())]);
    card.apply(&changes)
}
