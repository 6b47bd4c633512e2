//! Keeps the house tidy: which room may name which, and how every file begins.

use std::fs;
use std::path::{Path, PathBuf};

/// What a deciding room must not name: the edges, and whatever gives another answer each time.
const EDGES: [&str; 17] = [
    // A list of imports would hide what it names from the lines below.
    "crate::{",
    "crate::store",
    "crate::state",
    "crate::ui",
    "crate::config",
    "crate::commands",
    "crate::run",
    "crate::secret",
    "crate::oauth",
    "crate::demo",
    "std::fs",
    "std::net",
    "tokio",
    "reqwest",
    "rusqlite",
    "SystemTime::now",
    "Timestamp::now",
];

/// The same, for sources of chance.
const CHANCE: [&str; 4] = ["RandomState", "DefaultHasher", "new_v4", "rand::"];

const DECIDING: [&str; 10] = [
    "card",
    "contact",
    "book",
    "merge",
    "duplicates",
    "sync",
    "check",
    "schedule",
    "calendar",
    "report",
];

/// The one place of a deciding room in which the core meets the edges.
const MEETING_PLACE: &str = "src/sync/apply/";

const MOST_LINES: usize = 600;

struct Source {
    /// From the root of the repository, with `/`.
    path: String,
    text: String,
}

impl Source {
    /// The lines that are code: no comments, no tests.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let numbered = self
            .text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line));
        numbered
            .take_while(|(_, line)| line.trim() != "mod tests {")
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    fn is_in(&self, room: &str) -> bool {
        self.path.starts_with(&format!("src/{room}/")) || self.path == format!("src/{room}.rs")
    }

    fn is_test(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        !self.path.starts_with("src/")
            || self.path.contains("/tests/")
            || ["tests.rs", "laws.rs"].contains(&name)
    }

    fn naming<'s>(&'s self, words: &'s [&str]) -> impl Iterator<Item = String> + 's {
        self.code().flat_map(move |(line, text)| {
            let named = words.iter().filter(move |word| names(text, word));
            named.map(move |word| format!("{}:{line} names {word}", self.path))
        })
    }
}

/// Whether the text holds the word as a word: `card::` is none in `vcard::`.
fn names(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let ends_free = !word.ends_with(is_part) || !text[at + word.len()..].starts_with(is_part);
        !text[..at].ends_with(is_part) && ends_free
    })
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            files_below(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn texts(folders: &[&str]) -> Vec<Source> {
    let mut paths = Vec::new();
    for folder in folders {
        files_below(&root().join(folder), &mut paths);
    }
    paths.sort();
    let relative = |path: &Path| {
        path.strip_prefix(root())
            .ok()
            .map(|path| path.to_string_lossy().into_owned())
    };
    paths
        .iter()
        .filter_map(|path| {
            Some(Source {
                path: relative(path)?,
                text: fs::read_to_string(path).ok()?,
            })
        })
        .collect()
}

fn sources() -> Vec<Source> {
    let mut sources = texts(&["src", "tests", "benches"]);
    sources.retain(|source| source.path.ends_with(".rs"));
    assert!(
        sources.len() > 50,
        "the sources were not found below {}",
        root().display()
    );
    sources
}

fn none(found: impl IntoIterator<Item = String>) {
    let found: Vec<String> = found.into_iter().collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn deciding_rooms_name_no_edge_and_no_chance() {
    let sources = sources();
    let deciding = sources.iter().filter(|source| {
        DECIDING.iter().any(|room| source.is_in(room))
            && !source.path.starts_with(MEETING_PLACE)
            && !source.is_test()
    });
    let forbidden: Vec<&str> = EDGES.into_iter().chain(CHANCE).collect();
    none(deciding.flat_map(|source| source.naming(&forbidden).collect::<Vec<_>>()));
}

#[test]
fn a_card_depends_on_nothing_of_ours() {
    let sources = sources();
    let strangers = sources
        .iter()
        .filter(|source| source.is_in("card"))
        .flat_map(|source| {
            source.code().filter_map(|(line, text)| {
                let named = text
                    .split("crate::")
                    .skip(1)
                    .find(|rest| !rest.starts_with("card"))?;
                Some(format!("{}:{line} names crate::{named}", source.path))
            })
        });
    none(strangers);
}

#[test]
fn rooms_are_named_for_what_they_are_responsible_for() {
    let empty_names = ["utils", "util", "helpers", "helper", "common", "misc"];
    none(
        sources()
            .into_iter()
            .map(|source| source.path)
            .filter(|path| {
                path.split('/')
                    .any(|part| empty_names.contains(&part.trim_end_matches(".rs")))
            }),
    );
}

#[test]
fn every_file_opens_with_a_sentence() {
    none(
        sources()
            .into_iter()
            .filter(|source| !source.text.starts_with("//! "))
            .map(|source| source.path),
    );
}

#[test]
fn files_stay_short() {
    none(sources().iter().filter_map(|source| {
        let lines = source.text.lines().count();
        (lines > MOST_LINES).then(|| format!("{} has {lines} lines", source.path))
    }));
}

#[test]
fn the_parsers_of_others_stay_in_the_card_room() {
    let sources = sources();
    let lossless = sources
        .iter()
        .filter(|source| source.path.starts_with("src/"));
    let lossless = lossless.filter(|source| !source.is_in("card"));
    none(lossless.flat_map(|source| {
        source
            .naming(&["vcard::", "use vcard;"])
            .collect::<Vec<_>>()
    }));
    let strict = sources
        .iter()
        .filter(|source| source.path.starts_with("src/"));
    let strict = strict.filter(|source| source.path != "src/card/second_opinion.rs");
    none(strict.flat_map(|source| source.naming(&["vcard_parser"]).collect::<Vec<_>>()));
}

#[test]
fn nothing_is_left_half_done() {
    // Put together here, because this file is looked through like any other.
    let marks = ["todo", "unimplemented", "dbg"].map(|name| format!("{name}!("));
    none(sources().iter().flat_map(|source| {
        let marked = source
            .text
            .lines()
            .enumerate()
            .filter(|(_, line)| marks.iter().any(|mark| line.contains(mark.as_str())));
        marked
            .map(|(line, _)| format!("{}:{}", source.path, line + 1))
            .collect::<Vec<_>>()
    }));
}

#[test]
fn no_path_of_a_machine_is_left_behind() {
    let machine = ["work", "root", "Users"].map(|name| format!("/{name}/"));
    let mut texts = texts(&["src", "tests", "benches", "fixtures", ".ci"]);
    for name in [
        "README.md",
        "CHANGELOG.md",
        "Cargo.toml",
        "config.example.toml",
    ] {
        let text = fs::read_to_string(root().join(name));
        texts.push(Source {
            path: name.to_owned(),
            text: text.unwrap_or_else(|error| panic!("{name}: {error}")),
        });
    }
    none(texts.iter().flat_map(|source| {
        let named = source
            .text
            .lines()
            .enumerate()
            .filter(|(_, line)| machine.iter().any(|path| begins_a_path(line, path)));
        named
            .map(|(line, _)| format!("{}:{}", source.path, line + 1))
            .collect::<Vec<_>>()
    }));
}

/// Whether the line holds this as the beginning of a path, not amid a URL or a longer path.
fn begins_a_path(line: &str, path: &str) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || "/._-~}".contains(c);
    line.match_indices(path)
        .any(|(at, _)| !line[..at].ends_with(goes_on))
}
