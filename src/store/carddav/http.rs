//! Sends requests to one server: time limits, size limits, four at a time, redirects, sign-in, patience.

mod failure;
mod message;
mod options;
mod redirect;
mod tls;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::HeaderValue;
use secrecy::ExposeSecret;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::{Instant, timeout};
use url::Url;

use super::account::{Account, Auth, Refusal, is_loopback};
use super::fingerprint::Fingerprint;
use super::patience::{Patience, back_off, lock_pause, retry_after};
use super::sign_in::{Attempt, SignIn};
use super::trust::{Met, UnknownCertificate, Untrusted};
use super::words::host_of;
use crate::store::StoreError;

pub(super) use failure::Failure;
pub(super) use message::{Request, Response};
pub use options::{Dns, Limits, Options, Progress};
use redirect::redirected;

/// At most so many requests at once: more gain nothing and make small servers refuse.
const LANES: usize = 4;
/// How often a read-only request is sent again after a failure that may pass.
const RETRIES: u32 = 2;
/// How often a request is sent again because the server asked to wait.
const WAITS: u32 = 5;
/// How often a write is sent again because somebody else held a lock; 3 s in all.
const LOCKS: u32 = 5;
const REDIRECTS: u32 = 5;
/// A slower line than this is as good as none; bytes per second.
const SLOWEST_UPLOAD: u64 = 8 << 10;

/// The way to one server, for one account.
pub(super) struct Client {
    inner: reqwest::Client,
    account: Account,
    limits: Limits,
    /// `None`: nothing that could tell who we are is ever sent.
    sign_in: Option<RefCell<SignIn>>,
    /// Held while a token is fetched.
    renewing: Mutex<()>,
    lanes: Semaphore,
    patience: Patience,
    progress: Cell<Progress>,
    on_progress: Option<Rc<dyn Fn(Progress)>>,
}

impl Client {
    /// # Errors
    /// The account's address may not be used, or its certificate files cannot.
    pub(super) fn new(account: &Account, options: &Options) -> Result<Self, StoreError> {
        Ok(Self {
            sign_in: Some(RefCell::new(SignIn::new(account))),
            ..Self::anonymous(account, options)?
        })
    }

    /// A client that goes to the same places and never says who it is; to it 401 is an answer like
    /// any other.
    ///
    /// # Errors
    /// As for [`Client::new`].
    pub(super) fn anonymous(account: &Account, options: &Options) -> Result<Self, StoreError> {
        let permitted = account.permits(&account.address);
        permitted.map_err(Refusal::into_error)?;
        let limits = options.limits;
        Ok(Self {
            inner: transport(account, &limits, LANES)?,
            account: account.clone(),
            limits,
            sign_in: None,
            renewing: Mutex::new(()),
            lanes: Semaphore::new(LANES),
            patience: Patience::new(limits.patience),
            progress: Cell::default(),
            on_progress: options.progress.clone(),
        })
    }

    /// From now on opens a connection for each request, for servers that close one without saying so.
    ///
    /// # Errors
    /// As for [`Client::new`].
    pub(super) fn keep_no_connections(&mut self) -> Result<(), StoreError> {
        self.inner = transport(&self.account, &self.limits, 0)?;
        Ok(())
    }

    pub(super) fn account(&self) -> &Account {
        &self.account
    }

    /// How the password is proved to this server; `None` where none is sent.
    pub(super) fn proof(&self) -> Option<Auth> {
        self.sign_in
            .as_ref()
            .map(|sign_in| sign_in.borrow().proof())
    }

    pub(super) fn progress(&self) -> Progress {
        self.progress.get()
    }

    /// Whether the account's secret and the cards may go to `url`, which `by` named.
    ///
    /// # Errors
    /// They may not. A host that a person could still agree to is told apart.
    pub(super) fn permits(&self, url: &Url, by: &str, met: Met) -> Result<(), Failure> {
        self.account.permits(url).map_err(|refusal| match refusal {
            Refusal::Untrusted(host) => Failure::Untrusted {
                refused: Untrusted {
                    host,
                    by: by.to_owned(),
                    met,
                },
                path: url.path().to_owned(),
            },
            other => Failure::Store(other.into_error()),
        })
    }

