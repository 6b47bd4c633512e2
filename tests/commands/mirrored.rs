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
