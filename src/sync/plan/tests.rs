//! Plans of whole books, told card by card.

use jiff::civil::date;

use super::*;
use crate::book::{ETag, Href};
use crate::sync::{Tally, guard};

fn card(uid: &str, lines: &str) -> Card {
    let lines = lines.replace('\n', "\r\n");
    let text = format!("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\n{lines}\r\nEND:VCARD\r\n");
    Card::parse(text.as_bytes()).unwrap()
}

/// A person of this name, whose lines are the same everywhere.
fn person(name: &str, more: &str) -> String {
    format!("FN:{name}\nN:;{name};;;{more}")
}

fn group(name: &str, members: &[&str]) -> String {
    let members: String = members
        .iter()
        .map(|uid| format!("\nX-ADDRESSBOOKSERVER-MEMBER:urn:uuid:{uid}"))
        .collect();
    format!("FN:{name}\nN:{name};;;;\nX-ADDRESSBOOKSERVER-KIND:group{members}")
}

/// A contact in step; per store the UID and the lines of its copy, the first ones agreed on.
fn known(id: &str, copies: &[(&str, &str, &str)]) -> Known {
    let agreed = card(copies[0].1, copies[0].2);
    let held = |(store, uid, lines): &(&str, &str, &str)| {
        let held = Held {
            href: Href::new(format!("{id}.vcf")),
            etag: Some(ETag::new("1")),
            held: card(uid, lines),
            given: agreed.clone(),
            sent: None,
            let_go: false,
        };
        (StoreId::new(*store), held)
    };
    Known {
        id: ContactId::new(id),
        agreed: agreed.clone(),
        stores: copies.iter().map(held).collect(),
        held_back: Vec::new(),
        refused: BTreeMap::new(),
    }
}

/// The same, and what a store holds of it now.
fn touched(known: Known, store: &str, uid: &str, lines: &str) -> Touched {
    let entry = Entry {
        href: Href::new(format!("{}.vcf", known.id)),
        etag: ETag::new("2"),
        card: card(uid, lines),
    };
    Touched {
        known,
        now: [(StoreId::new(store), Now::Entry(entry))].into(),
    }
}

fn situation(omit: &[&str]) -> Situation {
    let facts = |omit: &[&str]| StoreFacts {
        available: true,
        writable: true,
        keeps: Keeps::LEAST,
        omit: omit.iter().map(|&name| name.to_owned()).collect(),
        drops: BTreeSet::new(),
    };
    Situation {
        stores: [
            (StoreId::new("home"), facts(&[])),
            (StoreId::new("phone"), facts(omit)),
        ]
        .into(),
        mirror_tiers: true,
        today: date(2026, 11, 25),
        ..Situation::default()
    }
}

/// Per write the contact, the store, and the lines that it takes away or adds.
fn writes(plan: &Plan) -> Vec<String> {
    let told = |contact: &ContactPlan, action: &Action| {
        let before = action.before.as_ref().map(lines_of).unwrap_or_default();
        let after = action.write.card().map(lines_of).unwrap_or_default();
        let gone = before.difference(&after).map(|line| format!("-{line}"));
        let new = after.difference(&before).map(|line| format!("+{line}"));
        let lines: Vec<String> = gone.chain(new).collect();
        format!("{} {}: {}", contact.id, action.store, lines.join(" "))
    };
    let mut writes: Vec<String> = plan
        .contacts
        .iter()
        .flat_map(|contact| {
            contact
                .actions
                .iter()
                .map(move |action| told(contact, action))
        })
        .collect();
    writes.sort();
    writes
}

fn lines_of(card: &Card) -> BTreeSet<String> {
    let fields = card.fields();
    fields
        .iter()
        .map(|field| format!("{}:{}", field.name(), field.text()))
        .collect()
}

/// Ada, `one` at home and `two` on the phone, and a group of nobody.
fn ada_and_chess() -> (Known, Known) {
    let lines = person("Ada", "");
    let ada = known("ada", &[("home", "one", &lines), ("phone", "two", &lines)]);
    let nobody = group("Chess", &[]);
    let chess = known("chess", &[("home", "g", &nobody), ("phone", "g", &nobody)]);
    (ada, chess)
}

#[test]
fn who_joins_a_group_in_one_store_is_named_in_the_other_by_its_uid() {
    let (ada, chess) = ada_and_chess();
    let plan = plan(&Situation {
        touched: vec![touched(chess, "phone", "g", &group("Chess", &["two"]))],
        others: vec![ada],
        ..situation(&[])
    });
    assert_eq!(
        writes(&plan),
        [
            "ada home: +CATEGORIES:Chess",
            "ada phone: +CATEGORIES:Chess",
            "chess home: +MEMBER:urn:uuid:one",
        ]
    );
    let chess = plan
        .contacts
        .iter()
        .find(|contact| contact.id.as_str() == "chess");
    let agreed = lines_of(&chess.unwrap().agreed);
    assert!(agreed.contains("MEMBER:urn:uuid:one"), "{agreed:?}");
}

