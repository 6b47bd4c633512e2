//! What is merged, asked and kept apart, on short cards; and the laws that hold for all cards.

use proptest::prelude::*;

use super::*;
use crate::card::Card;

/// Cards of lines that are parted by `|`; the UID is the index.
fn profiles(cards: &[&str]) -> Vec<Profile> {
    let home = Region::of("DE");
    let card = |(at, lines): (usize, &&str)| {
        let lines = lines.replace('|', "\r\n");
        let text = format!("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:u{at}\r\n{lines}\r\nEND:VCARD\r\n");
        Profile::of(&Card::parse(text.as_bytes()).unwrap(), home.as_ref())
    };
    cards.iter().enumerate().map(card).collect()
}

/// What becomes of the first two of these cards.
fn decision(cards: &[&str]) -> Decision {
    let found = find(&profiles(cards));
    let pair = found.pairs.iter().find(|pair| (pair.a, pair.b) == (0, 1));
    pair.map_or(Decision::No, |pair| pair.decision)
}

fn all(expected: Decision, cases: &[&[&str]]) {
    for cards in cases {
        assert_eq!(decision(cards), expected, "{cards:?}");
    }
}

#[test]
fn father_and_son_behind_one_door_are_asked_about() {
    let door = "ADR;TYPE=HOME:;;67 Main St;Seattle;;98191;USA";
    let father = format!("FN:Nicholas Zamora|EMAIL:family@zamora.example|{door}");
    let son = format!("FN:Nicholas Zamora|TEL;TYPE=CELL:+14159321162|{door}");
    assert_eq!(decision(&[&father, &son]), Decision::Ask);
    let silent = format!("FN:Nicholas Zamora|{door}");
    assert_eq!(decision(&[&father, &silent]), Decision::Merge);
}

#[test]
fn mother_and_daughter_with_forms_of_one_name_are_asked_about() {
    let line = "TEL;TYPE=HOME:+493012345678";
    let (mother, daughter) = (
        format!("FN:Katharina Tlustek|{line}"),
        format!("FN:Kati Tlustek|{line}"),
    );
    assert_eq!(decision(&[&mother, &daughter]), Decision::Ask);
    let one = "TEL;TYPE=CELL:+491701234567";
    let bob = [
        format!("N:Smith;Robert|{one}"),
        format!("N:Smith;Bob|{one}"),
    ];
    assert_eq!(decision(&[&bob[0], &bob[1]]), Decision::Merge);
}

#[test]
fn two_namesakes_who_had_one_number_are_asked_about_in_a_book_of_many() {
    let pair = [
        "FN:Petra Weber|TEL;TYPE=CELL:+491701234567|EMAIL:petra@one.example",
        "FN:Petra Weber|TEL;TYPE=CELL:+491701234567|EMAIL:weber@other.example",
    ];
    assert_eq!(decision(&pair), Decision::Merge);
    let crowd: Vec<String> = (0..600)
        .map(|at| match at % 2 {
            0 => format!("FN:Petra Nachname{}", char::from(b'a' + (at % 26) as u8)),
            _ => format!("FN:Vorname{} Weber", char::from(b'a' + (at % 26) as u8)),
        })
        .collect();
    let all: Vec<&str> = pair
        .into_iter()
        .chain(crowd.iter().map(String::as_str))
        .collect();
    assert_eq!(decision(&all), Decision::Ask);
}

#[test]
fn a_card_that_a_program_has_multiplied_is_found_however_often() {
    let card = "FN:Ada Lovelace|EMAIL:ada@example.com|TEL;TYPE=CELL:+491701234567";
    let profiles = profiles(&[card; 120]);
    let found = find(&profiles);
    assert!(found.pairs.len() < 400, "{} pairs", found.pairs.len());
    assert_eq!(needed(&found.pairs).len(), 119, "all are tied together");
    let largest = found.clusters.iter().map(Vec::len).max();
    assert!(largest > Some(20), "{largest:?}");
}

