//! Two runs at once, hostile text, readers that go away, and passwords.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cardweave::demo::server::{Account, Answer, Books, Mischief, Request, Response, Server, Step};

use crate::desk::{Desk, LAPTOP, PHONE, Ran, card};

const PASSWORD: &str = "correct-horse-battery";

/// Answers nothing and closes nothing.
struct Silence;

impl Mischief for Silence {
    fn before(&mut self, _: &mut Request, _: &mut Books) -> Option<Answer> {
        Some(Answer::Steps(vec![Step::Hang]))
    }
}

/// Wants another password than it is sent.
struct Stranger;

impl Mischief for Stranger {
    fn after(&mut self, _: &Request, _: &mut Books, _: Response) -> Answer {
        let refusal = Response::empty(401).with("WWW-Authenticate", "Basic realm=\"people\"");
        Answer::Response(refusal)
    }
}

fn books() -> Books {
    Books::new(Account::new("anna", PASSWORD)).with_book("people", "People")
}

/// A desk whose phone is an address book on this server.
fn desk_at(server: &Server) -> Desk {
    let desk = Desk::new();
    let password = desk.path().join("password");
    fs::write(&password, PASSWORD).expect("the password can be written");
    fs::set_permissions(&password, fs::Permissions::from_mode(0o600)).expect("it is ours");
    desk.configure(&format!(
        "[[account]]\nname = \"home\"\naddress = \"{}\"\nusername = \"anna\"\n\
         password = {{ file = \"password\" }}\n\
         [[book]]\nname = \"people\"\n\
         [[book.store]]\nid = \"laptop\"\nfolder = \"laptop\"\n\
         [[book.store]]\nid = \"phone\"\naccount = \"home\"\naddressbook = \"People\"\n",
        server.url()
    ));
    desk
}

