//! `schema`: the JSON schema of what a command prints with `--json`.

use schemars::schema_for;

use crate::check::CheckReport;
use crate::cli::{Described, Schema};
use crate::demo::DemoReport;

use super::{
    Exit, Surroundings, Trouble, answer, archive, cadence, diff, discover, due, duplicates, goal,
    history, import, init, list, lists, log, login, logout, man, met, promise, report, review,
    schedule, show, snooze, split, status, sync, tier, undo,
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
        Described::Log => schema_for!(log::LogReport),
        Described::Promise => schema_for!(promise::PromiseReport),
        Described::Met => schema_for!(met::MetReport),
        Described::Goal => schema_for!(goal::GoalReport),
        Described::Archive => schema_for!(archive::ArchiveReport),
        Described::Import => schema_for!(import::ImportReport),
        Described::Lists => schema_for!(lists::ListsReport),
        Described::Due => schema_for!(due::DueReport),
        Described::Check => schema_for!(CheckReport),
    };
    let text = serde_json::to_string_pretty(&schema).map_err(std::io::Error::from)?;
    at.output.document(&text)?;
    Ok(Exit::InStep)
}
