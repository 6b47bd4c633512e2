//! `status`: how each store did in its last run. Needs no network.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::book::StoreId;
use crate::config::Config;
use crate::contact::{Acquaintance, Due, InBook, Window, due};
use crate::ui::out::Page;
use crate::ui::table::Table;
use crate::ui::text::clean;

use super::amend::today;
use super::open::look_at_state;
use super::{Exit, Surroundings, Trouble};

/// What `status --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StatusReport {
    pub books: Vec<BookStatus>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct BookStatus {
    pub book: String,
    pub contacts: usize,
    pub open_questions: usize,
    /// Contacts who went too long without word, as `due` shows them.
    pub contacts_due: usize,
    /// Open promises of both sides whose day is today or past.
    pub promises_due: usize,
    pub stores: Vec<StoreStatus>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct StoreStatus {
    pub store: StoreId,
    pub cards: usize,
    /// RFC 3339, or `null` before the first run.
    pub last_run_at: Option<String>,
    /// What ended the last run there, if something did.
    pub last_error: Option<String>,
    /// Properties that this store does not keep.
    pub drops: Vec<String>,
}

pub fn execute(at: &mut Surroundings) -> Result<Exit, Trouble> {
    let config = at.config()?;
    let state = look_at_state(at)?;
    let mut report = StatusReport { books: Vec::new() };
    for book in &config.books {
        let mut stores = Vec::new();
        for store in &book.stores {
            let note = state.store_note(&book.name, &store.id)?;
            stores.push(StoreStatus {
                cards: state.count(&book.name, &store.id)?,
                last_run_at: note.last_run_at.map(|at| at.to_string()),
                last_error: note.last_error,
                drops: note.drops.into_iter().collect(),
                store: store.id.clone(),
            });
        }
        let due = due_today(&config, &book.name, &state.acquaintances(&book.name)?);
        report.books.push(BookStatus {
            contacts_due: due.people.len(),
            promises_due: due.promises.len(),
            contacts: state.contact_ids(&book.name)?.len(),
            open_questions: state.questions(&book.name)?.len(),
            book: book.name.clone(),
            stores,
        });
    }
    at.output.present(&report, render)?;
    let open = report.books.iter().any(|book| book.open_questions > 0);
    Ok(if open {
        Exit::QuestionsOpen
    } else {
        Exit::InStep
    })
}

fn due_today(config: &Config, book: &str, acquaintances: &[Acquaintance]) -> Due {
    let members: Vec<InBook> = acquaintances
        .iter()
        .map(|acquaintance| InBook { book, acquaintance })
        .collect();
    let today = today();
    let window = Window {
        today,
        until: today,
    };
    due(&members, &|tier| config.tiers.cadence(tier), window)
}

fn render(report: &StatusReport, page: &Page) -> String {
    let mut text = Vec::new();
    for book in &report.books {
        text.push(format!(
            "{}: {}, {}, {} due, {} due",
            page.style.strong(&clean(&book.book)),
            count(book.contacts, "contact"),
            count(book.open_questions, "open question"),
            count(book.contacts_due, "contact"),
            count(book.promises_due, "promise")
        ));
        let mut table =
            Table::new(&["store", "cards", "last run", "does not keep", "error"]).numbers_in(1);
        for store in &book.stores {
            table.row([
                store.store.to_string(),
                store.cards.to_string(),
                store
                    .last_run_at
                    .as_deref()
                    .map_or("never".to_owned(), local_time),
                store.drops.join(" "),
                store.last_error.clone().unwrap_or_default(),
            ]);
        }
        text.push(table.render(page));
    }
    text.join("\n")
}

fn count(number: usize, word: &str) -> String {
    let end = if number == 1 { "" } else { "s" };
    format!("{number} {word}{end}")
}

/// The time of an RFC 3339 text on this machine's clock, to the minute.
pub(super) fn local_time(text: &str) -> String {
    match text.parse::<Timestamp>() {
        Ok(at) => {
            let zoned = at.to_zoned(jiff::tz::TimeZone::system());
            zoned.strftime("%Y-%m-%d %H:%M").to_string()
        }
        Err(_) => text.to_owned(),
    }
}
