//! Claims about the folder as a store.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::time::{Duration, SystemTime};

use rustix::fs::{FileType, XattrFlags, getxattr, mknodat, setxattr};
use tempfile::TempDir;

use super::*;
use crate::book::ETag;
use crate::card::Card;
use crate::store::Cursor;

/// A folder, and the store that reads it.
struct World {
    directory: TempDir,
    folder: Folder,
}

impl World {
    fn new(names: &[&str]) -> World {
        let directory = tempfile::tempdir().expect("a temporary directory");
        for name in names {
            fs::write(directory.path().join(name), card(name).bytes()).expect("it is written");
        }
        // Older than a tick, as files mostly are.
        wait();
        let folder = open(directory.path().to_owned()).expect("the folder opens");
        World { directory, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn list(&self, since: Option<&Cursor>) -> Result<Listing, StoreError> {
        list(&self.folder, since)
    }

    fn etags(&self) -> BTreeMap<String, ETag> {
        let listing = self.list(None).expect("a listing");
        let Extent::Complete(etags) = listing.extent else {
            panic!("a whole listing")
        };
        etags
            .into_iter()
            .map(|(href, etag)| (href.to_string(), etag))
            .collect()
    }

    fn names(&self) -> Vec<String> {
        self.etags().into_keys().collect()
    }

    fn read(&self, name: &str) -> Found {
        let hrefs = [Href::new(name)];
        let found = self.folder.read(&hrefs).now_or_never().expect("at once");
        let (href, found) = found.expect("an answer").pop().expect("one answer");
        assert_eq!(href, hrefs[0]);
        found
    }

    fn etag(&self, name: &str) -> ETag {
        match self.read(name) {
            Found::Entry(entry) => entry.etag,
            other => panic!("{other:?}"),
        }
    }

    fn write(&self, write: &Write) -> Result<Written, WriteError> {
        self.folder.write(write).now_or_never().expect("at once")
    }

    fn create(&self, name: &str) -> Result<Written, WriteError> {
        self.write(&Write::Create {
            name: name.to_owned(),
            card: card(name),
        })
    }

    fn update(&self, name: &str, etag: ETag, card: Card) -> Result<Written, WriteError> {
        self.write(&Write::Update {
            href: Href::new(name),
            etag,
            card,
        })
    }

    fn delete(&self, name: &str, etag: ETag) -> Result<Written, WriteError> {
        self.write(&Write::Delete {
            href: Href::new(name),
            etag,
        })
    }

    /// Everything in the directory, also what is no card.
    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.directory.path()).expect("the directory");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        let mut names: Vec<_> = names
            .map(|name| name.to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

fn open(path: PathBuf) -> Result<Folder, StoreError> {
    Folder::open(StoreId::new("laptop"), path)
}

fn list(folder: &Folder, since: Option<&Cursor>) -> Result<Listing, StoreError> {
    let since = Since {
        cursor: since.cloned(),
        complete: false,
    };
    folder.list(&since).now_or_never().expect("at once")
}

fn card(name: &str) -> Card {
    let text = format!("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name}\r\nN:;{name};;;\r\nEND:VCARD\r\n");
    Card::parse(text.as_bytes()).expect("a card")
}

/// Longer than a tick of the file system's clock.
fn wait() {
    std::thread::sleep(Duration::from_millis(40));
}

fn kept(written: Result<Written, WriteError>) -> crate::book::Entry {
    match written {
        Ok(Written::Stored {
            href,
            etag,
            kept: Some(entry),
        }) => {
            assert_eq!((href, etag), (entry.href.clone(), Some(entry.etag.clone())));
            entry
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_listing_names_the_cards_and_tells_of_everything_it_passed_over() {
    let world = World::new(&["ada.vcf", "BOB.VCF", ".hidden.vcf", "notes.txt", "a.vcf~"]);
    fs::create_dir(world.path("directory.vcf")).unwrap();
    symlink("/etc/passwd", world.path("link.vcf")).unwrap();
    symlink("nowhere", world.path("dangling.vcf")).unwrap();
    mknodat(
        rustix::fs::CWD,
        world.path("pipe.vcf"),
        FileType::Fifo,
        Mode::RWXU,
        0,
    )
    .unwrap();
    fs::write(world.path("").join(OsStr::from_bytes(b"\xff.vcf")), "").unwrap();
    fs::write(world.path("a\x1bb.vcf"), "").unwrap();
    let listing = world.list(None).unwrap();
    assert_eq!(world.names(), ["BOB.VCF", "ada.vcf"]);
    let told: Vec<_> = listing
        .findings
        .iter()
        .filter_map(|found| found.href.as_ref())
        .collect();
    let told: Vec<_> = told.into_iter().map(Href::as_str).collect();
    assert_eq!(
        told,
        ["dangling.vcf", "directory.vcf", "link.vcf", "pipe.vcf"]
    );
    assert_eq!(listing.findings.len(), 6);
    assert!(
        listing
            .findings
            .iter()
            .all(|found| !found.text.contains('\x1b'))
    );
    for name in [
        "link.vcf",
        "dangling.vcf",
        "pipe.vcf",
        "directory.vcf",
        "../ada.vcf",
    ] {
        let found = world.read(name);
        assert!(
            matches!(found, Found::Unusable { etag: None, .. }),
            "{name}: {found:?}"
        );
    }
}

#[test]
fn a_quiet_folder_lists_the_same_versions_again() {
    let world = World::new(&["ada.vcf", "bob.vcf"]);
    let first = world.etags();
    assert_eq!(world.etags(), first);
    assert_eq!(world.etag("ada.vcf"), first["ada.vcf"]);
}

#[test]
fn an_edit_of_the_same_size_within_the_same_tick_is_seen() {
    let world = World::new(&[]);
    for round in 0..20 {
        fs::write(world.path("ada.vcf"), card(&format!("a{round:02}")).bytes()).unwrap();
        let listed = world.etags()["ada.vcf"].clone();
        let read = world.etag("ada.vcf");
        fs::write(world.path("ada.vcf"), card(&format!("b{round:02}")).bytes()).unwrap();
        let error = world
            .update("ada.vcf", read.clone(), card("ours"))
            .expect_err("an edit");
        assert!(matches!(error, WriteError::Changed), "{error:?}");
        wait();
        assert_ne!(world.etags()["ada.vcf"], listed);
        assert_ne!(world.etags()["ada.vcf"], read);
    }
}

#[test]
fn an_edit_right_after_our_own_write_is_seen_and_no_edit_is_none() {
    let world = World::new(&[]);
    for round in 0..20 {
        let entry = kept(world.create(&format!("ada-{round}")));
        let name = entry.href.as_str();
        if round % 2 == 0 {
            fs::write(world.path(name), entry.card.bytes()).unwrap();
        }
        wait();
        assert_eq!(world.etags()[name] == entry.etag, round % 2 == 1);
    }
}

#[test]
fn what_we_write_is_dated_finer_than_the_clock_of_the_file_system() {
    let world = World::new(&[]);
    for round in 0..20 {
        // The system's own stamps are taken from its last tick, which was before this.
        let before = SystemTime::now();
        kept(world.create(&format!("ada-{round}")));
        let dated = world
            .path(&format!("ada-{round}.vcf"))
            .metadata()
            .unwrap()
            .modified();
        assert!(dated.unwrap() >= before);
    }
}

#[test]
fn what_is_no_card_is_no_deletion() {
    let world = World::new(&["ada.vcf"]);
    assert_eq!(world.read("bob.vcf"), Found::Gone);
    let large = fs::File::create(world.path("large.vcf")).unwrap();
    large.set_len(20 * 1024 * 1024 + 1).unwrap();
    wait();
    let found = world.read("large.vcf");
    assert!(
        matches!(found, Found::Unusable { etag: Some(_), .. }),
        "{found:?}"
    );
}

#[test]
fn a_created_card_is_there_whole_and_private() {
    let world = World::new(&["ada.vcf"]);
    let entry = kept(world.create("bob-1"));
    assert_eq!(entry.href.as_str(), "bob-1.vcf");
    assert_eq!(
        fs::read(world.path("bob-1.vcf")).unwrap(),
        card("bob-1").bytes()
    );
    assert_eq!(
        world
            .path("bob-1.vcf")
            .metadata()
            .unwrap()
            .permissions()
            .mode()
            & 0o777,
        0o600
    );
    assert_eq!(world.files(), ["ada.vcf", "bob-1.vcf"]);
    wait();
    assert_eq!(world.etags()["bob-1.vcf"], entry.etag);
}

#[test]
fn a_name_that_is_there_is_taken_and_left_alone() {
    let world = World::new(&["ada.vcf", "Bob.VCF"]);
    symlink("nowhere", world.path("link.vcf")).unwrap();
    for name in ["ada", "bob", "link"] {
        assert!(
            matches!(world.create(name), Err(WriteError::Taken)),
            "{name}"
        );
    }
    assert_eq!(
        fs::read(world.path("ada.vcf")).unwrap(),
        card("ada.vcf").bytes()
    );
    assert_eq!(world.files(), ["Bob.VCF", "ada.vcf", "link.vcf"]);
}

#[test]
fn a_name_that_is_not_ours_to_give_is_refused() {
    let world = World::new(&[]);
    for name in ["", "../a", "A", "a.b", "a/b", "é", &"a".repeat(101)] {
        let result = world.write(&Write::Create {
            name: name.to_owned(),
            card: card("a"),
        });
        assert!(matches!(result, Err(WriteError::Refused(_))), "{name}");
    }
    kept(world.create(&"a".repeat(100)));
}

#[test]
fn an_update_replaces_the_known_version_and_keeps_mode_and_attributes() {
    let world = World::new(&["ada.vcf"]);
    let path = world.path("ada.vcf");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let has_attributes = setxattr(&path, "user.colour", b"red", XattrFlags::empty()).is_ok();
    wait();
    let entry = kept(world.update("ada.vcf", world.etag("ada.vcf"), card("new")));
    assert_eq!(fs::read(&path).unwrap(), card("new").bytes());
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o640);
    if has_attributes {
        let mut value = [0; 3];
        getxattr(&path, "user.colour", &mut value).unwrap();
        assert_eq!(&value, b"red");
    }
    assert_eq!(world.files(), ["ada.vcf"]);
    wait();
    assert_eq!(world.etags()["ada.vcf"], entry.etag);
}

#[test]
fn a_changed_gone_or_linked_file_is_neither_replaced_nor_deleted() {
    let world = World::new(&["ada.vcf", "bob.vcf", "eve.vcf"]);
    let known = world.etags();
    fs::write(world.path("ada.vcf"), card("theirs").bytes()).unwrap();
    fs::remove_file(world.path("bob.vcf")).unwrap();
    fs::rename(world.path("eve.vcf"), world.path("moved")).unwrap();
    symlink("moved", world.path("eve.vcf")).unwrap();
    for name in ["ada.vcf", "bob.vcf", "eve.vcf"] {
        let etag = known[name].clone();
        let updated = world.update(name, etag.clone(), card("ours"));
        assert!(
            matches!(updated, Err(WriteError::Changed)),
            "{name}: {updated:?}"
        );
        let deleted = world.delete(name, etag);
        assert!(
            matches!(deleted, Err(WriteError::Changed)),
            "{name}: {deleted:?}"
        );
    }
    assert_eq!(
        fs::read(world.path("ada.vcf")).unwrap(),
        card("theirs").bytes()
    );
    assert_eq!(world.files(), ["ada.vcf", "eve.vcf", "moved"]);
}

#[test]
fn a_known_version_is_deleted() {
    let world = World::new(&["ada.vcf"]);
    assert_eq!(
        world.delete("ada.vcf", world.etag("ada.vcf")).unwrap(),
        Written::Deleted
    );
    assert_eq!(world.files(), [""; 0]);
}

#[test]
fn our_temporary_files_are_cleared_away_when_no_run_can_need_them() {
    let world = World::new(&[]);
    let hours_ago = SystemTime::now() - Duration::from_secs(2 * 60 * 60);
    for name in [".cardweave-1-0.tmp", ".other.tmp"] {
        let file = fs::File::create(world.path(name)).unwrap();
        file.set_modified(hours_ago).unwrap();
    }
    fs::write(world.path(".cardweave-1-1.tmp"), "").unwrap();
    open(world.directory.path().to_owned()).unwrap();
    assert_eq!(world.files(), [".cardweave-1-1.tmp", ".other.tmp"]);
}

#[test]
fn a_full_disk_leaves_no_stray_file_and_stops_the_store() {
    let world = World::new(&["ada.vcf"]);
    let tiny = tempfile::tempdir().unwrap();
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=16k", "none"])
        .arg(tiny.path())
        .status();
    if !mounted.is_ok_and(|status| status.success()) {
        return;
    }
    let folder = open(tiny.path().to_owned()).unwrap();
    let text = format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:B\r\nN:;B;;;\r\nNOTE:{}\r\nEND:VCARD\r\n",
        "x".repeat(100_000)
    );
    let large = Card::parse(text.as_bytes()).unwrap();
    let write = Write::Create {
        name: "large".to_owned(),
        card: large,
    };
    let error = folder
        .write(&write)
        .now_or_never()
        .unwrap()
        .expect_err("no room");
    let left = fs::read_dir(tiny.path()).unwrap().count();
    drop(folder);
    std::process::Command::new("umount")
        .arg(tiny.path())
        .status()
        .unwrap();
    drop(world);
    assert_eq!(left, 0);
    match error {
        WriteError::Store(error) => assert_eq!(error.kind, StoreErrorKind::Disk, "{error}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_folder_that_is_not_there_or_none_is_missing() {
    let world = World::new(&["ada.vcf"]);
    for path in [world.path("nowhere"), world.path("ada.vcf")] {
        assert_eq!(
            open(path).expect_err("no folder").kind,
            StoreErrorKind::Missing
        );
    }
}

#[test]
fn a_folder_that_goes_away_while_it_is_open_is_missing_and_not_empty() {
    let world = World::new(&["ada.vcf"]);
    let path = world.directory.path().to_owned();
    let elsewhere = path.with_extension("moved");
    fs::rename(&path, &elsewhere).unwrap();
    assert_eq!(
        world.list(None).expect_err("gone").kind,
        StoreErrorKind::Missing
    );
    fs::create_dir(&path).unwrap();
    assert_eq!(
        world.list(None).expect_err("another").kind,
        StoreErrorKind::Missing
    );
    fs::remove_dir_all(&elsewhere).unwrap();
    let written = world.create("bob");
    assert!(
        matches!(&written, Err(WriteError::Store(error)) if error.kind == StoreErrorKind::Missing),
        "{written:?}"
    );
}

#[test]
fn another_folder_in_its_place_is_missing_and_the_same_files_elsewhere_are_not() {
    let before = World::new(&["ada.vcf", "bob.vcf", "eve.vcf"]);
    let cursor = before.list(None).unwrap().cursor;
    let empty = World::new(&[]);
    assert_eq!(
        empty.list(Some(&cursor)).expect_err("empty").kind,
        StoreErrorKind::Missing
    );
    let other = World::new(&["ada.vcf", "x.vcf", "y.vcf"]);
    assert_eq!(
        other.list(Some(&cursor)).expect_err("other").kind,
        StoreErrorKind::Missing
    );
    let restored = World::new(&["ada.vcf", "eve.vcf", "new.vcf"]);
    restored.list(Some(&cursor)).expect("a restored backup");
    for name in ["ada.vcf", "bob.vcf", "eve.vcf"] {
        fs::remove_file(before.path(name)).unwrap();
    }
    before
        .list(Some(&cursor))
        .expect("the same directory, emptied: for others to judge");
    let nothing = empty.list(None).unwrap().cursor;
    other.list(Some(&nothing)).expect("nothing can be missing");
}

#[test]
fn a_cursor_stays_small_however_many_files_there_are() {
    let names: Vec<String> = (0..1_000).map(|number| format!("{number}.vcf")).collect();
    let world = World::new(&names.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(world.list(None).unwrap().cursor.0.len() < 1_000);
}

#[test]
fn the_owner_is_kept_where_that_is_permitted() {
    let world = World::new(&["ada.vcf"]);
    let path = world.path("ada.vcf");
    if std::os::unix::fs::chown(&path, Some(12_345), Some(12_346)).is_err() {
        return;
    }
    wait();
    kept(world.update("ada.vcf", world.etag("ada.vcf"), card("new")));
    let file = path.metadata().unwrap();
    assert_eq!((file.uid(), file.gid()), (12_345, 12_346));
}
