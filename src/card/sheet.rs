//! A card taken apart into entries, and the fields that own them.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::content::Content;
use super::field::{Field, Source};
use super::lines::{LineKind, Lines};
use super::property::Property;
use super::{Card, FieldKey, Version, envelope, names, text};

/// A card's lines and what each is for. Blank lines belong to nobody and are in no entry.
pub(super) struct Sheet<'a> {
    pub lines: Lines<'a>,
    pub version: Version,
    pub entries: Vec<Entry<'a>>,
}

/// One content line, or a card inside the card with the `AGENT` line before it.
pub(super) struct Entry<'a> {
    pub start: usize,
    pub end: usize,
    pub number: usize,
    pub logical: Cow<'a, [u8]>,
    /// Why it is carried as it is, where nobody understands the line.
    pub property: Result<Property, &'static str>,
    pub role: Role,
    /// The text of a card inside the card, with LF.
    pub nested: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Begin,
    End,
    /// Belongs to the card or the transport, not to a field.
    Meta,
    Main,
    /// Says something about the other lines of its group.
    Companion,
    /// A `LABEL` line that is the printed form of the address in this entry.
    PrintedAddress(usize),
}

/// A field and the entries it stands on.
pub(super) struct Owned {
    pub field: Field,
    pub entries: Vec<usize>,
}

