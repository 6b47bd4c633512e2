//! Into the keyring and out of it, with a real one.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::schema::fits;
use crate::support::account::run;
use crate::support::real::{self, Kind};
use crate::support::session::Session;
use crate::support::stage::Stage;

const PASSWORD: &str = "Zq7-pa$$\"w\\ord-<&>-Xk9";

fn config(stage: &Stage) -> String {
    let path = stage.folder().with_file_name("config.toml");
    fs::read_to_string(path).expect("the config is there")
}

fn rewrite(stage: &Stage, old: &str, new: &str) {
    let path = stage.folder().with_file_name("config.toml");
    let text = config(stage);
    assert!(text.contains(old), "{old} in {text}");
    fs::write(path, text.replacen(old, new, 1)).expect("the config can be written");
}

#[test]
fn a_password_goes_into_the_keyring_serves_a_sync_and_leaves_again() {
    let session = Session::with_keyring();
    let stage = Stage::new(PASSWORD, "\"keyring\"");
    stage.put_in_folder("Bob", "TEL:+493012346");

    let before = run(&stage, Some(&session), &["sync"], "");
    assert_eq!(before.code, Some(5), "{before:?}");
    assert!(
        before.stdout.contains("has no password for anna at"),
        "{before:?}"
    );
    assert!(
        before.stdout.contains("cardweave login loopback"),
        "{before:?}"
    );

    let line = format!("{PASSWORD}\n");
    let login = ["--json", "login", "loopback", "--password-stdin"];
    let stored = run(&stage, Some(&session), &login, &line);
    assert_eq!(stored.code, Some(0), "{stored:?}");
    let report: serde_json::Value = serde_json::from_str(&stored.stdout).expect("JSON");
    assert_eq!(report["stored"], true, "{report}");
    assert_eq!(report["addressbooks"], 1, "{report}");
    assert_eq!(report["config_changed"], false, "{report}");

    let synced = run(&stage, Some(&session), &["sync"], "");
    assert_eq!(synced.code, Some(0), "{synced:?}");
    assert_eq!(stage.in_folder(), stage.at_server());

    let removed = run(&stage, Some(&session), &["logout", "loopback"], "");
    assert_eq!(removed.code, Some(0), "{removed:?}");
    assert!(
        removed.stdout.contains("no longer in the keyring"),
        "{removed:?}"
    );
    let again = run(&stage, Some(&session), &["logout", "loopback"], "");
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(again.stdout.contains("nothing was removed"), "{again:?}");
    let after = run(&stage, Some(&session), &["sync"], "");
    assert_eq!(after.code, Some(5), "{after:?}");
}

#[test]
fn what_login_and_logout_print_as_json_fits_the_printed_schema() {
    let session = Session::with_keyring();
    let stage = Stage::new(PASSWORD, "\"keyring\"");
    let elsewhere = Stage::new(PASSWORD, "{ file = \"password\" }");
    let login = ["--json", "login", "loopback", "--password-stdin"];
    let logout = ["--json", "logout", "loopback"];
    for (stage, words) in [
        (&stage, &login[..]),
        (&stage, &logout),
        (&elsewhere, &login),
        (&elsewhere, &logout),
    ] {
        let printed = run(stage, None, &["schema", words[1]], "");
        let document = serde_json::from_str(&printed.stdout).expect("a schema is JSON");
        let ran = run(stage, Some(&session), words, PASSWORD);
        let report = serde_json::from_str(&ran.stdout).expect("a document");
        assert_eq!(fits(&document, &report), Ok(()), "{ran:?}");
    }
}

#[test]
fn a_password_lasts_as_long_as_its_keyring_does() {
    let mut session = Session::with_keyring();
    let stage = Stage::new(PASSWORD, "\"keyring\"");
    let login = ["login", "loopback", "--password-stdin"];
    assert_eq!(run(&stage, Some(&session), &login, PASSWORD).code, Some(0));
    session.stop_keyring();
    session.start_keyring();
    let synced = run(&stage, Some(&session), &["sync"], "");
    assert_eq!(synced.code, Some(0), "{synced:?}");
}

#[test]
fn another_address_in_the_config_gets_no_password() {
    let session = Session::with_keyring();
    let stage = Stage::new(PASSWORD, "\"keyring\"");
    let login = ["login", "loopback", "--password-stdin"];
    assert_eq!(run(&stage, Some(&session), &login, PASSWORD).code, Some(0));
    let other = Stage::new(PASSWORD, "\"keyring\"");
    rewrite(&stage, &stage.server.url(), &other.server.url());
    let synced = run(&stage, Some(&session), &["sync"], "");
    assert_eq!(synced.code, Some(5), "{synced:?}");
    assert!(synced.stdout.contains("has no password"), "{synced:?}");
    assert_eq!(other.server.requests().len(), 0);
}

#[test]
fn a_wrong_password_is_not_stored_and_the_old_one_stays() {
    let session = Session::with_keyring();
    let stage = Stage::new(PASSWORD, "\"keyring\"");
    let login = ["login", "loopback", "--password-stdin"];
    let wrong = run(&stage, Some(&session), &login, "wrong\n");
    assert_eq!(wrong.code, Some(1), "{wrong:?}");
    assert!(wrong.stderr.contains("Nothing was stored"), "{wrong:?}");
    let none = run(&stage, Some(&session), &["sync"], "");
    assert!(none.stdout.contains("has no password"), "{none:?}");

    assert_eq!(run(&stage, Some(&session), &login, PASSWORD).code, Some(0));
    assert_eq!(run(&stage, Some(&session), &login, "wrong\n").code, Some(1));
    assert_eq!(run(&stage, Some(&session), &["sync"], "").code, Some(0));
}

