//! `login` at a real pseudo-terminal: asked unseen, tried, asked again.

use std::time::{Duration, Instant};

use rexpect::session::{PtySession, spawn_command};

use crate::support::account::{command, run, with_own_streams};
use crate::support::session::Session;
use crate::support::stage::Stage;

const PASSWORD: &str = "Zq7-pass-Xk9";
const ASKED: &str = "Password of anna at";

fn at_a_terminal(stage: &Stage, session: &Session) -> PtySession {
    let mut command = with_own_streams(&command(stage, Some(session), &["login", "loopback"]));
    command.env("TERM", "xterm");
    spawn_command(command, Some(30_000)).expect("a pseudo-terminal")
}

fn answer(terminal: &mut PtySession, question: &str, text: &str) {
    terminal.exp_string(question).expect(question);
    // The prompt takes keys one by one once it is drawn.
    std::thread::sleep(Duration::from_millis(200));
    terminal.send(&format!("{text}\r")).expect("it listens");
    terminal.flush().expect("it listens");
}

#[test]
fn a_password_is_typed_unseen_and_a_wrong_one_asked_for_again() {
    let session = Session::with_keyring();
    let stage = Stage::new(PASSWORD, "\"keyring\"");
    let mut terminal = at_a_terminal(&stage, &session);
    answer(&mut terminal, ASKED, "wrong-Qx4");
    let refusal = terminal
        .exp_string("Nothing was stored")
        .expect("a refusal");
    assert!(refusal.contains("does not accept"), "{refusal}");
    answer(&mut terminal, ASKED, PASSWORD);
    let rest = terminal.exp_eof().expect("it ends");
    assert!(rest.contains("The password is in the keyring"), "{rest}");
    for said in [&refusal, &rest] {
        assert!(
            !said.contains(PASSWORD) && !said.contains("wrong-Qx4"),
            "{said}"
        );
    }
    let synced = run(&stage, Some(&session), &["sync"], "");
    assert_eq!(synced.code, Some(0), "{synced:?}");
}

#[test]
fn after_three_wrong_passwords_nothing_is_asked_any_more() {
    let session = Session::with_keyring();
    let stage = Stage::new(PASSWORD, "\"keyring\"");
    let mut terminal = at_a_terminal(&stage, &session);
    for _ in 0..3 {
        answer(&mut terminal, ASKED, "wrong");
    }
    let rest = terminal.exp_eof().expect("it ends");
    assert!(rest.contains("Nothing was stored"), "{rest}");
    let refused = stage.server.requests();
    let refused = refused
        .iter()
        .filter(|exchange| exchange.status == Some(401));
    assert_eq!(refused.count(), 3);
    let logout = run(&stage, Some(&session), &["logout", "loopback"], "");
    assert!(logout.stdout.contains("nothing was removed"), "{logout:?}");
}

#[test]
fn a_password_that_cannot_be_tried_is_stored_only_when_one_says_so() {
    let session = Session::with_keyring();
    let stage = Stage::new(PASSWORD, "\"keyring\"");
    let path = stage.folder().with_file_name("config.toml");
    let text = std::fs::read_to_string(&path).expect("the config is there");
    let nowhere = text.replace(&stage.server.url(), "http://127.0.0.1:1/");
    std::fs::write(&path, nowhere).expect("the config can be written");
    for (reply, end, is_stored) in [
        ("", "Nothing was stored", false),
        ("y", "stored untried", true),
    ] {
        let mut terminal = at_a_terminal(&stage, &session);
        answer(&mut terminal, ASKED, PASSWORD);
        answer(&mut terminal, "Store it all the same?", reply);
        let rest = terminal.exp_eof().expect("it ends");
        assert!(rest.contains(end), "{rest}");
        let logout = run(&stage, Some(&session), &["logout", "loopback"], "");
        assert_eq!(
            logout.stdout.contains("no longer in"),
            is_stored,
            "{logout:?}"
        );
    }
}

#[test]
fn at_a_terminal_too_a_keyring_that_stays_locked_or_silent_is_told_of_soon() {
    let session = Session::with_keyring();
    let stage = Stage::new(PASSWORD, "\"keyring\"");
    let login = ["login", "loopback", "--password-stdin"];
    assert_eq!(run(&stage, Some(&session), &login, PASSWORD).code, Some(0));
    session.lock();
    let start = Instant::now();
    let mut terminal = at_a_terminal(&stage, &session);
    terminal
        .exp_string("asks for its password in a window")
        .expect("it tells");
    println!("locked: told after {:?}", start.elapsed());
    let rest = terminal.exp_eof().expect("it ends");
    println!("locked: given up after {:?}", start.elapsed());
    assert!(rest.contains("stayed locked"), "{rest}");

    let (session, _listener) = Session::with_silent_bus();
    let start = Instant::now();
    let mut terminal = at_a_terminal(&stage, &session);
    terminal
        .exp_string("does not answer yet")
        .expect("it tells");
    println!("silent: told after {:?}", start.elapsed());
    assert!(start.elapsed() < Duration::from_secs(4));
}
