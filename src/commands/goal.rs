//! `goal`: sets goals, and shows how far they are.

use std::collections::BTreeSet;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use crate::book::ContactId;
use crate::card::{Change, Field, digest};
use crate::cli::{self, GoalWhat};
use crate::config::Config;
use crate::contact::{
    Acquaintance, GOAL, Goal, GoalStatus, Lean, Money, Progress, Target, day, days_left,
    in_one_line, progress, same_name,
};
use crate::state::State;
use crate::ui::out::Page;
use crate::ui::text::clean;

use super::amend::{Amended, Amendment, amend_each, goal_uid, state_to_amend, today, told};
use super::contact::find;
use super::open::{books, look_at_state};
use super::{Exit, Surroundings, Trouble};

/// What `goal --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GoalReport {
    pub done: Done,
    /// The goals that it is about; of `list` all that are shown.
    pub goals: Vec<ShownGoal>,
    /// Of `assign`, whom it is about.
    pub contacts: Vec<Amended>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Done {
    Added,
    Listed,
    Closed,
    Assigned,
    TakenOff,
}

/// A goal, and how far it is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ShownGoal {
    pub book: String,
    pub id: String,
    pub name: String,
    #[schemars(with = "Option<String>")]
    pub by: Option<Date>,
    /// Negative where the day is past.
    pub days_left: Option<i32>,
    pub status: GoalStatus,
    pub target: Option<Target>,
    pub reached: u64,
    pub other_results: Vec<String>,
    pub contacts: usize,
    pub interactions: u32,
    pub minutes: u64,
    pub costs: Vec<Money>,
}

pub fn execute(typed: &cli::Goal, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let config = at.config()?;
    let report = match &typed.what {
        GoalWhat::Add {
            name,
            by,
            target,
            book,
        } => {
            let wanted = Wanted {
                name,
                by,
                target: target.as_deref(),
                book: book.as_deref(),
            };
            add(&wanted, &config, &mut state_to_amend(at)?)?
        }
        GoalWhat::List { all } => list(*all, &config, &look_at_state(at)?)?,
        GoalWhat::Close { name, reached } => {
            let status = match reached {
                true => GoalStatus::Reached,
                false => GoalStatus::Closed,
            };
            close(name, status, &config, &mut state_to_amend(at)?)?
        }
        GoalWhat::Assign {
            name,
            contacts,
            off,
        } => assign(name, contacts, *off, &config, &mut state_to_amend(at)?)?,
    };
    at.output.present(&report, render)?;
    Ok(Exit::InStep)
}

/// The goal of this name among the contacts of a book.
///
/// # Errors
/// There is none, with the nearest names. Nothing was changed.
pub(super) fn goal_called<'a>(
    everybody: &'a [Acquaintance],
    name: &str,
) -> Result<&'a Acquaintance, Trouble> {
    let wanted = same_name(name);
    let is_goal = |contact: &&Acquaintance| contact.relationship.goal.is_some();
    let goals: Vec<&Acquaintance> = everybody.iter().filter(is_goal).collect();
    let found = goals.iter().find(|goal| same_name(&goal.name) == wanted);
    found.copied().ok_or_else(|| {
        let names = goals.iter().map(|goal| goal.name.clone());
        Trouble::Asked(unknown(name, names.collect()))
    })
}

fn unknown(wanted: &str, mut names: Vec<String>) -> String {
    let lower = same_name(wanted);
    // Milli-units, because a float has no order.
    let likeness = |name: &String| (strsim::jaro_winkler(&same_name(name), &lower) * 1000.0) as u32;
    names.sort();
    names.dedup();
    names.sort_by_cached_key(|name| std::cmp::Reverse(likeness(name)));
    let near: Vec<String> = names
        .iter()
        .take(3)
        .map(|name| format!("\"{}\"", clean(name)))
        .collect();
    let hint = match near.is_empty() {
        true => "There is none yet; `cardweave goal add` sets one.".to_owned(),
        false => format!("There is {}.", near.join(", ")),
    };
    format!(
        "No goal is called \"{}\". Nothing was changed. {hint}",
        clean(wanted)
    )
}

/// A goal that somebody sets.
struct Wanted<'a> {
    name: &'a str,
    by: &'a str,
    target: Option<&'a [String]>,
    book: Option<&'a str>,
}

