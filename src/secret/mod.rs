//! Fetches passwords from where the config says they are, in a type that never prints itself.

mod command;
mod keyring;
#[cfg(all(unix, not(target_os = "macos")))]
mod service;

pub use self::keyring::{KeyringEntry, KeyringTrouble};

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Resource, Rlimit};
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use self::command::from_command;
use crate::ui::text::clean;

/// Where a password comes from. Never the password itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum PasswordSource {
    /// The operating system's keyring.
    Keyring(KeyringEntry),
    /// Program and arguments, run without a shell; the first line of its output counts.
    Command(Vec<String>),
    /// The name of an environment variable.
    Env(String),
    /// A file of the user's own, absolute; its first line counts.
    File(PathBuf),
}

/// Why there is no password. Holds nothing of one; what it says of the source is safe to show.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The keyring has no answer: one sentence, with the way out.
    #[error(fmt = keyring_sentence)]
    Keyring {
        entry: KeyringEntry,
        trouble: KeyringTrouble,
    },
    #[error("{from} {what}. Nothing was sent. {todo}")]
    Failed {
        /// The source, at the start of a sentence.
        from: String,
        what: String,
        todo: String,
    },
}

impl SecretError {
    /// Whether the keyring works and holds nothing for this account.
    pub fn is_missing(&self) -> bool {
        matches!(
            self,
            Self::Keyring {
                trouble: KeyringTrouble::NoEntry,
                ..
            }
        )
    }
}

fn keyring_sentence(
    entry: &KeyringEntry,
    trouble: &KeyringTrouble,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    entry.sentence(trouble, f)
}

/// The passwords of one run: each source is asked once, whatever number of accounts use it.
#[derive(Default)]
pub struct Secrets {
    fetched: RefCell<BTreeMap<PasswordSource, Result<SecretString, SecretError>>>,
    /// What kept the keyring as a whole from answering: the next account need not wait as well.
    no_keyring: RefCell<Option<KeyringTrouble>>,
}

/// How long a password program may take; some ask for a touch or a PIN.
const COMMAND_TIME: Duration = Duration::from_secs(30);

/// More than any password or token; what is longer is something else.
const MAX_BYTES: u64 = 64 * 1024;

impl Secrets {
    /// The password of a source, asked for on the first call.
    ///
    /// A failure is remembered as well: a program that failed, or that a person dismissed, is not
    /// started a second time in the same run.
    ///
    /// # Errors
    /// As [`PasswordSource::fetch`].
    pub fn get(&self, source: &PasswordSource) -> Result<SecretString, SecretError> {
        let mut fetched = self.fetched.borrow_mut();
        if let Some(answer) = fetched.get(source) {
            return answer.clone();
        }
        let answer = match (source, &*self.no_keyring.borrow()) {
            (PasswordSource::Keyring(entry), Some(trouble)) => Err(entry.failed(trouble.clone())),
            _ => source.fetch(),
        };
        if let Err(SecretError::Keyring { trouble, .. }) = &answer
            && trouble.is_of_the_whole_keyring()
        {
            self.no_keyring.replace(Some(trouble.clone()));
        }
        fetched.insert(source.clone(), answer.clone());
        answer
    }
}

impl PasswordSource {
    /// Asks the source.
    ///
    /// # Errors
    /// It is not there, not readable, open to others, too slow, or empty.
    pub fn fetch(&self) -> Result<SecretString, SecretError> {
        match self {
            Self::Keyring(entry) => entry.get(),
            Self::Command(argv) => from_command(argv, COMMAND_TIME),
            Self::Env(name) => from_environment(name, std::env::var_os(name)),
            Self::File(path) => from_file(path),
        }
    }
}

/// Arguments stay out of it: people do write `["echo", "secret"]`.
impl fmt::Debug for PasswordSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keyring(entry) => write!(f, "Keyring({:?})", entry.owner()),
            Self::Command(argv) => {
                write!(
                    f,
                    "Command({:?}, ..)",
                    argv.first().map_or("", String::as_str)
                )
            }
            Self::Env(name) => write!(f, "Env({name:?})"),
            Self::File(path) => write!(f, "File({path:?})"),
        }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(..)")
    }
}

/// Keeps the memory of this process, where passwords and cards are, out of core files and away
/// from debuggers of the same user. To be called before anything else.
///
/// A system that will not do it is no reason to stop: nothing else depends on it.
pub fn harden_process() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let _ = rustix::process::setrlimit(Resource::Core, none);
}

fn from_environment(name: &str, value: Option<OsString>) -> Result<SecretString, SecretError> {
    let failed = |what: &str, todo: &str| {
        Err(failure(
            format!("The environment variable {name}"),
            what.into(),
            todo.into(),
        ))
    };
    match value.map(OsString::into_string) {
        None => failed("is not set", "Set it, or name another source in the config"),
        Some(Err(_)) => failed("is no UTF-8 text", "Set it to the password alone"),
        Some(Ok(text)) => match first_line(Zeroizing::new(text.into_bytes())) {
            Some(secret) => Ok(secret),
            None => failed("is empty", "Set it to the password"),
        },
    }
}

