//! What the value of a line is, decoded, and the normal form that makes two of them the same.

use super::media::{self, Media};
use super::names::{self, Class};
use super::property::{Attributes, Encoding, Property};
use super::text;
use super::{Version, dates};

/// A decoded value, free of version, charset, encoding and escapes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    Text(String),
    /// Components, each a list of values (`N`, `ADR`; one value elsewhere).
    Parts(Vec<Vec<String>>),
    Uri(String),
    /// In the form of [`dates::normal`].
    Date(String),
    Media(Media),
    /// Of a property nobody told us about: its escapes are its own.
    Opaque(String),
    /// A whole line that nobody understands.
    Odd(Vec<u8>),
}

impl Content {
    /// Reads the value of a property, one content per item. Takes out of `attributes` what belongs
    /// to the value (image types, a year that means none).
    pub fn read(
        property: &Property,
        attributes: &mut Attributes,
        version: Version,
    ) -> Vec<Content> {
        let name = names::canonical(&property.name);
        let class = names::class(name);
        if class == Class::Media {
            return vec![read_media(name, property, attributes)];
        }
        let (decoded, _) = match attributes.encoding {
            // Some programs wrap plain text in base64.
            Encoding::Base64 => match Media::from_base64(property.raw_value(), None) {
                Some(media) => text::decode(
                    &media.bytes,
                    &Attributes {
                        encoding: Encoding::Plain,
                        ..attributes.clone()
                    },
                ),
                None => text::decode(property.raw_value(), attributes),
            },
            _ => text::decode(property.raw_value(), attributes),
        };
        let plain = |escaped: &str| text::clean(&text::unescape(escaped, version));
        let list = |component: &str| match version {
            Version::V2_1 => vec![plain(component)],
            _ => text::split(component, ',').into_iter().map(plain).collect(),
        };
        let as_text = attributes.value_type.as_deref() == Some("text");
        let content = match class {
            Class::Items => {
                return text::split(&decoded, ',')
                    .into_iter()
                    .map(|item| Content::Text(plain(item).trim().to_owned()))
                    .collect();
            }
            Class::Parts if name != "N" => Content::Parts(
                text::split(&decoded, ';')
                    .into_iter()
                    .map(|part| vec![plain(part)])
                    .collect(),
            ),
            Class::Parts | Class::Address => {
                Content::Parts(text::split(&decoded, ';').into_iter().map(list).collect())
            }
            Class::Uri if !as_text => Content::Uri(plain_uri(&decoded)),
            Class::Date if !as_text => {
                let omitted = attributes.others.remove("X-APPLE-OMIT-YEAR");
                match dates::normal(&decoded, omitted.as_deref()) {
                    Some(date) => Content::Date(date),
                    None => Content::Text(plain(&decoded)),
                }
            }
            Class::Geo => Content::Text(plain_uri(&decoded)),
            Class::Unknown => Content::Opaque(text::clean(&decoded)),
            _ => Content::Text(plain(&decoded)),
        };
        vec![content]
    }

    /// The content of a value that was never escaped or encoded.
    pub fn of_text(name: &str, value: &str) -> Content {
        let value = text::clean(value);
        match names::class(name) {
            Class::Parts | Class::Address => {
                Content::Parts(value.split(';').map(|part| vec![part.to_owned()]).collect())
            }
            Class::Uri => Content::Uri(plain_uri(&value)),
            Class::Geo => Content::Text(plain_uri(&value)),
            Class::Date => match dates::normal(&value, None) {
                Some(date) => Content::Date(date),
                None => Content::Text(value),
            },
            Class::Media => match Media::from_data_uri(&value) {
                Some(media) => Content::Media(media),
                None => Content::Uri(plain_uri(&value)),
            },
            Class::Unknown => {
                Content::Opaque(text::escape(&value, Version::V4_0, text::Place::Alone))
            }
            _ => Content::Text(value),
        }
    }

