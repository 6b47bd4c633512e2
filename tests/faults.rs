//! Each fault of the misbehaving server does what its name says.

mod support;

use std::io::Write as _;
use std::process::{Command, Stdio};

use cardweave::demo::server::Server;
use support::mischief::Script;
use support::three_cards::{BOOK, PLAIN, books, client, rich};

#[test]
fn a_fault_says_what_its_name_says() {
    let members = |text: &str| text.matches(".vcf</D:href>").count();
    type Claim = fn(&str, usize) -> bool;
    let claims: &[(&str, Claim)] = &[
        ("slow", |_, members| members == 3),
        ("empty_listing", |text, members| {
            members == 0 && text.contains("<D:href>/books/people/</D:href>")
        }),
        ("partial_listing", |_, members| members == 2),
        ("missing_etag", |text, members| {
            members == 3 && text.matches("</D:getetag>").count() == 3
        }),
        ("member_404", |text, members| {
            members == 3 && text.contains("a.vcf</D:href><D:status>HTTP/1.1 404")
        }),
        ("member_500", |text, members| {
            members == 3 && text.contains("a.vcf</D:href><D:status>HTTP/1.1 500")
        }),
        ("dup_hrefs", |_, members| members == 6),
        ("subfolder", |text, _| {
            text.contains("/books/people/sub/</D:href>")
        }),
        ("href_traversal", |text, members| {
            members == 4 && text.contains("people/../../../../etc/")
        }),
        ("href_enc_slash", |text, _| text.contains("..%2F..%2F")),
        ("href_other_host", |text, _| {
            text.contains("<D:href>http://contacts.invalid/books/people/")
        }),
        ("href_outside", |text, _| {
            text.contains("<D:href>/books/elsewhere/")
        }),
        ("href_nul", |text, _| text.contains("%00")),
        ("href_newline", |text, _| text.contains("%0A")),
        ("href_ansi", |text, _| text.contains("%1B%5B31m")),
        ("href_long", |text, _| {
            text.contains(&"stranger".repeat(500))
        }),
        ("href_relative", |text, members| {
            members == 3 && text.contains("<D:href>a.vcf<")
        }),
        ("href_unencoded", |text, _| text.contains("/b b.vcf<")),
        ("href_lowerhex", |text, _| {
            text.contains("/books/people/%61%2e%76%63%66<")
        }),
        ("href_absolute", |text, _| {
            text.contains("<D:href>http://127.0.0.1:") && text.contains("/a.vcf<")
        }),
        ("etag_weak", |text, _| {
            text.matches("<D:getetag>W/&quot;").count() == 3
        }),
        ("etag_gzip", |text, _| {
            text.matches("-gzip&quot;</D:getetag>").count() == 3
        }),
        ("etag_unquoted", |text, members| {
            members == 3 && !text.contains("&quot;")
        }),
        ("xml_prefix", |text, _| {
            text.contains("<a1:multistatus") && !text.contains("D:")
        }),
        ("entity_bomb", |text, _| {
            text.contains("<!DOCTYPE") && text.contains("<D:href>&l9;")
        }),
        ("xxe", |text, _| {
            text.contains("SYSTEM \"file:///etc/passwd\"") && text.contains("<D:href>&x;")
        }),
        ("deep_xml", |text, _| {
            text.matches("<D:x>").count() == 100_000
        }),
        ("html_200", |text, members| {
            members == 0 && text.contains("<form>")
        }),
    ];
    for (fault, holds) in claims {
        let server = Server::start_with(books(), Script::always(fault)).unwrap();
        let text = client(&server)
            .propfind(BOOK, "1", "<D:getetag/>")
            .unwrap()
            .text();
        let members = members(&text);
        assert!(
            holds(&text, members),
            "{fault}: {members} members in {:.2000}",
            text
        );
    }
}

