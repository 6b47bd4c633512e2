//! Invented people, written down as cards of every version.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// The version of a card, and with it the spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    V2,
    V3,
    V4,
}

const GIVEN: [&str; 8] = [
    "Ada", "Zoë", "Łukasz", "Søren", "Иван", "花子", "José", "Ngọc",
];
const FAMILY: [&str; 6] = ["Lovelace", "Müller", "Dvořák", "O'Brien", "Петров", "山田"];

/// The name of person `n`; no two have the same.
pub fn name(n: usize) -> String {
    format!("{} {}", GIVEN[n % GIVEN.len()], family(n))
}

fn family(n: usize) -> String {
    format!("{}-{n:03}", FAMILY[n / GIVEN.len() % FAMILY.len()])
}

pub fn email(n: usize) -> String {
    format!("p{n:03}@example.org")
}

/// The telephone number by which everybody knows person `n`.
pub fn phone(n: usize) -> String {
    format!("+4915100000{n:03}")
}

pub fn note(n: usize) -> String {
    format!("Person {n}, met; liked")
}

/// Whether person `n` has a picture.
pub fn has_picture(n: usize) -> bool {
    n.is_multiple_of(5)
}

/// The picture of person `n`: bytes that look like a JPEG from outside, 3 kB.
pub fn picture(n: usize) -> Vec<u8> {
    let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xE0];
    let mut state = n as u32 + 1;
    bytes.extend((0..3_000).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    }));
    bytes
}

/// The card of person `n` under this UID, with further lines at the end.
///
/// Name, mail address, number, note, birthday, group with a label, categories and, in some, a picture:
/// the same by meaning in each version.
pub fn card(n: usize, version: Version, uid: &str, further: &[&str]) -> Vec<u8> {
    let (given, family) = (GIVEN[n % GIVEN.len()], family(n));
    let (name, email, phone) = (name(n), email(n), phone(n));
    let (month, day) = (n % 12 + 1, n % 28 + 1);
    let mut lines = match version {
        Version::V2 => vec![
            "VERSION:2.1".to_owned(),
            format!("N;{CODED}:{};{};;;", coded(&family), coded(given)),
            format!("FN;{CODED}:{}", coded(&name)),
            format!("EMAIL;INTERNET;WORK:{email}"),
            format!("TEL;CELL:{phone}"),
            format!("NOTE:{}", note(n).replace(';', "\\;")),
            format!("BDAY:1980{month:02}{day:02}"),
        ],
        Version::V3 => vec![
            "VERSION:3.0".to_owned(),
            format!("N:{family};{given};;;"),
            format!("FN:{name}"),
            format!("EMAIL;TYPE=INTERNET,WORK:{email}"),
            format!("TEL;TYPE=CELL:{phone}"),
            format!("NOTE:{}", escaped(&note(n))),
            format!("BDAY:1980-{month:02}-{day:02}"),
            "CATEGORIES:Chess,Friends".to_owned(),
        ],
        Version::V4 => vec![
            "VERSION:4.0".to_owned(),
            format!("N:{family};{given};;;"),
            format!("FN:{name}"),
            format!("EMAIL;TYPE=work:{email}"),
            format!("TEL;TYPE=cell:{phone}"),
            format!("NOTE:{}", escaped(&note(n))),
            format!("BDAY:1980{month:02}{day:02}"),
            "CATEGORIES:Chess,Friends".to_owned(),
        ],
    };
    lines.push(format!("UID:{uid}"));
    if version != Version::V2 {
        lines.push(format!("item1.URL:https://example.org/{n}"));
        lines.push("item1.X-ABLabel:Garden".to_owned());
    }
    lines.extend(further.iter().map(|line| (*line).to_owned()));
    if has_picture(n) {
        let coded = BASE64_STANDARD.encode(picture(n));
        lines.push(match version {
            Version::V2 => format!("PHOTO;ENCODING=BASE64;JPEG:{coded}"),
            Version::V3 => format!("PHOTO;ENCODING=b;TYPE=JPEG:{coded}"),
            Version::V4 => format!("PHOTO:data:image/jpeg;base64,{coded}"),
        });
    }
    let body: String = lines.iter().map(|line| folded(line, version)).collect();
    format!("BEGIN:VCARD\r\n{body}END:VCARD\r\n").into_bytes()
}

/// A distribution list (RFC 6350 section 6.1.4).
pub fn group(uid: &str, name: &str, members: &[&str]) -> Vec<u8> {
    let members: String = members
        .iter()
        .map(|member| format!("MEMBER:urn:uuid:{member}\r\n"))
        .collect();
    format!(
        "BEGIN:VCARD\r\nVERSION:4.0\r\nKIND:group\r\nUID:{uid}\r\nFN:{name}\r\n{members}END:VCARD\r\n"
    )
    .into_bytes()
}

const CODED: &str = "CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE";

fn coded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b' ' | b'-' | b'\'' => {
                char::from(byte).to_string()
            }
            other => format!("={other:02X}"),
        })
        .collect()
}

fn escaped(text: &str) -> String {
    text.replace(',', "\\,").replace(';', "\\;")
}

/// Folded after 60 characters; only pictures get that long, so no character is cut.
fn folded(line: &str, version: Version) -> String {
    if !line.starts_with("PHOTO") {
        return format!("{line}\r\n");
    }
    let mut text = String::new();
    for (at, c) in line.chars().enumerate() {
        if at > 0 && at % 60 == 0 {
            text.push_str("\r\n ");
        }
        text.push(c);
    }
    // A picture of 2.1 ends with an empty line.
    text + if version == Version::V2 {
        "\r\n\r\n"
    } else {
        "\r\n"
    }
}
