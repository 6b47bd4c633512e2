//! Names: the fuller one stands, other ones become nicknames or are told.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::card::Field;

use super::Disputed;
use super::column::{Column, Item, Placed, Table};
use super::note::told_in;
use super::words::{Known, fold, is_shouting, spellings, words};

/// What the united card is called.
pub(super) struct Names {
    /// Of `FN`.
    pub full: Vec<Item>,
    /// Of `N`.
    pub parts: Vec<Item>,
    pub nicknames: Vec<String>,
    /// Names for the note.
    pub told: Vec<String>,
    pub disputed: Option<Disputed>,
}

/// Words that people write behind a name to tell two entries of a phone apart. See [`marks`].
const MARKS: [&str; 12] = [
    "arbeit", "buero", "buro", "handy", "mobil", "mobile", "office", "privat", "private", "tel",
    "telefon", "work",
];

const HONORIFICS: [&str; 17] = [
    "dipl", "dr", "frau", "herr", "ing", "jr", "mag", "med", "miss", "mr", "mrs", "ms", "msc",
    "phd", "prof", "sir", "sr",
];

/// More words than these make a name no fuller: they are a remark.
const MOST_WORDS: usize = 4;

/// Of more names or companies than these, only equal ones are the same.
const MOST_TO_COMPARE: usize = 100;

/// How good a name is; the greater one stands.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    /// 0: none. 1: a mail address, a number, a company, an entry of a phone. 2: a name.
    kind: u8,
    /// Words that are neither initials nor titles.
    full_words: usize,
    has_no_company: bool,
    is_cased: bool,
    initials: usize,
    titles: usize,
    /// `Lovelace, Ada` is for sorting.
    has_no_comma: bool,
    accents: usize,
    /// Of `N` on the same card.
    parts: usize,
}

/// Chooses the name. `FN` and `N` come from one card where they can; an `N` of another card that
/// takes the same name better apart is preferred, and fills what is empty.
///
/// A name that says something else becomes a nickname if it is one word, and a line of the note
/// otherwise. What is only a shorter form, or another spelling, is told nowhere.
pub(super) fn unite(table: &Table, take: &BTreeMap<String, usize>) -> Names {
    let full = table.column("FN");
    let parts = table.column("N");
    let companies = Companies::of(table);
    let taken = take.get("FN").or_else(|| take.get("N")).copied();

    let named: Vec<&Placed> = full.firsts().collect();
    let by_person = taken.and_then(|card| named.iter().find(|placed| placed.card == card));
    let best = by_person.or_else(|| {
        let rank = |placed: &Placed| {
            let parts = parts.first_of(placed.card);
            rank(&placed.field.text(), parts, &companies)
        };
        named
            .iter()
            .enumerate()
            .max_by_key(|(at, placed)| (rank(placed), Reverse(*at)))
            .map(|(_, placed)| placed)
    });
    let whose = best.map_or(0, |placed| placed.card);
    let standing = best.map(|placed| &placed.field);
    let apart = parts_for(standing, whose, &parts);

    let mut known = Known::default();
    let ours_first = |field: &&Field| field.key().value.is_empty();
    let mut names = Names {
        full: Vec::new(),
        parts: Vec::new(),
        nicknames: Vec::new(),
        told: Vec::new(),
        disputed: None,
    };
    for (chosen, column, items) in [
        (standing.cloned(), &full, &mut names.full),
        (apart, &parts, &mut names.parts),
    ] {
        let ours = column.ours().find(ours_first);
        let same = |field: &Field| {
            ours.filter(|ours| ours.value() == field.value())
                .map_or_else(|| field.clone(), Field::clone)
        };
        let first = chosen.as_ref().map(same).or_else(|| ours.cloned());
        let further = column.ours().filter(|field| {
            !field.key().value.is_empty()
                && first
                    .as_ref()
                    .is_none_or(|first| first.value() != field.value())
        });
        items.extend(first.clone().map(Item::new));
        items.extend(further.cloned().map(Item::new));
        items.iter().for_each(|item| known.add(&said(&item.field)));
    }
    let stands_for = known.clone();
    names.disputed = full.dispute(whose, |field| {
        is_said(&field.text(), &stands_for, &companies)
    });
    names.tell(table, known, &companies);
    names
}

