//! `duplicates`: the pairs of cards that may be one person, with score and reasons; changes nothing.

mod folder;
mod report;

use std::path::Path;

use crate::cli::Duplicates;
use crate::config::{Config, ConfigError};
use crate::duplicates::{NAMED, Profile, Region, find, home_region};
use crate::run::profiles;
use crate::state::Resident;
use crate::ui::text::clean;

use super::open::{books, look_at_state};
use super::{Exit, Surroundings, Trouble};

pub use report::DuplicatesReport;

/// The score from which on a table for people names a pair.
const SHOWN: f64 = 0.5;

/// The cards that were read, and by what each is named in the result.
#[derive(Default)]
struct Stock {
    profiles: Vec<Profile>,
    uids: Vec<Box<str>>,
    /// Cards and files that could not be read; each was told.
    unreadable: usize,
}

pub fn execute(typed: &Duplicates, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let stock = stock(typed, at)?;
    let found = find(&stock.profiles);
    let least = match (typed.min_score, typed.jsonl || at.globals.json) {
        (Some(score), _) => score,
        (None, true) => NAMED,
        (None, false) => SHOWN,
    };
    let exit = match stock.unreadable {
        0 => Exit::InStep,
        _ => Exit::Partly,
    };
    let report = report::Report::new(stock, found, least);
    if typed.jsonl {
        report.write_lines(&mut at.output)?;
    } else {
        at.output.present(&report.document(), report::render)?;
    }
    Ok(exit)
}

fn stock(typed: &Duplicates, at: &Surroundings) -> Result<Stock, Trouble> {
    let is_folder = |word: &String| Path::new(word).is_dir();
    let (folders, names): (Vec<String>, Vec<String>) =
        typed.places.iter().cloned().partition(is_folder);
    if folders.is_empty() {
        let config = at.config().map_err(|trouble| neither(trouble, &names))?;
        return of_books(&config, &names, at);
    }
    if !names.is_empty() {
        return Err(Trouble::Asked(format!(
            "\"{}\" is no folder. Name folders, or books of the config, not both. Nothing was read.",
            clean(&names[0])
        )));
    }
    let home = match Config::load(at.globals.config.as_deref(), &at.directories) {
        Ok(config) => region(&config),
        // A folder needs no config.
        Err(ConfigError::Missing { .. } | ConfigError::NoHome) if at.globals.config.is_none() => {
            None
        }
        Err(error) => return Err(error.into()),
    };
    folder::read(&folders, home)
}

/// Without a config the word was meant for a folder.
fn neither(trouble: Trouble, names: &[String]) -> Trouble {
    match (trouble, names.first()) {
        (Trouble::Config(ConfigError::Missing { .. } | ConfigError::NoHome), Some(name)) => {
            Trouble::Asked(format!(
                "\"{}\" is no folder, and there is no config that could name a book. Name a folder \
                 of .vcf files, or set up a book with `cardweave init`.",
                clean(name)
            ))
        }
        (trouble, _) => trouble,
    }
}

fn region(config: &Config) -> Option<Region> {
    Region::of(config.me.as_ref()?.region.as_deref()?)
}

fn of_books(config: &Config, names: &[String], at: &Surroundings) -> Result<Stock, Trouble> {
    let books = books(config, names)?;
    let state = look_at_state(at)?;
    let mut residents = Vec::new();
    for book in books {
        residents.extend(state.everybody(&book.name)?);
    }
    let cards = residents.iter().map(|resident| &resident.agreed);
    let home = region(config).or_else(|| home_region(cards));
    let uid = |resident: &Resident| match resident.agreed.uid() {
        Some(uid) => uid.into(),
        None => resident.id.as_str().into(),
    };
    Ok(Stock {
        uids: residents.iter().map(uid).collect(),
        profiles: profiles(&residents, home.as_ref()),
        unreadable: 0,
    })
}
