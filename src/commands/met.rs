//! `met`: writes down the occasion that a contact comes from.

use crate::cli::Met;

use super::{Exit, Surroundings, Trouble};

pub fn execute(_typed: &Met, _at: &mut Surroundings) -> Result<Exit, Trouble> {
    Err(Trouble::Failed("This command is being built.".to_owned()))
}
