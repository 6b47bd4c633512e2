//! What a card is: its bytes, its lines, and its fields by meaning. Knows nothing of the rest.
//!
//! Three layers, each built on the one before and none of them lossy:
//!
//! * the **bytes**, which are the truth and travel unchanged;
//! * the **lines**, the content lines of RFC 6350 section 3.3 with their exact byte ranges;
//! * the **fields**, what the lines mean, whatever version, spelling, order or charset they use.
//!
//! Edits go the other way: a [`Change`] names a field, and only the lines of that field are
//! written anew; every other byte stays.

mod content;
mod dates;
mod digest;
mod edit;
mod envelope;
mod field;
mod lines;
mod media;
mod names;
mod property;
mod second_opinion;
mod sheet;
mod text;
mod version;
mod write;

#[cfg(test)]
mod laws;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use digest::{WHOLE, digest};
pub use field::Field;
pub use second_opinion::{authored, second_opinion};

use content::Content;
use lines::{LineKind, Lines};
use property::Property;
use sheet::Sheet;

/// One vCard: bytes in, the same bytes out. Cheap to clone.
#[derive(Clone)]
pub struct Card {
    bytes: Arc<[u8]>,
    version: Version,
}

/// The version a card declares. A card that declares none, or one we do not know, is read as 3.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Version {
    V2_1,
    V3_0,
    V4_0,
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

/// Why some bytes are no card: empty, torn, a web page. Such bytes are never written anywhere and
/// never count as a deletion.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct NotACard {
    /// 1-based physical line.
    pub line: usize,
    pub reason: String,
}

/// A line that is carried as it is because nobody understands it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oddity {
    /// 1-based physical line.
    pub line: usize,
    pub reason: String,
}

/// What makes two field values of two cards "the same field".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FieldKey {
    /// Version-neutral property name in capitals: `ANNIVERSARY` also for `X-ANNIVERSARY`.
    pub name: String,
    /// The normalised value: E.164-like digits of a number, a lower-case mail address, the hash of
    /// an image, the `ID` of an entry such as `X-CARDWEAVE-LOG` (and what it says, where a card has
    /// several of one ID). Empty for the first line of a property that a card has once.
    pub value: String,
}

/// One edit of a card.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A field that is there already gets these attributes.
    Add(Field),
    Remove(FieldKey),
    /// In place: the line keeps its position and its group.
    Replace(FieldKey, Field),
}

/// What a card is called that has nothing to be called by.
const NO_NAME: &str = "(no name)";

/// A logical line longer than this is carried, but told: programs are known to choke on it.
const LONG_LINE_OCTETS: usize = 64 * 1024;

impl Card {
    /// Reads exactly one card of vCard 2.1, 3.0 or 4.0, as leniently as nothing gets lost.
    ///
    /// # Errors
    /// Bytes that are no whole single card: empty, torn (no `END:VCARD`), a web page, several
    /// cards, above 20 MB, cards nested deeper than 32.
    pub fn parse(bytes: &[u8]) -> Result<Card, NotACard> {
        envelope::parse(bytes)
    }

    /// Reads every card of a text. A bad card is one error in its place and spoils no other.
    /// Never empty.
    pub fn parse_all(bytes: &[u8]) -> Vec<Result<Card, NotACard>> {
        envelope::parse_all(bytes)
    }

