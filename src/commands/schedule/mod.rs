//! `schedule`: prints or installs what runs `sync` regularly.

mod cron;
mod run;
mod systemd;

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::{Schedule, Scheduler};
use crate::config::Config;
use crate::schedule::systemd::{SERVICE, TIMER, service, timer};
use crate::schedule::{Interval, Job, cron::block};
use crate::secret::PasswordSource;
use crate::ui::out::Page;
use crate::ui::text::clean;

use super::{Exit, Surroundings, Trouble};

/// What `schedule --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ScheduleReport {
    /// `cron` or `systemd`.
    pub scheduler: String,
    pub done: Done,
    /// What was printed or put in place; of what was removed only the places.
    pub parts: Vec<Part>,
    /// What keeps runs from working, or from happening, with what to do.
    pub advice: Vec<String>,
}

/// What became of the parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Done {
    /// Nothing was changed.
    Printed,
    Installed,
    Removed,
    /// There was nothing to remove.
    Nothing,
}

/// One text and the place it is for.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Part {
    /// `crontab`, or the path of a unit file.
    pub place: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

pub fn execute(typed: &Schedule, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let report = if typed.remove {
        remove(typed.scheduler, at)?
    } else {
        schedule(typed, at)?
    };
    for advice in &report.advice {
        tracing::warn!("{advice}");
    }
    at.output.present(&report, render)?;
    Ok(Exit::InStep)
}

fn schedule(typed: &Schedule, at: &Surroundings) -> Result<ScheduleReport, Trouble> {
    // What nobody looks at must not begin with a config that does not work.
    let config = at.config()?;
    let every: Interval = typed.every.parse().map_err(|error| {
        Trouble::Asked(format!(
            "--every {}: {error}. Nothing was changed",
            clean(&typed.every)
        ))
    })?;
    let program = std::env::current_exe().map_err(|error| {
        Trouble::Failed(format!(
            "The path of this program is not known: {error}. Nothing was changed"
        ))
    })?;
    let user = rustix::process::getuid().as_raw();
    let mut advice = unattended(&config);
    advice.extend(passing(&program));
    let job = job(&program, every, user, &config, at)?;
    let parts = match typed.scheduler {
        Scheduler::Cron => {
            let block = block(&job).map_err(|error| {
                Trouble::Asked(format!(
                    "Nothing was changed: {error}. systemd can do more: cardweave schedule systemd"
                ))
            })?;
            if typed.install {
                cron::install(&block)?;
            }
            vec![("crontab".to_owned(), block)]
        }
        Scheduler::Systemd => {
            let folder = unit_folder(at)?;
            let service = service(&job)
                .map_err(|error| Trouble::Asked(format!("Nothing was changed: {error}")))?;
            let units = [
                (folder.join(SERVICE), service),
                (folder.join(TIMER), timer(&job)),
            ];
            if typed.install {
                systemd::install(&units)?;
            }
            if systemd::lingers(user) == Some(false) {
                advice.push(
                    "Runs happen only while you are signed in, because lingering is off for you. \
                     To have them from the start of the machine on: loginctl enable-linger. A \
                     keyring stays locked until you sign in all the same."
                        .to_owned(),
                );
            }
            let place = |path: &Path| path.to_string_lossy().into_owned();
            units.map(|(path, text)| (place(&path), text)).into()
        }
    };
    let parts = parts.into_iter().map(|(place, text)| Part {
        place,
        text: Some(text),
    });
    Ok(ScheduleReport {
        scheduler: name(typed.scheduler).to_owned(),
        done: if typed.install {
            Done::Installed
        } else {
            Done::Printed
        },
        parts: parts.collect(),
        advice,
    })
}

fn remove(scheduler: Scheduler, at: &Surroundings) -> Result<ScheduleReport, Trouble> {
    let places = match scheduler {
        Scheduler::Cron if cron::remove()? => vec!["crontab".to_owned()],
        Scheduler::Cron => Vec::new(),
        Scheduler::Systemd => {
            let removed = systemd::remove(&unit_folder(at)?)?;
            let places = removed.iter().map(|path| path.to_string_lossy());
            places.map(std::borrow::Cow::into_owned).collect()
        }
    };
    Ok(ScheduleReport {
        scheduler: name(scheduler).to_owned(),
        done: if places.is_empty() {
            Done::Nothing
        } else {
            Done::Removed
        },
        parts: places
            .into_iter()
            .map(|place| Part { place, text: None })
            .collect(),
        advice: Vec::new(),
    })
}

