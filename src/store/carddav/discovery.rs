//! Finds the address books of an account (RFC 6764, RFC 6352 section 7.1, RFC 5397).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use url::Url;

use super::account::Account;
use super::href::{Collection, last_segment};
use super::http::{Client, Request};
use super::quirks::{Quirk, quirks_of};
use super::request;
use super::response::{Member, Props, multistatus};
use super::words::{host_of, not_carddav, said, store_error};
use crate::store::{StoreError, StoreErrorKind};

/// An address book as its server described it. Kept by the caller, so that the next run needs no
/// discovery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// Absolute, ends with a slash.
    pub url: String,
    pub display_name: Option<String>,
    /// It says that it takes vCard 4.0.
    pub version_4: bool,
    /// It says that we may not write.
    pub read_only: bool,
    /// The largest card it says it takes, in bytes.
    pub max_resource_size: Option<u64>,
    pub quirks: BTreeSet<Quirk>,
    /// For which words of the config it was found; none for one of a list.
    #[serde(default)]
    pub asked: Option<Asked>,
}

/// What somebody wrote in the config when an address book was looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    address: String,
    username: String,
    addressbook: String,
}

impl Asked {
    pub(super) fn of(account: &Account, addressbook: &str) -> Self {
        Asked {
            address: account.address.to_string(),
            username: account.username.clone(),
            addressbook: addressbook.to_owned(),
        }
    }
}

impl Saved {
    pub(super) fn new(url: &Url, props: &Props) -> Self {
        Self {
            url: Collection::new(url).url().to_string(),
            // Kept as words for people; an address book is found again by its URL.
            display_name: props.display_name.as_deref().map(said),
            version_4: props.takes_version_4,
            read_only: is_read_only(props),
            max_resource_size: props.max_resource_size,
            quirks: quirks_of(url, props.sync_token.as_deref()),
            asked: None,
        }
    }

    /// Whether this was found for these very words; with others it has to be looked for anew.
    pub fn answers(&self, account: &Account, addressbook: &str) -> bool {
        self.asked.as_ref() == Some(&Asked::of(account, addressbook))
    }
}

/// Whether the privileges, where the server tells them, allow no writing (RFC 3744 section 3). A
/// missing `read` means nothing: SOGo tells an empty set for a book that may be read only.
fn is_read_only(props: &Props) -> bool {
    let Some(privileges) = &props.privileges else {
        return false;
    };
    !["D:all", "D:write", "D:write-content", "D:bind"]
        .iter()
        .any(|privilege| privileges.contains(privilege))
}

/// The address book that the config calls `wanted`: its URL or path, display name, or last path
/// segment.
pub(super) async fn find(client: &Client, wanted: &str) -> Result<Saved, StoreError> {
    let address = &client.account().address;
    let is_url = wanted.contains("://") || wanted.starts_with('/');
    if !is_url {
        let offered = books(client).await?;
        return choose(&offered, wanted, &host_of(address)).cloned();
    }
    let url = address
        .join(wanted)
        .map_err(|_| missing(&said(wanted), "it is no address"))?;
    match look(client, &url).await? {
        Some((url, props)) if props.is_addressbook => Ok(Saved::new(&url, &props)),
        Some(_) => Err(missing(
            url.as_str(),
            "there is something else than an address book",
        )),
        None => Err(missing(
            url.as_str(),
            "nothing is there, or nothing that this account may see",
        )),
    }
}

/// All address books that the account offers.
pub(super) async fn books(client: &Client) -> Result<Vec<Saved>, StoreError> {
    let address = &client.account().address;
    let mut trouble = None;
    let mut is_anonymous = false;
    for start in starting_points(address) {
        let (url, props) = match look(client, &start).await {
            Ok(Some(place)) => place,
            Ok(None) => continue,
            // A web page at one starting point says nothing about the others.
            Err(error) if error.kind == StoreErrorKind::Broken => {
                trouble = trouble.or(Some(error));
                continue;
            }
            Err(error) => return Err(error),
        };
        if props.is_addressbook {
            return Ok(vec![Saved::new(&url, &props)]);
        }
        is_anonymous |= props.is_unauthenticated;
        let mut found = Vec::new();
        for home in homes(client, &url, props).await? {
            found.extend(books_in(client, &home).await?);
        }
        if !found.is_empty() {
            found.sort_by(|a: &Saved, b| a.url.cmp(&b.url));
            found.dedup();
            return Ok(found);
        }
    }
    if is_anonymous {
        return Err(store_error(
            StoreErrorKind::SignIn,
            format!("{} does not see who we are", host_of(address)),
            "Nothing was changed. Check user name, password and the kind of sign-in of the account",
        ));
    }
    Err(trouble.unwrap_or_else(|| missing(address.as_str(), "no address books were found there")))
}

