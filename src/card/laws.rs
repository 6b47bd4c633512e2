//! Laws of the room, on the odd cards of `fixtures/cards` and on random ones.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use proptest::prelude::*;

use super::lines::Lines;
use super::{Card, Change, Field, FieldKey, Version};

const VERSIONS: [Version; 3] = [Version::V2_1, Version::V3_0, Version::V4_0];

/// The odd cards by name.
fn corpus() -> BTreeMap<String, Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/cards");
    let mut cards = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "vcf") {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            cards.insert(name, std::fs::read(&path).unwrap());
        }
    }
    assert!(cards.len() > 40, "the corpus is not all there");
    cards
}

fn accepted() -> Vec<(String, Card)> {
    corpus()
        .into_iter()
        .filter_map(|(name, bytes)| Some((name, Card::parse(&bytes).ok()?)))
        .collect()
}

/// What the card says, in any order.
fn meaning(card: &Card) -> Vec<String> {
    let told = |field: &Field| {
        let params: Vec<String> = field
            .params()
            .iter()
            .map(|(name, value)| format!("{name}={value:?}"))
            .collect();
        let (types, label) = (field.types(), field.label());
        format!(
            "{}:{:?} {types:?} {:?} {label:?} {params:?}",
            field.name(),
            field.value(),
            field.pref()
        )
    };
    card.fields().iter().map(told).collect()
}

/// What `there` says less than `here`, or more (made names aside). `None`: nothing.
fn difference(here: &Card, there: &Card) -> Option<String> {
    let (here, mut there) = (meaning(here), meaning(there));
    for told in here {
        match there.iter().position(|other| *other == told) {
            Some(at) => drop(there.remove(at)),
            None => return Some(format!("lost {told:?} of {there:?}")),
        }
    }
    let made = |told: &String| told.starts_with("N:") || told.starts_with("FN:");
    there
        .into_iter()
        .find(|told| !made(told))
        .map(|told| format!("made up {told:?}"))
}

