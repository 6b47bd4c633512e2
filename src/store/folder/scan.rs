//! Finds the cards of a folder by name and `stat`, and passes over everything else.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::CStr;
use std::time::{Duration, SystemTime};

use rustix::fs::{AtFlags, Dir, FileType, statat, unlinkat};
use rustix::io::Errno;

use super::stamp::Stamp;
use super::{Folder, missing};
use crate::book::{ETag, Href};
use crate::store::{Finding, StoreError};

/// What one look at a folder found.
#[derive(Debug, Default)]
pub(super) struct Scan {
    pub etags: BTreeMap<Href, ETag>,
    pub unsure: BTreeMap<Href, String>,
    pub findings: Vec<Finding>,
}

/// How our temporary files are called. They begin with a dot, as other programs that share the
/// folder expect of files that are none of their business.
pub(super) const TEMPORARY: (&str, &str) = (".cardweave-", ".tmp");

/// A temporary file of ours that is older than this belongs to no run that still goes on.
const STALE: Duration = Duration::from_secs(60 * 60);

/// What the name of a file says about it.
#[derive(Debug, PartialEq, Eq)]
enum Named<'a> {
    Card(&'a str),
    /// It ends in `.vcf`, but the rest cannot be written down or shown.
    Unspeakable,
    Other,
}

impl Folder {
    pub(super) fn scan(&self) -> Result<Scan, StoreError> {
        let mut scan = Scan::default();
        // Sorted at the end, which is cheaper than a search for each.
        let mut etags = Vec::new();
        let now = SystemTime::now();
        self.each_name(|bytes| {
            let name = match named(bytes.to_bytes()) {
                Named::Other => return Ok(()),
                Named::Card(name) => name,
                Named::Unspeakable => {
                    scan.findings.push(unspeakable(bytes.to_bytes()));
                    return Ok(());
                }
            };
            let href = Href::new(name);
            match statat(&self.directory, bytes, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(file) => match FileType::from_raw_mode(file.st_mode) {
                    FileType::RegularFile => {
                        etags.push((href, Stamp::of(&file).listed(now)));
                    }
                    kind => scan.findings.push(passed_over(href, kind)),
                },
                // It went between the two calls, as it might have gone just before.
                Err(Errno::NOENT) => {}
                Err(error) => {
                    scan.unsure
                        .insert(href, format!("it cannot be looked at: {error}"));
                }
            }
            Ok(())
        })?;
        scan.etags = etags.into_iter().collect();
        scan.findings.sort();
        *self.folded.borrow_mut() = None;
        Ok(scan)
    }

    /// Whether a file of this name would be the same file as another one that is there, if upper
    /// and lower case were one.
    pub(super) fn collides(&self, file_name: &str) -> Result<bool, StoreError> {
        let mut folded = self.folded.borrow_mut();
        if let Some(known) = folded.as_ref() {
            return Ok(known.contains(file_name));
        }
        let mut names = BTreeSet::new();
        self.each_name(|bytes| {
            if let Named::Card(name) = named(bytes.to_bytes()) {
                let lower = name.to_lowercase();
                if lower != name {
                    names.insert(lower);
                }
            }
            Ok(())
        })?;
        Ok(folded.insert(names).contains(file_name))
    }

    /// Removes the temporary files that a killed run left behind.
    pub(super) fn remove_stale(&self) -> Result<(), StoreError> {
        let mut stale = Vec::new();
        self.each_name(|name| {
            let bytes = name.to_bytes();
            let (start, end) = TEMPORARY;
            if bytes.starts_with(start.as_bytes()) && bytes.ends_with(end.as_bytes()) {
                stale.push(name.to_owned());
            }
            Ok(())
        })?;
        let limit = SystemTime::now()
            .checked_sub(STALE)
            .map(super::stamp::nanoseconds);
        for name in stale {
            let Ok(file) = statat(&self.directory, &name, AtFlags::SYMLINK_NOFOLLOW) else {
                continue;
            };
            let is_old = limit.is_some_and(|limit| Stamp::of(&file).modified < limit);
            if is_old && FileType::from_raw_mode(file.st_mode).is_file() {
                // In a folder that may only be read it does no harm.
                let _ = unlinkat(&self.directory, &name, AtFlags::empty());
            }
        }
        Ok(())
    }

    fn each_name(
        &self,
        mut visit: impl FnMut(&CStr) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let unreadable = |error: Errno| {
            let folder = self.path.display();
            missing(
                &self.id,
                format!("the folder {folder} cannot be read: {error}"),
            )
        };
        for entry in Dir::read_from(&self.directory).map_err(unreadable)? {
            visit(entry.map_err(unreadable)?.file_name())?;
        }
        Ok(())
    }
}

/// The file name of an address, if it is one that a listing of ours could have given: nothing that
/// leads out of the folder, and no file that we pass over.
pub(super) fn file_name(href: &Href) -> Option<&str> {
    match named(href.as_str().as_bytes()) {
        Named::Card(name) if !name.contains('/') => Some(name),
        _ => None,
    }
}

fn named(bytes: &[u8]) -> Named<'_> {
    let ends_right = bytes.len() > 4 && bytes[bytes.len() - 4..].eq_ignore_ascii_case(b".vcf");
    if bytes.starts_with(b".") || !ends_right {
        return Named::Other;
    }
    match str::from_utf8(bytes) {
        Ok(name) if !name.chars().any(char::is_control) => Named::Card(name),
        _ => Named::Unspeakable,
    }
}

fn unspeakable(name: &[u8]) -> Finding {
    let text = format!(
        "The file \"{}\" was passed over: its name is not plain UTF-8 text. It was left alone; \
         rename it to have it synced",
        name.escape_ascii()
    );
    Finding { href: None, text }
}

fn passed_over(href: Href, kind: FileType) -> Finding {
    let what = match kind {
        FileType::Symlink => "a link",
        FileType::Directory => "a directory",
        FileType::Fifo => "a named pipe",
        FileType::Socket => "a socket",
        FileType::BlockDevice | FileType::CharacterDevice => "a device",
        _ => "no plain file",
    };
    let text = format!(
        "It was passed over, because it is {what}. It was left alone; put a plain file there to \
         have it synced"
    );
    Finding {
        href: Some(href),
        text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_vcf_names_are_cards() {
        for name in ["a.vcf", "A B.VCF", "é.Vcf", "a.vcf.vcf"] {
            assert_eq!(named(name.as_bytes()), Named::Card(name), "{name}");
        }
        for name in [
            ".vcf",
            ".a.vcf",
            ".cardweave-1-0.tmp",
            "a.vcf~",
            "a.tmp",
            "vcf",
            "",
        ] {
            assert_eq!(named(name.as_bytes()), Named::Other, "{name}");
        }
        for name in [&b"\xff.vcf"[..], b"a\nb.vcf", "\u{9b}2J.vcf".as_bytes()] {
            assert_eq!(named(name), Named::Unspeakable, "{}", name.escape_ascii());
        }
    }

    #[test]
    fn an_address_that_leads_out_of_the_folder_is_no_file_name() {
        for href in [
            "../a.vcf",
            "/etc/a.vcf",
            "sub/a.vcf",
            "passwd",
            ".vcf",
            "a\0.vcf",
        ] {
            assert_eq!(file_name(&Href::new(href)), None, "{href}");
        }
        assert_eq!(file_name(&Href::new("a.vcf")), Some("a.vcf"));
    }
}
