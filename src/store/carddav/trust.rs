//! What an account does not trust yet, with the words to ask a person about it.

use std::fmt;

use super::fingerprint::Fingerprint;
use super::words::store_error;
use crate::store::{StoreError, StoreErrorKind};

/// Why the address books of an account were not found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DiscoveryError {
    /// The way leads to a host that nobody has agreed to. Nothing was sent there.
    #[error(transparent)]
    Untrusted(#[from] Untrusted),
    /// Who answers cannot be verified. Nothing was sent there.
    #[error(transparent)]
    Certificate(#[from] UnknownCertificate),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A host that would be given the password and is not trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untrusted {
    /// `host` or `host:port`, as `trusted-hosts` wants it.
    pub host: String,
    /// Who sent us there.
    pub by: String,
    pub met: Met,
}

/// Where an address of another host stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Met {
    /// In the DNS (RFC 6764 section 8 asks for a person's word: DNS proves nothing).
    Srv,
    /// In our own table, for this reason.
    Provider(&'static str),
    Redirect,
    /// In `current-user-principal`.
    Principal,
    /// In `addressbook-home-set`.
    HomeSet,
    /// In the list of address books, or in the config.
    Book,
}

/// A certificate that neither the system's nor the account's own authorities vouch for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownCertificate {
    /// `host` or `host:port`.
    pub host: String,
    /// Of the certificate that was shown, if it could be looked at.
    pub fingerprint: Option<Fingerprint>,
    pub reason: String,
}

/// The reason where an account has a pinned certificate and another one was shown.
pub(super) const NOT_THE_PINNED: &str = "it is not the one that is pinned for the account";

impl Untrusted {
    /// What happened, without a full stop.
    pub fn what(&self) -> String {
        let Self { host, by, met } = self;
        match met {
            Met::Srv => format!("the DNS of {by} says that its address books are at {host}"),
            Met::Provider(reason) => format!("{reason}: {host}"),
            Met::Redirect => format!("{by} sends us on to {host}"),
            Met::Principal => format!("{by} says that this user is at home at {host}"),
            Met::HomeSet => format!("{by} says that the address books are at {host}"),
            Met::Book => format!("{by} names an address book at {host}"),
        }
    }

    fn todo(&self) -> String {
        format!(
            "Nothing was sent there. If that host belongs to the same provider, run `cardweave \
             login ACCOUNT`, which asks about it once and remembers it, or add \"{}\" to the \
             `trusted-hosts` of the account",
            self.host
        )
    }
}

impl UnknownCertificate {
    fn what(&self) -> String {
        format!(
            "the certificate of {} cannot be verified: {}",
            self.host, self.reason
        )
    }

    fn todo(&self) -> String {
        let pin = match self.fingerprint {
            Some(fingerprint) => format!(
                "compare its fingerprint with the one that the server's owner tells you, and write \
                 pinned-certificate = \"{fingerprint}\" into the account"
            ),
            None => "set `pinned-certificate` of the account to its fingerprint".to_owned(),
        };
        if self.reason == NOT_THE_PINNED {
            return format!(
                "Nothing was sent there. If the server was given a new certificate, {pin}. If not, \
                 somebody else may be answering"
            );
        }
        format!(
            "Nothing was sent there. If the server has a certificate authority of its own, name its \
             file as `ca-file` of the account; or {pin}. If it should have an ordinary certificate, \
             somebody else may be answering"
        )
    }
}

impl From<Untrusted> for StoreError {
    fn from(untrusted: Untrusted) -> Self {
        store_error(StoreErrorKind::SignIn, untrusted.what(), untrusted.todo())
    }
}

impl From<UnknownCertificate> for StoreError {
    fn from(unknown: UnknownCertificate) -> Self {
        store_error(StoreErrorKind::Unreachable, unknown.what(), unknown.todo())
    }
}

impl From<DiscoveryError> for StoreError {
    fn from(error: DiscoveryError) -> Self {
        match error {
            DiscoveryError::Untrusted(untrusted) => untrusted.into(),
            DiscoveryError::Certificate(unknown) => unknown.into(),
            DiscoveryError::Store(error) => error,
        }
    }
}

impl fmt::Display for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. {}", self.what(), self.todo())
    }
}

impl fmt::Display for UnknownCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. {}", self.what(), self.todo())
    }
}

impl std::error::Error for Untrusted {}
impl std::error::Error for UnknownCertificate {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_names_the_host_and_both_ways_out() {
        for met in [
            Met::Srv,
            Met::Provider("iCloud keeps contacts on a host of its own"),
            Met::Redirect,
            Met::Principal,
            Met::HomeSet,
            Met::Book,
        ] {
            let untrusted = Untrusted {
                host: "p42.example.net:8443".into(),
                by: "example.com".into(),
                met,
            };
            let text = DiscoveryError::from(untrusted.clone()).to_string();
            for word in [
                "p42.example.net:8443",
                "cardweave login",
                "`trusted-hosts`",
                "Nothing was sent",
            ] {
                assert!(text.contains(word), "{text}");
            }
            assert_eq!(text, StoreError::from(untrusted).to_string());
        }
    }

    #[test]
    fn an_unknown_certificate_is_told_with_what_to_compare_and_what_to_write() {
        let mut unknown = UnknownCertificate {
            host: "dav.example.com".into(),
            fingerprint: Some(Fingerprint::of(b"x")),
            reason: "UnknownIssuer".into(),
        };
        let line = format!("pinned-certificate = \"{}\"", Fingerprint::of(b"x"));
        let text = unknown.to_string();
        assert!(text.contains("`ca-file`") && text.contains(&line), "{text}");
        unknown.reason = NOT_THE_PINNED.into();
        let text = unknown.to_string();
        assert!(
            !text.contains("`ca-file`") && text.contains(&line),
            "{text}"
        );
        assert!(text.contains("somebody else"), "{text}");
    }
}
