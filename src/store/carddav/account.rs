//! Who signs in where: one account of a CardDAV server, with everything already parsed.

use std::path::PathBuf;
use std::rc::Rc;

use secrecy::SecretString;
use url::{Host, Url};

use super::renewal::Renewal;
use super::words::{host_of, store_error};
use crate::store::{StoreError, StoreErrorKind};

/// One account. Its `Debug` never shows the password.
#[derive(Debug, Clone)]
pub struct Account {
    /// Where discovery starts: a server or a place on it, `https` or (see below) `http`.
    pub address: Url,
    pub username: String,
    /// The password, or the token where `auth` is [`Auth::Bearer`].
    pub password: SecretString,
    pub auth: Auth,
    /// PEM file of certificate authorities that are trusted beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// PEM file with a client certificate and its private key.
    pub client_certificate: Option<PathBuf>,
    /// Lets the password and the cards travel unencrypted. Without it only loopback may.
    pub plain_http_allowed: bool,
    /// Other hosts, as `host` or `host:port`, that may be given the password because the person
    /// said so: some providers keep the address books on another host than the one signed in to.
    pub trusted_hosts: Vec<String>,
    /// Gives out the tokens where `auth` is [`Auth::Bearer`], in place of the password.
    pub renewal: Option<Rc<dyn Renewal>>,
}

/// How the password is proved to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// RFC 7617, sent with the first request. A server that turns out to want Digest gets that.
    Basic,
    /// RFC 7616: the password itself never travels.
    Digest,
    /// RFC 6750.
    Bearer,
}

impl Account {
    /// Whether the account's secret and the cards may be sent to `url`.
    ///
    /// # Errors
    /// A scheme other than http and https, a password inside of the URL, an unencrypted connection
    /// that nobody allowed, a host that is neither the account's own nor trusted.
    pub(super) fn permits(&self, url: &Url) -> Result<(), StoreError> {
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(store_error(
                StoreErrorKind::Unreachable,
                format!("{} is no address of a CardDAV server", scheme_and_host(url)),
                "Nothing was sent. Write the address as https://HOST/ in the config",
            ));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(store_error(
                StoreErrorKind::SignIn,
                format!(
                    "the address of {} holds a user name or a password",
                    host_of(url)
                ),
                "Nothing was sent. Take it out of the address: addresses are shown in messages",
            ));
        }
        if url.scheme() == "http" && !self.plain_http_allowed && !is_loopback(url) {
            return Err(store_error(
                StoreErrorKind::SignIn,
                format!(
                    "{} would get the password over an unencrypted connection",
                    host_of(url)
                ),
                "Nothing was sent. Use https://, or allow plain http for this account in the config",
            ));
        }
        if url.origin() == self.address.origin() || self.trusts(url) {
            return Ok(());
        }
        Err(store_error(
            StoreErrorKind::SignIn,
            format!("{} sends us on to {}", host_of(&self.address), host_of(url)),
            format!(
                "The password was not sent there. If that host belongs to the same provider, add \
                 \"{}\" to the trusted hosts of this account",
                host_of(url)
            ),
        ))
    }

    fn trusts(&self, url: &Url) -> bool {
        // A trusted host is trusted as encrypted as the account itself is.
        let no_downgrade = url.scheme() == "https" || self.address.scheme() == "http";
        no_downgrade
            && self
                .trusted_hosts
                .iter()
                .any(|trusted| trusted.eq_ignore_ascii_case(&host_of(url)))
    }
}

/// Whether nothing leaves this machine on the way to `url`.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// The harmless part of an address that may hold a password.
fn scheme_and_host(url: &Url) -> String {
    format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(address: &str) -> Account {
        Account {
            address: Url::parse(address).unwrap(),
            username: "anna".into(),
            password: "hunter2".into(),
            auth: Auth::Basic,
            ca_file: None,
            client_certificate: None,
            plain_http_allowed: false,
            trusted_hosts: vec!["p42.example.net".into()],
            renewal: None,
        }
    }

    fn permitted(address: &str, url: &str) -> bool {
        account(address).permits(&Url::parse(url).unwrap()).is_ok()
    }

    #[test]
    fn only_the_same_origin_and_trusted_hosts_get_the_password() {
        let home = "https://dav.example.com/";
        assert!(permitted(home, "https://dav.example.com/book/"));
        assert!(permitted(home, "https://p42.example.net/book/"));
        assert!(!permitted(home, "https://p42.example.net:8443/book/"));
        assert!(!permitted(home, "http://p42.example.net/book/"));
        assert!(!permitted(home, "http://dav.example.com/book/"));
        assert!(!permitted(home, "https://dav.example.com:444/"));
        assert!(!permitted(home, "https://evil.example/"));
        let mut plain_allowed = account(home);
        plain_allowed.plain_http_allowed = true;
        let downgraded = Url::parse("http://p42.example.net/book/").unwrap();
        assert!(plain_allowed.permits(&downgraded).is_err());
    }

    #[test]
    fn plain_http_is_for_loopback_only() {
        assert!(permitted(
            "http://127.0.0.1:5232/",
            "http://127.0.0.1:5232/a"
        ));
        assert!(permitted("http://localhost/", "http://localhost/a"));
        assert!(!permitted(
            "http://dav.example.com/",
            "http://dav.example.com/"
        ));
        let mut allowed = account("http://dav.example.com/");
        allowed.plain_http_allowed = true;
        assert!(allowed.permits(&allowed.address).is_ok());
    }

    #[test]
    fn other_schemes_and_passwords_in_addresses_are_refused_without_showing_them() {
        assert!(!permitted(
            "ftp://dav.example.com/",
            "ftp://dav.example.com/"
        ));
        assert!(!permitted("unix:/run/dav", "unix:/run/dav"));
        let inside = account("https://anna:geheim@dav.example.com/");
        let error = inside.permits(&inside.address).unwrap_err().to_string();
        assert!(!error.contains("geheim"), "{error}");
    }

    #[test]
    fn the_password_is_not_in_debug() {
        assert!(!format!("{:?}", account("https://dav.example.com/")).contains("hunter2"));
    }
}
