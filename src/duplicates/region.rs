//! Which country a number or an address belongs to.

use std::collections::BTreeMap;
use std::fmt;

use crate::card::Card;

use super::lexicon::fold;

/// A country by its two letters (ISO 3166-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Region(rlibphonenumber::Region);

impl Region {
    /// The country of these two letters, in any case. `None` for anything but two letters.
    pub fn of(code: &str) -> Option<Region> {
        let is_code = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic());
        if !is_code {
            return None;
        }
        code.to_ascii_uppercase().parse().ok().map(Region)
    }

    /// The country that an address names, in one of the languages that it is often written in.
    pub(super) fn named(country: &str) -> Option<Region> {
        let folded = fold(country);
        let known = NAMES
            .iter()
            .find(|(_, names)| names.split(',').any(|name| name == folded));
        match known {
            Some((code, _)) => Region::of(code),
            None => Region::of(country.trim()),
        }
    }

    pub(super) fn for_numbers(self) -> rlibphonenumber::Region {
        self.0
    }
}

impl From<rlibphonenumber::Region> for Region {
    fn from(region: rlibphonenumber::Region) -> Region {
        Region(region)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

/// The country that most cards speak of: in the country code of a number, or in an address.
///
/// The same cards in another order give the same country. `None` where no card speaks of any.
pub fn home_region<'a>(cards: impl Iterator<Item = &'a Card>) -> Option<Region> {
    let mut votes: BTreeMap<Region, usize> = BTreeMap::new();
    for card in cards {
        for region in super::profile::regions_named(&card.fields_named(&["ADR", "TEL"])) {
            *votes.entry(region).or_default() += 1;
        }
    }
    most_voted(&votes)
}

/// How many numbers with a country code each country has in a text of vCards.
///
/// Only looks at lines that begin like a number; that is enough to guess where most people live,
/// and much faster than to read the cards.
pub fn regions_in(text: &[u8]) -> BTreeMap<Region, usize> {
    let mut votes: BTreeMap<Region, usize> = BTreeMap::new();
    for line in text.split(|&byte| byte == b'\n') {
        let Some(colon) = line.iter().position(|&byte| byte == b':') else {
            continue;
        };
        let (head, number) = (&line[..colon], &line[colon + 1..]);
        let is_number = head
            .to_ascii_uppercase()
            .windows(3)
            .any(|name| name == b"TEL");
        if !is_number || number.len() > 40 {
            continue;
        }
        let number = std::str::from_utf8(number).unwrap_or_default();
        if let Some(region) = super::phones::region_of(number) {
            *votes.entry(region).or_default() += 1;
        }
    }
    votes
}

/// The region with the most votes; of several the first by its letters.
pub fn most_voted(votes: &BTreeMap<Region, usize>) -> Option<Region> {
    let mut best: Option<(Region, usize)> = None;
    for (&region, &count) in votes {
        if best.is_none_or(|(_, most)| count > most) {
            best = Some((region, count));
        }
    }
    best.map(|(region, _)| region)
}

/// Countries as they are called at home, in English, German and French; folded.
const NAMES: [(&str, &str); 44] = [
    (
        "DE",
        "deutschland,germany,allemagne,bundesrepublik deutschland,brd,alemania,niemcy",
    ),
    ("AT", "oesterreich,austria,autriche"),
    ("CH", "schweiz,switzerland,suisse,svizzera"),
    ("LI", "liechtenstein"),
    ("LU", "luxemburg,luxembourg"),
    ("FR", "frankreich,france,francia"),
    ("BE", "belgien,belgium,belgique,belgie"),
    (
        "NL",
        "niederlande,netherlands,the netherlands,pays bas,nederland,holland",
    ),
    (
        "GB",
        "grossbritannien,great britain,united kingdom,uk,england,scotland,wales,royaume uni,vereinigtes koenigreich",
    ),
    ("IE", "irland,ireland,irlande"),
    (
        "US",
        "usa,united states,united states of america,vereinigte staaten,etats unis,u s a,estados unidos",
    ),
    ("CA", "kanada,canada"),
    ("MX", "mexiko,mexico,mexique"),
    ("BR", "brasilien,brazil,brasil,bresil"),
    ("AR", "argentinien,argentina,argentine"),
    ("ES", "spanien,spain,espana,espagne"),
    ("PT", "portugal"),
    ("IT", "italien,italy,italia,italie"),
    ("PL", "polen,poland,polska,pologne"),
    (
        "CZ",
        "tschechien,czechia,czech republic,cesko,ceska republika,tchequie",
    ),
    ("SK", "slowakei,slovakia,slovensko,slovaquie"),
    ("HU", "ungarn,hungary,magyarorszag,hongrie"),
    ("RO", "rumaenien,romania,roumanie"),
    ("BG", "bulgarien,bulgaria,bulgariia,bulgarie"),
    ("GR", "griechenland,greece,ellada,hellas,grece"),
    ("HR", "kroatien,croatia,hrvatska,croatie"),
    ("RS", "serbien,serbia,srbija,serbie"),
    ("SI", "slowenien,slovenia,slovenija,slovenie"),
    ("DK", "daenemark,denmark,danmark,danemark"),
    ("SE", "schweden,sweden,sverige,suede"),
    ("NO", "norwegen,norway,norge,norvege"),
    ("FI", "finnland,finland,suomi,finlande"),
    ("EE", "estland,estonia,eesti"),
    ("LV", "lettland,latvia,latvija"),
    ("LT", "litauen,lithuania,lietuva"),
    ("UA", "ukraine,ukraina"),
    (
        "RU",
        "russland,russia,rossiia,rossiya,russian federation,russie",
    ),
    ("TR", "tuerkei,turkey,tuerkiye,turkiye,turquie"),
    ("IL", "israel"),
    ("IN", "indien,india,inde,bharat"),
    ("CN", "china,volksrepublik china,zhong guo,prc,chine"),
    ("JP", "japan,ri ben,nihon,nippon,japon"),
    ("VN", "vietnam,viet nam"),
    ("AU", "australien,australia,australie"),
];
