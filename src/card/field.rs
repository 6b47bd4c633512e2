//! One value of a card by meaning.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use super::content::Content;
use super::property::Attributes;
use super::{FieldKey, Version, names, text};

/// One value of a card by meaning. Two fields with equal meaning compare equal, whatever the
/// spelling, version or position of the lines they come from.
#[derive(Clone)]
pub struct Field {
    pub(super) key: FieldKey,
    value: String,
    pub(super) content: Content,
    types: BTreeSet<String>,
    pref: Option<u8>,
    label: Option<String>,
    params: BTreeMap<String, String>,
    /// The `VALUE` of a property nobody told us about.
    pub(super) value_type: Option<String>,
    /// The line it came from, for as long as nobody changed the field.
    pub(super) source: Option<Source>,
}

/// A line as it stood in a card: from its name on, without group, folds and line end.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub version: Version,
    pub line: Arc<[u8]>,
}

impl Field {
    /// A field of a plain text, neither escaped nor encoded. The components of `N`, `ADR` and
    /// `ORG` are told apart by `;`, as vCard does.
    pub fn new(name: &str, text: &str) -> Field {
        let name = name.to_ascii_uppercase();
        let content = Content::of_text(names::canonical(&name), text);
        Field::of(&name, content, Attributes::default())
    }

    pub(super) fn of(name: &str, content: Content, attributes: Attributes) -> Field {
        let name = names::canonical(name).to_owned();
        let mut field = Field {
            value: content.normal(&name),
            key: FieldKey {
                name,
                value: String::new(),
            },
            content,
            types: attributes.types,
            pref: attributes.pref,
            label: None,
            params: attributes.others,
            value_type: attributes.value_type,
            source: None,
        };
        field.key.value = field.key_value();
        field
    }

    fn key_value(&self) -> String {
        let name = &self.key.name;
        match self.params.get("ID") {
            Some(id) if names::is_entry(name) && !id.is_empty() => id.clone(),
            _ if names::is_entry(name) => self.value.clone(),
            _ if name == "ADR" => self.value.to_lowercase(),
            _ if names::is_set(name) => self.value.clone(),
            _ => String::new(),
        }
    }

    pub fn key(&self) -> &FieldKey {
        &self.key
    }

    /// The version-neutral name in capitals; empty for a line that nobody understands.
    pub fn name(&self) -> &str {
        &self.key.name
    }

    /// The normalised value: what is compared.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The value for people: decoded, numbers as written, an address in one line, a photo as
    /// `image/jpeg, 12 kB`. Not made safe for a terminal.
    pub fn text(&self) -> String {
        self.content.text(&self.key.name)
    }

    /// In capitals, without PREF, INTERNET, VOICE and without image types.
    pub fn types(&self) -> &BTreeSet<String> {
        &self.types
    }

    /// 1 to 100, where 1 is most preferred (RFC 6350 section 5.3). `TYPE=PREF` is 1.
    pub fn pref(&self) -> Option<u8> {
        self.pref
    }

    /// The `X-ABLabel` of the group, as it stands there (`_$!<HomePage>!$_`).
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// All other parameters, names in capitals, and what a group says besides a label (`X-ABADR`).
    pub fn params(&self) -> &BTreeMap<String, String> {
        &self.params
    }

    /// The components of a name: family, given, additional, prefixes, suffixes. `None` for every
    /// other property.
    pub fn parts(&self) -> Option<Vec<String>> {
        match &self.content {
            Content::Parts(parts) if self.key.name == "N" => {
                let part = |at| {
                    parts.get(at).map_or(String::new(), |part: &Vec<String>| {
                        text::normal(&part.join(","))
                    })
                };
                Some((0..5).map(part).collect())
            }
            _ => None,
        }
    }

    /// The same name with other components; those that are the same keep their lists.
    pub fn with_parts(&self, wanted: Vec<String>) -> Field {
        let Some(were) = self.parts() else {
            return self.clone();
        };
        let Content::Parts(lists) = &self.content else {
            return self.clone();
        };
        let parts = wanted
            .into_iter()
            .enumerate()
            .map(|(at, part)| match lists.get(at) {
                Some(list) if were.get(at) == Some(&part) => list.clone(),
                _ => vec![text::clean(&part)],
            });
        let content = Content::Parts(parts.collect());
        Field {
            value: content.normal(&self.key.name),
            content,
            source: None,
            ..self.clone()
        }
    }

