//! Many versions of one card become one card, and the fields that nobody but a person can settle.
//!
//! There is no first and second store: every store is compared with its own past, the edits of all
//! are laid side by side field by field, and each field is settled by a function that does not see
//! in which order the stores came.

mod edits;
mod pair;
mod rule;
mod settle;
mod step;

use std::collections::{BTreeMap, BTreeSet};

use crate::book::StoreId;
use crate::card::{Card, Change, Field, FieldKey};

pub use edits::{Past, Side};
pub use pair::{Pair, pairs};
pub use step::{Standing, changes_due};

use edits::Rival;
use settle::{Settled, settle};

/// How conflicts are settled without a person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Conflicts {
    /// Not at all: the field is held back and asked about.
    #[default]
    Ask,
    /// The card with the latest `REV` wins; without one on every side it is asked about.
    Newest,
    /// This store wins where it is one of those that disagree.
    Store(StoreId),
}

/// What a person or the config has decided about the fields of one contact.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    pub conflicts: Conflicts,
    /// Answers: the store whose value is taken for this field.
    pub taken: BTreeMap<FieldKey, StoreId>,
}

/// One field that stores hold differently and that no rule settles.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    pub field: FieldKey,
    /// What was last agreed on; `None` where the stores met with different values.
    pub agreed: Option<Field>,
    /// What each store that has an opinion holds now; `None`: it was removed there.
    pub sides: BTreeMap<StoreId, Option<Field>>,
}

/// The outcome of a merge.
#[derive(Debug, Clone)]
pub struct Merged {
    /// What all stores shall hold. A field in conflict is here as it was last agreed on, and not at
    /// all where the stores never agreed.
    pub card: Card,
    /// For the fields that the stores never agreed on, one of their values.
    provisional: Vec<Change>,
    /// Fields that stay as they are in every store until somebody decides.
    pub conflicts: Vec<Conflict>,
    /// The stores in which somebody edited this contact by meaning.
    pub editors: BTreeSet<StoreId>,
    /// Per store the fields that its last editor dropped without knowing them.
    pub forgotten: BTreeMap<StoreId, Vec<FieldKey>>,
}

impl Merged {
    /// The fields in conflict, as the baseline remembers them.
    pub fn held_back(&self) -> Vec<FieldKey> {
        self.conflicts
            .iter()
            .map(|conflict| conflict.field.clone())
            .collect()
    }

    /// The card for a store that has none, where a card without its name would be no help.
    pub fn whole(&self) -> Card {
        self.card.apply(&self.provisional)
    }
}

/// Merges what the stores did to a contact into the card that all last agreed on.
///
/// `sides` holds every store that has an entry of the contact, edited or not, in any order: the
/// result does not depend on it.
pub fn merge(agreed: &Card, held_back: &[FieldKey], sides: &[Side], policy: &Policy) -> Merged {
    let base: BTreeMap<FieldKey, Field> = agreed
        .fields()
        .into_iter()
        .map(|field| (field.key().clone(), field))
        .collect();

    let mut rivals: BTreeMap<FieldKey, Vec<Rival>> = BTreeMap::new();
    let mut editors = BTreeSet::new();
    let mut forgotten = BTreeMap::new();
    for side in sides {
        let edits = side.edits(&base, held_back);
        if edits.by_person {
            editors.insert(side.store.clone());
        }
        if !edits.forgotten.is_empty() {
            forgotten.insert(side.store.clone(), edits.forgotten);
        }
        for rival in edits.rivals {
            rivals.entry(rival.key.clone()).or_default().push(rival);
        }
    }

    let mut changes = Vec::new();
    let mut provisional = Vec::new();
    let mut conflicts = Vec::new();
    for (key, rivals) in rivals {
        let agreed = base.get(&key);
        let unseen = match settle(&key, agreed, &rivals) {
            Settled::As(fields) => {
                changes.extend(replace(&key, agreed, fields));
                continue;
            }
            Settled::Disputed { unseen } => unseen,
        };
        let conflict = Conflict {
            agreed: agreed.filter(|_| !unseen).cloned(),
            sides: opinions(&key, unseen, sides, &rivals),
            field: key.clone(),
        };
        if let Some(value) = decide(&conflict, sides, policy) {
            changes.extend(replace(&key, agreed, value.into_iter().collect()));
            continue;
        }
        if unseen {
            provisional.extend(first_by_content(&rivals).map(Change::Add));
            changes.extend(agreed.map(|_| Change::Remove(key)));
        }
        conflicts.push(conflict);
    }
    Merged {
        card: agreed.apply(&changes),
        provisional,
        conflicts,
        editors,
        forgotten,
    }
}

/// The changes that put `fields` in the place of what the agreed card says.
fn replace(key: &FieldKey, known: Option<&Field>, fields: Vec<Field>) -> Vec<Change> {
    let Some(known) = known else {
        return fields.into_iter().map(Change::Add).collect();
    };
    let mut fields = fields.into_iter();
    let Some(first) = fields.next() else {
        return vec![Change::Remove(key.clone())];
    };
    let mut changes = Vec::new();
    if &first != known {
        changes.push(Change::Replace(key.clone(), first));
    }
    changes.extend(fields.map(Change::Add));
    changes
}

/// What each store that edited the field holds of it now; where the stores never agreed, what
/// every store holds.
fn opinions(
    key: &FieldKey,
    never_agreed: bool,
    sides: &[Side],
    rivals: &[Rival],
) -> BTreeMap<StoreId, Option<Field>> {
    let mut opinions = BTreeMap::new();
    if never_agreed {
        opinions.extend(
            sides
                .iter()
                .filter_map(|side| Some((side.store.clone(), Some(side.field(key)?.clone())))),
        );
    }
    opinions.extend(
        rivals
            .iter()
            .map(|rival| (rival.store.clone(), rival.to.clone())),
    );
    opinions
}

/// The value that an answer or the policy takes: `Some(None)` removes the field.
fn decide(conflict: &Conflict, sides: &[Side], policy: &Policy) -> Option<Option<Field>> {
    if let Some(store) = policy.taken.get(&conflict.field)
        && let Some(value) = conflict.sides.get(store)
    {
        return Some(value.clone());
    }
    match &policy.conflicts {
        Conflicts::Ask => None,
        Conflicts::Store(store) => conflict.sides.get(store).cloned(),
        Conflicts::Newest => {
            let mut dated = Vec::new();
            for (store, value) in &conflict.sides {
                let side = sides.iter().find(|side| &side.store == store)?;
                dated.push((side.revised?, value));
            }
            let (latest, value) = dated.iter().max_by_key(|(revised, _)| *revised)?;
            let rivals = dated
                .iter()
                .filter(|(revised, other)| revised == latest && other != value);
            if rivals.count() > 0 {
                None
            } else {
                Some((*value).clone())
            }
        }
    }
}

fn first_by_content(rivals: &[Rival]) -> Option<Field> {
    rivals
        .iter()
        .filter_map(|rival| rival.to.as_ref())
        .max_by(|a, b| settle::by_content(a, b))
        .cloned()
}
