//! The bridge, told card by card and tried at random.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::contact::Relationship;

fn card(uid: &str, lines: &str) -> Card {
    let lines: String = lines.lines().map(|line| format!("{line}\r\n")).collect();
    let name = match lines.contains("FN:") {
        true => String::new(),
        false => format!("FN:{uid}\r\n"),
    };
    let text = format!("BEGIN:VCARD\r\nVERSION:4.0\r\nUID:{uid}\r\n{name}{lines}END:VCARD\r\n");
    Card::parse(text.as_bytes()).unwrap()
}

/// A group card of this name and with these members.
fn group(name: &str, members: &str) -> String {
    let members: String = members
        .split_whitespace()
        .map(|uid| format!("\nMEMBER:urn:uuid:{uid}"))
        .collect();
    format!("KIND:group\nFN:{name}{members}")
}

/// A contact with its card before and after; `-` for no card.
fn edit(uid: &str, before: &str, after: &str) -> (ContactId, Edited) {
    let card = |lines: &str| (lines != "-").then(|| card(uid, lines));
    let edited = Edited {
        before: card(before),
        after: card(after),
        held_back: Vec::new(),
    };
    (ContactId::new(format!("id-{uid}")), edited)
}

fn idle(uid: &str, lines: &str) -> (ContactId, Edited) {
    edit(uid, lines, lines)
}

fn bridging(mirror_tiers: bool) -> Bridging {
    Bridging {
        mirror_tiers,
        today: date(2026, 11, 25),
        also_known: BTreeMap::new(),
    }
}

type Book = BTreeMap<ContactId, Edited>;

fn bridged(book: &Book, bridging: &Bridging) -> BTreeMap<ContactId, Card> {
    let changes = bridge(book, bridging);
    let after = |(id, edited): (&ContactId, &Edited)| {
        let card = edited.after.as_ref()?;
        let card = changes
            .get(id)
            .map_or(card.clone(), |changes| card.apply(changes));
        Some((id.clone(), card))
    };
    book.iter().filter_map(after).collect()
}

/// What the cards say afterwards: tier, lists, goals or members, then the log.
fn told(mirror_tiers: bool, book: &[(ContactId, Edited)]) -> Vec<String> {
    let book: Book = book.iter().cloned().collect();
    let told = bridged(&book, &bridging(mirror_tiers))
        .into_iter()
        .map(|(id, card)| {
            let said = Relationship::of(&card);
            let mut words = vec![id.as_str()[3..].to_owned()];
            words.extend(said.tier.map(|tier| tier.to_string()));
            words.extend(said.categories);
            words.extend(said.goals.iter().map(|goal| format!("goal {goal}")));
            words.extend(said.members);
            words.extend(said.log.into_iter().map(|line| line.text));
            words.join(", ")
        });
    told.collect()
}

const B: &str = "X-CARDWEAVE-TIER:B\nCATEGORIES:Tier B";

#[test]
fn a_tier_that_is_set_changes_the_category() {
    let after = "X-CARDWEAVE-TIER:A\nCATEGORIES:Tier B,Chess";
    let before = "X-CARDWEAVE-TIER:B\nCATEGORIES:Tier B,Chess";
    assert_eq!(
        told(true, &[edit("ada", before, after)]),
        ["ada, A, Chess, Tier A"]
    );
    assert_eq!(told(true, &[edit("ada", B, "CATEGORIES:Tier B")]), ["ada"]);
}

#[test]
fn a_category_that_is_changed_changes_the_tier_and_is_told_in_the_log() {
    for after in ["Tier A", "Tier B,Tier A", "tier  a"] {
        let after = format!("X-CARDWEAVE-TIER:B\nCATEGORIES:{after}");
        assert_eq!(
            told(true, &[edit("ada", B, &after)]),
            ["ada, A, Tier A, B -> A"],
            "{after}"
        );
    }
    assert_eq!(
        told(true, &[edit("ada", B, "X-CARDWEAVE-TIER:B")]),
        ["ada, B -> none"]
    );
    assert_eq!(
        told(true, &[edit("ada", "", "CATEGORIES:Tier C")]),
        ["ada, C, Tier C, none -> C"]
    );
}

#[test]
fn where_both_were_changed_the_tier_wins() {
    let after = "X-CARDWEAVE-TIER:C\nCATEGORIES:Tier A";
    assert_eq!(told(true, &[edit("ada", B, after)]), ["ada, C, Tier C"]);
}

#[test]
fn where_nobody_edited_anything_the_category_follows() {
    let differ = "X-CARDWEAVE-TIER:B\nCATEGORIES:Tier A";
    assert_eq!(told(true, &[idle("ada", differ)]), ["ada, B, Tier B"]);
    assert_eq!(
        told(true, &[idle("ada", "CATEGORIES:Tier A")]),
        ["ada, A, Tier A"]
    );
    assert_eq!(told(false, &[idle("ada", differ)]), ["ada, B, Tier A"]);
    // A new contact was not moved by anybody.
    assert_eq!(
        told(true, &[edit("ada", "-", "CATEGORIES:Tier A")]),
        ["ada, A, Tier A"]
    );
}

