//! What became of a card between putting it there and reading it back, by meaning and in words.

use schemars::JsonSchema;
use serde::Serialize;

use crate::card::{Card, Field};
use crate::merge::{is_unchanged, pairs};

use super::subject::{SUBJECTS, Subject};

/// What became of one kind of property.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kept {
    /// All of it, by meaning.
    Yes,
    /// Something is there, but not the same.
    Changed,
    /// Nothing of it is there any more.
    Dropped,
    /// The server would not take a card with it.
    Refused,
}

/// One kind of property and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fate {
    pub subject: Subject,
    pub kept: Kept,
    /// What is not the same, in words.
    pub how: Vec<String>,
}

/// A fate as it is told: words only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Told {
    pub what: String,
    /// The properties, by their version-neutral names.
    pub names: Vec<String>,
    /// It is what cardweave itself keeps on cards.
    pub is_ours: bool,
    pub kept: Kept,
    /// What is not the same, in words.
    pub how: Vec<String>,
}

impl Fate {
    /// The fate in words, under another name where one is given.
    pub fn told(self, words: Option<&str>) -> Told {
        Told {
            kept: self.kept,
            how: self.how,
            ..Told::of(&self.subject, words)
        }
    }
}

impl Told {
    fn of(subject: &Subject, words: Option<&str>) -> Told {
        Told {
            what: words.unwrap_or(subject.words).to_owned(),
            names: subject
                .names
                .iter()
                .map(|name| (*name).to_owned())
                .collect(),
            is_ours: subject.is_ours,
            kept: Kept::Yes,
            how: Vec::new(),
        }
    }

    /// The server would not take a card with it, for this reason.
    pub fn refused(subject: &Subject, words: Option<&str>, reason: String) -> Told {
        Told {
            kept: Kept::Refused,
            how: vec![reason],
            ..Told::of(subject, words)
        }
    }
}

/// Compares what was put with what came back: one fate for each kind of property that was put.
pub fn fates(sent: &Card, kept: &Card) -> Vec<Fate> {
    let (sent, kept) = (sent.fields(), kept.fields());
    let of = |fields: &[Field], subject: &Subject| -> Vec<Field> {
        let covered = fields.iter().filter(|field| subject.covers(field));
        covered.cloned().collect()
    };
    let mut fates = Vec::new();
    for subject in SUBJECTS {
        let (before, after) = (of(&sent, subject), of(&kept, subject));
        if before.is_empty() {
            continue;
        }
        let mut how = Vec::new();
        for pair in pairs(&before, &after) {
            match pair {
                (Some(was), Some(is)) if !is_unchanged(pair) => {
                    let name = (before.len() > 1).then(|| short(was));
                    how.extend(
                        name.into_iter()
                            .chain([changed(was, is)])
                            .reduce(|name, change| format!("{name}: {change}")),
                    );
                }
                (Some(was), None) => how.push(format!("\"{}\" is dropped", short(was))),
                (None, Some(is)) => how.push(format!("\"{}\" is added", short(is))),
                _ => {}
            }
        }
        let kept = match (after.is_empty(), how.is_empty()) {
            (true, _) => Kept::Dropped,
            (false, true) => Kept::Yes,
            (false, false) => Kept::Changed,
        };
        if kept == Kept::Dropped {
            how.clear();
        }
        fates.push(Fate {
            subject: *subject,
            kept,
            how,
        });
    }
    fates
}

