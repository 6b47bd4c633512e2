//! Keeps passwords and tokens in the operating system's keyring, never waiting for it without end.

use std::fmt;
use std::io::{self, IsTerminal};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use keyring::{Entry, Error};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

use super::SecretError;
#[cfg(all(unix, not(target_os = "macos")))]
use super::service;
use crate::ui::text::{clean, fit};

/// One thing of one account in the keyring.
///
/// It is found by who signs in and where, so that whoever changes the address in the config gets
/// no password sent to another server: there, nothing is stored for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyringEntry {
    holds: Holds,
    username: String,
    host: String,
    /// What the config calls the account; for messages only.
    account: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Holds {
    Password,
    Token,
    ClientSecret,
}

/// Why the keyring did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyringTrouble {
    /// No session bus to reach a keyring over: cron, ssh, a container.
    NoBus,
    /// A bus, and no keyring on it.
    NoService,
    /// The keyring has no collection that is used by default: it was never opened.
    NeverOpened,
    /// It is locked, and nobody is here to be asked for its password.
    Locked,
    /// It asked for its password and was not given it, or could not ask.
    Dismissed,
    /// Nothing is stored for this account.
    NoEntry,
    /// More than one entry is meant, and which one is right cannot be told.
    Several,
    /// What is stored is no text.
    NotText,
    /// No answer in time.
    Slow,
    /// Anything else, in the keyring's own words.
    Other(String),
}

/// How long an answer may take.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// Until the keyring has said whether it is open.
    first_answer: Duration,
    /// For everything, where a person may be typing the keyring's password.
    unlocked: Duration,
    /// When a person who watches is told what we wait for.
    told_after: Option<Duration>,
}

/// A run from cron has said what is wrong within two seconds, whatever the keyring does.
const UNATTENDED: Patience = Patience {
    first_answer: Duration::from_millis(1500),
    unlocked: Duration::from_millis(1500),
    told_after: None,
};

/// At a terminal somebody can answer the keyring's window, and wait while it starts.
const ATTENDED: Patience = Patience {
    first_answer: Duration::from_secs(10),
    unlocked: Duration::from_secs(60),
    told_after: Some(Duration::from_millis(1500)),
};

/// What the thread that speaks with the keyring reports.
enum News<T> {
    /// It is locked and about to ask for its password.
    Unlocking,
    Done(Result<T, KeyringTrouble>),
}

const SERVICE: &str = "cardweave";

impl KeyringEntry {
    /// The password of a user at a server; the address is an e-mail address, a host or a URL.
    pub fn new(username: &str, address: &str) -> Self {
        Self {
            holds: Holds::Password,
            username: username.to_owned(),
            host: bound_to(address),
            account: None,
        }
    }

    /// The OAuth refresh token of a user at a server.
    pub fn token(username: &str, address: &str) -> Self {
        Self {
            holds: Holds::Token,
            ..Self::new(username, address)
        }
    }

    /// The secret of an OAuth client that signs a user in at a server.
    pub fn client_secret(username: &str, address: &str) -> Self {
        Self {
            holds: Holds::ClientSecret,
            ..Self::new(username, address)
        }
    }

    /// The same entry, called by its account in messages.
    #[must_use]
    pub fn of_account(mut self, name: &str) -> Self {
        self.account = Some(name.to_owned());
        self
    }

    /// Who signs in where: `anna at dav.example.com`.
    pub fn owner(&self) -> String {
        format!("{} at {}", self.username, self.host)
            .trim_start()
            .to_owned()
    }

    /// What is stored.
    ///
    /// # Errors
    /// A [`SecretError::Keyring`], in less than two seconds where no terminal is; on a terminal
    /// the keyring's own question may take a minute.
    pub fn get(&self) -> Result<SecretString, SecretError> {
        let key = self.key();
        self.bounded(Wanted::Entry, move || {
            let bytes = Zeroizing::new(Entry::new(SERVICE, &key)?.get_secret()?);
            match std::str::from_utf8(&bytes) {
                Ok(text) => Ok(SecretString::from(text)),
                Err(_) => Err(Error::BadEncoding(Vec::new())),
            }
        })
    }

    /// Stores a secret, in place of what was there.
    ///
    /// # Errors
    /// As [`KeyringEntry::get`].
    pub fn set(&self, secret: &SecretString) -> Result<(), SecretError> {
        let (key, secret) = (self.key(), secret.clone());
        self.bounded(Wanted::Room, move || {
            Entry::new(SERVICE, &key)?.set_secret(secret.expose_secret().as_bytes())
        })
    }