/// Where to ask first, second and last. Addresses from DNS (RFC 6764 section 3) would come before.
fn starting_points(address: &Url) -> Vec<Url> {
    let mut points = Vec::new();
    if address.path() != "/" {
        points.push(address.clone());
    }
    for path in ["/.well-known/carddav", "/"] {
        let mut url = address.clone();
        url.set_path(path);
        url.set_query(None);
        points.push(url);
    }
    points
}

/// What the server says of one place, and the place's address after redirects. `None`: nothing to
/// be found there.
async fn look(client: &Client, url: &Url) -> Result<Option<(Url, Props)>, StoreError> {
    let request = Request::xml("PROPFIND", url.clone(), "0", request::ABOUT);
    let response = client
        .send(request)
        .await
        .map_err(|failure| failure.for_store(url))?;
    match response.status {
        207 => {}
        403 | 404 | 405 | 410 | 501 => return Ok(None),
        status if status >= 500 => {
            return Err(not_carddav(url, &format!("status {status}")));
        }
        status if response.is_web_page() => {
            return Err(not_carddav(url, &format!("a web page, status {status}")));
        }
        _ => return Ok(None),
    }
    let answer = multistatus(&response.body).map_err(|reason| not_carddav(url, &reason))?;
    // Depth 0: there is one member, however it is spelled.
    let member = answer.members.into_iter().find(|member| !member.is_gone());
    Ok(member.map(|member| (response.url, member.props)))
}

/// The places that hold the account's address books, found from one place of the server.
async fn homes(client: &Client, url: &Url, props: Props) -> Result<Vec<Url>, StoreError> {
    let (base, sets) = match (&props.principal, props.home_sets.is_empty()) {
        (Some(principal), true) => {
            let principal = joined(client, url, principal)?;
            match look(client, &principal).await? {
                Some((url, props)) => (url, props.home_sets),
                None => (principal, Vec::new()),
            }
        }
        // Some servers name no principal at all; then the address itself may be the home.
        (None, true) if !props.is_unauthenticated => return Ok(vec![url.clone()]),
        _ => (url.clone(), props.home_sets),
    };
    sets.iter().map(|set| joined(client, &base, set)).collect()
}

/// An address that the server names, if the account's password may go there.
fn joined(client: &Client, base: &Url, href: &str) -> Result<Url, StoreError> {
    let url = base
        .join(href)
        .map_err(|_| not_carddav(base, "it names an address that is none"))?;
    client.account().permits(&url)?;
    Ok(url)
}

async fn books_in(client: &Client, home: &Url) -> Result<Vec<Saved>, StoreError> {
    let request = Request::xml("PROPFIND", home.clone(), "1", request::ABOUT);
    let response = client
        .send(request)
        .await
        .map_err(|failure| failure.for_store(home))?;
    if response.status != 207 {
        return match response.status {
            403..=405 => Ok(Vec::new()),
            status => Err(not_carddav(home, &format!("status {status}"))),
        };
    }
    let answer = multistatus(&response.body).map_err(|reason| not_carddav(home, &reason))?;
    let is_book = |member: &Member| member.props.is_addressbook && member.trouble().is_none();
    Ok(answer
        .members
        .iter()
        .filter(|member| is_book(member))
        // A shared book may lie outside of the home, but not where the password may not go.
        .filter_map(|member| {
            let url = joined(client, &response.url, &member.href).ok()?;
            Some(Saved::new(&url, &member.props))
        })
        .collect())
}

