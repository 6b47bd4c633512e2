//! Reads and writes one folder of `.vcf` files as a store.
//!
//! One card per file. Everything goes through the directory that was opened at the start, and
//! through no link: what else is mounted or linked in its place meanwhile is not touched.

mod identity;
mod read;
mod scan;
mod stamp;
mod write;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use futures_util::future::{FutureExt, LocalBoxFuture};
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::Errno;

use super::{
    Extent, Found, Keeps, Listing, Since, Store, StoreError, StoreErrorKind, Write, WriteError,
    Written,
};
use crate::book::{Href, StoreId};

/// A folder of vCards ("vdir"), one card per `*.vcf`.
#[derive(Debug)]
pub struct Folder {
    id: StoreId,
    path: PathBuf,
    directory: OwnedFd,
    /// File names that are not in lower case, in lower case; `None` until the first creation. Where
    /// the folder is carried to a file system that does not tell `A.vcf` from `a.vcf`, two such
    /// names would be one file.
    folded: RefCell<Option<BTreeSet<String>>>,
}

impl Folder {
    /// Opens the folder, and clears away what a killed run of ours left in it.
    ///
    /// # Errors
    /// [`StoreErrorKind::Missing`]: it is not there, is no directory, or may not be read.
    pub fn open(id: StoreId, path: PathBuf) -> Result<Folder, StoreError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let directory = openat(CWD, &path, flags, Mode::empty()).map_err(|error| {
            let why = match error {
                Errno::NOENT => "is not there".to_owned(),
                Errno::NOTDIR => "is not a directory".to_owned(),
                error => format!("cannot be read ({error})"),
            };
            missing(&id, format!("the folder {} {why}", path.display()))
        })?;
        let folder = Folder {
            id,
            path,
            directory,
            folded: RefCell::default(),
        };
        folder.remove_stale()?;
        Ok(folder)
    }

    /// A failure of the folder as a whole.
    fn failed(&self, doing: &str, error: Errno) -> StoreError {
        if matches!(error, Errno::NOENT | Errno::STALE) {
            return missing(
                &self.id,
                format!("the folder {} is gone", self.path.display()),
            );
        }
        let todo = match error {
            Errno::NOSPC | Errno::DQUOT => "make room on that disk",
            Errno::ROFS | Errno::ACCESS | Errno::PERM => "make the folder writable for you",
            _ => "look after that disk",
        };
        StoreError {
            kind: StoreErrorKind::Disk,
            what: format!(
                "Store `{}`: {doing} in {} failed: {error}",
                self.id,
                self.path.display()
            ),
            todo: format!("No card was damaged. Please {todo}, then run the sync again"),
        }
    }
}

impl Store for Folder {
    fn id(&self) -> &StoreId {
        &self.id
    }

    fn keeps(&self) -> Keeps {
        Keeps {
            version_4: true,
            inline_media_in_4: true,
        }
    }

    /// Always a whole listing: it costs one `stat` per file and reads none.
    fn list<'a>(&'a self, since: &'a Since) -> LocalBoxFuture<'a, Result<Listing, StoreError>> {
        async move {
            let scan = self.scan()?;
            let names: Vec<&str> = scan.etags.keys().map(Href::as_str).collect();
            let cursor = self.recognise(since.cursor.as_ref(), &names)?;
            Ok(Listing {
                extent: Extent::Complete(scan.etags),
                cursor,
                unsure: scan.unsure,
                findings: scan.findings,
            })
        }
        .boxed_local()
    }

    fn read<'a>(
        &'a self,
        hrefs: &'a [Href],
    ) -> LocalBoxFuture<'a, Result<Vec<(Href, Found)>, StoreError>> {
        async move {
            Ok(hrefs
                .iter()
                .map(|href| (href.clone(), self.read_one(href)))
                .collect())
        }
        .boxed_local()
    }

    fn write<'a>(&'a self, write: &'a Write) -> LocalBoxFuture<'a, Result<Written, WriteError>> {
        async move {
            match write {
                Write::Create { name, card } => self.create(name, card),
                Write::Restore { href, card } => self.restore(href, card),
                Write::Update { href, etag, card } => self.update(href, etag, card),
                Write::Delete { href, etag } => self.delete(href, etag),
            }
        }
        .boxed_local()
    }
}

/// The folder is not there, or not the one we know.
fn missing(id: &StoreId, what: String) -> StoreError {
    StoreError {
        kind: StoreErrorKind::Missing,
        what: format!("Store `{id}`: {what}"),
        todo:
            "Nothing was changed, and nothing counts as deleted. Mount or restore the folder, or \
               correct its path in the config, then run the sync again"
                .to_owned(),
    }
}

#[cfg(test)]
mod tests;
