//! `goal`: sets goals, and shows how far they are.

use crate::cli::Goal;

use super::{Exit, Surroundings, Trouble};

pub fn execute(_typed: &Goal, _at: &mut Surroundings) -> Result<Exit, Trouble> {
    Err(Trouble::Failed("This command is being built.".to_owned()))
}
