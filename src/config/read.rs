//! Turns the tables of the file into the config's types, one function per table.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::address::host;
use super::mistake::Mistake;
use super::place::{Origin, Overlap, overlap, settled};
use super::section::{At, Section, Source, advice};
use super::{
    Access, Account, Address, Auth, Book, Cadence, Config, Conflicts, Duplicates, Me, Place,
    StoreConfig, Tiers, omit_pattern,
};
use crate::book::StoreId;
use crate::secret::PasswordSource;

/// Reads the text of a config file.
///
/// # Errors
/// Every mistake of the file, in its order; at least one.
pub fn parse(text: &str, origin: &Origin) -> Result<Config, Vec<Mistake>> {
    let source = Source::new(text);
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        source.wrong(
            error.span().unwrap_or_default(),
            format!("{}.", error.message()),
        );
    }
    // Behind a syntax error the tables are guesses, and so would be what is said about them.
    if !errors.is_empty() {
        return Err(source.mistakes());
    }
    let file = Section::open(&source, "the file", root.get_ref(), 0..0);
    let config = config(&file, origin);
    let mistakes = source.mistakes();
    match config {
        Some(config) if mistakes.is_empty() => Ok(config),
        _ => Err(mistakes),
    }
}

/// `None` only after a mistake was noted; so in every function of this file.
fn config(file: &Section, origin: &Origin) -> Option<Config> {
    let mut places = Places::default();
    let sections = file.sections("account", "[[account]]");
    let declared: Vec<&str> = sections.iter().filter_map(name_of).collect();
    let mut names = Names::new("account");
    let mut accounts = Vec::new();
    for section in &sections {
        accounts.push(account(section, &mut names, origin));
    }

    let mut names = Names::new("book");
    let mut books = Vec::new();
    for section in file.sections("book", "[[book]]") {
        books.push(book(&section, &mut names, &declared, &mut places, origin));
    }
    if books.is_empty() && !file.has("book") {
        file.wrong(
            0..0,
            "There is no [[book]]: nothing would be kept the same.",
        );
    }

    let me = file.section("me", "[me]").map(|section| me(&section));
    let tiers = file
        .section("tiers", "[tiers]")
        .map(|section| tiers(&section));
    let accounts: Option<Vec<Account>> = accounts.into_iter().collect();
    Some(Config {
        accounts: accounts?
            .into_iter()
            .map(|account| (account.name.clone(), account))
            .collect(),
        books: books.into_iter().collect::<Option<_>>()?,
        me: match me {
            Some(me) => Some(me?),
            None => None,
        },
        tiers: tiers.unwrap_or_default(),
    })
}

fn name_of<'s>(section: &Section<'s, '_>) -> Option<&'s str> {
    section.value("name")?.get_ref().as_str()
}

fn account(section: &Section, names: &mut Names, origin: &Origin) -> Option<Account> {
    let name = names.read(section, "name");
    let address = section.needed_text("address").and_then(|text| {
        let read = text.value.parse::<Address>();
        read.map_err(|why| section.wrong(text.span, format!("This is no address: {why}.")))
            .ok()
    });
    let password = match section.value("password") {
        Some(value) => password(section, value, origin),
        None => Some(PasswordSource::Keyring),
    };
    let mut trusted_hosts = Vec::new();
    for text in section.texts("trusted-hosts") {
        match host(text.value) {
            Ok(host) => trusted_hosts.push(host),
            Err(_) => section.wrong(text.span, "A host name is wanted: dav.example.com."),
        }
    }
    let auth = section.word(
        "auth",
        &[
            ("any", Auth::Any),
            ("basic", Auth::Basic),
            ("digest", Auth::Digest),
            ("bearer", Auth::Bearer),
        ],
    );
    let ca_file = file_of(section, "ca-file", origin);
    let client_certificate = file_of(section, "client-certificate", origin);
    Some(Account {
        name: name?,
        address: address?,
        username: section.text("username").map(|text| text.value.to_owned()),
        password: password?,
        auth,
        ca_file,
        client_certificate,
        plain_http: section.flag("plain-http"),
        trusted_hosts,
    })
}

fn file_of(section: &Section, key: &str, origin: &Origin) -> Option<PathBuf> {
    let text = section.text(key)?;
    expand(section, &text, origin)
}

fn expand(section: &Section, text: &At<&str>, origin: &Origin) -> Option<PathBuf> {
    origin
        .path(text.value)
        .map_err(|why| section.wrong(text.span.clone(), why))
        .ok()
}

const PASSWORD_ADVICE: &str = "Write \"keyring\", { command = [\"pass\", \"show\", \"dav\"] }, \
                               { env = \"NAME\" } or { file = \"PATH\" }.";

