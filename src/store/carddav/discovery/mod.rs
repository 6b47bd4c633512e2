//! Finds the address books of an account (RFC 6764, RFC 6352 section 7.1, RFC 5397).

mod choose;
mod dns;
mod found;
mod home;
mod providers;
mod saved;
mod starts;

use std::collections::BTreeSet;

use url::Host;

use super::account::Account;
use super::http::{Client, Failure, Request};
use super::sign_in::schemes_in;
use super::trust::{DiscoveryError, Met};
use super::words::{host_of, said, store_error};
use super::{Options, request};
use crate::store::{StoreError, StoreErrorKind};

pub use found::{Discovered, Elsewhere, Knock};
pub use providers::sign_in_advice;
pub use saved::{Asked, Saved};
pub use starts::FoundBy;

use choose::choose;
use dns::{Records, records};
use home::{Books, books_from, look};
use starts::{Start, WELL_KNOWN, last_resorts, sender, starts};

/// The address book that the config calls `wanted`: its URL or path, display name, or last path
/// segment.
pub(super) async fn find(
    client: &Client,
    options: &Options,
    wanted: &str,
) -> Result<Saved, DiscoveryError> {
    let address = &client.account().address;
    let is_url = wanted.contains("://") || wanted.starts_with('/');
    if !is_url {
        let found = discover(client, options).await?;
        return Ok(choose(&found.books, wanted, &host_of(&found.start))?.clone());
    }
    let url = address
        .join(wanted)
        .map_err(|_| missing(&said(wanted), "it is no address"))?;
    let permitted = client.permits(&url, "the config", Met::Book);
    permitted.map_err(|failure| failure.for_discovery(&url))?;
    match look(client, &url).await? {
        Some(place) if place.props.is_addressbook => Ok(Saved::new(&place.url, &place.props)),
        Some(_) => {
            Err(missing(url.as_str(), "there is something else than an address book").into())
        }
        None => Err(missing(
            url.as_str(),
            "nothing is there, or nothing that this account may see",
        )
        .into()),
    }
}

/// All address books that the account offers.
pub(super) async fn discover(
    client: &Client,
    options: &Options,
) -> Result<Discovered, DiscoveryError> {
    let account = client.account();
    let stranger = Client::anonymous(account, options)?;
    let mut search = Search::default();
    for start in standard_starts(account, options).await {
        if let Some(found) = search.begin_at(client, &stranger, &start).await? {
            return Ok(found);
        }
    }
    for start in last_resorts(account) {
        if let Some(found) = search.begin_at(client, &stranger, &start).await? {
            return Ok(found);
        }
    }
    Err(search.nothing_found(account))
}

/// Who answers for the account, found without telling who we are.
pub(super) async fn knock(account: &Account, options: &Options) -> Result<Knock, DiscoveryError> {
    let stranger = Client::anonymous(account, options)?;
    let mut search = Search::default();
    for start in standard_starts(account, options).await {
        if let Some(door) = search.door_at(&stranger, &start).await? {
            return Ok(door);
        }
    }
    for start in last_resorts(account) {
        if let Some(door) = search.door_at(&stranger, &start).await? {
            return Ok(door);
        }
    }
    Err(search.nothing_found(account))
}

async fn standard_starts(account: &Account, options: &Options) -> Vec<Start> {
    // A number has no DNS of its own, and a single word is a machine of this network.
    let in_dns = |domain: &&String| {
        domain.contains('.') && matches!(account.address.host(), Some(Host::Domain(_)))
    };
    let records = match account.domain.as_ref().filter(in_dns) {
        Some(domain) => records(domain, options.dns).await,
        None => Records::default(),
    };
    starts(account, &records)
}

/// What a search has met so far without finding anything.
#[derive(Default)]
struct Search {
    /// The first trouble that says something about the account rather than about a guess.
    trouble: Option<DiscoveryError>,
    /// Some place did not see who we are.
    is_anonymous: bool,
    /// `host:port` that gave no connection: the next start there would wait as long.
    dead: BTreeSet<String>,
}

