//! From an address to a server that lets us in: who is there, who may get the password, who we are.

use std::collections::BTreeSet;

use secrecy::SecretString;

use super::{Asking, Password, Servers, SettledAccount, SetupError, Wishes, names};
use crate::config::{Account, Address, Auth, Config};
use crate::store::StoreErrorKind;
use crate::store::carddav::{Discovered, DiscoveryError, Met, UnknownCertificate, Untrusted};
use crate::ui::ask::Person;

/// How often a person may mistype a password before we stop: servers lock accounts.
const TRIES: usize = 3;

/// More hosts than this lead in a circle.
const MOST_HOSTS: usize = 8;

/// An account whose server has answered.
pub(super) struct Reached {
    account: Account,
    /// It takes tokens and no password.
    wants_token: bool,
}

/// An account that is signed in, and what its server offers.
pub(super) struct SignedIn {
    pub account: SettledAccount,
    pub offered: Discovered,
}

/// The address, as given or asked; `None` where folders were named and nothing else.
pub(super) fn address(wishes: &Wishes, asking: &mut Asking) -> Result<Option<String>, SetupError> {
    match &wishes.address {
        Some(address) => Ok(Some(address.clone())),
        None if !wishes.folders.is_empty() => Ok(None),
        None => asking
            .needed(
                "Your e-mail address, your server, or a folder:",
                "cardweave init ADDRESS",
            )
            .map(Some),
    }
}

/// Finds the server of an address. A person who mistyped is asked again.
pub(super) async fn server(
    mut answer: String,
    wishes: &Wishes,
    config: Option<&Config>,
    servers: &dyn Servers,
    asking: &mut Asking<'_>,
) -> Result<Reached, SetupError> {
    loop {
        match knock(&answer, wishes, config, servers, asking).await {
            Err(SetupError::Needed(what)) if asking.person.is_there() => asking.tell(&what),
            Err(SetupError::Server(error)) if asking.person.is_there() => {
                asking.tell(&error.to_string());
            }
            other => return other,
        }
        answer = asking.needed("Address (Ctrl-C stops):", "cardweave init ADDRESS")?;
    }
}

async fn knock(
    answer: &str,
    wishes: &Wishes,
    config: Option<&Config>,
    servers: &dyn Servers,
    asking: &mut Asking<'_>,
) -> Result<Reached, SetupError> {
    let address: Address = answer
        .parse()
        .map_err(|why| SetupError::Needed(format!("This is no address: {why}.")))?;
    let mut account = draft(address, wishes, config);
    asking.tell(&format!(
        "Looking for the server of {} ...",
        account.address
    ));
    let knocked = trusting(&mut account, asking.person, async |account| {
        servers.knock(account).await
    })
    .await?;
    let server = match &knocked.server {
        Some(server) => format!(" ({server})"),
        None => String::new(),
    };
    let schemes = match knocked.schemes.is_empty() {
        true => String::new(),
        false => format!(", which signs in by {}", knocked.schemes.join(" or ")),
    };
    asking.tell(&format!("Found {}{server}{schemes}.", knocked.url));
    if let Some(advice) = knocked.advice {
        asking.tell(&format!("{advice}."));
    }
    let offers = |scheme: &str| knocked.schemes.iter().any(|offered| offered == scheme);
    Ok(Reached {
        account,
        wants_token: offers("Bearer") && !offers("Basic") && !offers("Digest"),
    })
}

/// The account as far as the flags and the address say it.
fn draft(address: Address, wishes: &Wishes, config: Option<&Config>) -> Account {
    let taken: Vec<&str> = config
        .map(|config| config.accounts.keys().map(String::as_str).collect())
        .unwrap_or_default();
    let name = wishes
        .account
        .clone()
        .unwrap_or_else(|| names::account_name(&address, &taken));
    Account {
        username: wishes.username.clone(),
        auth: wishes.auth,
        ca_file: wishes.ca_file.clone(),
        pinned_certificate: wishes.pinned_certificate,
        plain_http: wishes.plain_http,
        trusted_hosts: wishes.trusted_hosts.clone(),
        ..Account::new(name, address)
    }
}

/// Signs in. On a terminal a refused password may be typed again, a few times.
pub(super) async fn sign_in(
    reached: Reached,
    wishes: &Wishes,
    servers: &dyn Servers,
    asking: &mut Asking<'_>,
) -> Result<SignedIn, SetupError> {
    let Reached {
        mut account,
        wants_token,
    } = reached;
    if wants_token && account.auth != Auth::Bearer {
        return Err(SetupError::Needed(by_token(&account)));
    }
    if account.user().is_none() {
        account.username = Some(asking.needed("User name:", "--username NAME")?);
    }
    let user = account.user().unwrap_or_default().to_owned();
    match &wishes.password {
        Password::Elsewhere(source) => account.password = source.clone(),
        Password::Asked | Password::Given(_) => account.keep_in_keyring(),
    }
    let mut tries = 0;
    loop {
        tries += 1;
        let password = password(&user, wishes, asking)?;
        let discovered = discovering(&mut account, asking.person, async |account| {
            servers.discover(account, &password).await
        })
        .await;
        match discovered {
            Ok(offered) => {
                let is_to_be_kept = !matches!(wishes.password, Password::Elsewhere(_));
                let account = SettledAccount {
                    account,
                    password,
                    is_to_be_kept,
                };
                return Ok(SignedIn { account, offered });
            }
            Err(SetupError::Server(error))
                if error.kind == StoreErrorKind::SignIn
                    && tries < TRIES
                    && matches!(wishes.password, Password::Asked) =>
            {
                asking.tell(&error.to_string());
            }
            Err(error) => return Err(error),
        }
    }
}

