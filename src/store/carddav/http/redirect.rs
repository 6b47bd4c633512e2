//! Where a redirect may lead: the method and the body go along, so not everywhere.

use url::Url;

use super::super::words::host_of;
use super::{Failure, Request, Response};

/// Where to send the request next. Whether the account permits that place is asked before sending.
///
/// # Errors
/// The redirect names no place, leaves an encrypted connection, or would take a write to another
/// server.
pub(super) fn redirected(request: &Request, response: &Response) -> Result<Url, Failure> {
    let location = response
        .header("location")
        .ok_or_else(|| Failure::Redirected("without saying where".into()))?;
    target(&request.url, location, request.is_read_only()).map_err(Failure::Redirected)
}

fn target(from: &Url, location: &str, is_read_only: bool) -> Result<Url, String> {
    let mut to = from
        .join(location)
        .map_err(|_| "to something that is no address".to_owned())?;
    to.set_fragment(None);
    if !to.username().is_empty() || to.password().is_some() {
        return Err("to an address with a user name in it".into());
    }
    if from.scheme() == "https" && to.scheme() != "https" {
        return Err(format!(
            "to an unencrypted connection with {}",
            host_of(&to)
        ));
    }
    // A card must not end up on a server that nobody chose, and then count as stored.
    if !is_read_only && to.origin() != from.origin() {
        return Err(format!(
            "a card that was to be written there, to {}",
            host_of(&to)
        ));
    }
    Ok(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(location: &str, is_read_only: bool) -> Option<String> {
        let from = Url::parse("https://h.example/a/").unwrap();
        target(&from, location, is_read_only).ok().map(String::from)
    }

    #[test]
    fn the_same_server_is_followed() {
        assert_eq!(to("/b/#x", false).as_deref(), Some("https://h.example/b/"));
        assert_eq!(
            to("https://h.example:443/b/", false).as_deref(),
            Some("https://h.example/b/")
        );
        assert_eq!(to("../c", true).as_deref(), Some("https://h.example/c"));
    }

    #[test]
    fn encryption_is_not_given_up_and_a_write_goes_nowhere_else() {
        assert_eq!(to("http://h.example/b/", true), None);
        assert_eq!(to("https://other.example/", false), None);
        assert_eq!(to("//other.example/", false), None);
        assert_eq!(to("https://x@h.example/", true), None);
        assert!(to("https://other.example/", true).is_some());
    }
}