#[test]
fn one_person_in_many_spellings_is_merged() {
    all(
        Decision::Merge,
        &[
            &[
                "N:Müller;Anna|TEL;TYPE=CELL:+491701234567",
                "FN:Mueller, Anna|TEL:0170/1234567",
            ],
            &[
                "N:Müller;Anna|EMAIL:anna.x@gmail.com",
                "FN:Anna Müller|EMAIL:Annax+shop@googlemail.com",
            ],
            &[
                "N:Smith;Robert|TEL;TYPE=CELL:+491701234567",
                "N:Smith;Bob|TEL;TYPE=CELL:01701234567",
            ],
            &[
                "N:Müller;Anna|TEL;TYPE=CELL:+491701234567",
                "N:Anna;Müller|TEL;TYPE=CELL:01701234567",
            ],
            &[
                "N:Müller;Anna|TEL;TYPE=CELL:+491701234567",
                "N:Arbeit;Anna|TEL;TYPE=CELL:01701234567",
            ],
            &[
                "N:Müller;Anna|TEL;TYPE=CELL:+491701234567",
                "N:Müller;A.|TEL;TYPE=CELL:01701234567",
            ],
            &[
                "N:Müller;Anna|TEL;TYPE=CELL:+491701234567",
                "N:Kurz;Anna|TEL;TYPE=CELL:01701234567",
            ],
            &[
                "N:Müller;Anna|TEL;TYPE=CELL:+491701234567",
                "FN:0170 1234567|TEL:01701234567",
            ],
            &[
                "N:Соболев;Сергей|EMAIL:s@x.org",
                "N:Sobolew;Sergej|EMAIL:s@x.org",
            ],
            &["N:王;小明|EMAIL:w@x.org", "N:Wang;Xiaoming|EMAIL:w@x.org"],
            &[
                "N:Müller;Anna|BDAY:1985-04-12",
                "FN:Anna Müller|BDAY:19850412",
            ],
            &[
                "FN:Nord-Bau GmbH|ORG:Nord-Bau GmbH|TEL:030 1234567",
                "FN:Nordbau|ORG:Nordbau|TEL:+49301234567",
            ],
            &[
                "FN:Ada|X-EMPLOYEE-ID:12345",
                "FN:Ada Byron|X-EMPLOYEE-ID:12345",
            ],
        ],
    );
}

#[test]
fn what_a_person_has_to_tell_is_asked() {
    all(
        Decision::Ask,
        &[
            // `Mama` is somebody's.
            &[
                "FN:Mama|TEL;TYPE=CELL:+491701234567",
                "FN:Anna Müller|TEL;TYPE=CELL:01701234567",
            ],
            // Nothing but a rare name and the company.
            &[
                "N:Zwetschke;Ottilie|ORG:Orbit GmbH|TEL:030 1234567",
                "N:Zwetschke;Ottilie|ORG:Orbit|EMAIL:o@x.org",
            ],
            // Father and son, or one man.
            &[
                "N:Kurz;Hans;;;sen.|TEL;TYPE=HOME:030 1234567",
                "N:Kurz;Hans|TEL;TYPE=HOME:030 1234567",
            ],
            // Mother and daughter on the mother's number, or a name that nobody told us.
            &[
                "N:Kurz;Petra|TEL;TYPE=CELL:01701234567",
                "N:Kurz;|TEL;TYPE=CELL:01701234567",
                "N:Kurz;Lisa|TEL;TYPE=CELL:01701234567",
            ],
            // One of the birthdays is wrong.
            &[
                "N:Kurz;Anna|TEL;TYPE=CELL:01701234567|BDAY:1985-04-12",
                "N:Kurz;Anna|TEL;TYPE=CELL:01701234567|BDAY:1961-11-23",
            ],
        ],
    );
}

