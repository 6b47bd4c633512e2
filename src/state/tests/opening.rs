//! Claims about opening: locks, permissions, migrations, and files that are damaged or not ours.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rusqlite::Connection;

use super::*;
use crate::state::schema::{MIGRATIONS, migrate, version};
use crate::state::{SetAside, StateErrorKind};

/// A saved state with one contact, closed.
fn saved() -> TempDir {
    let mut world = World::new();
    world.settled("ada", &["home"]);
    world.directory
}

fn file(directory: &TempDir) -> std::path::PathBuf {
    directory.path().join("state.sqlite")
}

fn refused(directory: &Path, access: Access) -> StateError {
    State::open(directory, access).expect_err("it is refused")
}

/// Opens a damaged state: what was put aside, and that the new state is empty and usable.
fn rescued(directory: &TempDir) -> SetAside {
    let (mut state, aside) = State::open(directory.path(), Access::Run).expect("it opens");
    assert_eq!(state.contact_ids(BOOK).unwrap(), BTreeSet::new());
    state
        .transaction(|tx| put(tx, "bob", &card("bob")))
        .unwrap();
    drop(state);
    let (_, again) = State::open(directory.path(), Access::Run).expect("it opens again");
    assert_eq!(again, None, "it is told once");
    aside.expect("the damaged file was put aside")
}

#[test]
fn a_second_run_is_told_who_holds_the_lock_and_a_look_is_let_in() {
    let mut world = World::new();
    let error = refused(world.directory.path(), Access::Run);
    assert_eq!(error.kind, StateErrorKind::Locked);
    assert!(
        error
            .what
            .contains(&format!("process {}", std::process::id())),
        "{error}"
    );
    world.settled("ada", &["home"]);
    let (state, _) = State::open(world.directory.path(), Access::Look).expect("a look is free");
    assert_eq!(state.contact_ids(BOOK).unwrap().len(), 1);
    world.reopen();
}

#[test]
fn a_lock_that_is_about_to_be_given_back_is_waited_for() {
    let directory = saved();
    let lock = std::fs::File::options()
        .write(true)
        .open(directory.path().join("lock"))
        .unwrap();
    lock.lock().unwrap();
    let holder = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(60));
        drop(lock);
    });
    assert!(State::open(directory.path(), Access::Run).is_ok());
    holder.join().unwrap();
}

#[test]
fn a_look_creates_nothing_and_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("new");
    let (state, _) = State::open(&path, Access::Look).expect("a look");
    assert_eq!(state.last_run().unwrap(), None);
    assert!(!path.exists());
    let directory = saved();
    let (mut state, _) = State::open(directory.path(), Access::Look).expect("a look");
    let error = state
        .transaction(|tx| put(tx, "bob", &card("bob")))
        .expect_err("no change");
    assert_eq!(error.kind, StateErrorKind::Denied);
}

#[test]
fn the_files_are_private_whatever_the_umask_and_whatever_they_were() {
    let umask = rustix::process::umask(rustix::fs::Mode::empty());
    let mut world = World::new();
    world.settled("ada", &["home"]);
    let mode = |name: &str| {
        let path = world.directory.path().join(name);
        path.metadata().unwrap().permissions().mode() & 0o777
    };
    for name in [
        "state.sqlite",
        "state.sqlite-wal",
        "state.sqlite-shm",
        "lock",
    ] {
        assert_eq!(mode(name), 0o600, "{name}");
    }
    fs::set_permissions(file(&world.directory), fs::Permissions::from_mode(0o644)).unwrap();
    let world = world.reopen();
    assert_eq!(
        file(&world.directory)
            .metadata()
            .unwrap()
            .permissions()
            .mode()
            & 0o777,
        0o600
    );
    let inner = world.directory.path().join("a/b");
    drop(State::open(&inner, Access::Run).unwrap());
    assert_eq!(
        inner.metadata().unwrap().permissions().mode() & 0o777,
        0o700
    );
    rustix::process::umask(umask);
}

#[test]
fn a_file_of_the_first_version_is_brought_up_and_keeps_its_rows() {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate(&mut connection, &MIGRATIONS[..1]).unwrap();
    connection
        .execute("INSERT INTO book (name) VALUES ('people')", [])
        .unwrap();
    let mut steps = MIGRATIONS.to_vec();
    steps.push("ALTER TABLE book ADD COLUMN later TEXT NOT NULL DEFAULT 'x'");
    migrate(&mut connection, &steps).unwrap();
    let later: String = connection
        .query_row("SELECT later FROM book", [], |row| row.get(0))
        .unwrap();
    assert_eq!(later, "x");
    assert_eq!(version(&connection).unwrap(), steps.len() as i64);
    migrate(&mut connection, &steps).unwrap();
}

#[test]
fn a_step_that_fails_leaves_the_version_before_it() {
    let mut connection = Connection::open_in_memory().unwrap();
    let steps = [
        "CREATE TABLE a (x)",
        "CREATE TABLE b (x); CREATE TABLE a (x)",
    ];
    assert!(migrate(&mut connection, &steps).is_err());
    assert_eq!(version(&connection).unwrap(), 1);
    assert!(connection.prepare("SELECT * FROM b").is_err());
}

