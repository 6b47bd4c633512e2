//! Nothing is left behind, whatever happens in the middle, and nothing of it ever spreads.

use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use cardweave::demo::server::{Answer, Books, Mischief, Request, Server};
use cardweave::state::{Access, State};
use rustix::process::{Pid, Signal, kill_process};

use crate::desk::{Desk, books, held};
use crate::support::mischief::{Rule, Script};

const LEFTOVER: &str = "/books/people/cardweave-check-18a-1-3.vcf";

fn scratch_card() -> Vec<u8> {
    b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:cardweave-check-18a-1-3\r\n\
      FN:cardweave check (may be deleted)\r\nN:Check;;;;\r\nEND:VCARD\r\n"
        .to_vec()
}

fn person() -> Vec<u8> {
    b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:ada\r\nFN:Ada\r\nN:;Ada;;;\r\nEND:VCARD\r\n".to_vec()
}

/// Holds the n-th PUT before it is answered, until it is let go.
struct Holder {
    count: usize,
    nth: usize,
    reached: Sender<()>,
    go: Receiver<()>,
}

impl Mischief for Holder {
    fn before(&mut self, request: &mut Request, _: &mut Books) -> Option<Answer> {
        if request.method == "PUT" {
            self.count += 1;
            if self.count == self.nth {
                self.reached.send(()).expect("the test listens");
                // Let go, or the test is over.
                let _ = self.go.recv_timeout(Duration::from_secs(20));
            }
        }
        None
    }
}

/// A check that has come to its n-th PUT.
fn held_at(nth: usize) -> (Server, Desk, Child, Sender<()>) {
    let (reached, wait) = channel();
    let (release, go) = channel();
    let holder = Holder {
        count: 0,
        nth,
        reached,
        go,
    };
    let server = Server::start_with(books(), holder).expect("a port");
    let desk = Desk::at(&server);
    let child = desk
        .command(&["check", "--write"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program can be run");
    wait.recv_timeout(Duration::from_secs(20))
        .expect("it comes to a PUT");
    (server, desk, child, release)
}

fn pid(child: &Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id()).expect("a pid")).expect("a process")
}

#[test]
fn ctrl_c_in_the_middle_leaves_no_card() {
    for nth in [1, 2] {
        let (server, _desk, child, release) = held_at(nth);
        kill_process(pid(&child), Signal::INT).expect("it runs");
        // The answer comes after the program has heard the signal, which takes it no time.
        std::thread::sleep(Duration::from_millis(300));
        release.send(()).expect("the server waits");
        let output = child.wait_with_output().expect("it ends");
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(5), "{stdout}");
        assert!(stdout.contains("The check was stopped"), "{stdout}");
        assert!(!stdout.contains("vCard 4.0 and read back"), "{stdout}");
        assert_eq!(held(&server), 0, "{nth}: {stdout}");
    }
}

#[test]
fn what_a_killed_check_left_is_removed_by_the_next_one() {
    let (server, desk, mut child, release) = held_at(2);
    kill_process(pid(&child), Signal::KILL).expect("it runs");
    child.wait().expect("it ends");
    release.send(()).expect("the server waits");
    server.set_mischief(None);
    assert_eq!(held(&server), 1, "the card of the killed check");
    let ran = desk.run(&["check", "--write"]);
    assert_eq!(ran.code, 0, "{ran:#?}");
    ran.must_say(&["A scratch card of an earlier check was found and deleted"]);
    assert_eq!(held(&server), 0);
}

#[test]
fn what_was_left_at_a_server_that_renames_cards_is_found_by_its_content() {
    let server = Server::start_with(books(), Script::always("rewrite_href")).expect("a port");
    for (name, card) in [("srv-x", scratch_card()), ("ada", person())] {
        server.put_behind(&format!("/books/people/{name}.vcf"), &card);
    }
    let ran = Desk::at(&server).run(&["check", "--write"]);
    assert_eq!(ran.code, 0, "{ran:#?}");
    ran.must_say(&["A scratch card of an earlier check"]);
    assert_eq!(held(&server), 1, "Ada stays");
}

