//! When two values say the same, which says it better, and which says more.

use crate::card::Field;

use super::words::{fold, is_shouting};

/// How the values of a property that a card has several times are told apart.
pub(super) struct Kin {
    /// Fields with one sign say the same.
    pub sign: fn(&Field) -> String,
    /// Whether the second field, of the same sign, says it in a better way.
    pub is_better: fn(&Field, &Field) -> bool,
    /// Whether the value of the first sign says all that the second says, and more.
    pub covers: fn(&str, &str) -> bool,
}

/// Fewer digits than these are no number that could be known by its end.
const LEAST_DIGITS: usize = 7;

impl Kin {
    /// Two values are the same where they are equal.
    pub const EXACT: Kin = Kin {
        sign: |field| field.value().to_owned(),
        is_better: |_, _| false,
        covers: |_, _| false,
    };

    /// Two values are the same also where their case and blanks differ.
    pub const FOLDED: Kin = Kin {
        sign: |field| fold(field.value()),
        is_better: |old, new| is_shouting(&old.text()) && !is_shouting(&new.text()),
        covers: |_, _| false,
    };

    /// One number in two forms is one: with and without country code, the international form is the
    /// better one.
    const NUMBER: Kin = Kin {
        sign: |field| field.value().to_owned(),
        is_better: |old, new| !old.text().starts_with('+') && new.text().starts_with('+'),
        covers: is_longer_form,
    };

    /// Case, blanks and punctuation are no difference, and a component that is missing in one
    /// address is none to the other.
    const ADDRESS: Kin = Kin {
        sign: |field| signs(&field.components(), letters_and_digits),
        is_better: |old, new| is_shouting(&old.text()) && !is_shouting(&new.text()),
        covers: |more, less| {
            let (more, less): (Vec<&str>, Vec<&str>) =
                (more.split(';').collect(), less.split(';').collect());
            let is_there =
                |(at, part): (usize, &&str)| part.is_empty() || more.get(at) == Some(part);
            less.iter().enumerate().all(is_there)
        },
    };

    /// A slash at the end is no difference, `https` is better than `http` and both than nothing.
    const LINK: Kin = Kin {
        sign: |field| match field.value().split_once("://") {
            Some(("http" | "https", rest)) => rest.trim_end_matches('/').to_owned(),
            Some(_) => field.value().to_owned(),
            None => {
                let host_ends = field.value().find('/').unwrap_or(field.value().len());
                let (host, path) = field.value().split_at(host_ends);
                format!("{}{path}", host.to_lowercase())
                    .trim_end_matches('/')
                    .to_owned()
            }
        },
        is_better: |old, new| security(old) < security(new),
        covers: |_, _| false,
    };

    /// A company, title or role in fewer words is the same in more words.
    pub const WORDING: Kin = Kin {
        sign: |field| match field.components() {
            components if components.is_empty() => words_of(field.value()),
            components => signs(&components, words_of),
        },
        is_better: |old, new| is_shouting(&old.text()) && !is_shouting(&new.text()),
        covers: |more, less| {
            let more: Vec<Vec<&str>> = more
                .split(';')
                .map(|part| part.split(' ').collect())
                .collect();
            less.split(';').enumerate().all(|(at, part)| {
                let there = more.get(at).map(Vec::as_slice).unwrap_or_default();
                part.split(' ')
                    .all(|word| word.is_empty() || there.contains(&word))
            })
        },
    };

    pub fn of(name: &str) -> Kin {
        match name {
            "TEL" => Kin::NUMBER,
            "ADR" => Kin::ADDRESS,
            "URL" => Kin::LINK,
            "CATEGORIES" | "RELATED" | "MEMBER" | "X-CARDWEAVE-GOAL" => Kin::FOLDED,
            _ => Kin::EXACT,
        }
    }
}

/// Whether the second number is the first one without its country code, with or without the zero
/// that is dialled before it from inside the country.
fn is_longer_form(international: &str, local: &str) -> bool {
    let Some(digits) = international.strip_prefix('+') else {
        return false;
    };
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(digits) || !is_number(local) {
        return false;
    }
    // Italy keeps the zero also behind its country code.
    [local, local.strip_prefix('0').unwrap_or(local)]
        .iter()
        .any(|end| end.len() >= LEAST_DIGITS && digits.ends_with(end))
}

fn signs(components: &[String], of: fn(&str) -> String) -> String {
    let signs: Vec<String> = components.iter().map(|part| of(part)).collect();
    signs.join(";").trim_end_matches(';').to_owned()
}

fn letters_and_digits(text: &str) -> String {
    fold(text)
        .chars()
        .filter(|char| char.is_alphanumeric())
        .collect()
}

fn words_of(text: &str) -> String {
    let folded = fold(text);
    let words: Vec<&str> = folded
        .split(|char: char| !char.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

fn security(link: &Field) -> u8 {
    match link.value().split_once("://") {
        Some(("https", _)) => 2,
        Some(_) => 1,
        None => 0,
    }
}
