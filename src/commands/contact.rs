//! Finds the contact that somebody means.

use crate::book::Known;
use crate::card::Field;
use crate::config::Config;
use crate::state::State;
use crate::ui::text::clean;

use super::Trouble;

/// How many candidates a message names.
const NAMED: usize = 8;

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
        for known in state.contacts(&book.name, &state.contact_ids(&book.name)?)? {
            match fit(&known, wanted) {
                Fit::Exact => exact.push((book.name.clone(), known)),
                Fit::Partial => partial.push((book.name.clone(), known)),
                Fit::None => names.push(known.agreed.name()),
            }
        }
    }
    let mut found = if exact.is_empty() { partial } else { exact };
    if found.len() > 1 {
        let mut candidates: Vec<String> = found
            .iter()
            .take(NAMED)
            .map(|(_, known)| candidate(known))
            .collect();
        if found.len() > NAMED {
            candidates.push(format!("  and {} more", found.len() - NAMED));
        }
        return Err(Trouble::Asked(format!(
            "\"{}\" means several contacts. Nothing was changed. Say which one by its e-mail \
             address or the start of its UID:\n{}",
            clean(wanted),
            candidates.join("\n")
        )));
    }
    found
        .pop()
        .ok_or_else(|| Trouble::Asked(nobody(wanted, names)))
}

enum Fit {
    Exact,
    Partial,
    None,
}

fn fit(known: &Known, wanted: &str) -> Fit {
    let name = known.agreed.name().to_lowercase();
    let lower = wanted.trim().to_lowercase();
    let number = Field::new("TEL", wanted);
    let mail = Field::new("EMAIL", wanted);
    let fields = known.agreed.fields();
    let is_named = fields.iter().any(|field| {
        let has_digits = number.value().bytes().filter(u8::is_ascii_digit).count() > 3;
        (field.name() == "EMAIL" && field.value() == mail.value())
            || (field.name() == "TEL" && has_digits && field.value() == number.value())
    });
    let has_uid = lower.len() >= 4
        && known
            .agreed
            .uid()
            .is_some_and(|uid| uid.to_lowercase().starts_with(&lower));
    if name == lower || is_named || has_uid || known.id.as_str() == lower {
        Fit::Exact
    } else if !lower.is_empty() && name.contains(&lower) {
        Fit::Partial
    } else {
        Fit::None
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

fn nobody(wanted: &str, mut names: Vec<String>) -> String {
    let lower = wanted.to_lowercase();
    let likeness = |name: &String| {
        // Milli-units, because a float has no order.
        (strsim::jaro_winkler(&name.to_lowercase(), &lower) * 1000.0) as u32
    };
    names.sort_by_cached_key(|name| std::cmp::Reverse(likeness(name)));
    let near: Vec<String> = names
        .iter()
        .filter(|name| likeness(name) > 700)
        .take(3)
        .map(|name| format!("\"{}\"", clean(name)))
        .collect();
    let hint = if near.is_empty() {
        "`cardweave list` shows everybody.".to_owned()
    } else {
        format!("Did you mean {}?", near.join(" or "))
    };
    format!("No contact is called \"{}\". {hint}", clean(wanted))
}
