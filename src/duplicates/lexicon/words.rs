//! Words that stand beside names, or in place of one.

use std::sync::LazyLock;

use super::fold;
use super::list::{Known, lines, words};
use super::spelling::Key;

/// What tells two people of one name in one family apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Generation {
    Junior,
    Senior,
    /// The second, the third and so on of the name; at least 2.
    Nth(u8),
}

/// Whether it is a title, a degree, a rank or a form of address: `dr`, `prof`, `frau`, `ing`.
pub fn is_title(word: &str) -> bool {
    kinds(word) & TITLE != 0
}

/// Whether it is a word for a relative that stands for a name: `mama`, `opa`, `dad`.
///
/// Words that are common given names as well (`anne`, Turkish for mother) are not among them.
pub fn is_kin(word: &str) -> bool {
    kinds(word) & KIN != 0
}

/// Whether the local part of a mail address is a task and not a person: `info`, `no-reply`.
///
/// Signs and a number at the end do not count.
pub fn is_role_mailbox(local: &str) -> bool {
    let mut letters = [0; 32];
    let mut length = 0;
    for letter in local.bytes().filter(|letter| !b".-_ ".contains(letter)) {
        if length == letters.len() || !letter.is_ascii() {
            return false;
        }
        letters[length] = letter.to_ascii_lowercase();
        length += 1;
    }
    while length > 0 && letters[length - 1].is_ascii_digit() {
        length -= 1;
    }
    let local = str::from_utf8(&letters[..length]).unwrap_or_default();
    kinds(local) & ROLE != 0
}

/// Whether it names the legal form of an organisation: `gmbh`, `ltd`, `sarl`.
pub fn is_legal_form(word: &str) -> bool {
    kinds(word) & LEGAL != 0
}

/// Whether the whole name is that of a service or a place anybody may have: `taxi`,
/// `pizza service`, `voicemail`.
pub fn is_generic(name: &str) -> bool {
    if kinds(name) & GENERIC != 0 {
        return true;
    }
    let of_words = name.split(' ').map(kinds);
    let all = of_words.clone().all(|kinds| kinds & (GENERIC | LABEL) != 0);
    all && of_words.clone().any(|kinds| kinds & GENERIC != 0)
}

/// Whether people append it to a name to tell which number or which person it is: `privat`,
/// `work`, `tennis`, `nachbar`.
pub fn is_label(word: &str) -> bool {
    kinds(word) & LABEL != 0
}

/// Whether it is one of the little words of family names: `von`, `de`, `al`, `bin`.
pub fn is_particle(word: &str) -> bool {
    kinds(word) & PARTICLE != 0
}

/// The generation that the word names, if it names one: `jr`, `senior`, `iii`.
pub fn generation(word: &str) -> Option<Generation> {
    let kinds = kinds(word);
    if kinds & JUNIOR != 0 {
        return Some(Generation::Junior);
    }
    if kinds & SENIOR != 0 {
        return Some(Generation::Senior);
    }
    match word {
        "ii" | "2nd" | "2nda" | "2do" => Some(Generation::Nth(2)),
        "iii" | "3rd" | "3ro" | "neto" => Some(Generation::Nth(3)),
        "iv" | "4th" => Some(Generation::Nth(4)),
        "5th" => Some(Generation::Nth(5)),
        "vii" => Some(Generation::Nth(7)),
        "viii" => Some(Generation::Nth(8)),
        _ => None,
    }
}

const TITLE: u16 = 1;
const KIN: u16 = 1 << 1;
const ROLE: u16 = 1 << 2;
const LEGAL: u16 = 1 << 3;
const GENERIC: u16 = 1 << 4;
const LABEL: u16 = 1 << 5;
const PARTICLE: u16 = 1 << 6;
const JUNIOR: u16 = 1 << 7;
const SENIOR: u16 = 1 << 8;

const LISTS: [(u16, &str); 9] = [
    (TITLE, include_str!("data/titles.txt")),
    (KIN, include_str!("data/kin.txt")),
    (ROLE, include_str!("data/role_mailboxes.txt")),
    (LEGAL, include_str!("data/legal_forms.txt")),
    (GENERIC, include_str!("data/generic.txt")),
    (LABEL, include_str!("data/labels.txt")),
    (PARTICLE, include_str!("data/particles.txt")),
    (JUNIOR, include_str!("data/juniors.txt")),
    (SENIOR, include_str!("data/seniors.txt")),
];

static KINDS: LazyLock<Known<u16>> = LazyLock::new(|| {
    let mut known = Known::default();
    for (kind, list) in LISTS {
        for word in lines(list).flat_map(words) {
            if let Some(key) = Key::of_word(&fold(word)) {
                *known.entry(Box::from(key.as_str())).or_default() |= kind;
            }
        }
    }
    known
});

fn kinds(word: &str) -> u16 {
    let key = Key::of_word(word);
    key.and_then(|key| KINDS.get(key.as_str()).copied())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_list_names_a_word_twice() {
        for (kind, list) in LISTS {
            let mut seen = BTreeSet::new();
            for word in lines(list).flat_map(words) {
                assert!(!fold(word).is_empty(), "list {kind}: {word:?} is no word");
                assert!(seen.insert(fold(word)), "list {kind} names {word} twice");
            }
            assert!(seen.len() >= 8, "list {kind} is short");
        }
    }

    #[test]
    fn words_are_told_from_names() {
        assert!(
            ["dr", "prof", "frau", "dipl ing", "sir", "mba"]
                .iter()
                .all(|w| is_title(w))
        );
        assert!(
            ["mama", "oma", "maman", "babcia", "dad", "abuela"]
                .iter()
                .all(|w| is_kin(w))
        );
        assert!(
            ["gmbh", "ltd", "sarl", "spzoo", "sp z o o"]
                .iter()
                .all(|w| is_legal_form(w))
        );
        assert!(
            ["von", "van", "de", "al", "bin"]
                .iter()
                .all(|w| is_particle(w))
        );
        let labels = [
            "arbeit", "privat", "mobil", "handy", "neu", "work", "buero", "buro",
        ];
        assert!(labels.iter().all(|w| is_label(w)));
        for name in [
            "anna", "anne", "peter", "mueller", "baba", "may", "will", "rose",
        ] {
            assert!(!is_title(name) && !is_label(name), "{name}");
            assert!(!is_legal_form(name) && !is_role_mailbox(name), "{name}");
        }
        assert!(!is_kin("anne"));
    }

    #[test]
    fn a_mailbox_of_a_task_is_known_in_any_spelling() {
        let roles = [
            "info", "no-reply", "noreply", "no_reply", "office2", "Kontakt", "a.buse",
        ];
        assert!(roles.iter().all(|local| is_role_mailbox(local)));
        let people = ["anna", "j.doe", "infosek.maier", "7", ""];
        assert!(!people.iter().any(|local| is_role_mailbox(local)));
    }

    #[test]
    fn a_service_is_no_person() {
        let services = [
            "taxi",
            "notruf",
            "pizza service",
            "werkstatt neu",
            "voicemail",
        ];
        assert!(services.iter().all(|name| is_generic(name)));
        assert!(
            !["taxi mueller", "anna", "handy", "", "maria"]
                .iter()
                .any(|name| is_generic(name))
        );
    }

    #[test]
    fn generations_are_ordered_words() {
        assert_eq!(generation("jr"), Some(Generation::Junior));
        assert_eq!(generation("senior"), Some(Generation::Senior));
        assert_eq!(generation("iii"), Some(Generation::Nth(3)));
        assert_eq!(generation("v"), None);
        assert_eq!(generation("anna"), None);
    }
}
