//! `man`: being built.

use crate::cli::Man;

use super::{Exit, Surroundings, Trouble};

pub async fn execute(_typed: &Man, _at: &mut Surroundings) -> Result<Exit, Trouble> {
    Err(Trouble::Asked("being built".to_owned()))
}
