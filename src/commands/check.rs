//! `check`: being built.

use crate::cli::Check;

use super::{Exit, Surroundings, Trouble};

pub async fn execute(_typed: &Check, _at: &mut Surroundings) -> Result<Exit, Trouble> {
    Err(Trouble::Asked("being built".to_owned()))
}
