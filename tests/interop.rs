//! Other programs work on the same folder, before us and after us: vdirsyncer and khard.

mod support;

#[path = "support/crowd.rs"]
#[allow(dead_code, reason = "only its cards are used here")]
mod crowd;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crowd::card;
use support::foreign;
use support::install::install;
use support::real::{self, Kind};
use tempfile::TempDir;

#[test]
fn khard_finds_the_same_people_after_a_sync_and_those_of_the_other_folder() {
    let room = Room::new();
    room.fill("shared", 0..12);
    room.fill("other", 10..15);
    let shared = room.khard("shared");
    assert_eq!(shared.len(), 12);
    let together: BTreeSet<String> = &shared | &room.khard("other");
    assert_eq!(together.len(), 15);
    room.sync();
    assert_eq!(room.khard("shared"), together);
    assert_eq!(room.khard("other"), together);
    assert_eq!(room.sync(), 0);
}

#[test]
fn vdirsyncer_carries_the_folder_to_radicale_before_and_after_us() {
    let radicale = real::start(Kind::Radicale);
    let room = Room::new();
    room.fill("shared", 0..12);
    room.fill("other", 12..15);
    room.name_server(&radicale);
    let on_server = || hrefs(&radicale).len();

    room.vdirsyncer("discover");
    assert_moves(&room, 12);
    assert_eq!(on_server(), 12);
    // What vdirsyncer just wrote to the server did not touch the files.
    assert_eq!(room.sync(), 12 + 3);
    assert_moves(&room, 3);
    assert_eq!(on_server(), 15);
    assert_eq!(room.sync(), 0, "the next run writes nothing");

    // An edit on the server, one in the other folder, and a deletion there, all cross the shared one.
    let href = hrefs(&radicale)
        .into_iter()
        .find(|href| has(&radicale, href, 1));
    let href = href.expect("vdirsyncer brought it");
    radicale.put_behind(&href, titled(1, "Chair").as_bytes());
    room.write("other", 12, &titled(12, "Guest"));
    fs::remove_file(room.path().join("other").join(room.file_of("other", 3))).expect("it is there");
    assert_moves(&room, 1);
    assert_eq!(room.sync(), 3);
    assert_moves(&room, 2);
    assert_eq!(on_server(), 14);
    assert!(room.text_of("other", 1).contains("TITLE:Chair"));
    assert!(room.text_of("shared", 12).contains("TITLE:Guest"));
    assert_eq!(room.sync(), 0, "the next run writes nothing");
    assert_moves(&room, 0);
}

/// Runs vdirsyncer; it is to copy or delete so many cards.
fn assert_moves(room: &Room, cards: usize) {
    let moves = room.vdirsyncer("sync");
    assert_eq!(moves.len(), cards, "{moves:#?}");
}

fn titled(person: usize, title: &str) -> String {
    card(person).replace("END:", &format!("TITLE:{title}\r\nEND:"))
}

/// The addresses of all cards of the server's book.
fn hrefs(server: &real::Real) -> Vec<String> {
    let listing = server
        .client()
        .propfind(&server.path(""), "1", "<D:getetag/>");
    let listing = listing.expect("the server answers").text();
    let words = listing.split(['<', '>']);
    words
        .filter(|word| word.ends_with(".vcf"))
        .map(str::to_owned)
        .collect()
}

fn has(server: &real::Real, href: &str, person: usize) -> bool {
    let card = server
        .client()
        .send("GET", href, &[], b"")
        .expect("the server answers");
    card.text().contains(&uid(person))
}

fn uid(person: usize) -> String {
    format!("UID:person-{person}@")
}

/// A place with two folders, `shared` with other programs and `other`, and a config of every program.
struct Room(TempDir);

impl Room {
    fn new() -> Room {
        let room = Room(tempfile::tempdir().expect("a temporary directory"));
        install(&["vdirsyncer", "khard"]);
        for folder in ["shared", "other"] {
            fs::create_dir(room.path().join(folder)).expect("the directory is ours");
        }
        let config = "\
[[book]]
name = \"people\"

[[book.store]]
id = \"shared\"
folder = \"shared\"

[[book.store]]
id = \"other\"
folder = \"other\"
";
        room.save("config.toml", config);
        room
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn save(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).expect("the directory is ours");
    }

    fn fill(&self, folder: &str, people: std::ops::Range<usize>) {
        for person in people {
            self.save(&format!("{folder}/person-{person}.vcf"), &card(person));
        }
    }

    /// The name of the file that holds this person.
    fn file_of(&self, folder: &str, person: usize) -> String {
        let uid = uid(person);
        let files = fs::read_dir(self.path().join(folder)).expect("it is there");
        let mut names = files.map(|file| {
            file.expect("it can be read")
                .file_name()
                .into_string()
                .expect("it is ours")
        });
        let holds = |name: &String| {
            let text = fs::read_to_string(self.path().join(folder).join(name));
            text.is_ok_and(|text| text.contains(&uid))
        };
        names.find(holds).expect("somebody holds it")
    }

    fn text_of(&self, folder: &str, person: usize) -> String {
        let file = self.path().join(folder).join(self.file_of(folder, person));
        fs::read_to_string(file).expect("it is there")
    }

    fn write(&self, folder: &str, person: usize, text: &str) {
        self.save(&format!("{folder}/{}", self.file_of(folder, person)), text);
    }

    /// Runs `cardweave sync`; how many cards it wrote or deleted.
    fn sync(&self) -> u64 {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cardweave"));
        command.arg("--config").arg(self.path().join("config.toml"));
        command
            .arg("--state")
            .arg(self.path().join("state"))
            .args(["--json", "sync"]);
        let report: serde_json::Value =
            serde_json::from_slice(&foreign::ran(&mut command).stdout).expect("one JSON document");
        let stores = report["books"][0]["stores"].as_object().expect("by name");
        let written = stores.values().flat_map(|store| {
            ["created", "updated", "deleted"].map(|kind| store[kind].as_u64().expect("a count"))
        });
        written.sum()
    }

    /// The people that khard lists in a folder: UID and name.
    fn khard(&self, folder: &str) -> BTreeSet<String> {
        let path = self.path().join(folder);
        self.save(
            "khard.conf",
            &format!("[addressbooks]\n[[book]]\npath = {}\n", path.display()),
        );
        let mut command = foreign::khard();
        command
            .arg("-c")
            .arg(self.path().join("khard.conf"))
            .args(["list", "--parsable"]);
        let listed = foreign::ran(&mut command).stdout;
        String::from_utf8(listed)
            .expect("UTF-8")
            .lines()
            .map(str::to_owned)
            .collect()
    }

    fn name_server(&self, server: &real::Real) {
        let config = foreign::vdirsyncer_config(self.path(), &self.path().join("shared"), server);
        self.save("vdirsyncer.conf", &config);
    }

    /// Runs vdirsyncer, which is to end well and without a conflict; its lines about cards that it
    /// copied or deleted.
    fn vdirsyncer(&self, what: &str) -> Vec<String> {
        foreign::vdirsyncer(&self.path().join("vdirsyncer.conf"), what)
    }
}
