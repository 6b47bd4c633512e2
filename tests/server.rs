//! The demo's CardDAV server answers as the RFCs say, over a real connection.

mod support;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use cardweave::demo::server::{Account, Answer, Books, Mischief, Request, Server};
use support::client::Client;

const BOOK: &str = "/books/people/";

fn start() -> (Server, Client) {
    let server = Server::start(
        Books::new(Account::new("anna", "secret")).with_book("people", "Péople & <co>"),
    )
    .unwrap();
    let client = Client::new(&server.url(), "anna", "secret");
    (server, client)
}

fn card(uid: &str) -> Vec<u8> {
    format!("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:É <{uid}> & co\r\nN:{uid};;;;\r\nEND:VCARD\r\n").into_bytes()
}

fn token(text: &str) -> String {
    let start = text.find("<D:sync-token>").unwrap() + "<D:sync-token>".len();
    text[start..].split('<').next().unwrap().to_owned()
}

#[test]
fn a_client_finds_the_book_from_the_well_known_address() {
    let (server, client) = start();
    let redirect = client
        .send("PROPFIND", "/.well-known/carddav", &[("Depth", "0")], b"")
        .unwrap();
    assert_eq!(
        (redirect.status, redirect.header("Location")),
        (301, Some("/"))
    );
    let root = client
        .propfind("/", "0", "<D:current-user-principal/>")
        .unwrap()
        .text();
    assert!(root.contains("<D:href>/principal/</D:href>"), "{root}");
    let principal = client
        .propfind("/principal/", "0", "<C:addressbook-home-set/>")
        .unwrap()
        .text();
    assert!(
        principal.contains("<D:href>/books/</D:href>"),
        "{principal}"
    );
    let home = client
        .propfind(
            "/books/",
            "1",
            "<D:resourcetype/><D:displayname/><D:nothing/>",
        )
        .unwrap()
        .text();
    assert!(
        home.contains("<C:addressbook/>") && home.contains("Péople &amp; &lt;co&gt;"),
        "{home}"
    );
    assert!(
        home.contains("<D:nothing></D:nothing></D:prop><D:status>HTTP/1.1 404 Not Found"),
        "{home}"
    );
    assert_eq!(
        server.book_url("people"),
        format!("{}books/people/", server.url())
    );
}

#[test]
fn nobody_gets_in_with_a_wrong_password_and_none_is_logged() {
    let (server, mut client) = start();
    client.password = "wrong".into();
    let reply = client.propfind(BOOK, "1", "<D:getetag/>").unwrap();
    assert_eq!(reply.status, 401);
    assert!(
        reply
            .header("WWW-Authenticate")
            .unwrap()
            .starts_with("Basic realm=")
    );
    let logged = server.requests();
    assert_eq!(
        (logged[0].header("authorization"), logged[0].status),
        (Some("(hidden)"), Some(401))
    );
}

#[test]
fn a_write_happens_under_its_precondition_or_not_at_all() {
    let (server, client) = start();
    let path = "/books/people/a.vcf";
    let made = client
        .put(path, ("If-None-Match", "*"), &card("a"))
        .unwrap();
    let etag = made.header("ETag").unwrap().to_owned();
    assert_eq!(made.status, 201);
    assert_eq!(
        client
            .put(path, ("If-None-Match", "*"), &card("a2"))
            .unwrap()
            .status,
        412
    );
    assert_eq!(
        client
            .put(path, ("If-Match", "\"stale\""), &card("a2"))
            .unwrap()
            .status,
        412
    );
    assert_eq!(
        client
            .put(path, ("If-Match", &etag), &card("a2"))
            .unwrap()
            .status,
        204
    );
    assert_eq!(
        client
            .send("DELETE", path, &[("If-Match", &etag)], b"")
            .unwrap()
            .status,
        412
    );
    let got = client.send("GET", path, &[], b"").unwrap();
    assert_eq!(got.body, card("a2"));
    let head = client.send_raw("HEAD", path, &[], b"", usize::MAX).unwrap();
    let head = String::from_utf8(head).unwrap();
    let length = format!("Content-Length: {}\r\n", card("a2").len());
    assert!(
        head.contains(&length) && head.ends_with("\r\n\r\n"),
        "{head}"
    );
    let now = got.header("ETag").unwrap().to_owned();
    assert_eq!(
        client
            .send("GET", path, &[("If-None-Match", &now)], b"")
            .unwrap()
            .status,
        304
    );
    assert_eq!(
        client
            .send("DELETE", path, &[("If-Match", &now)], b"")
            .unwrap()
            .status,
        204
    );
    assert_eq!(client.send("DELETE", path, &[], b"").unwrap().status, 404);
    assert_eq!(
        server.versions(path),
        [Some(card("a")), Some(card("a2")), None]
    );
}