    /// The form in which equal values are equal, whatever they came from.
    pub fn normal(&self, name: &str) -> String {
        match (self, names::class(name)) {
            (Content::Text(number), Class::Number) => normal_number(number),
            (Content::Text(mail), Class::Mail) => {
                let mail = text::normal(mail).to_lowercase();
                mail.strip_prefix("mailto:").unwrap_or(&mail).to_owned()
            }
            (Content::Text(place), Class::Geo) => normal_place(place),
            (Content::Text(zone), Class::Zone) => normal_zone(zone),
            // Servers write it in capitals, and RFC 6350 section 6.1.4 does not mind.
            (Content::Text(kind), _) if name == "KIND" => text::normal(kind).to_lowercase(),
            (Content::Text(text), _) => text::normal(text),
            (Content::Uri(uri), _) => normal_uri(uri),
            (Content::Date(date), _) => date.clone(),
            (Content::Media(media), _) => media.fingerprint(),
            (Content::Parts(parts), _) => {
                let mut parts: Vec<String> = parts
                    .iter()
                    .map(|part| {
                        let part = text::normal(&part.join(","));
                        match part.contains(['\\', ';']) {
                            true => part.replace('\\', "\\\\").replace(';', "\\;"),
                            false => part,
                        }
                    })
                    .collect();
                while parts.last().is_some_and(String::is_empty) {
                    parts.pop();
                }
                parts.join(";")
            }
            (Content::Opaque(escaped), _) => {
                let plain = text::unescape(escaped, Version::V4_0);
                text::normal(&plain).trim_end_matches(';').to_owned()
            }
            (Content::Odd(line), _) => match std::str::from_utf8(line) {
                Ok(line) => text::normal(line),
                Err(_) => super::digest(line, super::WHOLE),
            },
        }
    }

    /// The value for people to read.
    pub fn text(&self, name: &str) -> String {
        match self {
            Content::Parts(parts) => {
                let told =
                    |part: Option<&Vec<String>>| part.map_or(String::new(), |part| part.join(", "));
                let (order, between): (&[usize], &str) = match name {
                    "N" => (&[3, 1, 2, 0, 4], " "),
                    _ => (&[0, 1, 2, 3, 4, 5, 6], ", "),
                };
                let parts: Vec<String> = order
                    .iter()
                    .map(|&at| told(parts.get(at)).trim().to_owned())
                    .filter(|part| !part.is_empty())
                    .collect();
                parts.join(between)
            }
            Content::Text(text) if names::class(name) == Class::Number => {
                without_scheme(text.trim(), "tel:").to_owned()
            }
            Content::Text(text) => text.trim().to_owned(),
            Content::Uri(uri) => uri.trim().to_owned(),
            Content::Date(date) => match dates::spell(date, Version::V3_0) {
                dates::Spelled::Plain(text) => text,
                dates::Spelled::WithoutYear(_) | dates::Spelled::Inexpressible => date.clone(),
            },
            Content::Media(media) => media.text(),
            Content::Opaque(escaped) => text::unescape(escaped, Version::V4_0).trim().to_owned(),
            Content::Odd(line) => String::from_utf8_lossy(line).into_owned(),
        }
    }
}

fn read_media(name: &str, property: &Property, attributes: &mut Attributes) -> Content {
    let named: Vec<(String, String)> = attributes
        .types
        .iter()
        .filter_map(|kind| {
            media::media_type(name, kind).map(|media_type| (kind.clone(), media_type))
        })
        .collect();
    let media_type = named.first().map(|(_, media_type)| media_type.clone());
    for (kind, _) in &named {
        attributes.types.remove(kind);
    }
    let media_type = media_type.or(attributes.media_type.clone());
    if attributes.encoding == Encoding::Base64
        && let Some(media) = Media::from_base64(property.raw_value(), media_type)
    {
        return Content::Media(media);
    }
    let (decoded, _) = text::decode(property.raw_value(), attributes);
    match Media::from_data_uri(&decoded) {
        Some(media) => Content::Media(media),
        None if attributes.value_type.as_deref() == Some("text") => {
            Content::Text(text::clean(&text::unescape(&decoded, Version::V4_0)))
        }
        None => Content::Uri(plain_uri(&decoded)),
    }
}

/// A URI has no backslashes, but servers put them in front of `:`, `,` and `;`, some more than one.
fn plain_uri(uri: &str) -> String {
    let uri = uri.replace(['\\', '\n', '\t'], "");
    text::clean(&uri).replace('\n', "").trim().to_owned()
}

fn without_scheme<'a>(text: &'a str, scheme: &str) -> &'a str {
    match text.get(..scheme.len()) {
        Some(start) if start.eq_ignore_ascii_case(scheme) => &text[scheme.len()..],
        _ => text,
    }
}

/// A URI with scheme and host in small letters (RFC 3986 section 6.2.2.1).
fn normal_uri(uri: &str) -> String {
    let uri = text::normal(uri);
    let Some((scheme, rest)) = uri.split_once(':') else {
        return uri;
    };
    let scheme = scheme.to_lowercase();
    if scheme == "urn"
        && rest
            .get(..5)
            .is_some_and(|start| start.eq_ignore_ascii_case("uuid:"))
    {
        return format!("urn:uuid:{}", rest[5..].to_lowercase());
    }
    match rest.strip_prefix("//") {
        Some(rest) => {
            let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
            format!("{scheme}://{}{}", rest[..end].to_lowercase(), &rest[end..])
        }
        None => format!("{scheme}:{rest}"),
    }
}

