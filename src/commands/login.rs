//! `login`: being built.

use crate::cli::Login;

use super::{Exit, Surroundings, Trouble};

pub async fn execute(_typed: &Login, _at: &mut Surroundings) -> Result<Exit, Trouble> {
    Err(Trouble::Asked("being built".to_owned()))
}
