//! A small OAuth server on loopback: authorisation codes with PKCE, codes for devices, refresh with rotation.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use cardweave::demo::server::{Answer, Books, Mischief, Request, Response};
use sha2::{Digest as _, Sha256};
use url::Url;

/// All tokens and codes begin with one of these, so that a search finds every one of them.
pub const TRACES: [&str; 4] = ["acc-tok-", "ref-tok-", "auth-code-", "dev-code-"];

pub const CLIENT: &str = "client-of-the-test";
/// Worth escaping in a form (RFC 6749 section 2.3.1).
pub const CLIENT_SECRET: &str = "Zq7-sec:ret +&%-Xk9";

type Parameters = BTreeMap<String, String>;

/// A running server; it ends with the test.
pub struct OAuth {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

/// What the server knows, what it will do, and what it did.
#[derive(Default)]
pub struct State {
    issued: usize,
    /// Code to challenge and redirect.
    codes: BTreeMap<String, (String, String)>,
    refresh_token: Option<String>,
    /// Access tokens, and how many requests each is still good for.
    access: BTreeMap<String, usize>,

    /// How many requests the next access tokens live; all behind them for ever.
    pub lives: VecDeque<usize>,
    /// The person says no.
    pub declines: bool,
    /// What a device is answered before it gets its tokens.
    pub device: VecDeque<&'static str>,
    /// The tokens are given out somewhere else, says the server with 307.
    pub moved: Option<String>,
    /// The contacts' server takes no token.
    pub takes_none: bool,

    pub refreshes: usize,
    pub exchanges: usize,
    /// When a device asked.
    pub polls: Vec<Instant>,
    /// Every refresh token that ever was current.
    pub refresh_tokens: BTreeSet<String>,
    pub scopes: Option<String>,
}

impl OAuth {
    pub fn start() -> OAuth {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let address = listener.local_addr().expect("it is bound");
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                thread::spawn(move || serve(connection, &shared));
            }
        });
        OAuth { address, state }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What the config says of it.
    pub fn table(&self) -> String {
        format!(
            "{{ authorize-url = \"{}\", token-url = \"{}\", device-url = \"{}\", \
             scopes = [\"contacts\", \"offline_access\"], client-id = \"{CLIENT}\", \
             client-secret = {{ file = \"client-secret\" }} }}",
            self.url("/authorize?tenant=1"),
            self.url("/token"),
            self.url("/device")
        )
    }

    /// Stands before the contacts' server and lets in whoever has a token that is alive.
    pub fn guard(&self, username: &str, password: &str) -> Box<dyn Mischief> {
        let pair = BASE64_STANDARD.encode(format!("{username}:{password}"));
        Box::new(Guard {
            state: Arc::clone(&self.state),
            inside: format!("Basic {pair}"),
        })
    }

    /// The person takes back what they allowed.
    pub fn revoke(&self) {
        let mut state = self.state();
        state.refresh_token = None;
        state.access.clear();
    }
}

struct Guard {
    state: Arc<Mutex<State>>,
    inside: String,
}

impl Mischief for Guard {
    fn before(&mut self, request: &mut Request, _books: &mut Books) -> Option<Answer> {
        let mut state = lock(&self.state);
        let token = request.header("Authorization").unwrap_or_default();
        let token = token.strip_prefix("Bearer ").unwrap_or_default().to_owned();
        let takes_none = state.takes_none;
        match state.access.get_mut(&token) {
            Some(left) if *left > 0 && !takes_none => *left -= 1,
            _ => {
                let challenge = "Bearer realm=\"contacts\", error=\"invalid_token\"";
                let refusal = Response::empty(401).with("WWW-Authenticate", challenge);
                return Some(Answer::Response(refusal));
            }
        }
        for (name, value) in &mut request.headers {
            if name.eq_ignore_ascii_case("authorization") {
                value.clone_from(&self.inside);
            }
        }
        None
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(mut connection: TcpStream, state: &Mutex<State>) {
    let Some((target, head, body)) = read(&mut connection) else {
        return;
    };
    let url = Url::parse(&format!("http://server{target}")).expect("a target");
    let answer = match url.path() {
        "/authorize" => authorize(
            &mut lock(state),
            &parameters(url.query().unwrap_or_default()),
        ),
        "/token" => token(&mut lock(state), &head, &parameters(&body)),
        "/device" => device(&mut lock(state), &head, &parameters(&body)),
        _ => answer(404, "text/plain", "", "nothing here"),
    };
    let _ = connection.write_all(answer.as_bytes());
}

/// Target, head and body of one request.
fn read(connection: &mut TcpStream) -> Option<(String, String, String)> {
    let timeout = Some(Duration::from_secs(20));
    connection.set_read_timeout(timeout).expect("a time limit");
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                let is_length = name.eq_ignore_ascii_case("content-length");
                is_length.then(|| value.trim().parse::<usize>().ok())?
            });
            if body.len() >= length.unwrap_or(0) {
                let target = head.split(' ').nth(1)?.to_owned();
                return Some((target, head.to_owned(), body.to_owned()));
            }
        }
        match connection.read(&mut part) {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&part[..count]),
        }
    }
}