impl Names {
    /// Finds a place for every name that neither stands nor is part of one that does.
    fn tell(&mut self, table: &Table, mut known: Known, companies: &Companies) {
        for placed in table.column("NICKNAME").fields() {
            known.add(&placed.field.text());
        }
        let mut told = Told::default();
        for placed in table.column("NOTE").fields() {
            told_in(&placed.field.text()).for_each(|name| told.add(name));
        }
        let values = |name: &str| -> BTreeSet<String> {
            let column = table.column(name);
            let fields = column.fields().iter();
            fields
                .map(|placed| placed.field.value().to_owned())
                .collect()
        };
        let (mails, numbers) = (values("EMAIL"), values("TEL"));
        let reachable = |text: &str| {
            mails.contains(Field::new("EMAIL", text).value())
                || numbers.contains(Field::new("TEL", text).value())
        };
        let (full, parts) = (table.column("FN"), table.column("N"));
        for placed in full.fields().iter().chain(parts.fields()) {
            let text = said(&placed.field);
            let is_known = is_said(&text, &known, companies)
                || told.has(&text)
                || is_none(&text)
                || reachable(&text);
            if is_known {
                continue;
            }
            let is_nickname = placed.field.name() == "FN" && text.chars().all(char::is_alphabetic);
            if is_nickname {
                known.add(&text);
                self.nicknames.push(text);
            } else {
                told.add(&text);
                self.told.push(text);
            }
        }
    }
}

/// The name of a card in the order in which it is spoken.
fn said(field: &Field) -> String {
    field.text().replace('\n', " ")
}

/// Whether a name says nothing that is not known, marks and companies apart.
fn is_said(text: &str, known: &Known, companies: &Companies) -> bool {
    let marks = marks(text);
    words(text)
        .iter()
        .all(|word| known.has(word) || companies.words.has(word) || marks.contains(word))
}

/// The words of a name that only tell which entry it is: `privat` in `Ada Byron (privat)`. There are
/// people of the name of Handy, so one that is left with less than two words has none.
fn marks(text: &str) -> Vec<&str> {
    let (marks, others): (Vec<&str>, Vec<&str>) = words(text)
        .into_iter()
        .partition(|word| is_one_of(word, &MARKS));
    match others.len() {
        0 | 1 => Vec::new(),
        _ => marks,
    }
}

fn is_one_of(word: &str, list: &[&str]) -> bool {
    spellings(word)
        .iter()
        .any(|spelling| list.contains(&spelling.as_str()))
}

/// The companies of all cards. One that is part of another adds nothing, so that they are the same
/// after the cards are one.
struct Companies {
    each: Vec<Known>,
    words: Known,
}

impl Companies {
    fn of(table: &Table) -> Companies {
        let mut companies = Companies {
            each: Vec::new(),
            words: Known::default(),
        };
        for placed in table.column("ORG").fields() {
            let text = placed.field.text();
            companies.words.add(&text);
            companies.each.push(Known::of(&text));
        }
        companies
    }

    fn has(&self, name: &str) -> bool {
        let each = self.each.iter().take(MOST_TO_COMPARE);
        each.into_iter().any(|company| company.has_all(name))
    }
}

/// Names that the note tells.
#[derive(Default)]
struct Told {
    each: Vec<Known>,
    texts: BTreeSet<String>,
}

impl Told {
    fn add(&mut self, name: &str) {
        self.texts.insert(fold(name));
        if self.each.len() < MOST_TO_COMPARE {
            self.each.push(Known::of(name));
        }
    }

