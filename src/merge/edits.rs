//! What one store did to a contact since the baseline, in the words of the agreed card.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::book::StoreId;
use crate::card::{Field, FieldKey};

use super::pair::{is_unchanged, pairs, says_same, stands_for};

/// Properties of ours all start like this.
const OURS: &str = "X-CARDWEAVE-";

/// One store's part in a merge.
#[derive(Debug, Clone)]
pub struct Side {
    pub store: StoreId,
    /// The fields of the card that the store holds today.
    pub now: Vec<Field>,
    pub past: Past,
    /// The `REV` of today's card; asked for by the policy `newest` alone.
    pub revised: Option<Timestamp>,
}

/// What a store's card of today is compared with.
#[derive(Debug, Clone)]
pub enum Past {
    /// The store was known to hold `held` when the agreed card was `given`.
    Known { given: Vec<Field>, held: Vec<Field> },
    /// Our own text was on its way when a run ended: `held` before it, `sent` if it arrived.
    /// `edited`: it did arrive, and the version moved again since.
    Interrupted {
        given: Vec<Field>,
        held: Vec<Field>,
        sent: Vec<Field>,
        edited: bool,
    },
    /// The store and the contact meet for the first time.
    None,
}

impl Past {
    fn was_given(&self, key: &FieldKey) -> bool {
        match self {
            Past::Known { given, .. } | Past::Interrupted { given, .. } => {
                given.iter().any(|field| field.key() == key)
            }
            Past::None => false,
        }
    }
}

/// One field as one store would have it.
#[derive(Debug, Clone)]
pub(super) struct Rival {
    /// Of the agreed card.
    pub key: FieldKey,
    pub store: StoreId,
    /// `None`: removed.
    pub to: Option<Field>,
    /// Whoever wrote it never saw the agreed value, so it cannot have been meant to replace it.
    pub unseen: bool,
}

pub(super) struct Edits {
    pub rivals: Vec<Rival>,
    /// Somebody edited the card, rather than the fields being disputed from before.
    pub by_person: bool,
    pub forgotten: Vec<FieldKey>,
}

impl Side {
    /// Today's field under this key.
    pub(super) fn field(&self, key: &FieldKey) -> Option<&Field> {
        self.now.iter().find(|field| field.key() == key)
    }

    pub(super) fn edits(
        &self,
        agreed: &BTreeMap<FieldKey, Field>,
        held_back: &[FieldKey],
    ) -> Edits {
        let mut edits = match &self.past {
            Past::None => self.meeting(agreed),
            Past::Known { given, held } => self.since(given, held, agreed),
            Past::Interrupted {
                given,
                held,
                sent,
                edited,
            } => {
                if has_arrived(held, sent, &self.now) {
                    self.beyond(sent, *edited, agreed)
                } else {
                    self.since(given, held, agreed)
                }
            }
        };
        self.dispute(&mut edits, agreed, held_back);
        edits
    }

    /// Everything the store holds that the agreed card does not say.
    fn meeting(&self, agreed: &BTreeMap<FieldKey, Field>) -> Edits {
        let new = self
            .now
            .iter()
            .filter(|field| agreed.get(field.key()) != Some(field));
        let rivals: Vec<Rival> = new
            .map(|field| self.rival(field.key(), Some(field), true))
            .collect();
        Edits {
            by_person: true,
            rivals,
            forgotten: Vec::new(),
        }
    }

    /// The difference between what the store held and what it holds, with its own spelling of a
    /// value translated back into the one that it was given.
    fn since(&self, given: &[Field], held: &[Field], agreed: &BTreeMap<FieldKey, Field>) -> Edits {
        let meant = stands_for(given, held);
        let mut rivals = Vec::new();
        for pair in pairs(held, &self.now) {
            if is_unchanged(pair) {
                continue;
            }
            match pair {
                (Some(was), now) => {
                    let key = meant.get(was.key()).unwrap_or(was.key());
                    let told = given.iter().find(|field| field.key() == key);
                    rivals.push(self.rival(key, now, is_news(agreed.get(key), told)));
                }
                (None, Some(now)) => {
                    let unseen = agreed.contains_key(now.key());
                    rivals.push(self.rival(now.key(), Some(now), unseen));
                }
                (None, None) => {}
            }
        }
        let forgotten = forget(&mut rivals, held, &self.now);
        Edits {
            by_person: !rivals.is_empty(),
            rivals,
            forgotten,
        }
    }

