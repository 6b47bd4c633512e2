//! Where a request path leads: the root, the principal, the home, a book or a card.

use std::fmt::Write as _;

/// A place of the server. Names are decoded; [`Place::href`] encodes them again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Root,
    Principal,
    Home,
    Book(String),
    Card { book: String, name: String },
}

impl Place {
    /// Reads a path, or a URL of which the host is not looked at (RFC 4918 section 8.3 allows
    /// both in a request's hrefs). `None` where this server has no such place.
    pub fn parse(path: &str) -> Option<Place> {
        let path = match path.split_once("://") {
            Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
            None => path,
        };
        let names: Vec<String> = path
            .strip_prefix('/')?
            .split('/')
            .map(decode)
            .collect::<Option<_>>()?;
        // A name is one segment: an encoded slash or a dot segment would be a way out of the book.
        if names
            .iter()
            .any(|name| name.contains(['/', '\0']) || name == "." || name == "..")
        {
            return None;
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        match names.as_slice() {
            [""] => Some(Place::Root),
            ["principal"] | ["principal", ""] => Some(Place::Principal),
            ["books"] | ["books", ""] => Some(Place::Home),
            ["books", book] | ["books", book, ""] if !book.is_empty() => {
                Some(Place::Book((*book).to_owned()))
            }
            ["books", book, name] if !book.is_empty() => Some(Place::Card {
                book: (*book).to_owned(),
                name: (*name).to_owned(),
            }),
            _ => None,
        }
    }

    /// The absolute path, percent-encoded (RFC 3986 section 2.1).
    pub fn href(&self) -> String {
        match self {
            Place::Root => "/".to_owned(),
            Place::Principal => "/principal/".to_owned(),
            Place::Home => "/books/".to_owned(),
            Place::Book(book) => format!("/books/{}/", encode(book)),
            Place::Card { book, name } => format!("/books/{}/{}", encode(book), encode(name)),
        }
    }
}

fn decode(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first != b'%' {
            bytes.push(first);
            rest = after;
            continue;
        }
        let digits = after.get(..2)?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        rest = &after[2..];
    }
    String::from_utf8(bytes).ok()
}

fn encode(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                text.push(char::from(byte));
            }
            other => write!(text, "%{other:02X}").expect("writing to a String cannot fail"),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_in_every_spelling_of_its_href() {
        let place = Place::Card {
            book: "people".into(),
            name: "ä b+@.vcf".into(),
        };
        assert_eq!(place.href(), "/books/people/%C3%A4%20b%2B%40.vcf");
        assert_eq!(
            Place::parse("/books/people/%c3%a4%20b+@.vcf"),
            Some(place.clone())
        );
        assert_eq!(
            Place::parse("http://other/books/people/ä b+@.vcf"),
            Some(place)
        );
    }

    #[test]
    fn no_spelling_leads_out_of_a_book() {
        for path in [
            "/books/people/..",
            "/books/people/a%2Fb",
            "/books/people/a/b",
            "/books/p/%00",
            "x",
        ] {
            assert_eq!(Place::parse(path), None, "{path}");
        }
    }
}
