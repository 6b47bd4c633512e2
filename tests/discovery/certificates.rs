//! Certificates that nobody vouches for: seen, compared, pinned; and files that hold none.

use cardweave::store::StoreErrorKind;
use cardweave::store::carddav::{Account, DiscoveryError};

use super::place::{account, discover, server, with_password};
use super::support::real::{Kind, start};
use super::tls::{Certificates, Front};

fn at(front: &Front) -> Account {
    account(&format!("https://localhost:{}/", front.port), None)
}

/// What is said of the certificate that a server shows.
fn refused(account: &Account) -> (String, Option<String>, String) {
    match discover(account, None) {
        Err(DiscoveryError::Certificate(unknown)) => {
            let fingerprint = unknown.fingerprint.map(|shown| shown.to_string());
            (unknown.host.clone(), fingerprint, unknown.to_string())
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_unknown_certificate_is_shown_by_its_fingerprint_and_works_when_it_is_pinned() {
    let certificates = Certificates::get();
    let server = server();
    let front = Front::before(&server);
    let (host, fingerprint, text) = refused(&at(&front));
    assert_eq!(host, format!("localhost:{}", front.port));
    assert_eq!(fingerprint, Some(certificates.fingerprint()));
    assert!(text.contains("UnknownIssuer"), "{text}");
    assert_eq!((server.requests(), front.requests()), (vec![], 0));

    let pinned = Account {
        pinned_certificate: Some(certificates.fingerprint().parse().unwrap()),
        ..at(&front)
    };
    assert_eq!(discover(&pinned, None).unwrap().books.len(), 1);
    // The address need not be one of the names in it.
    let other_name = format!("https://127.0.0.1:{}/", front.port);
    let pinned = Account {
        address: other_name.parse().unwrap(),
        ..pinned
    };
    assert_eq!(discover(&pinned, None).unwrap().books.len(), 1);
    let named = Account {
        ca_file: Some(certificates.file("ca.pem")),
        ..at(&front)
    };
    assert_eq!(discover(&named, None).unwrap().books.len(), 1);
}

#[test]
fn another_certificate_than_the_pinned_one_gets_nothing_whoever_vouches_for_it() {
    let certificates = Certificates::get();
    let server = server();
    let front = Front::before(&server);
    let mut digits = certificates.fingerprint();
    let last = if digits.ends_with('0') { "1" } else { "0" };
    digits.replace_range(digits.len() - 1.., last);
    let account = Account {
        ca_file: Some(certificates.file("ca.pem")),
        pinned_certificate: Some(digits.parse().unwrap()),
        ..at(&front)
    };
    let (_, fingerprint, text) = refused(&account);
    assert_eq!(fingerprint, Some(certificates.fingerprint()));
    assert!(text.contains("pinned for the account"), "{text}");
    assert_eq!((server.requests(), front.requests()), (vec![], 0));
}

#[test]
fn the_pinned_certificate_without_its_key_is_no_proof() {
    let server = server();
    let front = Front::at(0, &server, "other.pem");
    let account = Account {
        pinned_certificate: Some(Certificates::get().fingerprint().parse().unwrap()),
        ..at(&front)
    };
    let error = discover(&account, None).unwrap_err();
    assert!(!error.to_string().is_empty());
    assert_eq!((server.requests(), front.requests()), (vec![], 0));
}

#[test]
fn a_pinned_certificate_and_one_of_our_own_go_together() {
    let radicale = start(Kind::RadicaleTls);
    let base = Account {
        username: radicale.username.into(),
        password: radicale.password.into(),
        client_certificate: Some(radicale.client_certificate()),
        ..account(&radicale.url, None)
    };
    let (_, fingerprint, _) = refused(&base);
    let pinned = fingerprint.expect("it was shown").parse().ok();
    let account = Account {
        pinned_certificate: pinned,
        ..base
    };
    let found = discover(&account, None).unwrap();
    assert_eq!(found.books[0].url, radicale.book_url);
    let without = Account {
        client_certificate: None,
        ..account
    };
    let error = discover(&without, None).unwrap_err().to_string();
    assert!(error.contains("`client-certificate`"), "{error}");
}

#[test]
fn a_file_without_a_certificate_is_an_error_before_anything_is_sent() {
    let server = server();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file.pem");
    let certificates = Certificates::get();
    let read = |name| std::fs::read_to_string(certificates.file(name)).unwrap();
    let rubbish = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let (certificate, key) = (read("cert.pem"), read("key.pem"));
    let foreign = certificate.clone() + &read("other.pem");
    for (is_ca, text) in [
        (true, "no certificate at all"),
        (true, ""),
        (true, rubbish),
        (true, &key),
        (false, "nothing"),
        (false, &certificate),
        (false, &key),
        (false, &foreign),
    ] {
        for pinned in [None, Some(certificates.fingerprint().parse().unwrap())] {
            std::fs::write(&file, text).unwrap();
            let mut account = account(&server.url(), None);
            account.pinned_certificate = pinned;
            let slot = match is_ca {
                true => &mut account.ca_file,
                false => &mut account.client_certificate,
            };
            *slot = Some(file.clone());
            let error = match discover(&account, None) {
                Err(DiscoveryError::Store(error)) => error,
                other => panic!("{is_ca} {text}: {other:?}"),
            };
            assert_eq!(error.kind, StoreErrorKind::Unreachable, "{error}");
            assert!(error.to_string().contains("certificate"), "{error}");
        }
    }
    let mut account = account(&server.url(), None);
    account.ca_file = Some(folder.path().join("not-there.pem"));
    let error = discover(&account, None).unwrap_err().to_string();
    assert!(error.contains("not-there.pem"), "{error}");
    assert!(with_password(&server.requests()).is_empty());
}
