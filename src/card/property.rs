//! One logical line to a property: group, name, parameters, and the value still encoded.
//!
//! The one file that names the line parser library. It is given one unfolded line at a time, so
//! none of its own rules about where a line ends matter here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use vcard::tree::line::VcardLine;

use super::lines::colon_of;
use super::names;

/// A content line taken apart (RFC 6350 section 3.3). Names are in capitals.
#[derive(Debug, Clone)]
pub(super) struct Property {
    pub group: Option<String>,
    pub name: String,
    pub attributes: Attributes,
    /// The line from its name on, without the group.
    pub line: Arc<[u8]>,
    /// Where in it the value begins.
    value_at: usize,
}

/// What the parameters say, in one form for all versions.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Attributes {
    /// Capitals; without PREF and the types that say nothing.
    pub types: BTreeSet<String>,
    pub pref: Option<u8>,
    pub encoding: Encoding,
    pub charset: Option<String>,
    /// Small letters.
    pub value_type: Option<String>,
    pub media_type: Option<String>,
    /// All the others, names in capitals.
    pub others: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    #[default]
    Plain,
    QuotedPrintable,
    Base64,
}

impl Property {
    /// # Errors
    /// Why nobody can understand the line; it is to be carried as it is.
    pub fn read(logical: &[u8]) -> Result<Property, &'static str> {
        if let Some(property) = Property::with_plain_head(logical) {
            return Ok(property);
        }
        Property::parsed(logical)
    }

    fn parsed(logical: &[u8]) -> Result<Property, &'static str> {
        // The head is all that is asked for, and values are long.
        let head = match colon_of(logical) {
            Some(colon) if !logical.contains(&b'\n') => &logical[..=colon],
            _ => logical,
        };
        let (line, _) = VcardLine::take(head).map_err(|error| match error {
            vcard::tree::error::VcardParseError::NonUtf8Header(_) => {
                "name or parameter is not UTF-8"
            }
            _ => "no colon",
        })?;
        let head_len = line
            .params
            .iter()
            .fold(line.name.get().len(), |len, param| {
                len + 1 + param.to_string().len()
            });
        if logical.get(head_len) != Some(&b':') {
            return Err("name and parameters cannot be told apart");
        }
        let name = line.bare_name().to_ascii_uppercase();
        if !is_name(&name) {
            return Err("not a property name");
        }
        let group_len = line.group().map_or(0, |group| group.len() + 1);
        let mut attributes = Attributes::default();
        for param in &line.params {
            let param_name = param.name.get().trim();
            if !param.values.is_empty() && !is_name(param_name) {
                return Err("not a parameter name");
            }
            let values: Vec<String> = param
                .values
                .iter()
                .map(|value| decode(value.get()))
                .collect();
            let param_name = param_name.to_ascii_uppercase();
            match values.is_empty() {
                true => attributes.take_bare(&param_name),
                false => attributes.take_value(&param_name, values.join(",")),
            }
        }
        Ok(Property {
            group: line
                .group()
                .filter(|group| !group.is_empty())
                .map(str::to_owned),
            name,
            attributes,
            line: logical[group_len..].into(),
            value_at: head_len + 1 - group_len,
        })
    }

    /// Reads a line whose head has no quotes, blanks, escapes or errors, which nearly all have, as
    /// the parser would. `None` for any other.
    fn with_plain_head(logical: &[u8]) -> Option<Property> {
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.;=,/+".contains(byte);
        let colon = logical.iter().position(|byte| !is_plain(byte))?;
        if logical[colon] != b':' || logical.contains(&b'\n') {
            return None;
        }
        let head = std::str::from_utf8(&logical[..colon]).ok()?;
        let mut pieces = head.split(';');
        let full_name = pieces.next()?;
        let (group, name) = match full_name.split_once('.') {
            Some((group, name)) => (Some(group), name),
            None => (None, full_name),
        };
        if !is_name(name) {
            return None;
        }
        let mut attributes = Attributes::default();
        for piece in pieces {
            match piece.split_once('=') {
                Some((name, value)) if is_name(name) && !value.is_empty() => {
                    attributes.take_value(&name.to_ascii_uppercase(), value.to_owned());
                }
                Some(_) => return None,
                None => attributes.take_bare(&piece.to_ascii_uppercase()),
            }
        }
        let group_len = group.map_or(0, |group| group.len() + 1);
        Some(Property {
            group: group.filter(|group| !group.is_empty()).map(str::to_owned),
            name: name.to_ascii_uppercase(),
            attributes,
            line: logical[group_len..].into(),
            value_at: colon + 1 - group_len,
        })
    }

    /// The bytes behind the colon: encoded, escaped, in whatever charset.
    pub fn raw_value(&self) -> &[u8] {
        &self.line[self.value_at..]
    }
}

