//! `split`: takes a merge back, in every store.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::book::{ContactId, StoreId};
use crate::card::Card;
use crate::cli::Split;
use crate::contact::uid_of_member;
use crate::run::{Undone, undo_run};
use crate::state::{Done, Joined, State, StateError};
use crate::sync::Answer;
use crate::ui::out::Page;
use crate::ui::progress::Bars;
use crate::ui::text::clean;

use super::contact::find;
use super::merge::decide;
use super::open::{books, open_book, open_state};
use super::undo::brought_back;
use super::{Exit, Surroundings, Trouble};

/// What `split --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SplitReport {
    /// The run that had merged them.
    pub run: i64,
    /// The contacts that are there again.
    pub contacts: Vec<String>,
    /// How many cards were brought back in each store.
    pub stores: BTreeMap<StoreId, usize>,
    /// What was left as it is, and why.
    pub left: Vec<String>,
}

pub async fn execute(typed: &Split, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let config = at.config()?;
    let mut state = open_state(at)?;
    let (name, known) = find(&config, &state, &typed.contact)?;
    let Some(joined) = state
        .joined(&name, typed.run, Some(&known.id))?
        .into_iter()
        .next()
    else {
        return Err(Trouble::Asked(format!(
            "\"{}\" was not merged{}, as far as this machine knows. Nothing was changed. \
             `cardweave history` shows the runs.",
            clean(&known.agreed.name()),
            typed
                .run
                .map_or(String::new(), |run| format!(" in run {run}")),
        )));
    };
    let done = done_by(&state, &name, &joined)?;
    let command = format!("split {:?}", typed.contact);
    let begun = state.transaction(|tx| tx.begin_run(Timestamp::now(), &command))?;
    let bars = Rc::new(Bars::new(at.screen.clone()));
    let chosen = books(&config, std::slice::from_ref(&name))?;
    let mut report = SplitReport {
        run: joined.run,
        contacts: joined
            .members
            .iter()
            .map(|member| member.agreed.name())
            .collect(),
        stores: BTreeMap::new(),
        left: Vec::new(),
    };
    for chosen in chosen {
        let book = open_book(&config, chosen, &state, bars.clone()).await?;
        let all = std::slice::from_ref(&joined);
        let undo = undo_run(&book, &mut state, begun, done.clone(), all, &*bars);
        let Undone { stores, left, .. } = undo.await?;
        report.stores = stores;
        report.left = left;
    }
    tell_apart(&mut state, &name, &joined)?;
    at.output.present(&report, render)?;
    Ok(if report.left.is_empty() {
        Exit::InStep
    } else {
        Exit::Partly
    })
}

/// What the merge did, in the order it was done: in its run, to group cards too that named who
/// became another one, and in later runs that had to delete an entry where a store could not be
/// reached before.
fn done_by(state: &State, book: &str, joined: &Joined) -> Result<Vec<Done>, StateError> {
    let members: BTreeSet<&ContactId> = joined.members.iter().map(|member| &member.id).collect();
    let is_meant = |done: &Done| done.book == book && members.contains(&done.contact);
    let given_up = given_up(joined);
    let mut all = state.done(joined.run)?;
    all.retain(|done| is_meant(done) || done.book == book && is_succession(done, &given_up));
    let mut later = Vec::new();
    for member in members.iter().filter(|id| ***id != joined.heir) {
        for (run, done) in state.done_to(member)? {
            if run.id > joined.run && done.after.is_none() && is_meant(&done) {
                later.push((run.id, done));
            }
        }
    }
    later.sort_by_key(|(run, _)| *run);
    all.extend(later.into_iter().map(|(_, done)| done));
    Ok(all)
}

/// The UIDs, in lower case, of those who became the one that goes on.
fn given_up(joined: &Joined) -> BTreeSet<String> {
    let others = joined
        .members
        .iter()
        .filter(|member| member.id != joined.heir);
    let cards = others.flat_map(|member| {
        let held = member.stores.values().map(|held| &held.held);
        held.chain([&member.agreed])
    });
    let uids = cards.filter_map(Card::uid);
    uids.map(|uid| uid.to_lowercase()).collect()
}

/// Whether a group card ceased to name any of these.
fn is_succession(done: &Done, given_up: &BTreeSet<String>) -> bool {
    let named = |card: &Card| {
        let members = card.fields_named(&["MEMBER"]).into_iter();
        members
            .map(|member| uid_of_member(member.value()).to_lowercase())
            .filter(|uid| given_up.contains(uid))
            .collect::<BTreeSet<String>>()
    };
    match (&done.before, &done.after) {
        (Some(before), Some(after)) => !named(before).is_subset(&named(after)),
        _ => false,
    }
}

/// Has the next run note on the cards who they are not.
fn tell_apart(state: &mut State, book: &str, joined: &Joined) -> Result<(), StateError> {
    let ids = joined.members.iter().map(|member| member.id.clone());
    let known = state.contacts(book, &ids.collect())?;
    state.transaction(|tx| {
        for (index, one) in known.iter().enumerate() {
            for other in &known[index + 1..] {
                decide(tx, book, [one, other], &Answer::Apart)?;
            }
        }
        Ok(())
    })
}

fn render(report: &SplitReport, page: &Page) -> String {
    let mut lines = brought_back(&report.stores, &report.left, page);
    let names: Vec<String> = report
        .contacts
        .iter()
        .map(|name| format!("\"{}\"", clean(name)))
        .collect();
    lines.push(format!(
        "{} are contacts of their own again. The next `cardweave sync` notes on their cards that \
         they are not one person.",
        names.join(" and ")
    ));
    lines.join("\n")
}