#[test]
fn a_fault_of_many_cards_at_once_says_what_its_name_says() {
    let hrefs = [
        "/books/people/a.vcf",
        "/books/people/b%20b.vcf",
        "/books/people/c.vcf",
    ];
    type Claim = fn(&str) -> bool;
    let claims: &[(&str, Claim)] = &[
        ("multiget_omits", |text| {
            !text.contains("a.vcf") && text.contains("c.vcf")
        }),
        ("multiget_empty", |text| {
            text.contains("<C:address-data></C:address-data>")
        }),
        ("multiget_404", |text| {
            text.contains("a.vcf</D:href><D:status>HTTP/1.1 404")
        }),
        ("multiget_unsolicited", |text| {
            text.contains("a-stranger.vcf")
        }),
        ("multiget_swapped", |text| {
            text.find("b%20b.vcf").unwrap() < text.find("UID:a&").unwrap()
                && text.find("a.vcf").unwrap() < text.find("UID:b&").unwrap()
        }),
        ("xml_control", |text| text.matches('\u{1}').count() == 1),
        ("big_card", |text| text.len() > 30_000_000),
    ];
    for (fault, holds) in claims {
        let server = Server::start_with(books(), Script::always(fault)).unwrap();
        let text = client(&server).multiget(BOOK, &hrefs).unwrap().text();
        assert!(holds(&text), "{fault}: {text:.2000}");
    }
}

#[test]
fn a_fault_of_tokens_says_what_its_name_says() {
    type Claim = fn(u16, &str) -> bool;
    let claims: &[(&str, Claim)] = &[
        ("sync_invalid", |status, text| {
            status == 403 && text.contains("<D:valid-sync-token/>")
        }),
        ("sync_invalid_412", |status, text| {
            status == 412 && text.contains("<D:valid-sync-token/>")
        }),
        ("sync_invalid_full", |_, text| {
            text.matches(".vcf").count() == 4 && !text.contains("404")
        }),
        ("sync_unsupported", |status, text| {
            status == 403 && text.contains("<D:supported-report/>")
        }),
        ("sync_paged", |_, text| {
            text.matches(".vcf").count() == 2 && text.contains("HTTP/1.1 507")
        }),
        ("sync_lies", |_, text| {
            !text.contains(".vcf") && text.contains(":6</D:sync-token>")
        }),
        ("sync_omits", |_, text| text.matches(".vcf").count() == 2),
        ("sync_no_deletes", |_, text| {
            text.matches(".vcf").count() == 2 && !text.contains("404")
        }),
        ("sync_no_token", |_, text| {
            text.matches(".vcf").count() == 3 && !text.contains("sync-token")
        }),
    ];
    for (fault, holds) in claims {
        let server = Server::start_with(books(), Script::always(fault)).unwrap();
        let token = server.with_books(|books| books.book("people").unwrap().token());
        server.delete_behind("/books/people/a.vcf");
        server.put_behind("/books/people/d.vcf", PLAIN.as_bytes());
        server.put_behind("/books/people/e.vcf", PLAIN.as_bytes());
        let reply = client(&server).sync_collection(BOOK, &token).unwrap();
        assert!(
            holds(reply.status, &reply.text()),
            "{fault}: {} {}",
            reply.status,
            reply.text()
        );
    }
}