fn password(
    section: &Section,
    value: &Spanned<DeValue>,
    origin: &Origin,
) -> Option<PasswordSource> {
    match value.get_ref() {
        DeValue::String(word) if word == "keyring" => Some(PasswordSource::Keyring),
        DeValue::Table(_) => {
            let section = section.section("password", "password")?;
            password_table(&section, value.span(), origin)
        }
        _ => {
            // The value is not repeated: it may well be the password.
            section.wrong(
                value.span(),
                format!("A password does not belong in this file. {PASSWORD_ADVICE}"),
            );
            None
        }
    }
}

fn password_table(
    section: &Section,
    span: Range<usize>,
    origin: &Origin,
) -> Option<PasswordSource> {
    let given = ["command", "env", "file"].map(|key| section.has(key));
    match given {
        [true, false, false] => {
            let argv: Vec<String> = section
                .texts("command")
                .iter()
                .map(|text| text.value.to_owned())
                .collect();
            if argv.is_empty() {
                section.wrong(
                    section.span_of("command"),
                    "A program and its arguments are wanted: [\"pass\", \"show\", \"dav\"].",
                );
                return None;
            }
            Some(PasswordSource::Command(argv))
        }
        [false, true, false] => {
            let text = section.text("env")?;
            if text.value.contains(['=', '$']) {
                section.wrong(
                    text.span,
                    "The bare name of the variable is wanted, without $.",
                );
                return None;
            }
            Some(PasswordSource::Env(text.value.to_owned()))
        }
        [false, false, true] => file_of(section, "file", origin).map(PasswordSource::File),
        _ => {
            section.wrong(span, format!("One source is wanted. {PASSWORD_ADVICE}"));
            None
        }
    }
}

fn book(
    section: &Section,
    names: &mut Names,
    accounts: &[&str],
    places: &mut Places,
    origin: &Origin,
) -> Option<Book> {
    let name = names.read(section, "name");
    let sections = section.sections("store", "[[book.store]]");
    if sections.is_empty() && !section.has("store") {
        section.wrong(
            section.span.clone(),
            "This book has no store: add [[book.store]] below it.",
        );
    }
    let mut ids = Names::new("store");
    let mut stores = Vec::new();
    for section in &sections {
        stores.push(store(section, &mut ids, accounts, places, origin));
    }
    let conflicts = conflicts(section, &ids);
    let duplicates = section.word(
        "duplicates",
        &[
            ("ask", Duplicates::Ask),
            ("auto", Duplicates::Auto),
            ("off", Duplicates::Off),
        ],
    );
    let mirror_tiers = section.flag("mirror-tiers");
    Some(Book {
        name: name?,
        conflicts: conflicts?,
        duplicates,
        mirror_tiers,
        stores: stores.into_iter().collect::<Option<_>>()?,
    })
}

fn conflicts(section: &Section, ids: &Names) -> Option<Conflicts> {
    if !section.has("conflicts") {
        return Some(Conflicts::Ask);
    }
    let text = section.text("conflicts")?;
    match text.value {
        "ask" => Some(Conflicts::Ask),
        "newest" => Some(Conflicts::Newest),
        id if ids.seen.contains(id) => Some(Conflicts::Store(StoreId::new(id))),
        other => {
            let mut known = vec!["ask", "newest"];
            known.extend(ids.seen.iter().map(String::as_str));
            section.wrong(
                text.span,
                format!(
                    "No store of this book is called `{other}`. {}",
                    advice(other, &known)
                ),
            );
            None
        }
    }
}

fn store(
    section: &Section,
    ids: &mut Names,
    accounts: &[&str],
    places: &mut Places,
    origin: &Origin,
) -> Option<StoreConfig> {
    let id = ids.read(section, "id");
    if let (Some("ask" | "newest"), Some(text)) = (id.as_deref(), section.text("id")) {
        section.wrong(
            text.span,
            "This word has a meaning in `conflicts`; choose another id.",
        );
    }
    let place = place(section, accounts, origin);
    if let (Some(place), Some(id)) = (&place, &id) {
        places.take(section, id, place);
    }
    let access = section.word(
        "access",
        &[
            ("read-write", Access::ReadWrite),
            ("read-only", Access::ReadOnly),
            ("propose", Access::Propose),
        ],
    );
    let mut omit = Vec::new();
    for text in section.texts("omit") {
        match omit_pattern(text.value) {
            Ok(pattern) => omit.push(pattern),
            Err(why) => section.wrong(text.span, why),
        }
    }
    Some(StoreConfig {
        id: StoreId::new(id?),
        place: place?,
        access,
        omit,
    })
}

