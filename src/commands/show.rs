//! `show`: one contact, field by field, and which store holds it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::book::StoreId;
use crate::cli::Show;
use crate::ui::out::Page;
use crate::ui::text::clean;

use super::contact::find;
use super::open::look_at_state;
use super::{Exit, Surroundings, Trouble};

/// What `show --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ShowReport {
    pub book: String,
    pub id: String,
    pub name: String,
    pub uid: Option<String>,
    pub fields: Vec<ShownField>,
    pub stores: Vec<ShownStore>,
    /// Fields that stay as they are until somebody decides.
    pub held_back: Vec<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct ShownField {
    pub field: String,
    pub text: String,
    /// In small letters: `home`, `work`, `cell`.
    pub types: Vec<String>,
    pub label: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct ShownStore {
    pub store: StoreId,
    pub href: String,
    /// Whether the store says all that was agreed on, as far as it can.
    pub in_step: bool,
}

pub fn execute(typed: &Show, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let config = at.config()?;
    let state = look_at_state(at)?;
    let (book, known) = find(&config, &state, &typed.contact)?;
    let report = ShowReport {
        book,
        id: known.id.to_string(),
        name: known.agreed.name(),
        uid: known.agreed.uid(),
        fields: known
            .agreed
            .fields()
            .iter()
            .map(|field| ShownField {
                field: field.name().to_owned(),
                text: field.text(),
                types: field
                    .types()
                    .iter()
                    .map(|kind| kind.to_lowercase())
                    .collect(),
                label: field.label().map(str::to_owned),
            })
            .collect(),
        stores: known
            .stores
            .iter()
            .map(|(store, held)| ShownStore {
                store: store.clone(),
                href: held.href.to_string(),
                in_step: held.given == known.agreed && held.sent.is_none(),
            })
            .collect(),
        held_back: known
            .held_back
            .iter()
            .map(|held| held.name.clone())
            .collect(),
    };
    at.output.present(&report, render)?;
    Ok(Exit::InStep)
}

fn render(report: &ShowReport, page: &Page) -> String {
    let mut lines = vec![page.style.strong(&clean(&report.name))];
    for field in &report.fields {
        let mut about: Vec<String> = field
            .types
            .iter()
            .map(|kind| clean(kind).into_owned())
            .collect();
        about.extend(field.label.iter().map(|label| clean(label).into_owned()));
        let about = if about.is_empty() {
            String::new()
        } else {
            format!(" ({})", about.join(", "))
        };
        lines.push(format!(
            "  {:<12} {}{about}",
            clean(&field.field),
            clean(&field.text)
        ));
    }
    for store in &report.stores {
        let step = if store.in_step {
            "in step"
        } else {
            "not in step yet"
        };
        lines.push(page.style.faint(&format!(
            "  {}: {} ({step})",
            clean(store.store.as_str()),
            clean(&store.href)
        )));
    }
    lines.extend(report.held_back.iter().map(|field| {
        page.style
            .warning(&format!("  {} waits for a decision", clean(field)))
    }));
    lines.join("\n")
}
