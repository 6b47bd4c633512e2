//! A place that holds cards, and the other device that looks and works there.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use cardweave::book::StoreId;
use cardweave::card::Card;
use cardweave::demo::server::{Account, Books, Mischief, Server};
use cardweave::store::carddav::{self, CardDav};
use cardweave::store::{Extent, Found, Since, Store};
use tempfile::TempDir;

use crate::support::real::{self, Kind, Real};

/// One store of a book.
pub struct Place {
    pub id: &'static str,
    what: What,
}

enum What {
    Folder(TempDir),
    Real(Real),
    /// The server of the demo, inside of this process.
    Loopback(Server),
}

pub const PASSWORD: &str = "secret";

impl Place {
    pub fn folder(id: &'static str) -> Place {
        let what = What::Folder(tempfile::tempdir().expect("a temporary folder"));
        Place { id, what }
    }

    pub fn real(id: &'static str, kind: Kind) -> Place {
        let what = What::Real(real::start(kind));
        Place { id, what }
    }

    pub fn loopback(id: &'static str) -> Place {
        let server = Server::start(books()).expect("loopback is there");
        let what = What::Loopback(server);
        Place { id, what }
    }

    /// A server of the demo that misbehaves.
    pub fn misbehaving(id: &'static str, mischief: impl Mischief + 'static) -> Place {
        let server = Server::start_with(books(), mischief).expect("loopback is there");
        let what = What::Loopback(server);
        Place { id, what }
    }

    pub fn server(&self) -> &Real {
        match &self.what {
            What::Real(real) => real,
            _ => panic!("{} is no real server", self.id),
        }
    }

    pub fn loopback_server(&self) -> &Server {
        match &self.what {
            What::Loopback(server) => server,
            _ => panic!("{} is no server of this process", self.id),
        }
    }

    /// How many requests a run with nothing to do costs here.
    pub fn requests_at_rest(&self) -> u64 {
        match &self.what {
            What::Folder(_) => 0,
            // Digest proves the password by a challenge of the server, which has to be fetched.
            What::Real(real) if real.kind == Kind::SabreDigest => 2,
            _ => 1,
        }
    }

    /// How many the run after one that wrote costs: where no sync-collection tells that nobody else
    /// did anything, the book is listed once more.
    pub fn requests_after_writes(&self) -> u64 {
        let lists = matches!(&self.what, What::Real(real) if real.kind == Kind::SabreDigest);
        self.requests_at_rest() + u64::from(lists)
    }

    /// The account's and the store's part of a config.
    pub fn config(&self) -> Settings {
        let (url, book_url, auth) = match &self.what {
            What::Folder(folder) => {
                return Settings {
                    id: self.id,
                    folder: Some(folder.path().into()),
                    ..Settings::default()
                };
            }
            What::Real(real) => {
                let is_digest = real.kind == Kind::SabreDigest;
                let auth = if is_digest { "digest" } else { "basic" };
                (real.url.clone(), real.book_url.clone(), auth)
            }
            What::Loopback(server) => (server.url(), server.book_url("people"), "basic"),
        };
        Settings {
            id: self.id,
            url,
            book_url,
            auth,
            username: "alice",
            ..Settings::default()
        }
    }

    /// Puts a card there as another device would, whatever is under that name.
    pub fn put(&self, name: &str, body: &[u8]) {
        match &self.what {
            What::Folder(folder) => {
                fs::write(folder.path().join(format!("{name}.vcf")), body).expect("it is ours");
            }
            What::Real(real) => real.put_behind(&real.path(&format!("{name}.vcf")), body),
            What::Loopback(server) => {
                let href = format!("/books/people/{name}.vcf");
                assert!(server.put_behind(&href, body).is_some(), "{href}");
            }
        }
    }

    /// Puts many, a few at a time.
    pub fn put_all(&self, cards: &[(String, Vec<u8>)]) {
        let share = cards.len().div_ceil(3).max(1);
        std::thread::scope(|scope| {
            for part in cards.chunks(share) {
                scope.spawn(|| part.iter().for_each(|(name, body)| self.put(name, body)));
            }
        });
    }

