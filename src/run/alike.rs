//! Looks for contacts of a book that are one person, when somebody new or changed is among them.

use std::collections::{BTreeMap, BTreeSet};

use crate::card::Card;
use crate::config::Duplicates;
use crate::duplicates::{
    self, Decision, Pair, Profile, Region, find, home_region, in_parallel, needed, uid_of_key,
};
use crate::state::{Resident, State, StateError};
use crate::sync::{Alike, Question, QuestionId, Why};

use super::Book;
use super::verdicts::alike;

impl Book {
    /// The region of phone numbers without a country code: the config's, or the one that the
    /// numbers of these cards suggest.
    pub(super) fn home<'a>(&self, cards: impl Iterator<Item = &'a Card>) -> Option<Region> {
        let configured = self.region.as_deref().and_then(Region::of);
        configured.or_else(|| home_region(cards))
    }
}

/// Opens a question for each two contacts that may be one person, and closes those that are none
/// any more. Returns the questions that are certain enough to answer themselves and are not
/// answered yet, where the book allows that.
///
/// All from the state, and nothing at all where no contact changed since the last look.
pub(super) fn look_for_alike(
    book: &Book,
    state: &mut State,
) -> Result<Vec<QuestionId>, StateError> {
    let how = format!(
        "{} {:?} {:?}",
        duplicates::VERSION,
        book.region,
        book.duplicates
    );
    if state.matched(&book.name)?.as_deref() != Some(&how) {
        let found = match book.duplicates {
            Duplicates::Off => Vec::new(),
            Duplicates::Ask | Duplicates::Auto => find_alike(book, state)?,
        };
        let before = alike(&book.name, state)?;
        let answered = state.decisions(&book.name)?;
        let ids: BTreeSet<QuestionId> = found.iter().map(|alike| alike.id.clone()).collect();
        state.transaction(|tx| {
            for alike in found {
                tx.put_question(&book.name, &Question::Duplicate(alike).into())?;
            }
            for alike in &before {
                let is_found = ids.contains(&alike.id);
                // What a person brought together, or has answered, is theirs.
                let is_theirs = alike.score.is_none() || answered.contains_key(alike.id.as_str());
                if !is_found && !is_theirs {
                    tx.close_question(&book.name, alike.id.as_str())?;
                }
            }
            tx.set_matched(&book.name, &how)
        })?;
    }
    if book.duplicates != Duplicates::Auto {
        return Ok(Vec::new());
    }
    let answered = state.decisions(&book.name)?;
    Ok(alike(&book.name, state)?
        .into_iter()
        .filter(|alike| alike.is_certain && !answered.contains_key(alike.id.as_str()))
        .map(|alike| alike.id)
        .collect())
}

fn find_alike(book: &Book, state: &State) -> Result<Vec<Alike>, StateError> {
    let residents = state.everybody(&book.name)?;
    let home = book.home(residents.iter().map(|resident| &resident.agreed));
    let profiles = profiles(&residents, home.as_ref());
    let parted = state.parted(&book.name)?;
    let mut found = find(&profiles).pairs;
    found.retain(|pair| pair.decision != Decision::No);
    Ok(needed(&found)
        .into_iter()
        .map(|pair| {
            let both = [pair.a, pair.b].map(|at| uids(&residents[at]));
            let [these, those] = both.each_ref().map(|uids| uids.iter().copied());
            question(pair, &residents, parted.separates(these, those))
        })
        .collect())
}

fn uids(resident: &Resident) -> BTreeSet<&str> {
    resident
        .keys
        .iter()
        .filter_map(|key| uid_of_key(key))
        .collect()
}

/// What is compared of each, under all UIDs that its stores gave it.
pub fn profiles(residents: &[Resident], home: Option<&Region>) -> Vec<Profile> {
    in_parallel(residents.len(), |at| {
        let profile = Profile::of(&residents[at].agreed, home);
        let uids = uids(&residents[at]).into_iter();
        uids.fold(profile, Profile::also_known_as)
    })
}

fn question(pair: &Pair, residents: &[Resident], is_parted: bool) -> Alike {
    let both = [&residents[pair.a], &residents[pair.b]];
    Alike {
        id: QuestionId::of_pair(&both[0].id, &both[1].id),
        contacts: both.map(|resident| resident.id.clone()),
        names: both.map(|resident| resident.agreed.name()),
        score: Some(pair.score),
        is_certain: pair.decision == Decision::Merge && !is_parted,
        reasons: pair
            .reasons
            .iter()
            .map(|reason| Why {
                speaks_for: reason.speaks_for(),
                text: reason.to_string(),
            })
            .collect(),
    }
}

/// The questions of a book that nobody has answered yet.
pub fn unanswered(book: &str, state: &State) -> Result<Vec<Question>, StateError> {
    let answered: BTreeMap<String, String> = state.decisions(book)?;
    let mut open: Vec<Question> = state
        .questions(book)?
        .iter()
        .filter(|question| !answered.contains_key(&question.id))
        .filter_map(|question| Question::read(&question.payload).ok())
        .collect();
    open.sort_by(|a, b| (a.name(), a.id()).cmp(&(b.name(), b.id())));
    Ok(open)
}
