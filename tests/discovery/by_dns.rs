//! From a domain to its address books through SRV and TXT records.

use std::net::{TcpListener, UdpSocket};
use std::time::{Duration, Instant};

use cardweave::demo::server::Response;
use cardweave::store::carddav::{Account, DiscoveryError, FoundBy, Met, Untrusted};

use super::dnsmasq::{Dnsmasq, SERVICE, path, srv};
use super::place::{account, discover, knock, saying, server, with_password};
use super::tls::{Certificates, Front};

/// anna@example.test, whose domain answers nothing itself, with the host of this front trusted.
fn anna(trusted: Option<&Front>) -> Account {
    let trusted = trusted.map(|front| format!("localhost:{}", front.port));
    Account {
        ca_file: Some(Certificates::get().file("ca.pem")),
        trusted_hosts: trusted.into_iter().collect(),
        ..account("https://example.test/", Some("example.test"))
    }
}

fn nobody() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
    listener.local_addr().expect("it is bound").port()
}

#[test]
fn srv_and_txt_lead_to_the_address_books() {
    let server = server();
    let front = Front::before(&server);
    let dns = Dnsmasq::start(&[
        srv("localhost", front.port, 0, 1),
        path("/principal/"),
        // The unencrypted service is not for us.
        format!(
            "--srv-host=_carddav._tcp.example.test,localhost,{},0,1",
            nobody()
        ),
    ]);
    let found = discover(&anna(Some(&front)), Some(dns.address)).unwrap();
    assert_eq!(found.found_by, FoundBy::Srv);
    let start = format!("https://localhost:{}/principal/", front.port);
    assert_eq!(found.start.as_str(), start);
    let names: Vec<_> = found
        .books
        .iter()
        .map(|book| book.display_name.clone())
        .collect();
    assert_eq!(names, [Some("People".to_owned())]);
    assert_eq!(found.elsewhere, []);
    let mut questions = dns.questions();
    questions.sort();
    assert_eq!(
        questions,
        [
            format!("query[SRV] {SERVICE}"),
            format!("query[TXT] {SERVICE}")
        ]
    );
    // It was asked as a stranger whether it is a server for contacts, and signed in to after that.
    let requests = server.requests();
    assert_eq!(requests[0].header("authorization"), None);
    assert_eq!(requests[0].status, Some(401));
    assert_eq!(with_password(&requests).len(), requests.len() - 1);
}

#[test]
fn without_a_path_the_well_known_address_of_the_target_is_asked() {
    let server = server();
    let front = Front::before(&server);
    let dns = Dnsmasq::start(&[srv("localhost", front.port, 0, 1)]);
    let found = discover(&anna(Some(&front)), Some(dns.address)).unwrap();
    assert_eq!(found.found_by, FoundBy::Srv);
    assert_eq!(server.requests()[0].path, "/.well-known/carddav");
    assert_eq!(found.books.len(), 1);
}

#[test]
fn a_target_on_a_host_that_nobody_named_gets_not_even_a_connection() {
    let server = server();
    let front = Front::before(&server);
    let dns = Dnsmasq::start(&[srv("localhost", front.port, 0, 1), path("/principal/")]);
    let refused = Untrusted {
        host: format!("localhost:{}", front.port),
        by: "example.test".into(),
        met: Met::Srv,
    };
    let refused = DiscoveryError::from(refused);
    assert_eq!(
        discover(&anna(None), Some(dns.address)),
        Err(refused.clone())
    );
    assert_eq!(knock(&anna(None), Some(dns.address)), Err(refused));
    assert_eq!((server.requests(), front.requests()), (vec![], 0));
}

#[test]
fn targets_are_tried_by_priority_and_then_by_weight() {
    let (light, heavy) = (server(), server());
    let (light_front, heavy_front) = (Front::before(&light), Front::before(&heavy));
    let dead = nobody();
    let dns = Dnsmasq::start(&[
        srv("localhost", light_front.port, 20, 1),
        srv("localhost", heavy_front.port, 20, 90),
        srv("localhost", dead, 10, 1),
    ]);
    let mut account = anna(None);
    account.trusted_hosts = [dead, light_front.port, heavy_front.port]
        .map(|port| format!("localhost:{port}"))
        .into();
    let found = discover(&account, Some(dns.address)).unwrap();
    assert_eq!(found.start.port(), Some(heavy_front.port));
    assert_eq!(light.requests(), []);
}