#[test]
fn a_category_that_stood_for_nothing_may_go() {
    let before = "X-CARDWEAVE-TIER:B\nCATEGORIES:Tier A";
    assert_eq!(
        told(true, &[edit("ada", before, "X-CARDWEAVE-TIER:B")]),
        ["ada, B, Tier B"]
    );
    let before = "X-CARDWEAVE-TIER:B\nCATEGORIES:Tier A,Tier B";
    assert_eq!(told(true, &[edit("ada", before, B)]), ["ada, B, Tier B"]);
}

#[test]
fn a_tier_that_waits_for_a_person_is_left_alone() {
    let (id, mut edited) = edit("ada", B, "X-CARDWEAVE-TIER:B\nCATEGORIES:Tier A,Tier C");
    edited.held_back = vec![FieldKey {
        name: TIER.to_owned(),
        value: String::new(),
    }];
    assert_eq!(told(true, &[(id, edited)]), ["ada, B, Tier A, Tier C"]);
}

#[test]
fn the_step_has_the_same_id_on_every_machine() {
    let line = |uid: &str, day: Date| step(uid, day, Some(Tier::B), Some(Tier::A)).id;
    let (today, tomorrow) = (date(2026, 11, 25), date(2026, 11, 26));
    assert_eq!(line("u1", today), line("U1", today));
    assert_ne!(line("u1", today), line("u2", today));
    assert_ne!(line("u1", today), line("u1", tomorrow));
}

#[test]
fn who_is_added_to_a_group_gets_its_category_and_the_other_way_round() {
    let added = edit("g", &group("Chess", ""), &group("Chess", "ada stranger"));
    assert_eq!(
        told(false, &[added, idle("ada", "")]),
        ["ada, Chess", "g, ada, stranger"]
    );
    let listed = edit("ada", "", "CATEGORIES:Chess,Go");
    let group = idle("g", &group("Chess", "stranger"));
    assert_eq!(
        told(false, &[listed, group]),
        ["ada, Chess, Go", "g, ada, stranger"]
    );
}

#[test]
fn who_is_removed_from_one_is_removed_from_the_other() {
    let removed = edit("g", &group("Chess", "ada bob"), &group("Chess", "bob"));
    let people = [
        idle("ada", "CATEGORIES:Chess"),
        idle("bob", "CATEGORIES:Chess"),
    ];
    let [ada, bob] = people;
    assert_eq!(
        told(false, &[removed, ada, bob]),
        ["ada", "bob, Chess", "g, bob"]
    );
    let unlisted = edit("ada", "CATEGORIES:Chess", "");
    assert_eq!(
        told(false, &[unlisted, idle("g", &group("Chess", "ada bob"))]),
        ["ada", "g, bob"]
    );
}

#[test]
fn adding_wins_over_removing() {
    let both = [
        edit("g", &group("Chess", "ada"), &group("Chess", "")),
        edit("g2", &group("Chess", ""), &group("Chess", "ada")),
        edit("ada", "CATEGORIES:Chess", ""),
    ];
    assert_eq!(told(false, &both), ["ada, Chess", "g, ada", "g2, ada"]);
}

#[test]
fn a_group_that_is_renamed_renames_the_category() {
    let renamed = edit("g", &group("Chess", "ada bob"), &group("Go", "ada bob"));
    let people = [
        idle("ada", "CATEGORIES:Chess,Music"),
        // Left at the same time.
        edit("bob", "CATEGORIES:Chess", ""),
        idle("eve", "CATEGORIES:Chess"),
    ];
    let [ada, bob, eve] = people;
    assert_eq!(
        told(false, &[renamed, ada, bob, eve]),
        ["ada, Go, Music", "bob", "eve, Chess", "g, ada"]
    );
}

#[test]
fn a_group_that_is_deleted_takes_the_category_with_it_unless_another_one_stands_for_it() {
    let deleted = edit("g", &group("Chess", "ada"), "-");
    let ada = idle("ada", "CATEGORIES:Chess");
    assert_eq!(told(false, &[deleted.clone(), ada.clone()]), ["ada"]);
    let other = idle("g2", &group("Chess", "ada"));
    assert_eq!(
        told(false, &[deleted, ada, other]),
        ["ada, Chess", "g2, ada"]
    );
}

#[test]
fn a_new_group_and_those_who_are_on_its_list_come_together() {
    let book = [
        edit("g", "-", &group("Chess", "ada")),
        idle("ada", ""),
        idle("bob", "CATEGORIES:Chess"),
    ];
    assert_eq!(
        told(false, &book),
        ["ada, Chess", "bob, Chess", "g, ada, bob"]
    );
}

