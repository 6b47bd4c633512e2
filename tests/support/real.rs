//! Real CardDAV servers, started for one test each by the scripts in `tests/servers`.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::client::Client;

/// Which server, in the version that the scripts pin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It has a second user too, [`READER`], who may read everything and write nothing.
    Radicale,
    /// The same over TLS, with a certificate of an authority that nobody knows ([`Real::ca_file`]),
    /// and for clients that show one too ([`Real::client_certificate`]).
    RadicaleTls,
    Xandikos,
    Cyrus,
    /// sabre/dav 1.8 with Basic.
    Sabre,
    /// The same with Digest alone.
    SabreDigest,
}

/// A running server of one user with one empty address book; dropping it ends it.
pub struct Real {
    pub kind: Kind,
    /// Where a discovery starts.
    pub url: String,
    /// The address book, with a slash at the end.
    pub book_url: String,
    pub username: &'static str,
    pub password: &'static str,
    child: Child,
    /// The script lives as long as this is open, also when the test is killed.
    stdin: Option<ChildStdin>,
    folder: TempDir,
}

/// Who may only read on [`Kind::Radicale`], with the same password.
pub const READER: &str = "reader";

/// Long enough for an installation on a fresh machine.
const START_SECONDS: u64 = 400;

impl Kind {
    fn script(self) -> PathBuf {
        let name = match self {
            Kind::Radicale | Kind::RadicaleTls => "radicale.sh",
            Kind::Xandikos => "xandikos.sh",
            Kind::Cyrus => "cyrus.sh",
            Kind::Sabre | Kind::SabreDigest => "sabre.sh",
        };
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/servers")
            .join(name)
    }
}

/// Starts a server on a free port; installs it first where it is missing.
///
/// A server that does not start fails the test with the end of its log: no server, no pass.
pub fn start(kind: Kind) -> Real {
    // Between finding a free port and using it another test may take it, so there is a second try.
    attempt(kind)
        .or_else(|_| attempt(kind))
        .unwrap_or_else(|log| panic!("{kind:?} did not start:\n{log}"))
}

fn attempt(kind: Kind) -> Result<Real, String> {
    let folder = temporary_folder();
    let port = TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("loopback has a free port")
        .port();
    let mut child = Command::new(kind.script())
        .arg(port.to_string())
        .arg(folder.path())
        .env(
            "SABRE_AUTH",
            if kind == Kind::SabreDigest {
                "digest"
            } else {
                "basic"
            },
        )
        .env(
            "RADICALE_TLS",
            if kind == Kind::RadicaleTls {
                "True"
            } else {
                "False"
            },
        )
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .process_group(0)
        .spawn()
        .expect("the script can be run");
    let stdin = child.stdin.take();
    let stdout = child.stdout.take().expect("it was piped");
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = BufReader::new(stdout).read_line(&mut line);
        // Nobody listens any more when the wait was given up.
        let _ = sender.send(read.map(|_| line));
    });
    let line = receiver.recv_timeout(Duration::from_secs(START_SECONDS));
    let mut real = Real {
        kind,
        url: String::new(),
        book_url: String::new(),
        username: "alice",
        password: "secret",
        child,
        stdin,
        folder,
    };
    let line = line.ok().and_then(Result::ok).unwrap_or_default();
    match line.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["ready", url, book_url] => {
            real.url = (*url).to_owned();
            real.book_url = (*book_url).to_owned();
            Ok(real)
        }
        _ => Err(real.log_end()),
    }
}

impl Real {
    /// A bare client of it. Not for [`Kind::RadicaleTls`].
    pub fn client(&self) -> Client {
        Client {
            digest: self.kind == Kind::SabreDigest,
            ..Client::new(&self.url, self.username, self.password)
        }
    }

    /// The certificate authority of [`Kind::RadicaleTls`], as PEM.
    pub fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// The certificate that [`Kind::RadicaleTls`] wants to be shown, with its key, as PEM.
    pub fn client_certificate(&self) -> PathBuf {
        self.folder.path().join("client.pem")
    }

    /// The path of a card of the book.
    pub fn path(&self, name: &str) -> String {
        let host = self.book_url.find("://").map_or(0, |at| at + "://".len());
        let start = self.book_url[host..]
            .find('/')
            .map_or(self.book_url.len(), |at| host + at);
        format!("{}{name}", &self.book_url[start..])
    }

    /// Stores a card as another client would that looks at nothing.
    pub fn put_behind(&self, path: &str, body: &[u8]) {
        let headers = [("Content-Type", "text/vcard; charset=utf-8")];
        let reply = self
            .client()
            .send("PUT", path, &headers, body)
            .expect("the server answers");
        assert!(
            matches!(reply.status, 200..=204),
            "PUT {path}: {} {}",
            reply.status,
            reply.text()
        );
    }

    /// Deletes a card as another client would that looks at nothing.
    pub fn delete_behind(&self, path: &str) {
        let reply = self
            .client()
            .send("DELETE", path, &[], b"")
            .expect("the server answers");
        assert!(
            matches!(reply.status, 200..=204),
            "DELETE {path}: {} {}",
            reply.status,
            reply.text()
        );
    }

    /// All that the server and its script wrote.
    pub fn log(&self) -> String {
        let log = std::fs::read(self.folder.path().join("log")).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }

    /// The last lines of that.
    fn log_end(&self) -> String {
        let text = self.log();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(10) {
            match self.child.try_wait() {
                Ok(None) => std::thread::sleep(Duration::from_millis(10)),
                _ => break,
            }
        }
        // Whoever of the group is still there did not hear, and the folder is about to go.
        if let Some(group) = i32::try_from(self.child.id())
            .ok()
            .and_then(rustix::process::Pid::from_raw)
        {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.child.wait();
    }
}

/// In memory where the machine has such a place, because these servers sync every card to the disk.
fn temporary_folder() -> TempDir {
    let mut builder = tempfile::Builder::new();
    builder.prefix("cardweave-server-");
    let folder = builder
        .tempdir_in("/dev/shm")
        .or_else(|_| builder.tempdir())
        .expect("a temporary folder");
    // Cyrus and PHP give up root and must still be able to enter.
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(folder.path(), open).expect("the folder is ours");
    folder
}