#[test]
fn knocking_tells_who_answers_and_never_who_we_are() {
    let server = server();
    let front = Front::before(&server);
    let dns = Dnsmasq::start(&[srv("localhost", front.port, 0, 1), path("/")]);
    let knocked = knock(&anna(Some(&front)), Some(dns.address)).unwrap();
    assert_eq!(knocked.found_by, FoundBy::Srv);
    assert_eq!(knocked.schemes, ["Basic"]);
    assert!(with_password(&server.requests()).is_empty());
}

#[test]
fn without_a_record_or_without_dns_the_search_goes_on_at_the_domain_itself() {
    let server = server();
    let front = Front::before(&server);
    let address = format!("https://localhost:{}/", front.port);
    let account = Account {
        ca_file: Some(Certificates::get().file("ca.pem")),
        ..account(&address, Some("example.test"))
    };
    let silent = UdpSocket::bind("127.0.0.1:0").expect("a port on loopback");
    let none = Dnsmasq::start(&["--txt-record=_other.example.test,x".to_owned()]);
    let no_service = Dnsmasq::start(&[format!("--srv-host={SERVICE},.,0,0,0")]);
    for (case, dns) in [
        ("no such name", none.address),
        ("a dot", no_service.address),
        ("nobody there", ([127, 0, 0, 1], nobody()).into()),
        ("silence", silent.local_addr().expect("it is bound")),
    ] {
        let started = Instant::now();
        let found = discover(&account, Some(dns)).unwrap();
        assert_eq!(found.found_by, FoundBy::WellKnown, "{case}");
        assert_eq!(found.books.len(), 1, "{case}");
        assert!(started.elapsed() < Duration::from_secs(20), "{case}");
    }
    assert!(!none.questions().is_empty());
}

#[test]
fn a_web_site_of_the_domain_sees_no_password() {
    let page = |status| {
        Response::empty(status)
            .with("Content-Type", "text/html")
            .with_body(b"<html>Welcome</html>".to_vec())
    };
    for status in [200, 404, 405, 403] {
        let mut words = vec![("/.well-known/carddav", page(status)), ("/", page(status))];
        let guesses = [
            "/remote.php/dav/",
            "/SOGo/dav/",
            "/dav.php/",
            "/caldav.php/",
            "/dav/",
        ];
        words.extend(guesses.map(|path| (path, page(status))));
        let site = saying(&words);
        let front = Front::before(&site);
        let address = format!("https://localhost:{}/", front.port);
        let account = Account {
            ca_file: Some(Certificates::get().file("ca.pem")),
            ..account(&address, Some("localhost"))
        };
        let error = discover(&account, None).unwrap_err().to_string();
        assert!(error.contains("no address book"), "{error}");
        let requests = site.requests();
        assert_eq!(requests.len(), words.len());
        assert!(
            with_password(&requests).is_empty(),
            "{status}: {requests:?}"
        );
    }
}

#[test]
fn nextcloud_is_found_where_the_web_server_does_not_pass_on_the_well_known_address() {
    let nothing = || Response::empty(404);
    let words = [("/.well-known/carddav", nothing()), ("/", nothing())];
    let principal = format!(
        "<D:current-user-principal><D:href>{}</D:href></D:current-user-principal>",
        "/principal/"
    );
    let there = super::place::multistatus(&[("/remote.php/dav/", &principal)]);
    let cloud = saying(&[&words[..], &[("/remote.php/dav/", there)]].concat());
    let front = Front::before(&cloud);
    let address = format!("https://localhost:{}/", front.port);
    let account = Account {
        ca_file: Some(Certificates::get().file("ca.pem")),
        ..account(&address, Some("localhost"))
    };
    let found = discover(&account, None).unwrap();
    assert!(
        matches!(found.found_by, FoundBy::Provider(reason) if reason.contains("Nextcloud")),
        "{found:?}"
    );
    assert_eq!(found.books.len(), 1);
}
