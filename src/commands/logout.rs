//! `logout`: being built.

use crate::cli::Logout;

use super::{Exit, Surroundings, Trouble};

pub async fn execute(_typed: &Logout, _at: &mut Surroundings) -> Result<Exit, Trouble> {
    Err(Trouble::Asked("being built".to_owned()))
}
