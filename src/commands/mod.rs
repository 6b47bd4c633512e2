//! One file per command: load, call the core, hand to output.

mod answer;
mod check;
mod contact;
mod diff;
mod discover;
mod duplicates;
mod flags;
mod history;
mod init;
mod list;
mod login;
mod logout;
mod man;
mod merge;
mod open;
mod outcome;
mod put;
mod questions;
mod review;
mod schedule;
mod schema;
mod show;
mod sign_in;
mod split;
mod status;
mod sync;
mod undo;

pub use outcome::{Exit, Trouble};

use clap::CommandFactory;
use indicatif::MultiProgress;

use crate::cli::{Cli, Command, Globals};
use crate::config::{Config, Directories};
use crate::demo;
use crate::ui::out::Output;

/// Where a command runs: what was typed for all commands, this user's directories, the terminal.
pub struct Surroundings {
    pub globals: Globals,
    pub directories: Directories,
    pub output: Output,
    pub screen: MultiProgress,
    /// Somebody sits at a terminal and may be asked after a run.
    pub may_ask: bool,
}

impl Surroundings {
    fn config(&self) -> Result<Config, Trouble> {
        Ok(Config::load(
            self.globals.config.as_deref(),
            &self.directories,
        )?)
    }
}

/// Runs a command.
///
/// # Errors
/// What keeps the command from having a result at all, worded for people.
pub async fn execute(command: Command, mut at: Surroundings) -> Result<Exit, Trouble> {
    match command {
        Command::Init(typed) => init::execute(&typed, &mut at).await,
        Command::Login(typed) => login::execute(&typed, &mut at).await,
        Command::Logout(typed) => logout::execute(&typed, &mut at).await,
        Command::Discover(typed) => discover::execute(&typed, &mut at).await,
        Command::Check(typed) => check::execute(&typed, &mut at).await,
        Command::Sync(typed) => sync::execute(&typed, &mut at).await,
        Command::Review(typed) => review::execute(&typed, &mut at).await,
        Command::Answer(typed) => answer::execute(&typed, &mut at).await,
        Command::Diff(typed) => diff::execute(&typed, &mut at).await,
        Command::Duplicates(typed) => duplicates::execute(&typed, &mut at),
        Command::Status => status::execute(&mut at),
        Command::History(typed) => history::execute(&typed, &mut at),
        Command::Undo(typed) => undo::execute(&typed, &mut at).await,
        Command::Merge(typed) => merge::execute(&typed, &mut at).await,
        Command::Split(typed) => split::execute(&typed, &mut at).await,
        Command::Show(typed) => show::execute(&typed, &mut at),
        Command::List => list::execute(&mut at),
        Command::Schema(typed) => schema::execute(&typed, &mut at),
        Command::Schedule(typed) => schedule::execute(&typed, &mut at),
        Command::Man(typed) => man::execute(&typed, &mut at),
        Command::Completions(typed) => {
            let mut script = Vec::new();
            clap_complete::generate(typed.shell, &mut Cli::command(), "cardweave", &mut script);
            at.output.document(&String::from_utf8_lossy(&script))?;
            Ok(Exit::InStep)
        }
        Command::Demo(typed) => demo::execute(&typed, &mut at).await,
    }
}
