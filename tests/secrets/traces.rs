//! Neither the password nor what is in a card gets anywhere where it does not belong.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::mischief::{Rule, Script};
use crate::support::stage::Stage;
use cardweave::demo::server::{Answer, Books, Mischief, Request};

/// Found nowhere else, and worth escaping in every format there is.
pub const PASSWORD: &str = "Zq7-pa$$\"w\\ord-<&>-Xk9";
/// What shall not be found anywhere: the middle of it, which no escaping changes, and as Basic has it.
pub const TRACES: [&str; 3] = ["Zq7-pa", "ord-<", "YW5uYTpacTctcGEk"];
const NOTE: &str = "peculiar-note-5281";

/// The three ways in which the config can name a password.
fn stages() -> Vec<(Stage, Option<&'static str>)> {
    let file = Stage::new(PASSWORD, "{ file = \"password\" }");
    file.write_private("password", format!("{PASSWORD}\n").as_bytes());
    let command = Stage::new(PASSWORD, "{ command = [\"/bin/cat\", \"the-password\"] }");
    command.write_private("the-password", format!("{PASSWORD}\n").as_bytes());
    let env = Stage::new(PASSWORD, "{ env = \"SECRET_OF_THE_TEST\" }");
    vec![
        (file, None),
        (command, None),
        (env, Some("SECRET_OF_THE_TEST")),
    ]
}

fn command(stage: &Stage, variable: Option<&str>, words: &[&str]) -> Command {
    let mut command = stage.command(words);
    command.current_dir(stage.folder().parent().expect("the folder is in a room"));
    if let Some(variable) = variable {
        command.env(variable, PASSWORD);
    }
    command
}

/// Runs to the end; the exit code and all that was said.
fn run(stage: &Stage, variable: Option<&str>, words: &[&str]) -> (Option<i32>, Vec<u8>) {
    let output = command(stage, variable, words).output().expect("it starts");
    (
        output.status.code(),
        [output.stdout, output.stderr].concat(),
    )
}

pub fn assert_without(what: &str, bytes: &[u8], traces: &[&str]) {
    for trace in traces {
        let is_there = bytes
            .windows(trace.len())
            .any(|window| window == trace.as_bytes());
        assert!(
            !is_there,
            "{what} tells {trace}: {}",
            String::from_utf8_lossy(bytes)
        );
    }
}

/// Every file of the state: without the password, and for nobody but its owner.
pub fn check_state(stage: &Stage) {
    let mode = |path: &Path| {
        let metadata = fs::metadata(path).expect("it is there");
        metadata.permissions().mode() & 0o777
    };
    assert_eq!(mode(&stage.state()), 0o700);
    let mut files = 0;
    for file in fs::read_dir(stage.state()).expect("the state is there") {
        let path = file.expect("a file").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        let bytes = fs::read(&path).expect("a file");
        assert_without(&path.display().to_string(), &bytes, &TRACES);
        files += 1;
    }
    assert!(files > 0);
}

fn fill(stage: &Stage) {
    stage.put_on_server("Ada", &format!("NOTE:{NOTE}-server\nTEL:+493012345"));
    stage.put_in_folder("Bob", &format!("NOTE:{NOTE}-folder\nTEL:+493012346"));
}

#[test]
fn the_password_and_the_cards_are_in_no_output_and_the_password_in_no_state() {
    for (stage, variable) in stages() {
        fill(&stage);
        let both = [&TRACES[..], &[NOTE]].concat();
        for words in [
            &["-vv", "sync"][..],
            &["-vv", "--json", "sync"],
            &["-vv", "sync", "--dry-run"],
            &["-vv", "status"],
            &["-vv", "history"],
        ] {
            let (code, said) = run(&stage, variable, words);
            assert_eq!(code, Some(0), "{}", String::from_utf8_lossy(&said));
            assert_without(&format!("{words:?}"), &said, &both);
        }
        // A log in which nothing stands tells nothing in any case.
        stage.put_in_folder("Cleo", &format!("NOTE:{NOTE}"));
        let (_, said) = run(&stage, variable, &["-vv", "sync"]);
        assert!(String::from_utf8_lossy(&said).contains("PUT"));
        assert_without("the log", &said, &both);
        assert_eq!(stage.in_folder(), stage.at_server());
        check_state(&stage);
    }
}

#[test]
fn failures_of_every_kind_tell_no_password_and_no_card() {
    for fault in [
        "garbage",
        "html_200",
        "drop_after",
        "500",
        "507",
        "redirect_loop",
        "truncated_xml",
        "401",
        "uid_conflict",
    ] {
        let (stage, variable) = stages().swap_remove(0);
        fill(&stage);
        let method = if matches!(fault, "drop_after" | "507" | "uid_conflict") {
            "PUT"
        } else {
            "REPORT"
        };
        let script = Script::new().rule(Rule::new(fault).method(method));
        stage.server.set_mischief(Some(Box::new(script)));
        let (code, said) = run(&stage, variable, &["-vv", "sync"]);
        assert_ne!(code, None, "{fault}: it was killed");
        assert!(!said.is_empty(), "{fault}");
        let text = String::from_utf8_lossy(&said).into_owned();
        assert!(!text.contains("panicked"), "{fault}: {text}");
        assert_without(fault, &said, &[&TRACES[..], &[NOTE]].concat());
        check_state(&stage);
    }
}

#[test]
fn a_wrong_password_is_sent_once() {
    let stage = Stage::new("another", "{ file = \"password\" }");
    stage.write_private("password", format!("{PASSWORD}\n").as_bytes());
    stage.put_in_folder("Bob", "NOTE:of Bob");
    let (code, said) = run(&stage, None, &["-vv", "sync"]);
    assert_eq!(code, Some(5), "{}", String::from_utf8_lossy(&said));
    assert_without("the refusal", &said, &TRACES);
    // A redirect is no refusal: the password is judged once, and nothing is asked after that.
    let requests = stage.server.requests();
    let refused: Vec<bool> = requests
        .iter()
        .map(|exchange| exchange.status == Some(401))
        .collect();
    assert_eq!(refused, [false, true], "{requests:?}");
    assert_eq!(stage.in_folder().len(), 1);
}

/// Keeps the client waiting, so that it can be looked at.
struct Slow;

impl Mischief for Slow {
    fn before(&mut self, _request: &mut Request, _books: &mut Books) -> Option<Answer> {
        std::thread::sleep(Duration::from_millis(100));
        None
    }
}

#[test]
fn the_password_is_in_no_command_line() {
    for (stage, variable) in stages() {
        fill(&stage);
        stage.server.set_mischief(Some(Box::new(Slow)));
        let mut child = command(&stage, variable, &["sync"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let place = format!("/proc/{}/cmdline", child.id());
        let mut looks = 0;
        while child.try_wait().expect("it is a child").is_none() {
            assert_without(&place, &fs::read(&place).unwrap_or_default(), &TRACES);
            looks += 1;
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(looks > 10, "{looks} looks");
        let mut said = String::new();
        let mut output = child.stdout.take().expect("it is piped");
        output.read_to_string(&mut said).expect("it is text");
        assert_without("the summary", said.as_bytes(), &TRACES);
    }
}
