//! Reads what the browser brings back (RFC 6749 section 4.1.2); trusts it only with our state.

use secrecy::SecretString;
use url::Url;

/// What came.
pub(super) enum Heard {
    /// The server's answer to this very sign-in.
    Answer(Answer),
    /// An answer to another sign-in, or a forged one.
    Strange,
    /// No answer at all: the icon of the page, a browser that looks ahead.
    Nothing,
}

/// How the sign-in ended at the server.
pub(super) enum Answer {
    Code(SecretString),
    /// The server's word for it, and perhaps its reason.
    Error(String, Option<String>),
}

/// Reads the head of a request to the address that the browser was sent back to.
///
/// `host` is what it must have asked for: a page of somebody else may make a name of its own point
/// to 127.0.0.1, and then asks for that.
pub(super) fn of_request(head: &[u8], host: &str, state: &str) -> Heard {
    let mut headers = [httparse::EMPTY_HEADER; 100];
    let mut request = httparse::Request::new(&mut headers);
    if !matches!(request.parse(head), Ok(httparse::Status::Complete(_))) {
        return Heard::Nothing;
    }
    let asked_for_us = request
        .headers
        .iter()
        .any(|header| header.name.eq_ignore_ascii_case("host") && header.value == host.as_bytes());
    if !asked_for_us || request.method != Some("GET") {
        return Heard::Nothing;
    }
    match request.path.and_then(|path| path.strip_prefix("/?")) {
        Some(query) => of_query(query, state),
        None => Heard::Nothing,
    }
}

/// Reads the address that a person copied out of their browser.
pub(super) fn of_typed(text: &str, redirect: &Url, state: &str) -> Heard {
    let Ok(url) = Url::parse(text.trim()) else {
        return Heard::Nothing;
    };
    match url.query() {
        Some(query) if url.origin() == redirect.origin() && url.path() == redirect.path() => {
            of_query(query, state)
        }
        _ => Heard::Nothing,
    }
}

fn of_query(query: &str, state: &str) -> Heard {
    let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
    // A parameter that is there twice is none (RFC 6749 section 3.1).
    let value = |name: &str| {
        let mut values = pairs.iter().filter(|(key, _)| key == name);
        match (values.next(), values.next()) {
            (Some((_, value)), None) if !value.is_empty() => Some(value.as_ref()),
            _ => None,
        }
    };
    let answer = match (value("code"), value("error")) {
        (Some(code), None) => Answer::Code(code.into()),
        (None, Some(error)) => Answer::Error(
            error.to_owned(),
            value("error_description").map(str::to_owned),
        ),
        _ => return Heard::Nothing,
    };
    match value("state") == Some(state) {
        true => Heard::Answer(answer),
        false => Heard::Strange,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    fn told(heard: &Heard) -> String {
        match heard {
            Heard::Answer(Answer::Code(code)) => format!("code {}", code.expose_secret()),
            Heard::Answer(Answer::Error(error, why)) => format!("{error} {why:?}"),
            Heard::Strange => "strange".into(),
            Heard::Nothing => "nothing".into(),
        }
    }

    fn requested(line: &str, host: &str) -> String {
        let head = format!("{line} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        told(&of_request(head.as_bytes(), "127.0.0.1:9", "right"))
    }

    #[test]
    fn an_answer_counts_with_our_state_only() {
        let query = |query: &str| told(&of_query(query, "right"));
        assert_eq!(query("code=a%2Fb&state=right"), "code a/b");
        assert_eq!(query("code=a&state=wrong"), "strange");
        assert_eq!(query("code=a"), "strange");
        assert_eq!(query("code=a&state=right&state=right"), "strange");
        assert_eq!(query("error=access_denied"), "strange");
        assert_eq!(
            query("error=access_denied&error_description=no&state=right"),
            "access_denied Some(\"no\")"
        );
        assert_eq!(query("code=a&code=b&state=right"), "nothing");
        assert_eq!(query("code=a&error=b&state=right"), "nothing");
        assert_eq!(query("state=right"), "nothing");
    }

    #[test]
    fn only_a_get_of_our_own_address_is_listened_to() {
        let ours = "127.0.0.1:9";
        assert_eq!(requested("GET /?code=a&state=right", ours), "code a");
        assert_eq!(requested("GET /favicon.ico", ours), "nothing");
        assert_eq!(requested("GET /x?code=a&state=right", ours), "nothing");
        assert_eq!(requested("POST /?code=a&state=right", ours), "nothing");
        assert_eq!(
            requested("GET /?code=a&state=right", "evil.example:9"),
            "nothing"
        );
        let torn = of_request(b"GET /?code=a&state=right HT", ours, "right");
        assert_eq!(told(&torn), "nothing");
    }

    #[test]
    fn a_typed_address_must_be_the_one_we_wait_at() {
        let redirect = Url::parse("http://127.0.0.1:9/").unwrap();
        let typed = |text: &str| told(&of_typed(text, &redirect, "right"));
        assert_eq!(typed(" http://127.0.0.1:9/?code=a&state=right\n"), "code a");
        assert_eq!(typed("http://127.0.0.1:8/?code=a&state=right"), "nothing");
        assert_eq!(typed("http://127.0.0.1:9/?code=a&state=left"), "strange");
        assert_eq!(typed("code"), "nothing");
    }
}
