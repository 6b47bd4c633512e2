//! Mail addresses: one form for the spellings of one mailbox, and whose name it holds.

use super::lexicon::is_role_mailbox;
use super::names::Name;

/// A mail address of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mail {
    /// Small letters, without a `+tag`; for Gmail without dots.
    pub address: Box<str>,
    /// Where the domain begins in `address`.
    at: u16,
    /// A task and not a person: `info@`.
    pub is_role: bool,
}

/// How much of a name the local part of an address holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    Nothing,
    Family,
    Given,
    /// Given name or initial, and family name.
    Full,
}

impl Mail {
    /// Reads an address in the normal form of a field: small letters, without `mailto:`.
    pub fn read(value: &str) -> Option<Mail> {
        let value = value.trim().to_lowercase();
        let value = match value.split_once('<') {
            Some((_, rest)) => rest.trim_end_matches('>'),
            None => &value,
        };
        let (local, domain) = value.rsplit_once('@')?;
        let local = local.trim().split('+').next().unwrap_or_default();
        let domain = domain.trim().trim_end_matches('.');
        if local.is_empty() || domain.is_empty() || value.contains(char::is_whitespace) {
            return None;
        }
        let is_gmail = domain == "gmail.com" || domain == "googlemail.com";
        let address = match is_gmail {
            true => format!("{}@gmail.com", local.replace('.', "")),
            false => format!("{local}@{domain}"),
        };
        let at = u16::try_from(address.rfind('@')?).ok()?;
        Some(Mail {
            is_role: is_role_mailbox(&address[..usize::from(at)]),
            address: address.into(),
            at,
        })
    }

    pub fn local(&self) -> &str {
        &self.address[..usize::from(self.at)]
    }

    pub fn domain(&self) -> &str {
        &self.address[usize::from(self.at) + 1..]
    }

    /// The local part without digits at its end: `anna.mueller` of `anna.mueller2`.
    pub fn local_without_number(&self) -> &str {
        self.local()
            .trim_end_matches(|c: char| c.is_ascii_digit() || "._-".contains(c))
    }

    /// Whether the local part holds this name.
    pub fn fit(&self, name: &Name) -> Fit {
        let local: String = self
            .local()
            .chars()
            .filter(char::is_ascii_alphabetic)
            .collect();
        let plain = |text: &str| {
            let text = text.replace(' ', "");
            (
                text.replace("ae", "a")
                    .replace("oe", "o")
                    .replace("ue", "u"),
                text,
            )
        };
        let (local_plain, local) = plain(&local);
        let (given_plain, given) = plain(&name.given);
        let (family_plain, family) = plain(&name.family);
        let fit = fit_of(&local, &given, &family);
        fit.max(fit_of(&local_plain, &given_plain, &family_plain))
    }
}

fn fit_of(local: &str, given: &str, family: &str) -> Fit {
    let holds = |part: &str| part.len() >= 3 && local.contains(part);
    let initial = given.get(..1).unwrap_or_default();
    let has_family = holds(family);
    if has_family {
        let rest = local.replacen(family, "", 1);
        let is_full = !given.is_empty()
            && (rest == initial || rest.len() >= 2 && (given.starts_with(&rest) || holds(given)));
        return if is_full { Fit::Full } else { Fit::Family };
    }
    let starts = |text: &str, part: &str, letters: usize| {
        part.get(..letters)
            .is_some_and(|start| text.starts_with(start))
    };
    if holds(given) {
        let rest = local.replacen(given, "", 1);
        let is_full = !family.is_empty() && !rest.is_empty() && family.starts_with(&rest);
        return if is_full { Fit::Full } else { Fit::Given };
    }
    // `annmuel` for Anna Mueller.
    for letters in [3, 2] {
        if starts(local, given, letters) && starts(&local[letters..], family, 3) {
            return Fit::Full;
        }
        if starts(local, family, letters + 1) && starts(&local[letters + 1..], given, 2) {
            return Fit::Full;
        }
    }
    Fit::Nothing
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Option<String> {
        Mail::read(text).map(|mail| mail.address.into())
    }

    #[test]
    fn one_mailbox_has_one_form() {
        for text in ["a.b@gmail.com", "ab@googlemail.com", "A.B+shop@Gmail.com"] {
            assert_eq!(address(text).as_deref(), Some("ab@gmail.com"), "{text}");
        }
        assert_eq!(address("a.b+x@web.de").as_deref(), Some("a.b@web.de"));
        for text in ["", "nobody", "@x.org", "a@", "a b@x.org"] {
            assert_eq!(address(text), None, "{text}");
        }
    }

    #[test]
    fn a_local_part_may_hold_a_name() {
        let name = Name::of_parts("Anna", "Müller");
        for (text, fit) in [
            ("anna.mueller@x.org", Fit::Full),
            ("a.muller@x.org", Fit::Full),
            ("muellera@x.org", Fit::Full),
            ("annmuel7@x.org", Fit::Full),
            ("anna80@x.org", Fit::Given),
            ("mueller@x.org", Fit::Family),
            ("bernd.mueller@x.org", Fit::Family),
            ("info@x.org", Fit::Nothing),
        ] {
            assert_eq!(Mail::read(text).unwrap().fit(&name), fit, "{text}");
        }
    }
}
