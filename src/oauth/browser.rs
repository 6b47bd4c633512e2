//! Signs in by a browser, here or anywhere, and waits for what it brings back (RFC 8252).

use std::ffi::OsStr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use oauth2::RedirectUrl;
use url::Url;

use super::Means;
use super::callback::{Answer, Heard, of_typed};
use super::error::{self, OAuthError};
use super::loopback::Loopback;
use super::server::{Server, Tokens};
use super::typed::Typed;
use crate::ui::ask::Person;

/// How often it is looked whether the browser could be started.
const LOOK: Duration = Duration::from_millis(250);

/// Lets the person sign in and gets the tokens.
///
/// # Errors
/// They declined or took too long, or the server refuses.
pub(super) async fn sign_in(
    server: &Server,
    start_browser: bool,
    person: &mut dyn Person,
    mut means: Means<'_>,
) -> Result<Tokens, OAuthError> {
    let mut loopback = Loopback::open()
        .await
        .map_err(|reason| error::no_listener(&reason))?;
    let redirect = loopback.redirect();
    let begun = RedirectUrl::new(redirect.clone())
        .ok()
        .and_then(|redirect| server.begin(redirect))
        .ok_or_else(|| error::no_page(&server.account))?;
    let redirect = Url::parse(&redirect).expect("a port of 127.0.0.1 makes an address");

    let mut typed = Typed::on(None);
    let mut browser = None;
    let mut input = means.typed.take();
    if start_browser {
        person.tell("Your browser opens. Sign in there; this waits until you have.");
        browser = start(&means.browser, &begun.page);
    }
    if browser.is_none() {
        ask_to_open(person, &begun.page, input.is_some(), start_browser);
        typed = Typed::on(input.take());
    }
    let too_late = tokio::time::sleep(means.patience);
    tokio::pin!(too_late);
    let answer = loop {
        let heard = tokio::select! {
            heard = loopback.next(begun.state.secret()) => heard,
            line = typed.line() => match of_typed(&line, &redirect, begun.state.secret()) {
                Heard::Nothing => {
                    if !line.trim().is_empty() {
                        person.tell(&format!(
                            "That is not the address that the browser ended up at. It begins with \
                             {redirect}?"
                        ));
                    }
                    continue;
                }
                heard => heard,
            },
            () = tokio::time::sleep(LOOK), if browser.is_some() => {
                let ended = browser.as_mut().map(Child::try_wait);
                if let Some(Ok(Some(status))) = ended {
                    browser = None;
                    if !status.success() {
                        ask_to_open(person, &begun.page, input.is_some(), true);
                        typed = Typed::on(input.take());
                    }
                }
                continue;
            }
            () = &mut too_late => return Err(error::too_late(means.patience)),
        };
        match heard {
            Heard::Answer(answer) => break answer,
            Heard::Strange => person.tell(
                "An answer came that does not belong to this sign-in. It was not used; still \
                 waiting for yours.",
            ),
            Heard::Nothing => {}
        }
    };
    match answer {
        Answer::Code(code) => server.exchange(begun, &code).await,
        Answer::Error(error, _) if error == "access_denied" => {
            Err(error::declined(begun.page.host_str().unwrap_or_default()))
        }
        Answer::Error(error, description) => Err(error::refused(
            begun.page.host_str().unwrap_or_default(),
            &error,
            description.as_deref(),
        )),
    }
}

/// Starts the browser, out of the way of this terminal.
fn start(program: &OsStr, page: &Url) -> Option<Child> {
    Command::new(program)
        .arg(page.as_str())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()
}

fn ask_to_open(person: &mut dyn Person, page: &Url, can_type: bool, failed: bool) {
    let before = if failed {
        "The browser could not be started. "
    } else {
        ""
    };
    person.tell(&format!(
        "{before}Open this address in a browser and sign in there:\n\n{page}\n"
    ));
    if can_type {
        person.tell(
            "If that browser runs on another machine, it ends at a page that cannot be reached, \
             on 127.0.0.1. Copy the address of that page, paste it here and press Enter.",
        );
    }
}
