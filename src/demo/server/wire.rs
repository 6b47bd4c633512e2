//! The server's life on loopback: a thread per connection, each request answered and logged.
//!
//! Threads and plain sockets, because a server that shall also be able to stall, drip and break
//! off in the middle is simplest where each connection may sleep by itself.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::book::Books;
use super::framing::{frame, read_request};
use super::handle::handle;
use super::message::{Request, Response};

/// A running server; dropping it ends it and every connection.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// What a request asked and how it was answered. The Authorization header says only that it was there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// `None`: no whole answer was sent.
    pub status: Option<u16>,
}

/// Comes between the wire and the honest handler. The default of both is honesty.
pub trait Mischief: Send {
    /// Before the handler: may change the request and the books, or answer in the handler's place.
    fn before(&mut self, _request: &mut Request, _books: &mut Books) -> Option<Answer> {
        None
    }

    /// After the handler: may change the answer, or break it.
    fn after(&mut self, _request: &Request, _books: &mut Books, response: Response) -> Answer {
        Answer::Response(response)
    }
}

/// What goes to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Response(Response),
    /// These steps instead of a framed answer; the connection ends after the last.
    Steps(Vec<Step>),
}

/// One step of an answer that is sent by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Send(Vec<u8>),
    Wait(Duration),
    /// Sends the same bytes again and again, as long as the client takes them.
    Repeat(Vec<u8>),
    /// Neither sends nor closes.
    Hang,
    /// Ends the connection with a reset instead of an orderly close.
    Reset,
}

struct Shared {
    state: Mutex<State>,
    stopping: AtomicBool,
}

struct State {
    books: Books,
    mischief: Option<Box<dyn Mischief>>,
    log: Vec<Exchange>,
    /// The open connections, to be shut down with the server.
    connections: BTreeMap<u64, TcpStream>,
    accepted: u64,
}

impl Server {
    /// Starts an honest server on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// When the system gives no socket or no thread.
    pub fn start(books: Books) -> io::Result<Server> {
        Self::launch(books, None)
    }

    /// Starts a server that misbehaves.
    ///
    /// # Errors
    /// When the system gives no socket or no thread.
    pub fn start_with(books: Books, mischief: impl Mischief + 'static) -> io::Result<Server> {
        Self::launch(books, Some(Box::new(mischief)))
    }

    fn launch(books: Books, mischief: Option<Box<dyn Mischief>>) -> io::Result<Server> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let state = State {
            books,
            mischief,
            log: Vec::new(),
            connections: BTreeMap::new(),
            accepted: 0,
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            stopping: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&shared);
        thread::Builder::new()
            .name("carddav-accept".into())
            .spawn(move || accept(&listener, &accepting))?;
        Ok(Server { address, shared })
    }

    /// Where it listens: `http://127.0.0.1:PORT/`, the place to start a discovery from.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// The URL of one of its books.
    pub fn book_url(&self, name: &str) -> String {
        let href = super::Place::Book(name.to_owned()).href();
        format!("http://{}{href}", self.address)
    }

    /// All requests so far, oldest first.
    pub fn requests(&self) -> Vec<Exchange> {
        self.shared.state().log.clone()
    }

    /// Hands out the log and begins a new one.
    pub fn take_requests(&self) -> Vec<Exchange> {
        std::mem::take(&mut self.shared.state().log)
    }

    /// From now on another mischief, or with `None` honesty.
    pub fn set_mischief(&self, mischief: Option<Box<dyn Mischief>>) {
        self.shared.state().mischief = mischief;
    }

    /// Looks at the books, or edits them behind everybody's back.
    pub fn with_books<T>(&self, look: impl FnOnce(&mut Books) -> T) -> T {
        look(&mut self.shared.state().books)
    }

    /// All that an href ever held, oldest first; `None` where it was deleted.
    pub fn versions(&self, href: &str) -> Vec<Option<Vec<u8>>> {
        self.shared.state().books.versions(href).to_vec()
    }

    /// Stores a card as another client would have done it, unchecked. The new ETag, or `None`
    /// where the href lies in no book.
    pub fn put_behind(&self, href: &str, body: &[u8]) -> Option<String> {
        self.shared.state().books.put(href, body)
    }

    /// Deletes a card as another client would have done it. Whether it was there.
    pub fn delete_behind(&self, href: &str) -> bool {
        self.shared.state().books.delete(href)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        // The accepting thread waits for a connection, so it gets one.
        drop(TcpStream::connect(self.address));
        for connection in self.shared.state().connections.values() {
            // An error means that it has ended already.
            let _ = connection.shutdown(Shutdown::Both);
        }
    }
}

