//! Talks to the server that gives out tokens: encrypted, within limits, and never redirected.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use oauth2::basic::{
    BasicClient, BasicErrorResponseType, BasicRequestTokenError, BasicTokenResponse,
};
use oauth2::{
    AsyncHttpClient, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    DeviceAuthorizationUrl, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, Scope,
    StandardDeviceAuthorizationResponse, TokenResponse, TokenUrl,
};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::error::{self, OAuthError};
use crate::config::{self, OAuth, Provider};
use crate::secret::Secrets;
use crate::store::carddav::is_loopback;

/// An answer with tokens has some 2 kB.
const LONGEST_ANSWER: usize = 256 << 10;
const CONNECT: Duration = Duration::from_secs(10);
const WHOLE: Duration = Duration::from_secs(30);

/// The most that a server may ask us to wait between two questions, in seconds (RFC 8628
/// section 3.2: five are usual).
const LONGEST_INTERVAL: u64 = 60;

type Client =
    BasicClient<EndpointMaybeSet, EndpointMaybeSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// The server that gives out the tokens of one account.
pub(super) struct Server {
    /// The account's name, for messages.
    pub account: String,
    client: Client,
    http: Http,
    oauth: OAuth,
}

/// What a server gave out.
pub(super) struct Tokens {
    pub access: SecretString,
    /// Not given where the old one stays good (RFC 6749 section 6).
    pub refresh: Option<SecretString>,
}

/// A sign-in in a browser that has begun.
pub(super) struct Begun {
    /// What the browser is to show.
    pub page: Url,
    /// What its answer has to repeat (RFC 6749 section 10.12).
    pub state: CsrfToken,
    redirect: RedirectUrl,
    verifier: PkceCodeVerifier,
}

impl Server {
    /// # Errors
    /// The account does not sign in by OAuth, or its client secret or certificates cannot be read.
    pub(super) fn new(account: &config::Account, secrets: &Secrets) -> Result<Self, OAuthError> {
        let name = &account.name;
        let oauth = account.oauth.clone().ok_or_else(|| error::no_oauth(name))?;
        let mut client = BasicClient::new(ClientId::new(oauth.client_id.clone()))
            .set_auth_uri_option(oauth.authorize_url.clone().map(AuthUrl::from_url))
            .set_device_authorization_url_option(
                oauth
                    .device_url
                    .clone()
                    .map(DeviceAuthorizationUrl::from_url),
            )
            .set_token_uri(TokenUrl::from_url(oauth.token_url.clone()));
        if let Some(source) = &oauth.client_secret {
            let secret = secrets.get(source);
            let secret = secret.map_err(|reason| error::client_secret(name, &reason))?;
            client = client.set_client_secret(ClientSecret::new(secret.expose_secret().to_owned()));
        }
        Ok(Self {
            account: name.clone(),
            client,
            http: Http::new(account, &oauth)?,
            oauth,
        })
    }

    pub(super) fn provider(&self) -> Option<Provider> {
        self.oauth.provider
    }

    pub(super) fn signs_in_by_code(&self) -> bool {
        self.oauth.device_url.is_some()
    }

    /// The host that gives out the tokens, for messages.
    pub(super) fn host(&self) -> &str {
        self.oauth.token_url.host_str().unwrap_or_default()
    }

    /// Begins a sign-in in a browser that returns to `redirect` (RFC 6749 section 4.1, RFC 7636).
    /// `None`: the config names no page for it.
    pub(super) fn begin(&self, redirect: RedirectUrl) -> Option<Begun> {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = self.client.clone().set_redirect_uri(redirect.clone());
        let mut request = client
            .authorize_url(CsrfToken::new_random)
            .ok()?
            .set_pkce_challenge(challenge)
            .add_scopes(self.scopes());
        if self.oauth.provider == Some(Provider::Google) {
            // Without these a second sign-in gets no refresh token from Google.
            request = request
                .add_extra_param("access_type", "offline")
                .add_extra_param("prompt", "consent");
        }
        let (page, state) = request.url();
        Some(Begun {
            page,
            state,
            redirect,
            verifier,
        })
    }

    /// Turns the code that the browser brought into tokens.
    ///
    /// # Errors
    /// The server does not take it.
    pub(super) async fn exchange(
        &self,
        begun: Begun,
        code: &SecretString,
    ) -> Result<Tokens, OAuthError> {
        let client = self.client.clone().set_redirect_uri(begun.redirect);
        let request = client
            .exchange_code(AuthorizationCode::new(code.expose_secret().to_owned()))
            .set_pkce_verifier(begun.verifier);
        let answer = request.request_async(&self.http).await;
        answer.map(Tokens::from).map_err(|error| self.failed(error))
    }

