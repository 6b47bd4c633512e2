//! `due`: whom to contact, and which promises and goals fall due.

use crate::cli::Due;

use super::{Exit, Surroundings, Trouble};

pub fn execute(_typed: &Due, _at: &mut Surroundings) -> Result<Exit, Trouble> {
    Err(Trouble::Failed("This command is being built.".to_owned()))
}
