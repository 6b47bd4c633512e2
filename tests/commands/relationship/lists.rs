//! Lists by theme, the group cards that stand for them, and who is on what.

use serde_json::Value;

use crate::desk::{Desk, LAPTOP, PHONE, Ran, card};
use crate::schema::fits;

/// Ada is on Chess and mirrored as A, Bob on Chess and Work, Cid on nothing.
fn desk() -> Desk {
    let desk = Desk::new();
    let people = [
        (
            "Ada Byron",
            "CATEGORIES:Chess,Tier A\r\nX-CARDWEAVE-TIER:A\r\n\
             X-CARDWEAVE-MET;ID=m1;DATE=20260420:Hannover Messe\r\nX-CARDWEAVE-GOAL:Win",
        ),
        ("Bob Lind", "CATEGORIES:Chess,Work\r\nEMAIL:bob@example.com"),
        ("Cid", "TITLE:Cellist"),
    ];
    for (name, lines) in people {
        desk.put(LAPTOP, &format!("{}.vcf", &name[..3]), &card(name, lines));
    }
    expect(&desk.run(&["sync"]), 0, &[]);
    desk
}

fn expect(ran: &Ran, code: i32, words: &[&str]) {
    assert_eq!(ran.code, code, "{ran:?}");
    for word in words {
        assert!(
            ran.stdout.contains(word) || ran.stderr.contains(word),
            "{word}: {ran:?}"
        );
    }
}

/// Each list with how many are on it.
fn lists(desk: &Desk) -> Vec<(String, u64)> {
    let document = desk.json(&["lists"]);
    let lists = document["lists"].as_array().expect("a list");
    lists
        .iter()
        .map(|list| {
            let name = list["name"].as_str().expect("a name").to_owned();
            (name, list["contacts"].as_u64().expect("a number"))
        })
        .collect()
}

fn listed(desk: &Desk, words: &[&str]) -> Vec<String> {
    let document = desk.json(&[&["list"], words].concat());
    let contacts = document["contacts"].as_array().expect("a list");
    contacts
        .iter()
        .map(|contact| contact["name"].as_str().expect("a name").to_owned())
        .collect()
}

#[test]
fn lists_are_counted_and_mirrored_tiers_are_none() {
    let desk = desk();
    assert_eq!(lists(&desk), [("Chess".into(), 2), ("Work".into(), 1)]);
    let chess = &desk.json(&["lists"])["lists"][0];
    assert_eq!(chess["tiers"], serde_json::json!({"A": 1, "none": 1}));
    assert_eq!(chess["group"], false);
    expect(
        &Desk::new().run(&["lists"]),
        0,
        &["Nobody is on a list yet."],
    );
}

#[test]
fn a_renamed_list_reaches_every_store() {
    let desk = desk();
    expect(
        &desk.run(&["lists", "rename", "Chess", "Go; and Shogi"]),
        0,
        &["Chess is called Go; and Shogi now: 2 contacts"],
    );
    expect(&desk.run(&["sync"]), 0, &[]);
    let (_, ada) = desk.find(PHONE, "Ada Byron");
    assert!(ada.contains("CATEGORIES:Go\\; and Shogi,Tier A"), "{ada}");
    assert_eq!(
        lists(&desk),
        [("Go; and Shogi".into(), 2), ("Work".into(), 1)]
    );
}

#[test]
fn a_list_that_gets_the_name_of_another_one_is_merged_with_it() {
    let desk = desk();
    expect(
        &desk.run(&["lists", "rename", "work", "CHESS"]),
        0,
        &["Work is one with Chess now: 1 contact"],
    );
    assert_eq!(lists(&desk), [("Chess".into(), 2)]);
    expect(&desk.run(&["sync"]), 0, &[]);
    let (_, bob) = desk.find(PHONE, "Bob Lind");
    assert_eq!(bob.matches("Chess").count(), 1, "{bob}");
    assert!(!bob.contains("Work"), "{bob}");
}

#[test]
fn contacts_are_put_on_lists_and_taken_off() {
    let desk = desk();
    expect(
        &desk.run(&["lists", "add", "chess", "Cid", "ada byron"]),
        0,
        &["Cid: on Chess", "Ada Byron: is so already"],
    );
    expect(
        &desk.run(&["lists", "add", "Choir", "Cid"]),
        0,
        &["Cid: on Choir", "Choir is a new list."],
    );
    expect(
        &desk.run(&["lists", "remove", "CHESS", "Bob Lind"]),
        0,
        &["Bob Lind: off Chess"],
    );
    expect(&desk.run(&["sync"]), 0, &[]);
    assert_eq!(listed(&desk, &["--list", "Chess"]), ["Ada Byron", "Cid"]);
    assert!(desk.find(PHONE, "Cid").1.contains("CATEGORIES:Chess,Choir"));
}

