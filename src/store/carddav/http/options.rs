//! How much of a server's slowness and length is borne, whom to ask in the DNS, and who is told of the progress.

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

/// Limits for a server that is slow, endless or stuck.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub connect: Duration,
    /// The longest silence: before the answer begins, and between two parts of it.
    pub idle: Duration,
    /// One request with its whole answer.
    pub whole: Duration,
    /// The longest answer, unpacked, in bytes.
    pub response_bytes: usize,
    /// What a run waits in total because the server asks for it (429, 503).
    pub patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(30),
            whole: Duration::from_secs(300),
            response_bytes: 64 << 20,
            patience: Duration::from_secs(60),
        }
    }
}

/// How far a store has come, for a progress bar. All counts since it was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    pub requests: u64,
    /// Received, unpacked.
    pub bytes: u64,
}

/// Who is asked where a domain's address books are (RFC 6764).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Dns {
    /// The servers that the system is set to.
    #[default]
    System,
    Server(SocketAddr),
}

/// What a store is opened with beside its account.
#[derive(Clone, Default)]
pub struct Options {
    pub limits: Limits,
    pub dns: Dns,
    /// Called whenever one of the counts moves; must be quick.
    pub progress: Option<Rc<dyn Fn(Progress)>>,
}