#[test]
fn two_people_are_kept_apart_whatever_they_share() {
    let board = "TEL;TYPE=WORK:+49 30 1234567";
    all(
        Decision::No,
        &[
            // A couple.
            &[
                "N:Kurz;Anna|TEL;TYPE=HOME:030 1234567",
                "N:Kurz;Bernd|TEL;TYPE=HOME:030 1234567",
            ],
            &[
                "N:Kurz;Anna|EMAIL:familie.kurz@x.org",
                "N:Kurz;Bernd|EMAIL:familie.kurz@x.org",
            ],
            // The next owner of a number.
            &[
                "N:Kurz;Anna|TEL;TYPE=CELL:01701234567",
                "N:Lang;Bernd|TEL;TYPE=CELL:01701234567",
            ],
            // Father and son.
            &[
                "N:Kurz;Hans;;;sen.|TEL;TYPE=CELL:01701234567",
                "N:Kurz;Hans;;;jun.|TEL;TYPE=CELL:01701234567",
            ],
            &[
                "N:Kurz;Hans|BDAY:1985-04-12|TEL;TYPE=HOME:030 1234567",
                "N:Kurz;Hans|BDAY:1951-11-23|TEL;TYPE=HOME:030 1234567",
            ],
            // Colleagues of one name.
            &[
                "N:Kurz;Anna|EMAIL:anna.kurz@x.org",
                "N:Kurz;Anna|EMAIL:anna.kurz2@x.org",
            ],
            // A company and who works there.
            &[
                &format!("FN:Orbit GmbH|ORG:Orbit GmbH|{board}"),
                &format!("N:Kurz;Anna|ORG:Orbit|{board}"),
            ],
            // One of many.
            &["FN:Taxi|TEL:030 1234567", "FN:Taxi|TEL:030 7654321"],
            &["FN:", "FN:"],
            &[
                "N:Kurz;Anna|EMAIL:info@x.org",
                "N:Lang;Bernd|EMAIL:info@x.org",
            ],
        ],
    );
}

#[test]
fn a_register_is_told_apart_by_birthday_and_address() {
    let home = "ADR:;;12 Mill Lane;Ashford;;3107;";
    all(
        Decision::Merge,
        &[
            &[
                &format!("N:harlow;bronte|{home}|BDAY:1981-08-05"),
                &format!("N:harlow;bro nti|{home}|BDAY:1981-08-05"),
            ],
            &[
                &format!("N:harlow;emily|{home}|BDAY:1981-08-05"),
                &format!("N:har ood;emily|{home}|BDAY:1981-08-50"),
            ],
            &[&format!("N:harlow;|{home}"), &format!("N:harlow;|{home}")],
        ],
    );
    all(
        Decision::Ask,
        // Twins, or another name of one child.
        &[&[
            &format!("N:harlow;emily|{home}|BDAY:1981-08-05"),
            &format!("N:harlow;hugo|{home}|BDAY:1981-08-05"),
        ]],
    );
    all(
        Decision::No,
        &[
            &[
                &format!("N:harlow;emily|{home}|BDAY:1981-08-05"),
                &format!("N:harlow;hugo|{home}|BDAY:1983-11-26"),
            ],
            &[
                "N:harlow;emily|ADR:;;12 Mill Lane;Ashford;;3107;",
                "N:harlow;mabel|ADR:;;12 Oak Road;Ashford;;3107;",
            ],
        ],
    );
}

#[test]
fn one_uid_is_no_pair() {
    let card = "FN:Anna Kurz|TEL;TYPE=CELL:01701234567";
    let mut twice = profiles(&[card, card]);
    assert_eq!(find(&twice).pairs.len(), 1);
    twice[1] = twice[1].clone().also_known_as("urn:uuid:U0");
    assert_eq!(find(&twice).pairs, []);
}

#[test]
fn what_was_told_apart_stays_apart_and_stops_chains() {
    let card = "FN:Anna Kurz|TEL;TYPE=CELL:01701234567";
    let told = format!("{card}|X-CARDWEAVE-DISTINCT:urn:uuid:u2");
    let found = find(&profiles(&[&told, card, card]));
    assert!(found.pairs.iter().all(|pair| (pair.a, pair.b) != (0, 2)));
    assert_eq!(found.clusters.len(), 1);
    assert_eq!(found.clusters[0].len(), 2);
    let decisions: Vec<Decision> = found.pairs.iter().map(|pair| pair.decision).collect();
    assert!(decisions.contains(&Decision::Ask), "{decisions:?}");
    let mut renamed = profiles(&[&told, card, card]);
    renamed[2] = renamed[2].clone().also_known_as("other");
    assert!(
        find(&renamed)
            .pairs
            .iter()
            .all(|pair| (pair.a, pair.b) != (0, 2))
    );
}

