//! HTTP messages as values, so that answering is a function of a request.

use std::fmt;

/// A request, read whole.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    /// The request target without its query, still percent-encoded.
    pub path: String,
    /// In the order they came; names in the spelling they came in.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// An answer; the wire adds its length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    /// The value of a header, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }
}

/// A request may carry a password, so what is shown of it leaves the header's value out.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        write!(
            f,
            "{} {} {names:?} {} bytes",
            self.method,
            self.path,
            self.body.len()
        )
    }
}

impl Response {
    /// An answer without a body.
    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// An answer with an XML body.
    pub fn xml(status: u16, body: String) -> Self {
        Self::empty(status)
            .with("Content-Type", "application/xml; charset=utf-8")
            .with_body(body.into_bytes())
    }

    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub fn with_body(mut self, body: Vec<u8>) -> Self {
        self.body = body;
        self
    }

    /// The value of a header, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// Replaces a header, or takes it away.
    pub fn set(&mut self, name: &str, value: Option<&str>) {
        self.headers
            .retain(|(had, _)| !had.eq_ignore_ascii_case(name));
        self.headers
            .extend(value.map(|value| (name.to_owned(), value.to_owned())));
    }
}

fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(had, _)| had.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}
