//! Addresses inside an address book: one spelling for comparing, and what is no member at all.
//!
//! Servers spell one resource in many ways (`%40` and `@`, `%c3` and `%C3`, a whole URL, a relative
//! path), and not always the same way in two answers. An [`Href`] is therefore the path in one
//! canonical spelling: every byte outside of RFC 3986's unreserved set percent-encoded in capital
//! hex. The spelling that the server used is remembered beside it and used in requests.

use std::cell::RefCell;
use std::collections::HashMap;

use url::Url;

use crate::book::Href;

/// One address book's place on its server.
pub(super) struct Collection {
    url: Url,
    /// Percent-decoded, without the empty ones at both ends.
    segments: Vec<Vec<u8>>,
    /// The segments under which the members are known to us.
    known_as: Vec<Vec<u8>>,
    /// How the server spelled members where that is not what we would have guessed. Empty for most
    /// servers, and never longer than the listings of one run.
    spellings: RefCell<HashMap<Href, String>>,
}

/// What an href in an answer about a collection points to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Member(Href),
    /// The collection itself.
    Own,
    /// Something else; the reason continues the sentence "The server listed X, which ...".
    NotMember(&'static str),
}

impl Collection {
    pub(super) fn new(url: &Url) -> Self {
        let mut url = url.clone();
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        let segments: Vec<Vec<u8>> = url
            .path()
            .split('/')
            .filter(|s| !s.is_empty())
            .map(decoded)
            .collect();
        Self {
            url,
            known_as: segments.clone(),
            segments,
            spellings: RefCell::default(),
        }
    }

    /// The same collection where a redirect says that it is. Its members keep the hrefs by which
    /// they are known: otherwise a book that moves would seem emptied and filled with strangers.
    pub(super) fn moved_to(&self, url: &Url) -> Self {
        Self {
            known_as: self.known_as.clone(),
            ..Self::new(url)
        }
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// Where `href` of an answer points. It comes from outside: nothing but a direct member of the
    /// collection, on the same origin, gets through (RFC 4918 section 8.3 lets servers send whole
    /// URLs and relative paths).
    pub(super) fn place(&self, href: &str) -> Place {
        let path = match self.path_of(href.trim()) {
            Ok(path) => path,
            Err(reason) => return Place::NotMember(reason),
        };
        let Some(inside) = path.strip_prefix('/') else {
            return Place::NotMember("is no path");
        };
        let (inside, is_collection) = match inside.strip_suffix('/') {
            Some(shorter) => (shorter, true),
            None => (inside, false),
        };
        let segments: Vec<Vec<u8>> = match inside {
            "" => Vec::new(),
            _ => inside.split('/').map(decoded).collect(),
        };
        if segments.iter().any(|segment| climbs(segment)) {
            return Place::NotMember("climbs out of the address book");
        }
        // Whoever redirects may go on to speak of the members as they were known before.
        let collections = [&self.segments, &self.known_as];
        if collections.contains(&&segments) {
            return Place::Own;
        }
        let is_in = |collection: &&Vec<Vec<u8>>| {
            segments.len() == collection.len() + 1 && segments.starts_with(collection)
        };
        if !collections.iter().any(is_in) {
            return Place::NotMember("is outside of the address book");
        }
        if is_collection {
            return Place::NotMember("is a folder of its own");
        }
        let mut known_as = self.known_as.clone();
        known_as.extend(segments.into_iter().next_back());
        let member = canonical(&known_as);
        if is_valid(&path) && path != self.guess(&member) {
            self.spellings.borrow_mut().insert(member.clone(), path);
        }
        Place::Member(member)
    }

    /// The href under which a new card of this name is to be made.
    pub(super) fn member(&self, file_name: &str) -> Href {
        let mut segments = self.segments.clone();
        segments.push(file_name.as_bytes().to_vec());
        canonical(&segments)
    }

    /// The path to use in a request: as the server spells it. Where it never told, or told no valid
    /// path (raw blanks, raw non-ASCII), the book's own spelling and the canonical name.
    pub(super) fn request_path(&self, member: &Href) -> String {
        self.spellings
            .borrow()
            .get(member)
            .cloned()
            .unwrap_or_else(|| self.guess(member))
    }

    pub(super) fn request_url(&self, member: &Href) -> Url {
        let mut url = self.url.clone();
        url.set_path(&self.request_path(member));
        url.set_query(None);
        url
    }

    fn guess(&self, member: &Href) -> String {
        let canonical_book = canonical(&self.segments);
        match member.as_str().strip_prefix(canonical_book.as_str()) {
            Some(name) => format!("{}{}", self.url.path().trim_end_matches('/'), name),
            None => member.as_str().to_owned(),
        }
    }

    /// The absolute path that an href stands for, still percent-encoded.
    ///
    /// Done by hand: a URL library resolves `..` on the way, and then nobody sees that it was there.
    fn path_of(&self, href: &str) -> Result<String, &'static str> {
        if href.is_empty() {
            return Err("is empty");
        }
        if href.contains(['?', '#']) {
            return Err("is no plain path");
        }
        if let Some((scheme, rest)) = href.split_once("://")
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric())
        {
            let start = rest.find('/').unwrap_or(rest.len());
            let base = Url::parse(&format!("{scheme}://{}", &rest[..start]))
                .map_err(|_| "is no address")?;
            return match base.origin() == self.url.origin() {
                true => Ok(rest[start..].to_owned()),
                false => Err("is on another server"),
            };
        }
        if href.starts_with("//") {
            return Err("is on another server");
        }
        if href.starts_with('/') {
            return Ok(href.to_owned());
        }
        Ok(format!(
            "{}{}",
            self.url.path(),
            href.strip_prefix("./").unwrap_or(href)
        ))
    }
}