fn from_file(path: &Path) -> Result<SecretString, SecretError> {
    let from = || format!("The password file {}", path.display());
    let unread = |error: io::Error| {
        let todo = "Make sure that it is there and that this user can read it";
        failure(from(), format!("could not be read: {error}"), todo.into())
    };
    // Without blocking: a pipe without a writer would hold the run for ever.
    let mut options = OpenOptions::new();
    options
        .read(true)
        .custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    let file = options.open(path).map_err(unread)?;
    // Asked of the opened file, so that nobody can exchange it between the look and the reading.
    let metadata = file.metadata().map_err(unread)?;
    if !metadata.is_file() {
        let todo = "Name a file that holds the password in its first line";
        return Err(failure(from(), "is no file".into(), todo.into()));
    }
    if open_to_others(&metadata) {
        let todo = format!("Close it: chmod 600 '{}'", path.display());
        return Err(failure(from(), "can be read by other users".into(), todo));
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_BYTES as usize));
    file.take(MAX_BYTES)
        .read_to_end(&mut bytes)
        .map_err(unread)?;
    first_line(bytes).ok_or_else(|| {
        let todo = "Write the password into its first line, as UTF-8";
        failure(from(), "has no text in its first line".into(), todo.into())
    })
}

/// The first line of standard input, which is read no further than that.
///
/// # Errors
/// It cannot be read, or its first line is empty or no text.
pub fn from_stdin() -> Result<SecretString, SecretError> {
    let unread = |error: io::Error| {
        failure(
            "Standard input".into(),
            format!("could not be read: {error}"),
            "Send the password in its first line".into(),
        )
    };
    // Past the buffer that standard input has, since nobody would zero that one.
    let input = io::stdin().as_fd().try_clone_to_owned().map_err(unread)?;
    first_line_of(&mut std::fs::File::from(input))
        .map_err(unread)?
        .ok_or_else(|| {
            failure(
                "Standard input".into(),
                "has no text in its first line".into(),
                "Send the password in its first line, as UTF-8".into(),
            )
        })
}

