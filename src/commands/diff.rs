//! `diff`: what differs between the stores right now, field by field. Changes nothing.

use std::collections::BTreeMap;
use std::rc::Rc;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::book::{ContactId, StoreId};
use crate::card::Card;
use crate::cli::Diff;
use crate::run::{Looked, look, situate};
use crate::state::{State, StateError};
use crate::sync::{Difference, Now, Situation, Uids, difference};
use crate::ui::out::Page;
use crate::ui::progress::Bars;
use crate::ui::text::clean;

use super::open::{books, look_at_state, open_book};
use super::{Exit, Surroundings, Trouble};

/// What `diff --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DiffReport {
    pub books: Vec<BookDiff>,
}

/// The differences within one book.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BookDiff {
    pub book: String,
    pub differences: Vec<Difference>,
    /// Stores that could not be looked at, and why.
    pub failed: BTreeMap<StoreId, String>,
}

pub async fn execute(typed: &Diff, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let config = at.config()?;
    let names: Vec<String> = typed.book.iter().cloned().collect();
    let chosen = books(&config, &names)?;
    let state = look_at_state(at)?;
    let bars = Rc::new(Bars::new(at.screen.clone()));
    let mut report = DiffReport { books: Vec::new() };
    for chosen in chosen {
        let book = open_book(&config, chosen, &state, bars.clone()).await?;
        let looked = look(&book, &state, Timestamp::now(), &*bars).await?;
        let situation = situate(&book, &state, &looked)?;
        report.books.push(BookDiff {
            differences: differences(&book.name, &state, &looked, &situation)?,
            failed: looked
                .failed
                .iter()
                .map(|(id, error)| (id.clone(), error.to_string()))
                .collect(),
            book: book.name,
        });
    }
    at.output.present(&report, render)?;
    let failed = report.books.iter().any(|book| !book.failed.is_empty());
    let same = report.books.iter().all(|book| book.differences.is_empty());
    Ok(match (failed, same) {
        (true, _) => Exit::Partly,
        (false, true) => Exit::InStep,
        (false, false) => Exit::Failed,
    })
}

/// Compares the copies of every contact, as the baseline knows them and as they were found.
fn differences(
    book: &str,
    state: &State,
    looked: &Looked,
    situation: &Situation,
) -> Result<Vec<Difference>, StateError> {
    let now: BTreeMap<&ContactId, &BTreeMap<StoreId, Now>> = looked
        .touched
        .iter()
        .map(|touched| (&touched.known.id, &touched.now))
        .collect();
    let mut differences = Vec::new();
    let known = state.contacts(book, &state.contact_ids(book)?)?;
    let uids = Uids::of(&known);
    for contact in &known {
        let found = now.get(&contact.id);
        let mut copies: BTreeMap<&StoreId, &Card> = BTreeMap::new();
        for (store, held) in &contact.stores {
            let card = match found.and_then(|found| found.get(store)) {
                Some(Now::Entry(entry)) => &entry.card,
                Some(Now::Gone) => continue,
                Some(Now::Unsure) | None => &held.held,
            };
            if situation
                .stores
                .get(store)
                .is_some_and(|facts| facts.available)
            {
                copies.insert(store, card);
            }
        }
        // Each store names the members of a group by its own UIDs.
        let spelled: BTreeMap<&StoreId, Card> = copies
            .into_iter()
            .map(|(store, card)| (store, uids.agreed_card(Some(store), card)))
            .collect();
        let copies = spelled.iter().map(|(store, card)| (*store, card)).collect();
        differences.extend(difference(situation, &contact.agreed.name(), &copies));
    }
    differences.extend(crate::sync::meetings(situation).iter().filter_map(|group| {
        let copies = group
            .iter()
            .map(|(store, entry)| (*store, &entry.card))
            .collect();
        let (_, first) = group.first()?;
        difference(situation, &first.card.name(), &copies)
    }));
    Ok(differences)
}

fn render(report: &DiffReport, page: &Page) -> String {
    let mut lines = Vec::new();
    for book in &report.books {
        for (store, error) in &book.failed {
            lines.push(format!(
                "{}: {}",
                clean(store.as_str()),
                page.style.bad(&clean(error))
            ));
        }
        for difference in &book.differences {
            lines.push(page.style.strong(&clean(&difference.name)));
            if !difference.missing_in.is_empty() {
                let stores: Vec<_> = difference
                    .missing_in
                    .iter()
                    .map(|store| clean(store.as_str()))
                    .collect();
                lines.push(format!("  not in {}", stores.join(", ")));
            }
            for field in &difference.fields {
                lines.push(format!("  {}", clean(&field.field)));
                for (store, value) in &field.values {
                    let value = value.as_deref().map_or("-".into(), clean);
                    lines.push(format!("    {}: {value}", clean(store.as_str())));
                }
            }
        }
        lines.push(match book.differences.len() {
            0 => format!("{}: the same in every store.", clean(&book.book)),
            1 => format!("{}: 1 contact differs.", clean(&book.book)),
            many => format!("{}: {many} contacts differ.", clean(&book.book)),
        });
    }
    lines.join("\n")
}
