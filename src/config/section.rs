//! Reads one table of the file key by key, noting every mistake and going on.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::mistake::Mistake;

/// Every table that the file may hold, and the keys of each. The example shows them all.
pub(super) const KEYS: &[(&str, &[&str])] = &[
    ("the file", &["account", "book", "me", "tiers"]),
    (
        "[[account]]",
        &[
            "name",
            "address",
            "username",
            "password",
            "auth",
            "oauth",
            "ca-file",
            "client-certificate",
            "pinned-certificate",
            "plain-http",
            "trusted-hosts",
        ],
    ),
    ("password", &["command", "env", "file"]),
    (
        "[account.oauth]",
        &[
            "provider",
            "authorize-url",
            "token-url",
            "device-url",
            "scopes",
            "client-id",
            "client-secret",
        ],
    ),
    (
        "[[book]]",
        &["name", "conflicts", "duplicates", "mirror-tiers", "store"],
    ),
    (
        "[[book.store]]",
        &["id", "account", "addressbook", "folder", "access", "omit"],
    ),
    ("[me]", &["name", "email", "region", "organisation"]),
    ("[tiers]", &["A", "B", "C", "D"]),
];

/// The text of the file and what was found wrong in it so far.
pub(super) struct Source<'t> {
    pub text: &'t str,
    mistakes: RefCell<BTreeMap<usize, Mistake>>,
}

impl<'t> Source<'t> {
    pub fn new(text: &'t str) -> Self {
        Self {
            text,
            mistakes: RefCell::default(),
        }
    }

    /// Notes a mistake. A second one at the same place would only repeat the first.
    pub fn wrong(&self, span: Range<usize>, what: impl Into<String>) {
        let mistake = Mistake::at(self.text, span.clone(), what.into());
        self.mistakes
            .borrow_mut()
            .entry(span.start)
            .or_insert(mistake);
    }

    /// What was found, in the order of the file.
    pub fn mistakes(self) -> Vec<Mistake> {
        self.mistakes.into_inner().into_values().collect()
    }
}

/// A value and where it stands.
#[derive(Clone)]
pub(super) struct At<T> {
    pub value: T,
    pub span: Range<usize>,
}

/// One table of the file.
pub(super) struct Section<'s, 't> {
    source: &'s Source<'t>,
    title: &'static str,
    table: &'s DeTable<'t>,
    /// Where to point when something is missing.
    pub span: Range<usize>,
    /// Keys that an unknown key was most likely meant to be.
    misspelt: Vec<&'static str>,
}

impl<'s, 't> Section<'s, 't> {
    /// Opens a table; `title` is one of [`KEYS`]. Unknown keys are noted at once.
    pub fn open(
        source: &'s Source<'t>,
        title: &'static str,
        table: &'s DeTable<'t>,
        span: Range<usize>,
    ) -> Self {
        let keys = keys_of(title);
        let mut misspelt = Vec::new();
        for key in table
            .keys()
            .filter(|key| !keys.contains(&key.get_ref().as_ref()))
        {
            let word = key.get_ref();
            source.wrong(
                key.span(),
                format!("{title} has no `{word}`. {}", advice(word, keys)),
            );
            misspelt.extend(nearest(word, keys));
        }
        Self {
            source,
            title,
            table,
            span,
            misspelt,
        }
    }

    pub fn wrong(&self, span: Range<usize>, what: impl Into<String>) {
        self.source.wrong(span, what);
    }

    /// Notes that `key` must be there, unless a misspelt one was noted.
    pub fn lacks(&self, key: &str) {
        if !self.misspelt.contains(&key) {
            self.wrong(self.span.clone(), format!("{} needs `{key}`.", self.title));
        }
    }

    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Where the value of a key stands; the table itself where there is none.
    pub fn span_of(&self, key: &str) -> Range<usize> {
        self.table.get(key).map_or(self.span.clone(), Spanned::span)
    }

    pub fn value(&self, key: &str) -> Option<&'s Spanned<DeValue<'t>>> {
        self.table.get(key)
    }

