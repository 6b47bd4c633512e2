//! A session with a real keyring: gnome-keyring on a D-Bus of its own, without any display.

use std::fs;
use std::io::Write as _;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Once;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::install::install;

/// A session bus, perhaps with a keyring on it; dropping it ends both.
pub struct Session {
    room: TempDir,
    /// The keyring first, so that it ends before its bus.
    children: Vec<Child>,
}

/// No service can be started by asking for it: what is on this bus was put there.
const BUS: &str = r#"<busconfig>
  <type>session</type>
  <listen>unix:path=SOCKET</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

const SECRETS: &str = "org.freedesktop.secrets";

impl Session {
    /// A bus with an open, empty keyring.
    pub fn with_keyring() -> Session {
        let mut session = Session::with_bus();
        session.start_keyring();
        session
    }

    /// A bus with nothing on it.
    pub fn with_bus() -> Session {
        static INSTALLED: Once = Once::new();
        INSTALLED.call_once(|| install(&["keyring"]));
        let mut session = Session {
            room: tempfile::tempdir().expect("a temporary directory"),
            children: Vec::new(),
        };
        let socket = session.socket();
        let config = session.room.path().join("bus.conf");
        let text = BUS.replace("SOCKET", &socket.to_string_lossy());
        fs::write(&config, text).expect("a new file");
        let config = format!("--config-file={}", config.display());
        session.start(&["dbus-daemon", "--nofork", &config], b"");
        session.wait_until("the bus listens", |session| session.socket().exists());
        session
    }

    /// A place that takes connections and never says a word.
    pub fn with_silent_bus() -> (Session, UnixListener) {
        let session = Session {
            room: tempfile::tempdir().expect("a temporary directory"),
            children: Vec::new(),
        };
        let listener = UnixListener::bind(session.socket()).expect("a new socket");
        (session, listener)
    }

    pub fn start_keyring(&mut self) {
        // An empty input would make no keyring at all: its password is this line.
        let words = [
            "gnome-keyring-daemon",
            "--foreground",
            "--unlock",
            "--components=secrets",
        ];
        self.start(&words, b"\n");
        self.wait_until("the keyring is there and open", |session| {
            let alias = ["ReadAlias", "string:default"];
            session
                .ask(&alias)
                .is_some_and(|reply| reply.contains("collection/login"))
        });
    }

    /// Locks the keyring, as a desktop does that is left alone.
    pub fn lock(&self) {
        let words = [
            "Lock",
            "array:objpath:/org/freedesktop/secrets/collection/login",
        ];
        assert!(self.ask(&words).is_some(), "the keyring can be locked");
    }

    /// Writes down every message that goes over the bus from now on.
    pub fn listen(&mut self) -> PathBuf {
        let heard = self.room.path().join("heard");
        let words = format!(
            "exec dbus-monitor --address '{}' --pcap >heard",
            self.address()
        );
        self.start(&["sh", "-c", &words], b"");
        // It has begun when it has written that it has.
        self.wait_until("it listens", |session| {
            fs::metadata(session.room.path().join("heard")).is_ok_and(|found| found.len() > 0)
        });
        heard
    }

    /// The address of the bus, as `DBUS_SESSION_BUS_ADDRESS` has it.
    pub fn address(&self) -> String {
        format!("unix:path={}", self.socket().display())
    }

    /// What the keyring has written to the disk.
    pub fn files(&self) -> Vec<PathBuf> {
        let folder = self.room.path().join("data/keyrings");
        let files = fs::read_dir(folder).into_iter().flatten();
        files.map(|file| file.expect("a file").path()).collect()
    }

    /// Ends the keyring and leaves the bus.
    pub fn stop_keyring(&mut self) {
        end(self.children.remove(0));
    }

    fn socket(&self) -> PathBuf {
        self.room.path().join("bus")
    }

    fn start(&mut self, words: &[&str], input: &[u8]) {
        // Killed with this process, also when the test is.
        let mut child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--"])
            .args(words)
            .current_dir(self.room.path())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.room.path())
            .env("XDG_DATA_HOME", self.room.path().join("data"))
            .env("XDG_RUNTIME_DIR", self.room.path())
            .env("DBUS_SESSION_BUS_ADDRESS", self.address())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("setpriv is there");
        let mut stdin = child.stdin.take().expect("it is piped");
        stdin.write_all(input).expect("it listens");
        drop(stdin);
        self.children.insert(0, child);
    }

    /// Asks the keyring's service; `None` where it is not there or says no.
    fn ask(&self, words: &[&str]) -> Option<String> {
        let output = Command::new("dbus-send")
            .arg(format!("--bus={}", self.address()))
            .args(["--print-reply", "--reply-timeout=5000"])
            .arg(format!("--dest={SECRETS}"))
            .arg("/org/freedesktop/secrets")
            .arg(format!("org.freedesktop.Secret.Service.{}", words[0]))
            .args(&words[1..])
            .output()
            .expect("dbus-send is there");
        let reply = String::from_utf8_lossy(&output.stdout).into_owned();
        output.status.success().then_some(reply)
    }

    fn wait_until(&mut self, what: &str, is_so: impl Fn(&Session) -> bool) {
        let start = Instant::now();
        while !is_so(self) {
            let ended = self.children[0].try_wait().expect("it is a child");
            assert!(ended.is_none(), "it ended before {what}: {ended:?}");
            assert!(start.elapsed() < Duration::from_secs(30), "never: {what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        for child in self.children.drain(..) {
            end(child);
        }
    }
}

fn end(mut child: Child) {
    let _ = child.kill();
    let _ = child.wait();
}