#[test]
fn a_fault_of_time_says_what_its_name_says() {
    let listings = |fault: &str| {
        let server = Server::start_with(books(), Script::always(fault)).unwrap();
        let list = || {
            client(&server)
                .propfind(BOOK, "1", "<D:getetag/><CS:getctag/>")
                .unwrap()
                .text()
        };
        let (first, again) = (list(), list());
        server.put_behind("/books/people/a.vcf", rich("a").as_bytes());
        server.put_behind("/books/people/d.vcf", rich("d").as_bytes());
        (first, again, list())
    };
    let of = |text: &str, element: &str, nth: usize| -> String {
        text.split(&format!("<{element}>"))
            .nth(nth)
            .unwrap_or_default()
            .split('<')
            .next()
            .unwrap()
            .to_owned()
    };
    let (first, again, later) = listings("slow");
    assert!(first == again && of(&first, "CS:getctag", 1) != of(&later, "CS:getctag", 1));
    assert_ne!(of(&first, "D:getetag", 2), of(&later, "D:getetag", 2));
    let (first, again, later) = listings("stale");
    assert!(first == again && again == later);
    let (first, _, later) = listings("ctag_frozen");
    assert!(of(&first, "CS:getctag", 1) == of(&later, "CS:getctag", 1) && later.contains("d.vcf"));
    let (first, _, later) = listings("etag_frozen");
    assert!(of(&first, "D:getetag", 2) == of(&later, "D:getetag", 2) && later.contains("d.vcf"));
    let (first, again, _) = listings("etag_flapping");
    assert_ne!(of(&first, "D:getetag", 2), of(&again, "D:getetag", 2));
}

#[test]
fn a_fault_of_writes_says_what_its_name_says() {
    // What is answered to a valid update, and what the server holds of the card afterwards.
    type Claim = fn(Option<u16>, &str) -> bool;
    let claims: &[(&str, Claim)] = &[
        ("slow", |status, kept| {
            status == Some(204) && kept.contains("FN:New")
        }),
        ("409", |status, kept| {
            status == Some(409) && kept.contains("FN:Ada")
        }),
        ("412", |status, kept| {
            status == Some(412) && kept.contains("FN:Ada")
        }),
        ("412_after", |status, kept| {
            status == Some(412) && kept.contains("FN:New")
        }),
        ("503_after", |status, kept| {
            status == Some(503) && kept.contains("FN:New")
        }),
        ("torn_put", |status, kept| {
            status.is_none() && kept.contains("BEGIN") && !kept.contains("END")
        }),
        ("put_lies", |status, kept| {
            status == Some(204) && kept.contains("FN:Ada")
        }),
        ("edit_behind", |status, kept| {
            status == Some(412) && kept.contains("FN:Ada") && kept.contains("X-BEHIND")
        }),
        ("delete_behind", |status, kept| {
            status == Some(412) && kept.is_empty()
        }),
        ("uid_conflict", |status, kept| {
            status == Some(409) && kept.contains("FN:Ada")
        }),
        ("max_size", |status, kept| {
            status == Some(204) && kept.contains("FN:New")
        }),
        ("readonly", |status, kept| {
            status == Some(403) && kept.contains("FN:Ada")
        }),
        ("only_v3", |status, kept| {
            status == Some(204) && kept.contains("FN:New")
        }),
        ("rewrite_uid", |status, kept| {
            status == Some(204) && kept.contains("UID:server-a\r\n")
        }),
        ("strip_params", |_, kept| kept.contains("TEL:1\r\n")),
        ("to_v4", |_, kept| kept.contains("VERSION:4.0")),
        ("lf_only", |_, kept| {
            kept.contains("FN:New\n") && !kept.contains('\r')
        }),
        ("sort", |_, kept| {
            kept.find("\nTEL").unwrap() < kept.find("\nUID").unwrap()
        }),
        ("add_rev", |_, kept| kept.contains("\r\nREV:2020")),
    ];
    for (fault, holds) in claims {
        let server = Server::start_with(books(), Script::always(fault)).unwrap();
        let path = "/books/people/a.vcf";
        let etag = server.with_books(|books| books.card(path).unwrap().etag.clone());
        let body = PLAIN.replace("FN:Ada", "FN:New");
        let status = client(&server)
            .put(path, ("If-Match", &etag), body.as_bytes())
            .ok()
            .map(|reply| reply.status);
        let kept = server
            .with_books(|books| books.card(path).map(|kept| kept.body.clone()))
            .unwrap_or_default();
        let kept = String::from_utf8(kept).unwrap();
        assert!(holds(status, &kept), "{fault}: {status:?} {kept}");
    }
}

