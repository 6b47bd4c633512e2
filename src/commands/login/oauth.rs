//! Signing in by OAuth: in a browser, or by a code on another device.

use std::os::fd::AsFd;
use std::rc::Rc;

use crate::cli::Login;
use crate::config::{Account, OAuth};
use crate::oauth::{self, How, Means, OAuthErrorKind};
use crate::secret::Secrets;
use crate::setup::{SetupError, discovering};
use crate::store::StoreErrorKind;
use crate::store::carddav::{CardDav, Options, Renewal};
use crate::ui::ask::{Person, Terminal};

use super::super::Trouble;
use super::super::sign_in::signed_in;
use super::opened::Opened;
use super::{LoginReport, Source, sentence};

/// Lets the person sign in at the server that gives out tokens, and looks what the token opens.
pub(super) async fn sign_in(
    typed: &Login,
    account: &Account,
    oauth: &OAuth,
    opened: &Opened,
    person: &mut Terminal,
) -> Result<LoginReport, Trouble> {
    if typed.password_stdin {
        return Err(Trouble::Asked(format!(
            "Account `{}` signs in by OAuth and has no password: leave out --password-stdin. \
             Nothing was asked",
            account.name
        )));
    }
    let how = match (typed.device, typed.no_browser) {
        (true, _) => How::Device,
        (false, true) => How::PrintAddress,
        (false, false) => How::Browser,
    };
    let secrets = Secrets::default();
    let tokens = Rc::new(oauth::entry_of(account, oauth));
    let typing = match person.is_there() {
        true => std::io::stdin().as_fd().try_clone_to_owned().ok(),
        false => None,
    };
    let means = Means::of_this_machine(&secrets, tokens, typing);
    let renewer = oauth::login(account, how, person, means)
        .await
        .map_err(|error| match error.kind {
            OAuthErrorKind::Config => Trouble::Asked(sentence(&error.to_string())),
            OAuthErrorKind::Person if !person.is_there() => Trouble::Asked(error.to_string()),
            _ => Trouble::Failed(sentence(&error.to_string())),
        })?;
    let renewal: Rc<dyn Renewal> = Rc::new(renewer);
    let mut agreed = account.clone();
    let found = discovering(&mut agreed, person, async |account| {
        let account = signed_in(account, Rc::clone(&renewal));
        CardDav::discover(&account, Options::default()).await
    })
    .await;
    let todo = "Add the hosts to its `trusted-hosts` by hand";
    let config_changed = opened.save_changes(account, &agreed, "token", todo)?;
    let addressbooks = match found {
        Ok(found) => found.books.len(),
        Err(SetupError::Server(error)) if error.kind == StoreErrorKind::Missing => 0,
        Err(error) => {
            return Err(Trouble::Failed(format!(
                "You have signed in and the token is in the keyring, but it opens no address book \
                 yet: {error}"
            )));
        }
    };
    Ok(LoginReport {
        account: account.name.clone(),
        source: Source::Keyring,
        stored: true,
        addressbooks: Some(addressbooks),
        config_changed,
    })
}

pub(super) fn render(report: &LoginReport) -> String {
    let count = match report.addressbooks {
        Some(1) => "1 address book".to_owned(),
        count => format!("{} address books", count.unwrap_or_default()),
    };
    let mut text = format!(
        "Signed in to `{}`: {count}. The token is in the keyring.",
        report.account
    );
    if report.config_changed {
        text.push_str("\nThe config was changed to go with it; its comments are as they were.");
    }
    text
}
