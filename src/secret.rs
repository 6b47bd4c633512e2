//! Fetches passwords from where the config says they are, in a type that never prints itself.

use std::fmt;
use std::path::PathBuf;

/// Where a password comes from. Never the password itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum PasswordSource {
    /// The operating system's keyring.
    #[default]
    Keyring,
    /// Program and arguments, run without a shell; the first line of its output counts.
    Command(Vec<String>),
    /// The name of an environment variable.
    Env(String),
    /// A file of the user's own, absolute; its first line counts.
    File(PathBuf),
}

/// Arguments stay out of it: people do write `["echo", "secret"]`.
impl fmt::Debug for PasswordSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keyring => f.write_str("Keyring"),
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
