//! `discover`: being built.

use crate::cli::Discover;

use super::{Exit, Surroundings, Trouble};

pub async fn execute(_typed: &Discover, _at: &mut Surroundings) -> Result<Exit, Trouble> {
    Err(Trouble::Asked("being built".to_owned()))
}
