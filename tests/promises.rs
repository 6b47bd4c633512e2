//! One suite of promises, kept by every kind of store.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use cardweave::book::{ETag, Entry, Href, StoreId};
use cardweave::card::{Card, Field};
use cardweave::demo::server::{Account, Books, Server};
use cardweave::store::carddav::{self, CardDav};
use cardweave::store::folder::Folder;
use cardweave::store::memory::Memory;
use cardweave::store::{Extent, Found, Listing, Since, Store, Write, WriteError, Written};
use futures_util::future::join;
use support::mischief::{Rule, Script};
use support::real::{self, Kind, Real};

/// A store, and another client of the same place.
struct Place<'a> {
    store: &'a dyn Store,
    /// Edits a card as somebody else would: replaces the text at an address.
    edit_behind: &'a dyn Fn(&Href, &[u8]),
    delete_behind: &'a dyn Fn(&Href),
    deviation: Deviation,
}

/// What a server does differently, by name, and what a promise then asks of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deviation {
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
const A_MOMENT: Duration = Duration::from_millis(50);

type Promise = (&'static str, fn(&Place));

/// Each promise brings its own cards, so that all may be tried in one place, one after the other.
const PROMISES: &[Promise] = &[
    (
        "what is created is listed and read back",
        what_is_created_is_listed_and_read_back,
    ),
    (
        "a name is given once, and the first keeps it",
        a_name_is_given_once,
    ),
    (
        "a stale update or delete harms nothing",
        a_stale_write_harms_nothing,
    ),
    (
        "what is gone is gone, and may come again",
        what_is_gone_is_gone,
    ),
    (
        "a listing since a cursor tells what moved",
        a_listing_since_a_cursor_tells_what_moved,
    ),
    (
        "a listing of a place where nothing moved tells nothing",
        where_nothing_moved_nothing_is_told,
    ),
    (
        "a complete listing is complete whatever the cursor",
        a_complete_listing_is_complete,
    ),
    (
        "an edit by somebody else is seen",
        an_edit_by_somebody_else_is_seen,
    ),
    (
        "each address that is read is answered once",
        each_address_is_answered_once,
    ),
    (
        "long names and odd values survive",
        long_names_and_odd_values_survive,
    ),
    ("a photo of 200 kB survives", a_photo_survives),
    (
        "of two writes at once one wins",
        of_two_writes_at_once_one_wins,
    ),
];

fn keeps_all_promises(place: &Place) {
    for (promise, check) in PROMISES {
        // The last line before a failure says which promise was broken.
        eprintln!("{}: {promise}", place.store.id());
        check(place);
    }
}

#[test]
fn memory_keeps_all_promises() {
    let store = Memory::new("memory");
    keeps_all_promises(&Place {
        store: &store,
        edit_behind: &|href, bytes| store.put_behind(href.as_str(), bytes),
        delete_behind: &|href| assert!(store.delete_behind(href.as_str())),
        deviation: Deviation::None,
    });
}

#[test]
fn a_store_that_strips_keeps_all_promises_about_what_it_keeps() {
    let store = Memory::new("stripping").stripping_x();
    keeps_all_promises(&Place {
        store: &store,
        edit_behind: &|href, bytes| store.put_behind(href.as_str(), bytes),
        delete_behind: &|href| assert!(store.delete_behind(href.as_str())),
        deviation: Deviation::None,
    });
}

#[test]
fn a_folder_keeps_all_promises() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = Folder::open(StoreId::new("folder"), folder.path().into()).expect("it is there");
    let file = |href: &Href| folder.path().join(href.as_str());
    keeps_all_promises(&Place {
        store: &store,
        edit_behind: &|href, bytes| std::fs::write(file(href), bytes).expect("it is ours"),
        delete_behind: &|href| std::fs::remove_file(file(href)).expect("it is there"),
        deviation: Deviation::MarksFreshFiles,
    });
}

#[test]
fn an_honest_server_keeps_all_promises() {
    let books = Books::new(Account::new("alice", "secret")).with_book("people", "People");
    let server = Server::start(books).expect("loopback is there");
    let store = open(
        &server.url(),
        &server.book_url("people"),
        carddav::Auth::Basic,
    );
    keeps_all_promises(&Place {
        store: &store,
        edit_behind: &|href, bytes| {
            let etag = server.put_behind(href.as_str(), bytes);
            assert!(etag.is_some(), "{href} is in the book");
        },
        delete_behind: &|href| assert!(server.delete_behind(href.as_str())),
        deviation: Deviation::None,
    });
}

#[test]
fn radicale_keeps_all_promises() {
    // It sorts the properties, writes names in capitals and folds anew.
    a_real_server_keeps_all_promises(&real::start(Kind::Radicale), Deviation::RewritesText);
}

