//! Says in one sentence why the keyring did not answer, and the way out.

use std::fmt;

use super::keyring::{Holds, KeyringEntry, KeyringTrouble};
use crate::ui::text::{clean, fit};

impl KeyringEntry {
    /// Writes what happened to this entry, as a sentence without its full stop.
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
