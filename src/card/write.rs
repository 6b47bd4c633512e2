//! Fields to lines: escaped, encoded and folded the way the card's version wants it.

use std::borrow::Cow;

use super::content::Content;
use super::field::Field;
use super::lines::colon_of;
use super::names::{self, Class};
use super::text::{self, Place};
use super::{Card, Version, dates};

/// How a card writes its lines.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub version: Version,
    pub eol: &'static [u8],
}

/// RFC 6350 section 3.2: octets of a physical line without its line end.
const LINE_OCTETS: usize = 75;

/// A line about to be written.
struct Draft<'a> {
    name: Cow<'a, str>,
    params: Vec<(&'a str, String)>,
    value: String,
    base64: bool,
}

/// Writes the line of a field, with its line end, and the line of its printed address in versions
/// that want one. Its companions are [`companions`].
pub(super) fn field(field: &Field, group: Option<&str>, style: Style) -> Vec<u8> {
    let mut bytes = match (&field.content, &field.source) {
        (Content::Odd(line), _) => fold(line.trim_ascii_start(), style),
        (_, Some(source)) if source.version == style.version => grouped(group, &source.line, style),
        (Content::Text(card), _) if field.name() == "AGENT" && is_nested(card, style) => {
            let card = card.replace('\n', &String::from_utf8_lossy(style.eol));
            [b"AGENT:", style.eol, card.as_bytes(), style.eol].concat()
        }
        _ => grouped(
            group,
            &assemble(draft(field, style.version), style.version),
            style,
        ),
    };
    if let (Some(printed), false) = (field.params().get("LABEL"), style.version == Version::V4_0)
        && field.name() == "ADR"
    {
        let line = Draft {
            name: "LABEL".into(),
            params: types(field, style.version),
            value: text::escape(&text::clean(printed), style.version, Place::Alone),
            base64: false,
        };
        bytes.extend(grouped(group, &assemble(line, style.version), style));
    }
    bytes
}

/// Writes what a group says about its lines: the label and the like.
pub(super) fn companions(field: &Field, group: &str, style: Style) -> Vec<u8> {
    let label = field.label().map(|label| ("X-ABLabel", label));
    let others = field
        .params()
        .iter()
        .filter(|(name, _)| names::is_companion(name));
    let mut bytes = Vec::new();
    for (name, value) in label
        .into_iter()
        .chain(others.map(|(name, value)| (name.as_str(), value.as_str())))
    {
        let value = text::escape(&text::clean(value), style.version, Place::Alone);
        let line = Draft {
            name: name.into(),
            params: Vec::new(),
            value,
            base64: false,
        };
        bytes.extend(grouped(Some(group), &assemble(line, style.version), style));
    }
    bytes
}

/// Whether a field needs a group to say all it has to say.
pub(super) fn needs_group(field: &Field) -> bool {
    field.label().is_some() || field.params().keys().any(|name| names::is_companion(name))
}

/// Writes one line of items that have their attributes in common.
pub(super) fn items(fields: &[&Field], group: Option<&str>, style: Style) -> Vec<u8> {
    let Some(first) = fields.first() else {
        return Vec::new();
    };
    let items: Vec<String> = fields
        .iter()
        .map(|item| text::escape(&item.text(), style.version, Place::Item))
        .collect();
    let line = Draft {
        value: items.join(","),
        ..draft(first, style.version)
    };
    grouped(group, &assemble(line, style.version), style)
}

/// Writes a line of the card itself (`UID`, `VERSION`), the value being escaped already.
pub(super) fn plain(name: &str, value: &str, style: Style) -> Vec<u8> {
    let line = Draft {
        name: name.into(),
        params: Vec::new(),
        value: text::clean(value),
        base64: false,
    };
    fold(&assemble(line, style.version), style)
}

fn is_nested(card: &str, style: Style) -> bool {
    style.version == Version::V2_1 && Card::parse(card.as_bytes()).is_ok()
}

fn grouped(group: Option<&str>, line: &[u8], style: Style) -> Vec<u8> {
    match group {
        Some(group) => fold(&[group.as_bytes(), b".", line].concat(), style),
        None => fold(line, style),
    }
}

