//! Phone numbers: one form for all ways to write them, and what kind of line it is.

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberType};

use super::region::Region;
use super::spelling_distance::distance;

/// A phone number of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Phone {
    /// Country code and number as digits (E.164); 0 where they make no valid number.
    pub e164: u64,
    /// Another reading of a number without country code, in another country; 0 for none.
    pub other: u64,
    /// The last digits as they were dialled, at most eight; 0 for fewer than six.
    pub tail: u32,
    pub line: Line,
    /// Whether the country code was written down.
    pub is_explicit: bool,
    /// Whether the card says that it is a line at work.
    pub is_work: bool,
}

/// What a card says of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Said {
    pub is_cell: bool,
    pub is_home: bool,
    pub is_work: bool,
}

/// Who may be expected at the other end of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Line {
    /// One person.
    Mobile,
    /// Mobile or not: the plan of the country does not tell, and the card does not either.
    Open,
    /// A household or a desk.
    Fixed,
    /// Nobody in particular: free of charge, premium, a voice mailbox, an emergency number.
    Service,
}

/// How like two numbers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PhoneLikeness {
    Different,
    /// One slip of the keyboard apart.
    Near,
    /// The same last digits, and no country code that says otherwise.
    Tail,
    Same,
}

/// Digits that are compared where the whole number cannot be told.
const TAIL_DIGITS: usize = 8;

impl Phone {
    /// Reads a number. `regions` are the countries it may be meant for where it has no country
    /// code, the likeliest first.
    pub fn read(text: &str, regions: &[Region], said: Said) -> Option<Phone> {
        let written = dialled(text);
        let digits = written.bytes().filter(u8::is_ascii_digit).count();
        if digits < 3 {
            return None;
        }
        let is_explicit = written.starts_with('+');
        let mut valid = Readings::default();
        if is_explicit {
            valid.take(&written, None);
        } else {
            for &region in regions {
                valid.take(&written, Some(region));
            }
        }
        let (e164, line) = match valid.first {
            Some((number, line)) => (number, line),
            None => (0, None),
        };
        let line = match line {
            // The country may have been guessed wrong.
            Some(Line::Fixed) if said.is_cell && !is_explicit => Line::Open,
            Some(line) => line,
            None if said.is_cell => Line::Mobile,
            None if said.is_work || said.is_home => Line::Fixed,
            None => Line::Open,
        };
        // A short number is the same for everybody: 112, a short dial of some network.
        let line = if digits < 6 { Line::Service } else { line };
        Some(Phone {
            e164,
            other: valid.second.unwrap_or_default(),
            tail: tail(&written),
            line,
            is_explicit,
            is_work: said.is_work && !said.is_cell,
        })
    }

    pub fn likeness(&self, other: &Phone) -> PhoneLikeness {
        let readings = |phone: &Phone| [phone.e164, phone.other];
        let is_same = readings(self)
            .iter()
            .any(|&mine| mine != 0 && readings(other).contains(&mine));
        if is_same {
            return PhoneLikeness::Same;
        }
        let both_told = self.e164 != 0 && other.e164 != 0;
        let is_open = !self.is_explicit || !other.is_explicit;
        if self.tail != 0 && self.tail == other.tail && (!both_told || is_open) {
            return PhoneLikeness::Tail;
        }
        if both_told && self.line == Line::Mobile && other.line == Line::Mobile {
            let (mine, theirs) = (self.e164.to_string(), other.e164.to_string());
            // A slip in the country code would not reach anybody nearby.
            let same_country = mine.get(..2) == theirs.get(..2);
            if same_country && distance(mine.as_bytes(), theirs.as_bytes(), 1).is_some() {
                return PhoneLikeness::Near;
            }
        }
        PhoneLikeness::Different
    }

    /// The number by which its carriers are counted.
    pub fn identity(&self) -> u64 {
        match self.e164 {
            0 => u64::from(self.tail),
            number => number,
        }
    }
}

/// The country of a valid number that is written with its country code.
pub(super) fn region_of(text: &str) -> Option<Region> {
    let written = dialled(text);
    if !written.starts_with('+') {
        return None;
    }
    let number = PHONE_NUMBER_UTIL.parse(&written, None).ok()?;
    let region = PHONE_NUMBER_UTIL.get_region_for_number(&number)?;
    Some(region.into())
}

/// The valid readings of a number, the likeliest first.
#[derive(Default)]
struct Readings {
    first: Option<(u64, Option<Line>)>,
    second: Option<u64>,
}

impl Readings {
    fn take(&mut self, written: &str, region: Option<Region>) {
        if self.second.is_some() {
            return;
        }
        let region = region.map(Region::for_numbers);
        let Ok(number) = PHONE_NUMBER_UTIL.parse(written, region) else {
            return;
        };
        let kind = PHONE_NUMBER_UTIL.get_number_type(&number);
        if kind == PhoneNumberType::Unknown {
            return;
        }
        let digits = e164(&number);
        match self.first {
            None => self.first = Some((digits, line(kind))),
            Some((first, _)) if first == digits => {}
            Some(_) => self.second = Some(digits),
        }
    }
}