#[test]
fn a_goals_own_card_names_its_contacts() {
    let goal = |members: &str| format!("{}\nX-CARDWEAVE-GOAL-STATUS:open", group("Win", members));
    let book = [
        edit("g", &goal(""), &goal("ada")),
        idle("ada", "CATEGORIES:Win"),
        edit("bob", "", "X-CARDWEAVE-GOAL:Win"),
    ];
    assert_eq!(
        told(false, &book),
        ["ada, Win, goal Win", "bob, goal Win", "g, ada, bob"]
    );
}

#[test]
fn moving_somebody_between_group_cards_changes_the_tier() {
    let book = [
        edit("a", &group("Tier A", ""), &group("Tier A", "ada")),
        edit("b", &group("Tier B", "ada"), &group("Tier B", "")),
        idle("ada", B),
    ];
    let moved = ["a, ada", "ada, A, Tier A, B -> A", "b"];
    assert_eq!(told(true, &book), moved);
    // Only added: a phone that allows for several groups.
    let [a, _, ada] = book;
    let b = idle("b", &group("Tier B", "ada"));
    assert_eq!(told(true, &[a, b, ada]), moved);
    // Only taken away.
    let b = edit("b", &group("Tier B", "ada"), &group("Tier B", ""));
    assert_eq!(told(true, &[b, idle("ada", B)]), ["ada, B -> none", "b"]);
}

#[test]
fn a_tier_that_is_set_moves_the_person_between_group_cards() {
    let book = [
        idle("a", &group("tier a", "")),
        idle("b", &group("Tier B", "ada")),
        edit("ada", B, "X-CARDWEAVE-TIER:A\nCATEGORIES:Tier B"),
    ];
    assert_eq!(told(true, &book), ["a, ada", "ada, A, tier a", "b"]);
}

#[test]
fn a_group_that_becomes_a_tier_raises_its_members() {
    let book = [
        edit("g", &group("Friends", "ada"), &group("Tier A", "ada")),
        idle("ada", "X-CARDWEAVE-TIER:B\nCATEGORIES:Friends,Tier B"),
    ];
    assert_eq!(told(true, &book), ["ada, A, Tier A, B -> A", "g, ada"]);
}

#[test]
fn members_are_named_once_and_by_the_agreed_uid() {
    let book: Book = [
        edit(
            "g",
            "-",
            &format!("{}\nMEMBER:OTHER\nMEMBER:ada", group("Chess", "")),
        ),
        idle("ada", ""),
    ]
    .into();
    let bridging = Bridging {
        also_known: [("other".to_owned(), ContactId::new("id-ada"))].into(),
        ..bridging(false)
    };
    let cards = bridged(&book, &bridging);
    let members = cards[&ContactId::new("id-g")].fields_named(&["MEMBER"]);
    let members: Vec<&str> = members.iter().map(Field::value).collect();
    assert_eq!(members, ["urn:uuid:ada"]);
}

#[test]
fn groups_in_groups_and_nameless_groups_stay_as_they_are() {
    let book = [
        idle("g", &group("Chess", "h")),
        idle("h", &group("Go", "")),
        idle("n", "KIND:group\nFN:\nMEMBER:ada"),
        idle("ada", ""),
    ];
    assert_eq!(told(false, &book), ["ada", "g, h", "h", "n, ada"]);
}

#[test]
fn a_disputed_name_renames_nobody() {
    let (id, mut edited) = edit("g", &group("Chess", "ada"), &group("Go", "ada"));
    edited.held_back = vec![FieldKey {
        name: "FN".to_owned(),
        value: String::new(),
    }];
    assert_eq!(
        told(false, &[(id, edited), idle("ada", "CATEGORIES:Chess")]),
        ["ada, Chess", "g, ada"]
    );
}

/// Cards of three people and four groups, any of which may be missing.
fn person() -> impl Strategy<Value = String> {
    let tier = prop_oneof![
        Just(""),
        Just("X-CARDWEAVE-TIER:A\n"),
        Just("X-CARDWEAVE-TIER:B\n")
    ];
    let lists =
        proptest::sample::subsequence(vec!["Tier A", "tier b", "Tier C", "Chess", "Go"], 0..=5);
    let goal = prop_oneof![Just(""), Just("X-CARDWEAVE-GOAL:Win\n")];
    (tier, lists, goal).prop_map(|(tier, lists, goal)| {
        let lists: String = lists
            .iter()
            .map(|list| format!("CATEGORIES:{list}\n"))
            .collect();
        format!("{tier}{goal}{lists}")
    })
}

