//! Postal addresses: their parts, and how like two of them are.

use super::lexicon::{fold, same_spelling};
use super::region::Region;
use super::spelling_distance::distance;

/// A postal address of a card, folded part by part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The words of the street, without numbers.
    pub street: Box<str>,
    /// House and flat numbers in the order they stand.
    pub number: Box<str>,
    /// Words of a second line: a building, a district.
    pub extra: Box<str>,
    pub city: Box<str>,
    pub postcode: Box<str>,
    /// A part of a country.
    pub state: Box<str>,
    pub region: Option<Region>,
    pub is_work: bool,
}

/// How like two addresses are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct PlaceLikeness {
    /// Evidence that the places are one, in bits; below 0 that they are two.
    pub bits: f64,
    /// The same street, number and area, as far as both tell: the same door.
    pub is_same: bool,
    /// Whether both are in one part of the country, where both tell clearly.
    pub same_state: Option<bool>,
}

/// How much the agreement of each part tells, in bits: little where many live in one city.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rarity {
    pub street: f64,
    pub city: f64,
    pub postcode: f64,
}

/// How like one part of two addresses is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum PartLevel {
    Different,
    Unknown,
    Near,
    Same,
}

impl PlaceLikeness {
    /// Not the same door, though parts may agree.
    pub fn is_other(self) -> bool {
        self.bits <= -2.0
    }
}

impl Place {
    /// Reads the components of an `ADR` (RFC 6350 section 6.3.1): post office box, second line,
    /// street, city, region, postcode, country.
    pub fn read(parts: &[String], is_work: bool) -> Option<Place> {
        let part = |at: usize| parts.get(at).map(String::as_str).unwrap_or_default();
        let (street, number) = words_and_numbers(&fold(part(2)));
        let (extra, extra_number) = words_and_numbers(&fold(&format!("{} {}", part(0), part(1))));
        let (street, number, extra) = match street.is_empty() && number.is_empty() {
            // Some programs write the street into the second line.
            true => (extra, extra_number, String::new()),
            false => (street, number, format!("{extra}{extra_number}")),
        };
        let place = Place {
            street: street.into(),
            number: number.into(),
            extra: extra.into(),
            city: fold(part(3)).into(),
            postcode: fold(part(5)).replace(' ', "").into(),
            state: fold(part(4)).into(),
            region: Region::named(part(6)),
            is_work,
        };
        let place = match place.street.is_empty() && !place.extra.is_empty() {
            // A number alone in the line of the street belongs to the second line.
            true => Place {
                street: place.extra,
                extra: Box::default(),
                ..place
            },
            false => place,
        };
        let says_something = !place.street.is_empty()
            || !place.city.is_empty()
            || !place.postcode.is_empty()
            || !place.number.is_empty();
        says_something.then_some(place)
    }

    /// How like two addresses are, part by part. A part that one of them lacks says nothing.
    pub fn likeness(&self, other: &Place, rarity: Rarity) -> PlaceLikeness {
        let straight = part(&self.street, &other.street);
        // Some programs put the street into the second line and something else into the first.
        let crossed = part(&self.street, &other.extra).max(part(&self.extra, &other.street));
        let is_crossed = straight < PartLevel::Near && crossed >= PartLevel::Near;
        let (street, extra) = match is_crossed {
            true => (crossed, PartLevel::Unknown),
            false => (straight, part(&self.extra, &other.extra)),
        };
        let number = part(&self.number, &other.number);
        let (city, postcode) = (
            part(&self.city, &other.city),
            part(&self.postcode, &other.postcode),
        );
        let street_bits = bits(street, rarity.street, -2.5);
        let area = match (
            bits(postcode, rarity.postcode, -1.5),
            bits(city, rarity.city, -1.5),
        ) {
            // A postcode and its city are one fact.
            (postcode, city) if postcode > 0.0 && city > 0.0 => postcode.max(city) + 1.5,
            (postcode, city) => postcode + city,
        };
        let number_bits = match number {
            // The same number in another street is chance.
            PartLevel::Same | PartLevel::Near if street == PartLevel::Different => 0.0,
            PartLevel::Same => 5.0,
            PartLevel::Near => 1.5,
            PartLevel::Unknown => 0.0,
            PartLevel::Different => -2.5,
        };
        let extra_bits = bits(extra, 6.0, -0.5);
        let same_area = match postcode {
            PartLevel::Unknown => city >= PartLevel::Near,
            postcode => postcode >= PartLevel::Near,
        };
        PlaceLikeness {
            bits: street_bits + area + number_bits + extra_bits,
            is_same: street >= PartLevel::Near
                && same_area
                && (number == PartLevel::Same
                    || number == PartLevel::Unknown && street == PartLevel::Same),
            same_state: match part(&self.state, &other.state) {
                PartLevel::Same => Some(true),
                PartLevel::Different => Some(false),
                PartLevel::Unknown | PartLevel::Near => None,
            },
        }
    }

