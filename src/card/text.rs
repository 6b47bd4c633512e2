//! Value bytes to text and back: transfer encoding, charset, escapes.

use quoted_printable::ParseMode;
use unicode_normalization::UnicodeNormalization;

use super::Version;
use super::property::{Attributes, Encoding};

/// Decodes quoted-printable and the charset; escapes stay.
///
/// The second value says what could not be decoded as declared. Bytes that are in no charset we
/// were told are read as windows-1252, which has a character for every byte, so that none is lost.
pub(super) fn decode(raw: &[u8], attributes: &Attributes) -> (String, Option<String>) {
    let decoded;
    let mut problem = None;
    let bytes = match attributes.encoding {
        Encoding::QuotedPrintable => match quoted_printable::decode(raw, ParseMode::Robust) {
            Ok(bytes) => {
                decoded = bytes;
                &decoded[..]
            }
            Err(_) => {
                problem = Some("not quoted-printable as declared".to_owned());
                raw
            }
        },
        Encoding::Plain | Encoding::Base64 => raw,
    };
    if let Some(label) = &attributes.charset {
        match encoding_rs::Encoding::for_label(label.trim().as_bytes()) {
            Some(charset) => {
                let (text, _, broken) = charset.decode(bytes);
                if !broken {
                    return (text.into_owned(), problem);
                }
                problem = Some(format!("not in the charset {label} that it declares"));
            }
            None => problem = Some(format!("charset {label} is not known")),
        }
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), problem),
        Err(_) => {
            let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes);
            (
                text.into_owned(),
                problem.or_else(|| Some("not UTF-8, and no charset declared".to_owned())),
            )
        }
    }
}

/// Splits at a separator that no backslash stands before.
pub(super) fn split(text: &str, separator: char) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut escaped = false;
    for (at, char) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if char == '\\' {
            escaped = true;
        } else if char == separator {
            pieces.push(&text[start..at]);
            start = at + char.len_utf8();
        }
    }
    pieces.push(&text[start..]);
    pieces
}

/// Undoes the escapes of RFC 6350 section 3.4. A backslash before anything else stays: it is a
/// Windows path, or an escape of somebody's own.
pub(super) fn unescape(text: &str, version: Version) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        if char != '\\' {
            plain.push(char);
            continue;
        }
        match chars.next() {
            // vCard 2.1 has no escape for a line break; it uses quoted-printable.
            Some('n' | 'N') if version != Version::V2_1 => plain.push('\n'),
            Some(escaped @ ('\\' | ',' | ';' | ':')) => plain.push(escaped),
            Some(other) => plain.extend(['\\', other]),
            None => plain.push('\\'),
        }
    }
    plain
}

/// Where an escaped text stands, which decides what needs a backslash in vCard 2.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Alone,
    Component,
    Item,
}

/// Escapes a text for a version. In vCard 2.1 line breaks stay, for quoted-printable to encode.
pub(super) fn escape(text: &str, version: Version, place: Place) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        let old = version == Version::V2_1;
        match char {
            '\\' => escaped.push_str("\\\\"),
            '\n' if !old => escaped.push_str("\\n"),
            ';' if !old || place == Place::Component => escaped.push_str("\\;"),
            ',' if !old || place == Place::Item => escaped.push_str("\\,"),
            // The unescaping side takes the backslash off a `\:` that other programs write.
            _ => escaped.push(char),
        }
    }
    escaped
}

/// One form for texts that mean the same: line ends, Unicode composition (NFC), outer blanks, and
/// no control characters, which no version allows and no text needs.
pub(super) fn normal(text: &str) -> String {
    if is_plain(text) {
        return text.trim().to_owned();
    }
    clean(text).trim().nfc().collect()
}

/// Whether the text is printable ASCII, which is clean and composed as it is.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// The text with LF as its only line end and no other control character but TAB.
pub(super) fn clean(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    if !text
        .chars()
        .any(|char| char.is_control() && char != '\n' && char != '\t')
    {
        return text.to_owned();
    }
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    lines
        .chars()
        .filter(|&char| !char.is_control() || char == '\n' || char == '\t')
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(encoding: Encoding, charset: Option<&str>) -> Attributes {
        Attributes {
            encoding,
            charset: charset.map(str::to_owned),
            ..Attributes::default()
        }
    }

    #[test]
    fn quoted_printable_and_charset_are_decoded() {
        let latin = attributes(Encoding::QuotedPrintable, Some("ISO-8859-1"));
        assert_eq!(decode(b"M=FCller", &latin), ("Müller".to_owned(), None));
    }

    #[test]
    fn bytes_in_no_charset_lose_nothing_and_are_told() {
        let (text, problem) = decode(b"M\xFCller\x81", &attributes(Encoding::Plain, None));
        assert_eq!(text, "Müller\u{81}");
        assert!(problem.is_some());
        assert!(
            decode(b"a", &attributes(Encoding::Plain, Some("klingon")))
                .1
                .is_some()
        );
        let (text, problem) = decode(b"\xFF", &attributes(Encoding::Plain, Some("UTF-8")));
        assert_eq!(text, "ÿ");
        assert!(problem.is_some());
    }

    #[test]
    fn escapes_come_back_in_every_version() {
        for version in [Version::V2_1, Version::V3_0, Version::V4_0] {
            for place in [Place::Alone, Place::Component, Place::Item] {
                for text in ["a,b;c\\nd\\\\e", "C:\\new\\", "x\\;y"] {
                    assert_eq!(unescape(&escape(text, version, place), version), text);
                }
            }
        }
        assert_eq!(unescape("a\\nb\\,c", Version::V3_0), "a\nb,c");
        assert_eq!(unescape("C:\\Users\\bob", Version::V4_0), "C:\\Users\\bob");
    }

    #[test]
    fn an_escaped_separator_does_not_split() {
        assert_eq!(split("a\\;b;c\\\\;d", ';'), ["a\\;b", "c\\\\", "d"]);
    }

    #[test]
    fn normal_text_is_composed_trimmed_and_without_control_characters() {
        assert_eq!(normal(" u\u{308}\r\nb\u{1}\r "), "ü\nb");
    }
}
