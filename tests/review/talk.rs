//! The real program on a pseudo-terminal of a certain width.

use std::process::Command;

use rexpect::process::WaitStatus;
use rexpect::session::{PtySession, spawn_command};

use crate::desk::Desk;

/// How long an answer of the program may take; the machines that run this are busy.
const PATIENCE_MS: u64 = 60_000;

/// What the shell around the program says at its end.
const END: &str = "ended with ";

/// How the person's terminal is.
#[derive(Debug, Clone, Copy)]
pub struct Seat<'s> {
    pub columns: usize,
    pub term: &'s str,
    /// Set in the environment beside it.
    pub set: &'s [(&'s str, &'s str)],
}

pub const SEAT: Seat = Seat {
    columns: 100,
    term: "xterm-256color",
    set: &[("NO_COLOR", "1")],
};

/// What is said on the pseudo-terminal, by both.
pub struct Talk {
    session: PtySession,
    shell: u32,
    /// All that was on the screen, with the escape sequences.
    pub seen: String,
}

/// How a talk ended.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub seen: String,
    /// Whether the terminal was left as it was found.
    pub is_as_before: bool,
}

impl Talk {
    /// Runs the words at a terminal, in a shell that tells afterwards how the terminal was left.
    pub fn begin(desk: &Desk, words: &[&str], seat: Seat) -> Talk {
        let program = desk.command(words);
        let script = format!(
            "trap : INT; echo shell $$.; stty rows 40 cols {}; was=$(stty -g); \"$@\"; echo \"{END}$?\"; \
             test \"$was\" = \"$(stty -g)\" && echo as before",
            seat.columns
        );
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(script).arg("sh");
        command.arg(program.get_program()).args(program.get_args());
        command.env_clear();
        for (name, value) in program.get_envs() {
            if let Some(value) = value {
                command.env(name, value);
            }
        }
        command.env("PATH", "/usr/bin:/bin").env("TERM", seat.term);
        command.envs(seat.set.iter().copied());
        let mut session = spawn_command(command, Some(PATIENCE_MS)).expect("a pseudo-terminal");
        let (_, shell) = session.exp_regex(r"[0-9]+\.").expect("a shell");
        Talk {
            session,
            shell: shell.trim_end_matches('.').parse().expect("a number"),
            seen: String::new(),
        }
    }

    /// Waits for these words of the program.
    pub fn hear(&mut self, words: &str) -> &mut Talk {
        match self.session.exp_string(words) {
            Ok(before) => {
                self.seen.push_str(&before);
                self.seen.push_str(words);
                self
            }
            Err(error) => panic!("no \"{words}\": {error}\nbefore it: {}", self.seen),
        }
    }

    /// Presses keys.
    pub fn press(&mut self, keys: &str) -> &mut Talk {
        self.session.send(keys).expect("it listens");
        self.session.flush().expect("it listens");
        self
    }

    /// Waits for the place where an answer is awaited, then presses keys.
    pub fn answer(&mut self, keys: &str) -> &mut Talk {
        self.hear("\n> ").press(keys)
    }

    /// The number of the program, which is all that runs below the shell.
    pub fn program(&self) -> String {
        let shell = self.shell;
        let children = format!("/proc/{shell}/task/{shell}/children");
        let children = std::fs::read_to_string(children).expect("the shell is there");
        children.trim().to_owned()
    }

    /// Waits for the end.
    pub fn end(mut self) -> Ended {
        let rest = self.session.exp_eof().expect("it ends");
        let (said, left) = rest
            .split_once(END)
            .unwrap_or_else(|| panic!("no end: {rest}"));
        self.seen.push_str(said);
        let code: String = left.chars().take_while(char::is_ascii_digit).collect();
        match self.session.process().wait() {
            Ok(WaitStatus::Exited(..)) => {}
            other => panic!("{other:?}: {}", self.seen),
        }
        Ended {
            code: code.parse().expect("a code"),
            seen: self.seen,
            is_as_before: left.contains("as before"),
        }
    }
}
