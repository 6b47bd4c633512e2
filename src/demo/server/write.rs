//! PUT, DELETE and MKCOL: under their preconditions, or not at all.

use super::book::Books;
use super::handle::refuse;
use super::message::{Request, Response};
use super::path::Place;
use super::precondition;
use super::xml::{self, CARDDAV, DAV, escape};

/// Stores a card byte for byte (RFC 6352 section 6.3.2); its ETag in the answer says so.
pub(super) fn put(books: &mut Books, request: &Request, place: &Place) -> Response {
    let Place::Card {
        book: book_name,
        name,
    } = place
    else {
        return Response::empty(405);
    };
    // RFC 4918 section 9.7.1: a PUT without its collection is a conflict.
    let Some(book) = books.book(book_name) else {
        return Response::empty(409);
    };
    let had = book.cards().get(name).map(|kept| kept.etag.as_str());
    if !precondition::matches(request, had) || !precondition::none_match(request, had) {
        return Response::empty(412);
    }
    if request.body.len() > book.max_resource_bytes {
        return refuse(403, "<C:max-resource-size/>");
    }
    let kind = request.header("Content-Type").unwrap_or("text/vcard");
    if !kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .eq_ignore_ascii_case("text/vcard")
    {
        return refuse(403, "<C:supported-address-data/>");
    }
    match judge(&request.body) {
        Verdict::NoCard => return refuse(403, "<C:valid-address-data/>"),
        Verdict::OtherVersion => return refuse(403, "<C:supported-address-data/>"),
        Verdict::Card => {}
    }
    if let Some(holder) = uid(&request.body).and_then(|uid| book.holder_of(uid, name)) {
        let holder = Place::Card {
            book: book_name.clone(),
            name: holder.to_owned(),
        }
        .href();
        let condition = format!(
            "<C:no-uid-conflict><D:href>{}</D:href></C:no-uid-conflict>",
            escape(&holder)
        );
        return refuse(409, &condition);
    }
    let status = if had.is_some() { 204 } else { 201 };
    match books.put(&place.href(), &request.body) {
        Some(etag) => Response::empty(status).with("ETag", etag),
        None => Response::empty(409),
    }
}

pub(super) fn delete(books: &mut Books, request: &Request, place: &Place) -> Response {
    match place {
        Place::Root | Place::Principal | Place::Home => Response::empty(403),
        Place::Book(name) if books.delete_book(name) => Response::empty(204),
        Place::Book(_) => Response::empty(404),
        Place::Card { .. } => {
            let href = place.href();
            let had = books.card(&href).map(|kept| kept.etag.as_str());
            if !precondition::matches(request, had) || !precondition::none_match(request, had) {
                return Response::empty(412);
            }
            Response::empty(if books.delete(&href) { 204 } else { 404 })
        }
    }
}

/// Extended MKCOL (RFC 5689, RFC 6352 section 6.3.1): address books, directly in the home.
pub(super) fn make_book(books: &mut Books, request: &Request, place: &Place) -> Response {
    let Place::Book(name) = place else {
        return refuse(403, "<C:addressbook-collection-location-ok/>");
    };
    if books.book(name).is_some() {
        return Response::empty(405);
    }
    let Some(root) = xml::parse(&request.body) else {
        return Response::empty(400);
    };
    let prop = root
        .child(DAV, "set")
        .and_then(|set| set.child(DAV, "prop"));
    let is_book = prop
        .and_then(|prop| prop.child(DAV, "resourcetype"))
        .is_some_and(|kind| kind.child(CARDDAV, "addressbook").is_some());
    if !is_book {
        return refuse(403, "<D:valid-resourcetype/>");
    }
    let display_name = prop.and_then(|prop| prop.child(DAV, "displayname"));
    books.create_book(
        name,
        display_name.map_or(name.as_str(), |name| name.text.trim()),
    );
    Response::empty(201)
}

/// Whether bytes are one card that this server takes.
enum Verdict {
    Card,
    NoCard,
    OtherVersion,
}

/// RFC 6352 section 5.1 wants one card with a UID; the rest is what XML can carry.
fn judge(body: &[u8]) -> Verdict {
    let Ok(text) = std::str::from_utf8(body) else {
        return Verdict::NoCard;
    };
    if text.contains(|c: char| c.is_ascii_control() && !matches!(c, '\r' | '\n' | '\t' | '\x7F')) {
        return Verdict::NoCard;
    }
    let properties = properties(text);
    let count = |wanted: &str, value: &str| {
        properties
            .iter()
            .filter(|(name, had)| {
                name == wanted && (value.is_empty() || had.eq_ignore_ascii_case(value))
            })
            .count()
    };
    let ends_well = properties
        .last()
        .is_some_and(|(name, value)| name == "END" && value.eq_ignore_ascii_case("VCARD"));
    let begins_well = properties
        .first()
        .is_some_and(|(name, value)| name == "BEGIN" && value.eq_ignore_ascii_case("VCARD"));
    if !begins_well || !ends_well || count("BEGIN", "VCARD") != 1 || uid(body).is_none() {
        return Verdict::NoCard;
    }
    match count("VERSION", "3.0") + count("VERSION", "4.0") {
        1 => Verdict::Card,
        _ => Verdict::OtherVersion,
    }
}

/// The properties of a card, unfolded: names in capitals without group and parameters, and values.
pub(super) fn properties(text: &str) -> Vec<(String, String)> {
    let unfolded = text
        .replace("\r\n", "\n")
        .replace("\n ", "")
        .replace("\n\t", "");
    unfolded
        .lines()
        .filter_map(|line| {
            let end = line.find([';', ':'])?;
            let name = line[..end]
                .rsplit('.')
                .next()
                .unwrap_or_default()
                .to_uppercase();
            let value = line[end..].split_once(':').map_or("", |(_, value)| value);
            Some((name, value.trim_end().to_owned()))
        })
        .collect()
}

/// The UID of a card, where it stands on one line, as it does for all but hostile cards.
pub(super) fn uid(body: &[u8]) -> Option<&str> {
    body.split(|&byte| byte == b'\n').find_map(|line| {
        let line = std::str::from_utf8(line).ok()?;
        let end = line.find([';', ':'])?;
        let is_uid = line[..end].eq_ignore_ascii_case("UID");
        let value = line[end..].split_once(':')?.1.trim();
        (is_uid && !value.is_empty()).then_some(value)
    })
}