#[test]
fn a_third_card_makes_a_likely_pair_certain() {
    let found = find(&profiles(&[
        "N:Zwetschke;Ottilie|TEL;TYPE=CELL:01701234567",
        "N:Zwetschke;Ottilie|EMAIL:o@x.org",
        "N:Zwetschke;Ottilie|TEL;TYPE=CELL:01701234567|EMAIL:o@x.org",
    ]));
    assert_eq!(found.clusters, [[0, 1, 2]]);
    assert!(
        found
            .pairs
            .iter()
            .all(|pair| pair.decision == Decision::Merge)
    );
}

#[test]
fn reasons_name_the_values_and_their_side() {
    let found = find(&profiles(&[
        "N:Smith;Robert|TEL;TYPE=CELL:+491701234567|ORG:Orbit",
        "N:Smith;Bob|TEL;TYPE=CELL:01701234567|ORG:Kurz",
    ]));
    let told = |side: bool| -> Vec<String> {
        let reasons = found.pairs[0].reasons.iter();
        reasons
            .filter(|reason| reason.speaks_for() == side)
            .map(ToString::to_string)
            .collect()
    };
    assert!(told(true).contains(&"the same mobile number +491701234567".to_owned()));
    assert!(told(true).contains(&"\"bob\" is short for \"robert\"".to_owned()));
    assert_eq!(told(false), ["the companies differ: Orbit, Kurz"]);
    let is_last = found.pairs[0]
        .reasons
        .last()
        .is_some_and(|reason| !reason.speaks_for());
    assert!(is_last);
}

#[test]
fn the_country_is_that_of_most_numbers() {
    let card = |lines: &str| {
        Card::parse(format!("BEGIN:VCARD\r\n{lines}\r\nEND:VCARD\r\n").as_bytes()).unwrap()
    };
    let cards = [
        card("TEL:+33 6 54 52 79 84"),
        card("TEL:+49 170 1234567"),
        card("ADR:;;Weg 1;Berlin;;10115;Germany"),
    ];
    assert_eq!(home_region(cards.iter()), Region::of("DE"));
    assert_eq!(home_region([].into_iter()), None);
    let text =
        b"TEL:+33654527984\r\nitem1.TEL;type=HOME:+33 6 54 52 79 85\r\nTEL:+491701234567\r\n";
    assert_eq!(most_voted(&regions_in(text)), Region::of("FR"));
}

/// Lines that make people meet: few names, few numbers, few of everything.
fn lines() -> impl Strategy<Value = String> {
    let name = (0..4usize, 0..3usize).prop_map(|(given, family)| {
        let given = ["Anna", "Bernd", "A.", ""][given];
        format!("N:{};{given}", ["Kurz", "Lang", ""][family])
    });
    let others = prop::collection::vec(0..9usize, 0..4).prop_map(|chosen| {
        let lines = [
            "TEL;TYPE=CELL:01701234567",
            "TEL;TYPE=HOME:0301234567",
            "EMAIL:anna.kurz@x.org",
            "EMAIL:anna.kurz2@x.org",
            "BDAY:19850412",
            "BDAY:19611123",
            "ORG:Orbit GmbH",
            "ADR;TYPE=HOME:;;Weg 1;Berlin;;10115;",
            "X-CARDWEAVE-DISTINCT:u1",
        ];
        chosen
            .iter()
            .map(|&at| format!("|{}", lines[at]))
            .collect::<String>()
    });
    (name, others).prop_map(|(name, others)| name + &others)
}

/// Pairs by UID, with their scores to the last bit, and clusters by UID.
type ByUid = (Vec<(String, String, u64)>, Vec<Vec<String>>);

