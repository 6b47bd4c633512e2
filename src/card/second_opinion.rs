//! A strict second reader for the lines that we write ourselves, asked before they leave.

use std::collections::HashSet;

use vcard_parser::traits::{HasName, HasParameters, HasValue};
use vcard_parser::vcard::parameter::Parameter;
use vcard_parser::vcard::property::Property as StrictProperty;

use super::field::Field;
use super::property::Property;
use super::sheet::{Entry, Sheet};
use super::text::{self, Place};
use super::write::{self, Style};
use super::{Card, Oddity, Version};

/// Longer lines are not shown to the strict reader: its cost grows faster than they do.
const MAX_OCTETS: usize = 16 * 1024;
const MAX_PARAMS: usize = 32;

/// Parameters the strict reader knows (RFC 6350 section 5, RFC 6715).
const KNOWN_PARAMS: [&str; 14] = [
    "ALTID",
    "CALSCALE",
    "CC",
    "GEO",
    "INDEX",
    "LABEL",
    "LANGUAGE",
    "LEVEL",
    "MEDIATYPE",
    "PREF",
    "SORT-AS",
    "TYPE",
    "TZ",
    "VALUE",
];

/// Properties it reads rightly. It takes others for one of these by their first letters.
const KNOWN_NAMES: [&str; 30] = [
    "ADR",
    "ANNIVERSARY",
    "BDAY",
    "CALADRURI",
    "CALURI",
    "CATEGORIES",
    "EMAIL",
    "EXPERTISE",
    "FBURL",
    "FN",
    "GENDER",
    "GEO",
    "HOBBY",
    "IMPP",
    "INTEREST",
    "KIND",
    "LANG",
    "MEMBER",
    "N",
    "NICKNAME",
    "NOTE",
    "ORG",
    "RELATED",
    "ROLE",
    "SOURCE",
    "TEL",
    "TITLE",
    "TZ",
    "URL",
    "DEATHDATE",
];

/// Asks the strict reader about every line of `sent` that stands in none of `known`, that is, that
/// we wrote: all of them in vCard 4.0 (RFC 6350), our own `X-CARDWEAVE-` lines in every version.
///
/// # Errors
/// The first line that it would not read back. Such a card is not to be sent.
pub fn second_opinion(sent: &Card, known: &[&Card]) -> Result<(), Oddity> {
    let sheets: Vec<Sheet<'_>> = known.iter().map(|card| Sheet::of(card)).collect();
    let seen: HashSet<&[u8]> = sheets
        .iter()
        .flat_map(|sheet| &sheet.entries)
        .map(|entry| entry.logical.as_ref())
        .collect();
    for entry in &Sheet::of(sent).entries {
        if seen.contains(entry.logical.as_ref()) {
            continue;
        }
        if let Some(reason) = objection(entry, sent.version()) {
            return Err(Oddity {
                line: entry.number,
                reason,
            });
        }
    }
    Ok(())
}

/// A field of ours, after its line was built by the strict library and read back by it, and came out
/// as the text, and with the parameters, that our own writer gives it in a card of 4.0.
///
/// # Errors
/// Why the line is not to be written: it is too long, or would not be read back as it was meant.
pub fn authored(field: &Field) -> Result<Field, Oddity> {
    match flaw(field) {
        None => Ok(field.clone()),
        Some(reason) => Err(Oddity {
            line: 1,
            reason: format!("{}: {reason}", field.name()),
        }),
    }
}

