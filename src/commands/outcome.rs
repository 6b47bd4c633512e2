//! How a command ends: its exit code, or the trouble that kept it from a result.

use std::io;

use crate::config::ConfigError;
use crate::run::Standing;
use crate::secret::SecretError;
use crate::state::{StateError, StateErrorKind};
use crate::store::StoreError;
use crate::ui::ask::NoAnswer;
use crate::ui::text::clean;

/// The exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    InStep = 0,
    /// The run failed or, for `diff`, stores differ.
    Failed = 1,
    Usage = 2,
    QuestionsOpen = 3,
    Stopped = 4,
    Partly = 5,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        std::process::ExitCode::from(exit as u8)
    }
}

impl From<Standing> for Exit {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::InStep => Exit::InStep,
            Standing::QuestionsOpen => Exit::QuestionsOpen,
            Standing::Partly => Exit::Partly,
            Standing::Stopped => Exit::Stopped,
            Standing::Failed => Exit::Failed,
        }
    }
}

/// What kept a command from a result.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    State(#[from] StateError),
    #[error("Could not write the result: {0}. What the command did is done")]
    Output(#[from] io::Error),
    #[error("The demo could not use its temporary place: {0}. Nothing of yours was touched")]
    Demo(io::Error),
    /// A server will not have us, and without it there is no result.
    #[error("Nothing was changed: {0}")]
    Server(StoreError),
    /// Something has to be asked, and there is no answer.
    #[error("Stopped: {0}. Nothing was changed")]
    NoAnswer(#[from] NoAnswer),
    /// The password cannot be stored, or not be had.
    #[error("{0}. Nothing was stored or changed")]
    Secret(#[from] SecretError),
    /// What was to be done did not work. A sentence with what was left alone and what to do.
    #[error("{0}")]
    Failed(String),
    /// Something was asked for that is not there. A sentence with what to do.
    #[error("{0}")]
    Asked(String),
}

impl Trouble {
    pub fn exit(&self) -> Exit {
        match self {
            Trouble::Config(_) | Trouble::Asked(_) => Exit::Usage,
            Trouble::NoAnswer(NoAnswer::NoTerminal) => Exit::Usage,
            // Somebody else is at work: nothing failed, and nothing was written.
            Trouble::State(error) if error.kind == StateErrorKind::Locked => Exit::Stopped,
            Trouble::State(_)
            | Trouble::Output(_)
            | Trouble::Demo(_)
            | Trouble::NoAnswer(_)
            | Trouble::Server(_)
            | Trouble::Secret(_)
            | Trouble::Failed(_) => Exit::Failed,
        }
    }

    /// The message, harmless on a terminal, line by line.
    pub fn text(&self) -> String {
        let message = self.to_string();
        message.lines().map(clean).collect::<Vec<_>>().join("\n")
    }
}
