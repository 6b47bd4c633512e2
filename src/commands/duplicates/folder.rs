//! Reads folders of vCards for `duplicates`: every file below them, on all cores.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::card::Card;
use crate::duplicates::{Profile, Region, in_parallel, most_voted, regions_in};
use crate::ui::text::clean;

use super::super::Trouble;
use super::Stock;

/// A file of more than this is cut into pieces of this size, between two cards.
const PIECE_OCTETS: usize = 1 << 20;

/// Small files that one worker takes at once.
const FILES_AT_ONCE: usize = 256;

/// Reads every card below the folders. What cannot be read is told and counted.
///
/// # Errors
/// A folder that cannot be looked into at all.
pub(super) fn read(folders: &[String], home: Option<Region>) -> Result<Stock, Trouble> {
    let mut found = Found::default();
    for folder in folders {
        let folder = Path::new(folder);
        found.list(folder).map_err(|error| {
            Trouble::Failed(format!(
                "The folder {} cannot be read: {error}. Nothing was compared.",
                clean(&folder.to_string_lossy())
            ))
        })?;
    }
    found.files.sort();
    found.files.dedup();
    let home = match home {
        Some(home) => Some(home),
        None => guessed_home(&found.files),
    };
    let mut stock = Stock {
        unreadable: found.unreadable,
        ..Stock::default()
    };
    let files: Vec<Vec<Read>> = in_parallel(found.files.len().div_ceil(FILES_AT_ONCE), |group| {
        let group = found.files.chunks(FILES_AT_ONCE).nth(group);
        let files = group.unwrap_or_default().iter();
        files.filter_map(|file| Read::whole(file, home)).collect()
    });
    let mut read = files.into_iter().flatten();
    for file in &found.files {
        match file.is_large {
            true => Read::in_pieces(file, home).put(&mut stock),
            false => {
                if let Some(read) = read.next() {
                    read.put(&mut stock);
                }
            }
        }
    }
    Ok(stock)
}

/// The country that most numbers below the folders name; the same however the cards are spread.
fn guessed_home(files: &[File]) -> Option<Region> {
    let groups = in_parallel(files.len().div_ceil(FILES_AT_ONCE), |group| {
        let mut votes: BTreeMap<Region, usize> = BTreeMap::new();
        for file in files.chunks(FILES_AT_ONCE).nth(group).unwrap_or_default() {
            // What cannot be read is told when it is read for its cards.
            let text = fs::read(&file.path).unwrap_or_default();
            for (region, count) in regions_in(&text) {
                *votes.entry(region).or_default() += count;
            }
        }
        votes
    });
    let mut votes = BTreeMap::new();
    for (region, count) in groups.into_iter().flatten() {
        *votes.entry(region).or_default() += count;
    }
    most_voted(&votes)
}

/// The files that were found below folders.
#[derive(Default)]
struct Found {
    files: Vec<File>,
    unreadable: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct File {
    path: PathBuf,
    is_large: bool,
}

impl Found {
    /// Adds the `.vcf` files below a folder, whatever the case of their ending.
    fn list(&mut self, folder: &Path) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let path = entry.path();
            let kind = entry.file_type()?;
            if kind.is_dir() {
                if let Err(error) = self.list(&path) {
                    tracing::warn!("{}: cannot be read: {error}", shown(&path));
                    self.unreadable += 1;
                }
                continue;
            }
            let is_card = path
                .extension()
                .is_some_and(|ending| ending.eq_ignore_ascii_case("vcf"));
            if is_card {
                let length = fs::metadata(&path).map_or(0, |about| about.len());
                self.files.push(File {
                    path,
                    is_large: length > PIECE_OCTETS as u64,
                });
            }
        }
        Ok(())
    }
}

/// The cards of one file, or what keeps it from being read.
struct Read {
    stem: String,
    shown: String,
    /// UID and profile of each card, in order.
    cards: Vec<Result<(Option<String>, Profile), String>>,
}

