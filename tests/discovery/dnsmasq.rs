//! A real DNS server (dnsmasq) on loopback, with the records of one test.

use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::install::install;

/// A running server; dropping it ends it.
pub struct Dnsmasq {
    child: Child,
    pub address: SocketAddr,
    folder: TempDir,
}

/// The service that is looked for.
pub const SERVICE: &str = "_carddavs._tcp.example.test";

impl Dnsmasq {
    /// Starts one on a free port with these records (`--srv-host=...`).
    ///
    /// # Panics
    /// It does not start: no server, no pass.
    pub fn start(records: &[String]) -> Dnsmasq {
        // Between finding a free port and using it another test may take it.
        let mut tries = (0..5).map(|_| Self::attempt(free_port(), records));
        let started = tries.find_map(Result::ok);
        started.unwrap_or_else(|| Self::start_at(free_port(), records))
    }

    /// The same at this port.
    pub fn start_at(port: u16, records: &[String]) -> Dnsmasq {
        Self::attempt(port, records).unwrap_or_else(|why| panic!("{why}"))
    }

    fn attempt(port: u16, records: &[String]) -> Result<Dnsmasq, String> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut dns = Dnsmasq {
            child: Command::new(program())
                .arg("--keep-in-foreground")
                // Whatever stands in the files of this machine is none of a test's business.
                .args([
                    "--conf-file=/dev/null",
                    "--no-resolv",
                    "--no-hosts",
                    "--no-poll",
                ])
                .args([
                    "--listen-address=127.0.0.1",
                    "--bind-interfaces",
                    "--pid-file=",
                ])
                .args([
                    "--user=root",
                    "--log-queries",
                    "--local=/test/",
                    "--local=/invalid/",
                ])
                .arg(format!("--port={port}"))
                .arg(format!(
                    "--log-facility={}",
                    folder.path().join("log").display()
                ))
                .args(records)
                .stdin(Stdio::null())
                .spawn()
                .expect("dnsmasq can be run"),
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            folder,
        };
        let answered = dns.wait();
        answered.map(|()| dns)
    }

    /// Every question that was asked for a name, as `query[SRV] NAME`.
    pub fn questions(&self) -> Vec<String> {
        let log = self.log();
        let lines = log.lines().filter_map(|line| line.split_once("query["));
        let questions = lines.filter_map(|(_, question)| question.split_once(" from "));
        questions
            .map(|(question, _)| format!("query[{question}"))
            // That is how it was asked whether it is there.
            .filter(|question| question != "query[NS] .")
            .collect()
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Asks until there is an answer.
    fn wait(&mut self) -> Result<(), String> {
        // A question for the root: id 0, one question, the empty name, type NS, class IN.
        let question = [0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1];
        let socket = UdpSocket::bind("127.0.0.1:0").expect("loopback has a free port");
        let patience = Some(Duration::from_millis(50));
        socket.set_read_timeout(patience).expect("a time limit");
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(20) {
            let asked = socket.send_to(&question, self.address);
            if asked.is_ok() && socket.recv(&mut [0; 512]).is_ok() {
                return Ok(());
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("dnsmasq ended with {status}:\n{}", self.log()));
            }
        }
        Err(format!("dnsmasq did not answer:\n{}", self.log()))
    }
}

impl Drop for Dnsmasq {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that is free for UDP and TCP, both of which a DNS server takes.
fn free_port() -> u16 {
    let mut ports = (0..100).filter_map(|_| {
        let listener = TcpListener::bind("127.0.0.1:0").ok()?;
        let address = listener.local_addr().ok()?;
        UdpSocket::bind(address).ok().map(|_| address.port())
    });
    ports.next().expect("loopback has a free port")
}

/// An SRV record of [`SERVICE`].
pub fn srv(host: &str, port: u16, priority: u16, weight: u16) -> String {
    format!("--srv-host={SERVICE},{host},{port},{priority},{weight}")
}

/// The TXT record of [`SERVICE`].
pub fn path(path: &str) -> String {
    format!("--txt-record={SERVICE},path={path}")
}

/// Debian keeps it where a user's PATH may not lead; the script installs it where it is missing.
fn program() -> PathBuf {
    let found = || {
        let mut places = ["/usr/sbin/dnsmasq", "/usr/local/sbin/dnsmasq"].into_iter();
        places.find(|place| Path::new(place).exists())
    };
    if found().is_none() {
        install(&["dnsmasq"]);
    }
    found().expect("dnsmasq was installed").into()
}