    /// The same field with another plain text, as for [`Field::new`].
    pub fn with_text(&self, text: &str) -> Field {
        let content = Content::of_text(self.name(), text);
        let mut field = Field {
            value: content.normal(self.name()),
            content,
            source: None,
            ..self.clone()
        };
        if names::is_set(self.name()) || names::is_entry(self.name()) {
            field.key.value = field.key_value();
        }
        field
    }

    pub fn with_types(&self, types: BTreeSet<String>) -> Field {
        let types = types
            .iter()
            .map(|kind| text::clean(kind).to_uppercase())
            .collect();
        Field {
            types,
            source: None,
            ..self.clone()
        }
    }

    pub fn with_pref(&self, pref: Option<u8>) -> Field {
        Field {
            pref,
            source: None,
            ..self.clone()
        }
    }

    /// The same field with another label. The line keeps its text: a label is a line of its own.
    pub fn with_label(&self, label: Option<String>) -> Field {
        let label = label
            .map(|label| text::normal(&label))
            .filter(|label| !label.is_empty());
        Field {
            label,
            ..self.clone()
        }
    }

    /// The same field with another parameter, or without it. The `ID` of an entry such as
    /// `X-CARDWEAVE-LOG` is its key.
    pub fn with_param(&self, name: &str, value: Option<String>) -> Field {
        let mut field = Field {
            source: None,
            ..self.clone()
        };
        let name = name.to_ascii_uppercase();
        match value {
            Some(value) => field.params.insert(name, text::clean(&value)),
            None => field.params.remove(&name),
        };
        if names::is_entry(field.name()) {
            field.key.value = field.key_value();
        }
        field
    }

    /// The same field with what other lines say about it; its own line keeps its text.
    pub(super) fn with_said(mut self, name: &str, value: String) -> Field {
        self.params.insert(name.to_owned(), value);
        self
    }

    /// The components of a structured value (`N`, `ADR`, `ORG`, `GENDER`), without empty ones at the
    /// end. Empty for a value that is not structured.
    pub fn components(&self) -> Vec<String> {
        let Content::Parts(parts) = &self.content else {
            return Vec::new();
        };
        let mut components: Vec<String> = parts
            .iter()
            .map(|part| text::normal(&part.join(",")))
            .collect();
        while components.last().is_some_and(String::is_empty) {
            components.pop();
        }
        components
    }

    /// How many octets a picture, sound or key inside of the card has. `None` for everything else,
    /// also for one that cannot be decoded and for one that lies elsewhere.
    pub fn octets(&self) -> Option<usize> {
        match &self.content {
            Content::Media(media) => Some(media.bytes.len()),
            _ => None,
        }
    }

    /// This field as the first line of its name. Itself where values of the name are a set.
    pub fn as_first_line(&self) -> Field {
        self.at(String::new())
    }

    /// This field as one more line of its name, after the first. Itself where values of the name
    /// are a set.
    pub fn as_further_line(&self) -> Field {
        // No normal value is a blank, so an empty further line has a key of its own.
        let value = Some(self.value.as_str()).filter(|value| !value.is_empty());
        self.at(value.unwrap_or(" ").to_owned())
    }

    fn at(&self, key_value: String) -> Field {
        let mut field = self.clone();
        if !names::is_set(self.name()) && !names::is_entry(self.name()) {
            field.key.value = key_value;
        }
        field
    }

    /// Whether two entries are one: neither text nor a parameter differs.
    pub(super) fn says_the_same_entry(&self, other: &Field) -> bool {
        self.value == other.value && self.same_params(other)
    }

    /// This entry under a key of its own among others of its ID.
    pub(super) fn with_key_of_content(&self) -> Field {
        let mut said = self.value.clone();
        for (name, value) in &self.params {
            said.push_str(&format!("\n{name}={}", text::normal(value).to_lowercase()));
        }
        let mut field = self.clone();
        let mark = super::digest(said.as_bytes(), super::WHOLE);
        field.key.value.push('-');
        field.key.value.push_str(&mark[..8]);
        field
    }

