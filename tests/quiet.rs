//! Runs ask and read no more than they must: counts of requests, file reads and cards loaded.

#[path = "support/crowd.rs"]
#[allow(dead_code, reason = "only counts are asserted here, never times")]
mod crowd;

use std::collections::BTreeSet;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;

use crowd::{Crowd, card};
use rusqlite::Connection;
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use rustix::io::Errno;

/// Enough for several batches of every kind.
const PEOPLE: usize = 230;

#[test]
fn a_run_with_nothing_to_do_makes_one_request_and_reads_no_card() {
    let crowd = Crowd::of(PEOPLE);
    crowd.sync();
    spoil_remembered_cards(&crowd);
    // The first of them is told of all that we wrote ourselves, the second of nothing.
    let runs = [(); 2].map(|()| {
        let watch = Watch::of(&crowd);
        let run = crowd.sync();
        assert_eq!(watch.read(), BTreeSet::new());
        let [only] = run.requests.as_slice() else {
            panic!("{} requests: {:?}", run.requests.len(), run.requests);
        };
        assert_eq!(only.method, "REPORT");
        let body = String::from_utf8_lossy(&only.body);
        assert!(body.contains("sync-collection"), "{body}");
        run
    });
    let bytes = runs[1].sent + runs[1].got;
    assert!(bytes < 1_000, "{bytes} bytes");
}

#[test]
fn an_edit_costs_the_same_in_a_full_book_as_in_an_empty_one() {
    let costs = [3, PEOPLE].map(|people| {
        let crowd = Crowd::of(people);
        crowd.sync();
        crowd.edit(1, "Chair");
        let watch = Watch::of(&crowd);
        let run = crowd.sync();
        assert_eq!(watch.read(), ["person-0.vcf".to_owned()].into());
        assert_eq!(run.count("PUT"), 1);
        run.requests.len()
    });
    assert_eq!(costs[0], costs[1]);
    // The listing, the write, and the look at what the server made of it.
    assert_eq!(costs[0], 3);
}

#[test]
fn an_edit_on_the_server_reads_that_card_alone() {
    let crowd = Crowd::of(PEOPLE);
    crowd.sync();
    let href = crowd.server.with_books(|books| {
        let book = books.book("people").expect("it was made");
        let mut cards = book.cards().iter();
        let is_first = |body: &[u8]| String::from_utf8_lossy(body).contains("UID:person-0@");
        let (name, _) = cards
            .find(|(_, kept)| is_first(&kept.body))
            .expect("it was synced");
        format!("/books/people/{name}")
    });
    let edited = card(0).replace("END:", "TITLE:Chair\r\nEND:");
    crowd
        .server
        .put_behind(&href, edited.as_bytes())
        .expect("the book is there");
    let watch = Watch::of(&crowd);
    let run = crowd.sync();
    let methods: Vec<&str> = run
        .requests
        .iter()
        .map(|request| request.method.as_str())
        .collect();
    assert_eq!(methods, ["REPORT", "REPORT"]);
    let asked = String::from_utf8_lossy(&run.requests[1].body);
    assert_eq!(asked.matches("href>/").count(), 1, "{asked}");
    // The file that is replaced is known by its stamp.
    assert_eq!(watch.read(), BTreeSet::new());
    let there = std::fs::read_to_string(crowd.folder().join("person-0.vcf")).expect("it is there");
    assert_eq!(there, edited);
}

#[test]
fn a_first_run_writes_each_card_once_and_reads_back_in_batches() {
    let crowd = Crowd::of(PEOPLE);
    let run = crowd.sync();
    assert_eq!(run.count("PUT"), PEOPLE);
    // Beside them: the discovery, a listing, and the cards read back by the hundred.
    assert!(
        run.requests.len() <= PEOPLE + 20,
        "{} requests",
        run.requests.len()
    );
    let paths: BTreeSet<&str> = run
        .requests
        .iter()
        .filter(|request| request.method == "PUT")
        .map(|request| request.path.as_str())
        .collect();
    assert_eq!(paths.len(), PEOPLE);
}

/// Makes every card of the state unreadable: a run that loads one fails.
fn spoil_remembered_cards(crowd: &Crowd) {
    let state = Connection::open(crowd.state().join("state.sqlite")).expect("a run made it");
    let spoilt = state
        .execute("UPDATE blob SET bytes = x'00'", [])
        .expect("it has cards");
    assert!(spoilt >= PEOPLE, "{spoilt}");
}

/// Notices which files of the folder are read.
struct Watch(OwnedFd);

impl Watch {
    fn of(crowd: &Crowd) -> Watch {
        let queue = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).expect("a queue");
        inotify::add_watch(&queue, crowd.folder(), WatchFlags::ACCESS)
            .expect("the folder is there");
        Watch(queue)
    }

    fn read(&self) -> BTreeSet<String> {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut events = inotify::Reader::new(&self.0, &mut buffer);
        let mut names = BTreeSet::new();
        loop {
            match events.next() {
                Ok(event) => {
                    assert!(!event.events().contains(ReadFlags::QUEUE_OVERFLOW));
                    // Without a name it is the folder itself.
                    names.extend(
                        event
                            .file_name()
                            .map(|name| name.to_string_lossy().into_owned()),
                    );
                }
                Err(Errno::AGAIN) => return names,
                Err(error) => panic!("{error}"),
            }
        }
    }
}
