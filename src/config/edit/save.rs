//! Puts a changed config in the place of the old one, whole or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Puts the new text in the place of the old one, whole or not at all. `old`: what was read;
/// `None` where there was no file.
///
/// A link stays a link: what it leads to is replaced.
///
/// # Errors
/// The file is not as it was read, or cannot be written. It is left as it is.
pub fn save(path: &Path, old: Option<&str>, new: &str) -> io::Result<()> {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let directory = target.parent().unwrap_or(Path::new("."));
    if old.is_none() {
        private_directory(directory)?;
    }
    // Only its owner can read it, until the mode of the old one is taken over.
    let mut file = tempfile::Builder::new()
        .prefix(".config-")
        .tempfile_in(directory)?;
    file.write_all(new.as_bytes())?;
    let Some(old) = old else {
        file.as_file().sync_all()?;
        file.persist_noclobber(&target)
            .map_err(|error| error.error)?;
        return sync_directory(directory);
    };
    if fs::read(&target)? != old.as_bytes() {
        return Err(io::Error::other("somebody changed it meanwhile"));
    }
    let permissions = fs::metadata(&target)?.permissions();
    file.as_file().set_permissions(permissions)?;
    file.as_file().sync_all()?;
    file.persist(&target).map_err(|error| error.error)?;
    sync_directory(directory)
}

fn private_directory(directory: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
}

fn sync_directory(directory: &Path) -> io::Result<()> {
    fs::File::open(directory)?.sync_all()
}
