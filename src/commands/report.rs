//! `report`: what was invested against what came of it.

use crate::cli::Report;

use super::{Exit, Surroundings, Trouble};

pub fn execute(_typed: &Report, _at: &mut Surroundings) -> Result<Exit, Trouble> {
    Err(Trouble::Failed("This command is being built.".to_owned()))
}
