//! What the server holds: address books, their cards, and all that ever happened to them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::path::Place;
use super::write::uid;

/// Everything that one account has on the server.
#[derive(Debug)]
pub struct Books {
    pub account: Account,
    books: BTreeMap<String, Book>,
    /// Counts the books ever made, so that a token of a deleted book never fits its successor.
    generations: u64,
    /// The versions of all cards of all books by href, deleted ones too; `None`: it was deleted.
    versions: BTreeMap<String, Vec<Option<Vec<u8>>>>,
}

/// Who may sign in.
#[derive(Debug)]
pub struct Account {
    pub username: String,
    password: SecretString,
}

/// One address book.
#[derive(Debug)]
pub struct Book {
    pub display_name: String,
    /// The largest card it takes, in bytes (RFC 6352 section 6.2.3).
    pub max_resource_bytes: usize,
    cards: BTreeMap<String, Kept>,
    /// The cards that have a UID, by UID: looked up at each write, however full the book is.
    holders: BTreeMap<String, BTreeSet<String>>,
    generation: u64,
    /// One name per change, oldest first; the number of changes is the version of the book.
    log: Vec<String>,
}

/// A card as the server keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// With its quotes, as it goes into a header.
    pub etag: String,
    pub body: Vec<u8>,
}

impl Account {
    pub fn new(username: &str, password: &str) -> Self {
        Self {
            username: username.to_owned(),
            password: password.into(),
        }
    }

    pub(super) fn is(&self, username: &str, password: &str) -> bool {
        self.username == username && self.password.expose_secret() == password
    }
}

impl Books {
    /// A server without any book yet.
    pub fn new(account: Account) -> Self {
        Self {
            account,
            books: BTreeMap::new(),
            generations: 0,
            versions: BTreeMap::new(),
        }
    }

    /// The same with an empty book of this name.
    pub fn with_book(mut self, name: &str, display_name: &str) -> Self {
        self.create_book(name, display_name);
        self
    }

    pub fn book(&self, name: &str) -> Option<&Book> {
        self.books.get(name)
    }

    pub fn book_mut(&mut self, name: &str) -> Option<&mut Book> {
        self.books.get_mut(name)
    }

    /// The names of all books, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.books.keys().map(String::as_str)
    }

    /// Makes an empty book; one that is there already is replaced by a new one.
    pub fn create_book(&mut self, name: &str, display_name: &str) {
        self.generations += 1;
        let book = Book {
            display_name: display_name.to_owned(),
            max_resource_bytes: 10_000_000,
            cards: BTreeMap::new(),
            holders: BTreeMap::new(),
            generation: self.generations,
            log: Vec::new(),
        };
        self.books.insert(name.to_owned(), book);
    }

    /// Deletes a book with all its cards. Whether it was there.
    pub fn delete_book(&mut self, name: &str) -> bool {
        let Some(book) = self.books.remove(name) else {
            return false;
        };
        for card in book.cards.into_keys() {
            let href = Place::Card {
                book: name.to_owned(),
                name: card,
            }
            .href();
            self.versions.entry(href).or_default().push(None);
        }
        true
    }

    /// Looks a card up by its href, in any spelling.
    pub fn card(&self, href: &str) -> Option<&Kept> {
        match Place::parse(href)? {
            Place::Card { book, name } => self.books.get(&book)?.cards.get(&name),
            _ => None,
        }
    }

    /// Stores these bytes, whatever they are and whatever was there. The new ETag, or `None`
    /// where the href lies in no book.
    pub fn put(&mut self, href: &str, body: &[u8]) -> Option<String> {
        let place = Place::parse(href)?;
        let Place::Card { book, name } = &place else {
            return None;
        };
        let book = self.books.get_mut(book)?;
        let kept = Kept {
            etag: etag(body),
            body: body.to_vec(),
        };
        let tag = kept.etag.clone();
        // The same bytes again are no change, and nobody needs to hear of them.
        if book.cards.get(name) != Some(&kept) {
            book.remove(name);
            if let Some(uid) = uid(body) {
                let holders = book.holders.entry(uid.to_owned()).or_default();
                holders.insert(name.clone());
            }
            book.cards.insert(name.clone(), kept);
            book.log.push(name.clone());
        }
        self.versions
            .entry(place.href())
            .or_default()
            .push(Some(body.to_vec()));
        Some(tag)
    }

    /// Deletes a card. Whether it was there.
    pub fn delete(&mut self, href: &str) -> bool {
        let Some(place) = Place::parse(href) else {
            return false;
        };
        let Place::Card { book, name } = &place else {
            return false;
        };
        let Some(book) = self.books.get_mut(book) else {
            return false;
        };
        if !book.remove(name) {
            return false;
        }
        book.log.push(name.clone());
        self.versions.entry(place.href()).or_default().push(None);
        true
    }

    /// All that an href ever held, oldest first; `None` where it was deleted.
    pub fn versions(&self, href: &str) -> &[Option<Vec<u8>>] {
        let spelling = Place::parse(href).map(|place| place.href());
        spelling
            .and_then(|href| self.versions.get(&href))
            .map_or(&[], Vec::as_slice)
    }

    /// All that all hrefs ever held.
    pub fn all_versions(&self) -> &BTreeMap<String, Vec<Option<Vec<u8>>>> {
        &self.versions
    }
}

