//! Words for people: what a server said made harmless, and errors in the house's form.

use url::Url;

use crate::store::{StoreError, StoreErrorKind};

/// The longest text of a server that is repeated in a message, in characters.
const LONGEST_SAYING: usize = 200;

/// What a server said, fit for a terminal: no control or direction characters, one line, at most
/// 200 characters. A server may send escape sequences, on purpose or not.
pub(super) fn said(text: &str) -> String {
    let mut words = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        let word: String = word.chars().filter(|c| !is_hidden(*c)).collect();
        if word.is_empty() {
            continue;
        }
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(&word);
    }
    match words.char_indices().nth(LONGEST_SAYING) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}

/// Characters that turn the direction of a line or have no width: they can make a text show
/// something else than it says.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{061C}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
}

/// `host` or `host:port`, without whatever else an address may hold.
pub(super) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or("?");
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

pub(super) fn store_error(
    kind: StoreErrorKind,
    what: impl Into<String>,
    todo: impl Into<String>,
) -> StoreError {
    StoreError {
        kind,
        what: what.into(),
        todo: todo.into(),
    }
}

/// The answer is not what CardDAV answers look like: a login page, a proxy, another service.
pub(super) fn not_carddav(url: &Url, detail: &str) -> StoreError {
    store_error(
        StoreErrorKind::Broken,
        format!(
            "{} gave no CardDAV answer for {}: {detail}",
            host_of(url),
            said(url.path())
        ),
        "Nothing was changed. Is there a login page between, or is the address another service's?",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_words_lose_their_escapes_and_their_length() {
        assert_eq!(
            said("no\u{1b}[31m\r\n way\u{9b}2J \u{202E}x"),
            "no [31m way 2J x"
        );
        assert_eq!(said(&"ä".repeat(500)).chars().count(), 201);
    }
}