    /// Sends a request and sees it through: sign-in, redirects, waiting, and a second and third
    /// try where that is harmless.
    ///
    /// # Errors
    /// There was no whole answer. Any whole answer, of whatever status, is `Ok`, except 401 and a
    /// server that stays busy.
    pub(super) async fn send(&self, mut request: Request) -> Result<Response, Failure> {
        let _lane = self
            .lanes
            .acquire()
            .await
            .expect("the semaphore is never closed");
        let mut attempt = Attempt::default();
        let (mut retries, mut waits, mut redirects, mut locks) = (0, 0, 0, 0);
        self.permits(&request.url, "the config", Met::Book)?;
        loop {
            self.patience.wait().await;
            let mut response = match self.exchange(&request, &mut attempt).await {
                Ok(response) => response,
                Err(failure)
                    if failure.may_pass() && request.is_read_only() && retries < RETRIES =>
                {
                    retries += 1;
                    tokio::time::sleep(back_off(retries)).await;
                    continue;
                }
                Err(Failure::Certificate(unknown)) => {
                    return Err(Failure::Certificate(UnknownCertificate {
                        fingerprint: self.shown_certificate(&request.url).await,
                        ..unknown
                    }));
                }
                Err(failure) => return Err(failure),
            };
            response.was_resent = waits > 0;
            if (200..300).contains(&response.status)
                && let Some(sign_in) = &self.sign_in
            {
                sign_in.borrow_mut().accepted(&attempt);
            }
            match response.status {
                301 | 302 | 307 | 308 if redirects < REDIRECTS => {
                    redirects += 1;
                    let to = redirected(&request, &response)?;
                    self.permits(&to, &host_of(&request.url), Met::Redirect)?;
                    request.url = to;
                }
                301 | 302 | 307 | 308 => {
                    return Err(Failure::Redirected("it redirects in a circle".into()));
                }
                401 => {
                    let Some(sign_in) = &self.sign_in else {
                        return Ok(response);
                    };
                    sign_in
                        .borrow_mut()
                        .challenged(&mut attempt, &response.challenges())
                        .map_err(Failure::SignIn)?;
                }
                429 | 503 => match self.wait_asked_for(&request, &response, waits)? {
                    true => waits += 1,
                    false => return Ok(response),
                },
                // Nothing was done (RFC 4918 section 11.3). Xandikos says so to the second of two
                // writes at once, whatever cards they are for.
                423 if locks < LOCKS => {
                    tokio::time::sleep(lock_pause(locks)).await;
                    locks += 1;
                }
                500 | 502 | 504 if request.is_read_only() && retries < RETRIES => {
                    retries += 1;
                    tokio::time::sleep(back_off(retries)).await;
                }
                _ => return Ok(response),
            }
        }
    }

    /// Whether the request is to be sent again after the wait that the server asked for.
    ///
    /// A 503 to a write without a `Retry-After` may be anything, so its outcome is left open.
    fn wait_asked_for(
        &self,
        request: &Request,
        response: &Response,
        waits: u32,
    ) -> Result<bool, Failure> {
        let asked = response
            .header("retry-after")
            .and_then(|header| retry_after(header, Timestamp::now()));
        let wait = match asked {
            Some(wait) => wait,
            None if response.status == 503 && !request.is_read_only() => return Ok(false),
            None => back_off(waits + 1),
        };
        if waits >= WAITS || self.patience.asked_to_wait(wait, Instant::now()).is_err() {
            return Err(Failure::Busy {
                until: Timestamp::now().checked_add(wait).ok(),
            });
        }
        Ok(true)
    }

    /// One request, one answer.
    async fn exchange(
        &self,
        request: &Request,
        attempt: &mut Attempt,
    ) -> Result<Response, Failure> {
        let started = Instant::now();
        let method = request.method.as_str();
        let mut target = request.url.path().to_owned();
        if let Some(query) = request.url.query() {
            target = format!("{target}?{query}");
        }
        self.fetch_token().await?;
        let authorization = match &self.sign_in {
            Some(sign_in) => sign_in
                .borrow_mut()
                .authorization(attempt, method, &target, &request.body)
                .map_err(Failure::SignIn)?,
            None => None,
        };
        let mut builder = self
            .inner
            .request(request.method.clone(), request.url.clone())
            .headers(request.headers.clone());
        if let Some(authorization) = authorization {
            let mut value = HeaderValue::from_str(authorization.expose_secret())
                .map_err(|_| Failure::SignIn("the user name or the password holds a line break"))?;
            value.set_sensitive(true);
            builder = builder.header("authorization", value);
        }
        if !request.body.is_empty() || method == "PUT" {
            // As one piece: Radicale and SOGo refuse chunked bodies.
            builder = builder.body(request.body.clone());
        }
        self.count(|progress| progress.requests += 1);
        let answer = self.receive(builder, request).await;
        let milliseconds = started.elapsed().as_millis() as u64;
        match &answer {
            Ok(response) => tracing::debug!(
                method,
                path = request.url.path(),
                status = response.status,
                bytes = response.body.len(),
                ms = milliseconds,
                "request"
            ),
            Err(failure) => tracing::debug!(
                method,
                path = request.url.path(),
                failure = failure.kind(),
                ms = milliseconds,
                "request without an answer"
            ),
        }
        answer
    }

