//! Five people who set themselves up.

use std::fs;

use serde_json::Value;

use crate::desk::{Desk, as_read};
use crate::schema::fits;
use crate::support::real::{self, Kind, Real};

const CARD: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:ada-1\r\nFN:Ada Lovelace\r\nN:Lovelace;Ada;;;\r\nTEL:+49301\r\nEND:VCARD\r\n";

fn server_with_a_card(kind: Kind) -> Real {
    let server = real::start(kind);
    server.put_behind(&server.path("ada.vcf"), CARD.as_bytes());
    server
}

/// Three questions and two answers of Enter, from nothing to a config whose sync works.
fn sets_up(kind: Kind, desk: &Desk) {
    let server = server_with_a_card(kind);
    let mut talk = desk.sit_down(&["init"]);
    talk.hear("e-mail address").say(&server.url);
    talk.hear("Found http://127.0.0.1:");
    talk.hear("User name").say("alice");
    talk.hear("Password of alice").say("wrong");
    talk.hear("could not sign in");
    talk.hear("Password of alice").say("secret");
    if kind == Kind::Cyrus {
        // It made a book of its own too, so there is something to choose: down, mark, on.
        talk.hear("Which address books").hear("Contacts");
        talk.press(" \u{1b}[B \r");
    } else {
        talk.hear("one address book");
    }
    talk.hear("A folder on this machine").say("");
    talk.hear("[[account]]").hear("Write it to").say("y");
    match desk.has_keyring() {
        true => talk.hear("The password is in the keyring"),
        false => talk
            .hear("could not be stored")
            .hear("only you can read")
            .say("y"),
    };
    talk.hear("The config is in")
        .hear("What the first sync would do");
    talk.hear("Ada Lovelace").hear("folder: add the card");
    let (code, seen) = talk.end();
    let read = as_read(&seen);
    eprintln!("--- {kind:?}: the wizard\n{read}");
    assert_eq!(code, 0, "{read}");
    assert!(!read.contains("secret"), "the password was shown");
    assert!(!desk.config().contains("secret"));
    let place = match desk.has_keyring() {
        true => "password = \"keyring\"",
        false => "password = { file = ",
    };
    assert!(desk.config().contains(place), "{}", desk.config());

    let (code, out, err) = desk.run(&["sync"]);
    assert_eq!(code, 0, "{out}{err}");
    let folder = fs::read_dir(desk.home().join("Contacts")).expect("it was made");
    assert_eq!(folder.count(), 1, "{out}");
}

#[test]
fn somebody_with_radicale() {
    sets_up(Kind::Radicale, &Desk::with_keyring());
}

#[test]
fn somebody_with_cyrus() {
    sets_up(Kind::Cyrus, &Desk::new());
}

#[test]
fn somebody_whose_server_wants_digest() {
    sets_up(Kind::SabreDigest, &Desk::with_keyring());
}

#[test]
fn somebody_without_a_terminal_says_it_all_by_flags() {
    let server = server_with_a_card(Kind::Xandikos);
    let desk = Desk::new();
    fs::write(desk.home().join("pw"), "secret\n").unwrap();
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(desk.home().join("pw"), private).unwrap();
    let password = desk.home().join("pw");
    let folder = desk.home().join("cards");
    let words = [
        "init",
        &server.url,
        "--username",
        "alice",
        "--password-file",
        password.to_str().unwrap(),
        "--folder",
        folder.to_str().unwrap(),
    ];
    let (code, out, err) = desk.run(&words);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("Ada Lovelace"), "{out}{err}");
    let before = desk.config();

    // The same store once more is refused, and nothing is written.
    let (code, _, err) = desk.run(&words);
    assert_eq!(code, 2, "{err}");
    assert_eq!(desk.config(), before);

    // Another book joins, and every line of before stays.
    let other = desk.home().join("others");
    let words = [
        &words[..6],
        &[
            "--account",
            "second",
            "--book",
            "others",
            "--folder",
            other.to_str().unwrap(),
        ],
    ];
    let (code, out, err) = desk.run(&[&["--json"], &words.concat()[..]].concat());
    assert_eq!(code, 0, "{err}");
    assert!(desk.config().starts_with(&before), "{}", desk.config());
    let report: Value = serde_json::from_str(&out).expect("one document");
    let schema = serde_json::from_str(&desk.run(&["schema", "init"]).1).expect("a schema");
    assert_eq!(fits(&schema, &report), Ok(()));
    assert_eq!(report["account"], "second");
    assert_eq!(report["first_sync"]["dry_run"], true);
}

#[test]
fn nobody_to_ask_is_told_what_to_say() {
    let desk = Desk::new();
    let (code, out, err) = desk.run(&["init"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("cardweave init ADDRESS"), "{err}");
    assert!(!desk.config_file().exists());
}

#[test]
fn ctrl_c_leaves_nothing_behind() {
    let server = server_with_a_card(Kind::Radicale);
    let desk = Desk::new();
    let mut talk = desk.sit_down(&["init", &server.url]);
    talk.hear("User name").say("alice");
    talk.hear("Password of alice").press("\u{3}");
    let (code, seen) = talk.end();
    assert_eq!(code, 1, "{seen}");
    assert!(as_read(&seen).contains("Nothing was changed"), "{seen}");
    assert_eq!(fs::read_dir(desk.home()).unwrap().count(), 0);
}

#[test]
fn somebody_with_folders_alone_needs_no_account() {
    let desk = Desk::new();
    let (code, out, err) = desk.run(&["init", "~/Contacts"]);
    assert_eq!(code, 0, "{out}{err}");
    let (code, out, err) = desk.run(&["init", "~/Old cards"]);
    assert_eq!(code, 0, "{out}{err}");
    let config = desk.config();
    assert!(
        config.contains("id = \"folder\"") && config.contains("id = \"old-cards\""),
        "{config}"
    );
    let (code, out, err) = desk.run(&["sync"]);
    assert_eq!(code, 0, "{out}{err}");
}
