//! What no score may override.

use super::census::{Census, FASHION};
use super::dates::BirthdayLikeness;
use super::evidence::{Carried, Evidence, GenerationLikeness, Reach, Shared};
use super::likeness::{Level, NameLikeness};
use super::profile::{Profile, Subject};
use super::reason::{Reason, What};
use super::score::Weighed;
use super::{ASK, MERGE};

/// The most that a pair may score, whatever speaks for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cap {
    /// Somebody said that these are two.
    Never,
    /// Beyond doubt two.
    BelowAsk,
    /// Something contradicts, but a person may know better.
    BelowMerge,
    /// Nothing contradicts, and too little speaks for it to merge without asking.
    Ungrounded,
    None,
}

/// Just below a threshold, so that rounding to four digits does not cross it.
const HAIR: f64 = 0.001;

impl Cap {
    pub fn applied(self, score: f64) -> f64 {
        match self {
            Cap::Never => 0.0,
            Cap::BelowAsk => score.min(ASK - HAIR),
            Cap::BelowMerge | Cap::Ungrounded => score.min(MERGE - HAIR),
            Cap::None => score,
        }
    }
}

/// Whether the pair must not stand in one cluster.
pub(super) fn clashes(cap: Cap) -> bool {
    matches!(cap, Cap::Never | Cap::BelowAsk | Cap::BelowMerge)
}

/// What caps a pair of records of a garbled register: what a person said, and nothing else.
pub(super) fn cap_of_records(evidence: &Evidence, weighed: &mut Weighed) -> Cap {
    if evidence.a.is_told_apart_from(evidence.b) {
        weighed.reasons.push(Reason::new(What::ToldApart, -20.0));
        return Cap::Never;
    }
    Cap::None
}

/// Finds what caps the pair, and says so in the reasons.
pub(super) fn cap(evidence: &Evidence, weighed: &mut Weighed, census: &Census) -> Cap {
    let (a, b) = (evidence.a, evidence.b);
    if a.is_told_apart_from(b) {
        weighed.reasons.push(Reason::new(What::ToldApart, -20.0));
        return Cap::Never;
    }
    let subjects = [a.subject, b.subject];
    let is_company = |subject: &Subject| *subject == Subject::Organisation;
    if subjects
        .iter()
        .filter(|subject| is_company(subject))
        .count()
        == 1
    {
        weighed
            .reasons
            .push(Reason::new(What::CompanyAndPerson, -12.0));
        return Cap::BelowAsk;
    }
    if let Some((one, other)) = evidence.rival_mails
        && !shares(evidence, Reach::Person)
    {
        let what = What::OtherMailsAtWork(one.address.clone(), other.address.clone());
        weighed.reasons.push(Reason::new(what, -10.0));
        return Cap::BelowAsk;
    }
    if evidence.generation == GenerationLikeness::Different {
        return Cap::BelowAsk;
    }
    let is_same_name = evidence
        .names
        .is_some_and(|names| names.given >= Level::Part && names.family >= Level::Part);
    if evidence.birthday == BirthdayLikeness::Different {
        // A wrong birthday on one of the cards is likelier than two people with one name and one
        // mobile number.
        return match is_same_name && shares(evidence, Reach::Person) {
            true => Cap::BelowMerge,
            false => Cap::BelowAsk,
        };
    }
    if let Some(names) = evidence.names {
        if names.given == Level::Different && !names.is_swapped {
            let persons = evidence
                .shared
                .iter()
                .filter(|shared| shared.reach == Reach::Person);
            let may_be_called_otherwise = persons.count() >= 2 && names.family >= Level::Part;
            // Twins, or somebody who goes by another name.
            let may_be_twins =
                evidence.birthday == BirthdayLikeness::Same && names.family >= Level::Typo;
            return match may_be_called_otherwise || may_be_twins {
                true => Cap::BelowMerge,
                false => Cap::BelowAsk,
            };
        }
        let is_half_a_name = names.given < Level::Part && names.given > Level::Missing;
        let is_other_family = names.family == Level::Different && !names.is_swapped;
        if has_two_middle_names(evidence) || is_half_a_name && is_other_family {
            return Cap::BelowMerge;
        }
        let is_born_the_same_day = evidence.birthday == BirthdayLikeness::Same;
        let is_doubtful = matches!(names.given, Level::Alike | Level::Similar | Level::Garbled);
        // In a register a name that is no name is a slip; elsewhere it may be a name we do not know.
        let is_slip = evidence.is_bare && names.given != Level::Alike;
        if is_doubtful && !is_born_the_same_day && !is_slip
            || names.given == Level::Unreadable && names.family == Level::Unreadable
        {
            let is_tied = shares(evidence, Reach::Person) && ties(evidence).count() > 1;
            return if is_tied { Cap::None } else { Cap::Ungrounded };
        }
    }
    if may_be_namesakes(evidence, census)
        || may_be_father_and_son(evidence)
        || may_be_mother_and_daughter(evidence)
    {
        return Cap::Ungrounded;
    }
    if evidence.generation == GenerationLikeness::OneSided && !shares(evidence, Reach::Person) {
        return Cap::Ungrounded;
    }
    if subjects.contains(&Subject::Kin) && subjects[0] != subjects[1] {
        return Cap::Ungrounded;
    }
    let has_tie = evidence
        .shared
        .iter()
        .any(|shared| shared.reach != Reach::Company)
        || evidence.near_phone.is_some();
    let has_birthday = matches!(
        evidence.birthday,
        BirthdayLikeness::Same | BirthdayLikeness::SameDay | BirthdayLikeness::Slip
    );
    let both_companies = subjects.iter().all(is_company);
    let has_more_than_name = evidence
        .shared
        .iter()
        .any(|shared| !matches!(shared.what, Carried::Organisation(_)));
    // A name and a company at most: nobody merges on that alone.
    // Nearly a whole address, on cards that have nothing else to share.
    let has_area = evidence.is_bare && evidence.home.is_some_and(|(home, _)| home.bits >= 10.0);
    let is_grounded = has_area || has_tie || has_birthday || both_companies && has_more_than_name;
    if is_grounded {
        Cap::None
    } else {
        Cap::Ungrounded
    }
}

