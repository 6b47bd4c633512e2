//! `report`: what was invested against what came of it.

mod text;

use std::collections::BTreeMap;
use std::path::Path;

use jiff::{Span, civil::Date};
use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::{LocaleWord, Report};
use crate::contact::{Acquaintance, Lean, Tier, day, same_name};
use crate::report::{Locale, Numbers, Scope, Sentence, names_of_goals, numbers, page, sentences};
use crate::ui::text::clean;

use super::amend::today;
use super::open::look_at_state;
use super::put::put_private;
use super::{Exit, Surroundings, Trouble};

/// What `report --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReportReport {
    pub sentences: Vec<Sentence>,
    pub numbers: Numbers,
    /// The page that was written.
    pub html: Option<String>,
}

pub fn execute(typed: &Report, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let config = at.config()?;
    let today = today();
    let since = since(typed.since.as_deref(), today)?;
    let state = look_at_state(at)?;
    let mut everybody = Vec::new();
    for book in &config.books {
        everybody.extend(state.acquaintances_with_logs(&book.name)?);
    }
    let goal = typed
        .goal
        .as_deref()
        .map(|wanted| goal(wanted, &everybody))
        .transpose()?;
    let cadences: BTreeMap<_, _> = Tier::ALL
        .into_iter()
        .map(|tier| (tier, config.tiers.cadence(tier)))
        .collect();
    let own = config.me.as_ref().and_then(|me| me.organisation.as_deref());
    let numbers = numbers(
        &everybody,
        &Scope {
            since,
            today,
            goal: goal.as_deref(),
            cadences,
            organisation: own,
        },
    );
    // A terminal shows what all commands show, whatever the environment is.
    let locale = typed.locale.map(of_word);
    if let Some(path) = &typed.html {
        write(path, &numbers, locale.unwrap_or_else(of_environment))?;
    }
    let locale = locale.unwrap_or(Locale::En);
    let report = ReportReport {
        sentences: sentences(&numbers, locale),
        numbers,
        html: typed.html.as_ref().map(|path| path.display().to_string()),
    };
    at.output
        .present(&report, |report, page| match &report.html {
            Some(path) => format!(
                "{}\n\nThe page is {}.",
                text::told(&report.sentences, page),
                clean(path)
            ),
            None => text::whole(&report.sentences, &report.numbers, locale, page),
        })?;
    Ok(Exit::InStep)
}

fn since(typed: Option<&str>, today: Date) -> Result<Date, Trouble> {
    let Some(text) = typed else {
        return Ok(today.saturating_sub(Span::new().years(1)));
    };
    let since =
        day(text, today, Lean::Past).map_err(|error| Trouble::Asked(format!("{error}.")))?;
    if since > today {
        return Err(Trouble::Asked(format!(
            "{since} has not come yet: a report looks back. Say a day up to today, {today}."
        )));
    }
    Ok(since)
}

/// The goal that is meant, as it is spelled on the cards.
fn goal(wanted: &str, everybody: &[Acquaintance]) -> Result<String, Trouble> {
    let mut names = names_of_goals(everybody);
    let folded = same_name(wanted);
    if let Some(found) = names.iter().find(|name| same_name(name) == folded) {
        return Ok(found.clone());
    }
    let likeness = |name: &String| {
        // Milli-units, because a float has no order.
        (strsim::jaro_winkler(&same_name(name), &folded) * 1000.0) as u32
    };
    names.sort_by_cached_key(|name| std::cmp::Reverse(likeness(name)));
    let near: Vec<String> = names
        .iter()
        .filter(|name| likeness(name) > 700)
        .take(3)
        .map(|name| format!("\"{}\"", clean(name)))
        .collect();
    let hint = if near.is_empty() {
        "`cardweave goal list` shows all goals.".to_owned()
    } else {
        format!("Did you mean {}?", near.join(" or "))
    };
    Err(Trouble::Asked(format!(
        "No goal is called \"{}\". {hint}",
        clean(wanted)
    )))
}

fn of_word(word: LocaleWord) -> Locale {
    match word {
        LocaleWord::En => Locale::En,
        LocaleWord::De => Locale::De,
    }
}

fn of_environment() -> Locale {
    let values = ["LC_ALL", "LC_NUMERIC", "LANG"].map(|name| std::env::var(name).ok());
    Locale::of_environment(values.each_ref().map(Option::as_deref))
}

/// Writes the page for this user's eyes only.
fn write(path: &Path, numbers: &Numbers, locale: Locale) -> Result<(), Trouble> {
    let html = page(numbers, locale);
    // No name of a card reorders or hides what stands on the page.
    let lines: Vec<_> = html.lines().map(clean).collect();
    put_private(path, lines.join("\n").as_bytes()).map_err(|error| {
        Trouble::Failed(format!(
            "Could not write the page {}: {error}. Nothing was changed. Choose another file with \
             --html.",
            clean(&path.display().to_string())
        ))
    })
}
