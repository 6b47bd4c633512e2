//! Why a request got no whole answer, and what that means for the store.

use std::error::Error;
use std::time::Duration;

use jiff::Timestamp;
use url::Url;

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
    /// The request was not sent: it would have gone where the account's secret may not go, or the
    /// account's certificates cannot be used.
    Store(StoreError),
}

impl Failure {
    pub(super) fn from_transport(error: &reqwest::Error, limits: &Limits) -> Self {
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
                    Some(until) => format!("Run again after {until:.0}"),
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
            | Self::Store(_) => WriteError::Store(self.for_store(url)),
        }
    }
}
