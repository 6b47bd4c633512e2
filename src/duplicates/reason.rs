//! What speaks for and against two cards being one person, in words.

use std::fmt;

/// One piece of evidence about a pair. Prints as a short sentence; the values in it come from the
/// cards and are not made safe for a terminal.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    what: What,
    /// Log2 of how much likelier it is for one person than for two.
    bits: f64,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum What {
    SameMobile(Box<str>),
    SameNumber(Box<str>),
    SameTail(Box<str>),
    NearNumber(Box<str>, Box<str>),
    SameMail(Box<str>),
    SameIdentity,
    /// A number or an address that many carry.
    SharedBy(Box<str>, u16),
    SameName(Box<str>),
    SpelledName(Box<str>, Box<str>),
    SwappedName(Box<str>, Box<str>),
    ShortFor(Box<str>, Box<str>),
    Initial(Box<str>, Box<str>),
    AlmostGiven(Box<str>, Box<str>),
    AlmostFamily(Box<str>, Box<str>),
    SameGiven(Box<str>),
    SameFamily(Box<str>),
    OtherGiven(Box<str>, Box<str>),
    OtherFamily(Box<str>, Box<str>),
    OtherMiddle(Box<str>, Box<str>),
    NoGiven,
    NoFamily,
    NoName,
    Kin(Box<str>),
    Unreadable,
    CommonName(Box<str>),
    SameBirthday(Box<str>),
    AlmostBirthday(Box<str>, Box<str>),
    OtherBirthday(Box<str>, Box<str>),
    SameHome(Box<str>),
    SameArea(Box<str>),
    OtherHome,
    SameOrganisation(Box<str>),
    OtherOrganisation(Box<str>, Box<str>),
    OtherMobiles,
    OtherMails,
    OtherMailsAtWork(Box<str>, Box<str>),
    OtherGeneration,
    OneGeneration,
    CompanyAndPerson,
    ToldApart,
    /// Both are the same person as a third card.
    Through,
    /// A third card cannot be both.
    NotThrough,
}

impl Reason {
    pub(super) fn new(what: What, bits: f64) -> Reason {
        Reason { what, bits }
    }

    /// Whether it speaks for one person.
    pub fn speaks_for(&self) -> bool {
        self.bits > 0.0
    }

    /// What speaks for it first, the strongest first.
    pub(super) fn sort(reasons: &mut [Reason]) {
        reasons.sort_by(|a, b| {
            let strength = b.bits.abs().total_cmp(&a.bits.abs());
            let side = b.speaks_for().cmp(&a.speaks_for());
            side.then(strength)
                .then_with(|| a.to_string().cmp(&b.to_string()))
        });
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::SameMobile(number) => write!(f, "the same mobile number {number}"),
            What::SameNumber(number) => write!(f, "the same number {number}"),
            What::SameTail(number) => write!(f, "the same last digits {number}"),
            What::NearNumber(a, b) => write!(f, "the numbers {a} and {b} are one slip apart"),
            What::SameMail(mail) => write!(f, "the same mail address {mail}"),
            What::SameIdentity => write!(f, "the same identifier"),
            What::SharedBy(value, people) => {
                write!(f, "{value} is carried by {people} different people")
            }
            What::SameName(name) => write!(f, "the same name {name}"),
            What::SpelledName(a, b) => write!(f, "\"{a}\" and \"{b}\" are spellings of one name"),
            What::SwappedName(a, b) => {
                write!(f, "\"{a}\" and \"{b}\" are one name in another order")
            }
            What::ShortFor(a, b) => write!(f, "\"{a}\" is short for \"{b}\""),
            What::Initial(a, b) => write!(f, "\"{a}\" is the initial of \"{b}\""),
            What::AlmostGiven(a, b) => write!(f, "the given names are nearly the same: {a}, {b}"),
            What::AlmostFamily(a, b) => {
                write!(f, "the family names are nearly the same: {a}, {b}")
            }
            What::SameGiven(name) => write!(f, "the same given name {name}"),
            What::SameFamily(name) => write!(f, "the same family name {name}"),
            What::OtherGiven(a, b) => write!(f, "the given names differ: {a}, {b}"),
            What::OtherFamily(a, b) => write!(f, "the family names differ: {a}, {b}"),
            What::OtherMiddle(a, b) => write!(f, "the middle names differ: {a}, {b}"),
            What::NoGiven => write!(f, "one card has no given name"),
            What::NoFamily => write!(f, "one card has no family name"),
            What::NoName => write!(f, "one card has no name"),
            What::Kin(word) => write!(f, "\"{word}\" can be anybody's"),
            What::Unreadable => write!(f, "the names are in scripts that do not compare"),
            What::CommonName(name) => write!(f, "the name {name} is common"),
            What::SameBirthday(date) => write!(f, "the same birthday {date}"),
            What::AlmostBirthday(a, b) => write!(f, "the birthdays {a} and {b} are a slip apart"),
            What::OtherBirthday(a, b) => write!(f, "the birthdays differ: {a}, {b}"),
            What::SameHome(place) => write!(f, "the same address {place}"),
            What::SameArea(place) => write!(f, "parts of the address are the same: {place}"),
            What::OtherHome => write!(f, "the home addresses differ"),
            What::SameOrganisation(name) => write!(f, "the same company {name}"),
            What::OtherOrganisation(a, b) => write!(f, "the companies differ: {a}, {b}"),
            What::OtherMobiles => write!(f, "the mobile numbers differ"),
            What::OtherMails => write!(f, "the mail addresses differ"),
            What::OtherMailsAtWork(a, b) => {
                write!(f, "two addresses of one company for one name: {a}, {b}")
            }
            What::OtherGeneration => write!(f, "one is the elder, one the younger of the name"),
            What::OneGeneration => write!(f, "only one card says which generation"),
            What::CompanyAndPerson => write!(f, "one card is of a company, one of a person"),
            What::ToldApart => write!(f, "somebody said that these are two"),
            What::Through => write!(f, "a third card is the same as both"),
            What::NotThrough => write!(f, "a third card cannot be the same as both"),
        }
    }
}
