//! A store and somebody else at the same place, and what a promise asks of them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use cardweave::book::{ETag, Entry, Href};
use cardweave::card::{Card, Field};
use cardweave::store::{Extent, Found, Listing, Since, Store, Write, WriteError, Written};

/// A store, and another client of the same place.
pub struct Place<'a> {
    pub store: &'a dyn Store,
    /// Edits a card as somebody else would: replaces the text at an address.
    pub edit_behind: &'a dyn Fn(&Href, &[u8]),
    pub delete_behind: &'a dyn Fn(&Href),
    pub deviation: Deviation,
}

/// What a server does differently, by name, and what a promise then asks of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deviation {
    /// Keeps every line as it was given.
    None,
    /// Stores another text of the same meaning: values are looked for by meaning.
    RewritesText,
    /// Marks the version of a file that was changed a moment ago, because another change within
    /// the same tick of the clock would not show: versions are compared a moment later.
    MarksFreshFiles,
    /// Looks at the precondition and then stores, without a lock in between (sabre/dav 1.8): of
    /// two writes at the very same time both may be answered with success. The last one stays,
    /// whole.
    ChecksThenStores,
}

/// Longer than the clock of a file system stands still.
pub const A_MOMENT: Duration = Duration::from_millis(50);

/// A valid card of version 3.0 with these lines.
pub fn card(uid: &str, lines: &str) -> Card {
    let text = format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nN:Test;{uid};;;\r\n{lines}\r\nEND:VCARD\r\n"
    );
    Card::parse(text.as_bytes()).expect("it is a card")
}

pub fn unfolded(card: &Card) -> String {
    let text = String::from_utf8_lossy(card.bytes()).replace("\r\n", "\n");
    text.replace("\n ", "").replace("\n\t", "")
}

/// Whether a card has this line, however it is folded, or at least what it means.
pub fn has_line(place: &Place, card: &Card, line: &str) -> bool {
    match place.deviation {
        Deviation::None | Deviation::MarksFreshFiles | Deviation::ChecksThenStores => {
            unfolded(card).lines().any(|had| had == line)
        }
        Deviation::RewritesText => {
            let meant = self::card("meant", line);
            let alone = self::card("meant", "NOTE:");
            let wanted: Vec<Field> = (meant.fields().into_iter())
                .filter(|field| !alone.fields().contains(field))
                .collect();
            let uid = line.strip_prefix("UID:");
            let has_all = wanted.iter().all(|field| card.fields().contains(field));
            has_all && uid.is_none_or(|uid| card.uid().as_deref() == Some(uid))
        }
    }
}

thread_local! {
    /// One for all calls, because the connections of a store live in it.
    static RUNTIME: tokio::runtime::Runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime of one thread");
}

pub fn run<T>(work: impl Future<Output = T>) -> T {
    RUNTIME.with(|runtime| runtime.block_on(work))
}

pub fn list(place: &Place, since: &Since) -> Listing {
    run(place.store.list(since)).expect("the store can be listed")
}

/// Everything that is there.
pub fn complete(place: &Place) -> BTreeMap<Href, ETag> {
    match list(
        place,
        &Since {
            cursor: None,
            complete: true,
        },
    )
    .extent
    {
        Extent::Complete(all) => all,
        Extent::Since { .. } => panic!("a complete listing was wanted"),
    }
}

/// What a listing says that moved, for stores that tell a difference and for those that tell all.
pub fn moved(
    known: &BTreeMap<Href, ETag>,
    extent: Extent,
) -> (BTreeMap<Href, ETag>, BTreeSet<Href>) {
    match extent {
        Extent::Since { changed, gone } => (changed, gone),
        Extent::Complete(all) => {
            let gone = known
                .keys()
                .filter(|href| !all.contains_key(*href))
                .cloned()
                .collect();
            let changed = all
                .into_iter()
                .filter(|(href, etag)| known.get(href) != Some(etag))
                .collect();
            (changed, gone)
        }
    }
}

pub fn read(place: &Place, href: &Href) -> Found {
    let found = run(place.store.read(std::slice::from_ref(href))).expect("the store can be read");
    let [(read, found)] = <[_; 1]>::try_from(found).expect("one address, one answer");
    assert_eq!(read, *href);
    found
}

pub fn write(place: &Place, change: &Write) -> Result<Written, WriteError> {
    run(place.store.write(change))
}

/// The entry as the store keeps it after a write.
pub fn kept(place: &Place, written: Written) -> Entry {
    let Written::Stored { href, kept, .. } = written else {
        panic!("nothing was stored")
    };
    if place.deviation == Deviation::MarksFreshFiles {
        std::thread::sleep(A_MOMENT);
    }
    let Found::Entry(entry) = read(place, &href) else {
        panic!("{href} was stored and is not there")
    };
    // Who tells what was kept must be right about it.
    if let Some(told) = kept {
        assert_eq!(told, entry);
    }
    entry
}

pub fn create(place: &Place, name: &str, card: &Card) -> Entry {
    let made = write(
        place,
        &Write::Create {
            name: name.into(),
            card: card.clone(),
        },
    );
    kept(place, made.expect("the name is free"))
}

pub fn update(place: &Place, entry: &Entry, card: &Card) -> Entry {
    let (href, etag) = (entry.href.clone(), entry.etag.clone());
    let made = write(
        place,
        &Write::Update {
            href,
            etag,
            card: card.clone(),
        },
    );
    kept(place, made.expect("the entry is unchanged"))
}
