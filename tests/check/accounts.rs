//! What is said of accounts, address books and folders, good and bad ones side by side.

use std::fs;

use cardweave::demo::server::Server;

use crate::desk::{Desk, Signed, books, held};
use crate::support::mischief::Script;

/// An address where nobody listens: a free port that was found could be somebody's a moment later.
fn nobody() -> String {
    "http://127.0.0.1:1/".to_owned()
}

#[test]
fn where_all_is_well_the_exit_code_is_0_and_everything_is_told() {
    let server = Server::start(books()).expect("loopback is there");
    let desk = Desk::at(&server).folder("laptop");
    let ran = desk.run(&["check"]);
    assert_eq!(ran.code, 0, "{ran:#?}");
    ran.must_say(&[
        "loopback (http://127.0.0.1",
        "signed in as anna by Basic",
        "ms",
    ]);
    ran.must_say(&[
        "People (http://",
        "read-write, used by people/loopback-store",
    ]);
    ran.must_say(&[
        "0 cards, takes vCard 3.0 and 4.0, cards up to 10 MB",
        "sync-collection",
    ]);
    ran.must_say(&["people/laptop", "readable and writable, 0 cards"]);
    ran.must_say(&["Nothing is to be done."]);
    let writes = server.requests();
    let writes = writes
        .iter()
        .filter(|sent| matches!(sent.method.as_str(), "PUT" | "DELETE"));
    assert_eq!(writes.count(), 0, "without --write nothing is written");

    let json = desk.json(&["check"]);
    assert_eq!(json["accounts"][0]["signed_in_by"], "Basic");
    assert_eq!(json["accounts"][0]["encryption"], "this-machine");
    assert_eq!(
        json["accounts"][0]["books"][0]["stores"][0]["store"],
        "loopback-store"
    );
    assert_eq!(json["folders"][0]["is_writable"], true);
    assert_eq!(json["findings"].as_array().map(Vec::len), Some(0));
}

#[test]
fn one_broken_account_never_stops_the_others() {
    let server = Server::start(books()).expect("loopback is there");
    let guarded = Server::start(books()).expect("loopback is there");
    let (url, guarded_url, nobody) = (server.url(), guarded.url(), nobody());
    let good = Signed {
        url: &url,
        ..Signed::default()
    };
    let wrong = Signed {
        name: "wrong",
        url: &guarded_url,
        password: "not-the-password",
        ..Signed::default()
    };
    let silent = Signed {
        name: "silent",
        url: &nobody,
        ..Signed::default()
    };
    let desk = Desk::new()
        .account(&silent)
        .account(&wrong)
        .account(&good)
        .folder("laptop");
    fs::remove_dir(desk.path().join("laptop")).expect("it is empty");
    let ran = desk.run(&["check", "--write"]);
    assert_eq!(ran.code, 5, "{ran:#?}");
    ran.must_say(&["3 things are to be done:"]);
    ran.must_say(&["wrong: Could not sign in", "Check user name and password"]);
    ran.must_say(&[
        "silent: No connection to",
        "Check the address and the network",
    ]);
    ran.must_say(&["people/laptop: The folder", "is not there", "mkdir -p"]);
    ran.must_say(&["silent (http", "not reached"]);
    ran.must_say(&["wrong (http", "not signed in"]);
    ran.must_say(&["loopback (http", "signed in as anna by Basic"]);
    ran.must_say(&["tiers stay on this server: yes"]);
    assert!(!ran.stdout.contains("not-the-password"), "{ran:#?}");
    assert_eq!(held(&server), 0);
    desk.json(&["check", "--write"]);

    // A wrong password is refused once in each run, and not tried again.
    guarded.take_requests();
    desk.run(&["check"]);
    let sent = guarded.take_requests();
    let refused = sent.iter().filter(|exchange| exchange.status == Some(401));
    assert_eq!(refused.count(), 1, "{sent:#?}");
}

#[test]
fn where_nothing_can_be_looked_at_the_exit_code_is_1() {
    let nobody = nobody();
    let signed = Signed {
        url: &nobody,
        ..Signed::default()
    };
    let ran = Desk::new().account(&signed).run(&["check"]);
    assert_eq!(ran.code, 1, "{ran:#?}");
    ran.must_say(&["loopback: No connection to"]);
}

