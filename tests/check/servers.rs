//! What every real server makes of the scratch card, and that none is left there.

use crate::desk::{Desk, Ran, Signed};
use crate::support::real::{self, Kind, READER, Real};

/// How many cards the server has, asked without any help of ours.
fn held(server: &Real) -> usize {
    let listing = server
        .client()
        .propfind(&server.path(""), "1", "<D:getetag/>");
    let text = listing.expect("the server answers").text();
    text.matches(".vcf<").count()
}

fn signed<'a>(server: &'a Real) -> Signed<'a> {
    let is_digest = server.kind == Kind::SabreDigest;
    Signed {
        name: "real",
        url: &server.url,
        username: server.username,
        password: server.password,
        auth: if is_digest { "digest" } else { "any" },
        addressbook: &server.book_url,
        ..Signed::default()
    }
}

/// Runs the whole check, shows it, and sees that nothing is left.
fn checked(kind: Kind) -> Ran {
    let server = real::start(kind);
    let card = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:ada\r\nFN:Ada\r\nN:;Ada;;;\r\nEND:VCARD\r\n";
    server.put_behind(&server.path("ada.vcf"), card.as_bytes());
    let desk = Desk::new().account(&signed(&server));
    let ran = desk.run(&["check", "--write"]);
    eprintln!(
        "==== check --write: {kind:?} (exit {})\n{}{}",
        ran.code, ran.stdout, ran.stderr
    );
    assert_eq!(held(&server), 1, "the card of before, and none of ours");
    assert_eq!(ran.code, 0, "{ran:#?}");
    ran.must_say(&["a listing shows none"]);
    ran.must_say(&["signed in as alice", "on this machine"]);
    ran.must_say(&["read-write, used by people/real-store"]);
    ran.must_say(&["1 card,"]);
    ran.must_say(&["tiers stay on this server: yes"]);
    ran
}

#[test]
fn radicale_keeps_tiers_and_notes_and_says_what_it_keeps() {
    let ran = checked(Kind::Radicale);
    ran.must_say(&["by Basic"]);
    ran.must_say(&["sync-collection"]);
    ran.must_say(&[
        "kept",
        "notes",
        "photos",
        "phone numbers",
        "birthdays without year",
    ]);
    assert!(!ran.stdout.contains("dropped"), "{ran:#?}");
}

#[test]
fn xandikos_keeps_everything() {
    let ran = checked(Kind::Xandikos);
    ran.must_say(&["kept, all of it"]);
    assert_eq!(
        ran.stdout.matches("put there as vCard").count(),
        1,
        "it offers 3.0 alone"
    );
}

#[test]
fn cyrus_keeps_everything_that_it_is_given() {
    let ran = checked(Kind::Cyrus);
    ran.must_say(&["It takes vCard 4.0 but keeps 3.0"]);
    assert!(!ran.stdout.contains("put there as vCard 4.0"), "{ran:#?}");
    ran.must_say(&["kept", "notes", "photos"]);
}

#[test]
fn sabre_keeps_everything_and_cannot_tell_single_changes() {
    let ran = checked(Kind::Sabre);
    ran.must_say(&["ctag"]);
    ran.must_say(&["kept, all of it"]);
}

#[test]
fn sabre_is_signed_in_to_by_digest() {
    checked(Kind::SabreDigest).must_say(&["signed in as alice by Digest"]);
}

#[test]
fn tls_and_an_authority_that_nobody_knows_are_told_apart() {
    let server = real::start(Kind::RadicaleTls);
    let unknown = Desk::new().account(&signed(&server));
    let ran = unknown.run(&["check", "--write"]);
    assert_eq!(ran.code, 1, "{ran:#?}");
    ran.must_say(&[
        "real: The certificate of",
        "cannot be verified",
        "`ca-file`",
    ]);
    let files = format!(
        "ca-file = \"{}\"\nclient-certificate = \"{}\"",
        server.ca_file().display(),
        server.client_certificate().display()
    );
    let known = Desk::new().account(&Signed {
        account_more: &files,
        ..signed(&server)
    });
    let ran = known.run(&["check", "--write"]);
    eprintln!(
        "==== check --write: Radicale over TLS (exit {})\n{}",
        ran.code, ran.stdout
    );
    assert_eq!(ran.code, 0, "{ran:#?}");
    ran.must_say(&["signed in as alice by Basic, encrypted (TLS)"]);
    ran.must_say(&["a listing shows none"]);
}

#[test]
fn a_reader_of_radicale_is_told_to_say_so_in_the_config_and_writes_nothing() {
    let server = real::start(Kind::Radicale);
    let reader = Signed {
        username: READER,
        ..signed(&server)
    };
    let ran = Desk::new().account(&reader).run(&["check", "--write"]);
    eprintln!(
        "==== check --write: a reader of Radicale (exit {})\n{}",
        ran.code, ran.stdout
    );
    assert_eq!(ran.code, 5, "{ran:#?}");
    ran.must_say(&["only read", "access = \"read-only\""]);
    assert_eq!(server.log().matches("PUT request").count(), 0);
}