#[test]
fn xandikos_keeps_all_promises() {
    a_real_server_keeps_all_promises(&real::start(Kind::Xandikos), Deviation::None);
}

#[test]
fn cyrus_keeps_all_promises() {
    // It folds anew and gives each TYPE a parameter of its own.
    a_real_server_keeps_all_promises(&real::start(Kind::Cyrus), Deviation::RewritesText);
}

#[test]
fn sabre_with_basic_keeps_all_promises() {
    a_real_server_keeps_all_promises(&real::start(Kind::Sabre), Deviation::ChecksThenStores);
}

#[test]
fn sabre_with_digest_keeps_all_promises() {
    a_real_server_keeps_all_promises(&real::start(Kind::SabreDigest), Deviation::ChecksThenStores);
}

#[test]
fn a_lock_that_passes_is_waited_for() {
    let books = Books::new(Account::new("alice", "secret")).with_book("people", "People");
    let script = Script::new().rule(Rule::new("423").method("PUT").numbers(1..=2));
    let server = Server::start_with(books, script).expect("loopback is there");
    let store = open(
        &server.url(),
        &server.book_url("people"),
        carddav::Auth::Basic,
    );
    let write = Write::Create {
        name: "locked".into(),
        card: card("locked", "FN:Behind A Lock"),
    };
    let written = run(store.write(&write));
    assert!(matches!(written, Ok(Written::Stored { .. })), "{written:?}");
    let puts = server
        .requests()
        .into_iter()
        .filter(|exchange| exchange.method == "PUT");
    assert_eq!(puts.count(), 3);
}

fn a_real_server_keeps_all_promises(server: &Real, deviation: Deviation) {
    let auth = match server.kind {
        Kind::SabreDigest => carddav::Auth::Digest,
        _ => carddav::Auth::Basic,
    };
    let store = open(&server.url, &server.book_url, auth);
    keeps_all_promises(&Place {
        store: &store,
        edit_behind: &|href, bytes| server.put_behind(href.as_str(), bytes),
        delete_behind: &|href| server.delete_behind(href.as_str()),
        deviation,
    });
}

fn open(url: &str, book_url: &str, auth: carddav::Auth) -> CardDav {
    let account = carddav::Account {
        address: url::Url::parse(url).expect("servers tell their URL"),
        username: "alice".into(),
        password: "secret".into(),
        auth,
        ca_file: None,
        client_certificate: None,
        plain_http_allowed: false,
        trusted_hosts: Vec::new(),
    };
    let id = StoreId::new(url);
    run(CardDav::open(
        id,
        &account,
        book_url,
        carddav::Options::default(),
    ))
    .expect("the address book is there")
}

fn what_is_created_is_listed_and_read_back(place: &Place) {
    let entry = create(place, "created", &card("created", "FN:Ada Lovelace"));
    assert_eq!(complete(place).get(&entry.href), Some(&entry.etag));
    assert!(
        has_line(place, &entry.card, "FN:Ada Lovelace"),
        "{:?}",
        entry.card
    );
    assert!(
        has_line(place, &entry.card, "UID:created"),
        "{:?}",
        entry.card
    );
}

fn a_name_is_given_once(place: &Place) {
    let first = create(place, "taken", &card("taken-1", "FN:First"));
    let name = "taken".to_owned();
    let again = write(
        place,
        &Write::Create {
            name,
            card: card("taken-2", "FN:Second"),
        },
    );
    assert!(matches!(again, Err(WriteError::Taken)), "{again:?}");
    assert_eq!(read(place, &first.href), Found::Entry(first));
}

fn a_stale_write_harms_nothing(place: &Place) {
    let old = create(place, "stale", &card("stale", "FN:Old"));
    let new = update(place, &old, &card("stale", "FN:New"));
    assert_ne!(old.etag, new.etag);
    let (href, etag) = (old.href.clone(), old.etag.clone());
    let updated = write(
        place,
        &Write::Update {
            href,
            etag,
            card: card("stale", "FN:Blind"),
        },
    );
    assert!(matches!(updated, Err(WriteError::Changed)), "{updated:?}");
    let deleted = write(
        place,
        &Write::Delete {
            href: old.href.clone(),
            etag: old.etag,
        },
    );
    assert!(matches!(deleted, Err(WriteError::Changed)), "{deleted:?}");
    assert_eq!(read(place, &old.href), Found::Entry(new));
}

