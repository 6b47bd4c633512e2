//! `list`: the contacts, from the local state, at once.

use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::List;
use crate::ui::out::Page;
use crate::ui::text::clean;

use super::open::look_at_state;
use super::{Exit, Surroundings, Trouble};

/// What `list --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ListReport {
    pub contacts: Vec<ListedContact>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct ListedContact {
    pub book: String,
    pub id: String,
    pub name: String,
}

pub fn execute(_typed: &List, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let config = at.config()?;
    let state = look_at_state(at)?;
    let mut contacts = Vec::new();
    for book in &config.books {
        contacts.extend(
            state
                .names(&book.name)?
                .into_iter()
                .map(|(id, name)| ListedContact {
                    book: book.name.clone(),
                    id: id.to_string(),
                    name,
                }),
        );
    }
    at.output.present(&ListReport { contacts }, render)?;
    Ok(Exit::InStep)
}

fn render(report: &ListReport, _: &Page) -> String {
    let names: Vec<_> = report
        .contacts
        .iter()
        .map(|contact| clean(&contact.name))
        .collect();
    names.join("\n")
}
