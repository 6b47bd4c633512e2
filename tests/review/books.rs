//! Books with open questions, made by real runs over two folders.

use crate::desk::{Desk, LAPTOP, PHONE, card};

/// Ada, Bob and Eve, each with a note that both folders changed.
pub fn with_conflicts() -> Desk {
    let names = ["Ada Byron", "Bob Lind", "Eve Holm"];
    let desk = Desk::with(&names.map(|name| (name, "NOTE:likes tea")));
    for name in names {
        desk.edit(LAPTOP, name, "likes tea", "likes coffee");
        desk.edit(PHONE, name, "likes tea", "likes water");
    }
    let ran = desk.run(&["sync"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    desk
}

/// Two folders that meet, in each of them a card of the same rare name and company, with nothing
/// else in common.
pub fn with_a_doubtful_pair() -> Desk {
    let desk = Desk::new();
    let person = |uid: &str, lines: &str| {
        format!(
            "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:Adelheid Quirrenbach\r\n\
             N:Quirrenbach;Adelheid;;;\r\nORG:Kelterhof\r\n{lines}\r\nEND:VCARD\r\n"
        )
    };
    let on_the_laptop = "TEL:+49 30 5550171\r\nTITLE:Head of sales";
    desk.put(LAPTOP, "one.vcf", &person("on-the-laptop", on_the_laptop));
    let on_the_phone = "EMAIL:adelheid@quirrenbach.example";
    desk.put(PHONE, "two.vcf", &person("on-the-phone", on_the_phone));
    let ran = desk.run(&["sync"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    desk
}

/// Two cards of one person in the same folder, beyond doubt, and somebody else.
pub fn with_a_certain_pair() -> Desk {
    let desk = Desk::new();
    let lines = "TEL:+49 170 5550172\r\nEMAIL:gundula@tannhofer.example";
    let text = card("Gundula Tannhofer", lines);
    desk.put(LAPTOP, "one.vcf", &text);
    desk.put(
        LAPTOP,
        "two.vcf",
        &text.replace("gundula-tannhofer-uid", "another-uid"),
    );
    desk.put(PHONE, "bob.vcf", &card("Bob Lind", "TEL:+46 8 555 0103"));
    let ran = desk.run(&["sync"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    desk
}

/// The cards of this name in each folder.
pub fn texts(desk: &Desk, name: &str) -> [Vec<String>; 2] {
    let line = format!("FN:{name}");
    desk.everything().map(|cards| {
        let cards = cards.into_values();
        cards.filter(|text| text.contains(&line)).collect()
    })
}