impl Shared {
    /// A test's mischief may panic; the server goes on for everybody else, so poison is ignored.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for connection in listener.incoming() {
        if shared.is_stopping() {
            return;
        }
        let Ok(connection) = connection else { continue };
        let serving = Arc::clone(shared);
        // Without a thread the connection is dropped, which the client sees.
        let _ = thread::Builder::new()
            .name("carddav-connection".into())
            .spawn(move || {
                let Ok(_open) = Open::register(&connection, &serving) else {
                    return;
                };
                // An error here is the client's leaving, and it knows.
                let _ = serve(connection, &serving);
            });
    }
}

/// A connection's place in the list of the open ones, given up also when its thread panics:
/// the list holds a handle of the socket, and the client would wait for its end for ever.
struct Open<'a> {
    shared: &'a Shared,
    number: u64,
}

impl<'a> Open<'a> {
    fn register(connection: &TcpStream, shared: &'a Shared) -> io::Result<Self> {
        let twin = connection.try_clone()?;
        let mut state = shared.state();
        // Whoever comes after the list was shut down would not be ended by it.
        if shared.is_stopping() {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        state.accepted += 1;
        let number = state.accepted;
        state.connections.insert(number, twin);
        Ok(Self { shared, number })
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.shared.state().connections.remove(&self.number);
    }
}

/// Answers the requests of one connection until either side ends it.
fn serve(mut connection: TcpStream, shared: &Shared) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut buffer = Vec::new();
    while let Some((mut request, stays)) = read_request(&mut connection, &mut buffer)? {
        if shared.is_stopping() {
            return Ok(());
        }
        let is_head = request.method == "HEAD";
        let answer = answer(shared, &mut request);
        match answer {
            Answer::Response(response) => {
                connection.write_all(&frame(&response, is_head, stays))?;
                if !stays {
                    return Ok(());
                }
            }
            Answer::Steps(steps) => return perform(&mut connection, steps, shared),
        }
    }
    Ok(())
}

/// Decides under one lock, so that requests that come together are answered one after the other.
fn answer(shared: &Shared, request: &mut Request) -> Answer {
    let mut state = shared.state();
    let State {
        books,
        mischief,
        log,
        ..
    } = &mut *state;
    let mut exchange = Exchange::of(request);
    let answer = match mischief {
        None => Answer::Response(handle(books, request)),
        Some(mischief) => match mischief.before(request, books) {
            Some(answer) => answer,
            None => {
                let response = handle(books, request);
                mischief.after(request, books, response)
            }
        },
    };
    if let Answer::Response(response) = &answer {
        exchange.status = Some(response.status);
    }
    log.push(exchange);
    answer
}

impl Exchange {
    fn of(request: &Request) -> Self {
        let shown = |(name, value): &(String, String)| {
            let is_secret = name.eq_ignore_ascii_case("authorization");
            (
                name.clone(),
                if is_secret {
                    "(hidden)".to_owned()
                } else {
                    value.clone()
                },
            )
        };
        Self {
            method: request.method.clone(),
            path: request.path.clone(),
            headers: request.headers.iter().map(shown).collect(),
            body: request.body.clone(),
            status: None,
        }
    }

    /// The value of a header, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(had, _)| had.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

fn perform(connection: &mut TcpStream, steps: Vec<Step>, shared: &Shared) -> io::Result<()> {
    for step in steps {
        match step {
            Step::Send(bytes) => connection.write_all(&bytes)?,
            Step::Wait(duration) => wait(duration, connection, shared),
            Step::Repeat(bytes) => {
                while !shared.is_stopping() {
                    connection.write_all(&bytes)?;
                }
            }
            Step::Hang => wait(Duration::MAX, connection, shared),
            Step::Reset => return reset(connection),
        }
    }
    Ok(())
}

/// Waits in short naps, so that neither the server's end nor the client's leaving is slept through.
fn wait(duration: Duration, connection: &TcpStream, shared: &Shared) {
    let start = Instant::now();
    let has_left = || {
        let mut byte = [0];
        matches!(connection.peek(&mut byte), Ok(0))
    };
    // Without it the look for an end would itself wait.
    let _ = connection.set_nonblocking(true);
    while start.elapsed() < duration && !shared.is_stopping() && !has_left() {
        thread::sleep(Duration::from_millis(5).min(duration));
    }
    let _ = connection.set_nonblocking(false);
}

/// Closes with unsent data dropped, which the client sees as a reset.
fn reset(connection: &TcpStream) -> io::Result<()> {
    rustix::net::sockopt::set_socket_linger(connection, Some(Duration::ZERO))?;
    Ok(())
}
