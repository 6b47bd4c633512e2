//! Writes the texts with which cron and systemd start `sync` regularly; runs and saves nothing.

pub mod cron;
mod interval;
pub mod systemd;

use std::path::Path;

use sha2::{Digest, Sha256};

pub use interval::{Interval, Moments, NotAnInterval, NotExact};

/// One `sync` that something else shall start again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The program, its absolute path first, and its arguments.
    words: Vec<String>,
    every: Interval,
    /// The number of the user whose contacts these are.
    user: u32,
    /// Where password programs are looked for; `None` where there are none.
    search_path: Option<String>,
    /// Moves the runs of each machine to moments of its own.
    spread: u32,
}

/// A text that stands in no crontab and no unit file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("{0:?} is no absolute path")]
    NotAbsolute(String),
    #[error("{0:?} holds a line break, another control character, or is no UTF-8")]
    NotOneLine(String),
    #[error("{text:?} holds {what}, which {scheduler} cannot take there")]
    Sign {
        text: String,
        what: &'static str,
        scheduler: &'static str,
    },
    #[error(
        "the line would have {0} signs and cron reads no more than {most}: give it a shorter search \
         path, as in PATH=/usr/local/bin:/usr/bin:/bin cardweave schedule cron",
        most = cron::MOST_SIGNS
    )]
    TooLong(usize),
}

impl Job {
    /// A `sync` by this program with this config and state, where they are not the usual ones.
    ///
    /// # Errors
    /// A path is not absolute, or cannot stand in one line of text.
    pub fn new(
        program: &Path,
        config: Option<&Path>,
        state: Option<&Path>,
        every: Interval,
        user: u32,
    ) -> Result<Self, Unfit> {
        let mut words = vec![plain(program)?];
        for (flag, path) in [("--config", config), ("--state", state)] {
            if let Some(path) = path {
                words.extend([flag.to_owned(), plain(path)?]);
            }
        }
        // Without progress: nobody looks on.
        words.extend(["--quiet", "sync"].map(str::to_owned));
        Ok(Self {
            words,
            every,
            user,
            search_path: None,
            spread: 0,
        })
    }

    /// The same with a place to look for password programs, which a scheduler would not know of.
    ///
    /// Folders that are not absolute mean another place for each program: they are left out, and
    /// so is what cannot stand in a line.
    #[must_use]
    pub fn looking_in(mut self, search_path: &str) -> Self {
        let mut folders: Vec<&str> = Vec::new();
        for folder in search_path.split(':') {
            if plain(Path::new(folder)).is_ok() && !folders.contains(&folder) {
                folders.push(folder);
            }
        }
        self.search_path = (!folders.is_empty()).then(|| folders.join(":"));
        self
    }

    /// The same at moments of this machine's own, so that not every machine in the world asks its
    /// server in the same second.
    #[must_use]
    pub fn spread_by(mut self, host: &str) -> Self {
        let hash = Sha256::digest(format!("{}@{host}", self.user));
        self.spread = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]);
        self
    }
}

/// A path as a text of one line.
fn plain(path: &Path) -> Result<String, Unfit> {
    let shown = || path.to_string_lossy().into_owned();
    match path.to_str() {
        Some(text) if !text.chars().any(char::is_control) => {
            if path.is_absolute() {
                Ok(text.to_owned())
            } else {
                Err(Unfit::NotAbsolute(shown()))
            }
        }
        _ => Err(Unfit::NotOneLine(shown())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(program: &str) -> Result<Job, Unfit> {
        let every = "30m".parse().unwrap();
        Job::new(Path::new(program), None, None, every, 1000)
    }

    #[test]
    fn a_path_that_means_another_place_elsewhere_or_forges_a_line_is_refused() {
        assert!(matches!(job("bin/cardweave"), Err(Unfit::NotAbsolute(_))));
        assert!(matches!(job("/a\n* * * * * rm"), Err(Unfit::NotOneLine(_))));
        let said = job("/a\nb").unwrap_err().to_string();
        assert!(!said.contains('\n'), "{said}");
    }

    #[test]
    fn a_search_path_keeps_what_is_absolute_once() {
        let job = job("/usr/bin/cardweave").unwrap();
        let path = |text| job.clone().looking_in(text).search_path;
        assert_eq!(
            path("/usr/bin:.::/bin:/usr/bin:/a\nb"),
            Some("/usr/bin:/bin".to_owned())
        );
        assert_eq!(path(".:"), None);
    }

    #[test]
    fn two_machines_differ_and_one_stays_the_same() {
        let spread = |host| job("/bin/cardweave").unwrap().spread_by(host).spread;
        assert_eq!(spread("laptop"), spread("laptop"));
        assert_ne!(spread("laptop"), spread("desk"));
    }
}
