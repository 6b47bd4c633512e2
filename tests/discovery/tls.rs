//! Certificates of an authority of their own, and a server that shows one of them.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use cardweave::demo::server::Server;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::TempDir;

/// An authority that nobody knows, and what it has signed.
pub struct Certificates {
    folder: TempDir,
}

/// Passes on what comes over TLS to a server without it.
pub struct Front {
    pub port: u16,
    connections: Arc<AtomicUsize>,
}

/// Shows a certificate whether or not the key fits to it.
#[derive(Debug)]
struct Shown(Arc<CertifiedKey>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

impl Certificates {
    /// Made once for all tests: keys take a while.
    pub fn get() -> &'static Certificates {
        static MADE: OnceLock<Certificates> = OnceLock::new();
        MADE.get_or_init(Self::make)
    }

    fn make() -> Certificates {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let names = "subjectAltName=DNS:localhost,DNS:example.test,DNS:dav.example.test,\
                     DNS:known.test,DNS:pinned.test\nbasicConstraints=critical,CA:FALSE\n\
                     extendedKeyUsage=serverAuth\n";
        fs::write(folder.path().join("leaf.ext"), names).expect("the folder is ours");
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
        for line in [
            format!("req -x509 {key} -days 30 -subj /CN=Nobody -keyout ca-key.pem -out ca.pem"),
            format!("req {key} -subj /CN=server -keyout key.pem -out leaf.csr"),
            "x509 -req -in leaf.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 30 \
             -extfile leaf.ext -out cert.pem"
                .to_owned(),
            format!(
                "req -x509 {key} -days 30 -subj /CN=other -keyout other.pem -out other-cert.pem"
            ),
        ] {
            openssl(folder.path(), &line);
        }
        Certificates { folder }
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What `openssl` says the fingerprint is, as a person would compare it.
    pub fn fingerprint(&self) -> String {
        let line = "x509 -noout -fingerprint -sha256 -in cert.pem";
        let said = openssl(self.folder.path(), line);
        let (_, digits) = said.trim().split_once('=').expect("NAME=DIGITS");
        format!("sha256:{digits}")
    }
}

fn openssl(folder: &Path, line: &str) -> String {
    let made = Command::new("openssl")
        .args(line.split_whitespace())
        .current_dir(folder)
        .output()
        .expect("openssl can be run");
    let trouble = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "openssl {line}: {trouble}");
    String::from_utf8_lossy(&made.stdout).into_owned()
}

impl Front {
    /// Before this server, with the certificate and its key.
    pub fn before(server: &Server) -> Front {
        Self::at(0, server, "key.pem")
    }

    /// At this port, with the certificate and a key that may be another one's.
    pub fn at(port: u16, server: &Server, key: &str) -> Front {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("a port on loopback");
        let port = listener.local_addr().expect("it is bound").port();
        let config = Arc::new(config(key));
        let behind = server.url();
        let behind = behind.trim_start_matches("http://").trim_matches('/');
        let behind = behind.to_owned();
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        // It ends with the process: a test has few of them.
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let (config, behind) = (Arc::clone(&config), behind.clone());
                let counted = Arc::clone(&counted);
                thread::spawn(move || pass_on(connection, config, &behind, &counted));
            }
        });
        Front { port, connections }
    }

    /// How many requests came through the handshake.
    pub fn requests(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

fn config(key: &str) -> ServerConfig {
    let certificates = Certificates::get();
    let chain =
        vec![CertificateDer::from_pem_file(certificates.file("cert.pem")).expect("a certificate")];
    let key = PrivateKeyDer::from_pem_file(certificates.file(key)).expect("a key");
    let provider = aws_lc_rs::default_provider();
    let signing = provider.key_provider.load_private_key(key).expect("a key");
    ServerConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .expect("the versions of TLS")
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Shown(Arc::new(CertifiedKey::new(chain, signing)))))
}

/// One request and its answer; the connection ends with it. A client that goes away is no news.
fn pass_on(
    client: TcpStream,
    config: Arc<ServerConfig>,
    behind: &str,
    counted: &AtomicUsize,
) -> Option<()> {
    client
        .set_read_timeout(Some(Duration::from_secs(20)))
        .ok()?;
    let mut client = StreamOwned::new(ServerConnection::new(config).ok()?, client);
    let mut request = Vec::new();
    while !is_whole(&request) {
        let mut part = [0; 4096];
        match client.read(&mut part).ok()? {
            0 => return None,
            read => request.extend_from_slice(&part[..read]),
        }
    }
    counted.fetch_add(1, Ordering::SeqCst);
    let mut server = TcpStream::connect(behind).ok()?;
    // The last of the headers that a client sends ends with a line of its own.
    let end = head_end(&request)?;
    server.write_all(&request[..end]).ok()?;
    server.write_all(b"\r\nConnection: close").ok()?;
    server.write_all(&request[end..]).ok()?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).ok()?;
    client.write_all(&answer).ok()?;
    client.conn.send_close_notify();
    client.flush().ok()
}

fn head_end(request: &[u8]) -> Option<usize> {
    request.windows(4).position(|bytes| bytes == b"\r\n\r\n")
}

fn is_whole(request: &[u8]) -> bool {
    let Some(end) = head_end(request) else {
        return false;
    };
    let head = String::from_utf8_lossy(&request[..end]).to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .map_or(0, |length| length.trim().parse().unwrap_or(0));
    request.len() >= end + 4 + length
}
