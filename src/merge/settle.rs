//! Settles one field that one or more stores would have otherwise.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::card::{Field, FieldKey};
use crate::contact::day_of_card;

use super::edits::Rival;
use super::rule::{Rule, rule};

/// What became of a field.
#[derive(Debug, PartialEq)]
pub(super) enum Settled {
    /// These fields take its place: none removes it, several keep all that was written.
    As(Vec<Field>),
    /// Only a person can say. `unseen`: the stores never agreed on a value.
    Disputed { unseen: bool },
}

/// Settles the field `key`. `agreed` is what was last agreed on, `rivals` what stores made of it.
pub(super) fn settle(key: &FieldKey, agreed: Option<&Field>, rivals: &[Rival]) -> Settled {
    let rule = rule(key);
    let removed = rivals.iter().any(|rival| rival.to.is_none());
    let unseen = rivals.iter().any(|rival| rival.unseen);
    let mut values: Vec<&Field> = Vec::new();
    for value in rivals.iter().filter_map(|rival| rival.to.as_ref()) {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    // Who never saw the agreed value did not mean to replace it: it stands as one of the rivals.
    let base = if unseen {
        if let Some(agreed) = agreed
            && !values.contains(&agreed)
        {
            values.push(agreed);
        }
        None
    } else {
        agreed
    };
    values.sort_by(|a, b| by_content(b, a));

    match (&values[..], base) {
        // Removed somewhere, and nobody edited it elsewhere.
        ([], Some(agreed)) if matches!(rule, Rule::Kept) => Settled::As(vec![agreed.clone()]),
        ([], _) => Settled::As(Vec::new()),
        // Edit beats delete, unless the edit only says what was agreed on anyway.
        ([value], _) if !(removed && base == Some(value)) => Settled::As(vec![(*value).clone()]),
        ([_], _) => Settled::As(Vec::new()),
        _ => several(&rule, base, &values).map_or(
            Settled::Disputed {
                unseen: base.is_none(),
            },
            Settled::As,
        ),
    }
}

/// Brings several different values together, or `None` where that takes a person.
fn several(rule: &Rule, base: Option<&Field>, values: &[&Field]) -> Option<Vec<Field>> {
    match rule {
        Rule::Later => {
            let latest = values
                .iter()
                .max_by(|a, b| day(a).cmp(&day(b)).then_with(|| by_content(a, b)))?;
            Some(vec![(*latest).clone()])
        }
        Rule::Parts => same_value(base, values)
            .or_else(|| merge_parts(base, values))
            .map(|field| vec![field]),
        Rule::One | Rule::Kept | Rule::Entry => same_value(base, values).map(|field| vec![field]),
        Rule::Many => {
            let mut kept: Vec<Field> = Vec::new();
            let keys: BTreeSet<&FieldKey> = values.iter().map(|value| value.key()).collect();
            for key in keys {
                let same: Vec<&Field> = values
                    .iter()
                    .copied()
                    .filter(|value| value.key() == key)
                    .collect();
                let base = base.filter(|base| base.key() == key);
                match &same[..] {
                    [only] => kept.push((*only).clone()),
                    _ => kept.push(same_value(base, &same)?),
                }
            }
            Some(kept)
        }
    }
}

/// The day of a field; one that cannot be read is before all.
pub(super) fn day(field: &Field) -> Option<Date> {
    day_of_card(field.value())
}

/// Merges fields that have one value and differ in what is said about it: types as a set, the
/// preference and the label each three-way.
fn same_value(base: Option<&Field>, values: &[&Field]) -> Option<Field> {
    let first = values.first()?;
    let alike =
        |value: &&&Field| value.value() == first.value() && value.params() == first.params();
    if !values.iter().all(|value| alike(&value)) {
        return None;
    }
    let base = base.filter(|base| base.value() == first.value());

    let none = BTreeSet::new();
    let types_before = base.map_or(&none, |base| base.types());
    let added = values.iter().flat_map(|value| value.types() - types_before);
    let kept = types_before
        .iter()
        .filter(|kind| values.iter().all(|value| value.types().contains(*kind)))
        .cloned();
    let types: BTreeSet<String> = kept.chain(added).collect();

    let pref_before = base.and_then(|base| base.pref());
    let edited_prefs = values
        .iter()
        .map(|value| value.pref())
        .filter(|pref| *pref != pref_before);
    let pref = edited_prefs
        .min_by_key(|pref| pref.unwrap_or(u8::MAX))
        .unwrap_or(pref_before);

    let label_before = base.and_then(|base| base.label());
    let mut labels: Vec<Option<&str>> = values
        .iter()
        .map(|value| value.label())
        .filter(|label| *label != label_before)
        .collect();
    labels.sort_unstable();
    labels.dedup();
    let label = match labels[..] {
        [] => label_before,
        [label] => label,
        _ => return None,
    };
    Some(
        first
            .with_types(types)
            .with_pref(pref)
            .with_label(label.map(str::to_owned)),
    )
}

/// Merges a structured value component by component.
fn merge_parts(base: Option<&Field>, values: &[&Field]) -> Option<Field> {
    let first = values.first()?;
    if !values.iter().all(|value| value.params() == first.params()) {
        return None;
    }
    let before = base.and_then(Field::parts).unwrap_or_default();
    let lists: Vec<Vec<String>> = values.iter().filter_map(|value| value.parts()).collect();
    let length = lists.iter().map(Vec::len).max()?;
    let mut parts = Vec::with_capacity(length);
    for index in 0..length {
        let part = |list: &Vec<String>| list.get(index).cloned().unwrap_or_default();
        let before = part(&before);
        let edited: BTreeSet<String> = lists
            .iter()
            .map(part)
            .filter(|edited| *edited != before)
            .collect();
        let mut edited = edited.into_iter();
        match (edited.next(), edited.next()) {
            (None, _) => parts.push(before),
            (Some(one), None) => parts.push(one),
            // Nobody cleared what was never there: an empty component gives way to a filled one.
            (Some(empty), Some(one))
                if empty.is_empty() && base.is_none() && edited.next().is_none() =>
            {
                parts.push(one);
            }
            _ => return None,
        }
    }
    Some(first.with_parts(parts))
}

/// An order by what is said alone: the fuller text first, then the text itself.
pub(super) fn by_content(a: &Field, b: &Field) -> Ordering {
    let rank = |field: &Field| {
        (
            field.text().chars().count(),
            field.text(),
            field.types().clone(),
        )
    };
    rank(a)
        .cmp(&rank(b))
        .then_with(|| a.label().cmp(&b.label()))
}