fn any_group() -> impl Strategy<Value = String> {
    let names = prop_oneof![
        Just("Chess"),
        Just("Go"),
        Just("Tier A"),
        Just("Tier B"),
        Just("Win")
    ];
    let members = proptest::sample::subsequence(vec!["p0", "p1", "p2", "x"], 0..=4);
    (names, members).prop_map(|(name, members)| {
        let goal = match name {
            "Win" => "\nX-CARDWEAVE-GOAL-BY:20270101",
            _ => "",
        };
        format!("{}{goal}", group(name, &members.join(" ")))
    })
}

fn maybe(card: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    prop_oneof![4 => card, 1 => Just("-".to_owned())]
}

fn any_book() -> impl Strategy<Value = Book> {
    let people = proptest::collection::vec((maybe(person()), maybe(person())), 3);
    let groups = proptest::collection::vec((maybe(any_group()), maybe(any_group())), 0..4);
    (people, groups).prop_map(|(people, groups)| {
        let cards = |start: &'static str, all: Vec<(String, String)>| {
            let cards = all.into_iter().enumerate();
            cards.map(move |(at, (before, after))| edit(&format!("{start}{at}"), &before, &after))
        };
        cards("p", people).chain(cards("g", groups)).collect()
    })
}

/// What must hold of the cards of a book.
fn holds(cards: &BTreeMap<ContactId, Card>, mirror_tiers: bool) -> Result<(), TestCaseError> {
    let (groups, people): (Vec<&Card>, Vec<&Card>) =
        cards.values().partition(|card| is_group(card));
    for person in people {
        let said = Relationship::of(person);
        let named = tiers(Said::of(person).lists.iter());
        if mirror_tiers {
            prop_assert_eq!(named.first().copied(), said.tier);
            prop_assert!(named.len() < 2);
            let all = said
                .categories
                .iter()
                .filter(|name| tier_of_category(name).is_some());
            prop_assert!(all.count() < 2);
        }
        for group in &groups {
            let told = Relationship::of(group);
            let name = name_of_group(group).unwrap_or_default();
            let is_listed = match told.goal {
                Some(_) => said.goals.contains(&name),
                None => said.categories.contains(&name),
            };
            let uid = said.uid.clone().unwrap_or_default();
            prop_assert_eq!(
                told.members.contains(&uid),
                is_listed,
                "{} in {}",
                uid,
                name
            );
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn both_places_say_the_same_and_once_is_enough(book in any_book(), mirror in any::<bool>()) {
        let bridging = bridging(mirror);
        let cards = bridged(&book, &bridging);
        holds(&cards, mirror)?;
        // The edits are made: nobody has anything to do.
        let made: Book = cards.iter().map(|(id, card)| (id.clone(), Edited::idle(card))).collect();
        prop_assert_eq!(bridge(&made, &bridging), BTreeMap::new());
    }

    #[test]
    fn what_was_made_of_edits_elsewhere_is_final(book in any_book(), mirror in any::<bool>()) {
        let bridging = bridging(mirror);
        // Who renames the group of a tier, to whatever, while somebody else sets that tier has it
        // either way; here nobody does.
        let name = |card: &Option<Card>| card.as_ref().and_then(name_of_group);
        let mut book = book;
        for edited in book.values_mut() {
            let was = name(&edited.before);
            let is_tier = was.as_ref().is_some_and(|was| tier_of_category(was).is_some());
            if is_tier && name(&edited.after) != was {
                edited.after = edited.before.clone();
            }
        }
        // Before the edits all said the same.
        let idle = |edited: &Edited| edited.before.as_ref().map(Edited::idle);
        let before: Book = book
            .iter()
            .filter_map(|(id, edited)| Some((id.clone(), idle(edited)?)))
            .collect();
        let before = bridged(&before, &bridging);
        let edits = |after: &dyn Fn(&ContactId) -> Option<Card>| -> Book {
            let edit = |id: &ContactId| Edited {
                before: before.get(id).cloned(),
                after: after(id),
                held_back: Vec::new(),
            };
            book.keys().map(|id| (id.clone(), edit(id))).collect()
        };
        let cards = bridged(&edits(&|id| book[id].after.clone()), &bridging);
        let again = bridged(&edits(&|id| cards.get(id).cloned()), &bridging);
        prop_assert_eq!(again, cards);
    }

    #[test]
    fn what_contacts_are_called_plays_no_part(book in any_book(), mirror in any::<bool>()) {
        let turned = |id: &ContactId| {
            let turned: String = id.as_str().chars().rev().collect();
            ContactId::new(turned)
        };
        let other: Book = book.iter().map(|(id, edited)| (turned(id), edited.clone())).collect();
        let bridging = bridging(mirror);
        let cards = bridged(&book, &bridging);
        for (id, card) in bridged(&other, &bridging) {
            prop_assert!(card.same_meaning(&cards[&turned(&id)]));
        }
    }
}