    fn has(&self, name: &str) -> bool {
        self.texts.contains(&fold(name)) || self.each.iter().any(|told| told.has_all(name))
    }
}

fn rank(text: &str, parts: Option<&Field>, companies: &Companies) -> Rank {
    let letters = text.chars().filter(|char| char.is_alphabetic());
    let mut full_words = BTreeSet::new();
    let written_marks = marks(text);
    let mut marks = 0;
    let (mut initials, mut titles) = (0, 0);
    let mut of_companies = BTreeSet::new();
    for word in words(text) {
        let spelling = spellings(word)[0].clone();
        if written_marks.contains(&word) || !word.chars().any(char::is_alphabetic) {
            marks += 1;
        } else if HONORIFICS.contains(&spelling.as_str()) {
            titles += 1;
        } else if spelling.chars().count() <= 1 && word.is_ascii() {
            initials += 1;
        } else {
            if companies.words.has(word) {
                of_companies.insert(spelling.clone());
            }
            full_words.insert(spelling);
        }
    }
    let kind = if is_none(text) {
        0
    } else if text.contains('@')
        || marks > 0
        || companies.has(text)
        || full_words.is_empty() && initials == 0
    {
        1
    } else {
        2
    };
    let is_small =
        letters.clone().any(char::is_lowercase) && !letters.clone().any(char::is_uppercase);
    // `Ada Byron Foo Inc` is no more of a name than `Ada Byron`, but Ada Byron of Byron Ltd is.
    let of_person = full_words.len() - of_companies.len();
    let counted = match of_person {
        0 | 1 => full_words.len(),
        _ => of_person,
    };
    Rank {
        kind,
        full_words: counted.min(MOST_WORDS),
        has_no_company: of_companies.is_empty(),
        is_cased: !is_shouting(text) && !is_small,
        initials,
        titles,
        has_no_comma: !text.contains(','),
        accents: letters.filter(|char| !char.is_ascii()).count(),
        parts: parts.map_or(0, filled),
    }
}

fn is_none(name: &str) -> bool {
    name.trim().is_empty() || name == "(no name)"
}

/// How many components of a name say something.
fn filled(name: &Field) -> usize {
    let components = name.components();
    components.iter().filter(|part| !part.is_empty()).count()
}

/// The `N` that goes with a full name: of the card that has it, or of another one that takes the
/// same name better apart, with what further cards know besides.
fn parts_for(full: Option<&Field>, whose: usize, column: &Column) -> Option<Field> {
    let known = full.map(|full| Known::of(&full.text()));
    let core = |field: &Field| {
        let parts = field.parts().unwrap_or_default();
        let mut core: Vec<String> = parts.into_iter().take(2).map(|part| fold(&part)).collect();
        core.resize(2, String::new());
        core
    };
    let goes_with = |field: &Field| {
        let core = core(field).join(" ");
        known.as_ref().is_none_or(|known| known.has_all(&core)) && !core.trim().is_empty()
    };
    let names = || {
        let of_card = |placed: &&Placed| placed.card == whose;
        let firsts = column.firsts();
        let (own, others): (Vec<&Placed>, Vec<&Placed>) = firsts.partition(of_card);
        own.into_iter().chain(others).map(|placed| &placed.field)
    };
    let best = names()
        .enumerate()
        .filter(|(_, field)| goes_with(field))
        .max_by_key(|(at, field)| (filled(field), Reverse(*at)))
        .map(|(_, field)| field)
        .or_else(|| column.first_of(whose))
        .or_else(|| column.first_of(0))?;
    let mut parts = best.parts().unwrap_or_default();
    for other in names().filter(|other| core(other) == core(best)) {
        let further = other.parts().unwrap_or_default();
        for (part, further) in parts.iter_mut().zip(further) {
            if part.is_empty() {
                *part = further;
            }
        }
    }
    match best.parts().as_ref() == Some(&parts) {
        true => Some(best.clone()),
        false => Some(best.with_parts(parts)),
    }
}