fn what_is_gone_is_gone(place: &Place) {
    let entry = create(place, "gone", &card("gone", "FN:Short Stay"));
    let delete = Write::Delete {
        href: entry.href.clone(),
        etag: entry.etag.clone(),
    };
    assert_eq!(
        write(place, &delete).expect("the entry is unchanged"),
        Written::Deleted
    );
    assert_eq!(read(place, &entry.href), Found::Gone);
    assert!(!complete(place).contains_key(&entry.href));
    // Gone or changed: both say that nothing was done, and nothing comes back to life by it.
    let (href, etag) = (entry.href.clone(), entry.etag.clone());
    let updated = write(
        place,
        &Write::Update {
            href,
            etag,
            card: card("gone", "FN:Undead"),
        },
    );
    assert!(matches!(updated, Err(WriteError::Changed)), "{updated:?}");
    assert_eq!(read(place, &entry.href), Found::Gone);
    create(place, "gone", &card("gone", "FN:Back Again"));
}

fn a_listing_since_a_cursor_tells_what_moved(place: &Place) {
    let edited = create(place, "moved-edited", &card("moved-edited", "FN:Edited"));
    let deleted = create(place, "moved-deleted", &card("moved-deleted", "FN:Deleted"));
    let untouched = create(place, "moved-not", &card("moved-not", "FN:Untouched"));
    let before = list(place, &Since::default());
    let known = complete(place);

    let edited = update(place, &edited, &card("moved-edited", "FN:Edited Since"));
    let delete = Write::Delete {
        href: deleted.href.clone(),
        etag: deleted.etag,
    };
    write(place, &delete).expect("the entry is unchanged");
    let created = create(place, "moved-created", &card("moved-created", "FN:Created"));

    let since = Since {
        cursor: Some(before.cursor),
        complete: false,
    };
    let (changed, gone) = moved(&known, list(place, &since).extent);
    let expected = BTreeMap::from([(edited.href, edited.etag), (created.href, created.etag)]);
    assert_eq!(changed, expected, "{} did not move", untouched.href);
    assert_eq!(gone, BTreeSet::from([deleted.href]));
}

fn where_nothing_moved_nothing_is_told(place: &Place) {
    create(place, "still", &card("still", "FN:Still"));
    let before = list(place, &Since::default());
    let known = complete(place);
    let since = Since {
        cursor: Some(before.cursor),
        complete: false,
    };
    let after = list(place, &since);
    let (changed, gone) = moved(&known, after.extent);
    assert!(
        changed.is_empty() && gone.is_empty(),
        "{changed:?} {gone:?}"
    );
    assert!(after.unsure.is_empty(), "{:?}", after.unsure);
}

fn a_complete_listing_is_complete(place: &Place) {
    let entry = create(place, "complete", &card("complete", "FN:Complete"));
    let cursor = Some(list(place, &Since::default()).cursor);
    let listing = list(
        place,
        &Since {
            cursor,
            complete: true,
        },
    );
    assert!(matches!(listing.extent, Extent::Complete(all) if all.contains_key(&entry.href)));
}

fn an_edit_by_somebody_else_is_seen(place: &Place) {
    let entry = create(place, "behind", &card("behind", "FN:Before"));
    let other = create(place, "behind-gone", &card("behind-gone", "FN:Before"));
    let known = complete(place);
    let cursor = Some(list(place, &Since::default()).cursor);
    // At once, so within the same second: a clock alone would not tell.
    (place.edit_behind)(&entry.href, card("behind", "FN:Behind").bytes());
    (place.delete_behind)(&other.href);
    let (changed, gone) = moved(
        &known,
        list(
            place,
            &Since {
                cursor,
                complete: false,
            },
        )
        .extent,
    );
    assert_eq!(changed.keys().collect::<Vec<_>>(), [&entry.href]);
    assert_eq!(gone, BTreeSet::from([other.href]));
    let (href, etag) = (entry.href.clone(), entry.etag);
    let updated = write(
        place,
        &Write::Update {
            href,
            etag,
            card: card("behind", "FN:Blind"),
        },
    );
    assert!(matches!(updated, Err(WriteError::Changed)), "{updated:?}");
    let Found::Entry(now) = read(place, &entry.href) else {
        panic!("the entry is there")
    };
    assert!(has_line(place, &now.card, "FN:Behind"), "{:?}", now.card);
}

fn each_address_is_answered_once(place: &Place) {
    let one = create(place, "many-1", &card("many-1", "FN:One"));
    let two = create(place, "many-2", &card("many-2", "FN:Two"));
    let three = create(place, "many-3", &card("many-3", "FN:Three"));
    let delete = Write::Delete {
        href: two.href.clone(),
        etag: two.etag,
    };
    write(place, &delete).expect("the entry is unchanged");
    let hrefs = [three.href.clone(), two.href.clone(), one.href.clone()];
    let found = run(place.store.read(&hrefs)).expect("a read of what is and what is not");
    assert_eq!(found.len(), 3);
    let found: BTreeMap<Href, Found> = found.into_iter().collect();
    let expected = BTreeMap::from([
        (one.href.clone(), Found::Entry(one)),
        (two.href, Found::Gone),
        (three.href.clone(), Found::Entry(three)),
    ]);
    assert_eq!(found, expected);
    assert_eq!(run(place.store.read(&[])).expect("a read of nothing"), []);
}

