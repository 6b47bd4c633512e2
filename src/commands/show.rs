//! `show`: one contact at a glance: the relationship, field by field, and which store holds it.

mod page;
mod relationship;

use schemars::JsonSchema;
use serde::Serialize;

use crate::book::StoreId;
use crate::cli::Show;
use crate::contact::Relationship;

use super::amend::today;
use super::contact::find;
use super::open::look_at_state;
use super::{Exit, Surroundings, Trouble};

use relationship::ShownRelationship;

/// What `show --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ShowReport {
    pub book: String,
    pub id: String,
    pub name: String,
    pub uid: Option<String>,
    pub relationship: ShownRelationship,
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
        relationship: ShownRelationship::of(
            Relationship::of(&known.agreed),
            &|tier| config.tiers.cadence(tier),
            today(),
        ),
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
    at.output.present(&report, page::render)?;
    Ok(Exit::InStep)
}
