//! Puts a text file in place whole or not at all.

use std::fs::Permissions;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Writes a file that everybody may read, as far as the umask lets them; a reader meets the old
/// text or the new one.
///
/// # Errors
/// Its folder cannot be made or written, or the disk is full. The old file is as it was.
pub fn put(path: &Path, text: &[u8]) -> io::Result<()> {
    put_as(path, text, 0o644)
}

/// The same for a file that nobody else may read.
///
/// # Errors
/// As [`put`].
pub fn put_private(path: &Path, text: &[u8]) -> io::Result<()> {
    put_as(path, text, 0o600)
}

fn put_as(path: &Path, text: &[u8], mode: u32) -> io::Result<()> {
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let folder = folder.unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new()
        .prefix(".cardweave-")
        .permissions(Permissions::from_mode(mode))
        .tempfile_in(folder)?;
    file.write_all(text)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
