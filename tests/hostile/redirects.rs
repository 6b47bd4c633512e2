//! Where redirects lead: on the same server anywhere, to another one nothing of ours.

use cardweave::demo::server::{Account, Books, Server};
use cardweave::run::Standing;

use super::support::mischief::{Rule, Script};
use super::world::{World, check_got_nothing};

/// What is redirected, and how.
struct Case {
    fault: &'static str,
    method: &'static str,
    path: &'static str,
}

const fn case(method: &'static str, path: &'static str, fault: &'static str) -> Case {
    Case {
        fault,
        method,
        path,
    }
}

const TO_ANOTHER: [&str; 4] = [
    "redirect_other_host",
    "redirect_other_host_302",
    "redirect_other_host_307",
    "redirect_other_host_308",
];

/// Every request that a run makes, to another server with every code; and a home-set that is there.
fn elsewhere() -> Vec<Case> {
    let requests = [
        ("PROPFIND", "/.well-known/carddav"),
        ("PROPFIND", "/principal/"),
        ("PROPFIND", "/books/"),
        ("REPORT", "/books/people/"),
        ("PUT", "/books/people/"),
        ("DELETE", "/books/people/"),
        ("GET", "/books/people/"),
    ];
    let redirected = requests
        .iter()
        .flat_map(|(method, path)| TO_ANOTHER.map(|fault| case(method, path, fault)));
    redirected
        .chain([case("PROPFIND", "/principal/", "home_other_host")])
        .collect()
}

/// A world with something to send, to get and to delete, and the run that meets the redirect.
fn meet(case: &Case, other: &Server) -> (World, usize) {
    let mut world = World::new(&[("Ada", "TEL:+4930111111"), ("Bob", "TEL:+4930222222")]);
    assert_eq!(world.run().standing, Standing::InStep);
    world.put_in_folder("Ada", "TEL:+4930111111\nNOTE:edited in the folder");
    world.delete_in_folder("Bob");
    world.put_in_folder("Cleo", "NOTE:new in the folder");
    world.put_on_server("Dora", "NOTE:new on the server");
    let rule = Rule::new(case.fault).method(case.method).path(case.path);
    let mut script = Script::new().rule(rule).other_host(&other.url());
    if case.method == "GET" {
        // Cards come by REPORT; one that is missing there is asked for by itself.
        script = script.rule(Rule::new("multiget_omits"));
    }
    let fired = script.fired();
    world.misbehave(script);
    world.forget_address();
    world.run();
    world.run();
    let fired = fired.lock().expect("nobody panics here");
    let struck = fired.iter().filter(|fired| fired.fault == case.fault);
    (world, struck.count())
}

#[test]
fn a_redirect_to_another_server_takes_nothing_there() {
    for case in elsewhere() {
        let books = Books::new(Account::new("anna", "secret")).with_book("people", "People");
        let other = Server::start(books).expect("a port on loopback");
        let (mut world, fired) = meet(&case, &other);
        let Case {
            fault,
            method,
            path,
        } = case;
        check_got_nothing(&other);
        eprintln!(
            "{method:8} {path:22} {fault:26} struck {fired} times, {} requests arrived there",
            other.requests().len()
        );
        assert!(fired > 0, "{method} {path} {fault}");
        world.behave();
        world.run();
        assert_eq!(world.run().standing, Standing::InStep);
        assert_eq!(world.in_folder(), world.at_server());
        assert_eq!(world.in_folder().len(), 3, "{method} {path} {fault}");
    }
}

#[test]
fn a_redirect_on_the_same_server_is_followed() {
    for fault in [
        "redirect_same_301",
        "redirect_same_302",
        "redirect_same_307",
        "redirect_same_308",
        "redirect_same_relative",
    ] {
        let books = Books::new(Account::new("anna", "secret")).with_book("people", "People");
        let other = Server::start(books).expect("a port on loopback");
        for (method, path) in [
            ("PROPFIND", "/"),
            ("REPORT", "/"),
            ("PUT", "/"),
            ("DELETE", "/"),
        ] {
            let (world, fired) = meet(&case(method, path, fault), &other);
            assert!(fired > 0, "{method} {fault}");
            assert_eq!(world.in_folder(), world.at_server(), "{method} {fault}");
            assert_eq!(world.in_folder().len(), 3, "{method} {fault}");
        }
        assert_eq!(other.requests(), []);
    }
}