#[test]
fn a_second_run_at_the_same_time_is_told_who_is_at_work() {
    let server = Server::start_with(books(), Silence).expect("loopback has a free port");
    let desk = desk_at(&server);
    let mut first = desk
        .command(&["sync"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary can be run");
    let pid = first.id().to_string();
    let lock = desk.path().join("state/lock");
    let start = Instant::now();
    while !fs::read_to_string(&lock).is_ok_and(|text| text.contains(&pid)) {
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "the first run took no lock"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    let began = Instant::now();
    let second = desk.run(&["sync"]);
    let took = began.elapsed();
    let looked = desk.run(&["status"]);
    first.kill().expect("the first run waits for the server");
    first.wait().expect("it was killed");
    assert_eq!(second.code, 4, "{second:?}");
    assert!(
        second.stderr.contains(&format!("process {pid}")),
        "{second:?}"
    );
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert_eq!(looked.code, 0, "status only looks: {looked:?}");
}

#[test]
fn no_control_character_of_a_card_or_a_file_name_reaches_the_terminal() {
    let hostile = "E\u{1b}[31mvil\u{9b}2J\u{202e}\u{7}";
    let desk = Desk::new();
    let text = card("Eve", &format!("TITLE:{hostile}")).replace("FN:Eve", &format!("FN:{hostile}"));
    desk.put(LAPTOP, "eve.vcf", &text);
    desk.put(LAPTOP, "eve\u{1b}[2J\u{202e}.vcf", &text);
    desk.put(
        LAPTOP,
        "torn\u{1b}c.vcf",
        "BEGIN:VCARD\r\nFN:\u{1b}]0;x\u{7}",
    );
    desk.put(
        LAPTOP,
        "odd.vcf",
        &card("Odd", "a line \u{1b}[5m without a colon"),
    );
    let edit = |title: &str| {
        desk.put(LAPTOP, "eve.vcf", &text.replace("TITLE:E", title));
    };
    let mut told = 0;
    let mut look = |words: &[&str]| {
        let ran = desk.run(words);
        for stream in [&ran.stdout, &ran.stderr] {
            let raw: Vec<char> = stream
                .chars()
                .filter(|c| (c.is_control() && *c != '\n') || ('\u{202a}'..='\u{202e}').contains(c))
                .collect();
            assert!(raw.is_empty(), "{words:?}: {raw:?} in {stream}");
        }
        told += usize::from(ran.stdout.contains("vil") || ran.stderr.contains("vil"));
    };
    look(&["sync", "--dry-run", "-vv"]);
    look(&["sync", "-vv"]);
    edit("TITLE:F");
    look(&["diff"]);
    look(&["diff", "--json"]);
    look(&["sync", "--dry-run"]);
    look(&["sync", "-vv", "--json"]);
    for words in [
        &["list"][..],
        &["list", "--json"],
        &["show", "vil"],
        &["show", "\u{1b}[1m"],
        &["status"],
        &["history", "vil"],
        &["undo"],
        &["sync", "\u{1b}[1m"],
    ] {
        look(words);
    }
    assert!(told >= 5, "the hostile card was shown {told} times only");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let desk = Desk::with(&[("Ada Byron", "TITLE:x")]);
    for words in [
        &["list"][..],
        &["completions", "bash"],
        &["schema", "sync"],
        &["sync"],
    ] {
        let mut child = desk
            .command(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary can be run");
        drop(child.stdout.take());
        let ran = Ran::of(&child.wait_with_output().expect("it ends"));
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{words:?}");
    }
}

#[test]
fn no_output_holds_the_password_or_what_a_card_says() {
    let honest = Server::start(books()).expect("loopback has a free port");
    let strange = Server::start_with(books(), Stranger).expect("loopback has a free port");
    let encoded = BASE64_STANDARD.encode(format!("anna:{PASSWORD}"));
    for (server, code) in [(&honest, 0), (&strange, 5)] {
        let desk = desk_at(server);
        desk.put(
            LAPTOP,
            "ada.vcf",
            &card("Ada Byron", "NOTE:a secret of hers"),
        );
        for words in [
            &["-vv", "sync"][..],
            &["-vvv", "--json", "sync"],
            &["-vv", "status"],
            &["-vv", "undo"],
        ] {
            let ran = desk.run(words);
            let said = format!("{}{}", ran.stdout, ran.stderr);
            for secret in [PASSWORD, &encoded, "a secret of hers"] {
                assert!(!said.contains(secret), "{words:?}: {said}");
            }
            if words.contains(&"sync") {
                assert_eq!(ran.code, code, "{words:?}: {said}");
                assert!(
                    said.contains("PROPFIND") || said.contains("REPORT"),
                    "{said}"
                );
            }
        }
    }
}

#[test]
fn requests_are_counted_and_a_run_without_work_makes_one() {
    let server = Server::start(books()).expect("loopback has a free port");
    let desk = desk_at(&server);
    desk.put(LAPTOP, "ada.vcf", &card("Ada Byron", "TITLE:x"));
    assert_eq!(desk.run(&["sync"]).code, 0);
    for _ in 0..3 {
        server.take_requests();
        let report = desk.json(&["sync"]);
        let asked = server.take_requests();
        assert_eq!(asked.len(), 1, "{asked:#?}");
        assert_eq!(
            report["books"][0]["stores"][PHONE]["requests"], 1,
            "{report:#}"
        );
    }
}

#[test]
fn a_server_that_is_gone_spoils_nothing_for_the_others() {
    let server = Server::start(books()).expect("loopback has a free port");
    let desk = desk_at(&server);
    desk.put(LAPTOP, "ada.vcf", &card("Ada Byron", "TITLE:x"));
    assert_eq!(desk.run(&["sync"]).code, 0);
    drop(server);
    let ran = desk.run(&["sync"]);
    assert_eq!(ran.code, 5, "{ran:?}");
    assert!(ran.stdout.contains("phone"), "{ran:?}");
    assert_eq!(desk.contents(LAPTOP).len(), 1);
}