/// The run to schedule, with the paths as they are here and now.
fn job(
    program: &Path,
    every: Interval,
    user: u32,
    config: &Config,
    at: &Surroundings,
) -> Result<Job, Trouble> {
    let unfit =
        |what: String| Trouble::Asked(format!("Nothing was changed: {what}. Use another path"));
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let home = at.directories.home.as_deref();
    // A scheduler does not know where XDG_CONFIG_HOME and XDG_STATE_HOME point here.
    let moved = |usual: &str, found: Option<&PathBuf>| {
        let found = found?;
        let is_usual = home.is_some_and(|home| home.join(usual) == *found);
        (!is_usual).then(|| found.clone())
    };
    let config_file = at.globals.config.as_deref().map(absolute).or_else(|| {
        let folder = moved(".config/cardweave", at.directories.config.as_ref())?;
        Some(folder.join("config.toml"))
    });
    let state = at.globals.state.as_deref().map(absolute);
    let state = state.or_else(|| moved(".local/state/cardweave", at.directories.state.as_ref()));
    let job = Job::new(
        program,
        config_file.as_deref(),
        state.as_deref(),
        every,
        user,
    )
    .map_err(|error| unfit(error.to_string()))?;
    let host = rustix::system::uname();
    let job = job.spread_by(&host.nodename().to_string_lossy());
    let starts_programs =
        |account: &crate::config::Account| matches!(account.password, PasswordSource::Command(_));
    match std::env::var("PATH") {
        Ok(path) if config.accounts.values().any(starts_programs) => Ok(job.looking_in(&path)),
        _ => Ok(job),
    }
}

/// Says which passwords are not at hand when nobody is there.
fn unattended(config: &Config) -> Vec<String> {
    let mut advice = Vec::new();
    for account in config.accounts.values() {
        let name = clean(&account.name);
        match &account.password {
            PasswordSource::Env(variable) => advice.push(format!(
                "Account `{name}` cannot sign in by itself: its password is in the environment \
                 variable {}, which neither cron nor systemd knows. Use the keyring, a command or \
                 a file.",
                clean(variable)
            )),
            PasswordSource::Command(_) => advice.push(format!(
                "Account `{name}` signs in by itself only if its password program asks nobody: \
                 one that waits for a PIN or a passphrase fails after 30 seconds."
            )),
            PasswordSource::File(_) => {}
            _ => advice.push(format!(
                "Account `{name}` signs in by itself only while the keyring is unlocked, which \
                 it is as a rule from signing in to signing out. Runs at other times leave that \
                 account out."
            )),
        }
    }
    advice
}

/// Says when the program is where it will not stay.
fn passing(program: &Path) -> Option<String> {
    let built = program
        .components()
        .any(|part| part.as_os_str() == "target");
    let temporary = [std::env::temp_dir(), "/tmp".into(), "/var/tmp".into()];
    if !built && !temporary.iter().any(|folder| program.starts_with(folder)) {
        return None;
    }
    Some(format!(
        "This program is {}, a place that is emptied now and then. Install it (cargo install \
         puts it into ~/.cargo/bin) and run this again from there.",
        clean(&program.to_string_lossy())
    ))
}

/// Where the user's systemd looks for units.
fn unit_folder(at: &Surroundings) -> Result<PathBuf, Trouble> {
    let ours = at.directories.config.as_deref();
    let folder = ours.and_then(Path::parent).ok_or_else(|| {
        Trouble::Asked(
            "No place for the units is known: HOME is not set. Nothing was changed".to_owned(),
        )
    })?;
    Ok(folder.join("systemd/user"))
}

fn name(scheduler: Scheduler) -> &'static str {
    match scheduler {
        Scheduler::Cron => "cron",
        Scheduler::Systemd => "systemd",
    }
}

fn render(report: &ScheduleReport, _: &Page) -> String {
    let is_cron = report.scheduler == "cron";
    let places = report.parts.iter().map(|part| clean(&part.place));
    let places = places.collect::<Vec<_>>().join(" and ");
    match report.done {
        // The texts as they are, for a file; what could act on a terminal was refused before.
        Done::Printed if is_cron => texts(report, |_, text| text.to_owned()),
        Done::Printed => texts(report, |place, text| format!("# {place}\n{text}\n")),
        Done::Installed if is_cron => "Your crontab starts cardweave sync from now on.\n\
             Cron mails what a failed run says; cardweave status shows what became of the others."
            .to_owned(),
        Done::Installed => format!(
            "Wrote {places}, and started the timer.\n\
             The next run: systemctl --user list-timers {TIMER}\n\
             What runs said: journalctl --user --unit {SERVICE}"
        ),
        Done::Removed if is_cron => "Your crontab no longer starts cardweave.".to_owned(),
        Done::Removed => format!("Stopped the timer and deleted {places}."),
        Done::Nothing => format!(
            "There was nothing of cardweave to remove from {}.",
            report.scheduler
        ),
    }
}

fn texts(report: &ScheduleReport, shown: impl Fn(&str, &str) -> String) -> String {
    let parts = report.parts.iter();
    parts
        .map(|part| {
            shown(
                &clean(&part.place),
                part.text.as_deref().unwrap_or_default(),
            )
        })
        .collect()
}
