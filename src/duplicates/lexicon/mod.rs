//! What is known about names and about the words that people write beside them.

mod fold;
mod spelling;

pub use fold::fold;
pub use spelling::{same_spelling, spelling};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    Junior,
    Senior,
    Nth(u8),
}

const NICKNAMES: [(&str, &str); 12] = [
    ("bob", "robert"),
    ("bill", "william"),
    ("kasia", "katarzyna"),
    ("sascha", "alexander"),
    ("alex", "alexander"),
    ("tom", "thomas"),
    ("max", "maximilian"),
    ("gabi", "gabriele"),
    ("uli", "ulrich"),
    ("fritz", "friedrich"),
    ("pepe", "jose"),
    ("paco", "francisco"),
];

pub fn are_variants(a: &str, b: &str) -> bool {
    a == b || NICKNAMES.contains(&(a, b)) || NICKNAMES.contains(&(b, a))
}

pub fn roots(name: &str) -> &'static [&'static str] {
    match NICKNAMES.iter().find(|(short, _)| *short == name) {
        Some((_, long)) => std::slice::from_ref(long),
        None => &[],
    }
}

pub fn is_title(word: &str) -> bool {
    matches!(
        word,
        "dr" | "prof" | "dipl" | "ing" | "herr" | "frau" | "mr" | "mrs" | "ms"
    )
}

pub fn is_kin(word: &str) -> bool {
    matches!(
        word,
        "mama" | "papa" | "oma" | "opa" | "mom" | "dad" | "schatz" | "bruder" | "tante" | "chef"
    )
}

pub fn is_role_mailbox(local: &str) -> bool {
    matches!(
        local,
        "info" | "office" | "kontakt" | "sales" | "contact" | "support"
    )
}

pub fn is_legal_form(word: &str) -> bool {
    matches!(
        word,
        "gmbh" | "ag" | "kg" | "co" | "inc" | "llc" | "ltd" | "corp" | "sarl" | "sa" | "sl"
    )
}

pub fn is_generic(name: &str) -> bool {
    matches!(name, "taxi" | "pizza" | "notruf" | "werkstatt" | "mailbox")
}

pub fn is_label(word: &str) -> bool {
    matches!(
        word,
        "arbeit" | "mobil" | "handy" | "privat" | "neu" | "work" | "tennis" | "buero"
    )
}

pub fn is_particle(word: &str) -> bool {
    matches!(
        word,
        "von" | "van" | "de" | "der" | "den" | "la" | "al" | "bin" | "zu" | "da" | "di" | "del"
    )
}

pub fn generation(word: &str) -> Option<Generation> {
    match word {
        "jr" | "jun" | "junior" => Some(Generation::Junior),
        "sr" | "sen" | "senior" => Some(Generation::Senior),
        "ii" => Some(Generation::Nth(2)),
        "iii" => Some(Generation::Nth(3)),
        _ => None,
    }
}

pub fn name_frequency(_word: &str) -> Option<f32> {
    None
}

pub fn is_given(_word: &str) -> bool {
    false
}

pub fn is_family(_word: &str) -> bool {
    false
}
