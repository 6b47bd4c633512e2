//! Why a request got no whole answer, and what that means for the store.

use std::error::Error;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use url::Url;

use super::super::trust::{DiscoveryError, NOT_THE_PINNED, UnknownCertificate, Untrusted};
use super::super::words::{host_of, said, store_error};
use super::Limits;
use crate::store::{StoreError, StoreErrorKind, WriteError};

/// Why a request got no whole answer.
#[derive(Debug)]
pub(in super::super) enum Failure {
    /// No connection: the request was not sent.
    Unreachable {
        reason: String,
        may_pass: bool,
    },
    /// The connection broke while the request or its answer was on the way.
    CutOff(String),
    /// Nothing came for so long, or the answer was not whole after so long.
    Silent(Duration),
    /// The answer is longer than this many bytes.
    TooLarge(usize),
    SignIn(&'static str),
    Busy {
        until: Option<Timestamp>,
    },
    /// A redirect that is not followed; says why.
    Redirected(String),
    /// The request was not sent: it would have gone to a host that nobody agreed to.
    Untrusted {
        refused: Untrusted,
        /// Where on that host.
        path: String,
    },
    /// The request was not sent: who answers could not be verified.
    Certificate(UnknownCertificate),
    /// The request was not sent: the address may not be used, or the account's certificates cannot.
    Store(StoreError),
}

impl Failure {
    pub(super) fn from_transport(error: &reqwest::Error, url: &Url, limits: &Limits) -> Self {
        if let Some(reason) = certificate_trouble(error) {
            return Self::Certificate(UnknownCertificate {
                host: host_of(url),
                fingerprint: None,
                reason,
            });
        }
        if error.is_timeout() {
            return match error.is_connect() {
                true => Self::Unreachable {
                    reason: format!("not within {} seconds", limits.connect.as_secs()),
                    may_pass: false,
                },
                false => Self::Silent(limits.whole),
            };
        }
        // An error's own text repeats the address; its causes say what happened.
        let mut reason = "no reason given".to_owned();
        let mut cause = error.source();
        while let Some(deeper) = cause {
            reason = said(&deeper.to_string());
            cause = deeper.source();
        }
        // TLS errors are `is_connect` too: nothing of the request was sent then either, and a
        // certificate gets no better by asking twice.
        let may_pass = !reason.contains("certificate");
        match error.is_connect() {
            true => Self::Unreachable { reason, may_pass },
            false => Self::CutOff(reason),
        }
    }

    /// Whether a second try could go better. Not after silence: the next one would be as long.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { may_pass, .. } => *may_pass,
            Self::CutOff(_) => true,
            _ => false,
        }
    }

    /// One word for the log.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "unreachable",
            Self::CutOff(_) => "cut off",
            Self::Silent(_) => "silent",
            Self::TooLarge(_) => "too large",
            Self::SignIn(_) => "sign-in",
            Self::Busy { .. } => "busy",
            Self::Redirected(_) => "redirected",
            Self::Untrusted { .. } => "not trusted",
            Self::Certificate(_) => "not verified",
            Self::Store(_) => "not sent",
        }
    }

    /// What it means for a store whose address book is at `url`.
    pub(in super::super) fn for_store(self, url: &Url) -> StoreError {
        let host = host_of(url);
        let nothing = "Nothing was changed there";
        match self {
            Self::Unreachable { reason, .. } => store_error(
                StoreErrorKind::Unreachable,
                format!("no connection to {host} ({reason})"),
                format!("{nothing}. Check the address and the network, then run again"),
            ),
            Self::Untrusted { refused, .. } => refused.into(),
            Self::Certificate(unknown) => unknown.into(),
            // TLS 1.3 tells this only after the handshake (RFC 8446 section 4.4.2.4).
            Self::CutOff(reason) if reason.contains("CertificateRequired") => store_error(
                StoreErrorKind::SignIn,
                format!("{host} wants to be shown a certificate ({reason})"),
                format!("{nothing}. Name its file as `client-certificate` of the account"),
            ),
            Self::CutOff(reason) => store_error(
                StoreErrorKind::Unreachable,
                format!("the connection to {host} broke before the answer was whole ({reason})"),
                "What had arrived was not used. Run again",
            ),
            Self::Silent(limit) => store_error(
                StoreErrorKind::Unreachable,
                format!(
                    "{host} gave no whole answer within {} seconds",
                    limit.as_secs()
                ),
                format!("{nothing}. Run again later"),
            ),
            Self::TooLarge(limit) => store_error(
                StoreErrorKind::Broken,
                format!("the answer of {host} is longer than {} MB", limit >> 20),
                "It was not used. Is this the right address book?",
            ),
            Self::SignIn(reason) => store_error(
                StoreErrorKind::SignIn,
                format!("could not sign in to {host}: {reason}"),
                "It was tried once and not again. Check user name and password of the account",
            ),
            Self::Busy { until } => store_error(
                StoreErrorKind::Busy,
                format!("{host} is busy and asks to be left alone"),
                match until {
                    Some(until) => {
                        let until = until.to_zoned(TimeZone::system());
                        format!("Run again after {}", until.strftime("%Y-%m-%d %H:%M:%S"))
                    }
                    None => "Run again later".into(),
                },
            ),
            Self::Redirected(reason) => store_error(
                StoreErrorKind::Broken,
                format!("{host} sent us elsewhere: {reason}"),
                "It was not followed. Put the right address into the config",
            ),
            Self::Store(error) => error,
        }
    }

    /// What it means for a discovery, which can ask a person about a host or a certificate.
    pub(in super::super) fn for_discovery(self, url: &Url) -> DiscoveryError {
        match self {
            Self::Untrusted { refused, .. } => refused.into(),
            Self::Certificate(unknown) => unknown.into(),
            other => other.for_store(url).into(),
        }
    }

    /// What it means for a write: whether it may have arrived.
    pub(in super::super) fn for_write(self, url: &Url) -> WriteError {
        match self {
            Self::CutOff(reason) => WriteError::Unknown(format!("the connection broke ({reason})")),
            Self::Silent(limit) => WriteError::Unknown(format!(
                "no whole answer within {} seconds",
                limit.as_secs()
            )),
            Self::TooLarge(_) => WriteError::Unknown("the answer is too long".into()),
            Self::Unreachable { .. }
            | Self::SignIn(_)
            | Self::Busy { .. }
            | Self::Redirected(_)
            | Self::Untrusted { .. }
            | Self::Certificate(_)
            | Self::Store(_) => WriteError::Store(self.for_store(url)),
        }
    }
}