    /// Removes what is stored.
    ///
    /// # Errors
    /// As [`KeyringEntry::get`]; also when nothing was there ([`SecretError::is_missing`]).
    pub fn delete(&self) -> Result<(), SecretError> {
        let key = self.key();
        self.bounded(Wanted::Entry, move || {
            Entry::new(SERVICE, &key)?.delete_credential()
        })
    }

    /// The name in the keyring, which is also what its own programs show.
    fn key(&self) -> String {
        let owner = self.owner();
        match self.holds {
            Holds::Password => owner,
            Holds::Token => format!("{owner} (OAuth token)"),
            Holds::ClientSecret => format!("{owner} (OAuth client)"),
        }
    }

    /// Speaks with the keyring on a thread of its own, which is left behind when it takes too
    /// long: a process that ends does not wait for it.
    fn bounded<T: Send + 'static>(
        &self,
        wanted: Wanted,
        ask: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, SecretError> {
        let is_attended = io::stdin().is_terminal() && io::stderr().is_terminal();
        let (sender, news) = mpsc::channel();
        let key = self.key();
        thread::spawn(move || {
            let unlocking = || {
                // Nobody listens any more when the time was up.
                let _ = sender.send(News::Unlocking);
            };
            let answer = look(&key, wanted, is_attended, &unlocking)
                .and_then(|()| ask().map_err(|error| trouble(&error)));
            let _ = sender.send(News::Done(answer));
        });
        let patience = if is_attended { ATTENDED } else { UNATTENDED };
        let tell = |text: &str| tracing::warn!("{text}");
        wait_for(&news, patience, &tell).map_err(|trouble| self.failed(trouble))
    }

    /// The error that another account meets where this one has met `trouble`.
    pub(super) fn failed(&self, trouble: KeyringTrouble) -> SecretError {
        SecretError::Keyring {
            entry: self.clone(),
            trouble,
        }
    }

    /// What to say of a failure: one sentence, with the way out.
    pub(super) fn sentence(
        &self,
        trouble: &KeyringTrouble,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        let owner = self.owner();
        let owner = clean(&owner);
        let account = match &self.account {
            Some(name) if name.contains(' ') => format!("\"{}\"", clean(name)),
            Some(name) => clean(name).into_owned(),
            None => "ACCOUNT".to_owned(),
        };
        let login = format!("`cardweave login {account}`");
        let thing = match self.holds {
            Holds::Password => "password",
            Holds::Token => "token",
            Holds::ClientSecret => "client secret",
        };
        const ELSEWHERE: &str = "keep the password elsewhere: password = { command = [..] }";
        match trouble {
            KeyringTrouble::NoBus => write!(
                f,
                "The keyring cannot be reached, because this run has no session bus (as in cron \
                 or over ssh): let `cardweave schedule` set up the regular runs, or {ELSEWHERE}"
            ),
            KeyringTrouble::NoService => write!(
                f,
                "No keyring runs in this session: start one (gnome-keyring, KWallet or KeePassXC) \
                 and run {login}, or {ELSEWHERE}"
            ),
            KeyringTrouble::NeverOpened => write!(
                f,
                "The keyring has not been opened in this session: sign in to the desktop or open \
                 it with its own program, then run {login} if nothing is stored yet, or {ELSEWHERE}"
            ),
            KeyringTrouble::Locked => write!(
                f,
                "The keyring is locked and nobody is here to unlock it: run {login} at a terminal \
                 of the desktop, which unlocks it, or {ELSEWHERE}"
            ),
            KeyringTrouble::Dismissed => write!(
                f,
                "The keyring stayed locked, because its question for the password was dismissed \
                 or could not be shown: run {login} on the desktop and answer it, or {ELSEWHERE}"
            ),
            KeyringTrouble::NoEntry => {
                write!(f, "The keyring has no {thing} for {owner}: run {login}")
            }
            KeyringTrouble::Several => write!(
                f,
                "The keyring has several entries for {owner}, and which one is meant cannot be \
                 told: delete them in the keyring's own program and run {login}"
            ),
            KeyringTrouble::NotText => write!(
                f,
                "What the keyring holds for {owner} is no text: run {login} to store it anew"
            ),
            KeyringTrouble::Slow => write!(
                f,
                "The keyring did not answer in time: restart it or the session and try {login}, \
                 or {ELSEWHERE}"
            ),
            KeyringTrouble::Other(why) => write!(
                f,
                "The keyring failed ({}): try {login}, or {ELSEWHERE}",
                fit(&clean(why), 200)
            ),
        }
    }
}