fn parameters(query: &str) -> Parameters {
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.into_owned().collect()
}

fn answer(status: u16, kind: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} Said\r\nContent-Type: {kind}\r\n{headers}Content-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )
}

fn json(status: u16, body: &serde_json::Value) -> String {
    answer(status, "application/json", "", &body.to_string())
}

fn refuse(status: u16, error: &str) -> String {
    json(status, &serde_json::json!({ "error": error }))
}

/// The page on which the person signs in and says yes or no; here they have decided already.
fn authorize(state: &mut State, asked: &Parameters) -> String {
    let get = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
    let redirect = get("redirect_uri");
    let is_right = get("response_type") == "code"
        && get("client_id") == CLIENT
        && get("tenant") == "1"
        && get("code_challenge_method") == "S256"
        && get("code_challenge").len() >= 43
        && get("state").len() >= 16
        && redirect.starts_with("http://127.0.0.1:");
    if !is_right {
        return answer(
            400,
            "text/plain",
            "",
            "this is no request of OAuth with PKCE",
        );
    }
    state.scopes = Some(get("scope").to_owned());
    let mut back = Url::parse(redirect).expect("a URL");
    if state.declines {
        back.query_pairs_mut().append_pair("error", "access_denied");
    } else {
        let code = state.next("auth-code-");
        let kept = (get("code_challenge").to_owned(), redirect.to_owned());
        state.codes.insert(code.clone(), kept);
        back.query_pairs_mut().append_pair("code", &code);
    }
    back.query_pairs_mut().append_pair("state", get("state"));
    answer(302, "text/plain", &format!("Location: {back}\r\n"), "")
}

fn token(state: &mut State, head: &str, asked: &Parameters) -> String {
    if let Some(elsewhere) = &state.moved {
        return answer(307, "text/plain", &format!("Location: {elsewhere}\r\n"), "");
    }
    if !is_our_client(head) {
        return refuse(401, "invalid_client");
    }
    let get = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
    match get("grant_type") {
        "authorization_code" => {
            state.exchanges += 1;
            // A code is good for one question, whatever the answer.
            let Some((challenge, redirect)) = state.codes.remove(get("code")) else {
                return refuse(400, "invalid_grant");
            };
            let proof = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(get("code_verifier")));
            if proof != challenge || redirect != get("redirect_uri") {
                return refuse(400, "invalid_grant");
            }
            state.give()
        }
        "refresh_token" => {
            state.refreshes += 1;
            if state.refresh_token.as_deref() != Some(get("refresh_token")) {
                return refuse(400, "invalid_grant");
            }
            state.give()
        }
        "urn:ietf:params:oauth:grant-type:device_code" => {
            state.polls.push(Instant::now());
            match state.device.pop_front() {
                Some(error) => refuse(400, error),
                None if get("device_code").starts_with("dev-code-") => state.give(),
                None => refuse(400, "invalid_grant"),
            }
        }
        _ => refuse(400, "unsupported_grant_type"),
    }
}

fn device(state: &mut State, head: &str, asked: &Parameters) -> String {
    if !is_our_client(head) {
        return refuse(401, "invalid_client");
    }
    state.scopes = asked.get("scope").cloned();
    let code = state.next("dev-code-");
    let body = serde_json::json!({
        "device_code": code,
        "user_code": "WDJB-MJHT",
        "verification_uri": "https://login.example/device",
        "expires_in": 600,
        "interval": 1,
    });
    json(200, &body)
}

fn is_our_client(head: &str) -> bool {
    let encode =
        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encode(CLIENT), encode(CLIENT_SECRET));
    let expected = format!("basic {}", BASE64_STANDARD.encode(pair));
    head.lines().any(|line| {
        let (name, value) = line.split_once(": ").unwrap_or_default();
        name.eq_ignore_ascii_case("authorization") && value.eq_ignore_ascii_case(&expected)
    })
}

impl State {
    fn next(&mut self, kind: &str) -> String {
        self.issued += 1;
        // Long enough to be found by chance nowhere else.
        let digest = Sha256::digest(format!("{kind}{}", self.issued));
        format!("{kind}{}", BASE64_URL_SAFE_NO_PAD.encode(digest))
    }

    /// New tokens; the refresh token before is worth nothing any more.
    fn give(&mut self) -> String {
        let (access, refresh) = (self.next("acc-tok-"), self.next("ref-tok-"));
        let life = self.lives.pop_front().unwrap_or(usize::MAX);
        self.access.insert(access.clone(), life);
        self.refresh_tokens.insert(refresh.clone());
        self.refresh_token = Some(refresh.clone());
        let body = serde_json::json!({
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": 3600,
            "refresh_token": refresh,
        });
        json(200, &body)
    }
}
