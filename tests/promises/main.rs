//! One suite of promises, kept by every kind of store.

#[path = "../support/mod.rs"]
mod support;

mod place;
mod promises;

use cardweave::book::{Href, StoreId};
use cardweave::demo::server::{Account, Books, Server};
use cardweave::store::carddav::{self, CardDav};
use cardweave::store::folder::Folder;
use cardweave::store::memory::Memory;
use cardweave::store::{Store, Write, Written};

use place::{Deviation, Place, card, run};
use promises::keeps_all_promises;
use support::mischief::{Rule, Script};
use support::real::{self, Kind, Real};

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
        auth,
        ..carddav::Account::new(
            url::Url::parse(url).expect("servers tell their URL"),
            "alice",
            "secret".into(),
        )
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
