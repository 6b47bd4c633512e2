//! A strict second reader for the lines that we write ourselves, asked before they leave.

use std::collections::HashSet;

use vcard_parser::traits::HasValue;
use vcard_parser::vcard::property::Property as StrictProperty;

use super::property::Property;
use super::sheet::{Entry, Sheet};
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
