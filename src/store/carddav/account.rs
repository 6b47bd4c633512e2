//! Who signs in where: one account of a CardDAV server, with everything already parsed.

use std::path::PathBuf;
use std::rc::Rc;

use secrecy::SecretString;
use url::{Host, Url};

use super::fingerprint::Fingerprint;
use super::renewal::Renewal;
use super::words::{host_of, store_error};
use crate::store::{StoreError, StoreErrorKind};

/// One account. Its `Debug` never shows the password.
#[derive(Debug, Clone)]
pub struct Account {
    /// Where discovery starts: a server or a place on it, `https` or (see below) `http`.
    /// For an e-mail address `https://DOMAIN/`.
    pub address: Url,
    /// The domain whose DNS says where the address books are (RFC 6764): set for an e-mail address
    /// and for a host without a port. Without it the server is the one of `address`.
    pub domain: Option<String>,
    pub username: String,
    /// The password, or the token where `auth` is [`Auth::Bearer`].
    pub password: SecretString,
    pub auth: Auth,
    /// PEM file of certificate authorities that are trusted beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// PEM file with a client certificate and its private key.
    pub client_certificate: Option<PathBuf>,
    /// The one certificate to accept, whoever vouches for it or does not, in place of the
    /// authorities.
    pub pinned_certificate: Option<Fingerprint>,
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

/// Why nothing of an account may be sent to an address; each names its host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// A scheme other than http and https, or no host.
    NoServer(String),
    /// A user name or a password inside of the address.
    CredentialsInside(String),
    /// Plain http to another machine, which nobody allowed.
    Unencrypted(String),
    /// Plain http, where the account itself is signed in to over https.
    Downgrade(String),
    /// Neither the account's own origin nor a trusted host.
    Untrusted(String),
}

impl Refusal {
    /// What it means where no other host is in question, or none that could be trusted.
    pub(super) fn into_error(self) -> StoreError {
        let (kind, what, todo) = match self {
            Self::NoServer(place) => (
                StoreErrorKind::Unreachable,
                format!("{place} is no address of a CardDAV server"),
                "Nothing was sent. Write the address as https://HOST/ in the config",
            ),
            Self::CredentialsInside(host) => (
                StoreErrorKind::SignIn,
                format!("the address of {host} holds a user name or a password"),
                "Nothing was sent. Take it out of the address: addresses are shown in messages",
            ),
            Self::Unencrypted(host) => (
                StoreErrorKind::SignIn,
                format!("{host} would get the password over an unencrypted connection"),
                "Nothing was sent. Use https://, or set `plain-http` for this account in the config",
            ),
            Self::Downgrade(host) => (
                StoreErrorKind::SignIn,
                format!(
                    "the way leads from an encrypted connection to an unencrypted one with {host}"
                ),
                "Nothing was sent there, and no setting allows it. Ask whoever runs the server to \
                 name its address with https://",
            ),
            Self::Untrusted(host) => (
                StoreErrorKind::SignIn,
                format!("{host} is not the host of this account"),
                "Nothing was sent there. Add it to the `trusted-hosts` of the account if it may \
                 have the password",
            ),
        };
        store_error(kind, what, todo)
    }
}

impl Account {
    /// An account that signs in by Basic at this address, with everything else at its default: no
    /// DNS, the system's authorities, nobody else trusted.
    pub fn new(address: Url, username: &str, password: SecretString) -> Self {
        Self {
            address,
            domain: None,
            username: username.to_owned(),
            password,
            auth: Auth::Basic,
            ca_file: None,
            client_certificate: None,
            pinned_certificate: None,
            plain_http_allowed: false,
            trusted_hosts: Vec::new(),
            renewal: None,
        }
    }

    /// Whether the account's secret and the cards may be sent to `url`.
    ///
    /// # Errors
    /// A scheme other than http and https, a password inside of the URL, an unencrypted connection
    /// that nobody allowed, a host that is neither the account's own nor trusted.
    pub(super) fn permits(&self, url: &Url) -> Result<(), Refusal> {
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(Refusal::NoServer(scheme_and_host(url)));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::CredentialsInside(host_of(url)));
        }
        if url.scheme() == "http" && self.address.scheme() == "https" {
            return Err(Refusal::Downgrade(host_of(url)));
        }
        if url.scheme() == "http" && !self.plain_http_allowed && !is_loopback(url) {
            return Err(Refusal::Unencrypted(host_of(url)));
        }
        if url.origin() == self.address.origin() || self.trusts(url) {
            return Ok(());
        }
        Err(Refusal::Untrusted(host_of(url)))
    }

    fn trusts(&self, url: &Url) -> bool {
        self.trusted_hosts
            .iter()
            .any(|trusted| trusted.eq_ignore_ascii_case(&host_of(url)))
    }
}

/// Whether nothing leaves this machine on the way to `url`.
pub fn is_loopback(url: &Url) -> bool {
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
            trusted_hosts: vec!["p42.example.net".into()],
            ..Account::new(Url::parse(address).unwrap(), "anna", "hunter2".into())
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
        let refused = plain_allowed.permits(&downgraded);
        assert_eq!(refused, Err(Refusal::Downgrade("p42.example.net".into())));
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
        let refusal = inside.permits(&inside.address).unwrap_err();
        let error = format!("{refusal:?} {}", refusal.clone().into_error());
        assert!(!error.contains("geheim"), "{error}");
    }

    #[test]
    fn this_machine_has_these_names_and_no_others() {
        let is_here = |url: &str| is_loopback(&Url::parse(url).unwrap());
        for url in [
            "http://127.0.0.1:5232/",
            "http://[::1]/",
            "http://localhost/",
        ] {
            assert!(is_here(url), "{url}");
        }
        for url in [
            "http://localhost.example.org/",
            "http://192.168.0.2/",
            "https://dav.example.org/",
        ] {
            assert!(!is_here(url), "{url}");
        }
    }

    #[test]
    fn the_password_is_not_in_debug() {
        assert!(!format!("{:?}", account("https://dav.example.com/")).contains("hunter2"));
    }
}