/// The digits of a number with their leading `+`, and what can be dialled besides; separators off.
fn normal_number(number: &str) -> String {
    let number = text::normal(number);
    let mut written = without_scheme(&number, "tel:").trim().to_owned();
    if written.starts_with('+') {
        // The German way to say "0 from here, nothing from abroad".
        written = written.replacen("(0)", "", 1);
    }
    let international = written.starts_with('+') || written.starts_with("00");
    let dialled: String = written
        .chars()
        .filter(|char| char.is_alphanumeric() || *char == '*' || *char == '#')
        .flat_map(char::to_lowercase)
        .collect();
    match (international, written.starts_with('+')) {
        _ if dialled.is_empty() => number,
        (true, true) => format!("+{dialled}"),
        (true, false) => format!("+{}", dialled.trim_start_matches("00")),
        (false, _) => dialled,
    }
}

/// `37.38,-122.08` whether it was `geo:37.38,-122.08` or `37.38;-122.08`.
fn normal_place(place: &str) -> String {
    let place = text::normal(place);
    without_scheme(&place, "geo:")
        .replace(';', ",")
        .replace(' ', "")
}

/// `-0500` whether it was `-05:00` or `-0500`; names of zones as they are.
fn normal_zone(zone: &str) -> String {
    let zone = text::normal(zone);
    if zone.starts_with(['+', '-']) {
        zone.replace(':', "")
    } else {
        zone
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(line: &str, version: Version) -> String {
        let property = Property::read(line.as_bytes()).unwrap();
        let mut attributes = property.attributes.clone();
        let name = names::canonical(&property.name).to_owned();
        Content::read(&property, &mut attributes, version)[0].normal(&name)
    }

    /// Fails unless all spellings mean the same.
    fn all_the_same(spellings: &[(Version, &str)]) {
        let forms: Vec<String> = spellings
            .iter()
            .map(|(version, line)| normal(line, *version))
            .collect();
        assert!(forms.windows(2).all(|pair| pair[0] == pair[1]), "{forms:?}");
    }

    use Version::{V2_1, V3_0, V4_0};

    #[test]
    fn numbers_are_their_digits() {
        all_the_same(&[
            (V3_0, "TEL:+49 (0)30 12-34"),
            (V4_0, "TEL;VALUE=uri:tel:+49-30-1234"),
            (V2_1, "TEL;CELL:0049 30 1234"),
        ]);
        assert_ne!(normal("TEL:1 ext 2", V3_0), normal("TEL:12", V3_0));
    }

    #[test]
    fn mail_addresses_web_addresses_and_places_have_one_form() {
        all_the_same(&[
            (V3_0, "EMAIL: Ada@X.org "),
            (V4_0, "EMAIL:mailto:ada@x.org"),
        ]);
        all_the_same(&[
            (V3_0, "URL:http\\://x.org/a\\,b"),
            (V4_0, "URL:HTTP://X.org/a,b"),
            (V3_0, "URL:http\\\\://x.org/a,b"),
        ]);
        all_the_same(&[
            (V3_0, "GEO:37.3;-122.0"),
            (V4_0, "GEO:geo:37.3,-122.0"),
            (V3_0, "GEO:37.3\\;-122.0"),
        ]);
        all_the_same(&[(V3_0, "TZ:-05:00"), (V4_0, "TZ;VALUE=utc-offset:-0500")]);
    }

    #[test]
    fn trailing_empty_components_and_escaped_commas_are_no_difference() {
        all_the_same(&[(V3_0, "N:A;B;;;"), (V4_0, "N:A;B"), (V2_1, "N: A ; B")]);
        all_the_same(&[
            (V3_0, "NOTE:a\\,b"),
            (V3_0, "NOTE:a,b"),
            (V2_1, "NOTE;QUOTED-PRINTABLE:a=2Cb"),
        ]);
        assert_ne!(normal("N:A\\;B", V3_0), normal("N:A;B", V3_0));
    }

    #[test]
    fn pictures_are_their_bytes() {
        all_the_same(&[
            (V4_0, "PHOTO:data:image/jpeg;base64,/9j/4A=="),
            (V3_0, "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4A=="),
            (V2_1, "PHOTO;JPEG;BASE64:/9j/4A"),
            (V4_0, "PHOTO:data:image/jpeg\\;base64\\,/9j/4A=="),
        ]);
    }

    #[test]
    fn a_birthday_without_a_year_is_the_same_in_apples_way() {
        all_the_same(&[
            (V4_0, "BDAY:--0412"),
            (V3_0, "BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-12"),
        ]);
    }
}
