//! Books that may only be read, passwords that are wrong, certificates that nobody knows.

use crate::people::{self, Version, name};
use crate::place::{Place, Settings, unfolded};
use crate::stage::{Machine, WRONG};
use crate::support::real::{Kind, READER};

#[test]
fn a_book_that_may_only_be_read_gives_and_is_never_written() {
    let folder = Place::folder("folder");
    let radicale = Place::real("radicale", Kind::Radicale);
    for n in 0..8 {
        let place = if n < 5 { &radicale } else { &folder };
        place.put(
            &format!("card-{n}"),
            &people::card(n, Version::V3, &format!("u-{n}"), &[]),
        );
    }
    let settings = Settings {
        username: READER,
        ..radicale.config()
    };
    let machine = Machine::of(&[settings, folder.config()]);
    let puts = || radicale.server().log().matches("PUT request").count();
    let before = puts();
    assert!(before > 0, "the log names requests");
    machine.sync().told("read-only").in_step();
    assert_eq!((radicale.cards().len(), folder.cards().len()), (5, 8));

    // An edit there arrives here; one here stays here.
    radicale.edit(&name(1), |text| {
        text.replace("END:VCARD", "TITLE:There\nEND:VCARD")
    });
    folder.edit(&name(2), |text| {
        text.replace("END:VCARD", "TITLE:Here\nEND:VCARD")
    });
    machine.sync().told("read-only, after edits").in_step();
    assert!(unfolded(&folder.card(&name(1))).contains("TITLE:There"));
    assert!(unfolded(&folder.card(&name(2))).contains("TITLE:Here"));
    assert!(!unfolded(&radicale.card(&name(2))).contains("TITLE:Here"));
    machine
        .sync()
        .told("read-only, at rest")
        .at_rest(&[&radicale, &folder]);
    assert_eq!(
        puts(),
        before + 1,
        "the one is the edit of the other device"
    );
}

#[test]
fn a_wrong_password_is_sent_once_and_stops_nobody_else() {
    let folder = Place::folder("folder");
    let radicale = Place::real("radicale", Kind::Radicale);
    let xandikos = Place::real("xandikos", Kind::Xandikos);
    let loopback = Place::loopback("loopback");
    for n in 0..9 {
        let place = [&folder, &radicale, &xandikos][n % 3];
        place.put(
            &format!("card-{n}"),
            &people::card(n, Version::V3, &format!("u-{n}"), &[]),
        );
    }
    let wrong = |place: &Place| Settings {
        password: Some(WRONG),
        ..place.config()
    };
    let right = [folder.config(), xandikos.config()];

    // A real server, by its own log.
    let machine = Machine::of(&[&right[..], &[wrong(&radicale)]].concat());
    let run = machine.sync().told("a wrong password at Radicale");
    assert_eq!(run.exit, 5, "{run:#?}");
    assert!(!run.stderr.contains("not-the-password"), "{}", run.stderr);
    assert!(
        !run.book.to_string().contains("not-the-password"),
        "{run:#?}"
    );
    let failed = radicale
        .server()
        .log()
        .matches("Failed login attempt")
        .count();
    assert_eq!(failed, 1, "{}", radicale.server().log());
    assert_eq!((folder.cards().len(), xandikos.cards().len()), (6, 6));
    assert_eq!(radicale.cards().len(), 3);

    // And one that writes down every request.
    let second = Machine::of(&[&right[..], &[wrong(&loopback)]].concat());
    let run = second.sync();
    assert_eq!(run.exit, 5, "{run:#?}");
    let sent = loopback.loopback_server().requests();
    let with_password = sent.iter().filter(|exchange| {
        let mut names = exchange.headers.iter().map(|(name, _)| name);
        names.any(|name| name.eq_ignore_ascii_case("authorization"))
    });
    assert_eq!(with_password.count(), 1, "{sent:#?}");

    // The right one, and all is made good.
    machine.configure(&[&right[..], &[radicale.config()]].concat());
    machine.sync().told("with the right password").in_step();
    for place in [&folder, &xandikos, &radicale] {
        assert_eq!(place.cards().len(), 9, "{}", place.id);
    }
}

#[test]
fn an_authority_and_a_certificate_of_ones_own_have_to_be_named() {
    let folder = Place::folder("folder");
    let radicale = Place::real("radicale", Kind::RadicaleTls);
    for n in 0..3 {
        folder.put(
            &format!("card-{n}"),
            &people::card(n, Version::V4, &format!("u-{n}"), &[]),
        );
    }
    let unnamed = radicale.config();
    let named = Settings {
        ca_file: Some(radicale.server().ca_file()),
        ..radicale.config()
    };
    let machine = Machine::of(&[folder.config(), unnamed]);
    let run = machine.sync();
    assert_eq!(run.exit, 5, "{run:#?}");
    let error = run.book["stores"]["radicale"]["error"].to_string();
    assert!(
        error.contains("certificate") && error.contains("ca-file"),
        "{error}"
    );
    eprintln!("refused: {error}");
    assert_eq!(radicale.cards().len(), 0);

    machine.configure(&[folder.config(), named.clone()]);
    let run = machine.sync();
    assert_eq!(
        run.exit, 5,
        "the server wants to see a certificate: {run:#?}"
    );
    let error = run.book["stores"]["radicale"]["error"].to_string();
    assert!(error.contains("client-certificate"), "{error}");
    eprintln!("refused: {error}");
    assert_eq!(radicale.cards().len(), 0);

    let both = Settings {
        client_certificate: Some(radicale.server().client_certificate()),
        ..named
    };
    machine.configure(&[folder.config(), both]);
    machine.sync().told("with both certificates").in_step();
    assert_eq!(radicale.cards().len(), 3);
    machine.sync().told("again").at_rest(&[&folder, &radicale]);
}
