//! Reads and writes one CardDAV address book as a store (RFC 6352, 6578, 4918).
//!
//! Opening finds the address book once ([`CardDav::open`]); what was found is [`Saved`], and with it
//! the next run opens without asking anybody ([`CardDav::reopen`]), so that a run in which nothing
//! has changed costs the one request that says so. From there on: [`list`](Store::list) takes a
//! delta where the server can tell one and a whole listing otherwise, [`read`](Store::read) gets
//! cards a hundred at a time, [`write`](Store::write) changes one card under its precondition.
//!
//! What comes from the server is not believed further than it can be checked: addresses become
//! members of this address book or nothing, half an answer is none, and its words reach people
//! without control characters.

mod account;
mod discovery;
mod fingerprint;
mod listing;
mod reading;
mod trust;
mod writing;

mod etag;
mod href;
mod quirks;

mod request;
mod response;

mod http;
mod patience;
mod renewal;
mod sign_in;
mod words;

use std::cell::RefCell;
use std::collections::BTreeSet;

use futures_util::future::LocalBoxFuture;
use url::Url;

use crate::book::{Href, StoreId};
use crate::store::{
    Found, Keeps, Listing, Since, Store, StoreError, StoreErrorKind, Write, WriteError, Written,
};

pub use account::{Account, Auth, is_loopback};
pub use discovery::{Asked, Discovered, Elsewhere, FoundBy, Knock, Saved, sign_in_advice};
pub use fingerprint::{Fingerprint, NotAFingerprint};
pub use http::{Dns, Limits, Options, Progress};
pub use listing::TellsChanges;
pub use quirks::Quirk;
pub use renewal::Renewal;
pub use trust::{DiscoveryError, Met, UnknownCertificate, Untrusted};

use href::Collection;
use http::{Client, Request, Response};
use words::{said, store_error};

/// One address book on one server.
pub struct CardDav {
    id: StoreId,
    client: Client,
    book: Collection,
    saved: RefCell<Saved>,
}

impl CardDav {
    /// Finds the address book that the config calls `addressbook` (display name, last path segment,
    /// path or URL), by one request for a URL and about four otherwise.
    ///
    /// # Errors
    /// The account cannot sign in or has no such address book, or the server names a host that the
    /// account does not trust.
    pub async fn open(
        id: StoreId,
        account: &Account,
        addressbook: &str,
        options: Options,
    ) -> Result<Self, StoreError> {
        let client = Client::new(account, &options)?;
        let saved = Saved {
            asked: Some(Asked::of(account, addressbook)),
            ..discovery::find(&client, &options, addressbook).await?
        };
        Self::with(id, client, saved)
    }

    /// Opens an address book that was found before, without any request.
    ///
    /// # Errors
    /// The account may not be used with what was saved, for example because its host has changed:
    /// then [`CardDav::open`] finds it anew.
    pub fn reopen(
        id: StoreId,
        account: &Account,
        saved: &Saved,
        options: Options,
    ) -> Result<Self, StoreError> {
        Self::with(id, Client::new(account, &options)?, saved.clone())
    }

    fn with(id: StoreId, mut client: Client, saved: Saved) -> Result<Self, StoreError> {
        let url = Url::parse(&saved.url).map_err(|_| {
            store_error(
                StoreErrorKind::Missing,
                format!("the saved address of store `{id}` is none"),
                "Nothing was changed. It has to be looked up again",
            )
        })?;
        let permitted = client.permits(&url, "what was saved", Met::Book);
        permitted.map_err(|failure| failure.for_store(&url))?;
        if saved.quirks.contains(&Quirk::ClosesWithoutSaying) {
            client.keep_no_connections()?;
        }
        Ok(Self {
            id,
            client,
            book: Collection::new(&url),
            saved: RefCell::new(saved),
        })
    }

    /// The address books that an account offers.
    ///
    /// # Errors
    /// The account cannot sign in, or the way leads to a host or a certificate that a person would
    /// have to agree to first.
    pub async fn discover(
        account: &Account,
        options: Options,
    ) -> Result<Discovered, DiscoveryError> {
        let found = discovery::discover(&Client::new(account, &options)?, &options).await;
        found.map_err(|error| advised(error, account))
    }

    /// Who answers for an account and which kinds of sign-in are on offer. No user name and no
    /// password is sent.
    ///
    /// # Errors
    /// As for [`CardDav::discover`], but for the signing in.
    pub async fn knock(account: &Account, options: Options) -> Result<Knock, DiscoveryError> {
        discovery::knock(account, &options).await
    }

    /// What is to be kept for [`CardDav::reopen`]; newer after each whole listing.
    pub fn saved(&self) -> Saved {
        self.saved.borrow().clone()
    }

    /// Whether the server says that this account may only read here.
    pub fn is_read_only(&self) -> bool {
        self.saved.borrow().read_only
    }

    /// How the password is proved here, after the first request; `None` where none is sent.
    pub fn signed_in_by(&self) -> Option<Auth> {
        self.client.proof()
    }

    /// What this server is known to do differently.
    pub fn quirks(&self) -> BTreeSet<Quirk> {
        self.saved.borrow().quirks.clone()
    }

    /// How many requests were sent since it was opened, second tries and redirects included.
    pub fn requests(&self) -> u64 {
        self.client.progress().requests
    }

    fn has(&self, quirk: Quirk) -> bool {
        self.saved.borrow().quirks.contains(&quirk)
    }

    /// What messages call this address book.
    fn name(&self) -> String {
        let saved = self.saved.borrow();
        let shown = said(&saved.url);
        match &saved.display_name {
            Some(name) => format!("the address book \"{name}\" ({shown})"),
            None => format!("the address book {shown}"),
        }
    }

    async fn send(&self, request: Request) -> Result<Response, StoreError> {
        let url = request.url.clone();
        self.client
            .send(request)
            .await
            .map_err(|failure| failure.for_store(&url))
    }
}

/// The same refusal, with what somebody has to know who signs in at this provider.
fn advised(error: DiscoveryError, account: &Account) -> DiscoveryError {
    match (error, sign_in_advice(account)) {
        (DiscoveryError::Store(error), Some(advice)) if error.kind == StoreErrorKind::SignIn => {
            store_error(error.kind, error.what, format!("{}. {advice}", error.todo)).into()
        }
        (error, _) => error,
    }
}

impl Store for CardDav {
    fn id(&self) -> &StoreId {
        &self.id
    }

    fn memo(&self) -> Option<String> {
        serde_json::to_string(&*self.saved.borrow()).ok()
    }

    fn keeps(&self) -> Keeps {
        Keeps {
            version_4: self.saved.borrow().version_4 && !self.has(Quirk::StoresVersion3Only),
            // Two of the common servers destroy such an image without a word, and no server tells
            // that it would not. As vCard 3.0 the image arrives everywhere.
            inline_media_in_4: false,
        }
    }

    fn requests(&self) -> usize {
        usize::try_from(CardDav::requests(self)).unwrap_or(usize::MAX)
    }

    fn list<'a>(&'a self, since: &'a Since) -> LocalBoxFuture<'a, Result<Listing, StoreError>> {
        Box::pin(self.listing(since))
    }

    fn read<'a>(
        &'a self,
        hrefs: &'a [Href],
    ) -> LocalBoxFuture<'a, Result<Vec<(Href, Found)>, StoreError>> {
        Box::pin(self.read_all(hrefs))
    }

    fn write<'a>(&'a self, write: &'a Write) -> LocalBoxFuture<'a, Result<Written, WriteError>> {
        Box::pin(self.write_one(write))
    }
}