    /// Wraps bytes that are known to be one card.
    fn of(bytes: &[u8]) -> Card {
        let mut card = Card {
            bytes: bytes.into(),
            version: Version::V3_0,
        };
        if let Some(version) = card.first("VERSION") {
            card.version = match version.raw_value().trim_ascii() {
                b"2.1" => Version::V2_1,
                b"4.0" => Version::V4_0,
                _ => Version::V3_0,
            };
        }
        card
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of the bytes, in hex.
    pub fn hash(&self) -> String {
        digest(&self.bytes, WHOLE)
    }

    pub fn version(&self) -> Version {
        self.version
    }

    /// The UID in its own case, without blanks around it and without `urn:uuid:`. `None` also for
    /// an empty one.
    pub fn uid(&self) -> Option<String> {
        let property = self.first("UID")?;
        let (value, _) = text::decode(property.raw_value(), &property.attributes);
        let value = text::normal(&text::unescape(&value, self.version));
        let value = match value.get(..9) {
            Some(scheme) if scheme.eq_ignore_ascii_case("urn:uuid:") => {
                value[9..].trim().to_owned()
            }
            _ => value,
        };
        Some(value).filter(|value| !value.is_empty())
    }

    /// The card with this UID; no other line changes.
    pub fn with_uid(&self, uid: &str) -> Card {
        let lines = Lines::of(&self.bytes);
        let style = write::Style {
            version: self.version,
            eol: lines.eol(),
        };
        let value = text::escape(&text::clean(uid), self.version, text::Place::Alone);
        let line = write::plain("UID", &value, style);
        let sheet = Sheet::of(self);
        let there = sheet
            .entries
            .iter()
            .find(|entry| entry.is_named(|name| name == "UID"));
        // Not the last line: one before it may end in a dangling soft break.
        let first = sheet
            .entries
            .iter()
            .find(|entry| entry.is_named(|name| name == "VERSION"));
        let begin = sheet
            .entries
            .iter()
            .find(|entry| entry.role == sheet::Role::Begin);
        let (from, to) = match (there, first.or(begin)) {
            (Some(there), _) => (there.start, there.end),
            (None, Some(before)) => (before.end, before.end),
            (None, None) => (0, 0),
        };
        Card::of(&[&self.bytes[..from], &line, &self.bytes[to..]].concat())
    }

    /// A name for people: `FN`, else what else the card has, else `(no name)`. Not made safe for
    /// a terminal.
    pub fn name(&self) -> String {
        const CANDIDATES: [&str; 7] = ["FN", "N", "NICKNAME", "ORG", "EMAIL", "TEL", "IMPP"];
        for name in CANDIDATES {
            let Some(property) = self.first(name) else {
                continue;
            };
            let mut attributes = property.attributes.clone();
            let content = Content::read(&property, &mut attributes, self.version);
            let text = content
                .first()
                .map_or(String::new(), |content| content.text(name));
            let text = text::normal(&text).replace('\n', " ");
            if !text.is_empty() {
                return text;
            }
        }
        NO_NAME.to_owned()
    }

    /// When the card says it was last changed (`REV`).
    pub fn revised(&self) -> Option<jiff::Timestamp> {
        let property = self.first("REV")?;
        let (value, _) = text::decode(property.raw_value(), &property.attributes);
        dates::moment(&value.replace('\\', ""))
    }

    /// The lines that are carried as they are because nobody understands them.
    pub fn oddities(&self) -> Vec<Oddity> {
        let mut found = Vec::new();
        for entry in Sheet::of(self).entries {
            let mut odd = |reason: String| {
                found.push(Oddity {
                    line: entry.number,
                    reason,
                })
            };
            let property = match &entry.property {
                Ok(property) => property,
                Err(reason) => {
                    odd((*reason).to_owned());
                    continue;
                }
            };
            let is_binary = property.attributes.encoding == property::Encoding::Base64;
            if !is_binary {
                if let (_, Some(problem)) = text::decode(property.raw_value(), &property.attributes)
                {
                    odd(format!("{}: {problem}", property.name));
                }
            } else if media::Media::from_base64(property.raw_value(), None).is_none() {
                odd(format!("{}: not base64 as declared", property.name));
            }
            if entry
                .logical
                .iter()
                .any(|&byte| byte < b' ' && byte != b'\t' || byte == 0x7F)
            {
                odd(format!("{}: control characters", property.name));
            }
            let may_be_long = names::class(names::canonical(&property.name)) == names::Class::Media;
            if entry.logical.len() > LONG_LINE_OCTETS && !may_be_long {
                odd(format!(
                    "{}: {} octets in one line",
                    property.name,
                    entry.logical.len()
                ));
            }
        }
        found
    }

    /// The fields in card order, no two with the same key. Every line of the card belongs to one,
    /// but `BEGIN`, `END`, `VERSION`, `UID`, `REV`, `PRODID`, `CLIENTPIDMAP` and
    /// `X-RADICALE-NAME`.
    pub fn fields(&self) -> Vec<Field> {
        Sheet::of(self)
            .owned()
            .into_iter()
            .map(|owned| owned.field)
            .collect()
    }

    /// The fields of these names alone, as [`Card::fields`] gives them and in its order.
    ///
    /// Names as [`Field::name`] has them, in capitals. Reads no line that is not needed: a picture
    /// nobody asked for costs nothing but finding its end.
    pub fn fields_named(&self, names: &[&str]) -> Vec<Field> {
        Sheet::of_named(self, names)
            .owned()
            .into_iter()
            .map(|owned| owned.field)
            .filter(|field| names.contains(&field.name()))
            .collect()
    }

    /// The lines that the fields of this name stand on, unfolded, by the key of the field.
    pub fn lines_named(&self, name: &str) -> Vec<(FieldKey, String)> {
        let sheet = Sheet::of_named(self, &[name]);
        let owned = sheet.owned().into_iter();
        let of_name = owned.filter(|owned| owned.field.name() == name);
        let lines = of_name.flat_map(|owned| {
            let key = owned.field.key().clone();
            owned.entries.into_iter().map(move |at| (key.clone(), at))
        });
        lines
            .map(|(key, at)| {
                let line = String::from_utf8_lossy(&sheet.entries[at].logical);
                (key, line.into_owned())
            })
            .collect()
    }

    pub fn field(&self, key: &FieldKey) -> Option<Field> {
        self.fields().into_iter().find(|field| field.key() == key)
    }

    /// Changes the lines of these fields and no other byte. Removing what is not there does
    /// nothing, replacing it adds it.
    pub fn apply(&self, changes: &[Change]) -> Card {
        edit::apply(self, changes)
    }

    /// The whole card in another version; itself, byte for byte, in its own.
    ///
    /// What the other version cannot express is carried there under `X-` names and comes back.
    /// `FN` and `N` are added where the version demands them.
    pub fn in_version(&self, version: Version) -> Card {
        version::convert(self, version)
    }

    /// Whether this is a 4.0 card with a picture, sound or key inside: some servers destroy it.
    pub fn has_inline_media_in_4(&self) -> bool {
        self.version == Version::V4_0
            && Sheet::of(self).entries.iter().any(|entry| {
                entry.property.as_ref().is_ok_and(|property| {
                    names::class(names::canonical(&property.name)) == names::Class::Media
                        && property
                            .raw_value()
                            .get(..5)
                            .is_some_and(|start| start.eq_ignore_ascii_case(b"data:"))
                })
            })
    }

    /// The card as every server wants it: with a UID (this one, where it has none), an `FN`, in
    /// 3.0 and 2.1 an `N`, and a line end after its last line. Itself where all that is there.
    pub fn fit_to_send(&self, uid: &str) -> Card {
        let card = if self.uid().is_none() {
            self.with_uid(uid)
        } else {
            self.clone()
        };
        let card = version::complete(&card);
        if card.bytes.ends_with(b"\n") {
            return card;
        }
        let eol = Lines::of(&card.bytes).eol();
        Card::of(&[&card.bytes, eol].concat())
    }

    /// This card, which came of an edit of `before`, with an `N` that follows `FN` where it was only
    /// made up from that, as [`Card::fit_to_send`] and [`Card::in_version`] do.
    pub fn with_made_up_name(&self, before: &Card) -> Card {
        version::with_made_up_name(before, self)
    }

    /// Whether both cards have the same fields, in whatever order.
    pub fn same_meaning(&self, other: &Card) -> bool {
        if self == other {
            return true;
        }
        let sorted = |card: &Card| {
            let mut fields = card.fields();
            for field in &mut fields {
                // Which of several lines of a name comes first is no meaning.
                if !names::is_entry(field.name()) && !names::is_set(field.name()) {
                    field.key.value = field.value().to_owned();
                }
            }
            fields.sort_by(|one, other| one.key().cmp(other.key()));
            fields
        };
        sorted(self) == sorted(other)
    }

    /// The first line of this name (not canonical) that belongs to the card itself.
    fn first(&self, name: &str) -> Option<Property> {
        let lines = Lines::unread(&self.bytes);
        let mut depth = 0;
        for line in lines.scan() {
            match line.kind {
                LineKind::Begin => depth += 1,
                LineKind::End => depth -= 1,
                LineKind::Content if depth == 1 => {
                    let logical = lines.logical(line);
                    let end = logical
                        .iter()
                        .position(|byte| b":;".contains(byte))
                        .unwrap_or(0);
                    let start = logical[..end]
                        .iter()
                        .position(|&byte| byte == b'.')
                        .map_or(0, |dot| dot + 1);
                    if logical[start..end].eq_ignore_ascii_case(name.as_bytes())
                        && let Ok(property) = Property::read(&logical)
                    {
                        return Some(property);
                    }
                }
                LineKind::Content | LineKind::Blank => {}
            }
        }
        None
    }
}

impl PartialEq for Card {
    fn eq(&self, other: &Card) -> bool {
        Arc::ptr_eq(&self.bytes, &other.bytes) || self.bytes == other.bytes
    }
}

impl Eq for Card {}

impl fmt::Debug for Card {
    /// Name, version and size: a card may hold a photo of megabytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Card({:?}, {}, {} bytes)",
            self.name(),
            self.version.as_str(),
            self.bytes.len()
        )
    }
}

impl Version {
    /// The value of the `VERSION` line.
    pub fn as_str(self) -> &'static str {
        match self {
            Version::V2_1 => "2.1",
            Version::V3_0 => "3.0",
            Version::V4_0 => "4.0",
        }
    }
}
