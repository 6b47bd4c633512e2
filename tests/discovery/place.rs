//! Servers and accounts for these tests.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use cardweave::demo::server::{
    Account as ServerAccount, Answer, Books, Exchange, Mischief, Request, Response, Server,
};
use cardweave::store::carddav::{
    Account, CardDav, Discovered, DiscoveryError, Dns, Knock, Options,
};

pub const PASSWORD: &str = "open-sesame";

/// A server with one address book.
pub fn server() -> Server {
    Server::start(books()).expect("a port on loopback")
}

fn books() -> Books {
    Books::new(ServerAccount::new("anna", PASSWORD)).with_book("people", "People")
}

/// A server that says these words at these paths, and is honest elsewhere.
pub fn saying(words: &[(&str, Response)]) -> Server {
    let words = words.iter().cloned();
    let words = Words(words.map(|(path, said)| (path.to_owned(), said)).collect());
    Server::start_with(books(), words).expect("a port on loopback")
}

struct Words(BTreeMap<String, Response>);

impl Mischief for Words {
    fn before(&mut self, request: &mut Request, _books: &mut Books) -> Option<Answer> {
        self.0.get(&request.path).cloned().map(Answer::Response)
    }
}

/// A multistatus of members: their href and the properties that they have.
pub fn multistatus(members: &[(&str, &str)]) -> Response {
    let mut body = String::from(
        r#"<?xml version="1.0"?><D:multistatus xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">"#,
    );
    for (href, props) in members {
        body.push_str(&format!(
            "<D:response><D:href>{href}</D:href><D:propstat><D:prop>{props}</D:prop>\
             <D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
        ));
    }
    body.push_str("</D:multistatus>");
    Response::xml(207, body).with("Server", "Words/1")
}

/// The properties of an address book.
pub fn book(name: &str) -> String {
    format!(
        "<D:resourcetype><D:collection/><C:addressbook/></D:resourcetype>\
         <D:displayname>{name}</D:displayname>"
    )
}

/// An account at this address; `domain` is asked in the DNS.
pub fn account(address: &str, domain: Option<&str>) -> Account {
    Account {
        domain: domain.map(str::to_owned),
        ..Account::new(address.parse().expect("a URL"), "anna", PASSWORD.into())
    }
}

pub fn discover(account: &Account, dns: Option<SocketAddr>) -> Result<Discovered, DiscoveryError> {
    run(CardDav::discover(account, options(dns)))
}

pub fn knock(account: &Account, dns: Option<SocketAddr>) -> Result<Knock, DiscoveryError> {
    run(CardDav::knock(account, options(dns)))
}

pub fn options(dns: Option<SocketAddr>) -> Options {
    Options {
        dns: dns.map_or(Dns::System, Dns::Server),
        ..Options::default()
    }
}

pub fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime of one thread")
        .block_on(work)
}

/// The requests that brought a password.
pub fn with_password(requests: &[Exchange]) -> Vec<&Exchange> {
    let carries = |exchange: &&Exchange| exchange.header("authorization").is_some();
    requests.iter().filter(carries).collect()
}
