//! Writes one file whole or not at all, and only over the version that is expected there.

use std::fs::{File, FileTimes};
use std::io::{self, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use rustix::fs::{
    AtFlags, Gid, Mode, OFlags, RenameFlags, Stat, Uid, XattrFlags, fchmod, fchown, fgetxattr,
    fgetxattr_query, flistxattr, flistxattr_query, fsetxattr, fstat, fsync, linkat, openat,
    renameat, renameat_with, statat, unlinkat,
};
use rustix::io::Errno;

use super::Folder;
use super::scan::{TEMPORARY, file_name};
use super::stamp::Stamp;
use crate::book::{ETag, Entry, Href};
use crate::card::Card;
use crate::store::{WriteError, Written};

/// Contacts are nobody else's business until their owner says so.
const NEW_FILE: Mode = Mode::RUSR.union(Mode::WUSR);

impl Folder {
    /// Makes a new file, or finds its name taken.
    pub(super) fn create(&self, name: &str, card: &Card) -> Result<Written, WriteError> {
        let is_safe = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || name.len() > 100 || !name.chars().all(is_safe) {
            return Err(WriteError::Refused(format!(
                "{name:?} is no name for a file of ours"
            )));
        }
        self.put_new(Href::new(format!("{name}.vcf")), card)
    }

    /// Makes a file of a name that a file of this folder had before.
    pub(super) fn restore(&self, href: &Href, card: &Card) -> Result<Written, WriteError> {
        match file_name(href) {
            Some(_) => self.put_new(href.clone(), card),
            None => Err(WriteError::Refused(format!("{href} is no name for a card"))),
        }
    }

    fn put_new(&self, href: Href, card: &Card) -> Result<Written, WriteError> {
        if self.collides(href.as_str())? {
            return Err(WriteError::Taken);
        }
        let mut temporary = self.temporary(None, card)?;
        match self.name_new(&temporary.name, href.as_str()) {
            Ok(Named::Moved) => temporary.is_gone = true,
            Ok(Named::Linked) => {}
            Err(Errno::EXIST) => return Err(WriteError::Taken),
            Err(error) => return Err(self.failed("creating a card", error).into()),
        }
        self.written(&href, card, temporary)
    }

    /// Replaces a file by a new one that has its mode, and as far as permitted its owner and
    /// extended attributes.
    pub(super) fn update(
        &self,
        href: &Href,
        etag: &ETag,
        card: &Card,
    ) -> Result<Written, WriteError> {
        let name = file_name(href).ok_or(WriteError::Changed)?;
        let old = self.expect(name, etag)?;
        let mut temporary = self.temporary(Some((name, &old)), card)?;
        // Once more, because writing takes its time: between this look and the rename there is
        // nothing that waits for the disk.
        self.expect(name, etag)?;
        renameat(&self.directory, &temporary.name, &self.directory, name)
            .map_err(|error| self.failed("replacing a card", error))?;
        temporary.is_gone = true;
        self.written(href, card, temporary)
    }

    /// Removes a file.
    pub(super) fn delete(&self, href: &Href, etag: &ETag) -> Result<Written, WriteError> {
        let name = file_name(href).ok_or(WriteError::Changed)?;
        self.expect(name, etag)?;
        match unlinkat(&self.directory, name, AtFlags::empty()) {
            Ok(()) => {}
            Err(Errno::NOENT) => return Err(WriteError::Changed),
            Err(error) => return Err(self.failed("deleting a card", error).into()),
        }
        self.make_lasting()?;
        Ok(Written::Deleted)
    }

    /// The file `name`, provided that it is the one that `etag` was given to.
    fn expect(&self, name: &str, etag: &ETag) -> Result<Stat, WriteError> {
        let file = match statat(&self.directory, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(file) => file,
            Err(Errno::NOENT) => return Err(WriteError::Changed),
            Err(error) => return Err(self.failed("looking at a card", error).into()),
        };
        // A link or a pipe in its place has another inode, and so another stamp.
        if Stamp::of(&file).is(etag, || self.content(name)) {
            Ok(file)
        } else {
            Err(WriteError::Changed)
        }
    }

    /// A file with the bytes of `card`, safely on the disk but not in anybody's sight yet.
    fn temporary(
        &self,
        old: Option<(&str, &Stat)>,
        card: &Card,
    ) -> Result<Temporary<'_>, WriteError> {
        let refused = |error: Errno| WriteError::from(self.failed("writing a card", error));
        let failed = |error: io::Error| refused(Errno::from_io_error(&error).unwrap_or(Errno::IO));
        let (mut temporary, mut file) = Temporary::new(self).map_err(refused)?;
        file.write_all(card.bytes()).map_err(failed)?;
        if let Some((name, old)) = old {
            self.dress(&file, name, old).map_err(refused)?;
        }
        // To the nanosecond, so that a change within the same tick of the clock shows: see `Stamp`.
        let now = FileTimes::new().set_modified(SystemTime::now());
        file.set_times(now).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        temporary.made = Some(Stamp::of(&fstat(&file).map_err(refused)?));
        Ok(temporary)
    }

    /// Gives the new file what the `old` one of this name had besides its content.
    fn dress(&self, file: &File, name: &str, old: &Stat) -> Result<(), Errno> {
        let mut mode = Mode::from_raw_mode(old.st_mode);
        let new = fstat(file)?;
        if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid) {
            let group = Some(Gid::from_raw(old.st_gid));
            let is_ours = fchown(file, Some(Uid::from_raw(old.st_uid)), group).is_ok()
                || fchown(file, None, group).is_ok();
            if !is_ours {
                // What the old group was allowed is not for our own group to have.
                mode -= Mode::RWXG;
            }
        }
        fchmod(file, mode)?;
        // Attributes are an extra that many file systems do not have; access lists are among them.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        if let Ok(old) = openat(&self.directory, name, flags, Mode::empty()) {
            let _ = copy_attributes(&File::from(old), file);
        }
        Ok(())
    }

    /// Gives a finished file its name, unless the name is taken.
    fn name_new(&self, temporary: &str, name: &str) -> Result<Named, Errno> {
        let here = &self.directory;
        match renameat_with(here, temporary, here, name, RenameFlags::NOREPLACE) {
            Ok(()) => Ok(Named::Moved),
            // Not every file system knows this flag. A link does not replace anything either.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                linkat(here, temporary, here, name, AtFlags::empty()).map(|()| Named::Linked)
            }
            Err(error) => Err(error),
        }
    }

    /// What to say of a file that was just put in place.
    fn written(
        &self,
        href: &Href,
        card: &Card,
        temporary: Temporary,
    ) -> Result<Written, WriteError> {
        let made = temporary.made;
        drop(temporary);
        self.make_lasting()?;
        let found = statat(&self.directory, href.as_str(), AtFlags::SYMLINK_NOFOLLOW)
            .map(|file| Stamp::of(&file))
            .ok();
        let kept = match (made, found) {
            (Some(made), Some(found)) if found.is_renamed(&made) => {
                let etag = found.written(card.bytes());
                Some(Entry {
                    href: href.clone(),
                    etag,
                    card: card.clone(),
                })
            }
            // Somebody changed or removed it in this very moment: reading it tells.
            _ => None,
        };
        let etag = kept.as_ref().map(|entry| entry.etag.clone());
        Ok(Written::Stored {
            href: href.clone(),
            etag,
            kept,
        })
    }

    /// Has the disk keep the names as they are now.
    fn make_lasting(&self) -> Result<(), WriteError> {
        match fsync(&self.directory) {
            // Some network file systems cannot, and need not, do this.
            Ok(()) | Err(Errno::INVAL) => Ok(()),
            Err(error) => Err(WriteError::Unknown(format!(
                "the disk reported {error} after the change in {}",
                self.path.display()
            ))),
        }
    }
}