#[test]
fn random_bytes_are_put_aside_with_the_files_beside_them() {
    let directory = saved();
    let noise: Vec<u8> = (0..20_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    fs::write(file(&directory), &noise).unwrap();
    fs::write(directory.path().join("state.sqlite-wal"), "wal").unwrap();
    let aside = rescued(&directory);
    assert_eq!(fs::read(&aside.path).unwrap(), noise);
    let mut wal = aside.path.into_os_string();
    wal.push("-wal");
    assert!(Path::new(&wal).exists());
}

#[test]
fn what_is_on_disk_in_the_middle_of_a_change_is_the_state_before_it() {
    let mut world = World::new();
    world.settled("ada", &["home"]);
    let (from, killed) = (
        world.directory.path().to_owned(),
        tempfile::tempdir().unwrap(),
    );
    world.make(|tx| {
        put(tx, "bob", &card("bob"))?;
        tx.connection.cache_flush().unwrap();
        for file in fs::read_dir(&from).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), killed.path().join(file.file_name())).unwrap();
        }
        Ok(())
    });
    assert_eq!(world.state.contact_ids(BOOK).unwrap().len(), 2);
    assert_eq!(
        open(&killed).contact_ids(BOOK).unwrap(),
        [contact("ada")].into()
    );
}

#[test]
fn a_truncated_file_is_put_aside() {
    let directory = saved();
    let whole = fs::read(file(&directory)).unwrap();
    fs::write(file(&directory), &whole[..whole.len() / 2]).unwrap();
    rescued(&directory);
}

#[test]
fn a_card_that_rotted_is_an_error_first_and_put_aside_by_the_next_run() {
    let mut world = World::new();
    world.settled("ada", &["home"]);
    world
        .state
        .connection
        .execute("UPDATE blob SET bytes = x'00'", [])
        .unwrap();
    let ids = BTreeSet::from([contact("ada")]);
    let error = world.state.contacts(BOOK, &ids).expect_err("rotten");
    assert_eq!(error.kind, StateErrorKind::Corrupt);
    assert!(error.what.contains("ada"), "{error}");
    drop(world.state);
    rescued(&world.directory);
}

#[test]
fn a_state_under_suspicion_that_is_whole_is_kept() {
    let directory = saved();
    super::super::rescue::suspect(&file(&directory));
    let state = open(&directory);
    assert_eq!(state.contact_ids(BOOK).unwrap().len(), 1);
    assert!(!directory.path().join("state.sqlite.suspect").exists());
}

#[test]
fn a_newer_or_foreign_file_is_refused_untouched() {
    for (pragma, kind) in [
        ("PRAGMA user_version = 99", StateErrorKind::Newer),
        ("PRAGMA application_id = 7", StateErrorKind::Foreign),
    ] {
        let directory = saved();
        Connection::open(file(&directory))
            .unwrap()
            .execute_batch(pragma)
            .unwrap();
        let before = fs::read(file(&directory)).unwrap();
        for access in [Access::Run, Access::Look] {
            assert_eq!(refused(directory.path(), access).kind, kind);
        }
        assert_eq!(fs::read(file(&directory)).unwrap(), before);
    }
}

#[test]
fn a_look_leaves_an_older_or_damaged_file_to_the_next_run() {
    let directory = saved();
    Connection::open(file(&directory))
        .unwrap()
        .execute_batch("PRAGMA user_version = 0")
        .unwrap();
    assert_eq!(
        refused(directory.path(), Access::Look).kind,
        StateErrorKind::Older
    );
    fs::write(
        file(&directory),
        "no database, but long enough to be looked at".repeat(20),
    )
    .unwrap();
    let before = fs::read(file(&directory)).unwrap();
    let error = refused(directory.path(), Access::Look);
    assert_eq!(error.kind, StateErrorKind::Corrupt);
    assert_eq!(fs::read(file(&directory)).unwrap(), before);
    assert!(!directory.path().join("state.sqlite.suspect").exists());
}

#[test]
fn a_state_that_another_program_keeps_busy_is_named_as_such() {
    let mut world = World::new();
    world
        .state
        .connection
        .busy_timeout(std::time::Duration::ZERO)
        .unwrap();
    let other = Connection::open(file(&world.directory)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = world
        .state
        .transaction(|tx| put(tx, "bob", &card("bob")))
        .expect_err("busy");
    assert_eq!(error.kind, StateErrorKind::Busy);
}

#[test]
fn a_full_disk_is_named_as_such_and_takes_the_change_back() {
    let mut world = World::new();
    let pages = world.number("PRAGMA page_count");
    world
        .state
        .connection
        .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
        .unwrap();
    let big = Card::parse(
        format!(
            "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:B\r\nN:;B;;;\r\nNOTE:{}\r\nEND:VCARD\r\n",
            "x".repeat(50_000)
        )
        .as_bytes(),
    )
    .unwrap();
    let error = world
        .state
        .transaction(|tx| put(tx, "bob", &big))
        .expect_err("full");
    assert_eq!(error.kind, StateErrorKind::Full);
    assert_eq!(world.state.contact_ids(BOOK).unwrap(), BTreeSet::new());
}

#[test]
fn a_place_that_cannot_be_a_directory_is_an_error_with_its_path() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    fs::write(&path, "").unwrap();
    assert!(refused(&path, Access::Run).what.contains("file"));
}

#[test]
fn a_look_at_a_state_that_is_being_begun_finds_an_empty_one() {
    let directory = tempfile::tempdir().unwrap();
    let file = rusqlite::Connection::open(directory.path().join("state.sqlite")).unwrap();
    // As SQLite leaves it between opening and the first table.
    file.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))
        .unwrap();
    let (state, _) = State::open(directory.path(), Access::Look).unwrap();
    assert_eq!(state.last_run().unwrap(), None);
}
