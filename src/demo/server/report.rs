//! REPORT: what moved since a token (RFC 6578), many cards at once and by filter (RFC 6352 section 8).

use super::book::{Book, Books, Kept};
use super::handle::refuse;
use super::message::{Request, Response};
use super::path::Place;
use super::propfind::{self, Wanted};
use super::write::properties;
use super::xml::{self, CARDDAV, DAV, Element, escape};

pub(super) fn answer(books: &Books, request: &Request, place: &Place) -> Response {
    let Some(root) = xml::parse(&request.body) else {
        return Response::empty(400);
    };
    let Place::Book(name) = place else {
        return refuse(403, "<D:supported-report/>");
    };
    let Some(book) = books.book(name) else {
        return Response::empty(404);
    };
    let wanted = root
        .child(DAV, "prop")
        .map(propfind::names)
        .unwrap_or_default();
    match (root.namespace.as_str(), root.name.as_str()) {
        (DAV, "sync-collection") => sync_collection(books, book, name, &root, &wanted),
        (CARDDAV, "addressbook-multiget") => multiget(books, name, &root, &wanted),
        (CARDDAV, "addressbook-query") => query(books, book, name, &root, &wanted),
        _ => refuse(403, "<D:supported-report/>"),
    }
}

/// RFC 6578 section 3. A limit is obeyed as section 3.6 says: a part, 507, and the token of the part.
fn sync_collection(
    books: &Books,
    book: &Book,
    name: &str,
    root: &Element,
    wanted: &Wanted,
) -> Response {
    let token = root
        .child(DAV, "sync-token")
        .map_or("", |token| token.text.trim());
    let (since, initial) = match token {
        "" => (0, true),
        token => match book.version_of(token) {
            Some(version) => (version, false),
            None => return refuse(403, "<D:valid-sync-token/>"),
        },
    };
    let mut moved = book.moved_since(since);
    if initial {
        // Who asks for the first time knows of nothing that could be gone.
        moved.retain(|(_, card)| book.cards().contains_key(*card));
    }
    let limit = root
        .child(DAV, "limit")
        .and_then(|limit| limit.child(DAV, "nresults"))
        .and_then(|results| results.text.trim().parse().ok())
        .unwrap_or(usize::MAX);
    let is_cut = moved.len() > limit;
    moved.truncate(limit);

    let mut text = String::new();
    for (_, card) in &moved {
        let place = Place::Card {
            book: name.to_owned(),
            name: (*card).to_owned(),
        };
        if book.cards().contains_key(*card) {
            text.push_str(&propfind::response(books, &place, wanted));
        } else {
            text.push_str(&status_of(&place.href(), "404 Not Found"));
        }
    }
    let mut reached = book.token();
    if is_cut {
        reached = book.token_at(moved.last().map_or(since, |(version, _)| *version));
        text.push_str(&format!(
            "<D:response><D:href>{}</D:href><D:status>HTTP/1.1 507 Insufficient Storage</D:status>\
             <D:error><D:number-of-matches-within-limits/></D:error></D:response>\n",
            Place::Book(name.to_owned()).href()
        ));
    }
    text.push_str(&format!(
        "<D:sync-token>{}</D:sync-token>",
        escape(&reached)
    ));
    Response::xml(207, xml::multistatus(&text))
}

/// RFC 6352 section 8.7: each href is answered, in the order and the spelling it was asked.
fn multiget(books: &Books, name: &str, root: &Element, wanted: &Wanted) -> Response {
    let mut text = String::new();
    for asked in root.all(DAV, "href") {
        let asked = asked.text.trim();
        match Place::parse(asked) {
            Some(place @ Place::Card { .. })
                if books.card(asked).is_some() && is_in(&place, name) =>
            {
                text.push_str(&propfind::response(books, &place, wanted));
            }
            _ => text.push_str(&status_of(asked, "404 Not Found")),
        }
    }
    Response::xml(207, xml::multistatus(&text))
}

fn is_in(place: &Place, name: &str) -> bool {
    matches!(place, Place::Card { book, .. } if book == name)
}

fn status_of(href: &str, status: &str) -> String {
    format!(
        "<D:response><D:href>{}</D:href><D:status>HTTP/1.1 {status}</D:status></D:response>\n",
        escape(href)
    )
}

/// RFC 6352 section 8.6, as far as clients use it: properties that exist or contain a text. A
/// filter beyond that is refused, never answered wrongly.
fn query(books: &Books, book: &Book, name: &str, root: &Element, wanted: &Wanted) -> Response {
    let nothing = Element::default();
    let filter = root.child(CARDDAV, "filter").unwrap_or(&nothing);
    let Some(tests) = filter
        .children
        .iter()
        .map(Test::read)
        .collect::<Option<Vec<Test>>>()
    else {
        return refuse(403, "<C:supported-filter/>");
    };
    let wants_all = filter.attribute("test") == Some("allof");
    let text: String = book
        .cards()
        .iter()
        .filter(|(_, kept)| {
            tests.is_empty()
                || if wants_all {
                    tests.iter().all(|test| test.holds(kept))
                } else {
                    tests.iter().any(|test| test.holds(kept))
                }
        })
        .map(|(card, _)| Place::Card {
            book: name.to_owned(),
            name: card.clone(),
        })
        .map(|place| propfind::response(books, &place, wanted))
        .collect();
    Response::xml(207, xml::multistatus(&text))
}

/// One `prop-filter`.
struct Test {
    property: String,
    text: Option<String>,
    how: fn(&str, &str) -> bool,
}

impl Test {
    fn read(filter: &Element) -> Option<Test> {
        let property = filter.attribute("name")?.to_uppercase();
        let is_plain = filter.is(CARDDAV, "prop-filter");
        match filter.children.as_slice() {
            _ if !is_plain => None,
            [] => Some(Test {
                property,
                text: None,
                how: |_, _| true,
            }),
            [text]
                if text.is(CARDDAV, "text-match")
                    && text.attribute("negate-condition") != Some("yes") =>
            {
                let how: fn(&str, &str) -> bool = match text.attribute("match-type") {
                    None | Some("contains") => |value, text| value.contains(text),
                    Some("equals") => |value, text| value == text,
                    Some("starts-with") => |value, text| value.starts_with(text),
                    Some("ends-with") => |value, text| value.ends_with(text),
                    Some(_) => return None,
                };
                Some(Test {
                    property,
                    text: Some(text.text.to_lowercase()),
                    how,
                })
            }
            _ => None,
        }
    }

    fn holds(&self, kept: &Kept) -> bool {
        properties(&String::from_utf8_lossy(&kept.body))
            .iter()
            .any(|(name, value)| {
                *name == self.property
                    && self
                        .text
                        .as_ref()
                        .is_none_or(|text| (self.how)(&value.to_lowercase(), text))
            })
    }
}