/// What to do where no password is taken.
fn by_token(account: &Account) -> String {
    let Account { name, address, .. } = account;
    format!(
        "This server takes no password but tokens (OAuth 2.0). Write into the config:\n\n\
         [[account]]\nname = \"{name}\"\naddress = \"{address}\"\nauth = \"oauth\"\n\
         oauth = {{ provider = \"google\", client-id = \"...\", client-secret = \"keyring\" }}\n\n\
         with a client ID of your own (for servers other than Google: authorize-url, token-url and \
         scopes in place of provider), and run `cardweave login {name}`. A program that prints tokens \
         does as well: --auth bearer --password-command \"...\". Nothing was changed."
    )
}

fn password(user: &str, wishes: &Wishes, asking: &mut Asking) -> Result<SecretString, SetupError> {
    match &wishes.password {
        Password::Given(password) => Ok(password.clone()),
        Password::Elsewhere(source) => Ok(source.fetch()?),
        Password::Asked if asking.person.is_there() => {
            Ok(asking.person.secret(&format!("Password of {user}:"))?)
        }
        Password::Asked => Err(SetupError::Needed(
            "There is no terminal to ask for the password on. Name where it comes from: \
             --password-command, --password-env, --password-file or --password-stdin. Nothing was \
             changed."
                .to_owned(),
        )),
    }
}

/// Asks a server, and the person about every host that the way leads to; their yes is pinned in the
/// account, so that it is asked once.
///
/// # Errors
/// The person says no, nobody can be asked, or the server fails.
pub async fn trusting<T>(
    account: &mut Account,
    person: &mut dyn Person,
    ask: impl AsyncFn(&Account) -> Result<T, DiscoveryError>,
) -> Result<T, SetupError> {
    for _ in 0..MOST_HOSTS {
        match ask(account).await {
            Ok(answer) => return Ok(answer),
            Err(DiscoveryError::Untrusted(untrusted)) => {
                if !may_go_there(account, &untrusted, person)? {
                    return Err(SetupError::Untrusted(untrusted));
                }
                account.trusted_hosts.push(untrusted.host);
            }
            Err(DiscoveryError::Certificate(unknown)) => {
                account.pinned_certificate = Some(pinned(unknown, person)?);
            }
            Err(DiscoveryError::Store(error)) => return Err(SetupError::Server(error)),
        }
    }
    Err(SetupError::Needed(format!(
        "{} sends us from host to host without an end. Nothing was changed.",
        account.address
    )))
}

/// Finds the address books as [`trusting`] does, and asks about those on further hosts too: a shared
/// one may lie anywhere. What the person does not agree to stays among `elsewhere`.
///
/// # Errors
/// As [`trusting`]; a no to a further host is none.
pub async fn discovering(
    account: &mut Account,
    person: &mut dyn Person,
    discover: impl AsyncFn(&Account) -> Result<Discovered, DiscoveryError>,
) -> Result<Discovered, SetupError> {
    let mut asked = BTreeSet::new();
    let mut offered = trusting(account, person, &discover).await?;
    loop {
        let next = offered
            .elsewhere
            .iter()
            .find(|elsewhere| asked.insert(elsewhere.host.clone()));
        let Some(elsewhere) = next else {
            return Ok(offered);
        };
        let untrusted = elsewhere.untrusted(&offered.start);
        if may_go_there(account, &untrusted, person)? {
            account.trusted_hosts.push(untrusted.host);
            offered = trusting(account, person, &discover).await?;
        }
    }
}

/// Whether the person lets the account's password go to another host.
///
/// The default is yes only where the name itself speaks for it: a host below the domain that they
/// named, or one of our own table. Certificates are verified in any case.
///
/// # Errors
/// The person stopped.
fn may_go_there(
    account: &Account,
    untrusted: &Untrusted,
    person: &mut dyn Person,
) -> Result<bool, SetupError> {
    if !person.is_there() {
        return Ok(false);
    }
    let host = &untrusted.host;
    let likely = matches!(untrusted.met, Met::Provider(_)) || is_below(host, &account.address);
    person.tell(&format!("Another host: {}.", untrusted.what()));
    Ok(person.confirm(&format!("May the password go to {host}?"), likely)?)
}

/// Whether a host belongs to the very domain that was named.
fn is_below(host: &str, address: &Address) -> bool {
    let domain = match address {
        Address::Email(email) => email.rsplit('@').next().unwrap_or_default(),
        Address::Host(host) => host,
        Address::Url(url) => url.host_str().unwrap_or_default(),
    };
    let name = host.split(':').next().unwrap_or_default();
    name.strip_suffix(domain)
        .is_some_and(|rest| rest.ends_with('.'))
}

/// The certificate that the person says is their server's.
fn pinned(
    unknown: UnknownCertificate,
    person: &mut dyn Person,
) -> Result<crate::store::carddav::Fingerprint, SetupError> {
    let Some(fingerprint) = unknown.fingerprint else {
        return Err(SetupError::Certificate(unknown));
    };
    if person.is_there() {
        person.tell(&format!(
            "Nobody vouches for the certificate of {} ({}). Its SHA-256 fingerprint is\n  \
             {fingerprint}\nCompare it with the one that your server shows before you say yes.",
            unknown.host, unknown.reason
        ));
        if person.confirm("Is this your server's certificate?", false)? {
            return Ok(fingerprint);
        }
    }
    Err(SetupError::Certificate(unknown))
}
