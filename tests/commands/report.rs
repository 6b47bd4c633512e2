//! `report` on a synced book: text, JSON and the page, and what it refuses.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::desk::{Desk, LAPTOP};
use crate::schema::fits;

/// Two contacts and a goal. What is dated stays in the report's time for a hundred years.
fn desk() -> Desk {
    let desk = Desk::new();
    let card = |name: &str, lines: &str| {
        format!(
            "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:{}-uid\r\nFN:{name}\r\n{lines}END:VCARD\r\n",
            name.to_lowercase()
        )
    };
    let ada = card(
        "Ada",
        "X-CARDWEAVE-TIER:A\r\nCATEGORIES:Chess\r\nX-CARDWEAVE-GOAL:Win\r\n\
         X-CARDWEAVE-LOG;ID=1;DATE=20260301;KIND=call;MINUTES=80;COST=1200.50 EUR;GOAL=Win;\
         RESULT=2 orders;BALANCE=gave:talked\r\n\
         X-CARDWEAVE-MET;ID=2;DATE=20260201;COST=30 EUR:Chess open\r\n",
    );
    let bo = card(
        "Bo\u{202e}x",
        "X-CARDWEAVE-LOG;ID=1;DATE=20260302;KIND=mail;COST=9 CHF:wrote\r\n",
    );
    let win = card(
        "Win",
        "KIND:group\r\nX-CARDWEAVE-GOAL-BY:20991231\r\nX-CARDWEAVE-GOAL-TARGET:3 orders\r\n",
    );
    for (file, text) in [("ada.vcf", ada), ("bo.vcf", bo), ("win.vcf", win)] {
        desk.put(LAPTOP, file, &text);
    }
    let ran = desk.run(&["sync"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    desk
}

#[test]
fn the_text_says_it_first_and_shows_it_then() {
    let ran = desk().run(&["report", "--since", "2026-01-01"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let first = ran.stdout.lines().next().unwrap_or_default();
    assert_eq!(
        first,
        "You spent 1 h 20 min, 9.00 CHF and 1,230.50 EUR on 2 interactions with 2 contacts since \
         2026-01-01."
    );
    for wanted in [
        "It brought 2 orders.",
        "Chess open cost 30.00 EUR and brought 1 A contact.",
        "\nlist",
        "\nmonth",
        "Mar 2026",
        "\nkind",
        "Bo\\u{202e}x",
    ] {
        assert!(ran.stdout.contains(wanted), "{wanted} in {}", ran.stdout);
    }
    assert!(!ran.stdout.contains('\u{202e}'));
}

#[test]
fn a_country_may_be_named_for_the_text_too() {
    let ran = desk().run(&["report", "--since", "2026-01-01", "--locale", "de"]);
    assert!(ran.stdout.contains("1.230,50 EUR"), "{ran:?}");
    assert!(ran.stdout.contains("01.01.2026"), "{ran:?}");
}

#[test]
fn the_json_document_fits_its_schema() {
    let desk = desk();
    let schema: serde_json::Value =
        serde_json::from_str(&desk.run(&["schema", "report"]).stdout).expect("a schema");
    let document = desk.json(&["report", "--since", "2026-01-01"]);
    assert_eq!(fits(&schema, &document), Ok(()));
    let numbers = &document["numbers"];
    assert_eq!(numbers["since"], "2026-01-01");
    assert_eq!(
        numbers["total"]["costs"],
        serde_json::json!([
            {"currency": "CHF", "cents": 900}, {"currency": "EUR", "cents": 123_050}
        ])
    );
    assert_eq!(numbers["goals"][0]["reached"], 2);
    assert_eq!(document["html"], serde_json::Value::Null);
}

#[test]
fn the_page_is_private_and_replaces_what_was_there() {
    let desk = desk();
    let file = desk.path().join("new/folder/report.html");
    let path = file.to_str().expect("a path in UTF-8");
    let mut command = desk.command(&["report", "--since", "2026-01-01", "--html", path]);
    let ran = crate::desk::Ran::of(&command.env("LANG", "de_DE.UTF-8").output().unwrap());
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.contains("The page is "), "{ran:?}");
    let german = fs::read_to_string(&file).unwrap();
    assert!(german.contains("1.200,50 EUR") && !german.contains('\u{202e}'));
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let ran = desk.run(&["report", "--goal", "win", "--html", path]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let english = fs::read_to_string(&file).unwrap();
    assert!(english.contains("What came of it: Win") && english.contains("</html>"));
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn what_cannot_be_is_refused_with_what_to_do() {
    let desk = desk();
    let ran = desk.run(&["report", "--goal", "Wim"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("Did you mean \"Win\"?"), "{ran:?}");
    let ran = desk.run(&["report", "--goal", "xyz"]);
    assert!(ran.stderr.contains("`cardweave goal list`"), "{ran:?}");
    let ran = desk.run(&["report", "--since", "2999-01-01"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("has not come yet"), "{ran:?}");
    let ran = desk.run(&["report", "--since", "soon"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    let folder = desk.path().to_str().expect("a path in UTF-8");
    let ran = desk.run(&["report", "--html", folder]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("Could not write the page"), "{ran:?}");
    assert!(ran.stderr.contains("--html"), "{ran:?}");
}