impl<'a> Sheet<'a> {
    pub fn of(card: &'a Card) -> Sheet<'a> {
        Sheet::read(card, |_| true)
    }

    /// A sheet in which every field of these names is whole; of other lines it may lack any.
    pub fn of_named(card: &'a Card, names: &[&str]) -> Sheet<'a> {
        let depends_on_others =
            |name: &&str| name.is_empty() || names::is_companion(name) || name.starts_with("AGENT");
        if names.iter().any(depends_on_others) {
            return Sheet::of(card);
        }
        let has_labels = |name: &&str| ["ADR", "LABEL"].contains(name);
        let label: &[&str] = match names.iter().any(has_labels) {
            true => &["LABEL"],
            false => &[],
        };
        let sheet = Sheet::read(card, |raw| may_be_named(raw, names, label));
        // Which address a label is of depends on what stands between them.
        if sheet
            .entries
            .iter()
            .any(|entry| entry.is_named(|name| name == "LABEL"))
        {
            return Sheet::of(card);
        }
        sheet
    }

    fn read(card: &'a Card, is_wanted: impl Fn(&[u8]) -> bool) -> Sheet<'a> {
        let lines = Lines::of(card.bytes());
        let mut sheet = Sheet {
            entries: Vec::with_capacity(lines.list.len()),
            lines,
            version: card.version(),
        };
        sheet.read_entries(card.bytes(), is_wanted);
        sheet.find_companions();
        sheet.pair_printed_addresses();
        sheet
    }

    fn read_entries(&mut self, bytes: &[u8], is_wanted: impl Fn(&[u8]) -> bool) {
        let mut depth = 0;
        // Where the open card inside the card starts.
        let mut nested_at = 0;
        for &line in &self.lines.list {
            let outer = depth == 1;
            match line.kind {
                LineKind::Begin => depth += 1,
                LineKind::End => depth -= 1,
                _ => {}
            }
            let role = match line.kind {
                LineKind::Blank => continue,
                LineKind::Begin if depth == 1 => Role::Begin,
                LineKind::End if depth == 0 => Role::End,
                LineKind::Begin if outer => {
                    nested_at = line.start;
                    continue;
                }
                LineKind::End if depth == 1 => {
                    let text = plain_text(&bytes[nested_at..line.end]);
                    match self.entries.last_mut() {
                        Some(agent)
                            if agent.nested.is_none() && envelope::is_agent(&agent.logical) =>
                        {
                            agent.nested = Some(text);
                            agent.end = line.end;
                        }
                        _ => self.entries.push(Entry {
                            start: nested_at,
                            end: line.end,
                            number: line.number,
                            logical: Cow::Borrowed(b""),
                            property: Property::read(b"AGENT:"),
                            role: Role::Main,
                            nested: Some(text),
                        }),
                    }
                    continue;
                }
                _ if depth != 1 => continue,
                _ if !is_wanted(self.lines.raw(line)) => continue,
                _ => Role::Main,
            };
            let logical = self.lines.logical(line);
            let property = Property::read(&logical);
            let role = match &property {
                Ok(property)
                    if role == Role::Main
                        && names::is_no_field(names::canonical(&property.name)) =>
                {
                    Role::Meta
                }
                _ => role,
            };
            self.entries.push(Entry {
                start: line.start,
                end: line.end,
                number: line.number,
                logical,
                property,
                role,
                nested: None,
            });
        }
    }

    /// A label line is a companion only where its group has another line that it can be about.
    fn find_companions(&mut self) {
        if !self
            .entries
            .iter()
            .any(|entry| entry.is_named(names::is_companion))
        {
            return;
        }
        let mut has_main: HashMap<String, bool> = HashMap::new();
        for entry in &self.entries {
            if let Some(group) = entry.group() {
                let main = entry.role == Role::Main && !entry.is_named(names::is_companion);
                *has_main.entry(group).or_default() |= main;
            }
        }
        for entry in &mut self.entries {
            if entry.is_named(names::is_companion)
                && entry
                    .group()
                    .is_some_and(|group| has_main.get(&group) == Some(&true))
            {
                entry.role = Role::Companion;
            }
        }
    }

    /// vCard 3.0 prints an address on a `LABEL` line of the same types; 4.0 in a parameter.
    ///
    /// A label follows its address, so that an address appended later never takes it. With as many
    /// labels as addresses they pair in order; otherwise a label is of the address right before
    /// it, else of the first that has none yet.
    fn pair_printed_addresses(&mut self) {
        if !self
            .entries
            .iter()
            .any(|entry| entry.is_named(|name| name == "LABEL"))
        {
            return;
        }
        let of = |name: &str, entries: &[Entry]| {
            let mut found: HashMap<Vec<String>, Vec<usize>> = HashMap::new();
            for (at, entry) in entries.iter().enumerate() {
                if let Ok(property) = &entry.property
                    && property.name == name
                    && !property.attributes.others.contains_key("LABEL")
                {
                    let types = property.attributes.types.iter().cloned().collect();
                    found.entry(types).or_default().push(at);
                }
            }
            found
        };
        let addresses = of("ADR", &self.entries);
        for (types, labels) in of("LABEL", &self.entries) {
            let before = |label: usize| {
                let addresses = addresses.get(&types).into_iter().flatten();
                addresses
                    .copied()
                    .filter(|&address| address < label)
                    .collect::<Vec<usize>>()
            };
            let in_order = labels
                .last()
                .is_some_and(|&last| before(last).len() == labels.len())
                && labels
                    .iter()
                    .enumerate()
                    .all(|(at, &label)| before(label).len() > at);
            let mut labelled = HashSet::new();
            for (at, &label) in labels.iter().enumerate() {
                let candidates = before(label);
                let free = |address: &usize| !labelled.contains(address);
                let address = match in_order {
                    true => candidates.get(at).copied(),
                    false => candidates
                        .last()
                        .copied()
                        .filter(|last| last + 1 == label)
                        .or_else(|| candidates.iter().copied().find(free)),
                };
                if let Some(address) = address {
                    labelled.insert(address);
                    self.entries[label].role = Role::PrintedAddress(address);
                }
            }
        }
    }

    /// The fields in card order, each once, with all the lines it stands on.
    pub fn owned(&self) -> Vec<Owned> {
        let companions = self.companions();
        let mut found: Vec<(usize, Field)> = Vec::new();
        let mut slots: HashMap<String, String> = HashMap::new();
        let mut printed: HashMap<usize, String> = HashMap::new();
        for entry in &self.entries {
            if let (Role::PrintedAddress(address), Ok(property)) = (entry.role, &entry.property) {
                let mut attributes = property.attributes.clone();
                if let Some(content) = Content::read(property, &mut attributes, self.version).pop()
                {
                    printed.insert(address, content.text("LABEL"));
                }
            }
        }
        for (at, entry) in self
            .entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| entry.role == Role::Main)
        {
            for mut field in entry.fields(self.version) {
                for (name, value) in entry
                    .group()
                    .and_then(|group| companions.get(&group))
                    .into_iter()
                    .flatten()
                {
                    field = match name.as_str() {
                        "X-ABLABEL" => field.with_label(Some(value.clone())),
                        _ => field.with_said(name, value.clone()),
                    };
                }
                let old = self.version != Version::V4_0;
                if field.params().contains_key("LABEL") && old || printed.contains_key(&at) && !old
                {
                    // The other version's way: what is written anew goes its own version's way.
                    field.source = None;
                }
                if let Some(text) = printed.remove(&at) {
                    field = field.with_said("LABEL", text);
                }
                if field.key.value.is_empty() && !names::is_set(field.name()) {
                    let first = slots
                        .entry(field.name().to_owned())
                        .or_insert_with(|| field.value().to_owned());
                    if first != field.value() {
                        field = field.as_further_line();
                    }
                }
                found.push((at, field));
            }
        }
        tell_entries_apart(&mut found);
        joined(found)
    }

    /// What the companion lines of each group say.
    fn companions(&self) -> HashMap<String, Vec<(String, String)>> {
        let mut said: HashMap<String, Vec<(String, String)>> = HashMap::new();
        for entry in self
            .entries
            .iter()
            .filter(|entry| entry.role == Role::Companion)
        {
            if let (Some(group), Ok(property)) = (entry.group(), &entry.property) {
                let (decoded, _) = text::decode(property.raw_value(), &property.attributes);
                let plain = text::normal(&text::unescape(&decoded, self.version));
                said.entry(group)
                    .or_default()
                    .push((property.name.clone(), plain));
            }
        }
        said
    }
}

impl Entry<'_> {
    /// The group in small letters: servers change its case.
    pub fn group(&self) -> Option<String> {
        let property = self.property.as_ref().ok()?;
        property.group.as_deref().map(str::to_ascii_lowercase)
    }

    pub fn is_named(&self, is: impl Fn(&str) -> bool) -> bool {
        self.property
            .as_ref()
            .is_ok_and(|property| is(names::canonical(&property.name)))
    }

    /// The fields of this line: one, or one per item.
    fn fields(&self, version: Version) -> Vec<Field> {
        let property = match &self.property {
            Ok(property) => property,
            Err(_) => {
                return vec![Field::of(
                    "",
                    Content::Odd(self.logical.to_vec()),
                    Default::default(),
                )];
            }
        };
        let mut attributes = property.attributes.clone();
        if let Some(nested) = &self.nested {
            return vec![Field::of(
                "AGENT",
                Content::Text(nested.clone()),
                attributes,
            )];
        }
        let mut contents = Content::read(property, &mut attributes, version).into_iter();
        if names::class(names::canonical(&property.name)) == names::Class::Items {
            return contents
                .map(|content| Field::of(&property.name, content, attributes.clone()))
                .collect();
        }
        let Some(content) = contents.next() else {
            return Vec::new();
        };
        let mut field = Field::of(&property.name, content, attributes);
        field.source = Some(Source {
            version,
            line: property.line.clone(),
        });
        vec![field]
    }
}

/// Each field once, with all the lines that it stands on.
fn joined(found: Vec<(usize, Field)>) -> Vec<Owned> {
    let mut owned: Vec<Owned> = Vec::with_capacity(found.len());
    let mut by_key = HashMap::with_capacity(found.len());
    for (at, field) in found {
        match by_key.get(&field.key) {
            Some(&there) => {
                let there: &mut Owned = &mut owned[there];
                there.field = there.field.clone().joined(field);
                there.entries.push(at);
            }
            None => {
                by_key.insert(field.key.clone(), owned.len());
                owned.push(Owned {
                    field,
                    entries: vec![at],
                });
            }
        }
    }
    owned
}

/// Gives entries of one ID that do not say the same keys of their own, which follow from what each
/// says: which line comes first plays no part.
fn tell_entries_apart(found: &mut [(usize, Field)]) {
    let mut firsts: HashMap<FieldKey, usize> = HashMap::new();
    let mut claimed_twice: HashSet<FieldKey> = HashSet::new();
    for at in 0..found.len() {
        let field = &found[at].1;
        if !names::is_entry(field.name()) {
            continue;
        }
        match firsts.get(field.key()) {
            None => drop(firsts.insert(field.key().clone(), at)),
            Some(&first) if found[first].1.says_the_same_entry(field) => {}
            Some(_) => drop(claimed_twice.insert(field.key().clone())),
        }
    }
    if claimed_twice.is_empty() {
        return;
    }
    for (_, field) in found {
        if claimed_twice.contains(field.key()) {
            *field = field.with_key_of_content();
        }
    }
}

/// Whether a line may be a property of one of these names, or say something about one.
///
/// Looks at the name alone, and says yes wherever that would need a second look.
fn may_be_named(raw: &[u8], names: &[&str], more: &[&str]) -> bool {
    let text = raw.trim_ascii_start();
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    let end = text.iter().position(|byte| !in_name(byte));
    let Some(end) = end.filter(|&end| b":;".contains(&text[end])) else {
        return true;
    };
    let name = &text[..end];
    let name = match name.iter().position(|&byte| byte == b'.') {
        Some(dot) => &name[dot + 1..],
        None => name,
    };
    let Some(own) = name
        .get(2..)
        .filter(|_| name[..2].eq_ignore_ascii_case(b"X-"))
    else {
        return is_one_of(name, names) || is_one_of(name, more);
    };
    // Labels are `X-ABLABEL`, and what address book servers add is `X-ADDRESSBOOKSERVER-KIND`.
    own.first().is_some_and(|first| b"Aa".contains(first))
        || is_one_of(name, names)
        || is_one_of(own, names)
        || is_one_of(own, more)
}

fn is_one_of(name: &[u8], names: &[&str]) -> bool {
    names
        .iter()
        .any(|one| one.as_bytes().eq_ignore_ascii_case(name))
}

/// A card inside a card as text with LF, whatever its bytes are.
fn plain_text(bytes: &[u8]) -> String {
    let (text, _) = text::decode(bytes, &Default::default());
    text.replace("\r\n", "\n")
        .replace('\r', "\n")
        .trim_end()
        .to_owned()
}