fn draft(field: &Field, version: Version) -> Draft<'_> {
    let old = version != Version::V4_0;
    let name = field.name();
    let class = names::class(name);
    let mut line = Draft {
        name: names::spelled(name, version),
        params: types(field, version),
        value: String::new(),
        base64: false,
    };
    if let Some(pref) = field.pref() {
        match (version, pref) {
            (Version::V4_0, _) => line.params.push(("PREF", pref.to_string())),
            (Version::V3_0, 1) => line.params.push(("TYPE", "PREF".to_owned())),
            (Version::V2_1, 1) => line.params.push(("", "PREF".to_owned())),
            // An order among the preferred is beyond the old versions; it is carried.
            (Version::V2_1 | Version::V3_0, _) => line.params.push(("X-PREF", pref.to_string())),
        }
    }
    for (param, value) in field.params() {
        let elsewhere = names::is_companion(param) || old && name == "ADR" && param == "LABEL";
        if !elsewhere {
            line.params.push((param, value.clone()));
        }
    }
    line.value = match &field.content {
        Content::Text(_) if class == Class::Number => {
            text::escape(&field.text(), version, Place::Alone)
        }
        Content::Text(_) if class == Class::Geo => place(field.value(), version),
        Content::Text(_) if class == Class::Zone => zone(field.value(), version),
        Content::Text(written) => {
            if matches!(class, Class::Uri | Class::Media | Class::Date) {
                line.params.push(("VALUE", "text".to_owned()));
            }
            if class == Class::Date && old && name == "BDAY" {
                line.name = "X-BDAY".into();
            }
            let place = if class == Class::Items {
                Place::Item
            } else {
                Place::Alone
            };
            text::escape(written, version, place)
        }
        Content::Uri(uri) => {
            if class == Class::Media && old {
                let kind = if version == Version::V2_1 {
                    "URL"
                } else {
                    "uri"
                };
                line.params.push(("VALUE", kind.to_owned()));
            }
            uri.clone()
        }
        Content::Date(date) => {
            let (value, plain) = match dates::spell(date, version) {
                dates::Spelled::Plain(value) => (value, true),
                dates::Spelled::WithoutYear(value) => {
                    line.params
                        .push(("X-APPLE-OMIT-YEAR", dates::APPLE_NO_YEAR.to_owned()));
                    (value, true)
                }
                dates::Spelled::Inexpressible => (date.clone(), false),
            };
            // Servers refuse a second birthday, and one they cannot read.
            if old && name == "BDAY" && (!plain || !field.key.value.is_empty()) {
                line.name = "X-BDAY".into();
            }
            value
        }
        Content::Media(media) if old => {
            if let Some(kind) = media.type_name() {
                line.params.push(("TYPE", kind));
            }
            let encoding = if version == Version::V2_1 {
                "BASE64"
            } else {
                "b"
            };
            line.params.push(("ENCODING", encoding.to_owned()));
            line.base64 = true;
            media.base64()
        }
        Content::Media(media) => media.data_uri(),
        Content::Parts(parts) => {
            let escaped = |part: &Vec<String>| {
                let values: Vec<String> = part
                    .iter()
                    .map(|value| text::escape(value, version, Place::Component))
                    .collect();
                values.join(",")
            };
            let mut parts: Vec<String> = parts.iter().map(escaped).collect();
            let wanted = match name {
                "N" => 5,
                "ADR" => 7,
                _ => 1,
            };
            parts.resize(parts.len().max(wanted), String::new());
            parts.join(";")
        }
        Content::Opaque(escaped) => {
            if let Some(kind) = &field.value_type {
                line.params.push(("VALUE", kind.clone()));
            }
            if version == Version::V2_1 {
                escaped.clone()
            } else {
                escaped.replace('\n', "\\n")
            }
        }
        Content::Odd(line) => String::from_utf8_lossy(line).into_owned(),
    };
    line
}

fn types<'a>(field: &Field, version: Version) -> Vec<(&'a str, String)> {
    /// What vCard 2.1 writes without `TYPE=`.
    const BARE: [&str; 14] = [
        "BBS", "CAR", "CELL", "DOM", "FAX", "HOME", "INTL", "ISDN", "MODEM", "MSG", "PAGER",
        "PARCEL", "POSTAL", "WORK",
    ];
    if version == Version::V2_1 {
        let param = |kind: &String| {
            (
                if BARE.contains(&kind.as_str()) {
                    ""
                } else {
                    "TYPE"
                },
                kind.clone(),
            )
        };
        return field.types().iter().map(param).collect();
    }
    field
        .types()
        .iter()
        .map(|kind| ("TYPE", kind.clone()))
        .collect()
}

