//! Where folders really are: `~`, relative paths, links, and whether two of them overlap.

use std::path::{Component, Path, PathBuf};

/// From where the paths of a config are understood.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// The directory of the config file: relative paths start here, whatever the working
    /// directory of a timer is.
    pub base: PathBuf,
    /// What `~` stands for.
    pub home: Option<PathBuf>,
}

impl Origin {
    /// The absolute path that is meant. `$VARIABLES` are left as they are written.
    ///
    /// # Errors
    /// The advice, when `~` cannot be expanded.
    pub fn path(&self, text: &str) -> Result<PathBuf, &'static str> {
        let Some(rest) = text.strip_prefix('~') else {
            return Ok(self.base.join(text));
        };
        if !rest.is_empty() && !rest.starts_with('/') {
            return Err("Only your own home is known: write ~/… or the whole path.");
        }
        match &self.home {
            Some(home) => Ok(home.join(rest.trim_start_matches('/'))),
            None => Err("No home directory is known (HOME is not set): write the whole path."),
        }
    }
}

/// The path with links resolved as far as it exists, so that two spellings of one folder compare
/// equal also before the folder is made.
pub fn settled(path: &Path) -> PathBuf {
    let mut settled = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                settled.pop();
            }
            part => {
                settled.push(part);
                settled = settled.canonicalize().unwrap_or(settled);
            }
        }
    }
    settled
}

/// How two settled folders lie to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlap {
    Same,
    Inside,
    Around,
    Apart,
}

pub fn overlap(folder: &Path, other: &Path) -> Overlap {
    match (folder.starts_with(other), other.starts_with(folder)) {
        (true, true) => Overlap::Same,
        (true, false) => Overlap::Inside,
        (false, true) => Overlap::Around,
        (false, false) => Overlap::Apart,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin() -> Origin {
        Origin {
            base: "/etc/cards".into(),
            home: Some("/home/anna".into()),
        }
    }

    #[test]
    fn the_tilde_is_home_and_a_variable_is_only_a_name() {
        assert_eq!(
            origin().path("~/Contacts"),
            Ok("/home/anna/Contacts".into())
        );
        assert_eq!(origin().path("~"), Ok("/home/anna".into()));
        assert_eq!(origin().path("$HOME/x"), Ok("/etc/cards/$HOME/x".into()));
        assert!(origin().path("~bert/x").is_err());
        assert!(Origin::default().path("~/x").is_err());
    }

    #[test]
    fn names_that_only_begin_alike_are_apart() {
        assert_eq!(
            overlap(Path::new("/a/cards2"), Path::new("/a/cards")),
            Overlap::Apart
        );
        assert_eq!(
            overlap(Path::new("/a/cards"), Path::new("/a/cards2")),
            Overlap::Apart
        );
        assert_eq!(overlap(Path::new("/a/b"), Path::new("/a")), Overlap::Inside);
        assert_eq!(overlap(Path::new("/a"), Path::new("/a/b")), Overlap::Around);
    }

    #[test]
    fn a_link_and_its_target_are_the_same_folder_also_with_a_new_name_below() {
        let room = tempfile::tempdir().unwrap();
        std::fs::create_dir(room.path().join("real")).unwrap();
        std::os::unix::fs::symlink(room.path().join("real"), room.path().join("link")).unwrap();
        let real = settled(&room.path().join("real/new"));
        let link = settled(&room.path().join("./other/../link/new"));
        assert_eq!(overlap(&real, &link), Overlap::Same);
    }
}