/// What is another between the two, in words.
fn changed(was: &Field, is: &Field) -> String {
    let mut words = Vec::new();
    if was.value() != is.value() {
        words.push(match short(was) == short(is) {
            // An address or a name whose parts stand elsewhere reads the same in one line.
            true => "its parts are divided otherwise".to_owned(),
            false => format!("now \"{}\"", short(is)),
        });
    }
    let lost = was.types().difference(is.types());
    words.extend(lost.map(|kind| format!("the kind \"{}\" is lost", kind.to_lowercase())));
    let new = is.types().difference(was.types());
    words.extend(new.map(|kind| format!("the kind \"{}\" is added", kind.to_lowercase())));
    match (was.label(), is.label()) {
        (Some(label), None) => words.push(format!("the label \"{label}\" is lost")),
        (was, Some(label)) if was != Some(label) => {
            words.push(format!("the label is now \"{label}\""));
        }
        _ => {}
    }
    match (was.pref(), is.pref()) {
        (Some(_), None) => words.push("which one is preferred is lost".to_owned()),
        (was, is) if was != is => words.push("another one is preferred".to_owned()),
        _ => {}
    }
    for (name, value) in was.params() {
        match is.params().get(name) {
            None => words.push(format!("its {name} is lost")),
            Some(other) if other != value => words.push(format!("its {name} is now \"{other}\"")),
            Some(_) => {}
        }
    }
    let new = is
        .params()
        .keys()
        .filter(|name| !was.params().contains_key(*name));
    words.extend(new.map(|name| format!("a {name} is added")));
    if words.is_empty() {
        words.push("it is not the same entry any more".to_owned());
    }
    words.join(", ")
}