/// Two initials may be two of several names; two whole words are not.
fn has_two_middle_names(evidence: &Evidence) -> bool {
    let are_words = [evidence.a, evidence.b]
        .iter()
        .all(|profile| profile.name.middle.len() > 1);
    let differ = |names: super::likeness::NameLikeness| names.middle == Level::Different;
    are_words && evidence.names.is_some_and(differ)
}

/// Whether the book is so large and the name so common that two people may bear it, and the mail
/// addresses say two where a single number or door says one, or says so only nearly: a number is
/// given to somebody else after its owner.
fn may_be_namesakes(evidence: &Evidence, census: &Census) -> bool {
    let (a, b) = (&evidence.a.name, &evidence.b.name);
    let is_same = |names: NameLikeness| names.given >= Level::Part && names.family >= Level::Part;
    if !evidence.names.is_some_and(is_same) || evidence.birthday != BirthdayLikeness::Unknown {
        return false;
    }
    let (given, family) = census.shares(a, b);
    let bearers = census.people * given * family * FASHION;
    let is_told_apart = match ties(evidence).count() {
        0 => evidence.near_phone.is_some(),
        1 => evidence.other_mails,
        _ => false,
    };
    is_told_apart && bearers >= 1.0
}

/// Whether both can be reached, by nothing that is the same but what a household has: its door, or
/// its line where the mail addresses differ.
fn may_be_father_and_son(evidence: &Evidence) -> bool {
    let is_reached = |profile: &Profile| !profile.phones.is_empty() || !profile.mails.is_empty();
    let is_door = |shared: &Shared| matches!(shared.what, Carried::Home(_));
    let is_told_otherwise =
        evidence.near_phone.is_some() || evidence.birthday != BirthdayLikeness::Unknown;
    let of_household = ties(evidence).all(|shared| shared.reach == Reach::Household);
    [evidence.a, evidence.b].into_iter().all(is_reached)
        && ties(evidence).count() > 0
        && of_household
        && (ties(evidence).all(is_door) || evidence.other_mails)
        && !is_told_otherwise
}

/// Whether a child may have its mother's number and a name like hers: a form of it, and the number
/// of a household, or one number for both and a mail address for each.
fn may_be_mother_and_daughter(evidence: &Evidence) -> bool {
    let is_form = evidence
        .names
        .is_some_and(|names| names.given == Level::Variant);
    let is_told_otherwise = evidence.birthday != BirthdayLikeness::Unknown;
    let is_of_two = evidence.other_mails || !shares(evidence, Reach::Person);
    is_form && is_of_two && ties(evidence).count() <= 1 && !is_told_otherwise
}

/// What both carry, beside what a whole company does.
fn ties<'e>(evidence: &'e Evidence) -> impl Iterator<Item = &'e Shared<'e>> {
    let shared = evidence.shared.iter();
    shared.filter(|shared| shared.reach != Reach::Company)
}

fn shares(evidence: &Evidence, reach: Reach) -> bool {
    evidence.shared.iter().any(|shared| shared.reach == reach)
}
