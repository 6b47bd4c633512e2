//! `archive`: folds what was logged long ago into sums by year.

use crate::cli::Archive;

use super::{Exit, Surroundings, Trouble};

pub fn execute(_typed: &Archive, _at: &mut Surroundings) -> Result<Exit, Trouble> {
    Err(Trouble::Failed("This command is being built.".to_owned()))
}
