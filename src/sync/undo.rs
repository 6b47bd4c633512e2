//! How a run is taken back, entry by entry. Pure.

use crate::book::{Entry, Href, Write};
use crate::card::{Card, Change};
use crate::merge::pairs;

use super::naming::{resource_name, uid_for};

/// What it takes to undo one write.
#[derive(Debug, Clone, PartialEq)]
pub enum Undo {
    Write(Write),
    /// It is as before already.
    Nothing,
    /// Somebody changed it since, so that undoing would destroy what they did. The reason.
    Leave(String),
}

/// Decides how to take one write back: `before` and `after` are what it overwrote and what it
/// left, `now` is what the store holds there today.
///
/// An entry that nobody touched since gets its bytes of before. One that was edited since keeps
/// those edits, and only what the run changed is changed back.
pub fn undo(href: &Href, before: Option<&Card>, after: Option<&Card>, now: Option<&Entry>) -> Undo {
    match (before, after, now) {
        (Some(before), _, None) => Undo::Write(restore(href, before)),
        (None, _, None) => Undo::Nothing,
        (None, Some(after), Some(now)) if after.same_meaning(&now.card) => {
            Undo::Write(Write::Delete {
                href: now.href.clone(),
                etag: now.etag.clone(),
            })
        }
        (None, _, Some(_)) => Undo::Leave("it was edited since it was added".to_owned()),
        (Some(before), _, Some(now)) if before == &now.card => Undo::Nothing,
        (Some(before), Some(after), Some(now)) => {
            let card = if after.same_meaning(&now.card) {
                before.clone()
            } else {
                change_back(before, after, &now.card)
            };
            if card == now.card {
                return Undo::Nothing;
            }
            let (href, etag) = (now.href.clone(), now.etag.clone());
            Undo::Write(Write::Update { href, etag, card })
        }
        (Some(_), None, Some(_)) => {
            Undo::Leave("another card stands at its address now".to_owned())
        }
    }
}

/// The card under the name that it had, where that is a name we would give.
fn restore(href: &Href, before: &Card) -> Write {
    let file = href.as_str().rsplit('/').next().unwrap_or_default();
    let stem = file.strip_suffix(".vcf").unwrap_or(file);
    let uid = before.uid().unwrap_or_else(|| uid_for(before, ""));
    let name = if resource_name(stem) == stem {
        stem.to_owned()
    } else {
        resource_name(&uid)
    };
    Write::Create {
        name,
        card: before.clone(),
    }
}

/// Takes back what a run changed and leaves what came after it.
fn change_back(before: &Card, after: &Card, now: &Card) -> Card {
    let (before, after, fields) = (before.fields(), after.fields(), now.fields());
    let mut changes = Vec::new();
    for (was_left, was_before) in pairs(&after, &before) {
        match (was_left, was_before) {
            (Some(left), Some(before)) if left == before => {}
            (Some(left), Some(before)) if fields.contains(left) => {
                changes.push(Change::Replace(left.key().clone(), before.clone()));
            }
            (Some(left), None) if fields.contains(left) => {
                changes.push(Change::Remove(left.key().clone()));
            }
            (None, Some(before)) => changes.push(Change::Add(before.clone())),
            _ => {}
        }
    }
    now.apply(&changes)
}
