//! If-Match and If-None-Match, exactly (RFC 9110 section 13.1).

use super::message::Request;

/// Whether If-Match lets the request through. `etag` is the one of today, `None` where nothing is
/// there. A weak tag never matches: the comparison is the strong one.
pub(super) fn matches(request: &Request, etag: Option<&str>) -> bool {
    match request.header("If-Match").map(str::trim) {
        None => true,
        Some("*") => etag.is_some(),
        Some(list) => etag.is_some_and(|etag| tags(list).any(|tag| tag == etag)),
    }
}

/// Whether If-None-Match lets the request through. The comparison is the weak one.
pub(super) fn none_match(request: &Request, etag: Option<&str>) -> bool {
    match request.header("If-None-Match").map(str::trim) {
        None => true,
        Some("*") => etag.is_none(),
        Some(list) => {
            !etag.is_some_and(|etag| tags(list).any(|tag| tag.trim_start_matches("W/") == etag))
        }
    }
}

/// Our own tags hold no comma, so a tag that is cut at one was none of ours.
fn tags(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &str, value: &str) -> Request {
        Request {
            method: "PUT".into(),
            path: "/".into(),
            headers: vec![(name.into(), value.into())],
            body: Vec::new(),
        }
    }

    #[test]
    fn if_match_wants_the_very_tag_and_something_there() {
        assert!(matches(&with("if-match", "\"b\", \"a\""), Some("\"a\"")));
        assert!(matches(&with("If-Match", "*"), Some("\"a\"")));
        for (value, etag) in [
            ("\"a\"", None),
            ("*", None),
            ("a", Some("\"a\"")),
            ("W/\"a\"", Some("\"a\"")),
            ("\"a-gzip\"", Some("\"a\"")),
        ] {
            assert!(!matches(&with("If-Match", value), etag), "{value}");
        }
    }

    #[test]
    fn if_none_match_star_wants_nothing_there() {
        assert!(none_match(&with("If-None-Match", "*"), None));
        assert!(!none_match(&with("If-None-Match", "*"), Some("\"a\"")));
        assert!(!none_match(
            &with("If-None-Match", "W/\"a\""),
            Some("\"a\"")
        ));
        assert!(none_match(&with("If-None-Match", "\"b\""), Some("\"a\"")));
    }
}