    /// All that is there, by address.
    pub fn cards(&self) -> BTreeMap<String, Card> {
        let parse = |bytes: &[u8]| Card::parse(bytes).expect("it is a card");
        match &self.what {
            What::Folder(folder) => fs::read_dir(folder.path())
                .expect("it is there")
                .map(|file| file.expect("it can be read").path())
                .filter(|path| path.extension().is_some_and(|ending| ending == "vcf"))
                .map(|path| {
                    let bytes = fs::read(&path).expect("it can be read");
                    (path.to_str().expect("ours are").to_owned(), parse(&bytes))
                })
                .collect(),
            What::Real(real) => cards_of(real),
            What::Loopback(server) => server.with_books(|books| {
                let book = books.book("people").expect("it was made at the start");
                let cards = book.cards().iter();
                cards
                    .map(|(name, kept)| (format!("/books/people/{name}"), parse(&kept.body)))
                    .collect()
            }),
        }
    }

    /// The card with this name (`FN`), which is there once.
    pub fn card(&self, name: &str) -> Card {
        self.find(name).1
    }

    /// Changes the text of a card as another device would. Its lines are unfolded for that.
    pub fn edit(&self, name: &str, change: impl FnOnce(String) -> String) {
        let (href, card) = self.find(name);
        let text = unfolded(&card);
        let changed = change(text.clone());
        assert_ne!(text, changed, "{}: {name}", self.id);
        let body = changed.replace('\n', "\r\n");
        match &self.what {
            What::Folder(_) => fs::write(href, body).expect("it is ours"),
            What::Real(real) => real.put_behind(&href, body.as_bytes()),
            What::Loopback(server) => {
                assert!(
                    server.put_behind(&href, body.as_bytes()).is_some(),
                    "{href}"
                );
            }
        }
    }

    pub fn delete(&self, name: &str) {
        let (href, _) = self.find(name);
        match &self.what {
            What::Folder(_) => fs::remove_file(href).expect("it is ours"),
            What::Real(real) => real.delete_behind(&href),
            What::Loopback(server) => assert!(server.delete_behind(&href)),
        }
    }

    fn find(&self, name: &str) -> (String, Card) {
        let mut found = self
            .cards()
            .into_iter()
            .filter(|(_, card)| card.name() == name);
        let one = found.next();
        assert!(found.next().is_none(), "{}: {name} is there twice", self.id);
        one.unwrap_or_else(|| panic!("{}: {name} is not there", self.id))
    }
}

/// What a config says of one store.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    pub id: &'static str,
    pub folder: Option<PathBuf>,
    pub url: String,
    pub book_url: String,
    pub auth: &'static str,
    pub username: &'static str,
    pub ca_file: Option<PathBuf>,
    pub client_certificate: Option<PathBuf>,
    /// The environment variable with the password, if not the one that holds the right one.
    pub password: Option<&'static str>,
}

/// A card's text with its lines unfolded, ends as LF.
pub fn unfolded(card: &Card) -> String {
    let text = String::from_utf8(card.bytes().to_vec()).expect("it is UTF-8");
    let text = text.replace("\r\n", "\n");
    text.replace("\n ", "").replace("\n\t", "")
}

fn books() -> Books {
    Books::new(Account::new("alice", PASSWORD)).with_book("people", "People")
}

/// All cards of a real server, read in one go.
fn cards_of(real: &Real) -> BTreeMap<String, Card> {
    let is_digest = real.kind == Kind::SabreDigest;
    let account = carddav::Account {
        auth: if is_digest {
            carddav::Auth::Digest
        } else {
            carddav::Auth::Basic
        },
        ca_file: (real.kind == Kind::RadicaleTls).then(|| real.ca_file()),
        client_certificate: (real.kind == Kind::RadicaleTls).then(|| real.client_certificate()),
        ..carddav::Account::new(
            url::Url::parse(&real.url).expect("servers tell their URL"),
            real.username,
            real.password.into(),
        )
    };
    let look = async {
        let options = carddav::Options::default();
        let store = CardDav::open(StoreId::new("look"), &account, &real.book_url, options).await?;
        let listing = store.list(&Since::default()).await?;
        let Extent::Complete(there) = listing.extent else {
            panic!("a first listing is complete")
        };
        let hrefs: Vec<_> = there.into_keys().collect();
        store.read(&hrefs).await
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime of one thread");
    let found = runtime.block_on(look).expect("the server can be read");
    found
        .into_iter()
        .map(|(href, found)| match found {
            Found::Entry(entry) => (href.as_str().to_owned(), entry.card),
            other => panic!("{href}: {other:?}"),
        })
        .collect()
}