impl KeyringTrouble {
    /// Whether it would be the same for every entry, so that asking again only costs time.
    pub(super) fn is_of_the_whole_keyring(&self) -> bool {
        match self {
            Self::NoBus
            | Self::NoService
            | Self::NeverOpened
            | Self::Locked
            | Self::Dismissed
            | Self::Slow => true,
            Self::NoEntry | Self::Several | Self::NotText | Self::Other(_) => false,
        }
    }
}

/// What the keyring is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// An entry that is there already.
    Entry,
    /// A place for an entry, whether there is one or not.
    Room,
}

/// Finds out whether the keyring would answer, before anything is asked of it: asking a locked
/// keyring opens a window, which makes no sense where nobody is.
#[cfg(all(unix, not(target_os = "macos")))]
fn look(
    key: &str,
    wanted: Wanted,
    is_attended: bool,
    unlocking: &dyn Fn(),
) -> Result<(), KeyringTrouble> {
    let is_locked = service::is_locked(SERVICE, key, wanted)?;
    if !is_locked {
        return Ok(());
    }
    if !is_attended {
        return Err(KeyringTrouble::Locked);
    }
    unlocking();
    Ok(())
}

/// The keychain of macOS is looked at by asking it.
#[cfg(not(all(unix, not(target_os = "macos"))))]
fn look(_: &str, _: Wanted, is_attended: bool, unlocking: &dyn Fn()) -> Result<(), KeyringTrouble> {
    if is_attended {
        unlocking();
    }
    Ok(())
}

fn wait_for<T>(
    news: &Receiver<News<T>>,
    patience: Patience,
    tell: &dyn Fn(&str),
) -> Result<T, KeyringTrouble> {
    let started = Instant::now();
    let mut end = patience.first_answer;
    let mut told_at = patience.told_after;
    let mut why_slow = KeyringTrouble::Slow;
    loop {
        let next = told_at.map_or(end, |told| told.min(end));
        match news.recv_timeout(next.saturating_sub(started.elapsed())) {
            Ok(News::Done(answer)) => return answer,
            Ok(News::Unlocking) => {
                end = patience.unlocked;
                why_slow = KeyringTrouble::Dismissed;
                if told_at.take().is_some() {
                    tell(&format!(
                        "The keyring is locked and asks for its password in a window of its own; \
                         waiting for that, {} seconds at most.",
                        end.as_secs()
                    ));
                }
            }
            Err(RecvTimeoutError::Timeout) if started.elapsed() >= end => return Err(why_slow),
            Err(RecvTimeoutError::Timeout) => {
                told_at = None;
                tell(&format!(
                    "The keyring does not answer yet; waiting for it, {} seconds at most.",
                    end.as_secs()
                ));
            }
            // The thread ended without an answer: it panicked in the keyring's own code.
            Err(RecvTimeoutError::Disconnected) => {
                return Err(KeyringTrouble::Other("it broke off".to_owned()));
            }
        }
    }
}

/// Sorts the errors of the keyring. None of their texts holds a secret; their `Debug` may.
fn trouble(error: &Error) -> KeyringTrouble {
    match error {
        Error::NoEntry => KeyringTrouble::NoEntry,
        Error::Ambiguous(_) => KeyringTrouble::Several,
        Error::BadEncoding(_) | Error::BadDataFormat(..) => KeyringTrouble::NotText,
        // The look before has found it unlocked or has made it ask.
        Error::NoStorageAccess(_) => KeyringTrouble::Dismissed,
        Error::NoDefaultStore => match Entry::store_status() {
            Err(error) => KeyringTrouble::Other(error.to_string()),
            Ok(()) => KeyringTrouble::NoService,
        },
        other => KeyringTrouble::Other(other.to_string()),
    }
}

