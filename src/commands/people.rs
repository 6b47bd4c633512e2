//! Everybody of the books, as far as their relationships go; and who of them is called so.

use std::collections::BTreeSet;

use crate::config::Config;
use crate::contact::{Acquaintance, InBook};
use crate::state::{State, StateError};
use crate::ui::text::clean;

use super::Trouble;
use super::contact::nearest;

/// The people, groups and goals of each book.
pub struct People {
    books: Vec<(String, Vec<Acquaintance>)>,
}

impl People {
    pub fn of(config: &Config, state: &State) -> Result<People, StateError> {
        let books = config.books.iter().map(|book| {
            let name = book.name.clone();
            Ok((name, state.acquaintances(&book.name)?))
        });
        Ok(People {
            books: books.collect::<Result<_, StateError>>()?,
        })
    }

    /// Everybody, by book, then by name.
    pub fn members(&self) -> impl Iterator<Item = InBook<'_>> {
        self.books.iter().flat_map(|(book, acquaintances)| {
            acquaintances
                .iter()
                .map(move |acquaintance| InBook { book, acquaintance })
        })
    }
}

/// The names that somebody means: the one that is spelled so, or all that are but for capitals.
/// `what` is the word for what is named, `advice` what to do where nothing is like it.
///
/// # Errors
/// None, with the nearest ones.
pub fn named(
    what: &str,
    wanted: &str,
    known: &BTreeSet<&str>,
    advice: &str,
) -> Result<BTreeSet<String>, Trouble> {
    let wanted = wanted.trim();
    if known.contains(wanted) {
        return Ok([wanted.to_owned()].into());
    }
    let lower = wanted.to_lowercase();
    let alike = known.iter().filter(|name| name.to_lowercase() == lower);
    let alike: BTreeSet<String> = alike.map(|name| (*name).to_owned()).collect();
    if !alike.is_empty() {
        return Ok(alike);
    }
    let hint = match nearest(wanted, known.iter().copied()) {
        Some(near) => format!("Did you mean {near}?"),
        None => advice.to_owned(),
    };
    Err(Trouble::Asked(format!(
        "No {what} is called \"{}\". Nothing was changed. {hint}",
        clean(wanted)
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_is_spelled_so_before_what_sounds_so() {
        let known = BTreeSet::from(["Chess", "chess", "Choir"]);
        let found = |wanted: &str| named("list", wanted, &known, "Make one.");
        assert_eq!(found("chess").unwrap(), ["chess".to_owned()].into());
        assert_eq!(
            found(" CHESS ").unwrap(),
            ["Chess".to_owned(), "chess".to_owned()].into()
        );
        let told = found("Chor").unwrap_err().to_string();
        assert!(told.contains("Did you mean \"Choir\""), "{told}");
        assert!(found("xyz").unwrap_err().to_string().ends_with("Make one."));
    }
}