#[test]
fn who_leaves_a_list_leaves_the_group_under_every_uid() {
    let chess = group("Chess", &["one"]);
    let on_phone = group("Chess", &["TWO", "stranger"]);
    let mut chess = known("chess", &[("home", "g", &chess), ("phone", "g", &on_phone)]);
    let both = group("Chess", &["one", "stranger"]);
    chess.agreed = card("g", &both);
    let lines = person("Ada", "\nCATEGORIES:Chess");
    let ada = known("ada", &[("home", "one", &lines), ("phone", "two", &lines)]);
    let plan = plan(&Situation {
        touched: vec![touched(ada, "home", "one", &person("Ada", ""))],
        others: vec![chess],
        ..situation(&[])
    });
    let writes = writes(&plan);
    assert_eq!(writes[0], "ada phone: -CATEGORIES:Chess");
    assert!(
        writes[2].starts_with("chess phone: -MEMBER:urn:uuid:TWO"),
        "{writes:?}"
    );
    assert!(!writes[2].contains("stranger"), "{writes:?}");
}

#[test]
fn to_whom_nothing_happened_and_who_follows_nobody_is_not_planned() {
    let (ada, chess) = ada_and_chess();
    let lines = person("Bob", "");
    let bob = known("bob", &[("home", "b", &lines), ("phone", "b", &lines)]);
    let plan = plan(&Situation {
        touched: vec![touched(bob, "home", "b", &person("Bob", "\nTEL:1"))],
        others: vec![ada, chess],
        ..situation(&[])
    });
    assert_eq!(writes(&plan), ["bob phone: +TEL:1"]);
    assert_eq!(plan.contacts.len(), 1);
}

#[test]
fn one_who_is_moved_between_groups_is_no_accident() {
    let ada = person("Ada", "\nX-CARDWEAVE-TIER:B\nCATEGORIES:Tier B");
    let (a, b) = (group("Tier A", &[]), group("Tier B", &["one"]));
    let both = |id: &str, uid: &str, lines: &str| {
        known(id, &[("home", uid, lines), ("phone", uid, lines)])
    };
    let plan = plan(&Situation {
        touched: vec![
            touched(both("a", "a", &a), "phone", "a", &group("Tier A", &["one"])),
            touched(both("b", "b", &b), "phone", "b", &group("Tier B", &[])),
        ],
        others: vec![both("ada", "one", &ada)],
        ..situation(&[])
    });
    let moved = "-CATEGORIES:Tier B -X-CARDWEAVE-TIER:B +CATEGORIES:Tier A \
                 +X-CARDWEAVE-LOG:B -> A +X-CARDWEAVE-TIER:A";
    assert_eq!(
        writes(&plan),
        [
            "a home: +MEMBER:urn:uuid:one".to_owned(),
            format!("ada home: {moved}"),
            format!("ada phone: {moved}"),
            "b home: -MEMBER:urn:uuid:one".to_owned(),
        ]
    );
    let tally = Tally {
        known: 3,
        gone: 0,
        new: 0,
    };
    let tallies = ["home", "phone"].map(|store| (StoreId::new(store), tally));
    assert_eq!(guard(&plan, &tallies.into()), Ok(()));
}

#[test]
fn a_private_group_is_never_asked_of_a_store_and_never_missed_there() {
    let lines = group("Tier A", &["one"]);
    let tier = known("a", &[("home", "a", &lines), ("phone", "a", &lines)]);
    let private = situation(&["X-CARDWEAVE-*"]);
    let gone = Touched {
        known: tier.clone(),
        now: [(StoreId::new("phone"), Now::Gone)].into(),
    };
    let edited = touched(tier.clone(), "phone", "a", &group("Tier A", &[]));
    for touched in [gone, edited] {
        let planned = plan(&Situation {
            touched: vec![touched],
            ..private.clone()
        });
        assert_eq!(writes(&planned), [""; 0]);
        assert!(planned.contacts[0].agreed.same_meaning(&tier.agreed));
        assert!(!planned.contacts[0].ends);
    }
    // Where it never was it is not created, and that is remembered.
    let only_here = known("a", &[("home", "a", &lines)]);
    let planned = plan(&Situation {
        touched: vec![Touched::idle(&only_here)],
        ..private
    });
    assert_eq!(writes(&planned), [""; 0]);
    let records = &planned.contacts[0].records;
    assert_eq!(records[&StoreId::new("phone")], Record::KeptAway);
}

#[test]
fn a_contact_that_was_added_here_is_created_everywhere() {
    let mut new = known("win", &[("home", "win", "FN:Win")]);
    new.stores.clear();
    let plan = plan(&Situation {
        touched: vec![Touched::idle(&new)],
        ..situation(&[])
    });
    assert_eq!(plan.contacts[0].actions.len(), 2);
}
