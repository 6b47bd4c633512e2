//! Reads one file as a card, without following links, blocking, or trusting it to hold still.

use std::fs::File;
use std::io::{self, Read};
use std::time::SystemTime;

use rustix::fs::{FileType, Mode, OFlags, fstat, openat};
use rustix::io::Errno;

use super::Folder;
use super::scan::file_name;
use super::stamp::Stamp;
use crate::book::{ETag, Entry, Href};
use crate::card::Card;
use crate::store::Found;

/// No card is larger; what is, is something else under the name of a card.
const MAX_BYTES: u64 = 20 * 1024 * 1024;

impl Folder {
    pub(super) fn read_one(&self, href: &Href) -> Found {
        let Some(name) = file_name(href) else {
            return unusable(None, "its name is none that a card may have");
        };
        let mut file = match self.open_file(name) {
            Ok(file) => file,
            Err(Errno::NOENT) => return Found::Gone,
            Err(Errno::LOOP) => return unusable(None, "it is a link"),
            Err(error) => return unusable(None, format!("it cannot be opened: {error}")),
        };
        match take(&mut file) {
            Ok(Taken::Whole(stamp, bytes)) => {
                let etag = stamp.read(SystemTime::now(), &bytes);
                match Card::parse(&bytes) {
                    Ok(card) => Found::Entry(Entry {
                        href: href.clone(),
                        etag,
                        card,
                    }),
                    Err(not_a_card) => unusable(Some(etag), not_a_card.to_string()),
                }
            }
            Ok(Taken::TooLarge(stamp)) => {
                let reason = format!("it is larger than a card may be ({} bytes)", stamp.size);
                unusable(Some(stamp.listed(SystemTime::now())), reason)
            }
            Ok(Taken::NoFile) => unusable(None, "it is no plain file"),
            Ok(Taken::Moving) => unusable(None, "it was changed while it was read"),
            Err(error) => unusable(None, format!("it cannot be read: {error}")),
        }
    }

    /// The content of a file if it can be had without doubt.
    pub(super) fn content(&self, name: &str) -> Option<Vec<u8>> {
        match take(&mut self.open_file(name).ok()?) {
            Ok(Taken::Whole(_, bytes)) => Some(bytes),
            _ => None,
        }
    }

    fn open_file(&self, name: &str) -> Result<File, Errno> {
        // A named pipe without a writer would hold up the open, hence NONBLOCK.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        Ok(File::from(openat(
            &self.directory,
            name,
            flags,
            Mode::empty(),
        )?))
    }
}

enum Taken {
    Whole(Stamp, Vec<u8>),
    TooLarge(Stamp),
    NoFile,
    /// Somebody is writing it.
    Moving,
}

fn take(file: &mut File) -> io::Result<Taken> {
    let before = fstat(&*file)?;
    if !FileType::from_raw_mode(before.st_mode).is_file() {
        return Ok(Taken::NoFile);
    }
    let stamp = Stamp::of(&before);
    if stamp.size > MAX_BYTES {
        return Ok(Taken::TooLarge(stamp));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(stamp.size).unwrap_or_default());
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    let is_still = Stamp::of(&fstat(&*file)?) == stamp && bytes.len() as u64 == stamp.size;
    Ok(if is_still {
        Taken::Whole(stamp, bytes)
    } else {
        Taken::Moving
    })
}

fn unusable(etag: Option<ETag>, reason: impl Into<String>) -> Found {
    Found::Unusable {
        etag,
        reason: reason.into(),
    }
}