fn add(wanted: &Wanted, config: &Config, state: &mut State) -> Result<GoalReport, Trouble> {
    let today = today();
    let name = in_one_line(wanted.name);
    let asked = |text: String| Trouble::Asked(format!("{text}. Nothing was changed."));
    if name.is_empty() {
        return Err(asked("A goal has a name".to_owned()));
    }
    let by = day(wanted.by, today, Lean::Future).map_err(|error| asked(error.to_string()))?;
    if by < today {
        return Err(asked(format!(
            "{by} is past, and a goal is for a day to come"
        )));
    }
    let target: Option<Target> = wanted
        .target
        .map(|words| words.join(" ").parse())
        .transpose()
        .map_err(|error| asked(format!("--target: {error}")))?;
    let named: Vec<String> = wanted.book.iter().map(|book| (*book).to_owned()).collect();
    let book = books(config, &named)?.first().map(|book| book.name.clone());
    let book = book.ok_or_else(|| asked("The config has no book".to_owned()))?;
    let everybody = state.acquaintances(&book)?;
    if let Ok(there) = goal_called(&everybody, &name) {
        return Err(asked(format!(
            "There is a goal \"{}\" already, and a new one needs another name",
            clean(&there.name)
        )));
    }
    let goal = Goal {
        by: Some(by),
        target,
        status: GoalStatus::Open,
    };
    let uid = goal_uid(&same_name(&name));
    let id = ContactId::new(digest(uid.as_bytes(), 10));
    let mut amendment = Amendment::of(config, state, &book);
    amendment.add(id.clone(), goal.card(&name, &uid));
    amendment.save()?;
    let shown = ShownGoal::of(&book, &id, &name, &goal, &everybody, today);
    Ok(GoalReport {
        done: Done::Added,
        goals: vec![shown],
        contacts: Vec::new(),
    })
}

fn list(all: bool, config: &Config, state: &State) -> Result<GoalReport, Trouble> {
    let today = today();
    let mut goals = Vec::new();
    for book in &config.books {
        let everybody = state.acquaintances_with_logs(&book.name)?;
        for contact in &everybody {
            let Some(goal) = &contact.relationship.goal else {
                continue;
            };
            if all || goal.status == GoalStatus::Open {
                let shown = ShownGoal::of(
                    &book.name,
                    &contact.id,
                    &contact.name,
                    goal,
                    &everybody,
                    today,
                );
                goals.push(shown);
            }
        }
    }
    // What is due first comes first; what is due at no time, last.
    goals.sort_by_key(|goal| (goal.by.is_none(), goal.by));
    Ok(GoalReport {
        done: Done::Listed,
        goals,
        contacts: Vec::new(),
    })
}

fn close(
    name: &str,
    status: GoalStatus,
    config: &Config,
    state: &mut State,
) -> Result<GoalReport, Trouble> {
    let today = today();
    let mut names = Vec::new();
    let mut goals = Vec::new();
    for book in &config.books {
        let everybody = state.acquaintances_with_logs(&book.name)?;
        let is_goal = |contact: &&Acquaintance| contact.relationship.goal.is_some();
        names.extend(
            everybody
                .iter()
                .filter(is_goal)
                .map(|goal| goal.name.clone()),
        );
        let Ok(found) = goal_called(&everybody, name) else {
            continue;
        };
        let Some(goal) = &found.relationship.goal else {
            continue;
        };
        let goal = Goal {
            status,
            ..goal.clone()
        };
        let mut amendment = Amendment::of(config, state, &book.name);
        if let Some(known) = amendment.known(&found.id)? {
            amendment.change(&known, &goal.changes());
        }
        amendment.save()?;
        goals.push(ShownGoal::of(
            &book.name,
            &found.id,
            &found.name,
            &goal,
            &everybody,
            today,
        ));
    }
    if goals.is_empty() {
        return Err(Trouble::Asked(unknown(name, names)));
    }
    Ok(GoalReport {
        done: Done::Closed,
        goals,
        contacts: Vec::new(),
    })
}

