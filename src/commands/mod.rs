//! One file per command: load, call the core, hand to output.

mod amend;
mod answer;
mod archive;
mod cadence;
mod check;
mod contact;
mod diff;
mod discover;
mod due;
mod duplicates;
mod flags;
mod goal;
mod history;
mod ids;
mod import;
mod init;
mod list;
mod lists;
mod log;
mod login;
mod logout;
mod man;
mod merge;
mod met;
mod open;
mod outcome;
mod people;
mod promise;
mod put;
mod questions;
mod report;
mod review;
mod schedule;
mod schema;
mod show;
mod sign_in;
mod snooze;
mod split;
mod status;
mod sync;
mod tier;
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
        Command::List(typed) => list::execute(&typed, &mut at),
        Command::Lists(typed) => lists::execute(&typed, &mut at),
        Command::Tier(typed) => tier::execute(&typed, &mut at),
        Command::Cadence(typed) => cadence::execute(&typed, &mut at),
        Command::Due(typed) => due::execute(&typed, &mut at),
        Command::Snooze(typed) => snooze::execute(&typed, &mut at),
        Command::Log(typed) => log::execute(&typed, &mut at),
        Command::Archive(typed) => archive::execute(&typed, &mut at),
        Command::Promise(typed) => promise::execute(&typed, &mut at),
        Command::Met(typed) => met::execute(&typed, &mut at),
        Command::Goal(typed) => goal::execute(&typed, &mut at),
        Command::Report(typed) => report::execute(&typed, &mut at),
        Command::Import(typed) => import::execute(&typed, &mut at),
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
