//! Homes, principals and books on other hosts: found where they are trusted, told where not.

use cardweave::book::StoreId;
use cardweave::demo::server::{Response, Server};
use cardweave::store::carddav::{
    Account, CardDav, DiscoveryError, Elsewhere, FoundBy, Met, Untrusted,
};

use super::place::{account, book, discover, multistatus, options, run, saying, server};

fn host(server: &Server) -> String {
    let url = server.url();
    url.trim_start_matches("http://")
        .trim_matches('/')
        .to_owned()
}

fn at(server: &Server, trusted: &[&Server]) -> Account {
    Account {
        trusted_hosts: trusted.iter().map(|server| host(server)).collect(),
        ..account(&server.url(), None)
    }
}

fn homes(hrefs: &[&str]) -> Response {
    let hrefs: String = hrefs
        .iter()
        .map(|href| format!("<D:href>{href}</D:href>"))
        .collect();
    let set = format!("<C:addressbook-home-set>{hrefs}</C:addressbook-home-set>");
    multistatus(&[("/", &set)])
}

#[test]
fn several_homes_are_all_looked_into_and_what_two_of_them_show_is_listed_once() {
    let both = book("Both");
    let server = saying(&[
        ("/.well-known/carddav", homes(&["/one/", "/two/", "/one/"])),
        (
            "/one/",
            multistatus(&[("/one/a/", &book("A")), ("/both/", &both)]),
        ),
        (
            "/two/",
            multistatus(&[("/both/", &both), ("/two/b/", &book("B"))]),
        ),
    ]);
    let found = discover(&at(&server, &[]), None).unwrap();
    let names: Vec<_> = found
        .books
        .iter()
        .filter_map(|book| book.display_name.as_deref())
        .collect();
    assert_eq!(names, ["Both", "A", "B"]);
    assert_eq!(found.found_by, FoundBy::WellKnown);
    assert_eq!(found.server.as_deref(), Some("Words/1"));
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn a_book_tells_its_description_its_versions_and_what_may_be_done() {
    let props = book("Team")
        + "<C:addressbook-description>Everybody&#x202E; at work</C:addressbook-description>\
           <C:supported-address-data><C:address-data-type content-type=\"text/vcard\" version=\"3.0\"/>\
           <C:address-data-type content-type=\"text/vcard\" version=\"4.0\"/></C:supported-address-data>\
           <D:current-user-privilege-set><D:privilege><D:read/></D:privilege>\
           </D:current-user-privilege-set>";
    let server = saying(&[
        ("/.well-known/carddav", homes(&["/home/"])),
        ("/home/", multistatus(&[("/home/team/", &props)])),
    ]);
    let found = discover(&at(&server, &[]), None).unwrap();
    let team = &found.books[0];
    assert_eq!(team.description.as_deref(), Some("Everybody at work"));
    assert_eq!(team.versions.iter().collect::<Vec<_>>(), ["3.0", "4.0"]);
    assert!(team.is_read_only() && team.version_4);
    assert_eq!(team.access(), "read");
}

#[test]
fn a_shared_book_on_another_host_is_told_and_found_once_its_host_is_trusted() {
    let other = server();
    let shared = format!("{}books/people/", other.url());
    let server = saying(&[
        ("/.well-known/carddav", homes(&["/home/"])),
        (
            "/home/",
            multistatus(&[("/home/own/", &book("Own")), (&shared, &book("Shared"))]),
        ),
    ]);
    let found = discover(&at(&server, &[]), None).unwrap();
    assert_eq!(found.books.len(), 1);
    let told = Elsewhere {
        name: "Shared".into(),
        host: host(&other),
        met: Met::Book,
    };
    assert_eq!(found.elsewhere, [told]);
    assert_eq!(other.requests(), []);

    let trusting = at(&server, &[&other]);
    let found = discover(&trusting, None).unwrap();
    assert_eq!((found.books.len(), found.elsewhere.len()), (2, 0));
    let opened = run(CardDav::open(
        StoreId::new("shared"),
        &trusting,
        "Shared",
        options(None),
    ));
    assert_eq!(opened.unwrap().saved().url, shared);
}

#[test]
fn a_shared_book_that_no_list_has_is_found_by_its_url_on_a_host_that_may_be_asked() {
    let (own, other) = (server(), server());
    let url = other.book_url("people");
    let open = |account: &Account, wanted: &str| {
        let opened = CardDav::open(StoreId::new("x"), account, wanted, options(None));
        run(opened).map(|book| book.saved().url)
    };
    assert_eq!(
        open(&at(&own, &[]), "/books/people/"),
        Ok(own.book_url("people"))
    );
    assert_eq!(open(&at(&own, &[&other]), &url), Ok(url.clone()));
    let before = other.requests().len();
    let error = open(&at(&own, &[]), &url).unwrap_err().to_string();
    assert!(
        error.contains(&host(&other)) && error.contains("trusted-hosts"),
        "{error}"
    );
    assert_eq!(other.requests().len(), before);
}

#[test]
fn a_home_or_a_principal_on_another_host_is_refused_until_its_host_is_trusted() {
    let other = server();
    let home = format!("{}books/", other.url());
    let principal = format!(
        "<D:current-user-principal><D:href>{}principal/</D:href></D:current-user-principal>",
        other.url()
    );
    for (met, words) in [
        (Met::HomeSet, homes(&[&home])),
        (Met::Principal, multistatus(&[("/", &principal)])),
    ] {
        let server = saying(&[("/.well-known/carddav", words)]);
        let refused = Untrusted {
            host: host(&other),
            by: host(&server),
            met,
        };
        let before = other.requests().len();
        let answer = discover(&at(&server, &[]), None);
        assert_eq!(answer, Err(DiscoveryError::from(refused)));
        assert_eq!(other.requests().len(), before);
        let found = discover(&at(&server, &[&other]), None).unwrap();
        assert_eq!(found.books[0].url, other.book_url("people"));
    }
}

#[test]
fn of_two_homes_the_one_that_may_be_asked_is_and_the_other_is_told() {
    let other = server();
    let home = format!("{}books/", other.url());
    let server = saying(&[
        ("/.well-known/carddav", homes(&[&home, "/home/"])),
        ("/home/", multistatus(&[("/home/own/", &book("Own"))])),
    ]);
    let found = discover(&at(&server, &[]), None).unwrap();
    assert_eq!(found.books.len(), 1);
    assert_eq!(found.elsewhere[0].host, host(&other));
    assert_eq!(found.elsewhere[0].met, Met::HomeSet);
    assert_eq!(other.requests(), []);
}

#[test]
fn a_redirect_of_the_well_known_address_to_another_host_is_refused_until_it_is_trusted() {
    let other = server();
    for status in [301, 302, 307, 308] {
        let away = Response::empty(status).with("Location", format!("{}principal/", other.url()));
        let server = saying(&[("/.well-known/carddav", away)]);
        let refused = Untrusted {
            host: host(&other),
            by: host(&server),
            met: Met::Redirect,
        };
        let before = other.requests().len();
        let answer = discover(&at(&server, &[]), None);
        assert_eq!(answer, Err(DiscoveryError::from(refused)), "{status}");
        assert_eq!(other.requests().len(), before, "{status}");
        let found = discover(&at(&server, &[&other]), None).unwrap();
        assert_eq!(found.books.len(), 1, "{status}");
    }
}
