//! Every fault there is, at a run with edits pending on both sides.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use cardweave::demo::server::{Account, Books, Server};
use cardweave::run::Standing;

use super::support::mischief::{Fault, Script};
use super::world::{A_WEEK_LATER, Held, World, check_got_nothing, check_no_blind_write};

/// One run under a fault, with the short limits of these tests: some requests, each tried thrice.
const LONGEST: Duration = Duration::from_secs(60);

/// Eight people in step, and then edits on both sides that no run has seen yet.
fn pending() -> World {
    let names = ["Ada", "Bob", "Cleo", "Dora", "Emil", "Fay", "Gus", "Hana"];
    let photo = "PHOTO;ENCODING=b;TYPE=JPEG:AAAA";
    let lines: Vec<String> = names
        .iter()
        .enumerate()
        .map(|(index, name)| {
            format!("TEL;TYPE=CELL:+4930{index:06}\nNOTE:of {name}\nX-HOBBY:chess\n{photo}")
        })
        .collect();
    let cards: Vec<(&str, &str)> = names
        .into_iter()
        .zip(lines.iter().map(String::as_str))
        .collect();
    let mut world = World::new(&cards);
    assert_eq!(world.run().standing, Standing::InStep);
    assert_eq!(world.in_folder().len(), 8);

    let edited = |index: usize, more: &str| format!("{}\n{more}", lines[index]);
    world.put_on_server("Ada", &edited(0, "EMAIL:server@example.com"));
    world.put_in_folder("Bob", &edited(1, "EMAIL:folder@example.com"));
    world.put_on_server("Cleo", &edited(2, "TITLE:on the server"));
    world.put_in_folder("Cleo", &edited(2, "URL:https://example.com/folder"));
    world.delete_on_server("Dora");
    world.delete_in_folder("Emil");
    world.put_on_server("Iris", "NOTE:new on the server");
    world.put_in_folder("Jan", "NOTE:new in the folder");
    world.server.take_requests();
    world
}

/// What all are to have in the end.
fn expected() -> Held {
    let mut world = pending();
    assert_eq!(world.run().standing, Standing::InStep);
    assert_eq!(world.in_folder(), world.at_server());
    world.in_folder()
}

/// How the world may stand once the fault has stopped.
#[derive(Debug, Clone, Copy, PartialEq)]
enum End {
    /// Both sides hold what was expected, after two runs.
    InStep,
    /// The same, but only a whole listing uncovers what the server hid or made up.
    AfterAWeek,
    /// The server, or somebody else there, changed cards: nobody is missing, nobody doubled.
    Changed,
    /// The folder holds what was expected. What the server refused for a reason of its own is not
    /// offered again until it changes.
    Refused,
    /// The folder keeps all that it had; what could not be read is left alone until it changes.
    LeftAlone,
}

fn end(fault: Fault) -> End {
    match fault.name().as_str() {
        "sync_lies" | "sync_omits" | "sync_no_deletes" | "sync_invalid_full" => End::AfterAWeek,
        "empty_listing" | "partial_listing" => End::AfterAWeek,
        "href_nul" | "href_newline" | "href_ansi" | "href_long" => End::AfterAWeek,
        "edit_behind" | "delete_behind" | "create_behind" | "delete_lies" => End::Changed,
        _ if matches!(fault, Fault::Rewriting(..)) => End::Changed,
        "403" | "409" | "413" | "415" | "423" | "507" | "uid_conflict" | "readonly" => End::Refused,
        "big_card" => End::LeftAlone,
        // Half a card is nobody's deletion and nobody's edit: it is left alone, and told.
        "torn_put" => End::Refused,
        // The second time, what a server holds is taken for what it keeps of it.
        "put_lies" => End::Refused,
        _ => End::InStep,
    }
}