#[test]
fn a_list_gets_a_group_card_that_is_renamed_with_it() {
    let desk = desk();
    expect(
        &desk.run(&["lists", "group", "Chess"]),
        0,
        &["Chess has a group card now: 2 members"],
    );
    expect(&desk.run(&["lists", "group", "Chess"]), 2, &["already"]);
    expect(&desk.run(&["sync"]), 0, &[]);
    let (_, group) = desk.find(PHONE, "Chess");
    for line in ["ada-byron-uid", "bob-lind-uid"] {
        assert!(group.contains(line), "{group}");
    }
    assert_eq!(desk.json(&["lists"])["lists"][0]["group"], true);
    expect(
        &desk.run(&["lists", "rename", "Chess", "Go"]),
        0,
        &["Its group card is called so too."],
    );
    expect(&desk.run(&["sync"]), 0, &[]);
    desk.find(PHONE, "Go");
    assert_eq!(lists(&desk), [("Go".into(), 2), ("Work".into(), 1)]);
    // A group is no person.
    assert_eq!(listed(&desk, &[]), ["Ada Byron", "Bob Lind", "Cid"]);
    expect(
        &desk.run(&["lists", "add", "Work", "Go"]),
        2,
        &["no contact"],
    );
}

#[test]
fn of_two_group_cards_that_become_one_list_the_old_one_is_emptied() {
    let desk = desk();
    for list in ["Chess", "Work"] {
        expect(&desk.run(&["lists", "group", list]), 0, &[]);
    }
    expect(
        &desk.run(&["lists", "rename", "Work", "Chess"]),
        0,
        &["The group card Work is empty now."],
    );
    expect(&desk.run(&["sync"]), 0, &[]);
    assert!(!desk.find(PHONE, "Work").1.contains("MEMBER"));
    // The other one follows: Bob came to it, and Cid comes with the next command.
    expect(&desk.run(&["lists", "add", "Chess", "Cid"]), 0, &[]);
    expect(&desk.run(&["sync"]), 0, &[]);
    let (_, chess) = desk.find(PHONE, "Chess");
    for member in ["ada-byron-uid", "bob-lind-uid", "cid-uid"] {
        assert_eq!(chess.matches(member).count(), 1, "{member}: {chess}");
    }
}

#[test]
fn tiers_and_unknown_lists_are_refused_and_nothing_changes() {
    let desk = desk();
    for (words, told) in [
        (
            &["lists", "rename", "Tier A", "Friends"][..],
            "cardweave tier A CONTACT",
        ),
        (&["lists", "rename", "Chess", "tier b"], "cardweave tier B"),
        (&["lists", "add", "Tier A", "Cid"], "cardweave tier A"),
        (&["lists", "remove", "Tier A", "Ada Byron"], "tier A"),
        (&["lists", "group", "Tier A"], "tier A"),
        (
            &["lists", "rename", "Ches", "Go"],
            "Did you mean \"Chess\"?",
        ),
        (
            &["lists", "remove", "Chses", "Cid"],
            "Did you mean \"Chess\"?",
        ),
        (&["lists", "rename", "Chess", "Chess"], "already"),
        (&["lists", "add", " ", "Cid"], "needs a name"),
        (&["lists", "add", "Chess", "Nobody at all"], "No contact"),
    ] {
        let ran = desk.run(words);
        expect(&ran, 2, &[told]);
        assert_eq!(ran.stdout, "");
    }
    assert_eq!(lists(&desk), [("Chess".into(), 2), ("Work".into(), 1)]);
}

#[test]
fn filters_of_the_list_combine() {
    let desk = desk();
    for (words, names) in [
        (&["--list", "chess"][..], &["Ada Byron", "Bob Lind"][..]),
        (&["--list", "Chess", "--tier", "A"], &["Ada Byron"]),
        (&["--met", "hannover messe"], &["Ada Byron"]),
        (&["--goal", "Win"], &["Ada Byron"]),
        (&["--due"], &["Ada Byron"]),
        (&["--due", "--list", "Work"], &[]),
    ] {
        assert_eq!(listed(&desk, words), names, "{words:?}");
    }
    let ran = desk.run(&["list", "--tier", "a"]);
    assert_eq!(
        ran.stdout,
        "tier  name       lists  last word  next due\n\
         A     Ada Byron  Chess  never      now\n"
    );
    let none = desk.run(&["list", "--due", "--list", "Work"]);
    assert_eq!(none.stdout, "No contact is all of this.\n");
}

#[test]
fn an_unknown_filter_gets_the_nearest_names() {
    let desk = desk();
    for (words, told) in [
        (["--list", "Ches"], "\"Chess\""),
        (["--list", "Tier A"], "--tier A"),
        (["--met", "Hanover Messe"], "\"Hannover Messe\""),
        (["--goal", "Wim"], "\"Win\""),
        (["--goal", "xyz"], "cardweave goal list"),
    ] {
        let ran = desk.run(&["list", words[0], words[1]]);
        expect(&ran, 2, &[told]);
    }
}

#[test]
fn what_is_printed_as_json_fits_the_printed_schema() {
    let desk = desk();
    for words in [
        &["lists"][..],
        &["lists", "add", "Choir", "Cid"],
        &["lists", "group", "Choir"],
        &["lists", "rename", "Choir", "Opera"],
        &["lists", "remove", "Opera", "Cid"],
        &["list"],
        &["list", "--tier", "A"],
    ] {
        let schema: Value = serde_json::from_str(&desk.run(&["schema", words[0]]).stdout).unwrap();
        assert_eq!(fits(&schema, &desk.json(words)), Ok(()), "{words:?}");
    }
}