#[test]
fn a_person_under_an_address_like_ours_is_left_alone() {
    let server = Server::start(books()).expect("a port");
    server.put_behind(LEFTOVER, &person());
    let ran = Desk::at(&server).run(&["check", "--write"]);
    assert_eq!(ran.code, 0, "{ran:#?}");
    assert_eq!(held(&server), 1);
}

#[test]
fn after_a_failure_in_the_middle_no_card_is_left_or_it_is_said_so() {
    for fault in [
        "drop_before",
        "drop_after",
        "reset_after",
        "truncated_length",
        "500",
        "500_after",
        "412_after",
        "403",
        "put_lies",
        "delete_lies",
        "torn_put",
        "edit_behind",
    ] {
        for (method, nth) in [("PUT", 1), ("PUT", 2), ("DELETE", 1), ("REPORT", 1)] {
            let script = Script::new().rule(Rule::new(fault).method(method).nth(nth));
            let fired = script.fired();
            let server = Server::start_with(books(), script).expect("a port");
            let desk = Desk::at(&server);
            let ran = desk.run(&["check", "--write"]);
            if fired.lock().expect("nobody panics").is_empty() {
                continue;
            }
            let is_left = held(&server) > 0;
            let is_told = ran.stdout.contains("may be left");
            assert!(!is_left || is_told, "{fault} at {method} {nth}: {ran:#?}");
            server.set_mischief(None);
            let again = desk.run(&["check", "--write"]);
            assert_eq!(
                (again.code, held(&server)),
                (0, 0),
                "{fault} at {method} {nth}: {again:#?}"
            );
        }
    }
}

#[test]
fn a_card_that_cannot_be_deleted_is_told_with_what_to_do() {
    let script = Script::new().rule(Rule::new("403").method("DELETE"));
    let server = Server::start_with(books(), script).expect("a port");
    let ran = Desk::at(&server).run(&["check", "--write"]);
    assert_eq!(ran.code, 5, "{ran:#?}");
    ran.must_say(&[
        "\"cardweave check (may be deleted)\", may be left",
        "delete it by hand",
    ]);
    assert!(!ran.stdout.contains("a listing shows none"), "{ran:#?}");
}

#[test]
fn beside_a_run_nothing_is_written() {
    let server = Server::start(books()).expect("a port");
    let desk = Desk::at(&server);
    let (running, _) = State::open(&desk.state(), Access::Run).expect("a new state");
    let ran = desk.run(&["check", "--write"]);
    assert_eq!(ran.code, 4, "{ran:#?}");
    assert!(ran.stderr.contains("Another run is at work"), "{ran:#?}");
    assert_eq!(server.requests().len(), 0);
    assert_eq!(desk.run(&["check"]).code, 0, "looking is allowed");
    drop(running);
    assert_eq!(desk.run(&["check", "--write"]).code, 0);
}

#[test]
fn a_sync_never_carries_a_scratch_card_from_a_server_or_a_folder() {
    let server = Server::start(books()).expect("a port");
    let desk = Desk::at(&server).folder("laptop");
    server.put_behind(LEFTOVER, &scratch_card());
    server.put_behind("/books/people/ada.vcf", &person());
    for round in 0..3 {
        let ran = desk.run(&["sync"]);
        assert_eq!(ran.code, 0, "{ran:#?}");
        let cards = desk.cards("laptop");
        let names: Vec<String> = cards.iter().map(|card| card.name()).collect();
        assert_eq!(names, ["Ada"], "round {round}");
    }
    let moved = desk.path().join("laptop/carried-by-others.vcf");
    std::fs::write(moved, scratch_card()).expect("the folder can be written");
    server.delete_behind(LEFTOVER);
    assert_eq!(desk.run(&["sync"]).code, 0);
    assert_eq!(held(&server), 1, "Ada alone");
}
