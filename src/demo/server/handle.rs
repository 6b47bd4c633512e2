//! Answers a request: sign-in first, then one room per method.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::book::Books;
use super::message::{Request, Response};
use super::path::Place;
use super::{precondition, propfind, report, write, xml};

/// What is answered to OPTIONS, and to a method that a place does not have.
const ALLOW: &str = "OPTIONS, PROPFIND, REPORT, GET, HEAD, PUT, DELETE, MKCOL";

/// Answers one request as RFC 6352 and RFC 6578 say, and changes the books where it asks for it.
pub fn handle(books: &mut Books, request: &Request) -> Response {
    // RFC 6764 section 5: the way to the context path, open to those who have not signed in.
    if request.path == "/.well-known/carddav" {
        return Response::empty(301).with("Location", "/");
    }
    if !signed_in(books, request) {
        return Response::empty(401).with(
            "WWW-Authenticate",
            "Basic realm=\"cardweave\", charset=\"UTF-8\"",
        );
    }
    let Some(place) = Place::parse(&request.path) else {
        return Response::empty(404);
    };
    match request.method.as_str() {
        "OPTIONS" => Response::empty(200)
            .with("DAV", "1, 3, addressbook, extended-mkcol")
            .with("Allow", ALLOW),
        "PROPFIND" => propfind::answer(books, request, &place),
        "REPORT" => report::answer(books, request, &place),
        // The wire leaves the body of a HEAD's answer out, and keeps its length.
        "GET" | "HEAD" => get(books, request, &place),
        "PUT" => write::put(books, request, &place),
        "DELETE" => write::delete(books, request, &place),
        "MKCOL" => write::make_book(books, request, &place),
        _ => Response::empty(405).with("Allow", ALLOW),
    }
}

/// Whether the request carries the account's name and password (RFC 7617).
fn signed_in(books: &Books, request: &Request) -> bool {
    let sent = request
        .header("Authorization")
        .and_then(|value| value.split_once(' '));
    let Some((scheme, credentials)) = sent else {
        return false;
    };
    if !scheme.eq_ignore_ascii_case("basic") {
        return false;
    }
    let decoded = BASE64_STANDARD.decode(credentials.trim()).ok();
    let text = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    text.as_deref()
        .and_then(|text| text.split_once(':'))
        .is_some_and(|(username, password)| books.account.is(username, password))
}

fn get(books: &Books, request: &Request, place: &Place) -> Response {
    let Place::Card { .. } = place else {
        return Response::empty(405).with("Allow", "OPTIONS, PROPFIND, REPORT, DELETE, MKCOL");
    };
    let Some(kept) = books.card(&place.href()) else {
        return Response::empty(404);
    };
    if !precondition::none_match(request, Some(&kept.etag)) {
        return Response::empty(304).with("ETag", &kept.etag);
    }
    if !precondition::matches(request, Some(&kept.etag)) {
        return Response::empty(412);
    }
    Response::empty(200)
        .with("Content-Type", "text/vcard; charset=utf-8")
        .with("ETag", &kept.etag)
        .with_body(kept.body.clone())
}

/// A refusal that names its precondition.
pub(super) fn refuse(status: u16, condition: &str) -> Response {
    Response::xml(status, xml::error(condition))
}
