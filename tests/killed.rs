//! `kill -9` of the real program at each of its writes: the next run heals, with no help.

mod support;

use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::{Duration, Instant, SystemTime};

use cardweave::demo::server::{Answer, Books, Mischief, Request, Response};
use rustix::fs::inotify;
use rustix::process::{Pid, Signal, kill_process};
use support::stage::{People, Stage};

const PASSWORD: &str = "{ command = [\"/bin/echo\", \"secret\"] }";

/// Seven people in step, and then edits, new cards and deletions on both sides.
fn pending() -> Stage {
    let stage = Stage::new("secret", PASSWORD);
    for name in ["Ada", "Bob", "Cleo", "Dora", "Emil", "Fay", "Gus"] {
        let lines = format!("NOTE:of {name}\nTEL:+493012345");
        stage.put_on_server(name, &lines);
    }
    assert!(sync(&stage));
    let edited = |name: &str, more: &str| format!("NOTE:of {name}\nTEL:+493012345\n{more}");
    stage.put_on_server("Ada", &edited("Ada", "EMAIL:server@example.com"));
    stage.put_in_folder("Bob", &edited("Bob", "EMAIL:folder@example.com"));
    stage.put_on_server("Cleo", &edited("Cleo", "TITLE:on the server"));
    stage.put_in_folder("Cleo", &edited("Cleo", "URL:https://example.com/"));
    stage.delete_on_server("Dora");
    stage.delete_in_folder("Emil");
    stage.put_on_server("Hana", "NOTE:new on the server");
    stage.put_in_folder("Iris", "NOTE:new in the folder");
    stage.take_writes();
    stage
}

/// Runs the program to its end; whether it says that all is in step.
fn sync(stage: &Stage) -> bool {
    let output = stage.command(&["sync"]).output().expect("it starts");
    if !output.status.success() {
        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
    }
    output.status.success()
}