/// Why the server's certificate was refused, if that is what went wrong.
fn certificate_trouble(error: &reqwest::Error) -> Option<String> {
    let mut cause = error.source();
    while let Some(deeper) = cause {
        match tls_error(deeper) {
            // Ours is the only verifier that says this: see `tls`.
            Some(rustls::Error::InvalidCertificate(
                rustls::CertificateError::ApplicationVerificationFailure,
            )) => return Some(NOT_THE_PINNED.to_owned()),
            Some(rustls::Error::InvalidCertificate(reason)) => {
                return Some(said(&reason.to_string()));
            }
            _ => {}
        }
        cause = deeper.source();
    }
    None
}

/// The TLS error that this is, or that is packed into it: what an I/O error wraps is not among its
/// causes, and one may wrap another.
fn tls_error<'e>(mut error: &'e (dyn Error + 'static)) -> Option<&'e rustls::Error> {
    loop {
        if let Some(found) = error.downcast_ref::<rustls::Error>() {
            return Some(found);
        }
        error = error.downcast_ref::<std::io::Error>()?.get_ref()?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::carddav::trust::Met;

    fn store_kind(failure: Failure) -> Option<StoreErrorKind> {
        let url = Url::parse("https://h.example/b/").unwrap();
        match failure.for_write(&url) {
            WriteError::Store(error) => Some(error.kind),
            WriteError::Unknown(_) => None,
            other => panic!("{other}"),
        }
    }

    fn unreachable(may_pass: bool) -> Failure {
        Failure::Unreachable {
            reason: "refused".into(),
            may_pass,
        }
    }

    #[test]
    fn a_write_that_may_have_arrived_has_an_unknown_outcome_and_no_other() {
        for arrived in [
            Failure::CutOff("reset".into()),
            Failure::Silent(Duration::from_secs(30)),
            Failure::TooLarge(1),
        ] {
            assert_eq!(store_kind(arrived), None);
        }
        assert_eq!(
            store_kind(unreachable(true)),
            Some(StoreErrorKind::Unreachable)
        );
        assert_eq!(
            store_kind(Failure::SignIn("no")),
            Some(StoreErrorKind::SignIn)
        );
        assert_eq!(
            store_kind(Failure::Busy { until: None }),
            Some(StoreErrorKind::Busy)
        );
        assert_eq!(
            store_kind(Failure::Redirected("x".into())),
            Some(StoreErrorKind::Broken)
        );
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        assert!(unreachable(true).may_pass());
        assert!(Failure::CutOff("reset".into()).may_pass());
        assert!(!unreachable(false).may_pass());
        assert!(!Failure::Silent(Duration::from_secs(30)).may_pass());
        assert!(!Failure::SignIn("no").may_pass());
        assert!(!Failure::TooLarge(1).may_pass());
    }

    #[test]
    fn a_host_and_a_certificate_in_question_reach_the_person_as_what_they_are() {
        let url = Url::parse("https://h.example/b/").unwrap();
        let refused = Untrusted {
            host: "other.example".into(),
            by: "h.example".into(),
            met: Met::Redirect,
        };
        let failure = Failure::Untrusted {
            refused: refused.clone(),
            path: "/".into(),
        };
        assert_eq!(failure.for_discovery(&url), refused.into());
        let unknown = UnknownCertificate {
            host: "h.example".into(),
            fingerprint: None,
            reason: "UnknownIssuer".into(),
        };
        let failure = Failure::Certificate(unknown.clone());
        assert!(!failure.may_pass(), "a certificate gets no better");
        assert_eq!(failure.for_discovery(&url), unknown.clone().into());
        let write = store_kind(Failure::Certificate(unknown));
        assert_eq!(write, Some(StoreErrorKind::Unreachable));
    }

    #[test]
    fn a_busy_server_says_when_to_come_back() {
        let until = "2026-11-23T12:00:00Z".parse().ok();
        let url = Url::parse("https://h.example/b/").unwrap();
        let error = Failure::Busy { until }.for_store(&url);
        assert!(
            error.todo.starts_with("Run again after 2026-11-2"),
            "{error}"
        );
    }
}