#[test]
fn a_password_that_is_nowhere_is_a_finding_and_nothing_is_sent() {
    let server = Server::start(books()).expect("loopback is there");
    let desk = Desk::at(&server).folder("laptop");
    fs::remove_file(desk.path().join("loopback-password")).expect("it is there");
    let ran = desk.run(&["check"]);
    assert_eq!(ran.code, 5, "{ran:#?}");
    ran.must_say(&[
        "loopback: Account `loopback` has no password",
        "Nothing was sent",
    ]);
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn an_address_book_that_is_not_offered_is_a_finding_that_names_those_that_are() {
    let server = Server::start(books()).expect("loopback is there");
    let url = server.url();
    let signed = Signed {
        url: &url,
        addressbook: "Peeple",
        ..Signed::default()
    };
    let ran = Desk::new().account(&signed).run(&["check"]);
    assert_eq!(ran.code, 5, "{ran:#?}");
    ran.must_say(&[
        "people/loopback-store:",
        "no address book \"Peeple\"",
        "It offers \"People\"",
    ]);
    ran.must_say(&["People (http://", "no store uses it"]);
}

#[test]
fn a_book_that_may_only_be_read_is_a_finding_unless_the_config_says_so_and_is_never_written() {
    let server = Server::start_with(books(), Script::always("readonly")).expect("a port");
    let url = server.url();
    let signed = Signed {
        url: &url,
        ..Signed::default()
    };
    let ran = Desk::new().account(&signed).run(&["check", "--write"]);
    assert_eq!(ran.code, 5, "{ran:#?}");
    ran.must_say(&[
        "people/loopback-store:",
        "only read",
        "access = \"read-only\"",
    ]);
    let told = Signed {
        more: "access = \"read-only\"",
        ..signed
    };
    let ran = Desk::new().account(&told).run(&["check", "--write"]);
    assert_eq!(ran.code, 0, "{ran:#?}");
    ran.must_say(&["People (http://", "read-only"]);
    let sent = server.requests();
    assert!(
        sent.iter().all(|exchange| exchange.method != "PUT"),
        "{sent:#?}"
    );
}

#[test]
fn what_the_config_does_not_let_us_write_is_not_written_to_though_the_server_would() {
    for access in ["read-only", "propose"] {
        let server = Server::start(books()).expect("loopback is there");
        let (url, more) = (server.url(), format!("access = \"{access}\""));
        let signed = Signed {
            url: &url,
            more: &more,
            ..Signed::default()
        };
        let ran = Desk::new().account(&signed).run(&["check", "--write"]);
        assert_eq!(ran.code, 0, "{ran:#?}");
        assert!(!ran.stdout.contains("scratch card"), "{ran:#?}");
        let sent = server.requests();
        assert!(
            sent.iter().all(|exchange| exchange.method != "PUT"),
            "{access}"
        );
    }
}

#[test]
fn only_the_accounts_that_are_named_are_looked_at() {
    let server = Server::start(books()).expect("loopback is there");
    let (url, nobody) = (server.url(), nobody());
    let good = Signed {
        url: &url,
        ..Signed::default()
    };
    let silent = Signed {
        name: "silent",
        url: &nobody,
        ..Signed::default()
    };
    let desk = Desk::new().account(&good).account(&silent).folder("laptop");
    let ran = desk.run(&["check", "loopback"]);
    assert_eq!(ran.code, 0, "{ran:#?}");
    assert!(
        !ran.stdout.contains("silent") && !ran.stdout.contains("laptop"),
        "{ran:#?}"
    );
    let ran = desk.run(&["check", "other"]);
    assert_eq!(ran.code, 2, "{ran:#?}");
    assert!(
        ran.stderr.contains("no account \"other\"") && ran.stderr.contains("\"silent\""),
        "{ran:#?}"
    );
}

#[test]
fn a_link_in_a_folder_is_told_with_what_to_do() {
    let desk = Desk::new().folder("laptop");
    let link = desk.path().join("laptop/ada.vcf");
    std::os::unix::fs::symlink("/nowhere", link).expect("a new link");
    let ran = desk.run(&["check"]);
    assert_eq!(ran.code, 5, "{ran:#?}");
    ran.must_say(&[
        "people/laptop: ada.vcf:",
        "a link",
        "put a plain file there",
    ]);
}
