//! `schedule` with programs of its own in the place of cron's and systemd's.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::desk::{Desk, LAPTOP, PHONE, Ran, card};
use crate::install::install;
use crate::schema::fits;

/// Keeps the crontab in a file; `refuses` holds what it says instead of doing its work.
const CRONTAB: &str = r#"#!/bin/sh
if [ -e "$HOME/refuses" ]; then cat "$HOME/refuses" >&2; exit 1; fi
case $1 in
  -l) [ -e "$HOME/crontab" ] || { echo "no crontab for anna" >&2; exit 1; }; cat "$HOME/crontab" ;;
  -) if [ -e "$HOME/full" ]; then echo "disk full" >&2; exit 1; fi; cat >"$HOME/crontab" ;;
esac
"#;

/// Writes down what is asked of it; `refuses` holds the word that it fails at.
const SYSTEMCTL: &str = r#"#!/bin/sh
echo "$*" >>"$HOME/asked"
if [ -e "$HOME/refuses" ] && echo "$*" | grep -q "$(cat "$HOME/refuses")"; then
  echo "Failed to connect to bus: No such file or directory" >&2; exit 1
fi
"#;

const LOGINCTL: &str = "#!/bin/sh\ncat \"$HOME/lingers\" 2>/dev/null\n";

struct Machine {
    desk: Desk,
}

impl Machine {
    fn new() -> Machine {
        let desk = Desk::new();
        let bin = desk.path().join("bin");
        fs::create_dir(&bin).expect("the folder is new");
        for (name, script) in [
            ("crontab", CRONTAB),
            ("systemctl", SYSTEMCTL),
            ("loginctl", LOGINCTL),
        ] {
            fs::write(bin.join(name), script).expect("the folder is ours");
            let mode = fs::Permissions::from_mode(0o755);
            fs::set_permissions(bin.join(name), mode).expect("the file is ours");
        }
        Machine { desk }
    }

    fn path(&self) -> &Path {
        self.desk.path()
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path().join(name), text).expect("the place is ours");
    }

    fn read(&self, name: &str) -> Option<Vec<u8>> {
        fs::read(self.path().join(name)).ok()
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.desk.command(words);
        let bin = self.path().join("bin");
        command.env("PATH", format!("{}:/usr/bin:/bin", bin.display()));
        command
    }

    fn run(&self, words: &[&str]) -> Ran {
        Ran::of(&self.command(words).output().expect("the binary can be run"))
    }

    fn unit(&self, name: &str) -> PathBuf {
        self.path().join(".config/systemd/user").join(name)
    }

    /// Runs the line of the crontab as cron does: without the environment of a session.
    fn run_as_cron(&self) -> Ran {
        let crontab = self.read("crontab").expect("it is installed");
        let crontab = String::from_utf8(crontab).expect("ours is UTF-8");
        let line = crontab.lines().nth(1).expect("between the marks");
        let command = line.splitn(6, ' ').nth(5).expect("behind the times");
        let output = Command::new("/bin/sh")
            .args(["-c", &command.replace("\\%", "%")])
            .env_clear()
            .env("HOME", self.path())
            .env("PATH", "/usr/bin:/bin")
            .stdin(Stdio::null())
            .output();
        Ran::of(&output.expect("there is a shell"))
    }
}

