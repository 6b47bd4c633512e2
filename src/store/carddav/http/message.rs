//! One request and one answer, as values.

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

/// One request, not yet sent.
#[derive(Debug, Clone)]
pub(in super::super) struct Request {
    pub(in super::super) method: Method,
    pub(in super::super) url: Url,
    pub(in super::super) headers: HeaderMap,
    pub(in super::super) body: Vec<u8>,
}

impl Request {
    pub(in super::super) fn new(method: &'static str, url: Url) -> Self {
        let method = Method::from_bytes(method.as_bytes()).expect("names of methods are tokens");
        Self {
            method,
            url,
            headers: HeaderMap::new(),
            body: Vec::new(),
        }
    }

    /// An XML request about `url` alone (`0`) or with its members (`1`).
    pub(in super::super) fn xml(
        method: &'static str,
        url: Url,
        depth: &'static str,
        body: impl Into<Vec<u8>>,
    ) -> Self {
        Self {
            body: body.into(),
            ..Self::new(method, url)
        }
        .header("depth", depth)
        .header("content-type", "application/xml; charset=utf-8")
    }

    pub(in super::super) fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
        self
    }

    /// Whether sending it twice does what sending it once does.
    pub(super) fn is_read_only(&self) -> bool {
        matches!(
            self.method.as_str(),
            "GET" | "PROPFIND" | "REPORT" | "OPTIONS"
        )
    }
}

/// One whole answer.
#[derive(Debug)]
pub(in super::super) struct Response {
    pub(in super::super) status: u16,
    pub(in super::super) headers: HeaderMap,
    /// Where it came from in the end, after redirects.
    pub(in super::super) url: Url,
    pub(in super::super) body: Vec<u8>,
    /// The server asked to wait and got the request again: if it had acted on the first one after
    /// all, a failed precondition is our own doing.
    pub(in super::super) was_resent: bool,
}

impl Response {
    pub(in super::super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The values of `WWW-Authenticate`.
    pub(in super::super) fn challenges(&self) -> Vec<&str> {
        self.headers
            .get_all("www-authenticate")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .collect()
    }

    /// PHP calls an empty answer HTML, too; that is no page.
    pub(in super::super) fn is_web_page(&self) -> bool {
        let kind = self.header("content-type").unwrap_or_default();
        kind.to_ascii_lowercase().contains("html") && !self.body.is_empty()
    }
}
