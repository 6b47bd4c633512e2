//! Reads `[account.oauth]`: who gives out the tokens of an account.

use url::Url;

use super::account::{Password, password};
use crate::config::place::Origin;
use crate::config::section::{Section, advice};
use crate::config::{Auth, OAuth, Provider};
use crate::secret::{KeyringEntry, PasswordSource};
use crate::store::carddav::is_loopback;

/// A mistake was noted.
pub(super) struct Noted;

/// The keys that a provider known by name answers itself.
const OF_PROVIDER: [&str; 4] = ["authorize-url", "token-url", "device-url", "scopes"];

/// The table of an account that signs in by OAuth, and none for every other.
pub(super) fn oauth(
    account: &Section,
    auth: Auth,
    name: Option<&str>,
    origin: &Origin,
) -> Result<Option<OAuth>, Noted> {
    if auth != Auth::OAuth {
        return match account.section("oauth", "[account.oauth]") {
            None => Ok(None),
            Some(section) => {
                let todo = "This account does not sign in by OAuth. Write auth = \"oauth\" too.";
                section.wrong(section.span.clone(), todo);
                Err(Noted)
            }
        };
    }
    let mut refused = false;
    for (key, why) in [
        (
            "password",
            "An account that signs in by OAuth has no password. Take this line out.",
        ),
        (
            "plain-http",
            "A token never goes over plain http (RFC 6750 section 5.3). Take this line out.",
        ),
    ] {
        if account.has(key) {
            account.wrong(account.span_of(key), why);
            refused = true;
        }
    }
    let Some(section) = account.section("oauth", "[account.oauth]") else {
        if !account.has("oauth") {
            account.lacks("oauth");
        }
        return Err(Noted);
    };
    match table(&section, name, origin) {
        Some(oauth) if !refused => Ok(Some(oauth)),
        _ => Err(Noted),
    }
}

fn table(section: &Section, name: Option<&str>, origin: &Origin) -> Option<OAuth> {
    let client_id = section.needed_text("client-id");
    let client_secret = section
        .value("client-secret")
        .map(|value| password(section, "client-secret", value, None, origin));
    let (provider, authorize_url, token_url, device_url, scopes) = if section.has("provider") {
        let provider = provider(section);
        (
            Some(provider?),
            Some(provider?.authorize_url()),
            provider?.token_url(),
            None,
            provider?.scopes(),
        )
    } else {
        let read = OF_PROVIDER.map(|key| section.has(key));
        let [authorize_url, token_url, device_url] =
            ["authorize-url", "token-url", "device-url"].map(|key| endpoint(section, key));
        let scopes = scopes(section);
        if !read[1] {
            section.lacks("token-url");
        }
        if !read[0] && !read[2] {
            section.lacks("authorize-url");
        }
        // A key that is there and has no value was noted.
        if read[0] != authorize_url.is_some() || read[2] != device_url.is_some() {
            return None;
        }
        authorize_url.as_ref().or(device_url.as_ref())?;
        (None, authorize_url, token_url?, device_url, scopes?)
    };
    let client_id = client_id?.value.to_owned();
    let client_secret = match client_secret {
        None => None,
        Some(secret) => Some(match secret? {
            // Bound to where it is sent, like every secret in the keyring.
            Password::Keyring => PasswordSource::Keyring(
                KeyringEntry::client_secret(&client_id, token_url.as_str())
                    .of_account(name.unwrap_or_default()),
            ),
            Password::Elsewhere(source) => source,
        }),
    };
    Some(OAuth {
        provider,
        authorize_url,
        token_url,
        device_url,
        scopes,
        client_id,
        client_secret,
    })
}

fn provider(section: &Section) -> Option<Provider> {
    for key in OF_PROVIDER.into_iter().filter(|key| section.has(key)) {
        let why = format!("The provider has its own `{key}`. Take one of the two lines out.");
        section.wrong(section.span_of(key), why);
    }
    let text = section.text("provider")?;
    let provider = Provider::named(text.value);
    if provider.is_none() {
        let why = format!(
            "No provider `{}` is known. {} Any other is described by `authorize-url`, `token-url` \
             and `scopes`.",
            text.value,
            advice(text.value, &Provider::NAMES)
        );
        section.wrong(text.span, why);
    }
    provider
}

/// An address that codes and tokens may be sent to (RFC 6749 section 3.1, 3.2: TLS; RFC 8252
/// section 8.3 for this machine itself).
fn endpoint(section: &Section, key: &str) -> Option<Url> {
    let text = section.text(key)?;
    let wrong = |why: &str| {
        section.wrong(text.span.clone(), why);
        None
    };
    let Ok(url) = Url::parse(text.value) else {
        return wrong("This is no address. Write https://HOST/PATH.");
    };
    if !url.username().is_empty() || url.password().is_some() {
        return wrong("An address holds no user name and no password.");
    }
    if url.fragment().is_some() {
        return wrong("An address of OAuth has no part behind # (RFC 6749 section 3.1).");
    }
    match url.scheme() {
        "https" => Some(url),
        "http" if is_loopback(&url) => Some(url),
        "http" => wrong("Tokens only travel encrypted: https is wanted here."),
        _ => wrong("This is no address of a web server. Write https://HOST/PATH."),
    }
}

/// The permissions to ask for; in a request they are parted by blanks (RFC 6749 section 3.3).
fn scopes(section: &Section) -> Option<Vec<String>> {
    let mut scopes = Vec::new();
    let given = section.texts("scopes");
    for text in &given {
        let is_token = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        if !text.value.bytes().all(is_token) {
            let why = "One permission is wanted in each text, without blanks and quotes.";
            section.wrong(text.span.clone(), why);
            return None;
        }
        scopes.push(text.value.to_owned());
    }
    Some(scopes)
}
