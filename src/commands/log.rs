//! `log`: writes down one interaction.

use std::collections::BTreeSet;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use crate::book::Known;
use crate::card::{Change, Field};
use crate::cli::Log;
use crate::config::Config;
use crate::contact::{
    Balance, GOAL, Interaction, InteractionKind, LAST_CONTACT, Lean, Relationship, day,
    in_one_line, on_card, one_or_none, same_name,
};
use crate::state::State;
use crate::ui::out::Page;
use crate::ui::text::clean;

use super::amend::{Amended, Amendment, fresh_id, state_to_amend, today};
use super::contact::find;
use super::goal::goal_called;
use super::ids::{self, Choice};
use super::{Exit, Surroundings, Trouble};

/// What `log --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LogReport {
    pub contact: Amended,
    pub entry: Interaction,
    /// The entry whose place it takes, where it corrects or takes back one.
    pub replaced: Option<String>,
}

pub fn execute(typed: &Log, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let config = at.config()?;
    let today = today();
    let on = typed
        .on
        .as_deref()
        .map(|text| past_day(text, today))
        .transpose()?;
    let mut state = state_to_amend(at)?;
    let (book, known) = find(&config, &state, &typed.contact)?;
    let relationship = Relationship::of(&known.agreed);
    let wanted = typed.withdraw.as_ref().or(typed.replaces.as_ref());
    let replaced = wanted
        .map(|id| entry_called(&relationship, id))
        .transpose()?;
    let entry = match (&replaced, &typed.withdraw) {
        (Some(old), Some(_)) => withdrawal(old, &known, today),
        _ => {
            let goal = goal_of(typed, &state, &book)?;
            written(typed, replaced.as_ref(), on, goal, &known, today)?
        }
    };
    let entry = Interaction {
        by: config.me.as_ref().map(|me| me.name.clone()),
        ..entry
    };
    let changes = changes(&relationship, &entry, replaced.as_ref());
    let contact = amend_one(&config, &mut state, &book, &known, &changes)?;
    let report = LogReport {
        contact,
        entry,
        replaced: replaced.map(|old| old.id),
    };
    at.output.present(&report, render)?;
    Ok(Exit::InStep)
}

/// Changes one contact that was found before.
pub(super) fn amend_one(
    config: &Config,
    state: &mut State,
    book: &str,
    known: &Known,
    changes: &[Change],
) -> Result<Amended, Trouble> {
    let mut amendment = Amendment::of(config, state, book);
    amendment.change(known, changes);
    let amended = amendment.save()?.pop();
    amended.ok_or_else(|| Trouble::Failed("Nothing was changed.".to_owned()))
}

/// A day of the past that somebody names.
pub(super) fn past_day(text: &str, today: Date) -> Result<Date, Trouble> {
    let day = day(text, today, Lean::Past)
        .map_err(|error| Trouble::Asked(format!("{error}. Nothing was changed.")))?;
    if day > today {
        return Err(Trouble::Asked(format!(
            "{day} is yet to come, and only what was can be written down. Nothing was changed. What \
             is planned is a promise: `cardweave promise`."
        )));
    }
    Ok(day)
}

/// The entry of the log that somebody names by its id.
fn entry_called(relationship: &Relationship, wanted: &str) -> Result<Interaction, Trouble> {
    let is_own = |line: &&Interaction| {
        line.is_word()
            && line.kind != InteractionKind::Sum
            && !line.id.contains(char::is_whitespace)
    };
    let entries = relationship.log.iter().rev().filter(is_own);
    let choices = entries.map(|line| Choice {
        id: line.id.clone(),
        told: format!("{} {}", line.date, line.text),
        line: line.clone(),
    });
    ids::find(choices.collect(), wanted, "entry of this log").map(|choice| choice.line)
}

/// The goal's name as its card spells it.
fn goal_of(typed: &Log, state: &State, book: &str) -> Result<Option<String>, Trouble> {
    let Some(name) = &typed.goal else {
        return Ok(None);
    };
    let everybody = state.acquaintances(book)?;
    Ok(Some(goal_called(&everybody, name)?.name.clone()))
}

/// The entry that is to be written. What is not said of a correction stays as it was.
fn written(
    typed: &Log,
    old: Option<&Interaction>,
    on: Option<Date>,
    goal: Option<String>,
    known: &Known,
    today: Date,
) -> Result<Interaction, Trouble> {
    let text = in_one_line(typed.text.as_deref().unwrap_or_default());
    if text.is_empty() {
        return Err(Trouble::Asked(
            "Say in a few words what was said or done. Nothing was changed.".to_owned(),
        ));
    }
    let id = fresh_id(&known.id, &text);
    let blank = Interaction::new(&id, today, InteractionKind::Other, &text);
    let base = match old {
        Some(old) => Interaction {
            id,
            text,
            folds: folds_of(old),
            ..old.clone()
        },
        None => blank,
    };
    let balance = match (typed.gave, typed.received) {
        (true, _) => Some(Balance::Gave),
        (_, true) => Some(Balance::Received),
        _ => base.balance,
    };
    let said = |text: &Option<String>| text.as_deref().map(in_one_line);
    Ok(Interaction {
        date: on.unwrap_or(base.date),
        kind: typed.kind.unwrap_or(base.kind),
        minutes: typed.minutes.unwrap_or(base.minutes),
        costs: typed.cost.clone().map_or(base.costs, |cost| vec![cost]),
        balance,
        goal: goal.or(base.goal),
        result: said(&typed.result).or(base.result),
        occasion: said(&typed.at).or(base.occasion),
        ..base
    })
}

