//! Many versions of one card become one card, and the fields that nobody but a person can settle.
//!
//! There is no first and second store: every store is compared with its own past, the edits of all
//! are laid side by side field by field, and each field is settled by a function that does not see
//! in which order the stores came.

mod edits;
mod folds;
mod pair;
mod rule;
mod settle;
mod step;
mod unite;

use std::collections::{BTreeMap, BTreeSet};

use crate::book::StoreId;
use crate::card::{Card, Change, Field, FieldKey};

pub use edits::{Past, Side};
pub use folds::without_folded;
pub use pair::{Pair, is_unchanged, pairs, says_same};
pub use step::{Due, Standing, changes_due};
pub use unite::{Disputed, United, survivor, unite};

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

    /// The same outcome with another card: what the stores did is one thing, what a person decided
    /// about the contact is another.
    pub fn with_card(self, card: Card) -> Merged {
        Merged { card, ..self }
    }

    /// The card for a store that has none, where a card without its name would be no help.
    pub fn whole(&self) -> Card {
        without_folded(&self.card.apply(&self.provisional))
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
        card: without_folded(&agreed.apply(&changes)),
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

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn card(lines: &str) -> Card {
        let text = format!(
            "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ada\r\nN:;Ada;;;\r\n{}{}END:VCARD\r\n",
            lines.replace('\n', "\r\n"),
            if lines.is_empty() { "" } else { "\r\n" }
        );
        Card::parse(text.as_bytes()).unwrap()
    }

    pub(super) fn fields(lines: &str) -> Vec<Field> {
        let common = |field: &Field| matches!(field.name(), "FN" | "N");
        card(lines)
            .fields()
            .into_iter()
            .filter(|field| !common(field))
            .collect()
    }

    /// One store whose past is `before` and whose card of today is `now`.
    fn side(store: &str, before: &str, now: &str) -> Side {
        let before = card(before).fields();
        Side {
            store: StoreId::new(store),
            now: card(now).fields(),
            past: Past::Known {
                given: before.clone(),
                held: before,
            },
            revised: None,
        }
    }

    /// Merges stores that were all in step; the result does not depend on their order.
    fn merged(agreed: &str, stores: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
        let sides: Vec<Side> = stores
            .iter()
            .map(|(id, now)| side(id, agreed, now))
            .collect();
        let merged = merge(&card(agreed), &[], &sides, &Policy::default());
        let reversed: Vec<Side> = sides.into_iter().rev().collect();
        let again = merge(&card(agreed), &[], &reversed, &Policy::default());
        assert_eq!(merged.card, again.card, "the order of stores plays a part");
        let told = |field: &Field| format!("{}:{}", field.name(), field.text());
        let mut lines: Vec<String> = merged.card.fields().iter().map(told).collect();
        lines.retain(|line| line != "FN:Ada" && !line.starts_with("N:"));
        lines.sort();
        (
            lines,
            merged
                .conflicts
                .into_iter()
                .map(|conflict| conflict.field.name)
                .collect(),
        )
    }

    #[test]
    fn edits_of_different_fields_are_all_made() {
        let result = merged("TEL:1", &[("a", "TEL:1\nNOTE:x"), ("b", "TEL:2")]);
        assert_eq!(result, (vec!["NOTE:x".into(), "TEL:2".into()], vec![]));
    }

    #[test]
    fn one_number_changed_in_two_ways_becomes_two_numbers() {
        let (lines, conflicts) = merged("TEL:1", &[("a", "TEL:2"), ("b", "TEL:3")]);
        assert_eq!(
            (lines, conflicts.len()),
            (vec!["TEL:2".into(), "TEL:3".into()], 0)
        );
    }

    #[test]
    fn an_edit_beats_a_removal() {
        let (lines, _) = merged("TEL:1", &[("a", ""), ("b", "TEL:2")]);
        assert_eq!(lines, ["TEL:2"]);
    }

    #[test]
    fn a_removal_that_nobody_disputes_is_made() {
        let (lines, _) = merged("TEL:1\nTEL:2", &[("a", "TEL:2"), ("b", "TEL:1\nTEL:2")]);
        assert_eq!(lines, ["TEL:2"]);
    }

    #[test]
    fn one_note_changed_in_two_ways_stays_as_it_was() {
        let result = merged("NOTE:x", &[("a", "NOTE:y"), ("b", "NOTE:z")]);
        assert_eq!(result, (vec!["NOTE:x".into()], vec!["NOTE".into()]));
    }

    #[test]
    fn types_merge_as_a_set() {
        let sides = [
            side("a", "TEL;TYPE=HOME:1", "TEL;TYPE=HOME,CELL:1"),
            side("b", "TEL;TYPE=HOME:1", "TEL;TYPE=WORK:1"),
        ];
        let merged = merge(&card("TEL;TYPE=HOME:1"), &[], &sides, &Policy::default());
        let field = merged.card.fields().pop().unwrap();
        let types: Vec<&str> = field.types().iter().map(String::as_str).collect();
        assert_eq!((types, merged.conflicts.len()), (vec!["CELL", "WORK"], 0));
    }

    #[test]
    fn components_of_a_name_merge_each() {
        let named = |n: &str| {
            let text = format!("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ada\r\nN:{n}\r\nEND:VCARD\r\n");
            Card::parse(text.as_bytes()).unwrap()
        };
        let base = named("Byron;Ada;;;");
        let side = |store: &str, now: &str| Side {
            store: StoreId::new(store),
            now: named(now).fields(),
            past: Past::Known {
                given: base.fields(),
                held: base.fields(),
            },
            revised: None,
        };
        let sides = [side("a", "Lovelace;Ada;;;"), side("b", "Byron;Ada;;Lady;")];
        let merged = merge(&base, &[], &sides, &Policy::default());
        let name = merged
            .card
            .fields()
            .into_iter()
            .find(|field| field.name() == "N")
            .unwrap();
        assert_eq!(name.parts().unwrap()[..4], ["Lovelace", "Ada", "", "Lady"]);
        assert_eq!(merged.conflicts, []);
    }

    #[test]
    fn what_a_store_made_of_a_value_is_no_edit_and_an_edit_of_it_counts() {
        let rewritten = |now: &str| Side {
            store: StoreId::new("server"),
            now: card(now).fields(),
            past: Past::Known {
                given: card("TEL:123\nX-TIER:A").fields(),
                held: card("TEL:00123").fields(),
            },
            revised: None,
        };
        let agreed = card("TEL:123\nX-TIER:A");
        let merged = merge(&agreed, &[], &[rewritten("TEL:00123")], &Policy::default());
        assert_eq!(merged.card, agreed);
        assert!(merged.editors.is_empty());
        let merged = merge(&agreed, &[], &[rewritten("TEL:456")], &Policy::default());
        let told: Vec<String> = merged.card.fields().iter().map(Field::text).collect();
        assert!(
            told.contains(&"456".to_owned()) && !told.contains(&"123".to_owned()),
            "{told:?}"
        );
        assert!(told.contains(&"A".to_owned()), "{told:?}");
    }

    #[test]
    fn a_store_that_never_saw_the_note_does_not_replace_it() {
        let side = Side {
            store: StoreId::new("server"),
            now: card("NOTE:mine").fields(),
            past: Past::Known {
                given: card("NOTE:x").fields(),
                held: card("").fields(),
            },
            revised: None,
        };
        let merged = merge(&card("NOTE:x"), &[], &[side], &Policy::default());
        assert_eq!(merged.conflicts.len(), 1);
        assert_eq!(merged.conflicts[0].agreed, None);
    }

    #[test]
    fn who_never_gets_a_field_has_no_say_while_it_waits() {
        let never = side("office", "", "");
        let key = fields("NOTE:x")[0].key().clone();
        for (now, card_after, disputed) in [
            ([("a", "NOTE:y"), ("b", "NOTE:z")], "NOTE:x", 1),
            // They are what was agreed on again: nobody removed it.
            ([("a", "NOTE:x"), ("b", "NOTE:x")], "NOTE:x", 0),
        ] {
            let mut sides = now.map(|(id, now)| side(id, "NOTE:x", now)).to_vec();
            sides.push(never.clone());
            let held_back = [key.clone()];
            let merged = merge(&card("NOTE:x"), &held_back, &sides, &Policy::default());
            assert_eq!(merged.card, card(card_after));
            assert_eq!(merged.conflicts.len(), disputed);
            for conflict in &merged.conflicts {
                assert!(!conflict.sides.contains_key(&StoreId::new("office")));
            }
        }
    }

    #[test]
    fn an_answer_takes_the_value_of_a_store() {
        let sides = [side("a", "NOTE:x", "NOTE:y"), side("b", "NOTE:x", "NOTE:z")];
        let key = fields("NOTE:x")[0].key().clone();
        let policy = Policy {
            taken: BTreeMap::from([(key, StoreId::new("b"))]),
            ..Policy::default()
        };
        let merged = merge(&card("NOTE:x"), &[], &sides, &policy);
        assert_eq!((merged.conflicts.len(), merged.card), (0, card("NOTE:z")));
    }

    #[test]
    fn without_a_revision_on_every_side_the_newest_is_not_known() {
        let mut sides = [side("a", "NOTE:x", "NOTE:y"), side("b", "NOTE:x", "NOTE:z")];
        sides[0].revised = jiff::Timestamp::from_second(9).ok();
        let policy = Policy {
            conflicts: Conflicts::Newest,
            ..Policy::default()
        };
        assert_eq!(
            merge(&card("NOTE:x"), &[], &sides, &policy).conflicts.len(),
            1
        );
        sides[1].revised = jiff::Timestamp::from_second(8).ok();
        assert_eq!(
            merge(&card("NOTE:x"), &[], &sides, &policy).card,
            card("NOTE:y")
        );
    }
}