    /// This field, standing on further lines too, whose attributes join.
    pub fn joined(mut self, other: Field) -> Field {
        if self != other {
            self.source = None;
        }
        self.types.extend(other.types);
        self.pref = self.pref.into_iter().chain(other.pref).min();
        self.label = self.label.or(other.label);
        for (name, value) in other.params {
            self.params.entry(name).or_insert(value);
        }
        self
    }

    /// Whether types, preference, label and parameters are the same.
    pub(super) fn same_attributes(&self, other: &Field) -> bool {
        self.types == other.types
            && self.pref == other.pref
            && self.label == other.label
            && self.same_params(other)
    }

    fn same_params(&self, other: &Field) -> bool {
        self.params.len() == other.params.len()
            && self.params.iter().zip(&other.params).all(
                |((name, value), (other_name, other_value))| {
                    name == other_name
                        && text::normal(value).to_lowercase()
                            == text::normal(other_value).to_lowercase()
                },
            )
    }
}

impl PartialEq for Field {
    fn eq(&self, other: &Field) -> bool {
        self.key == other.key && self.value == other.value && self.same_attributes(other)
    }
}

impl Eq for Field {}

impl fmt::Debug for Field {
    /// Name, value and attributes, cut short: a picture or a note may be megabytes long.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: String = self.value.chars().take(60).collect();
        write!(f, "{}", self.key.name)?;
        for kind in &self.types {
            write!(f, ";{kind}")?;
        }
        if let Some(pref) = self.pref {
            write!(f, ";PREF={pref}")?;
        }
        for (name, value) in &self.params {
            write!(f, ";{name}={value:.40}")?;
        }
        write!(f, ":{shown}")?;
        match &self.label {
            Some(label) => write!(f, " ({label})"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_the_lists_that_nobody_changed() {
        let name = Field::new("N", "Doe;John;Philip,Paul");
        let changed = name.with_parts(vec!["Roe".into(), "John".into(), "Philip,Paul".into()]);
        assert_eq!(changed.value(), "Roe;John;Philip,Paul");
        assert_eq!(changed.text(), "John Philip,Paul Roe");
        assert_eq!(Field::new("FN", "x").parts(), None);
    }

    #[test]
    fn a_further_line_has_a_key_of_its_own_unless_values_are_a_set() {
        let title = Field::new("TITLE", "x");
        assert_eq!(title.as_further_line().key().value, "x");
        assert_eq!(title.as_further_line().as_first_line(), title);
        assert_eq!(Field::new("TITLE", "").as_further_line().key().value, " ");
        let number = Field::new("TEL", "1");
        assert_eq!(number.as_further_line(), number.as_first_line());
    }

    #[test]
    fn components_and_octets_are_told() {
        assert_eq!(
            Field::new("ADR", ";;S 1;T;;;").components(),
            ["", "", "S 1", "T"]
        );
        assert!(Field::new("NOTE", "a;b").components().is_empty());
        let photo = Field::new("PHOTO", "data:image/jpeg;base64,/9j/4A==");
        assert_eq!(photo.octets(), Some(4));
        assert_eq!(Field::new("PHOTO", "http://x/y.png").octets(), None);
    }

    #[test]
    fn an_entry_is_known_by_its_id() {
        let log = Field::new("X-CARDWEAVE-LOG", "call").with_param("id", Some("7".into()));
        assert_eq!(log.key().value, "7");
        assert_eq!(Field::new("X-CARDWEAVE-LOG", "call").key().value, "call");
    }

    #[test]
    fn attributes_are_part_of_the_meaning_but_their_case_is_not() {
        let work = Field::new("TEL", "1").with_types(["work".into()].into());
        assert_eq!(
            work,
            Field::new("TEL", "1").with_types(["WORK".into()].into())
        );
        assert_ne!(work, Field::new("TEL", "1"));
        assert_ne!(work, work.with_pref(Some(1)));
        assert_ne!(work, work.with_label(Some("x".into())));
    }
}