fn place(normal: &str, version: Version) -> String {
    match normal.split_once(',') {
        Some((latitude, longitude)) if version != Version::V4_0 => {
            format!("{latitude};{longitude}")
        }
        Some(_) => format!("geo:{normal}"),
        None => text::escape(normal, version, Place::Alone),
    }
}

fn zone(normal: &str, version: Version) -> String {
    let is_offset = normal.len() == 5
        && normal.starts_with(['+', '-'])
        && normal[1..].bytes().all(|byte| byte.is_ascii_digit());
    match is_offset && version != Version::V4_0 {
        true => format!("{}:{}", &normal[..3], &normal[3..]),
        false => text::escape(normal, version, Place::Alone),
    }
}

/// Puts a line together. In vCard 2.1 a value that is not plain ASCII goes quoted-printable.
fn assemble(line: Draft<'_>, version: Version) -> Vec<u8> {
    let mut head = line.name.into_owned();
    let mut types = Vec::new();
    for (name, value) in &line.params {
        match *name {
            "" => head.extend([";", value]),
            "TYPE" => types.push(param_value(value)),
            _ => head.extend([";", name, "=", &param_value(value)]),
        }
    }
    if !types.is_empty() {
        match version {
            Version::V2_1 => types.iter().for_each(|kind| head.extend([";TYPE=", kind])),
            Version::V3_0 | Version::V4_0 => head.extend([";TYPE=", &types.join(",")]),
        }
    }
    let encoded = version == Version::V2_1
        && !line.base64
        && (!line.value.is_ascii() || line.value.contains('\n') || line.value.ends_with('='));
    if encoded {
        let value = quoted_printable(&line.value);
        return format!("{head};CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:{value}").into_bytes();
    }
    // Whatever the value is, it makes one line.
    format!("{head}:{}", line.value.replace(['\r', '\n'], " ")).into_bytes()
}

/// Quotes a parameter value where it must be, with the escapes of RFC 6868.
pub(super) fn param_value(value: &str) -> String {
    let clean = text::clean(value).replace('\t', " ");
    let encoded = clean
        .replace('^', "^^")
        .replace('\n', "^n")
        .replace('"', "^'");
    let plain =
        encoded.trim() == encoded && !encoded.is_empty() && !encoded.contains([';', ':', ',', '=']);
    if plain {
        encoded
    } else {
        format!("\"{encoded}\"")
    }
}

/// Encodes a text in UTF-8 quoted-printable (RFC 2045 section 6.7), in one line.
fn quoted_printable(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 2);
    for &byte in text.replace('\n', "\r\n").as_bytes() {
        match byte {
            // After a soft break this would look like the beginning or the end of a card.
            b':' if ends_with_ignoring_case(&encoded, &["BEGIN", "END"]) => encoded.push_str("=3A"),
            b' '..=b'~' if byte != b'=' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("={byte:02X}")),
        }
    }
    // A blank at the end of a line is lost on the way (RFC 2045, rule 3).
    if encoded.ends_with(' ') {
        encoded.truncate(encoded.len() - 1);
        encoded.push_str("=20");
    }
    encoded
}

fn ends_with_ignoring_case(text: &str, words: &[&str]) -> bool {
    let ends_with = |word: &str| {
        let start = text.len().checked_sub(word.len());
        let end = start.and_then(|start| text.get(start..));
        end.is_some_and(|end| end.eq_ignore_ascii_case(word))
    };
    words.iter().any(|word| ends_with(word))
}

/// Folds a line the way of the version and gives it its line end.
fn fold(line: &[u8], style: Style) -> Vec<u8> {
    let head = &line[..colon_of(line).unwrap_or(line.len())];
    let says = |what: &str| {
        head.split(|&byte| byte == b';' || byte == b'=')
            .any(|token| token.eq_ignore_ascii_case(what.as_bytes()))
    };
    if says("QUOTED-PRINTABLE") {
        return soft_break(line, head.len(), style);
    }
    let base64_block = style.version == Version::V2_1 && says("BASE64");
    if style.version == Version::V2_1 && !base64_block {
        // Folds of vCard 2.1 keep their white space for some readers and lose it for others.
        return [line, style.eol].concat();
    }
    let mut folded = Vec::with_capacity(line.len() + line.len() / 30 + 2);
    let mut rest = line;
    let mut room = LINE_OCTETS;
    while rest.len() > room {
        let mut at = room;
        // Never inside a UTF-8 character; bytes that are none may be cut anywhere.
        while at > room - 4 && rest[at] & 0b1100_0000 == 0b1000_0000 {
            at -= 1;
        }
        folded.extend_from_slice(&rest[..at]);
        folded.extend_from_slice(style.eol);
        folded.push(b' ');
        rest = &rest[at..];
        room = LINE_OCTETS - 1;
    }
    folded.extend_from_slice(rest);
    folded.extend_from_slice(style.eol);
    if base64_block {
        folded.extend_from_slice(style.eol);
    }
    folded
}