/// One fault, told: the standings under it, the runs it took to heal, the requests.
fn suffer(fault: Fault, expected: &Held) -> String {
    let name = fault.name();
    let books = Books::new(Account::new("anna", "secret")).with_book("people", "People");
    let other = Server::start(books).expect("a port on loopback");
    let mut world = pending();
    let before = (world.in_folder(), world.at_server());
    world.misbehave(Script::always(&name).other_host(&other.url()));

    let mut standings = Vec::new();
    let mut slowest = Duration::ZERO;
    for is_new in [false, true] {
        if is_new {
            world.forget_address();
        }
        let start = Instant::now();
        standings.push(world.run().standing);
        slowest = slowest.max(start.elapsed());
        check_folder(&name, &before.0, &world.in_folder());
        check_server(&fault, &before.1, &world.at_server());
        assert_eq!(world.strays(), [""; 0].map(std::path::PathBuf::from));
    }
    assert!(slowest < LONGEST, "{name} took {slowest:?}");
    let requests = world.server.take_requests();
    check_no_blind_write(&requests);
    check_got_nothing(&other);

    world.behave();
    let end = end(fault);
    if end == End::Refused {
        assert_eq!(standings[0], Standing::Partly, "{name} was kept quiet");
    }
    let mut healed_after = heal(&mut world, end, expected);
    if matches!(end, End::AfterAWeek | End::Changed) {
        world.now += A_WEEK_LATER;
        healed_after = healed_after.or_else(|| heal(&mut world, end, expected));
    }
    let Some(healed_after) = healed_after else {
        panic!(
            "{name} is not healed: {standings:?}\nfolder {:#?}\nserver {:#?}",
            world.in_folder(),
            world.at_server()
        );
    };
    check_no_blind_write(&world.server.take_requests());
    world.run();
    let writes = world
        .server
        .take_requests()
        .iter()
        .filter(|exchange| matches!(exchange.method.as_str(), "PUT" | "DELETE"))
        .count();
    assert_eq!(writes, 0, "{name}: the run after writes");
    format!(
        "{name:34} {standings:?} {end:?} after {healed_after}, {} requests {:.1} s",
        requests.len(),
        slowest.as_secs_f32()
    )
}

/// Two runs; after which of them all stands as it shall, or `None` where it does not in the end.
fn heal(world: &mut World, end: End, expected: &Held) -> Option<usize> {
    let stood = [(); 2].map(|()| {
        world.run();
        stands(end, &world.in_folder(), &world.at_server(), expected)
    });
    match stood {
        [true, true] => Some(1),
        [false, true] => Some(2),
        [_, false] => None,
    }
}

fn stands(end: End, folder: &Held, server: &Held, expected: &Held) -> bool {
    let holds_all = |held: &Held| expected.keys().all(|name| held.contains_key(name));
    match end {
        End::InStep | End::AfterAWeek => folder == expected && server == expected,
        End::Changed => holds_all(folder) && holds_all(server) && folder.keys().eq(server.keys()),
        End::Refused => folder == expected,
        End::LeftAlone => expected
            .keys()
            .all(|name| folder.contains_key(name) || name == "Iris"),
    }
}

/// The folder loses nobody but Dora, who was deleted on the server, and no value of anybody.
fn check_folder(fault: &str, before: &Held, now: &Held) {
    for (name, fields) in before {
        let Some(kept) = now.get(name) else {
            assert_eq!(name, "Dora", "{fault} deleted somebody in the folder");
            continue;
        };
        let lost: BTreeSet<_> = fields.difference(kept).collect();
        assert!(lost.is_empty(), "{fault} took {lost:?} from {name}");
    }
}

/// The server loses nobody by our hand but Emil, who was deleted in the folder.
fn check_server(fault: &Fault, before: &Held, now: &Held) {
    if matches!(fault.name().as_str(), "delete_behind" | "torn_put") {
        return;
    }
    for name in before.keys() {
        let is_there = now.contains_key(name);
        assert!(
            is_there || name == "Emil",
            "{} deleted {name} on the server",
            fault.name()
        );
    }
}

#[test]
fn no_fault_loses_a_card_or_a_value_and_all_heal() {
    let expected = expected();
    let only = std::env::var("CARDWEAVE_FAULT").ok();
    let faults: Vec<Fault> = Fault::all()
        .into_iter()
        .filter(|fault| only.as_ref().is_none_or(|name| *name == fault.name()))
        .collect();
    let table = Mutex::new(Vec::new());
    // Side by side, because much of it is waiting.
    std::thread::scope(|scope| {
        for some in faults.chunks(faults.len().div_ceil(6).max(1)) {
            let (table, expected) = (&table, &expected);
            scope.spawn(move || {
                for fault in some {
                    let told = std::panic::catch_unwind(|| suffer(*fault, expected));
                    let line = told.unwrap_or_else(|_| format!("{:34} BROKEN", fault.name()));
                    table.lock().expect("nobody panics here").push(line);
                }
            });
        }
    });
    let table = table.into_inner().expect("nobody panics here");
    eprintln!("{} faults:\n{}", table.len(), table.join("\n"));
    let broken: Vec<&String> = table
        .iter()
        .filter(|line| line.ends_with("BROKEN"))
        .collect();
    assert!(broken.is_empty(), "{broken:#?}");
}
