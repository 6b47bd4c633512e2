//! `schema`: the JSON schema of what a command prints with `--json`.

use schemars::schema_for;

use crate::check::CheckReport;
use crate::cli::{Described, Schema};
use crate::demo::DemoReport;

use super::{
    Exit, Surroundings, Trouble, answer, cadence, diff, discover, duplicates, history, init, list,
    login, logout, man, report, review, schedule, show, snooze, split, status, sync, tier, undo,
};

pub fn execute(typed: &Schema, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let schema = match typed.command {
        Described::Init => schema_for!(init::InitReport),
        Described::Sync => schema_for!(sync::SyncReport),
        Described::Review => schema_for!(review::ReviewReport),
        Described::Answer => schema_for!(answer::AnswerReport),
        Described::Diff => schema_for!(diff::DiffReport),
        Described::Status => schema_for!(status::StatusReport),
        Described::History => schema_for!(history::HistoryReport),
        Described::Undo => schema_for!(undo::UndoReport),
        Described::Merge => schema_for!(sync::SyncReport),
        Described::Split => schema_for!(split::SplitReport),
        Described::Show => schema_for!(show::ShowReport),
        Described::List => schema_for!(list::ListReport),
        Described::Schedule => schema_for!(schedule::ScheduleReport),
        Described::Man => schema_for!(man::ManReport),
        Described::Login => schema_for!(login::LoginReport),
        Described::Logout => schema_for!(logout::LogoutReport),
        Described::Discover => schema_for!(discover::DiscoverReport),
        Described::Demo => schema_for!(DemoReport),
        Described::Duplicates => schema_for!(duplicates::DuplicatesReport),
        Described::Cadence => schema_for!(cadence::CadenceReport),
        Described::Snooze => schema_for!(snooze::SnoozeReport),
        Described::Report => schema_for!(report::ReportReport),
        Described::Tier => schema_for!(tier::TierReport),
        // Each takes its place here with its command.
        Described::Lists
        | Described::Due
        | Described::Log
        | Described::Archive
        | Described::Promise
        | Described::Met
        | Described::Goal
        | Described::Import => schema_for!(tier::TierReport),
        Described::Check => schema_for!(CheckReport),
    };
    let text = serde_json::to_string_pretty(&schema).map_err(std::io::Error::from)?;
    at.output.document(&text)?;
    Ok(Exit::InStep)
}
