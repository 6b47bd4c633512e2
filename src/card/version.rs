//! A whole card in another version, with nothing lost on the way there and back.

use std::collections::{BTreeMap, HashSet};

use super::field::Field;
use super::names;
use super::sheet::{Role, Sheet};
use super::write::{self, Style};
use super::{Card, Version, dates, text};

/// Writes a card in another version; see [`Card::in_version`].
pub(super) fn convert(card: &Card, version: Version) -> Card {
    if card.version() == version {
        return card.clone();
    }
    let sheet = Sheet::of(card);
    let style = Style {
        version,
        eol: sheet.lines.eol(),
    };
    let mut at_entry: BTreeMap<usize, Vec<Field>> = BTreeMap::new();
    for owned in sheet.owned() {
        at_entry
            .entry(owned.entries[0])
            .or_default()
            .push(owned.field);
    }
    let mut bytes = [b"BEGIN:VCARD", style.eol].concat();
    bytes.extend(write::plain("VERSION", version.as_str(), style));
    let mut said = HashSet::new();
    for (at, entry) in sheet.entries.iter().enumerate() {
        let Ok(property) = &entry.property else {
            for field in at_entry.get(&at).into_iter().flatten() {
                bytes.extend(write::field(field, None, style));
            }
            continue;
        };
        if entry.role == Role::Meta {
            let name = names::canonical(&property.name);
            if name != "VERSION" {
                let (value, _) = text::decode(&property.raw_value, &property.attributes);
                bytes.extend(write::plain(
                    &names::spelled(name, version),
                    &meta_value(name, value, version),
                    style,
                ));
            }
            continue;
        }
        let Some(fields) = at_entry.get(&at) else {
            continue;
        };
        let group = property.group.as_deref();
        if names::class(fields[0].name()) == names::Class::Items {
            // Items that stand on several lines may have joined attributes of their own.
            for alike in fields.chunk_by(|one, other| one.same_attributes(other)) {
                bytes.extend(write::items(
                    &alike.iter().collect::<Vec<_>>(),
                    group,
                    style,
                ));
            }
        } else {
            for field in fields {
                bytes.extend(write::field(field, group, style));
            }
        }
        if let Some(group) = group
            && said.insert(group.to_ascii_lowercase())
        {
            bytes.extend(write::companions(&fields[0], group, style));
        }
    }
    bytes.extend([b"END:VCARD", style.eol].concat());
    complete(&Card::of(&bytes))
}

/// Adds what the card's version demands and it has not: `FN`, and `N` in 3.0 and 2.1.
pub(super) fn complete(card: &Card) -> Card {
    let mut missing = Vec::new();
    let has = |name| {
        card.first(name)
            .is_some_and(|property| !property.raw_value.trim_ascii().is_empty())
    };
    let full_name = card.name();
    if !has("FN") {
        missing.push(("FN", full_name.clone()));
    }
    // An empty N is allowed, and is nobody's mistake: a group has no family.
    if card.version() != Version::V4_0 && card.first("N").is_none() {
        missing.push(("N", name_of(card, &full_name)));
    }
    let changes: Vec<super::Change> = missing
        .into_iter()
        .map(|(name, text)| super::Change::Add(Field::new(name, &text)))
        .collect();
    card.apply(&changes)
}

/// The last word of a person's name is the family's, as far as anybody can guess.
fn name_of(card: &Card, full_name: &str) -> String {
    let full_name = full_name.replace(';', ",");
    let is_person = card
        .first("KIND")
        .or(card.first("X-ADDRESSBOOKSERVER-KIND"))
        .is_none_or(|kind| {
            kind.raw_value
                .trim_ascii()
                .eq_ignore_ascii_case(b"individual")
        });
    match full_name.trim().rsplit_once(' ') {
        Some((given, family)) if is_person => format!("{family};{};;;", given.trim()),
        _ => format!("{full_name};;;;"),
    }
}

fn meta_value(name: &str, value: String, version: Version) -> String {
    match (name, dates::moment(&value)) {
        ("REV", Some(moment)) if version == Version::V4_0 => {
            moment.strftime("%Y%m%dT%H%M%SZ").to_string()
        }
        ("REV", Some(moment)) => moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        _ => value,
    }
}