fn assign(
    name: &str,
    contacts: &[String],
    off: bool,
    config: &Config,
    state: &mut State,
) -> Result<GoalReport, Trouble> {
    // Each contact's own book has to have the goal, before anybody is changed.
    let mut spelled = in_one_line(name);
    let mut books = BTreeSet::new();
    for wanted in contacts {
        books.insert(find(config, state, wanted)?.0);
    }
    for book in books {
        match goal_called(&state.acquaintances(&book)?, name) {
            Ok(goal) => spelled = goal.name.clone(),
            // A goal that is gone may still be taken off.
            Err(_) if off => {}
            Err(unknown) => return Err(unknown),
        }
    }
    let wanted = same_name(&spelled);
    let contacts = amend_each(config, state, contacts, |known| {
        let there = known.agreed.fields_named(&[GOAL]);
        let mut of_it = there
            .iter()
            .filter(|field| same_name(&field.text()) == wanted);
        match off {
            true => of_it
                .map(|field| Change::Remove(field.key().clone()))
                .collect(),
            false if of_it.next().is_some() => Vec::new(),
            false => vec![Change::Add(Field::new(GOAL, &spelled))],
        }
    })?;
    let done = if off { Done::TakenOff } else { Done::Assigned };
    let today = today();
    let mut goals = Vec::new();
    for book in &config.books {
        let everybody = state.acquaintances_with_logs(&book.name)?;
        if let Ok(found) = goal_called(&everybody, &spelled)
            && let Some(goal) = &found.relationship.goal
        {
            goals.push(ShownGoal::of(
                &book.name,
                &found.id,
                &found.name,
                goal,
                &everybody,
                today,
            ));
        }
    }
    Ok(GoalReport {
        done,
        goals,
        contacts,
    })
}

impl ShownGoal {
    fn of(
        book: &str,
        id: &ContactId,
        name: &str,
        goal: &Goal,
        everybody: &[Acquaintance],
        today: Date,
    ) -> ShownGoal {
        let Progress {
            reached,
            target,
            other_results,
            contacts,
            interactions,
            minutes,
            costs,
        } = progress(name, goal, everybody);
        ShownGoal {
            book: book.to_owned(),
            id: id.to_string(),
            name: name.to_owned(),
            by: goal.by,
            days_left: days_left(goal, today),
            status: goal.status,
            target,
            reached,
            other_results,
            contacts,
            interactions,
            minutes,
            costs,
        }
    }
}

fn render(report: &GoalReport, page: &Page) -> String {
    match report.done {
        Done::Assigned => told(&report.contacts, "is for the goal", page),
        Done::TakenOff => told(&report.contacts, "is not for the goal any more", page),
        Done::Closed => {
            let lines = report.goals.iter().map(|goal| {
                let name = page.style.strong(&clean(&goal.name));
                format!("{name}: {}; {}", goal.status.word(), how_far(goal))
            });
            lines.collect::<Vec<_>>().join("\n")
        }
        Done::Listed if report.goals.is_empty() => {
            "No goal is open. `cardweave goal add` sets one.".to_owned()
        }
        Done::Added | Done::Listed => {
            let goals: Vec<String> = report.goals.iter().map(|goal| lines(goal, page)).collect();
            goals.join("\n")
        }
    }
}

fn lines(goal: &ShownGoal, page: &Page) -> String {
    let mut head = page.style.strong(&clean(&goal.name));
    if goal.status != GoalStatus::Open {
        head.push_str(&format!(" ({})", goal.status.word()));
    }
    let mut lines = vec![format!("{head}: {}{}", how_far(goal), until(goal))];
    let mut spent = vec![
        counted(goal.contacts as u64, "contact"),
        counted(goal.interactions.into(), "interaction"),
    ];
    if goal.minutes > 0 {
        spent.push(counted(goal.minutes, "minute"));
    }
    spent.extend(goal.costs.iter().map(ToString::to_string));
    lines.push(page.style.faint(&format!("  {}", spent.join(", "))));
    if !goal.other_results.is_empty() {
        let others = clean(&goal.other_results.join(", ")).into_owned();
        lines.push(page.style.faint(&format!("  besides: {others}")));
    }
    lines.join("\n")
}

fn how_far(goal: &ShownGoal) -> String {
    match &goal.target {
        Some(target) => format!(
            "{} of {} {}",
            goal.reached,
            target.count,
            clean(&target.unit)
        ),
        None => "no target".to_owned(),
    }
}

fn until(goal: &ShownGoal) -> String {
    match (goal.by, goal.days_left) {
        (Some(by), Some(0)) => format!(", by today ({by})"),
        (Some(by), Some(days)) if days > 0 => {
            format!(
                ", by {by} ({} left)",
                counted(days.unsigned_abs().into(), "day")
            )
        }
        (Some(by), Some(days)) => {
            format!(
                ", by {by} ({} over)",
                counted(days.unsigned_abs().into(), "day")
            )
        }
        _ => String::new(),
    }
}

fn counted(count: u64, unit: &str) -> String {
    match count {
        1 => format!("1 {unit}"),
        _ => format!("{count} {unit}s"),
    }
}
