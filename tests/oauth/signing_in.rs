//! By a browser: on this machine, on another one, and all that can go wrong there.

use std::process::Command;

use crate::place::{FOLLOW, Place, SIGNED_IN, end_of};
use crate::support::oauth::OAuth;

/// Leaves the port that the browser is sent back to in `$port`.
const PORT: &str = r#"port=$(printf '%s' "$1" | sed -n 's/.*127\.0\.0\.1%3A\([0-9]*\)%2F.*/\1/p')"#;

fn nobody_signed_in(place: &Place) {
    let sync = place.sync();
    assert_eq!(sync.code, Some(5), "{sync:?}");
    assert!(sync.stdout.contains("nobody has signed in"), "{sync:?}");
    assert!(sync.stdout.contains("cardweave login loopback"), "{sync:?}");
}

#[test]
fn a_person_signs_in_once_and_the_sync_runs_with_what_that_gave() {
    let place = Place::new();
    place.stage.put_in_folder("Bob", "TEL:+493012346");
    place.stage.put_on_server("Ada", "TEL:+493012345");
    nobody_signed_in(&place);

    let (said, code) = place.login(&[]);
    assert!(said.contains(SIGNED_IN), "{said}");
    assert_eq!(code, "0", "{said}");
    let page = std::fs::read_to_string(place.room("page")).expect("the browser saw a page");
    assert!(page.contains("go back to the terminal"), "{page}");
    crate::place::without_tokens(&page);
    crate::place::without_tokens(&place.addresses());
    let scopes = place.oauth.state().scopes.clone();
    assert_eq!(scopes.as_deref(), Some("contacts offline_access"));

    for _ in 0..2 {
        let sync = place.sync();
        assert_eq!(sync.code, Some(0), "{sync:?}");
    }
    assert_eq!(place.stage.in_folder(), place.stage.at_server());
    assert_eq!(place.stage.in_folder().len(), 2);
    place.check_files();

    let logout = place.run(&["logout", "loopback"]);
    assert!(
        logout.stdout.contains("no longer in the keyring"),
        "{logout:?}"
    );
    nobody_signed_in(&place);
}

#[test]
fn an_answer_with_another_state_is_not_used() {
    let place = Place::new();
    place.browser(&format!(
        "{PORT}\ncurl -sS \"http://127.0.0.1:$port/favicon.ico\" -o /dev/null -w '%{{http_code}} ' >\"$ROOM/codes\"\n\
         curl -sS \"http://127.0.0.1:$port/?code=forged&state=forged\" -o \"$ROOM/forged\" \
         -w '%{{http_code}} ' >>\"$ROOM/codes\"\n{FOLLOW}"
    ));
    let (said, code) = place.login(&[]);
    assert!(said.contains("does not belong to this sign-in"), "{said}");
    assert!(said.contains(SIGNED_IN), "{said}");
    assert_eq!(code, "0");
    let codes = std::fs::read_to_string(place.room("codes")).expect("it was asked");
    assert_eq!(codes, "404 400 ");
    let forged = std::fs::read_to_string(place.room("forged")).expect("it was asked");
    assert!(!forged.contains("forged"), "{forged}");
    assert_eq!(place.oauth.state().exchanges, 1);
}

#[test]
fn a_code_that_was_given_for_another_sign_in_is_worth_nothing() {
    let place = Place::new();
    let other = "wrong-wrong-wrong-wrong-wrong-wrong-wrong-w";
    let challenge = format!("s/code_challenge=[^&]*/code_challenge={other}/");
    place.browser(&format!(
        "curl -sS -L \"$(printf '%s' \"$1\" | sed '{challenge}')\" -o \"$ROOM/page\""
    ));
    let (said, code) = place.login(&[]);
    assert!(said.contains("127.0.0.1 refuses (invalid_grant)"), "{said}");
    assert!(said.contains("Nothing was stored"), "{said}");
    assert_eq!(code, "1", "{said}");
    assert_eq!(place.oauth.state().exchanges, 1);
    nobody_signed_in(&place);
}

#[test]
fn who_says_no_is_told_that_nothing_was_stored() {
    let place = Place::new();
    place.oauth.state().declines = true;
    let (said, code) = place.login(&[]);
    assert!(said.contains("The sign-in was declined"), "{said}");
    assert_eq!(code, "1", "{said}");
    nobody_signed_in(&place);
}

#[test]
fn without_a_browser_the_address_it_ended_at_is_pasted() {
    let place = Place::new();
    let mut terminal = place.at_a_terminal(&["-vv", "login", "loopback", "--no-browser"]);
    let (_, address) = terminal
        .exp_regex(r"http://127\.0\.0\.1:\d+/authorize\S+")
        .expect("an address");
    terminal.exp_string("press Enter").expect("advice");
    terminal
        .send_line("http://127.0.0.1:1/?code=x&state=y")
        .expect("it listens");
    terminal.exp_string("not the address").expect("advice");
    // A browser on another machine stops where it was sent.
    let output = Command::new("curl")
        .args(["-sS", "-o", "/dev/null", "-w", "%{redirect_url}", &address])
        .output()
        .expect("curl is there");
    let ended_at = String::from_utf8(output.stdout).expect("an address");
    terminal.send_line(&ended_at).expect("it listens");
    let (said, code) = end_of(&mut terminal);
    assert!(said.contains(SIGNED_IN), "{said}");
    assert_eq!(code, "0", "{said}");
    assert_eq!(place.addresses(), "", "no browser was started");
    assert_eq!(place.sync().code, Some(0));
}

#[test]
fn a_browser_that_cannot_be_started_is_no_end() {
    let place = Place::new();
    place.browser("exit 3");
    let mut terminal = place.at_a_terminal(&["login", "loopback"]);
    terminal
        .exp_string("could not be started")
        .expect("it is told");
    let (_, address) = terminal
        .exp_regex(r"http://127\.0\.0\.1:\d+/authorize\S+")
        .expect("an address");
    let status = Command::new("curl")
        .args(["-sS", "-L", "-o", "/dev/null", &address])
        .status();
    assert!(status.is_ok_and(|status| status.success()));
    let (said, code) = end_of(&mut terminal);
    assert!(said.contains(SIGNED_IN), "{said}");
    assert_eq!(code, "0", "{said}");
}

#[test]
fn nobody_is_waited_for_where_nobody_is() {
    let place = Place::new();
    for words in [
        &["login", "loopback"][..],
        &["login", "loopback", "--device"],
    ] {
        let ran = place.run(words);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.stderr.contains("there is no terminal"), "{ran:?}");
    }
    assert_eq!(place.addresses(), "");
}

#[test]
fn a_code_and_its_secrets_follow_no_redirect() {
    let place = Place::new();
    let elsewhere = OAuth::start();
    place.oauth.state().moved = Some(elsewhere.url("/token"));
    let (said, code) = place.login(&[]);
    assert!(said.contains("no answer that OAuth knows"), "{said}");
    assert_eq!(code, "1", "{said}");
    assert_eq!(elsewhere.state().exchanges, 0);
}

#[test]
fn flags_of_the_other_way_to_sign_in_are_refused() {
    let place = Place::new();
    let ran = place.run(&["login", "loopback", "--password-stdin"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("has no password"), "{ran:?}");
}
