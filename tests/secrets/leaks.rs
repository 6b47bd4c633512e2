//! The password from the keyring is in no log, argument, environment, bus message, file or core.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use cardweave::demo::server::{Answer, Books, Mischief, Request};

use crate::support::account::{command, run};
use crate::support::session::Session;
use crate::support::stage::Stage;
use crate::traces::{PASSWORD, TRACES, assert_without, check_state};

const LOGIN: [&str; 3] = ["login", "loopback", "--password-stdin"];

/// Answers late, so that the client can be looked at while it holds the password.
struct Late {
    by: Duration,
    asked: Sender<()>,
}

/// A server that answers late, and who hears of each request at once.
fn answer_late(stage: &Stage, by: Duration) -> Receiver<()> {
    let (asked, heard) = mpsc::channel();
    stage
        .server
        .set_mischief(Some(Box::new(Late { by, asked })));
    heard
}

impl Mischief for Late {
    fn before(&mut self, _request: &mut Request, _books: &mut Books) -> Option<Answer> {
        // Most tests do not listen.
        let _ = self.asked.send(());
        std::thread::sleep(self.by);
        None
    }
}

#[test]
fn from_the_prompt_to_the_server_the_password_is_nowhere_to_be_read() {
    let mut session = Session::with_keyring();
    let heard = session.listen();
    let stage = Stage::new(PASSWORD, "\"keyring\"");
    stage.put_in_folder("Bob", "TEL:+493012346");
    for (words, input) in [
        (&[&["-vv"][..], &LOGIN].concat()[..], PASSWORD),
        (&["-vv", "sync"], ""),
        (&["-vv", "--json", "sync"], ""),
    ] {
        let ran = run(&stage, Some(&session), words, input);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(
            ran.stderr.contains("request method="),
            "a log tells something: {ran:?}"
        );
        assert_without("the output", ran.stdout.as_bytes(), &TRACES);
        assert_without("the log", ran.stderr.as_bytes(), &TRACES);
    }
    check_state(&stage);
    let files = session.files();
    assert!(!files.is_empty(), "the keyring is kept on the disk");
    for file in files {
        let bytes = fs::read(&file).expect("a file");
        assert_without(&file.display().to_string(), &bytes, &TRACES);
    }
    let heard = fs::read(heard).expect("what was heard");
    let text = String::from_utf8_lossy(&heard);
    assert!(text.contains("GetSecret") && text.contains("cardweave"));
    assert_without("the bus", &heard, &TRACES);
}

#[test]
fn the_password_is_in_no_argument_and_no_environment() {
    let session = Session::with_keyring();
    let stage = Stage::new(PASSWORD, "\"keyring\"");
    assert_eq!(run(&stage, Some(&session), &LOGIN, PASSWORD).code, Some(0));
    answer_late(&stage, Duration::from_millis(100));
    let mut child = start(&mut command(&stage, Some(&session), &["sync"]));
    let mut looks = 0;
    while child.try_wait().expect("it is a child").is_none() {
        for name in ["cmdline", "environ"] {
            let place = format!("/proc/{}/{name}", child.id());
            assert_without(&place, &fs::read(&place).unwrap_or_default(), &TRACES);
        }
        looks += 1;
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(looks > 10, "{looks} looks");
}

#[test]
fn after_moving_it_the_password_is_in_no_file_beside_the_config() {
    let session = Session::with_keyring();
    let stage = Stage::new("hunter2-Zq7-pa", "\"hunter2-Zq7-pa\"");
    let moved = run(&stage, Some(&session), &["-vv", "login", "loopback"], "");
    assert_eq!(moved.code, Some(0), "{moved:?}");
    let said = format!("{}{}", moved.stdout, moved.stderr);
    assert_without("the log", said.as_bytes(), &TRACES);
    let room = stage.folder().with_file_name("");
    let mut files = 0;
    for file in fs::read_dir(room).expect("the room is there") {
        let path = file.expect("a file").path();
        if path.is_file() {
            let bytes = fs::read(&path).expect("a file");
            assert_without(&path.display().to_string(), &bytes, &TRACES);
            files += 1;
        }
    }
    assert_eq!(files, 1, "the config alone");
}

#[test]
fn a_crash_in_the_middle_leaves_no_core() {
    let session = Session::with_keyring();
    let stage = Stage::new(PASSWORD, "\"keyring\"");
    assert_eq!(run(&stage, Some(&session), &LOGIN, PASSWORD).code, Some(0));
    stage.server.take_requests();
    let asked = answer_late(&stage, Duration::from_secs(3));

    // The shell lifts the limit and becomes the program, in a place of its own.
    let place = tempfile::tempdir().expect("a temporary directory");
    let program = command(&stage, Some(&session), &["-vv", "sync"]);
    let mut lifted = Command::new("/bin/sh");
    lifted
        .args(["-c", "ulimit -c unlimited && exec \"$@\"", "sh"])
        .arg(program.get_program())
        .args(program.get_args())
        .env_clear()
        .envs(
            program
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .current_dir(place.path());
    let child = start(&mut lifted);
    let pid = rustix::process::Pid::from_child(&child);
    let patience = Duration::from_secs(30);
    asked
        .recv_timeout(patience)
        .expect("it has the password and uses it");
    let limits = fs::read_to_string(format!("/proc/{}/limits", child.id())).expect("it runs");
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let sizes: Vec<&str> = core.expect("a limit").split_whitespace().skip(4).collect();
    assert_eq!(sizes[..2], ["0", "0"], "{limits}");
    rustix::process::kill_process(pid, rustix::process::Signal::ABORT).expect("it runs");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.signal(), Some(6), "{output:?}");
    assert!(!output.status.core_dumped(), "{output:?}");
    assert_eq!(cores(place.path()), 0);
    assert_without("the crash", &output.stderr, &TRACES);

    // The same shell with a program that takes no care: where the machine writes cores into the
    // directory at hand, this one does.
    let careless = Command::new("sh")
        .args(["-c", "ulimit -c unlimited && kill -ABRT $$"])
        .current_dir(place.path())
        .status()
        .expect("it starts");
    println!(
        "a careless program leaves a core here: {}",
        careless.core_dumped()
    );
    check_state(&stage);
}

fn cores(folder: &Path) -> usize {
    fs::read_dir(folder).expect("it is there").count()
}

fn start(command: &mut Command) -> Child {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts")
}