impl Search {
    /// The address books that are found from one start, if there are any.
    ///
    /// # Errors
    /// Trouble that ends the search. Other trouble is remembered.
    async fn begin_at(
        &mut self,
        client: &Client,
        stranger: &Client,
        start: &Start,
    ) -> Result<Option<Discovered>, DiscoveryError> {
        let mut from = start.url.clone();
        if start.is_guess {
            match self.door_at(stranger, start).await? {
                Some(door) => from = door.url,
                None => return Ok(None),
            }
        }
        let Books {
            books,
            elsewhere,
            is_anonymous,
            server,
        } = match books_from(client, &from).await {
            Ok(found) => found,
            Err(error) => {
                self.remember(error, None, start)?;
                return Ok(None);
            }
        };
        self.is_anonymous |= is_anonymous;
        if books.is_empty() && elsewhere.is_empty() {
            return Ok(None);
        }
        Ok(Some(Discovered {
            books,
            elsewhere,
            found_by: start.found_by,
            start: from,
            server,
        }))
    }

    /// Who opens at one start, if it is somebody who speaks of address books or asks for a sign-in.
    ///
    /// # Errors
    /// As for [`Search::begin_at`].
    async fn door_at(
        &mut self,
        stranger: &Client,
        start: &Start,
    ) -> Result<Option<Knock>, DiscoveryError> {
        if self.dead.contains(&host_of(&start.url)) {
            return Ok(None);
        }
        let by = sender(stranger.account());
        if let Err(failure) = stranger.permits(&start.url, &by, start.met()) {
            return Err(failure.for_discovery(&start.url));
        }
        let request = Request::xml("PROPFIND", start.url.clone(), "0", request::ABOUT);
        let response = match stranger.send(request).await {
            Ok(response) => response,
            Err(failure) => {
                let path = match &failure {
                    Failure::Untrusted { path, .. } => Some(path.clone()),
                    _ => None,
                };
                self.remember(failure.for_discovery(&start.url), path, start)?;
                return Ok(None);
            }
        };
        if !matches!(response.status, 207 | 401) {
            return Ok(None);
        }
        Ok(Some(Knock {
            schemes: schemes_in(&response.challenges()),
            server: response.header("server").map(said),
            url: response.url,
            found_by: start.found_by,
            advice: sign_in_advice(stranger.account()),
        }))
    }

    /// Takes note of trouble at one start. `path` is where a redirect would have led on a host that
    /// is not trusted.
    ///
    /// # Errors
    /// The trouble itself, if it would be wrong to go on.
    fn remember(
        &mut self,
        error: DiscoveryError,
        path: Option<String>,
        start: &Start,
    ) -> Result<(), DiscoveryError> {
        if ends_search(&error, path.as_deref(), start) {
            return Err(error);
        }
        let is_dead = match &error {
            DiscoveryError::Store(error) => error.kind == StoreErrorKind::Unreachable,
            DiscoveryError::Certificate(_) => true,
            DiscoveryError::Untrusted(_) => false,
        };
        if is_dead {
            self.dead.insert(host_of(&start.url));
        }
        // A place of the table that is not there says nothing about the account.
        if !matches!(start.found_by, FoundBy::Provider(_)) {
            self.trouble.get_or_insert(error);
        }
        Ok(())
    }

    fn nothing_found(self, account: &Account) -> DiscoveryError {
        let address = &account.address;
        if self.is_anonymous {
            return store_error(
                StoreErrorKind::SignIn,
                format!("{} does not see who we are", host_of(address)),
                "Nothing was changed. Check user name, password and the kind of sign-in of the account",
            )
            .into();
        }
        self.trouble.unwrap_or_else(|| {
            missing(address.as_str(), "no address books were found there").into()
        })
    }
}

