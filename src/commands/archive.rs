//! `archive`: folds what was logged long ago into sums by year.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use crate::book::Known;
use crate::card::{Card, Change};
use crate::cli::Archive;
use crate::config::Config;
use crate::contact::{
    Interaction, InteractionKind, LAST_CONTACT, LOG, Lean, Relationship, Sum, day, on_card, one,
    yearly_sums,
};
use crate::state::State;
use crate::ui::out::Page;
use crate::ui::text::clean;

use super::amend::{Amendment, state_to_amend, today};
use super::open::{look_at_state, state_directory};
use super::{Exit, Surroundings, Trouble};

/// What `archive --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ArchiveReport {
    /// What was logged before this day is folded.
    pub before: String,
    pub dry_run: bool,
    /// The file that the originals were added to; `null`: there were none.
    pub file: Option<PathBuf>,
    pub contacts: Vec<Archived>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Archived {
    pub book: String,
    pub id: String,
    pub name: String,
    /// How many lines were folded, sums from before among them.
    pub lines: usize,
    pub sums: Vec<Interaction>,
}

/// One line of the file of originals.
#[derive(Debug, Serialize)]
struct Original<'a> {
    book: &'a str,
    /// The UID of the card.
    contact: Option<String>,
    name: String,
    /// As it stood on the card, unfolded.
    line: &'a str,
    entry: &'a Interaction,
}

/// What becomes of the log of one contact.
struct Folding {
    known: Known,
    sums: Vec<Sum>,
}

/// The day before which entries are folded.
fn until(text: &str, today: Date) -> Result<Date, Trouble> {
    let before = day(text, today, Lean::Past)
        .map_err(|error| Trouble::Asked(format!("{error}. Nothing was changed.")))?;
    if before > today {
        return Err(Trouble::Asked(format!(
            "{before} is yet to come. Nothing was changed. Say a day up to today, {today}."
        )));
    }
    Ok(before)
}

pub fn execute(typed: &Archive, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let config = at.config()?;
    let before = until(&typed.before, today())?;
    let file = match &typed.file {
        Some(file) => file.clone(),
        None => state_directory(at)?.join("archive.jsonl"),
    };
    let mut state = match typed.dry_run {
        true => look_at_state(at)?,
        false => state_to_amend(at)?,
    };
    let mut foldings: BTreeMap<String, Vec<Folding>> = BTreeMap::new();
    for book in &config.books {
        foldings.insert(book.name.clone(), to_fold(&state, &book.name, before)?);
    }
    let is_nothing = foldings.values().all(Vec::is_empty);
    if !typed.dry_run && !is_nothing {
        // First the originals, then the cards: a run that is killed in between leaves lines in the
        // file twice, and none nowhere.
        append(&file, &originals(&foldings)?).map_err(|error| {
            Trouble::Failed(format!(
                "Could not write {}: {error}. Nothing was folded.",
                file.display()
            ))
        })?;
        fold(&config, &mut state, &foldings)?;
    }
    let report = ArchiveReport {
        before: before.to_string(),
        dry_run: typed.dry_run,
        file: (!typed.dry_run && !is_nothing).then_some(file),
        contacts: foldings
            .iter()
            .flat_map(|(book, foldings)| foldings.iter().map(|folding| folding.told(book)))
            .collect(),
    };
    at.output.present(&report, render)?;
    Ok(Exit::InStep)
}

fn to_fold(state: &State, book: &str, before: jiff::civil::Date) -> Result<Vec<Folding>, Trouble> {
    let mut foldings = Vec::new();
    for contact in state.acquaintances_with_logs(book)? {
        if yearly_sums(&contact.relationship.log, before).is_empty() {
            continue;
        }
        // The card itself decides; what is kept beside it may be of another version of this program.
        for known in state.contacts(book, &[contact.id].into())? {
            let sums = yearly_sums(&Relationship::of(&known.agreed).log, before);
            if !sums.is_empty() {
                foldings.push(Folding { known, sums });
            }
        }
    }
    Ok(foldings)
}

