//! Names of companies: without their legal form, and how like two of them are.

use super::lexicon::{fold, is_legal_form, same_spelling};

/// The employer on a card, or the company that the card is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Organisation {
    /// Folded words without legal form, joined.
    pub core: Box<str>,
    pub shown: Box<str>,
}

/// How like two names of companies are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OrganisationLikeness {
    Unknown,
    Same,
    /// One name is the beginning of the other.
    Part,
    Different,
}

impl Organisation {
    pub fn read(text: &str) -> Option<Organisation> {
        let folded = fold(text);
        let core: String = core_words(&folded).collect();
        let core = if core.is_empty() {
            folded.replace(' ', "")
        } else {
            core
        };
        (!core.is_empty()).then(|| Organisation {
            core: core.into(),
            shown: text.trim().into(),
        })
    }

    pub fn likeness(a: Option<&Organisation>, b: Option<&Organisation>) -> OrganisationLikeness {
        let (Some(a), Some(b)) = (a, b) else {
            return OrganisationLikeness::Unknown;
        };
        if a.core == b.core || same_spelling(&a.core, &b.core) {
            return OrganisationLikeness::Same;
        }
        let (short, long) = match a.core.len() < b.core.len() {
            true => (a, b),
            false => (b, a),
        };
        match short.core.len() >= 4 && long.core.starts_with(&*short.core) {
            true => OrganisationLikeness::Part,
            false => OrganisationLikeness::Different,
        }
    }

    /// Whether the text is this name, with or without a legal form.
    pub fn is_named(&self, folded: &str) -> bool {
        let core: String = core_words(folded).collect();
        !core.is_empty() && core == *self.core
    }
}

/// The words without legal forms, single letters of one (`s a r l`) and joints.
fn core_words(folded: &str) -> impl Iterator<Item = &str> {
    let has_long_word = folded
        .split(' ')
        .any(|word| word.len() > 2 && !is_legal_form(word));
    folded.split(' ').filter(move |word| {
        let is_legal = is_legal_form(word) || matches!(*word, "und" | "and" | "et" | "y" | "i");
        !(is_legal || has_long_word && word.len() == 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn likeness(a: &str, b: &str) -> OrganisationLikeness {
        let (a, b) = (Organisation::read(a), Organisation::read(b));
        Organisation::likeness(a.as_ref(), b.as_ref())
    }

    #[test]
    fn the_legal_form_is_no_difference() {
        for (a, b) in [
            ("Nord-Bau GmbH", "Nordbau"),
            ("NORD BAU", "Nord Bau GmbH & Co. KG"),
            ("Müller Druck", "Mueller Druck AG"),
            ("Orbit S.A.R.L.", "Orbit SARL"),
        ] {
            assert_eq!(likeness(a, b), OrganisationLikeness::Same, "{a} {b}");
        }
        assert_eq!(likeness("Acme", "Acme Berlin"), OrganisationLikeness::Part);
        assert_eq!(likeness("Acme", "Orbit"), OrganisationLikeness::Different);
        assert_eq!(likeness("Acme", ""), OrganisationLikeness::Unknown);
    }
}
