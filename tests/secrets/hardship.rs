//! A keyring that does not answer is told of in one sentence, and soon.

use std::time::Duration;

use crate::support::account::{Ran, run};
use crate::support::session::Session;
use crate::support::stage::Stage;

const PASSWORD: &str = "Zq7-pa$$\"w\\ord-<&>-Xk9";

/// Two seconds are promised; a machine that does much else may be late.
const LATEST: Duration = Duration::from_secs(4);

/// Syncs and logs in without a terminal; what both say of the keyring.
fn said_of(session: Option<&Session>, stage: &Stage, sentence: &str) {
    for (words, code) in [
        (&["sync"][..], 5),
        (&["login", "loopback", "--password-stdin"], 1),
        (&["logout", "loopback"], 1),
    ] {
        let ran = run(stage, session, words, "another\n");
        println!("{} after {:?}", words[0], ran.took);
        assert_told(&ran, code, sentence);
    }
    assert_eq!(stage.server.requests().len(), 0);
}

fn assert_told(ran: &Ran, code: i32, sentence: &str) {
    assert_eq!(ran.code, Some(code), "{ran:?}");
    let said = format!("{}{}", ran.stdout, ran.stderr);
    assert!(said.contains(sentence), "{ran:?}");
    assert!(said.contains("{ command = [..] }"), "{ran:?}");
    assert!(!said.contains("panicked"), "{ran:?}");
    assert!(ran.took < LATEST, "{ran:?}");
}

#[test]
fn no_bus_as_from_cron() {
    let stage = Stage::new(PASSWORD, "\"keyring\"");
    said_of(None, &stage, "no session bus");
}

#[test]
fn a_bus_that_takes_connections_and_never_answers() {
    let (session, _listener) = Session::with_silent_bus();
    let stage = Stage::new(PASSWORD, "\"keyring\"");
    said_of(Some(&session), &stage, "did not answer in time");
}

#[test]
fn a_bus_on_which_no_keyring_is() {
    let session = Session::with_bus();
    let stage = Stage::new(PASSWORD, "\"keyring\"");
    said_of(Some(&session), &stage, "No keyring runs in this session");
}

#[test]
fn a_locked_keyring_opens_no_window_where_nobody_is() {
    let session = Session::with_keyring();
    let stage = Stage::new(PASSWORD, "\"keyring\"");
    let login = ["login", "loopback", "--password-stdin"];
    assert_eq!(run(&stage, Some(&session), &login, PASSWORD).code, Some(0));
    stage.server.take_requests();
    session.lock();
    said_of(
        Some(&session),
        &stage,
        "The keyring is locked and nobody is here",
    );
}

#[test]
fn many_accounts_wait_for_a_dead_keyring_once() {
    let (session, _listener) = Session::with_silent_bus();
    let stage = Stage::new(PASSWORD, "\"keyring\"");
    let path = stage.folder().with_file_name("config.toml");
    let mut text = std::fs::read_to_string(&path).expect("the config is there");
    for number in 1..=4 {
        text.push_str(&format!(
            "\n[[book.store]]\nid = \"more{number}\"\naccount = \"more{number}\"\n\
             addressbook = \"People\"\n\n[[account]]\nname = \"more{number}\"\n\
             address = \"{}\"\nusername = \"user{number}\"\n",
            stage.server.url()
        ));
    }
    std::fs::write(&path, text).expect("the config can be written");
    let ran = run(&stage, Some(&session), &["sync"], "");
    println!("five accounts after {:?}", ran.took);
    assert_told(&ran, 5, "did not answer in time");
    assert!(ran.stdout.contains("login more4"), "{ran:?}");
}