    /// A text that is not empty; `None` also after a mistake was noted.
    pub fn text(&self, key: &str) -> Option<At<&'s str>> {
        let value = self.table.get(key)?;
        self.text_of(key, value)
    }

    /// Like [`Section::text`], noting a key that is not there.
    pub fn needed_text(&self, key: &str) -> Option<At<&'s str>> {
        if !self.has(key) {
            self.lacks(key);
        }
        self.text(key)
    }

    pub fn flag(&self, key: &str) -> bool {
        let Some(value) = self.table.get(key) else {
            return false;
        };
        value.get_ref().as_bool().unwrap_or_else(|| {
            self.wrong(
                value.span(),
                format!("`{key}` is true or false, without quotes."),
            );
            false
        })
    }

    /// One of a few words; the default where there is none.
    pub fn word<T: Copy + Default>(&self, key: &str, words: &[(&str, T)]) -> T {
        let Some(text) = self.text(key) else {
            return T::default();
        };
        if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == text.value) {
            return *meaning;
        }
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        self.wrong(
            text.span,
            format!(
                "`{key}` cannot be `{}`. {}",
                text.value,
                advice(text.value, &known)
            ),
        );
        T::default()
    }

    /// The texts of a list; empty where there is none.
    pub fn texts(&self, key: &str) -> Vec<At<&'s str>> {
        let Some(value) = self.table.get(key) else {
            return Vec::new();
        };
        let Some(list) = value.get_ref().as_array() else {
            self.wrong(
                value.span(),
                format!("`{key}` is a list: {key} = [\"…\", \"…\"]."),
            );
            return Vec::new();
        };
        list.iter()
            .filter_map(|value| self.text_of(key, value))
            .collect()
    }

    /// The tables of `[[title]]`; empty where there is none.
    pub fn sections(&self, key: &str, title: &'static str) -> Vec<Section<'s, 't>> {
        let Some(value) = self.table.get(key) else {
            return Vec::new();
        };
        let Some(list) = value.get_ref().as_array() else {
            self.wrong(
                value.span(),
                format!("There may be several: write {title} with two brackets."),
            );
            return Vec::new();
        };
        let mut sections = Vec::new();
        for value in list.iter() {
            match value.get_ref().as_table() {
                Some(table) => sections.push(Self::open(self.source, title, table, value.span())),
                None => self.wrong(value.span(), format!("{title} is a table of keys.")),
            }
        }
        sections
    }

    /// The one table `[title]`.
    pub fn section(&self, key: &str, title: &'static str) -> Option<Section<'s, 't>> {
        let value = self.table.get(key)?;
        match value.get_ref().as_table() {
            Some(table) => Some(Self::open(self.source, title, table, value.span())),
            None => {
                self.wrong(
                    value.span(),
                    format!("There is one: write {title} with one bracket."),
                );
                None
            }
        }
    }

    fn text_of(&self, key: &str, value: &'s Spanned<DeValue<'t>>) -> Option<At<&'s str>> {
        match value.get_ref().as_str() {
            Some(text) if text.trim().is_empty() => {
                self.wrong(value.span(), format!("`{key}` is empty."));
                None
            }
            Some(text) if text.contains(char::is_control) => {
                self.wrong(value.span(), format!("`{key}` holds a control character."));
                None
            }
            Some(text) => Some(At {
                value: text,
                span: value.span(),
            }),
            None => {
                self.wrong(value.span(), format!("`{key}` is text in quotes."));
                None
            }
        }
    }
}

fn keys_of(title: &str) -> &'static [&'static str] {
    // Every title that is opened is a literal of this module's table.
    KEYS.iter()
        .find(|(name, _)| *name == title)
        .map_or(&[], |(_, keys)| keys)
}

/// What to write instead of a word that is not known here.
pub(super) fn advice(word: &str, known: &[&str]) -> String {
    if let Some(nearest) = nearest(word, known) {
        return format!("Did you mean `{nearest}`?");
    }
    let homes = KEYS
        .iter()
        .filter(|(_, keys)| *keys != known && keys.contains(&word));
    let homes: Vec<&str> = homes.map(|(title, _)| *title).collect();
    if !homes.is_empty() {
        return format!("It belongs in {}.", homes.join(" or "));
    }
    let list: Vec<String> = known.iter().map(|word| format!("`{word}`")).collect();
    format!("Known here: {}.", list.join(", "))
}

/// The known word that differs in no more than a third of its letters.
fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let spelling = |text: &str| text.to_lowercase().replace('_', "-");
    let distance = |known: &str| strsim::damerau_levenshtein(&spelling(word), &spelling(known));
    let nearest = known.iter().min_by_key(|known| distance(known))?;
    (distance(nearest) <= nearest.len().max(word.len()) / 3).then_some(*nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_spelling_is_offered() {
        let keys = keys_of("[[account]]");
        assert_eq!(advice("pasword", keys), "Did you mean `password`?");
        assert_eq!(advice("ca_file", keys), "Did you mean `ca-file`?");
        assert_eq!(advice("CA_FILE", keys), "Did you mean `ca-file`?");
    }

    #[test]
    fn a_key_of_another_table_is_sent_home() {
        assert_eq!(
            advice("folder", keys_of("[[account]]")),
            "It belongs in [[book.store]]."
        );
    }

    #[test]
    fn a_word_like_none_lists_what_there_is() {
        assert_eq!(advice("E", &["A", "B"]), "Known here: `A`, `B`.");
        assert_eq!(
            advice("zzzzzz", &["ask", "off"]),
            "Known here: `ask`, `off`."
        );
    }
}