impl Attributes {
    fn take_value(&mut self, name: &str, value: String) {
        match name {
            "TYPE" => value.split(',').for_each(|text| self.take_type(text)),
            "PREF" | "X-PREF" => self.pref = value.trim().parse().ok().or(self.pref),
            "ENCODING" => match value.to_ascii_uppercase().as_str() {
                "QUOTED-PRINTABLE" => self.encoding = Encoding::QuotedPrintable,
                "B" | "BASE64" => self.encoding = Encoding::Base64,
                _ => {}
            },
            "CHARSET" => self.charset = Some(value),
            "VALUE" => self.value_type = Some(value.to_ascii_lowercase()),
            "MEDIATYPE" => self.media_type = Some(value),
            "PID" => {}
            _ => {
                self.others
                    .entry(name.to_owned())
                    .and_modify(|there| {
                        there.push(',');
                        there.push_str(&value);
                    })
                    .or_insert(value);
            }
        }
    }

    /// A parameter without a name: the way of vCard 2.1, seen in all versions.
    fn take_bare(&mut self, token: &str) {
        match token {
            "" | "7BIT" | "8BIT" => {}
            "QUOTED-PRINTABLE" => self.encoding = Encoding::QuotedPrintable,
            "BASE64" => self.encoding = Encoding::Base64,
            "URL" | "URI" | "CID" | "CONTENT-ID" | "INLINE" => {
                self.value_type = Some(token.to_ascii_lowercase());
            }
            _ => token.split(',').for_each(|text| self.take_type(text)),
        }
    }

    fn take_type(&mut self, text: &str) {
        let kind = text.trim().to_uppercase();
        match kind.as_str() {
            "PREF" => self.pref = self.pref.or(Some(1)),
            _ if kind.is_empty() || names::says_nothing(&kind) => {}
            _ => {
                self.types.insert(kind);
            }
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// Takes the quotes off a parameter value and undoes RFC 6868.
fn decode(raw: &str) -> String {
    let raw = raw.trim();
    let inner = raw.strip_prefix('"').unwrap_or(raw);
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars().peekable();
    while let Some(char) = chars.next() {
        let meant = match (char, chars.peek()) {
            ('^', Some('n' | 'N')) => '\n',
            ('^', Some('\'')) => '"',
            ('^', Some('^')) => '^',
            _ => {
                text.push(char);
                continue;
            }
        };
        text.push(meant);
        chars.next();
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the parser makes of the line, as if no head were plain.
    fn told(property: &Property) -> String {
        format!("{property:?}")
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_plain_head_is_read_as_the_parser_reads_it(
            head in "([a-z1.-]{0,4}\\.)?[A-Zx.-]{1,5}(;(TYPE=|PREF=|X-A=|[a-z-]{0,3}=?)[a-z0-9,./+=-]{0,6}){0,3}",
            value in "[ -~]{0,9}",
        ) {
            let line = format!("{head}:{value}");
            if let Some(property) = Property::with_plain_head(line.as_bytes()) {
                let parsed = Property::parsed(line.as_bytes());
                prop_assert_eq!(Ok(told(&property)), parsed.map(|property| told(&property)));
            }
        }
    }

    fn types(line: &str) -> Vec<String> {
        Property::read(line.as_bytes())
            .unwrap()
            .attributes
            .types
            .into_iter()
            .collect()
    }

    #[test]
    fn types_are_one_set_however_they_are_written() {
        for line in [
            "TEL;TYPE=cell,work:1",
            "TEL;type=CELL;TYPE=Work;TYPE=VOICE:1",
            "TEL;CELL;WORK:1",
            "TEL;TYPE=\"cell,work\":1",
        ] {
            assert_eq!(types(line), ["CELL", "WORK"], "{line}");
        }
    }

    #[test]
    fn group_name_and_value_are_told_apart() {
        let property = Property::read(b"item1.tel;X=\"a:b;c\":1:2").unwrap();
        assert_eq!(property.group.as_deref(), Some("item1"));
        assert_eq!(property.name, "TEL");
        assert_eq!(property.raw_value(), b"1:2");
        assert_eq!(*property.line, *b"tel;X=\"a:b;c\":1:2");
        assert_eq!(property.attributes.others["X"], "a:b;c");
    }

    #[test]
    fn caret_escapes_of_parameters_are_undone() {
        let property = Property::read(b"ADR;LABEL=\"a^nb ^'c^' ^^ ^x\":;;").unwrap();
        assert_eq!(property.attributes.others["LABEL"], "a\nb \"c\" ^ ^x");
    }

    #[test]
    fn what_nobody_understands_is_said() {
        assert_eq!(Property::read(b"just text").err(), Some("no colon"));
        assert_eq!(Property::read(b":x").err(), Some("not a property name"));
        assert!(Property::read(b"TEL;B\xFCro:1").is_err());
    }

    #[test]
    fn preference_is_one_thing_in_all_versions() {
        for line in ["TEL;PREF:1", "TEL;TYPE=PREF:1", "TEL;PREF=1:1"] {
            assert_eq!(
                Property::read(line.as_bytes()).unwrap().attributes.pref,
                Some(1),
                "{line}"
            );
        }
    }
}