fn first_line_of(input: &mut impl Read) -> io::Result<Option<SecretString>> {
    // As long as it may get, so that it never moves and leaves a copy behind.
    let mut bytes = Zeroizing::new(vec![0; MAX_BYTES as usize]);
    let mut length = 0;
    while length < bytes.len() && !bytes[..length].contains(&b'\n') {
        match input.read(&mut bytes[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(length);
    Ok(first_line(bytes))
}

fn open_to_others(metadata: &std::fs::Metadata) -> bool {
    metadata.permissions().mode() & 0o077 != 0
}

/// The first line without its end; `None` when it is empty or no text.
fn first_line(bytes: Zeroizing<Vec<u8>>) -> Option<SecretString> {
    let line = bytes.split(|byte| *byte == b'\n').next()?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = std::str::from_utf8(line).ok()?;
    // Spaces inside and around are kept: a password may have them.
    if text.trim().is_empty() {
        None
    } else {
        Some(SecretString::from(text))
    }
}

fn failure(from: String, what: String, todo: String) -> SecretError {
    SecretError::Failed {
        from: clean(&from).into_owned(),
        what: clean(&what).into_owned(),
        todo: clean(&todo).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;
    use std::time::Instant;

    fn shell(script: &str) -> Vec<String> {
        ["sh", "-c", script].map(str::to_owned).to_vec()
    }

    fn told(answer: Result<SecretString, SecretError>) -> String {
        match answer {
            Ok(secret) => secret.expose_secret().to_owned(),
            Err(error) => panic!("{error}"),
        }
    }

    fn password_file(text: &str, mode: u32) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(mode)).unwrap();
        file
    }

    #[test]
    fn the_first_line_counts_and_its_spaces_stay() {
        let file = password_file(" a b \r\nlogin: anna\n", 0o600);
        assert_eq!(told(from_file(file.path())), " a b ");
        assert_eq!(
            told(from_command(&shell("printf 'pw\\nmore'"), COMMAND_TIME)),
            "pw"
        );
        assert_eq!(told(from_environment("X", Some("pw".into()))), "pw");
    }

    #[test]
    fn a_file_that_others_can_read_is_refused_with_the_cure() {
        let file = password_file("hunter2\n", 0o640);
        let said = from_file(file.path()).unwrap_err().to_string();
        assert!(said.contains("chmod 600"), "{said}");
        assert!(!said.contains("hunter2"));
    }

    #[test]
    fn what_is_no_file_is_refused_at_once() {
        let room = tempfile::tempdir().unwrap();
        std::fs::set_permissions(room.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        let said = from_file(room.path()).unwrap_err().to_string();
        assert!(said.contains("is no file"), "{said}");
        let pipe = room.path().join("pipe");
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        let kind = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, kind, mode, 0).unwrap();
        let said = from_file(&pipe).unwrap_err().to_string();
        assert!(said.contains("is no file"), "{said}");
    }

    #[test]
    fn standard_input_is_read_no_further_than_the_first_line() {
        let (mut reader, mut writer) = io::pipe().unwrap();
        io::Write::write_all(&mut writer, b" a b\r\nmore").unwrap();
        // The writer stays open: whoever waits for the end waits for ever.
        assert_eq!(
            first_line_of(&mut reader)
                .unwrap()
                .map(|s| told(Ok(s)))
                .as_deref(),
            Some(" a b")
        );
        drop(writer);
        assert!(first_line_of(&mut reader).unwrap().is_none());
    }

    #[test]
    fn an_empty_source_is_an_error() {
        assert!(from_file(password_file("\npw\n", 0o600).path()).is_err());
        assert!(from_environment("X", Some("".into())).is_err());
        assert!(from_environment("X", None).is_err());
        assert!(from_command(&shell("true"), COMMAND_TIME).is_err());
        assert!(from_command(&[], COMMAND_TIME).is_err());
    }

    #[test]
    fn a_failed_program_is_quoted_in_one_clean_line() {
        let script = "printf 'hunter2'; printf 'first\\nno \\033[31msuch entry\\n' >&2; exit 3";
        let said = from_command(&shell(script), COMMAND_TIME)
            .unwrap_err()
            .to_string();
        assert!(said.contains("saying: no \\u{1b}[31msuch entry"), "{said}");
        assert!(
            !said.contains("hunter2") && !said.contains("first"),
            "{said}"
        );
    }

    #[test]
    fn a_program_that_talks_much_is_quoted_in_short() {
        let script = "head -c 5000 /dev/zero | tr '\\0' x >&2; exit 1";
        let said = from_command(&shell(script), COMMAND_TIME)
            .unwrap_err()
            .to_string();
        assert!(said.contains("xxx") && said.len() < 500, "{said}");
    }

    #[test]
    fn a_program_that_waits_for_ever_is_stopped() {
        let start = Instant::now();
        let argv = ["sleep", "60"].map(str::to_owned);
        let said = from_command(&argv, Duration::from_millis(50))
            .unwrap_err()
            .to_string();
        assert!(said.contains("did not answer"), "{said}");
        assert!(start.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn a_program_sees_an_empty_input_and_may_print_much() {
        let script = "cat; echo pw; head -c 200000 /dev/zero >&2";
        assert_eq!(told(from_command(&shell(script), COMMAND_TIME)), "pw");
    }

    #[test]
    fn a_source_is_asked_once_in_a_run() {
        let room = tempfile::tempdir().unwrap();
        let log = room.path().join("log");
        let script = format!("echo x >> '{}'; echo pw; exit 1", log.display());
        let secrets = Secrets::default();
        let source = PasswordSource::Command(shell(&script));
        assert!(secrets.get(&source).is_err());
        assert!(secrets.get(&source).is_err());
        assert_eq!(std::fs::read_to_string(log).unwrap(), "x\n");
    }

    #[test]
    fn a_keyring_that_failed_as_a_whole_is_not_asked_for_each_account() {
        let secrets = Secrets::default();
        secrets.no_keyring.replace(Some(KeyringTrouble::Slow));
        let entry = KeyringEntry::new("anna", "dav.example.com").of_account("home");
        let error = secrets.get(&PasswordSource::Keyring(entry)).unwrap_err();
        assert!(error.to_string().contains("did not answer in time"));
        assert!(error.to_string().contains("login home"), "{error}");
        assert!(!error.is_missing());
    }

    #[test]
    fn nothing_here_prints_a_password() {
        let secrets = Secrets::default();
        let argv = ["echo", "hunter2"].map(str::to_owned);
        let source = PasswordSource::Command(argv.to_vec());
        let secret = secrets.get(&source).unwrap();
        assert_eq!(secret.expose_secret(), "hunter2");
        let failing = PasswordSource::Command(shell("echo hunter2; false"));
        let error = secrets.get(&failing).unwrap_err();
        let shown = format!("{secrets:?} {source:?} {secret:?} {error:?} {error}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_hardened_process_leaves_no_core() {
        harden_process();
        assert_eq!(rustix::process::getrlimit(Resource::Core).current, Some(0));
        let dumpable = rustix::process::dumpable_behavior().unwrap();
        assert_eq!(dumpable, rustix::process::DumpableBehavior::NotDumpable);
    }
}