fn start(stage: &Stage) -> Child {
    let mut command = stage.command(&["-q", "sync"]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("it starts")
}

/// What both sides are to hold in the end, and how many writes the server gets for it.
fn undisturbed() -> (People, usize) {
    let stage = pending();
    assert!(sync(&stage));
    let writes = stage.take_writes();
    assert_eq!(stage.in_folder(), stage.at_server());
    (stage.in_folder(), writes)
}

/// One run is enough, nobody is missing or doubled, nothing lies about, and the next one rests.
fn check_healed(stage: &Stage, expected: &People, point: &str) {
    assert!(sync(stage), "{point}: the next run does not heal");
    assert_eq!(stage.in_folder(), *expected, "{point}: the folder");
    assert_eq!(stage.at_server(), *expected, "{point}: the server");
    // A file that was being written could be that of a living run on another machine, so it is
    // cleared away when it is old; until then its name makes it nobody's card.
    for stray in stage.strays() {
        let name = stray.file_name().expect("a file has a name");
        let name = name.to_string_lossy();
        assert!(
            name.starts_with(".cardweave-") && name.ends_with(".tmp"),
            "{point}: {name} lies about"
        );
        let file = File::options().write(true).open(&stray);
        let yesterday = SystemTime::now() - Duration::from_secs(24 * 60 * 60);
        let aged = file.and_then(|file| file.set_modified(yesterday));
        aged.expect("it is a file of ours");
    }
    stage.take_writes();
    assert!(sync(stage), "{point}");
    assert_eq!(stage.strays(), Vec::<PathBuf>::new(), "{point}");
    assert_eq!(stage.take_writes(), 0, "{point}: the run after writes");
}

/// Ends the client at its nth write, before it is done or after.
struct Killer {
    process: Arc<AtomicI32>,
    countdown: usize,
    before: bool,
}

impl Killer {
    fn strikes(&mut self, request: &Request) -> bool {
        if !matches!(request.method.as_str(), "PUT" | "DELETE") {
            return false;
        }
        self.countdown = self.countdown.wrapping_sub(1);
        if self.countdown != 0 {
            return false;
        }
        while self.process.load(Ordering::SeqCst) == 0 {
            std::thread::yield_now();
        }
        kill(self.process.load(Ordering::SeqCst));
        true
    }
}

fn kill(process: i32) {
    let process = Pid::from_raw(process).expect("the number of a child");
    kill_process(process, Signal::KILL).expect("it is a child that nobody has waited for");
}

impl Mischief for Killer {
    fn before(&mut self, request: &mut Request, _books: &mut Books) -> Option<Answer> {
        (self.before && self.strikes(request)).then(|| Answer::Steps(Vec::new()))
    }

    fn after(&mut self, request: &Request, _books: &mut Books, response: Response) -> Answer {
        if !self.before && self.strikes(request) {
            return Answer::Steps(Vec::new());
        }
        Answer::Response(response)
    }
}

#[test]
fn killed_at_any_write_to_the_server_the_next_run_heals() {
    let (expected, writes) = undisturbed();
    assert!(writes >= 4, "{writes} writes");
    for at in 1..=writes {
        for before in [true, false] {
            let stage = pending();
            let process = Arc::new(AtomicI32::new(0));
            stage.server.set_mischief(Some(Box::new(Killer {
                process: Arc::clone(&process),
                countdown: at,
                before,
            })));
            let mut child = start(&stage);
            let number = i32::try_from(child.id()).expect("the number of a process");
            process.store(number, Ordering::SeqCst);
            let status = child.wait().expect("it is a child");
            assert!(!status.success(), "write {at} was not reached");
            stage.server.set_mischief(None);
            let when = if before { "before" } else { "after" };
            check_healed(&stage, &expected, &format!("killed {when} write {at}"));
        }
    }
    eprintln!("{} kills at {writes} writes to the server", writes * 2);
}

/// What the program does to the folder and to its state, as it happens.
struct Watcher(OwnedFd);

impl Watcher {
    fn new(stage: &Stage) -> Watcher {
        let inotify = inotify::init(inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK)
            .expect("the system watches files");
        let flags = inotify::WatchFlags::CREATE
            | inotify::WatchFlags::MODIFY
            | inotify::WatchFlags::CLOSE_WRITE
            | inotify::WatchFlags::MOVED_TO
            | inotify::WatchFlags::DELETE;
        for place in [stage.folder(), stage.state()] {
            inotify::add_watch(&inotify, place, flags).expect("the directory is there");
        }
        Watcher(inotify)
    }

    /// How many things happened since this was asked last.
    fn count(&self) -> usize {
        let mut buffer = [std::mem::MaybeUninit::uninit(); 4096];
        let mut events = inotify::Reader::new(&self.0, &mut buffer);
        let mut count = 0;
        // It ends where it would have to wait.
        while events.next().is_ok() {
            count += 1;
        }
        count
    }
}

/// Runs until so many things have happened to folder and state, and kills; whether it came to that.
fn kill_at_event(stage: &Stage, at: usize) -> bool {
    let watcher = Watcher::new(stage);
    let mut child = start(stage);
    let began = Instant::now();
    let mut seen = 0;
    while seen < at {
        seen += watcher.count();
        if seen < at && child.try_wait().expect("it is a child").is_some() {
            return false;
        }
        std::thread::yield_now();
        assert!(began.elapsed() < Duration::from_secs(60), "it hangs");
    }
    child
        .kill()
        .expect("it is a child that nobody has waited for");
    !child.wait().expect("it is a child").success()
}

#[test]
fn killed_at_any_change_of_a_file_the_next_run_heals() {
    let (expected, _) = undisturbed();
    let mut kills = 0;
    for at in 1.. {
        let stage = pending();
        if !kill_at_event(&stage, at) {
            break;
        }
        check_healed(
            &stage,
            &expected,
            &format!("killed at change {at} of a file"),
        );
        kills += 1;
    }
    assert!(kills > 10, "{kills} kills");
    eprintln!("{kills} kills at changes of files");
}
