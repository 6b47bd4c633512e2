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
    pub region: Option<Region>,
    pub is_work: bool,
}

/// How like two addresses are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct PlaceLikeness {
    /// Evidence that the places are one, in bits; below 0 that they are two.
    pub bits: f64,
}

impl PlaceLikeness {
    /// Enough to be the same door.
    pub fn is_same(self) -> bool {
        self.bits >= 12.0
    }

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
            region: Region::named(part(6)),
            is_work,
        };
        let says_something = !place.street.is_empty()
            || !place.city.is_empty()
            || !place.postcode.is_empty()
            || !place.number.is_empty();
        says_something.then_some(place)
    }

    /// How like two addresses are, part by part. A part that one of them lacks says nothing.
    pub fn likeness(&self, other: &Place) -> PlaceLikeness {
        // Bits for: the same, one slip, different. Chance agreement: about one street in two
        // hundred, one house number in fifty, one postcode or city in thirty; a postcode and its
        // city are one fact, of which the second half counts for one.
        let street = part(&self.street, &other.street, (7.0, 5.0, -2.5));
        let number = part(&self.number, &other.number, (5.0, 1.5, -3.0));
        let postcode = part(&self.postcode, &other.postcode, (5.0, 3.0, -1.5));
        let city = part(&self.city, &other.city, (4.0, 3.0, -1.5));
        let extra = part(&self.extra, &other.extra, (4.0, 2.0, -0.5));
        let area = match postcode > 0.0 && city > 0.0 {
            true => postcode.max(city) + 1.5,
            false => postcode + city,
        };
        PlaceLikeness {
            bits: street + number + area + extra,
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

/// Bits for one part of an address, of what the same, nearly the same and different are worth.
fn part(a: &str, b: &str, (same, near, different): (f64, f64, f64)) -> f64 {
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    if a == b || same_spelling(a, b) {
        return same;
    }
    let longest = a.len().max(b.len());
    let slips = match longest {
        0..=2 => 0,
        3..=6 => 1,
        _ => 2,
    };
    if distance(a.as_bytes(), b.as_bytes(), slips).is_some() {
        return near;
    }
    let is_part = a.len().min(b.len()) >= 4 && (a.starts_with(b) || b.starts_with(a));
    if is_part { near } else { different }
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
        assert!(a.likeness(&b).is_same());
        assert_eq!(a.region, b.region);
        let neighbour = place(&["", "", "Hauptstr. 14", "München", "", "80331", ""]);
        assert!(!a.likeness(&neighbour).is_same());
        let elsewhere = place(&["", "", "Rosenweg 3", "Berlin", "", "10115", ""]);
        assert!(a.likeness(&elsewhere).is_other());
    }

    #[test]
    fn an_address_of_blanks_is_none() {
        assert_eq!(Place::read(&[String::new(), " ".into()], false), None);
        assert_eq!(Place::read(&[], false), None);
    }
}
