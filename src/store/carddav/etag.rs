//! ETags: kept as the server gave them, made fit for a precondition where they are not (RFC 9110 section 8.8.3).

use crate::book::ETag;

/// The version a listing names, quoted if the server forgot to: some list `a-1` and expect `"a-1"`
/// in `If-Match`. `None` for a text that cannot be an ETag.
pub(super) fn listed(text: &str) -> Option<ETag> {
    let text = text.trim();
    if text.is_empty() || text.chars().any(|c| c.is_control() || !c.is_ascii()) {
        return None;
    }
    let opaque = text.strip_prefix("W/").unwrap_or(text);
    let quoted = opaque.len() >= 2 && opaque.starts_with('"') && opaque.ends_with('"');
    Some(ETag::new(if quoted {
        text.to_owned()
    } else {
        format!("\"{}\"", opaque.trim_matches('"'))
    }))
}

/// The version a reply's header names, if a precondition can use it: a proxy that compresses makes
/// ETags weak, and a weak one never matches (RFC 9110 section 13.1.1).
pub(super) fn replied(header: Option<&str>) -> Option<ETag> {
    let header = header?.trim();
    (header.starts_with('"') && header.len() >= 2 && header.ends_with('"'))
        .then(|| listed(header))
        .flatten()
}

/// The value of `If-Match` for an entry of this version.
///
/// A weak ETag goes without its mark, and one that a compressing server has marked with `-gzip`
/// goes in both spellings: the mark belongs to the encoding of that answer, not to the card.
pub(super) fn if_match(etag: &ETag) -> String {
    let text = etag.as_str();
    let strong = text.strip_prefix("W/").unwrap_or(text);
    match strong.strip_suffix("-gzip\"") {
        Some(plain) => format!("{strong}, {}\"", plain.trim_end_matches('-')),
        None => strong.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forgotten_quote_is_added_and_nothing_else_is_touched() {
        for (given, kept) in [
            ("\"abc\"", "\"abc\""),
            ("a20-64-6", "\"a20-64-6\""),
            ("W/\"abc\"", "W/\"abc\""),
            (" \"a b\" ", "\"a b\""),
        ] {
            assert_eq!(listed(given), Some(ETag::new(kept)));
        }
        assert_eq!(listed(""), None);
        assert_eq!(listed("\"a\u{1b}\""), None);
    }

    #[test]
    fn a_weak_etag_is_never_sent_as_it_is() {
        assert_eq!(replied(Some("W/\"abc\"")), None);
        assert_eq!(replied(Some("\"abc\"")), Some(ETag::new("\"abc\"")));
        assert_eq!(replied(None), None);
        assert_eq!(if_match(&ETag::new("W/\"abc\"")), "\"abc\"");
        assert_eq!(
            if_match(&ETag::new("\"abc-gzip\"")),
            "\"abc-gzip\", \"abc\""
        );
        assert_eq!(if_match(&ETag::new("\"abc\"")), "\"abc\"");
    }
}