fn withdrawal(old: &Interaction, known: &Known, today: Date) -> Interaction {
    let text = format!("withdrawn: {}", old.text);
    let id = fresh_id(&known.id, &text);
    Interaction {
        folds: folds_of(old),
        ..Interaction::new(&id, today, InteractionKind::Withdrawn, &text)
    }
}

/// A line and all that it took the place of, since a device that was away may still have any.
fn folds_of(old: &Interaction) -> Vec<String> {
    let all: BTreeSet<&String> = old.folds.iter().chain([&old.id]).collect();
    all.into_iter().cloned().collect()
}

fn changes(was: &Relationship, entry: &Interaction, old: Option<&Interaction>) -> Vec<Change> {
    let mut changes = vec![Change::Add(entry.field())];
    let last = last_contact(was, entry, old);
    if last != was.last_contact {
        changes.push(one_or_none(LAST_CONTACT, last.map(on_card).as_deref()));
    }
    let assigned = |goal: &String| {
        was.goals
            .iter()
            .any(|name| same_name(name) == same_name(goal))
    };
    let new_goal = entry.goal.iter().filter(|goal| !assigned(goal));
    changes.extend(new_goal.map(|goal| Change::Add(Field::new(GOAL, goal))));
    changes
}

/// The day of the last word, once the entry stands for the old one. It goes back only where it was
/// the old entry's.
fn last_contact(
    was: &Relationship,
    entry: &Interaction,
    old: Option<&Interaction>,
) -> Option<Date> {
    let words = was.log.iter().filter(|line| line.is_word());
    let others = words
        .filter(|line| old.is_none_or(|old| old.id != line.id))
        .map(|line| line.date)
        .filter(|day| *day != Date::ZERO);
    let own = entry.is_word().then_some(entry.date);
    match (old, was.last_contact) {
        (Some(old), Some(last)) if old.date == last => others.chain(own).max(),
        (_, last) => last.into_iter().chain(own).max(),
    }
}

fn render(report: &LogReport, page: &Page) -> String {
    let entry = &report.entry;
    let name = page.style.strong(&clean(&report.contact.name));
    let done = match (&report.replaced, entry.kind) {
        (Some(old), InteractionKind::Withdrawn) => format!("took back {}", clean(old)),
        (Some(old), _) => format!("logged {} in place of {}", entry.id, clean(old)),
        (None, _) => format!("logged {}", entry.id),
    };
    let mut about = vec![entry.date.to_string()];
    about.extend(entry.kind.word().map(str::to_owned));
    about.extend((entry.minutes > 0).then(|| format!("{} minutes", entry.minutes)));
    about.extend(entry.costs.iter().map(ToString::to_string));
    about.extend(entry.goal.iter().map(|goal| format!("for {}", clean(goal))));
    match entry.kind {
        InteractionKind::Withdrawn => format!("{name}: {done}"),
        _ => format!("{name}: {done} ({})", about.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const DAY: Date = date(2026, 11, 20);

    fn line(id: &str, day: Date) -> Interaction {
        Interaction::new(id, day, InteractionKind::Call, "x")
    }

    fn after(
        last: Option<Date>,
        log: &[Interaction],
        new: &Interaction,
        old: Option<&Interaction>,
    ) -> Option<Date> {
        let was = Relationship {
            last_contact: last,
            log: log.to_vec(),
            ..Relationship::default()
        };
        last_contact(&was, new, old)
    }

    #[test]
    fn the_last_contact_moves_forward_alone() {
        let earlier = date(2026, 11, 1);
        assert_eq!(after(None, &[], &line("1", DAY), None), Some(DAY));
        assert_eq!(after(Some(DAY), &[], &line("1", earlier), None), Some(DAY));
        assert_eq!(after(Some(earlier), &[], &line("1", DAY), None), Some(DAY));
    }

    #[test]
    fn a_mistake_that_is_taken_back_moves_it_back() {
        let (first, mistake) = (line("1", date(2026, 11, 1)), line("2", DAY));
        let gone = Interaction {
            kind: InteractionKind::Withdrawn,
            ..line("3", DAY)
        };
        let log = [first.clone(), mistake.clone()];
        assert_eq!(
            after(Some(DAY), &log, &gone, Some(&mistake)),
            Some(first.date)
        );
        assert_eq!(after(Some(DAY), &log[1..], &gone, Some(&mistake)), None);
        let other_day = date(2026, 11, 24);
        assert_eq!(
            after(Some(other_day), &log, &gone, Some(&mistake)),
            Some(other_day)
        );
    }

    #[test]
    fn what_takes_the_place_of_a_line_names_all_that_this_one_did() {
        let old = Interaction {
            folds: vec!["0".into()],
            ..line("1", DAY)
        };
        assert_eq!(folds_of(&old), ["0", "1"]);
    }
}
