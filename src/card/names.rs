//! Property names: what each is called in each version, and what kind of value it has.

use std::borrow::Cow;

use super::Version;

/// How the value of a property is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// One text, in which a comma or semicolon is just that.
    Text,
    /// `;`-separated components.
    Parts,
    Address,
    /// Comma-separated items, each of which is a field of its own.
    Items,
    Number,
    Mail,
    Uri,
    Date,
    Media,
    Geo,
    Zone,
    /// Nobody told us: kept as it is escaped.
    Unknown,
}

/// Properties that vCard 4.0 and its extensions (RFC 6350, 6474, 6715, 9554) have and 3.0 has
/// not, or that a version can hold only once: they travel as `X-` and their name.
const CARRIED: [&str; 27] = [
    "AGENT",
    "ANNIVERSARY",
    "BDAY",
    "BIRTHPLACE",
    "CLIENTPIDMAP",
    "CONTACT-URI",
    "CREATED",
    "DEATHDATE",
    "DEATHPLACE",
    "EXPERTISE",
    "GENDER",
    "GRAMGENDER",
    "HOBBY",
    "INTEREST",
    "JSPROP",
    "KIND",
    "LABEL",
    "LANG",
    "LANGUAGE",
    "MAILER",
    "MEMBER",
    "ORG-DIRECTORY",
    "PRONOUNS",
    "RELATED",
    "SOCIALPROFILE",
    "XML",
    "SORT-STRING",
];

/// Of those, the ones that 3.0 and 2.1 know themselves.
const KNOWN_TO_OLD: [&str; 5] = ["AGENT", "BDAY", "LABEL", "MAILER", "SORT-STRING"];

const MESSENGERS: [&str; 14] = [
    "X-AIM",
    "X-FACEBOOK",
    "X-GADUGADU",
    "X-GOOGLE-TALK",
    "X-GROUPWISE",
    "X-ICQ",
    "X-JABBER",
    "X-MATRIX",
    "X-MSN",
    "X-QQ",
    "X-SIGNAL",
    "X-SKYPE",
    "X-SKYPE-USERNAME",
    "X-YAHOO",
];

/// The name in capitals that stands for a property in all versions.
pub(super) fn canonical(name: &str) -> &str {
    match name {
        "X-ADDRESSBOOKSERVER-KIND" => "KIND",
        "X-ADDRESSBOOKSERVER-MEMBER" => "MEMBER",
        _ => match name.strip_prefix("X-") {
            Some(own) if CARRIED.contains(&own) => own,
            _ => name,
        },
    }
}

/// The name a property is written under in a version.
pub(super) fn spelled(name: &str, version: Version) -> Cow<'_, str> {
    let carried = match version {
        // 4.0 has neither of them, and a strict reader refuses names it does not know.
        Version::V4_0 => matches!(name, "AGENT" | "LABEL" | "MAILER" | "SORT-STRING"),
        Version::V2_1 | Version::V3_0 => CARRIED.contains(&name) && !KNOWN_TO_OLD.contains(&name),
    };
    match (name, version) {
        ("KIND" | "MEMBER", Version::V2_1 | Version::V3_0) => {
            Cow::Owned(format!("X-ADDRESSBOOKSERVER-{name}"))
        }
        _ if carried => Cow::Owned(format!("X-{name}")),
        _ => Cow::Borrowed(name),
    }
}

/// How the value of a property is to be read, by its canonical name.
pub(super) fn class(name: &str) -> Class {
    match name {
        "TEL" => Class::Number,
        "EMAIL" => Class::Mail,
        "N" | "ORG" | "GENDER" => Class::Parts,
        "ADR" => Class::Address,
        "CATEGORIES" | "NICKNAME" => Class::Items,
        "URL" | "IMPP" | "RELATED" | "MEMBER" | "CALURI" | "FBURL" | "CALADRURI" | "SOURCE"
        | "ORG-DIRECTORY" | "CONTACT-URI" | "SOCIALPROFILE" => Class::Uri,
        "BDAY" | "ANNIVERSARY" | "DEATHDATE" | "X-ABDATE" => Class::Date,
        "PHOTO" | "LOGO" | "SOUND" | "KEY" => Class::Media,
        "GEO" => Class::Geo,
        "TZ" => Class::Zone,
        "FN" | "NOTE" | "TITLE" | "ROLE" | "KIND" | "LANG" | "LANGUAGE" | "LABEL" | "MAILER"
        | "SORT-STRING" | "AGENT" | "BIRTHPLACE" | "DEATHPLACE" | "EXPERTISE" | "HOBBY"
        | "INTEREST" | "PRONOUNS" | "CLASS" | "NAME" | "XML" | "X-ABLABEL" | "X-ABADR"
        | "X-ABRELATEDNAMES" | "UID" | "REV" | "PRODID" => Class::Text,
        _ if name.starts_with("X-CARDWEAVE-") || MESSENGERS.contains(&name) => Class::Text,
        _ => Class::Unknown,
    }
}

/// Whether the values of a property are a set, each a field of its own.
pub(super) fn is_set(name: &str) -> bool {
    const SETS: [&str; 22] = [
        "",
        "ADR",
        "CALADRURI",
        "CALURI",
        "CATEGORIES",
        "EMAIL",
        "FBURL",
        "GEO",
        "IMPP",
        "KEY",
        "LANG",
        "MEMBER",
        "NICKNAME",
        "RELATED",
        "SOCIALPROFILE",
        "TEL",
        "TZ",
        "URL",
        "X-ABDATE",
        "X-ABRELATEDNAMES",
        "X-CARDWEAVE-DISTINCT",
        "X-CARDWEAVE-GOAL",
    ];
    SETS.contains(&name) || MESSENGERS.contains(&name)
}

/// Whether the `ID` parameter tells the values of a property apart.
pub(super) fn is_entry(name: &str) -> bool {
    matches!(
        name,
        "X-CARDWEAVE-LOG" | "X-CARDWEAVE-PROMISE" | "X-CARDWEAVE-MET" | "X-CARDWEAVE-PROPOSAL"
    )
}

/// Lines that are about the card or the transport and never an edit that somebody made.
pub(super) fn is_no_field(name: &str) -> bool {
    matches!(
        name,
        "BEGIN" | "END" | "VERSION" | "UID" | "REV" | "PRODID" | "CLIENTPIDMAP" | "X-RADICALE-NAME"
    )
}

/// Lines that only say something about the other lines of their group.
pub(super) fn is_companion(name: &str) -> bool {
    matches!(name, "X-ABLABEL" | "X-ABADR")
}

/// Types that every program adds or drops as it likes.
pub(super) fn says_nothing(kind: &str) -> bool {
    matches!(kind, "INTERNET" | "VOICE")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_comes_back_from_every_version() {
        for name in CARRIED.iter().chain(&["FN", "X-FOO", "TEL"]) {
            for version in [Version::V2_1, Version::V3_0, Version::V4_0] {
                assert_eq!(canonical(&spelled(name, version)), *name);
            }
        }
    }

    #[test]
    fn groups_are_spelled_the_way_address_book_servers_know() {
        assert_eq!(spelled("KIND", Version::V3_0), "X-ADDRESSBOOKSERVER-KIND");
        assert_eq!(spelled("KIND", Version::V4_0), "KIND");
        assert_eq!(spelled("BIRTHPLACE", Version::V3_0), "X-BIRTHPLACE");
        assert_eq!(spelled("BDAY", Version::V3_0), "BDAY");
    }
}