impl Read {
    fn new(file: &File) -> Read {
        let stem = file.path.file_stem().unwrap_or_default();
        Read {
            stem: stem.to_string_lossy().into_owned(),
            shown: shown(&file.path),
            cards: Vec::new(),
        }
    }

    /// Reads a small file; `None` for a large one.
    fn whole(file: &File, home: Option<Region>) -> Option<Read> {
        if file.is_large {
            return None;
        }
        let mut read = Read::new(file);
        read.cards = match fs::read(&file.path) {
            Ok(text) => cards(&text, home),
            Err(error) => vec![Err(format!("cannot be read: {error}"))],
        };
        Some(read)
    }

    fn in_pieces(file: &File, home: Option<Region>) -> Read {
        let mut read = Read::new(file);
        match fs::read(&file.path) {
            Ok(text) => {
                let pieces = pieces(&text);
                let all = in_parallel(pieces.len(), |piece| cards(pieces[piece], home));
                read.cards = all.into_iter().flatten().collect();
            }
            Err(error) => read.cards.push(Err(format!("cannot be read: {error}"))),
        }
        read
    }

    fn put(self, stock: &mut Stock) {
        let is_alone = self.cards.len() == 1;
        for (at, card) in self.cards.into_iter().enumerate() {
            match card {
                Ok((uid, profile)) => {
                    let uid = uid.unwrap_or_else(|| match is_alone {
                        true => self.stem.clone(),
                        false => format!("{}#{}", self.stem, at + 1),
                    });
                    stock.uids.push(uid.into());
                    stock.profiles.push(profile);
                }
                Err(why) => {
                    tracing::warn!("{}: {}", self.shown, clean(&why));
                    stock.unreadable += 1;
                }
            }
        }
    }
}

fn cards(text: &[u8], home: Option<Region>) -> Vec<Result<(Option<String>, Profile), String>> {
    let read = Card::parse_all(text).into_iter();
    read.map(|card| match card {
        Ok(card) => Ok((card.uid(), Profile::of(&card, home.as_ref()))),
        Err(error) => Err(error.to_string()),
    })
    .collect()
}

/// Cuts a text between cards, where one ends and the next one begins.
fn pieces(text: &[u8]) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while rest.len() > PIECE_OCTETS {
        let Some(cut) = cut_after(rest, PIECE_OCTETS) else {
            break;
        };
        let (piece, others) = rest.split_at(cut);
        pieces.push(piece);
        rest = others;
    }
    pieces.push(rest);
    pieces
}

/// The first place behind `from` at which a card ends and the next one begins.
fn cut_after(text: &[u8], from: usize) -> Option<usize> {
    const END: &[u8] = b"\nEND:VCARD";
    const BEGIN: &[u8] = b"BEGIN:VCARD";
    let mut at = from;
    loop {
        let found = text[at..]
            .windows(END.len())
            .position(|window| window.eq_ignore_ascii_case(END))?;
        let mut after = at + found + END.len();
        while text.get(after).is_some_and(u8::is_ascii_whitespace) {
            after += 1;
        }
        let next = text.get(after..after + BEGIN.len());
        if next.is_some_and(|next| next.eq_ignore_ascii_case(BEGIN)) {
            return Some(after);
        }
        at = after.min(text.len());
    }
}

fn shown(path: &Path) -> String {
    clean(&path.to_string_lossy()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_cards_and_nothing_is_lost() {
        let card = "BEGIN:VCARD\r\nFN:Ada\r\nEND:VCARD\r\n\r\n";
        let text = card.repeat(100_000);
        let pieces = pieces(text.as_bytes());
        assert!(pieces.len() > 2);
        assert!(pieces.iter().all(|piece| piece.starts_with(b"BEGIN:VCARD")));
        assert_eq!(pieces.concat(), text.as_bytes());
        assert_eq!(cut_after(b"\nEND:VCARD\r\n", 0), None);
    }
}
