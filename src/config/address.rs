//! Reads the address of an account: an e-mail address, a host or a URL.

use std::str::FromStr;

use url::Url;

use super::Address;

/// A text that is no address; its message is the reason and the advice, without the text itself,
/// which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotAnAddress(&'static str);

impl FromStr for Address {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        let text = text.trim();
        if text.contains("://") {
            return web_address(text).map(Self::Url);
        }
        if let Some((local, domain)) = text.rsplit_once('@') {
            if local.is_empty() || local.contains(|c: char| c.is_whitespace() || c.is_control()) {
                return Err(NotAnAddress("the part before the @ is no mailbox name"));
            }
            let domain = host(domain)?;
            return Ok(Self::Email(format!("{local}@{domain}")));
        }
        host(text).map(Self::Host)
    }
}

/// A host name with an optional port, in lower case and ASCII (IDNA), as servers are compared.
pub(super) fn host(text: &str) -> Result<String, NotAnAddress> {
    if text.contains(['/', '?', '#', '\\']) {
        return Err(NotAnAddress("a path needs a whole URL: https://host/path"));
    }
    let wrong = NotAnAddress("it is neither user@domain, nor a host name, nor a URL");
    if text.is_empty() || text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '@') {
        return Err(wrong);
    }
    let url = Url::parse(&format!("https://{text}/")).map_err(|_| wrong.clone())?;
    let host = url.host_str().ok_or(wrong)?;
    Ok(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

fn web_address(text: &str) -> Result<Url, NotAnAddress> {
    let url = Url::parse(text).map_err(|_| NotAnAddress("the URL cannot be read"))?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(NotAnAddress("a URL starts with https:// (or http://) here"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(NotAnAddress(
            "a user name or password does not belong in the URL; use `username` and `password`",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(NotAnAddress("leave out everything from ? or # on"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Address, NotAnAddress> {
        text.parse()
    }

    #[test]
    fn the_three_forms_are_told_apart() {
        assert_eq!(
            read("anna@Example.com"),
            Ok(Address::Email("anna@example.com".into()))
        );
        assert_eq!(
            read("DAV.example.com:8443"),
            Ok(Address::Host("dav.example.com:8443".into()))
        );
        let url = Url::parse("https://example.com/dav/").unwrap();
        assert_eq!(read("https://example.com/dav/"), Ok(Address::Url(url)));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "@example.com",
            "a b@example.com",
            "ftp://example.com",
            "example.com/dav",
            "a b",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_password_in_the_url_is_refused_and_not_repeated() {
        let refused = read("https://anna:hunter2@example.com/").unwrap_err();
        assert!(!format!("{refused} {refused:?}").contains("hunter2"));
    }
}