fn long_names_and_odd_values_survive(place: &Place) {
    let long = "n".repeat(64);
    for (name, line) in [
        ("a", "NOTE:Zoë \u{1F600} 漢字 <b>&amp;</b> \"quoted\" ]]>"),
        (long.as_str(), "NOTE:one\\nline\\, two\\; three \\\\ end"),
        ("0", "TEL;TYPE=CELL:+49 (30) 123-45 67"),
    ] {
        let entry = create(
            place,
            name,
            &card(&format!("odd-{name}"), &format!("FN:Odd\r\n{line}")),
        );
        assert!(has_line(place, &entry.card, line), "{:?}", entry.card);
    }
}

fn a_photo_survives(place: &Place) {
    // Base64 of 200 kB that repeats nothing, folded as the RFC wants.
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let photo: String = (0_u64..200_000)
        .map(|n| char::from(alphabet[(n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 58) as usize]))
        .collect();
    let folded: Vec<&str> = photo
        .as_bytes()
        .chunks(74)
        .map(|part| std::str::from_utf8(part).expect("it is ASCII"))
        .collect();
    let line = format!(
        "FN:Photo\r\nPHOTO;ENCODING=b;TYPE=JPEG:\r\n {}",
        folded.join("\r\n ")
    );
    let entry = create(place, "photo", &card("photo", &line));
    assert!(
        unfolded(&entry.card).contains(&photo),
        "the image came back changed"
    );
}

fn of_two_writes_at_once_one_wins(place: &Place) {
    let entry = create(place, "race", &card("race", "FN:Start"));
    let update = |line: &str| Write::Update {
        href: entry.href.clone(),
        etag: entry.etag.clone(),
        card: card("race", line),
    };
    let (one, two) = (update("FN:One"), update("FN:Two"));
    let (first, second) = run(join(place.store.write(&one), place.store.write(&two)));
    let possible: &[&str] = match (first, second) {
        (Ok(_), Err(WriteError::Changed)) => &["FN:One"],
        (Err(WriteError::Changed), Ok(_)) => &["FN:Two"],
        (Ok(_), Ok(_)) if place.deviation == Deviation::ChecksThenStores => &["FN:One", "FN:Two"],
        other => panic!("both or none: {other:?}"),
    };
    let Found::Entry(now) = read(place, &entry.href) else {
        panic!("the entry is there")
    };
    let is_whole = |line: &&str| has_line(place, &now.card, line);
    assert!(possible.iter().any(is_whole), "{:?}", now.card);
}

/// A valid card of version 3.0 with these lines.
fn card(uid: &str, lines: &str) -> Card {
    let text = format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nN:Test;{uid};;;\r\n{lines}\r\nEND:VCARD\r\n"
    );
    Card::parse(text.as_bytes()).expect("it is a card")
}

fn unfolded(card: &Card) -> String {
    let text = String::from_utf8_lossy(card.bytes()).replace("\r\n", "\n");
    text.replace("\n ", "").replace("\n\t", "")
}

/// Whether a card has this line, however it is folded, or at least what it means.
fn has_line(place: &Place, card: &Card, line: &str) -> bool {
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

fn run<T>(work: impl Future<Output = T>) -> T {
    RUNTIME.with(|runtime| runtime.block_on(work))
}

fn list(place: &Place, since: &Since) -> Listing {
    run(place.store.list(since)).expect("the store can be listed")
}

/// Everything that is there.
fn complete(place: &Place) -> BTreeMap<Href, ETag> {
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
fn moved(known: &BTreeMap<Href, ETag>, extent: Extent) -> (BTreeMap<Href, ETag>, BTreeSet<Href>) {
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

fn read(place: &Place, href: &Href) -> Found {
    let found = run(place.store.read(std::slice::from_ref(href))).expect("the store can be read");
    let [(read, found)] = <[_; 1]>::try_from(found).expect("one address, one answer");
    assert_eq!(read, *href);
    found
}

fn write(place: &Place, change: &Write) -> Result<Written, WriteError> {
    run(place.store.write(change))
}

/// The entry as the store keeps it after a write.
fn kept(place: &Place, written: Written) -> Entry {
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

fn create(place: &Place, name: &str, card: &Card) -> Entry {
    let made = write(
        place,
        &Write::Create {
            name: name.into(),
            card: card.clone(),
        },
    );
    kept(place, made.expect("the name is free"))
}

fn update(place: &Place, entry: &Entry, card: &Card) -> Entry {
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