#[test]
fn odd_cards_are_kept_byte_for_byte_and_the_others_refused_with_a_reason() {
    let mut refused = Vec::new();
    for (name, bytes) in corpus() {
        match Card::parse(&bytes) {
            Ok(card) => assert_eq!(card.bytes(), bytes, "{name}"),
            Err(error) => refused.push(format!("{name}: {error}")),
        }
    }
    insta::assert_snapshot!(refused.join("\n"), @"
    refused-blank: line 1: empty
    refused-empty: line 1: empty
    refused-first-torn: line 7: torn: the card that begins in line 1 has no END:VCARD
    refused-html: line 1: a web page or XML, not a card
    refused-no-begin: line 1: text before BEGIN:VCARD
    refused-nul: line 1: filled with NUL bytes: the file was not written to its end
    refused-text-after: line 5: text after END:VCARD
    refused-torn: line 4: torn: the card that begins in line 1 has no END:VCARD
    refused-two-cards: line 5: 2 cards here, where one card per file or resource is wanted
    refused-utf-16: line 1: UTF-16 text, which no vCard version knows
    ");
}

#[test]
fn each_name_of_an_odd_card_gives_its_fields_alone() {
    for (name, card) in accepted() {
        let fields = card.fields();
        for wanted in fields.iter().map(Field::name) {
            let mut among_all = fields.clone();
            among_all.retain(|field| field.name() == wanted);
            assert_eq!(card.fields_named(&[wanted]), among_all, "{name}: {wanted}");
        }
    }
}

#[test]
fn an_address_has_its_printed_form_when_it_alone_is_asked_for() {
    let text = "BEGIN:VCARD\nVERSION:3.0\nADR;TYPE=HOME:;;a\nADR;TYPE=HOME:;;b\nTEL:1\nLABEL;TYPE=HOME:of a\nEND:VCARD\n";
    let card = Card::parse(text.as_bytes()).unwrap();
    let mut addresses = card.fields();
    addresses.retain(|field| field.name() == "ADR");
    assert_eq!(addresses[0].params()["LABEL"], "of a");
    assert_eq!(card.fields_named(&["ADR"]), addresses);
}

#[test]
fn what_nobody_understands_is_told_once_with_its_line() {
    let mut told = Vec::new();
    for (name, card) in accepted() {
        told.extend(
            card.oddities()
                .iter()
                .map(|odd| format!("{name}:{}: {}", odd.line, odd.reason)),
        );
    }
    insta::assert_snapshot!(told.join("\n"), @"
    dotted-names:4: not a property name
    dotted-names:5: not a property name
    latin-1-undeclared:3: FN: not UTF-8, and no charset declared
    no-colon:4: no colon
    no-colon:6: no colon
    nul-and-control:3: FN: control characters
    nul-and-control:4: NOTE: control characters
    photo-damaged:5: LOGO: not base64 as declared
    unknown-charset:3: FN: charset KLINGON is not known
    ");
}

#[test]
fn odd_cards_say_the_same_after_any_way_round() {
    for (name, card) in accepted() {
        for version in VERSIONS {
            let there = card.in_version(version);
            assert!(Card::parse(there.bytes()).is_ok(), "{name}");
            assert_eq!(difference(&card, &there), None, "{name} in {version:?}");
            let back = there.in_version(card.version());
            assert_eq!(difference(&card, &back), None, "{name} by {version:?}");
        }
    }
}

#[test]
fn each_field_of_an_odd_card_can_go_and_come_back() {
    for (name, card) in accepted() {
        for field in card.fields() {
            let without = card.apply(&[Change::Remove(field.key().clone())]);
            assert!(Card::parse(without.bytes()).is_ok(), "{name}: {field:?}");
            // Where further lines of a name are left, the next one takes the place of the first.
            let again = without.apply(&[Change::Add(field.clone())]);
            if without
                .fields()
                .iter()
                .all(|left| left.name() != field.name())
                || !field.key().value.is_empty()
            {
                assert!(
                    again.same_meaning(&card),
                    "{name}: {field:?}\n{:#?}\n{:#?}",
                    card.fields(),
                    again.fields()
                );
            }
        }
    }
}

#[test]
fn all_fields_of_an_odd_card_fit_on_an_empty_one() {
    for (name, card) in accepted() {
        let empty = |version: Version| {
            let text = format!(
                "BEGIN:VCARD\r\nVERSION:{}\r\nEND:VCARD\r\n",
                version.as_str()
            );
            Card::parse(text.as_bytes()).unwrap()
        };
        let changes: Vec<Change> = card.fields().into_iter().map(Change::Add).collect();
        for version in VERSIONS {
            let copy = empty(version).apply(&changes);
            assert!(
                copy.same_meaning(&card),
                "{name} in {version:?}\n{:#?}\n{:#?}",
                card.fields(),
                copy.fields()
            );
        }
    }
}

#[test]
fn a_label_without_a_line_is_a_field_of_its_own() {
    let card = Card::parse(&corpus()["lonely-label"]).unwrap();
    let names: Vec<String> = card
        .fields()
        .iter()
        .map(|field| field.name().to_owned())
        .collect();
    assert_eq!(names, ["FN", "X-ABLABEL"]);
}

#[test]
fn two_entries_of_one_id_are_both_seen_and_both_survive() {
    let lines = [
        "X-CARDWEAVE-LOG;ID=1;DATE=20240101:call",
        "X-CARDWEAVE-LOG;ID=1;DATE=20240101:mail",
        "X-CARDWEAVE-LOG;ID=1;DATE=20240102:mail",
    ];
    let card = |lines: &[&str]| {
        let text = format!(
            "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:a\r\n{}\r\nEND:VCARD\r\n",
            lines.join("\r\n")
        );
        Card::parse(text.as_bytes()).unwrap()
    };
    let keys = |card: &Card| -> Vec<FieldKey> {
        let fields = card.fields_named(&["X-CARDWEAVE-LOG"]);
        fields.iter().map(|field| field.key().clone()).collect()
    };
    let all = card(&lines);
    assert_eq!(keys(&all).len(), 3);
    let turned = card(&[lines[2], lines[0], lines[1], lines[0]]);
    assert!(all.same_meaning(&turned), "the order plays a part");
    for (at, key) in keys(&all).into_iter().enumerate() {
        let without = all.apply(&[Change::Remove(key.clone())]);
        let text = String::from_utf8_lossy(without.bytes()).into_owned();
        for (other, line) in lines.iter().enumerate() {
            assert_eq!(text.contains(line), other != at, "{text}");
        }
        let noted = all.apply(&[Change::Replace(
            key.clone(),
            Field::new("X-CARDWEAVE-LOG", "new").with_param("ID", Some(key.value)),
        )]);
        assert_eq!(
            keys(&noted).len(),
            3,
            "{}",
            String::from_utf8_lossy(noted.bytes())
        );
    }
    // One of an ID that nobody shares is known by the ID alone.
    assert_eq!(keys(&card(&lines[..1]))[0].value, "1");
}

#[test]
fn what_servers_rewrite_is_no_difference() {
    let same = |sent: &str, kept: &str| {
        let card = |body: &str| {
            Card::parse(format!("BEGIN:VCARD\r\n{body}END:VCARD\r\n").as_bytes()).unwrap()
        };
        let (sent, kept) = (card(sent), card(kept));
        assert!(
            sent.same_meaning(&kept),
            "{:#?}\n{:#?}",
            sent.fields(),
            kept.fields()
        );
    };
    same(
        "VERSION:3.0\r\nFN:a\r\nTEL:1\r\n",
        "FN:a\nREV:20240101T000000Z\nTEL:1\nPRODID:x\nUID:y\nVERSION:3.0\n",
    );
    same(
        "N:A;B;;;\r\nORG:;;\r\nADR:;;x\r\n",
        "ADR:;;x;;;;\r\nN:A;B\r\nORG:\r\n",
    );
    same(
        "item1.TEL:1\r\nitem1.X-ABLabel:x\r\n",
        "ITEM1.X-ABLABEL:x\r\nITEM1.TEL:1\r\n",
    );
    same(
        "TEL;TYPE=A,B;TYPE=C;X-P=q:1\r\n",
        "tel;x-p=\"Q\";type=c,b,a:1\r\n",
    );
    same(
        "NOTE:M\u{fc}ller\r\n",
        "NOTE;CHARSET=UTF-8:Mu\u{308}ll\r\n er\r\n",
    );
    same("URL:http\\://x/a\\,b\r\n", "URL:http\\\\://x/a,b\r\n");
    same(
        "VERSION:4.0\r\nKIND:group\r\nCLIENTPIDMAP:1;urn:x\r\n",
        "KIND:GROUP\r\nCLIENTPIDMAP:1\\;urn:x\r\nVERSION:4.0\r\n",
    );
    same(
        "VERSION:4.0\r\nKIND:group\r\nMEMBER:urn:uuid:AB\r\n",
        "X-ADDRESSBOOKSERVER-KIND:group\r\nX-ADDRESSBOOKSERVER-MEMBER:urn:uuid:ab\r\n",
    );
    same("NOTE:b\r\nNOTE:a\r\n", "NOTE:a\r\nNOTE:b\r\n");
}

#[test]
fn fifty_thousand_folds_and_numbers_take_linear_time() {
    let started = std::time::Instant::now();
    let folds = format!(
        "BEGIN:VCARD\r\nFN:x{}\r\nEND:VCARD\r\n",
        "\r\n y".repeat(50_000)
    );
    assert_eq!(Card::parse(folds.as_bytes()).unwrap().name().len(), 50_001);
    let numbers: String = (0..50_000)
        .map(|number| format!("TEL:{number}\r\n"))
        .collect();
    let card = Card::parse(format!("BEGIN:VCARD\r\n{numbers}END:VCARD\r\n").as_bytes()).unwrap();
    let fields = card.fields();
    assert_eq!(fields.len(), 50_000);
    let changes: Vec<Change> = fields
        .iter()
        .map(|field| Change::Remove(field.key().clone()))
        .collect();
    assert_eq!(card.apply(&changes).fields().len(), 0);
    // Quadratic time would be minutes; the bound leaves room for a busy machine.
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

/// Card text made of what cards in the wild are made of, in any order.
fn wild_lines() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "FN:Ada B",
        "N:B;Ada;;;",
        "TEL;TYPE=CELL,WORK:+49 30 1",
        "TEL;HOME;VOICE;PREF:0049 30 2",
        "item1.TEL:+49 30 1",
        "TEL:+49301",
        "tel:x",
        "item1.EMAIL:a@b.c",
        "ITEM1.X-ABLabel:Boat",
        "item2.X-ABLabel:_$!<Home>!$_",
        "item1.URL:http\\://x/a\\,b",
        "NOTE:one\\ntwo\\, three\\; \\x \\\\",
        "NOTE;ENCODING=QUOTED-PRINTABLE:a=3D=C3=BC=",
        "NOTE;QUOTED-PRINTABLE:x=",
        "CATEGORIES:a,b\\,c, d",
        "CATEGORIES;PREF=1:b",
        "NICKNAME:Al,Bo",
        "BDAY:19960415",
        "BDAY:--0412",
        "BDAY:1985",
        "BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-12",
        "ANNIVERSARY;VALUE=text:long ago",
        "X-ANNIVERSARY:2000-01-01",
        "PHOTO:data:image/png;base64,iVBORw==",
        "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4A==",
        "PHOTO;BASE64:AAAA",
        "LOGO;VALUE=uri:http://x/y.png",
        "KEY;TYPE=PGP;ENCODING=b:AAECAw==",
        "KIND:group",
        "MEMBER:urn:uuid:A",
        "ADR;TYPE=HOME;LABEL=\"x^ny\":;;S 1;T,U;;1;",
        "ADR;TYPE=HOME:;;S 2;;;;",
        "LABEL;TYPE=HOME:S 2\\nT",
        "ORG:Foo\\, Inc;;",
        "ORG:;;",
        "GEO:1.5;2.5",
        "GEO:geo:1.5,2.5",
        "TZ:-05:00",
        "TZ:Europe/Berlin",
        "GENDER:F;f",
        "RELATED;VALUE=text;TYPE=friend:Mary",
        "RELATED:urn:uuid:B",
        "LANG;PREF=3:fr",
        "X-FOO;X-A=\"b;c\":d;e\\;f;",
        "X-CARDWEAVE-LOG;ID=1;DATE=2024-01-01:call",
        "X-CARDWEAVE-LOG;ID=1:other",
        "X-CARDWEAVE-LOG;ID=1;DATE=2024-01-02:call",
        "X-CARDWEAVE-PROMISE;ID=1;STATUS=open:call",
        "X-CARDWEAVE-PROMISE;ID=1;STATUS=kept:call",
        "X-CARDWEAVE-TIER:A",
        "X-JABBER:j@k",
        "no colon here",
        "",
        " folded",
        "\tfolded",
        "AAAA",
        ":",
        "UID:u1",
        "REV:20240101T000000Z",
        "NOTE:",
        "TEL:",
        "AGENT:\r\nBEGIN:VCARD\r\nFN:y\r\nEND:VCARD",
        "NOTE;CHARSET=KLINGON:x",
        "=",
        "X-B;=:y",
        "a.b.TEL:1",
        "GENDER:",
    ]);
    let own = "[A-Z]{1,4}(;[A-Za-z=\",^;]{0,8})?:[ -~üß\\\\,;]{0,100}";
    let line =
        prop_oneof![8 => piece.prop_map(str::to_owned), 1 => own.prop_map(|line: String| line)];
    prop::collection::vec(
        (line, prop::sample::select(vec!["\r\n", "\r\n", "\n"])),
        0..12,
    )
    .prop_map(|lines| lines.into_iter().map(|(line, eol)| line + eol).collect())
}