    /// The next access token (RFC 6749 section 6).
    ///
    /// # Errors
    /// The server does not take the refresh token any more, or cannot be asked.
    pub(super) async fn refresh(&self, token: &SecretString) -> Result<Tokens, OAuthError> {
        let token = RefreshToken::new(token.expose_secret().to_owned());
        let request = self.client.exchange_refresh_token(&token);
        match request.request_async(&self.http).await {
            Ok(answer) => Ok(answer.into()),
            Err(BasicRequestTokenError::ServerResponse(answer))
                if *answer.error() == BasicErrorResponseType::InvalidGrant =>
            {
                Err(error::sign_in_again(self))
            }
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Asks for a code that the person types on another device (RFC 8628 section 3.1).
    ///
    /// # Errors
    /// The config names no address for it, or the server gives none.
    pub(super) async fn device_code(
        &self,
    ) -> Result<StandardDeviceAuthorizationResponse, OAuthError> {
        let request = self
            .client
            .exchange_device_code()
            .map_err(|_| error::no_device_page(&self.account))?
            .add_scopes(self.scopes());
        let code: StandardDeviceAuthorizationResponse = request
            .request_async(&self.http)
            .await
            .map_err(|error| self.failed(error))?;
        match code.interval().as_secs() {
            0..=LONGEST_INTERVAL => Ok(code),
            _ => Err(error::broken(
                self.host(),
                "it wants to be asked too seldom",
            )),
        }
    }

    /// Asks until the person has typed the code (RFC 8628 section 3.4 and 3.5).
    ///
    /// # Errors
    /// They declined, or the code has expired.
    pub(super) async fn device_tokens(
        &self,
        code: &StandardDeviceAuthorizationResponse,
        patience: Duration,
    ) -> Result<Tokens, OAuthError> {
        use oauth2::DeviceCodeErrorResponseType as Type;
        use oauth2::RequestTokenError as Error;
        let pause = |interval: Duration| tokio::time::sleep(interval.max(Duration::from_secs(1)));
        let request = self.client.exchange_device_access_token(code);
        match request
            .request_async(&self.http, pause, Some(patience))
            .await
        {
            Ok(answer) => Ok(answer.into()),
            Err(Error::ServerResponse(answer)) => Err(match answer.error() {
                Type::AccessDenied => error::declined(self.host()),
                Type::ExpiredToken => error::too_late(patience),
                other => {
                    let description = answer.error_description().map(String::as_str);
                    error::refused(self.host(), other.as_ref(), description)
                }
            }),
            Err(Error::Request(reason)) => Err(error::unreachable(self.host(), &reason.0)),
            Err(Error::Parse(..) | Error::Other(_)) => Err(self.not_understood()),
        }
    }

    fn scopes(&self) -> impl Iterator<Item = Scope> {
        self.oauth.scopes.iter().cloned().map(Scope::new)
    }

    /// What a server answered is not repeated: in an answer that is half right there may be tokens.
    fn failed(&self, failure: BasicRequestTokenError<NoAnswer>) -> OAuthError {
        match failure {
            BasicRequestTokenError::ServerResponse(answer) => {
                let description = answer.error_description().map(String::as_str);
                error::refused(self.host(), answer.error().as_ref(), description)
            }
            BasicRequestTokenError::Request(reason) => error::unreachable(self.host(), &reason.0),
            BasicRequestTokenError::Parse(..) | BasicRequestTokenError::Other(_) => {
                self.not_understood()
            }
        }
    }

    fn not_understood(&self) -> OAuthError {
        error::broken(self.host(), "it was not understood")
    }
}

impl From<BasicTokenResponse> for Tokens {
    fn from(answer: BasicTokenResponse) -> Self {
        let refresh = answer.refresh_token();
        Self {
            access: answer.access_token().secret().as_str().into(),
            refresh: refresh.map(|token| token.secret().as_str().into()),
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({})", self.host())
    }
}

/// Our own transport below the crate's messages.
struct Http(reqwest::Client);

/// There was no whole answer; says why.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct NoAnswer(String);

impl Http {
    fn new(account: &config::Account, oauth: &OAuth) -> Result<Self, OAuthError> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("cardweave/", env!("CARGO_PKG_VERSION")))
            // A redirected request would take the token along.
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT)
            .timeout(WHOLE);
        if is_loopback(&oauth.token_url) {
            builder = builder.no_proxy();
        }
        if let Some(path) = &account.ca_file {
            let authorities = std::fs::read(path)
                .ok()
                .and_then(|pem| reqwest::Certificate::from_pem_bundle(&pem).ok())
                .filter(|authorities| !authorities.is_empty());
            let authorities = authorities.ok_or_else(|| error::certificates(path))?;
            builder = builder.tls_certs_merge(authorities);
        }
        match builder.build() {
            Ok(client) => Ok(Self(client)),
            Err(_) => Err(error::unreachable(
                oauth.token_url.host_str().unwrap_or_default(),
                "TLS could not be set up",
            )),
        }
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, NoAnswer> {
        let told = |error: reqwest::Error| {
            // An error's own text repeats the address; its causes say what happened.
            let mut reason = match error.is_timeout() {
                true => "not in time".to_owned(),
                false => "the connection failed".to_owned(),
            };
            let mut cause = error.source();
            while let Some(deeper) = cause {
                reason = deeper.to_string();
                cause = deeper.source();
            }
            NoAnswer(reason)
        };
        let request = reqwest::Request::try_from(request).map_err(told)?;
        let mut answer = self.0.execute(request).await.map_err(told)?;
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(told)? {
            if body.len() + part.len() > LONGEST_ANSWER {
                return Err(NoAnswer("its answer is too long".to_owned()));
            }
            body.extend_from_slice(&part);
        }
        let mut response = HttpResponse::new(body);
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = NoAnswer;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, NoAnswer>> + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}