fn flaw(field: &Field) -> Option<&'static str> {
    const NOT_READ_BACK: Option<&str> =
        Some("a strict reader would not read it back as it is meant");
    let style = Style {
        version: Version::V4_0,
        eol: b"\r\n",
    };
    let written = write::field(field, None, style);
    if written.len() > MAX_OCTETS || field.params().len() > MAX_PARAMS {
        return Some("longer than programs are known to read (16 KiB, 32 parameters)");
    }
    let text = field.text();
    let value = text::escape(&text, Version::V4_0, Place::Alone);
    let mut given = Vec::new();
    let mut params = Vec::new();
    for (name, plain) in field.params() {
        // It takes parameters that it does not know as extensions alone.
        let name = format!("X-{}", name.trim_start_matches("X-"));
        let raw = write::param_value(plain);
        let escaped = text::escape(&raw, Version::V4_0, Place::Alone);
        let Ok(param) = Parameter::try_from((name.as_str(), escaped.as_str())) else {
            return NOT_READ_BACK;
        };
        params.push(param);
        given.push((name, raw));
    }
    let built = StrictProperty::create((None, field.name(), params, &value));
    let Ok(built) = built else {
        return NOT_READ_BACK;
    };
    let line = built.to_string();
    let Ok(read) = StrictProperty::try_from(line.as_str()) else {
        return NOT_READ_BACK;
    };
    let params: Vec<(String, String)> = read
        .get_parameters()
        .iter()
        .map(|param| {
            (
                param.name().to_owned(),
                plain(&param.get_value().to_string()),
            )
        })
        .collect();
    let is_the_same = read.name() == field.name()
        && read.to_string() == line
        && params == given
        && plain(&read.get_value().to_string()) == text;
    // What the library built is what our own writer writes, but for the escapes in parameters.
    let ours = Property::read(&unfolded(&written)).ok()?;
    let has_our_value = ours.raw_value() == value.as_bytes()
        && line
            .strip_suffix('\n')
            .is_some_and(|line| line.ends_with(&value));
    let has_our_params = ours.attributes.others == *field.params();
    match is_the_same && has_our_value && has_our_params {
        true => None,
        false => NOT_READ_BACK,
    }
}

/// The text that the strict library has, which takes `\\n` for a line break, as nobody else does:
/// its own escapes are undone one by one.
fn plain(escaped: &str) -> String {
    text::unescape(escaped, Version::V2_1)
}

fn unfolded(line: &[u8]) -> Vec<u8> {
    let lines = super::Lines::of(line);
    let first = lines.list.first();
    first.map_or(Vec::new(), |first| lines.logical(*first).into_owned())
}

fn objection(entry: &Entry, version: Version) -> Option<String> {
    let property = entry.property.as_ref().ok()?;
    let ours = property.name.starts_with("X-CARDWEAVE-");
    if !ours && (version != Version::V4_0 || !is_for_the_strict_reader(property)) {
        return None;
    }
    // Every property may have any parameter (RFC 6350 section 3.3, any-param), which the strict
    // reader grants to unknown ones alone: it refuses a LANGUAGE of N.
    let [line, with_unknown] = [true, false].map(|known| shown_line(entry, property, known));
    let (line, with_unknown) = (line?, with_unknown?);
    let read = StrictProperty::try_from(line.as_str());
    let Ok(read) = read.or_else(|_| StrictProperty::try_from(with_unknown.as_str())) else {
        return Some(format!(
            "{}: a strict reader of RFC 6350 would not take this line",
            property.name
        ));
    };
    let says_something = property
        .raw_value()
        .iter()
        .any(|byte| !b" ,;\\".contains(byte));
    if says_something
        && read
            .get_value()
            .to_string()
            .trim_matches([' ', ',', ';'])
            .is_empty()
    {
        return Some(format!(
            "{}: a strict reader of RFC 6350 would lose the value",
            property.name
        ));
    }
    None
}

fn is_for_the_strict_reader(property: &Property) -> bool {
    property.name.starts_with("X-") || KNOWN_NAMES.contains(&property.name.as_str())
}

