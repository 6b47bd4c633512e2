//! `tier` where tiers are mirrored: categories and group cards follow, here and in every store.

use crate::desk::{Desk, LAPTOP, PHONE, card};

const GROUP: &str = "X-ADDRESSBOOKSERVER-KIND:group";

/// Two folders with mirrored tiers; Ada is of tier B, and there are group cards of two tiers.
fn desk(more: &str) -> Desk {
    let desk = Desk::new();
    desk.configure(&format!(
        "[[book]]\nname = \"people\"\nmirror-tiers = true\n\
         [[book.store]]\nid = \"laptop\"\nfolder = \"laptop\"\n{more}\
         [[book.store]]\nid = \"phone\"\nfolder = \"phone\"\n"
    ));
    let ada = "CATEGORIES:Chess,Tier B\r\nX-CARDWEAVE-TIER:B";
    desk.put(PHONE, "ada.vcf", &card("Ada", ada));
    let b = format!("{GROUP}\r\nX-ADDRESSBOOKSERVER-MEMBER:urn:uuid:ada-uid");
    desk.put(PHONE, "b.vcf", &card("Tier B", &b));
    desk.put(PHONE, "a.vcf", &card("Tier A", GROUP));
    let ran = desk.run(&["sync"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    desk
}

#[test]
fn a_tier_that_is_set_reaches_categories_and_group_cards_of_every_store() {
    let desk = desk("");
    let ran = desk.run(&["tier", "A", "Ada"]);
    assert_eq!((ran.code, ran.stdout.trim()), (0, "Ada: tier A"), "{ran:?}");
    let synced = desk.run(&["sync"]);
    assert_eq!(synced.code, 0, "{synced:?}");
    for store in [LAPTOP, PHONE] {
        let ada = desk.find(store, "Ada").1;
        assert!(ada.contains("X-CARDWEAVE-TIER:A"), "{ada}");
        assert!(ada.contains("CATEGORIES:Chess,Tier A"), "{ada}");
        assert_eq!(ada.matches("KIND=tier").count(), 1, "{ada}");
        let [a, b] = ["Tier A", "Tier B"].map(|name| desk.find(store, name).1);
        assert!(a.contains("ada-uid") && !b.contains("ada-uid"), "{a}{b}");
    }
    let quiet = desk.run(&["sync"]);
    assert_eq!(
        quiet.stdout.matches("nothing to do").count(),
        2,
        "{quiet:?}"
    );
    assert_eq!(desk.run(&["diff"]).code, 0);
}

#[test]
fn a_folder_that_omits_tiers_gets_no_category_and_no_group_of_them() {
    let desk = desk("omit = [\"X-CARDWEAVE-TIER\", \"X-CARDWEAVE-LOG\"]\n");
    desk.run(&["tier", "A", "Ada"]);
    let synced = desk.run(&["sync"]);
    assert_eq!(synced.code, 0, "{synced:?}");
    let all: String = desk.contents(LAPTOP).into_values().collect();
    assert!(all.contains("CATEGORIES:Chess\r\n"), "{all}");
    assert!(
        !all.contains("Tier") && !all.contains("X-CARDWEAVE"),
        "{all}"
    );
    let quiet = desk.run(&["sync"]);
    assert_eq!(
        quiet.stdout.matches("nothing to do").count(),
        2,
        "{quiet:?}"
    );
    let diff = desk.run(&["diff"]);
    assert_eq!(diff.code, 0, "{diff:?}");
}

/// Ada is of tier A on the laptop and of tier C on the phone, and nobody has decided yet.
fn disputed() -> Desk {
    let desk = desk("");
    desk.edit(LAPTOP, "Ada", "X-CARDWEAVE-TIER:B", "X-CARDWEAVE-TIER:A");
    desk.edit(PHONE, "Ada", "X-CARDWEAVE-TIER:B", "X-CARDWEAVE-TIER:C");
    let ran = desk.run(&["sync"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    desk
}

#[test]
fn a_tier_that_is_set_while_stores_disagree_decides() {
    // B is what they last agreed on, so that nothing seems to change.
    for tier in ["D", "B"] {
        let desk = disputed();
        let ran = desk.run(&["tier", tier, "Ada"]);
        assert_eq!(
            ran.stdout.trim(),
            format!("Ada: tier {tier}"),
            "it is told as a change: {ran:?}"
        );
        assert_eq!(desk.run(&["review", "--list"]).code, 0);
        let synced = desk.run(&["sync"]);
        assert_eq!(synced.code, 0, "{synced:?}");
        for store in [LAPTOP, PHONE] {
            let ada = desk.find(store, "Ada").1;
            assert!(ada.contains(&format!("X-CARDWEAVE-TIER:{tier}")), "{ada}");
            assert!(
                ada.contains(&format!("CATEGORIES:Chess,Tier {tier}")),
                "{ada}"
            );
        }
        assert_eq!(desk.run(&["diff"]).code, 0);
    }
}

#[test]
fn what_was_decided_and_changed_once_more_before_the_sync_holds() {
    let desk = disputed();
    desk.run(&["tier", "D", "Ada"]);
    desk.run(&["tier", "B", "Ada"]);
    assert_eq!(desk.run(&["sync"]).code, 0);
    for store in [LAPTOP, PHONE] {
        let ada = desk.find(store, "Ada").1;
        assert!(ada.contains("X-CARDWEAVE-TIER:B"), "{ada}");
    }
}
