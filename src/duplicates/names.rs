//! Names of people: which words are given and family name, and which only stand beside them.

use super::lexicon::{
    Generation, fold, generation, is_generic, is_kin, is_label, is_particle, is_title, spelling,
};

/// The name on a card, folded, without titles and labels.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Name {
    pub given: Box<str>,
    pub family: Box<str>,
    pub middle: Box<str>,
    /// The spellings by which given and family name are compared and found.
    pub given_key: Box<str>,
    pub family_key: Box<str>,
    pub generation: Option<Generation>,
    pub script: Script,
    /// Whether the card itself tells given from family name.
    pub is_ordered: bool,
}

/// What the words of a name stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Called {
    /// A person by name, or by a part of it.
    Person,
    /// A word for a relative: `Mama`.
    Kin,
    /// A service that anybody has: `Taxi`.
    Generic,
    /// Nothing.
    Nobody,
}

/// How the name was written, as far as reading it aloud may fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Script {
    #[default]
    Latin,
    /// Chinese characters, which Japanese names read in another way.
    Han,
    /// A script that is spelled by letters, more or less.
    Other,
}

/// The words of a card that may hold its name, as they stand there.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub family: String,
    pub given: String,
    pub middle: String,
    pub suffix: String,
    pub full: String,
}

impl Name {
    pub fn read(written: &Written) -> (Called, Name) {
        let mut name = Name {
            script: script(&[&written.full, &written.family, &written.given]),
            ..Name::default()
        };
        let whole = fold(&written.full);
        let structured = [&written.family, &written.given, &written.middle];
        let is_structured = structured.iter().any(|part| !part.trim().is_empty());
        let words_of_n = fold(&format!("{} {}", written.given, written.family));
        let label = if is_structured { &words_of_n } else { &whole };
        if is_generic(label) {
            return (Called::Generic, name);
        }
        // `Oma Kurz`, `Tante Inge`; not the first syllable of a name that was torn apart.
        let given = fold(&written.given);
        let is_relative = match given.is_empty() || written.family.trim().is_empty() {
            true => label.split(' ').next().is_some_and(is_kin),
            false => is_kin(&given),
        };
        if is_relative {
            return (Called::Kin, name);
        }
        let mut parts = match is_structured {
            true => Parts::of_structured(written, &mut name),
            false => Parts::of_full(&written.full, &mut name),
        };
        if parts.is_empty() && is_structured {
            // Only titles or labels: the whole name may say more.
            parts = Parts::of_full(&written.full, &mut name);
        }
        let suffix = fold(&written.suffix);
        name.generation = suffix.split(' ').find_map(generation).or(name.generation);
        if parts.is_empty() {
            return (Called::Nobody, name);
        }
        name.given_key = spelling(&parts.given.join(" ")).into();
        name.family_key = spelling(&parts.family.join(" ")).into();
        name.given = parts.given.join(" ").into();
        name.family = parts.family.join(" ").into();
        name.middle = parts.middle.join(" ").into();
        (Called::Person, name)
    }

    /// For tests: a name of two parts.
    #[cfg(test)]
    pub fn of_parts(given: &str, family: &str) -> Name {
        let written = Written {
            given: given.into(),
            family: family.into(),
            ..Written::default()
        };
        Name::read(&written).1
    }

    /// Given and family name, as far as they are there.
    pub fn is_full(&self) -> bool {
        !self.given.is_empty() && !self.family.is_empty()
    }
}

#[derive(Default)]
struct Parts {
    given: Vec<String>,
    middle: Vec<String>,
    family: Vec<String>,
}

impl Parts {
    fn is_empty(&self) -> bool {
        self.given.is_empty() && self.family.is_empty() && self.middle.is_empty()
    }

    fn of_structured(written: &Written, name: &mut Name) -> Parts {
        let given = own_words(&written.given, name);
        let family = own_words(&written.family, name);
        let middle = own_words(&written.middle, name);
        let whole_in_one = match (given.is_empty(), family.is_empty()) {
            (false, true) if middle.is_empty() => Some(&written.given),
            // A family name may have two words; a given name in its place is told by a comma.
            (true, false) if middle.is_empty() && written.family.contains(',') => {
                Some(&written.family)
            }
            _ => None,
        };
        if let Some(text) = whole_in_one
            && given.len() + family.len() > 1
            && text.trim().contains([' ', ',', '\u{3000}'])
        {
            return Parts::of_full(text, name);
        }
        name.is_ordered = true;
        // A label in the place of the family name: `Anna`, `Arbeit`.
        let is_all_label = |words: &[String]| words.iter().all(|word| is_label(word));
        let family = match !given.is_empty() && is_all_label(&family) {
            true => Vec::new(),
            false => family,
        };
        let mut parts = Parts {
            given,
            middle,
            family,
        };
        if parts.given.is_empty() && parts.middle.iter().any(|word| word.len() > 1) {
            parts.given = std::mem::take(&mut parts.middle);
        }
        parts
    }

