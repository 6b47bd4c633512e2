//! Names for what cardweave creates: contacts, UIDs, resources. All follow from the cards alone, so
//! that two machines that see the same card give it the same name.

use crate::book::{ContactId, Href, StoreId};
use crate::card::{Card, digest};

/// The contact that begins with these entries.
pub(super) fn contact_id<'a>(entries: impl Iterator<Item = (&'a StoreId, &'a Href)>) -> ContactId {
    let first = entries
        .min()
        .map(|(store, href)| format!("{store}\0{href}"));
    ContactId::new(digest(first.unwrap_or_default().as_bytes(), 10))
}

/// A UID for a card that has none, or whose own is taken by another card of the store.
///
/// A UUID of version 8 (RFC 9562 section 5.8) over the card's bytes.
pub(super) fn uid_for(card: &Card, salt: &str) -> String {
    let digest = digest(&[salt.as_bytes(), card.bytes()].concat(), 16);
    let variant = match digest.as_bytes()[16] {
        b'0' | b'4' | b'8' | b'c' => '8',
        b'1' | b'5' | b'9' | b'd' => '9',
        b'2' | b'6' | b'a' | b'e' => 'a',
        _ => 'b',
    };
    format!(
        "{}-{}-8{}-{variant}{}-{}",
        &digest[..8],
        &digest[8..12],
        &digest[13..16],
        &digest[17..20],
        &digest[20..32]
    )
}

/// The name of a new resource: the UID where it is made of safe characters, its hash otherwise.
///
/// Lower-case ASCII alone, so that no file system and no server makes two names one.
pub(super) fn resource_name(uid: &str) -> String {
    let lower = uid.to_ascii_lowercase();
    let safe = lower
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if safe && (8..=64).contains(&lower.len()) && !lower.starts_with('-') {
        lower
    } else {
        digest(uid.as_bytes(), 16)
    }
}

/// The name to try next where `name` is taken.
pub(super) fn next_name(name: &str, attempt: u32) -> String {
    format!("{name}-{}", attempt + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uid_of_safe_characters_names_its_resource() {
        assert_eq!(resource_name("3F2A9C1E-AB"), "3f2a9c1e-ab");
    }

    #[test]
    fn a_uid_never_becomes_a_path() {
        for uid in [
            "../../etc/passwd",
            "-rf",
            "a/b",
            "CON",
            "ä",
            "",
            &"x".repeat(300),
        ] {
            let name = resource_name(uid);
            assert_eq!(name.len(), 32, "{uid} became {name}");
            assert!(
                name.bytes().all(|b| b.is_ascii_hexdigit()),
                "{uid} became {name}"
            );
        }
    }

    #[test]
    fn a_made_up_uid_is_a_uuid_and_follows_from_the_bytes() {
        let card = Card::parse(b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ada\r\nEND:VCARD\r\n").unwrap();
        let uid = uid_for(&card, "");
        assert_eq!(uid.len(), 36);
        assert_eq!(&uid[14..15], "8");
        assert!("89ab".contains(&uid[19..20]));
        assert_eq!(uid, uid_for(&card, ""));
        assert_ne!(uid, uid_for(&card, "another entry"));
    }
}