prop_compose! {
    fn wild_card()(version in prop::sample::select(vec!["2.1", "3.0", "4.0"]), body in wild_lines()) -> String {
        format!("BEGIN:VCARD\r\nVERSION:{version}\r\n{body}END:VCARD\r\n")
    }
}

/// A wild card with a few bytes changed.
fn mutated_card() -> impl Strategy<Value = Vec<u8>> {
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    (wild_card(), changes).prop_map(|(text, changes)| {
        let mut bytes = text.into_bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes
    })
}

/// Names to ask for: of the wild lines, and what labels and odd lines go by.
fn any_names() -> impl Strategy<Value = Vec<String>> {
    let known = prop::sample::select(vec![
        "FN",
        "N",
        "TEL",
        "EMAIL",
        "ADR",
        "LABEL",
        "BDAY",
        "ORG",
        "NOTE",
        "NICKNAME",
        "PHOTO",
        "AGENT",
        "X-ABLABEL",
        "X-ABADR",
        "X-FOO",
        "ANNIVERSARY",
        "KIND",
        "UID",
        "",
        "TZ",
        "GEO",
    ]);
    let name = prop_oneof![4 => known.prop_map(str::to_owned), 1 => "[A-Z]{1,3}"];
    prop::collection::vec(name, 0..5)
}