fn e164(number: &PhoneNumber) -> u64 {
    let national = number.get_national_significant_number();
    let digits = format!("{}{national}", number.country_code);
    digits.parse().unwrap_or_default()
}

/// The line by the plan of the country; `None` where the plan does not tell.
fn line(kind: PhoneNumberType) -> Option<Line> {
    match kind {
        PhoneNumberType::Mobile | PhoneNumberType::PersonalNumber | PhoneNumberType::Pager => {
            Some(Line::Mobile)
        }
        PhoneNumberType::FixedLineOrMobile => None,
        PhoneNumberType::FixedLine | PhoneNumberType::VoIP => Some(Line::Fixed),
        _ => Some(Line::Service),
    }
}

/// The number as one would dial it: digits of any script in ASCII, `+` in front where a country
/// code follows, without what comes after the number.
fn dialled(text: &str) -> String {
    let text = text.trim();
    let text = match text.get(..4) {
        Some(scheme) if scheme.eq_ignore_ascii_case("tel:") => &text[4..],
        _ => text,
    };
    let mut written = String::with_capacity(text.len());
    for c in text.chars() {
        match digit(c) {
            Some(digit) => written.push(digit),
            None if (c == '+' || c == '\u{ff0b}') && written.is_empty() => written.push('+'),
            // An extension, a note, a second number.
            None if written.len() > 2 && (c.is_alphabetic() || ";,#".contains(c)) => break,
            None if c == '(' || c == ')' => written.push(c),
            None => {}
        }
    }
    if let Some(rest) = written.strip_prefix("00") {
        written = format!("+{rest}");
    }
    if written.starts_with('+') {
        // The German way to say "0 from here, nothing from abroad".
        written = written.replacen("(0)", "", 1);
    }
    written.retain(|c| c != '(' && c != ')');
    written
}

/// The ASCII digit of a decimal digit in the scripts that address books hold.
fn digit(c: char) -> Option<char> {
    const ZEROS: [char; 5] = ['0', '\u{660}', '\u{6f0}', '\u{966}', '\u{ff10}'];
    let value = ZEROS.iter().find_map(|&zero| {
        (c as u32)
            .checked_sub(zero as u32)
            .filter(|&value| value < 10)
    })?;
    char::from_digit(value, 10)
}

fn tail(written: &str) -> u32 {
    let digits: Vec<u8> = written.bytes().filter(u8::is_ascii_digit).collect();
    if digits.len() < 6 {
        return 0;
    }
    let last = &digits[digits.len().saturating_sub(TAIL_DIGITS)..];
    last.iter()
        .fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Phone {
        let regions: Vec<Region> = Region::of("DE").into_iter().collect();
        Phone::read(text, &regions, Said::default()).unwrap()
    }

    #[test]
    fn all_ways_to_write_a_number_are_one() {
        for text in [
            "+49 170 1234567",
            "0170/1234567",
            "0049170 1234567",
            "+49 (0)170-123 45 67",
            "tel:+49-170-1234567",
            "0170 1234567 (mobil)",
            "+49 170 1234567 ext. 12",
            "\u{ff0b}\u{ff14}\u{ff19}1701234567",
        ] {
            assert_eq!(read(text).e164, 491_701_234_567, "{text}");
        }
        assert_eq!(read("0170 1234567").line, Line::Mobile);
        assert_eq!(read("030 1234567").line, Line::Fixed);
        assert_eq!(read("112").line, Line::Service);
        assert_eq!(read("0800 1234567").line, Line::Service);
    }

    #[test]
    fn a_number_of_another_country_is_found_by_its_last_digits() {
        let (foreign, local) = (read("+33 6 54 52 79 84"), read("06 54 52 79 84"));
        assert_eq!(foreign.likeness(&local), PhoneLikeness::Tail);
        let other = read("+34 654 527 984");
        assert_eq!(foreign.likeness(&other), PhoneLikeness::Different);
    }

    #[test]
    fn two_digits_that_changed_places_are_near() {
        let (a, b) = (read("+49 170 1234567"), read("+49 170 1243567"));
        assert_eq!(a.likeness(&b), PhoneLikeness::Near);
        // Desks of one company have numbers beside each other.
        let (a, b) = (read("+49 30 1234567"), read("+49 30 1234568"));
        assert_eq!(a.likeness(&b), PhoneLikeness::Different);
    }

    #[test]
    fn words_are_no_number() {
        assert_eq!(Phone::read("call me", &[], Said::default()), None);
        assert_eq!(Phone::read("", &[], Said::default()), None);
        assert_eq!(read("12345678901234567890").e164, 0);
    }
}