/// The server that a secret is bound to: host, and port where it is an unusual one; the scheme
/// only where it is `http`, so that no password that was meant for `https` goes unencrypted.
fn bound_to(address: &str) -> String {
    if let Ok(url) = url::Url::parse(address)
        && let Some(host) = url.host_str()
    {
        let port = url
            .port()
            .map(|port| format!(":{port}"))
            .unwrap_or_default();
        return match url.scheme() {
            "https" => format!("{host}{port}"),
            scheme => format!("{scheme}://{host}{port}"),
        };
    }
    let host = address.rsplit('@').next().unwrap_or_default();
    host.to_lowercase().trim_end_matches(":443").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Patience = Patience {
        first_answer: Duration::from_millis(60),
        unlocked: Duration::from_secs(20),
        told_after: Some(Duration::from_millis(20)),
    };

    #[test]
    fn a_secret_is_bound_to_who_signs_in_and_where() {
        let key = |user: &str, address: &str| KeyringEntry::new(user, address).key();
        let home = key("anna", "https://dav.example.com/books/");
        assert_eq!(home, "anna at dav.example.com");
        assert_eq!(key("anna", "dav.example.com"), home);
        assert_eq!(key("anna", "https://dav.example.com:443/"), home);
        assert_eq!(
            key("anna@example.com", "anna@Example.com"),
            "anna@example.com at example.com"
        );
        assert_eq!(key("", "dav.example.com"), "at dav.example.com");
        for other in [
            key("ben", "https://dav.example.com/books/"),
            key("anna", "https://evil.example/"),
            key("anna", "https://dav.example.com:8443/"),
            key("anna", "dav.example.com:8443"),
            // The password of an encrypted place is not that of an unencrypted one.
            key("anna", "http://dav.example.com/books/"),
            KeyringEntry::token("anna", "dav.example.com").key(),
            KeyringEntry::client_secret("anna", "dav.example.com").key(),
        ] {
            assert_ne!(other, home);
        }
    }

    #[test]
    fn every_failure_is_one_sentence_of_its_own_with_a_way_out() {
        let entry = KeyringEntry::new("anna", "dav.example.com").of_account("home server");
        let troubles = [
            KeyringTrouble::NoBus,
            KeyringTrouble::NoService,
            KeyringTrouble::NeverOpened,
            KeyringTrouble::Locked,
            KeyringTrouble::Dismissed,
            KeyringTrouble::NoEntry,
            KeyringTrouble::Several,
            KeyringTrouble::NotText,
            KeyringTrouble::Slow,
            KeyringTrouble::Other("odd\u{1b}[31m".to_owned()),
        ];
        let mut said: Vec<String> = troubles
            .into_iter()
            .map(|trouble| entry.failed(trouble).to_string())
            .collect();
        for sentence in &said {
            let ways = ["`cardweave login \"home server\"`", "{ command = [..] }"];
            assert!(ways.iter().any(|way| sentence.contains(way)), "{sentence}");
            assert!(!sentence.contains(". "), "{sentence}");
            assert!(!sentence.contains('\u{1b}'), "{sentence}");
        }
        said.sort();
        said.dedup();
        assert_eq!(said.len(), 10);
    }

    #[test]
    fn a_keyring_that_is_silent_is_told_of_and_given_up() {
        let (_sender, news) = mpsc::channel::<News<()>>();
        let told = std::cell::RefCell::new(Vec::new());
        let tell = |text: &str| told.borrow_mut().push(text.to_owned());
        assert_eq!(wait_for(&news, QUICK, &tell), Err(KeyringTrouble::Slow));
        assert_eq!(told.borrow().len(), 1, "{told:?}");
        assert!(told.borrow()[0].contains("does not answer yet"));
    }

    #[test]
    fn who_types_the_password_of_the_keyring_is_waited_for() {
        let (sender, news) = mpsc::channel();
        thread::spawn(move || {
            sender.send(News::Unlocking).unwrap();
            thread::sleep(QUICK.first_answer * 3);
            sender.send(News::Done(Ok("unlocked"))).unwrap();
        });
        let told = std::cell::RefCell::new(Vec::new());
        let tell = |text: &str| told.borrow_mut().push(text.to_owned());
        assert_eq!(wait_for(&news, QUICK, &tell), Ok("unlocked"));
        assert_eq!(told.borrow().len(), 1, "{told:?}");
        assert!(told.borrow()[0].contains("window of its own"));
    }

    #[test]
    fn what_was_stored_is_in_no_message_even_when_it_is_no_text() {
        let stored = Error::BadEncoding(b"hunter2".to_vec());
        let entry = KeyringEntry::new("anna", "dav.example.com");
        let error = entry.failed(trouble(&stored));
        assert!(!format!("{error} {error:?}").contains("hunter2"));
        assert!(!format!("{error:?}").contains("104, 117"), "{error:?}");
    }
}
