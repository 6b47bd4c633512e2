//! What is told of servers that strip, drop, sort and rename.

use cardweave::demo::server::{Answer, Books, Mischief, Request, Response, Server};

use crate::desk::{Desk, Ran, books, held};
use crate::support::mischief::Script;

fn checked(fault: &str) -> Ran {
    let server = Server::start_with(books(), Script::always(fault)).expect("a port");
    let ran = Desk::at(&server).run(&["check", "--write"]);
    eprintln!(
        "==== check --write: {fault} (exit {})\n{}{}",
        ran.code, ran.stdout, ran.stderr
    );
    assert_eq!(held(&server), 0, "{fault} leaves a card behind");
    ran.must_say(&["a listing shows none"]);
    assert_eq!(ran.code, 0, "{ran:#?}");
    ran
}

#[test]
fn an_honest_server_keeps_everything_in_both_versions() {
    let server = Server::start(books()).expect("a port");
    let desk = Desk::at(&server);
    let ran = desk.run(&["check", "--write"]);
    eprintln!(
        "==== check --write: the demo's server (exit {})\n{}",
        ran.code, ran.stdout
    );
    assert_eq!(ran.code, 0, "{ran:#?}");
    ran.must_say(&["put there as vCard 3.0"]);
    ran.must_say(&["put there as vCard 4.0"]);
    assert_eq!(ran.stdout.matches("kept, all of it").count(), 2, "{ran:#?}");
    assert_eq!(held(&server), 0);
    let sent = server.take_requests();
    for write in sent
        .iter()
        .filter(|sent| matches!(sent.method.as_str(), "PUT" | "DELETE"))
    {
        let conditions = ["If-Match", "If-None-Match"].map(|name| write.header(name));
        assert!(
            conditions.iter().any(Option::is_some),
            "a blind {}",
            write.method
        );
    }
    let json = desk.json(&["check", "--write"]);
    let trial = &json["accounts"][0]["books"][0]["trial"];
    assert_eq!(trial["is_clean"], true);
    let properties = trial["rounds"][1]["properties"].as_array().expect("a list");
    assert!(properties.len() >= 30 && properties.iter().all(|told| told["kept"] == "yes"));
}

#[test]
fn a_server_without_x_properties_keeps_no_tiers_and_it_is_said_what_follows() {
    let ran = checked("strip_x");
    ran.must_say(&["tiers stay on this server: no"]);
    ran.must_say(&["logs", "promises", "stay on this server: no"]);
    ran.must_say(&["dropped:", "unknown properties"]);
    // In 3.0 they travel under X- names, in 4.0 under their own.
    ran.must_say(&["dropped:", "anniversaries", "related people"]);
    ran.must_say(&["the label \"Boat\" is lost"]);
    ran.must_say(&["never erases it there because of this server"]);
    ran.must_say(&["Keep a folder or another server"]);
}

#[test]
fn a_dropped_note_and_a_dropped_photo_are_named() {
    checked("strip_note").must_say(&["dropped: notes"]);
    let ran = checked("drop_photo");
    ran.must_say(&["dropped: photos"]);
    ran.must_say(&["tiers stay on this server: yes"]);
}

#[test]
fn a_card_that_comes_back_in_another_version_is_told_and_compared_by_meaning() {
    let ran = checked("to_v4");
    ran.must_say(&["came back as vCard 4.0"]);
    ran.must_say(&["tiers stay on this server: yes"]);
}

#[test]
fn order_spelling_and_line_ends_are_no_change() {
    for fault in ["sort", "lf_only", "add_rev", "lf_only+etag_though_modified"] {
        let ran = checked(fault);
        assert_eq!(ran.stdout.matches("kept, all of it").count(), 2, "{ran:#?}");
    }
}

#[test]
fn lost_parameters_are_told_one_by_one() {
    let ran = checked("strip_params");
    ran.must_say(&["changed: phone numbers:", "the kind \"work\" is lost"]);
    ran.must_say(&["changed: promises:", "its STATUS is lost"]);
    ran.must_say(&["get logs, promises, meetings, proposals whole"]);
    ran.must_say(&["changed: birthdays without year: now \"1604-05-05\""]);
}

#[test]
fn a_server_that_renames_cards_is_told_and_cleaned_all_the_same() {
    checked("rewrite_uid").must_say(&["a UID of its own"]);
    checked("rewrite_href").must_say(&["an address of its own"]);
}

#[test]
fn a_server_that_refuses_large_cards_is_told_which_part_it_was() {
    let server = Server::start_with(books(), Script::always("max_size")).expect("a port");
    let ran = Desk::at(&server).run(&["check", "--write"]);
    eprintln!(
        "==== check --write: max_size (exit {})\n{}",
        ran.code, ran.stdout
    );
    assert_eq!(ran.code, 5, "{ran:#?}");
    ran.must_say(&["The server refuses the scratch card", "too large"]);
    assert_eq!(held(&server), 0);
}

/// Refuses every card that has a line of this name.
struct Without(&'static str);

impl Mischief for Without {
    fn before(&mut self, request: &mut Request, _: &mut Books) -> Option<Answer> {
        let body = String::from_utf8_lossy(&request.body);
        let has = body.lines().any(|line| line.starts_with(self.0));
        (request.method == "PUT" && has).then(|| Answer::Response(Response::empty(403)))
    }
}

#[test]
fn the_property_that_a_server_refuses_is_found_and_the_rest_is_tried_without_it() {
    let server = Server::start_with(books(), Without("IMPP")).expect("a port");
    let ran = Desk::at(&server).run(&["check", "--write"]);
    eprintln!(
        "==== check --write: without IMPP (exit {})\n{}",
        ran.code, ran.stdout
    );
    assert_eq!(ran.code, 5, "{ran:#?}");
    ran.must_say(&["refused: messengers (IMPP): the server does not allow it (403)"]);
    ran.must_say(&[
        "people/loopback-store: The server refuses cards",
        "omit = [\"IMPP\"]",
    ]);
    ran.must_say(&["kept:", "phone numbers", "notes"]);
    ran.must_say(&["tiers stay on this server: yes"]);
    ran.must_say(&["a listing shows none"]);
    assert_eq!(held(&server), 0);
}
