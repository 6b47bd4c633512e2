//! Turns the tables of the file into the config's types, one function per table.
//!
//! Every function reads all keys of its table before it gives up, so that all mistakes are noted;
//! it returns `None` only after one was.

mod account;
mod book;
mod oauth;

use std::collections::BTreeSet;
use std::path::PathBuf;

use toml::de::DeTable;

use self::account::account;
use self::book::{Places, book};
use super::mistake::Mistake;
use super::place::Origin;
use super::section::{At, Section, Source};
use super::{Account, Address, Cadence, Config, Me, Tiers};

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
    if books.is_empty() {
        file.wrong(
            file.span_of("book"),
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
        organisation: section
            .text("organisation")
            .map(|text| text.value.trim().to_owned()),
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

fn expand(section: &Section, text: &At<&str>, origin: &Origin) -> Option<PathBuf> {
    origin
        .path(text.value)
        .map_err(|why| section.wrong(text.span.clone(), why))
        .ok()
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
                format!("There is another {} called `{twin}`.", self.kind),
            );
            return None;
        }
        self.seen.insert(text.value.to_owned());
        Some(text.value.to_owned())
    }
}