/// How a finished file got its name.
enum Named {
    Moved,
    /// It still has its temporary name as well.
    Linked,
}

/// A file that goes away again unless it got a name of its own.
struct Temporary<'a> {
    folder: &'a Folder,
    name: String,
    /// Its stamp when it was finished.
    made: Option<Stamp>,
    is_gone: bool,
}

impl Temporary<'_> {
    fn new(folder: &Folder) -> Result<(Temporary<'_>, File), Errno> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let (start, end) = TEMPORARY;
        loop {
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let name = format!("{start}{:x}-{count:x}{end}", std::process::id());
            match openat(&folder.directory, &name, flags, NEW_FILE) {
                Ok(file) => {
                    let file = File::from(file);
                    return Ok((
                        Temporary {
                            folder,
                            name,
                            made: None,
                            is_gone: false,
                        },
                        file,
                    ));
                }
                // Left by a process that had our number, or by one on another machine.
                Err(Errno::EXIST) => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        if !self.is_gone {
            // What cannot be removed now is removed as stale by a later run.
            let _ = unlinkat(&self.folder.directory, &self.name, AtFlags::empty());
        }
    }
}

fn copy_attributes(from: &File, to: &File) -> Result<(), Errno> {
    let mut names = vec![0; flistxattr_query(from)?];
    let length = flistxattr(from, &mut names[..])?;
    names.truncate(length);
    for name in names
        .split(|&byte| byte == 0)
        .filter(|name| !name.is_empty())
    {
        let mut value = vec![0; fgetxattr_query(from, name)?];
        let length = fgetxattr(from, name, &mut value[..])?;
        // One that only the system may set does not keep the others from being set.
        let _ = fsetxattr(to, name, &value[..length], XattrFlags::empty());
    }
    Ok(())
}
