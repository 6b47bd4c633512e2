//! `promise`: writes down a commitment, and what became of it.

use crate::cli::Promise;

use super::{Exit, Surroundings, Trouble};

pub fn execute(_typed: &Promise, _at: &mut Surroundings) -> Result<Exit, Trouble> {
    Err(Trouble::Failed("This command is being built.".to_owned()))
}