    /// Fetches a token if one is needed. Requests that come meanwhile wait and find it there, so
    /// that one is fetched for all of them.
    async fn fetch_token(&self) -> Result<(), Failure> {
        let (Some(renewal), Some(sign_in)) = (&self.account.renewal, &self.sign_in) else {
            return Ok(());
        };
        let needs_token = || sign_in.borrow().needs_token().map_err(Failure::Store);
        let _only = self.renewing.lock().await;
        if needs_token()? {
            let token = renewal.renew().await;
            sign_in.borrow_mut().take_token(token);
            needs_token()?;
        }
        Ok(())
    }

    /// Sends and reads to the end, within the limits.
    async fn receive(
        &self,
        builder: reqwest::RequestBuilder,
        request: &Request,
    ) -> Result<Response, Failure> {
        let upload = Duration::from_secs(request.body.len() as u64 / SLOWEST_UPLOAD);
        let silence = || Failure::Silent(self.limits.idle);
        let mut inner = timeout(
            self.limits.connect + self.limits.idle + upload,
            builder.send(),
        )
        .await
        .map_err(|_| silence())?
        .map_err(|error| Failure::from_transport(&error, &request.url, &self.limits))?;
        let mut body = Vec::new();
        while let Some(part) = timeout(self.limits.idle, inner.chunk())
            .await
            .map_err(|_| silence())?
            .map_err(|error| Failure::from_transport(&error, &request.url, &self.limits))?
        {
            self.count(|progress| progress.bytes += part.len() as u64);
            if body.len() + part.len() > self.limits.response_bytes {
                return Err(Failure::TooLarge(self.limits.response_bytes));
            }
            body.extend_from_slice(&part);
        }
        Ok(Response {
            status: inner.status().as_u16(),
            headers: std::mem::take(inner.headers_mut()),
            url: request.url.clone(),
            body,
            was_resent: false,
        })
    }

    /// The fingerprint of the certificate that the server shows, for a person to compare. The
    /// connection ends with the handshake: nothing is asked.
    async fn shown_certificate(&self, url: &Url) -> Option<Fingerprint> {
        let seen = tls::Seen::default();
        let builder = settings(&self.account, &self.limits, 0);
        let looking = tls::looking(builder, &self.account, &seen)?;
        let origin = url.join("/").ok()?;
        let _ = timeout(self.limits.connect, looking.get(origin).send()).await;
        seen.taken()
    }

    fn count(&self, add: impl FnOnce(&mut Progress)) {
        let mut progress = self.progress.get();
        add(&mut progress);
        self.progress.set(progress);
        if let Some(tell) = &self.on_progress {
            tell(progress);
        }
    }
}

/// The HTTP client underneath, with at most so many connections kept open between requests.
fn transport(
    account: &Account,
    limits: &Limits,
    idle_connections: usize,
) -> Result<reqwest::Client, StoreError> {
    tls::with_certificates(settings(account, limits, idle_connections), account)
}

/// Its settings, all but those of certificates.
fn settings(account: &Account, limits: &Limits, idle_connections: usize) -> reqwest::ClientBuilder {
    let mut builder = reqwest::Client::builder()
        // SOGo lists only one of its books to a client that does not say who it is.
        .user_agent(concat!("cardweave/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .connect_timeout(limits.connect)
        .timeout(limits.whole)
        // Shorter than servers keep an idle connection: a write that meets a connection which the
        // server is just closing has an unknown outcome.
        .pool_idle_timeout(Duration::from_secs(4))
        .pool_max_idle_per_host(idle_connections);
    if is_loopback(&account.address) {
        builder = builder.no_proxy();
    }
    builder
}
