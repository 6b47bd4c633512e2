//! Puts our service and timer where the user's systemd finds them, and takes them out again.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::commands::Trouble;
use crate::commands::put::put;
use crate::schedule::systemd::{SERVICE, TIMER, is_ours};

use super::run::run;

/// Writes the units (path and text) and starts the timer.
///
/// # Errors
/// The user's systemd cannot be reached, a unit of that name is somebody else's, or a file cannot
/// be written. The message says what was done before.
pub fn install(units: &[(PathBuf, String)]) -> Result<(), Trouble> {
    // Asked first, so that no files are left where nobody reads them.
    systemctl(&["daemon-reload"]).map_err(|said| out_of_reach(&said))?;
    for (path, _) in units {
        owned(path)?;
    }
    for (path, text) in units {
        put(path, text.as_bytes()).map_err(|reason| {
            Trouble::Failed(format!(
                "Could not write {}: {reason}. The timer was not started. Make the folder \
                 writable and run this again",
                path.display()
            ))
        })?;
    }
    systemctl(&["daemon-reload"])
        .and_then(|()| systemctl(&["enable", "--now", TIMER]))
        .map_err(|said| {
            Trouble::Failed(format!(
                "The units are in place, but the timer could not be started: {said}. Try \
                 systemctl --user enable --now {TIMER}, or take them out with \
                 cardweave schedule systemd --remove"
            ))
        })
}

/// Stops the timer and deletes the units; those that were there.
///
/// # Errors
/// As [`install`].
pub fn remove(folder: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let mut there = Vec::new();
    for name in [TIMER, SERVICE] {
        let path = folder.join(name);
        if owned(&path)? {
            there.push(path);
        }
    }
    if there.is_empty() {
        return Ok(there);
    }
    systemctl(&["daemon-reload"]).map_err(|said| out_of_reach(&said))?;
    if there.iter().any(|path| path.ends_with(TIMER)) {
        systemctl(&["disable", "--now", TIMER]).map_err(|said| {
            Trouble::Failed(format!(
                "The timer could not be stopped: {said}. Nothing was deleted. Try \
                 systemctl --user disable --now {TIMER}, and run this again"
            ))
        })?;
    }
    for path in &there {
        fs::remove_file(path).map_err(|reason| {
            Trouble::Failed(format!(
                "The timer was stopped, but {} could not be deleted: {reason}. Delete it by hand",
                path.display()
            ))
        })?;
    }
    systemctl(&["daemon-reload"]).map_err(|said| {
        Trouble::Failed(format!(
            "The timer was stopped and its files are deleted, but systemd did not read its units \
             anew: {said}. Try systemctl --user daemon-reload"
        ))
    })?;
    Ok(there)
}

/// Whether this user's services run on without the user; `None` where nobody knows.
pub fn lingers(user: u32) -> Option<bool> {
    let user = user.to_string();
    let ran = run(
        "loginctl",
        &["show-user", &user, "--property=Linger", "--value"],
        b"",
    );
    match ran.ok()?.output.trim_ascii() {
        b"yes" => Some(true),
        b"no" => Some(false),
        _ => None,
    }
}

/// Whether the file is there; one that is not ours is an error.
fn owned(path: &Path) -> Result<bool, Trouble> {
    let what = match fs::read(path) {
        Ok(bytes) if is_ours(&String::from_utf8_lossy(&bytes)) => return Ok(true),
        Ok(_) => "was not written by cardweave".to_owned(),
        // A link to nowhere is somebody's all the same.
        Err(error) if error.kind() == ErrorKind::NotFound => match fs::symlink_metadata(path) {
            Err(_) => return Ok(false),
            Ok(_) => "is a link to a file that is not there".to_owned(),
        },
        Err(error) => format!("could not be read: {error}"),
    };
    Err(Trouble::Failed(format!(
        "{} {what}. Nothing was changed. Move it away and run this again",
        path.display()
    )))
}

fn systemctl(arguments: &[&str]) -> Result<(), String> {
    let words = [&["--user"], arguments].concat();
    match run("systemctl", &words, b"") {
        Ok(ran) if ran.succeeded => Ok(()),
        Ok(ran) => Err(ran.complaint()),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err("there is no systemctl on this machine".to_owned())
        }
        Err(error) => Err(format!("systemctl could not be used: {error}")),
    }
}

fn out_of_reach(said: &str) -> Trouble {
    Trouble::Failed(format!(
        "Your own systemd cannot be reached: {said}. Nothing was changed. Sign in as the user \
         whose contacts these are (su and sudo do not do that; ssh does), or use \
         cardweave schedule cron"
    ))
}
