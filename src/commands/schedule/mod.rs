//! `schedule`: being built.

use crate::cli::Schedule;

use super::{Exit, Surroundings, Trouble};

pub async fn execute(_typed: &Schedule, _at: &mut Surroundings) -> Result<Exit, Trouble> {
    Err(Trouble::Asked("being built".to_owned()))
}