#[test]
fn cron_gets_one_block_and_everything_else_stays_as_it_was() {
    let machine = Machine::new();
    let theirs = b"# caf\xe9 100\\%\n\nMAILTO=anna\n5 4 * * *\techo  hi\n";
    machine.write("crontab", theirs);
    let ran = machine.run(&["schedule", "cron", "--install"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let once = machine.read("crontab").unwrap();
    assert!(once.starts_with(theirs) && once.len() > theirs.len());
    let printed = machine.run(&["schedule", "cron"]);
    assert_eq!(once[theirs.len()..], *printed.stdout.as_bytes());

    machine.run(&["schedule", "cron", "--install"]);
    assert_eq!(machine.read("crontab").unwrap(), once);
    machine.run(&["schedule", "cron", "--install", "--every", "2h"]);
    let other = machine.read("crontab").unwrap();
    assert_eq!(other.split(|byte| *byte == b'\n').count(), 8);
    assert_ne!(other, once);

    let ran = machine.run(&["schedule", "cron", "--remove"]);
    assert_eq!(
        (ran.code, machine.read("crontab").unwrap()),
        (0, theirs.to_vec())
    );
    let ran = machine.run(&["schedule", "cron", "--remove"]);
    assert!(
        ran.code == 0 && ran.stdout.contains("nothing of cardweave"),
        "{ran:?}"
    );
}

#[test]
fn the_line_of_cron_syncs_in_silence_and_reports_a_failure() {
    let machine = Machine::new();
    let odd = "it's 50% of $HOME";
    fs::create_dir(machine.path().join(odd)).unwrap();
    let config = machine.path().join(odd).join("config.toml");
    let text = String::from_utf8(machine.read("config.toml").unwrap()).unwrap();
    fs::write(&config, text.replace("folder = \"", "folder = \"../")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cardweave"));
    let bin = machine.path().join("bin");
    let installed = command
        .env_clear()
        .env("HOME", machine.path())
        .env("PATH", format!("{}:/usr/bin:/bin", bin.display()))
        // A path as a person types it; cron starts elsewhere.
        .current_dir(machine.path().join(odd))
        .args(["--config", "config.toml", "--state", "../state"])
        .args(["schedule", "cron", "--install"])
        .output()
        .unwrap();
    assert!(installed.status.success(), "{installed:?}");

    machine
        .desk
        .put(LAPTOP, "ada.vcf", &card("Ada Byron", "TITLE:x"));
    let ran = machine.run_as_cron();
    assert_eq!(
        (ran.code, ran.stdout.as_str(), ran.stderr.as_str()),
        (0, "", "")
    );
    assert_eq!(machine.desk.contents(PHONE).len(), 1);
    machine.desk.edit(LAPTOP, "Ada Byron", "TITLE:x", "TITLE:y");
    machine.desk.edit(PHONE, "Ada Byron", "TITLE:x", "TITLE:z");
    let questions = machine.run_as_cron();
    assert_eq!(questions.stdout, "", "{questions:?}");

    fs::write(&config, "[[bok]]\n").unwrap();
    let failed = machine.run_as_cron();
    assert!(failed.stdout.contains("bok"), "{failed:?}");
}

#[test]
fn a_crontab_that_cannot_be_read_written_or_understood_is_left_alone() {
    let machine = Machine::new();
    let theirs = "1 2 3 4 5 x\n";
    machine.write("crontab", theirs);
    for (name, text, said) in [
        (
            "refuses",
            "you are not allowed to use this program (\u{1b}[31mcrontab)",
            "not allowed",
        ),
        ("full", "", "disk full"),
    ] {
        machine.write(name, text);
        let ran = machine.run(&["schedule", "cron", "--install"]);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(
            ran.stderr.contains(said) && !ran.stderr.contains('\u{1b}'),
            "{ran:?}"
        );
        assert_eq!(machine.read("crontab").unwrap(), theirs.as_bytes());
        fs::remove_file(machine.path().join(name)).unwrap();
    }
    let torn = format!("{theirs}# >>> cardweave >>>\n");
    machine.write("crontab", &torn);
    for flag in ["--install", "--remove"] {
        let ran = machine.run(&["schedule", "cron", flag]);
        assert!(
            ran.code == 1 && ran.stderr.contains("crontab -e"),
            "{ran:?}"
        );
        assert_eq!(machine.read("crontab").unwrap(), torn.as_bytes());
    }
}

#[test]
fn a_machine_without_cron_or_systemd_is_told_of_the_other() {
    let machine = Machine::new();
    for (scheduler, said) in [("cron", "no crontab program"), ("systemd", "no systemctl")] {
        let mut command = machine.command(&["schedule", scheduler, "--install"]);
        let ran = Ran::of(&command.env("PATH", machine.path()).output().unwrap());
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(
            ran.stderr.contains(said) && ran.stderr.contains("Nothing was changed"),
            "{ran:?}"
        );
    }
    assert!(!machine.path().join(".config").exists());
}

#[test]
fn systemd_gets_two_units_that_go_without_a_trace() {
    let machine = Machine::new();
    machine.write("lingers", "no\n");
    let ran = machine.run(&["schedule", "systemd", "--install", "--every", "90m"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stderr.contains("loginctl enable-linger"), "{ran:?}");
    let asked = || String::from_utf8(machine.read("asked").unwrap()).unwrap();
    assert!(asked().ends_with("--user daemon-reload\n--user enable --now cardweave.timer\n"));
    let timer = fs::read_to_string(machine.unit("cardweave.timer")).unwrap();
    assert!(timer.contains("OnUnitActiveSec=90min"), "{timer}");
    let mode = fs::metadata(machine.unit("cardweave.service"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o644);

    machine.write("lingers", "yes\n");
    let ran = machine.run(&["schedule", "systemd", "--install"]);
    assert!(ran.code == 0 && !ran.stderr.contains("linger"), "{ran:?}");
    let timer = fs::read_to_string(machine.unit("cardweave.timer")).unwrap();
    assert!(timer.contains("OnCalendar="), "{timer}");

    let ran = machine.run(&["schedule", "systemd", "--remove"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(asked().ends_with("--user disable --now cardweave.timer\n--user daemon-reload\n"));
    let folder = machine.unit("");
    assert_eq!(fs::read_dir(folder).unwrap().count(), 0);
    let ran = machine.run(&["schedule", "systemd", "--remove"]);
    assert!(
        ran.code == 0 && ran.stdout.contains("nothing of cardweave"),
        "{ran:?}"
    );
}

#[test]
fn a_unit_of_somebody_else_is_neither_replaced_nor_deleted() {
    let machine = Machine::new();
    fs::create_dir_all(machine.unit("")).unwrap();
    fs::write(machine.unit("cardweave.timer"), "[Timer]\n").unwrap();
    for flag in ["--install", "--remove"] {
        let ran = machine.run(&["schedule", "systemd", flag]);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.stderr.contains("not written by cardweave"), "{ran:?}");
        assert_eq!(fs::read_dir(machine.unit("")).unwrap().count(), 1);
    }
    fs::remove_file(machine.unit("cardweave.timer")).unwrap();
    std::os::unix::fs::symlink("/nowhere", machine.unit("cardweave.service")).unwrap();
    let ran = machine.run(&["schedule", "systemd", "--install"]);
    assert!(ran.code == 1 && ran.stderr.contains("link"), "{ran:?}");
}

#[test]
fn without_a_user_bus_no_file_is_left_behind_and_a_timer_that_does_not_start_is_told_of() {
    let machine = Machine::new();
    machine.write("refuses", "daemon-reload");
    let ran = machine.run(&["schedule", "systemd", "--install"]);
    assert!(
        ran.code == 1 && ran.stderr.contains("Nothing was changed"),
        "{ran:?}"
    );
    assert!(!machine.path().join(".config").exists());

    machine.write("refuses", "enable");
    let ran = machine.run(&["schedule", "systemd", "--install"]);
    assert!(
        ran.code == 1 && ran.stderr.contains("units are in place"),
        "{ran:?}"
    );
    machine.write("refuses", "disable");
    let ran = machine.run(&["schedule", "systemd", "--remove"]);
    assert!(
        ran.code == 1 && ran.stderr.contains("Nothing was deleted"),
        "{ran:?}"
    );
    assert!(machine.unit("cardweave.timer").exists());
}

#[test]
fn systemd_itself_understands_the_units() {
    install(&["systemd"]);
    let machine = Machine::new();
    let odd = machine.path().join("50% of $HOME, %h");
    fs::create_dir(&odd).unwrap();
    let program = odd.join("cardweave");
    fs::copy(env!("CARGO_BIN_EXE_cardweave"), &program).unwrap();
    machine.desk.configure(
        "[[account]]\nname = \"a\"\naddress = \"a@example.com\"\n\
         password = { command = [\"pass\", \"a\"] }\n\
         [[book]]\nname = \"people\"\n[[book.store]]\nid = \"phone\"\naccount = \"a\"\n\
         addressbook = \"x\"\n",
    );
    let bin = machine.path().join("bin");
    for every in ["5m", "30m", "90m", "6h", "1d", "2d", "1w", "4w"] {
        let ran = Command::new(&program)
            .env_clear()
            .env("HOME", machine.path())
            .env("PATH", format!("{}:/usr/bin:/o d%d/$X:/bin", bin.display()))
            .arg("--config")
            .arg(machine.path().join("config.toml"))
            .args(["schedule", "systemd", "--install", "--every", every])
            .output()
            .unwrap();
        assert!(ran.status.success(), "{every}: {ran:?}");
        assert_eq!(verified(&machine), "", "{every}");
    }
    // A file that is not there is noticed: the path above was read as it is meant.
    fs::rename(&program, odd.join("elsewhere")).unwrap();
    assert!(
        verified(&machine).contains("cardweave"),
        "nothing was looked at"
    );
}

/// What `systemd-analyze verify` has to say against the units.
fn verified(machine: &Machine) -> String {
    let output = Command::new("systemd-analyze")
        .args(["--user", "--man=no", "verify"])
        .args([
            machine.unit("cardweave.service"),
            machine.unit("cardweave.timer"),
        ])
        .env("HOME", machine.path())
        .env("XDG_RUNTIME_DIR", machine.path())
        .env_remove("XDG_CONFIG_HOME")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let ours = said.lines().filter(|line| line.contains("cardweave"));
    let ours: Vec<&str> = ours.collect();
    assert_eq!(output.status.success(), ours.is_empty(), "{said}");
    ours.join("\n")
}

#[test]
fn nothing_is_scheduled_with_a_config_that_does_not_load_or_a_time_that_is_none() {
    let machine = Machine::new();
    for scheduler in ["cron", "systemd"] {
        for every in ["soon", "30s", "1m"] {
            let ran = machine.run(&["schedule", scheduler, "--install", "--every", every]);
            assert!(
                ran.code == 2 && ran.stderr.contains("30m, 2h, 1d"),
                "{ran:?}"
            );
        }
    }
    let ran = machine.run(&["schedule", "cron", "--install", "--every", "45m"]);
    assert!(ran.code == 2 && ran.stderr.contains("30m or 1h"), "{ran:?}");
    machine.desk.configure("[[bok]]\n");
    let ran = machine.run(&["schedule", "cron", "--install"]);
    assert!(ran.code == 2 && ran.stderr.contains("bok"), "{ran:?}");
    assert_eq!(
        (machine.read("crontab"), machine.read("asked")),
        (None, None)
    );
}

#[test]
fn a_password_that_is_not_at_hand_and_a_program_that_will_not_stay_are_told_of() {
    let machine = Machine::new();
    let account = |password: &str| {
        machine.desk.configure(&format!(
            "[[account]]\nname = \"work\"\naddress = \"a@example.com\"\npassword = {password}\n\
             [[book]]\nname = \"people\"\n[[book.store]]\nid = \"phone\"\naccount = \"work\"\n\
             addressbook = \"x\"\n"
        ));
        machine.run(&["schedule", "cron"])
    };
    let ran = account("{ env = \"DAV_PASSWORD\" }");
    assert!(
        ran.code == 0 && ran.stderr.contains("DAV_PASSWORD"),
        "{ran:?}"
    );
    // The tests run a program that was just built.
    assert!(ran.stderr.contains("emptied now and then"), "{ran:?}");
    assert!(!ran.stdout.contains(" PATH="), "{ran:?}");
    let ran = account("{ command = [\"pass\", \"dav\"] }");
    assert!(
        ran.stderr.contains("asks nobody") && ran.stdout.contains(" PATH="),
        "{ran:?}"
    );
    assert!(account("\"keyring\"").stderr.contains("unlocked"));
    assert!(
        !account("{ file = \"/p\" }")
            .stderr
            .contains("signs in by itself")
    );
}

#[test]
fn where_the_environment_moved_config_and_state_the_line_names_them() {
    let machine = Machine::new();
    let config = machine.path().join("conf/cardweave");
    fs::create_dir_all(&config).unwrap();
    let text = String::from_utf8(machine.read("config.toml").unwrap()).unwrap();
    fs::write(config.join("config.toml"), text).unwrap();
    let line = |moved: bool| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cardweave"));
        command.env_clear().env("HOME", machine.path());
        if moved {
            command.env("XDG_CONFIG_HOME", machine.path().join("conf"));
            command.env("XDG_STATE_HOME", machine.path().join("st"));
        } else {
            fs::create_dir_all(machine.path().join(".config")).unwrap();
            fs::rename(&config, machine.path().join(".config/cardweave")).unwrap();
        }
        let ran = Ran::of(&command.args(["schedule", "cron"]).output().unwrap());
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.stdout
    };
    let moved = line(true);
    assert!(moved.contains("/conf/cardweave/config.toml"), "{moved}");
    assert!(moved.contains("/st/cardweave "), "{moved}");
    let usual = line(false);
    assert!(
        !usual.contains("--config") && !usual.contains("--state"),
        "{usual}"
    );
}

#[test]
fn what_is_printed_as_json_fits_the_printed_schema() {
    let machine = Machine::new();
    let pages = machine.path().join("pages");
    let pages = pages.to_str().unwrap();
    for words in [
        &["schedule", "cron"][..],
        &["schedule", "systemd"],
        &["schedule", "cron", "--install"],
        &["schedule", "cron", "--remove"],
        &["schedule", "cron", "--remove"],
        &["schedule", "systemd", "--install"],
        &["schedule", "systemd", "--remove"],
        &["man", pages],
    ] {
        let schema = machine.run(&["schema", words[0]]).stdout;
        let schema = serde_json::from_str(&schema).expect("a schema is JSON");
        let ran = machine.run(&[&["--json"], words].concat());
        let value = serde_json::from_str(&ran.stdout).expect("a result is JSON");
        assert_eq!(fits(&schema, &value), Ok(()), "{words:?}");
    }
}