    pub fn shown(&self) -> String {
        let line = format!("{} {}", self.street, self.number);
        let area = format!("{} {}", self.postcode, self.city);
        let parts = [line.trim(), area.trim()];
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(", ")
    }
}

/// Bits of a part that agrees, of which agreement by chance is worth `rarity`.
fn bits(level: PartLevel, rarity: f64, different: f64) -> f64 {
    match level {
        PartLevel::Same => rarity,
        PartLevel::Near => (rarity - 2.0).max(0.5),
        PartLevel::Unknown => 0.0,
        PartLevel::Different => different,
    }
}

fn part(a: &str, b: &str) -> PartLevel {
    if a.is_empty() || b.is_empty() {
        return PartLevel::Unknown;
    }
    if a == b || same_spelling(a, b) {
        return PartLevel::Same;
    }
    let slips = match a.len().max(b.len()) {
        0..=3 => 0,
        4..=6 => 1,
        _ => 2,
    };
    let is_part = a.len().min(b.len()) >= 4 && (a.starts_with(b) || b.starts_with(a));
    match is_part || distance(a.as_bytes(), b.as_bytes(), slips).is_some() {
        true => PartLevel::Near,
        false => PartLevel::Different,
    }
}

/// The words without digits, street words in one spelling, and the ones with digits.
fn words_and_numbers(folded: &str) -> (String, String) {
    let (mut words, mut numbers) = (String::new(), String::new());
    for word in folded.split(' ').filter(|word| !word.is_empty()) {
        let target = match word.bytes().any(|byte| byte.is_ascii_digit()) {
            true => &mut numbers,
            false => &mut words,
        };
        if !target.is_empty() {
            target.push(' ');
        }
        target.push_str(street_word(word));
    }
    if let Some(start) = words.strip_suffix("strasse") {
        words = format!("{start}str");
    }
    (words, numbers)
}

/// Words for kinds of streets, short.
fn street_word(word: &str) -> &str {
    match word {
        "street" => "st",
        "avenue" | "avenida" | "av" => "ave",
        "road" => "rd",
        "drive" => "dr",
        "lane" => "ln",
        "boulevard" => "blvd",
        "place" => "pl",
        "court" => "ct",
        "crescent" => "cres",
        "circuit" | "cct" => "cct",
        "platz" => "pl",
        "strasse" => "str",
        "calle" => "c",
        "rue" => "r",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(parts: &[&str]) -> Place {
        let parts: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
        Place::read(&parts, false).unwrap()
    }

    #[test]
    fn the_same_door_in_other_words() {
        let rarity = Rarity {
            street: 8.0,
            city: 5.0,
            postcode: 6.0,
        };
        let a = place(&["", "", "Hauptstraße 12", "München", "", "80331", "Germany"]);
        let b = place(&[
            "",
            "",
            "Hauptstr. 12",
            "Muenchen",
            "",
            "80331",
            "Deutschland",
        ]);
        assert!(a.likeness(&b, rarity).is_same);
        assert_eq!(a.region, b.region);
        let neighbour = place(&["", "", "Hauptstr. 14", "München", "", "80331", ""]);
        assert!(!a.likeness(&neighbour, rarity).is_same);
        let elsewhere = place(&["", "", "Rosenweg 3", "Berlin", "", "10115", ""]);
        assert!(a.likeness(&elsewhere, rarity).is_other());
    }

    #[test]
    fn an_address_of_blanks_is_none() {
        assert_eq!(Place::read(&[String::new(), " ".into()], false), None);
        assert_eq!(Place::read(&[], false), None);
    }
}
