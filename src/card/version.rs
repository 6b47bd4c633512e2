//! A whole card in another version, with nothing lost on the way there and back.

use std::collections::{BTreeMap, HashSet};

use super::field::Field;
use super::names;
use super::sheet::{Role, Sheet};
use super::write::{self, Style};
use super::{Card, NO_NAME, Version, dates, text};

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
                let (value, _) = text::decode(property.raw_value(), &property.attributes);
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
        // A label may come from another line that says the same as this one.
        let fresh = (property.group.is_none() && write::needs_group(&fields[0]))
            .then(|| fresh_group(&sheet, at));
        let group = property.group.as_deref().or(fresh.as_deref());
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

/// A group that no line has, another one for each entry.
fn fresh_group(sheet: &Sheet<'_>, at: usize) -> String {
    let mut number = sheet.entries.len() + at;
    let is_taken = |group: &str| {
        sheet
            .entries
            .iter()
            .any(|entry| entry.group().as_deref() == Some(group))
    };
    while is_taken(&format!("item{number}")) {
        number += sheet.entries.len();
    }
    format!("item{number}")
}

/// Adds what the card's version demands and it has not: `FN`, and `N` in 3.0 and 2.1.
pub(super) fn complete(card: &Card) -> Card {
    let mut missing = Vec::new();
    let has = |name| {
        card.first(name)
            .is_some_and(|property| !property.raw_value().trim_ascii().is_empty())
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

/// The card that came of an edit of `before`, whose `N` follows `FN` where it was only made up from
/// that. Phones show and sort by `N`, and would show the old name for ever.
pub(super) fn with_made_up_name(before: &Card, after: &Card) -> Card {
    let name_in = |card: &Card| {
        let fields = card.fields();
        fields.into_iter().find(|field| field.name() == "N")
    };
    let Some(was) = name_in(before) else {
        return after.clone();
    };
    let made_up = |card: &Card| {
        let bare = card.apply(&[super::Change::Remove(was.key().clone())]);
        name_in(&complete(&bare))
    };
    if made_up(before).as_ref() != Some(&was) || name_in(after).as_ref() != Some(&was) {
        return after.clone();
    }
    match made_up(after) {
        Some(name) if name != was => {
            after.apply(&[super::Change::Replace(was.key().clone(), name)])
        }
        _ => after.clone(),
    }
}

/// The last word of a person's name is the family's, as far as anybody can guess.
fn name_of(card: &Card, full_name: &str) -> String {
    let full_name = full_name.replace(';', ",");
    let is_person = card
        .first("KIND")
        .or(card.first("X-ADDRESSBOOKSERVER-KIND"))
        .is_none_or(|kind| {
            kind.raw_value()
                .trim_ascii()
                .eq_ignore_ascii_case(b"individual")
        });
    if full_name == NO_NAME {
        return ";;;;".to_owned();
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use Version::{V2_1, V3_0, V4_0};

    fn card(version: Version, body: &str) -> Card {
        let text = format!(
            "BEGIN:VCARD\nVERSION:{}\nFN:a b\nN:b;a;;;\n{body}END:VCARD\n",
            version.as_str()
        );
        Card::parse(text.as_bytes()).unwrap()
    }

    /// What a body becomes in another version, without the names.
    fn becomes(from: Version, body: &str, to: Version) -> String {
        let text = String::from_utf8(card(from, body).in_version(to).bytes().to_vec()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        lines[4..lines.len() - 1].join("|")
    }

    #[test]
    fn a_name_that_was_made_up_follows_the_one_it_was_made_from() {
        let follows = |name: &str| {
            let text = format!("BEGIN:VCARD\nVERSION:3.0\n{name}\nFN:Ada Byron\nEND:VCARD\n");
            let before = Card::parse(text.as_bytes()).unwrap();
            let key = Field::new("FN", "").key().clone();
            let edit = super::super::Change::Replace(key, Field::new("FN", "Ada King"));
            let after = before.apply(&[edit]).with_made_up_name(&before);
            String::from_utf8(after.bytes().to_vec()).unwrap()
        };
        assert!(follows("N:Byron;Ada;;;").contains("\nN:King;Ada;;;\n"));
        assert!(follows("N:Byron;Augusta Ada;;;").contains("\nN:Byron;Augusta Ada;;;\n"));
    }

    #[test]
    fn what_both_versions_have_is_spelled_their_way() {
        for (four, three) in [
            ("TEL;TYPE=CELL;PREF=1:+49 30", "TEL;TYPE=CELL,PREF:+49 30"),
            (
                "PHOTO:data:image/jpeg;base64,/9j/4A==",
                "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4A==",
            ),
            (
                "PHOTO:https://x.org/a.jpg",
                "PHOTO;VALUE=uri:https://x.org/a.jpg",
            ),
            ("KIND:group", "X-ADDRESSBOOKSERVER-KIND:group"),
            ("MEMBER:urn:uuid:a", "X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:a"),
            ("ANNIVERSARY:20000101", "X-ANNIVERSARY:2000-01-01"),
            ("GENDER:F", "X-GENDER:F"),
            ("BDAY:19960415", "BDAY:1996-04-15"),
            ("BDAY:--0412", "BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-12"),
            ("BDAY:1985-04", "X-BDAY:1985-04"),
            ("BDAY;VALUE=text:about 1800", "X-BDAY;VALUE=text:about 1800"),
            ("GEO:geo:1.5,-2", "GEO:1.5;-2"),
            ("TZ:-0500", "TZ:-05:00"),
            ("TEL;PREF=7:1", "TEL;X-PREF=7:1"),
            ("ADR;LABEL=\"S^nT\":;;S;T;;;", "ADR:;;S;T;;;|LABEL:S\\nT"),
            (
                "RELATED;TYPE=FRIEND;VALUE=text:Mary",
                "X-RELATED;VALUE=text;TYPE=FRIEND:Mary",
            ),
            ("REV:20240102T030405Z", "REV:2024-01-02T03:04:05Z"),
            ("CATEGORIES:a\\,b,c", "CATEGORIES:a\\,b,c"),
            ("X-FOO;VALUE=uri:a;b\\;c", "X-FOO;VALUE=uri:a;b\\;c"),
            (
                "item1.TEL:1|item1.X-ABLabel:Boat",
                "item1.TEL:1|item1.X-ABLabel:Boat",
            ),
            ("odd line", "odd line"),
            (
                "item1.TEL:1|item1.URL:x:y|item1.X-ABLabel:Boat",
                "item1.TEL:1|item1.X-ABLabel:Boat|item1.URL:x:y",
            ),
        ] {
            let lines = |text: &str| format!("{}\n", text.replace('|', "\n"));
            assert_eq!(becomes(V4_0, &lines(four), V3_0), three);
            let back = card(V3_0, &lines(three)).in_version(V4_0);
            assert!(
                back.same_meaning(&card(V4_0, &lines(four))),
                "{:?}",
                back.fields()
            );
        }
    }

    #[test]
    fn noise_and_old_encodings_are_gone_in_newer_versions() {
        assert_eq!(
            becomes(
                V2_1,
                "NOTE;CHARSET=ISO-8859-1;QUOTED-PRINTABLE:M=FC=0D=0Ab\n",
                V3_0
            ),
            "NOTE:Mü\\nb"
        );
        assert_eq!(becomes(V2_1, "TEL;HOME;VOICE:1\n", V3_0), "TEL;TYPE=HOME:1");
        assert_eq!(
            becomes(V3_0, "NOTE:Mü\\nb\n", V2_1),
            "NOTE;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BC=0D=0Ab"
        );
    }

    #[test]
    fn a_second_birthday_is_carried_where_servers_refuse_it() {
        assert_eq!(
            becomes(V4_0, "BDAY:19960415\nBDAY:19960416\n", V3_0),
            "BDAY:1996-04-15|X-BDAY:1996-04-16"
        );
    }

    #[test]
    fn a_card_inside_a_card_survives() {
        let body = "AGENT:\nBEGIN:VCARD\nVERSION:2.1\nFN:x\nEND:VCARD\nTEL:1\n";
        let there = card(V2_1, body).in_version(V4_0);
        assert!(
            there.in_version(V2_1).same_meaning(&card(V2_1, body)),
            "{:?}",
            there.fields()
        );
        assert_eq!(
            becomes(V2_1, body, V3_0),
            "AGENT:BEGIN:VCARD\\nVERSION:2.1\\nFN:x\\nEND:VCARD|TEL:1"
        );
    }

    #[test]
    fn names_are_made_where_the_version_demands_them() {
        let bare = |version: &str, body: &str| {
            Card::parse(format!("BEGIN:VCARD\nVERSION:{version}\n{body}END:VCARD\n").as_bytes())
                .unwrap()
        };
        let name = |card: &Card| {
            card.first("N")
                .map(|n| String::from_utf8(n.raw_value().to_vec()).unwrap())
        };
        assert_eq!(
            name(&bare("4.0", "FN:Ada M Lovelace\n").in_version(V3_0)).as_deref(),
            Some("Lovelace;Ada M;;;")
        );
        assert_eq!(
            name(&bare("4.0", "KIND:group\nFN:Our team\n").in_version(V3_0)).as_deref(),
            Some("Our team;;;;")
        );
        let made = bare("3.0", "N:B;A\nEMAIL:x@y\n").fit_to_send("uid-1");
        assert_eq!(
            (made.name(), made.uid()),
            ("A B".to_owned(), Some("uid-1".to_owned()))
        );
        assert_eq!(made.fit_to_send("uid-2"), made);
    }

    #[test]
    fn a_line_of_the_card_itself_makes_no_second_line_either() {
        let hostile = card(V2_1, "PRODID;QUOTED-PRINTABLE:a=0D=0ATEL:666\n").in_version(V4_0);
        assert!(hostile.fields().iter().all(|field| field.name() != "TEL"));
    }

    #[test]
    fn a_card_in_its_own_version_is_itself() {
        let odd = card(V3_0, "tel;TYPE=voice: 1\n");
        assert_eq!(odd.in_version(V3_0), odd);
    }
}