/// Breaks a quoted-printable line with `=`, never inside of an encoded octet.
fn soft_break(line: &[u8], head_octets: usize, style: Style) -> Vec<u8> {
    let mut end = line.len();
    // A dangling soft break would take the next line with it.
    while end > head_octets + 1 && line[end - 1] == b'=' {
        end -= 1;
    }
    let line = &line[..end];
    let mut broken = Vec::with_capacity(line.len() + line.len() / 20 + 2);
    let mut octets = 0;
    for (at, &byte) in line.iter().enumerate() {
        let unit = if byte == b'=' { 3 } else { 1 };
        let inside_unit = at > 0 && line[at - 1] == b'=' || at > 1 && line[at - 2] == b'=';
        let inside_character = byte & 0b1100_0000 == 0b1000_0000;
        if at > head_octets + 1 && octets + unit > LINE_OCTETS && !inside_unit && !inside_character
        {
            broken.push(b'=');
            broken.extend_from_slice(style.eol);
            octets = 0;
        }
        broken.push(byte);
        octets += 1;
    }
    broken.extend_from_slice(style.eol);
    broken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_never_looks_like_the_beginning_or_the_end_of_a_card() {
        let text = "BEGIN:VCARD\r\nVERSION:2.1\r\nFN:a\r\nEND:VCARD\r\n";
        let card = Card::parse(text.as_bytes()).unwrap();
        for word in ["BEGIN:VCARD", "End:vcard"] {
            // Somewhere among these a soft break comes right before the word.
            for blanks in 0..80 {
                let said = format!("ü{}{word}", "x".repeat(blanks));
                let written = card.apply(&[crate::card::Change::Add(Field::new("NOTE", &said))]);
                let read = Card::parse(written.bytes()).unwrap();
                assert_eq!(read.fields_named(&["NOTE"])[0].text(), said);
            }
        }
    }

    fn written(name: &str, text: &str, version: Version) -> String {
        let style = Style {
            version,
            eol: b"\r\n",
        };
        String::from_utf8(field(&Field::new(name, text), None, style)).unwrap()
    }

    #[test]
    fn no_value_makes_a_second_line() {
        use crate::card::lines::Lines;
        for version in [Version::V2_1, Version::V3_0, Version::V4_0] {
            let style = Style {
                version,
                eol: b"\r\n",
            };
            let hostile = "a\r\nTEL:666\rEMAIL:x\u{0B}\u{85}=";
            for name in [
                "NOTE",
                "URL",
                "X-FOO",
                "N",
                "CATEGORIES",
                "TZ",
                "GEO",
                "BDAY",
                "PHOTO",
                "TEL",
            ] {
                let typed = Field::new(name, hostile).with_types([hostile.into()].into());
                let text = written(name, hostile, version);
                assert_eq!(Lines::of(text.as_bytes()).list.len(), 1, "{text}");
                let text = field(&typed.with_param("X-P", Some(hostile.into())), None, style);
                assert_eq!(
                    Lines::of(&text).list.len(),
                    1,
                    "{}",
                    String::from_utf8_lossy(&text)
                );
            }
            let label = Field::new("TEL", "1").with_label(Some(hostile.into()));
            assert_eq!(Lines::of(&companions(&label, "item1", style)).list.len(), 1);
        }
    }

    #[test]
    fn long_lines_are_folded_at_characters() {
        let folded = written("NOTE", &format!("x{}", "ü".repeat(100)), Version::V4_0);
        for line in folded.trim_end().split("\r\n") {
            assert!(line.len() <= LINE_OCTETS, "{line}");
        }
        assert_eq!(
            folded.replace("\r\n ", ""),
            format!("NOTE:x{}\r\n", "ü".repeat(100))
        );
    }

    #[test]
    fn vcard_2_1_writes_other_alphabets_quoted_printable_with_soft_breaks() {
        let line = written("NOTE", &"ü\n".repeat(30), Version::V2_1);
        assert!(line.starts_with("NOTE;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=BC=0D=0A"));
        assert!(line.contains("=\r\n"));
        assert_eq!(written("N", "a;b", Version::V2_1), "N:a;b;;;\r\n");
    }
}