#[test]
fn what_is_no_card_or_has_a_uid_of_another_is_refused() {
    let (_server, client) = start();
    let put = |name: &str, body: &[u8]| {
        let reply = client
            .put(
                &format!("/books/people/{name}.vcf"),
                ("If-None-Match", "*"),
                body,
            )
            .unwrap();
        (reply.status, reply.text())
    };
    assert_eq!(put("a", &card("a")).0, 201);
    let (status, text) = put("b", &card("a"));
    assert!(
        status == 409 && text.contains("<C:no-uid-conflict><D:href>/books/people/a.vcf"),
        "{text}"
    );
    for (body, condition) in [
        ("<html>", "valid-address-data"),
        ("", "valid-address-data"),
        (
            "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:x\r\n",
            "valid-address-data",
        ),
        (
            "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:no uid\r\nEND:VCARD\r\n",
            "valid-address-data",
        ),
        (
            "BEGIN:VCARD\r\nVERSION:2.1\r\nUID:x\r\nEND:VCARD\r\n",
            "supported-address-data",
        ),
        (
            "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:x\r\nFN:\u{1}\r\nEND:VCARD\r\n",
            "valid-address-data",
        ),
    ] {
        let (status, text) = put("c", body.as_bytes());
        assert!(
            status == 403 && text.contains(condition),
            "{body:?}: {status} {text}"
        );
    }
    assert_eq!(
        client
            .put("/books/nowhere/a.vcf", ("If-None-Match", "*"), &card("a"))
            .unwrap()
            .status,
        409
    );
}

#[test]
fn a_sync_tells_what_moved_and_pages_lose_nothing() {
    let (server, client) = start();
    let first = token(&client.sync_collection(BOOK, "").unwrap().text());
    for name in ["a", "b", "c"] {
        server.put_behind(&format!("{BOOK}{name}.vcf"), &card(name));
    }
    server.delete_behind("/books/people/b.vcf");
    let text = client.sync_collection(BOOK, &first).unwrap().text();
    assert_eq!(text.matches("<D:getetag>").count(), 2, "{text}");
    assert!(
        text.contains("<D:href>/books/people/b.vcf</D:href><D:status>HTTP/1.1 404"),
        "{text}"
    );
    assert!(
        !client
            .sync_collection(BOOK, &token(&text))
            .unwrap()
            .text()
            .contains("<D:response>")
    );
    assert!(
        !client
            .sync_collection(BOOK, "")
            .unwrap()
            .text()
            .contains("b.vcf")
    );

    let mut at = first;
    let mut seen: Vec<&str> = Vec::new();
    for _ in 0..3 {
        let body = format!(
            "<sync-collection xmlns='DAV:'><sync-token>{at}</sync-token><sync-level>1</sync-level>\
             <limit><nresults>1</nresults></limit><prop><getetag/></prop></sync-collection>"
        );
        let text = client
            .send("REPORT", BOOK, &[], body.as_bytes())
            .unwrap()
            .text();
        seen.extend(
            ["a", "b", "c"]
                .into_iter()
                .filter(|name| text.contains(&format!("/{name}.vcf"))),
        );
        assert_eq!(text.contains("HTTP/1.1 507"), seen.len() < 3, "{text}");
        at = token(&text);
    }
    seen.sort_unstable();
    assert_eq!(seen, ["a", "b", "c"]);

    for wrong in [
        "urn:x-cardweave:sync:1:99",
        "urn:x-cardweave:sync:9:0",
        "nonsense",
    ] {
        let reply = client.sync_collection(BOOK, wrong).unwrap();
        assert!(
            reply.status == 403 && reply.text().contains("<D:valid-sync-token/>"),
            "{wrong}"
        );
    }
}

#[test]
fn a_multiget_answers_each_href_once_and_to_the_byte() {
    let (server, client) = start();
    server.put_behind("/books/people/a%20%C3%A4.vcf", &card("a"));
    let text = client
        .multiget(
            BOOK,
            &["/books/people/a%20%c3%a4.vcf", "/books/people/no.vcf"],
        )
        .unwrap()
        .text();
    assert_eq!(text.matches("<D:response>").count(), 2);
    assert!(text.contains("FN:É &lt;a&gt; &amp; co&#13;\n"), "{text}");
    assert!(
        text.contains("no.vcf</D:href><D:status>HTTP/1.1 404 Not Found"),
        "{text}"
    );
}