#[test]
fn a_rewriting_changes_what_it_names_and_nothing_else() {
    for (fault, from, to) in [
        ("strip_note", "\nNOTE:", ""),
        ("drop_photo", "\nPHOTO:", ""),
        ("to_v3", "4.0", "3.0"),
        ("spoil_photo", ";base64,AAAA", ""),
    ] {
        let server = Server::start_with(books(), Script::always(fault)).unwrap();
        client(&server)
            .put(
                "/books/people/x.vcf",
                ("If-None-Match", "*"),
                rich("x").as_bytes(),
            )
            .unwrap();
        let kept =
            String::from_utf8(server.versions("/books/people/x.vcf")[0].clone().unwrap()).unwrap();
        let sent = rich("x");
        let expected = match to {
            "" if from.starts_with('\n') => sent
                .split_inclusive('\n')
                .filter(|line| !line.starts_with(&from[1..]))
                .collect(),
            _ => sent.replacen(from, to, 1),
        };
        assert_eq!(kept, expected, "{fault}");
    }
}

#[test]
fn a_retry_after_comes_in_seconds_and_as_a_date() {
    for (fault, status, is_date) in [
        ("429", 429, false),
        ("429_date", 429, true),
        ("503", 503, false),
        ("503_date", 503, true),
    ] {
        let server = Server::start_with(books(), Script::always(fault)).unwrap();
        let reply = client(&server).propfind(BOOK, "1", "<D:getetag/>").unwrap();
        let when = reply.header("Retry-After").unwrap();
        assert_eq!(
            (reply.status, when.ends_with(" GMT")),
            (status, is_date),
            "{when}"
        );
    }
}

#[test]
fn another_host_is_where_the_script_says() {
    for fault in [
        "redirect_other_host",
        "redirect_other_host_308",
        "home_other_host",
    ] {
        let other = Server::start(books()).unwrap();
        let script = Script::always(fault).other_host(&other.url());
        let server = Server::start_with(books(), script).unwrap();
        let reply = client(&server)
            .propfind("/principal/", "0", "<C:addressbook-home-set/>")
            .unwrap();
        let said = format!(
            "{}{}",
            reply.header("Location").unwrap_or_default(),
            reply.text()
        );
        assert!(said.contains(&other.url()), "{fault}: {said}");
    }
}

#[test]
fn a_rewriting_server_names_an_etag_only_where_it_is_told_to() {
    for (fault, names_one) in [("strip_x", false), ("strip_x+etag_though_modified", true)] {
        let server = Server::start_with(books(), Script::always(fault)).unwrap();
        let reply = client(&server)
            .put(
                "/books/people/x.vcf",
                ("If-None-Match", "*"),
                rich("x").as_bytes(),
            )
            .unwrap();
        assert_eq!(
            (reply.status, reply.header("ETag").is_some()),
            (201, names_one),
            "{fault}"
        );
        let kept = server.versions("/books/people/x.vcf")[0].clone().unwrap();
        assert_eq!(
            String::from_utf8(kept).unwrap(),
            rich("x").replace("X-CARDWEAVE-TIER:A\r\n", "")
        );
    }
}

#[test]
fn the_gzip_bomb_is_gzip_and_a_bomb() {
    let server = Server::start_with(books(), Script::always("gzip_bomb")).unwrap();
    let reply = client(&server).propfind(BOOK, "1", "<D:getetag/>").unwrap();
    assert_eq!(reply.header("Content-Encoding"), Some("gzip"));
    assert!(reply.body.len() < 2 << 20);
    // It ends without its checksum, which gzip says after everything is unpacked.
    let script = "gzip -dc 2>/dev/null | wc -c";
    let mut child = Command::new("sh")
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&reply.body).unwrap();
    let counted = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    assert!(
        counted.trim().parse::<usize>().unwrap() > 1 << 28,
        "{counted}"
    );
}
