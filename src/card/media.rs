//! Pictures, sounds and keys: `data:` URIs of 4.0, `ENCODING=b` of 3.0, `BASE64` of 2.1.

use std::sync::Arc;

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};

/// What is inside of a card, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Media {
    /// `image/jpeg`; `None` where neither the card nor the bytes tell.
    pub media_type: Option<String>,
    pub bytes: Arc<[u8]>,
}

impl Media {
    /// Decodes base64, with any white space in it. `None`: not base64.
    pub fn from_base64(text: &[u8], media_type: Option<String>) -> Option<Media> {
        const LENIENT: GeneralPurpose = GeneralPurpose::new(
            &base64::alphabet::STANDARD,
            GeneralPurposeConfig::new()
                .with_decode_allow_trailing_bits(true)
                .with_decode_padding_mode(DecodePaddingMode::Indifferent),
        );
        let packed: Vec<u8> = text
            .iter()
            .copied()
            .filter(|byte| !byte.is_ascii_whitespace())
            .collect();
        let bytes: Arc<[u8]> = LENIENT.decode(packed).ok()?.into();
        let media_type = media_type.or_else(|| sniff(&bytes).map(str::to_owned));
        Some(Media { media_type, bytes })
    }

    /// Reads a base64 `data:` URI (RFC 2397), also one whose separators a server has escaped.
    pub fn from_data_uri(uri: &str) -> Option<Media> {
        let scheme = uri.get(..5)?;
        if !scheme.eq_ignore_ascii_case("data:") {
            return None;
        }
        let (head, data) = uri[5..].split_once(',')?;
        let head = head.strip_suffix("\\").unwrap_or(head).replace("\\;", ";");
        let at = head
            .len()
            .checked_sub(";base64".len())
            .filter(|&at| head.is_char_boundary(at))?;
        if !head[at..].eq_ignore_ascii_case(";base64") {
            return None;
        }
        let media_type = Some(head[..at].to_ascii_lowercase()).filter(|text| !text.is_empty());
        Media::from_base64(data.as_bytes(), media_type)
    }

    pub fn base64(&self) -> String {
        STANDARD.encode(&self.bytes)
    }

    pub fn data_uri(&self) -> String {
        let media_type = self
            .media_type
            .as_deref()
            .unwrap_or("application/octet-stream");
        format!("data:{media_type};base64,{}", self.base64())
    }

    /// What two versions of the same picture have in common: SHA-256 of its bytes, in hex.
    pub fn fingerprint(&self) -> String {
        super::digest(&self.bytes, super::WHOLE)
    }

    /// For people: `image/jpeg, 12 kB`.
    pub fn text(&self) -> String {
        let media_type = self.media_type.as_deref().unwrap_or("data");
        match self.bytes.len() {
            small if small < 1000 => format!("{media_type}, {small} bytes"),
            large => format!("{media_type}, {} kB", large.div_ceil(1000)),
        }
    }

    /// The `TYPE` of 3.0 and 2.1: `JPEG`.
    pub fn type_name(&self) -> Option<String> {
        let media_type = self.media_type.as_deref()?;
        Some(match media_type {
            "application/pgp-keys" => "PGP".to_owned(),
            "application/pkix-cert" => "X509".to_owned(),
            "audio/basic" | "audio/wav" | "image/jpeg" | "image/png" | "image/gif" => media_type
                .rsplit('/')
                .next()
                .unwrap_or(media_type)
                .to_uppercase(),
            // A media type of its own kind says it in full, and is read back from that.
            _ => media_type.to_uppercase(),
        })
    }
}

/// The media type that a `TYPE` parameter of PHOTO, LOGO, SOUND or KEY names, if it names one.
pub(super) fn media_type(property: &str, kind: &str) -> Option<String> {
    if kind.contains('/') {
        return Some(kind.to_ascii_lowercase());
    }
    let media_type = match kind {
        "JPG" | "JPEG" => "image/jpeg",
        "PGP" | "GPG" => "application/pgp-keys",
        "X509" => "application/pkix-cert",
        "PNG" | "GIF" | "BMP" | "TIFF" | "WEBP" | "HEIC" | "AVIF" | "CGM" | "WMF" | "PICT"
        | "PDF" => {
            return Some(format!("image/{}", kind.to_ascii_lowercase()));
        }
        "BASIC" | "WAV" | "WAVE" | "PCM" | "AIFF" | "MP3" | "OGG" | "AAC"
            if property == "SOUND" =>
        {
            let kind = if kind == "WAVE" { "WAV" } else { kind };
            return Some(format!("audio/{}", kind.to_ascii_lowercase()));
        }
        _ => return None,
    };
    Some(media_type.to_owned())
}

fn sniff(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xFF, 0xD8, ..] => Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_the_same_in_every_wrapping() {
        let plain = Media::from_base64(b"/9j/4A==", None).unwrap();
        assert_eq!(plain.media_type.as_deref(), Some("image/jpeg"));
        for uri in [
            "data:image/jpeg;base64,/9j/4A==",
            "DATA:image/jpeg\\;base64\\,/9j/4A",
        ] {
            assert_eq!(Media::from_data_uri(uri), Some(plain.clone()), "{uri}");
        }
        assert_eq!(Media::from_data_uri(&plain.data_uri()), Some(plain));
    }

    #[test]
    fn a_damaged_picture_is_none() {
        assert_eq!(Media::from_data_uri("data:image/jpeg"), None);
        assert_eq!(Media::from_base64(b"not base64!", None), None);
    }

    #[test]
    fn type_names_come_back() {
        for media_type_of in [
            "image/jpeg",
            "image/png",
            "application/pgp-keys",
            "image/x-odd",
        ] {
            let media = Media {
                media_type: Some(media_type_of.into()),
                bytes: Arc::from(&b""[..]),
            };
            let name = media.type_name().unwrap();
            assert_eq!(media_type("PHOTO", &name).as_deref(), Some(media_type_of));
        }
    }
}