/// The one address book that `wanted` names: by its display name, else by its last path segment,
/// else by either in other capitals.
fn choose<'a>(offered: &'a [Saved], wanted: &str, host: &str) -> Result<&'a Saved, StoreError> {
    let name = |book: &Saved| book.display_name.clone().unwrap_or_default();
    let segment = |book: &Saved| {
        Url::parse(&book.url)
            .map(|url| last_segment(&url))
            .unwrap_or_default()
    };
    let lower = wanted.to_lowercase();
    let rules: [&dyn Fn(&Saved) -> bool; 3] = [
        &|book| name(book) == wanted,
        &|book| segment(book) == wanted,
        &|book| name(book).to_lowercase() == lower || segment(book).to_lowercase() == lower,
    ];
    for rule in rules {
        let found: Vec<&Saved> = offered.iter().filter(|book| rule(book)).collect();
        match found[..] {
            [] => {}
            [one] => return Ok(one),
            _ => {
                return Err(store_error(
                    StoreErrorKind::Missing,
                    format!(
                        "{host} offers several address books called \"{}\"",
                        said(wanted)
                    ),
                    format!(
                        "None was touched. Name one by its address: {}",
                        listed(&found)
                    ),
                ));
            }
        }
    }
    Err(store_error(
        StoreErrorKind::Missing,
        format!("{host} offers no address book \"{}\"", said(wanted)),
        match offered {
            [] => "It offers none at all to this account".to_owned(),
            _ => format!("It offers {}", listed(&offered.iter().collect::<Vec<_>>())),
        },
    ))
}

fn listed(books: &[&Saved]) -> String {
    let words = books.iter().take(20).map(|book| match &book.display_name {
        Some(name) => format!("\"{name}\" ({})", said(&book.url)),
        None => said(&book.url),
    });
    words.collect::<Vec<_>>().join(", ")
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
    use super::*;

    fn book(url: &str, name: Option<&str>) -> Saved {
        let props = Props {
            display_name: name.map(str::to_owned),
            ..Props::default()
        };
        Saved::new(&Url::parse(url).unwrap(), &props)
    }

    #[test]
    fn a_book_is_found_by_name_then_by_address_then_in_other_capitals() {
        let offered = [
            book("https://h/a/personal/", Some("Kontakte")),
            book("https://h/a/Kontakte/", Some("Work")),
            book("https://h/a/team%20x/", None),
        ];
        let chosen = |wanted| {
            choose(&offered, wanted, "h")
                .map(|book| book.url.as_str())
                .ok()
        };
        assert_eq!(chosen("Kontakte"), Some("https://h/a/personal/"));
        assert_eq!(chosen("personal"), Some("https://h/a/personal/"));
        assert_eq!(chosen("team x"), Some("https://h/a/team%20x/"));
        assert_eq!(chosen("WORK"), Some("https://h/a/Kontakte/"));
        assert_eq!(
            chosen("kontakte"),
            None,
            "two are called so in other capitals"
        );
        let error = choose(&offered, "Private", "h").unwrap_err().to_string();
        assert!(
            error.contains("\"Work\"") && error.contains("Private"),
            "{error}"
        );
    }

    #[test]
    fn the_given_path_is_asked_before_the_well_known_one() {
        let points = |address| {
            let points = starting_points(&Url::parse(address).unwrap());
            points
                .iter()
                .map(|url| url.path().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            points("https://h/dav/?x"),
            ["/dav/", "/.well-known/carddav", "/"]
        );
        assert_eq!(points("https://h"), ["/.well-known/carddav", "/"]);
    }

    #[test]
    fn read_only_is_what_the_privileges_say_and_only_if_they_say_it() {
        let with = |privileges: Option<&[&'static str]>| {
            let privileges = privileges.map(|list| list.iter().copied().collect());
            is_read_only(&Props {
                privileges,
                ..Props::default()
            })
        };
        assert!(with(Some(&["D:read"])));
        assert!(with(Some(&["D:read", "?"])));
        assert!(!with(Some(&["D:write-content"])));
        assert!(!with(Some(&["D:bind"])));
        assert!(!with(Some(&["D:all"])));
        assert!(
            with(Some(&[])),
            "what SOGo tells of a book shared for reading"
        );
        assert!(!with(None));
    }

    #[test]
    fn what_is_saved_can_be_read_again() {
        let saved = book("https://h/SOGo/dav/a", Some("A\u{1b}[1m"));
        let json = serde_json::to_string(&saved).unwrap();
        assert_eq!(serde_json::from_str::<Saved>(&json).unwrap(), saved);
        assert_eq!(saved.url, "https://h/SOGo/dav/a/");
        assert!(!saved.display_name.unwrap().contains('\u{1b}'));
    }
}
