//! `lists`: the lists by theme.

use crate::cli::Lists;

use super::{Exit, Surroundings, Trouble};

pub fn execute(_typed: &Lists, _at: &mut Surroundings) -> Result<Exit, Trouble> {
    Err(Trouble::Failed("This command is being built.".to_owned()))
}