fn place(section: &Section, accounts: &[&str], origin: &Origin) -> Option<Place> {
    let keys = ["folder", "account", "addressbook"].map(|key| section.has(key));
    match keys {
        [true, false, false] => {
            let text = section.text("folder")?;
            expand(section, &text, origin).map(Place::Folder)
        }
        [false, true, true] => {
            let account = section.text("account");
            let addressbook = section.text("addressbook");
            let account = account?;
            if !accounts.contains(&account.value) {
                section.wrong(
                    account.span,
                    format!(
                        "There is no account `{}`. {}",
                        account.value,
                        match accounts {
                            [] => "Declare it: [[account]] with `name` and `address`.".to_owned(),
                            known => advice(account.value, known),
                        }
                    ),
                );
                return None;
            }
            Some(Place::AddressBook {
                account: account.value.to_owned(),
                addressbook: addressbook?.value.to_owned(),
            })
        }
        [false, true, false] => {
            section.lacks("addressbook");
            None
        }
        [false, false, true] => {
            section.lacks("account");
            None
        }
        [false, false, false] => {
            section.wrong(
                section.span.clone(),
                "This store is nowhere: give it `folder`, or `account` and `addressbook`.",
            );
            None
        }
        [true, ..] => {
            section.wrong(
                section.span_of("folder"),
                "A store is one place: either `folder`, or `account` and `addressbook`.",
            );
            None
        }
    }
}

fn me(section: &Section) -> Option<Me> {
    let name = section.needed_text("name");
    let email = section.text("email");
    if let Some(text) = &email
        && !matches!(text.value.parse(), Ok(Address::Email(_)))
    {
        section.wrong(text.span.clone(), "This is no e-mail address.");
    }
    let region = section.text("region");
    if let Some(text) = &region
        && !(text.value.len() == 2 && text.value.bytes().all(|byte| byte.is_ascii_alphabetic()))
    {
        section.wrong(
            text.span.clone(),
            "A country code of two letters is wanted: \"DE\".",
        );
    }
    Some(Me {
        name: name?.value.to_owned(),
        email: email.map(|text| text.value.to_owned()),
        region: region.map(|text| text.value.to_ascii_uppercase()),
    })
}

fn tiers(section: &Section) -> Tiers {
    let read = |key: &str, default: Cadence| {
        let Some(text) = section.text(key) else {
            return default;
        };
        text.value.parse().unwrap_or_else(|why| {
            section.wrong(
                text.span,
                format!("`{}` is no length of time: {why}.", text.value),
            );
            default
        })
    };
    let default = Tiers::default();
    Tiers {
        a: read("A", default.a),
        b: read("B", default.b),
        c: read("C", default.c),
        d: read("D", default.d),
    }
}

/// The names of one kind that were given so far, each once.
struct Names {
    kind: &'static str,
    seen: BTreeSet<String>,
}

impl Names {
    fn new(kind: &'static str) -> Self {
        Self {
            kind,
            seen: BTreeSet::new(),
        }
    }

    /// Names stand in messages, on the command line and in the state: short, without spaces at
    /// the ends, and different also in capitals.
    fn read(&mut self, section: &Section, key: &str) -> Option<String> {
        let text = section.needed_text(key)?;
        let wellformed = text
            .value
            .chars()
            .all(|c| c.is_alphanumeric() || "-_.@ ".contains(c))
            && text.value.trim() == text.value
            && !text.value.starts_with('-')
            && text.value.chars().count() <= 64;
        if !wellformed {
            section.wrong(
                text.span,
                format!("`{key}` is made of letters, digits, -, _, . and @, 64 at most."),
            );
            return None;
        }
        let twin = self
            .seen
            .iter()
            .find(|seen| seen.to_lowercase() == text.value.to_lowercase());
        if let Some(twin) = twin {
            section.wrong(
                text.span,
                format!("There is a {} `{twin}` already.", self.kind),
            );
            return None;
        }
        self.seen.insert(text.value.to_owned());
        Some(text.value.to_owned())
    }
}

/// The places that the stores of all books take up.
#[derive(Default)]
struct Places {
    folders: Vec<(String, PathBuf)>,
    addressbooks: Vec<(String, Place)>,
}

impl Places {
    fn take(&mut self, section: &Section, id: &str, place: &Place) {
        match place {
            Place::Folder(path) => {
                let folder = settled(path);
                for (other, taken) in &self.folders {
                    let how = match overlap(&folder, taken) {
                        Overlap::Same => "the same as",
                        Overlap::Inside => "inside",
                        Overlap::Around => "around",
                        Overlap::Apart => continue,
                    };
                    section.wrong(
                        section.span_of("folder"),
                        format!(
                            "This folder is {how} the folder of store `{other}`. A card would be \
                             in two stores at once; choose a folder of its own."
                        ),
                    );
                    return;
                }
                self.folders.push((id.to_owned(), folder));
            }
            Place::AddressBook { .. } => {
                if let Some((other, _)) = self.addressbooks.iter().find(|(_, it)| it == place) {
                    section.wrong(
                        section.span_of("addressbook"),
                        format!("Store `{other}` is this address book already."),
                    );
                    return;
                }
                self.addressbooks.push((id.to_owned(), place.clone()));
            }
        }
    }
}
