//! Scripts strike when they say, and no fault is a dud: tests against them would prove nothing.

mod support;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use cardweave::demo::server::Server;
use support::mischief::{Fault, Rule, Script};
use support::three_cards::{BOOK, PLAIN, books, client, rich};

/// What a client may do in a run, and what it saw; ports are made the same.
fn dialogue(server: &Server) -> Vec<Result<Vec<u8>, String>> {
    let client = client(server);
    let etag =
        |name: &str| server.with_books(|books| books.card(name).map(|kept| kept.etag.clone()));
    let if_match = |name: &str| etag(name).unwrap_or_default();
    let token = server
        .with_books(|books| books.book("people").map(|book| book.token()))
        .unwrap_or_default();
    let namespaces = "xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:carddav\" xmlns:CS=\"http://calendarserver.org/ns/\"";
    let propfind = |properties: &str| {
        format!("<D:propfind {namespaces}><D:prop>{properties}</D:prop></D:propfind>")
    };
    let listing = propfind("<D:getetag/>");
    let of_books = propfind(
        "<D:displayname/><D:sync-token/><CS:getctag/><D:supported-report-set/><C:supported-address-data/>\
         <C:max-resource-size/><D:current-user-privilege-set/>",
    );
    let multiget = format!(
        "<C:addressbook-multiget {namespaces}><D:prop><D:getetag/><C:address-data/></D:prop>\
         <D:href>{BOOK}a.vcf</D:href><D:href>{BOOK}b%20b.vcf</D:href><D:href>{BOOK}none.vcf</D:href></C:addressbook-multiget>"
    );
    let sync = |token: &str| {
        format!(
            "<D:sync-collection {namespaces}><D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>\
             <D:prop><D:getetag/></D:prop></D:sync-collection>"
        )
    };
    let create = [
        ("If-None-Match", "*".to_owned()),
        ("Content-Type", "text/vcard".to_owned()),
    ];
    let a = || vec![("If-Match", if_match("/books/people/a.vcf"))];
    let mut seen = Vec::new();
    let mut ask = |method: &str, path: &str, headers: Vec<(&str, String)>, body: &str| {
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let answer = client.send_raw(method, path, &headers, body.as_bytes(), 40 << 20);
        let port = server.url();
        seen.push(answer.map_err(|error| error.to_string()).map(|bytes| {
            match String::from_utf8(bytes) {
                Ok(text) => text.replace(&port, "http://server/").into_bytes(),
                Err(error) => error.into_bytes(),
            }
        }));
    };
    let depth = |depth: &str| vec![("Depth", depth.to_owned())];
    ask(
        "PROPFIND",
        "/.well-known/carddav",
        depth("0"),
        &propfind("<D:current-user-principal/>"),
    );
    ask(
        "PROPFIND",
        "/principal/",
        depth("0"),
        &propfind("<C:addressbook-home-set/>"),
    );
    ask("PROPFIND", "/books/", depth("1"), &of_books);
    ask("PROPFIND", BOOK, depth("1"), &listing);
    ask("REPORT", BOOK, depth("0"), &multiget);
    ask(
        "PUT",
        "/books/people/new.vcf",
        create.to_vec(),
        &rich("new"),
    );
    ask(
        "PUT",
        "/books/people/a.vcf",
        a(),
        &PLAIN
            .replace("Ada", "Ada K")
            .replace("VERSION", "X-A:1\r\nVERSION"),
    );
    ask(
        "DELETE",
        "/books/people/c.vcf",
        vec![("If-Match", if_match("/books/people/c.vcf"))],
        "",
    );
    ask("PROPFIND", BOOK, depth("1"), &listing);
    ask("PROPFIND", "/books/", depth("1"), &of_books);
    ask("REPORT", BOOK, depth("0"), &sync(""));
    ask("REPORT", BOOK, depth("0"), &sync(&token));
    ask("GET", "/books/people/a.vcf", Vec::new(), "");
    seen
}

type Versions = BTreeMap<String, Vec<Option<Vec<u8>>>>;

fn versions(server: &Server) -> Versions {
    server.with_books(|books| books.all_versions().clone())
}