/// Whether trouble at one start is an answer for the whole search.
fn ends_search(error: &DiscoveryError, path: Option<&str>, start: &Start) -> bool {
    match error {
        // A web page at one start says nothing about the others.
        DiscoveryError::Store(error) if error.kind == StoreErrorKind::Broken => false,
        DiscoveryError::Store(error) => {
            // A password that was refused is shown to nobody else.
            let is_answer = matches!(error.kind, StoreErrorKind::SignIn | StoreErrorKind::Busy);
            is_answer || !start.is_guess
        }
        DiscoveryError::Certificate(_) => !start.is_guess,
        // Many a domain sends every visitor on to its web site, the well-known address included;
        // that is no word about address books. A place of its own on another host is one.
        DiscoveryError::Untrusted(untrusted) => {
            let is_web_site = matches!(path, Some("/" | WELL_KNOWN));
            !(start.is_guess && untrusted.met == Met::Redirect && is_web_site)
        }
    }
}

fn missing(place: &str, reason: &str) -> StoreError {
    store_error(
        StoreErrorKind::Missing,
        format!("no address book at {}: {reason}", said(place)),
        "Nothing was changed. Check the address in the config",
    )
}

#[cfg(test)]
mod tests {
    use super::super::trust::Untrusted;
    use super::*;
    use url::Url;

    fn start(found_by: FoundBy, is_guess: bool) -> Start {
        Start {
            url: Url::parse("https://example.com/.well-known/carddav").unwrap(),
            found_by,
            is_guess,
        }
    }

    fn untrusted(met: Met) -> DiscoveryError {
        DiscoveryError::Untrusted(Untrusted {
            host: "www.example.com".into(),
            by: "example.com".into(),
            met,
        })
    }

    #[test]
    fn a_web_site_that_sends_everybody_on_is_no_answer_and_a_place_elsewhere_is_one() {
        let guess = start(FoundBy::WellKnown, true);
        let ends = |path| ends_search(&untrusted(Met::Redirect), Some(path), &guess);
        assert!(!ends("/.well-known/carddav"));
        assert!(!ends("/"));
        assert!(ends("/dav/"));
        let named = start(FoundBy::WellKnown, false);
        assert!(ends_search(&untrusted(Met::Redirect), Some("/"), &named));
        for met in [Met::Srv, Met::Provider("x"), Met::HomeSet, Met::Principal] {
            assert!(ends_search(&untrusted(met), None, &guess));
        }
    }

    #[test]
    fn a_refused_password_ends_the_search_and_a_dead_web_site_does_not() {
        let guess = start(FoundBy::WellKnown, true);
        let error = |kind| store_error(kind, "x", "y").into();
        assert!(ends_search(&error(StoreErrorKind::SignIn), None, &guess));
        assert!(ends_search(&error(StoreErrorKind::Busy), None, &guess));
        assert!(!ends_search(
            &error(StoreErrorKind::Unreachable),
            None,
            &guess
        ));
        assert!(!ends_search(&error(StoreErrorKind::Broken), None, &guess));
        let named = start(FoundBy::Given, false);
        assert!(ends_search(
            &error(StoreErrorKind::Unreachable),
            None,
            &named
        ));
    }

    #[test]
    fn what_is_remembered_is_the_first_trouble_and_none_of_the_table() {
        let mut search = Search::default();
        let table = start(FoundBy::Provider("x"), true);
        let dead = store_error(StoreErrorKind::Unreachable, "no connection", "y");
        search.remember(dead.clone().into(), None, &table).unwrap();
        assert_eq!(search.trouble, None);
        let guess = start(FoundBy::WellKnown, true);
        search.remember(dead.clone().into(), None, &guess).unwrap();
        let site = untrusted(Met::Redirect);
        search.remember(site, Some("/".into()), &guess).unwrap();
        assert_eq!(search.trouble, Some(dead.into()));
        assert!(search.dead.contains("example.com"));
    }
}