/// The line as the strict reader may see it, its parameters as ones that it knows or not, or `None` where it must not see it at all: it is slow
/// on long lines, and some valid values it wrongly refuses. (Its recursion over dots in a name ends
/// the process; a name with more than one dot is no [`Property`] and never gets here.)
fn shown_line(entry: &Entry, property: &Property, known: bool) -> Option<String> {
    let line = std::str::from_utf8(&entry.logical).ok()?;
    let value = std::str::from_utf8(property.raw_value()).ok()?;
    let head = line.strip_suffix(value)?.strip_suffix(':')?;
    let name = head.split(';').next()?;
    let fits = line.len() <= MAX_OCTETS
        && head.matches(';').count() <= MAX_PARAMS
        && !line.contains(['\r', '\n', '\t']);
    // A date with an explicit VALUE, a PID list and quoted-printable are valid and refused.
    let refused_wrongly = head.to_ascii_uppercase().contains(";PID=")
        || property.attributes.encoding != super::property::Encoding::Plain
        || property
            .attributes
            .value_type
            .as_deref()
            .is_some_and(|kind| kind.starts_with("date"));
    if !fits || refused_wrongly {
        return None;
    }
    let attributes = &property.attributes;
    let mut shown = name.to_owned();
    if !attributes.types.is_empty() {
        let types: Vec<&str> = attributes.types.iter().map(String::as_str).collect();
        shown.push_str(&format!(";TYPE=\"{}\"", types.join(",")));
    }
    if let Some(pref) = attributes.pref {
        shown.push_str(&format!(";PREF={pref}"));
    }
    // It compares VALUE with capitals only, and drops the value of the line where they differ.
    if let Some(kind) = &attributes.value_type {
        shown.push_str(&format!(";VALUE={}", kind.to_uppercase()));
    }
    for (name, value) in &attributes.others {
        // Parameters of later RFCs and our own stand there as extensions.
        let is_known = known && KNOWN_PARAMS.contains(&name.as_str());
        let prefix = if is_known || name.starts_with("X-") {
            ""
        } else {
            "X-"
        };
        shown.push_str(&format!(
            ";{prefix}{name}=\"{}\"",
            value.replace(['"', '\n'], " ")
        ));
    }
    Some(format!("{shown}:{value}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::{Change, Field};

    fn card(body: &str) -> Card {
        Card::parse(format!("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:a\r\n{body}END:VCARD\r\n").as_bytes())
            .unwrap()
    }

    #[test]
    fn what_we_write_is_read_back() {
        let plain = card("");
        let fields = [
            Field::new("TEL", "+49 30 1;ext=2")
                .with_types(["WORK".into()].into())
                .with_pref(Some(1)),
            Field::new("EMAIL", "ada@x.org"),
            Field::new("N", "Doe;John"),
            Field::new("N", "Doe;John").with_param("LANGUAGE", Some("de".into())),
            Field::new("NOTE", "a\nb, c; d \\ e"),
            Field::new("BDAY", "1996-04-15"),
            Field::new("URL", "https://x.org/a,b"),
            Field::new("ADR", ";;Street 1;Town;;12345;Land"),
            Field::new("CATEGORIES", "a,b"),
            Field::new("X-CARDWEAVE-TIER", "A"),
            Field::new("ORG", "Foo; Bar"),
            Field::new("RELATED", "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"),
        ];
        for field in fields {
            let sent = plain.apply(&[Change::Add(field.clone())]);
            assert_eq!(second_opinion(&sent, &[&plain]), Ok(()), "{field:?}");
        }
        let mary = card("RELATED;VALUE=text:Mary\r\n");
        assert_eq!(second_opinion(&mary, &[]), Ok(()));
        let log = card("X-CARDWEAVE-LOG;ID=1;DATE=2024-01-01;COST=\"1.50 EUR\":met\r\n");
        assert_eq!(second_opinion(&log, &[]), Ok(()));
    }

    #[test]
    fn a_bad_line_of_ours_is_refused_and_one_of_theirs_is_not() {
        let bad = card("URL:no uri\r\n");
        assert!(second_opinion(&bad, &[]).is_err());
        assert_eq!(second_opinion(&bad, &[&bad]), Ok(()));
    }

    #[test]
    fn the_strict_reader_never_sees_what_ends_it() {
        let chain = card(&format!("{}TEL:1\r\n", "a.".repeat(5000)));
        assert_eq!(second_opinion(&chain, &[]), Ok(()));
    }
}
