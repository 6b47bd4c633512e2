//! A store in memory, for tests and benchmarks of everything that only needs the promise.
//!
//! Clones are handles of the same store: a test keeps one while the code under test has another.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;

use super::{
    Cursor, Extent, Found, Keeps, Listing, Since, Store, StoreError, StoreErrorKind, Write,
    WriteError, Written,
};
use crate::book::{ETag, Entry, Href, StoreId};
use crate::card::Card;

/// A store that keeps cards in memory and fails on command.
#[derive(Clone)]
pub struct Memory {
    id: StoreId,
    keeps: Keeps,
    /// Whether the answer to a write says what was kept, as a folder's does.
    tells_kept: bool,
    inner: Rc<RefCell<Inner>>,
}

/// What is done to the bytes of a card before they are kept.
type Rewrite = Rc<dyn Fn(&[u8]) -> Vec<u8>>;

/// What happens right before a write.
type Interlude = Box<dyn FnOnce(&Memory, &Write)>;

#[derive(Default)]
struct Inner {
    kept: BTreeMap<Href, Kept>,
    /// One address per change, oldest first; its length is the version of the store.
    log: Vec<Href>,
    /// All bytes that an address ever held; `None` where it was deleted.
    versions: BTreeMap<Href, Vec<Option<Vec<u8>>>>,
    rewrite: Option<Rewrite>,
    failures: BTreeMap<usize, Failure>,
    interludes: BTreeMap<usize, Interlude>,
    listings: VecDeque<Result<Listing, StoreError>>,
    counts: Counts,
}

struct Kept {
    etag: ETag,
    bytes: Vec<u8>,
}

/// How often a store was asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub lists: usize,
    pub reads: usize,
    /// Addresses over all reads.
    pub cards_read: usize,
    pub writes: usize,
}

/// How a write fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Nothing is applied, and the store is gone for the run.
    Unreachable,
    /// Nothing is applied, and nobody can tell.
    LostRequest,
    /// It is applied, and nobody can tell.
    LostReply,
    /// Nothing is applied, for this reason.
    Refused(String),
}

impl Memory {
    /// An empty store that keeps every byte.
    pub fn new(id: &str) -> Self {
        Self {
            id: StoreId::new(id),
            keeps: Keeps {
                version_4: true,
                inline_media_in_4: true,
            },
            tells_kept: false,
            inner: Rc::default(),
        }
    }

    pub fn with_keeps(mut self, keeps: Keeps) -> Self {
        self.keeps = keeps;
        self
    }

    /// From now on the answer to a write names what was kept.
    pub fn telling_what_it_kept(mut self) -> Self {
        self.tells_kept = true;
        self
    }

    /// From now on each card is rewritten before it is kept, as many servers do.
    pub fn rewriting(self, rewrite: impl Fn(&[u8]) -> Vec<u8> + 'static) -> Self {
        self.inner.borrow_mut().rewrite = Some(Rc::new(rewrite));
        self
    }

    /// From now on properties whose names begin with `X-` are dropped, with their folded lines.
    pub fn stripping_x(self) -> Self {
        self.rewriting(|bytes| {
            let mut is_dropped = false;
            bytes
                .split_inclusive(|&byte| byte == b'\n')
                .filter(|line| {
                    if !matches!(line.first(), Some(b' ' | b'\t')) {
                        let name_end = line.iter().position(|byte| matches!(byte, b':' | b';'));
                        let name = &line[..name_end.unwrap_or(line.len())];
                        let after_group = name.rsplit(|&byte| byte == b'.').next().unwrap_or(name);
                        is_dropped =
                            after_group.len() > 2 && after_group[..2].eq_ignore_ascii_case(b"X-");
                    }
                    !is_dropped
                })
                .collect::<Vec<_>>()
                .concat()
        })
    }

    /// Makes write number `n` fail; the first write ever is number 1.
    pub fn fail_write(&self, n: usize, failure: Failure) {
        self.inner.borrow_mut().failures.insert(n, failure);
    }

    /// Takes back the failures that have not happened yet.
    pub fn heal(&self) {
        self.inner.borrow_mut().failures.clear();
    }

    /// The store's id as text.
    pub fn name(&self) -> String {
        self.id.to_string()
    }

    /// Calls this right before write number `n`: the moment in which another client is faster.
    pub fn before_write(&self, n: usize, interlude: impl FnOnce(&Memory, &Write) + 'static) {
        self.inner
            .borrow_mut()
            .interludes
            .insert(n, Box::new(interlude));
    }

    /// Answers the next listing with this; several are answered in turn.
    pub fn answer_list(&self, answer: Result<Listing, StoreError>) {
        self.inner.borrow_mut().listings.push_back(answer);
    }

    /// Keeps these very bytes as another client would have sent them, whatever was there.
    pub fn put_behind(&self, href: &str, bytes: &[u8]) {
        self.inner.borrow_mut().put(Href::new(href), bytes.to_vec());
    }

    /// Deletes as another client would. Whether it was there.
    pub fn delete_behind(&self, href: &str) -> bool {
        self.inner.borrow_mut().remove(&Href::new(href))
    }

