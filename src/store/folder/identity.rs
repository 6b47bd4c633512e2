//! Tells the folder we know from an empty mount point or from another folder in its place.

use rustix::fs::{AtFlags, CWD, fstat, statat};
use serde::{Deserialize, Serialize};

use super::{Folder, missing};
use crate::store::{Cursor, StoreError};

/// So many file names are remembered, spread over the folder.
const SAMPLE: usize = 32;

/// What a folder is recognised by.
///
/// Device and inode name a directory, but a disk gets another device number when it is plugged in
/// again, and a restored backup another inode. So a folder that holds at least half of the
/// remembered names is the one we know as well. A folder in which nothing was is recognised in any:
/// nothing can be missing from it.
#[derive(Debug, Serialize, Deserialize)]
struct Identity {
    device: u64,
    inode: u64,
    names: Vec<String>,
}

impl Folder {
    /// The cursor of a folder that now holds `names` (sorted).
    ///
    /// # Errors
    /// It is not the folder of the `known` cursor, or it was removed or replaced while it was open.
    pub(super) fn recognise(
        &self,
        known: Option<&Cursor>,
        names: &[&str],
    ) -> Result<Cursor, StoreError> {
        let folder = self.path.display();
        let opened = fstat(&self.directory).map_err(|error| self.failed("looking", error))?;
        // A removed directory that is still open lists as empty; so what counts is the path.
        let at_path = statat(CWD, &self.path, AtFlags::empty())
            .map_err(|error| missing(&self.id, format!("the folder {folder} is gone: {error}")))?;
        if (opened.st_dev, opened.st_ino) != (at_path.st_dev, at_path.st_ino) {
            let what = format!("the folder {folder} was replaced while it was in use");
            return Err(missing(&self.id, what));
        }
        let (device, inode) = (at_path.st_dev, at_path.st_ino);
        // A cursor that cannot be read recognises nothing, and so it refuses nothing.
        let known = known.and_then(|cursor| serde_json::from_str::<Identity>(&cursor.0).ok());
        if let Some(known) = known {
            let same = (known.device, known.inode) == (device, inode);
            let wanted = known.names.iter();
            let there = wanted
                .filter(|name| names.binary_search(&name.as_str()).is_ok())
                .count();
            if !same && there * 2 < known.names.len() {
                let what = format!(
                    "{folder} is not the folder of the last run: of {} files looked for, {there} \
                     are there",
                    known.names.len()
                );
                return Err(missing(&self.id, what));
            }
        }
        let step = names.len().div_ceil(SAMPLE).max(1);
        let names = names
            .iter()
            .step_by(step)
            .map(|&name| name.to_owned())
            .collect();
        let identity = Identity {
            device,
            inode,
            names,
        };
        Ok(Cursor(serde_json::json!(identity).to_string()))
    }
}
