//! Goes from one place of a server to the homes of the account and the address books in them.

use url::Url;

use super::super::account::Refusal;
use super::super::http::{Client, Request};
use super::super::request;
use super::super::response::{Member, Props, multistatus};
use super::super::trust::{DiscoveryError, Met, Untrusted};
use super::super::words::{host_of, not_carddav, said};
use super::{Elsewhere, Saved};

/// What was found from one place.
#[derive(Default)]
pub(super) struct Books {
    pub(super) books: Vec<Saved>,
    pub(super) elsewhere: Vec<Elsewhere>,
    /// The server does not see who we are.
    pub(super) is_anonymous: bool,
    pub(super) server: Option<String>,
}

/// What the server says of one place.
pub(super) struct Seen {
    /// After redirects.
    pub(super) url: Url,
    pub(super) props: Props,
    /// What the server calls itself.
    server: Option<String>,
}

/// The account's address books, as far as they can be found from `start`.
pub(super) async fn books_from(client: &Client, start: &Url) -> Result<Books, DiscoveryError> {
    let Some(Seen { url, props, server }) = look(client, start).await? else {
        return Ok(Books::default());
    };
    let mut found = Books {
        is_anonymous: props.is_unauthenticated,
        server,
        ..Books::default()
    };
    if props.is_addressbook {
        found.books.push(Saved::new(&url, &props));
        return Ok(found);
    }
    let homes = homes(client, &url, props, &mut found.elsewhere).await?;
    for home in &homes {
        books_in(client, home, &mut found).await?;
    }
    // Two homes may show one shared book.
    found.books.sort_by(|a, b| a.url.cmp(&b.url));
    found.books.dedup_by(|a, b| a.url == b.url);
    found.elsewhere.sort();
    found.elsewhere.dedup();
    Ok(found)
}

/// What the server says of one place, and the place's address after redirects. `None`: nothing to
/// be found there.
pub(super) async fn look(client: &Client, url: &Url) -> Result<Option<Seen>, DiscoveryError> {
    let request = Request::xml("PROPFIND", url.clone(), "0", request::ABOUT);
    let response = client
        .send(request)
        .await
        .map_err(|failure| failure.for_discovery(url))?;
    match response.status {
        207 => {}
        403 | 404 | 405 | 410 | 501 => return Ok(None),
        status if status >= 500 => {
            return Err(not_carddav(url, &format!("status {status}")).into());
        }
        status if response.is_web_page() => {
            return Err(not_carddav(url, &format!("a web page, status {status}")).into());
        }
        _ => return Ok(None),
    }
    let answer = multistatus(&response.body).map_err(|reason| not_carddav(url, &reason))?;
    let server = response.header("server").map(said);
    // Depth 0: there is one member, however it is spelled.
    let member = answer.members.into_iter().find(|member| !member.is_gone());
    Ok(member.map(|member| Seen {
        url: response.url,
        props: member.props,
        server,
    }))
}

/// The places that hold the account's address books, found from one place of the server. Homes on
/// hosts that are not trusted go to `elsewhere`, unless there is no other.
async fn homes(
    client: &Client,
    url: &Url,
    props: Props,
    elsewhere: &mut Vec<Elsewhere>,
) -> Result<Vec<Url>, DiscoveryError> {
    let (base, sets) = match (&props.principal, props.home_sets.is_empty()) {
        (Some(principal), true) => {
            let principal = joined(url, principal)?;
            let permitted = client.permits(&principal, &host_of(url), Met::Principal);
            permitted.map_err(|failure| failure.for_discovery(&principal))?;
            match look(client, &principal).await? {
                Some(seen) => (seen.url, seen.props.home_sets),
                None => (principal, Vec::new()),
            }
        }
        // Some servers name no principal at all; then the address itself may be the home.
        (None, true) if !props.is_unauthenticated => return Ok(vec![url.clone()]),
        _ => (url.clone(), props.home_sets),
    };
    let mut homes = Vec::new();
    let mut refused = None;
    for set in &sets {
        let home = joined(&base, set)?;
        let permitted = client.permits(&home, &host_of(&base), Met::HomeSet);
        match permitted.map_err(|failure| failure.for_discovery(&home)) {
            Ok(()) if !homes.contains(&home) => homes.push(home),
            Ok(()) => {}
            Err(DiscoveryError::Untrusted(untrusted)) => {
                elsewhere.push(Elsewhere {
                    name: said(home.path()),
                    host: untrusted.host.clone(),
                    met: Met::HomeSet,
                });
                refused.get_or_insert(untrusted);
            }
            Err(other) => return Err(other),
        }
    }
    match refused {
        Some(untrusted) if homes.is_empty() => Err(untrusted.into()),
        _ => Ok(homes),
    }
}

fn joined(base: &Url, href: &str) -> Result<Url, DiscoveryError> {
    let joined = base.join(href);
    joined.map_err(|_| not_carddav(base, "it names an address that is none").into())
}

/// Adds the address books of one home. A shared one may lie outside of it, on another host even.
async fn books_in(client: &Client, home: &Url, found: &mut Books) -> Result<(), DiscoveryError> {
    let request = Request::xml("PROPFIND", home.clone(), "1", request::ABOUT);
    let response = client
        .send(request)
        .await
        .map_err(|failure| failure.for_discovery(home))?;
    if response.status != 207 {
        return match response.status {
            403..=405 => Ok(()),
            status => Err(not_carddav(home, &format!("status {status}")).into()),
        };
    }
    let answer = multistatus(&response.body).map_err(|reason| not_carddav(home, &reason))?;
    let is_book = |member: &&Member| member.props.is_addressbook && member.trouble().is_none();
    for member in answer.members.iter().filter(is_book) {
        let Ok(url) = response.url.join(&member.href) else {
            continue;
        };
        match client.account().permits(&url) {
            Ok(()) => found.books.push(Saved::new(&url, &member.props)),
            Err(Refusal::Untrusted(host)) => found.elsewhere.push(Elsewhere {
                name: said(member.props.display_name.as_deref().unwrap_or(url.path())),
                host,
                met: Met::Book,
            }),
            Err(refusal) => {
                tracing::warn!("An address book is passed over: {}.", refusal.into_error())
            }
        }
    }
    Ok(())
}

impl Elsewhere {
    /// The same as a refusal, with the words to ask about it.
    pub fn untrusted(&self, by: &Url) -> Untrusted {
        Untrusted {
            host: self.host.clone(),
            by: host_of(by),
            met: self.met,
        }
    }
}
