//! What a property is called when it is shown to a person, and where it stands among the others.

use std::borrow::Cow;

/// What our own properties begin with.
const OURS: &str = "X-CARDWEAVE-";

/// The place of a property, by its canonical name: who it is first, then how to reach them, then
/// what is known of them.
pub fn rank(name: &str) -> u8 {
    match name {
        "FN" => 0,
        "N" => 1,
        "NICKNAME" => 2,
        "ORG" => 3,
        "TITLE" | "ROLE" => 4,
        "TEL" => 5,
        "EMAIL" => 6,
        "ADR" | "LABEL" => 7,
        "BDAY" | "ANNIVERSARY" | "DEATHDATE" | "X-ABDATE" => 8,
        "URL" | "IMPP" | "SOCIALPROFILE" => 9,
        "NOTE" => 10,
        "CATEGORIES" => 11,
        "X-CARDWEAVE-TIER" => 12,
        _ if name.starts_with(OURS) => 13,
        "PHOTO" | "LOGO" => 14,
        _ => 15,
    }
}

/// The word for a property, by its canonical name. A name that nobody told us is shown as it is.
pub fn label(name: &str) -> Cow<'_, str> {
    Cow::Borrowed(match name {
        "FN" => "name",
        "N" => "full name",
        "NICKNAME" => "nickname",
        "ORG" => "organisation",
        "TITLE" => "title",
        "ROLE" => "role",
        "TEL" => "phone",
        "EMAIL" => "mail",
        "ADR" => "address",
        "LABEL" => "address label",
        "BDAY" => "birthday",
        "ANNIVERSARY" => "anniversary",
        "DEATHDATE" => "day of death",
        "X-ABDATE" => "date",
        "URL" => "web",
        "IMPP" => "messenger",
        "SOCIALPROFILE" => "profile",
        "NOTE" => "note",
        "CATEGORIES" => "list",
        "PHOTO" => "photo",
        "LOGO" => "logo",
        "SOUND" => "sound",
        "KEY" => "key",
        "RELATED" | "X-ABRELATEDNAMES" => "related",
        "GENDER" => "gender",
        "LANG" | "LANGUAGE" => "language",
        "GEO" => "position",
        "TZ" => "time zone",
        "KIND" => "kind",
        "MEMBER" => "member",
        "" => "unread line",
        _ => match name.strip_prefix(OURS) {
            Some(own) => return Cow::Owned(own.to_lowercase().replace('-', " ")),
            None => name,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_properties_are_words_and_strange_ones_keep_their_name() {
        assert_eq!(label("X-CARDWEAVE-LAST-CONTACT"), "last contact");
        assert_eq!(label("X-SPOUSE"), "X-SPOUSE");
        assert_eq!(label(""), "unread line");
    }

    #[test]
    fn the_tier_stands_before_our_other_properties_and_photos_after_them() {
        let mut names = ["PHOTO", "X-CARDWEAVE-LOG", "X-CARDWEAVE-TIER", "X-A", "FN"];
        names.sort_by_key(|name| rank(name));
        assert_eq!(
            names,
            ["FN", "X-CARDWEAVE-TIER", "X-CARDWEAVE-LOG", "PHOTO", "X-A"]
        );
    }
}
