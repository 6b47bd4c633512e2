//! The version of a file, told from its `stat` alone.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::Stat;

use crate::book::ETag;
use crate::card::{WHOLE, digest};

/// So long may the clock of a file system stand still. Linux stamps files by the tick of its timer,
/// at most 10 ms apart.
const TICK: Duration = Duration::from_millis(20);

/// The same for file systems that keep whole seconds; FAT keeps even ones only.
const COARSE_TICK: Duration = Duration::from_millis(2_500);

/// What `stat` says of a file's version: modification and change time in nanoseconds since 1970,
/// size in bytes, inode.
///
/// Any change moves at least the change time, which nobody can set back, provided that the clock
/// has ticked since. A file that was changed within the last tick may be changed once more without
/// a trace (git calls this "racily clean"). Its ETag therefore gets a mark after a `~`, so that it
/// differs from the one of the next run, which reads the file again and then knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    pub modified: i64,
    changed: i64,
    pub size: u64,
    inode: u64,
}

impl Stamp {
    // The widths of these fields differ from system to system; here some are wide already.
    #[allow(clippy::unnecessary_cast)]
    pub fn of(file: &Stat) -> Stamp {
        // Times that a damaged inode may name, after 2262, count as the last that can be told.
        let nanoseconds =
            |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
        Stamp {
            modified: nanoseconds(file.st_mtime as i64, file.st_mtime_nsec as i64),
            changed: nanoseconds(file.st_ctime as i64, file.st_ctime_nsec as i64),
            size: file.st_size as u64,
            inode: file.st_ino as u64,
        }
    }

    /// The ETag of a file that was only listed.
    pub fn listed(&self, now: SystemTime) -> ETag {
        if self.is_fresh(now) {
            // The time of the listing is in the mark, so that no two listings agree on it.
            ETag::new(format!("{self}~{}", nanoseconds(now)))
        } else {
            ETag::new(self.to_string())
        }
    }

    /// The ETag of a file whose content is known, as of `now`.
    pub fn read(&self, now: SystemTime, bytes: &[u8]) -> ETag {
        if self.is_fresh(now) {
            self.marked(bytes)
        } else {
            ETag::new(self.to_string())
        }
    }

    /// The ETag of a file that we wrote, with a modification time set by us to the nanosecond.
    ///
    /// The tick of the system's clock never falls on that nanosecond, so that even a change within
    /// the same tick shows; unless the file system rounded it to whole seconds.
    pub fn written(&self, bytes: &[u8]) -> ETag {
        if self.modified % 1_000_000 == 0 {
            self.marked(bytes)
        } else {
            ETag::new(self.to_string())
        }
    }

    /// Whether a file with this stamp is the one that `etag` was given to. A mark is not enough to
    /// tell: then `content` is asked for.
    pub fn is(&self, etag: &ETag, content: impl FnOnce() -> Option<Vec<u8>>) -> bool {
        match etag.as_str().split_once('~') {
            None => self.to_string() == etag.as_str(),
            Some((stamp, mark)) => {
                self.to_string() == stamp
                    && content().is_some_and(|bytes| digest(&bytes, WHOLE) == mark)
            }
        }
    }

    /// Whether this is the file of the `earlier` stamp with nothing but its name changed, which
    /// moves the change time.
    pub fn is_renamed(&self, earlier: &Stamp) -> bool {
        (self.modified, self.size, self.inode) == (earlier.modified, earlier.size, earlier.inode)
    }

    fn marked(&self, bytes: &[u8]) -> ETag {
        ETag::new(format!("{self}~{}", digest(bytes, WHOLE)))
    }

    /// Whether the file was changed so lately, or by a clock so far ahead, that it may change again
    /// without a trace.
    fn is_fresh(&self, now: SystemTime) -> bool {
        let is_coarse = self.changed % 1_000_000_000 == 0;
        let tick = if is_coarse { COARSE_TICK } else { TICK };
        self.changed.saturating_add(whole(tick)) >= nanoseconds(now)
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}-{}-{}-{}",
            self.modified, self.changed, self.size, self.inode
        )
    }
}

pub(super) fn nanoseconds(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => whole(since),
        Err(before) => -whole(before.duration()),
    }
}

fn whole(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    fn at(nanoseconds: i64) -> SystemTime {
        UNIX_EPOCH + Duration::from_nanos(u64::try_from(nanoseconds).expect("after 1970"))
    }

    fn stamp(changed: i64) -> Stamp {
        Stamp {
            modified: changed,
            changed,
            size: 9,
            inode: 7,
        }
    }

    #[test]
    fn a_file_changed_within_the_tick_of_its_listing_is_listed_differently_next_time() {
        let changed = 5 * SECOND + 123;
        let first = stamp(changed).listed(at(changed + 1_000_000));
        let second = stamp(changed).listed(at(changed + 2_000_000));
        let third = stamp(changed).listed(at(changed + 50_000_000));
        assert_ne!(first, second);
        assert_eq!(third.as_str(), "5000000123-5000000123-9-7");
        assert_eq!(stamp(changed).listed(at(changed + SECOND)), third);
    }

    #[test]
    fn whole_seconds_are_trusted_only_after_seconds() {
        let now = |after: i64| at(5 * SECOND + after);
        assert!(stamp(5 * SECOND).is_fresh(now(2 * SECOND)));
        assert!(!stamp(5 * SECOND).is_fresh(now(3 * SECOND)));
        assert!(!stamp(5 * SECOND + 1).is_fresh(now(2 * SECOND)));
        assert!(
            stamp(9 * SECOND).is_fresh(now(0)),
            "a clock that is ahead proves nothing"
        );
    }

    #[test]
    fn a_marked_version_is_recognised_by_its_content_alone() {
        let stamp = stamp(5 * SECOND);
        let etag = stamp.read(at(5 * SECOND), b"one");
        assert!(stamp.is(&etag, || Some(b"one".to_vec())));
        assert!(!stamp.is(&etag, || Some(b"two".to_vec())));
        assert!(!stamp.is(&etag, || None));
        assert!(!stamp.is(&stamp.listed(at(5 * SECOND)), || Some(b"one".to_vec())));
    }

    #[test]
    fn what_was_written_is_marked_only_where_the_file_system_rounds_its_time() {
        assert!(stamp(5 * SECOND).written(b"one").as_str().contains('~'));
        assert!(!stamp(5 * SECOND + 1).written(b"one").as_str().contains('~'));
    }

    #[test]
    fn a_rename_moves_the_change_time_alone() {
        let before = stamp(SECOND);
        assert!(
            Stamp {
                changed: 2 * SECOND,
                ..before
            }
            .is_renamed(&before)
        );
        assert!(
            !Stamp {
                modified: 2 * SECOND,
                ..before
            }
            .is_renamed(&before)
        );
        assert!(!Stamp { inode: 8, ..before }.is_renamed(&before));
        assert!(!Stamp { size: 8, ..before }.is_renamed(&before));
    }
}