    /// What somebody did to our own text before we saw what the store made of it.
    ///
    /// A different value may be the server's doing unless the version moved once more, and a
    /// missing one may be in any case: it is offered again rather than taken for a removal.
    fn beyond(&self, sent: &[Field], edited: bool, agreed: &BTreeMap<FieldKey, Field>) -> Edits {
        let mut rivals = Vec::new();
        let mut forgotten = Vec::new();
        for pair in pairs(sent, &self.now) {
            match pair {
                (None, Some(now)) => rivals.push(self.rival(now.key(), Some(now), true)),
                (Some(was), Some(now)) if edited && !says_same(was, now) => {
                    let unseen = is_news(agreed.get(was.key()), Some(was));
                    rivals.push(self.rival(was.key(), Some(now), unseen));
                }
                (Some(was), None) if edited => forgotten.push(was.key().clone()),
                _ => {}
            }
        }
        Edits {
            by_person: !rivals.is_empty(),
            rivals,
            forgotten,
        }
    }

    /// Lays the fields that wait for a person on the table again, from what the store holds now:
    /// a held-back field is in no baseline, so no difference would show it.
    fn dispute(
        &self,
        edits: &mut Edits,
        agreed: &BTreeMap<FieldKey, Field>,
        held_back: &[FieldKey],
    ) {
        for key in held_back {
            edits.rivals.retain(|rival| rival.key != *key);
            let now = self.field(key);
            // A store that neither has the field nor was ever given it removed nothing.
            if now.is_none() && !self.past.was_given(key) {
                continue;
            }
            if now != agreed.get(key) {
                edits.rivals.push(self.rival(key, now, false));
            }
        }
    }

    fn rival(&self, key: &FieldKey, to: Option<&Field>, unseen: bool) -> Rival {
        Rival {
            key: key.clone(),
            store: self.store.clone(),
            to: to.cloned(),
            unseen,
        }
    }
}

/// Whether the agreed value moved on since a store was last told: by a run that could not reach it,
/// or in the moment before a write.
fn is_news(agreed: Option<&Field>, told: Option<&Field>) -> bool {
    match (agreed, told) {
        (Some(agreed), Some(told)) => !says_same(agreed, told),
        (agreed, _) => agreed.is_some(),
    }
}

/// Takes out the removals of somebody who does not know our properties.
///
/// A phone that saves a card without the lines it cannot show has decided nothing about them. It
/// shows in that all of ours go at once, beside another edit or several together; one that is
/// removed alone, by hand, stays removed.
fn forget(rivals: &mut Vec<Rival>, held: &[Field], now: &[Field]) -> Vec<FieldKey> {
    let ours = |field: &&Field| field.name().starts_with(OURS);
    let had = held.iter().filter(ours).count();
    if had == 0 || now.iter().any(|field| ours(&field)) {
        return Vec::new();
    }
    let is_ours = |rival: &Rival| rival.to.is_none() && rival.key.name.starts_with(OURS);
    let other_edits = rivals.iter().any(|rival| !is_ours(rival));
    if had < 2 && !other_edits {
        return Vec::new();
    }
    let (forgotten, edits): (Vec<Rival>, Vec<Rival>) =
        std::mem::take(rivals).into_iter().partition(is_ours);
    *rivals = edits;
    forgotten.into_iter().map(|rival| rival.key).collect()
}

/// Whether any effect of a write shows in today's card.
fn has_arrived(held: &[Field], sent: &[Field], now: &[Field]) -> bool {
    let mut effects = pairs(held, sent)
        .into_iter()
        .filter(|pair| !is_unchanged(*pair))
        .peekable();
    effects.peek().is_none()
        || effects.any(|(was, is)| match (was, is) {
            (_, Some(is)) => now.iter().any(|field| says_same(field, is)),
            (Some(was), None) => !now.iter().any(|field| says_same(field, was)),
            (None, None) => false,
        })
}
