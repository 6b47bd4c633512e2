//! The real program in a network of its own: an e-mail address, a DNS server, https on port 443.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::dnsmasq::{Dnsmasq, path, srv};
use super::place::{PASSWORD, server, with_password};
use super::tls::{Certificates, Front};

/// Set where the test runs a second time, inside.
const INSIDE: &str = "CARDWEAVE_TEST_INSIDE";

#[test]
fn an_email_address_is_enough_for_the_real_program() {
    if std::env::var_os(INSIDE).is_some() {
        return inside();
    }
    let resolver = tempfile::NamedTempFile::new().unwrap();
    fs::write(resolver.path(), "nameserver 127.0.0.1\n").unwrap();
    // Without root a user namespace gives what is needed.
    let flags = match rustix::process::geteuid().is_root() {
        true => "-mn",
        false => "-mnr",
    };
    let script = "ip link set lo up && mount --bind \"$1\" /etc/resolv.conf && exec \"$2\" --exact \
                  --nocapture end_to_end::an_email_address_is_enough_for_the_real_program";
    let ran = Command::new("unshare")
        .args([flags, "sh", "-c", script, "sh"])
        .arg(resolver.path())
        .arg(std::env::current_exe().unwrap())
        .env(INSIDE, "1")
        .output()
        .expect("unshare can be run");
    let said = [ran.stdout, ran.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(ran.status.success(), "{said}");
    eprintln!("{said}");
    assert!(said.contains("1 passed"), "{said}");
}

fn inside() {
    let server = server();
    let front = Front::at(443, &server, "key.pem");
    let _dns = Dnsmasq::start_at(
        53,
        &[
            srv("dav.example.test", 443, 0, 1),
            path("/principal/"),
            "--host-record=dav.example.test,127.0.0.1".to_owned(),
            "--host-record=known.test,127.0.0.1".to_owned(),
            "--host-record=pinned.test,127.0.0.1".to_owned(),
        ],
    );

    // The DNS names a host that nobody has agreed to.
    let (code, _, stderr) = discover("anna@example.test", &[]);
    assert_eq!(code, 1, "{stderr}");
    for words in ["dav.example.test", "cardweave login", "trusted-hosts"] {
        assert!(stderr.contains(words), "{stderr}");
    }
    assert_eq!((server.requests(), front.requests()), (vec![], 0));

    let (code, stdout, stderr) = discover("anna@example.test", &["--trust", "dav.example.test"]);
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(
        stdout.contains("https://dav.example.test/books/people/"),
        "{stdout}"
    );
    assert!(stdout.contains("DNS"), "{stdout}");
    eprintln!("{stdout}");

    // No record; the well-known address of the domain itself leads on.
    server.take_requests();
    let (code, stdout, stderr) = discover("anna@known.test", &["--json"]);
    assert_eq!(code, 0, "{stdout}{stderr}");
    let report: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(report["found_by"], "well-known");
    assert_eq!(
        report["books"][0]["url"],
        "https://known.test/books/people/"
    );
    assert_eq!(report["books"][0]["name"], "People");
    let requests = server.take_requests();
    assert_eq!(requests[0].header("authorization"), None);
    assert!(!with_password(&requests).is_empty());

    // Without the authority the certificate is shown, and pinning it is enough.
    let fingerprint = Certificates::get().fingerprint();
    let (code, _, stderr) = cardweave(&["discover", "anna@pinned.test", "--password-env", "PW"]);
    assert_eq!(code, 1, "{stderr}");
    assert!(stderr.contains(&fingerprint), "{stderr}");
    assert_eq!(server.requests(), []);
    let pin = ["--pinned-certificate", &fingerprint];
    let words = ["discover", "anna@pinned.test", "--password-env", "PW"];
    let (code, stdout, stderr) = cardweave(&[&words[..], &pin].concat());
    assert_eq!(code, 0, "{stdout}{stderr}");

    // A wrong password is shown once.
    server.take_requests();
    let words = ["discover", "bert@known.test", "--password-env", "PW"];
    let ca = Certificates::get().file("ca.pem");
    let ca = ["--ca-file", ca.to_str().unwrap()];
    let (code, _, stderr) = cardweave(&[&words[..], &ca].concat());
    assert_eq!(code, 1, "{stderr}");
    assert_eq!(with_password(&server.requests()).len(), 1, "{stderr}");
    assert!(!stderr.contains(PASSWORD), "{stderr}");
}

/// `discover` with the authority named, as: exit code, stdout, stderr.
fn discover(address: &str, more: &[&str]) -> (i32, String, String) {
    let ca = Certificates::get().file("ca.pem");
    let words = ["discover", address, "--password-env", "PW", "--ca-file"];
    cardweave(&[&words[..], &[ca.to_str().unwrap()], more].concat())
}

fn cardweave(words: &[&str]) -> (i32, String, String) {
    let home = tempfile::tempdir().unwrap();
    let ran = Command::new(Path::new(env!("CARGO_BIN_EXE_cardweave")))
        .args(words)
        .env_clear()
        .env("HOME", home.path())
        .env("PW", PASSWORD)
        .stdin(std::process::Stdio::null())
        .output()
        .expect("the program can be run");
    (
        ran.status.code().unwrap_or(-1),
        String::from_utf8_lossy(&ran.stdout).into_owned(),
        String::from_utf8_lossy(&ran.stderr).into_owned(),
    )
}