fn by_uid(profiles: &[Profile]) -> ByUid {
    let uid = |at: usize| profiles[at].uid().unwrap().to_owned();
    let found = find(profiles);
    let mut pairs: Vec<_> = found
        .pairs
        .iter()
        .map(|pair| {
            let (a, b) = (uid(pair.a), uid(pair.b));
            (a.clone().min(b.clone()), a.max(b), pair.score.to_bits())
        })
        .collect();
    pairs.sort();
    let mut clusters: Vec<Vec<String>> = found
        .clusters
        .iter()
        .map(|cluster| {
            let mut cluster: Vec<String> = cluster.iter().map(|&at| uid(at)).collect();
            cluster.sort();
            cluster
        })
        .collect();
    clusters.sort();
    (pairs, clusters)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_order_of_the_cards_plays_no_part(cards in prop::collection::vec(lines(), 2..9), seed in 0..8usize) {
        let cards: Vec<&str> = cards.iter().map(String::as_str).collect();
        let straight = profiles(&cards);
        let mut turned = straight.clone();
        turned.rotate_left(seed % straight.len());
        turned.reverse();
        prop_assert_eq!(by_uid(&straight), by_uid(&turned));
    }

    #[test]
    fn decisions_follow_scores_and_clusters_hold_no_contradiction(cards in prop::collection::vec(lines(), 2..9)) {
        let cards: Vec<&str> = cards.iter().map(String::as_str).collect();
        let profiles = profiles(&cards);
        let found = find(&profiles);
        let census = Census::of(&profiles);
        for pair in &found.pairs {
            prop_assert!(pair.a < pair.b);
            prop_assert!((NAMED..=1.0).contains(&pair.score));
            prop_assert_eq!(pair.decision, Decision::of(pair.score));
            prop_assert!(!profiles[pair.a].is_told_apart_from(&profiles[pair.b]));
            let together = found.clusters.iter().any(|cluster| {
                cluster.contains(&pair.a) && cluster.contains(&pair.b)
            });
            prop_assert_eq!(together, pair.decision == Decision::Merge);
        }
        for cluster in &found.clusters {
            for (at, &a) in cluster.iter().enumerate() {
                for &b in &cluster[at + 1..] {
                    prop_assert!(!clashes(&profiles[a], &profiles[b], &census));
                }
            }
        }
    }

    #[test]
    fn any_bytes_have_a_profile(lines in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..6)) {
        let names = ["N:", "FN:", "TEL:", "EMAIL:", "ADR:", "BDAY:"];
        let mut text = b"BEGIN:VCARD\r\n".to_vec();
        for (name, line) in names.iter().zip(&lines) {
            text.extend(name.as_bytes());
            text.extend(line);
            text.extend(b"\r\n");
        }
        text.extend(b"END:VCARD\r\n");
        for card in Card::parse_all(&text).into_iter().flatten() {
            let profile = Profile::of(&card, None);
            find(&[profile.clone(), profile]);
        }
        regions_in(&text);
    }

    #[test]
    fn any_names_compare(a in "\\PC{0,20}", b in "\\PC{0,20}", c in "\\PC{0,20}") {
        let lines = [format!("FN:{a}|EMAIL:{c}@x.org"), format!("N:{a};{b};{c}|EMAIL:{c}@x.org"), format!("FN:{b}|TEL:{c}")];
        let lines: Vec<String> = lines.iter().map(|line| line.replace(['\r', '\n'], " ")).collect();
        let cards: Vec<&str> = lines.iter().map(String::as_str).collect();
        let text = |lines: &str| format!("BEGIN:VCARD\r\nVERSION:3.0\r\n{}\r\nEND:VCARD\r\n", lines.replace('|', "\r\n"));
        let profiles: Vec<Profile> = cards
            .iter()
            .flat_map(|lines| Card::parse_all(text(lines).as_bytes()))
            .flatten()
            .map(|card| Profile::of(&card, None))
            .collect();
        find(&profiles);
    }
}
