//! A bare HTTP/1.1 client, so that servers are tested by something that hides nothing.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use digest_auth::{AuthContext, HttpMethod};

/// One request on a connection of its own, as this user.
pub struct Client {
    /// `http://host:port` with or without a path; requests name their own path.
    pub url: String,
    pub username: String,
    pub password: String,
    /// How long a whole answer may take.
    pub patience: Duration,
    /// Answers a challenge of Digest (RFC 7616) instead of handing out the refusal.
    pub digest: bool,
}

/// An answer as it came; `body` is not decompressed, chunks are put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(had, _)| had.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Client {
    pub fn new(url: &str, username: &str, password: &str) -> Self {
        Self {
            url: url.into(),
            username: username.into(),
            password: password.into(),
            patience: Duration::from_secs(20),
            digest: false,
        }
    }

    /// Sends a request and reads the answer up to its length.
    ///
    /// # Errors
    /// When the connection fails, is cut, or takes longer than the patience lasts.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<Reply> {
        let reply = parse(&self.send_raw(method, path, headers, body, usize::MAX)?)?;
        match reply.header("WWW-Authenticate") {
            Some(challenge) if self.digest && reply.status == 401 => {
                let answer = self.answer(challenge, method, path)?;
                let credentials = [headers, &[("Authorization", answer.as_str())]].concat();
                parse(&self.send_raw(method, path, &credentials, body, usize::MAX)?)
            }
            _ => Ok(reply),
        }
    }

    fn answer(&self, challenge: &str, method: &str, path: &str) -> io::Result<String> {
        let wrong = |error| io::Error::new(io::ErrorKind::InvalidData, error);
        let method = HttpMethod::from(method.to_owned());
        let context = AuthContext::new_with_method(
            &self.username,
            &self.password,
            path,
            None::<&[u8]>,
            method,
        );
        let mut challenge = digest_auth::parse(challenge).map_err(wrong)?;
        Ok(challenge.respond(&context).map_err(wrong)?.to_string())
    }

    /// The same, with all bytes of the answer as they came, but no more than `limit`.
    ///
    /// # Errors
    /// When the connection fails, is reset, or takes longer than the patience lasts.
    pub fn send_raw(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
        limit: usize,
    ) -> io::Result<Vec<u8>> {
        let host = self
            .url
            .trim_start_matches("http://")
            .split('/')
            .next()
            .unwrap_or_default();
        let mut connection = TcpStream::connect(host)?;
        let start = Instant::now();
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: test\r\nConnection: close\r\n\
             Content-Length: {}\r\n",
            body.len()
        );
        if !self.digest {
            let credentials =
                BASE64_STANDARD.encode(format!("{}:{}", self.username, self.password));
            head.push_str(&format!("Authorization: Basic {credentials}\r\n"));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        connection.write_all(head.as_bytes())?;
        connection.write_all(body)?;
        let (mut bytes, mut block) = (Vec::new(), [0; 64 << 10]);
        while bytes.len() < limit {
            let left = self.patience.saturating_sub(start.elapsed());
            connection.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
            match connection.read(&mut block)? {
                0 => break,
                count => bytes.extend_from_slice(&block[..count]),
            }
            if left.is_zero() {
                return Err(io::ErrorKind::TimedOut.into());
            }
        }
        Ok(bytes)
    }

    pub fn propfind(&self, path: &str, depth: &str, properties: &str) -> io::Result<Reply> {
        let body = format!(
            "<D:propfind xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:carddav\" \
             xmlns:CS=\"http://calendarserver.org/ns/\"><D:prop>{properties}</D:prop></D:propfind>"
        );
        self.send("PROPFIND", path, &[("Depth", depth), XML], body.as_bytes())
    }

    pub fn sync_collection(&self, path: &str, token: &str) -> io::Result<Reply> {
        let body = format!(
            "<D:sync-collection xmlns:D=\"DAV:\"><D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>\
             <D:prop><D:getetag/></D:prop></D:sync-collection>"
        );
        self.send("REPORT", path, &[("Depth", "0"), XML], body.as_bytes())
    }

    pub fn multiget(&self, path: &str, hrefs: &[&str]) -> io::Result<Reply> {
        let hrefs: String = hrefs
            .iter()
            .map(|href| format!("<D:href>{href}</D:href>"))
            .collect();
        let body = format!(
            "<C:addressbook-multiget xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:carddav\">\
             <D:prop><D:getetag/><C:address-data/></D:prop>{hrefs}</C:addressbook-multiget>"
        );
        self.send("REPORT", path, &[("Depth", "0"), XML], body.as_bytes())
    }

    pub fn put(&self, path: &str, precondition: (&str, &str), body: &[u8]) -> io::Result<Reply> {
        self.send(
            "PUT",
            path,
            &[precondition, ("Content-Type", "text/vcard; charset=utf-8")],
            body,
        )
    }
}

const XML: (&str, &str) = ("Content-Type", "application/xml; charset=utf-8");

/// Takes an answer apart.
fn parse(bytes: &[u8]) -> io::Result<Reply> {
    let torn = || io::Error::new(io::ErrorKind::UnexpectedEof, "the answer was cut short");
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Response::new(&mut headers);
    let status = head
        .parse(bytes)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    let httparse::Status::Complete(length) = status else {
        return Err(torn());
    };
    let mut reply = Reply {
        status: head.code.unwrap_or_default(),
        headers: head
            .headers
            .iter()
            .map(|header| {
                (
                    header.name.to_owned(),
                    String::from_utf8_lossy(header.value).into_owned(),
                )
            })
            .collect(),
        body: Vec::new(),
    };
    let mut rest = &bytes[length..];
    if reply.header("Transfer-Encoding") == Some("chunked") {
        loop {
            let size = httparse::parse_chunk_size(rest).map_err(|_| torn())?;
            let httparse::Status::Complete((start, size)) = size else {
                return Err(torn());
            };
            let end = start + usize::try_from(size).map_err(|_| torn())?;
            reply
                .body
                .extend_from_slice(rest.get(start..end).ok_or_else(torn)?);
            rest = rest.get(end + 2..).ok_or_else(torn)?;
            if size == 0 {
                return Ok(reply);
            }
        }
    }
    if let Some(length) = reply
        .header("Content-Length")
        .and_then(|length| length.parse::<usize>().ok())
    {
        rest = rest.get(..length).ok_or_else(torn)?;
    }
    reply.body = rest.to_vec();
    Ok(reply)
}