#[test]
fn a_query_finds_by_uid_and_refuses_what_it_does_not_understand() {
    let (server, client) = start();
    for name in ["a", "b"] {
        server.put_behind(&format!("{BOOK}{name}.vcf"), &card(name));
    }
    let query = |filter: &str| {
        let body = format!(
            "<C:addressbook-query xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:carddav'><D:prop><D:getetag/></D:prop>\
             <C:filter>{filter}</C:filter></C:addressbook-query>"
        );
        client
            .send("REPORT", BOOK, &[("Depth", "1")], body.as_bytes())
            .unwrap()
    };
    let found = query("<C:prop-filter name='UID'><C:text-match match-type='equals'>b</C:text-match></C:prop-filter>").text();
    assert!(
        found.contains("b.vcf") && !found.contains("a.vcf"),
        "{found}"
    );
    assert_eq!(query("").text().matches("<D:response>").count(), 2);
    assert_eq!(
        query("<C:prop-filter name='UID'><C:is-not-defined/></C:prop-filter>").status,
        403
    );
}

#[test]
fn a_book_is_made_once_and_deleted_with_its_cards() {
    let (server, client) = start();
    let body = b"<D:mkcol xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:carddav'><D:set><D:prop><D:resourcetype><D:collection/>\
        <C:addressbook/></D:resourcetype><D:displayname>W&amp;K</D:displayname></D:prop></D:set></D:mkcol>";
    let make = || {
        client
            .send("MKCOL", "/books/work/", &[], body)
            .unwrap()
            .status
    };
    assert_eq!((make(), make()), (201, 405));
    assert_eq!(
        server.with_books(|books| books.book("work").unwrap().display_name.clone()),
        "W&K"
    );
    server.put_behind("/books/work/a.vcf", &card("a"));
    assert_eq!(
        client
            .send("DELETE", "/books/work/", &[], b"")
            .unwrap()
            .status,
        204
    );
    assert_eq!(
        client
            .propfind("/books/work/", "1", "<D:getetag/>")
            .unwrap()
            .status,
        404
    );
    assert_eq!(
        server.versions("/books/work/a.vcf"),
        [Some(card("a")), None]
    );
}

#[test]
fn one_connection_carries_many_requests_also_in_chunks_and_all_at_once() {
    let (server, _) = start();
    let host = server
        .url()
        .trim_start_matches("http://")
        .trim_end_matches('/')
        .to_owned();
    let mut connection = TcpStream::connect(&host).unwrap();
    let auth = "Authorization: Basic YW5uYTpzZWNyZXQ=\r\nHost: x\r\n";
    let card = String::from_utf8(card("a")).unwrap();
    let (one, two) = card.split_at(card.find("UID").unwrap());
    let text = format!(
        "PUT {BOOK}a.vcf HTTP/1.1\r\n{auth}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{one}\r\n{:x}\r\n{two}\r\n0\r\n\r\n\
         GET {BOOK}a.vcf HTTP/1.1\r\n{auth}\r\nGET {BOOK}a.vcf HTTP/1.1\r\n{auth}Connection: close\r\n\r\n",
        one.len(),
        two.len()
    );
    connection.write_all(text.as_bytes()).unwrap();
    let mut answers = String::new();
    connection.read_to_string(&mut answers).unwrap();
    assert!(answers.starts_with("HTTP/1.1 201 Created\r\n"), "{answers}");
    assert_eq!(answers.matches(&card).count(), 2, "{answers}");
}

#[test]
fn a_server_that_is_dropped_ends_its_connections() {
    let (server, client) = start();
    let host = server
        .url()
        .trim_start_matches("http://")
        .trim_end_matches('/')
        .to_owned();
    let mut idle = TcpStream::connect(&host).unwrap();
    idle.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\n").unwrap();
    client.propfind("/", "0", "<D:resourcetype/>").unwrap();
    drop(server);
    let end = idle.read(&mut [0; 10]);
    assert!(
        matches!(&end, Ok(0))
            || end
                .as_ref()
                .is_err_and(|error| error.kind() == ErrorKind::ConnectionReset),
        "{end:?}"
    );
    assert!(client.propfind("/", "0", "<D:resourcetype/>").is_err());
}

struct Panics;

impl Mischief for Panics {
    fn before(&mut self, request: &mut Request, _: &mut Books) -> Option<Answer> {
        assert!(request.method != "GET", "a test's mischief");
        None
    }
}

#[test]
fn a_mischief_that_panics_ends_its_connection_and_no_other() {
    let books = Books::new(Account::new("anna", "secret"));
    let server = Server::start_with(books, Panics).unwrap();
    let client = Client::new(&server.url(), "anna", "secret");
    let error = client.send("GET", "/", &[], b"").unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::UnexpectedEof,
        "not a wait without end"
    );
    assert_eq!(
        client
            .propfind("/", "0", "<D:resourcetype/>")
            .unwrap()
            .status,
        207
    );
}