    /// The bytes by address.
    pub fn entries(&self) -> BTreeMap<Href, Vec<u8>> {
        let inner = self.inner.borrow();
        inner
            .kept
            .iter()
            .map(|(href, kept)| (href.clone(), kept.bytes.clone()))
            .collect()
    }

    /// All bytes that each address ever held, oldest first; `None` where it was deleted.
    pub fn versions(&self) -> BTreeMap<Href, Vec<Option<Vec<u8>>>> {
        self.inner.borrow().versions.clone()
    }

    pub fn counts(&self) -> Counts {
        self.inner.borrow().counts
    }

    /// Begins to count anew; the numbers of [`Memory::fail_write`] begin anew with it.
    pub fn reset_counts(&self) {
        self.inner.borrow_mut().counts = Counts::default();
    }

    fn write_now(&self, write: &Write) -> Result<Written, WriteError> {
        let (number, interlude) = {
            let mut inner = self.inner.borrow_mut();
            inner.counts.writes += 1;
            let number = inner.counts.writes;
            (number, inner.interludes.remove(&number))
        };
        // The store is not borrowed here, because the interlude will want to edit it.
        if let Some(interlude) = interlude {
            interlude(self, write);
        }
        let mut inner = self.inner.borrow_mut();
        let failure = inner.failures.remove(&number);
        match failure {
            Some(Failure::Unreachable) => {
                return Err(WriteError::Store(StoreError {
                    kind: StoreErrorKind::Unreachable,
                    what: format!("Store `{}` is unreachable", self.id),
                    todo: "Nothing was written there; run the sync again.".into(),
                }));
            }
            Some(Failure::LostRequest) => {
                return Err(WriteError::Unknown("the request was lost".into()));
            }
            Some(Failure::Refused(reason)) => return Err(WriteError::Refused(reason)),
            Some(Failure::LostReply) | None => {}
        }
        let written = inner.apply(write, self.tells_kept)?;
        match failure {
            Some(Failure::LostReply) => Err(WriteError::Unknown("the reply was lost".into())),
            _ => Ok(written),
        }
    }
}

impl Inner {
    fn put(&mut self, href: Href, bytes: Vec<u8>) {
        self.log.push(href.clone());
        // A counter: an address that is deleted and made again never has an old version's tag.
        let etag = ETag::new(format!("\"{}\"", self.log.len()));
        self.versions
            .entry(href.clone())
            .or_default()
            .push(Some(bytes.clone()));
        self.kept.insert(href, Kept { etag, bytes });
    }

    fn remove(&mut self, href: &Href) -> bool {
        let was_there = self.kept.remove(href).is_some();
        if was_there {
            self.log.push(href.clone());
            self.versions.entry(href.clone()).or_default().push(None);
        }
        was_there
    }

    fn apply(&mut self, write: &Write, tells_kept: bool) -> Result<Written, WriteError> {
        let unchanged =
            |href: &Href, etag: &ETag| self.kept.get(href).is_some_and(|kept| kept.etag == *etag);
        match write {
            Write::Create { name, card } => {
                self.create(Href::new(format!("{name}.vcf")), card, tells_kept)
            }
            Write::Restore { href, card } => self.create(href.clone(), card, tells_kept),
            Write::Update { href, etag, card } => {
                if !unchanged(href, etag) {
                    return Err(WriteError::Changed);
                }
                Ok(self.store(href.clone(), card, tells_kept))
            }
            Write::Delete { href, etag } => {
                if !unchanged(href, etag) {
                    return Err(WriteError::Changed);
                }
                self.remove(href);
                Ok(Written::Deleted)
            }
        }
    }

    fn create(&mut self, href: Href, card: &Card, tells_kept: bool) -> Result<Written, WriteError> {
        if self.kept.contains_key(&href) {
            return Err(WriteError::Taken);
        }
        Ok(self.store(href, card, tells_kept))
    }

    fn store(&mut self, href: Href, card: &Card, tells_kept: bool) -> Written {
        let bytes = match &self.rewrite {
            Some(rewrite) => rewrite(card.bytes()),
            None => card.bytes().to_vec(),
        };
        self.put(href.clone(), bytes);
        let etag = self.kept[&href].etag.clone();
        let kept = match self.found(&href) {
            Found::Entry(entry) if tells_kept => Some(entry),
            _ => None,
        };
        Written::Stored {
            href,
            etag: Some(etag),
            kept,
        }
    }

    fn found(&self, href: &Href) -> Found {
        let Some(kept) = self.kept.get(href) else {
            return Found::Gone;
        };
        let etag = kept.etag.clone();
        match Card::parse(&kept.bytes) {
            Ok(card) => Found::Entry(Entry {
                href: href.clone(),
                etag,
                card,
            }),
            Err(error) => Found::Unusable {
                etag: Some(etag),
                reason: error.to_string(),
            },
        }
    }