    /// Takes a name of Chinese characters apart. Without a gap the first one is the family name,
    /// as nearly all are; with a gap nobody knows which part is which.
    fn of_characters(text: &str, name: &mut Name) -> Parts {
        let mut words = text.split([' ', ',', '\u{3000}', '\u{ff0c}', '\u{b7}']);
        let mut next = || words.find(|word| !word.is_empty()).unwrap_or_default();
        let (first, second) = (next(), next());
        let (family, given) = match (first.chars().count(), second.is_empty()) {
            (_, false) => (first, second),
            (0..=1, true) => ("", first),
            (_, true) => first.split_at(first.chars().next().map_or(0, char::len_utf8)),
        };
        Parts {
            given: own_words(given, name),
            middle: Vec::new(),
            family: own_words(family, name),
        }
    }

    /// Takes a name apart that stands in one text: `Müller, Anna` or `Dr. Anna von Müller`.
    fn of_full(text: &str, name: &mut Name) -> Parts {
        let text = without_brackets(text);
        // A number or a mail address in the place of a name is none.
        if text.contains('@') || !text.chars().any(char::is_alphabetic) {
            return Parts::default();
        }
        if name.script == Script::Han {
            return Parts::of_characters(&text, name);
        }
        if let Some((family, given)) = text.split_once(',') {
            let (family, mut given) = (own_words(family, name), own_words(given, name));
            if !family.is_empty() && !given.is_empty() {
                name.is_ordered = true;
                let middle = given.split_off(1);
                return Parts {
                    given,
                    middle,
                    family,
                };
            }
        }
        let mut words = own_words(&text, name);
        while words.len() > 1 && words.last().is_some_and(|word| is_label(word)) {
            words.pop();
        }
        let Some(last) = words.pop() else {
            return Parts::default();
        };
        if words.is_empty() {
            return Parts {
                given: vec![last],
                ..Parts::default()
            };
        }
        let mut family = vec![last];
        while words.len() > 1 && words.last().is_some_and(|word| is_particle(word)) {
            family.extend(words.pop());
        }
        family.reverse();
        let middle = words.split_off(1);
        Parts {
            given: words,
            middle,
            family,
        }
    }
}

/// The folded words of a part of a name, without titles, generations (which are noted) and what
/// stands in brackets.
fn own_words(text: &str, name: &mut Name) -> Vec<String> {
    let folded = fold(&without_brackets(text));
    let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
    let mut own = Vec::with_capacity(words.len());
    for (at, word) in words.iter().enumerate() {
        // A title stands in front, a generation behind.
        if own.is_empty() && is_title(word) && (words.len() > 1 || word.len() > 1) {
            continue;
        }
        if at > 0
            && let Some(found) = generation(word)
            && is_meant(word, text)
        {
            name.generation = Some(found);
            continue;
        }
        own.push((*word).to_owned());
    }
    own
}

/// Whether a word is the generation that it looks like: `Jun` and `Sen` are also names, and only
/// with a full stop short for something.
fn is_meant(word: &str, text: &str) -> bool {
    !matches!(word, "jun" | "sen") || text.to_lowercase().contains(&format!("{word}."))
}

fn without_brackets(text: &str) -> String {
    let mut depth = 0usize;
    let mut kept = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '(' | '[' | '{' | '\u{ff08}' => depth += 1,
            ')' | ']' | '}' | '\u{ff09}' => depth = depth.saturating_sub(1),
            _ if depth == 0 => kept.push(c),
            _ => {}
        }
    }
    // Brackets around everything, or one that never closes, are no remark.
    if kept.trim().is_empty() {
        text.to_owned()
    } else {
        kept
    }
}

fn script(texts: &[&str]) -> Script {
    let mut script = Script::Latin;
    for c in texts.iter().flat_map(|text| text.chars()) {
        match c {
            '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' => return Script::Han,
            '\u{370}'..='\u{1dff}' | '\u{ac00}'..='\u{d7ff}' if c.is_alphabetic() => {
                script = Script::Other;
            }
            _ => {}
        }
    }
    script
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(family: &str, given: &str, full: &str) -> (Called, String, String) {
        let written = Written {
            family: family.into(),
            given: given.into(),
            full: full.into(),
            ..Written::default()
        };
        let (called, name) = Name::read(&written);
        (called, name.given.into(), name.family.into())
    }

    #[test]
    fn a_name_in_one_text_is_taken_apart() {
        for (full, given, family) in [
            ("Anna Müller", "anna", "mueller"),
            ("Müller, Anna", "anna", "mueller"),
            ("Dr. Anna Maria von der Heide", "anna", "von der heide"),
            ("Anna", "anna", ""),
            ("Peter (Tennis)", "peter", ""),
            ("Anna Müller jun.", "anna", "mueller"),
        ] {
            let expected = (Called::Person, given.to_owned(), family.to_owned());
            assert_eq!(of("", "", full), expected, "{full}");
            if full.contains(' ') {
                assert_eq!(of("", full, full), expected, "{full} in one part");
            }
        }
    }

    #[test]
    fn what_is_no_name_is_told() {
        for (full, called) in [
            ("+49 170 1234567", Called::Nobody),
            ("anna@x.org", Called::Nobody),
            ("", Called::Nobody),
            ("Mama", Called::Kin),
            ("Taxi", Called::Generic),
        ] {
            assert_eq!(of("", "", full).0, called, "{full}");
        }
    }

    #[test]
    fn a_label_is_no_family_name_and_a_title_no_given_name() {
        assert_eq!(of("Arbeit", "Anna", "Anna Arbeit").2, "");
        assert_eq!(of("Müller", "Frau", "Frau Müller").1, "");
        assert_eq!(of("Privat", "", "Privat").2, "privat");
    }
}
