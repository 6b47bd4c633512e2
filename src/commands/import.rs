//! `import`: takes over what another program keeps on the cards.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use crate::book::ContactId;
use crate::cli::{Foreign, Import};
use crate::contact::FromFrm;
use crate::state::State;
use crate::ui::out::Page;
use crate::ui::text::clean;

use super::amend::{Amendment, state_to_amend, today};
use super::open::look_at_state;
use super::{Exit, Surroundings, Trouble};

/// Contacts read at once, so that a large book is never in memory whole.
const AT_ONCE: usize = 500;

/// What `import --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ImportReport {
    pub dry_run: bool,
    pub contacts: Vec<Imported>,
}

/// A contact of which something was taken over, or could not be.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Imported {
    pub book: String,
    pub id: String,
    pub name: String,
    /// Now: `2w`.
    pub cadence: Option<String>,
    /// A list that the contact is on now.
    pub list: Option<String>,
    pub snoozed_until: Option<String>,
    /// The other program leaves the contact alone; no cadence is set.
    pub ignored: bool,
    pub unreadable: Vec<Unreadable>,
    /// Whether anything was to be changed.
    pub changed: bool,
}

/// A line that is left as it is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Unreadable {
    pub property: String,
    pub text: String,
}

pub fn execute(typed: &Import, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let Foreign::Frm = typed.program;
    let config = at.config()?;
    let mut state = match typed.dry_run {
        true => look_at_state(at)?,
        false => state_to_amend(at)?,
    };
    let mut contacts = Vec::new();
    for book in &config.books {
        let found = found(&state, &book.name)?;
        if !typed.dry_run {
            let mut amendment = Amendment::of(&config, &mut state, &book.name);
            for (id, found, _) in found
                .iter()
                .filter(|(_, found, _)| !found.changes.is_empty())
            {
                if let Some(known) = amendment.known(id)? {
                    amendment.change(&known, &found.changes);
                }
            }
            amendment.save()?;
        }
        let told = found.into_iter();
        contacts.extend(told.map(|(id, found, name)| Imported::of(&book.name, &id, name, found)));
    }
    contacts.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    let report = ImportReport {
        dry_run: typed.dry_run,
        contacts,
    };
    at.output.present(&report, render)?;
    Ok(Exit::InStep)
}

/// What the cards of a book say, of whom, where they say anything.
fn found(state: &State, book: &str) -> Result<Vec<(ContactId, FromFrm, String)>, Trouble> {
    let today = today();
    let all: Vec<ContactId> = state.contact_ids(book)?.into_iter().collect();
    let mut found = Vec::new();
    for some in all.chunks(AT_ONCE) {
        let some: BTreeSet<ContactId> = some.iter().cloned().collect();
        for known in state.contacts(book, &some)? {
            let of_card = FromFrm::of(&known.agreed, today);
            if of_card.says_something() {
                found.push((known.id, of_card, known.agreed.name()));
            }
        }
    }
    Ok(found)
}

impl Imported {
    fn of(book: &str, id: &ContactId, name: String, found: FromFrm) -> Imported {
        let unreadable = found.unreadable.into_iter();
        Imported {
            book: book.to_owned(),
            id: id.to_string(),
            name,
            cadence: found.cadence,
            list: found.list,
            snoozed_until: found.snoozed_until.map(|day| day.to_string()),
            ignored: found.is_ignored,
            unreadable: unreadable
                .map(|(property, text)| Unreadable { property, text })
                .collect(),
            changed: !found.changes.is_empty(),
        }
    }
}

fn render(report: &ImportReport, page: &Page) -> String {
    if report.contacts.is_empty() {
        return "No card has anything of frm that is not taken over already.".to_owned();
    }
    let mut lines: Vec<String> = report
        .contacts
        .iter()
        .map(|contact| line(contact, page))
        .collect();
    let changed = report
        .contacts
        .iter()
        .filter(|contact| contact.changed)
        .count();
    let contacts = match changed {
        1 => "1 contact".to_owned(),
        _ => format!("{changed} contacts"),
    };
    lines.push(match report.dry_run {
        true => format!("{contacts} would be changed. Nothing was changed."),
        false => format!("{contacts} changed. The lines of frm stay on the cards."),
    });
    lines.join("\n")
}

fn line(contact: &Imported, page: &Page) -> String {
    let mut told = Vec::new();
    told.extend(
        contact
            .cadence
            .iter()
            .map(|time| format!("at most {time} without word")),
    );
    told.extend(
        contact
            .list
            .iter()
            .map(|list| format!("on the list {}", clean(list))),
    );
    let until = contact.snoozed_until.iter();
    told.extend(until.map(|until| format!("left out of `due` until {until}")));
    if contact.ignored {
        told.push("ignored there, so no time without word is set".to_owned());
    }
    let unreadable = contact.unreadable.iter();
    told.extend(unreadable.map(|line| {
        let told = format!(
            "{} \"{}\" is not understood",
            clean(&line.property),
            clean(&line.text)
        );
        page.style.warning(&told)
    }));
    format!(
        "{}: {}",
        page.style.strong(&clean(&contact.name)),
        told.join(", ")
    )
}
