//! The people of the year: invented, many, and each in some of the three places.

use crate::place::Place;

const GIVEN: [&str; 20] = [
    "Alma", "Benno", "Clara", "Dario", "Edda", "Fabian", "Greta", "Hannes", "Ilse", "Jonas",
    "Klara", "Lennart", "Mira", "Nils", "Olga", "Paul", "Rosa", "Sven", "Tilda", "Udo",
];
const FAMILY: [&str; 25] = [
    "Ackerfeld",
    "Birkenau",
    "Czernohorsky",
    "Dornblüth",
    "Eulenspiel",
    "Feldkamper",
    "Großjohann",
    "Hagedornik",
    "Immerfroh",
    "Jungnickel",
    "Kranichfuß",
    "Löwenzahner",
    "Mühlbacher",
    "Nachtigaller",
    "Oberwasser",
    "Pfefferkorn",
    "Quittenbaum",
    "Rosenstock",
    "Sonnleithner",
    "Tannhofer",
    "Unterberger",
    "Vogelsang",
    "Wiesengrund",
    "Zeisig",
    "Ährenfeld",
];

/// Every person has another name: 500 of them.
pub fn name(n: usize) -> String {
    let (given, family) = (
        GIVEN[n % GIVEN.len()],
        FAMILY[n / GIVEN.len() % FAMILY.len()],
    );
    format!("{given} {family}")
}

pub fn mail(n: usize) -> String {
    format!("person{n}@year.example")
}

/// The owner's own company has every tenth of them.
pub fn is_colleague(n: usize) -> bool {
    n % 10 == 3
}

/// Which places know person `n` when the year begins.
pub fn is_at_first(place: &str, n: usize) -> bool {
    match place {
        "phone" => !n.is_multiple_of(3),
        "laptop" => n.is_multiple_of(2) || n.is_multiple_of(3),
        _ => n % 4 == 1,
    }
}

pub fn card(n: usize) -> Vec<u8> {
    let name = name(n);
    let (given, family) = name.split_once(' ').expect("two names");
    let company = if is_colleague(n) {
        "Anna's Company"
    } else {
        "Some Company"
    };
    format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:year-{n:03}-person\r\nN:{family};{given};;;\r\n\
         FN:{name}\r\nTEL;TYPE=CELL:+49 151 5550{n:03}\r\nEMAIL;TYPE=HOME:{}\r\n\
         ORG:{company} {}\r\nBDAY:19{:02}-{:02}-{:02}\r\nEND:VCARD\r\n",
        mail(n),
        if is_colleague(n) {
            String::new()
        } else {
            (n % 17).to_string()
        },
        50 + n % 45,
        n % 12 + 1,
        n % 28 + 1,
    )
    .replace("Company \r\n", "Company\r\n")
    .into_bytes()
}

/// Fills a place with those who are there at first.
pub fn fill(place: &Place, people: usize) {
    let there = (0..people).filter(|n| is_at_first(place.id, *n));
    let cards: Vec<(String, Vec<u8>)> = there.map(|n| (format!("year-{n:03}"), card(n))).collect();
    place.put_all(&cards);
}
