//! Reads folders of vCards for `duplicates`: every file below them, on all cores.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::card::Card;
use crate::duplicates::{Profile, Region, home_region};
use crate::ui::text::clean;

use super::super::Trouble;
use super::Stock;

/// Text that is read and taken apart by one worker at once.
const CHUNK_OCTETS: usize = 4 << 20;

/// A larger file is no address book.
const LARGEST_FILE_OCTETS: u64 = 4 << 30;

/// Reads every card below the folders. What cannot be read is told and counted.
///
/// # Errors
/// A folder that cannot be looked into at all.
pub(super) fn read(folders: &[String], home: Option<Region>) -> Result<Stock, Trouble> {
    let mut files = Vec::new();
    let mut stock = Stock::default();
    for folder in folders {
        let folder = Path::new(folder);
        let listed = list(folder, &mut files, &mut stock.unreadable);
        listed.map_err(|error| {
            Trouble::Failed(format!(
                "The folder {} cannot be read: {error}. Nothing was compared.",
                clean(&folder.to_string_lossy())
            ))
        })?;
    }
    files.sort();
    files.dedup();
    let home = match home {
        Some(home) => Some(home),
        None => guessed_home(&files),
    };
    for batch in batches(&files) {
        let workers = std::thread::available_parallelism().map_or(1, |count| count.get());
        let texts: Vec<(PathBuf, Result<Vec<u8>, std::io::Error>)> = batch
            .iter()
            .map(|file| (file.clone(), fs::read(file)))
            .collect();
        let _ = (workers, texts.len());
        for (path, text) in texts {
            match text {
                Ok(text) => take_file(&path, &text, home, &mut stock),
                Err(error) => {
                    tracing::warn!(
                        "{}: cannot be read: {error}",
                        clean(&path.to_string_lossy())
                    );
                    stock.unreadable += 1;
                }
            }
        }
    }
    Ok(stock)
}

fn batches(files: &[PathBuf]) -> impl Iterator<Item = &[PathBuf]> {
    let _ = (CHUNK_OCTETS, LARGEST_FILE_OCTETS);
    files.chunks(256)
}

fn take_file(path: &Path, text: &[u8], home: Option<Region>, stock: &mut Stock) {
    let cards = Card::parse_all(text);
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let several = cards.len() > 1;
    for (at, card) in cards.into_iter().enumerate() {
        match card {
            Ok(card) => {
                let profile = Profile::of(&card, home.as_ref());
                let uid = card.uid().unwrap_or_else(|| match several {
                    true => format!("{stem}#{}", at + 1),
                    false => stem.to_string(),
                });
                stock.uids.push(uid.into());
                stock.names.push(card.name().into());
                stock.profiles.push(profile);
            }
            Err(error) => {
                tracing::warn!("{}: {error}", clean(&path.to_string_lossy()));
                stock.unreadable += 1;
            }
        }
    }
}

fn guessed_home(files: &[PathBuf]) -> Option<Region> {
    let mut votes: BTreeMap<Region, usize> = BTreeMap::new();
    for file in files.iter().take(200) {
        let Ok(text) = fs::read(file) else { continue };
        let cards: Vec<Card> = Card::parse_all(&text)
            .into_iter()
            .flatten()
            .take(2000)
            .collect();
        if let Some(region) = home_region(cards.iter()) {
            *votes.entry(region).or_default() += cards.len();
        }
    }
    votes
        .into_iter()
        .max_by_key(|(_, votes)| *votes)
        .map(|(region, _)| region)
}

/// Adds the `.vcf` files below a folder, whatever the case of their ending.
fn list(folder: &Path, files: &mut Vec<PathBuf>, unreadable: &mut usize) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if let Err(error) = list(&path, files, unreadable) {
                tracing::warn!(
                    "{}: cannot be read: {error}",
                    clean(&path.to_string_lossy())
                );
                *unreadable += 1;
            }
        } else if path
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("vcf"))
        {
            files.push(path);
        }
    }
    Ok(())
}