/// The last segment, percent-decoded: how people call an address book by its address.
pub(super) fn last_segment(url: &Url) -> String {
    let last = url
        .path()
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    String::from_utf8_lossy(&decoded(last)).into_owned()
}

fn climbs(segment: &[u8]) -> bool {
    segment.is_empty()
        || segment == b"."
        || segment == b".."
        || segment.contains(&b'/')
        || segment.contains(&b'\\')
}

fn canonical(segments: &[Vec<u8>]) -> Href {
    let mut path = String::new();
    for segment in segments {
        path.push('/');
        for &byte in segment {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    path.push(byte.into());
                }
                _ => path.push_str(&format!("%{byte:02X}")),
            }
        }
    }
    Href::new(path)
}

/// A `%` without two hex digits behind it stands for itself: some servers forget to encode it.
fn decoded(segment: &str) -> Vec<u8> {
    let bytes = segment.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match hex_pair(bytes, at) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    out
}

fn hex_pair(bytes: &[u8], at: usize) -> Option<u8> {
    if bytes[at] != b'%' {
        return None;
    }
    let digit = |at: usize| (*bytes.get(at)? as char).to_digit(16);
    Some((digit(at + 1)? * 16 + digit(at + 2)?) as u8)
}

/// Whether the path holds only what RFC 3986 lets stand in one.
fn is_valid(path: &str) -> bool {
    let bytes = path.as_bytes();
    (0..bytes.len()).all(|at| match bytes[at] {
        b'%' => hex_pair(bytes, at).is_some(),
        byte => byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@".contains(&byte),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book() -> Collection {
        Collection::new(&Url::parse("https://h.example/u/anna%40x/book").unwrap())
    }

    fn member(href: &str) -> Option<String> {
        match book().place(href) {
            Place::Member(href) => Some(href.as_str().to_owned()),
            _ => None,
        }
    }

    #[test]
    fn every_legal_spelling_of_a_member_is_the_same_member() {
        for spelled in [
            "/u/anna@x/book/a%28b%29~%c3%a4.vcf",
            "/u/anna%40x/book/a(b)%7e%C3%A4.vcf",
            "/u/anna%40x/book/a(b)~ä.vcf",
            "a(b)~ä.vcf",
            "./a(b)~ä.vcf",
            "https://h.example/u/anna@x/book/a(b)~ä.vcf",
            "HTTPS://H.example:443/u/anna@x/book/a(b)~ä.vcf",
            " /u/anna@x/book/a(b)~ä.vcf\n",
        ] {
            assert_eq!(
                member(spelled).as_deref(),
                Some("/u/anna%40x/book/a%28b%29~%C3%A4.vcf"),
                "{spelled}"
            );
        }
    }

    #[test]
    fn the_book_itself_is_not_a_member() {
        for spelled in [
            "/u/anna@x/book/",
            "/u/anna%40x/book",
            "https://h.example/u/anna@x/book/",
        ] {
            assert_eq!(book().place(spelled), Place::Own, "{spelled}");
        }
    }

    #[test]
    fn nothing_leads_out_of_the_book() {
        for spelled in [
            "/u/anna@x/book/../../bob/x.vcf",
            "/u/anna@x/book/..",
            "/u/anna@x/book/..%2F..%2Fetc%2Fpasswd",
            "/u/anna@x/book/%2e%2e",
            "/u/anna@x/book/a%5Cb.vcf",
            "../x.vcf",
            "/u/bob/book/x.vcf",
            "/u/anna@x/book/sub/x.vcf",
            "/u/anna@x/book/sub/",
            "/u/anna@x/book//x.vcf",
            "//h.example/u/anna@x/book/x.vcf",
            "https://evil.example/u/anna@x/book/x.vcf",
            "http://h.example/u/anna@x/book/x.vcf",
            "https://h.example:444/u/anna@x/book/x.vcf",
            "https://h.example@evil.example/u/anna@x/book/x.vcf",
            "/u/anna@x/book/x.vcf?y",
            "",
        ] {
            assert!(
                matches!(book().place(spelled), Place::NotMember(_)),
                "{spelled}"
            );
        }
    }

    #[test]
    fn an_address_without_a_scheme_is_another_servers() {
        let stranger = Place::NotMember("is on another server");
        assert_eq!(book().place("//h.example/u/anna@x/book/x.vcf"), stranger);
    }

    #[test]
    fn controls_and_nul_in_a_name_are_carried_encoded() {
        assert_eq!(
            member("/u/anna@x/book/a\u{1b}[2J%00\nb.vcf").as_deref(),
            Some("/u/anna%40x/book/a%1B%5B2J%00%0Ab.vcf")
        );
        assert_eq!(
            member("100%.vcf").as_deref(),
            Some("/u/anna%40x/book/100%25.vcf")
        );
    }

    #[test]
    fn requests_use_the_servers_spelling_where_it_is_valid() {
        let book = book();
        let one = Href::new("/u/anna%40x/book/a%40x.vcf");
        assert_eq!(book.request_path(&one), "/u/anna%40x/book/a%40x.vcf");
        book.place("https://h.example/u/anna@x/book/a@x.vcf");
        assert_eq!(book.request_path(&one), "/u/anna@x/book/a@x.vcf");
        book.place("/u/anna%40x/book/a b.vcf");
        let raw = Href::new("/u/anna%40x/book/a%20b.vcf");
        assert_eq!(book.request_path(&raw), "/u/anna%40x/book/a%20b.vcf");
    }

    #[test]
    fn members_keep_their_names_when_the_book_moves() {
        let moved = book().moved_to(&Url::parse("https://h.example/new/place/").unwrap());
        let member = Place::Member(Href::new("/u/anna%40x/book/x.vcf"));
        assert_eq!(moved.place("/new/place/x.vcf"), member);
        assert_eq!(moved.place("/new/place/"), Place::Own);
        assert_eq!(moved.place("/u/anna%40x/book/x.vcf"), member);
        assert!(matches!(
            moved.place("/u/anna%40x/other/x.vcf"),
            Place::NotMember(_)
        ));
    }

    #[test]
    fn a_new_card_is_addressed_by_the_books_own_spelling() {
        let book = Collection::new(&Url::parse("https://h.example/u/anna@x/book/?y").unwrap());
        let member = book.member("abc.vcf");
        assert_eq!(member.as_str(), "/u/anna%40x/book/abc.vcf");
        assert_eq!(
            book.request_url(&member).as_str(),
            "https://h.example/u/anna@x/book/abc.vcf"
        );
        assert_eq!(last_segment(book.url()), "book");
    }

    #[test]
    fn a_request_url_is_the_path_and_nothing_more() {
        let url = book().request_url(&Href::new("/u/anna%40x/book/a%3Fb%25.vcf"));
        assert_eq!(
            url.as_str(),
            "https://h.example/u/anna%40x/book/a%3Fb%25.vcf"
        );
    }
}
