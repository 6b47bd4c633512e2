//! The terminal of this process: keys from its input, everything else on stderr.

use std::fs;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::termios::{
    InputModes, LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcgetwinsize,
    tcsetattr,
};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::{SigId, flag, low_level};

use super::keys::{Bytes, Taken};
use super::session::Key;
use super::{Mode, Screen};

/// How wide a terminal is that does not say.
const USUAL_WIDTH: usize = 80;

/// How long the rest of a key may take that has begun.
const REST_OF_A_KEY: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 50_000_000,
};

/// How long a signal may go unnoticed that came just before the wait began.
const LOOK_UP: Timespec = Timespec {
    tv_sec: 1,
    tv_nsec: 0,
};

/// The terminal of this process. With [`Mode::Full`] every key counts at once and none is shown;
/// with [`Mode::Plain`] the terminal stays as it is, and lines are read.
///
/// The terminal is as it was before when this is dropped, also by a panic. A signal to end is
/// [`Key::Stop`], so that it passes through here as well.
pub struct Terminal {
    mode: Mode,
    /// How the terminal was.
    before: Option<Termios>,
    bytes: Bytes,
    signals: Signals,
}

impl Terminal {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// The input is no terminal, or will not be one that sends keys.
    pub fn open(mode: Mode) -> io::Result<Self> {
        let mut terminal = Terminal {
            mode,
            before: None,
            bytes: Bytes::default(),
            signals: Signals::catch()?,
        };
        terminal.take()?;
        Ok(terminal)
    }

    fn take(&mut self) -> io::Result<()> {
        if self.mode == Mode::Plain {
            return Ok(());
        }
        let before = tcgetattr(io::stdin())?;
        let mut raw = before.clone();
        // Output stays as it is: a warning of somebody else is to read well too.
        raw.local_modes &=
            !(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG | LocalModes::IEXTEN);
        raw.input_modes &= !InputModes::IXON;
        raw.special_codes[SpecialCodeIndex::VMIN] = 1;
        raw.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(io::stdin(), OptionalActions::Now, &raw)?;
        self.before = Some(before);
        Ok(())
    }

    fn give_back(&mut self) {
        if let Some(before) = self.before.take() {
            // Nothing is left to be done about a terminal that is gone.
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, &before);
        }
    }

    /// Waits for bytes. None: the input is at its end, or somebody wants an end.
    fn read(&mut self, patience: Option<&Timespec>) -> io::Result<Option<Waited>> {
        loop {
            if self.signals.came() {
                return Ok(None);
            }
            let stdin = io::stdin();
            let mut waiting = [PollFd::new(&stdin, PollFlags::IN)];
            match poll(&mut waiting, patience.or(Some(&LOOK_UP))) {
                Ok(0) if patience.is_some() => return Ok(Some(Waited::InVain)),
                Ok(0) | Err(Errno::INTR) => continue,
                Ok(_) => {}
                Err(error) => return Err(error.into()),
            }
            let mut buffer = [0; 256];
            match rustix::io::read(&stdin, &mut buffer) {
                // A terminal that was hung up may say either.
                Ok(0) | Err(Errno::IO) => return Ok(None),
                Ok(count) => {
                    self.bytes.add(&buffer[..count]);
                    return Ok(Some(Waited::Came));
                }
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn run_editor(&self, words: &str, text: &str) -> Result<String, String> {
        let mut words = words.split_whitespace();
        let Some(program) = words.next() else {
            return Err(NO_EDITOR.to_owned());
        };
        let failed = |error: io::Error| format!("Nothing was changed: {error}.");
        let mut file = tempfile::Builder::new()
            .prefix("cardweave-")
            .suffix(".vcf")
            .tempfile()
            .map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        file.flush().map_err(failed)?;
        // Stdout may be a file, and an editor needs the terminal.
        let shown = io::stderr().as_fd().try_clone_to_owned().map_err(failed)?;
        let ended = Command::new(program)
            .args(words)
            .arg(file.path())
            .stdout(Stdio::from(shown))
            .status()
            .map_err(|error| format!("`{program}` could not be started: {error}."))?;
        if !ended.success() {
            return Err(format!(
                "`{program}` ended with an error; nothing was changed."
            ));
        }
        fs::read_to_string(file.path()).map_err(failed)
    }
}

const NO_EDITOR: &str = "No editor is known: set VISUAL or EDITOR, for example EDITOR=nano.";

enum Waited {
    Came,
    InVain,
}

impl Screen for Terminal {
    fn width(&self) -> usize {
        match tcgetwinsize(io::stderr()) {
            Ok(size) if size.ws_col > 0 => usize::from(size.ws_col),
            _ => USUAL_WIDTH,
        }
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        let mut stderr = io::stderr().lock();
        stderr.write_all(text.as_bytes())?;
        stderr.flush()
    }

    fn key(&mut self) -> io::Result<Key> {
        loop {
            let patience = match self.mode {
                Mode::Plain => match self.bytes.line() {
                    Some(key) => return Ok(key),
                    None => None,
                },
                Mode::Full => match self.bytes.key() {
                    Taken::Key(key) => return Ok(key),
                    Taken::Partial => Some(&REST_OF_A_KEY),
                    Taken::Nothing => None,
                },
            };
            match self.read(patience)? {
                Some(Waited::Came) => {}
                Some(Waited::InVain) => return Ok(self.bytes.give_up()),
                None => return Ok(Key::Stop),
            }
        }
    }

    fn edit(&mut self, text: &str) -> Result<Option<String>, String> {
        let chosen = ["VISUAL", "EDITOR"]
            .into_iter()
            .filter_map(|name| std::env::var(name).ok())
            .find(|words| !words.trim().is_empty());
        let chosen = chosen.ok_or(NO_EDITOR)?;
        self.give_back();
        let edited = self.run_editor(&chosen, text);
        // Ctrl-C in an editor is the editor's.
        self.signals.forget_interrupt();
        self.take()
            .map_err(|error| format!("The terminal cannot be used: {error}."))?;
        Ok(Some(edited?).filter(|edited| edited != text))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.give_back();
    }
}

/// The signals that would end this process and leave the terminal as it is.
struct Signals {
    ended: Arc<AtomicBool>,
    interrupted: Arc<AtomicBool>,
    /// Nobody waits for a key any more.
    over: Arc<AtomicBool>,
    ids: Vec<SigId>,
}

impl Signals {
    fn catch() -> io::Result<Signals> {
        let mut signals = Signals {
            ended: Arc::default(),
            interrupted: Arc::default(),
            over: Arc::default(),
            ids: Vec::new(),
        };
        for (signal, came) in [
            (SIGTERM, &signals.ended),
            (SIGHUP, &signals.ended),
            (SIGINT, &signals.interrupted),
        ] {
            signals.ids.push(flag::register(signal, Arc::clone(came))?);
        }
        // A run after the review looks after the other two itself.
        flag::register_conditional_default(SIGHUP, Arc::clone(&signals.over))?;
        Ok(signals)
    }

    fn came(&self) -> bool {
        [&self.ended, &self.interrupted]
            .iter()
            .any(|came| came.load(Ordering::Relaxed))
    }

    fn forget_interrupt(&self) {
        self.interrupted.store(false, Ordering::Relaxed);
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        for id in &self.ids {
            low_level::unregister(*id);
        }
        self.over.store(true, Ordering::Relaxed);
    }
}
