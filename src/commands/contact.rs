//! Finds the contact that somebody means.

use std::collections::BTreeSet;

use crate::book::{ContactId, Known};
use crate::card::Field;
use crate::config::Config;
use crate::duplicates::uid_key;
use crate::state::{State, StateError};
use crate::ui::text::clean;

use super::Trouble;

/// How many candidates a message names.
const NAMED: usize = 8;

/// A shorter start of a UID means nobody in particular.
const SHORTEST_UID: usize = 4;

/// The one contact that `wanted` means: a name, an e-mail address, a phone number or the start of
/// a UID. An exact name counts more than a part of one.
///
/// # Errors
/// Nobody, with the nearest names; or several, with the list. Nothing was changed.
pub fn find(config: &Config, state: &State, wanted: &str) -> Result<(String, Known), Trouble> {
    let mut exact = Vec::new();
    let mut partial = Vec::new();
    let mut names = Vec::new();
    for book in &config.books {
        let fitting = Fitting::of(state, &book.name, wanted)?;
        exact.extend(fitting.exact.into_iter().map(|id| (&book.name, id)));
        partial.extend(fitting.partial.into_iter().map(|id| (&book.name, id)));
        names.extend(fitting.others);
    }
    let found = if exact.is_empty() { partial } else { exact };
    let known = |(book, id): &(&String, ContactId)| {
        let mut known = state.contacts(book, &[id.clone()].into())?;
        Ok::<_, StateError>(known.pop().map(|known| ((*book).clone(), known)))
    };
    match found.as_slice() {
        [] => Err(Trouble::Asked(nobody(wanted, names))),
        [one] => known(one)?.ok_or_else(|| Trouble::Asked(nobody(wanted, names))),
        several => {
            let mut candidates = Vec::new();
            for one in several.iter().take(NAMED) {
                candidates.extend(known(one)?.map(|(_, known)| candidate(&known)));
            }
            if several.len() > NAMED {
                candidates.push(format!("  and {} more", several.len() - NAMED));
            }
            Err(Trouble::Asked(format!(
                "\"{}\" means several contacts. Nothing was changed. Say which one by its e-mail \
                 address or the start of its UID:\n{}",
                clean(wanted),
                candidates.join("\n")
            )))
        }
    }
}

/// Who of a book may be meant.
#[derive(Default)]
struct Fitting {
    exact: BTreeSet<ContactId>,
    partial: BTreeSet<ContactId>,
    /// The names of everybody else.
    others: Vec<String>,
}

impl Fitting {
    fn of(state: &State, book: &str, wanted: &str) -> Result<Fitting, StateError> {
        let lower = wanted.trim().to_lowercase();
        let mut fitting = Fitting::default();
        if lower.chars().count() >= SHORTEST_UID {
            fitting
                .exact
                .extend(state.filed_under(book, &uid_key(&lower))?);
        }
        let number = Field::new("TEL", wanted).value().to_owned();
        let has_digits = number.bytes().filter(u8::is_ascii_digit).count() > 3;
        let mail = Field::new("EMAIL", wanted).value().to_owned();
        let addresses = [
            has_digits.then_some(number),
            mail.contains('@').then_some(mail),
        ];
        for address in addresses.into_iter().flatten() {
            fitting.exact.extend(state.reached_by(book, &address)?);
        }
        for (id, name) in state.names(book)? {
            let folded = name.to_lowercase();
            if folded == lower || id.as_str() == lower {
                fitting.exact.insert(id);
            } else if !lower.is_empty() && folded.contains(&lower) {
                fitting.partial.insert(id);
            } else {
                fitting.others.push(name);
            }
        }
        Ok(fitting)
    }
}

fn candidate(known: &Known) -> String {
    let fields = known.agreed.fields();
    let mail = fields
        .iter()
        .find(|field| field.name() == "EMAIL")
        .map(Field::text);
    let uid = known.agreed.uid().unwrap_or_default();
    let start: String = uid.chars().take(12).collect();
    format!(
        "  {}  {}  {}",
        clean(&known.agreed.name()),
        clean(&mail.unwrap_or_default()),
        clean(&start)
    )
}

fn nobody(wanted: &str, names: Vec<String>) -> String {
    let hint = match nearest(wanted, names.iter().map(String::as_str)) {
        Some(near) => format!("Did you mean {near}?"),
        None if names.is_empty() => {
            "Nobody is known yet; `cardweave sync` gets to know them.".to_owned()
        }
        None => "`cardweave list` shows everybody.".to_owned(),
    };
    format!(
        "No contact is called \"{}\". Nothing was changed. {hint}",
        clean(wanted)
    )
}

/// The names that are most like what was typed, as a message has them: `"Ada" or "Ida"`.
pub fn nearest<'n>(wanted: &str, names: impl Iterator<Item = &'n str>) -> Option<String> {
    let lower = wanted.to_lowercase();
    let likeness = |name: &str| {
        // Milli-units, because a float has no order.
        (strsim::jaro_winkler(&name.to_lowercase(), &lower) * 1000.0) as u32
    };
    let mut alike: Vec<(std::cmp::Reverse<u32>, &str)> = names
        .map(|name| (std::cmp::Reverse(likeness(name)), name))
        .filter(|(likeness, _)| likeness.0 > 700)
        .collect();
    alike.sort_by_key(|(likeness, _)| *likeness);
    let near: Vec<String> = alike
        .iter()
        .take(3)
        .map(|(_, name)| format!("\"{}\"", clean(name)))
        .collect();
    (!near.is_empty()).then(|| near.join(" or "))
}