fn originals(foldings: &BTreeMap<String, Vec<Folding>>) -> Result<Vec<u8>, Trouble> {
    let mut text = Vec::new();
    for (book, foldings) in foldings {
        for folding in foldings {
            let card: &Card = &folding.known.agreed;
            let lines = card.lines_named(LOG);
            let lines: BTreeMap<&str, &str> = lines
                .iter()
                .map(|(key, line)| (key.value.as_str(), line.as_str()))
                .collect();
            for entry in folding.sums.iter().flat_map(|sum| &sum.folded) {
                let original = Original {
                    book,
                    contact: card.uid(),
                    name: card.name(),
                    line: lines.get(entry.id.as_str()).copied().unwrap_or_default(),
                    entry,
                };
                serde_json::to_writer(&mut text, &original).map_err(io::Error::from)?;
                text.push(b'\n');
            }
        }
    }
    Ok(text)
}

/// Adds to a file that its owner alone may read, and has it on the disk before returning.
fn append(file: &Path, text: &[u8]) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut open = OpenOptions::new();
    let mut opened = open.append(true).create(true).mode(0o600).open(file)?;
    opened.write_all(text)?;
    opened.sync_all()?;
    // A file that is new is there only once its folder says so.
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => std::fs::File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

fn fold(
    config: &Config,
    state: &mut State,
    foldings: &BTreeMap<String, Vec<Folding>>,
) -> Result<(), Trouble> {
    for (book, foldings) in foldings.iter().filter(|(_, foldings)| !foldings.is_empty()) {
        let mut amendment = Amendment::of(config, state, book);
        for folding in foldings {
            // The folded lines go because the sums name them.
            amendment.change(&folding.known, &folding.changes());
        }
        amendment.save()?;
    }
    Ok(())
}

impl Folding {
    /// The sums come; and the day of the last word stays known, since a sum does not tell it.
    fn changes(&self) -> Vec<Change> {
        let sums = self.sums.iter().map(|sum| Change::Add(sum.line.field()));
        let mut changes: Vec<Change> = sums.collect();
        let was = Relationship::of(&self.known.agreed);
        let words = self.sums.iter().flat_map(|sum| &sum.folded);
        let words = words.filter(|line| line.kind != InteractionKind::Sum);
        let last = words.map(|line| line.date).max();
        if let Some(last) = last.filter(|last| was.last_contact.is_none_or(|was| was < *last)) {
            changes.push(one(LAST_CONTACT, &on_card(last)));
        }
        changes
    }

    fn told(&self, book: &str) -> Archived {
        Archived {
            book: book.to_owned(),
            id: self.known.id.to_string(),
            name: self.known.agreed.name(),
            lines: self.sums.iter().map(|sum| sum.folded.len()).sum(),
            sums: self.sums.iter().map(|sum| sum.line.clone()).collect(),
        }
    }
}

fn render(report: &ArchiveReport, page: &Page) -> String {
    if report.contacts.is_empty() {
        return format!(
            "Nothing that was logged before {} is left to fold.",
            report.before
        );
    }
    let counted = |count: usize, unit: &str| match count {
        1 => format!("1 {unit}"),
        _ => format!("{count} {unit}s"),
    };
    let mut lines: Vec<String> = report
        .contacts
        .iter()
        .map(|contact| {
            let name = page.style.strong(&clean(&contact.name));
            let sums = counted(contact.sums.len(), "sum");
            let done = if report.dry_run {
                "would become"
            } else {
                "became"
            };
            format!(
                "{name}: {} {done} {sums}",
                counted(contact.lines, "entry").replace("entrys", "entries")
            )
        })
        .collect();
    match &report.file {
        Some(file) => {
            let file = file.display().to_string();
            lines.push(
                page.style
                    .faint(&format!("The originals are in {}.", clean(&file))),
            );
        }
        None => lines.push("Nothing was changed.".to_owned()),
    }
    lines.join("\n")
}