    fn list(&mut self, since: &Since) -> Result<Listing, StoreError> {
        self.counts.lists += 1;
        if let Some(answer) = self.listings.pop_front() {
            return answer;
        }
        let known = since
            .cursor
            .as_ref()
            .and_then(|cursor| cursor.0.parse::<usize>().ok());
        let extent = match known.and_then(|version| self.log.get(version..)) {
            Some(moved) if !since.complete => {
                let (mut changed, mut gone) = (BTreeMap::new(), BTreeSet::new());
                for href in moved {
                    match self.kept.get(href) {
                        Some(kept) => drop(changed.insert(href.clone(), kept.etag.clone())),
                        None => drop(gone.insert(href.clone())),
                    }
                }
                Extent::Since { changed, gone }
            }
            _ => Extent::Complete(
                self.kept
                    .iter()
                    .map(|(href, kept)| (href.clone(), kept.etag.clone()))
                    .collect(),
            ),
        };
        Ok(Listing {
            extent,
            cursor: Cursor(self.log.len().to_string()),
            unsure: BTreeMap::new(),
            findings: Vec::new(),
        })
    }
}

impl Store for Memory {
    fn id(&self) -> &StoreId {
        &self.id
    }

    fn keeps(&self) -> Keeps {
        self.keeps
    }

    fn list<'a>(&'a self, since: &'a Since) -> LocalBoxFuture<'a, Result<Listing, StoreError>> {
        Box::pin(async move { self.inner.borrow_mut().list(since) })
    }

    fn read<'a>(
        &'a self,
        hrefs: &'a [Href],
    ) -> LocalBoxFuture<'a, Result<Vec<(Href, Found)>, StoreError>> {
        Box::pin(async move {
            let mut inner = self.inner.borrow_mut();
            inner.counts.reads += 1;
            inner.counts.cards_read += hrefs.len();
            Ok(hrefs
                .iter()
                .map(|href| (href.clone(), inner.found(href)))
                .collect())
        })
    }

    fn write<'a>(&'a self, write: &'a Write) -> LocalBoxFuture<'a, Result<Written, WriteError>> {
        Box::pin(async move { self.write_now(write) })
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const CARD: &[u8] = b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:1\r\nFN:A\r\nN:A\r\nEND:VCARD\r\n";

    fn create(name: &str) -> Write {
        Write::Create {
            name: name.into(),
            card: Card::parse(CARD).unwrap(),
        }
    }

    fn write(store: &Memory, write: &Write) -> Result<Written, WriteError> {
        store
            .write(write)
            .now_or_never()
            .expect("a store in memory never waits")
    }

    fn list(store: &Memory, since: &Since) -> Listing {
        store
            .list(since)
            .now_or_never()
            .expect("a store in memory never waits")
            .unwrap()
    }

    #[test]
    fn a_lost_reply_is_applied_and_a_lost_request_is_not() {
        let store = Memory::new("a");
        store.fail_write(1, Failure::LostRequest);
        store.fail_write(2, Failure::LostReply);
        assert!(matches!(
            write(&store, &create("x")),
            Err(WriteError::Unknown(_))
        ));
        assert!(store.entries().is_empty());
        assert!(matches!(
            write(&store, &create("x")),
            Err(WriteError::Unknown(_))
        ));
        assert_eq!(store.entries()[&Href::new("x.vcf")], CARD);
        assert!(matches!(
            write(&store, &create("x")),
            Err(WriteError::Taken)
        ));
    }

    #[test]
    fn who_is_faster_in_the_last_moment_makes_the_write_fail() {
        let store = Memory::new("a");
        store.before_write(1, |store, _| store.put_behind("x.vcf", b"theirs"));
        assert!(matches!(
            write(&store, &create("x")),
            Err(WriteError::Taken)
        ));
        assert_eq!(store.entries()[&Href::new("x.vcf")], b"theirs");
    }

    #[test]
    fn a_stripped_property_takes_its_folded_lines_along() {
        let store = Memory::new("a").stripping_x();
        let card = Card::parse(
            b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A\r\nitem1.X-ABLabel:a\r\n  b\r\nx-tier;A=b:A\r\nTEL:1\r\nEND:VCARD\r\n",
        );
        write(
            &store,
            &Write::Create {
                name: "x".into(),
                card: card.unwrap(),
            },
        )
        .unwrap();
        let expected = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A\r\nTEL:1\r\nEND:VCARD\r\n";
        assert_eq!(store.entries()[&Href::new("x.vcf")], expected);
    }

    #[test]
    fn a_cursor_tells_what_moved_and_an_unknown_one_lists_everything() {
        let store = Memory::new("a");
        store.put_behind("a.vcf", CARD);
        let cursor = Some(list(&store, &Since::default()).cursor);
        let since = Since {
            cursor,
            complete: false,
        };
        store.put_behind("b.vcf", CARD);
        store.delete_behind("a.vcf");
        let Extent::Since { changed, gone } = list(&store, &since).extent else {
            panic!("not a difference")
        };
        assert_eq!(
            changed.into_keys().collect::<Vec<_>>(),
            [Href::new("b.vcf")]
        );
        assert_eq!(gone.into_iter().collect::<Vec<_>>(), [Href::new("a.vcf")]);
        let lost = Since {
            cursor: Some(Cursor("99".into())),
            complete: false,
        };
        assert!(matches!(list(&store, &lost).extent, Extent::Complete(all) if all.len() == 1));
    }
}