/// The value in one line of bearable length.
fn short(field: &Field) -> String {
    const LONGEST: usize = 60;
    let text = field.text().replace('\n', " / ");
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// What follows for the person from all that is not kept.
pub fn consequences(told: &[Told]) -> Vec<String> {
    let mut texts = Vec::new();
    let any = |kept: Kept| told.iter().any(|told| told.kept == kept);
    if any(Kept::Dropped) {
        texts.push(
            "What is dropped here stays in the other stores; cardweave never erases it there \
             because of this server."
                .to_owned(),
        );
    }
    if any(Kept::Changed) {
        texts.push(
            "What is changed here stays in the other stores as it was; the server's form counts as \
             nobody's edit."
                .to_owned(),
        );
    }
    if any(Kept::Refused) {
        texts.push(
            "A card with what is refused here is not stored on this server; the other stores have \
             it, and a sync names it."
                .to_owned(),
        );
    }
    // Each once, though it may be lost in both versions.
    let mut lost: Vec<&str> = Vec::new();
    for told in told
        .iter()
        .filter(|told| told.is_ours && told.kept != Kept::Yes)
    {
        if !lost.contains(&told.what.as_str()) {
            lost.push(&told.what);
        }
    }
    if !lost.is_empty() {
        texts.push(format!(
            "Devices that know this server alone do not get {} whole. Keep a folder or another \
             server in the same book, which holds them.",
            lost.join(", ")
        ));
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::Version;
    use crate::check::{scratch, without_year};

    fn sent() -> Card {
        scratch("cardweave-check-1", Version::V3_0, false)
    }

    fn rewritten(from: &str, to: &str) -> Card {
        let text = String::from_utf8(sent().bytes().to_vec()).unwrap();
        assert!(text.contains(from), "{from} is in {text}");
        Card::parse(text.replace(from, to).as_bytes()).unwrap()
    }

    /// What is told of everything that is not kept.
    fn not_kept(sent: &Card, kept: &Card) -> Vec<(&'static str, Kept, String)> {
        let fates = fates(sent, kept).into_iter();
        fates
            .filter(|fate| fate.kept != Kept::Yes)
            .map(|fate| (fate.subject.words, fate.kept, fate.how.join("; ")))
            .collect()
    }

    fn changed_to(from: &str, to: &str) -> (&'static str, Kept, String) {
        let mut told = not_kept(&sent(), &rewritten(from, to));
        assert_eq!(told.len(), 1, "{told:?}");
        told.remove(0)
    }

    #[test]
    fn every_kind_of_property_gets_one_fate_and_the_same_card_keeps_all() {
        assert_eq!(fates(&sent(), &sent()).len(), SUBJECTS.len());
        assert_eq!(not_kept(&sent(), &sent()), []);
    }

    #[test]
    fn order_spelling_and_line_ends_are_no_change() {
        let text = String::from_utf8(sent().bytes().to_vec())
            .unwrap()
            .replace("\r\n ", "");
        let mut lines: Vec<&str> = text.lines().collect();
        let end = lines.len() - 1;
        lines[2..end].sort();
        let sorted = lines
            .join("\n")
            .replace("item1.TEL", "ITEM1.TEL")
            .replace("X-ABLabel", "X-ABLABEL");
        let kept = Card::parse(sorted.as_bytes()).unwrap();
        assert_eq!(not_kept(&sent(), &kept), []);
    }

    #[test]
    fn a_property_that_is_gone_is_dropped_and_one_of_several_is_a_change() {
        let (what, kept, how) = changed_to("IMPP:xmpp:check@example.com\r\n", "");
        assert_eq!(
            (what, kept, how.as_str()),
            ("messengers (IMPP)", Kept::Dropped, "")
        );
        let (what, kept, how) = changed_to("EMAIL;TYPE=WORK:check.work@example.com\r\n", "");
        assert_eq!((what, kept), ("e-mail addresses", Kept::Changed));
        assert_eq!(how, "\"check.work@example.com\" is dropped");
    }

    #[test]
    fn a_changed_value_kind_label_and_parameter_are_named() {
        let of = |from, to| changed_to(from, to).2;
        assert_eq!(of("ROLE:Tester", "ROLE:tester"), "Tester: now \"tester\"");
        assert_eq!(
            of("item1.X-ABLabel:Boat\r\n", ""),
            "+49 30 5550003: the label \"Boat\" is lost"
        );
        assert_eq!(
            of("X-ABLabel:Boat", "X-ABLabel:Ship"),
            "+49 30 5550003: the label is now \"Ship\""
        );
        let kinds = of("TEL;TYPE=FAX,WORK:", "TEL;TYPE=HOME:");
        assert_eq!(
            kinds,
            "+49 30 5550002: the kind \"fax\" is lost, the kind \"work\" is lost, the kind \"home\" is added"
        );
        assert_eq!(of(";STATUS=open", ""), "its STATUS is lost");
        assert_eq!(
            of(";STATUS=open", ";STATUS=OPEN"),
            "its STATUS is now \"OPEN\""
        );
        assert_eq!(
            of(
                "N:Check;Weave;Maria;Dr.;M.A.",
                "N:Check;Weave Maria;;Dr.;M.A."
            ),
            "its parts are divided otherwise"
        );
        assert_eq!(of(";ID=check-3", ""), "its ID is lost");
    }

    #[test]
    fn a_birthday_without_year_that_got_one_is_told_with_it() {
        let sent = without_year(&sent());
        let text = String::from_utf8(sent.bytes().to_vec()).unwrap();
        let kept = text.replace(";X-APPLE-OMIT-YEAR=1604", "");
        let told = not_kept(&sent, &Card::parse(kept.as_bytes()).unwrap());
        assert_eq!(
            told,
            [("birthdays", Kept::Changed, "now \"1604-05-05\"".to_owned())]
        );
    }

    #[test]
    fn an_escaped_comma_that_parts_a_category_is_a_change() {
        let (what, kept, how) = changed_to("Fairs\\, and shows", "Fairs, and shows");
        assert_eq!((what, kept), ("categories (lists)", Kept::Changed));
        assert!(how.contains("\"and shows\""), "{how}");
    }

    #[test]
    fn what_follows_is_said_of_each_kind_of_loss_and_of_none() {
        let told = |kept, is_ours| Told {
            what: "tiers".into(),
            names: Vec::new(),
            is_ours,
            kept,
            how: Vec::new(),
        };
        assert!(consequences(&[told(Kept::Yes, true)]).is_empty());
        let text = consequences(&[told(Kept::Dropped, false)]);
        assert!(
            text.len() == 1 && text[0].contains("never erases"),
            "{text:?}"
        );
        let text = consequences(&[told(Kept::Changed, false)]).concat();
        assert!(text.contains("nobody's edit"), "{text}");
        let text = consequences(&[told(Kept::Refused, true), told(Kept::Dropped, true)]).concat();
        assert!(
            text.contains("a sync names it") && text.contains("get tiers whole"),
            "{text}"
        );
    }
}