impl Book {
    /// The cards by name, sorted.
    pub fn cards(&self) -> &BTreeMap<String, Kept> {
        &self.cards
    }

    /// Changes whenever a card does.
    pub fn ctag(&self) -> String {
        format!("\"{}-{}\"", self.generation, self.log.len())
    }

    /// The sync token of today (RFC 6578 section 4): a URI.
    pub fn token(&self) -> String {
        self.token_at(self.log.len())
    }

    pub(super) fn token_at(&self, version: usize) -> String {
        format!("urn:x-cardweave:sync:{}:{version}", self.generation)
    }

    /// The version that a token stands for, if it is one that this book gave.
    pub(super) fn version_of(&self, token: &str) -> Option<usize> {
        let (generation, version) = token
            .strip_prefix("urn:x-cardweave:sync:")?
            .split_once(':')?;
        let version = version.parse().ok()?;
        let ours = generation.parse() == Ok(self.generation) && version <= self.log.len();
        ours.then_some(version)
    }

    /// The names that moved after a version, each with the version of its last move, oldest
    /// first: an order in which a client may be told a part and come back for the rest.
    pub(super) fn moved_since(&self, version: usize) -> Vec<(usize, &str)> {
        let mut seen = BTreeSet::new();
        let mut moved: Vec<(usize, &str)> = self.log[version..]
            .iter()
            .enumerate()
            .rev()
            .filter(|(_, name)| seen.insert(name.as_str()))
            .map(|(at, name)| (version + at + 1, name.as_str()))
            .collect();
        moved.reverse();
        moved
    }

    /// The name of another card with this UID.
    pub(super) fn holder_of(&self, uid: &str, but: &str) -> Option<&str> {
        let mut names = self.holders.get(uid)?.iter().map(String::as_str);
        names.find(|name| *name != but)
    }

    /// Takes a card away without a word in the log. Whether it was there.
    fn remove(&mut self, name: &str) -> bool {
        let Some(kept) = self.cards.remove(name) else {
            return false;
        };
        if let Some(names) = uid(&kept.body).and_then(|uid| self.holders.get_mut(uid)) {
            names.remove(name);
        }
        true
    }
}

/// A strong ETag (RFC 9110 section 8.8.3): equal bytes, equal tag.
fn etag(body: &[u8]) -> String {
    let mut tag = String::from("\"");
    for byte in &Sha256::digest(body)[..12] {
        write!(tag, "{byte:02x}").expect("writing to a String cannot fail");
    }
    tag.push('"');
    tag
}

#[cfg(test)]
mod tests {
    use super::*;

    fn books() -> Books {
        Books::new(Account::new("anna", "secret")).with_book("people", "People")
    }

    #[test]
    fn every_version_of_a_card_stays_also_after_it_and_its_book_are_gone() {
        let mut books = books();
        books.put("/books/people/a.vcf", b"1");
        books.put("/books/people/%61.vcf", b"2");
        books.delete("/books/people/a.vcf");
        books.put("/books/people/a.vcf", b"3");
        books.delete_book("people");
        let expected = [
            Some(b"1".to_vec()),
            Some(b"2".to_vec()),
            None,
            Some(b"3".to_vec()),
            None,
        ];
        assert_eq!(books.versions("/books/people/a.vcf"), expected);
    }

    #[test]
    fn a_token_of_a_deleted_book_does_not_fit_the_one_made_after_it() {
        let mut books = books();
        let token = books.book("people").unwrap().token();
        assert_eq!(books.book("people").unwrap().version_of(&token), Some(0));
        books.create_book("people", "People");
        assert_eq!(books.book("people").unwrap().version_of(&token), None);
    }

    #[test]
    fn a_uid_is_free_again_when_its_card_is_gone_or_has_another() {
        let mut books = books();
        let holder = |books: &Books, but: &str| {
            let book = books.book("people").unwrap();
            book.holder_of("x", but).map(str::to_owned)
        };
        books.put("/books/people/a", b"UID:x\r\n");
        books.put("/books/people/b", b"UID:x\r\n");
        assert_eq!(holder(&books, "a").as_deref(), Some("b"));
        books.put("/books/people/a", b"UID:y\r\n");
        assert_eq!(holder(&books, "").as_deref(), Some("b"));
        books.delete("/books/people/b");
        assert_eq!(holder(&books, ""), None);
    }

    #[test]
    fn what_moved_twice_is_told_once_and_late() {
        let mut books = books();
        for (name, body) in [("a", "1"), ("b", "1"), ("a", "2"), ("a", "2")] {
            books.put(&format!("/books/people/{name}"), body.as_bytes());
        }
        let book = books.book("people").unwrap();
        assert_eq!(book.moved_since(0), [(2, "b"), (3, "a")]);
        assert_eq!(book.moved_since(3), []);
    }
}
