//! The SHA-256 fingerprint of a certificate, as people compare and write it.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// The fingerprint of one certificate, over its DER form as `openssl x509 -fingerprint -sha256`
/// makes it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

/// A text that is no fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "it is sha256: and 32 pairs of hexadecimal digits, as `openssl x509 -noout -fingerprint -sha256 \
     -in FILE` prints them: sha256:AB:CD:…"
)]
pub struct NotAFingerprint;

impl Fingerprint {
    pub(super) fn of(certificate: &[u8]) -> Self {
        Self(Sha256::digest(certificate).into())
    }
}

impl FromStr for Fingerprint {
    type Err = NotAFingerprint;

    /// Either case, with the colons between the pairs or without any.
    fn from_str(text: &str) -> Result<Self, NotAFingerprint> {
        let (algorithm, digits) = text.trim().split_once(':').ok_or(NotAFingerprint)?;
        if !algorithm.eq_ignore_ascii_case("sha256") {
            return Err(NotAFingerprint);
        }
        let pairs: Vec<&[u8]> = match digits.contains(':') {
            true => digits.split(':').map(str::as_bytes).collect(),
            false => digits.as_bytes().chunks(2).collect(),
        };
        let bytes: Option<Vec<u8>> = pairs.into_iter().map(byte).collect();
        let bytes = bytes.ok_or(NotAFingerprint)?;
        bytes.try_into().map(Self).map_err(|_| NotAFingerprint)
    }
}

/// The byte that two hexadecimal digits stand for.
fn byte(pair: &[u8]) -> Option<u8> {
    let &[high, low] = pair else { return None };
    let digit = |c: u8| char::from(c).to_digit(16);
    u8::try_from(digit(high)? << 4 | digit(low)?).ok()
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256")?;
        self.0.iter().try_for_each(|byte| write!(f, ":{byte:02X}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_can_be_read_again_in_any_spelling() {
        let fingerprint = Fingerprint::of(b"a certificate");
        let shown = fingerprint.to_string();
        assert!(shown.starts_with("sha256:") && shown.len() == "sha256".len() + 32 * 3);
        let bare = format!("SHA256:{}", shown["sha256:".len()..].replace(':', ""));
        for spelling in [shown.clone(), shown.to_lowercase(), bare] {
            assert_eq!(spelling.parse(), Ok(fingerprint), "{spelling}");
        }
    }

    #[test]
    fn half_a_fingerprint_and_other_digests_are_none() {
        let whole = Fingerprint::of(b"x").to_string();
        let wrong = [
            "",
            "sha256:",
            "sha256:AB:CD",
            &whole["sha256:".len()..],
            &whole.replace("sha256", "sha1"),
            &whole[..whole.len() - 1],
            &format!("{whole}:00"),
            &whole.replacen(":", ":+", 2),
            &format!("sha256:{}", "é".repeat(32)),
        ]
        .map(str::to_owned);
        for text in wrong {
            assert_eq!(text.parse::<Fingerprint>(), Err(NotAFingerprint), "{text}");
        }
    }
}
