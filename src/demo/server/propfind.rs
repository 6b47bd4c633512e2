//! PROPFIND: properties of a place and of what lies directly in it (RFC 4918 section 9.1).

use super::book::{Book, Books, Kept};
use super::handle::refuse;
use super::message::{Request, Response};
use super::path::Place;
use super::xml::{self, CALENDARSERVER, CARDDAV, DAV, Element, escape};

pub(super) fn answer(books: &Books, request: &Request, place: &Place) -> Response {
    let wanted = match wanted(&request.body) {
        Some(wanted) => wanted,
        None => return Response::empty(400),
    };
    let depth = match request.header("Depth") {
        Some("0") => 0,
        Some("1") => 1,
        // No header means infinity (RFC 4918 section 10.2), which a server may refuse.
        None | Some("infinity") => return refuse(403, "<D:propfind-finite-depth/>"),
        Some(_) => return Response::empty(400),
    };
    if !exists(books, place) {
        return Response::empty(404);
    }
    let mut places = vec![place.clone()];
    if depth == 1 {
        places.extend(members(books, place));
    }
    let responses: String = places
        .iter()
        .map(|place| response(books, place, &wanted))
        .collect();
    Response::xml(207, xml::multistatus(&responses))
}

/// The names of the properties that are asked for.
pub(super) type Wanted = Vec<(String, String)>;

/// Reads a PROPFIND body; an empty one asks for everything (RFC 4918 section 9.1).
fn wanted(body: &[u8]) -> Option<Wanted> {
    let everything = || {
        [
            (DAV, "resourcetype"),
            (DAV, "displayname"),
            (DAV, "getetag"),
            (DAV, "getcontenttype"),
        ]
        .map(|(namespace, name)| (namespace.to_owned(), name.to_owned()))
        .to_vec()
    };
    if body.is_empty() {
        return Some(everything());
    }
    let root = xml::parse(body).filter(|root| root.is(DAV, "propfind"))?;
    match root.child(DAV, "prop") {
        Some(prop) => Some(names(prop)),
        None => Some(everything()),
    }
}

/// The names inside a `DAV:prop`.
pub(super) fn names(prop: &Element) -> Wanted {
    prop.children
        .iter()
        .map(|child| (child.namespace.clone(), child.name.clone()))
        .collect()
}

fn exists(books: &Books, place: &Place) -> bool {
    match place {
        Place::Root | Place::Principal | Place::Home => true,
        Place::Book(name) => books.book(name).is_some(),
        Place::Card { .. } => books.card(&place.href()).is_some(),
    }
}

fn members(books: &Books, place: &Place) -> Vec<Place> {
    match place {
        Place::Root => vec![Place::Principal, Place::Home],
        Place::Home => books
            .names()
            .map(|name| Place::Book(name.to_owned()))
            .collect(),
        Place::Book(name) => books
            .book(name)
            .into_iter()
            .flat_map(|book| book.cards().keys())
            .map(|card| Place::Card {
                book: name.clone(),
                name: card.clone(),
            })
            .collect(),
        Place::Principal | Place::Card { .. } => Vec::new(),
    }
}

/// One `DAV:response`: what the place has of the wanted under 200, the rest under 404.
pub(super) fn response(books: &Books, place: &Place, wanted: &Wanted) -> String {
    let (mut found, mut missing) = (String::new(), String::new());
    for (namespace, name) in wanted {
        match value(books, place, namespace, name) {
            Some(content) => found.push_str(&xml::property(namespace, name, &content)),
            None => missing.push_str(&xml::property(namespace, name, "")),
        }
    }
    let mut text = format!("<D:response><D:href>{}</D:href>", escape(&place.href()));
    for (properties, status) in [(found, "200 OK"), (missing, "404 Not Found")] {
        if !properties.is_empty() {
            text.push_str(&format!(
                "<D:propstat><D:prop>{properties}</D:prop><D:status>HTTP/1.1 {status}</D:status></D:propstat>"
            ));
        }
    }
    if wanted.is_empty() {
        text.push_str("<D:propstat><D:prop/><D:status>HTTP/1.1 200 OK</D:status></D:propstat>");
    }
    text.push_str("</D:response>\n");
    text
}

/// The content of a property, as XML.
fn value(books: &Books, place: &Place, namespace: &str, name: &str) -> Option<String> {
    let href = |place: Place| Some(format!("<D:href>{}</D:href>", escape(&place.href())));
    match (namespace, name, place) {
        (DAV, "current-user-principal", _) => href(Place::Principal),
        (DAV, "principal-URL", Place::Principal) => href(Place::Principal),
        (DAV, "owner", _) => href(Place::Principal),
        (CARDDAV, "addressbook-home-set", Place::Principal) => href(Place::Home),
        (DAV, "displayname", Place::Principal) => Some(escape(&books.account.username)),
        (DAV, "current-user-privilege-set", _) => Some(privileges()),
        (DAV, "resourcetype", Place::Root | Place::Home) => Some("<D:collection/>".into()),
        (DAV, "resourcetype", Place::Principal) => Some("<D:collection/><D:principal/>".into()),
        (DAV, "resourcetype", Place::Book(_)) => Some("<D:collection/><C:addressbook/>".into()),
        (DAV, "resourcetype", Place::Card { .. }) => Some(String::new()),
        (_, _, Place::Book(book)) => of_book(books.book(book)?, namespace, name),
        (_, _, Place::Card { .. }) => of_card(books.card(&place.href())?, namespace, name),
        _ => None,
    }
}

fn of_book(book: &Book, namespace: &str, name: &str) -> Option<String> {
    match (namespace, name) {
        (DAV, "displayname") => Some(escape(&book.display_name)),
        (DAV, "sync-token") => Some(escape(&book.token())),
        (CALENDARSERVER, "getctag") => Some(escape(&book.ctag())),
        (CARDDAV, "max-resource-size") => Some(book.max_resource_bytes.to_string()),
        (CARDDAV, "supported-address-data") => Some(
            ["3.0", "4.0"]
                .map(|version| {
                    format!(
                        "<C:address-data-type content-type=\"text/vcard\" version=\"{version}\"/>"
                    )
                })
                .concat(),
        ),
        (DAV, "supported-report-set") => Some(
            [
                "D:sync-collection",
                "C:addressbook-multiget",
                "C:addressbook-query",
            ]
            .map(|report| {
                format!("<D:supported-report><D:report><{report}/></D:report></D:supported-report>")
            })
            .concat(),
        ),
        _ => None,
    }
}

fn of_card(kept: &Kept, namespace: &str, name: &str) -> Option<String> {
    match (namespace, name) {
        (DAV, "getetag") => Some(escape(&kept.etag)),
        (DAV, "getcontenttype") => Some("text/vcard; charset=utf-8".into()),
        (DAV, "getcontentlength") => Some(kept.body.len().to_string()),
        (CARDDAV, "address-data") => Some(escape(&String::from_utf8_lossy(&kept.body))),
        _ => None,
    }
}

fn privileges() -> String {
    [
        "all",
        "read",
        "write",
        "write-properties",
        "write-content",
        "bind",
        "unbind",
    ]
    .map(|privilege| format!("<D:privilege><D:{privilege}/></D:privilege>"))
    .concat()
}
