//! `init`: being built.

use crate::cli::Init;

use super::{Exit, Surroundings, Trouble};

pub async fn execute(_typed: &Init, _at: &mut Surroundings) -> Result<Exit, Trouble> {
    Err(Trouble::Asked("being built".to_owned()))
}
