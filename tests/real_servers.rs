//! The real servers start by themselves, take a card, list it, and leave nothing behind.

mod support;

use support::client::Client;
use support::real::{self, Kind};

const CARD: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:ada-1\r\nFN:Ada Lovelace\r\nN:Lovelace;Ada;;;\r\nEND:VCARD\r\n";

fn keeps_a_card(kind: Kind) {
    let server = real::start(kind);
    let client = server.client();
    let path = server.path("");
    let made = client
        .put(
            &format!("{path}ada.vcf"),
            ("If-None-Match", "*"),
            CARD.as_bytes(),
        )
        .unwrap();
    assert_eq!(made.status, 201, "{}", made.text());
    let again = client
        .put(
            &format!("{path}ada.vcf"),
            ("If-None-Match", "*"),
            CARD.as_bytes(),
        )
        .unwrap();
    assert_eq!(again.status, 412);
    let listing = client.propfind(&path, "1", "<D:getetag/>").unwrap();
    assert!(
        listing.status == 207 && listing.text().contains("ada.vcf"),
        "{}",
        listing.text()
    );
    let cards = client
        .multiget(&path, &[&format!("{path}ada.vcf")])
        .unwrap()
        .text();
    assert!(cards.contains("FN:Ada Lovelace"), "{cards}");
    let synced = client.sync_collection(&path, "").unwrap().status;
    assert_eq!(synced, if kind == Kind::Sabre { 403 } else { 207 });
    let href = format!("{path}ada.vcf");
    server.put_behind(&href, CARD.replace("Ada Lovelace", "Ada King").as_bytes());
    let cards = client.multiget(&path, &[&href]).unwrap().text();
    assert!(cards.contains("FN:Ada King"), "{cards}");
    server.delete_behind(&href);
    let listing = client.propfind(&path, "1", "<D:getetag/>").unwrap().text();
    assert!(!listing.contains("ada.vcf"), "{listing}");
    let url = server.url.clone();
    drop(server);
    assert!(
        Client::new(&url, "alice", "secret")
            .send("GET", "/", &[], b"")
            .is_err(),
        "{kind:?} still answers"
    );
}

#[test]
fn radicale_keeps_a_card() {
    keeps_a_card(Kind::Radicale);
}

#[test]
fn xandikos_keeps_a_card() {
    keeps_a_card(Kind::Xandikos);
}

#[test]
fn cyrus_keeps_a_card() {
    keeps_a_card(Kind::Cyrus);
}

#[test]
fn sabre_keeps_a_card() {
    keeps_a_card(Kind::Sabre);
}

#[test]
fn sabre_with_digest_asks_for_digest() {
    let server = real::start(Kind::SabreDigest);
    let client = Client::new(&server.url, server.username, server.password);
    let reply = client.propfind("/", "0", "<D:resourcetype/>").unwrap();
    assert_eq!(reply.status, 401);
    assert!(
        reply
            .header("WWW-Authenticate")
            .unwrap()
            .starts_with("Digest "),
        "{reply:?}"
    );
    let reply = server.client().propfind("/", "0", "<D:resourcetype/>");
    assert_eq!(reply.unwrap().status, 207, "the answer is right");
}