#[test]
fn no_fault_is_a_dud() {
    let honest = Server::start(books()).unwrap();
    let expected = (dialogue(&honest), versions(&honest));
    assert!(expected.0.iter().all(Result::is_ok), "{:?}", expected.0);
    let check = &|fault: Fault| {
        let stalls =
            ["hang", "hang_after", "drip", "endless", "slow"].contains(&fault.name().as_str());
        let rule = if stalls {
            Rule::of(fault).nth(4)
        } else {
            Rule::of(fault)
        };
        let script = Script::new().rule(rule).other_host("http://127.0.0.1:9");
        let fired = script.fired();
        let server = Server::start_with(books(), script).unwrap();
        let seen = (dialogue(&server), versions(&server));
        assert!(
            !fired.lock().unwrap().is_empty(),
            "{} never struck",
            fault.name()
        );
        assert!(
            seen != expected,
            "{} struck and changed nothing",
            fault.name()
        );
    };
    // Side by side, because much of it is waiting.
    let faults = Fault::all();
    std::thread::scope(|scope| {
        for some in faults.chunks(4) {
            scope.spawn(move || some.iter().copied().for_each(check));
        }
    });
}

#[test]
fn a_rule_strikes_at_the_nth_request_of_its_kind_and_at_no_other() {
    let script = Script::new().rule(Rule::new("503").method("PUT").path("people").nth(2));
    let fired = script.fired();
    let server = Server::start_with(books(), script).unwrap();
    let put = |name: &str| {
        let body = PLAIN.replace("UID:a", &format!("UID:{name}"));
        let path = format!("/books/people/{name}.vcf");
        client(&server)
            .put(&path, ("If-None-Match", "*"), body.as_bytes())
            .unwrap()
            .status
    };
    client(&server).propfind(BOOK, "1", "<D:getetag/>").unwrap();
    assert_eq!([put("x"), put("y"), put("y")], [201, 503, 201]);
    let fired = fired.lock().unwrap();
    assert_eq!(fired.len(), 1);
    assert_eq!(
        (fired[0].fault.as_str(), fired[0].path.as_str()),
        ("503", "/books/people/y.vcf")
    );
}

#[test]
fn the_same_seed_does_the_same_again_and_another_seed_something_else() {
    let run = |seed| {
        let faults: Vec<Fault> = ["503_bare", "403", "partial_listing", "put_lies"]
            .map(Fault::named)
            .to_vec();
        let script = Script::seeded(seed, &faults, 0.3);
        let fired = script.fired();
        let server = Server::start_with(books(), script).unwrap();
        dialogue(&server);
        drop(server);
        fired.lock().unwrap().clone()
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}

#[test]
fn dropped_after_means_applied_and_dropped_before_means_not() {
    for (fault, is_applied) in [
        ("drop_before", false),
        ("reset_before", false),
        ("drop_after", true),
        ("500_after", true),
    ] {
        let server = Server::start_with(books(), Script::always(fault)).unwrap();
        let body = PLAIN.replace("UID:a", "UID:x");
        let reply = client(&server).put(
            "/books/people/x.vcf",
            ("If-None-Match", "*"),
            body.as_bytes(),
        );
        assert!(
            reply.is_err() || reply.is_ok_and(|reply| reply.status == 500),
            "{fault}"
        );
        assert_eq!(
            !server.versions("/books/people/x.vcf").is_empty(),
            is_applied,
            "{fault}"
        );
    }
}

#[test]
fn an_honest_redirect_can_be_followed_and_does_its_work_once() {
    let script = Script::new().rule(Rule::new("redirect_same_308").method("PUT"));
    let server = Server::start_with(books(), script).unwrap();
    let body = PLAIN.replace("UID:a", "UID:x");
    let put = |path: &str| {
        client(&server)
            .put(path, ("If-None-Match", "*"), body.as_bytes())
            .unwrap()
    };
    let reply = put("/books/people/x.vcf");
    assert_eq!(reply.status, 308);
    let location = reply
        .header("Location")
        .unwrap()
        .replace(server.url().trim_end_matches('/'), "");
    assert_eq!(put(&location).status, 201);
    assert_eq!(server.versions("/books/people/x.vcf").len(), 1);
}

#[test]
fn a_dialogue_under_all_quick_faults_at_once_neither_waits_nor_panics() {
    for seed in 0..40 {
        let server =
            Server::start_with(books(), Script::seeded(seed, &Fault::quick(), 0.02)).unwrap();
        let start = Instant::now();
        let seen = dialogue(&server);
        assert!(
            start.elapsed() < Duration::from_secs(1),
            "seed {seed}: {:?}",
            start.elapsed()
        );
        // A panic would end a connection without a trace in the log of requests.
        assert_eq!(server.requests().len(), seen.len(), "seed {seed}");
    }
}