fn any_field() -> impl Strategy<Value = Field> {
    let name = prop::sample::select(vec![
        "TEL",
        "EMAIL",
        "NOTE",
        "CATEGORIES",
        "ADR",
        "URL",
        "X-NEW",
        "ORG",
        "BDAY",
        "NICKNAME",
    ]);
    let kinds = prop::collection::btree_set(
        prop::sample::select(vec!["HOME".to_owned(), "X-A;B".to_owned()]),
        0..2,
    );
    (
        name,
        "[ -~üß\n\r]{1,90}",
        kinds,
        prop::option::of("[ -~\n]{1,9}"),
    )
        .prop_map(|(name, text, kinds, label)| {
            Field::new(name, &text).with_types(kinds).with_label(label)
        })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_makes_the_reader_fall_over(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Card::parse(&bytes);
        prop_assert!(!Card::parse_all(&bytes).is_empty());
    }

    #[test]
    fn what_is_accepted_is_kept_and_every_view_of_it_is_total(bytes in mutated_card()) {
        if let Ok(card) = Card::parse(&bytes) {
            prop_assert_eq!(card.bytes(), &bytes[..]);
            prop_assert_eq!(&card.apply(&[]), &card);
            let fields = card.fields();
            let keys: HashSet<&FieldKey> = fields.iter().map(Field::key).collect();
            prop_assert_eq!(keys.len(), fields.len());
            let all = card.apply(&fields.iter().map(|field| Change::Remove(field.key().clone())).collect::<Vec<_>>());
            prop_assert_eq!(all.fields(), Vec::<Field>::new());
            let is_left = |entry: &super::sheet::Entry| {
                use super::sheet::Role;
                !matches!(entry.role, Role::Begin | Role::End | Role::Meta)
            };
            prop_assert!(!super::sheet::Sheet::of(&all).entries.iter().any(is_left));
            let _ = (card.oddities(), card.name(), card.uid(), card.revised(), format!("{card:?}"));
            prop_assert!(card.same_meaning(&card));
            prop_assert!(Card::parse(card.fit_to_send("u").bytes()).is_ok());
        }
    }

    #[test]
    fn fields_by_name_are_those_among_all(
        bytes in prop_oneof![wild_card().prop_map(String::into_bytes), mutated_card()],
        wanted in any_names(),
    ) {
        if let Ok(card) = Card::parse(&bytes) {
            let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
            let mut among_all = card.fields();
            among_all.retain(|field| wanted.contains(&field.name()));
            prop_assert_eq!(card.fields_named(&wanted), among_all);
        }
    }

    #[test]
    fn a_book_of_whole_cards_is_its_cards(cards in prop::collection::vec(mutated_card(), 1..4)) {
        if cards.iter().all(|bytes| bytes.ends_with(b"\nEND:VCARD\r\n") && Card::parse(bytes).is_ok()) {
            let bytes = cards.concat();
            let found = Card::parse_all(&bytes);
            for card in found.iter().flatten() {
                prop_assert_eq!(&Card::parse(card.bytes()).map(|card| card.version()), &Ok(card.version()));
                prop_assert_eq!(&Card::parse(card.bytes()), &Ok(card.clone()));
            }
        }
    }

    #[test]
    fn another_version_says_the_same_and_so_does_the_way_back(text in wild_card()) {
        if let Ok(card) = Card::parse(text.as_bytes()) {
            for version in VERSIONS {
                let there = card.in_version(version);
                prop_assert_eq!(difference(&card, &there), None, "{:?}", there.bytes().escape_ascii().to_string());
                let back = there.in_version(card.version());
                prop_assert_eq!(difference(&card, &back), None, "{:?} {:?}", there.bytes().escape_ascii().to_string(), back.bytes().escape_ascii().to_string());
            }
        }
    }

    #[test]
    fn a_field_added_is_there_and_nothing_else_moved(text in wild_card(), field in any_field()) {
        if let Ok(card) = Card::parse(text.as_bytes()) {
            let with = card.apply(&[Change::Add(field.clone())]);
            let there = with.field(field.key());
            prop_assert_eq!(there.as_ref(), Some(&field), "{}", String::from_utf8_lossy(with.bytes()));
            for other in card.fields().iter().filter(|other| other.key() != field.key()) {
                let still = with.field(other.key());
                prop_assert_eq!(still.as_ref(), Some(other), "{}", String::from_utf8_lossy(with.bytes()));
            }
            if card.field(field.key()).is_none() {
                let without = with.apply(&[Change::Remove(field.key().clone())]);
                prop_assert!(without.same_meaning(&card));
            }
        }
    }

    #[test]
    fn a_change_leaves_every_other_line_byte_for_byte(text in wild_card(), at in any::<prop::sample::Index>(), field in any_field()) {
        if let Ok(card) = Card::parse(text.as_bytes()) {
            let fields = card.fields();
            if fields.is_empty() { return Ok(()); }
            let old = &fields[at.index(fields.len())];
            let after = card.apply(&[Change::Replace(old.key().clone(), field.clone())]);
            let sheet = super::sheet::Sheet::of(&card);
            let owned = sheet.owned();
            let mine: HashSet<usize> = owned.iter()
                .filter(|owned| owned.field.key() == old.key() || owned.field.key() == field.key())
                .flat_map(|owned| owned.entries.iter().copied()).collect();
            let is_list = ["CATEGORIES", "NICKNAME"].contains(&field.name());
            for (at, entry) in sheet.entries.iter().enumerate() {
                let follows = matches!(entry.role, super::sheet::Role::Companion | super::sheet::Role::PrintedAddress(_));
                if mine.contains(&at) || follows || is_list && entry.is_named(|name| name == field.name()) { continue; }
                let raw = &card.bytes()[entry.start..entry.end];
                let kept = after.bytes().windows(raw.len()).any(|window| window == raw);
                prop_assert!(kept, "{:?} is gone", String::from_utf8_lossy(raw));
            }
        }
    }

    #[test]
    fn another_reader_finds_the_same_lines(text in wild_card()) {
        // The other reader knows neither soft breaks nor base64 blocks, and a fold only after a line.
        if text.to_ascii_uppercase().contains("QUOTED-PRINTABLE") || text.contains("BASE64") || text.contains("\n\r\n") || text.contains("\n\n") {
            return Ok(());
        }
        let lines = Lines::of(text.as_bytes());
        let ours: Vec<String> = lines.list.iter().map(|&line| String::from_utf8_lossy(&lines.logical(line)).into_owned()).collect();
        let theirs: Vec<String> = vparser::Parser::new(&text).map(|line| line.unfolded().into_owned()).collect();
        prop_assert_eq!(ours, theirs);
    }
}
