//! A crowd of invented people in a folder, and a CardDAV server, kept in step by the real binary.

use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use cardweave::demo::server::{
    Account, Answer, Books, Exchange, Mischief, Request, Response, Server,
};
use tempfile::TempDir;

const SHELF: &str = "people";

/// So many cards in a folder, and a server whose book is empty until the first run.
pub struct Crowd {
    pub server: Server,
    directory: TempDir,
    answered: Arc<AtomicUsize>,
}

/// What a run of the binary cost.
#[derive(Debug)]
pub struct Cost {
    pub requests: Vec<Exchange>,
    /// Bytes of the bodies that were sent and got.
    pub sent: usize,
    pub got: usize,
    pub took: Duration,
    /// The run's own processor time and the most memory it ever had, where GNU time is installed.
    pub own: Option<Own>,
}

#[derive(Debug, Clone, Copy)]
pub struct Own {
    pub cpu_seconds: f64,
    pub peak_kib: u64,
}

/// Counts the bytes of the answers on their way out.
struct Scales(Arc<AtomicUsize>);

impl Mischief for Scales {
    fn after(&mut self, _request: &Request, _books: &mut Books, response: Response) -> Answer {
        self.0.fetch_add(response.body.len(), Ordering::Relaxed);
        Answer::Response(response)
    }
}

/// Longer than files count as fresh.
const A_TICK: Duration = Duration::from_millis(50);

impl Crowd {
    pub fn of(people: usize) -> Crowd {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let books = Books::new(Account::new("anna", "secret")).with_book(SHELF, "People");
        let answered = Arc::<AtomicUsize>::default();
        let server = Server::start_with(books, Scales(Arc::clone(&answered)))
            .expect("loopback has a free port");
        let crowd = Crowd {
            server,
            directory,
            answered,
        };
        fs::create_dir(crowd.folder()).expect("the directory is ours");
        for person in 0..people {
            crowd.write(person, &card(person));
        }
        // A file that is listed in the tick of the clock in which it was written is read once more,
        // because a second edit in that tick would not show.
        std::thread::sleep(A_TICK);
        write_private(&crowd.path().join("password"), "secret\n");
        write_private(
            &crowd.path().join("config.toml"),
            &config(&crowd.server.url()),
        );
        crowd
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    pub fn folder(&self) -> PathBuf {
        self.path().join("folder")
    }

    pub fn state(&self) -> PathBuf {
        self.path().join("state")
    }

    /// Gives the first `people` of the folder another title each.
    pub fn edit(&self, people: usize, title: &str) {
        for person in 0..people {
            let text = card(person).replace("END:", &format!("TITLE:{title}\r\nEND:"));
            self.write(person, &text);
        }
    }

    /// Runs `cardweave sync`, which is to end well.
    pub fn sync(&self) -> Cost {
        self.server.take_requests();
        self.answered.store(0, Ordering::Relaxed);
        let figures = self.path().join("figures");
        let binary = env!("CARGO_BIN_EXE_cardweave");
        let gnu_time = Path::new("/usr/bin/time");
        let mut command = if gnu_time.exists() {
            let mut command = Command::new(gnu_time);
            command
                .args(["-f", "%U %S %M", "-o"])
                .arg(&figures)
                .arg(binary);
            command
        } else {
            Command::new(binary)
        };
        command.arg("--config").arg(self.path().join("config.toml"));
        command.arg("--state").arg(self.state()).arg("sync");
        let start = Instant::now();
        let output = command.output().expect("the binary can be run");
        let took = start.elapsed();
        assert!(output.status.success(), "{output:?}");
        let requests = self.server.take_requests();
        Cost {
            sent: requests.iter().map(|request| request.body.len()).sum(),
            got: self.answered.load(Ordering::Relaxed),
            took,
            own: fs::read_to_string(figures).ok().and_then(|text| own(&text)),
            requests,
        }
    }

    fn write(&self, person: usize, text: &str) {
        let path = self.folder().join(format!("person-{person}.vcf"));
        fs::write(path, text).expect("the folder is ours");
    }
}

impl Cost {
    /// How many requests of this method were made.
    pub fn count(&self, method: &str) -> usize {
        let is_it = |request: &&Exchange| request.method == method;
        self.requests.iter().filter(is_it).count()
    }
}

/// A card as phones write them, of a person whom no other resembles.
pub fn card(person: usize) -> String {
    const GIVEN: [&str; 12] = [
        "Ada", "Björn", "Chen", "Dalia", "Emre", "Fatou", "Grace", "Hana", "Ivo", "Jana", "Kofi",
        "Liam",
    ];
    const SYLLABLES: [&str; 10] = ["ba", "de", "fi", "go", "ku", "la", "me", "ni", "ro", "su"];
    let given = GIVEN[person % GIVEN.len()];
    let family: String = person
        .to_string()
        .bytes()
        .map(|digit| SYLLABLES[usize::from(digit - b'0')])
        .collect();
    format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:person-{person}@example.com\r\nFN:{given} {family}\r\n\
         N:{family};{given};;;\r\nEMAIL;TYPE=INTERNET:{family}@example.com\r\n\
         TEL;TYPE=CELL:+49 151 {:08}\r\nORG:Example & Partners;Sales\r\n\
         ADR;TYPE=HOME:;;Lange Straße {};Beispielstadt;;{:05};Germany\r\nBDAY:1980-02-{:02}\r\n\
         CATEGORIES:Friends,Fair {}\r\nNOTE:We met at the fair\\, and spoke about bridges.\r\n\
         END:VCARD\r\n",
        person,
        person % 200,
        person % 100_000,
        person % 28 + 1,
        person % 9,
    )
}

fn own(figures: &str) -> Option<Own> {
    let mut words = figures.split_whitespace();
    let mut next = || words.next()?.parse::<f64>().ok();
    let cpu_seconds = next()? + next()?;
    let peak_kib = words.next()?.parse().ok()?;
    Some(Own {
        cpu_seconds,
        peak_kib,
    })
}

fn config(url: &str) -> String {
    format!(
        "\
[[account]]
name = \"loopback\"
address = \"{url}\"
username = \"anna\"
password = {{ file = \"password\" }}

[[book]]
name = \"people\"
duplicates = \"off\"

[[book.store]]
id = \"folder\"
folder = \"folder\"

[[book.store]]
id = \"server\"
account = \"loopback\"
addressbook = \"People\"
"
    )
}

fn write_private(path: &Path, text: &str) {
    use std::io::Write as _;
    let mut options = fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .expect("the directory is ours");
    file.write_all(text.as_bytes()).expect("there is room");
}