#[test]
fn a_server_that_cannot_be_reached_leaves_the_keyring_as_it_is() {
    let session = Session::with_keyring();
    let stage = Stage::new(PASSWORD, "\"keyring\"");
    rewrite(&stage, &stage.server.url(), "http://127.0.0.1:1/");
    let login = ["login", "loopback", "--password-stdin"];
    let said = run(&stage, Some(&session), &login, PASSWORD);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.stderr.contains("No connection"), "{said:?}");
    assert!(said.stderr.contains("Nothing was stored"), "{said:?}");
    let logout = run(&stage, Some(&session), &["logout", "loopback"], "");
    assert!(logout.stdout.contains("nothing was removed"), "{logout:?}");
}

#[test]
fn a_password_in_the_config_is_refused_and_login_moves_it() {
    let session = Session::with_keyring();
    let stage = Stage::new("hunter2-Zq7", "\"hunter2-Zq7\" # from the old phone");
    let path = stage.folder().with_file_name("config.toml");
    let second = "[[account]]\nname = \"other\"\naddress = \"dav.example.org\"\n\
                  username = \"ben\"\npassword = \"also-plain\"\n\n[[book]]";
    rewrite(&stage, "[[book]]", second);
    let refused = run(&stage, Some(&session), &["sync"], "");
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(
        refused.stderr.contains("cardweave login loopback"),
        "{refused:?}"
    );
    assert!(
        refused.stderr.contains("cardweave login other"),
        "{refused:?}"
    );
    assert!(!refused.stderr.contains("hunter2"), "{refused:?}");
    assert_eq!(stage.server.requests().len(), 0);

    let before = config(&stage);
    let moved = run(&stage, Some(&session), &["login", "loopback"], "");
    assert_eq!(moved.code, Some(0), "{moved:?}");
    assert!(moved.stdout.contains("The config was changed"), "{moved:?}");
    assert_eq!(
        config(&stage),
        before.replace("\"hunter2-Zq7\"", "\"keyring\"")
    );
    let mode = fs::metadata(&path)
        .expect("it is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);

    rewrite(&stage, "\"also-plain\"", "{ env = \"OTHER\" }");
    let synced = run(&stage, Some(&session), &["sync"], "");
    assert_eq!(synced.code, Some(0), "{synced:?}");
}

#[test]
fn a_wrong_password_in_the_config_stays_there() {
    let session = Session::with_keyring();
    let stage = Stage::new(PASSWORD, "\"hunter2-Zq7\"");
    let before = config(&stage);
    let refused = run(&stage, Some(&session), &["login", "loopback"], "");
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(!refused.stderr.contains("hunter2"), "{refused:?}");
    assert_eq!(config(&stage), before);
}

#[test]
fn a_host_named_at_login_is_trusted_in_the_config_once_the_password_is_right() {
    let session = Session::with_keyring();
    let stage = Stage::new(PASSWORD, "\"keyring\"");
    let before = config(&stage);
    let login = [
        "login",
        "loopback",
        "--password-stdin",
        "--trust",
        "p42.example.net",
    ];
    assert_eq!(run(&stage, Some(&session), &login, "wrong").code, Some(1));
    assert_eq!(config(&stage), before);
    let stored = run(&stage, Some(&session), &login, PASSWORD);
    assert_eq!(stored.code, Some(0), "{stored:?}");
    let line = "trusted-hosts = [\"p42.example.net\"]\n";
    assert_eq!(config(&stage).replacen(line, "", 1), before);
    assert!(config(&stage).contains(line));
    let odd = ["login", "loopback", "--password-stdin", "--trust", "a/b"];
    assert_eq!(run(&stage, Some(&session), &odd, PASSWORD).code, Some(2));
}

#[test]
fn an_account_with_another_source_needs_no_keyring() {
    let stage = Stage::new(PASSWORD, "{ env = \"PW\" }");
    for command in ["login", "logout"] {
        let said = run(&stage, None, &[command, "loopback"], "");
        assert_eq!(said.code, Some(0), "{said:?}");
        assert!(said.stdout.contains("environment variable PW"), "{said:?}");
    }
    let unknown = run(&stage, None, &["login", "lopback"], "");
    assert_eq!(unknown.code, Some(2), "{unknown:?}");
    assert!(unknown.stderr.contains("it has loopback"), "{unknown:?}");
}

#[test]
fn without_a_terminal_login_says_how_to_send_the_password() {
    let session = Session::with_keyring();
    let stage = Stage::new(PASSWORD, "\"keyring\"");
    let said = run(&stage, Some(&session), &["login", "loopback"], "");
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(
        said.stderr.contains("login loopback --password-stdin"),
        "{said:?}"
    );
}

#[test]
fn a_real_server_takes_the_password_from_the_keyring() {
    let session = Session::with_keyring();
    let server = real::start(Kind::Radicale);
    let stage = Stage::new(PASSWORD, "\"keyring\"");
    rewrite(&stage, &stage.server.url(), &server.url);
    rewrite(
        &stage,
        "username = \"anna\"",
        &format!("username = \"{}\"", server.username),
    );
    rewrite(&stage, "\"People\"", &format!("\"{}\"", server.book_url));
    stage.put_in_folder("Bob", "TEL:+493012346");
    let login = ["login", "loopback", "--password-stdin"];
    let stored = run(&stage, Some(&session), &login, server.password);
    assert_eq!(stored.code, Some(0), "{stored:?}");
    let synced = run(&stage, Some(&session), &["sync"], "");
    assert_eq!(synced.code, Some(0), "{synced:?}");
    assert_eq!(stage.server.requests().len(), 0);
}
